"""A predicted trajectory: reward, weight, divergence and shares over the retraining steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import BinaryIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from recurate.figures.for_commands.panels import (
    entitle,
    families,
    heading_of_reward,
    label_panel,
    legend_of_groups,
    name_in_heading,
    note_below,
    shown_names,
)
from recurate.figures.making import style
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.inference.bootstrap import Bands
from recurate.numerics.inference.trust import fixed_point_trust
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

MOST_SCORES = 6
"""Most scores that are drawn, each in a panel of its own; the others are in the tables."""

MOST_GROUPS = 5
"""Most groups whose shares are drawn: more lines could not be told apart."""

_DRAWN = -1e300, 1e300  # the ticks of larger values overflow

_HEADINGS = {
    "expected_reward": "",  # with its unit, if it has one
    "expected_weight": "expected relative weight",
    "kl_to_reference": "KL to the real data (nats)",
}


@style.styled()
def draw(
    trajectory: Trajectory,
    *,
    bounds: Mapping[str, FloatArray],
    labels: Mapping[str, str],
    groups: Sequence[int],
    source: str,
    loop: str,
    trusted_until: int | None,
    is_sample: bool = True,
    bands: Bands | None = None,
    limit: FixedPoint | None = None,
    are_odds: bool = True,
) -> Figure:
    """Draw a trajectory with its bands, its fixed point, and the bounds that theorems guarantee.

    Parameters
    ----------
    trajectory : Trajectory
        The trajectory.
    bounds : mapping
        From a figure's name ("expected_weight", "kl_to_reference") to its bound, shape (steps+1,),
        NaN where there is none.
    labels : mapping
        From the same names to the theorem's name.
    groups : sequence of int
        Groups whose shares are drawn, at most `MOST_GROUPS`.
    source, loop : str
        What the rewards come from, and the loop: the title.
    trusted_until : int or None
        Last step that the table supports, marked by a line if further steps follow; None if it
        supports none, which is said.
    is_sample : bool
        Whether the rows are a sample; if not, nothing is said of that.
    bands : Bands, optional
        Bootstrap bands, drawn as shades.
    limit : FixedPoint, optional
        Where the loop settles, drawn as dotted lines.
    are_odds : bool
        Whether rewards are log-odds to the choice, which is said.

    Returns
    -------
    Figure
        Not bound to any window or backend.
    """
    scores = trajectory.score_names[:MOST_SCORES]
    rows = 2 + (len(scores) + 1) // 2
    figure = Figure(figsize=(7.0, 2.6 * rows), layout="constrained")
    entitle(figure, source, loop)
    reward, weight, divergence, shares, *of_scores = figure.subplots(rows, 2).flat
    headings = _HEADINGS | {"expected_reward": heading_of_reward(are_odds)}
    for axes, (name, heading) in zip((reward, weight, divergence), headings.items(), strict=True):
        _curve(axes, getattr(trajectory, name), heading)
        if bands is not None:
            _shade(axes, bands.low[name], bands.high[name])
        if limit is not None:
            value = getattr(limit, name)
            axes.set_title(f"{heading}; fixed point {value:.4g}", fontsize=9)
            _limit_line(axes, value)
    for axes, name in ((weight, "expected_weight"), (divergence, "kl_to_reference")):
        if name in bounds:
            steps = np.arange(trajectory.steps + 1)
            axes.plot(
                steps,
                bounds[name],
                color=style.BOUND_COLOUR,
                linestyle="--",
                marker=_marker(steps.size),
                ms=2,
                label=labels[name],
            )
            axes.legend(frameon=False, fontsize=8)
    if groups:
        names = shown_names([trajectory.law.group_names[number] for number in groups])
        for number, label, colour in zip(groups, names, style.COLOURS, strict=False):
            share = trajectory.group_proportions[:, number]
            _curve(shares, share, "shares of the groups", colour, label)
            if bands is not None and number in bands.groups:
                place = bands.groups.index(number)
                ends = bands.low_proportions[:, place], bands.high_proportions[:, place]
                _shade(shares, *ends, colour)
        if limit is not None:
            for number, colour in zip(groups, style.COLOURS, strict=False):
                _limit_line(shares, float(limit.group_proportions[number]), colour)
        legend_of_groups(shares)
    else:
        _curve(shares, trajectory.mass_at_max, "share at the best reward")
        if bands is not None:
            _shade(shares, bands.low["mass_at_max"], bands.high["mass_at_max"])
        if limit is not None:
            _limit_line(shares, limit.mass_at_max)
    for axes in of_scores[len(scores) :]:
        axes.remove()
    for number, axes in enumerate(of_scores[: len(scores)]):
        _draw_score(axes, trajectory, number, bands, limit)
    notes = _notes(trajectory, bands, limit, trusted_until, is_sample)
    if trusted_until is not None and trusted_until < trajectory.steps:
        for axes in (reward, weight, divergence, shares, *of_scores[: len(scores)]):
            axes.axvline(trusted_until, color=style.BOUND_COLOUR, linewidth=0.8, linestyle="-.")
    if notes:
        note_below(figure, notes, style.BOUND_COLOUR)
    return figure


def _draw_score(
    axes: Axes, trajectory: Trajectory, number: int, bands: Bands | None, limit: FixedPoint | None
) -> None:
    """Draw the mean of one score: on a scale of its own, for scores have units of their own."""
    column = trajectory.score_labels[number]
    heading = f"E[{name_in_heading(trajectory.score_names[number])}]"
    _curve(axes, trajectory.expected_scores[:, number].clip(*_DRAWN), heading)
    if bands is not None:
        _shade(axes, bands.low[column].clip(*_DRAWN), bands.high[column].clip(*_DRAWN))
    if limit is not None:
        value = float(limit.expected_scores[number])
        heading += f"; fixed point {value:.4g}" if np.isfinite(value) else "; fixed point: no value"
        _limit_line(axes, value)
    # A dollar sign in a name does not begin a formula.
    axes.set_title(heading, fontsize=9, parse_math=False, fontfamily=families())


def _notes(
    trajectory: Trajectory,
    bands: Bands | None,
    limit: FixedPoint | None,
    trusted_until: int | None,
    is_sample: bool,
) -> list[str]:
    notes = []
    if (further := len(trajectory.score_names) - MOST_SCORES) > 0:
        notes.append(f"{further} further scores are in the tables only")
    if bands is not None:
        shades = f"range of {bands.replicates} resampled tables"
        if bands.level is not None:
            shades = f"{100 * bands.level:g}% bootstrap bands"
        if bands.resampled != "rows":
            shades += f", of {bands.resampled}"
        notes.append(f"shades: {shades}")
    if limit is not None:
        is_trusted = not is_sample or fixed_point_trust(limit).is_trusted
        notes.append("dotted: fixed point" + ("" if is_trusted else ", not to be trusted"))
    if not is_sample:
        return notes
    if trusted_until is None:
        law = trajectory.law
        units = "prompts" if law.prompt_names else "rows"
        others = " for other items" if len(law.group_names) == law.size else ""
        notes.append(f"not to be trusted{others} at any step: the table has too few {units}")
    elif trusted_until < trajectory.steps:
        notes.append("dash-dotted: last step that the table carries")
    return notes


def _shade(axes: Axes, low: FloatArray, high: FloatArray, colour: str = style.COLOURS[0]) -> None:
    axes.fill_between(np.arange(low.size), low, high, color=colour, alpha=0.18, linewidth=0)


def _limit_line(axes: Axes, value: float, colour: str = style.COLOURS[0]) -> None:
    low, high = axes.get_ylim()
    # A line far away would flatten the curves; the printed table has its number.
    if low - (high - low) / 2 <= value <= high + (high - low) / 2:
        axes.axhline(value, color=colour, linestyle=":", linewidth=1.0)


def _curve(
    axes: Axes,
    values: FloatArray,
    title: str,
    colour: str = style.COLOURS[0],
    label: str | None = None,
) -> None:
    marker = _marker(values.size)
    axes.plot(np.arange(values.size), values, color=colour, marker=marker, ms=3, label=label)
    label_panel(axes, title)


def _marker(points: int) -> str | None:
    return "o" if points <= 30 else None


def save(figure: Figure, file: BinaryIO, ending: str = "png") -> None:
    """Write a figure in the format of an ending."""
    style.save(figure, file, ending)
