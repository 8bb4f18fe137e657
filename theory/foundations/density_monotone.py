"""The density of p_t over p_ref increases with the weight."""

from __future__ import annotations

import sympy

from recurate.theory.foundations import ratio_monotone
from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import Combination, Induction, Proof, Step, Supposing
from recurate.theory.statement import Hypothesis, Statement, instance_of

_claim = at_least(density_of(t, larger_weight), density_of(t, weight))
_next = at_least(density_of(t + 1, larger_weight), density_of(t + 1, weight))


def _loop(at: sympy.Symbol) -> sympy.Eq:
    curated = synthetic_fraction * density_of(t, at) * curation_ratio_of(t, at)
    return equal(density_of(t + 1, at), real_fraction + curated)


_proof = Proof(
    general={"ratio-monotone": (t,), "loop": (t,), "loop at w'": (t,)},
    supposed={
        "loop": _loop(weight),
        "loop at w'": _loop(larger_weight),
        "ratio-monotone": instance_of(
            ratio_monotone.statement,
            {
                ratio_monotone.HIGHER: curation_ratio_of(t, larger_weight),
                ratio_monotone.LOWER: curation_ratio_of(t, weight),
            },
        ),
        "start": equal(density_of(0, weight), 1),
        "start at w'": equal(density_of(0, larger_weight), 1),
    },
    steps=(
        Step(
            "base",
            at_least(density_of(0, larger_weight), density_of(0, weight)),
            "The loop starts at density 1 everywhere.",
            Combination({"start at w'": 1, "start": -1}),
        ),
        Step(
            "next",
            implies(_claim, _next),
            "The density is multiplied by H, which is larger at w', and mixed with the "
            "reference's. So if it was larger at w', it still is.",
            Supposing(
                Combination(
                    {
                        "loop at w'": 1,
                        "loop": -1,
                        "hypothesis": synthetic_fraction * curation_ratio_of(t, larger_weight),
                        "ratio-monotone": synthetic_fraction * density_of(t, weight),
                    }
                )
            ),
        ),
        Step(
            "claim",
            _claim,
            "So this holds for every t.",
            Induction(t, 0, base="base", step="next"),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="density-monotone",
    label="Monotone density",
    title="The loop's density over the reference increases with the weight",
    kind="ours",
    hypotheses=(
        from_reference("start", "start at w'"),
        Hypothesis(
            "ordered", "w <= w'", at_most(weight, larger_weight), carried_by=("ratio-monotone",)
        ),
    ),
    claim=_claim,
    equality_cases=("K = 1", "λ = 0", "t = 0", "w = w'"),
    proof=_proof,
    infinite_candidates="the same proof, with ratio-monotone at K = inf",
    uses=("ratio-monotone",),
    remarks=(
        "It says that p_t dominates p_ref in likelihood-ratio order, so that E_t f >= E_ref f for "
        "every increasing f.",
    ),
)
