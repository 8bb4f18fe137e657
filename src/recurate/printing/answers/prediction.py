"""What `recurate predict` tells people."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from recurate.numerics.compression.compressor import TOLERANCE
from recurate.numerics.validation import FloatArray
from recurate.printing.answers.guaranteed import guaranteed, safe_range_in_words
from recurate.printing.answers.sampled import known_in_words, tell_sampled
from recurate.printing.answers.told import Columns, Lines, Section, Told, print_told
from recurate.printing.any_choice import (
    objective_in_words,
    voters_heading,
    voters_in_words,
)
from recurate.printing.columns import MOST_GROUPS, Column
from recurate.printing.loops import fixed_point_of_rules_in_words, goes_by_odds, loop_in_words
from recurate.printing.trust import (
    bands_in_words,
    beside_in_words,
    best_in_words,
    fixed_point_in_words,
    given_in_words,
    steps_in_words,
    unused_errors_in_words,
)
from recurate.printing.votes import doubt_in_words
from recurate.printing.words import (
    MOST_ROWS,
    SYMBOLS,
    cleared,
    group_name,
    meanings,
    number,
    plural,
    rounding_of,
    rounding_of_end,
    rounding_of_score,
    rows_shown,
    scale_in_words,
    score_name,
    table_in_words,
)
from recurate.settlement import NEAR

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.trajectory import Trajectory
    from recurate.prediction import Prediction


def print_prediction(prediction: Prediction, console: Console, *, theory: bool = False) -> None:
    """Print a prediction, as `tell_prediction` tells it."""
    print_told(tell_prediction(prediction, theory=theory), console)


def tell_prediction(
    prediction: Prediction, *, theory: bool = False, bounds: str = "", most_rows: int = MOST_ROWS
) -> Told:
    """Tell a prediction: the loop, its figures over t, what is guaranteed, and what to trust.

    Parameters
    ----------
    prediction : Prediction
        What to tell.
    theory : bool
        Whether to show the relative weight and the theorems' bounds in the table as well.
    bounds : str
        Where such bounds are, as of `guaranteed`; by default beside the figures, or by --theory.
    most_rows : int
        Most rows of the table, without that of the fixed point.
    """
    if prediction.sampled is not None:
        return tell_sampled(prediction, prediction.sampled, most_rows)
    bounds = bounds or ("beside" if theory else "--theory")
    return list(_told(prediction, theory, bounds, most_rows))


def _told(
    prediction: Prediction, theory: bool, bounds: str, most_rows: int
) -> Iterator[Lines | Columns | Section]:
    yield Lines.of(table_in_words(prediction.table))
    if goes_by_odds(prediction.loop):
        yield Lines.of(scale_in_words(prediction.table.law))
    steps = prediction.trajectory.steps
    yield Lines.of(f"{loop_in_words(prediction.loop)}; {plural(steps, 'retraining step')}")
    groups = prediction.most_changed_groups(MOST_GROUPS)
    figures = list(_figures(prediction, groups, theory))
    yield from _course(prediction, figures, theory, most_rows)
    for kind, heading, change in (
        ("score", "Columns followed", "+z.4g"),
        ("group", "Shares that changed most", "+z.4f"),
    ):
        yield Section.of(heading, _changes(figures, kind, change), instead_of=kind)
    yield from guaranteed(prediction, groups, bounds)
    yield Section.of("Where it settles", _settlement_lines(prediction, theory))
    if prediction.voters:
        yield Section.of(voters_heading(), voters_in_words(prediction.voters, steps))
    yield Section.of("How far the table carries it", _uncertainty_lines(prediction, figures))


def tell_course(prediction: Prediction, caption: str, *, most_rows: int = MOST_ROWS) -> Told:
    """Tell only the figures over t."""
    figures = list(_figures(prediction, prediction.most_changed_groups(MOST_GROUPS), False))
    return list(_course(prediction, figures, False, most_rows, caption))


def _course(
    prediction: Prediction,
    figures: list[_Figure],
    theory: bool,
    most_rows: int,
    caption: str = "",
) -> Iterator[Lines | Columns]:
    shown = rows_shown(prediction.trajectory.steps, most_rows)
    yield Columns.of(_columns(prediction, figures, theory, shown), caption)
    yield Lines.of(_meanings(prediction, theory), is_dim=True)


@dataclass(frozen=True)
class _Figure:
    """What is shown over t.

    Attributes
    ----------
    label : str
        Its name in files.
    title : str
        What stands above its column.
    values : ndarray, shape (steps + 1,)
        At each t.
    at_limit : float
        At the fixed point; NaN if there is none.
    rounding : callable
        Returns the rounding error of its value at t.
    kind : str
        As of `Column`.
    """

    label: str
    title: str
    values: FloatArray
    at_limit: float
    rounding: Callable[[float], float] = lambda t: 0.0
    kind: str = ""


def _figures(prediction: Prediction, groups: list[int], theory: bool) -> Iterable[_Figure]:
    """Yield what is shown, in its order."""
    trajectory, limit = prediction.trajectory, prediction.settlement.limit

    def figure(name: str) -> _Figure:
        at_limit = math.nan if limit is None else float(getattr(limit, name))
        rounding = partial(rounding_of, name, trajectory.law)
        return _Figure(name, SYMBOLS[name], getattr(trajectory, name), at_limit, rounding)

    yield figure("expected_reward")
    for i, (name, label) in enumerate(
        zip(trajectory.score_names, trajectory.score_labels, strict=True)
    ):
        yield _Figure(
            label,
            score_name(name),
            trajectory.expected_scores[:, i],
            math.nan if limit is None else float(limit.expected_scores[i]),
            _score_rounding(trajectory, limit, i),
            kind="" if name == prediction.table.in_unit else "score",
        )
    for i in groups:
        yield _Figure(
            trajectory.proportion_labels[i],
            f"group {group_name(trajectory.law, i)}",
            trajectory.group_proportions[:, i],
            math.nan if limit is None else float(limit.group_proportions[i]),
            kind="group",
        )
    yield figure("kl_to_reference")
    yield figure("mass_at_max")
    if theory:
        yield figure("expected_weight")


def _columns(
    prediction: Prediction, figures: list[_Figure], theory: bool, shown: list[int]
) -> Iterable[Column]:
    """Yield the columns of the table."""
    has_limit = prediction.settlement.limit is not None
    yield Column("t", [str(t) for t in shown] + ["∞"] * has_limit)
    for figure in figures:
        cells = [number(float(figure.values[t]), figure.rounding(t)) for t in shown]
        if has_limit:
            cells.append(number(figure.at_limit, figure.rounding(math.inf)))
        yield Column(figure.title, cells, kind=figure.kind)
    if theory:
        for guarantee in prediction.guarantees:
            if guarantee.bound is not None:
                cells = [number(float(guarantee.bound[t])) for t in shown] + [""] * has_limit
                yield Column(_BOUND_TITLES[guarantee.figure], cells, style="dim")


def _changes(figures: list[_Figure], kind: str, change: str) -> Iterable[str]:
    """Yield the first and last values of figures of a kind, and what format their change has."""
    for figure in figures:
        if figure.kind == kind:
            end = figure.values.size - 1
            first, last = (cleared(float(figure.values[t]), figure.rounding(t)) for t in (0, end))
            by = cleared(last - first, figure.rounding(end))
            yield f"{figure.title}: {number(first)} to {number(last)} ({by:{change}})"


def _score_rounding(
    trajectory: Trajectory, limit: FixedPoint | None, score: int
) -> Callable[[float], float]:
    law, name = trajectory.law, trajectory.score_names[score]

    def rounding(t: float) -> float:
        if t < math.inf:
            mean = float(trajectory.expected_scores[int(t), score])
            return rounding_of_score(law, name, mean, lambda: trajectory.probs(int(t)))
        assert limit is not None
        return rounding_of_score(
            law, name, float(limit.expected_scores[score]), lambda: limit.probs
        )

    return rounding


_BOUND_TITLES = {"expected_weight": "at least", "kl_to_reference": "KL at most"}


def _meanings(prediction: Prediction, theory: bool) -> str:
    """Return what the columns and the last row are."""
    table = prediction.table
    words = f"t: retraining steps; {meanings(table, 'expected_reward')}; "
    if table.law.group_names:
        words += "group: its share of the samples; "
    words += meanings(table, "kl_to_reference", "mass_at_max")
    if theory:
        words += f"; {meanings(table, 'expected_weight')}"
        for guarantee in prediction.guarantees:
            if guarantee.bound is not None:
                title = _BOUND_TITLES[guarantee.figure]
                words += f"; {title}: the bound of {guarantee.statement.label}"
    return words + ("." if prediction.settlement.limit is None else "; row ∞: where it settles.")


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
    if settled.limit is not None:
        tells_objective = prediction.objective is None  # else a line below does
        yield from fixed_point_of_rules_in_words(loop, settled.limit, tells_objective)
    if prediction.objective is not None:
        yield from objective_in_words(prediction.objective, prediction.trajectory.steps)
    if prediction.safe_range is not None:
        yield safe_range_in_words(prediction.safe_range, loop.lam)
    if theory and prediction.safe_range is not None:
        yield (
            "no condensation for any λ: the best reward has real data of its own, as in every "
            "table (threshold inf)"
        )


def _uncertainty_lines(prediction: Prediction, figures: list[_Figure]) -> Iterable[str]:
    steps, bands, law = prediction.trajectory.steps, prediction.bands, prediction.loop.law
    error = prediction.error_of_bins
    if error is not None and error > TOLERANCE:
        yield (
            f"the law's bins may change the figures up to t = {steps} by {error:.0e} (estimated; "
            "columns that are followed by that share of their range)"
        )
    if bands is not None:
        low, high = prediction.band_columns()
        parts, unknown = [], []
        for figure in figures:
            rounding = rounding_of_end(figure.label, law, float(figure.values[-1]), steps)
            ends = [number(float(end[figure.label][-1]), rounding) for end in (low, high)]
            if all(ends):
                parts.append(f"{figure.title} {' to '.join(ends)}")
            else:
                unknown.append(figure.title)
        yield f"{bands_in_words(bands, f'at t = {steps}')}: {', '.join(parts)}"
        if unknown:  # as of scores in a law that was made of a summary
            yield f"no bands of {', '.join(unknown)}: the law keeps its means, not how they vary"
        yield from beside_in_words(prediction.trajectory, bands)
        yield from unused_errors_in_words(prediction.table)
    sizes = prediction.effective_sample_sizes
    if sizes is None:
        yield given_in_words(bands is not None)
        if bands is not None:
            yield from best_in_words(law, bands)
        yield from doubt_in_words(prediction.table.votes)
        return
    yield from steps_in_words(sizes, prediction.trusted_until, law)
    if law.prompt_names and prediction.loop.schedule.K is not None:
        known = known_in_words(law, prediction.carried_until, steps)
        yield f"if its rows are a sample of each prompt's answers (--rows sampled): {known}"
    if prediction.settlement.limit is not None:
        yield fixed_point_in_words(prediction.settlement.limit)
