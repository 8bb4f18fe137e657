"""Bounded weights keep the loop near the reference for larger λ, and nearer."""

from __future__ import annotations

import sympy

from recurate.theory.foundations import ratio_monotone
from recurate.theory.hypotheses import bounded_rewards, from_reference, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation import curation_ceiling
from recurate.theory.one_curation.curation_ceiling import highest_ratio, winning
from recurate.theory.proving import (
    ByDefinition,
    Chord,
    Combination,
    Induction,
    Proof,
    Reciprocal,
    Step,
    Supposing,
    UnderMean,
)
from recurate.theory.proving.putting_in import substituted
from recurate.theory.real_data import mean_weight_stays
from recurate.theory.real_data.theorem_2_4 import LOOP
from recurate.theory.statement import Hypothesis, Statement, instance_of

_a, _m = synthetic_fraction, real_fraction
_highest = highest_ratio(K)

largest_mixing = 1 / (_highest - 1)
"""The bound of λ in the hypothesis."""

_excess = sympy.Symbol("e", nonnegative=True)
"""e = h - 1, by how much the highest curation ratio exceeds 1."""

_slack = 1 - lam * _excess
_density = sympy.Symbol("d", positive=True)
# -log(1-λe) - e log(1+λ), over h, in a form that keeps its digits for small λ
_bound_by_excess = (LogExcess(-lam * _excess) + _excess * LogExcess(lam)) / (1 + _excess)
_claim_by_excess = at_most(divergence_at(t), _bound_by_excess)
_claim = substituted(_claim_by_excess, {_excess: _highest - 1})
_density_claim = at_most(density_at(t), 1 / _slack)
_lowest_claim = at_least(density_at(t), 1 / (1 + lam))
_entropy = density_at(t) * sympy.log(density_at(t))

_top_ratio = curation_ratio_of(t, max_weight)

_RATIO = (
    Step(
        "highest ratio",
        at_most(ratio_at(t), 1 + _excess),
        "Nothing wins more often than a candidate of the largest weight (ratio-monotone), so no "
        "curation ratio exceeds h = (1 - (1-θ)^K)/θ, which is 1 + e.",
        Combination({"ratio-monotone": 1, "ratio at the top": -1, "ceiling": K, "excess": 1}),
    ),
    Step(
        "at least one",
        at_least(_highest - 1, 0),
        "So e is nonnegative.",
        Combination({"floor": K}),
    ),
)

_DENSITY = (
    Step(
        "one step",
        at_most(density_at(t + 1), _m + _a * (1 + _excess) * density_at(t)),
        "The density is multiplied by at most h, and mixed with the reference's.",
        Combination({"loop": -1, "highest ratio": _a * density_at(t)}),
    ),
    Step("inverse", less(0, 1 / _slack), "1 - λ(h-1) is positive.", Reciprocal("safe")),
    Step(
        "highest at first",
        at_most(density_at(0), 1 / _slack),
        "The loop starts at density 1.",
        Combination({"start density": -1, "inverse": lam * _excess}),
    ),
    Step(
        "highest next",
        implies(_density_claim, at_most(density_at(t + 1), 1 / _slack)),
        "The bound D = 1/(1 - λ(h-1)) solves m + a h D = D.",
        Supposing(Combination({"one step": 1, "hypothesis": _a * (1 + _excess)})),
    ),
    Step(
        "highest density",
        _density_claim,
        "So no density ever exceeds it.",
        Induction(t, 0, base="highest at first", step="highest next"),
    ),
    Step(
        "lowest at first",
        at_least(density_at(0), 1 / (1 + lam)),
        "No density is below m = 1/(1+λ) at the start.",
        Combination({"start density": 1}, remainder=lam / (1 + lam)),
    ),
    Step(
        "lowest next",
        implies(_lowest_claim, at_least(density_at(t + 1), 1 / (1 + lam))),
        "Nor later, since a share m of the samples is the reference's.",
        Supposing(Combination({"loop": 1}, remainder=_a * density_at(t) * ratio_at(t))),
    ),
    Step(
        "lowest density",
        _lowest_claim,
        "So m <= d_t <= D for every t.",
        Induction(t, 0, base="lowest at first", step="lowest next"),
    ),
)

_lowest, _high = 1 / (1 + lam), 1 / _slack
_at_lowest, _at_high = -sympy.log(1 + lam) / (1 + lam), -sympy.log(_slack) / _slack

_DIVERGENCE = (
    Step(
        "chord of the entropy",
        at_most(
            (_high - _lowest) * _entropy,
            (_high - density_at(t)) * _at_lowest + (density_at(t) - _lowest) * _at_high,
        ),
        "d log d is convex: from m to D it lies below its chord.",
        Chord(
            -_density * sympy.log(1 / _density),
            _density,
            lower="lowest density",
            upper="highest density",
        ),
    ),
    Step(
        "mean chord of the entropy",
        at_most(
            (_high - _lowest) * Mean(_entropy),
            (_high - Mean(density_at(t))) * _at_lowest + (Mean(density_at(t)) - _lowest) * _at_high,
        ),
        "The same holds in the mean under p_ref, where d_t has the mean 1.",
        UnderMean("chord of the entropy"),
    ),
    Step(
        "divergence bounded",
        _claim_by_excess,
        "So the divergence is largest where d_t takes the values m and D alone, D with probability "
        "(1 - λ(h-1))/h under p_ref.",
        Combination(
            {
                ("mean chord of the entropy", "safe"): (1 + lam) / (lam * (1 + _excess)),
                "total": -(1 + lam) * _slack / (lam * (1 + _excess)) * (_at_high - _at_lowest),
                "divergence": -1,
            },
            given=("some synthetic", "safe"),
        ),
    ),
    Step(
        "claim",
        _claim,
        "Put e = h - 1.",
        ByDefinition("divergence bounded", "excess", sign="at least one"),
    ),
)

# The densities and curation ratios are at a draw from p_ref, and E[d_t log d_t] and E[d_t] over it.
_proof = Proof(
    general={
        **mean_weight_stays.GENERAL,
        **curation_ceiling.general(t),
        "ratio-monotone": (t,),
        "ratio at the top": (t,),
        "loop": (t,),
    },
    supposed={
        **curation_ceiling.supposed(t),
        "some synthetic": less(0, lam),
        **mean_weight_stays.SUPPOSED,
        "ratio-monotone": instance_of(
            ratio_monotone.statement,
            {ratio_monotone.HIGHER: _top_ratio, ratio_monotone.LOWER: ratio_at(t)},
        ),
        "ratio at the top": equal(_top_ratio, K * winning(max_weight, t)),
        "excess": equal(_excess, _highest - 1),
        "safe": less(0, _slack),
        "start density": equal(density_at(0), 1),
        "loop": LOOP,
        "total": equal(Mean(density_at(t)), 1),
        "divergence": equal(divergence_at(t), Mean(_entropy)),
    },
    steps=(
        *mean_weight_stays.STEPS,
        curation_ceiling.number_of_others(),
        *curation_ceiling.steps(t),
        *curation_ceiling.FLOOR,
        *_RATIO,
        *_DENSITY,
        *_DIVERGENCE,
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.4-bounded-weights",
    label="Theorem 2.4 for bounded weights",
    title="Bounded rewards keep the loop near the reference for any K and larger λ",
    kind="sharpened",
    hypotheses=(
        from_reference("start", "start density"),
        one_candidate("several candidates"),
        bounded_rewards("bounded", "lemma-2.2"),
        Hypothesis(
            "small_lam",
            "λ (lam) below 1/(h - 1), h = (1 - (1-θ)^K)/θ, θ = μ/w_*",
            less(lam / largest_mixing, 1),
            carried_by=("safe",),
        ),
    ),
    claim=_claim,
    bound=_claim.rhs,
    bound_law="p_ref",
    rational_core=1 / (1 - lam * (_highest - 1)),  # bounds the density p_t/p_ref
    equality_cases=("K = 1", "λ = 0", "one atom"),
    proof=_proof,
    infinite_candidates=(
        "the same proof: H_t = w/E_t w (lemma-2.1-limit) is at most w_*/μ = h, with lemma-2.2 at "
        "K = inf"
    ),
    law="of functions of d_t and H_t: over p_ref; of functions of W_t and S_t: over p_t",
    uses=("lemma-2.2", "ratio-monotone"),
    remarks=(
        "The bound is [-log(1 - λ(h-1)) - (h-1) log(1+λ)]/h; h is at most K and at most w_*/μ, so "
        "K = inf is allowed, with h = w_*/μ.",
        "On the way: no curation ratio exceeds h, and d_t <= 1/(1 - λ(h-1)), where Theorem 2.4 "
        "has K in place of h. The divergence is at most a share 1/h of the logarithm of that.",
        "The proof supposes λ > 0; for λ = 0 the loop stays at p_ref and both sides are zero.",
    ),
)
