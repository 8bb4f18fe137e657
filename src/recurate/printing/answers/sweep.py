"""What `recurate sweep` tells: a figure over K and λ, and the loop of the largest reward."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate import __version__
from recurate.numerics.text import printable, shortened
from recurate.printing.answers.told import Columns, Lines, Section, Told, print_told
from recurate.printing.as_json import as_json
from recurate.printing.columns import Column
from recurate.printing.words import number, plural, rows_shown, table_in_words
from recurate.sweeping.panels import Panel, number_shown, panels_of
from recurate.sweeping.table import WHY_NOT, Sweep

if TYPE_CHECKING:
    from rich.console import Console

    from recurate.reading.table import RewardTable

MOST_PANELS = 6
"""Most tables of a figure over K and λ that are printed, and most tables that are named."""

_MOST_REASONS = 5

_MIXINGS = {"lam": "λ", "real_fraction": "real"}


def print_sweep(
    sweep: Sweep,
    reads: Sequence[RewardTable],
    figure: str,
    t: float,
    max_kl: float | None,
    console: Console,
) -> None:
    """Print a sweep, as `tell_sweep` tells it."""
    print_told(tell_sweep(sweep, reads, figure, t, max_kl), console)


def tell_sweep(
    sweep: Sweep, reads: Sequence[RewardTable], figure: str, t: float, max_kl: float | None
) -> Told:
    """Tell a sweep: its tables, a figure at one step, and where the reward is largest.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    reads : sequence of RewardTable
        What was read, at each scale.
    figure : str
        The column that is shown.
    t : float
        The step at which it is.
    max_kl : float or None
        Largest divergence with which the largest reward is looked for; None for no such search.
    """
    by_source = {read.source: read for read in reads}
    named = [table_in_words(read) for read in [*by_source.values()][:MOST_PANELS]]
    if len(by_source) > MOST_PANELS:
        named.append(f"and {plural(len(by_source) - MOST_PANELS, 'more table')}")
    loops = int((sweep.columns["t"] == 0).sum())
    what = f"{plural(loops, 'loop')} of {plural(sweep.steps, 'step')}"
    where = "the fixed points" if t == math.inf else f"t = {t:g}"
    told: list[Lines | Columns | Section] = [Lines.of(*named, what)]
    panels = panels_of(sweep, figure, t)
    for panel in panels[:MOST_PANELS]:
        title = [f"{printable(figure)} at {where}", *panel.title]
        told.append(Section.of(", ".join(title), ()))
        told.append(Columns.of(_columns(panel, sweep.mixing)))
    told.append(
        Section.of("", ["not all columns have room here: --out has them all"], instead_of="mixing")
    )
    if len(panels) > MOST_PANELS:
        told.append(Lines.of(f"and {plural(len(panels) - MOST_PANELS, 'more such table')}"))
    if max_kl is not None:
        heading = f"Largest expected reward with KL(p_t‖p_ref) at most {max_kl:g}"
        told.append(Section.of(heading, _best_lines(sweep, max_kl)))
    if reasons := list(_reasons(sweep)):
        told.append(Section.of("Without a fixed point", reasons))
    return told


def _columns(panel: Panel, mixing: str) -> Iterable[Column]:
    """Yield the columns of a panel: about twenty rows of them, if there are more."""
    shown = rows_shown(len(panel.K) - 1)
    yield Column("", [_named("K", panel.K[row]) for row in shown], is_text=True)
    for column, value in enumerate(panel.mixing):
        cells = [number(float(panel.values[row, column])) for row in shown]
        yield Column(_named(_MIXINGS[mixing], value), cells, kind="mixing")


def _named(name: str, value: float) -> str:
    return "" if math.isnan(value) else f"{name} = {number_shown(value)}"


def _best_lines(sweep: Sweep, max_kl: float) -> Iterable[str]:
    found = sweep.best(max_kl)
    several = {axis for axis in ("table", "scale") if len(set(sweep.columns[axis])) > 1}
    for row in found:
        of = [printable(row["table"])] * ("table" in several)
        of += [f"scale {row['scale']:g}"] * ("scale" in several)
        where = "the fixed point" if row["t"] == math.inf else f"t = {row['t']:g}"
        loop = [printable(row["rule"]), _named("K", row["K"])]
        loop.append(_named(_MIXINGS[sweep.mixing], row[sweep.mixing]))
        yield (
            f"{', '.join(of)}{': ' if of else ''}{number(row['expected_reward'])}, by "
            f"{', '.join(word for word in loop if word)} at {where}, of KL "
            f"{number(row['kl_to_reference'])}"
        )
    if not found:
        yield "none: no step of a loop is that near to the real data"


def _reasons(sweep: Sweep) -> Iterable[str]:
    """Yield why loops have no fixed point, with how many; nothing if none was asked for."""
    said = sweep.columns[WHY_NOT]
    reasons, counts = np.unique(said[said != ""].astype(str), return_counts=True)
    for reason, count in [*zip(reasons.tolist(), counts.tolist(), strict=True)][:_MOST_REASONS]:
        yield f"{plural(count, 'loop')}: {shortened(reason, 200)}"
    if reasons.size > _MOST_REASONS:
        yield f"and {plural(reasons.size - _MOST_REASONS, 'other reason')}; see {WHY_NOT}"


def sweep_json(
    sweep: Sweep, reads: Sequence[RewardTable], left_out: Sequence[str], max_kl: float | None
) -> str:
    """Return a sweep as one JSON object, with its whole table."""
    document: dict[str, Any] = {
        "recurate": __version__,
        "tables": [
            {"source": read.source, "rewards": read.rows, "scale": read.asked.scale}
            for read in reads
        ],
        "left_out": list(left_out),
        "max_kl": max_kl,
        "best": sweep.best(math.inf if max_kl is None else max_kl),
        "columns": {name: column.tolist() for name, column in sweep.columns.items()},
    }
    return as_json(document)
