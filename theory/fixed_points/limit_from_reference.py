"""The loop from the reference has a limit, if p_ref has mass at the top weight: shared steps.

The limit is a fixed point. The steps come after those of `step_contraction`.
"""

from __future__ import annotations

import sympy

from recurate.theory.fixed_points.step_contraction import (
    a,
    contraction,
    growth,
    m,
    mass,
    one,
    other,
)
from recurate.theory.language import *
from recurate.theory.proving import (
    Cited,
    Combination,
    Image,
    Induction,
    Sign,
    Step,
    StrictCombination,
    Substitution,
    Supposing,
)
from recurate.theory.textbook.sequences import ITERATION_CONVERGES

_value = sympy.Symbol("x", real=True)


class law_at(WithIndex):
    """The loop's law after t steps, as a function of its start and of t."""

    nargs = 2
    tacit = frozenset({K, lam})
    plain, typeset = "{}_[{}]", "{@}_{@}"


start = sympy.Symbol("p")
"""p: the loop's laws p_t, from any start p_0."""
_reference = sympy.Symbol("r")
"""r: the loop's laws r_t, from the reference r_0 = p_ref."""
limit = sympy.Symbol("p_inf")
"""The loop's fixed point, the limit of r_t."""
top = sympy.Symbol("A")
"""A = {w = w_*}, the set of top weights."""

# The loop from the reference: r_t, r_{t+1} and r_{t+2}, and their masses at the top.
_r = [law_at(_reference, t + number) for number in range(3)]
_r_top = [mass(law, top) for law in _r]
_half_moved = variation_between(retrained_law(_r[0]), _r[2])
_move, _next_move = variation_between(_r[0], _r[1]), variation_between(_r[1], _r[2])
_shrinking = 1 - m * top_mass
_start_move = variation_between(law_at(_reference, 0), law_at(_reference, 1)) / top_mass
_moves = at_most(_move / _r_top[0], _shrinking**t * _start_move)

GENERAL = {"loop": (start, t), "top": (one,), "top at most all": (t,)}

SUPPOSED = {
    "loop": equal(law_at(start, t + 1), retrained_law(law_at(start, t))),
    # F(i)(A), by lemma-2.1; the reference's mass q of A is positive
    "top": equal(mass(retrained_law(one), top), m * top_mass + growth(one) * mass(one, top)),
    "top at first": equal(mass(law_at(_reference, 0), top), top_mass),
    "top at most all": at_most(_r_top[0], 1),
    "mass at most one": at_most(top_mass, 1),
    # The theorem says that it exists.
    "limit": equal(sympy.Limit(_r[0], t, sympy.oo, "-"), limit),
}
"""The loop from any start, its mass at the top weight, and a name for the limit."""

STEPS = (
    Step(
        "contraction from the reference",
        contraction(_r[0], _r[1]),
        "Let r_t be the loop's law from the reference. Take r_t and r_{t+1} for the two laws.",
        Substitution("contraction", {one: _r[0], other: _r[1]}),
    ),
    Step(
        "loop from the reference",
        equal(_r[1], retrained_law(_r[0])),
        "Here F(r_t) is r_{t+1}.",
        Substitution("loop", {start: _reference}),
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
        "Put r_{t+1} in for the first law.",
        Image("loop from the reference", variation_between(_value, _r[2]), _value),
    ),
    Step(
        "both moved",
        equal(
            _half_moved,
            variation_between(retrained_law(_r[0]), retrained_law(_r[1])),
        ),
        "And r_{t+2} for the second one.",
        Image(
            "loop from the reference, next", variation_between(retrained_law(_r[0]), _value), _value
        ),
    ),
    Step(
        "top moved",
        equal(_r_top[1], mass(retrained_law(_r[0]), top)),
        "The mass at the top is that of F(r_t), too.",
        Image("loop from the reference", mass(_value, top), _value),
    ),
    Step(
        "top from the reference",
        equal(mass(retrained_law(_r[0]), top), m * top_mass + growth(_r[0]) * _r_top[0]),
        "A step multiplies the mass at the top by a H(w_*), and adds the real data's.",
        Substitution("top", {one: _r[0]}),
    ),
    Step(
        "real data",
        less(0, m * top_mass),
        "The latter is positive.",
        Sign(),
    ),
    Step(
        "charged at first",
        less(0, mass(law_at(_reference, 0), top)),
        "At first there is mass at the top.",
        StrictCombination(Combination({"real data": 1 + lam, "top at first": 1}), "real data"),
    ),
    Step(
        "charged next",
        implies(less(0, _r_top[0]), less(0, _r_top[1])),
        "And one step later, if there was before.",
        Supposing(
            StrictCombination(
                Combination(
                    {"real data": 1, "top moved": 1, "top from the reference": 1},
                    remainder=growth(_r[0]) * _r_top[0],
                ),
                "real data",
            )
        ),
    ),
    Step(
        "top charged",
        less(0, _r_top[0]),
        "So there is mass at the top for every t.",
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
                "top at most all, next": m * top_mass * _move / (_r_top[0] * _r_top[1]),
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
        "So this holds for every t.",
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
        Combination({"mass at most one": m}, remainder=a),
    ),
    Step(
        "rate below one",
        less(_shrinking, 1),
        "It is below 1.",
        StrictCombination(Combination({"real data": 1}), "real data"),
    ),
    Step(
        "fixed point",
        equal(limit, retrained_law(limit)),
        "So the distances TV(r_t, r_{t+1}) have a finite sum, and r_t a limit p_inf in total "
        "variation. F is continuous there, by the contraction above: p_inf is a fixed point.",
        Cited(
            ITERATION_CONVERGES,
            {
                "step": retrained_law(one),
                "law": _r[0],
                "limit": limit,
                "rate": _shrinking,
                "first": _start_move,
                "factor": growth(one),
                "variables": (t, one, other),
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
"""The last one says that the limit is a fixed point."""
