"""Justifications about integrals, and the chord of a convex function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from recurate.theory.proving.justifications import require_smooth, require_untied, sides
from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general
from recurate.theory.proving.limits import limit_of
from recurate.theory.proving.putting_in import BINDERS, put_in
from recurate.theory.proving.signs import (
    difference,
    is_plain,
    is_strict,
    manifestly_nonnegative,
    require_explicit,
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
        require_smooth(self.function, self.variable)
        bend = sympy.diff(self.function, self.variable, 2)
        if not manifestly_nonnegative(bend):
            raise ProofError(f"the sign of the second derivative {bend} cannot be read off")
        start, point = sides(look_up(known, self.lower))
        same, end = sides(look_up(known, self.upper))
        if not vanishes(same - point):
            raise ProofError(f"{self.lower} and {self.upper} are about different points")
        # start <= point <= end, so the sign of the start is enough
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
    """The integrals of both sides of a claim that holds for every value of a positive variable.

    The integral may be written in several terms, with constants before them: everything under an
    integral sign in the claim is to be integrable. Where that is an elementary function, its
    integral has to have a known value; where it has means or other functions in it, this is taken
    as a hypothesis.

    Attributes
    ----------
    of : str
        Label of the pointwise claim. It must hold for all values of the variable.
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
        _require_from_zero(self.variable, self.lower)
        if self.upper != sympy.oo and not manifestly_nonnegative(self.upper - self.lower):
            raise ProofError("the ends of the interval are not in order")
        integrand = self._integrand(difference(claim), known)
        if not vanishes(integrand - difference(pointwise)):
            raise ProofError("the claim is not the integral of the pointwise one")

    def _integrand(self, expression: Any, known: Claims) -> Any:
        """Return the integrand of a sum of constants times integrals over the interval."""
        interval = sympy.Tuple(self.variable, self.lower, self.upper)
        integrals = {
            integral: sympy.Dummy()
            for integral in expression.atoms(sympy.Integral)
            if integral.limits == (interval,)
        }
        rest = sympy.expand(expression.xreplace(integrals))
        total = sympy.S.Zero
        for integral, name in integrals.items():
            constant = rest.coeff(name)
            if constant.has(self.variable, *integrals.values()):
                raise ProofError(
                    f"{constant} is not a constant, so this is not an integral over {interval}"
                )
            if constant != 0:
                _require_integrable(integral, known)
            rest = sympy.expand(rest - constant * name)
            total += constant * integral.function
        if rest != 0:
            raise ProofError(f"{rest} is not an integral over {interval}")
        return total

    def describe(self) -> str:
        return f"integral of {self.of} over {self.variable} from {self.lower} to {self.upper}"


@dataclass(frozen=True)
class Antiderivative:
    """The value of an integral over a positive variable, by an antiderivative.

    Attributes
    ----------
    primitive : sympy expression
        A function of the integration variable, manifestly smooth where the variable is positive,
        whose derivative is identical to the integrand.
    """

    primitive: Any

    def check(self, claim: Any, known: Claims) -> None:
        if not (isinstance(claim, sympy.Eq) and isinstance(claim.lhs, sympy.Integral)):
            raise ProofError("the value of an integral has to be an equation, the integral left")
        integrand, (variable, lower, upper) = claim.lhs.args
        _require_from_zero(variable, lower)
        if upper != sympy.oo and not manifestly_nonnegative(upper):
            raise ProofError(f"{upper} is not known to be from zero up")
        require_smooth(self.primitive, variable)
        for function in (integrand, self.primitive):
            require_explicit(function, (variable,))
        if not vanishes(sympy.diff(self.primitive, variable) - integrand):
            raise ProofError(f"the derivative of {self.primitive} is not the integrand")
        first, last = (limit_of(self.primitive, variable, end) for end in (lower, upper))
        if not vanishes(last - first - claim.rhs):
            raise ProofError(f"the integral is {last - first}")

    def describe(self) -> str:
        return f"antiderivative {self.primitive}"


def _require_integrable(integral: Any, known: Claims) -> None:
    """Refuse an integral of an elementary function without a known value: it may be infinite."""
    if not all(_is_elementary(integral.function, variable) for variable in integral.variables):
        return
    for label, claim in known.items():
        if not (isinstance(claim, sympy.Eq) and integral in claim.args):
            continue
        if not any(side.has(*BINDERS) for side in claim.args if side != integral):
            look_up(known, label)
            return
    raise ProofError(f"no value of {integral} is known: it may be infinite")


def _is_elementary(function: Any, variable: Any) -> bool:
    """Return whether an expression has sums, products, powers, exp and log of a variable only."""
    if not function.has(variable) or function == variable:
        return True
    known = function.is_Add or function.is_Mul or function.is_Pow
    if not (known or isinstance(function, sympy.exp | sympy.log)):
        return False
    return all(_is_elementary(part, variable) for part in function.args)


def _require_from_zero(variable: Any, lower: Any) -> None:
    require_untied(variable)
    if not (is_plain(variable) and variable.is_positive and manifestly_nonnegative(lower)):
        raise ProofError(f"{variable} has to be a positive variable from zero up")
