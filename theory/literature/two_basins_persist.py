"""Falahati et al., Lemma 3.5: neither of two voters' basins is lost."""

from __future__ import annotations

from typing import Any

import sympy

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
from recurate.theory.proving import (
    Combination,
    Induction,
    Proof,
    Step,
    UnderSupposition,
)
from recurate.theory.statement import Hypothesis, Statement

inverse_end = (1 - leak) / (first_share - leak)
"""1/L, L = (q - κ_1)/(1 - κ_1) being the lower end of the paper's interval."""

least_weight = sympy.Symbol("s", positive=True)
"""s = e^{-ε}, voter 1's least weight in S_1, over her largest."""


class own_weight_at(AtStep):
    """Part of E_t w_1 that is from S_1, w_1 being over its largest."""

    plain, typeset = "A_[{}]", "A_{@}"
    is_positive = True


class other_weight_at(AtStep):
    """Part of E_t w_1 that is from S_2."""

    plain, typeset = "B_[{}]", "B_{@}"
    is_nonnegative = True


_a, _A, _B = first_basin_at(t), own_weight_at(t), other_weight_at(t)
_after = first_basin_at(t + 1)


def _near(number: Any) -> Any:
    """Return the claim for this number of steps."""
    missing = 1 / first_basin_at(number) - inverse_end
    at_first = 1 / first_basin_at(0) - inverse_end
    return at_most(missing, (leak / first_share) ** number * at_first)


_claim = _near(t)

_proof = Proof(
    general={"own": (t,), "other": (t,), "at most one": (t,), "chosen": (t,), "leaks": ()},
    supposed={
        "own": at_least(_A, least_weight * _a),
        # b_t = 1 - a_t, as nothing is outside
        "other": at_most(_B, least_weight * leak * (1 - _a)),
        "at most one": at_least(1 - _a, 0),
        # a_{t+1} is at least what voter 1 chooses from S_1, q A/(A + B)
        "chosen": at_most(first_share * _A, _after * (_A + _B)),
        "leaks": less(leak, first_share),
    },
    steps=(
        Step(
            "parts",
            at_most(_a * _B, leak * (1 - _a) * _A),
            "Of voter 1's weight at least s a_t is from S_1, and at most s κ_1 (1 - a_t) from S_2. "
            "So the parts B and A have at most the quotient κ_1 (1 - a_t)/a_t.",
            Combination({("own", "at most one"): leak, "other": _a}),
        ),
        Step(
            "one step",
            at_most(1 / _after, (1 - leak) / first_share + leak / (first_share * _a)),
            "So she chooses from S_1 with a probability of at least a_t/(a_t + κ_1 (1 - a_t)).",
            Combination(
                {
                    "parts": 1 / (first_share * _a * _A),
                    "chosen": 1 / (first_share * _after * _A),
                }
            ),
        ),
        Step(
            "first",
            _near(sympy.Integer(0)),
            "At t = 0 both sides are the same.",
            Combination({}, given=("leaks",)),
        ),
        Step(
            "next",
            implies(_claim, _near(t + 1)),
            "The right-hand side of that is 1/L for a_t = L, and linear in 1/a_t.",
            UnderSupposition(
                Combination({"hypothesis": leak / first_share, "one step": 1}, given=("leaks",))
            ),
        ),
        Step(
            "claim",
            _claim,
            "So what is missing from 1/L falls by the factor κ_1/q at least.",
            Induction(t, 0, base="first", step="next"),
        ),
    ),
)

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
        two_voters("chosen"),
        disjoint("chosen", "at most one"),
        separated("own", "other"),
        Hypothesis("leaks", "κ_1 < q, κ_1 = e^{-(Δ_1 - 2ε)}", carried_by=("leaks", "other")),
        Hypothesis(
            "inside",
            "p_0 has no mass outside of the basins: m_0 = 0",
            carried_by=("other", "chosen"),
        ),
    ),
    claim=_claim,
    proof=_proof,
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
