"""A figure of a sweep over K and λ at one step: a panel for each table, rule and scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.text import printable
from recurate.numerics.validation import FloatArray

if TYPE_CHECKING:
    from recurate.sweeping.table import Sweep


@dataclass(frozen=True)
class Panel:
    """What is shown side by side of one table, rule and scale.

    Attributes
    ----------
    title : tuple of str
        Its rule, scale and table, those of which there are several.
    K, mixing : tuple of float
        The rows and columns, ascending; one that is NaN where a loop has no K, or no λ.
    values : ndarray, shape (rows, columns)
        The figure; NaN where there is no cell, or no fixed point.
    """

    title: tuple[str, ...]
    K: tuple[float, ...]
    mixing: tuple[float, ...]
    values: FloatArray


def panels_of(sweep: Sweep, figure: str, t: float) -> list[Panel]:
    """Return a figure of all cells at a step, inf for their fixed points.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    figure : str
        One of its figures.
    t : float
        One of its steps.
    """
    columns, found = sweep.columns, []
    for title, _, rows in titles_of(sweep):
        at = rows[columns["t"][rows] == t]
        sizes, row = _ascending(columns["K"][at])
        shares, column = _ascending(columns[sweep.mixing][at])
        values = np.full((len(sizes), len(shares)), np.nan)
        values[row, column] = columns[figure][at]
        found.append(Panel(title, sizes, shares, values))
    return found


def titles_of(
    sweep: Sweep,
) -> Iterator[tuple[tuple[str, ...], tuple[str, str, float], IntArray]]:
    """Yield, for each table, rule and scale, its title, these three, and its rows."""
    axes = {axis: sweep.columns[axis].tolist() for axis in ("table", "rule", "scale")}
    several = {axis for axis, values in axes.items() if len(set(values)) > 1}
    rows: dict[tuple[str, str, float], list[int]] = {}
    for row, key in enumerate(zip(*axes.values(), strict=True)):
        rows.setdefault(key, []).append(row)
    for key, places in rows.items():
        yield _title(key, several), key, np.array(places)


def number_shown(value: float) -> str:
    """Return K, λ or a share of real data as it is shown: nothing for none."""
    if math.isnan(value):
        return ""
    if value == math.inf:
        return "∞"
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e6 else f"{value:.3g}"


def _title(key: tuple[str, str, float], several: Iterable[str]) -> tuple[str, ...]:
    table, rule, scale = key
    said = {"rule": printable(rule), "scale": f"scale {scale:g}", "table": printable(table)}
    return tuple(text for axis, text in said.items() if axis in several)


def _ascending(values: FloatArray) -> tuple[tuple[float, ...], IntArray]:
    """Return the distinct values, NaN as one of them, and where each value is among them."""
    distinct, places = np.unique(values, return_inverse=True)
    return tuple(distinct.tolist()), places
