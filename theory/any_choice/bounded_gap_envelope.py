"""Where rewards differ little, no voters move a group's share far, however many candidates."""

from __future__ import annotations

import sympy

from recurate.theory.any_choice.group_shares import share_at
from recurate.theory.hypotheses import from_reference, one_candidate
from recurate.theory.language import *
from recurate.theory.statement import Hypothesis, Statement

_factor = sympy.exp(reward_gap)
largest_ratio = _factor / (1 - inverse_candidates + inverse_candidates * _factor)
"""h = KR/(K-1+R) with R = e^Δ, the largest ratio by which one curation multiplies a density."""

divergence_bound = -sympy.log(1 - lam * (largest_ratio - 1))
"""Bound of KL(p_t‖p_ref), where λ(h-1) < 1."""

floor = GapFloor(share, lam, K, reward_gap, t)
ceiling = GapCeiling(share, lam, K, reward_gap, t)

statement = Statement(
    module=__name__,
    id="bounded-gap-envelope",
    label="Envelope for bounded gaps",
    title="Rewards that differ by at most Δ leave a group a share, for any voters and any K",
    kind="ours",
    hypotheses=(
        from_reference(more=", which gives the group the share u"),
        one_candidate(),
        Hypothesis(
            "voters",
            "every choice is Bradley–Terry's, among at most K candidates, by any voters, who may "
            "change",
        ),
        Hypothesis(
            "gap",
            "no two points of the reference's support differ by more than Δ in a voter's reward",
        ),
    ),
    claim=at_least(share_at(t), floor),
    bound=floor,
    equality_cases=(
        "t = 0",
        "u = 0 or 1",
        "Δ = 0",
        "λ = 0",
        "one voter whose reward is 0 on the group and Δ off it, and K candidates",
    ),
    remarks=(
        "The floor is G_t(u) with G_0(u) = u, G_{t+1} = m u + a f(G_t), R = e^Δ and f(x) = "
        "E[J/(J + (K-J) R)], J binomial of K and x; for K = inf f(x) = x/(x + (1-x) R). The "
        "largest share is 1 - G_t(1-u), attained by the reward Δ on the group and 0 off it.",
        "If λ(h-1) < 1 with h = KR/(K-1+R), at most R, then KL(p_t‖p_ref) <= -log(1 - λ(h-1)) for "
        "every t. It is also at most ∫_0^1 g_t log g_t du, g_t the slope of G_t, as G_t is convex "
        "(the proof of any-choice-divergence).",
        "K = inf is allowed, where share-envelope leaves only m u. f(x) is at least x^K, and at "
        "least x/R: a table whose rewards span little promises much, whoever votes.",
        "λ, K and the voters may change with t: G_{t+1} has those of its step.",
    ),
)
