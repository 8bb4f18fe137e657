"""Formulas as MathML, which browsers set by themselves: no script, no font, no other host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

from recurate.pages.mathematics import mathml_of_latex

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


def mathml(text: str, *, block: bool = False) -> str:
    """Return LaTeX as MathML: in several elements, between which a line may end, if in a line."""
    for command, spelt in SPELT.items():
        text = re.sub(command, spelt, text)
    made = fromstring(mathml_of_latex(text, alttext=text, block=block))
    for part in made.iter():
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
        if child.text in ("∞", "|") and "minsize" not in child.attrib:
            child.tag = "mi"  # an operator would have spaces about it
            child.attrib.clear()
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
        base = part[0] if part.tag in {"msub", "msup", "msubsup"} else part  # as of ")²"
        sign = base.text or "" if base.tag == "mo" else ""
        depth += (sign in {"(", "[", "{"}) - (sign in {")", "]", "}"})
        signs = sum(len(text) for one in piece for text in one.itertext())
        is_factor = part.text in FUNCTIONS or (sign == "(" and depth == 1)
        may_end = signs > (MODERATE if sign in RELATIONS else LONG)
        if may_end and (is_factor or (not depth and sign in {*RELATIONS, "+", "−"})):
            yield piece
            piece = []
            if not is_factor:
                part.set("form", "infix")
        piece.append(part)
        if not depth and sign in {",", ";"}:
            yield piece
            piece = []
    if piece:
        yield piece


class Joined(SphinxPostTransform):
    """A bracket before a formula and a comma after it stay on its line, as a part of it."""

    default_priority = 800

    def run(self, **kwargs: Any) -> None:
        """Take the signs from the texts beside each formula."""
        for formula in [*self.document.findall(nodes.math)]:
            row, i = formula.parent, formula.parent.index(formula)
            for j, signs, name in (
                (i - 1, r"[(\[“‘\"]+$", "before"),
                (i + 1, r"^[^\w\s(]+", "after"),
            ):
                beside = row[j] if 0 <= j < len(row) else None
                if isinstance(beside, nodes.Text) and (found := re.search(signs, beside)):
                    formula[name] = found[0]
                    row[j] = nodes.Text(re.sub(signs, "", beside))


def visit_math(self: Any, node: nodes.math) -> None:
    """Write a formula in a line."""
    first, *others = mathml(node.astext()).split("<wbr>")
    pieces = [f"{escape(node.get('before', ''))}{first}", *others]
    pieces[-1] += escape(node.get("after", ""))
    self.body.append("<wbr>".join(f'<span class="in-line">{piece}</span>' for piece in pieces))
    raise nodes.SkipNode


def visit_math_block(self: Any, node: nodes.math_block) -> None:
    """Write a formula in a line of its own, which scrolls by itself where it is too wide."""
    self.body.append(f'<span class="formula">{mathml(node.astext(), block=True)}</span>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, Any]:
    """Add the renderer."""
    app.add_post_transform(Joined)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
