"""Curation prefers larger weights: the curation ratio increases with the weight."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.proving import Combination, Identity, Proof, Sign, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

HIGHER, LOWER = curation_ratio(larger_weight), curation_ratio(weight)
"""Curation ratios at a weight w' and at a smaller one w."""

_claim = at_least(HIGHER, LOWER)
_chance = K * weight / (weight + others_weight)
_larger_chance = _chance.subs(weight, larger_weight)
_form = others_weight / ((weight + others_weight) * (larger_weight + others_weight))

_proof = Proof(
    supposed={
        "order": at_most(weight, larger_weight),
        "ratio": equal(curation_ratio(weight), Mean(_chance)),
        "ratio at w'": equal(curation_ratio(larger_weight), Mean(_larger_chance)),
    },
    steps=(
        Step(
            "difference",
            equal(_larger_chance - _chance, K * (larger_weight - weight) * _form),
            "The chances of two candidates against the same others, of total weight S, differ by "
            "(w' - w) S/((w + S)(w' + S)).",
            Identity(),
        ),
        Step(
            "form",
            at_least(_form, 0),
            "The factor S/((w + S)(w' + S)) is nonnegative, and positive if there are others.",
            Sign(),
        ),
        Step(
            "pointwise",
            at_least(_larger_chance, _chance),
            "So the candidate with the larger weight has the larger chance.",
            Combination({"difference": 1, ("order", "form"): K}),
        ),
        Step(
            "mean",
            at_least(Mean(_larger_chance), Mean(_chance)),
            "The same holds in the mean over the others.",
            UnderMean("pointwise"),
        ),
        Step(
            "claim",
            _claim,
            "Those means, times K, are the curation ratios.",
            Combination({"mean": 1, "ratio at w'": 1, "ratio": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="ratio-monotone",
    label="Monotone ratio",
    title="The curation ratio increases with the weight",
    kind="ours",
    hypotheses=(
        Hypothesis("ordered", "w <= w'", at_most(weight, larger_weight), carried_by=("order",)),
    ),
    claim=_claim,
    equality_cases=("K = 1", "w = w'"),
    proof=_proof,
    infinite_candidates="immediate: H(w) = w/E w (lemma-2.1-limit) increases",
    law="over the K - 1 other candidates, drawn from the law p that is curated",
    uses=("lemma-2.1",),
    remarks=(
        "It is strict for K >= 2 and w < w', since H(w') - H(w) = K (w' - w) E[S/((w+S)(w'+S))] "
        "and the others have some weight.",
        "So T(p) dominates p in likelihood-ratio order, and in the pure loop p_{t+1} dominates "
        "p_t; that p_t dominates p_ref in every loop from p_ref is density-monotone.",
    ),
)
