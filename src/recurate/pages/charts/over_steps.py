"""What is drawn over the retraining steps, and the axes that hold it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from recurate.numerics.validation import FloatArray
from recurate.pages.charts.picture import BOTTOM, TOP, WIDTH, width_of_ticks
from recurate.pages.charts.scales import LARGEST, Scale

HEIGHT = 292.0

MOST_PLACES = 200
"""Most steps with a place of their own; between them, the least and the largest value are drawn."""

MOST_MARKED = 25
"""Most steps that all have markers; of more, `_MARKS` do, where markers tell curves apart."""

RIGHT = 14.0
"""What is free right of the last place."""

_MARKS = 8
_GUTTER = 46.0  # room for what is for ever
_STRETCH = 2.0  # how many times higher than its curves a chart may be for a bound or a limit
_ROUNDING, _FAR = 1e-6, 1e9  # of a place: its error, and so far beyond a chart that it is enough

Point = tuple[float, float]


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
        many thin paths, which have one name, and of which the readouts say nothing.
    colour : int
        Number of its colour or, of a bound, of its dashes.
    """

    name: str
    values: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None
    limit: float = math.nan
    kind: Literal["curve", "bound", "points", "path"] = "curve"
    colour: int = 0


@dataclass(frozen=True)
class Frame:
    """The axes of a chart over t.

    Attributes
    ----------
    x, y : Scale
        The axes.
    right : float
        Where the horizontal axis ends.
    places : list of int
        Steps at which the pointer finds values.
    marked : list of int
        Steps with markers.
    """

    x: Scale
    y: Scale
    right: float
    places: list[int]
    marked: list[int]

    @classmethod
    def of(cls, series: Sequence[Series], ends: tuple[float, float], may_be_log: bool) -> Frame:
        """Return the axes that hold some series; the arguments are those of `lines`."""
        steps = series[0].values.size - 1
        y = _vertical(series, ends, may_be_log)
        has_limits = any(not math.isnan(one.limit) for one in series)
        right = WIDTH - (_GUTTER if has_limits else RIGHT)
        # A single step stands in the middle.
        low, high = (0.0, float(steps)) if steps else (-1.0, 1.0)
        x = Scale(low, high, width_of_ticks(y) + 4.0, right - 4.0)
        count = min(steps, MOST_PLACES)
        places = sorted({round(steps * i / count) for i in range(count + 1)}) if count else [0]
        curves = sum(one.kind == "curve" for one in series)
        marked = places
        if steps > MOST_MARKED:
            marked = places[:: len(places) // _MARKS] if curves > 1 else []
        if any(one.kind == "points" for one in series):  # which lines are to be told from
            marked = []
        return cls(x, y, right, places, marked)

    @property
    def steps(self) -> int:
        """The last step."""
        return self.places[-1]

    @property
    def of_limits(self) -> float:
        """Where what is for ever has its place."""
        return WIDTH - RIGHT - 4.0

    def point(self, t: int, value: float) -> Point:
        """Return where a value at a step is."""
        return self.x.place(t), self.y.place(value)

    def kept(self, values: FloatArray) -> list[int]:
        """Return the steps at which a line is drawn: the places, and extremes between them."""
        if len(self.places) == values.size:
            return self.places
        kept = set(self.places)
        for first, last in pairwise(self.places):
            part = values[first : last + 1]
            if not np.isnan(part).all():
                kept |= {first + int(np.nanargmin(part)), first + int(np.nanargmax(part))}
        return sorted(kept)

    def parts(self, values: FloatArray) -> list[list[Point]]:
        """Return the points of a line in its parts: what is not finite makes a gap."""
        runs: list[list[Point]] = [[]]
        for t in self.kept(values):
            value = float(values[t])
            # A logarithmic axis has no 0.
            if not math.isfinite(value) or (self.y.is_log and value <= 0):
                runs.append([])
            else:
                x, y = self.point(t, max(-LARGEST, min(value, LARGEST)))
                runs[-1].append((x, max(-_FAR, min(y, _FAR))))
        return [part for run in runs for part in self._cut(run)]

    def _cut(self, run: Sequence[Point]) -> list[list[Point]]:
        """Return the parts of a line that are on the vertical axis."""
        top, bottom = TOP - _ROUNDING, HEIGHT - BOTTOM + _ROUNDING
        parts: list[list[Point]] = [[]]
        for i, (x, y) in enumerate(run):
            is_inside = top <= y <= bottom
            if i and is_inside != (top <= run[i - 1][1] <= bottom):
                before_x, before_y = run[i - 1]
                end = TOP if min(y, before_y) < top else HEIGHT - BOTTOM
                way = (end - before_y) / (y - before_y)
                parts[-1].append((before_x + (x - before_x) * way, end))
            if is_inside:
                parts[-1].append((x, y))
            elif parts[-1]:
                parts.append([])
        return [part for part in parts if part]


def _vertical(series: Sequence[Series], ends: tuple[float, float], may_be_log: bool) -> Scale:
    """Return the vertical axis: of all curves and bands, and of what else is near them."""
    places = HEIGHT - BOTTOM, TOP
    sure: list[float] = []
    for one in (one for one in series if one.kind != "bound"):
        for values in (one.values, one.low, one.high):
            if values is not None:
                sure += values[np.isfinite(values)].clip(-LARGEST, LARGEST).tolist()
    is_log = may_be_log and _spans_decades(sure)
    scale = Scale.of(sure, *places, ends=ends, is_log=is_log)
    bounds = [one.values[~np.isnan(one.values)] for one in series if one.kind == "bound"]
    # Curves that do not move have no height of their own.
    most = (scale.start - scale.end) * (_STRETCH if len({*sure}) > 1 else math.inf)
    maybe = [[one.limit] for one in series] + [bound.tolist() for bound in bounds]
    near = [
        value
        for values in maybe
        if all(_is_near(value, scale, most) for value in values)
        for value in values
    ]
    return Scale.of([*sure, *near], *places, ends=ends, is_log=is_log)


def _is_near(value: float, scale: Scale, most: float) -> bool:
    """Return whether a value is on an axis, or would be on one that is so much higher."""
    if not math.isfinite(value) or (scale.is_log and value <= 0):
        return False
    place = scale.place(value)
    return max(abs(place - scale.start), abs(place - scale.end)) <= most


def _spans_decades(values: Iterable[float]) -> bool:
    """Return whether values, but for zeros, are positive and span more than three decades."""
    found = [value for value in values if value != 0.0]
    return bool(found) and min(found) > 1 / LARGEST and max(found) / 1e3 > min(found)
