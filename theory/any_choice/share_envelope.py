"""The least share that a group keeps whatever people choose, at every t."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.any_choice import any_choice_bound
from recurate.theory.any_choice.group_shares import any_choice, curated_share_at, share_at
from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Induction,
    Monotone,
    Proof,
    Step,
    Supposing,
    UnderSupposition,
)
from recurate.theory.statement import Statement, instance_of

_bound = ShareFloor(share, lam, K, t)
_claim = at_least(share_at(t), _bound)
_m, _a = real_fraction, synthetic_fraction

_x = sympy.Symbol("x", positive=True)
"""A share."""


def _floor(step: Any) -> Any:
    return ShareFloor(share, lam, K, step)


_proof = Proof(
    general={"any-choice-bound": (t,), "loop": (t,), "recursion": (t,)},
    supposed={
        "start": equal(share_at(0), share),
        "loop": equal(share_at(t + 1), _m * share + _a * curated_share_at(t)),
        "any-choice-bound": instance_of(
            any_choice_bound.statement,
            {any_choice_bound.curated_share: curated_share_at(t), share: share_at(t)},
        ),
        "first floor": equal(_floor(0), share),
        "recursion": equal(_floor(t + 1), _m * share + _a * _floor(t) ** K),
    },
    steps=(
        Step(
            "base",
            at_least(share_at(0), _floor(0)),
            "At first both are u, the group's share of the reference.",
            Combination({"start": 1, "first floor": -1}),
        ),
        Step(
            "power",
            implies(_claim, at_least(share_at(t) ** K, _floor(t) ** K)),
            "If p_t(φ) is at least G_t(u), so are their K-th powers.",
            Supposing(Monotone("hypothesis", _x**K, _x)),
        ),
        Step(
            "next",
            implies(_claim, at_least(share_at(t + 1), _floor(t + 1))),
            "What is chosen has a share of at least p_t(φ)^K (any-choice-bound), so p_{t+1}(φ) is "
            "at least m u + a p_t(φ)^K, and that at least m u + a G_t(u)^K = G_{t+1}(u).",
            UnderSupposition(
                Combination({"loop": 1, "any-choice-bound": _a, "power": _a, "recursion": -1})
            ),
        ),
        Step(
            "claim",
            _claim,
            "So it is at least G_t(u) at every t.",
            Induction(t, 0, base="base", step="next"),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="share-envelope",
    label="Envelope of shares",
    title="Whatever people choose, a group keeps G_t(u), and has at most 1 - G_t(1-u)",
    kind="ours",
    hypotheses=(
        from_reference("start"),
        any_choice("any-choice-bound"),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "K = 1",
        "λ = 0",
        "t = 0",
        "u = 0 or 1",
        "a member is chosen only if all K are members: equality at every t",
    ),
    proof=_proof,
    uses=("any-choice-bound",),
    remarks=(
        "G_0(u) = u and G_{t+1}(u) = m u + a G_t(u)^K. The other end is this one for those who are "
        "not in the group: p_t(φ) <= 1 - G_t(1-u), attained at every t by choosing a member "
        "whenever there is one.",
        "For ever: G_t(u) decreases to the largest root y in [0, u] of y = m u + a y^K. So a share "
        "y stays for ever, whatever people choose, if λ is at most (u - y)/(y - y^K); for u < 1 "
        "only then.",
        "For u = 0 there is nothing to prove; the steps are about u > 0, and about φ > 0, as the "
        "powers ask for: a set is the limit of such φ. (The proof in Rocq is about all.)",
        "It is the case α = m, β = 0, γ = a of share-envelope-general. There λ and K may change "
        "with t, samples may be retained or accumulate, and models may train on one another.",
        "For K = inf nothing but the real data is left to the group, m u at t >= 1; see "
        "bounded-gap-envelope.",
    ),
)
