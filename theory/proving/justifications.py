"""Ways in which a claim follows, that a program can check.

Computer algebra checks a justification against the step's own claim: alter the claim, and the check
fails. A step that rests on a textbook has `citing.Cited`, and counts as cited, never as verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import sympy

from recurate.theory.language import notation
from recurate.theory.proving.known import Claims, ProofError, inside, look_up
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import (
    difference,
    divisors,
    has_symbol_side,
    is_plain,
    is_smooth,
    is_strict,
    manifestly_nonnegative,
    nonnegative_given,
    opaque,
    ordered,
    resolved_candidates,
    vanishes,
)

TIED = frozenset({*notation.DERIVED, notation.K, notation.lam})
"""Symbols that are tied to one another: κ = 1/K, m + a = 1, a = λ/(1+λ)."""

HYPOTHESIS = "hypothesis"
"""Label of the premise inside an implication."""


def require_defined(
    expression: Any, labels: Iterable[str], known: Claims, like: Iterable[Any] = ()
) -> None:
    """Refuse a division by something that may be zero.

    It is known not to be zero by its form, by the claims with these labels, or since known claims
    (`like`) divide by it too.
    """
    divided = {divisor for claim in like for divisor in divisors(claim)}
    given = [look_up(known, label) for label in labels]
    slacks = [relation for relation in given if has_symbol_side(relation)]
    for divisor in set(divisors(sympy.sympify(expression))) - divided:
        if any(is_strict(r) and vanishes(difference(r) - divisor) for r in given):
            continue
        if not any(nonnegative_given(s * divisor, slacks, strictly=True) for s in (1, -1)):
            raise ProofError(f"{divisor} is not known to differ from zero")


def sides(relation: Any) -> tuple[Any, Any]:
    """Return the smaller and the larger side of an inequality, or raise ProofError."""
    if isinstance(relation, sympy.Eq):
        raise ProofError(f"{relation} is not an inequality")
    return ordered(relation)


def require_smooth(function: Any, variable: Any) -> None:
    """Refuse a function that is not manifestly smooth, or whose variable is not free to move."""
    require_untied(variable)
    if not (is_plain(variable) and is_smooth(function, variable)):
        raise ProofError(f"{function} is not manifestly smooth in {variable}")


def require_untied(variable: Any) -> None:
    """Refuse a variable that is tied to others, such as κ = 1/K, or m and a = 1 - m."""
    if variable in TIED:
        raise ProofError(f"{variable} is tied to others, as m + a = 1 and κ = 1/K are")


class Justification(Protocol):
    """A way in which a claim follows, that a program can check."""

    def check(self, claim: Any, known: Claims) -> None:
        """Raise ProofError unless the claim follows, given the claims known by their labels."""

    def describe(self) -> str:
        """Return the justification in words."""


@dataclass(frozen=True)
class Identity:
    """Both sides are identical; expectations are expanded into moments for every K.

    Attributes
    ----------
    given : tuple of str
        Labels of inequalities that show that the divisors in it differ from zero.
    """

    given: tuple[str, ...] = ()

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Eq):
            raise ProofError("an identity has to be an equation")
        if not vanishes(claim.lhs - claim.rhs):
            raise ProofError("the two sides do not reduce to the same expression")
        require_defined(claim, self.given, known)

    def describe(self) -> str:
        return "identity"


@dataclass(frozen=True)
class Sign:
    """The difference of the two sides has a sign that can be read off.

    Attributes
    ----------
    given : tuple of str
        Labels of inequalities to use. One side of each is a symbol, which is written as the other
        side plus a nonnegative slack.
    form : sympy expression, optional
        The difference in a form whose sign is manifest (a sum of squares, say), before slacks are
        put in. It is checked to be identical to the difference.
    """

    given: tuple[str, ...] = ()
    form: Any = None

    def check(self, claim: Any, known: Claims) -> None:
        if isinstance(claim, sympy.Eq) or not claim.is_Relational:
            raise ProofError("a sign has to be an inequality")
        gap = opaque(difference(claim))
        if self.form is not None:
            if not vanishes(gap - self.form):
                raise ProofError("the difference of the sides is not identical to the form given")
            gap = self.form
        given = [look_up(known, label) for label in self.given]
        if not nonnegative_given(gap, given, strictly=is_strict(claim)):
            raise ProofError(f"the sign of {gap} cannot be read off")
        require_defined(claim, self.given, known)

    def describe(self) -> str:
        return "sign" + (f", with {', '.join(self.given)}" if self.given else "")


@dataclass(frozen=True)
class Combination:
    """The claim is a combination of known claims; inequalities have nonnegative multipliers.

    Attributes
    ----------
    multipliers : mapping
        From the label of a known claim, or a tuple of labels of inequalities that are multiplied,
        to a multiplier. Larger minus smaller side of the claim is identical to the sum of
        multiplier times (larger minus smaller side) of these.
    given : tuple of str
        Labels of inequalities that show the multipliers' signs, and that the divisors differ from
        zero (a strict inequality whose difference is the divisor, say).
    remainder : sympy expression
        One more term in that sum, which is nonnegative.
    """

    multipliers: Mapping[str | tuple[str, ...], Any]
    given: tuple[str, ...] = ()
    remainder: Any = sympy.S.Zero

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Eq) and is_strict(claim):
            raise ProofError("a strict inequality needs a sign of its own")
        total, combined = self.remainder, []
        if total != 0:
            if isinstance(claim, sympy.Eq):
                raise ProofError("an equation leaves no remainder")
            self._require_nonnegative(total, known)
            require_defined(total, self.given, known)
        for labels, multiplier in self.multipliers.items():
            names = (labels,) if isinstance(labels, str) else labels
            if not names:
                raise ProofError("what is combined has to be known")
            premises = [look_up(known, name) for name in names]
            combined += premises
            if not all(isinstance(premise, sympy.Eq) for premise in premises):
                if isinstance(claim, sympy.Eq):
                    raise ProofError("an equation does not follow from inequalities")
                if len(premises) > 1 and any(isinstance(p, sympy.Eq) for p in premises):
                    raise ProofError("only inequalities can be multiplied with one another")
                self._require_nonnegative(multiplier, known)
            require_defined(multiplier, self.given, known)
            total += multiplier * sympy.Mul(*(difference(premise) for premise in premises))
        if not vanishes(difference(claim) - total):
            raise ProofError("the combination of the known claims is not the claim")
        require_defined(claim, self.given, known, like=combined)

    def _require_nonnegative(self, multiplier: Any, known: Claims) -> None:
        given = [look_up(known, name) for name in self.given]
        slacks = [relation for relation in given if has_symbol_side(relation)]
        if not nonnegative_given(sympy.sympify(multiplier), slacks):
            raise ProofError(f"the sign of {multiplier} cannot be read off")

    def describe(self) -> str:
        names = (n if isinstance(n, str) else " times ".join(n) for n in self.multipliers)
        return f"combination of {', '.join(names)}"


@dataclass(frozen=True)
class Reciprocal:
    """From 0 < x, or x > 0, that 0 < 1/x."""

    of: str

    def check(self, claim: Any, known: Claims) -> None:
        positive = look_up(known, self.of)
        if not (is_strict(claim) and is_strict(positive)):
            raise ProofError("a reciprocal needs strict inequalities")
        if not vanishes(difference(claim) * difference(positive) - 1):
            raise ProofError(f"the claim is not about the reciprocal of {self.of}")

    def describe(self) -> str:
        return f"reciprocal of {self.of}"


@dataclass(frozen=True)
class Monotone:
    """From x <= y that f(x) <= f(y), for a function whose derivative is manifestly nonnegative.

    Attributes
    ----------
    of : str
        Label of x <= y.
    function, variable : sympy expression and symbol
        f, and the symbol in it for which x and y are put in; both have to meet its assumptions.
    """

    of: str
    function: Any
    variable: Any

    def check(self, claim: Any, known: Claims) -> None:
        smaller, larger = sides(look_up(known, self.of))
        if isinstance(claim, sympy.Eq) or is_strict(claim):
            raise ProofError("monotony leads from one weak inequality to another")
        slope = sympy.diff(self.function, self.variable)
        if not manifestly_nonnegative(resolved_candidates(slope)):
            raise ProofError(f"the sign of the derivative {slope} cannot be read off")
        # It might fall where it jumps, or between the integers.
        require_smooth(self.function, self.variable)
        # The domain is a half-line or the line: the larger side is in it if the smaller one is.
        for assumption in ("positive", "nonnegative"):
            if self.variable.assumptions0.get(assumption) and not getattr(
                smaller, f"is_{assumption}"
            ):
                raise ProofError(f"{smaller} is not known to be in the function's domain")
        images = [put_in(self.function, {self.variable: side}) for side in (larger, smaller)]
        if not vanishes(difference(claim) - (images[0] - images[1])):
            raise ProofError("the claim is not the image of the known inequality")

    def describe(self) -> str:
        return f"{self.function} increases in {self.variable}; applied to {self.of}"


@dataclass(frozen=True)
class Supposing:
    """An implication: its conclusion follows when its premise is known as "hypothesis"."""

    conclusion: Justification

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Implies):
            raise ProofError("supposing something has to end in an implication")
        premise, conclusion = claim.args
        self.conclusion.check(conclusion, inside(known, {HYPOTHESIS: premise}))

    def describe(self) -> str:
        return f"supposing the hypothesis: {self.conclusion.describe()}"
