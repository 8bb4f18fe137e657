"""Means over independent candidates, for every number of candidates at once.

K independent candidates carry a weight w_k and a second quantity g_k. Symmetric polynomials in them
are polynomials in the power sums ``PowerSum(i, j)``, the sum over k of g_k^i w_k^j. Their means are
polynomials in K and in the moments ``Moment(i, j)`` = E[g^i w^j], by expansion over set partitions:
nothing is ever evaluated at sample values of K.

The candidates are drawn from the law that a proof is about, unless another argument names a law.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import sympy
from sympy.utilities.iterables import multiset_partitions

from recurate.theory.language.draws import (
    RANDOM,
    Drawn,
    paired_quantity,
    paired_weight,
    random_density,
    random_quantity,
    random_weight,
)
from recurate.theory.language.notation import K


class PowerSum(sympy.Function):  # type: ignore[misc, unused-ignore]
    """The sum over the candidates of g_k^i w_k^j; it is their number for i = j = 0.

    Its arguments are i, j, the number of candidates (K by default), and the law that they are drawn
    from, if that is not the law of the proof.
    """

    nargs = (2, 3, 4)

    @classmethod
    def eval(cls, i: Any, j: Any, number: Any = None, *law: Any) -> Any:
        if number is None:
            return cls(i, j, K)
        return number if (i, j) == (0, 0) else None

    is_real = True

    def _eval_is_positive(self) -> bool | None:
        # Weights are positive, and so is their sum unless there is none.
        return True if self.args[0] == 0 and self.args[2].is_positive else None

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0] == 0 and self.args[2].is_nonnegative else None

    def _sympystr(self, printer: Any) -> str:
        return f"sum_k({_monomial(self.args[:2], '_k')})" + _of_law(self.args[3:], printer)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        index = "; ".join(["k", *(printer._print(law) for law in self.args[3:])])
        text = rf"\sum_{{{index}}} {_monomial(self.args[:2], '_k', braces=True)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class Moment(sympy.Function):  # type: ignore[misc, unused-ignore]
    """E[g^i w^j] under the law of one candidate; it is 1 for i = j = 0.

    Its arguments are i, j, and the law, if that is not the law of the proof.
    """

    nargs = (2, 3)

    @classmethod
    def eval(cls, i: Any, j: Any, *law: Any) -> Any:
        return sympy.Integer(1) if (i, j) == (0, 0) else None

    is_real = True

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0] == 0 else None

    def _sympystr(self, printer: Any) -> str:
        return f"E{_of_law(self.args[2:], printer)}[{_monomial(self.args[:2])}]"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        law = _of_law(self.args[2:], printer, braces=True)
        monomial = _monomial(self.args[:2], braces=True)
        text = rf"\mathbb{{E}}{law}\left[{monomial}\right]"
        return text if exp is None else f"{text}^{{{exp}}}"


class Mean(sympy.Function):  # type: ignore[misc, unused-ignore]
    """E[·] over the candidates: linear, and expanded into moments where it is a polynomial.

    Power sums and the draws of `recurate.theory.language.draws` are random, except the primed
    copies; everything else is a constant. The mean of anything but a polynomial in power sums, or
    in the weight and quantity of one candidate, stays as it is.
    """

    nargs = 1

    def _eval_is_nonnegative(self) -> bool | None:
        return True if self.args[0].is_nonnegative else None

    def _eval_is_positive(self) -> bool | None:
        return True if self.args[0].is_positive else None

    @classmethod
    def eval(cls, argument: Any) -> Any:
        terms = sympy.Add.make_args(sympy.expand(argument))
        if len(terms) > 1:
            return sympy.Add(*(cls(term) for term in terms))
        factors = sympy.Mul.make_args(terms[0])
        constants = [factor for factor in factors if not is_random(factor)]
        random = [factor for factor in factors if is_random(factor)]
        known = _polynomial_mean(random)
        if known is not None:
            return sympy.Mul(*constants, known)
        return sympy.Mul(*constants) * cls(sympy.Mul(*random)) if constants else None

    def _eval_is_real(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_derivative(self, symbol: Any) -> Any:
        # A mean is not a function of the number that is averaged, so no chain rule applies.
        return None if symbol in self.free_symbols else sympy.Integer(0)

    def _sympystr(self, printer: Any) -> str:
        return f"E[{printer._print(self.args[0])}]"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\mathbb{{E}}\left[{printer._print(self.args[0])}\right]"
        return text if exp is None else f"{text}^{{{exp}}}"


def is_random(expression: Any) -> bool:
    """Return whether an expression is random to a mean."""
    return bool(sympy.sympify(expression).has(PowerSum, Drawn, *RANDOM))


def _polynomial_mean(factors: list[Any]) -> Any:
    """Return the mean of a product of power sums, or of powers of W and G; else None."""
    sums: list[tuple[int, int]] = []
    candidates = set()  # the number of them, and their law
    single = [0, 0]
    for factor in factors:
        base, exponent = factor.as_base_exp()
        if not (exponent.is_Integer and exponent > 0):
            return None
        if isinstance(base, PowerSum):
            sums += [base.args[:2]] * int(exponent)
            candidates.add(base.args[2:])
        elif base in RANDOM[:2]:
            single[RANDOM.index(base)] += int(exponent)
        else:
            return None
    if (sums and any(single)) or len(candidates) > 1:
        return None
    if not sums:
        return Moment(*single)
    ((number, *law),) = candidates
    # Their number is K, which is at least 1, or K - 1, or a known natural number.
    counted = number.is_integer and number.is_nonnegative
    if not (counted or ((more := number - K + 1).is_integer and more.is_nonnegative)):
        return None
    # sum over k_1, …, k_m, grouped by which of the indices coincide: each way of grouping them into
    # b blocks is met by K (K - 1) … (K - b + 1) choices of indices.
    partitions = Counter(
        tuple(sorted(tuple(map(sum, zip(*block, strict=True))) for block in partition))
        for partition in _set_partitions(sums)
    )
    return sympy.Add(
        *(
            times * sympy.ff(number, len(blocks)) * math.prod(Moment(*b, *law) for b in blocks)
            for blocks, times in partitions.items()
        )
    )


def _set_partitions(items: list[tuple[int, int]]) -> Any:
    for partition in multiset_partitions(len(items)):
        yield [[items[i] for i in block] for block in partition]


def sum_over_candidates(expression: Any, *, pairs: bool = False) -> Any:
    """Return the sum of a polynomial in W and G over the candidates, in power sums.

    Parameters
    ----------
    expression : sympy expression
        Polynomial in the weight W and quantity G of one candidate and, for pairs, in W' and G' of a
        second one, over coefficients free of them.
    pairs : bool
        Whether to sum over all K^2 pairs of candidates, equal ones included.

    Raises
    ------
    ValueError
        If the expression is not such a polynomial.
    """
    symbols = [random_quantity, random_weight]
    if pairs:
        symbols += [paired_quantity, paired_weight]
    if expression.has(Drawn, random_density):
        raise ValueError(f"{expression} has more than W and G that differs between candidates")
    try:
        polynomial = sympy.Poly(sympy.expand(expression), *symbols)
    except sympy.PolynomialError as error:
        raise ValueError(f"{expression} is not a polynomial in a candidate") from error
    if any(coefficient.has(*symbols) for coefficient in polynomial.coeffs()):
        raise ValueError(f"{expression} is not a polynomial in a candidate")
    return sympy.Add(
        *(
            coefficient * math.prod(PowerSum(*powers[i : i + 2]) for i in range(0, len(powers), 2))
            for powers, coefficient in polynomial.terms()
        )
    )


def _of_law(law: Any, printer: Any, *, braces: bool = False) -> str:
    index = ", ".join(printer._print(argument) for argument in law)
    if not index:
        return ""
    return f"_{{{index}}}" if braces else f"_[{index}]"


def _monomial(powers: Any, index: str = "", *, braces: bool = False) -> str:
    parts = []
    for name, power in zip(("g", "w"), powers, strict=True):
        if power != 0:
            exponent = f"^{{{power}}}" if braces else f"^{power}"
            parts.append(name + index + ("" if power == 1 else exponent))
    return " ".join(parts)
