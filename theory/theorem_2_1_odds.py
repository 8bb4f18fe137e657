"""One curation divides the odds against the top weight by a fixed factor at least."""

from __future__ import annotations

import sympy

from recurate.theory.draws import others_quantity, random_quantity, random_weight
from recurate.theory.notation import (
    K,
    inverse_candidates,
    max_weight,
    odds_against_at,
    t,
    weight_ratio,
)
from recurate.theory.proving.generalising import Summed, UnderMean
from recurate.theory.proving.justifications import Combination, Sign
from recurate.theory.proving.means import Mean, Moment, PowerSum
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import Exchangeability, Independence
from recurate.theory.proving.signs import at_least, at_most, equal, less
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

# g is the indicator of A = {w = w_*}, J counts the others in A; ρ + δ = 1.
_rho, _delta = weight_ratio, sympy.Symbol("delta", nonnegative=True)
_g, _odds = random_quantity, odds_against_at(t)
_rate = inverse_candidates + (1 - inverse_candidates) * _rho
_claim = at_most(odds_against_at(t + 1), _rate * _odds)

_number, _weights = PowerSum(1, 0), PowerSum(0, 1)
_two_weights = _rho * K + _delta * _number  # sum of weights over w_*, with ρ for all off A
_two_points = _number / _two_weights
_set_apart = _rho * K + _delta * (_g + others_quantity)
_if_in = _rho * K + _delta * (1 + others_quantity)
_if_out = _rho * K + _delta * others_quantity
_slope = _rho * K + _delta  # K times the rate

# Of the weights that are divided by.
_POSITIVE = ("positive ratio", "others in A", "number", "sign of the indicator")

_proof = Proof(
    supposed={
        "positive ratio": less(0, _rho),
        "ratio and gap": equal(_rho + _delta, 1),
        "indicator": equal(_g**2, _g),
        "others in A": at_least(others_quantity, 0),
        "weight on A": equal(_g * random_weight, max_weight * _g),
        "weight off A": at_most(random_weight, max_weight * (_rho + _delta * _g)),
        "mass": equal(Moment(1, 0), 1 / (1 + _odds)),
        "lemma-2.1": equal(1 / (1 + odds_against_at(t + 1)), Mean(PowerSum(1, 1) / _weights)),
    },
    steps=(
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
        Step(
            "all weights",
            at_most(_weights, max_weight * _two_weights),
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
                    ("number", "all weights"): 1 / (_weights * _two_weights),
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
        Step(
            "candidates alike",
            equal(Mean(_two_points), K * Mean(_g / _set_apart)),
            "The candidates are exchangeable: K times the chance that the first is in A and wins.",
            Exchangeability((1, 0), 1 / _two_weights),
        ),
        Step(
            "in A",
            equal(_g / _set_apart, _g / _if_in),
            "Where the indicator is not zero it is one.",
            Combination(
                {"indicator": -_delta / (_set_apart * _if_in)},
                given=_POSITIVE,
            ),
        ),
        Step(
            "mean in A",
            equal(Mean(_g / _set_apart), Mean(_g / _if_in)),
            "The same in the mean.",
            UnderMean("in A"),
        ),
        Step(
            "independent in A",
            equal(Mean(_g / _if_in), Moment(1, 0) * Mean(1 / _if_in)),
            "The first candidate is independent of the others.",
            Independence(_g, 1 / _if_in),
        ),
        Step(
            "chance of A",
            equal(Mean(_two_points), K * Mean(1 / _if_in) / (1 + _odds)),
            "So the chance of A is K p_t(A) E[1/(1 + J + (K-1-J) ρ)], J others being in A.",
            Combination(
                {
                    "candidates alike": 1,
                    "mean in A": K,
                    "independent in A": K,
                    "mass": K * Mean(1 / _if_in),
                },
                given=_POSITIVE,
            ),
        ),
        Step(
            "outside",
            equal(1 - _two_points, _rho * K / _two_weights - _rho * _two_points),
            "The winner is outside A with probability (K - j) ρ/(j + (K - j) ρ).",
            Combination(
                {"ratio and gap": _number / _two_weights},
                given=_POSITIVE,
            ),
        ),
        Step(
            "mean outside",
            equal(
                1 - Mean(_two_points), _rho * K * Mean(1 / _two_weights) - _rho * Mean(_two_points)
            ),
            "The same in the mean.",
            UnderMean("outside"),
        ),
        Step(
            "any candidate",
            equal(K * Mean(1 / _two_weights), K * Mean(1 / _set_apart)),
            "One candidate set apart from the sum.",
            Exchangeability((0, 0), 1 / _two_weights),
        ),
        Step(
            "off A",
            equal((1 - _g) / _set_apart, (1 - _g) / _if_out),
            "Where the indicator is not one it is zero.",
            Combination(
                {"indicator": _delta / (_set_apart * _if_out)},
                given=_POSITIVE,
            ),
        ),
        Step(
            "mean off A",
            equal(Mean(1 / _set_apart) - Mean(_g / _set_apart), Mean((1 - _g) / _if_out)),
            "The same in the mean.",
            UnderMean("off A"),
        ),
        Step(
            "independent off A",
            equal(Mean((1 - _g) / _if_out), (1 - Moment(1, 0)) * Mean(1 / _if_out)),
            "The first candidate is independent of the others.",
            Independence(1 - _g, 1 / _if_out),
        ),
        Step(
            "chance of the rest",
            equal(1 - Mean(_two_points), _rho * K * Mean(1 / _if_out) * _odds / (1 + _odds)),
            "So the chance of the rest is K (1 - p_t(A)) E[ρ/(J + (K-J) ρ)].",
            Combination(
                {
                    "mean outside": 1,
                    "any candidate": _rho,
                    "candidates alike": -_rho,
                    "mean off A": _rho * K,
                    "independent off A": _rho * K,
                    "mass": -_rho * K * Mean(1 / _if_out),
                },
                given=_POSITIVE,
            ),
        ),
        Step(
            "ratio of chances",
            at_least(_slope / _if_in, K * _rho / _if_out),
            "Whatever J is, the first chance is at least K/(1 + (K-1) ρ) times the second: the "
            "worst is J = 0.",
            Sign(
                given=("positive ratio", "others in A"),
                form=_delta**2 * others_quantity / (_if_in * _if_out),
            ),
        ),
        Step(
            "ratio of means",
            at_least(_slope * Mean(1 / _if_in), K * _rho * Mean(1 / _if_out)),
            "The same in the mean over J.",
            UnderMean("ratio of chances"),
        ),
        Step(
            "odds of two weights",
            at_least(_slope * _odds * Mean(_two_points), K * (1 - Mean(_two_points))),
            "So with two weights the odds against A fall by the factor K/(1 + (K-1) ρ) at least.",
            Combination(
                {
                    "chance of A": _slope * _odds,
                    "chance of the rest": -K,
                    "ratio of means": K * _odds / (1 + _odds),
                },
                given=("positive ratio",),
            ),
        ),
        Step(
            "curated chance",
            at_least(1 / (1 + odds_against_at(t + 1)), Mean(_two_points)),
            "The true chance of A is no smaller.",
            Combination({"lemma-2.1": 1, "worst case": 1}),
        ),
        Step(
            "claim",
            _claim,
            "Nor do the true odds against A fall by less.",
            Combination(
                {
                    "odds of two weights": (1 + odds_against_at(t + 1)) / K,
                    "curated chance": (1 + odds_against_at(t + 1)) * (_slope * _odds + K) / K,
                    "ratio and gap": -_odds / K,
                },
                given=("positive ratio",),
            ),
        ),
    ),
)

statement = Statement(
    id="theorem-2.1-odds",
    label="Theorem 2.1, one step",
    title="One curation divides the odds against the top weight by K/(1 + (K-1) ρ) at least",
    source=f"{DERIVED_HERE}#theorem-21-odds",
    kind="ours",
    hypotheses=(
        Hypothesis("the top weight has positive mass under p_t, on A = {w = w_*}"),
        Hypothesis("all other weights are at most ρ w_*, 0 < ρ <= 1", at_most(weight_ratio, 1)),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("K = 1", "approached, for two weights, as p_t(A) tends to 0"),
    proof=_proof,
    uses=("lemma-2.1",),
    remarks=(
        "That is odds_{t+1}(A) >= odds_t(A) K/(1 + (K-1) ρ), in the pure loop or for one curation.",
        "The factor K or 1/ρ in its place is false: for w = 1/2, 1 with masses 1/2 and K = 2 the "
        "true factor is 7/5.",
    ),
)
