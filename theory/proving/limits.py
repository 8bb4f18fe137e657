"""Justifications about limits: values, squeezing, and continuous images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import sympy

from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general
from recurate.theory.proving.means import put_in
from recurate.theory.proving.signs import is_strict, vanishes


@dataclass(frozen=True)
class LimitValue:
    """A limit, evaluated by computer algebra."""

    variable: Any
    point: Any
    direction: Literal["+", "-"] = "+"

    def check(self, claim: Any, known: Claims) -> None:
        if not (isinstance(claim, sympy.Eq) and isinstance(claim.lhs, sympy.Limit)):
            raise ProofError("a limit has to be an equation with a limit on its left")
        expression, variable, point, _ = claim.lhs.args
        if (variable, point) != (self.variable, self.point):
            raise ProofError(f"the limit is not that of {self.variable} to {self.point}")
        if str(claim.lhs.args[3]) not in (self.direction, "+-" if point.is_finite else "-"):
            raise ProofError("the limit is taken from the other side")
        _require_elementary(expression, variable)
        value = sympy.limit(expression, variable, point, self.direction)
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
        Labels of a limit of l in the variable in which f has its limit, then of a limit of that
        value in a parameter that is free in l (an ε to 0, say), and so on, down to the limit
        claimed; none where l is that value itself. A bound is to hold for every value of its
        parameters on the side from which their limits are taken.
    """

    lower: str
    upper: str
    lower_limits: tuple[str, ...] = ()
    upper_limits: tuple[str, ...] = ()

    def check(self, claim: Any, known: Claims) -> None:
        quantity, variable, point = _limit(claim)
        for label, labels, is_lower in (
            (self.lower, self.lower_limits, True),
            (self.upper, self.upper_limits, False),
        ):
            parameters = [_limit(look_up(known, name))[1] for name in labels]
            smaller, larger = _sides(look_up_general(known, label, (variable, *parameters)))
            inside, value = (larger, smaller) if is_lower else (smaller, larger)
            if not vanishes(inside - quantity):
                raise ProofError(f"{label} does not bound what has the limit")
            for number, name in enumerate(labels):
                # It was taken at one value of the parameters whose limits are taken after it.
                equation = look_up_general(known, name, parameters[number + 1 :])
                expression, parameter, towards = _limit(equation)
                if number == 0 and (parameter, towards) != (variable, point):
                    raise ProofError(f"{name} is not a limit of {variable} to {point}")
                if number and quantity.has(parameter):
                    raise ProofError(f"{parameter} is no parameter of the bound alone")
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
        f, and the symbol in it that x is put in for.
    """

    of: str
    function: Any
    variable: Any

    def check(self, claim: Any, known: Claims) -> None:
        premise = look_up_general(known, self.of)
        inner, index, towards = _limit(premise)
        outer, other_index, other_towards = _limit(claim)
        if (index, towards) != (other_index, other_towards) or self.function.has(index):
            raise ProofError("the limits are not of the same variable to the same point")
        if not vanishes(outer - put_in(self.function, {self.variable: inner})):
            raise ProofError(f"the claim is not about the image of {inner}")
        _require_elementary(self.function, self.variable)
        value = put_in(self.function, {self.variable: premise.rhs})
        for side in "+-":
            beside = sympy.limit(self.function, self.variable, premise.rhs, side)
            if not value.is_finite or not vanishes(beside - value):
                raise ProofError(f"{self.function} is not known to be continuous there")
        if not vanishes(value - claim.rhs):
            raise ProofError(f"the limit is {value}")

    def describe(self) -> str:
        return f"{self.function} is continuous in {self.variable}; applied to {self.of}"


def _require_elementary(expression: Any, variable: Any) -> None:
    functions = expression.atoms(sympy.Function) - expression.atoms(sympy.exp, sympy.log)
    if any(function.has(variable) for function in functions):
        raise ProofError(f"the limit of a function of {variable} that is not known is none known")


def _limit(claim: Any) -> tuple[Any, Any, Any]:
    if not (isinstance(claim, sympy.Eq) and isinstance(claim.lhs, sympy.Limit)):
        raise ProofError("a limit has to be an equation with a limit on its left")
    expression, variable, point, _ = claim.lhs.args
    return expression, variable, point


def _sides(relation: Any) -> tuple[Any, Any]:
    if isinstance(relation, sympy.Eq) or is_strict(relation):
        raise ProofError("squeezing takes weak inequalities")
    smaller, larger = relation.args if isinstance(relation, sympy.Le) else relation.args[::-1]
    return smaller, larger
