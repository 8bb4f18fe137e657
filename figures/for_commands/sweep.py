"""A sweep: a figure as a heat map over K and λ, and the reward against the divergence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from recurate.figures.for_commands.panels import (
    drawable,
    entitle,
    families,
    name_in_heading,
    note_below,
)
from recurate.figures.making import style
from recurate.numerics.inference.frontiers import Frontier
from recurate.numerics.text import shortened
from recurate.numerics.validation import FloatArray

MOST_PANELS = 12
"""Most panels that are drawn; the others are in the table."""

_ACROSS = 3  # panels side by side
_MOST_TICKS = 12
_MOST_WRITTEN = 60  # cells of a panel with a number in each
_MOST_DRAWN = 25  # rows or columns of a panel that grows with them
_MOST_MARKED = 25  # points of a line that has a marker at each
_DECADES, _LEAST_SHOWN = 10.0, 1e-5  # when colours are logarithmic, and from which share on
_LETTERS, _SMALL_LETTERS = 13, 17  # of a title, or a legend, in an inch
_HEADINGS = {
    "expected_reward": "expected reward",
    "expected_weight": "expected relative weight",
    "variance_weight": "variance of the relative weight",
    "kl_to_reference": "KL to the real data (nats)",
    "mass_at_max": "share at the best reward",
    "expected_reward_in_unit": "expected reward, in the table's unit",
}


@dataclass(frozen=True)
class HeatMap:
    """A figure over K and λ.

    Attributes
    ----------
    title : sequence of str
        What tells it from the others.
    rows, columns : sequence of str
        K, and λ or the share of real data, as they are shown: ascending.
    values : ndarray, shape (rows, columns)
        The figure; NaN where there is none.
    """

    title: Sequence[str]
    rows: Sequence[str]
    columns: Sequence[str]
    values: FloatArray


@dataclass(frozen=True)
class Line:
    """Loops that are on one line of a frontier, in their order.

    Attributes
    ----------
    label : str
        What they have in common, such as "K = 4".
    kl_to_reference, expected_reward : ndarray, shape (points,)
        Where they are.
    """

    label: str
    kl_to_reference: FloatArray
    expected_reward: FloatArray


@dataclass(frozen=True)
class FrontierPanel:
    """Lines on the same law.

    Attributes
    ----------
    title : sequence of str
        What tells it from other panels.
    lines : sequence of Line
        Its lines.
    references : mapping from str to Frontier
        What they are compared with, by name.
    """

    title: Sequence[str]
    lines: Sequence[Line]
    references: Mapping[str, Frontier]


@style.styled()
def draw_heat_maps(
    maps: Sequence[HeatMap], *, figure: str, mixing: str, source: str, at: str
) -> Figure:
    """Draw a figure over K and λ, a panel for each table, rule and scale, in the same colours.

    Parameters
    ----------
    maps : sequence of HeatMap
        The panels.
    figure : str
        Name of the figure's column.
    mixing : str
        What the columns are: "λ", or the share of real data.
    source, at : str
        What the rewards come from, and the step: the title.

    Returns
    -------
    Figure
        Not bound to any window or backend.
    """
    drawn = maps[:MOST_PANELS]
    heading = _HEADINGS.get(figure, name_in_heading(figure))
    is_written = max(one.values.size for one in drawn) <= _MOST_WRITTEN
    widest, highest = (max(one.values.shape[axis] for one in drawn) for axis in (1, 0))
    whole, panels = _panels(
        len(drawn),
        0.8 + (0.42 if is_written else 0.2) * min(widest, _MOST_DRAWN),
        0.5 + 0.24 * min(highest, _MOST_DRAWN),
    )
    entitle(whole, source, at)
    norm = _norm(np.concatenate([one.values.ravel() for one in drawn]))
    colours = matplotlib.colormaps["viridis"].with_extremes(bad="0.88")
    for axes, one in zip(panels, drawn, strict=True):
        values = np.clip(one.values, norm.vmin, norm.vmax)
        image = axes.imshow(values, origin="lower", aspect="auto", norm=norm, cmap=colours)
        _ticks(axes, one)
        axes.set_xlabel(mixing)
        axes.set_ylabel("K" if any(one.rows) else "")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if is_written:
            _write_values(axes, one.values, image.to_rgba(values))
    _name_panels(whole, panels, [one.title for one in drawn])
    bar = whole.colorbar(image, ax=panels, aspect=30, pad=0.02)
    bar.set_label(heading, parse_math=False, fontfamily=families())
    notes = _left_out(maps)
    if any(np.isnan(one.values).any() for one in drawn):
        notes.append("grey: no such loop, or no such value")
    note_below(whole, notes, "black")
    return whole


@style.styled()
def draw_frontier(
    panels: Sequence[FrontierPanel],
    *,
    along: str,
    source: str,
    at: str,
    max_kl: float | None = None,
) -> Figure:
    """Draw the expected reward against the divergence from the real data.

    Parameters
    ----------
    panels : sequence of FrontierPanel
        The panels.
    along : str
        What changes along a line, for a note below.
    source, at : str
        What the rewards come from, and the step: the title.
    max_kl : float, optional
        A divergence that is marked.

    Returns
    -------
    Figure
        Not bound to any window or backend.
    """
    drawn = panels[:MOST_PANELS]
    whole, every = _panels(len(drawn), 0.0, 0.0)
    entitle(whole, source, at)
    labels = list(dict.fromkeys(line.label for panel in drawn for line in panel.lines))
    colours = dict(zip(labels, style.shades(len(labels)), strict=True))
    handles = {}
    for axes, panel in zip(every, drawn, strict=True):
        every_kl = np.concatenate([line.kl_to_reference for line in panel.lines])
        end = 1.05 * max(every_kl.max(initial=0.0), 1e-9)
        for line in panel.lines:
            [handles[line.label]] = axes.plot(
                line.kl_to_reference,
                line.expected_reward,
                color=colours[line.label],
                linewidth=0.9,
                marker="o" if line.kl_to_reference.size <= _MOST_MARKED else None,
                markersize=2,
            )
        for dashes, (name, curve) in zip(("--", ":"), panel.references.items(), strict=False):
            [handles[name]] = axes.plot(
                *_until(end, curve),
                color="black",
                linewidth=0.7,
                linestyle=dashes,
            )
        if max_kl is not None:
            axes.axvline(max_kl, color=style.BOUND_COLOUR, linewidth=0.6)
        # Near the real data a reward rises as the root of the divergence.
        axes.set_xscale("function", functions=(_root, np.square))
        axes.set_xlim(0, end)
        ticks = MaxNLocator(6 if len(drawn) == 1 else 4).tick_values(0, math.sqrt(end))
        axes.set_xticks(np.square(ticks[:-1]))
        axes.xaxis.set_major_formatter("{x:.3g}")
        axes.set_xlabel(_HEADINGS["kl_to_reference"])
        axes.set_ylabel(_HEADINGS["expected_reward"])
    _name_panels(whole, every, [panel.title for panel in drawn])
    widest = max(map(len, handles)) + 6
    across = max(1, int(_SMALL_LETTERS * whole.get_figwidth()) // widest)
    whole.legend(handles.values(), handles, loc="outside lower center", ncols=across)
    note_below(whole, [f"along each line: {along}", *_left_out(panels)], "black")
    return whole


def _until(end: float, curve: Frontier) -> tuple[FloatArray, FloatArray]:
    """Return the divergences and rewards of a curve, up to a divergence between its points."""
    inside = curve.kl_to_reference[curve.kl_to_reference < end]
    divergence = np.append(inside, min(end, curve.kl_to_reference[-1]))
    known = _root(curve.kl_to_reference), curve.expected_reward
    return divergence, np.interp(_root(divergence), *known)


def _root(values: Any) -> Any:
    return np.sqrt(np.maximum(values, 0.0))  # a divergence of -1e-17 is zero


def _panels(number: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure with as many panels of at least this size, in inches."""
    across = min(_ACROSS, number)
    down = math.ceil(number / across)
    least = (2.4, 1.9) if across > 1 else (4.2, 2.4)
    width, height = across * max(least[0], width), down * max(least[1], height)
    figure = Figure(figsize=(width, 1.2 + height), layout="constrained")
    every = list(figure.subplots(down, across, squeeze=False).flat)
    for axes in every[number:]:
        axes.remove()
    return figure, every[:number]


def _norm(values: FloatArray) -> Normalize:
    """Return what turns values into colours: by their logarithms if they spread over decades."""
    known = values[np.isfinite(values)]
    if not known.size:
        return Normalize(0.0, 1.0)
    low, high = float(known.min()), float(known.max())
    if low >= 0 and high > _DECADES * np.median(known):
        return LogNorm(max(low, _LEAST_SHOWN * high), high)
    return Normalize(low, high)


def _ticks(axes: Axes, one: HeatMap) -> None:
    """Name the rows and columns: some of them, if there are too many to be read."""
    for axis, names in ((axes.yaxis, one.rows), (axes.xaxis, one.columns)):
        stride = math.ceil(len(names) / _MOST_TICKS)
        places = list(range(0, len(names), stride))
        if places[-1] != len(names) - 1:  # infinity is the last one
            places = [p for p in places if p <= len(names) - 1 - stride] + [len(names) - 1]
        axis.set_ticks(places, [names[place] for place in places])


def _write_values(axes: Axes, values: FloatArray, shades: FloatArray) -> None:
    for (row, column), value in np.ndenumerate(values):
        if math.isnan(value):
            continue
        red, green, blue, _ = shades[row, column]
        colour = "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 0.5 else "white"
        axes.text(column, row, _in_cell(value), ha="center", va="center", color=colour, fontsize=6)


def _in_cell(value: float) -> str:
    """Return a number in six characters or so."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _name_panels(whole: Figure, every: Sequence[Axes], titles: Sequence[Sequence[str]]) -> None:
    """Give panels their titles, in as many lines as they need."""
    most = int(_LETTERS * whole.get_figwidth()) // min(_ACROSS, len(every))
    for axes, title in zip(every, titles, strict=True):
        lines: list[str] = []
        for word in title:
            text = shortened(drawable(word), most)  # escaped, it is longer
            if lines and len(f"{lines[-1]}, {text}") <= most:
                text = f"{lines.pop()}, {text}"
            lines.append(text)
        axes.set_title("\n".join(lines), parse_math=False, fontfamily=families())


def _left_out(panels: Sequence[object]) -> list[str]:
    more = len(panels) - MOST_PANELS
    return [f"{more} further panels are in the table only"] if more > 0 else []
