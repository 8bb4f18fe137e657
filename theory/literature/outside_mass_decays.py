"""Falahati et al., Lemma 3.3 as the main text has it: what is outside of both basins fades."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import disjoint, outside_at, two_voters
from recurate.theory.statement import Hypothesis, Statement

rate = sympy.Symbol("rho", positive=True)
"""A number ρ < 1, the same for all t."""

statement = Statement(
    module=__name__,
    id="outside-mass-decays",
    label="Two basins, Lemma 3.3",
    title="Answers that neither of two voters likes best fade geometrically, whatever they are",
    kind="literature",
    source=two_basins(
        "Lemma 3.3",
        place="section 3",
        note="The appendix has one more assumption: outside-mass-decays-dominated.",
    ),
    hypotheses=(
        two_voters(),
        disjoint(),
        Hypothesis(
            "gaps",
            "for some δ > 0 both r_1 <= r_1* - δ and r_2 <= r_2* - δ outside of the basins, and "
            "for some Δ_i > 0 r_i <= r_i* - Δ_i on the other voter's basin",
        ),
    ),
    claim=at_most(outside_at(t + 1), rate * outside_at(t)),
    expected="refuted",
    remarks=(
        "An answer that both voters find good, and neither best, may take over: with w_1 = (1, "
        "1/100, 4/5) and w_2 = (1/100, 1, 4/5), q = 1/2 and p_0 = (1, 1, 998)/1000 the share of "
        "the third answer grows by 80000/79941 in the first step, and tends to 1.",
        "δ may be any positive number, and outside of S_1 and S_2 one always exists if there are "
        "finitely many answers: so the assumption says nothing there. It does not say that such "
        "answers are bad, only that they are not best.",
        "We test that m_t does not grow, which is weaker, and already false.",
        "That a compromise C may win is what nash-welfare says: all mass at C is best for the two "
        "iff q w_1(x)/w_1(C) + (1-q) w_2(x)/w_2(C) <= 1 for each x. Here it is 101/160 at both "
        "others.",
    ),
)
