"""For small λ the loop moves up at every step: Conjectures 1 and 3, to leading order."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import from_reference, several_candidates
from recurate.theory.language import *
from recurate.theory.statement import Hypothesis, Statement

_f = sympy.Symbol("f")
"""f, a function that increases with the weight."""

_rise = expectation_at(t + 1, _f) - expectation_at(t, _f)

remainder = total_variation * ((1 + 2 * (K - 1) * synthetic_fraction) ** t - 1)
"""The largest distance of (p_{t+1} - p_t)/(a^{t+1} K^t) from ν_{t+1} - ν_t on any set, for every λ,
with TV = TV(T(p_ref), p_ref)."""

statement = Statement(
    module=__name__,
    id="reward-monotone-small-mixing",
    label="Conjectures 1 and 3 for small λ",
    title="With little enough synthetic data, the law moves up at every step",
    kind="ours",
    hypotheses=(
        from_reference(),
        Hypothesis("finite_law", "p_ref has finitely many weights, at least two"),
        several_candidates(),
        Hypothesis("finite_K", "K is finite", less(0, inverse_candidates)),
        Hypothesis("increasing", "f increases with the weight, and is not constant under p_ref"),
    ),
    claim=less(0, sympy.Limit(_rise / lam ** (t + 1), lam, 0)),
    equality_cases=("approached as the weights come to be the same",),
    remarks=(
        "So for each such law and K there is a λ_0 > 0 below which p_{t+1} dominates p_t "
        "stochastically at every step, and p_{t+1} - p_t changes sign once: reward-monotone and "
        "divergence-monotone hold there. One λ_0 does for all t, since to leading order only the "
        "largest weight gains from some step on, and then it does so for ever (reward-monotone). "
        "(K = 1 and one atom: nothing moves; K = inf: reward-monotone, for every λ.)",
        "The limit is K^t (E f under ν_{t+1} less that under ν_t), with ν_t = p_ref P^t: P draws "
        "K - 1 candidates from p_ref, and one winner replaces the incumbent.",
        "λ_0 in numbers, at one step: p_{t+1} dominates p_t wherever TV(T(p_ref), p_ref) "
        "((1 + 2(K-1)a)^t - 1) is less than what ν_{t+1} - ν_t gives to each upper set of the "
        "weights.",
    ),
)
