"""Beirami et al., Theorem 3.4: how much the formula for the best of n overstates."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.literature.best_of_n import (
    best,
    collision,
    divergence_of_best,
    largest_divergence,
    no_ties,
)
from recurate.theory.literature.papers import best_of_n
from recurate.theory.statement import Statement

gap = 2 * K * (K - 1) * collision
"""2 n (n-1) Σ p², the paper's."""

sharper_gap = gap / 4
"""n (n-1)/2 Σ p², what its proof here gives."""

statement = Statement(
    module=__name__,
    id="best-of-n-divergence-gap",
    label="Best of n, Theorem 3.4",
    title="The formula for the best of n overstates its divergence by at most 2 n (n-1) Σ p²",
    kind="literature",
    source=best_of_n("Theorem 3.4", place="section 3"),
    hypotheses=(best(), no_ties()),
    claim=at_most(largest_divergence - divergence_of_best, gap),
    equality_cases=("K = 1",),
    remarks=(
        "A quarter is enough, n (n-1)/2 Σ p² (docs/mathematics.md): evidence tests that, too.",
        "For n >= 2 it is at most n max p as well, which is less for large n.",
        "For equal masses 1/N it says that the formula is good while n² is small beside N.",
        "With ties Σ p² has to be that of the levels of the reward.",
    ),
)
