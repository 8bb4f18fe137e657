"""The mixed loop has at most one fixed point, whatever K and λ."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.fixed_points import growth_at_the_top, top_ratios_apart
from recurate.theory.fixed_points.top_ratios_apart import apart, p_top, q_top, second_part
from recurate.theory.hypotheses import bounded_rewards, several_candidates
from recurate.theory.language import *
from recurate.theory.one_curation import (
    curation_lipschitz_sharp,
    normalised_parts,
)
from recurate.theory.one_curation.curation_ceiling import winning
from recurate.theory.one_curation.curation_lipschitz_sharp import curated_distance
from recurate.theory.one_curation.normalised_parts import (
    f,
    g,
    integral,
    law,
    level,
    mean_weight_of,
    p,
    q,
)
from recurate.theory.proving import (
    Cases,
    Combination,
    Contradiction,
    Identity,
    Proof,
    Sign,
    Step,
    StrictCombination,
    StrictlyUnderMean,
    Substitution,
    Supposing,
    UnderMean,
    UnderSupposition,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of

_a, _m = synthetic_fraction, real_fraction
_claim = equal(total_variation, 0)
_differ = less(0, total_variation)

_mass_reference, _mass_p, _mass_q, _curated_p, _curated_q = sympy.symbols(
    "p_ref(B) p(B) q(B) Tp(B) Tq(B)", nonnegative=True
)
"""Masses of a set B under the laws p_ref, p, q, T(p) and T(q); B tells p and q best apart."""

_others = weight_of_others(p, K - 1)
_p_level = curation_ratio_of(p, level)

# c is below w_*, or equal to it.
_is_below, _is_top = less(level, max_weight), equal(level, max_weight)
_absurd = implies(_differ, less(0, 0))
_quotient = _others / ((level + _others) * (max_weight + _others))
_rise = K * (max_weight - level) * Mean(_quotient)


def _if_below(claim: Any) -> Any:
    return implies(_is_below, claim)


def _if_top(claim: Any) -> Any:
    return implies(_is_top, claim)


_CONTRACTION = (
    Step(
        "drawn together",
        at_most(total_variation, _a * curated_distance),
        "Both are m p_ref plus a times what curation makes of them.",
        Combination({"distance": -1, "fixed point p": -1, "fixed point q": 1, "distance of T": _a}),
    ),
    Step(
        "contraction",
        at_most(total_variation, _a * _p_level * total_variation),
        "So their distance τ is at most a H_p(c) τ (curation-lipschitz-sharp), c the mean weight "
        "under f.",
        Combination({"drawn together": 1, "curation-lipschitz-sharp": _a}),
    ),
)

_BELOW = (
    Step(
        "gain",
        equal(
            max_weight / (max_weight + _others) - level / (level + _others),
            (max_weight - level) * _quotient,
        ),
        "A candidate of weight w_* wins more often than one of weight c.",
        Identity(),
    ),
    Step(
        "mean gain",
        equal(winning(max_weight, p) - winning(level, p), (max_weight - level) * Mean(_quotient)),
        "In the mean.",
        UnderMean("gain"),
    ),
    Step(
        "ratio of p at c",
        equal(_p_level, K * winning(level, p)),
        "That is H_p(c)/K.",
        Substitution("ratio", {law: p, weight: level}),
    ),
    Step(
        "ratio rises",
        equal(p_top - _p_level, _rise),
        "So H_p(w_*) exceeds H_p(c) by K (w_* - c) E[S/((c + S)(w_* + S))].",
        Combination({"mean gain": K, "ratio of p at c": -1, "ratio of p at the top": 1}),
    ),
    Step(
        "some weight",
        less(0, _quotient),
        "The others have some weight.",
        Sign(given=("weight of the others",)),
    ),
    Step(
        "mean of some weight",
        less(0, Mean(_quotient)),
        "In the mean.",
        StrictlyUnderMean("some weight"),
    ),
    Step(
        "rise",
        _if_below(less(0, _rise)),
        "So if c is below w_*, H_p(c) is below H_p(w_*).",
        Supposing(
            StrictCombination(
                Combination(
                    {"mean of some weight": K * (max_weight - level)}, given=("hypothesis",)
                ),
                "mean of some weight",
            )
        ),
    ),
    Step(
        "absurd below",
        _if_below(_absurd),
        "And a H_p(c) below 1: a distance τ > 0 would be below itself.",
        UnderSupposition(
            Supposing(
                StrictCombination(
                    Combination(
                        {
                            "rise": 1,
                            "ratio rises": 1,
                            "contraction": p_top / total_variation,
                            "growth of p": _p_level,
                        },
                        given=("hypothesis",),
                    ),
                    "rise",
                )
            )
        ),
    ),
)
"""If c is below w_*."""

_AT_TOP = (
    *top_ratios_apart.STEPS,
    Step(
        "same ratio",
        _if_top(equal(p_top, _p_level)),
        "If c is w_*, H_p(c) is H_p(w_*).",
        Supposing(Combination({"ratio rises": 1, "hypothesis": -K * Mean(_quotient)})),
    ),
    Step(
        "separated",
        _if_top(at_least(q_top - p_top, total_variation * apart)),
        "And H_q(w_*) exceeds it.",
        Supposing(
            Combination(
                {
                    "separation": 1,
                    "hypothesis": total_variation * (K - 1) * integral(second_part) / max_weight,
                }
            )
        ),
    ),
    Step(
        "absurd at the top",
        _if_top(_absurd),
        "So a H_p(c) is below a H_q(w_*), which is at most 1: a distance τ > 0 would be below "
        "itself.",
        UnderSupposition(
            Supposing(
                StrictCombination(
                    Combination(
                        {
                            "loss": total_variation,
                            "separated": 1,
                            "same ratio": 1,
                            "contraction": q_top / total_variation,
                            "growth of q": _p_level,
                        },
                        given=("hypothesis",),
                    ),
                    "loss",
                )
            )
        ),
    ),
)
"""If c is w_*: then all of f is there."""

_proof = Proof(
    general={
        **normalised_parts.GENERAL,
        **growth_at_the_top.GENERAL,
    },
    supposed={
        "several candidates": at_least(K, 2),
        "real data": less(0, _m),
        "bounded": at_most(random_weight, max_weight),
        "weight of the others": less(0, _others),
        **normalised_parts.SUPPOSED,
        # f is the part with the larger mean weight; not all of both is at w_*
        "mean weight under f": equal(mean_weight_of(f), level),
        "apart": less(mean_weight_of(g), max_weight),
        "below or at the top": sympy.Or(_is_below, _is_top, evaluate=False),
        "curation-lipschitz-sharp": instance_of(curation_lipschitz_sharp.statement, {}),
        # p and q are fixed points
        **growth_at_the_top.SUPPOSED,
        "fixed point p": equal(_mass_p, _m * _mass_reference + _a * _curated_p),
        "fixed point q": equal(_mass_q, _m * _mass_reference + _a * _curated_q),
        "distance": equal(total_variation, _mass_p - _mass_q),
        "distance of T": at_most(_curated_p - _curated_q, curated_distance),
    },
    steps=(
        *growth_at_the_top.steps(p),
        *growth_at_the_top.steps(q),
        *_CONTRACTION,
        *_BELOW,
        *_AT_TOP,
        Step(
            "absurd",
            _absurd,
            "So two different fixed points would be nearer to one another than they are.",
            Cases("below or at the top", ("absurd below", "absurd at the top")),
        ),
        Step("claim", _claim, "So there is at most one.", Contradiction("absurd")),
    ),
)

statement = Statement(
    module=__name__,
    id="fixed-point-unique",
    label="Unique fixed point",
    title="The mixed loop has at most one fixed point, whatever K and λ (existence: a remark)",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "fixed_points",
            "p and q are fixed points of the mixed loop, laws of the weight on the closed support "
            "of the reference's",
            carried_by=(
                "fixed point p",
                "fixed point q",
                "fixed point p near the top",
                "fixed point q near the top",
            ),
        ),
        several_candidates("several candidates", "weight of the others"),
        Hypothesis(
            "real_data",
            "real data are mixed in: 0 <= λ < inf",
            less(0, _m),
            carried_by=("real data",),
        ),
        bounded_rewards(
            "bounded",
            "near the top",
            "below the top",
            "below or at the top",
            more=", the essential supremum under the reference",
        ),
    ),
    claim=_claim,
    proof=_proof,
    law=(
        "over a draw from a law over which p, q, f and g have densities, and W is its weight; of "
        "functions of S_i, over K - 1 independent candidates from the law i"
    ),
    infinite_candidates=(
        "a H(w_*) = a w_*/E w is at most 1 for p and for q, and H_p(c) = c/E_p w: so c = w_* and "
        "E_p w = a w_*; f is at w_*, so E_q w is below E_p w, and a w_*/E_q w above 1"
    ),
    uses=("curation-lipschitz-sharp", "lemma-2.1"),
    remarks=(
        "The claim is that TV(p, q) = 0. That there is a fixed point, so exactly one, follows on a "
        "compact set of weights from the theorem of Schauder and Tychonoff: the loop is continuous "
        "in the weak topology, in which the laws on the closed support are a compact convex set. "
        "(In Rocq for finite laws: one on the support of p_ref, to which the loop converges.)",
        "Laws of the weight are meant: points of one weight may share an atom at w_* that the "
        "reference does not have (condensation-threshold) in any proportion.",
        "For K = 1 the loop is linear and the fixed point is the reference; for K = inf see "
        "fixed-point-k-inf. In the pure loop every point mass is a fixed point.",
        "If the reference has mass at its largest weight, the loop converges to it from every "
        "start: global-attraction.",
    ),
)
