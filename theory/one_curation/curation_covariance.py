"""Curation raises the mean of every quantity ordered like the weight."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import bounded_rewards
from recurate.theory.language import *
from recurate.theory.proving import Combination, Identity, Proof, Step, Summed, UnderMean
from recurate.theory.statement import Hypothesis, Statement

curated_mean = sympy.Symbol("E_{t+1}g", real=True)
"""Mean of g after one curation."""

mean_quantity = sympy.Symbol("E_{t}g", real=True)
"""Mean of g under p_t."""

covariance = sympy.Symbol("Cov_{t}(g,w)", real=True)
"""Covariance of g and the weight under p_t."""

_claim = at_least(curated_mean, mean_quantity + (1 - inverse_candidates) * covariance / max_weight)

_sum = PowerSum(0, 1)
_winner = PowerSum(1, 1) / _sum
_average = PowerSum(1, 0) / K
_spread = PowerSum(1, 1) / K - PowerSum(1, 0) * PowerSum(0, 1) / K**2
_product = (random_quantity - paired_quantity) * (random_weight - paired_weight)

_proof = Proof(
    supposed={
        "ordered": at_least(_product, 0),
        "bounded": at_most(random_weight, max_weight),
        "winner": equal(curated_mean, Mean(_winner)),
        "mean": equal(mean_quantity, Moment(1, 0)),
        "covariance": equal(covariance, Moment(1, 1) - Moment(1, 0) * Moment(0, 1)),
    },
    steps=(
        Step(
            "gain of a sample",
            equal(_winner - _average, K * _spread / _sum),
            "The winner's g is sum g_k w_k / sum w_k on average. That exceeds the candidates' mean "
            "of g by the candidates' covariance of g and w over their mean weight.",
            Identity(),
        ),
        Step(
            "pair",
            at_least(_product / (2 * K**2), 0),
            "Two candidates are ordered alike by g and by w.",
            Combination({"ordered": 1 / (2 * K**2)}),
        ),
        Step(
            "spread",
            at_least(_spread, 0),
            "Summed over all pairs, (g_i - g_j)(w_i - w_j)/(2 K^2) is the candidates' covariance, "
            "so the gain is (1/(2KW)) sum_ij (g_i - g_j)(w_i - w_j), W the sum of the weights.",
            Summed("pair", pairs=True),
        ),
        Step(
            "average",
            at_most(_sum, K * max_weight),
            "Each candidate weighs at most w_*, so all of them at most K w_*.",
            Summed("bounded"),
        ),
        Step(
            "sample",
            at_least(_winner - _average, _spread / max_weight),
            "So the gain of a sample is at least its covariance over w_*.",
            Combination(
                {"gain of a sample": 1, ("spread", "average"): 1 / (_sum * max_weight)},
            ),
        ),
        Step(
            "expectation",
            at_least(Mean(_winner) - Mean(_average), Mean(_spread) / max_weight),
            "In expectation over K independent candidates the mean is E g and the covariance is "
            "((K-1)/K) Cov(g, w): this holds for every K.",
            UnderMean("sample"),
        ),
        Step(
            "claim",
            _claim,
            "That is the inequality.",
            Combination(
                {
                    "expectation": 1,
                    "winner": 1,
                    "mean": -1,
                    "covariance": -(1 - inverse_candidates) / max_weight,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="curation-covariance",
    label="Covariance inequality",
    title="Curation raises the mean of every quantity ordered like the weight",
    kind="ours",
    hypotheses=(
        bounded_rewards("bounded"),
        Hypothesis(
            "ordered",
            "g is ordered like w: (g - g')(w - w') >= 0 for almost all pairs",
            carried_by=("ordered",),
        ),
    ),
    claim=_claim,
    equality_cases=("K = 1", "Cov_t(g, w) = 0", "one atom"),
    proof=_proof,
    infinite_candidates=(
        "the gain is then Cov_t(g, w)/E_t w (lemma-2.1-limit), and E_t w is at most w_*"
    ),
    law="over K independent candidates from the law that is curated (p_t, in the pure loop)",
    uses=("lemma-2.1",),
    remarks=(
        "With g = w it is lemma-2.2.",
        "The covariance of quantities that are ordered alike is nonnegative, so in the pure loop "
        "the mean of every increasing function of the reward is nondecreasing: E_t r, E_t w, and "
        "the mass p_t(w > c).",
        "Without that order it may fail even where the covariance is positive: for w = 1, 2, 4, "
        "masses 5/12, 1/3, 1/4, g = 1, 0, 1 and K = 2, the covariance is 1/36 and the gain -1/54.",
    ),
)
