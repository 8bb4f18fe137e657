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

from recurate.numerics.loop import STATE_ERROR
from recurate.numerics.validation import FloatArray

if TYPE_CHECKING:
    from recurate.prediction import Prediction

_MOST_ROWS = 21
_MOST_GROUPS = 3

_SYMBOLS = {"expected_weight": "E[e^r]/e^max", "kl_to_reference": "KL"}


def print_prediction(prediction: Prediction, console: Console) -> None:
    """Print a prediction: the loop, its figures over t with their bounds, and what holds."""
    law = prediction.loop.law
    console.print(
        f"{prediction.source}: {_plural(law.size, 'reward')}, best {_number(law.max_reward)}"
        + (f", {_plural(len(law.group_names), 'group')}" if law.group_names else ""),
        highlight=False,
        markup=False,
    )
    console.print(f"{_loop_in_words(prediction)}\n", highlight=False, markup=False)
    console.print(_figures_table(prediction, console.width), crop=False)
    console.print(
        "E[e^r]/e^max: expected weight relative to the best reward's; KL: divergence from the real "
        "data in nats;\nat max: share of the samples with the best reward.",
        style="dim",
        highlight=False,
        markup=False,
    )
    _print_groups(prediction, console)
    console.print("\nGuaranteed by the theorems", style="bold")
    for line in _guarantee_lines(prediction):
        console.print(f"  {line}", highlight=False, markup=False)


def _loop_in_words(prediction: Prediction) -> str:
    loop, steps = prediction.loop, prediction.trajectory.steps
    data = (
        "pure loop, no real data (λ = inf)"
        if loop.lam == math.inf
        else f"λ = {loop.lam:g}: {loop.synthetic_fraction:.4g} of each training set is synthetic"
    )
    return f"best of K = {loop.K:g}, {data}; {_plural(steps, 'retraining step')}"


def _figures_table(prediction: Prediction, width: int) -> Table:
    """Return the table of figures, with as many of the groups as the width has room for."""
    trajectory = prediction.trajectory
    bounds = {guarantee.figure: guarantee for guarantee in prediction.guarantees}
    shown = _rows_shown(trajectory.steps)
    columns = [_Column("t", [str(t) for t in shown])]

    def add(title: str, values: FloatArray, style: str | None = None) -> None:
        columns.append(_Column(title, [_number(float(values[t])) for t in shown], style))

    add("E[r]", trajectory.expected_reward)
    for figure, symbol in _SYMBOLS.items():
        add(symbol, getattr(trajectory, figure))
        guarantee = bounds.get(figure)
        if guarantee is not None and guarantee.bound is not None:
            add("at least" if guarantee.is_lower else "at most", guarantee.bound, "dim")
    add("at max", trajectory.mass_at_max)
    for i in prediction.most_changed_groups(_MOST_GROUPS):
        add(f"group {_name(prediction, i)}", trajectory.group_proportions[:, i])
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


def _name(prediction: Prediction, group: int) -> str:
    """Return a group's name as it can be printed: empty and unprintable ones in quotes."""
    name = str(prediction.trajectory.law.group_names[group])
    return name if name and name.isprintable() else repr(name)


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


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
        shifts.append(f"{_name(prediction, i)}: {first:.4f} to {last:.4f} ({last - first:+.4f})")
    if shifts:
        console.print("\nShares that changed most", style="bold")
        for shift in shifts:
            console.print(f"  group {shift}", highlight=False, markup=False)


def _guarantee_lines(prediction: Prediction) -> Iterable[str]:
    for guarantee in prediction.guarantees:
        label = f"{guarantee.statement.label}: "
        if guarantee.bound is None:
            yield label + f"no bound on {_SYMBOLS[guarantee.figure]}; it needs {guarantee.missing}"
            continue
        values = getattr(prediction.trajectory, guarantee.figure)
        slack = (values - guarantee.bound) * (1 if guarantee.is_lower else -1)
        side = "at least" if guarantee.is_lower else "at most"
        spoken = ~np.isnan(slack)
        if not spoken.any():
            yield label + "speaks of t >= 1"
            continue
        yield label + (
            f"{_SYMBOLS[guarantee.figure]} is {side} the value beside it; "
            f"least slack {_slack(float(slack[spoken].min()))}"
        )


def _slack(value: float) -> str:
    return "0, to rounding" if abs(value) < STATE_ERROR else _number(value)


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    if value != 0 and (abs(value) < 1e-4 or abs(value) >= 1e6) and math.isfinite(value):
        return f"{value:.2e}"
    return f"{value:.4f}"
