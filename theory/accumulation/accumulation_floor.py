"""Where data accumulate nothing is lost faster than like 1/t, whatever people choose."""

from __future__ import annotations

import sympy

from recurate.theory.any_choice.group_shares import curated_share_at, share_at
from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import Combination, Induction, Proof, Sign, Step, UnderSupposition
from recurate.theory.statement import Hypothesis, Statement

_bound = share * real_rounds / (real_rounds + t)
_claim = at_least(share_at(t), _bound)


def _kept(step: sympy.Expr) -> sympy.Rel:
    """Return that the samples of the group are at least the real ones."""
    return at_least((real_rounds + step) * share_at(step), real_rounds * share)


_proof = Proof(
    general={"loop": (t,)},
    supposed={
        "start": equal(share_at(0), share),
        "loop": equal(
            share_at(t + 1),
            ((real_rounds + t) * share_at(t) + curated_share_at(t)) / (real_rounds + t + 1),
        ),
    },
    steps=(
        Step(
            "base",
            _kept(sympy.S.Zero),
            "Count samples in units of a round's: at first there are ν real ones, ν u of the "
            "group.",
            Combination({"start": real_rounds}),
        ),
        Step("chosen", at_least(curated_share_at(t), 0), "A share is not negative.", Sign()),
        Step(
            "next",
            implies(_kept(t), _kept(t + 1)),
            "Nothing is thrown away, and what a round adds is not negative.",
            UnderSupposition(
                Combination({"hypothesis": 1, "loop": real_rounds + t + 1, "chosen": 1})
            ),
        ),
        Step(
            "kept",
            _kept(t),
            "So the group has at least the samples that it had at first.",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "claim",
            _claim,
            "Of the ν + t samples that there are.",
            Combination({"kept": 1 / (real_rounds + t)}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="accumulation-floor",
    label="Floor of accumulation",
    title="Where data accumulate a group keeps u ν/(ν+t), whatever people choose: nothing fades "
    "faster than like 1/t",
    kind="ours",
    hypotheses=(
        from_reference("start"),
        Hypothesis(
            "accumulated",
            "all data are kept: p_{t+1} = p_t + (T(p_t) - p_t)/(ν+t+1), ν = n_0/n > 0, and T(p_t) "
            "is any law",
            carried_by=("loop",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("t = 0", "u = 0", "a member is never chosen"),
    proof=_proof,
    uses=(),
    remarks=(
        "ν = n_0/n real samples over those of a round, so the floor is u n_0/(n_0 + t n). K may be "
        "infinite, and the choice may look at anything.",
        "p_t >= p_ref ν/(ν+t) at every point, so KL(p_ref|p_t) <= log(1 + t/ν).",
        "With a largest K the floor of share-envelope-general is higher: a member is chosen at "
        "least if all candidates are members.",
        "Where each training set is made anew, reference-divergence has log(1+λ), which does not "
        "grow with t.",
    ),
)
