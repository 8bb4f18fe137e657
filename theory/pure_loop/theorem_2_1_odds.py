"""One curation divides the odds against the top weight by at least a fixed factor."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Exchangeability,
    Independence,
    Proof,
    Sign,
    Step,
    Summed,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

# g is the indicator of A = {w = w_*}, J counts the others in A; ρ + δ = 1.
_g, _odds = random_quantity, odds_against_at(t)
_number, _weights = PowerSum(1, 0), PowerSum(0, 1)
gap_to_top = sympy.Symbol("delta", nonnegative=True)
"""δ = 1 - ρ."""

TOP = Hypothesis(
    "top",
    "the top weight has positive mass under p_t, on A = {w = w_*}",
    carried_by=("mass", "weight on A"),
)

LAW = (
    "over K independent candidates from p_t; G indicates that one has the weight w_*, and J counts "
    "such ones among the others"
)

# These show that divisors are positive.
POSITIVE = ("positive ratio", "others in A", "number", "sign of the indicator")


def two_weights(ratio: Any) -> Any:
    """Return the sum of the candidates' weights over w_*, with the ratio for all off A."""
    return ratio * K + gap_to_top * _number


def rate(ratio: Any) -> Any:
    """Return κ + (1-κ) ρ, the largest factor of the odds against A."""
    return inverse_candidates + (1 - inverse_candidates) * ratio


def supposed(ratio: Any) -> dict[str, Any]:
    """Return what the steps with two weights suppose of the ratio and of the candidates."""
    return {
        "positive ratio": less(0, ratio),
        "ratio and gap": equal(ratio + gap_to_top, 1),
        "indicator": equal(_g**2, _g),
        "others in A": at_least(others_quantity, 0),
        "weight on A": equal(_g * random_weight, max_weight * _g),
        "mass": equal(Moment(1, 0), 1 / (1 + _odds)),
        "choice": equal(1 / (1 + odds_against_at(t + 1)), Mean(PowerSum(1, 1) / _weights)),
    }


FIRST = (
    Step(
        "sign of the indicator",
        at_least(_g, 0),
        "An indicator equals its square.",
        Combination({"indicator": -1}, remainder=_g**2),
    ),
    Step(
        "number",
        at_least(_number, 0),
        "So the number j of candidates in A is nonnegative.",
        Summed("sign of the indicator"),
    ),
    Step(
        "top weights",
        equal(PowerSum(1, 1), max_weight * _number),
        "The candidates in A weigh j w_* together.",
        Summed("weight on A"),
    ),
)
"""How many candidates are in A, and what they weigh."""


def odds_steps(ratio: Any, name: str) -> tuple[Step, ...]:
    """Return the steps from "worst case" to the claim.

    "worst case" says that the chance of A is at least the mean one for two weights.

    Parameters
    ----------
    ratio : sympy symbol
        ρ, which stands for the weights off A over w_*.
    name : str
        The name of ρ in the text.
    """
    two = two_weights(ratio)
    two_points = _number / two
    set_apart = ratio * K + gap_to_top * (_g + others_quantity)
    if_in = ratio * K + gap_to_top * (1 + others_quantity)
    if_out = ratio * K + gap_to_top * others_quantity
    slope = ratio * K + gap_to_top  # K times the rate
    claim = at_most(odds_against_at(t + 1), rate(ratio) * _odds)
    return (
        Step(
            "candidates alike",
            equal(Mean(two_points), K * Mean(_g / set_apart)),
            "The candidates are exchangeable: K times the chance that the first is in A and wins.",
            Exchangeability((1, 0), 1 / two),
        ),
        Step(
            "in A",
            equal(_g / set_apart, _g / if_in),
            "Where the indicator is not zero it is one.",
            Combination(
                {"indicator": -gap_to_top / (set_apart * if_in)},
                given=POSITIVE,
            ),
        ),
        Step(
            "mean in A",
            equal(Mean(_g / set_apart), Mean(_g / if_in)),
            "The same in the mean.",
            UnderMean("in A"),
        ),
        Step(
            "independent in A",
            equal(Mean(_g / if_in), Moment(1, 0) * Mean(1 / if_in)),
            "The first candidate is independent of the others.",
            Independence(_g, 1 / if_in),
        ),
        Step(
            "chance of A",
            equal(Mean(two_points), K * Mean(1 / if_in) / (1 + _odds)),
            f"So the chance of A is K p_t(A) E[1/(1 + J + (K-1-J) {name})], J others being in A.",
            Combination(
                {
                    "candidates alike": 1,
                    "mean in A": K,
                    "independent in A": K,
                    "mass": K * Mean(1 / if_in),
                },
                given=POSITIVE,
            ),
        ),
        Step(
            "outside",
            equal(1 - two_points, ratio * K / two - ratio * two_points),
            f"The winner is outside A with probability (K - j) {name}/(j + (K - j) {name}).",
            Combination(
                {"ratio and gap": _number / two},
                given=POSITIVE,
            ),
        ),
        Step(
            "mean outside",
            equal(1 - Mean(two_points), ratio * K * Mean(1 / two) - ratio * Mean(two_points)),
            "The same in the mean.",
            UnderMean("outside"),
        ),
        Step(
            "any candidate",
            equal(K * Mean(1 / two), K * Mean(1 / set_apart)),
            "One candidate set apart from the sum.",
            Exchangeability((0, 0), 1 / two),
        ),
        Step(
            "off A",
            equal((1 - _g) / set_apart, (1 - _g) / if_out),
            "Where the indicator is not one it is zero.",
            Combination(
                {"indicator": gap_to_top / (set_apart * if_out)},
                given=POSITIVE,
            ),
        ),
        Step(
            "mean off A",
            equal(Mean(1 / set_apart) - Mean(_g / set_apart), Mean((1 - _g) / if_out)),
            "The same in the mean.",
            UnderMean("off A"),
        ),
        Step(
            "independent off A",
            equal(Mean((1 - _g) / if_out), (1 - Moment(1, 0)) * Mean(1 / if_out)),
            "The first candidate is independent of the others.",
            Independence(1 - _g, 1 / if_out),
        ),
        Step(
            "chance of the rest",
            equal(1 - Mean(two_points), ratio * K * Mean(1 / if_out) * _odds / (1 + _odds)),
            f"So the chance of the rest is K (1 - p_t(A)) E[{name}/(J + (K-J) {name})].",
            Combination(
                {
                    "mean outside": 1,
                    "any candidate": ratio,
                    "candidates alike": -ratio,
                    "mean off A": ratio * K,
                    "independent off A": ratio * K,
                    "mass": -ratio * K * Mean(1 / if_out),
                },
                given=POSITIVE,
            ),
        ),
        Step(
            "ratio of chances",
            at_least(slope / if_in, K * ratio / if_out),
            f"Whatever J is, the first chance is at least K/(1 + (K-1) {name}) times the second: "
            "the worst is J = 0.",
            Sign(
                given=("positive ratio", "others in A"),
                form=gap_to_top**2 * others_quantity / (if_in * if_out),
            ),
        ),
        Step(
            "ratio of means",
            at_least(slope * Mean(1 / if_in), K * ratio * Mean(1 / if_out)),
            "The same in the mean over J.",
            UnderMean("ratio of chances"),
        ),
        Step(
            "odds of two weights",
            at_least(slope * _odds * Mean(two_points), K * (1 - Mean(two_points))),
            "So with two weights the odds against A fall by at least the factor "
            f"K/(1 + (K-1) {name}).",
            Combination(
                {
                    "chance of A": slope * _odds,
                    "chance of the rest": -K,
                    "ratio of means": K * _odds / (1 + _odds),
                },
                given=("positive ratio",),
            ),
        ),
        Step(
            "curated chance",
            at_least(1 / (1 + odds_against_at(t + 1)), Mean(two_points)),
            "The true chance of A is no smaller.",
            Combination({"choice": 1, "worst case": 1}),
        ),
        Step(
            "claim",
            claim,
            "So the true odds against A fall by at least as much.",
            Combination(
                {
                    "odds of two weights": (1 + odds_against_at(t + 1)) / K,
                    "curated chance": (1 + odds_against_at(t + 1)) * (slope * _odds + K) / K,
                    "ratio and gap": -_odds / K,
                },
                given=("positive ratio",),
            ),
        ),
    )


_rho = weight_ratio
_two_points = _number / two_weights(_rho)
_claim = at_most(odds_against_at(t + 1), rate(_rho) * _odds)

_proof = Proof(
    supposed={
        **supposed(_rho),
        "weight off A": at_most(random_weight, max_weight * (_rho + gap_to_top * _g)),
    },
    steps=(
        *FIRST,
        Step(
            "all weights",
            at_most(_weights, max_weight * two_weights(_rho)),
            "All of them weigh at most j w_* + (K - j) ρ w_*.",
            Summed("weight off A"),
        ),
        Step(
            "sample",
            at_least(PowerSum(1, 1) / _weights, _two_points),
            "So, given the candidates, the winner is in A with probability at least "
            "j/(j + (K - j) ρ): two weights, w_* and ρ w_*, are the worst case.",
            Combination(
                {
                    "top weights": 1 / _weights,
                    ("number", "all weights"): 1 / (_weights * two_weights(_rho)),
                },
                given=("positive ratio", "number"),
            ),
        ),
        Step(
            "worst case",
            at_least(Mean(PowerSum(1, 1) / _weights), Mean(_two_points)),
            "The same in the mean.",
            UnderMean("sample"),
        ),
        *odds_steps(_rho, "ρ"),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.1-odds",
    label="Theorem 2.1, one step",
    title="One curation divides the odds against the top weight by at least K/(1 + (K-1) ρ)",
    kind="ours",
    hypotheses=(
        TOP,
        Hypothesis(
            "others",
            "all other weights are at most ρ w_*, 0 < ρ <= 1",
            at_most(weight_ratio, 1),
            carried_by=("weight off A", "positive ratio", "ratio and gap"),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "K = 1",
        "K = inf and two weights",
        "approached, for two weights, as p_t(A) tends to 0",
    ),
    proof=_proof,
    infinite_candidates=(
        "the odds against A are then multiplied by E_t[w; w < w_*]/(w_* p_t(w < w_*)) "
        "(lemma-2.1-limit), at most ρ"
    ),
    law=LAW,
    uses=("lemma-2.1",),
    remarks=(
        "theorem-2.1-odds-sharp has the mean of the weights off A over w_* in place of ρ.",
        "That is odds_{t+1}(A) >= odds_t(A) K/(1 + (K-1) ρ), in the pure loop or for one curation.",
        "The factor K or 1/ρ in its place is false: for w = 1/2, 1 with masses 1/2 and K = 2 the "
        "true factor is 7/5.",
    ),
)
