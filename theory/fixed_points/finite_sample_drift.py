"""How near the fixed point a loop ends if all its steps are a little off."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.fixed_points.step_contraction import a, growth, m
from recurate.theory.hypotheses import bounded_rewards, one_candidate, real_data
from recurate.theory.language import *
from recurate.theory.one_curation.curation_lipschitz import lipschitz
from recurate.theory.proving import Combination, Image, Induction, Proof, Sign, Step, Supposing
from recurate.theory.statement import Hypothesis, Statement

_value = sympy.Symbol("x", real=True)

step_error = sympy.Symbol("epsilon", nonnegative=True)
"""ε, the largest total variation distance of a law p~_{t+1} from F(p~_t)."""

limit, _reference = sympy.symbols("p_inf p_ref")
"""p_inf, the fixed point of the loop's step F(p) = m p_ref + a T(p), and the reference."""


class _top_mass(WithIndex):
    """Mass under a law of the set A = {w = w_*} of top weights."""

    plain, typeset = "{}(A)", "@(A)"
    is_positive = True


class _law_at(WithIndex):
    """p~_t, the law after t steps that are off."""

    tacit = frozenset({K, lam})
    plain, typeset = "p~_[{}]", r"\tilde{p}_{@}"


class _mass(WithIndex):
    """Mass under a law of the set B_t that tells p~_{t+1} and p_inf best apart."""

    nargs = 2
    tacit = frozenset({K, lam})
    plain, typeset = "{}(B_[{}])", "@(B_{@})"


limit_top = _top_mass(limit)
"""p_inf(A)."""


def distance_from_limit(steps: Any) -> Any:
    """Return TV(p_inf, p~_t) after this number of steps, as the claim has it."""
    return variation_between(limit, _law_at(steps))


_law, _next_law = _law_at(t), _law_at(t + 1)
_curated_distance = variation_between(curated_law(limit), curated_law(_law))
_growth = growth(limit)
_rate = 1 - m * top_mass / limit_top


def _bound(rate: Any, steps: Any) -> Any:
    drift = step_error * limit_top / (m * top_mass) * (1 - rate**steps)
    return rate**steps * distance_from_limit(0) + drift


_claim = at_most(distance_from_limit(t), _bound(_rate, t))
_by_growth = at_most(distance_from_limit(t), _bound(_growth, t))

_proof = Proof(
    general=dict.fromkeys(
        (
            "distance",
            "step off",
            "retraining",
            "fixed point",
            "distance of T",
            "curation-lipschitz",
        ),
        (t,),
    ),
    supposed={
        # total variation is the largest difference of masses, of B_t in the first case
        "distance": equal(distance_from_limit(t + 1), _mass(_next_law, t) - _mass(limit, t)),
        "step off": at_most(_mass(_next_law, t) - _mass(retrained_law(_law), t), step_error),
        "retraining": equal(
            _mass(retrained_law(_law), t),
            m * _mass(_reference, t) + a * _mass(curated_law(_law), t),
        ),
        "fixed point": equal(
            _mass(limit, t), m * _mass(_reference, t) + a * _mass(curated_law(limit), t)
        ),
        "distance of T": at_most(
            _mass(curated_law(_law), t) - _mass(curated_law(limit), t), _curated_distance
        ),
        "curation-lipschitz": lipschitz(
            limit, distance=distance_from_limit(t), curated_distance=_curated_distance
        ),
        # F(p_inf)(A) = p_inf(A), by lemma-2.1
        "top": equal(limit_top, m * top_mass + _growth * limit_top),
    },
    steps=(
        Step(
            "one step",
            at_most(distance_from_limit(t + 1), step_error + _growth * distance_from_limit(t)),
            "One step F multiplies the distance from the fixed point by at most a H(w_*) "
            "(curation-lipschitz), and being off adds at most ε.",
            Combination(
                {
                    "distance": -1,
                    "step off": 1,
                    "retraining": -1,
                    "fixed point": 1,
                    "distance of T": a,
                    "curation-lipschitz": a,
                }
            ),
        ),
        Step(
            "start",
            at_most(distance_from_limit(0), _bound(_growth, 0)),
            "At t = 0 there is nothing to show.",
            Sign(),
        ),
        Step(
            "next",
            implies(_by_growth, at_most(distance_from_limit(t + 1), _bound(_growth, t + 1))),
            "With c = a H(w_*), 1 - c = m q/p_inf(A), since F keeps p_inf(A) = m q + c p_inf(A). "
            "So ε + c ε (1 - c^t)/(1-c) is ε (1 - c^{t+1})/(1-c).",
            Supposing(
                Combination(
                    {"one step": 1, "hypothesis": _growth, "top": step_error / (m * top_mass)}
                )
            ),
        ),
        Step(
            "all steps",
            _by_growth,
            "So this holds for every t.",
            Induction(t, 0, base="start", step="next"),
        ),
        Step(
            "rate",
            equal(_growth, _rate),
            "Here c is 1 - m q/p_inf(A).",
            Combination({"top": -1 / limit_top}),
        ),
        Step(
            "powers of the rate",
            equal(_growth**t, _rate**t),
            "So their powers are the same.",
            Image("rate", _value**t, _value),
        ),
        Step(
            "claim",
            _claim,
            "That is the claim.",
            Combination(
                {
                    "all steps": 1,
                    "powers of the rate": step_error * limit_top / (m * top_mass)
                    - distance_from_limit(0),
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="finite-sample-drift",
    label="Drift of inexact steps",
    title="Steps that are off by ε each end within ε/(1 - a H(w_*)) of the loop's fixed point",
    kind="ours",
    hypotheses=(
        one_candidate("curation-lipschitz"),
        real_data("retraining", "fixed point", "top"),
        Hypothesis(
            "fixed_point",
            "p_inf is a fixed point of the loop (by global-attraction there is one)",
            carried_by=("fixed point",),
        ),
        bounded_rewards("curation-lipschitz", more=", under p_ref and under every p~_t"),
        Hypothesis(
            "top",
            "the reference has mass at w_*: q = p_ref(A) > 0, A = {w = w_*}",
            carried_by=("top",),
        ),
        Hypothesis(
            "step_error",
            "p~_0 is any law, and p~_{t+1} any law with TV(p~_{t+1}, F(p~_t)) <= ε",
            carried_by=("step off",),
        ),
    ),
    claim=_claim,
    equality_cases=("t = 0", "K = 1 or λ = 0, if all errors point away from p_inf alike"),
    proof=_proof,
    infinite_candidates="H_p(w_*) = w_*/E_p w, and curation-lipschitz; all steps are the same",
    uses=("curation-lipschitz", "lemma-2.1"),
    remarks=(
        "p_inf is the fixed point of global-attraction, which is the case ε = 0. 1 - a H(w_*) is "
        "m p_ref(A)/p_inf(A), at least m p_ref(A).",
        "If the errors are random, and TV(p~_{t+1}, F(p~_t)) is at most ε on average, the claim "
        "holds of the average distance: the recursion is linear.",
        "Near and above the condensation threshold a H(w_*) is close to 1, and errors add up.",
    ),
)
