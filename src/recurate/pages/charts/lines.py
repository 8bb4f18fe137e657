"""Lines over the retraining steps, with bands, bounds, and where they end for ever."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element

import numpy as np
from markupsafe import Markup

from recurate.pages.charts.over_steps import HEIGHT, RIGHT, Frame, Point, Series
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
)
from recurate.pages.charts.scales import Scale
from recurate.pages.svg import add, drawn, number

_INSIDE = HEIGHT - BOTTOM - TOP


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
        The series, all of one length.
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
    told = [one for one in series if one.kind != "path"]
    frame = Frame.of(series, ends, may_be_log)
    image = canvas(HEIGHT, f"{title}. {caption}".strip())
    image.attrib["data-series"] = str(len(told))
    if trusted_until is not None and trusted_until < frame.steps:
        _shade_beyond(image, frame, trusted_until, beyond)
    horizontal_grid(image, frame.y, frame.x.start, frame.right, unit)
    _draw_steps(image, frame)
    for one in series:
        _draw_band(image, frame, one, "band light" if len(told) > 2 else "band")
    # The first curve is on top of all others, and bounds are below.
    bounds = [one for one in series if one.kind == "bound"]
    for one in (*bounds, *(one for one in reversed(series) if one.kind != "bound")):
        _draw_line(image, frame, one)
    for one in series:
        _draw_limit(image, frame, one)
    _add_places(image, frame, told)
    keys = [Key(_swatch(one, bool(frame.marked)), _explained(one, frame.y)) for one in told]
    for path in [one for one in series if one.kind == "path"][:1]:
        keys.append(Key(_swatch(path, False), path.name))
    if band and (banded := [one for one in series if one.low is not None]):
        keys.append(Key(_band_swatch(banded[0].colour), band))
    if any(not math.isnan(one.limit) for one in series):
        keys.append(Key(_limit_swatch(), "∞: fixed point"))
    return Picture(title, caption, drawn(image), tuple(keys) if len(keys) > 1 else ())


def _draw_steps(image: Element, frame: Frame) -> None:
    """Draw the horizontal axis, with a place of its own for what is for ever."""
    y = HEIGHT - BOTTOM
    scale = Scale(0.0, float(frame.steps or 1), 0.0, 1.0)
    ticks = scale.ticks(7, are_whole=True) if frame.steps else [(0.0, "0")]
    at = [(frame.x.place(t), label) for t, label in ticks]
    horizontal_axis(image, at, (frame.x.start, frame.right), y)
    words = scale.counted("retraining step t")
    middle = (frame.x.start + frame.right) / 2
    add(image, "text", words, class_="label", x=middle, y=HEIGHT - 8, text_anchor="middle")
    if frame.right < WIDTH - RIGHT:
        x = frame.of_limits
        horizontal_axis(image, [(x, "∞")], (x - 10, x + 10), y)


def _shade_beyond(image: Element, frame: Frame, trusted_until: int, words: str) -> None:
    """Shade the steps that are not trusted, and say so."""
    begin = frame.x.place(trusted_until) if trusted_until >= 0 else frame.x.start
    width = frame.right - begin
    add(add(image, "g"), "rect", class_="beyond", x=begin, y=TOP, width=width, height=_INSIDE)
    if trusted_until >= 0:
        add(image, "line", class_="until", x1=begin, x2=begin, y1=TOP, y2=HEIGHT - BOTTOM)
    # Above the axis, at the right end, where the unit's label does not reach.
    add(image, "text", words, class_="beyond", x=frame.right, y=13, text_anchor="end")


def _path(points: Iterable[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)


def _class(one: Series) -> str:
    return f"bound b{one.colour}" if one.kind == "bound" else f"{one.kind} s{one.colour % COLOURS}"


def _draw_line(image: Element, frame: Frame, one: Series) -> None:
    parts = frame.parts(one.values)
    if one.kind != "points":
        for part in (part for part in parts if len(part) > 1):
            add(image, "polyline", class_=_class(one), points=_path(part))
    if one.kind in ("curve", "points"):
        values = (
            (t, float(one.values[t]))
            for t in (frame.places if one.kind == "points" else frame.marked)
        )
        marked = [frame.point(t, value) for t, value in values if frame.y.holds(value)]
        alone = [part[0] for part in parts if len(part) == 1]
        for x, y in dict.fromkeys([*marked, *alone]):
            marker(image, one.colour, x, y)


def _draw_band(image: Element, frame: Frame, one: Series, kind: str) -> None:
    if one.low is None or one.high is None:
        return
    ends = frame.y.low, frame.y.high
    is_known = ~(np.isnan(one.low) | np.isnan(one.high))
    low, high = (np.where(is_known, end.clip(*ends), np.nan) for end in (one.low, one.high))
    runs: list[list[int]] = [[]]
    for t in sorted({*frame.kept(low), *frame.kept(high)}):
        if is_known[t]:
            runs[-1].append(t)
        elif runs[-1]:
            runs.append([])
    for run in (run for run in runs if run):
        there = [frame.point(t, float(high[t])) for t in run]
        back = [frame.point(t, float(low[t])) for t in reversed(run)]
        if len(run) == 1:  # a bar, for an area would have no width
            ((x, top),), ((_, down),) = there, back
            there, back = [(x - 2, top), (x + 2, top)], [(x + 2, down), (x - 2, down)]
        points = _path([*there, *back])
        add(image, "polygon", class_=f"{kind} s{one.colour % COLOURS}", points=points)


def _draw_limit(image: Element, frame: Frame, one: Series) -> None:
    """Draw the fixed point; an arrow where it is beyond the chart."""
    if math.isnan(one.limit):
        return
    x, colour, last = frame.of_limits, one.colour % COLOURS, float(one.values[-1])
    if not frame.y.holds(one.limit):
        is_above = one.limit > frame.y.low
        place = f"translate({number(x)} {number(TOP if is_above else HEIGHT - BOTTOM)})"
        shape = "M0 16V2M-4 8L0 2L4 8" if is_above else "M0-16V-2M-4-8L0-2L4-8"
        add(image, "path", class_=f"away s{colour}", d=shape, transform=place)
        return
    y = frame.y.place(one.limit)
    if frame.y.holds(last):
        towards = _path([frame.point(frame.steps, last), (x, y)])
        add(image, "polyline", class_=f"towards s{colour}", points=towards)
    limit_mark(image, colour, x, y)


def _add_places(image: Element, frame: Frame, series: Sequence[Series]) -> None:
    """Add what the pointer finds: at each step that has a place, what all series are there."""
    group = add(image, "g", class_="places")
    at = [frame.x.place(t) for t in frame.places]
    ends = [frame.x.start - 4, *((a + b) / 2 for a, b in pairwise(at)), frame.right]
    parts = [
        (begin, end - begin, [f"t = {t:,}", *(_told(one, t) for one in series)])
        for t, (begin, end) in zip(frame.places, pairwise(ends), strict=True)
    ]
    if any(not math.isnan(one.limit) for one in series):
        limits = (f"{one.name}: {in_words(one.limit)}" for one in series)
        parts.append((frame.of_limits - 12, 24.0, ["fixed point", *limits]))
    for x, width, words in parts:
        place = add(group, "rect", class_="place", x=x, y=TOP, width=width, height=_INSIDE)
        add(place, "title", "\n".join(words))


def _told(one: Series, t: int) -> str:
    text = f"{one.name}: {in_words(float(one.values[t]))}"
    if one.low is None or one.high is None or math.isnan(one.low[t]) or math.isnan(one.high[t]):
        return text
    low, high = (in_words(float(end[t]), 4) for end in (one.low, one.high))
    return f"{text} ({low} to {high})"


def _explained(one: Series, scale: Scale) -> str:
    """Return what the legend says of a series: also where it is, if it is not in the chart."""
    known = one.values[~np.isnan(one.values)]
    if known.size == 0 or any(scale.holds(float(value)) for value in known):
        return one.name
    return f"{one.name} ({'above' if known[-1] > scale.high else 'below'} this chart)"


def _swatch(one: Series, is_marked: bool) -> Markup:
    picture = small()
    if one.kind != "points":
        add(picture, "line", class_=_class(one), x1=0, x2=30, y1=7, y2=7)
    if one.kind == "points" or (one.kind == "curve" and is_marked):
        marker(picture, one.colour, 15, 7)
    return swatch(picture)


def _band_swatch(colour: int) -> Markup:
    picture = small()
    add(picture, "rect", class_=f"band s{colour % COLOURS}", x=0, y=1, width=30, height=12)
    return swatch(picture)


def _limit_swatch() -> Markup:
    picture = small()
    limit_mark(picture, 0, 15, 7)
    return swatch(picture)
