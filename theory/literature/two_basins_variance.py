"""Falahati et al., Theorem 3.6: two basins keep a variance."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import separated, separation, tolerance
from recurate.theory.statement import Hypothesis, Statement

variance_of_reward = sympy.Symbol("Var_p(r_i)", nonnegative=True)
"""Variance of voter i's reward under p."""

basin_share = sympy.Symbol("p(S_1)", nonnegative=True)
"""Share of the first basin, at most 1."""

statement = Statement(
    module=__name__,
    id="two-basins-variance",
    label="Two basins, Theorem 3.6",
    title="Two basins of shares a and 1-a leave a reward the variance a(1-a)(Δ - 2ε)²",
    kind="literature",
    source=two_basins(
        "Theorem 3.6",
        place="section 3",
        note=(
            "In the form of the appendix, Theorem B.6: an inequality, where the main text has one "
            "up to a constant."
        ),
    ),
    hypotheses=(
        separated(),
        Hypothesis("inside", "all of p's mass is in S_1 and S_2, which are disjoint"),
    ),
    claim=at_least(
        variance_of_reward,
        basin_share * (1 - basin_share) * sympy.Max(separation - 2 * tolerance, 0) ** 2,
    ),
    equality_cases=("r_i takes two values only, r_i* - ε and r_i* - Δ_i + ε, one on each basin",),
    remarks=(
        "It is about any law p of two groups, not about loops.",
        "Where r_i <= r_i* - Δ_i on the other basin, as the main text assumes, Δ_i - ε may stand "
        "in the place of Δ_i - 2ε.",
    ),
)
