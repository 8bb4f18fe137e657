"""The pure loop cannot reach the top weight faster than this."""

from __future__ import annotations

import sympy

from recurate.theory.foundations import all_candidates_inside
from recurate.theory.hypotheses import one_candidate, pure_loop
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Identity,
    Image,
    Induction,
    Monotone,
    Proof,
    Step,
    Supposing,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of

_rest_at = sympy.Function("p_off_A", positive=True)
"""Mass 1 - p_t(A) off the set A = {w = w_*}."""

_rest, _value = _rest_at(t), sympy.Symbol("x", positive=True)
_bound = -(K**t) * sympy.log(1 - top_mass)
_claim = at_most(-sympy.log(_rest), _bound)
_next = at_most(-sympy.log(_rest_at(t + 1)), _bound.subs(t, t + 1))

_proof = Proof(
    general={"all-candidates-inside": (t,)},
    supposed={
        "all-candidates-inside": instance_of(
            all_candidates_inside.statement,
            {
                all_candidates_inside.curated_mass: _rest_at(t + 1),
                all_candidates_inside.mass: _rest,
            },
        ),
        "start": equal(_rest_at(0), 1 - top_mass),
    },
    steps=(
        Step(
            "logarithms",
            at_least(sympy.log(_rest_at(t + 1)), sympy.log(_rest**K)),
            "The winner is off A when all candidates are.",
            Monotone("all-candidates-inside", sympy.log(_value), _value),
        ),
        Step(
            "power",
            equal(sympy.log(_rest**K), K * sympy.log(_rest)),
            "The logarithm of the K-th power.",
            Identity(),
        ),
        Step(
            "one step",
            at_most(-sympy.log(_rest_at(t + 1)), -K * sympy.log(_rest)),
            "So -log(1 - p_t(A)) grows at most K-fold in a step.",
            Combination({"logarithms": 1, "power": 1}),
        ),
        Step(
            "start, logarithm",
            equal(sympy.log(_rest_at(0)), sympy.log(1 - top_mass)),
            "It starts at -log(1 - q).",
            Image("start", sympy.log(_value), _value),
        ),
        Step(
            "base",
            at_most(-sympy.log(_rest_at(0)), -sympy.log(1 - top_mass)),
            "The claim at t = 0.",
            Combination({"start, logarithm": 1}),
        ),
        Step(
            "next",
            implies(_claim, _next),
            "And K times K^t is K^(t+1).",
            Supposing(Combination({"one step": 1, "hypothesis": K})),
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
    id="theorem-2.1-speed-limit",
    label="Theorem 2.1, speed limit",
    title="The pure loop cannot reach the top weight faster than the best of all draws",
    kind="ours",
    hypotheses=(
        pure_loop("all-candidates-inside", more=", with finite K, from any start"),
        one_candidate("all-candidates-inside"),
        Hypothesis(
            "top",
            "the top weight has mass q = p_0(A) below 1",
            less(top_mass, 1),
            carried_by=("start",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("t = 0", "K = 1", "approached as the weights off A vanish against w_*"),
    proof=_proof,
    uses=("all-candidates-inside",),
    remarks=(
        "That is p_t(A) <= 1 - (1-q)^(K^t), the chance that one of K^t draws from p_0 is in A.",
    ),
)
