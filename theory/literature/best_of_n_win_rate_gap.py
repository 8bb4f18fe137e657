"""Beirami et al., Theorem 5.4: how far the win rate of the best of n is below n/(n+1)."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.literature.best_of_n import (
    best,
    collision,
    largest_win_rate,
    no_ties,
    win_rate_of_best,
)
from recurate.theory.literature.papers import best_of_n
from recurate.theory.statement import Statement

gap = (K - 1) / 2 * collision
"""(n-1)/2 Σ p², the paper's."""

sharper_gap = K / 4 * collision
"""n/4 Σ p²: for n >= 2 at most the paper's, and equal to it at n = 2."""

statement = Statement(
    module=__name__,
    id="best-of-n-win-rate-gap",
    label="Best of n, Theorem 5.4",
    title="The best of n wins with a probability of at least n/(n+1) - (n-1)/2 Σ p²",
    kind="literature",
    source=best_of_n("Theorem 5.4", place="section 5"),
    hypotheses=(best(), no_ties()),
    claim=at_most(largest_win_rate - win_rate_of_best, gap),
    equality_cases=("K = 1",),
    remarks=(
        "For n >= 2 n/4 in place of (n-1)/2 is enough, nearly half of it for large n "
        "(docs/mathematics.md). Evidence tests that, too.",
        "With ties Σ p² has to be that of the levels of the reward.",
    ),
)
