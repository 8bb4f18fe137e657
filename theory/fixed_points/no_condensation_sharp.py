"""With enough real data no atom appears at the largest weight: one threshold for all K."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.hypotheses import several_candidates
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Contradiction,
    Exchangeability,
    Identity,
    Independence,
    Proof,
    Sign,
    Step,
    StrictCombination,
    StrictlyUnderMean,
    UnderMean,
    UnderSupposition,
)
from recurate.theory.statement import Hypothesis, Statement

_atom = sympy.Symbol("p_w*", nonnegative=True)
"""Mass of the fixed point's atom at w_*."""
_claim = equal(_atom, 0)
_a, _kappa = synthetic_fraction, inverse_candidates
_W, _S, _G = random_weight, others_weight, random_quantity
_in_atom = less(0, _atom)
_room = max_weight - mean_weight  # w_* - μ

_lighter = max_weight - _W
_both = (max_weight + _S) * (_W + _S)
_top_chance = Mean(1 / (max_weight + _S))  # H(w_*) = K w_* times this
_quotient = _S / _both  # (H(w_*) - H(w))/(K (w_* - w)) is its mean over the others
_at_top = _S / (max_weight + _S) ** 2
_gap, _squared = _lighter * _quotient, _lighter**2 * _quotient
_weights = PowerSum(0, 1)


def _even(total: Any) -> Any:
    """Return 1/(w_* + S), where each of the candidates had the same share of the total weight."""
    return 1 / (max_weight + (1 - _kappa) * total)


_even_apart = _even(_W + _S)


def _if_atom(claim: Any) -> Any:
    return implies(_in_atom, claim)


_proof = Proof(
    supposed={
        "several candidates": at_least(K, 2),
        "weight of the others": less(0, _S),
        "not constant": less(mean_weight, max_weight),
        "indicator": equal(_G**2, _G),
        "at the top": equal(_G * _W, max_weight * _G),
        "atom": equal(_atom, Moment(1, 0)),
        "enough real data": at_most(_a, _kappa + (1 - _kappa) * mean_weight / max_weight),
        "choice": equal(next_mean_weight, Mean(PowerSum(0, 2) / _weights)),
        # p = m p_ref + a T(p): its mean weight, and its mass at w_*, where p_ref has none
        "fixed point": equal(Moment(0, 1), (1 - _a) * mean_weight + _a * next_mean_weight),
        "fixed point at the top": equal(_atom, _a * K * max_weight * _top_chance * _atom),
    },
    steps=(
        Step(
            "gap",
            equal(_gap, max_weight / (max_weight + _S) - _W / (_W + _S)),
            "A candidate of weight w_* wins more often than one of weight w: in the mean over the "
            "others, by (w_* - w) E[S/((w_* + S)(w + S))].",
            Identity(),
        ),
        Step(
            "mean gap",
            equal(Mean(_gap), max_weight * _top_chance - Mean(_W / (_W + _S))),
            "The same in the mean over the candidate.",
            UnderMean("gap"),
        ),
        Step(
            "one winner",
            equal(Mean(_weights / _weights), K * Mean(_W / (_W + _S))),
            "Each of the K candidates wins with probability 1/K.",
            Exchangeability((0, 1), 1 / _weights),
        ),
        Step(
            "squared gap",
            equal(_squared, _lighter * (max_weight / (max_weight + _S) - _W / (_W + _S))),
            "Times w_* - w.",
            Combination({"gap": _lighter}),
        ),
        Step(
            "mean squared gap",
            equal(
                Mean(_squared),
                max_weight**2 * _top_chance
                - max_weight * Mean(_W / (max_weight + _S))
                - max_weight * Mean(_W / (_W + _S))
                + Mean(_W**2 / (_W + _S)),
            ),
            "In the mean.",
            UnderMean("squared gap"),
        ),
        Step(
            "independent",
            equal(Mean(_W / (max_weight + _S)), Moment(0, 1) * _top_chance),
            "A candidate is independent of the others.",
            Independence(_W, 1 / (max_weight + _S)),
        ),
        Step(
            "curated mean",
            equal(Mean(PowerSum(0, 2) / _weights), K * Mean(_W**2 / (_W + _S))),
            "The winner's mean weight is K E[w²/(w + S)].",
            Exchangeability((0, 2), 1 / _weights),
        ),
        Step(
            "growth",
            _if_atom(equal(_a * K * max_weight * _top_chance, 1)),
            "Suppose there is an atom at w_*. It is multiplied by a H(w_*) and stays the same: "
            "a H(w_*) = 1.",
            UnderSupposition(
                Combination({"fixed point at the top": -1 / _atom}, given=("hypothesis",))
            ),
        ),
        Step(
            "gap known",
            _if_atom(equal(Mean(_gap), (1 - _a) * max_weight * _top_chance)),
            "So H(w_*) - 1, the mean of H(w_*) - H(w), is m H(w_*).",
            UnderSupposition(Combination({"mean gap": 1, "one winner": 1 / K, "growth": 1 / K})),
        ),
        Step(
            "squared gap known",
            _if_atom(equal(Mean(_squared), (1 - _a) * max_weight * _top_chance * _room)),
            "And the mean of (w_* - w)(H(w_*) - H(w)) is m H(w_*) (w_* - μ), by the fixed point's "
            "mean weight.",
            UnderSupposition(
                Combination(
                    {
                        "mean squared gap": 1,
                        "independent": -max_weight,
                        "one winner": max_weight / K,
                        "curated mean": -1 / K,
                        "choice": -1 / K,
                        "growth": (max_weight - next_mean_weight) / K,
                        "fixed point": -max_weight * _top_chance,
                    }
                )
            ),
        ),
        Step(
            "quotient at the top",
            equal(_G * _quotient, _G * _at_top),
            "At the atom w is w_*.",
            Combination({"at the top": -_S / ((max_weight + _S) ** 2 * (_W + _S))}),
        ),
        Step(
            "squares",
            at_least(_squared - 2 * _room * _gap + _room**2 * _quotient, _room**2 * _G * _at_top),
            "Cauchy–Schwarz: off the atom, the square of (w_* - w) - (w_* - μ) is nonnegative; at "
            "the atom it is (w_* - μ)².",
            Combination(
                {
                    "at the top": -_quotient * (_lighter - 2 * _room),
                    "indicator": -_quotient * (_lighter - _room) ** 2,
                    "quotient at the top": _room**2,
                },
                remainder=_quotient * (1 - _G) ** 2 * (_lighter - _room) ** 2,
            ),
        ),
        Step(
            "mean squares",
            at_least(
                Mean(_squared) - 2 * _room * Mean(_gap) + _room**2 * Mean(_quotient),
                _room**2 * Mean(_G * _at_top),
            ),
            "The same in the mean.",
            UnderMean("squares"),
        ),
        Step(
            "atom apart",
            equal(Mean(_G * _at_top), Moment(1, 0) * Mean(_at_top)),
            "The candidate is independent of the others.",
            Independence(_G, _at_top),
        ),
        Step(
            "some weight",
            less(0, _at_top),
            "The others have some weight.",
            Sign(given=("weight of the others",)),
        ),
        Step(
            "mean of some weight",
            less(0, Mean(_at_top)),
            "The same in the mean.",
            StrictlyUnderMean("some weight"),
        ),
        Step(
            "rest",
            _if_atom(less(0, _room**2 * _atom * Mean(_at_top))),
            "So the right-hand side, at an atom, is positive.",
            UnderSupposition(Sign(given=("hypothesis", "mean of some weight", "not constant"))),
        ),
        Step(
            "unequal shares",
            at_least(
                (1 - _kappa) / (max_weight + _S)
                - _quotient
                - (_W / (_W + _S) - _kappa) * _even_apart,
                0,
            ),
            "Let R = w + S. Of K candidates one has the share w/R of the weight, 1/K in the mean, "
            "and the larger it is the larger is 1/(w_* + S): (w/R - 1/K) (1/(w_* + S) - "
            "1/(w_* + (1-1/K) R)) is a square over something positive.",
            Sign(
                given=("several candidates",),
                form=(_W - _kappa * (_W + _S)) ** 2 * _even_apart / _both,
            ),
        ),
        Step(
            "mean of unequal shares",
            at_least(
                (1 - _kappa) * _top_chance
                - Mean(_quotient)
                - Mean(_W / (_W + _S) * _even_apart)
                + _kappa * Mean(_even_apart),
                0,
            ),
            "The same in the mean.",
            UnderMean("unequal shares"),
        ),
        Step(
            "weight shared",
            equal(
                Mean(_weights * _even(_weights) / _weights), K * Mean(_W / (_W + _S) * _even_apart)
            ),
            "Times a function of the weight of all candidates, the shares of all have one mean.",
            Exchangeability((0, 1), _even(_weights) / _weights),
        ),
        Step(
            "candidates counted",
            equal(Mean(K * _even(_weights)), K * Mean(_even_apart)),
            "They sum to 1. So that mean is 1/K of the function's.",
            Exchangeability((0, 0), _even(_weights)),
        ),
        Step(
            "shares",
            at_most(Mean(_quotient), (1 - _kappa) * _top_chance),
            "So E[S/(R (w_* + S))] is at most (1-1/K) E[1/(w_* + S)].",
            Combination(
                {
                    "mean of unequal shares": 1,
                    "weight shared": -1 / K,
                    "candidates counted": 1 / K**2,
                },
                given=("several candidates",),
            ),
        ),
        Step(
            "absurd",
            _if_atom(less(0, 0)),
            "So a exceeds 1/K + (1-1/K) μ/w_*, against the supposition.",
            UnderSupposition(
                StrictCombination(
                    Combination(
                        {
                            "rest": 1,
                            "mean squares": 1,
                            "atom apart": _room**2,
                            "atom": -(_room**2) * Mean(_at_top),
                            "squared gap known": -1,
                            "gap known": 2 * _room,
                            "shares": _room**2,
                            "enough real data": max_weight * _room * _top_chance,
                        },
                        given=("not constant",),
                    ),
                    strict="rest",
                )
            ),
        ),
        Step("claim", _claim, "So there is no atom at w_*.", Contradiction("absurd")),
    ),
)

statement = Statement(
    module=__name__,
    id="no-condensation-sharp",
    label="No condensation, sharper",
    title="No atom appears at the largest weight while a is at most 1/K + (1-1/K) μ/w_*",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "fixed_point",
            "p is a fixed point of the mixed loop, and 0 < λ < inf",
            carried_by=("fixed point", "fixed point at the top", "choice"),
        ),
        several_candidates("several candidates", "weight of the others"),
        Hypothesis(
            "no_atom",
            "w_* is finite, the weight is not constant, and the reference has no atom at w_*",
            carried_by=("not constant", "fixed point at the top"),
        ),
        Hypothesis(
            "small_lam",
            "a = λ/(1+λ) at most 1/K + (1-1/K) μ/w_*, that is, λ (lam) at most "
            "(w_* + (K-1) μ)/((K-1)(w_* - μ))",
            carried_by=("enough real data",),
        ),
    ),
    claim=_claim,
    proof=_proof,
    infinite_candidates="the condition is λ <= μ/(w_* - μ), which is that of no-condensation",
    law=(
        "over K independent candidates from the fixed point p; G indicates that one has the weight "
        "w_*, and S is the weight of the others"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "It improves no-condensation, which needs a <= 1/K or a <= μ/w_*: 1/K + (1-1/K) μ/w_* is "
        "never below either of them.",
        "The condition is not necessary: for density 2(1-w) on [0, 1] and K = 2 the threshold is "
        "3.2362, and the condition is λ <= 2.",
    ),
)
