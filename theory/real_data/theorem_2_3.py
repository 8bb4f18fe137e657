"""With real data mixed in, the expected weight stays above its start by a fixed amount."""

from __future__ import annotations

from recurate.theory.hypotheses import bounded_rewards, from_reference, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation import lemma_2_2
from recurate.theory.proving import (
    Combination,
    Identity,
    Induction,
    Proof,
    Step,
    Substitution,
    Supposing,
)
from recurate.theory.source import Source
from recurate.theory.statement import Statement, instance_of

_a, _m = synthetic_fraction, real_fraction
_share = (1 - inverse_candidates) / max_weight  # (K-1)/(K w_*)
_bound = mean_weight + _a * _m**2 * _share * variance_weight  # λ/(1+λ)^3 = a m^2
_claim = at_least(mean_weight_at(t + 1), _bound)

# The law of the total variance, for p_{t+1} = m p_ref + a q: variance and mean of q = T(p_t).
_variance, _mean = curated_variance_at(t), curated_mean_at(t)
_second_moment = _m * (variance_weight + mean_weight**2) + _a * (_variance + _mean**2)
_total_variance = _second_moment - (_m * mean_weight + _a * _mean) ** 2

ONE_STEP = {
    "mixture": equal(mean_weight_at(t + 1), _m * mean_weight + _a * curated_mean_at(t)),
    "lemma-2.2": instance_of(
        lemma_2_2.statement,
        {
            next_mean_weight: curated_mean_at(t),
            mean_weight: mean_weight_at(t),
            variance_weight: variance_at(t),
        },
    ),
}
"""The mean weight after a step, and Lemma 2.2 for the curation in it."""

SUPPOSED = {
    "several candidates": at_most(inverse_candidates, 1),
    **ONE_STEP,
    "start": equal(mean_weight_at(0), mean_weight),
    "first variance": equal(variance_at(0), variance_weight),
    "variance of a mixture": equal(variance_at(t + 1), _total_variance),
}
"""What Theorem 2.3 and its sharper form start from: the loop, Lemma 2.2, and p_{t+1} as a mixture
of p_ref and q = T(p_t)."""

GENERAL = {"lemma-2.2": (t,), "mixture": (t,), "variance of a mixture": (t,)}

HYPOTHESES = (
    from_reference("start", "first variance", more="; t + 1 >= 1 steps"),
    bounded_rewards("lemma-2.2"),
    one_candidate("several candidates"),
)

GROWTH = (
    Step(
        "step",
        at_least(
            mean_weight_at(t + 1) - mean_weight,
            _a * (mean_weight_at(t) - mean_weight + _share * variance_at(t)),
        ),
        "The gap to the reference's mean, one step on: a share a of the samples is curated, and a "
        "curation gains what Lemma 2.2 says.",
        Combination({"mixture": 1, "lemma-2.2": _a}),
    ),
    Step(
        "total variance",
        equal(
            _total_variance,
            _m * variance_weight + _a * _variance + _a * _m * (mean_weight - _mean) ** 2,
        ),
        "The variance of a mixture is the mean of the variances and the variance of the means.",
        Identity(),
    ),
    Step(
        "variance",
        at_least(variance_at(t + 1), _m * variance_weight),
        "So the variance under p_{t+1} is at least the reference's share of it.",
        Combination(
            {"variance of a mixture": 1, "total variance": 1},
            remainder=_a * _variance + _a * _m * (mean_weight - _mean) ** 2,
        ),
    ),
    Step(
        "later step",
        at_least(
            mean_weight_at(t + 2) - mean_weight,
            _a * (mean_weight_at(t + 1) - mean_weight + _share * variance_at(t + 1)),
        ),
        "The same one step later.",
        Substitution("step", {t: t + 1}),
    ),
    Step(
        "step from the start",
        at_least(
            mean_weight_at(1) - mean_weight,
            _a * (mean_weight_at(0) - mean_weight + _share * variance_at(0)),
        ),
        "The first step.",
        Substitution("step", {t: 0}),
    ),
    Step(
        "first",
        at_least(mean_weight_at(1), mean_weight + _a * _share * variance_weight),
        "It starts at p_ref, where the gap is zero and the variance is V.",
        Combination(
            {"step from the start": 1, "start": _a, "first variance": _a * _share},
        ),
    ),
)
"""How the gap grows in one step, why the variance cannot vanish, and the first step."""

_proof = Proof(
    general=GENERAL,
    supposed={**SUPPOSED, "fractions": at_most(_m, 1)},
    steps=(
        *GROWTH,
        Step(
            "base",
            at_least(mean_weight_at(1), _bound),
            "The first step gains a c V with c = (K-1)/(K w_*), and m^2 is at most 1.",
            Combination(
                {"first": 1, "fractions": _a * _share * variance_weight * (1 + _m)},
                given=("several candidates",),
            ),
        ),
        Step(
            "next",
            implies(_claim, at_least(mean_weight_at(t + 2), _bound)),
            "If the gap is at least a m^2 c V after t + 1 steps, then after the next one it is at "
            "least a (a m^2 c V + c m V), which is more.",
            Supposing(
                Combination(
                    {"later step": 1, "hypothesis": _a, "variance": _a * _share},
                    given=("several candidates",),
                    remainder=_a**2 * _m * (1 + _m) * _share * variance_weight,
                )
            ),
        ),
        Step(
            "claim",
            _claim,
            "So this holds after t + 1 steps, for every t >= 0.",
            Induction(t, 0, base="base", step="next"),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.3",
    label="Theorem 2.3",
    title="With real data mixed in, the expected weight stays above the reference's",
    source=Source("Theorem 2.3", seen="words"),
    kind="reported",
    hypotheses=HYPOTHESES,
    claim=_claim,
    bound=_bound,
    bound_law="p_ref",
    equality_cases=("K = 1", "λ = 0", "one atom"),
    proof=_proof,
    infinite_candidates="the same proof, with lemma-2.2 at K = inf",
    uses=("lemma-2.2",),
    remarks=(
        "It fails at t = 0, and for starts other than p_ref.",
        "The constant is not tight: theorem-2.3-sharp has λ/(1+λ) in place of λ/(1+λ)^3.",
    ),
)
