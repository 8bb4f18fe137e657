"""A predicted trajectory: reward, weight, divergence and shares over the retraining steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from recurate.figures import style
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

MOST_GROUPS = 5
"""Most groups whose shares are drawn: more lines could not be told apart."""

# Okabe and Ito's palette, which colour-blind readers can tell apart.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
_BOUND_COLOUR = "#555555"


@style.styled()
def draw(
    trajectory: Trajectory,
    *,
    bounds: Mapping[str, FloatArray],
    labels: Mapping[str, str],
    groups: Sequence[int],
    title: str,
) -> Figure:
    """Draw a trajectory with the bounds that the theorems guarantee.

    Parameters
    ----------
    trajectory : Trajectory
        What to draw.
    bounds : mapping
        From a figure's name ("expected_weight", "kl_to_reference") to its bound, shape (steps+1,),
        NaN where there is none.
    labels : mapping
        From the same names to the theorem's name.
    groups : sequence of int
        Groups whose shares to draw, at most `MOST_GROUPS`.
    title : str
        Title of the whole.

    Returns
    -------
    Figure
        Not bound to any window or backend.
    """
    figure = Figure(figsize=(7.0, 5.2), layout="constrained")
    figure.suptitle(title, fontsize=11, parse_math=False)
    reward, weight, divergence, shares = figure.subplots(2, 2).flat
    _curve(reward, trajectory.expected_reward, "expected reward")
    _curve(weight, trajectory.expected_weight, "expected weight / best weight")
    _curve(divergence, trajectory.kl_to_reference, "KL to the real data (nats)")
    for axes, name in ((weight, "expected_weight"), (divergence, "kl_to_reference")):
        if name in bounds:
            steps = np.arange(trajectory.steps + 1)
            axes.plot(
                steps,
                bounds[name],
                color=_BOUND_COLOUR,
                linestyle="--",
                marker=_marker(steps.size),
                ms=2,
                label=labels[name],
            )
            axes.legend(frameon=False, fontsize=8)
    if groups:
        for number, colour in zip(groups, _COLOURS, strict=False):
            share = trajectory.group_proportions[:, number]
            label = str(trajectory.law.group_names[number])
            # Matplotlib leaves labels that begin with an underscore out of legends.
            label = f" {label}" if label.startswith("_") else label or "''"
            _curve(shares, share, "shares of the groups", colour, label)
        for text in shares.legend(frameon=False, fontsize=8, ncols=2).get_texts():
            text.set_parse_math(False)
    else:
        _curve(shares, trajectory.mass_at_max, "share at the best reward")
    return figure


def _curve(
    axes: Axes, values: FloatArray, title: str, colour: str = _COLOURS[0], label: str | None = None
) -> None:
    marker = _marker(values.size)
    axes.plot(np.arange(values.size), values, color=colour, marker=marker, ms=3, label=label)
    axes.set_title(title, fontsize=9)
    axes.set_xlabel("retraining step t", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _marker(points: int) -> str | None:
    return "o" if points <= 30 else None


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's ending: PNG, SVG or PDF."""
    style.save(figure, path)
