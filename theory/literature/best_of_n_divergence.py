"""Beirami et al., Theorem 3.1: how far the best of n is from the law that it is drawn from."""

from __future__ import annotations

from recurate.theory.any_choice import best_of_k
from recurate.theory.any_choice.best_of_k import divergence_from_start_at
from recurate.theory.language import *
from recurate.theory.literature.best_of_n import best, divergence_of_best, largest_divergence
from recurate.theory.literature.papers import best_of_n_reviewed
from recurate.theory.proving import Combination, Proof, Step, Substitution
from recurate.theory.statement import Statement

_claim = at_most(divergence_of_best, largest_divergence)
_at_one = best_of_k.statement.claim.subs(t, 1)

_proof = Proof(
    general={"best-of-k": (t,)},
    supposed={
        "best-of-k": best_of_k.statement.claim,
        # p_0 = p and p_1 = T(p)
        "one step": equal(divergence_of_best, divergence_from_start_at(1)),
    },
    steps=(
        Step(
            "first step",
            _at_one,
            "The best of K is the first step of a pure loop from p: best-of-k at t = 1.",
            Substitution("best-of-k", {t: 1}),
        ),
        Step(
            "claim",
            _claim,
            "Its bound is t log K - 1 + K^-t, here log K - 1 + 1/K.",
            Combination({"first step": 1, "one step": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="best-of-n-divergence",
    label="Best of n, Theorem 3.1",
    title="The best of n is at most log n - (n-1)/n from the law that it is drawn from",
    kind="literature",
    source=best_of_n_reviewed("Theorem 3.1", place="section 3"),
    hypotheses=(best("best-of-k", "one step"),),
    claim=_claim,
    bound=largest_divergence,
    equality_cases=("K = 1",),
    proof=_proof,
    uses=("best-of-k",),
    remarks=(
        "The paper has no ties (its Assumption 2.1) and finitely many answers. Neither is needed.",
        "It is best-of-k at t = 1. No rule of choice among n goes farther: any-choice-divergence "
        "at λ = inf.",
    ),
)
