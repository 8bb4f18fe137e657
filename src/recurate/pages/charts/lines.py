"""Lines over the retraining steps, with bands, bounds, and where they end for ever."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal
from xml.etree.ElementTree import Element

import numpy as np
from markupsafe import Markup

from recurate.numerics.validation import FloatArray
from recurate.pages.charts.picture import (
    BOTTOM,
    COLOURS,
    TOP,
    WIDTH,
    Key,
    Picture,
    canvas,
    horizontal_axis,
    horizontal_grid,
    in_words,
    limit_mark,
    marker,
    small,
    swatch,
    width_of_ticks,
)
from recurate.pages.charts.scales import LARGEST, Scale
from recurate.pages.svg import add, drawn, number

HEIGHT = 292.0

MOST_PLACES = 200
"""Most steps with a place of their own; between them, the least and the largest value are drawn."""

MOST_MARKED = 25
"""Most steps at which values have markers."""

_RIGHT, _GUTTER = 14.0, 46.0  # what is right of the last step: without, and with a place for ∞
_STRETCH = 2.0  # how many times higher than its curves a chart may be for a bound or a limit


@dataclass(frozen=True)
class Series:
    """What a line shows.

    Attributes
    ----------
    name : str
        What it is called.
    values : ndarray, shape (steps + 1,)
        At each t; NaN where there is none.
    low, high : ndarray, shape (steps + 1,), or None
        Ends of a band about it.
    limit : float
        Value at the fixed point; NaN if none is known.
    kind : {"curve", "bound", "points", "path"}
        A curve; a bound, which is drawn as far as it is near the curves; single points; or one of
        many thin paths, which have no readouts.
    colour : int or None
        Number of its colour; by default its place among the series.
    """

    name: str
    values: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None
    limit: float = math.nan
    kind: Literal["curve", "bound", "points", "path"] = "curve"
    colour: int | None = None


def lines(
    title: str,
    unit: str,
    series: Sequence[Series],
    *,
    caption: str = "",
    ends: tuple[float, float] = (-math.inf, math.inf),
    may_be_log: bool = False,
    trusted_until: int | None = None,
    beyond: str = "",
    band: str = "",
) -> Picture:
    """Return a chart of some series over t.

    Parameters
    ----------
    title, unit, caption : str
        What is shown, what the vertical axis counts, and what it comes to.
    series : sequence of Series
        The series, all of one length; the first is a curve.
    ends : (float, float)
        What values cannot pass.
    may_be_log : bool
        Whether the vertical axis is logarithmic if the values span some decades.
    trusted_until : int, optional
        Last step that is trusted; later ones are shaded. -1 if none is.
    beyond : str
        What is said of later ones.
    band : str
        What the legend says of bands.
    """
    series = [
        replace(one, colour=i if one.colour is None else one.colour) for i, one in enumerate(series)
    ]
    told = [one for one in series if one.kind != "path"]
    frame = _Frame.of(series, ends, may_be_log)
    steps = frame.steps
    image = canvas(HEIGHT, f"{title}. {caption}".strip())
    image.attrib["data-series"] = str(len(told))
    if trusted_until is not None and trusted_until < steps:
        _shade_beyond(image, frame, trusted_until, beyond)
    horizontal_grid(image, frame.y, frame.x.start, frame.right, unit)
    _draw_steps(image, frame)
    for one in series:
        _draw_band(image, frame, one, "band light" if len(told) > 2 else "band")
    for one in (one for one in series if one.kind == "bound"):
        _draw_line(image, frame, one)
    for one in reversed([one for one in series if one.kind != "bound"]):
        _draw_line(image, frame, one)
    for one in series:
        _draw_limit(image, frame, one)
    _add_places(image, frame, told)
    keys = [Key(_swatch(one), _explained(one, frame.y)) for one in told]
    if band and any(one.low is not None for one in series):
        keys.append(Key(_band_swatch(), band))
    if any(not math.isnan(one.limit) for one in series):
        keys.append(Key(_limit_swatch(), "∞: fixed point"))
    return Picture(title, caption, drawn(image), tuple(keys) if len(keys) > 1 else ())


@dataclass(frozen=True)
class _Frame:
    """The axes of a chart, and the steps that have places."""

    x: Scale
    y: Scale
    right: float
    steps: int
    places: list[int]

    @classmethod
    def of(cls, series: Sequence[Series], ends: tuple[float, float], may_be_log: bool) -> _Frame:
        steps = series[0].values.size - 1
        has_limits = any(not math.isnan(one.limit) for one in series)
        y = _vertical(series, ends, may_be_log)
        left = width_of_ticks(y)
        right = WIDTH - (_GUTTER if has_limits else _RIGHT)
        # A single step stands in the middle.
        low, high = (0.0, float(steps)) if steps else (-1.0, 1.0)
        x = Scale(low, high, left + 4.0, right - 4.0)
        count = min(steps, MOST_PLACES)
        places = sorted({round(steps * i / count) for i in range(count + 1)}) if count else [0]
        return cls(x, y, right, steps, places)

    def point(self, t: float, value: float) -> tuple[float, float]:
        return self.x.place(t), self.y.place(value)

    @property
    def of_limits(self) -> float:
        """Where what is for ever has its place."""
        return WIDTH - _RIGHT - 4.0


def _vertical(series: Sequence[Series], ends: tuple[float, float], may_be_log: bool) -> Scale:
    """Return the vertical axis: of all curves and bands, and what else is near them."""
    places = HEIGHT - BOTTOM, TOP
    sure: list[float] = []
    for one in series:
        if one.kind != "bound":
            for values in (one.values, one.low, one.high):
                if values is not None:
                    sure += values[np.isfinite(values)].clip(-LARGEST, LARGEST).tolist()
    is_log = may_be_log and _spans_decades(sure)
    maybe = [one.limit for one in series]
    for one in (one for one in series if one.kind == "bound"):
        maybe += [float(end(one.values, initial=one.values[-1])) for end in (np.nanmin, np.nanmax)]
    scale = Scale.of(sure, *places, ends=ends, is_log=is_log)
    # Curves that do not move have no height of their own.
    largest = abs(scale.end - scale.start) * (_STRETCH if len({*sure}) > 1 else math.inf)
    near = [
        value
        for value in maybe
        if math.isfinite(value)
        and not (is_log and value <= 0)
        and max(abs(scale.place(value) - place) for place in places) <= largest
    ]
    return Scale.of([*sure, *near], *places, ends=ends, is_log=is_log)


def _spans_decades(values: Iterable[float]) -> bool:
    """Return whether values, but for zeros, are positive and span more than three decades."""
    found = [value for value in values if value != 0.0]
    return bool(found) and min(found) > 1 / LARGEST and max(found) / 1e3 > min(found)


def _draw_steps(image: Element, frame: _Frame) -> None:
    """Draw the horizontal axis, with a place of its own for what is for ever."""
    y = HEIGHT - BOTTOM
    ticks = [(0.0, "0")]
    if frame.steps:
        ticks = Scale(0.0, frame.steps, 0, 1).ticks(7, are_whole=True)
    labelled = [(frame.x.place(t), label) for t, label in ticks]
    horizontal_axis(image, labelled, (frame.x.start, frame.right), y)
    exponent = Scale(0.0, float(frame.steps), 0, 1).exponent
    words = "retraining step t" + (f" × 10^{exponent}" if exponent else "")
    middle = (frame.x.start + frame.right) / 2
    add(image, "text", words, class_="label", x=middle, y=HEIGHT - 8, text_anchor="middle")
    if frame.right < WIDTH - _RIGHT:
        x = frame.of_limits
        horizontal_axis(image, [(x, "∞")], (x - 10, x + 10), y)


def _shade_beyond(image: Element, frame: _Frame, trusted_until: int, words: str) -> None:
    """Shade the steps that are not trusted, and say so."""
    begin = frame.x.place(trusted_until) if trusted_until >= 0 else frame.x.start
    width = frame.right - begin
    add(image, "rect", class_="beyond", x=begin, y=TOP, width=width, height=HEIGHT - BOTTOM - TOP)
    if trusted_until >= 0:
        add(image, "line", class_="until", x1=begin, x2=begin, y1=TOP, y2=HEIGHT - BOTTOM)
    # Above the axis, at the right end, where the unit's label does not reach.
    add(image, "text", words, class_="beyond", x=frame.right, y=13, text_anchor="end")


def _kept(frame: _Frame, values: FloatArray) -> list[int]:
    """Return the steps at which a line is drawn: the places, and extremes between them."""
    if len(frame.places) == values.size:
        return frame.places
    kept = set(frame.places)
    for first, last in pairwise(frame.places):
        part = values[first : last + 1]
        if not np.isnan(part).all():
            kept |= {first + int(np.nanargmin(part)), first + int(np.nanargmax(part))}
    return sorted(kept)


def _runs(frame: _Frame, values: FloatArray) -> list[list[tuple[float, float]]]:
    """Return the points of a line, in parts: what is not on the axis is a gap."""
    runs: list[list[tuple[float, float]]] = [[]]
    for t in _kept(frame, values):
        value = float(values[t])
        if frame.y.holds(value):
            runs[-1].append(frame.point(t, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _draw_line(image: Element, frame: _Frame, one: Series) -> None:
    colour = (one.colour or 0) % COLOURS
    for run in _runs(frame, one.values):
        if one.kind != "points" and len(run) > 1:
            add(image, "polyline", class_=f"{one.kind} s{colour}", points=_path(run))
        is_marked = one.kind in ("curve", "points") and frame.steps <= MOST_MARKED
        if is_marked or len(run) == 1:
            for x, y in run:
                marker(image, colour, x, y)


def _draw_band(image: Element, frame: _Frame, one: Series, kind: str) -> None:
    if one.low is None or one.high is None:
        return
    ends = frame.y.low, frame.y.high
    is_known = ~(np.isnan(one.low) | np.isnan(one.high))
    low, high = (np.where(is_known, end.clip(*ends), np.nan) for end in (one.low, one.high))
    kept = sorted({*_kept(frame, low), *_kept(frame, high)})
    runs: list[list[int]] = [[]]
    for t in kept:
        if is_known[t]:
            runs[-1].append(t)
        elif runs[-1]:
            runs.append([])
    for run in (run for run in runs if run):
        there = [frame.point(t, float(high[t])) for t in run]
        back = [frame.point(t, float(low[t])) for t in reversed(run)]
        if len(run) == 1:  # a bar, for an area has no width
            (x, top), (_, down) = there[0], back[0]
            there, back = [(x - 2, top), (x + 2, top)], [(x + 2, down), (x - 2, down)]
        colour = (one.colour or 0) % COLOURS
        add(image, "polygon", class_=f"{kind} s{colour}", points=_path([*there, *back]))


def _draw_limit(image: Element, frame: _Frame, one: Series) -> None:
    if math.isnan(one.limit):
        return
    x, colour = frame.of_limits, (one.colour or 0) % COLOURS
    if not frame.y.holds(one.limit):
        is_above = one.limit > frame.y.low
        place = f"translate({x:.1f} {(TOP if is_above else HEIGHT - BOTTOM):.1f})"
        shape = "M0 16V2M-4 8L0 2L4 8" if is_above else "M0-16V-2M-4-8L0-2L4-8"
        add(image, "path", class_=f"away s{colour}", d=shape, transform=place)
        return
    y = frame.y.place(one.limit)
    last = float(one.values[-1])
    if frame.y.holds(last):
        start = frame.point(frame.steps, last)
        add(image, "polyline", class_=f"towards s{colour}", points=_path([start, (x, y)]))
    limit_mark(image, colour, x, y)


def _add_places(image: Element, frame: _Frame, series: Sequence[Series]) -> None:
    """Add what the pointer finds: at each step that has a place, what all series are there."""
    group = add(image, "g", class_="places")
    at = [frame.x.place(t) for t in frame.places]
    ends = [frame.x.start - 4, *((a + b) / 2 for a, b in pairwise(at)), frame.right]
    size = {"y": TOP, "height": HEIGHT - BOTTOM - TOP}
    for t, (begin, end) in zip(frame.places, pairwise(ends), strict=True):
        place = add(group, "rect", class_="place", x=begin, width=end - begin, **size)
        add(place, "title", "\n".join([f"t = {t:,}", *(_told(one, t) for one in series)]))
    if any(not math.isnan(one.limit) for one in series):
        place = add(group, "rect", class_="place", x=frame.of_limits - 12, width=24.0, **size)
        limits = (f"{one.name}: {in_words(one.limit)}" for one in series)
        add(place, "title", "\n".join(["fixed point", *limits]))


def _told(one: Series, t: int) -> str:
    text = f"{one.name}: {in_words(float(one.values[t]))}"
    if one.low is None or one.high is None or math.isnan(one.low[t]) or math.isnan(one.high[t]):
        return text
    low, high = (f"{float(end[t]):.4g}".replace("-", "−") for end in (one.low, one.high))
    return f"{text} ({low} to {high})"


def _explained(one: Series, scale: Scale) -> str:
    """Return what the legend says of a series: also where it is, if it is not in the chart."""
    known = one.values[~np.isnan(one.values)]
    if known.size == 0 or any(scale.holds(float(value)) for value in known):
        return one.name
    return f"{one.name} ({'above' if known[-1] > scale.high else 'below'} this chart)"


def _swatch(one: Series) -> Markup:
    picture, colour = small(), (one.colour or 0) % COLOURS
    if one.kind != "points":
        add(picture, "line", class_=f"{one.kind} s{colour}", x1=0, x2=30, y1=7, y2=7)
    if one.kind != "bound":
        marker(picture, colour, 15, 7)
    return swatch(picture)


def _band_swatch() -> Markup:
    picture = small()
    add(picture, "rect", class_="band s0", x=0, y=1, width=30, height=12)
    return swatch(picture)


def _limit_swatch() -> Markup:
    picture = small()
    limit_mark(picture, 0, 15, 7)
    return swatch(picture)
