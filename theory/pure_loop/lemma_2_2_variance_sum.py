"""In the pure loop, the variances of all steps together are bounded."""

from __future__ import annotations

from typing import Any

from recurate.theory.hypotheses import bounded_rewards, pure_loop
from recurate.theory.language import *
from recurate.theory.one_curation import lemma_2_2
from recurate.theory.proving import Combination, Induction, Proof, Step, Supposing
from recurate.theory.statement import Hypothesis, Statement, instance_of

_share = (1 - inverse_candidates) / max_weight
_bound = max_weight * (max_weight - mean_weight) / (1 - inverse_candidates)
_claim = at_most(variance_sum_before(t), _bound)


def _spent(at: Any) -> Any:
    return at_most(_share * variance_sum_before(at), mean_weight_at(at) - mean_weight)


_proof = Proof(
    general={"lemma-2.2": (t,), "one more": (t,)},
    supposed={
        "several candidates": less(inverse_candidates, 1),
        "lemma-2.2": instance_of(
            lemma_2_2.statement,
            {
                next_mean_weight: mean_weight_at(t + 1),
                mean_weight: mean_weight_at(t),
                variance_weight: variance_at(t),
            },
        ),
        "bounded": at_most(mean_weight_at(t), max_weight),
        "start": equal(mean_weight_at(0), mean_weight),
        "no steps": equal(variance_sum_before(0), 0),
        "one more": equal(variance_sum_before(t + 1), variance_sum_before(t) + variance_at(t)),
    },
    steps=(
        Step(
            "base",
            _spent(0),
            "Before the first step, both sides are zero.",
            Combination({"start": 1, "no steps": -_share}),
        ),
        Step(
            "next",
            implies(_spent(t), _spent(t + 1)),
            "Each step gains at least (K-1)/(K w_*) times its variance.",
            Supposing(Combination({"hypothesis": 1, "lemma-2.2": 1, "one more": -_share})),
        ),
        Step(
            "total",
            _spent(t),
            "So the variances so far, times that, are at most what was gained.",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "claim",
            _claim,
            "No more than w_* - E_0 w can be gained.",
            Combination(
                {"total": 1 / _share, "bounded": 1 / _share}, given=("several candidates",)
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.2-variance-sum",
    label="Lemma 2.2, sum of variances",
    title="In the pure loop, the variances of all steps sum to a bounded total",
    kind="ours",
    hypotheses=(
        pure_loop("lemma-2.2", "start"),
        bounded_rewards("bounded", "lemma-2.2"),
        Hypothesis(
            "candidates",
            "K at least 2",
            less(inverse_candidates, 1),
            carried_by=("several candidates",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    bound_law="p_0",
    equality_cases=("one atom",),
    proof=_proof,
    infinite_candidates="the same proof, with lemma-2.2 at K = inf",
    uses=("lemma-2.2",),
    remarks=(
        "The bound is K w_*(w_* - E_0 w)/(K-1), whatever the number of steps, so the infinite sum "
        "obeys it too and Var_t tends to 0.",
        "The variance need not decrease: for w = 1, 2 with masses 9/10, 1/10 and K = 2 it goes "
        "from .09 to .1131.",
        "Some step before t has a variance of at most this bound over t.",
    ),
)
