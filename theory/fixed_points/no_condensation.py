"""With enough real data the loop puts no atom at the largest weight."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import bounded_rewards, several_candidates
from recurate.theory.language import *
from recurate.theory.one_curation import curation_ceiling, lemma_2_2
from recurate.theory.one_curation.curation_ceiling import highest_ratio, winning
from recurate.theory.proving import (
    Cases,
    Combination,
    Proof,
    Sign,
    Step,
    StrictCombination,
    StrictlyUnderMean,
    Substitution,
    Supposing,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of

_atom = sympy.Symbol("p_w*", nonnegative=True)
"""Mass of the fixed point's atom at w_*."""

_claim = equal(_atom, 0)
_a = lam / (1 + lam)
_law = one_law  # the fixed point's
_others_weight, _wins = weight_of_others(_law, K - 1), winning(max_weight, _law)
_growth = _a * K * _wins  # a H(w_*), by which the loop multiplies an atom at w_*
_below_one = less(_growth, 1)
_few_candidates = at_most(lam * (K - 1), 1)
_bounded_weights = at_most(lam * (max_weight - mean_weight), mean_weight)
_highest = highest_ratio(K)
_rest = 1 - mean_weight / max_weight
_base = sympy.Symbol("y", positive=True)
"""The base of a power."""

_proof = Proof(
    general=curation_ceiling.general(),
    supposed={
        **curation_ceiling.supposed(_law),
        "several candidates": at_least(K, 2),
        "some synthetic": less(0, lam),
        "weight of the others": less(0, _others_weight),
        "not constant": less(mean_weight, max_weight),
        "enough real data": sympy.Or(_few_candidates, _bounded_weights, evaluate=False),
        # p = m p_ref + a T(p): its mean weight, and its mass at w_*, where p_ref has none
        "fixed point": equal(
            Mean(drawn_weight(_law)), mean_weight / (1 + lam) + _a * next_mean_weight
        ),
        "fixed point at the top": equal(_atom, _growth * _atom),
        "lemma-2.2": instance_of(lemma_2_2.statement, {mean_weight: Mean(drawn_weight(_law))}),
    },
    steps=(
        Step(
            "lighter than all",
            less(max_weight / (max_weight + _others_weight), 1),
            "A candidate does not win for sure: the others have some weight.",
            Sign(given=("weight of the others",)),
        ),
        Step(
            "wins",
            less(_wins, 1),
            "So H(w_*)/K, the mean of that, is below 1.",
            StrictlyUnderMean("lighter than all"),
        ),
        Step(
            "for few candidates",
            implies(_few_candidates, _below_one),
            "If λ(K-1) is at most 1, aK is at most 1, so a H(w_*) is below 1.",
            Supposing(
                StrictCombination(
                    Combination(
                        {"hypothesis": 1 / (1 + lam), "wins": _a * K}, given=("some synthetic",)
                    ),
                    strict="wins",
                )
            ),
        ),
        Step(
            "mean at least",
            at_least(Mean(drawn_weight(_law)), mean_weight),
            "The fixed point's mean weight E w is at least μ, since curation does not lower it.",
            Combination(
                {"fixed point": 1 + lam, "lemma-2.2": lam},
                given=("several candidates",),
                remainder=lam * (1 - inverse_candidates) * variance_weight / max_weight,
            ),
        ),
        curation_ceiling.number_of_others(1),
        *curation_ceiling.steps(_law),
        Step("power", less(0, _base**K), "Powers of a positive number are positive.", Sign()),
        Step(
            "rest",
            less(0, _rest),
            "The weight is not constant, so θ is below 1.",
            StrictCombination(Combination({"not constant": 1 / max_weight}), strict="not constant"),
        ),
        Step(
            "power of the rest",
            less(0, _rest**K),
            "So (1-θ)^K is positive, and h below w_*/μ.",
            Substitution("power", {_base: _rest}, {_base: "rest"}),
        ),
        Step(
            "for bounded weights",
            implies(_bounded_weights, _below_one),
            "If λ is at most μ/(w_* - μ), a is at most μ/w_* and a H(w_*) below 1.",
            Supposing(
                StrictCombination(
                    Combination(
                        {
                            "hypothesis": 1 / (mean_weight * (1 + lam)),
                            "power of the rest": _a * max_weight / mean_weight,
                            "ceiling": _a * K,
                        },
                        given=("some synthetic",),
                    ),
                    strict="power of the rest",
                )
            ),
        ),
        Step(
            "growth",
            _below_one,
            "In either case a H(w_*) is below 1.",
            Cases("enough real data", ("for few candidates", "for bounded weights")),
        ),
        Step(
            "claim",
            _claim,
            "The reference has no atom at w_*, so the fixed point's is multiplied by a H(w_*) and "
            "stays the same: it is zero, since 1 - a H(w_*) is not.",
            Combination({"fixed point at the top": 1 / (1 - _growth)}, given=("growth",)),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="no-condensation",
    label="No condensation",
    title="With enough real data no atom appears at the largest weight",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "fixed_point",
            "p is a fixed point of the mixed loop, and 0 < λ < inf",
            carried_by=("fixed point", "fixed point at the top", "some synthetic"),
        ),
        several_candidates("several candidates", "weight of the others"),
        bounded_rewards("bounded"),
        Hypothesis(
            "no_atom",
            "the reference has no atom at w_*",
            carried_by=("fixed point at the top", "not constant"),
        ),
        Hypothesis(
            "small_lam",
            "λ (lam) at most 1/(K - 1), or at most μ/(w_* - μ)",
            carried_by=("enough real data",),
        ),
    ),
    claim=_claim,
    proof=_proof,
    infinite_candidates="H(w_*) = w_*/E w and E w is above μ, so λ <= μ/(w_* - μ) is enough",
    law=(
        "over the fixed point p, from which W_p and the K - 1 other candidates, of weight S, are "
        "drawn"
    ),
    uses=("lemma-2.2",),
    remarks=(
        "An atom at w_* needs a H(w_*) = 1; the proof shows that a H(w_*) is below 1.",
        "At K = inf λ <= μ/(w_* - μ) is not necessary: the density (k+1)(1-w)^k has λ_c = 1/k, "
        "against 1/(k+1).",
    ),
)
