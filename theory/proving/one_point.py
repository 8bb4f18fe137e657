"""The exact value of an expression in one example, which rejects a false identity at once."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy

from recurate.theory.language.draws import random_quantity, random_weight
from recurate.theory.language.means import Mean, Moment, PowerSum

_LARGEST_POWER = 64


def differs(expression: Any) -> bool:
    """Return whether an expression has an exact value other than zero in one example.

    In the example all candidates are alike, so that a mean is the value of its argument, and each
    symbol or function has a rational value that its assumptions allow. False tells nothing: the
    example may be an exception, or the value not rational.
    """
    return bool(_Example().value(expression))


class _Example:
    def __init__(self) -> None:
        self._values: dict[Any, Fraction] = {}

    def value(self, expression: Any) -> Fraction | None:
        """Return the exact value, or None if it is not known."""
        if expression.is_Rational:
            return Fraction(int(expression.p), int(expression.q))
        if expression.is_Symbol:
            return self._named(expression, expression)
        if not (expression.is_Add or expression.is_Mul or expression.is_Pow):
            return self._of_function(expression)
        parts = [self.value(part) for part in expression.args]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        if expression.is_Add:
            return sum(known, Fraction())
        if expression.is_Mul:
            return math.prod(known, start=Fraction(1))
        base, exponent = known
        if (
            exponent.denominator > 1
            or abs(exponent) > _LARGEST_POWER
            or (not base and exponent < 0)
        ):
            return None
        return base**exponent.numerator

    def _of_function(self, expression: Any) -> Fraction | None:
        if isinstance(expression, Mean):
            return self.value(expression.args[0])
        if isinstance(expression, Moment):
            return self._monomial(*expression.args)
        if isinstance(expression, PowerSum):
            i, j, number, *law = expression.args
            one, times = self._monomial(i, j, *law), self.value(number)
            return None if one is None or times is None else times * one
        if not isinstance(expression, sympy.Function) or _is_of_sympy(expression):
            return None
        arguments = [
            self.value(part) if isinstance(part, sympy.Expr) else part for part in expression.args
        ]
        return (
            None
            if any(part is None for part in arguments)
            else self._named((expression.func, *arguments), expression)
        )

    def _monomial(self, i: Any, j: Any, *law: Any) -> Fraction | None:
        if not (i.is_Integer and j.is_Integer):
            return None
        quantity = self._named((random_quantity, *law) if law else random_quantity, random_quantity)
        weight = self._named((random_weight, *law) if law else random_weight, random_weight)
        return None if quantity is None or weight is None else quantity ** int(i) * weight ** int(j)

    def _named(self, name: Any, assumed: Any) -> Fraction | None:
        if assumed.is_positive is False or assumed.is_even is not None:
            return None
        if name not in self._values:
            number = len(self._values) + 1
            self._values[name] = (
                Fraction(2 + number % 4)
                if assumed.is_integer
                else Fraction(sympy.prime(number + 3), sympy.prime(number + 4))
            )
        return self._values[name]


def _is_of_sympy(expression: Any) -> bool:
    return (type(expression).__module__ or "").startswith("sympy.functions")
