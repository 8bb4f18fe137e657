"""Panels of a model's retraining loop: measured points on the exact loop's lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from recurate.figures.making import style
from recurate.figures.making.table import Table
from recurate.figures.shared.loop_tables import deviation_of
from recurate.numerics.agreement.resampled_loops import BAND_ERROR

SHADES = (
    f"shades: where {1 - BAND_ERROR:.0%} of loops that err by finite samples alone stay at every "
    "step"
)
"""What the shades mean, for captions."""

_PARTS = {
    "model_error": ("model error", style.COLOURS[0]),
    "drift": ("drift", style.COLOURS[4]),
}
"""Labels and colours of the two parts of a deviation."""


def compare(
    axes: Axes,
    table: Table,
    loop: str,
    lines: Mapping[str, tuple[str, str]],
    *,
    shades: bool = True,
) -> None:
    """Draw figures of a loop: points as measured, lines as exact, shades for finite samples.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    table : Table
        From `recurate.figures.shared.loop_tables.deviations`.
    loop : str
        Name of the loop in the table.
    lines : mapping
        From a figure's name to its colour and its label, "" for none.
    shades : bool
        Whether to draw the band of finite samples.
    """
    half_width = deviation_of(table, loop).half_width
    names = table.distinct("figure")
    for name, (colour, label) in lines.items():
        one = table.where(loop=loop, figure=name)
        centre, width = one["exact"] + one["bias"], half_width[:, names.index(name)]
        if shades:
            axes.fill_between(
                one["t"], centre - width, centre + width, color=colour, alpha=0.18, linewidth=0
            )
        axes.plot(one["t"], one["exact"], "-", color=colour, lw=1.0, label=label or None)
        axes.plot(one["t"], one["measured"], "o", color=colour, ms=2.5)
    steps(axes)


def steps(axes: Axes) -> None:
    """Label the horizontal axis as the retraining step, with whole numbers."""
    axes.set_xlabel("retraining step t")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def split(axes: Axes, table: Table, loop: str, name: str) -> None:
    """Draw a figure's deviation as bars: the model's error, and finite samples."""
    one = table.where(loop=loop, figure=name)
    width = 0.35
    for place, (kind, (label, colour)) in enumerate(_PARTS.items()):
        where = one["t"] + (place - 0.5) * width
        axes.bar(where, one[kind], width, color=colour, label=label)
    axes.axhline(0.0, color="black", lw=0.5)
    limit = 1.1 * float(np.abs([one["model_error"], one["drift"]]).max())
    if limit > 0:
        axes.set_ylim(-limit, limit)
    steps(axes)


def legend(figure: Figure, *others: Axes) -> None:
    """Explain points, lines and shades, and the labels of the other panels, below all panels."""
    handles: list[Any] = [
        Line2D([], [], color="black", marker="o", ls="", label="measured"),
        Line2D([], [], color="black", lw=1.0, label="exact loop"),
        Patch(color="black", alpha=0.18, lw=0, label="finite samples alone"),
    ]
    for axes in others:
        handles += axes.get_legend_handles_labels()[0]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), handlelength=1.5)
