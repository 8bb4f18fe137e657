"""What `recurate predict` prints: tables for people."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recurate.numerics.inference.trust import LEAST_SAMPLES, effective_sample_size
from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.validation import FloatArray
from recurate.prediction import MOST_STEPS_TO_LIMIT, NEAR
from recurate.printing.words import SYMBOLS, group_name, law_in_words, loop_in_words, number, plural

if TYPE_CHECKING:
    from recurate.prediction import Prediction

_MOST_ROWS = 21
_MOST_GROUPS = 3
_PARTS_IN_LINE = 4


def print_prediction(prediction: Prediction, console: Console) -> None:
    """Print a prediction: the loop, its figures over t with their bounds, and what holds."""
    console.print(
        law_in_words(prediction.loop.law, prediction.source), highlight=False, markup=False
    )
    steps = plural(prediction.trajectory.steps, "retraining step")
    words = f"{loop_in_words(prediction.loop)}; {steps}\n"
    console.print(words, highlight=False, markup=False)
    console.print(_figures_table(prediction, console.width), crop=False)
    console.print(
        "E[e^r]/e^max: expected weight relative to the best reward's; KL: divergence from the real "
        "data in nats;\nat max: share of the samples with the best reward.",
        style="dim",
        highlight=False,
        markup=False,
    )
    _print_groups(prediction, console)
    for heading, lines in (
        ("Guaranteed by the theorems", _guarantee_lines(prediction)),
        ("Where it settles", _settlement_lines(prediction)),
        ("How far the table carries it", _uncertainty_lines(prediction)),
    ):
        console.print(f"\n{heading}", style="bold")
        for line in lines:
            console.print(f"  {line}", highlight=False, markup=False)


def _figures_table(prediction: Prediction, width: int) -> Table:
    """Return the table of figures, with as many of the groups as the width has room for."""
    trajectory, limit = prediction.trajectory, prediction.settlement.limit
    bounds = {guarantee.figure: guarantee for guarantee in prediction.guarantees}
    shown = _rows_shown(trajectory.steps)
    columns = [_Column("t", [str(t) for t in shown] + ["∞"] * (limit is not None))]

    def add(
        title: str, values: FloatArray, at_limit: float = math.nan, style: str | None = None
    ) -> None:
        cells = [number(float(values[t])) for t in shown]
        columns.append(_Column(title, cells + [number(at_limit)] * (limit is not None), style))

    def at_limit(figure: str) -> float:
        return math.nan if limit is None else float(getattr(limit, figure))

    add("E[r]", trajectory.expected_reward, at_limit("expected_reward"))
    for figure in ("expected_weight", "kl_to_reference"):
        add(SYMBOLS[figure], getattr(trajectory, figure), at_limit(figure))
        guarantee = bounds.get(figure)
        if guarantee is not None and guarantee.bound is not None:
            add("at least" if guarantee.is_lower else "at most", guarantee.bound, style="dim")
    add("at max", trajectory.mass_at_max, at_limit("mass_at_max"))
    for i in prediction.most_changed_groups(_MOST_GROUPS):
        share = math.nan if limit is None else float(limit.group_proportions[i])
        add(f"group {group_name(trajectory.law, i)}", trajectory.group_proportions[:, i], share)
        if sum(column.width for column in columns) > width:
            columns.pop()  # the shares stand below the table as well
            break
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for column in columns:
        table.add_column(Text(column.title), justify="right", style=column.style, no_wrap=True)
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*row)
    # Wider than the terminal, if it has to be: a cut number would be worse than a wrapped line.
    table.width = Console(width=10_000).measure(table).maximum
    return table


@dataclass(frozen=True)
class _Column:
    title: str
    cells: list[str]
    style: str | None = None

    @property
    def width(self) -> int:
        return 2 + max(cell_len(cell) for cell in (self.title, *self.cells))


def _rows_shown(steps: int) -> list[int]:
    """Return every t, or about twenty of them from the first to the last."""
    if steps < _MOST_ROWS:
        return list(range(steps + 1))
    return sorted({round(t) for t in np.linspace(0, steps, _MOST_ROWS)})


def _print_groups(prediction: Prediction, console: Console) -> None:
    trajectory = prediction.trajectory
    shifts = []
    for i in prediction.most_changed_groups(_MOST_GROUPS):
        first, last = trajectory.group_proportions[[0, -1], i]
        shifts.append(
            f"{group_name(trajectory.law, i)}: {first:.4f} to {last:.4f} ({last - first:+.4f})"
        )
    if shifts:
        console.print("\nShares that changed most", style="bold")
        for shift in shifts:
            console.print(f"  group {shift}", highlight=False, markup=False)


def _guarantee_lines(prediction: Prediction) -> Iterable[str]:
    for guarantee in prediction.guarantees:
        label = f"{guarantee.statement.label}: "
        if guarantee.bound is None:
            yield label + f"no bound on {SYMBOLS[guarantee.figure]}; it needs {guarantee.missing}"
            continue
        values = getattr(prediction.trajectory, guarantee.figure)
        slack = (values - guarantee.bound) * (1 if guarantee.is_lower else -1)
        side = "at least" if guarantee.is_lower else "at most"
        spoken = ~np.isnan(slack)
        if not spoken.any():
            yield label + "speaks of t >= 1"
            continue
        yield label + (
            f"{SYMBOLS[guarantee.figure]} is {side} the value beside it; "
            f"least slack {_slack(float(slack[spoken].min()))}"
        )


def _settlement_lines(prediction: Prediction) -> Iterable[str]:
    settled, loop = prediction.settlement, prediction.loop
    if settled.limit is None:
        yield f"no fixed point found: {settled.missing}"
    elif settled.steps is None:
        yield (
            f"the fixed point is the row ∞; more than {MOST_STEPS_TO_LIMIT:,} steps lead to "
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
    yield (
        "no condensation for any λ: the best reward has real data of its own, as in every table "
        "(threshold inf)"
    )


def _uncertainty_lines(prediction: Prediction) -> Iterable[str]:
    steps, bands = prediction.trajectory.steps, prediction.bands
    if bands is not None:
        yield f"{bands.level:.0%} bands at t = {steps}, from {bands.replicates} resampled tables:"
        parts = [
            f"{symbol} {number(bands.low[figure][-1])} to {number(bands.high[figure][-1])}"
            for figure, symbol in SYMBOLS.items()
        ]
        parts += [
            f"group {group_name(prediction.loop.law, group)} {number(low)} to {number(high)}"
            for group, low, high in zip(
                bands.groups[:_MOST_GROUPS],
                bands.low_proportions[-1],
                bands.high_proportions[-1],
                strict=False,
            )
        ]
        for start in range(0, len(parts), _PARTS_IN_LINE):
            yield "  " + ", ".join(parts[start : start + _PARTS_IN_LINE])
    sizes, size = prediction.effective_sample_sizes, prediction.trajectory.law.size
    trusted = prediction.trusted_until
    rests = "p_{t} rests on {count:,.0f} of {size:,} rows (effective sample size)"
    if trusted is None:
        said = rests.format(t=0, count=sizes[0], size=size)
        yield f"not to be trusted: {said}, and needs {LEAST_SAMPLES:g}"
    elif trusted == steps:
        said = rests.format(t=steps, count=sizes[-1], size=size)
        yield f"trusted until the last step: {said}"
    else:
        said = rests.format(t=trusted, count=sizes[trusted], size=size)
        yield f"trusted until t = {trusted}: {said}"
        after = trusted + 1
        yield f"from t = {after} on " + (
            f"too few rows carry it: {sizes[after]:,.0f} at t = {after}"
            if sizes[after] < LEAST_SAMPLES
            else "rewards that the table happens not to have would weigh too much (heavy tail)"
        )
    if prediction.settlement.limit is not None:
        count = effective_sample_size(prediction.settlement.limit.probs)
        yield f"the fixed point rests on {plural(round(count), 'row')}"


def _slack(value: float) -> str:
    return "0, to rounding" if abs(value) < STATE_ERROR else number(value)
