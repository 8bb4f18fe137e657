"""What `recurate predict` prints: tables for people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console

from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.text import shortened
from recurate.numerics.validation import FloatArray
from recurate.prediction import NEAR
from recurate.printing.columns import MOST_GROUPS, Column, print_columns
from recurate.printing.sampled import known_in_words, print_sampled
from recurate.printing.trust import (
    bands_in_words,
    fixed_point_in_words,
    given_in_words,
    steps_in_words,
)
from recurate.printing.words import (
    SYMBOLS,
    group_name,
    loop_in_words,
    meanings,
    number,
    plural,
    rounding_of,
    rounding_of_end,
    rounding_of_score,
    rows_shown,
    say,
    say_under,
    score_name,
    table_in_words,
)

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.trajectory import Trajectory
    from recurate.prediction import Prediction


def print_prediction(prediction: Prediction, console: Console, *, theory: bool = False) -> None:
    """Print a prediction: the loop, its figures over t, what is guaranteed, and what to trust.

    Parameters
    ----------
    prediction : Prediction
        What to print.
    console : Console
        Where to print.
    theory : bool
        Whether to print the relative weight and the theorems' bounds in the table as well.
    """
    if prediction.sampled is not None:
        print_sampled(prediction, prediction.sampled, console)
        return
    say(console, table_in_words(prediction.table))
    steps = plural(prediction.trajectory.steps, "retraining step")
    say(console, f"{loop_in_words(prediction.loop)}; {steps}")
    say(console, "")
    groups = prediction.most_changed_groups(MOST_GROUPS)
    left_out = print_columns(_columns(prediction, groups, theory), console)
    say(console, _meanings(prediction, theory), style="dim")
    if "score" in left_out:
        say_under(console, "Columns followed", _scores_changed(prediction))
    if "group" in left_out:
        say_under(console, "Shares that changed most", _shares_changed(prediction, groups))
    say_under(console, "Guaranteed by the theorems", _guarantee_lines(prediction, theory))
    say_under(console, "Where it settles", _settlement_lines(prediction, theory))
    say_under(console, "How far the table carries it", _uncertainty_lines(prediction, theory))


def _scores_changed(prediction: Prediction) -> Iterable[str]:
    trajectory = prediction.trajectory
    for name, means in zip(trajectory.score_names, trajectory.expected_scores.T, strict=True):
        first, last = means[[0, -1]]
        yield f"{score_name(name)}: {number(first)} to {number(last)} ({last - first:+.4g})"


def _shares_changed(prediction: Prediction, groups: list[int]) -> Iterable[str]:
    for group in groups:
        first, last = prediction.trajectory.group_proportions[[0, -1], group]
        name = group_name(prediction.loop.law, group)
        yield f"group {name}: {first:.4f} to {last:.4f} ({last - first:+.4f})"


def _columns(prediction: Prediction, groups: list[int], theory: bool) -> list[Column]:
    """Return the columns of the table."""
    trajectory, limit = prediction.trajectory, prediction.settlement.limit
    shown = rows_shown(trajectory.steps)
    columns = [Column("t", [str(t) for t in shown] + ["∞"] * (limit is not None))]

    def add(
        title: str,
        values: FloatArray,
        at_limit: float = math.nan,
        rounding: Callable[[float], float] = lambda t: 0.0,
        style: str | None = None,
        kind: str = "",
    ) -> None:
        cells = [number(float(values[t]), rounding(t)) for t in shown]
        if limit is not None:
            cells.append(number(at_limit, rounding(math.inf)))
        columns.append(Column(title, cells, style, kind))

    def add_figure(figure: str) -> None:
        at_limit = math.nan if limit is None else float(getattr(limit, figure))
        rounding = partial(rounding_of, figure, trajectory.law)
        add(SYMBOLS[figure], getattr(trajectory, figure), at_limit, rounding)

    add_figure("expected_reward")
    for i, name in enumerate(trajectory.score_names):
        mean = math.nan if limit is None else float(limit.expected_scores[i])
        rounding = _score_rounding(trajectory, limit, i)
        add(score_name(name), trajectory.expected_scores[:, i], mean, rounding, kind="score")
    for i in groups:
        share = math.nan if limit is None else float(limit.group_proportions[i])
        title = f"group {group_name(trajectory.law, i)}"
        add(title, trajectory.group_proportions[:, i], share, kind="group")
    add_figure("kl_to_reference")
    add_figure("mass_at_max")
    if theory:
        add_figure("expected_weight")
        for guarantee in prediction.guarantees:
            if guarantee.bound is not None:
                add(_BOUND_TITLES[guarantee.figure], guarantee.bound, style="dim")
    return columns


def _score_rounding(
    trajectory: Trajectory, limit: FixedPoint | None, score: int
) -> Callable[[float], float]:
    scores = trajectory.law.scores[trajectory.score_names[score]]

    def rounding(t: float) -> float:
        if t < math.inf:
            mean = float(trajectory.expected_scores[int(t), score])
            return rounding_of_score(scores, mean, lambda: trajectory.probs(int(t)))
        assert limit is not None
        return rounding_of_score(scores, float(limit.expected_scores[score]), lambda: limit.probs)

    return rounding


_BOUND_TITLES = {"expected_weight": "at least", "kl_to_reference": "KL at most"}


def _meanings(prediction: Prediction, theory: bool) -> str:
    """Return what the columns and the last row are."""
    law = prediction.trajectory.law
    words = f"t: retraining steps; {meanings(law, 'expected_reward')}; "
    if law.score_names:
        names = ", ".join(shortened(score_name(name), 60) for name in law.score_names[:8])
        names += ", …" if len(law.score_names) > 8 else ""
        words += f"{names}: {'its mean' if len(law.score_names) == 1 else 'their means'}; "
    if law.group_names:
        words += "group: its share of the samples; "
    words += meanings(law, "kl_to_reference", "mass_at_max")
    if theory:
        words += f"; {meanings(law, 'expected_weight')}"
        for guarantee in prediction.guarantees:
            if guarantee.bound is not None:
                title = _BOUND_TITLES[guarantee.figure]
                words += f"; {title}: the bound of {guarantee.statement.label}"
    return words + ("." if prediction.settlement.limit is None else "; row ∞: where it settles.")


def _guarantee_lines(prediction: Prediction, theory: bool) -> Iterable[str]:
    best = "each prompt" if prediction.loop.law.prompt_names else "the best reward"
    for guarantee in prediction.guarantees:
        label = f"{guarantee.statement.label}: "
        words = _WORDS[guarantee.figure].format(best=best)
        symbol = SYMBOLS[guarantee.figure]
        if guarantee.bound is None:
            yield label + f"no bound on {symbol}; it needs {guarantee.missing}"
            continue
        values = getattr(prediction.trajectory, guarantee.figure)
        slack = (values - guarantee.bound) * (1 if guarantee.is_lower else -1)
        spoken = ~np.isnan(slack)
        if not spoken.any():
            yield label + "speaks of t >= 1"
            continue
        side = "at least" if guarantee.is_lower else "at most"
        least = f"least slack {_slack(float(slack[spoken].min()))}"
        bounds = guarantee.bound[spoken]
        if theory:
            yield f"{label}{symbol} is {side} the value beside it; {least}"
        elif np.ptp(bounds) == 0.0:
            yield f"{label}{words} is {side} {number(float(bounds[0]))}; {least}"
        else:
            which = "its bound at each step"
            yield f"{label}{words} is {side} {which} (--theory); {least}"


_WORDS = {
    "expected_weight": "the expected weight, E[e^r] over {best}'s e^max,",
    "kl_to_reference": "KL",
}


def _settlement_lines(prediction: Prediction, theory: bool) -> Iterable[str]:
    settled, loop = prediction.settlement, prediction.loop
    if settled.limit is None:
        yield f"no fixed point found: {settled.missing}"
    elif settled.steps is None:
        yield (
            f"the fixed point is the row ∞; more than {settled.most:,} steps lead to "
            f"within {NEAR:.0%} of it (total variation)"
        )
    else:
        yield (
            f"the fixed point is the row ∞; {plural(settled.steps, 'step')} "
            f"{'leads' if settled.steps == 1 else 'lead'} to within {NEAR:.0%} of it "
            "(total variation)"
        )
    for_any, for_these = prediction.safe_range
    yield (
        f"theorems bound KL for λ below {number(for_any)} whatever the rewards, and for λ below "
        f"{number(for_these)} with these; here λ = {loop.lam:g}"
    )
    if theory:
        yield (
            "no condensation for any λ: the best reward has real data of its own, as in every "
            "table (threshold inf)"
        )


def _uncertainty_lines(prediction: Prediction, theory: bool) -> Iterable[str]:
    steps, bands = prediction.trajectory.steps, prediction.bands
    law, trajectory = prediction.loop.law, prediction.trajectory
    if bands is not None:

        def band(figure: str, name: str, value: float, low: float, high: float) -> str:
            rounding = rounding_of_end(figure, law, value, steps)
            return f"{name} {number(low, rounding)} to {number(high, rounding)}"

        parts = [
            band(figure, symbol, own[-1], bands.low[figure][-1], bands.high[figure][-1])
            for figure, symbol in SYMBOLS.items()
            if theory or figure != "expected_weight"
            for own in [getattr(trajectory, figure)]
        ]
        parts += [
            band("score", score_name(name), means[-1], bands.low[label][-1], bands.high[label][-1])
            for name, label, means in zip(
                law.score_names,
                trajectory.score_labels,
                trajectory.expected_scores.T,
                strict=True,
            )
        ]
        parts += [
            band("share", f"group {group_name(law, group)}", own, low, high)
            for group, low, high in zip(
                bands.groups[:MOST_GROUPS],
                bands.low_proportions[-1],
                bands.high_proportions[-1],
                strict=False,
            )
            for own in [float(trajectory.group_proportions[-1, group])]
        ]
        yield f"{bands_in_words(bands, f'at t = {steps}')}: {', '.join(parts)}"
    sizes = prediction.effective_sample_sizes
    if sizes is None:
        yield from given_in_words()
        return
    yield from steps_in_words(sizes, prediction.trusted_until, law)
    if law.prompt_names:
        known = known_in_words(law, prediction.carried_until, steps)
        yield f"if its rows are a sample of each prompt's answers (--rows sampled): {known}"
    if prediction.settlement.limit is not None:
        yield fixed_point_in_words(prediction.settlement.limit)


def _slack(value: float) -> str:
    return "0, to rounding" if abs(value) < STATE_ERROR else number(value)
