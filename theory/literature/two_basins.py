"""Two voters of different minds: the symbols and hypotheses that the claims about them share.

A share q of the choices is made by voter 1 and the rest by voter 2, each with K = inf: the pure
loop is p_{t+1} = p_t W_t with W_t = q w_1/E_t w_1 + (1-q) w_2/E_t w_2. Voter i's basin is S_i =
{r_i >= r_i* - ε}, r_i* being her largest reward. a_t, b_t and m_t are the shares of p_t in S_1, in
S_2 and outside of both.
"""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.statement import Hypothesis

first_share = sympy.Symbol("q", positive=True)
"""Share q of the choices that voter 1 makes, below 1."""

leak = sympy.Symbol("kappa_1", nonnegative=True)
"""κ_1 = e^{-(Δ_1 - 2ε)}, how much weight voter 1 gives at most to S_2, over the least in S_1."""

tolerance = sympy.Symbol("epsilon", positive=True)
"""ε, within which of the largest reward r_i* the answers of S_i are."""

separation = sympy.Symbol("Delta_i", positive=True)
"""Δ_i, by which r_i is lower on the other basin: at most r_i* - Δ_i + ε there."""


class first_basin_at(AtStep):
    """Share a_t of p_t in the basin S_1 of voter 1."""

    plain, typeset = "a_[{}]", "a_{@}"
    is_positive = True


class outside_at(AtStep):
    """Share m_t of p_t outside of both basins."""

    plain, typeset = "m_[{}]", "m_{@}"
    is_nonnegative = True


def two_voters(*carried_by: str) -> Hypothesis:
    """Return that two voters choose, with K = inf, in the pure loop."""
    return Hypothesis(
        "voters",
        "K = inf, λ = inf and two voters of bounded rewards: voter 1 makes the share q of the "
        "choices, 0 < q < 1, and p_{t+1} = p_t (q w_1/E_t w_1 + (1-q) w_2/E_t w_2)",
        carried_by=carried_by,
    )


def disjoint(*carried_by: str) -> Hypothesis:
    """Return that the basins are apart, and have mass at first."""
    return Hypothesis(
        "basins",
        "the basins S_1 and S_2 are disjoint, and each has a positive share of p_0",
        carried_by=carried_by,
    )


def separated(*carried_by: str) -> Hypothesis:
    """Return that each voter's reward is lower in the other's basin."""
    return Hypothesis(
        "separated",
        "on S_2 r_1 is at most r_1* - Δ_1 + ε, and on S_1 r_2 is at most r_2* - Δ_2 + ε",
        carried_by=carried_by,
    )
