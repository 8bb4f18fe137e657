"""Justifications that take apart means over independent, identically distributed candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from recurate.theory.language.draws import (
    PRIMED,
    RANDOM,
    Drawn,
    others_quantity,
    others_weight,
    random_quantity,
    random_time,
    random_weight,
)
from recurate.theory.language.means import Mean, PowerSum, is_random
from recurate.theory.language.notation import K, weight
from recurate.theory.proving.known import Claims, ProofError, look_up_general
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import difference, is_strict, vanishes

# A draw from a law of its own is a Drawn, as are the sums over others. It is not known here which
# of them depend on one another, so all are refused, except the sums over K - 1 others.


@dataclass(frozen=True)
class Exchangeability:
    """E of the sum over the candidates of g_k^i w_k^j f is K times the mean of one such term.

    Attributes
    ----------
    powers : pair of int
        i and j.
    function : sympy expression
        f, in the sums of the quantities and of the weights over the candidates, PowerSum(1, 0) and
        PowerSum(0, 1). With one candidate set apart these are G + J and W + S, where J and S are
        the sums over the K - 1 others.
    """

    powers: tuple[int, int]
    function: Any

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Eq):
            raise ProofError("exchangeability gives an equation")
        apart = self.function.subs(
            {
                PowerSum(1, 0): random_quantity + others_quantity,
                PowerSum(0, 1): random_weight + others_weight,
            }
        )
        if self.function.has(Drawn, *RANDOM, *PRIMED) or apart.has(PowerSum):
            raise ProofError("the function has to be one of the sums over all candidates")
        term = random_quantity ** self.powers[0] * random_weight ** self.powers[1]
        total = Mean(PowerSum(*self.powers) * self.function) - K * Mean(term * apart)
        if not vanishes(difference(claim) - total):
            raise ProofError("the claim is not that the candidates are exchangeable")

    def describe(self) -> str:
        return "the candidates are exchangeable"


@dataclass(frozen=True)
class Independence:
    """E[f h] = E[f] E[h] for a function f of one candidate and a function h of the others."""

    own: Any
    others: Any

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Eq):
            raise ProofError("independence gives an equation")
        _require_own(self.own)
        _require_of_others(self.others)
        product = Mean(self.own * self.others) - Mean(self.own) * Mean(self.others)
        if not vanishes(difference(claim) - product):
            raise ProofError("the claim is not that these are independent")

    def describe(self) -> str:
        return "one candidate is independent of the others"


@dataclass(frozen=True)
class Conditioning:
    """E[f h] = E[f H(W)], where H(w) is known to be the mean of h over the others, for every w.

    Attributes
    ----------
    of : str
        Label of H(w) = E[h], w a constant and h a function of w and of the others.
    inner, factor : sympy expression
        h, and f, a function of the candidate that is set apart.
    """

    of: str
    inner: Any
    factor: Any = sympy.S.One

    def check(self, claim: Any, known: Claims) -> None:
        premise = look_up_general(known, self.of, (weight,))
        if not (isinstance(claim, sympy.Eq) and isinstance(premise, sympy.Eq)):
            raise ProofError("conditioning leads from one equation to another")
        function = premise.lhs
        if not (function.is_Function and weight in function.args) or is_random(function):
            raise ProofError(f"{self.of} has to define a function of the weight {weight}")
        _require_of_others(self.inner)
        _require_own(self.factor)
        if sympy.sympify(self.factor).has(weight):
            raise ProofError(f"{self.factor} has to be about a draw, and not about {weight}")
        if not vanishes(premise.rhs - Mean(self.inner)):
            raise ProofError(f"{self.of} is not about the mean of {self.inner}")
        drawn = {weight: random_weight}
        inner, function = put_in(self.inner, drawn), put_in(function, drawn)
        total = Mean(self.factor * inner) - Mean(self.factor * function)
        if not vanishes(difference(claim) - total):
            raise ProofError("the claim is not the mean over the candidate of that over the others")

    def describe(self) -> str:
        return f"mean over the others first, by {self.of}"


@dataclass(frozen=True)
class OverPairs:
    """The expectations of both sides over two independent copies (W, G) and (W', G') of a draw."""

    of: str

    def check(self, claim: Any, known: Claims) -> None:
        pointwise = look_up_general(known, self.of)
        if isinstance(claim, sympy.Eq) != isinstance(pointwise, sympy.Eq) or is_strict(claim):
            raise ProofError("taking expectations keeps an equation an equation, and >= a >=")
        if not vanishes(difference(claim) - pair_mean(difference(pointwise))):
            raise ProofError("the claim is not the expectation over pairs of the pointwise one")

    def describe(self) -> str:
        return f"expectation of {self.of} over independent pairs"


def pair_mean(expression: Any) -> Any:
    """Return the mean over two independent copies of a sum of products of functions of each."""
    total = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.expand(expression)):
        first, second = sympy.S.One, sympy.S.One
        for factor in sympy.Mul.make_args(term):
            if factor.has(PowerSum, Drawn):
                raise ProofError(f"{factor} is about more than two draws")
            if not factor.has(*PRIMED):
                first *= factor
            elif factor.has(*RANDOM):
                raise ProofError(f"{factor} is not a product of functions of each of the two draws")
            else:
                second *= factor.subs(PRIMED)
        total += Mean(first) * Mean(second)
    return total


def _require_own(expression: Any) -> None:
    if sympy.sympify(expression).has(PowerSum, Drawn, random_time, *PRIMED):
        raise ProofError(f"{expression} is not a function of one candidate")


def _require_of_others(expression: Any) -> None:
    sums = {others_weight: sympy.Dummy(), others_quantity: sympy.Dummy()}
    if sympy.sympify(expression).subs(sums).has(PowerSum, Drawn, *RANDOM, *PRIMED):
        raise ProofError(f"{expression} is not a function of the other candidates")
