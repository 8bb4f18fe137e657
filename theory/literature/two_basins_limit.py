"""Falahati et al., Corollary 3.8, for voters who accept their own basins alone."""

from __future__ import annotations

from recurate.theory.language import *
from recurate.theory.literature.papers import two_basins
from recurate.theory.literature.two_basins import first_basin_at, first_share, two_voters
from recurate.theory.proving import Combination, Proof, Step
from recurate.theory.statement import Hypothesis, Statement


class voters_choice_at(AtStep):
    """Share of S_1 in what a voter chooses from p_t, as a function of t and of her number."""

    nargs = 2
    plain, typeset = "c_[{},{}]", "c_{@,@}"
    is_nonnegative = True


_own, _other = voters_choice_at(t, 1), voters_choice_at(t, 2)
_claim = equal(first_basin_at(t + 1), first_share)

_proof = Proof(
    supposed={
        "chosen": equal(first_basin_at(t + 1), first_share * _own + (1 - first_share) * _other),
        "own": equal(_own, 1),
        "other": equal(_other, 0),
    },
    steps=(
        Step(
            "claim",
            _claim,
            "Voter 1 chooses from S_1 alone, and voter 2 never does.",
            Combination({"chosen": 1, "own": first_share, "other": 1 - first_share}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="two-basins-limit",
    label="Two basins, Corollary 3.8",
    title="Two voters who accept their own basins alone have their shares from the first step on",
    kind="literature",
    source=two_basins(
        "Corollary 3.8",
        place="section 3",
        note=(
            "The paper: in the plateau regime of hard separation the limit of the loop is p_q. "
            "Here that regime is read as κ = 0; for κ > 0 see two-basins-limit-finite."
        ),
    ),
    hypotheses=(
        two_voters("chosen"),
        Hypothesis(
            "plateaus",
            "w_1 is 1 on S_1 and 0 on S_2, w_2 is 0 on S_1 and 1 on S_2, and p_0 has mass on each, "
            "and nowhere else",
            carried_by=("own", "other"),
        ),
    ),
    claim=_claim,
    equality_cases=("it is an equation",),
    proof=_proof,
    remarks=(
        "Within each basin p_t stays what p_0 is there, so p_t = q P_1 + (1-q) P_2 = p_q.",
        "Such a reward is not bounded, as r = log w is -inf in the other basin: so it is a limit "
        "of what the paper assumes.",
    ),
)
