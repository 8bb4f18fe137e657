"""Curation is Lipschitz in total variation, and the loop a contraction for small λ."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import bounded_rewards, one_candidate
from recurate.theory.language import *
from recurate.theory.one_curation import curation_ceiling
from recurate.theory.one_curation.curation_ceiling import highest_ratio, winning
from recurate.theory.one_curation.curation_lipschitz import lipschitz
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Hypothesis, Statement

_a, _m = synthetic_fraction, real_fraction
_highest = highest_ratio(K)
_curated, _retrained = sympy.symbols("TV(Tp\\,Tq) TV(Fp\\,Fq)", nonnegative=True)
"""Total variation distances of T(p) from T(q), and of F(p) from F(q), F a step of the loop."""

_rate = _a * _highest
_bound = _rate * total_variation
_claim = at_most(_retrained, _bound)

# F is the loop's step: the masses of a set B, the one that tells F(p) and F(q) best apart.
_mass = sympy.Symbol("p_ref(B)", nonnegative=True)
"""Mass of a set B under p_ref; B is the one that tells F(p) and F(q) best apart."""

_curated_p, _curated_q = sympy.symbols("Tp(B) Tq(B)", nonnegative=True)
"""Masses of B under T(p) and T(q)."""

_retrained_p, _retrained_q = sympy.symbols("Fp(B) Fq(B)", nonnegative=True)
"""Masses of B under F(p) and F(q)."""

_p = sympy.Symbol("p")
"""One of the two laws."""

_top_ratio = curation_ratio_of(_p, max_weight)

_proof = Proof(
    general=curation_ceiling.general(),
    supposed={
        **curation_ceiling.supposed(_p),
        "mean at least": at_least(Mean(drawn_weight(_p)), mean_weight),
        "several candidates": at_least(K, 1),
        "ratio at the top": equal(_top_ratio, K * winning(max_weight, _p)),
        "curation-lipschitz": lipschitz(_p, distance=total_variation, curated_distance=_curated),
        # The loop's step F, and total variation as the largest difference of masses.
        "F(p)": equal(_retrained_p, _m * _mass + _a * _curated_p),
        "F(q)": equal(_retrained_q, _m * _mass + _a * _curated_q),
        "distance of F": equal(_retrained, _retrained_p - _retrained_q),
        "distance of T": at_most(_curated_p - _curated_q, _curated),
    },
    steps=(
        curation_ceiling.number_of_others(),
        *curation_ceiling.steps(_p),
        Step(
            "highest ratio",
            at_most(_top_ratio, _highest),
            "So H_p(w_*) is at most h = (1 - (1-θ)^K)/θ.",
            Combination({"ratio at the top": -1, "ceiling": K}),
        ),
        Step(
            "curation",
            at_most(_curated, _highest * total_variation),
            "Curation drives two laws apart by at most H_p(w_*) (curation-lipschitz), so by at "
            "most h.",
            Combination({"curation-lipschitz": 1, "highest ratio": total_variation}),
        ),
        Step(
            "retraining",
            at_most(_retrained, _a * _curated),
            "Retraining, F(p) = m p_ref + a T(p), adds the same real data to both: for every set "
            "the masses under F(p) and F(q) differ by a times what those under T(p) and T(q) do.",
            Combination({"distance of F": -1, "F(p)": -1, "F(q)": 1, "distance of T": _a}),
        ),
        Step(
            "claim",
            _claim,
            "So TV(F(p), F(q)) is at most a h TV(p, q).",
            Combination({"retraining": 1, "curation": _a}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="loop-contraction",
    label="Contraction of the loop",
    title="Curation is Lipschitz in total variation, and the loop contracts for small λ",
    kind="ours",
    hypotheses=(
        one_candidate("several candidates"),
        bounded_rewards("bounded", "curation-lipschitz"),
        Hypothesis(
            "means",
            "one of the two laws, p, has a mean weight of at least μ",
            carried_by=("mean at least",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("K = 1", "p = q", "λ = 0"),
    proof=_proof,
    infinite_candidates=(
        "the limit K -> inf of the claim for finite K, which the proof is about: T_K(p) and "
        "T_K(q) tend to T_inf(p) and T_inf(q) in total variation (lemma-2.1-limit), and h to "
        "w_*/μ"
    ),
    law="over a draw W_p from p, and S_p over the weights of K - 1 of them",
    uses=("curation-lipschitz",),
    remarks=(
        "F(p) = m p_ref + a T(p) is one step of the loop; λ = inf, a = 1, is curation alone: "
        "TV(T(p), T(q)) <= h TV(p, q). h = (1 - (1-θ)^K)/θ with θ = μ/w_*, at most K and at most "
        "w_*/μ.",
        "Where λ(h-1) < 1, and in particular where λ(K-1) < 1, a h is below 1. The loop keeps mean "
        "weights of at least the reference's μ, so by Banach's theorem it has one fixed point "
        "p_inf there. With q = p_inf = F(q) the claim is TV(p_{t+1}, p_inf) <= a h TV(p_t, p_inf), "
        "so that TV(p_t, p_inf) <= (a h)^t TV(p_0, p_inf).",
        "curation-lipschitz has a smaller factor in place of h: the smaller one of H_p(w_*) and "
        "H_q(w_*), which is at most h with θ of the larger mean weight. So it is enough that one "
        "of the two laws has a mean weight of at least μ.",
        "Every fixed point has a mean weight of at least μ, so there is no other fixed point. "
        "From a start of lower mean weight the mean weight rises to μ in the limit, and the loop "
        "converges too.",
    ),
)
