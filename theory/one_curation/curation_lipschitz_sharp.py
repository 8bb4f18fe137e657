"""Curation multiplies the distance of two laws by at most a curation ratio at a mean weight."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.hypotheses import one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation import (
    curation_ceiling,
    normalised_parts,
    ordered_transforms,
    smaller_transform,
    transform_balance,
)
from recurate.theory.one_curation.normalised_parts import (
    decay,
    density_under,
    f,
    g,
    integral,
    law,
    level,
    level_decay,
    mean_weight_of,
    p,
    q,
    s,
)
from recurate.theory.one_curation.ordered_transforms import (
    is_first,
    is_second,
    power_of_others,
    tilted,
)
from recurate.theory.one_curation.smaller_transform import lower_slope
from recurate.theory.one_curation.transform_balance import balance
from recurate.theory.proving import (
    Cited,
    Combination,
    Proof,
    Step,
    Substitution,
    UnderIntegral,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement
from recurate.theory.textbook.integrals import TONELLI

curated_distance = sympy.Symbol("TV(Tp,Tq)", nonnegative=True)
"""Total variation distance of T(p) and T(q)."""

ratio_at_level = curation_ratio_of(p, level)
"""H_p(c)."""

_in_set = random_quantity


class _curated_mass(WithIndex):
    """T(i)(A), as a function of the law i."""

    tacit = frozenset({K})
    plain, typeset = "T{}(A)", "T@(A)"


def _curated_integrand(one: Any) -> Any:
    return K * power_of_others(one) * Mean(_in_set * tilted(one))


_moved = tilted(q) * power_of_others(q) - tilted(p) * power_of_others(p)
_allowed = K * total_variation * power_of_others(p)
_claim = at_most(curated_distance, ratio_at_level * total_variation)

_POINTWISE = (
    Step(
        "pointwise",
        at_most(
            K * _in_set * _moved,
            K
            * (
                total_variation * power_of_others(p) * is_first * tilted(g)
                + total_variation * power_of_others(p) * is_second * tilted(f)
                + is_second * _moved
            ),
        ),
        "Let s > 0. Where M_q <= M_p, q M_q^{K-1} - p M_p^{K-1} is at most (q - p) M_p^{K-1}, "
        "hence at most τ g M_p^{K-1}; where M_p < M_q, its negative is at most τ f M_p^{K-1}, "
        "which is used off A.",
        Combination(
            {
                ("in the set", "others, first set"): K * tilted(q),
                ("not more than once", "others, second set"): K * tilted(q),
                "in the set": _allowed * tilted(f),
                "not more than once": _allowed * tilted(g),
                "densities": K * random_weight * decay * power_of_others(p) * (_in_set - is_second),
            }
        ),
    ),
    Step(
        "by slopes",
        at_most(_curated_integrand(q) - _curated_integrand(p), _allowed * lower_slope + balance),
        "The same holds in the mean over the draw. Write N for the smaller one of M_f and M_g: τ "
        "K M_p^{K-1} is multiplied by how fast N falls.",
        UnderMean("pointwise"),
    ),
    Step(
        "integrated",
        at_most(
            integral(_curated_integrand(q)) - integral(_curated_integrand(p)),
            total_variation * integral(K * power_of_others(p) * lower_slope) + integral(balance),
        ),
        "Integrated over s from 0 on.",
        UnderIntegral("by slopes", s, sympy.S.Zero, sympy.oo),
    ),
)

_drawn_mass = _in_set * density_under(law) * curation_ratio_of(law, random_weight)
_drawn_integrand = K * _in_set * tilted(law) * power_of_others(law)

_MASSES = (
    *curation_ceiling.ratio_as_an_integral(law),
    Step(
        "ratio at a draw",
        equal(
            curation_ratio_of(law, random_weight),
            integral(K * random_weight * decay * power_of_others(law)),
        ),
        "In particular at a draw.",
        Substitution("ratio as an integral", {weight: random_weight}),
    ),
    Step(
        "curated draw",
        equal(_drawn_mass, integral(_drawn_integrand)),
        "Times a density, and the indicator of A.",
        Combination({"ratio at a draw": _in_set * density_under(law)}),
    ),
    Step(
        "mean curated draw",
        equal(Mean(_drawn_mass), Mean(integral(_drawn_integrand))),
        "In the mean.",
        UnderMean("curated draw"),
    ),
    Step(
        "nonnegative integrand",
        at_least(_drawn_integrand, 0),
        "What is integrated is nonnegative.",
        Combination({"in the set": K * tilted(law) * power_of_others(law)}),
    ),
    Step(
        "mean inside the curated mass",
        equal(Mean(integral(_drawn_integrand)), integral(Mean(_drawn_integrand))),
        "So the mean goes inside.",
        Cited(
            TONELLI,
            {
                "integrand": _drawn_integrand,
                "variable": s,
                "lower": sympy.S.Zero,
                "upper": sympy.oo,
            },
            {"nonnegative": "nonnegative integrand"},
        ),
    ),
    Step(
        "curated mass",
        equal(_curated_mass(law), integral(_curated_integrand(law))),
        "So that is the mass that curation leaves in A.",
        Combination(
            {
                "density after curation": 1,
                "mean curated draw": 1,
                "mean inside the curated mass": 1,
            }
        ),
    ),
    *(
        Step(
            f"mass under T({one})",
            equal(_curated_mass(one), integral(_curated_integrand(one))),
            f"In particular if the law is {one}.",
            Substitution("curated mass", {law: one}),
        )
        for one in (p, q)
    ),
    Step(
        "ratio at c",
        equal(ratio_at_level, integral(K * level * level_decay * power_of_others(p))),
        "And H_p(c) is such an integral.",
        Substitution("ratio as an integral", {law: p, weight: level}),
    ),
)
"""Curated masses, and H_p(c), as integrals over s."""

_proof = Proof(
    general={
        **normalised_parts.GENERAL,
        **ordered_transforms.GENERAL,
        "density after curation": (law,),
    },
    supposed={
        "several candidates": at_least(K, 1),
        **normalised_parts.SUPPOSED,
        **ordered_transforms.SUPPOSED,
        "mean weight under f": at_most(mean_weight_of(f), level),
        "mean weight under g": at_most(mean_weight_of(g), level),
        "in the set": at_least(_in_set, 0),
        "not more than once": at_most(_in_set, 1),
        "density after curation": equal(
            _curated_mass(law),
            Mean(_in_set * density_under(law) * curation_ratio_of(law, random_weight)),
        ),
        # A is the set of draws that T(q) has with a higher density than T(p)
        "distance": equal(curated_distance, _curated_mass(q) - _curated_mass(p)),
    },
    steps=(
        curation_ceiling.number_of_others(),
        *normalised_parts.DIFFERENCE,
        *normalised_parts.TANGENT,
        *ordered_transforms.ORDERS,
        *_POINTWISE,
        *ordered_transforms.SMOOTH,
        *transform_balance.STEPS,
        *_MASSES,
        *smaller_transform.STEPS,
        Step(
            "claim",
            _claim,
            "So the integral of τ K M_p^{K-1} times how fast N falls is at most τ H_p(c).",
            Combination(
                {
                    "distance": -1,
                    "mass under T(q)": -1,
                    "mass under T(p)": 1,
                    "integrated": 1,
                    "balance": -1,
                    "ratio at c": total_variation,
                    "by parts": K * total_variation,
                    "rest integrated": total_variation,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="curation-lipschitz-sharp",
    label="Lipschitz constant of curation, sharpened",
    title="Curation drives two laws apart by H_p(c), c the larger mean weight of what differs",
    kind="ours",
    hypotheses=(
        one_candidate("several candidates"),
        Hypothesis(
            "parts",
            "p and q are any two laws with p - q = TV(p, q) (f - g), f and g laws as well",
            carried_by=("densities", "mass"),
        ),
        Hypothesis(
            "means",
            "the mean weights under f and g are at most c",
            carried_by=("mean weight under f", "mean weight under g"),
        ),
    ),
    claim=_claim,
    equality_cases=(
        "K = 1",
        "p = q",
        "p and q differ only in how they share the mass at one weight c",
    ),
    proof=_proof,
    infinite_candidates=(
        "H_p(c) = c/E_p w, and T(p) has the density p w/E_p w (lemma-2.1-limit). If "
        "E_q w >= E_p w, (T(q) - T(p))^+ <= (q - p)^+ w/E_p w; otherwise (T(p) - T(q))^+ <= "
        "(p - q)^+ w/E_p w"
    ),
    law=(
        "over a draw from a law over which p, q, f and g have densities, such as (p + q)/2; W is "
        "its weight, and G indicates that it is in the set A where T(q) has the higher density"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "f and g are the normalised positive and negative parts of p - q. Rewards may be "
        "unbounded. p and q may be exchanged: "
        "TV(T(p), T(q)) <= min(H_p(c), H_q(c)) TV(p, q).",
        "No weight exceeds w_*, so c = w_* will do: that is curation-lipschitz. Where f and g are "
        "not both at the top, H_p(c) is smaller.",
    ),
)
