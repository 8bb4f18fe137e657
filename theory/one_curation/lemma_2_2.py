"""One curation raises the expected weight by at least a share of its variance."""

from __future__ import annotations

from recurate.theory.hypotheses import bounded_rewards, one_candidate
from recurate.theory.language import *
from recurate.theory.proving import Combination, Identity, Proof, Sign, Step, Summed, UnderMean
from recurate.theory.source import Source
from recurate.theory.statement import Statement

_bound = mean_weight + (1 - inverse_candidates) * variance_weight / max_weight
_claim = at_least(next_mean_weight, _bound)

# The sample: K candidates, their mean and variance, and the mean weight of the one chosen.
_sum, _squares = PowerSum(0, 1), PowerSum(0, 2)
_average = _sum / K
_spread = _squares / K - _average**2
_winner = _squares / _sum

_proof = Proof(
    supposed={
        "bounded": at_most(random_weight, max_weight),
        "winner": equal(next_mean_weight, Mean(_winner)),
        "mean": equal(mean_weight, Moment(0, 1)),
        "variance": equal(variance_weight, Moment(0, 2) - Moment(0, 1) ** 2),
    },
    steps=(
        Step(
            "gain of a sample",
            equal(_winner - _average, _spread / _average),
            "Candidate k wins with probability w_k / sum w, so the winner weighs sum w^2 / sum w "
            "on average. That exceeds the candidates' mean by their variance over their mean.",
            Identity(),
        ),
        Step(
            "pair",
            at_least((random_weight - paired_weight) ** 2 / (2 * K**2), 0),
            "The square of the difference of two candidates is nonnegative.",
            Sign(),
        ),
        Step(
            "spread",
            at_least(_spread, 0),
            "Summed over all pairs it is the candidates' variance, which is nonnegative too.",
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
            "So the gain of a sample is at least its variance over w_*.",
            Combination(
                {"gain of a sample": 1, ("spread", "average"): 1 / (_sum * max_weight)},
            ),
        ),
        Step(
            "expectation",
            at_least(Mean(_winner) - Mean(_average), Mean(_spread) / max_weight),
            "In expectation over K independent candidates, the mean is E w and the variance is "
            "((K-1)/K) Var w: this holds for every K.",
            UnderMean("sample"),
        ),
        Step(
            "claim",
            _claim,
            "That is the lemma.",
            Combination(
                {
                    "expectation": 1,
                    "winner": 1,
                    "mean": -1,
                    "variance": -(1 - inverse_candidates) / max_weight,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.2",
    label="Lemma 2.2",
    title="One curation raises the expected weight by a share of its variance",
    source=Source("Lemma 2.2", seen="restated"),
    kind="reported",
    hypotheses=(
        bounded_rewards("bounded"),
        one_candidate("winner"),
    ),
    claim=_claim,
    bound=_bound,
    bound_law="p_t",
    equality_cases=("K = 1", "Var_t w = 0"),
    proof=_proof,
    infinite_candidates="the gain is then V/μ (lemma-2.1-limit), and μ is at most w_*",
    law="over K independent candidates from the law that is curated (p_t, in the pure loop)",
    remarks=(
        "It is stated for the pure loop. In a mixed loop it is about one curation, with the mean "
        "under T(p_t).",
    ),
)
