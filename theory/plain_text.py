"""Formulas in one line of text: as in a proof, as a claim in words, or as one types them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import sympy
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from recurate.theory.language import notation
from recurate.theory.language.means import Mean, Moment, PowerSum

_GREEK_LETTERS = {
    "alpha": "α", "beta": "β", "delta": "δ", "epsilon": "ε", "kappa": "κ", "lambda": "λ",
    "mu": "μ", "nu": "ν", "rho": "ρ", "theta": "θ", "Delta": "Δ", "Theta": "Θ",
}  # fmt: skip
_GREEK_WORD = re.compile(rf"(?<![^\W_])({'|'.join(_GREEK_LETTERS)})(?![^\W\d_])")

_LETTER = re.compile(r"(?<![a-z])[gw](?![a-z])")


class OneDraw:
    """A mixin for printers of SymPy: moments of a draw have the letters of the draw, G and W."""

    def _print(self, expression: Any, **kwargs: Any) -> str:
        text: str = super()._print(expression, **kwargs)  # type: ignore[misc]
        if isinstance(expression, Moment):
            # A moment has powers as its index, printed with g and w.
            head, _, inside = text.partition("[")
            text = f"{head}[{_LETTER.sub(lambda letter: letter[0].upper(), inside)}"
        return text


class AsWritten(OneDraw):
    """A mixin for printers of SymPy: terms and factors stand in the order in which one writes them.

    Factors in λ alone or in K alone stand apart. A printer says how it writes a quotient of
    factors, and a product of quotients.
    """

    def _print_Add(self, expression: Any, order: Any = None) -> str:
        # As one writes them: 1 - κ, 1 + λ and w_* - μ, not λ + 1 and -μ + w_*.
        terms = self._as_ordered_terms(expression, order=order)  # type: ignore[attr-defined]
        is_share = expression.has(notation.lam) or any(map(_is_negative, terms))

        def rank(term: Any) -> tuple[bool, bool]:
            return _is_negative(term), not (term.is_number and is_share)

        terms = sorted(terms, key=rank)
        first, *others = (self._print(term) for term in terms)
        return " ".join([first, *map(_with_sign, others)])

    def _print_Mul(self, expression: Any) -> str:
        coefficient, rest = expression.as_coeff_Mul()
        if coefficient.is_negative:
            return f"-{self._print(-expression)}"
        over: dict[str, list[Any]] = {"number": [], "λ": [], "K": [], "rest": []}
        under: dict[str, list[Any]] = {name: [] for name in over}
        for factor in sympy.Mul.make_args(rest):
            name = _OWN.get(frozenset(factor.free_symbols), "rest")
            name = "rest" if factor.has(Mean, Moment, PowerSum, sympy.Function) else name
            if factor.is_Pow and factor.exp.is_negative:
                under[name].append(1 / factor)
            else:
                over[name].append(factor)
        numerator, denominator = sympy.fraction(coefficient)
        for name in ("λ", "K"):  # κ3/K, not 1/K · κ3
            if over["rest"] and not over[name]:
                under["rest"] = [*under[name], *under["rest"]]
                under[name] = []
        # Halves are written over two.
        last = next(name for name in ("rest", "K", "λ", "number") if over[name] or under[name])
        is_apart = denominator == 1 and any(over[n] or under[n] for n in ("λ", "K"))
        if numerator != 1:
            over["number" if is_apart else last].insert(0, numerator)
        if denominator != 1:
            under[last].insert(0, denominator)
        return self._joined(
            [self._quotient(over[n], under[n], n) for n in over if over[n] or under[n]]
        )

    def _quotient(self, over: list[Any], under: list[Any], name: str) -> str:
        raise NotImplementedError

    def _joined(self, quotients: list[str]) -> str:
        raise NotImplementedError


class _PlainPrinter(AsWritten, StrPrinter):  # type: ignore[misc, unused-ignore]
    """Formulas in one line of text: Greek letters, ^ for powers, a space for products.

    A dot separates factors of several words.
    """

    def _print_Symbol(self, expression: Any) -> str:
        if expression == notation.total_variation:
            return "TV(p,q)"
        # Another sign stands for the star, which means a product until the formula is whole.
        text = with_greek(expression.name).replace("κ_3", "κ3").replace("*", "⁎")
        text = re.sub(r"_\{(\w)\}", r"_\1", text)  # E_{t}g is E_t g
        return re.sub(r"^(E_\w|E_\{\S+\})([gwr])$", r"\1 \2", text)

    def _joined(self, quotients: list[str]) -> str:
        return _joined(quotients)

    def _quotient(self, over: list[Any], under: list[Any], name: str) -> str:
        text = self._product(over) or "1"
        if under:
            if _is_wide(text):  # not Var w/w_*, which might be the variance of w/w_*
                text = " ".join(f"({t})" if _is_wide(t) else t for t in self._factors(over))
            below = self._product(under)
            below = below.replace("(1 + λ)", "(1+λ)")
            is_one = len(under) == 1 and precedence(under[0]) >= PRECEDENCE["Pow"]
            is_one = is_one or (len(under) == 1 and under[0].is_Add)  # in parentheses already
            text += f"/{below if is_one and not _is_wide(below) else f'({below})'}"
        return text if name == "rest" else text.replace(" ", "")

    def _product(self, factors: list[Any]) -> str:
        return _joined(self._factors(factors))

    def _factors(self, factors: list[Any]) -> list[str]:
        return [f"({self._print(x)})" if x.is_Add else self._print(x) for x in factors]

    def _print_Pow(self, expression: Any, rational: bool = False) -> str:
        base = "" if expression.base.args and not expression.base.is_Function else None
        base = self._print(expression.base) if base is None else base
        if _is_wide(base):  # (E_t w)^2, not E_t w^2
            power = sympy.Pow(sympy.Symbol(f"({base})"), expression.exp, evaluate=False)
            return self._print(power)
        text: str = super()._print_Pow(expression, rational=rational)
        return text

    def _print_Limit(self, expression: Any) -> str:
        body, variable, point, side = expression.args
        at = f"{self._print(point)}{'' if point.is_infinite else side}"
        text = self.parenthesize(body, PRECEDENCE["Mul"], strict=True)
        return f"lim_{{{self._print(variable)}→{at}}} {text}"

    def _print_Max(self, expression: Any) -> str:
        return f"max({', '.join(map(self._print, expression.args))})"

    def _print_Min(self, expression: Any) -> str:
        return f"min({', '.join(map(self._print, expression.args))})"

    def _print_Abs(self, expression: Any) -> str:
        return f"|{self._print(expression.args[0])}|"

    def _print_Derivative(self, expression: Any) -> str:
        body, (variable, order) = expression.args
        power = "" if order == 1 else f"^{order}"
        return f"d{power}/d{self._print(variable)}{power} ({self._print(body)})"

    def _print_Integral(self, expression: Any) -> str:
        variables = "".join(f" d{self._print(limits[0])}" for limits in expression.limits)
        return self._with_ends("∫", expression) + variables

    def _print_Sum(self, expression: Any) -> str:
        return self._with_ends("sum", expression)

    def _with_ends(self, sign: str, expression: Any) -> str:
        text: str = self.parenthesize(expression.args[0], PRECEDENCE["Mul"], strict=True)
        for variable, lower, upper in expression.limits:
            start = self._print(lower) if sign == "∫" else self._print(sympy.Eq(variable, lower))
            text = f"{sign}_[{start}]^{self._print(upper)} {text}"
        return text

    def _print_Infinity(self, expression: Any) -> str:
        return "∞"

    def _print_NegativeInfinity(self, expression: Any) -> str:
        return "-∞"

    def _print_LogExcess(self, expression: Any) -> str:
        return f"({self._print(expression.rewrite(sympy.log))})"

    def _print_Relational(self, expression: Any) -> str:
        sign = {"==": "="}.get(expression.rel_op, expression.rel_op)
        return f"{self._print(expression.lhs)} {sign} {self._print(expression.rhs)}"

    def _print_Implies(self, expression: Any) -> str:
        premise, conclusion = expression.args
        return f"if {self._print(premise)}, then {self._print(conclusion)}"


def _is_negative(term: Any) -> bool:
    return bool(term.could_extract_minus_sign())


def _with_sign(text: str) -> str:
    return f"- {text[1:]}" if text.startswith("-") else f"+ {text}"


_OWN = {frozenset({notation.lam}): "λ", frozenset({notation.K}): "K"}


def _joined(factors: list[str]) -> str:
    """Return a product, with dots if the ends of its factors would not show."""
    return (" · " if any(map(_is_wide, factors[:-1])) else " ").join(factors)


def _is_wide(text: str) -> bool:
    """Return whether a factor has spaces or fractions outside brackets."""
    while (shorter := re.sub(r"[(\[{][^][(){}]*[)\]}]", "", text)) != text:
        text = shorter
    return " " in text or "/" in text


def indexed(text: str) -> str:
    """Return a text with indices in braces: E_{t+1} w for E_[t + 1] w."""
    found = _INDEX.search(text)
    if found is None:
        return text
    inside = found[1].replace(" + ", "+").replace(" - ", "-")
    index = inside if len(inside) == 1 else f"{{{inside}}}"
    return indexed(f"{text[: found.start()]}_{index}{text[found.end() :]}")


_INDEX = re.compile(r"_\[([^][]*)\]")


def with_greek(text: str) -> str:
    """Return a text with Greek letters for their names."""
    return _GREEK_WORD.sub(lambda word: _GREEK_LETTERS[word[0]], text)


def from_code(text: str) -> str:
    """Return SymPy's own notation as plain text: λ^2 w_* for lambda**2*w_*."""
    # w_* first, since products and powers have the same sign.
    formula = text.replace("_*", "_⁎").replace("**", "^").replace("*", " ")
    return indexed(with_greek(formula)).replace("⁎", "*")


@cache  # a proof has the same formulas again and again
def plain(expression: Any) -> str:
    """Return a formula as one line of text."""
    text: str = _PlainPrinter().doprint(expression)
    text = _DIVERGENCE.sub(r"KL(\1‖\2)", text.replace("**", "^").replace("*", " "))
    return indexed(text.replace("⁎", "*"))


_DIVERGENCE = re.compile(r"\bKL\(([^()|]*)\|([^()|]*)\)")


_MOMENTS = {
    notation.mean_weight: "E_{} w",
    notation.variance_weight: "Var_{} w",
}
"""Moments of a law in words, by their letters."""


_MOST_WORDS = 4


def moments_in_words(law: str) -> dict[Any, Any]:
    """Return the names of mean and variance of the weight under a law: E_ref w for p_ref."""
    index = law.removeprefix("p_")
    if not law:
        return {}
    return {symbol: sympy.Symbol(text.format(index)) for symbol, text in _MOMENTS.items()}


def words_for(expression: Any, law: str) -> Any:
    """Return a claim with λ, K, E and Var in place of m, a, κ, μ and V.

    Parameters
    ----------
    expression : sympy expression or relation
        The claim, or a side of it.
    law : str
        The law that μ and V are mean and variance under, such as p_ref. They stay if it is empty,
        or if the words would be too many to read.
    """
    if sum(expression.count(symbol) for symbol in _MOMENTS) > _MOST_WORDS:
        law = ""
    if expression.is_Relational:
        sides = (words_for(side, law) for side in expression.args)
        return expression.func(*sides, evaluate=False)
    lam, kappa = notation.lam, notation.inverse_candidates
    values = {
        1 - kappa: (notation.K - 1) / notation.K,
        notation.synthetic_fraction: lam / (1 + lam),
        notation.real_fraction: 1 / (1 + lam),
        **moments_in_words(law),
    }
    return expression.xreplace(values).xreplace({kappa: 1 / notation.K})


def in_words(expression: Any, law: str) -> str:
    """Return a claim as one line of text, in λ, K, E and Var where possible."""
    return plain(words_for(expression, law))


_TYPED_NAMES = {symbol: sympy.Symbol(name) for name, symbol in notation.NAMES.items()}


class _TypedPrinter(StrPrinter):  # type: ignore[misc, unused-ignore]
    """Formulas as `recurate.theory.typed.parse` reads them."""

    def _print_Max(self, expression: Any) -> str:
        return f"max({', '.join(map(self._print, expression.args))})"

    def _print_Min(self, expression: Any) -> str:
        return f"min({', '.join(map(self._print, expression.args))})"

    def _print_Abs(self, expression: Any) -> str:
        return f"abs({self._print(expression.args[0])})"

    def _print_Exp1(self, expression: Any) -> str:
        return "exp(1)"

    def _print_LogExcess(self, expression: Any) -> str:
        text: str = self.parenthesize(expression.rewrite(sympy.log), PRECEDENCE["Atom"])
        return text


def typed(expression: Any, bound: Any = None) -> str:
    """Return a formula in the ASCII names that `Statement.with_bound` reads.

    Parameters
    ----------
    expression : sympy expression
        The formula.
    bound : sympy expression, optional
        An expression that is written as "bound" if that makes the formula shorter.
    """
    forms = [expression]
    if bound is not None:
        name = sympy.Symbol("bound")
        forms.append(expression.xreplace({bound: name}) if not bound.is_Symbol else expression)
        terms, own = expression.as_coefficients_dict(), bound.as_coefficients_dict()
        shares = {terms[term] / own[term] for term in own if term in terms}
        forms += [share * name + (expression - share * bound) for share in shares]
    texts: list[str] = [_TypedPrinter().doprint(form.xreplace(_TYPED_NAMES)) for form in forms]
    return min(texts, key=lambda text: (len(text), text))
