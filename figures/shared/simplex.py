"""Laws on three atoms, drawn as points of a triangle."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from recurate.numerics.validation import FloatArray

_HEIGHT = math.sqrt(3.0) / 2.0
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, _HEIGHT]])


def point(probs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where laws on three atoms stand in the triangle of side 1.

    Parameters
    ----------
    probs : ndarray, shape (..., 3)
        Probabilities of the atoms at the left, right and upper corner.

    Returns
    -------
    x, y : ndarray, shape (...)
    """
    places = np.asarray(probs) @ _CORNERS
    return places[..., 0], places[..., 1]


def inner_laws(number: int) -> FloatArray:
    """Return the laws of a grid inside the triangle, of mass at least 1/(2 number) each.

    Returns
    -------
    ndarray, shape (number (number + 1)/2, 3)
    """
    counts = [(i, j, number - 1 - i - j) for i in range(number) for j in range(number - i)]
    return (np.array(counts) + 0.5) / (number + 0.5)


def frame(axes: Axes, names: Sequence[str]) -> None:
    """Draw the triangle, and name its corners: left, right and top."""
    x, y = np.append(_CORNERS[:, 0], 0.0), np.append(_CORNERS[:, 1], 0.0)
    axes.fill(x, y, facecolor="none", edgecolor="black", linewidth=0.6, zorder=0)
    places = ((-0.02, -0.03, "right", "top"), (1.02, -0.03, "left", "top"))
    for (left, low, ha, va), name in zip(places, names, strict=False):
        axes.text(left, low, name, ha=ha, va=va, fontsize=6.5)
    axes.text(0.5, _HEIGHT + 0.03, names[2], ha="center", va="bottom", fontsize=6.5)
    axes.set_xlim(-0.08, 1.08)
    axes.set_ylim(-0.09, 0.95)
    axes.set_aspect("equal")
    axes.set_axis_off()
