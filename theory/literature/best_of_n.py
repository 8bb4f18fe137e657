"""Best-of-n sampling: the symbols and the hypotheses that the claims about it have in common.

n is K here, and the best of n is one choice: T(p) has the distribution function of p to the power
n. Where no two answers tie, T(p)(y) = F(y)^n - F^-(y)^n.
"""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.statement import Hypothesis

divergence_of_best = sympy.Symbol("KL(T(p)|p)", nonnegative=True)
"""Kullback–Leibler divergence of the best of K from p, in nats."""

win_rate_of_best = sympy.Symbol("P(win)", nonnegative=True)
"""Probability that the best of K beats a fresh sample of p; a tie counts half."""

collision = sympy.Symbol("C", positive=True)
"""Σ_y p(y)², the probability that two samples of p are the same: e^{-H_2}, H_2 being the entropy of
order 2."""

largest_divergence = sympy.log(K) - 1 + 1 / K
"""log K - 1 + 1/K = log K - (K-1)/K, the divergence of the best of K where p has a density."""

largest_win_rate = 1 - 1 / (K + 1)
"""1 - 1/(K+1) = K/(K+1), the win rate of the best of K where p has a density."""


def best(*carried_by: str) -> Hypothesis:
    """Return that the best of K is chosen."""
    return Hypothesis(
        "best",
        "T(p) is the law of the best of K independent samples of p, K finite",
        at_least(K, 1),
        carried_by,
    )


def no_ties(*carried_by: str) -> Hypothesis:
    """Return that no two answers have the same reward."""
    return Hypothesis("no_ties", "no two answers have the same reward", carried_by=carried_by)
