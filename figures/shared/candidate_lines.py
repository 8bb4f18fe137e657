"""A line for each number of candidates, that for infinitely many dashed and black."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes

from recurate.figures.making import style
from recurate.figures.making.table import Table


def candidate_lines(axes: Axes, table: Table, candidates: Sequence[float], x: str, y: str) -> None:
    """Draw column y of a table over column x for each K, with a legend.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    table : Table
        With these columns, and K in the column "K".
    candidates : sequence of int or math.inf
        The values of K, ascending.
    x, y : str
        Names of columns.
    """
    for K, colour in zip(candidates, style.shades(len(candidates)), strict=True):
        one = table.where(K=float(K))
        colour, dashes, label = ("black", "--", "∞") if K == math.inf else (colour, "-", f"{K}")
        axes.plot(one[x], one[y], color=colour, linestyle=dashes, label=label)
    axes.legend(title="K", title_fontsize=6.5, loc="upper left")
