"""Enough real data keeps the loop near the reference for ever."""

from __future__ import annotations

import sympy

from recurate.theory import notation
from recurate.theory.statement import PAPER, Hypothesis, Statement

_slack = 1 - notation.lam * (notation.K - 1)

statement = Statement(
    id="theorem-2.4",
    label="Theorem 2.4",
    title="Enough real data keeps the loop near the reference",
    source=f"{PAPER}, Theorem 2.4",
    kind="paper",
    hypotheses=(
        Hypothesis("the loop starts at the reference, p_0 = p_ref"),
        Hypothesis(
            "λ (lam) below 1/(K - 1)",
            sympy.Lt(notation.lam * (notation.K - 1), 1, evaluate=False),
        ),
    ),
    claim=sympy.Le(notation.divergence, -sympy.log(_slack)),
    bound=-sympy.log(_slack),
    rational_core=1 / _slack,  # bounds the density p_t/p_ref, and the divergence with it
    equality_cases=("K = 1", "λ = 0"),
)
