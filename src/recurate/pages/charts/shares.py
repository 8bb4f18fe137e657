"""Shares of groups: where each begins, where it goes, and between what it stays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from recurate.pages.charts.picture import (
    BOTTOM,
    WIDTH,
    Key,
    Picture,
    canvas,
    horizontal_axis,
    in_words,
    limit_mark,
    short_name,
    small,
    swatch,
    width_of,
)
from recurate.pages.charts.scales import Scale
from recurate.pages.svg import add, drawn

_ROW, _TOP, _RIGHT = 23.0, 8.0, 16.0
_LONGEST = 17  # letters of a name beside its row


@dataclass(frozen=True)
class Share:
    """A group's shares.

    Attributes
    ----------
    name : str
        The group's.
    start : float
        Its share of the real data.
    end : float
        Its share after the last step; NaN if no steps are shown.
    limit : float
        Its share at the fixed point; NaN if none is known.
    within : (float, float) or None
        Between what it stays whatever people choose.
    """

    name: str
    start: float
    end: float = math.nan
    limit: float = math.nan
    within: tuple[float, float] | None = None

    @property
    def last(self) -> float:
        """Where it goes: its share at the fixed point if that is known, else after the steps."""
        return self.end if math.isnan(self.limit) else self.limit


def shares(
    title: str, groups: Sequence[Share], *, end: str = "", within: str = "", caption: str = ""
) -> Picture:
    """Return a chart of the shares of groups, a row for each.

    Parameters
    ----------
    title, caption : str
        What is shown, and what it comes to.
    groups : sequence of Share
        The rows, from top to bottom.
    end, within : str
        What the legend calls the share after the last step, and the bounds.
    """
    height = _TOP + _ROW * len(groups) + BOTTOM
    image = canvas(height, f"{title}. {caption}".strip())
    names = [short_name(group.name, _LONGEST) for group in groups]
    left = 12.0 + max(map(width_of, names), default=0.0)
    found = [
        value
        for group in groups
        for value in (group.start, group.end, group.limit, *(group.within or ()))
    ]
    scale = Scale.of([0.0, *found], left + 8, WIDTH - _RIGHT, ends=(0.0, 1.0))
    bottom = height - BOTTOM
    for value, _ in scale.ticks():
        x = scale.place(value)
        add(image, "line", class_="grid", x1=x, x2=x, y1=_TOP, y2=bottom)
    ticks = [(scale.place(value), label) for value, label in scale.ticks()]
    horizontal_axis(image, ticks, (left, WIDTH - _RIGHT), bottom)
    middle = (left + WIDTH - _RIGHT) / 2
    words = scale.counted("share of the samples")
    add(image, "text", words, class_="label", x=middle, y=height - 8, text_anchor="middle")
    for row, (group, name) in enumerate(zip(groups, names, strict=True)):
        y = _TOP + _ROW * (row + 0.5)
        add(image, "text", name, x=left, y=y + 4.5, text_anchor="end")
        _draw(image, scale, group, y)
    places = add(image, "g", class_="places")
    for row, group in enumerate(groups):
        y = _TOP + _ROW * row
        place = add(places, "rect", class_="place", x=0, y=y, width=WIDTH, height=_ROW)
        add(place, "title", _told(group, end, within))
    keys = _keys(groups, end, within)
    image.attrib["data-series"] = str(len(keys))
    return Picture(title, caption, drawn(image), tuple(keys))


def _draw(image: Element, scale: Scale, group: Share, y: float) -> None:
    """Draw a row: its bounds below the way that the share takes."""
    if group.within is not None:
        low, high = map(scale.place, group.within)
        add(
            add(image, "g"),
            "rect",
            class_="within",
            x=low,
            y=y - 5,
            width=high - low,
            height=10,
            rx=2,
        )
    start, last = scale.place(group.start), scale.place(group.last)
    # Beyond the last step it is not yet there.
    colour = "s0" if group.last >= group.start else "s1"
    add(image, "line", class_=f"way {colour}", x1=start, x2=last, y1=y, y2=y)
    add(image, "line", class_="start", x1=start, x2=start, y1=y - 6, y2=y + 6)
    if not math.isnan(group.end):
        add(image, "circle", class_=f"mark {colour}", cx=scale.place(group.end), cy=y, r=3.5)
    if not math.isnan(group.limit):
        limit_mark(image, int(colour[1:]), last, y)


def _told(group: Share, end: str, within: str) -> str:
    lines = [short_name(group.name, 200), f"real data: {in_words(group.start)}"]
    if not math.isnan(group.end):
        lines.append(f"{end}: {in_words(group.end)}")
    if not math.isnan(group.limit):
        lines.append(f"fixed point: {in_words(group.limit)}")
    if group.within is not None:
        low, high = map(in_words, group.within)
        lines.append(f"{within}: {low} to {high}")
    return "\n".join(lines)


def _keys(groups: Sequence[Share], end: str, within: str) -> list[Key]:
    keys = []
    picture = small()
    add(picture, "line", class_="start", x1=15, x2=15, y1=1, y2=13)
    keys.append(Key(swatch(picture), "real data"))
    if any(not math.isnan(group.end) for group in groups):
        picture = small()
        add(picture, "circle", class_="mark s0", cx=15, cy=7, r=3.5)
        keys.append(Key(swatch(picture), end))
    if any(not math.isnan(group.limit) for group in groups):
        picture = small()
        limit_mark(picture, 0, 15, 7)
        keys.append(Key(swatch(picture), "fixed point"))
    if any(group.within is not None for group in groups):
        picture = small()
        add(picture, "rect", class_="within", x=2, y=2, width=26, height=10, rx=2)
        keys.append(Key(swatch(picture), within))
    return keys
