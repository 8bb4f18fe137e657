"""Falahati et al., Lemma 3.5: neither of two voters' basins is lost."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import (
    disjoint,
    first_basin_at,
    first_share,
    leak,
    separated,
    two_voters,
)
from recurate.theory.statement import Hypothesis, Statement

inverse_end = (1 - leak) / (first_share - leak)
"""1/L, L = (q - κ_1)/(1 - κ_1) being the lower end of the paper's interval."""

statement = Statement(
    module=__name__,
    id="two-basins-persist",
    label="Two basins, Lemma 3.5",
    title="Each of two voters keeps a share of at least (q - κ)/(1 - κ) in her own basin",
    kind="literature",
    source=two_basins(
        "Lemma 3.5",
        place="section 3",
        note=(
            "The paper: a_t >= (q-κ_1)/(1-κ_1) - c m_t for t >= t_0, with some c, if m_t decays. "
            "Here for every t, and m_t = 0."
        ),
    ),
    hypotheses=(
        two_voters(),
        disjoint(),
        separated(),
        Hypothesis("leaks", "κ_1 < q, κ_1 = e^{-(Δ_1 - 2ε)}"),
        Hypothesis("inside", "p_0 has no mass outside of the basins: m_0 = 0"),
    ),
    claim=at_most(
        1 / first_basin_at(t) - inverse_end,
        (leak / first_share) ** t * (1 / first_basin_at(0) - inverse_end),
    ),
    equality_cases=("t = 0", "neither voter gives any weight to the other's basin"),
    remarks=(
        "With L = (q-κ_1)/(1-κ_1): a_t never falls while it is below L, and never below L from "
        "above, and what is missing from 1/L falls by the factor κ_1/q at least. The paper says it "
        "of the limit. For voter 2 the same with 1 - q and κ_2, so a_t ends below q/(1-κ_2).",
        "With mass outside, one step has a_{t+1} >= q a_t/(a_t + κ_1 b_t + m_t). Evidence tests "
        "that, too.",
        "Two readings were tried: r_1 <= r_1* - Δ_1 + ε on S_2 (the appendix, B.5), and <= r_1* - "
        "Δ_1 (the main text, 2.1), which is stronger. It holds in both. An audit has a "
        "lower end, (q e^{-ε} - e^{-Δ_1})/(1 - e^{-Δ_1}), since it bounds voter 1's weight in S_1 "
        "from below in the numerator and from above in the denominator. With one bound for both "
        "the end is the paper's.",
        "Where the loop ends exactly: at a maximiser of E[w_1]^q E[w_2]^{1-q} (nash-welfare).",
    ),
)
