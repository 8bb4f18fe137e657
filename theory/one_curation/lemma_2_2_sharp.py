"""Lemma 2.2 with the third moment, and with the mean, in place of the largest weight alone."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import one_candidate
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Identity,
    Proof,
    Sign,
    Step,
    Substitution,
    Summed,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

_kappa, _mu, _variance = inverse_candidates, mean_weight, variance_weight
_scale = _mu * _variance + _kappa * third_central_moment  # (KμV + κ3)/K
_bound = _mu + (1 - _kappa) * _variance**2 / _scale
_claim = at_least(next_mean_weight, _bound)

# The sample: K candidates, their total weight S, the sum D of (w_k - w_l)^2 over pairs k < l, and
# the mean weight of the one chosen. The tangent's slope c is free, and chosen best at the end.
_total, _squares = PowerSum(0, 1), PowerSum(0, 2)
_spread = K * _squares - _total**2
_winner = _squares / _total
_slope = sympy.Symbol("c", real=True)
"""Slope of a tangent; any number, and the best one at the end."""

_gain = 2 * _slope * _variance - _slope**2 * K * _scale

_proof = Proof(
    supposed={
        "varying": less(0, _scale),
        "winner": equal(next_mean_weight, Mean(_winner)),
        "mean": equal(_mu, Moment(0, 1)),
        "variance": equal(_variance, Moment(0, 2) - Moment(0, 1) ** 2),
        "third moment": equal(
            third_central_moment,
            Moment(0, 3) - 3 * Moment(0, 2) * Moment(0, 1) + 2 * Moment(0, 1) ** 3,
        ),
    },
    steps=(
        Step(
            "pair",
            at_least((random_weight - paired_weight) ** 2 / 2, 0),
            "The square of the difference of two candidates is nonnegative.",
            Sign(),
        ),
        Step(
            "spread",
            at_least(_spread, 0),
            "Its sum over all pairs is D = K sum w^2 - (sum w)^2.",
            Summed("pair", pairs=True),
        ),
        Step(
            "square",
            equal(
                _spread / _total - 2 * _slope * _spread + _slope**2 * _spread * _total,
                _spread * (1 - _slope * _total) ** 2 / _total,
            ),
            "Cauchy-Schwarz as a square: D/S - 2 c D + c^2 D S = D (1 - c S)^2 / S, S = sum w.",
            Identity(),
        ),
        Step(
            "tangent",
            at_least(_spread / _total, 2 * _slope * _spread - _slope**2 * _spread * _total),
            "So D/S is at least 2 c D - c^2 D S, whatever the number c.",
            Combination({"square": 1, "spread": (1 - _slope * _total) ** 2 / _total}),
        ),
        Step(
            "expected tangent",
            at_least(
                Mean(_spread / _total),
                2 * _slope * Mean(_spread) - _slope**2 * Mean(_spread * _total),
            ),
            "The same holds in expectation over K independent candidates, for every K.",
            UnderMean("tangent"),
        ),
        Step(
            "expected spread",
            equal(Mean(_spread), K * (K - 1) * _variance),
            "E D = K(K-1) V: each of the K(K-1)/2 pairs adds E (w_1 - w_2)^2 = 2V.",
            Combination({"variance": -K * (K - 1)}),
        ),
        Step(
            "expected weighted spread",
            equal(Mean(_spread * _total), K * (K - 1) * K * _scale),
            "E D S = K(K-1)(κ3 + KμV): each pair adds E (w_1 - w_2)^2 S = 2κ3 + 2KμV.",
            Combination(
                {
                    "third moment": -K * (K - 1),
                    "mean": -(K**2) * (K - 1) * _variance,
                    "variance": -(K**2) * (K - 1) * Moment(0, 1),
                }
            ),
        ),
        Step(
            "gain",
            at_least(next_mean_weight - _mu, (K - 1) * _gain),
            "The winner weighs sum w^2 / S on average, which is D/(K S) more than the candidates' "
            "mean.",
            Combination(
                {
                    "expected tangent": 1 / K,
                    "expected spread": 2 * _slope / K,
                    "expected weighted spread": -(_slope**2) / K,
                    "winner": 1,
                    "mean": -1,
                }
            ),
        ),
        Step(
            "claim",
            _claim,
            "The best c is V/(κ3 + KμV), and gives the claim.",
            Substitution("gain", {_slope: _variance / (K * _scale)}, given=("varying",)),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.2-sharp",
    label="Lemma 2.2, sharpened",
    title="The gain of one curation, by the weight's mean, variance and third moment",
    kind="sharpened",
    hypotheses=(
        one_candidate("winner"),
        Hypothesis(
            "moments",
            "the weight has three finite moments, as where rewards are bounded",
            carried_by=("mean", "variance", "third moment"),
        ),
        Hypothesis(
            "not_constant",
            "a weight that is not constant: μV + κ3/K > 0",
            less(0, _scale),
            carried_by=("varying",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    bound_law="p_t",
    equality_cases=("K = 1", "K = 2 and two atoms", "K = inf"),
    proof=_proof,
    infinite_candidates=(
        "the gain is then E w^2/E w - E w = V/μ by lemma-2.1-limit, and so is the bound"
    ),
    law="over K independent candidates from the law that is curated (p_t, in the pure loop)",
    remarks=(
        "The claim needs no bounded rewards. Where w <= w_*, (w_* - w)(w - μ)^2 >= 0 has the mean "
        "(w_* - μ)V - κ3, so that the gain is at least (K-1)V^2/(KμV + κ3) >= "
        "(K-1)V/(w_* + (K-1)μ) >= the paper's (K-1)V/(K w_*).",
        "It improves lemma-2.2 by at least the factor w_*/(w_*/K + (1-1/K)μ), and by up to K "
        "where the mean weight is far below w_*.",
        "For K = inf the gain is V/μ exactly. For a constant weight it is zero.",
        "In a mixed loop it is about one curation, with the mean under T(p_t).",
    ),
)
