"""Falahati et al., Corollary 3.8, read for basins that are a finite reward apart."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import first_share, two_voters
from recurate.theory.statement import Hypothesis, Statement

share_after_q = sympy.Symbol("T(p_q)(S_1)", positive=True)
"""Share of S_1 one step after p_q = q P_1 + (1-q) P_2, P_i being p_0 given S_i."""

statement = Statement(
    module=__name__,
    id="two-basins-limit-finite",
    label="Two basins, Corollary 3.8 at a finite separation",
    title="Two voters on two plateaus a finite reward apart end with their shares q and 1-q",
    kind="literature",
    source=two_basins(
        "Corollary 3.8",
        place="section 3",
        note="The other reading of it, for κ > 0: see two-basins-limit.",
    ),
    hypotheses=(
        two_voters(),
        Hypothesis(
            "plateaus",
            "w_1 is 1 on S_1 and k_1 on S_2, w_2 is k_2 on S_1 and 1 on S_2, 0 < k_i < 1, and p_0 "
            "has mass on each, and nowhere else",
        ),
    ),
    claim=equal(share_after_q, first_share),
    expected="refuted",
    remarks=(
        "A step is continuous, so a limit of the loop is a fixed point of it: we test whether p_q "
        "is one.",
        "The fixed point with mass on both basins has the share q/(1-k_2) - (1-q) k_1/(1-k_1) of "
        "S_1, if that is between 0 and 1: it maximises q log E w_1 + (1-q) log E w_2, which the "
        "loop climbs (nash-welfare). It is q if k_1 and k_2 are 0, or if q k_2/(1-k_2) = (1-q) "
        "k_1/(1-k_1), as for q = 1/2 and k_1 = k_2; otherwise the larger share gains.",
        "For k_1 = k_2 = k it is q + (2q-1) k/(1-k): a minority of q <= k/(1+k) is lost.",
    ),
)
