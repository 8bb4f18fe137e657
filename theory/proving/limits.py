"""Justifications about limits: values, squeezing, and continuous images."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import Any, Literal

import sympy

from recurate.theory.language import notation
from recurate.theory.proving.justifications import TIED, require_untied, sides
from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import (
    is_natural,
    is_plain,
    is_strict,
    manifestly_nonnegative,
    require_explicit,
    vanishes,
)


@dataclass(frozen=True)
class LimitValue:
    """The limit of a rational function, if it is finite for all parameters.

    Divisors, or at infinity their leading coefficients, have to differ manifestly from zero there.
    """

    variable: Any
    point: Any
    direction: Literal["+", "-"] = "+"

    def check(self, claim: Any, known: Claims) -> None:
        if not (isinstance(claim, sympy.Eq) and isinstance(claim.lhs, sympy.Limit)):
            raise ProofError("a limit has to be an equation with a limit on its left")
        expression, variable, point, _ = claim.lhs.args
        if (variable, point) != (self.variable, self.point):
            raise ProofError(f"the limit is not that of {self.variable} to {self.point}")
        if str(claim.lhs.args[3]) != ("-" if point == sympy.oo else self.direction):
            raise ProofError("the limit is taken from the other side")
        _require_movable(claim)
        value = limit_of(expression, variable, point)
        if not vanishes(value - claim.rhs):
            raise ProofError(f"the limit is {value}")

    def describe(self) -> str:
        return f"limit of {self.variable} to {self.point}"


@dataclass(frozen=True)
class Squeeze:
    """A quantity between two others has the limit that both of them have.

    Attributes
    ----------
    lower, upper : str
        Labels of l <= f and f <= u.
    lower_limits, upper_limits : tuple of str
        Labels of limits: of l in the variable in which f has its limit, then of that value in a
        parameter that is free in l (an ε to 0, say), and so on, down to the limit that is claimed.
        They are empty if l is that limit itself. A bound has to hold for every value of its
        parameters on the side from which their limits are taken.
    """

    lower: str
    upper: str
    lower_limits: tuple[str, ...] = ()
    upper_limits: tuple[str, ...] = ()

    def check(self, claim: Any, known: Claims) -> None:
        quantity, variable, *point = _limit(claim)
        _require_movable(claim)
        for label, labels, is_lower in (
            (self.lower, self.lower_limits, True),
            (self.upper, self.upper_limits, False),
        ):
            parameters = [_limit(look_up(known, name))[1] for name in labels]
            relation = look_up_general(known, label, (variable, *parameters))
            if is_strict(relation):
                raise ProofError("squeezing takes weak inequalities")
            smaller, larger = sides(relation)
            inside, value = (larger, smaller) if is_lower else (smaller, larger)
            if not vanishes(inside - quantity):
                raise ProofError(f"{label} does not bound what has the limit")
            for number, name in enumerate(labels):
                # It was taken at one value of the parameters whose limits come after it.
                equation = look_up_general(known, name, parameters[number + 1 :])
                expression, parameter, *towards = _limit(equation)
                _require_movable(equation)
                if number == 0 and (parameter, towards) != (variable, point):
                    raise ProofError(f"{name} is not a limit of {variable} to {point[0]}")
                if number and quantity.has(parameter):
                    raise ProofError(f"{parameter} is not a parameter of the bound alone")
                if not vanishes(expression - value):
                    raise ProofError(f"{name} is not the limit of {value}")
                value = equation.rhs
            if value.has(variable) or not vanishes(value - claim.rhs):
                raise ProofError(f"{label} leads to {value}")

    def describe(self) -> str:
        return f"squeezed between {self.lower} and {self.upper}"


@dataclass(frozen=True)
class ContinuousImage:
    """From the limit of x that of f(x), for f continuous there.

    Attributes
    ----------
    of : str
        Label of the limit of x.
    function, variable : sympy expression and symbol
        f, and the symbol in it for which x is put in.
    """

    of: str
    function: Any
    variable: Any

    def check(self, claim: Any, known: Claims) -> None:
        premise = look_up_general(known, self.of)
        inner, index, *towards = _limit(premise)
        outer, other_index, *other_towards = _limit(claim)
        if (index, towards) != (other_index, other_towards) or self.function.has(index):
            raise ProofError("the limits are not of the same variable to the same point")
        require_explicit(self.function, (index,))
        require_untied(self.variable)
        if not vanishes(outer - put_in(self.function, {self.variable: inner})):
            raise ProofError(f"the claim is not about the image of {inner}")
        if premise.rhs.has(index) or premise.rhs.has(sympy.oo, sympy.zoo, sympy.nan):
            raise ProofError(f"{self.of} has no finite limit")
        value = limit_of(self.function, self.variable, premise.rhs)
        if not vanishes(value - claim.rhs):
            raise ProofError(f"the limit is {value}")

    def describe(self) -> str:
        return f"{self.function} is continuous in {self.variable}; applied to {self.of}"


def limit_of(expression: Any, variable: Any, point: Any) -> Any:
    """Return the limit of an expression in a variable, if its form shows a finite limit.

    Sums, products, powers, exponentials and logarithms tend to their values where they are
    manifestly continuous. At infinity a rational function has the limit of its leading terms, and
    an exponential that of its exponent.

    Raises
    ------
    ProofError
        If the form does not show it.
    """
    expression = sympy.sympify(expression)
    if not expression.has(variable):
        return expression
    if expression == variable and point.is_finite is not False:
        return point
    if point == sympy.oo and expression.is_rational_function(variable):
        return _leading(expression, variable)
    if point == sympy.oo and isinstance(expression, sympy.exp) and _falls(expression, variable):
        return sympy.S.Zero
    if not (expression.is_Add or expression.is_Mul or expression.is_Pow):
        if not isinstance(expression, sympy.exp | sympy.log):
            raise ProofError(f"the limit of {expression} is not known")
    elif expression.is_Pow and expression.exp.has(variable):
        raise ProofError(f"the limit of {expression} is not known")
    parts = [limit_of(part, variable, point) for part in expression.args]
    if not _is_continuous(expression, parts):
        raise ProofError(f"{expression} is not known to be continuous there")
    return expression.func(*parts)


def _is_continuous(expression: Any, parts: list[Any]) -> bool:
    """Return whether a function is manifestly continuous where its arguments have these values."""
    if isinstance(expression, sympy.log):
        return manifestly_nonnegative(parts[0], strictly=True)
    if not expression.is_Pow or (expression.exp.is_integer and expression.exp.is_nonnegative):
        return True
    base, exponent = parts
    if manifestly_nonnegative(base, strictly=True):
        return True
    if exponent.is_integer:
        return manifestly_nonnegative(-base, strictly=True)
    rises = manifestly_nonnegative(exponent, strictly=True)
    return rises and manifestly_nonnegative(expression.base) and manifestly_nonnegative(base)


def _leading(expression: Any, variable: Any) -> Any:
    """Return the limit of a rational function at infinity."""
    top, bottom = (
        _polynomial(part, variable) for part in sympy.fraction(sympy.together(expression))
    )
    degree = bottom.degree()
    if not any(manifestly_nonnegative(s * bottom.LC(), strictly=True) for s in (1, -1)):
        raise ProofError(f"{bottom.LC()} is not known to differ from zero")
    if not all(vanishes(top.nth(n)) for n in range(degree + 1, top.degree() + 1)):
        raise ProofError(f"{expression} is not known to have a finite limit")
    return top.nth(degree) / bottom.LC()


def _polynomial(expression: Any, variable: Any) -> Any:
    """Return an expression as a polynomial, faster than by expanding it."""
    if expression.is_Add or expression.is_Mul:
        combine = operator.add if expression.is_Add else operator.mul
        return functools.reduce(combine, (_polynomial(x, variable) for x in expression.args))
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return _polynomial(expression.base, variable) ** int(expression.exp)
    return sympy.Poly(expression, variable)


def _falls(expression: Any, variable: Any) -> bool:
    """Return whether the exponent of an exponential manifestly tends to minus infinity."""
    exponent = sympy.expand(expression.args[0])
    if not exponent.is_polynomial(variable):
        return False
    polynomial = sympy.Poly(exponent, variable)
    return polynomial.degree() > 0 and manifestly_nonnegative(-polynomial.LC(), strictly=True)


def _require_movable(claim: Any) -> None:
    """Refuse a limit in a variable that does not come close to the point from that side.

    Also refuse a variable on which something depends without showing it.
    """
    expression, variable, point, direction = _limit(claim)
    for side in (expression, claim.rhs):
        require_explicit(side, (variable,))
    moves = is_plain(variable) and variable not in TIED - {notation.lam}
    if point == sympy.oo:
        reached = moves or is_natural(variable) or variable == notation.K
    elif variable.is_nonnegative:
        reached = moves and manifestly_nonnegative(point, strictly=direction != "+")
    else:
        reached = moves and point.is_real
    if not reached:
        raise ProofError(f"{variable} does not come close to {point} from that side")


def _limit(claim: Any) -> tuple[Any, Any, Any, str]:
    if not (isinstance(claim, sympy.Eq) and isinstance(claim.lhs, sympy.Limit)):
        raise ProofError("a limit has to be an equation with a limit on its left")
    expression, variable, point, direction = claim.lhs.args
    return expression, variable, point, str(direction)
