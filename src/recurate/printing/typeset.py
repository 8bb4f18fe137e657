"""Formulas in LaTeX, in the order in which one writes them, and names such as E_ref w as LaTeX."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

from recurate.theory.language import notation
from recurate.theory.plain_text import AsWritten


class TypesetPrinter(AsWritten, LatexPrinter):  # type: ignore[misc, unused-ignore]
    """Formulas in LaTeX."""

    def _print_Symbol(self, expression: Any, style: str = "plain") -> str:
        if expression == notation.total_variation:
            return r"\mathrm{TV}(p, q)"
        return name_in_latex(expression.name)

    def _hprint_Function(self, func: str) -> str:
        head, _, index = func.partition("_")
        if not index:
            return str(super()._hprint_Function(func))
        return name_in_latex(f"{head}_{{{index.replace('_', ' ')}}}")

    def _quotient(self, over: list[Any], under: list[Any], name: str) -> str:
        if not under:
            return " ".join(map(self._factor, over))
        return rf"\frac{{{self._product(over)}}}{{{self._product(under)}}}"

    def _product(self, factors: list[Any]) -> str:
        alone = self._print(factors[0]) if factors else "1"
        return str(alone) if len(factors) < 2 else " ".join(map(self._factor, factors))

    def _factor(self, factor: Any) -> str:
        text = str(self._print(factor))
        return rf"\left({text}\right)" if factor.is_Add else text

    def _joined(self, quotients: list[str]) -> str:
        out = quotients[0]
        for before, text in pairwise(quotients):
            is_apart = text[0].isdigit() or before[:5] == text[:5] == r"\frac"
            out += (r" \cdot " if is_apart else " ") + text
        return out

    def _print_LogExcess(self, expression: Any) -> str:
        return rf"\left({self._print(expression.rewrite(sympy.log))}\right)"


_OPERATORS = ("Var", "Cov", "KL", "TV", "max", "min", "ref", "data", "off", "win", "near", "id")
_GREEK = (
    "alpha", "beta", "delta", "epsilon", "kappa", "lambda", "mu", "nu", "rho", "theta", "phi",
    "Delta", "Theta",
)  # fmt: skip
_PARTS = re.compile(
    rf"(?P<mean>^(?:E|Var)_(?:\{{[^}}]*\}}|\w+?)) ?(?P<of>[gwrHf](?:_\w)?)$"
    rf"|(?P<greek>{'|'.join(_GREEK)})(?![a-z])"
    rf"|(?P<word>{'|'.join(_OPERATORS)})(?![a-z])"
    r"|(?P<infinity>inf)(?![a-z])"
    r"|_(?P<index>\{[^{}]*\}|[a-zA-Z]+\*?|\d+|\*)"
    r"|(?P<star>\*)|(?P<bar>\|)"
)


def name_in_latex(name: str) -> str:
    r"""Return the name of a quantity in LaTeX.

    Examples
    --------
    >>> print(name_in_latex("E_ref w"), name_in_latex("p_inf(A)"))
    \mathbb{E}_{\mathrm{ref}}[w] p_{\infty}(A)
    """
    found = _PARTS.match(name)
    if found is not None and found["of"]:
        head = found["mean"].replace("E_", r"\mathbb{E}_", 1).replace("Var_", r"\mathrm{Var}_", 1)
        sign, index = head.split("_", 1)
        return rf"{sign}_{{{name_in_latex(index.strip('{}'))}}}[{name_in_latex(found['of'])}]"
    return re.sub(r" +(?![a-zA-Z])", "", _PARTS.sub(_part, name))


def _part(part: re.Match[str]) -> str:
    if part["greek"]:
        return rf"\{'varphi' if part['greek'] == 'phi' else part['greek']} "
    if part["word"]:
        return rf"\mathrm{{{part['word']}}}"
    if part["infinity"]:
        return r"\infty "
    if part["index"]:
        index = part["index"].strip("{}")
        return f"_{{{index if index == '*' else name_in_latex(index)}}}"
    return r"\|" if part["bar"] else "^{*}"
