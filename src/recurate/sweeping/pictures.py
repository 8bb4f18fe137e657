"""A sweep as pictures: a figure over K and λ, and the reward against the divergence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from recurate.figures.for_commands.panels import LONGEST_SOURCE
from recurate.figures.for_commands.sweep import (
    FrontierPanel,
    HeatMap,
    Line,
    draw_frontier,
    draw_heat_maps,
)
from recurate.numerics.inference.frontiers import Frontier, best_of_n, largest_reward
from recurate.numerics.text import printable, shortened
from recurate.sweeping.panels import number_shown, panels_of, titles_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from recurate.sweeping.table import Sweep

LEAST_ALONG_LAM = 3
"""Least number of λ from which a line of a frontier goes along λ; else it goes along t."""

_LONGEST_RULE = 20  # in the title

_MIXINGS = {"lam": "λ", "real_fraction": "share of real data"}


def heat_maps(sweep: Sweep, figure: str, t: float) -> Figure:
    """Draw one of a sweep's figures at one of its steps, inf for the fixed points."""
    maps = [
        HeatMap(
            panel.title,
            [number_shown(K) for K in panel.K],
            [number_shown(value) for value in panel.mixing],
            panel.values,
        )
        for panel in panels_of(sweep, figure, t)
    ]
    return draw_heat_maps(
        maps,
        figure=figure,
        mixing=_MIXINGS[sweep.mixing],
        source=_source(sweep),
        at=_at(t),
    )


def frontier(sweep: Sweep, t: float, max_kl: float | None) -> Figure:
    """Draw the expected reward of a sweep against the divergence, with what it is compared with.

    Lines go along λ, at the step t, if there are at least `LEAST_ALONG_LAM` of them; else along t.
    """
    mixings = np.unique(sweep.columns[sweep.mixing])
    by_lam = mixings.size >= LEAST_ALONG_LAM
    panels = []
    references: dict[tuple[str, float], Mapping[str, Frontier]] = {}
    for title, (table, _, scale), rows in titles_of(sweep):
        found = _lines_along_lam(sweep, rows, t) if by_lam else _lines_along_t(sweep, rows)
        lines = list(found)
        if (table, scale) not in references:
            most = max((line.kl_to_reference.max() for line in lines), default=1.0)
            references[table, scale] = _references(sweep, table, scale, float(most))
        panels.append(FrontierPanel(title, lines, references[table, scale]))
    name = _MIXINGS[sweep.mixing]
    few = [number_shown(value) for value in mixings]
    along = f"{name} = {', '.join(few if len(few) < 8 else [*few[:3], '…', few[-1]])}"
    if not by_lam:
        along = f"t = 0, …, {sweep.steps}, and the fixed point"
    return draw_frontier(
        panels,
        along=along,
        source=_source(sweep),
        at=_at(t) if by_lam else f"{sweep.steps} steps",
        max_kl=max_kl,
    )


def _lines_along_lam(sweep: Sweep, rows: npt.NDArray[np.intp], t: float) -> Iterator[Line]:
    rows = rows[sweep.columns["t"][rows] == t]
    for K in np.unique(sweep.columns["K"][rows]):
        of_K = rows[_is(sweep.columns["K"][rows], K)]
        of_K = of_K[np.argsort(sweep.columns[sweep.mixing][of_K])]
        yield _line(sweep, of_K, "loops" if math.isnan(K) else f"K = {number_shown(K)}")


def _lines_along_t(sweep: Sweep, rows: npt.NDArray[np.intp]) -> Iterator[Line]:
    columns, name = sweep.columns, "λ" if sweep.mixing == "lam" else "real"
    for K in np.unique(columns["K"][rows]):
        for value in np.unique(columns[sweep.mixing][rows]):
            is_one = _is(columns["K"][rows], K) & _is(columns[sweep.mixing][rows], value)
            if is_one.any():
                words = [("K", K), (name, value)]
                said = [f"{w} = {number_shown(v)}" for w, v in words if not math.isnan(v)]
                yield _line(sweep, rows[is_one], ", ".join(said) or "loops")


def _is(values: npt.NDArray[np.float64], value: float) -> npt.NDArray[np.bool_]:
    return np.isnan(values) if math.isnan(value) else values == value


def _line(sweep: Sweep, rows: npt.NDArray[np.intp], label: str) -> Line:
    divergence, reward = (
        sweep.columns[name][rows] for name in ("kl_to_reference", "expected_reward")
    )
    known = np.isfinite(divergence) & np.isfinite(reward)
    return Line(label, divergence[known], reward[known])


def _references(sweep: Sweep, table: str, scale: float, most: float) -> Mapping[str, Frontier]:
    law = sweep.laws[table, scale]
    if law.is_continuous:  # nodes of a density show no e^{βr}
        return {}
    return {
        "best of n, one choice": best_of_n(law, 2 * most),
        "largest reward there is": largest_reward(law),
    }


def _source(sweep: Sweep) -> str:
    """Return what all panels have in common: what tells them apart is in their titles."""
    tables, rules, scales = (
        list(dict.fromkeys(sweep.columns[axis].tolist())) for axis in ("table", "rule", "scale")
    )
    loops = [shortened(printable(rule), _LONGEST_RULE) for rule in rules if len(rules) == 1]
    loops += [f"scale {scale:g}" for scale in scales if len(scales) == 1 and scale != 1]
    room = LONGEST_SOURCE - len(", ".join(["", *loops]))
    table = printable(tables[0]) if len(tables) == 1 else f"{len(tables)} tables"
    return ", ".join([shortened(table, room), *loops])


def _at(t: float) -> str:
    return "fixed points" if t == math.inf else f"t = {t:g}"
