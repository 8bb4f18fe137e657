"""Conjecture: the mixed loop converges to its fixed point from every start with full support."""

from __future__ import annotations

import sympy

from recurate.theory.notation import distance_at, t
from recurate.theory.proving.signs import equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

statement = Statement(
    id="global-attraction",
    label="Conjecture 4",
    title="The mixed loop converges to its fixed point from every start with full support",
    source=f"{DERIVED_HERE}#global-attraction",
    kind="conjecture",
    hypotheses=(
        Hypothesis("K >= 2 and 0 < λ < inf"),
        Hypothesis(
            "finitely many weights (in general, converge weakly: the limit may have an atom that "
            "no p_t has)"
        ),
        Hypothesis("p_0 is positive wherever p_ref is, and only there"),
    ),
    claim=equal(sympy.Limit(distance_at(t), t, sympy.oo, "-"), 0),
    bound=None,
    equality_cases=("it is a limit",),
    remarks=(
        "Open in general. Proved for two weights (fixed-point-two-point: the loop approaches its "
        "only fixed point monotonically), for K = inf (up to a factor the loop is a product of "
        "one positive matrix: Perron–Frobenius), and while λ(h-1) < 1 with the h of "
        "loop-contraction, in particular while λ(K-1) < 1. The proofs are in docs/mathematics.md.",
        "A start on part of the reference's support is as good: p_1 >= m p_ref has all of it.",
        "The fixed point is unique for every K >= 2 and λ (fixed-point-unique).",
        "Convergence is slow near and above the condensation threshold: a small step "
        "p_{t+1} - p_t then says little about the distance.",
    ),
)
