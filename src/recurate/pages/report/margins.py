"""How far a claim is from failing, by K and λ: one small table of colours for each kind."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from recurate.pages.svg import add, drawn, picture
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.nearest import CANDIDATES, MIXINGS, Nearest
from recurate.printing.margins import margin_in_words

SHADES = ((0.0, "none"), (1e-9, "1e-9"), (1e-6, "1e-6"), (1e-3, "0.001"), (0.1, "0.1"))
"""Upper ends of the shades, and how they are written; a last shade has what is above."""

_CELL_WIDTH, _CELL_HEIGHT, _LEFT, _TOP = 58, 22, 74, 40


def margins_picture(evidence: Evidence) -> Markup:
    """Return the picture of the margins of one kind of evidence; nothing if it has none."""
    if not evidence.nearest:
        return Markup()
    rows = _used(near.place.candidates for near in evidence.nearest)
    columns = _used(near.place.mixing for near in evidence.nearest)
    nearest = cell_in_words(evidence.nearest[0])
    label = f"Least margins of {evidence.kind} evidence, by K and λ. The least: {nearest}"
    width = _LEFT + _CELL_WIDTH * len(columns) + 1
    image = picture(width, _TOP + _CELL_HEIGHT * len(rows) + 1, label=label)
    middle = _LEFT + _CELL_WIDTH * len(columns) / 2
    add(image, "text", "λ", x=middle, y=14, text_anchor="middle", class_="axis")
    add(image, "text", "K", x=_LEFT - 8, y=32, text_anchor="end", class_="axis")
    for i, column in enumerate(columns):
        x = _LEFT + _CELL_WIDTH * (i + 0.5)
        add(image, "text", _name(column, MIXINGS, "other"), x=x, y=32, text_anchor="middle")
    for j, row in enumerate(rows):
        y = _TOP + _CELL_HEIGHT * (j + 0.5) + 4
        add(image, "text", _name(row, CANDIDATES, "none"), x=_LEFT - 8, y=y, text_anchor="end")
    for near in evidence.nearest:
        i, j = columns.index(near.place.mixing), rows.index(near.place.candidates)
        x, y = _LEFT + _CELL_WIDTH * i, _TOP + _CELL_HEIGHT * j
        cell = add(image, "g", class_=f"cell {shade(near)}")
        add(cell, "title", cell_in_words(near))
        add(cell, "rect", x=x + 1, y=y + 1, width=_CELL_WIDTH - 2, height=_CELL_HEIGHT - 2, rx=3)
        shown = "=" if near.margin is None else short(float(near.margin))
        middle = x + _CELL_WIDTH / 2
        add(cell, "text", shown, x=middle, y=y + _CELL_HEIGHT / 2 + 4, text_anchor="middle")
    return drawn(image)


def shade(near: Nearest) -> str:
    """Return the class of a cell's colour."""
    if near.margin is None:
        return "equal"
    return f"shade-{sum(float(near.margin) > end for end, _ in SHADES)}"


def short(margin: float) -> str:
    """Return a margin to one digit: 3e-4."""
    if margin == 0:
        return "0"
    mantissa, exponent = f"{margin:.0e}".split("e")
    if -2 <= int(exponent) <= 2:
        return f"{margin:.1g}" if abs(margin) < 10 else f"{margin:.0f}"
    return f"{mantissa}e{int(exponent)}"


def other_ranges(evidence: Evidence) -> list[str]:
    """Return what a row or a column without numbers means, of those in the picture."""
    said = []
    if any(near.place.candidates is None for near in evidence.nearest):
        said.append("“none”: nobody chooses.")
    if any(near.place.mixing is None for near in evidence.nearest):
        said.append("“other”: λ changes from step to step, or samples are retained.")
    return said


def place_in_words(near: Nearest) -> str:
    """Return the ranges of K and λ in words."""
    parts = [
        f"{letter} {name}" if name.startswith(("≤", ">")) else f"{letter} = {name}"
        for letter, number, names in (
            ("K", near.place.candidates, CANDIDATES),
            ("λ", near.place.mixing, MIXINGS),
        )
        if (name := _name(number, names, ""))
    ]
    return ", ".join(parts) or "any K and λ"


def cell_in_words(near: Nearest) -> str:
    """Return what a cell says, in words."""
    loops = f"{near.cases} loop{'' if near.cases == 1 else 's'}"
    if near.margin is None:
        return f"{place_in_words(near)}: {loops}, equality is listed at every place"
    at = f", at {near.where}" if near.where else ""
    return f"{place_in_words(near)}: {loops}, least margin {margin_in_words(near.margin)}{at}"


def _used(numbers: Iterable[int | None]) -> list[int | None]:
    """Return those that occur, in order; none at all comes last."""
    return sorted(set(numbers), key=lambda number: (number is None, number or 0))


def _name(number: int | None, names: tuple[str, ...], otherwise: str) -> str:
    return otherwise if number is None else names[number]
