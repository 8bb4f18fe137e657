"""Curation multiplies the distance of two laws by at most the curation ratio at the top."""

from __future__ import annotations

from typing import Any

from recurate.theory.hypotheses import bounded_rewards, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation import curation_lipschitz_sharp
from recurate.theory.one_curation.normalised_parts import level, p
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Hypothesis, Statement, instance_of

_curated_distance = curation_lipschitz_sharp.curated_distance
_top_ratio = curation_ratio_of(p, max_weight)
_claim = at_most(_curated_distance, _top_ratio * total_variation)
_SHARP = ("curation-lipschitz-sharp",)

statement = Statement(
    module=__name__,
    id="curation-lipschitz",
    label="Lipschitz constant of curation",
    title="Curation drives two laws apart by at most the smaller of their top ratios H(w_*)",
    kind="ours",
    hypotheses=(
        one_candidate(*_SHARP),
        bounded_rewards(*_SHARP),
        Hypothesis("laws", "p and q are any two laws on such weights", carried_by=_SHARP),
    ),
    claim=_claim,
    equality_cases=("K = 1", "p = q", "p and q differ only in how they share the mass at w_*"),
    proof=Proof(
        supposed={
            "curation-lipschitz-sharp": instance_of(
                curation_lipschitz_sharp.statement, {level: max_weight}
            )
        },
        steps=(
            Step(
                "claim",
                _claim,
                "No weight exceeds w_*, so no mean weight does: take c = w_*.",
                Combination({"curation-lipschitz-sharp": 1}),
            ),
        ),
    ),
    infinite_candidates="H_p(w_*) = w_*/E_p w, and curation-lipschitz-sharp",
    uses=("curation-lipschitz-sharp",),
    remarks=(
        "p and q may be exchanged: TV(T(p), T(q)) <= min(H_p(w_*), H_q(w_*)) TV(p, q).",
        "H_p(w_*) is at most h = (1 - (1-θ)^K)/θ with θ = E_p w/w_* (theorem-2.4-bounded-weights). "
        "So TV(T(p), T(q)) <= h TV(p, q) with h at the larger of the two mean weights "
        "(loop-contraction).",
        "If the reference has mass at w_*, then p({w_*}) (1 - a H_p(w_*)) = m p_ref({w_*}) makes "
        "a H_p(w_*) < 1 at a fixed point p of the mixed loop. The loop has no other fixed point, "
        "and converges to p from every start (global-attraction).",
    ),
)


def lipschitz(law: Any, *, distance: Any, curated_distance: Any) -> Any:
    """Return the claim for a law and another one, as a proof supposes that uses it.

    Parameters
    ----------
    law : sympy symbol
        The one law, p.
    distance, curated_distance : sympy expression
        Their total variation distance, and that of T(p) and T(q).
    """
    values = {
        _curated_distance: curated_distance,
        _top_ratio: curation_ratio_of(law, max_weight),
        total_variation: distance,
    }
    return instance_of(statement, values)
