"""A simulated trajectory on the exact one: error bars on lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recurate.figures.for_commands.panels import (
    entitle,
    heading_of_reward,
    label_panel,
    legend_of_groups,
    note_below,
    shown_names,
)
from recurate.figures.making import style
from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

ERRORS = 2.0
"""Half-length of the error bars, in standard errors of the mean over replicates."""

_HEADINGS = {
    "expected_reward": "",  # with its unit, if it has one
    "expected_weight": "expected relative weight",
    "mass_at_max": "share at the best reward",
}


def draw(
    exact: Trajectory,
    simulated: SimulatedTrajectory,
    *,
    groups: Sequence[int],
    source: str,
    loop: str,
    are_odds: bool = True,
) -> Figure:
    """Draw a simulated trajectory, with error bars, on the exact one.

    Parameters
    ----------
    exact : Trajectory
        Drawn as lines.
    simulated : SimulatedTrajectory
        Drawn as points, with bars of `ERRORS` standard errors to each side.
    groups : sequence of int
        Groups whose shares are drawn; without any, the variance of the weight is drawn.
    source, loop : str
        What the rewards come from, and the loop: the title.
    are_odds : bool
        Whether rewards are log-odds to the choice, which is said.

    Returns
    -------
    Figure
        Not bound to any window or backend.
    """
    figure = Figure(figsize=(7.0, 5.2), layout="constrained")
    entitle(figure, source, loop)
    *three, last = figure.subplots(2, 2).flat
    headings = _HEADINGS | {"expected_reward": heading_of_reward(are_odds)}
    for axes, (name, heading) in zip(three, headings.items(), strict=True):
        _pair(axes, getattr(exact, name), getattr(simulated, name), simulated.standard_errors[name])
        label_panel(axes, heading)
    if groups:
        errors = simulated.standard_errors["group_proportions"]
        names = shown_names([exact.law.group_names[number] for number in groups])
        for number, name, colour in zip(groups, names, style.COLOURS, strict=False):
            shares = exact.group_proportions[:, number], simulated.group_proportions[:, number]
            _pair(last, *shares, errors[:, number], colour, name)
        label_panel(last, "shares of the groups")
        legend_of_groups(last)
    else:
        errors = simulated.standard_errors["variance_weight"]
        _pair(last, exact.variance_weight, simulated.variance_weight, errors)
        label_panel(last, "variance of the weight")
    replicates = f"{simulated.replicates} replicates of {simulated.sizes.generated:,} samples"
    points = f"points: simulated, {replicates}, ± {ERRORS:g} standard errors"
    note_below(figure, ["lines: exact", points], "black")
    return figure


def _pair(
    axes: Axes,
    exact: FloatArray,
    simulated: FloatArray,
    errors: FloatArray,
    colour: str = style.COLOURS[0],
    label: str | None = None,
) -> None:
    steps = np.arange(exact.size)
    axes.plot(steps, exact, color=colour, linewidth=1.0, label=label)
    bars = ERRORS * np.nan_to_num(errors)  # a single replicate has none
    axes.errorbar(steps, simulated, yerr=bars, color=colour, fmt="o", ms=3, capsize=2, lw=0.8)
