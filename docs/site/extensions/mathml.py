"""Formulas as MathML, which browsers set by themselves: no script, no font, no other host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from docutils import nodes
from latex2mathml.converter import convert_to_element
from sphinx.errors import ExtensionError

# Browsers know no other letters than Unicode's own, whatever `mathvariant` says.
LETTERS = {
    ("double-struck", "E"): "𝔼",
    ("double-struck", "P"): "ℙ",
    ("sans-serif", "T"): "𝖳",
    ("script", "C"): "𝒞",
}
SPELT = {r"\\arg(?=\\max)": r"\\mathrm{arg}\\,", r"\\tag\{\$?([^{}$]+)\$?\}": r"\\qquad(\1)"}
FUNCTIONS = {"log", "exp", "sin", "cos", "arccos", "tanh"}
RELATIONS = {"=", "<", ">", "≤", "≥", "→", "≠", "≪", "↦", "≈", "∝", "⪯", "∈", ":"}
# From how many signs on a line may end within a formula: before a relation, or within a sum.
MODERATE, LONG = 8, 24
JOINED = "\N{WORD JOINER}"


def mathml(text: str, *, block: bool = False) -> str:
    """Return LaTeX as MathML: in several elements, between which a line may end, if in a line."""
    for command, spelt in SPELT.items():
        text = re.sub(command, spelt, text)
    made = convert_to_element(text, display="block" if block else "inline")
    for part in made.iter():
        part.text = part.text and unescape(part.text)
        if "\\" in (part.text or ""):
            raise ExtensionError(f"no MathML for {part.text} in {text}")
    _mend(made)
    if block:
        return tostring(made, encoding="unicode")
    pieces = []
    for parts in _pieces(made[0]):
        piece = Element("math")
        SubElement(piece, "mrow").extend(parts)
        pieces.append(tostring(piece, encoding="unicode"))
    return "<wbr>".join(pieces)


def _mend(parent: Element) -> None:
    """Put words into one element each, letters into Unicode, and spaces after functions."""
    kept: list[Element] = []
    for child in list(parent):
        _mend(child)
        variant = child.get("mathvariant", "")
        if variant not in ("", "normal"):
            child.text = LETTERS[child.attrib.pop("mathvariant"), child.text or ""]
        if child.text == "∞":
            child.tag = "mi"  # an operator would have spaces about it
        before = kept[-1] if kept else None
        if before is not None and variant == before.get("mathvariant") == "normal":
            before.text = f"{before.text}{child.text}"
            continue
        if before is not None and before.text in FUNCTIONS and child.text not in ("(", ",", ")"):
            kept.append(Element("mspace", width="0.17em"))
        kept.append(child)
    parent[:] = kept


def _pieces(row: Element) -> Iterator[list[Element]]:
    """Yield the parts of a formula between which a line may end: no browser breaks one itself."""
    piece: list[Element] = []
    depth = 0
    for part in row:
        sign = part.text or "" if part.tag == "mo" else ""
        depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
        signs = sum(len(text) for one in piece for text in one.itertext())
        may_end = signs > (MODERATE if sign in RELATIONS else LONG)
        if may_end and not depth and sign in {*RELATIONS, "+", "−"}:
            yield piece
            piece = []
            part.set("form", "infix")
        piece.append(part)
        if not depth and sign in {",", ";"}:
            yield piece
            piece = []
    if piece:
        yield piece


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula in a line."""
    row, i = node.parent, node.parent.index(node)
    before = row[i - 1].astext()[-1:] if i else ""
    after = row[i + 1].astext()[:1] if i + 1 < len(row) else ""
    joints = JOINED * (before in {*"([“‘"}), JOINED * (after in {*",.;:)]’”'-"})
    self.body.append(mathml(node.astext()).join(joints))
    raise nodes.SkipNode


def visit_math_block(self: Any, node: nodes.math_block) -> None:
    """Write a formula in a line of its own, which scrolls by itself where it is too wide."""
    self.body.append(f'<span class="formula">{mathml(node.astext(), block=True)}</span>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, Any]:
    """Add the renderer."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
