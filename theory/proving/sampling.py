"""Justifications that take apart means over independent, identically distributed candidates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy

from recurate.theory import notation
from recurate.theory.proving.known import Claims, ProofError, look_up_general
from recurate.theory.proving.means import RANDOM, Mean, PowerSum
from recurate.theory.proving.signs import difference, is_strict, vanishes

OTHERS = (notation.others_weight, notation.others_quantity)
OWN = tuple(symbol for symbol in RANDOM if symbol not in OTHERS)
PRIMED = {
    notation.paired_weight: notation.random_weight,
    notation.paired_quantity: notation.random_quantity,
    notation.paired_time: notation.random_time,
}
"""A second, independent copy of a draw, and the symbol of the first."""


@dataclass(frozen=True)
class Exchangeability:
    """E of the sum over the candidates of g_k^i w_k^j f is K times the mean of one such term.

    Attributes
    ----------
    powers : pair of int
        i and j.
    function : sympy expression
        f, in the sums of the quantities and of the weights over the candidates, PowerSum(1, 0) and
        PowerSum(0, 1): for one candidate, set apart, they are G + J and W + S, where J and S are
        the sums over the K - 1 others.
    """

    powers: tuple[int, int]
    function: Any

    def check(self, claim: Any, known: Claims) -> None:
        if not isinstance(claim, sympy.Eq):
            raise ProofError("exchangeability gives an equation")
        apart = self.function.subs(
            {
                PowerSum(1, 0): notation.random_quantity + notation.others_quantity,
                PowerSum(0, 1): notation.random_weight + notation.others_weight,
            }
        )
        if self.function.has(*RANDOM, *PRIMED) or apart.has(PowerSum):
            raise ProofError("the function has to be one of the sums over all candidates")
        term = notation.random_quantity ** self.powers[0] * notation.random_weight ** self.powers[1]
        total = Mean(PowerSum(*self.powers) * self.function) - notation.K * Mean(term * apart)
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
        _require_functions_of(self.own, forbidden=(*OTHERS, *PRIMED))
        _require_functions_of(self.others, forbidden=(*OWN, *PRIMED))
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
        premise = look_up_general(known, self.of, (notation.weight,))
        if not (isinstance(claim, sympy.Eq) and isinstance(premise, sympy.Eq)):
            raise ProofError("conditioning leads from one equation to another")
        function = premise.lhs
        if not (function.is_Function and notation.weight in function.args):
            raise ProofError(f"{self.of} has to define a function of the weight {notation.weight}")
        _require_functions_of(self.inner, forbidden=(*OWN, *PRIMED))
        _require_functions_of(self.factor, forbidden=(*OTHERS, *PRIMED, notation.weight))
        if not vanishes(premise.rhs - Mean(self.inner)):
            raise ProofError(f"{self.of} is not about the mean of {self.inner}")
        drawn = {notation.weight: notation.random_weight}
        total = Mean(self.factor * self.inner.subs(drawn)) - Mean(
            self.factor * function.subs(drawn)
        )
        if not vanishes(difference(claim) - total):
            raise ProofError("the claim is not the mean over the candidate of that over the others")

    def describe(self) -> str:
        return f"mean over the others first, by {self.of}"


@dataclass(frozen=True)
class OverPairs:
    """Taking expectations over two independent copies (W, G) and (W', G') of a draw."""

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
            if factor.has(PowerSum, notation.density_at, *OTHERS):
                raise ProofError(f"{factor} is about more than two draws")
            if not factor.has(*PRIMED):
                first *= factor
            elif factor.has(*OWN):
                raise ProofError(f"{factor} is no product of functions of each of the two draws")
            else:
                second *= factor.subs(PRIMED)
        total += Mean(first) * Mean(second)
    return total


def _require_functions_of(expression: Any, *, forbidden: tuple[Any, ...]) -> None:
    if sympy.sympify(expression).has(PowerSum, notation.density_at, *forbidden):
        raise ProofError(f"{expression} is not independent of the rest")
