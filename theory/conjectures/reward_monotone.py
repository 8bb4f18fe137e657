"""Conjecture: the expected weight never falls, real data mixed in or not."""

from __future__ import annotations

from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.statement import Statement

statement = Statement(
    module=__name__,
    id="reward-monotone",
    label="Conjecture 1",
    title="The expected weight never falls when the loop starts at the reference",
    kind="conjecture",
    hypotheses=(from_reference(),),
    claim=at_least(mean_weight_at(t + 1), mean_weight_at(t)),
    equality_cases=("K = 1", "λ = 0", "one atom"),
    remarks=(
        "Open in general. Proved for the pure loop (lemma-2.2); for K = inf (p_t is a mixture of "
        "the laws proportional to w^j p_ref, and the law of j grows stochastically with t); for "
        "three weights, and for K = 2 up to five; for each law of finitely many weights if λ is "
        "large enough, or small enough (reward-monotone-small-mixing); until a second weight loses "
        "mass, and once only the largest one gains. The proofs are in docs/mathematics.md. "
        "Evidence counts other steps only.",
        "Another start refutes it: w = (1, 2), p_ref = (½, ½), p_0 at 2, λ = 1, K = 2 takes E w "
        "from 2 to 7/4.",
        "That Var_t w does not grow is false even in the pure loop: w = (1, 2), masses 9/10 and "
        "1/10, K = 2: from .09 to .1131.",
        "Searched without a counterexample: 5 million instances at K = 2, 200,000 with K up to "
        "100, and by adversarial search. Stronger and not refuted either: p_{t+1} - p_t changes "
        "sign once.",
    ),
)
