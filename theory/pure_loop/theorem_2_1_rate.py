"""How fast the pure loop concentrates on the top weight."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import one_candidate, pure_loop
from recurate.theory.language import *
from recurate.theory.proving import Combination, Induction, Monotone, Proof, Sign, Step, Supposing
from recurate.theory.pure_loop.theorem_2_1_odds import statement as one_step
from recurate.theory.statement import Hypothesis, Statement, instance_of

_odds = odds_against_at(t)
_rate = inverse_candidates + (1 - inverse_candidates) * weight_ratio
_start = (1 - top_mass) / top_mass
_claim = at_most(limit_divergence_at(t), _rate**t * _start)
_odds_claim = at_most(_odds, _rate**t * _start)
_plain_odds = sympy.Symbol("o", nonnegative=True)

_proof = Proof(
    general={"theorem-2.1-odds": (t,)},
    supposed={
        "several candidates": at_least(K, 1),
        "theorem-2.1-odds": instance_of(one_step, {}),
        "start": equal(odds_against_at(0), _start),
        "divergence": equal(limit_divergence_at(t), sympy.log(1 + _odds)),
    },
    steps=(
        Step(
            "base",
            at_most(odds_against_at(0), _start),
            "At the start the odds are (1 - q)/q.",
            Combination({"start": -1}),
        ),
        Step(
            "next",
            implies(_odds_claim, at_most(odds_against_at(t + 1), _rate ** (t + 1) * _start)),
            "Each step multiplies them by at most the rate.",
            Supposing(
                Combination(
                    {"theorem-2.1-odds": 1, "hypothesis": _rate},
                    given=("several candidates",),
                )
            ),
        ),
        Step(
            "odds",
            _odds_claim,
            "So the odds against A decay geometrically.",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "sign of the odds",
            at_least(_odds, 0),
            "Odds are nonnegative.",
            Sign(),
        ),
        Step(
            "logarithm",
            at_least(_odds - sympy.log(1 + _odds), 0),
            "log(1 + o) is at most o: o - log(1 + o) is 0 at 0 and increases.",
            Monotone("sign of the odds", _plain_odds - sympy.log(1 + _plain_odds), _plain_odds),
        ),
        Step(
            "claim",
            _claim,
            "KL(p_*‖p_t) = -log p_t(A) = log(1 + o) is at most the odds against A.",
            Combination({"divergence": -1, "logarithm": 1, "odds": 1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.1-rate",
    label="Theorem 2.1, rate",
    title="The pure loop reaches the top weight geometrically fast",
    kind="sharpened",
    hypotheses=(
        pure_loop("theorem-2.1-odds"),
        one_candidate("several candidates"),
        Hypothesis(
            "top",
            "the top weight has mass q = p_0(A) > 0, A = {w = w_*}",
            at_most(top_mass, 1),
            carried_by=("start", "divergence"),
        ),
        Hypothesis(
            "others",
            "all other weights are at most ρ w_*, 0 < ρ <= 1",
            at_most(weight_ratio, 1),
            carried_by=("theorem-2.1-odds",),
        ),
    ),
    claim=_claim,
    bound=_rate**t * _start,
    rational_core=_rate,  # bounds the factor of the odds against A in one step
    equality_cases=("q = 1",),
    proof=_proof,
    infinite_candidates="the same proof, with theorem-2.1-odds at K = inf",
    uses=("theorem-2.1-odds",),
    remarks=(
        "It adds a rate to theorem-2.1: odds_{t+1}(A) >= odds_t(A) K/(1 + (K-1) ρ).",
        "K = inf is the limit, with the rate ρ, the exact rate of theorem-2.1-k-inf for two "
        "weights.",
        "No rate is faster than all-candidates-inside allows: p_t(A) <= 1 - (1-q)^(K^t).",
        "The rate is below 1 for K >= 2 and ρ < 1. For ρ = 1 convergence may be slower than any "
        "geometric one.",
    ),
)
