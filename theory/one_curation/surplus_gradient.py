"""The law of the winner is the gradient of the expected surplus, as in discrete choice."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.hypotheses import one_candidate
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    LimitValue,
    Monotone,
    Proof,
    Squeeze,
    Step,
    Substitution,
    Tangent,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

reward_raise = sympy.Symbol("epsilon", real=True)
"""ε, by how much the rewards in the set B are raised, B = {x} for the derivative in r(x)."""

_step = sympy.Symbol("h", positive=True)
"""A raise h > 0."""

curated_mass = sympy.Symbol("Tp(B)", nonnegative=True)
"""T(p)(B), the probability that the winner of K candidates is in B."""

_exponent = sympy.Symbol("x", real=True)
_value = sympy.Symbol("y", positive=True)


class chance(Drawn):
    """Chance that the winner of K candidates, drawn from the law, is in B."""

    plain, typeset = "c_{}", r"c_{@}"
    is_nonnegative = True


class raised_weight(Drawn):
    """Sum of e^{r_k} over K candidates from p, with the rewards in B raised by the argument."""

    plain, typeset = "R_[{}]", r"R_{@}"
    is_positive = True


_c = chance(one_law)
_weight, _raised = raised_weight(sympy.S.Zero), raised_weight(reward_raise)
_power = sympy.exp(reward_raise * _c)
_largest = reward_raise * sympy.exp(reward_raise)  # at least e^ε - 1


def surplus(raised: Any) -> Any:
    """Return E log Σ e^{r_k} with the rewards in B raised by this much."""
    return Mean(sympy.log(raised_weight(raised)))


lowest_gain = reward_raise * curated_mass
highest_gain = sympy.exp(reward_raise) * lowest_gain
_gain = surplus(reward_raise) - surplus(sympy.S.Zero)
_quotient = (surplus(_step) - surplus(sympy.S.Zero)) / _step
_claim = equal(sympy.Limit(_quotient, _step, 0), curated_mass)


def _raised_by(bound: Any) -> Any:
    return bound.xreplace({reward_raise: _step})


_proof = Proof(
    general={"raised": (reward_raise,)},
    supposed={
        "at most one": at_most(_c, 1),
        # e^ε times what those in B weigh, which is c of all
        "raised": equal(_raised, _weight * (1 - _c) + _weight * _c * sympy.exp(reward_raise)),
        "choice": equal(curated_mass, Mean(_c)),
    },
    steps=(
        Step(
            "tangent at 1",
            at_least(sympy.exp(reward_raise), _power * (1 + reward_raise * (1 - _c))),
            "The exponential is convex, and lies above its tangent at ε c: here at ε.",
            Tangent(sympy.exp(_exponent), _exponent, reward_raise * _c, reward_raise),
        ),
        Step(
            "tangent at 0",
            at_least(1, _power * (1 - reward_raise * _c)),
            "And at 0.",
            Tangent(sympy.exp(_exponent), _exponent, reward_raise * _c, sympy.S.Zero),
        ),
        Step(
            "weight from below",
            at_least(_raised, _weight * _power),
            "Raising r by ε in B multiplies the weight of the candidates there, c of all, by e^ε; "
            "and 1 - c + c e^ε is at least e^{ε c}.",
            Combination(
                {
                    "raised": 1,
                    "tangent at 1": _weight * _c,
                    ("at most one", "tangent at 0"): _weight,
                }
            ),
        ),
        Step(
            "sample from below",
            at_least(sympy.log(_raised), sympy.log(_weight) + reward_raise * _c),
            "So the logarithm of the sum of weights grows by at least ε c.",
            Monotone("weight from below", sympy.log(_value), _value),
        ),
        Step(
            "tangent at the raise",
            at_least(1, sympy.exp(reward_raise) - _largest),
            "The tangent of the exponential at ε says that e^ε - 1 is at most ε e^ε.",
            Tangent(sympy.exp(_exponent), _exponent, reward_raise, sympy.S.Zero),
        ),
        Step(
            "exponential",
            at_least(sympy.exp(_largest * _c), 1 + _largest * _c),
            "The tangent at 0 says that 1 + x is at most e^x.",
            Tangent(sympy.exp(_exponent), _exponent, sympy.S.Zero, _largest * _c),
        ),
        Step(
            "weight from above",
            at_most(_raised, _weight * sympy.exp(_largest * _c)),
            "So 1 - c + c e^ε is at most e^x with x = c ε e^ε.",
            Combination(
                {
                    "raised": -1,
                    "tangent at the raise": _weight * _c,
                    "exponential": _weight,
                }
            ),
        ),
        Step(
            "sample from above",
            at_most(sympy.log(_raised), sympy.log(_weight) + _largest * _c),
            "And the logarithm grows by at most x.",
            Monotone("weight from above", sympy.log(_value), _value),
        ),
        Step(
            "mean from below",
            at_least(surplus(reward_raise), surplus(sympy.S.Zero) + reward_raise * Mean(_c)),
            "In the mean over the candidates.",
            UnderMean("sample from below"),
        ),
        Step(
            "mean from above",
            at_most(surplus(reward_raise), surplus(sympy.S.Zero) + _largest * Mean(_c)),
            "Likewise from above.",
            UnderMean("sample from above"),
        ),
        Step(
            "gain from below",
            at_least(_gain, lowest_gain),
            "The mean of c is the chance that the winner is in B: for every real ε the surplus "
            "grows by at least ε T(p)(B).",
            Combination({"mean from below": 1, "choice": -reward_raise}),
        ),
        Step(
            "gain from above",
            at_most(_gain, highest_gain),
            "And by at most e^ε times that.",
            Combination({"mean from above": 1, "choice": _largest}),
        ),
        *(
            Step(
                f"raise, {where}",
                relation(_raised_by(_gain), _raised_by(bound)),
                "Let ε = h > 0.",
                Substitution(f"gain {where}", {reward_raise: _step}),
            )
            for where, relation, bound in (
                ("from below", at_least, lowest_gain),
                ("from above", at_most, highest_gain),
            )
        ),
        Step(
            "quotient from below",
            at_least(_quotient, curated_mass),
            "The difference quotient is at least T(p)(B).",
            Combination({"raise, from below": 1 / _step}),
        ),
        Step(
            "quotient from above",
            at_most(_quotient, sympy.exp(_step) * curated_mass),
            "And at most e^h T(p)(B).",
            Combination({"raise, from above": 1 / _step}),
        ),
        Step(
            "vanishing raise",
            equal(sympy.Limit(sympy.exp(_step) * curated_mass, _step, 0), curated_mass),
            "As h vanishes, this tends to T(p)(B) too.",
            LimitValue(_step, 0),
        ),
        Step(
            "claim",
            _claim,
            "So that is the derivative from the right. From the left, ε < 0, the quotient lies "
            "between e^ε T(p)(B) and T(p)(B).",
            Squeeze(
                "quotient from below", "quotient from above", upper_limits=("vanishing raise",)
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="surplus-gradient",
    label="Gradient of the surplus",
    title="The law of the winner is the gradient of E log Σ e^{r_k} in the rewards",
    kind="ours",
    hypotheses=(
        one_candidate("choice"),
        Hypothesis(
            "choice",
            "K candidates, independent and from p; Bradley–Terry choice",
            carried_by=("choice", "at most one", "raised"),
        ),
        Hypothesis("finite_surplus", "E log Σ e^{r_k} is finite", carried_by=("raised",)),
    ),
    claim=_claim,
    equality_cases=("it is an equation",),
    proof=_proof,
    law="over K independent candidates from p",
    infinite_candidates=(
        "The surplus less log K is then log E_p e^r, and its derivative in r(x) is "
        "p(x) e^{r(x)}/E_p e^r, T(p)(x) by lemma-2.1-limit"
    ),
    remarks=(
        "With B = {x}: T(p)(x) = ∂/∂r(x) E log Σ e^{r_k}, the theorem of Williams, Daly and "
        "Zachary for random choice sets. For a direction g, d/dε E log Σ e^{r_k + ε g_k} is "
        "E_{T(p)} g at ε = 0.",
        "For every real ε the surplus grows by at least ε T(p)(B) and at most ε e^ε T(p)(B) if "
        "the rewards in B are raised by ε: no limit is needed to test it.",
        "The surplus is convex in r: for rewards r and r', (T_{r'}(p) - T_r(p))·(r' - r) >= 0, and "
        "likewise round any cycle of rewards.",
        "The surplus is what a person can expect of a choice among K, up to Euler's constant, if "
        "the Gumbel noise of a Bradley–Terry choice is part of that person's utility (Williams "
        "1977).",
    ),
)
