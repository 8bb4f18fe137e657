"""The mixed loop converges to its fixed point from every start, if p_ref has mass at the top."""

from __future__ import annotations

import sympy

from recurate.theory.fixed_points import limit_from_reference, step_contraction
from recurate.theory.fixed_points.limit_from_reference import law_at, limit, start, top
from recurate.theory.fixed_points.step_contraction import contraction, growth, m, mass, one, other
from recurate.theory.hypotheses import bounded_rewards, one_candidate, real_data
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Image,
    Induction,
    Proof,
    Sign,
    Step,
    StrictCombination,
    Substitution,
    Supposing,
)
from recurate.theory.statement import Hypothesis, Statement

_value = sympy.Symbol("x", real=True)
_law, _next_law = law_at(start, t), law_at(start, t + 1)
_limit_top = mass(limit, top)
_rate = 1 - m * top_mass / _limit_top
_claim = at_most(distance_at(t), _rate**t * distance_at(0))
_by_growth = at_most(distance_at(t), growth(limit) ** t * distance_at(0))

_ATTRACTION = (
    Step(
        "top of the limit",
        equal(mass(retrained_law(limit), top), m * top_mass + growth(limit) * _limit_top),
        "A step multiplies the fixed point's mass at the top by a H(w_*) and adds the real data's.",
        Substitution("top", {one: limit}),
    ),
    Step(
        "top kept",
        equal(_limit_top, mass(retrained_law(limit), top)),
        "The fixed point keeps that mass.",
        Image("fixed point", mass(_value, top), _value),
    ),
    Step(
        "limit charged",
        less(0, _limit_top),
        "So that is positive.",
        StrictCombination(
            Combination(
                {"real data": 1, "top of the limit": 1, "top kept": 1},
                remainder=growth(limit) * _limit_top,
            ),
            "real data",
        ),
    ),
    Step(
        "rate",
        equal(growth(limit), _rate),
        "And a H(w_*) is 1 - m p_ref(A)/p_inf(A), below 1.",
        Combination(
            {"top of the limit": -1 / _limit_top, "top kept": -1 / _limit_top},
            given=("limit charged",),
        ),
    ),
    Step(
        "contraction to the limit",
        contraction(limit, _law),
        "Now let p_t be the loop's law from any start: it comes nearer by that factor.",
        Substitution("contraction", {one: limit, other: _law}),
    ),
    Step(
        "limit kept",
        equal(
            variation_between(limit, retrained_law(_law)),
            variation_between(retrained_law(limit), retrained_law(_law)),
        ),
        "For F keeps p_inf.",
        Image("fixed point", variation_between(_value, retrained_law(_law)), _value),
    ),
    Step(
        "law moved",
        equal(variation_between(limit, _next_law), variation_between(limit, retrained_law(_law))),
        "And leads from p_t to p_{t+1}.",
        Image("loop", variation_between(limit, _value), _value),
    ),
    Step(
        "distance, next",
        equal(distance_at(t + 1), variation_between(limit, _next_law)),
        "The distance of that from p_inf is the next one.",
        Substitution("distance", {t: t + 1}),
    ),
    Step(
        "one step",
        at_most(distance_at(t + 1), growth(limit) * distance_at(t)),
        "So TV(p_{t+1}, p_inf) is at most a H(w_*) TV(p_t, p_inf).",
        Combination(
            {
                "distance, next": -1,
                "law moved": -1,
                "limit kept": -1,
                "contraction to the limit": 1,
                "distance": growth(limit),
            }
        ),
    ),
    Step(
        "start",
        at_most(distance_at(0), growth(limit) ** 0 * distance_at(0)),
        "At t = 0 there is nothing to show.",
        Sign(),
    ),
    Step(
        "next",
        implies(_by_growth, at_most(distance_at(t + 1), growth(limit) ** (t + 1) * distance_at(0))),
        "Each step multiplies the bound by a H(w_*).",
        Supposing(Combination({"one step": 1, "hypothesis": growth(limit)})),
    ),
    Step(
        "geometric",
        _by_growth,
        "So the distance falls geometrically.",
        Induction(t, 0, base="start", step="next"),
    ),
    Step(
        "powers of the rate",
        equal(growth(limit) ** t, _rate**t),
        "So their powers are the same.",
        Image("rate", _value**t, _value, given=("limit charged",)),
    ),
    Step(
        "claim",
        _claim,
        "That is the claim.",
        Combination(
            {"geometric": 1, "powers of the rate": -distance_at(0)}, given=("limit charged",)
        ),
    ),
)

_proof = Proof(
    general={
        **step_contraction.GENERAL,
        **limit_from_reference.GENERAL,
        "distance": (t,),
    },
    supposed={
        **step_contraction.SUPPOSED,
        **limit_from_reference.SUPPOSED,
        "distance": equal(distance_at(t), variation_between(limit, _law)),
    },
    steps=(*step_contraction.STEPS, *limit_from_reference.STEPS, *_ATTRACTION),
)

statement = Statement(
    module=__name__,
    id="global-attraction",
    label="Global attraction",
    title="With mass at the top weight the mixed loop converges to one fixed point, geometrically",
    kind="ours",
    hypotheses=(
        one_candidate("curation-lipschitz"),
        real_data("F(i)", "F(j)", "top"),
        bounded_rewards("curation-lipschitz", more=", under p_ref and under the start p_0"),
        Hypothesis(
            "top",
            "the reference has mass at w_*: p_ref(A) > 0, A = {w = w_*}",
            carried_by=("top at first",),
        ),
    ),
    claim=_claim,
    equality_cases=("t = 0", "λ = 0", "K = 1"),
    proof=_proof,
    infinite_candidates="H_p(w_*) = w_*/E_p w, and curation-lipschitz; all steps are the same",
    uses=("curation-lipschitz", "lemma-2.1"),
    remarks=(
        "The factor is a H(w_*) at p_inf, below 1 and at most 1 - m p_ref(A). So there is one "
        "fixed point only, and p_0 may be any law on such weights, with mass at w_* or without.",
        "p_inf exists whatever the weights and K are: from the reference, "
        "TV(p_t, p_{t+1}) <= (1 - m p_ref(A))^t TV(p_0, p_1) p_t(A)/p_ref(A). Every finite "
        "reference has mass at its largest weight.",
        "Open is what happens where p_ref has no mass at w_*. The limit may then have an atom "
        "there that no p_t has (condensation-threshold), so that p_t converges weakly at most. "
        "Without an atom and with a H(w_*) < 1 at a fixed point, the same step shows that p_t "
        "converges to it geometrically.",
        "Convergence is slow near and above the condensation threshold, where a H(w_*) is close to "
        "1: a small step p_{t+1} - p_t then says little about the distance.",
    ),
)
