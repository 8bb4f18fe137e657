"""Justifications about integrals, and the chord of a convex function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from recurate.theory.proving.generalising import TIED
from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general
from recurate.theory.proving.means import put_in
from recurate.theory.proving.signs import (
    difference,
    is_plain,
    is_smooth,
    is_strict,
    manifestly_nonnegative,
    vanishes,
)


@dataclass(frozen=True)
class Chord:
    """A convex function lies below its chord: (y-x) f(z) <= (y-z) f(x) + (z-x) f(y), x <= z <= y.

    Attributes
    ----------
    function, variable : sympy expression and symbol
        f, whose second derivative has to be manifestly nonnegative.
    lower, upper : str
        Labels of x <= z and of z <= y.
    """

    function: Any
    variable: Any
    lower: str
    upper: str

    def check(self, claim: Any, known: Claims) -> None:
        if isinstance(claim, sympy.Eq) or is_strict(claim):
            raise ProofError("a chord gives a weak inequality")
        if not is_smooth(self.function, self.variable):
            raise ProofError(f"{self.function} is not manifestly smooth in {self.variable}")
        bend = sympy.diff(self.function, self.variable, 2)
        if not manifestly_nonnegative(bend):
            raise ProofError(f"the sign of the second derivative {bend} cannot be read off")
        start, point = _sides(known, self.lower)
        same, end = _sides(known, self.upper)
        if not vanishes(same - point):
            raise ProofError(f"{self.lower} and {self.upper} are about different points")
        # start <= point <= end, so the start's sign is enough
        if self.variable.is_nonnegative and not manifestly_nonnegative(
            start, strictly=bool(self.variable.is_positive)
        ):
            raise ProofError(f"{start} is not known to be in the function's domain")
        at_start, at_point, at_end = (
            put_in(self.function, {self.variable: value}) for value in (start, point, end)
        )
        below = (end - point) * at_start + (point - start) * at_end - (end - start) * at_point
        if not vanishes(difference(claim) - below):
            raise ProofError("the claim is not that the function lies below this chord")

    def describe(self) -> str:
        return f"{self.function} is convex in {self.variable}: its chord"


@dataclass(frozen=True)
class UnderIntegral:
    """Integrating both sides of a claim that holds for every value of a positive variable.

    Both sides are to be integrable.

    Attributes
    ----------
    of : str
        Label of the pointwise claim. It must not rest on anything supposed of the variable.
    variable : sympy symbol
        A positive symbol s.
    lower, upper : sympy expressions
        Ends of the interval, the lower one nonnegative.
    """

    of: str
    variable: Any
    lower: Any
    upper: Any

    def check(self, claim: Any, known: Claims) -> None:
        pointwise = look_up_general(known, self.of, (self.variable,))
        if isinstance(claim, sympy.Eq) != isinstance(pointwise, sympy.Eq) or is_strict(claim):
            raise ProofError("integrating keeps an equation an equation, and >= a >=")
        plain = is_plain(self.variable) and self.variable not in TIED
        if not (plain and self.variable.is_positive and manifestly_nonnegative(self.lower)):
            raise ProofError(f"{self.variable} has to be a positive variable from zero up")
        if self.upper != sympy.oo and not manifestly_nonnegative(self.upper - self.lower):
            raise ProofError("the ends of the interval are not in order")
        total = sum(
            sign * sympy.Integral(side, (self.variable, self.lower, self.upper))
            for sign, side in zip((1, -1), pointwise.args, strict=True)
        )
        if isinstance(pointwise, sympy.Le | sympy.Lt):
            total = -total
        # Integral signs stay: only their equality as written counts.
        if sympy.expand(difference(claim) - total) != 0:
            raise ProofError("the claim is not the integral of the pointwise one")

    def describe(self) -> str:
        return f"integral of {self.of} over {self.variable} from {self.lower} to {self.upper}"


@dataclass(frozen=True)
class Antiderivative:
    """The value of an integral over a positive variable, by a function with that derivative.

    Attributes
    ----------
    primitive : sympy expression
        A function of the integration variable, manifestly smooth where that is positive, whose
        derivative is identical to the integrand.
    """

    primitive: Any

    def check(self, claim: Any, known: Claims) -> None:
        if not (isinstance(claim, sympy.Eq) and isinstance(claim.lhs, sympy.Integral)):
            raise ProofError("the value of an integral has to be an equation, the integral left")
        integrand, (variable, lower, upper) = claim.lhs.args
        if not (variable.is_positive and manifestly_nonnegative(lower)):
            raise ProofError(f"{variable} has to be a positive variable from zero up")
        if not is_smooth(self.primitive, variable):
            raise ProofError(f"{self.primitive} is not manifestly smooth in {variable}")
        if not vanishes(sympy.diff(self.primitive, variable) - integrand):
            raise ProofError(f"the derivative of {self.primitive} is not the integrand")
        first = sympy.limit(self.primitive, variable, lower, "+")
        last = sympy.limit(self.primitive, variable, upper, "-")
        if not vanishes(last - first - claim.rhs):
            raise ProofError(f"the integral is {last - first}")

    def describe(self) -> str:
        return f"antiderivative {self.primitive}"


def _sides(known: Claims, label: str) -> tuple[Any, Any]:
    relation = look_up(known, label)
    if isinstance(relation, sympy.Eq) or not relation.is_Relational:
        raise ProofError(f"{label} is no inequality")
    smaller, larger = relation.args
    return (smaller, larger) if isinstance(relation, sympy.Le | sympy.Lt) else (larger, smaller)
