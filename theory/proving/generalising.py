"""Justifications that generalise: from every value to other values, to a sum or to a mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy
from sympy.logic.boolalg import BooleanFunction

from recurate.theory.language.means import Mean, sum_over_candidates
from recurate.theory.proving.justifications import require_defined, require_untied
from recurate.theory.proving.known import Claims, ProofError, look_up, look_up_general
from recurate.theory.proving.putting_in import substituted
from recurate.theory.proving.signs import (
    difference,
    is_natural,
    is_strict,
    manifestly_nonnegative,
    vanishes,
)

_SIGNS = ("nonnegative", "positive", "nonzero", "negative", "nonpositive")
_KINDS = ("real", "integer", "even", "odd", *_SIGNS)
"""Assumptions of symbols for which values may be put in."""


@dataclass(frozen=True)
class Summed:
    """A claim about one candidate summed over all, or a claim about two summed over all pairs."""

    of: str
    pairs: bool = False

    def check(self, claim: Any, known: Claims) -> None:
        pointwise = look_up_general(known, self.of)
        if isinstance(claim, sympy.Eq) != isinstance(pointwise, sympy.Eq) or is_strict(claim):
            raise ProofError("summing keeps an equation an equation, and >= a >=")
        try:
            total = sum_over_candidates(difference(pointwise), pairs=self.pairs)
        except ValueError as error:
            raise ProofError(str(error)) from error
        if not vanishes(difference(claim) - total):
            raise ProofError("the claim is not the sum of the one for each candidate")

    def describe(self) -> str:
        return f"sum of {self.of} over all {'pairs of ' if self.pairs else ''}candidates"


@dataclass(frozen=True)
class UnderMean:
    """The expectations of both sides of a claim that holds for every draw of the candidates."""

    of: str

    def check(self, claim: Any, known: Claims) -> None:
        pointwise = look_up_general(known, self.of)
        if isinstance(claim, sympy.Eq) != isinstance(pointwise, sympy.Eq) or is_strict(claim):
            raise ProofError("taking expectations keeps an equation an equation, and >= a >=")
        if not vanishes(difference(claim) - Mean(difference(pointwise))):
            raise ProofError("the claim is not the expectation of the pointwise one")

    def describe(self) -> str:
        return f"expectation of {self.of}"


@dataclass(frozen=True)
class Substitution:
    """A known claim with other values put in for some of its symbols.

    Attributes
    ----------
    of : str
        Label of the known claim. It must hold for all values that the replaced symbols may have by
        their own assumptions.
    values : mapping
        From symbols to what replaces them.
    signs : mapping
        From a replaced symbol that is assumed to be nonnegative to the label of the known claim
        "its value >= 0", if that cannot be read off.
    given : tuple of str
        Labels of inequalities that show that the divisors in the values differ from zero.
    """

    of: str
    values: Mapping[Any, Any]
    signs: Mapping[Any, str] = field(default_factory=dict)
    given: tuple[str, ...] = ()

    def check(self, claim: Any, known: Claims) -> None:
        self.check_from(look_up_general(known, self.of, self.values), claim, known)

    def check_from(self, premise: Any, claim: Any, known: Claims) -> None:
        """Check that the claim is this premise with the values put in."""
        for symbol, value in self.values.items():
            self._require_free(symbol, sympy.sympify(value))
            require_defined(value, self.given, known)
        premise = substituted(premise, self.values)
        if isinstance(claim, sympy.Implies) or isinstance(premise, sympy.Implies):
            if claim != premise:
                raise ProofError(f"the claim is not {self.of} with these values")
        elif not same_claim(claim, premise):
            raise ProofError(f"the claim is not {self.of} with these values")
        for symbol, value in self.values.items():
            self._require_sign(symbol, value, known)

    @staticmethod
    def _require_free(symbol: Any, value: Any) -> None:
        """Refuse what is not a symbol, or is tied to others, or may not have this value."""
        if not symbol.is_Symbol:
            raise ProofError(f"{symbol} is not a symbol")
        require_untied(symbol)
        kind = {name: True for name in _KINDS if symbol.assumptions0.get(name)}
        if sympy.Symbol("x", **kind).assumptions0 != symbol.assumptions0:
            raise ProofError(f"{symbol} is more than {', '.join(kind)}")
        for name in ("real", "nonzero", "negative", "nonpositive", "even", "odd"):
            follows = name in ("nonzero", "real") and symbol.is_nonnegative  # from its sign
            given = symbol.assumptions0.get(name) and not follows
            # Divisors differ from zero, so a quotient is real if its parts are.
            parts = sympy.fraction(sympy.together(value)) if name == "real" else (value,)
            if given and not all(getattr(part, f"is_{name}") for part in parts):
                raise ProofError(f"{symbol} is {name}, and {value} is not known to be")

    def _require_sign(self, symbol: Any, value: Any, known: Claims) -> None:
        value = sympy.sympify(value)
        if symbol.is_integer and not value.is_integer:
            raise ProofError(
                f"{symbol} is assumed to be an integer, and {value} is not known to be"
            )
        if not symbol.is_nonnegative or manifestly_nonnegative(
            value, strictly=bool(symbol.is_positive)
        ):
            return
        if symbol not in self.signs:
            raise ProofError(f"{symbol} is assumed to have a sign, and {value} is not known to")
        sign = look_up(known, self.signs[symbol])
        if isinstance(sign, sympy.Eq) or not vanishes(difference(sign) - value):
            raise ProofError(f"{self.signs[symbol]} does not say which sign {value} has")
        if symbol.is_positive and not is_strict(sign):
            raise ProofError(f"{symbol} is assumed to be positive, and {value} may be zero")

    def describe(self) -> str:
        values = ", ".join(f"{symbol} = {value}" for symbol, value in self.values.items())
        return f"{self.of} with {values}"


@dataclass(frozen=True)
class Induction:
    """A claim for every integer from a start on: by its first case, and by the step to t + 1.

    Attributes
    ----------
    variable : sympy symbol
        The integer t.
    start : int
        The first t. It must be the lowest value that the symbol can have, so that the claim holds
        for all values. A claim for t >= 1 is written for t + 1.
    base, step : str
        Labels of the claim at the start, and of the implication from t to t + 1.
    """

    variable: Any
    start: int
    base: str
    step: str

    def check(self, claim: Any, known: Claims) -> None:
        lowest = 1 if self.variable.is_positive else 0
        if not (is_natural(self.variable) and self.start == lowest):
            raise ProofError(f"{self.variable} has to run over the integers from {self.start} on")
        first = substituted(claim, {self.variable: self.start})
        if not same_claim(first, look_up(known, self.base)):
            raise ProofError(f"{self.base} is not the claim at {self.variable} = {self.start}")
        implication = look_up_general(known, self.step, (self.variable,))
        following = substituted(claim, {self.variable: self.variable + 1})
        if not isinstance(implication, sympy.Implies):
            raise ProofError(f"{self.step} is not an implication")
        if not (
            same_claim(claim, implication.args[0]) and same_claim(following, implication.args[1])
        ):
            raise ProofError(f"{self.step} does not lead from {self.variable} to the next")

    def describe(self) -> str:
        return f"induction on {self.variable} from {self.start}, by {self.base} and {self.step}"


def same_claim(one: Any, other: Any) -> bool:
    """Return whether two claims say the same, up to algebra in the sides of a relation.

    Predicates likewise say the same up to algebra in their arguments. Anything else is compared as
    written.
    """
    if not (one.is_Relational and other.is_Relational):
        is_predicate = one.is_Function and not isinstance(one, BooleanFunction)
        if not (is_predicate and one.func == other.func and len(one.args) == len(other.args)):
            return bool(one == other)
        return all(vanishes(left - right) for left, right in zip(one.args, other.args, strict=True))

    def kind(claim: Any) -> tuple[bool, bool]:
        return isinstance(claim, sympy.Eq), is_strict(claim)

    return kind(one) == kind(other) and vanishes(difference(one) - difference(other))
