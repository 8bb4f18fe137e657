"""The mixed loop converges to its fixed point from every start, if p_ref has mass at the top."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.hypotheses import bounded_rewards, one_candidate, real_data
from recurate.theory.language import *
from recurate.theory.one_curation import curation_lipschitz
from recurate.theory.proving import (
    Cited,
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
from recurate.theory.statement import Hypothesis, Statement, instance_of
from recurate.theory.textbook.sequences import ITERATION_CONVERGES

_a, _m = lam / (1 + lam), 1 / (1 + lam)
_value = sympy.Symbol("x", real=True)


class _mass(WithIndex):
    """Mass of a set under a law."""

    nargs = 2
    plain, typeset = "{}({})", "@(@)"
    is_nonnegative = True


class _best_set(WithIndex):
    """A set B that tells F(i) and F(j) best apart, as a function of the laws i and j."""

    nargs = 2
    tacit = frozenset({K, lam})
    plain, typeset = "B", "B"


class _law_at(WithIndex):
    """The loop's law after t steps, as a function of its start and of t."""

    nargs = 2
    tacit = frozenset({K, lam})
    plain, typeset = "{}_[{}]", "{@}_{@}"


_one, _other = sympy.symbols("i j")
"""Any two laws i and j."""
_start = sympy.Symbol("p")
"""p: the loop's laws p_t, from any start p_0."""
_reference = sympy.Symbol("r")
"""r: the loop's laws r_t, from the reference r_0 = p_ref."""
_limit = sympy.Symbol("p_inf")
"""The loop's fixed point, the limit of r_t."""
_top = sympy.Symbol("A")
"""A = {w = w_*}, the set of top weights."""
_real = sympy.Symbol("p_ref")
"""The reference."""
_best = _best_set(_one, _other)
_apart = [_mass(retrained_law(law), _best) for law in (_one, _other)]
_apart_curated = [_mass(curated_law(law), _best) for law in (_one, _other)]
_curated_distance = variation_between(curated_law(_one), curated_law(_other))
_reference_mass = _mass(_real, _best)


def _growth(law: Any) -> Any:
    """Return a H(w_*), by which curation and dilution multiply the mass at the top weight."""
    return _a * curation_ratio_of(law, max_weight)


def _contraction(one: Any, other: Any) -> Any:
    """Return that a step contracts the distance of two laws."""
    return at_most(
        variation_between(retrained_law(one), retrained_law(other)),
        _growth(one) * variation_between(one, other),
    )


_law, _next_law = _law_at(_start, t), _law_at(_start, t + 1)
_limit_top = _mass(_limit, _top)
_rate = 1 - _m * top_mass / _limit_top
_claim = at_most(distance_at(t), _rate**t * distance_at(0))
_by_growth = at_most(distance_at(t), _growth(_limit) ** t * distance_at(0))

# The loop from the reference: r_t, r_{t+1} and r_{t+2}, and their masses at the top.
_r = [_law_at(_reference, t + number) for number in range(3)]
_r_top = [_mass(law, _top) for law in _r]
_half_moved = variation_between(retrained_law(_r[0]), _r[2])
_move, _next_move = variation_between(_r[0], _r[1]), variation_between(_r[1], _r[2])
_shrinking = 1 - _m * top_mass
_start_move = variation_between(_law_at(_reference, 0), _law_at(_reference, 1)) / top_mass
_moves = at_most(_move / _r_top[0], _shrinking**t * _start_move)

_CONTRACTION = (
    Step(
        "retraining",
        at_most(
            variation_between(retrained_law(_one), retrained_law(_other)),
            _a * _curated_distance,
        ),
        "One step F(i) = m p_ref + a T(i) adds the same real data to both of two laws: it "
        "multiplies their distance after curation by a.",
        Combination({"distance of F": -1, "F(i)": -1, "F(j)": 1, "distance of T": _a}),
    ),
    Step(
        "contraction",
        _contraction(_one, _other),
        "So by curation-lipschitz a step multiplies the distance of two laws i and j by a H_i(w_*) "
        "at most.",
        Combination({"retraining": 1, "curation-lipschitz": _a}),
    ),
)

_EXISTENCE = (
    Step(
        "contraction from the reference",
        _contraction(_r[0], _r[1]),
        "Let r_t be the loop's law from the reference. Take r_t and r_{t+1} for the two laws.",
        Substitution("contraction", {_one: _r[0], _other: _r[1]}),
    ),
    Step(
        "loop from the reference",
        equal(_r[1], retrained_law(_r[0])),
        "Here F(r_t) is r_{t+1}.",
        Substitution("loop", {_start: _reference}),
    ),
    Step(
        "loop from the reference, next",
        equal(_r[2], retrained_law(_r[1])),
        "And F(r_{t+1}) is r_{t+2}.",
        Substitution("loop from the reference", {t: t + 1}),
    ),
    Step(
        "one moved",
        equal(_next_move, _half_moved),
        "Put r_{t+1} in for the one.",
        Image("loop from the reference", variation_between(_value, _r[2]), _value),
    ),
    Step(
        "both moved",
        equal(
            _half_moved,
            variation_between(retrained_law(_r[0]), retrained_law(_r[1])),
        ),
        "And r_{t+2} for the other.",
        Image(
            "loop from the reference, next", variation_between(retrained_law(_r[0]), _value), _value
        ),
    ),
    Step(
        "top moved",
        equal(_r_top[1], _mass(retrained_law(_r[0]), _top)),
        "The mass at the top is that of F(r_t), too.",
        Image("loop from the reference", _mass(_value, _top), _value),
    ),
    Step(
        "top from the reference",
        equal(_mass(retrained_law(_r[0]), _top), _m * top_mass + _growth(_r[0]) * _r_top[0]),
        "A step multiplies the mass at the top by a H(w_*), and adds the real data's.",
        Substitution("top", {_one: _r[0]}),
    ),
    Step(
        "real data",
        less(0, _m * top_mass),
        "The latter is positive.",
        Sign(),
    ),
    Step(
        "charged at first",
        less(0, _mass(_law_at(_reference, 0), _top)),
        "There is mass at the top at first.",
        StrictCombination(Combination({"real data": 1 + lam, "top at first": 1}), "real data"),
    ),
    Step(
        "charged next",
        implies(less(0, _r_top[0]), less(0, _r_top[1])),
        "And later.",
        Supposing(
            StrictCombination(
                Combination(
                    {"real data": 1, "top moved": 1, "top from the reference": 1},
                    remainder=_growth(_r[0]) * _r_top[0],
                ),
                "real data",
            )
        ),
    ),
    Step(
        "top charged",
        less(0, _r_top[0]),
        "So there is, for every t.",
        Induction(t, 0, base="charged at first", step="charged next"),
    ),
    Step(
        "top at most all, next",
        at_most(_r_top[1], 1),
        "It is at most 1.",
        Substitution("top at most all", {t: t + 1}),
    ),
    Step(
        "top charged, next",
        less(0, _r_top[1]),
        "And positive.",
        Substitution("top charged", {t: t + 1}),
    ),
    Step(
        "moves",
        at_most(_next_move / _r_top[1], _shrinking * _move / _r_top[0]),
        "So TV(r_t, r_{t+1}) over r_t(A) shrinks by the factor 1 - m q at each step, q = p_ref(A).",
        Combination(
            {
                "one moved": -1 / _r_top[1],
                "both moved": -1 / _r_top[1],
                "contraction from the reference": 1 / _r_top[1],
                "top moved": _move / (_r_top[0] * _r_top[1]),
                "top from the reference": _move / (_r_top[0] * _r_top[1]),
                "top at most all, next": _m * top_mass * _move / (_r_top[0] * _r_top[1]),
            },
            given=("top charged", "top charged, next"),
        ),
    ),
    Step(
        "moves at first",
        at_most(_moves.lhs.subs(t, 0), _moves.rhs.subs(t, 0)),
        "At first it is TV(r_0, r_1)/q.",
        Combination(
            {"top at first": _moves.lhs.subs(t, 0) / top_mass}, given=("charged at first",)
        ),
    ),
    Step(
        "moves next",
        implies(_moves, at_most(_next_move / _r_top[1], _shrinking ** (t + 1) * _start_move)),
        "If it is at most (1 - m q)^t times that, the next one is at most (1 - m q)^{t+1} times.",
        Supposing(Combination({"moves": 1, "hypothesis": _shrinking}, given=("mass at most one",))),
    ),
    Step(
        "all moves",
        _moves,
        "So it is, for every t.",
        Induction(t, 0, base="moves at first", step="moves next"),
    ),
    Step(
        "power at first",
        at_least(_shrinking**0, 0),
        "The power 0 of 1 - m q is nonnegative.",
        Sign(),
    ),
    Step(
        "power next",
        implies(at_least(_shrinking**t, 0), at_least(_shrinking ** (t + 1), 0)),
        "If one power is, so is the next one.",
        Supposing(Combination({"hypothesis": _shrinking}, given=("mass at most one",))),
    ),
    Step(
        "powers",
        at_least(_shrinking**t, 0),
        "So all of them are.",
        Induction(t, 0, base="power at first", step="power next"),
    ),
    Step(
        "moves of the loop",
        at_most(_move, _shrinking**t * _start_move),
        "And r_t(A) is at most 1.",
        Combination(
            {"all moves": _r_top[0], ("powers", "top at most all"): _start_move},
            given=("top charged",),
        ),
    ),
    Step(
        "rate from below",
        at_least(_shrinking, 0),
        "The factor 1 - m q is nonnegative.",
        Combination({"mass at most one": _m}, remainder=_a),
    ),
    Step(
        "rate below one",
        less(_shrinking, 1),
        "It is below 1.",
        StrictCombination(Combination({"real data": 1}), "real data"),
    ),
    Step(
        "fixed point",
        equal(_limit, retrained_law(_limit)),
        "So the distances TV(r_t, r_{t+1}) have a finite sum, and r_t a limit p_inf in total "
        "variation. F is continuous there, by the contraction above: p_inf is a fixed point.",
        Cited(
            ITERATION_CONVERGES,
            {
                "step": retrained_law(_one),
                "law": _r[0],
                "limit": _limit,
                "rate": _shrinking,
                "first": _start_move,
                "factor": _growth(_one),
                "variables": (t, _one, _other),
            },
            {
                "recursion": "loop from the reference",
                "moves": "moves of the loop",
                "nonnegative rate": "rate from below",
                "rate below one": "rate below one",
                "Lipschitz": "contraction",
                "limit": "limit",
            },
        ),
    ),
)

_ATTRACTION = (
    Step(
        "top of the limit",
        equal(_mass(retrained_law(_limit), _top), _m * top_mass + _growth(_limit) * _limit_top),
        "A step multiplies the fixed point's mass at the top by a H(w_*) and adds the real data's.",
        Substitution("top", {_one: _limit}),
    ),
    Step(
        "top kept",
        equal(_limit_top, _mass(retrained_law(_limit), _top)),
        "It keeps that mass.",
        Image("fixed point", _mass(_value, _top), _value),
    ),
    Step(
        "limit charged",
        less(0, _limit_top),
        "So that is positive.",
        StrictCombination(
            Combination(
                {"real data": 1, "top of the limit": 1, "top kept": 1},
                remainder=_growth(_limit) * _limit_top,
            ),
            "real data",
        ),
    ),
    Step(
        "rate",
        equal(_growth(_limit), _rate),
        "And a H(w_*) is 1 - m p_ref(A)/p_inf(A), below 1.",
        Combination(
            {"top of the limit": -1 / _limit_top, "top kept": -1 / _limit_top},
            given=("limit charged",),
        ),
    ),
    Step(
        "contraction to the limit",
        _contraction(_limit, _law),
        "Now let p_t be the loop's law from any start: it comes nearer by that factor.",
        Substitution("contraction", {_one: _limit, _other: _law}),
    ),
    Step(
        "limit kept",
        equal(
            variation_between(_limit, retrained_law(_law)),
            variation_between(retrained_law(_limit), retrained_law(_law)),
        ),
        "For F keeps p_inf.",
        Image("fixed point", variation_between(_value, retrained_law(_law)), _value),
    ),
    Step(
        "law moved",
        equal(variation_between(_limit, _next_law), variation_between(_limit, retrained_law(_law))),
        "And leads from p_t to p_{t+1}.",
        Image("loop", variation_between(_limit, _value), _value),
    ),
    Step(
        "distance, next",
        equal(distance_at(t + 1), variation_between(_limit, _next_law)),
        "Whose distance from p_inf is the next one.",
        Substitution("distance", {t: t + 1}),
    ),
    Step(
        "one step",
        at_most(distance_at(t + 1), _growth(_limit) * distance_at(t)),
        "So TV(p_{t+1}, p_inf) is at most a H(w_*) TV(p_t, p_inf).",
        Combination(
            {
                "distance, next": -1,
                "law moved": -1,
                "limit kept": -1,
                "contraction to the limit": 1,
                "distance": _growth(_limit),
            }
        ),
    ),
    Step(
        "start",
        at_most(distance_at(0), _growth(_limit) ** 0 * distance_at(0)),
        "At t = 0 there is nothing to show.",
        Sign(),
    ),
    Step(
        "next",
        implies(
            _by_growth, at_most(distance_at(t + 1), _growth(_limit) ** (t + 1) * distance_at(0))
        ),
        "Each step multiplies the bound by a H(w_*).",
        Supposing(Combination({"one step": 1, "hypothesis": _growth(_limit)})),
    ),
    Step(
        "geometric",
        _by_growth,
        "So the distance falls geometrically.",
        Induction(t, 0, base="start", step="next"),
    ),
    Step(
        "powers of the rate",
        equal(_growth(_limit) ** t, _rate**t),
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
        "F(i)": (_one, _other),
        "F(j)": (_one, _other),
        "distance of F": (_one, _other),
        "distance of T": (_one, _other),
        "curation-lipschitz": (_one, _other),
        "loop": (_start, t),
        "top": (_one,),
        "top at most all": (t,),
        "distance": (t,),
    },
    supposed={
        # the loop's step F, and total variation as the largest difference of masses
        "F(i)": equal(_apart[0], _m * _reference_mass + _a * _apart_curated[0]),
        "F(j)": equal(_apart[1], _m * _reference_mass + _a * _apart_curated[1]),
        "distance of F": equal(
            variation_between(retrained_law(_one), retrained_law(_other)), _apart[0] - _apart[1]
        ),
        "distance of T": at_most(
            _apart_curated[0] - _apart_curated[1],
            variation_between(curated_law(_one), curated_law(_other)),
        ),
        "curation-lipschitz": instance_of(
            curation_lipschitz.statement,
            {
                curation_lipschitz.curated_distance: variation_between(
                    curated_law(_one), curated_law(_other)
                ),
                curation_lipschitz.top_ratio: curation_ratio_of(_one, max_weight),
                total_variation: variation_between(_one, _other),
            },
        ),
        "loop": equal(_next_law, retrained_law(_law)),
        # F(i)(A), by lemma-2.1; the reference's mass q of A is positive
        "top": equal(
            _mass(retrained_law(_one), _top), _m * top_mass + _growth(_one) * _mass(_one, _top)
        ),
        "top at first": equal(_mass(_law_at(_reference, 0), _top), top_mass),
        "top at most all": at_most(_r_top[0], 1),
        "mass at most one": at_most(top_mass, 1),
        # of which the theorem says that it exists
        "limit": equal(sympy.Limit(_r[0], t, sympy.oo, "-"), _limit),
        "distance": equal(distance_at(t), variation_between(_limit, _law)),
    },
    steps=(*_CONTRACTION, *_EXISTENCE, *_ATTRACTION),
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
