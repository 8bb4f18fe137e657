"""Justifications from the shape of a function: convex, increasing, ordered alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from recurate.theory.proving.justifications import (
    require_defined,
    require_smooth,
    require_untied,
    sides,
)
from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import (
    difference,
    is_plain,
    is_strict,
    manifestly_nonnegative,
    resolved_candidates,
    vanishes,
)


@dataclass(frozen=True)
class Tangent:
    """A convex function lies above its tangents.

    Attributes
    ----------
    function, variable : sympy expression and symbol
        The function, whose second derivative has to be manifestly nonnegative.
    point, at : sympy expression
        Where the tangent touches, and where the function is compared with it.
    """

    function: Any
    variable: Any
    point: Any
    at: Any

    def check(self, claim: Any, known: Claims) -> None:
        if isinstance(claim, sympy.Eq) or is_strict(claim):
            raise ProofError("a tangent gives a weak inequality")
        require_smooth(self.function, self.variable)
        _require_nonnegative(sympy.diff(self.function, self.variable, 2))
        for value in (self.point, self.at):
            _require_inside(self.variable, value)
        slope = put_in(sympy.diff(self.function, self.variable), {self.variable: self.point})
        above = (
            put_in(self.function, {self.variable: self.at})
            - put_in(self.function, {self.variable: self.point})
            - slope * (self.at - self.point)
        )
        if not vanishes(difference(claim) - above):
            raise ProofError("the claim is not that the function lies above this tangent")

    def describe(self) -> str:
        return f"{self.function} is convex in {self.variable}: its tangent at {self.point}"


@dataclass(frozen=True)
class Comonotone:
    """From (x - x')(y - y') >= 0 that (x - x')(f(y) - f(y')) >= 0, for f increasing.

    Attributes
    ----------
    of : str
        Label of the known inequality.
    factor : sympy expression
        x - x'.
    pair : pair of sympy expressions
        y and y'.
    function, variable : sympy expression and symbol
        f, whose derivative has to be manifestly nonnegative.
    """

    of: str
    factor: Any
    pair: tuple[Any, Any]
    function: Any
    variable: Any

    def check(self, claim: Any, known: Claims) -> None:
        premise = _weak(known, self.of)
        if isinstance(claim, sympy.Eq) or is_strict(claim):
            raise ProofError("monotony leads from one weak inequality to another")
        require_smooth(self.function, self.variable)
        _require_nonnegative(sympy.diff(self.function, self.variable))
        for value in self.pair:
            _require_inside(self.variable, value)
        if not vanishes(difference(premise) - self.factor * (self.pair[0] - self.pair[1])):
            raise ProofError(f"{self.of} is not about these pairs")
        images = [put_in(self.function, {self.variable: value}) for value in self.pair]
        if not vanishes(difference(claim) - self.factor * (images[0] - images[1])):
            raise ProofError("the claim is not the image of the known inequality")

    def describe(self) -> str:
        return f"{self.function} increases in {self.variable}; applied to a factor of {self.of}"


@dataclass(frozen=True)
class Decreasing:
    """From f(s + y) <= f(s), for all s and y >= 0, that (f(x) - f(x')) (x' - x) >= 0.

    Attributes
    ----------
    of : str
        Label of the known inequality. It must hold for all s and y.
    function, start, step : sympy expression and symbols
        f as an expression in s; s and y.
    pair : pair of sympy expressions
        x and x'.
    """

    of: str
    function: Any
    start: Any
    step: Any
    pair: tuple[Any, Any]

    def check(self, claim: Any, known: Claims) -> None:
        require_untied(self.start)
        require_untied(self.step)
        look_up_general(known, self.of, (self.start, self.step))
        premise = _weak(known, self.of)
        if isinstance(claim, sympy.Eq) or is_strict(claim) or self.function.has(self.step):
            raise ProofError("the values of one function give a weak inequality")
        if not (is_plain(self.start) and is_plain(self.step) and self.step.is_nonnegative):
            raise ProofError(f"{self.step} has to be any number from zero up")
        for value in self.pair:
            _require_inside(self.start, value)
        later = put_in(self.function, {self.start: self.start + self.step})
        if not vanishes(difference(premise) - (self.function - later)):
            raise ProofError(f"{self.of} does not say that {self.function} decreases")
        one, other = (put_in(self.function, {self.start: value}) for value in self.pair)
        product = (one - other) * (self.pair[1] - self.pair[0])
        if not vanishes(difference(claim) - product):
            raise ProofError("the claim is not about the values at this pair")

    def describe(self) -> str:
        return f"{self.function} decreases in {self.start}, by {self.of}"


@dataclass(frozen=True)
class Image:
    """From x = y that f(x) = f(y).

    Attributes
    ----------
    of : str
        Label of x = y.
    function, variable : sympy expression and symbol
        f, and the symbol in it for which x and y are put in.
    given : tuple of str
        Labels of inequalities that show that the divisors in f differ from zero.
    """

    of: str
    function: Any
    variable: Any
    given: tuple[str, ...] = ()

    def check(self, claim: Any, known: Claims) -> None:
        premise = look_up(known, self.of)
        require_untied(self.variable)
        if not (isinstance(claim, sympy.Eq) and isinstance(premise, sympy.Eq)):
            raise ProofError("an image leads from one equation to another")
        images = [put_in(self.function, {self.variable: side}) for side in premise.args]
        for expression in (self.function, *images):
            require_defined(expression, self.given, known)
        if not vanishes(difference(claim) - (images[0] - images[1])):
            raise ProofError("the claim is not the image of the known equation")

    def describe(self) -> str:
        return f"{self.function} in {self.variable}, applied to {self.of}"


def _weak(known: Claims, label: str) -> Any:
    premise = look_up(known, label)
    sides(premise)
    return premise


def _require_nonnegative(slope: Any) -> None:
    if not manifestly_nonnegative(resolved_candidates(slope)):
        raise ProofError(f"the sign of the derivative {slope} cannot be read off")


def _require_inside(variable: Any, value: Any) -> None:
    # Divisors differ from zero, so a quotient is real if its parts are.
    parts = sympy.fraction(sympy.together(value))
    if variable.is_real and not all(part.is_real for part in parts):
        raise ProofError(f"{value} is not known to be real")
    strictly = bool(variable.is_positive)
    if variable.is_nonnegative and not manifestly_nonnegative(value, strictly=strictly):
        raise ProofError(f"{value} is not known to be in the function's domain")
