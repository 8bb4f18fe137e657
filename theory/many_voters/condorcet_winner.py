"""K = 2: an answer that is preferred to each other one takes over geometrically."""

from __future__ import annotations

from recurate.theory.hypotheses import pure_loop
from recurate.theory.language import *
from recurate.theory.many_voters import preference_game
from recurate.theory.proving import Combination, Induction, Proof, Step, Supposing, UnderMean
from recurate.theory.statement import Hypothesis, Statement, instance_of

first_share = top_mass
"""q = p_0(x*), the first share of the answer x* that is preferred to each other one."""

_d = preference_margin


class share_at(AtStep):
    """Mass p_t(x*) of the answer x* that is preferred to each other one."""

    plain, typeset = "p_[{}](x⁎)", r"p_{@}(x^*)"
    is_positive = True


class winner_drawn(Drawn):
    """1 if the other candidate, drawn from p_t, is x* as well, and 0 otherwise."""

    tacit = frozenset({K, lam})
    plain, typeset = "J_[{}]", "J_{@}"


_share, _next_share = share_at(t), share_at(t + 1)
_margin, _same = preference_game.margin(t), winner_drawn(t)
one_step = at_most(1 - _next_share, (1 - _share) * (1 - _d * _share))
_rate = 1 - _d * first_share
_bound = (1 - first_share) * _rate**t
_claim = at_most(1 - _share, _bound)

_proof = Proof(
    general={
        "preference-game": (t,),
        "preferred": (t,),
        "share": (t,),
        "at most all": (t,),
    },
    supposed={
        "preference-game": instance_of(
            preference_game.statement,
            {
                preference_game.curated_mass: _next_share,
                preference_game.mass: _share,
                one_law: t,
            },
        ),
        "preferred": at_least(_margin, _d * (1 - _same)),
        "share": equal(Mean(_same), _share),
        "at most all": at_most(_share, 1),
        "at most sure": at_most(_d, 1),
        "start": equal(share_at(0), first_share),
        "part": at_most(first_share, 1),
    },
    steps=(
        Step(
            "mean margin",
            at_least(Mean(_margin), _d * (1 - Mean(_same))),
            "In the mean over the other candidate, x* wins at least δ from what is not x*.",
            UnderMean("preferred"),
        ),
        Step(
            "one step",
            one_step,
            "So p_{t+1}(x*) >= p_t(x*) (1 + δ (1 - p_t(x*))), by preference-game.",
            Combination(
                {
                    "preference-game": 1,
                    "mean margin": _share,
                    "share": -_d * _share,
                }
            ),
        ),
        Step(
            "rises",
            at_least(_next_share, _share),
            "The share of x* never falls.",
            Combination({"one step": 1, "at most all": _d * _share}),
        ),
        Step(
            "at the start",
            at_least(share_at(0), first_share),
            "It starts at q.",
            Combination({"start": 1}),
        ),
        Step(
            "next share",
            implies(at_least(_share, first_share), at_least(_next_share, first_share)),
            "If it is at least q, so it is after a step.",
            Supposing(Combination({"hypothesis": 1, "rises": 1})),
        ),
        Step(
            "never below",
            at_least(_share, first_share),
            "So it is at least q for ever.",
            Induction(t, 0, base="at the start", step="next share"),
        ),
        Step(
            "rate",
            at_most(1 - _next_share, (1 - _share) * _rate),
            "With q for p_t(x*), the factor is the same at every step.",
            Combination({"one step": 1, ("at most all", "never below"): _d}),
        ),
        Step(
            "factor",
            at_least(_rate, 0),
            "That factor is not negative, as neither δ nor q exceeds 1.",
            Combination({"at most sure": 1, "part": _d}),
        ),
        Step(
            "base",
            at_most(1 - share_at(0), 1 - first_share),
            "The claim at t = 0.",
            Combination({"start": 1}),
        ),
        Step(
            "next",
            implies(_claim, at_most(1 - _next_share, (1 - first_share) * _rate ** (t + 1))),
            "Each step multiplies what is not x* by at most the factor.",
            Supposing(Combination({"rate": 1, ("hypothesis", "factor"): 1})),
        ),
        Step(
            "claim",
            _claim,
            "So this holds for every t.",
            Induction(t, 0, base="base", step="next"),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="condorcet-winner",
    label="Condorcet winner",
    title="For K = 2 an answer that is preferred to each other one takes over geometrically",
    kind="ours",
    hypotheses=(
        pure_loop("preference-game", more=", with K = 2 and any preferences, from any start"),
        Hypothesis(
            "winner",
            "x* is preferred to each other answer y with mass, A(x*, y) = 2 P(x* over y) - 1 >= δ, "
            "where 0 < δ <= 1",
            carried_by=("preferred", "at most sure"),
        ),
        Hypothesis(
            "mass",
            "x* has mass q = p_0(x*) > 0 at the start",
            carried_by=("start", "share", "at most all", "part"),
        ),
    ),
    claim=_claim,
    bound=_bound,
    rational_core=(1 - first_share) * _rate,  # bounds 1 - p_{t+1}(x*) for q = p_t(x*)
    equality_cases=(
        "t = 0",
        "t = 1 and A(x*, y) = δ for each other answer y with mass",
        "q = 1",
    ),
    proof=_proof,
    law="over the other candidate Y, drawn from p_t",
    uses=("preference-game",),
    remarks=(
        "On the way: 1 - p_{t+1}(x*) <= (1 - p_t(x*)) (1 - δ p_t(x*)), with equality where "
        "A(x*, y) = δ for each other answer with mass. So in the end the rest falls by 1 - δ a "
        "step; from a small share x* first grows like (1 + δ)^t.",
        "x* need not be anybody's first choice: with two candidates people's majorities decide, "
        "and a compromise that beats each other answer by a majority takes all.",
        "With K >= 3 that is false. Two groups of voters of the same size with rewards (5, 0, 3) "
        "and (0, 5, 3): the third answer is the Condorcet winner and takes all for K = 2. For "
        "K = 3 it dies out, and the two extremes share everything.",
        "δ = 0 is not enough: an answer that ties with one that keeps mass does not take over.",
    ),
)
