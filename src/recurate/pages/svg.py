"""Pictures as SVG inside of a page, made as trees, so that every text in them is escaped."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from recurate.numerics.text import escaped


def picture(width: float, height: float, *, label: str) -> Element:
    """Return an empty picture; the label says in words what it shows."""
    size = {"width": number(width), "height": number(height)}
    box = f"0 0 {size['width']} {size['height']}"
    return Element("svg", {**size, "viewBox": box, "role": "img", "aria-label": escaped(label)})


def add(parent: Element, tag: str, text: str = "", **attributes: str | float) -> Element:
    """Add an element: ``class_`` is its class, and ``text_anchor`` is written text-anchor.

    Line breaks of its text stay: titles may have several lines.
    """
    named = {
        name.rstrip("_").replace("_", "-"): value if isinstance(value, str) else number(value)
        for name, value in attributes.items()
    }
    element = SubElement(parent, tag, {name: escaped(value) for name, value in named.items()})
    element.text = escaped(text, "\n")
    return element


def number(value: float) -> str:
    """Return a coordinate to a tenth, which no eye tells from more."""
    return f"{value:.1f}".removesuffix(".0")


def drawn(element: Element) -> Markup:
    """Return a picture as it stands in a page."""
    return Markup(tostring(element, encoding="unicode", short_empty_elements=False))
