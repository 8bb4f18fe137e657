"""The pure loop with the hard best of K: t steps are one choice of the best of K^t."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import one_candidate, pure_loop
from recurate.theory.language import *
from recurate.theory.statement import Hypothesis, Statement

draws = K**t
"""K^t, the number of draws from p_0 that t steps amount to."""

win_rate = draws / (draws + 1)
"""Largest probability that the best of K^t draws beats a fresh one."""

_bound = t * sympy.log(K) - 1 + 1 / draws

statement = Statement(
    module=__name__,
    id="best-of-k",
    label="Best of K",
    title="With the best of K, t pure steps are one choice of the best of K^t",
    kind="ours",
    hypotheses=(
        pure_loop(more=", from any start p_0"),
        one_candidate(),
        Hypothesis(
            "best",
            "K is finite, and the candidate of the largest reward is chosen, any one of several",
        ),
    ),
    claim=at_most(divergence_at(t), _bound),
    bound=_bound,
    equality_cases=(
        "K = 1",
        "t = 0",
        "rewards without ties, that is, a continuous distribution function of the reward",
    ),
    remarks=(
        "KL is that of p_t from p_0. It holds since p_t(r <= c) = p_0(r <= c)^(K^t) for every c: "
        "exact evidence tests this equation.",
        "The winner p_t beats a fresh sample of p_0, ties counting half, with a probability of "
        "at most K^t/(K^t + 1); equality holds without ties.",
        "t steps of the best of K are one of the best of K^t: what the loop does in t rounds, one "
        "choice does among that many samples. The divergence grows by log K in each round.",
        "For t = 1, log K - 1 + 1/K is the usual formula for best-of-K sampling, which is an "
        "equality without ties, and an upper bound with them. No rule of choice among K goes "
        "farther (any-choice-divergence, λ = inf).",
    ),
)
