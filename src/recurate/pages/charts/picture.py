"""A chart with its title, its legend and its caption, and what all kinds of charts are made of."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple
from xml.etree.ElementTree import Element

from markupsafe import Markup

from recurate.numerics.text import printable
from recurate.pages.charts.scales import Scale
from recurate.pages.svg import add, drawn, picture

WIDTH = 480.0
"""Width of a chart in its own units: at 400 pixels of a screen they are about 0.75 pixels."""

COLOURS = 5
"""Number of colours; each has dashes and a marker of its own."""

TOP, BOTTOM = 26.0, 46.0
"""Height of what is above an axis, its unit, and of what is below: ticks and a label."""

_LETTER = 8.6  # width of a letter on small screens, where letters are larger
_CAPITAL, _BROADEST = 1.25, 1.75  # widths of a capital, and of the letters below, beside that
_BROAD = "MWmw%@—…"
_MARKERS = ("circle", "square", "triangle", "diamond", "cross")
_SHAPES = {  # about the origin, of the size of 1
    "square": "M-.9-.9h1.8v1.8h-1.8z",
    "triangle": "M0-1.1L1.1 .9h-2.2z",
    "diamond": "M0-1.3L1.1 0L0 1.3L-1.1 0z",
    "cross": "M-.9-.9L.9 .9M.9-.9L-.9 .9",
}


class Key(NamedTuple):
    """An entry of a legend: a small picture, and what it stands for."""

    swatch: Markup
    text: str


@dataclass(frozen=True)
class Picture:
    """A chart as it stands in a page.

    Attributes
    ----------
    title : str
        What is shown.
    caption : str
        What it comes to, in a sentence or two.
    svg : Markup
        The drawing.
    keys : tuple of Key
        The legend; those of series are first, in the order in which readouts name them.
    """

    title: str
    caption: str
    svg: Markup
    keys: tuple[Key, ...] = ()


def canvas(height: float, label: str) -> Element:
    """Return an empty chart, which takes the width that it gets; the label says what it shows."""
    image = picture(WIDTH, height, label=label)
    for size in ("width", "height"):
        del image.attrib[size]
    # The keyboard leads to it, and the arrows through its values.
    image.attrib |= {"class": "chart", "tabindex": "0"}
    return image


def width_of(text: str) -> float:
    """Return about how wide a text is."""
    return _LETTER * letters(text)


def letters(text: str) -> float:
    """Return the width of a text in letters of usual width; those of East Asia are two wide."""
    return sum(map(_breadth, text))


def _breadth(char: str) -> float:
    if unicodedata.east_asian_width(char) in "WF":
        return 2.0
    if char in _BROAD:
        return _BROADEST
    return _CAPITAL if char.isupper() else 1.0


def short_name(name: str, most: int) -> str:
    """Return a name that is at most so many letters wide, as it can be printed."""
    text = printable(name)
    if letters(text) <= most:
        return text
    widths = accumulate(map(_breadth, f"…{text}"))
    return f"{text[: sum(width <= most for width in widths) - 1]}…"


def in_words(value: float, digits: int = 6) -> str:
    """Return a value to six digits, or so many; what is none has no value."""
    if math.isnan(value):
        return "no value"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{digits}g}".replace("-", "−")


def marker(parent: Element, number: int, x: float, y: float, size: float = 3.0) -> None:
    """Draw the marker of a series."""
    kind = _MARKERS[number % COLOURS]
    if kind == "circle":
        add(parent, "circle", class_=f"mark s{number % COLOURS}", cx=x, cy=y, r=size)
        return
    place = f"translate({x:.1f} {y:.1f}) scale({size:g})"
    add(parent, "path", class_=f"mark s{number % COLOURS} {kind}", d=_SHAPES[kind], transform=place)


def limit_mark(parent: Element, number: int, x: float, y: float) -> None:
    """Draw where a series ends for ever: a hollow diamond of its colour."""
    place = f"translate({x:.1f} {y:.1f}) scale(4.5)"
    shape = _SHAPES["diamond"]
    add(parent, "path", class_=f"limit s{number % COLOURS}", d=shape, transform=place)


def horizontal_grid(image: Element, scale: Scale, left: float, right: float, unit: str) -> None:
    """Draw the lines and labels of the ticks of a vertical axis, and its unit above them."""
    add(image, "text", scale.counted(unit), class_="unit", x=0, y=13)
    for value, label in scale.ticks():
        y = scale.place(value)
        add(image, "line", class_="grid", x1=left, x2=right, y1=y, y2=y)
        add(image, "text", label, class_="tick", x=left - 7, y=y + 4.5, text_anchor="end")


def width_of_ticks(scale: Scale) -> float:
    """Return how much room the labels of a vertical axis need."""
    return 12.0 + max((width_of(label) for _, label in scale.ticks()), default=0.0)


def horizontal_axis(
    image: Element, ticks: Sequence[tuple[float, str]], ends: tuple[float, float], y: float
) -> None:
    """Draw a horizontal axis, with ticks at these places."""
    add(image, "line", class_="axis", x1=ends[0], x2=ends[1], y1=y, y2=y)
    for x, label in ticks:
        add(image, "line", class_="axis", x1=x, x2=x, y1=y, y2=y + 4)
        add(image, "text", label, class_="tick", x=x, y=y + 18, text_anchor="middle")


def swatch(draw: Element) -> Markup:
    """Return a small picture as it stands in a legend, where its text says what it is."""
    draw.attrib["aria-hidden"] = "true"
    return drawn(draw)


def small() -> Element:
    """Return an empty picture for a legend."""
    attributes = {"width": "30", "height": "14", "viewBox": "0 0 30 14", "class": "key"}
    return Element("svg", attributes)
