"""The mixed loop has at most one fixed point, whatever K and λ."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.hypotheses import bounded_rewards, several_candidates
from recurate.theory.language import *
from recurate.theory.one_curation import (
    curation_ceiling,
    curation_lipschitz_sharp,
    normalised_parts,
)
from recurate.theory.one_curation.curation_ceiling import transform, winning
from recurate.theory.one_curation.curation_lipschitz_sharp import curated_distance
from recurate.theory.one_curation.normalised_parts import (
    M_f,
    M_g,
    M_p,
    M_q,
    decay,
    density_under,
    exponent,
    f,
    g,
    integral,
    law,
    level,
    mean_weight_of,
    p,
    q,
    s,
)
from recurate.theory.proving import (
    Cases,
    Chord,
    Cited,
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
    Tangent,
    UnderIntegral,
    UnderMean,
    UnderSupposition,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of
from recurate.theory.textbook.integrals import POSITIVE_INTEGRAL
from recurate.theory.textbook.sequences import ARCHIMEDES

_a, _m = synthetic_fraction, real_fraction
_claim = equal(total_variation, 0)
_differ = less(0, total_variation)

_epsilon = sympy.Symbol("epsilon", positive=True)
"""ε, any positive number."""

_base = sympy.Symbol("y", positive=True)
"""The base of a power."""

_power = sympy.Symbol("n", nonnegative=True)
"""n = K - 2."""


class _near(WithIndex):
    """Weight within ε w_* of w_* at which the reference has mass: w_* is in its closed support."""

    plain, typeset = "v({})", r"v(@)"
    is_positive = True


class _reference_near(WithIndex):
    """Density of the reference there."""

    plain, typeset = "p_ref(v({}))", r"p_\mathrm{ref}(v(@))"
    is_positive = True


class _density_near(WithIndex):
    """Density of a fixed point i there."""

    nargs = 2
    plain, typeset = "{}(v({}))", r"@(v(@))"
    is_nonnegative = True


_mass_reference, _mass_p, _mass_q, _curated_p, _curated_q = sympy.symbols(
    "p_ref(B) p(B) q(B) Tp(B) Tq(B)", nonnegative=True
)
"""Masses of a set B under the laws p_ref, p, q, T(p) and T(q); B tells p and q best apart."""

_weight_near, _others = _near(_epsilon), weight_of_others(p, K - 1)
_ref = _reference_near(_epsilon)
_p_top, _q_top, _p_level = (
    curation_ratio_of(one, at) for one, at in ((p, max_weight), (q, max_weight), (p, level))
)

# c is below w_*, or equal to it.
_is_below, _is_top = less(level, max_weight), equal(level, max_weight)
_absurd = implies(_differ, less(0, 0))
_quotient = _others / ((level + _others) * (max_weight + _others))
_rise = K * (max_weight - level) * Mean(_quotient)

# H_q(w_*) - H_p(w_*), in terms of M_p^{K-2}.
_top_decay = sympy.exp(-s * max_weight)
_weighing = K * max_weight * _top_decay
_room = max_weight - mean_weight_of(g)
_short = 1 - level / max_weight
_kept = M_p ** (K - 2)
_first_part = _weighing * s * _top_decay * _kept
_second_part = _weighing * (1 - _top_decay) * _kept
_apart = (K - 1) * _room * integral(_first_part)


def _if_below(claim: Any) -> Any:
    return implies(_is_below, claim)


def _if_top(claim: Any) -> Any:
    return implies(_is_top, claim)


def _keeps(one: Any) -> Any:
    """Return that a law, p or q, is a fixed point, in densities at a weight near w_*."""
    near_ratio = curation_ratio_of(one, _weight_near)
    return equal(_density_near(one, _epsilon) * (1 - _a * near_ratio), _m * _ref)


def _growth_steps(one: Any) -> tuple[Step, ...]:
    """Return the steps to "growth of p", or of q: at a fixed point a H(w_*) is at most 1."""
    density = _density_near(one, _epsilon)
    others = weight_of_others(one, K - 1)
    share = Mean(1 / (max_weight + others))
    near_ratio, top_ratio = (curation_ratio_of(one, at) for at in (_weight_near, max_weight))
    return (
        Step(
            f"{one} near the top",
            less(0, density),
            f"Let v be a weight near w_* where the reference has mass: {one} has, too, as m p_ref "
            "is part of it.",
            StrictCombination(
                Combination(
                    {f"fixed point {one} near the top": 1, "real data": _ref},
                    remainder=density * _a * near_ratio,
                ),
                "real data",
            ),
        ),
        Step(
            f"growth of {one} near the top",
            at_most(_a * near_ratio, 1),
            f"From {one} (1 - a H_{one}) = m p_ref >= 0 there, a H_{one}(v) is at most 1.",
            Combination(
                {f"fixed point {one} near the top": 1 / density, "real data": _ref / density},
                given=(f"{one} near the top",),
            ),
        ),
        Step(
            f"shares under {one}",
            at_least(_weight_near / (_weight_near + others), _weight_near / (max_weight + others)),
            "Against a sum S the weight v wins with v/(v + S), at least v/(w_* + S).",
            Combination(
                {"below the top": _weight_near / ((_weight_near + others) * (max_weight + others))}
            ),
        ),
        Step(
            f"winning near the top under {one}",
            at_least(winning(_weight_near, one), _weight_near * share),
            "The same in the mean.",
            UnderMean(f"shares under {one}"),
        ),
        Step(
            f"ratio of {one} near the top",
            equal(near_ratio, K * winning(_weight_near, one)),
            f"That is H_{one}(v)/K.",
            Substitution("ratio", {law: one, weight: _weight_near}),
        ),
        Step(
            f"ratio of {one} at the top",
            equal(top_ratio, K * winning(max_weight, one)),
            f"At w_* it is H_{one}(w_*)/K.",
            Substitution("ratio", {law: one, weight: max_weight}),
        ),
        Step(
            f"growth of {one}, nearly",
            at_most(_a * top_ratio, 1 + _a * top_ratio * _epsilon),
            f"So H_{one}(v) is at least (1 - ε) H_{one}(w_*).",
            Combination(
                {
                    f"growth of {one} near the top": 1,
                    f"ratio of {one} near the top": _a,
                    f"winning near the top under {one}": _a * K,
                    "near the top": _a * K * share,
                    f"ratio of {one} at the top": -_a * (1 - _epsilon),
                }
            ),
        ),
        Step(
            f"growth of {one}",
            at_most(_a * top_ratio, 1),
            f"For every ε: a H_{one}(w_*) is at most 1.",
            Cited(
                ARCHIMEDES,
                {
                    "value": _a * top_ratio,
                    "bound": sympy.S.One,
                    "slope": _a * top_ratio,
                    "variable": _epsilon,
                },
                {"nearly": f"growth of {one}, nearly"},
            ),
        ),
    )


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
        equal(_p_top - _p_level, _rise),
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
                            "contraction": _p_top / total_variation,
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
    Step(
        "number of others",
        at_least(K - 1, 0),
        "There are K - 1 other candidates.",
        Combination({"several candidates": 1}, remainder=sympy.S.One),
    ),
    Step(
        "two fewer",
        at_least(K - 2, 0),
        "One at least.",
        Combination({"several candidates": 1}),
    ),
    *curation_ceiling.ratio_as_an_integral(law),
    *(
        Step(
            f"ratio of {one} as an integral",
            equal(
                curation_ratio_of(one, max_weight),
                integral(_weighing * transform(one, s) ** (K - 1)),
            ),
            f"H_{one}(w_*) is one.",
            Substitution("ratio as an integral", {law: one, weight: max_weight}),
        )
        for one in (p, q)
    ),
    *normalised_parts.DIFFERENCE,
    *normalised_parts.TANGENT,
    Step(
        "M_g from below",
        at_least(M_g, _top_decay * (1 + s * _room)),
        "M_g lies above the tangent of e^{-sw} at w_*.",
        Substitution("transform from below", {law: g, level: max_weight}),
    ),
    Step(
        "exponent from below",
        at_least(-s * random_weight, -s * max_weight),
        "No weight exceeds w_*.",
        Combination({"bounded": s}),
    ),
    Step(
        "exponent from above", at_most(-s * random_weight, 0), "All weights are positive.", Sign()
    ),
    Step(
        "chord",
        at_most(
            s * max_weight * decay,
            s * random_weight * _top_decay + s * (max_weight - random_weight),
        ),
        "So e^{-sw} lies below its chord.",
        Chord(sympy.exp(exponent), exponent, "exponent from below", "exponent from above"),
    ),
    Step(
        "weighted chord",
        at_most(
            s * max_weight * decay * density_under(law),
            (s * random_weight * _top_decay + s * (max_weight - random_weight))
            * density_under(law),
        ),
        "Times a density.",
        Combination({"chord": density_under(law)}),
    ),
    Step(
        "mean chord",
        at_most(
            s * max_weight * Mean(decay * density_under(law)),
            Mean(
                (s * random_weight * _top_decay + s * (max_weight - random_weight))
                * density_under(law)
            ),
        ),
        "In the mean.",
        UnderMean("weighted chord"),
    ),
    Step(
        "transform from above",
        at_most(transform(law, s), 1 - (1 - _top_decay) * mean_weight_of(law) / max_weight),
        "So a transform lies below its chord.",
        Combination({"transform by density": -1, "mean chord": 1 / (s * max_weight), "mass": -1}),
    ),
    Step(
        "chord of f",
        at_most(M_f, 1 - (1 - _top_decay) * mean_weight_of(f) / max_weight),
        "That of f does.",
        Substitution("transform from above", {law: f}),
    ),
    Step(
        "M_f from above",
        at_most(M_f, 1 - (1 - _top_decay) * level / max_weight),
        "Its mean weight is c.",
        Combination(
            {"chord of f": 1, "mean weight under f": (1 - _top_decay) / max_weight},
        ),
    ),
    Step(
        "power tangent",
        at_least(
            M_q ** (1 + _power),
            M_p ** (1 + _power) + (1 + _power) * M_p**_power * (M_q - M_p),
        ),
        "Powers are convex: they lie above their tangents.",
        Tangent(_base ** (1 + _power), _base, M_p, M_q),
    ),
    Step(
        "powers",
        at_least(M_q ** (K - 1), M_p ** (K - 1) + (K - 1) * _kept * (M_q - M_p)),
        "With the exponent K - 1.",
        Substitution("power tangent", {_power: K - 2}, {_power: "two fewer"}),
    ),
    Step(
        "integrands",
        at_least(
            _weighing * (M_q ** (K - 1) - M_p ** (K - 1)),
            (K - 1) * total_variation * (_room * _first_part - _short * _second_part),
        ),
        "M_q - M_p is τ (M_g - M_f).",
        Combination(
            {
                "powers": _weighing,
                "transforms differ": -_weighing * (K - 1) * _kept,
                "M_g from below": _weighing * (K - 1) * _kept * total_variation,
                "M_f from above": _weighing * (K - 1) * _kept * total_variation,
            },
            given=("several candidates",),
        ),
    ),
    Step(
        "integrals",
        at_least(
            integral(_weighing * (M_q ** (K - 1) - M_p ** (K - 1))),
            integral((K - 1) * total_variation * (_room * _first_part - _short * _second_part)),
        ),
        "Integrated over s from 0 on.",
        UnderIntegral("integrands", s, sympy.S.Zero, sympy.oo),
    ),
    Step(
        "separation",
        at_least(
            _q_top - _p_top,
            total_variation * (_apart - (K - 1) * _short * integral(_second_part)),
        ),
        "So H_q(w_*) exceeds H_p(w_*), but for what c falls short of w_*.",
        Combination(
            {
                "integrals": 1,
                "ratio of q as an integral": 1,
                "ratio of p as an integral": -1,
            }
        ),
    ),
    Step("positive part", less(0, _first_part), "The first integrand is positive.", Sign()),
    Step(
        "positive integral",
        less(0, integral(_first_part)),
        "So is its integral.",
        Cited(
            POSITIVE_INTEGRAL,
            {"integrand": _first_part, "variable": s},
            {"positive": "positive part"},
        ),
    ),
    Step(
        "loss",
        less(0, _apart),
        "So is its factor: not all of g is at w_*.",
        StrictCombination(
            Combination(
                {"positive integral": (K - 1) * _room}, given=("several candidates", "apart")
            ),
            "positive integral",
        ),
    ),
    Step(
        "same ratio",
        _if_top(equal(_p_top, _p_level)),
        "If c is w_*, H_p(c) is H_p(w_*).",
        Supposing(Combination({"ratio rises": 1, "hypothesis": -K * Mean(_quotient)})),
    ),
    Step(
        "separated",
        _if_top(at_least(_q_top - _p_top, total_variation * _apart)),
        "And H_q(w_*) exceeds it.",
        Supposing(
            Combination(
                {
                    "separation": 1,
                    "hypothesis": total_variation * (K - 1) * integral(_second_part) / max_weight,
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
                            "contraction": _q_top / total_variation,
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
        "near the top": (_epsilon,),
        "below the top": (_epsilon,),
        "fixed point p near the top": (_epsilon,),
        "fixed point q near the top": (_epsilon,),
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
        "near the top": at_least(_weight_near, (1 - _epsilon) * max_weight),
        "below the top": at_most(_weight_near, max_weight),
        "fixed point p near the top": _keeps(p),
        "fixed point q near the top": _keeps(q),
        "fixed point p": equal(_mass_p, _m * _mass_reference + _a * _curated_p),
        "fixed point q": equal(_mass_q, _m * _mass_reference + _a * _curated_q),
        "distance": equal(total_variation, _mass_p - _mass_q),
        "distance of T": at_most(_curated_p - _curated_q, curated_distance),
    },
    steps=(
        *_growth_steps(p),
        *_growth_steps(q),
        *_CONTRACTION,
        *_BELOW,
        *_AT_TOP,
        Step(
            "absurd",
            _absurd,
            "So two different fixed points would be nearer to one another than they are.",
            Cases("below or at the top", ("absurd below", "absurd at the top")),
        ),
        Step("claim", _claim, "So there is one at most.", Contradiction("absurd")),
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
        "in the weak topology, in which the laws on the closed support are a compact convex set.",
        "Laws of the weight are meant: points of one weight may share an atom at w_* that the "
        "reference does not have (condensation-threshold) in any proportion.",
        "For K = 1 the loop is linear and the fixed point is the reference; for K = inf see "
        "fixed-point-k-inf. In the pure loop every point mass is a fixed point.",
        "If the reference has mass at its largest weight, the loop converges to it from every "
        "start: global-attraction.",
    ),
)
