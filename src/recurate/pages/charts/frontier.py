"""Expected reward against what is limited: what a choice of K and λ costs, and what it brings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

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
    marker,
    small,
    swatch,
    width_of_ticks,
)
from recurate.pages.charts.scales import Scale
from recurate.pages.svg import add, drawn, number

_HEIGHT, _RIGHT = 320.0, 16.0
_SMALLEST, _LARGEST = 2.0, 10.0  # radius of what the pointer finds


@dataclass(frozen=True)
class Cell:
    """A loop of a frontier.

    Attributes
    ----------
    line : str
        The line that it is on, such as "K = 4".
    name : str
        What it is called, with both parameters.
    cost, gain : float
        Its place: what is limited, and the expected reward.
    is_allowed : bool
        Whether it keeps the limit.
    is_chosen : bool
        Whether it is the answer.
    """

    line: str
    name: str
    cost: float
    gain: float
    is_allowed: bool
    is_chosen: bool = False


@dataclass(frozen=True)
class Axis:
    """What an axis shows: in words, with its unit, in a word, and what values cannot pass."""

    words: str
    short: str
    ends: tuple[float, float] = (-math.inf, math.inf)


def frontier(
    title: str,
    cells: Sequence[Cell],
    *,
    across: Axis,
    upward: Axis,
    limit: float,
    caption: str = "",
) -> Picture:
    """Return a chart of loops by what they cost and what they gain; a limit is of their cost.

    Loops of which one of the two is not finite have no place.
    """
    cells = [cell for cell in cells if math.isfinite(cell.cost) and math.isfinite(cell.gain)]
    image = canvas(_HEIGHT, f"{title}. {caption}".strip())
    bottom = _HEIGHT - BOTTOM
    y = Scale.of([cell.gain for cell in cells], bottom, TOP, ends=upward.ends)
    left = width_of_ticks(y)
    costs = [limit, *(cell.cost for cell in cells)]
    x = Scale.of(costs, left, WIDTH - _RIGHT, ends=across.ends)
    horizontal_grid(image, y, left, WIDTH - _RIGHT, upward.words)
    ticks = [(x.place(value), label) for value, label in x.ticks()]
    horizontal_axis(image, ticks, (left, WIDTH - _RIGHT), bottom)
    words, middle = x.counted(across.words), (left + WIDTH - _RIGHT) / 2
    add(image, "text", words, class_="label", x=middle, y=_HEIGHT - 8, text_anchor="middle")
    kept = x.place(limit)
    add(image, "line", class_="bound", x1=kept, x2=kept, y1=TOP, y2=bottom)
    at = [(x.place(cell.cost), y.place(cell.gain)) for cell in cells]
    lines = list(dict.fromkeys(cell.line for cell in cells))
    for i, line in enumerate(lines):
        members = [place for cell, place in zip(cells, at, strict=True) if cell.line == line]
        points = " ".join(f"{number(a)},{number(b)}" for a, b in members)
        add(image, "polyline", class_=f"curve thin s{i % COLOURS}", points=points)
    for cell, place in zip(cells, at, strict=True):
        _draw(image, lines.index(cell.line), cell, *place)
    _add_places(image, cells, at, upward.short, across.short)
    return Picture(title, caption, drawn(image), tuple(_keys(lines, in_words(limit))))


def _add_places(
    image: Element, cells: Sequence[Cell], at: Sequence[tuple[float, float]], gain: str, cost: str
) -> None:
    """Add what the pointer finds: a circle about each loop, that reaches into no other."""
    group = add(image, "g", class_="places")
    for i, (cell, (x, y)) in enumerate(zip(cells, at, strict=True)):
        nearest = min((math.dist((x, y), a) for j, a in enumerate(at) if j != i), default=math.inf)
        radius = min(_LARGEST, max(_SMALLEST, nearest / 2))
        place = add(group, "circle", class_="place", cx=x, cy=y, r=radius)
        words = (
            f"{cell.name}{' (chosen)' if cell.is_chosen else ''}",
            f"{gain}: {in_words(cell.gain)}",
            f"{cost}: {in_words(cell.cost)}",
            f"limit: {'kept' if cell.is_allowed else 'not kept'}",
        )
        add(place, "title", "\n".join(words))


def _draw(image: Element, line: int, cell: Cell, x: float, y: float) -> None:
    """Draw the marker of a loop: hollow beyond the limit, in a ring if it is the answer."""
    parent = image if cell.is_allowed else add(image, "g", class_="hollow")
    marker(parent, line, x, y, 4.0)
    if cell.is_chosen:
        add(image, "circle", class_="chosen", cx=x, cy=y, r=9)


def _keys(lines: Sequence[str], limit: str) -> list[Key]:
    keys = []
    for i, line in enumerate(lines):
        picture = small()
        add(picture, "line", class_=f"curve thin s{i % COLOURS}", x1=0, x2=30, y1=7, y2=7)
        marker(picture, i, 15, 7, 4.0)
        keys.append(Key(swatch(picture), line))
    picture = small()
    add(picture, "circle", class_="chosen", cx=15, cy=7, r=6)
    keys.append(Key(swatch(picture), "chosen"))
    picture = small()
    marker(add(picture, "g", class_="hollow"), 0, 15, 7, 4.0)
    keys.append(Key(swatch(picture), "beyond the limit"))
    picture = small()
    add(picture, "line", class_="bound", x1=15, x2=15, y1=0, y2=14)
    keys.append(Key(swatch(picture), f"the limit, {limit}"))
    return keys
