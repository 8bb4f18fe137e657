"""With real data mixed in, the expected weight stays above its start by a fixed amount."""

from __future__ import annotations

import sympy

from recurate.theory import notation
from recurate.theory.statement import PAPER, Hypothesis, Statement

# λ/(1+λ)^3 = a m^2 and (K-1)/K = 1 - κ.
_bound = notation.mean_weight + (
    notation.synthetic_fraction
    * notation.real_fraction**2
    * (1 - notation.inverse_candidates)
    * notation.variance_weight
    / notation.max_weight
)

statement = Statement(
    id="theorem-2.3",
    label="Theorem 2.3",
    title="With real data mixed in, the expected weight stays above the reference's",
    source=f"{PAPER}, Theorem 2.3",
    kind="paper",
    hypotheses=(
        Hypothesis("the loop starts at the reference, p_0 = p_ref, and t >= 1"),
        Hypothesis("bounded rewards: w <= w_*"),
    ),
    claim=sympy.Ge(notation.later_mean_weight, _bound),
    bound=_bound,
    equality_cases=("K = 1", "λ = 0", "one atom"),
)
