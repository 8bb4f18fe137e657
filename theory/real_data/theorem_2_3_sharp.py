"""Theorem 2.3 with λ/(1+λ) in place of λ/(1+λ)^3."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.proving import Combination, Induction, Proof, Step, Supposing
from recurate.theory.real_data.theorem_2_3 import GENERAL, GROWTH, HYPOTHESES, SUPPOSED
from recurate.theory.statement import Statement

_a, _m = synthetic_fraction, real_fraction
_share = (1 - inverse_candidates) / max_weight
_bound = mean_weight + _a * _share * variance_weight
_claim = at_least(mean_weight_at(t + 1), _bound)

_proof = Proof(
    general=GENERAL,
    supposed=SUPPOSED,
    steps=(
        *GROWTH,
        Step(
            "next",
            implies(_claim, at_least(mean_weight_at(t + 2), _bound)),
            "If the gap is at least a c V after t + 1 steps, then after the next one it is at "
            "least a (a c V + c m V), which is a c V since a + m = 1.",
            Supposing(
                Combination(
                    {"later step": 1, "hypothesis": _a, "variance": _a * _share},
                    given=("several candidates",),
                )
            ),
        ),
        Step(
            "claim",
            _claim,
            "So this holds after t + 1 steps, for every t >= 0.",
            Induction(t, 0, base="first", step="next"),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.3-sharp",
    label="Theorem 2.3, sharpened",
    title="The gain that real data cannot take away is λ/(1+λ) of one curation's",
    kind="sharpened",
    hypotheses=HYPOTHESES,
    claim=_claim,
    bound=_bound,
    bound_law="p_ref",
    equality_cases=("K = 1", "λ = 0", "one atom"),
    proof=_proof,
    infinite_candidates="the same proof, with lemma-2.2 at K = inf",
    uses=("lemma-2.2",),
    remarks=(
        "It improves theorem-2.3 by the factor (1+λ)^2 in the constant: there the variance of p_t "
        "is bounded from below by m^2 V, and m V is a bound too.",
        "It holds for λ = inf as well, where Theorem 2.3 only says that E_t w >= E_0 w.",
    ),
)
