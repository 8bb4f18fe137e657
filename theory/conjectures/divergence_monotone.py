"""Conjecture: the loop never comes back toward the reference."""

from __future__ import annotations

from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.statement import Statement

statement = Statement(
    module=__name__,
    id="divergence-monotone",
    label="Conjecture 3",
    title="The divergence from the reference never falls",
    kind="conjecture",
    hypotheses=(from_reference(),),
    claim=at_least(divergence_at(t + 1), divergence_at(t)),
    equality_cases=("K = 1", "λ = 0", "one atom"),
    remarks=(
        "Open in general. Proved for the pure loop, for K = inf, for three weights, for K = 2 up "
        "to five, for the first two steps and for large or small λ (reward-monotone): in these "
        "p_{t+1} dominates p_t stochastically, and then, as log d_t increases with the weight, "
        "E_{t+1} log d_{t+1} >= E_{t+1} log d_t >= E_t log d_t. The proofs are in "
        "docs/mathematics.md. Evidence counts other steps only.",
        "So it would follow from stochastic dominance of p_{t+1} over p_t, as would "
        "reward-monotone; that is the stronger form of it, one change of sign of p_{t+1} - p_t.",
    ),
)
