"""Formulas as MathML, which browsers set themselves, and text with formulas in it."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Any
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

from recurate.numerics.text import escaped
from recurate.printing.latex import latex
from recurate.theory.plain_text import plain


@cache  # a proof has the same formulas again and again
def mathml(formula: Any, *, block: bool = False) -> Markup:
    """Return a formula as MathML.

    Parameters
    ----------
    formula : sympy expression or relation
        The formula.
    block : bool
        Whether it stands in a line of its own.

    Returns
    -------
    Markup
        The element; its ``alttext`` is the formula in one line of text.
    """
    return mathml_of_latex(latex(formula), alttext=plain(formula), block=block)


def mathml_of_latex(text: str, *, alttext: str, block: bool = False) -> Markup:
    """Return LaTeX as MathML, with the words that stand for it where it cannot be seen."""
    element = convert_to_element(text, display="block" if block else "inline")
    element.attrib.pop("xmlns")  # which a page knows
    element.set("alttext", escaped(alttext))
    for part in element.iter():  # the converter writes references to characters as text
        part.text = part.text and escaped(unescape(part.text).replace("*", "∗"), _SPACE)
        if not any(inner.tag in _TALL for inner in part.iter()):
            for fence in part.iter("mo"):  # else a browser may make them taller than what is inside
                if fence.get("fence") == "true":
                    fence.set("stretchy", "false")
    return Markup(tostring(element, encoding="unicode", short_empty_elements=False))


_SPACE = "\xa0\u2002\u2003\u2004\u2005\u2006\u2009\u200a"  # of widths that the converter writes

_TALL = {"mfrac", "msqrt", "mroot", "munder", "mover", "munderover", "mtable"}

_SIGNS = {"<=": "≤", ">=": "≥", "!=": "≠", "->": "→"}

_INDEX = r"\{[^{}]*\}|ref\b|data\b|max\b|min\b|inf\b|KL\b|θ[t*]?(?!\w)|\*|[^\W_](?![^\W_])"
_POWER = r"\{[^{}]*\}|\([^()]*\)|-?\d*[^\W\d_]?(?!\w)(?<!\^)|\+"
_TOKEN = re.compile(
    r"(?P<link>\barXiv:(?P<paper>\d{4}\.\d{4,5})(?:v\d+)?)"
    rf"|(?<![^\W_])(?P<word>Var|Cov|TV|KL|odds|sum|argmax|∫)_(?P<of>{_INDEX})"
    rf"|(?P<base>(?<![^\W_])[^\W\d_][~^']?)_(?P<index>{_INDEX})"
    rf"|\^(?P<above>[^\W\d_])_(?P<below>{_INDEX})"
    rf"|(?<=[\w)\]|*])\^(?P<power>{_POWER})"
    r"|(?P<sign><=|>=|!=|->)"
)
_ACCENTS = str.maketrans({"^": "\u0302", "~": "\u0303", "'": "′"})


def prose(text: str) -> Markup:
    """Return text with its formulas set: indices, powers and ≤, and a link for each arXiv number.

    Examples
    --------
    >>> prose("bounded rewards: w <= w_*")
    Markup('bounded rewards: w ≤ <i>w</i><sub>*</sub>')
    """
    out, end = Markup(), 0
    visible = escaped(text, "\n")
    for token in _TOKEN.finditer(visible):
        out += visible[end : token.start()]
        out += _set(token)
        end = token.end()
    return out + visible[end:]


def _set(token: re.Match[str]) -> Markup:
    if token["link"]:
        address = f"https://arxiv.org/abs/{token['paper']}"
        return Markup('<a href="{}">{}</a>').format(address, token["link"])
    if token["word"]:
        return Markup("{}<sub>{}</sub>").format(token["word"], _bare(token["of"]))
    if token["base"]:
        letter = token["base"].translate(_ACCENTS)
        return Markup("<i>{}</i><sub>{}</sub>").format(letter, _bare(token["index"]))
    if token["above"]:
        above, below = token["above"], _bare(token["below"])
        return Markup("<sup>{}</sup><sub>{}</sub>").format(above, below)
    if token["power"]:
        return Markup("<sup>{}</sup>").format(_bare(token["power"]))
    return escape(_SIGNS[token["sign"]])


def _bare(index: str) -> Markup:
    """Return an index or a power without the brackets around it."""
    inside = index[1:-1] if index[:1] in ("{", "(") else index
    return prose({"inf": "∞"}.get(inside, inside))
