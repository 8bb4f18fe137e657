"""The lowest share that the loop leaves of a share of the reference: shared steps.

A share is a mean p(φ), φ any function of the point with values in (0, 1]: a set with partial
membership. The winner is inside if all candidates are, so that p_{t+1}(φ) >= m u + a p_t(φ)^K with
u = p_ref(φ). Where λ(K-1) <= 1 no p_t(φ) is below G(u), which solves G = m u + a G^K.
"""

from __future__ import annotations

import sympy

from recurate.theory.foundations import all_candidates_inside
from recurate.theory.language import *
from recurate.theory.proving import (
    Cited,
    Combination,
    Conclusion,
    Identity,
    Induction,
    LimitValue,
    Monotone,
    Sign,
    Step,
    StrictCombination,
    Substitution,
    Supposing,
    Tangent,
    UnderMean,
    UnderSupposition,
)
from recurate.theory.real_data.theorem_2_4 import LOOP
from recurate.theory.statement import instance_of
from recurate.theory.textbook.majorisation import (
    INVERSE_FUNCTION,
    distribution_function,
    membership,
)

_a, _m = synthetic_fraction, real_fraction

share = sympy.Symbol("u", positive=True)
"""Share of the reference, u = p_ref(φ), at most 1."""

fuzzy_set = sympy.Symbol("B")
"""A fuzzy set: its membership φ is any function of the point with values in (0, 1]."""

value = sympy.Symbol("y", positive=True)
"""A value y = G(u)."""

_power = sympy.Symbol("n", nonnegative=True)
"""Any exponent."""

_x = sympy.Symbol("x", positive=True)

_lowest = sympy.Function("G", positive=True)
"""G(u), the lowest share that is left of a share u: it solves G = m u + a G^K."""

# Means are over p_ref. Against it p_t has the density d_t, and T(p_t) the density d_t H_t.
_inside = membership(fuzzy_set)
_reference, _share = Mean(_inside), Mean(density_at(t) * _inside)
_at_share = _lowest(_reference)
_dominated = at_least(_share, _at_share)

_inverse = (1 + lam) * value - lam * value**K  # the u at which G is y

slope = (1 + lam) * (1 - lam * K / (1 + lam) * value ** (K - 1))
"""Slope of (1+λ) y - λ y^K, the u at which G is y."""

lowest = _lowest(share)
"""G(u)."""

density = 1 / slope.subs({value: lowest})
"""The slope of G, at u."""


def _if_whole(claim: sympy.Rel, at: sympy.Expr = share) -> sympy.Implies:
    """Return the claim for shares up to 1; no share is larger."""
    return implies(at_most(at, 1), claim)


def _fixed(at: sympy.Expr) -> sympy.Eq:
    return equal(_lowest(at), _m * at + _a * _lowest(at) ** K)


SUPPOSED = {
    "several candidates": at_least(K, 1),
    "safe": at_most(lam * (K - 1), 1),
    "membership": at_most(_inside, 1),
    "start": equal(density_at(0), 1),
    "loop": LOOP,
    # The candidates are points with independent marks in [0, 1], at which choice does not look;
    # the set has the points x with marks up to φ(x).
    "all-candidates-inside": instance_of(
        all_candidates_inside.statement,
        {
            all_candidates_inside.curated_mass: Mean(density_at(t) * ratio_at(t) * _inside),
            all_candidates_inside.mass: _share,
        },
    ),
    "lowest": _if_whole(_fixed(share)),
    "range": _if_whole(at_most(_lowest(share), 1)),
}
"""The loop from p_0 = p_ref with λ(K-1) <= 1, and what G is."""

GENERAL = {
    "membership": (fuzzy_set,),
    "loop": (t,),
    "all-candidates-inside": (t, fuzzy_set),
    "lowest": (share,),
    "range": (share,),
}
"""Symbols for all of whose values it is supposed."""

STEPS = (
    Step(
        "reference share",
        at_most(_reference, 1),
        "Let φ be any function of the point with values in (0, 1], and p(φ) its mean under p. "
        "Then p_ref(φ) is at most 1.",
        UnderMean("membership"),
    ),
    Step(
        "lowest of the share",
        _if_whole(_fixed(_reference), _reference),
        "Let G(u) in (0, 1] solve G = m u + a G^K, here at u = p_ref(φ).",
        Substitution("lowest", {share: _reference}),
    ),
    Step(
        "fixed",
        _fixed(_reference),
        "The share p_ref(φ) is such a u.",
        Conclusion("lowest of the share", "reference share"),
    ),
    Step(
        "range of the share",
        _if_whole(at_most(_at_share, 1), _reference),
        "And it is at most 1 there.",
        Substitution("range", {share: _reference}),
    ),
    Step(
        "at most one",
        at_most(_at_share, 1),
        "So G is at most 1 at p_ref(φ).",
        Conclusion("range of the share", "reference share"),
    ),
    Step(
        "powers",
        at_most(_at_share**_power, 1),
        "So are its powers.",
        Monotone("at most one", value**_power, value),
    ),
    Step(
        "others",
        at_least(K - 1, 0),
        "There are K - 1 other candidates.",
        Combination({"several candidates": 1}),
    ),
    Step(
        "power for K",
        at_most(_at_share ** (K - 1), 1),
        "So G^K is at most G.",
        Substitution("powers", {_power: K - 1}, {_power: "others"}),
    ),
    Step(
        "density at first",
        equal(density_at(0) * _inside, _inside),
        "The loop starts at the reference.",
        Combination({"start": _inside}),
    ),
    Step(
        "share at first",
        equal(Mean(density_at(0) * _inside), _reference),
        "So p_0(φ) = u.",
        UnderMean("density at first"),
    ),
    Step(
        "first",
        at_least(Mean(density_at(0) * _inside), _at_share),
        "And u - G = λ (G - G^K).",
        Combination({"share at first": 1, "fixed": -(1 + lam), "power for K": lam * _at_share}),
    ),
    Step(
        "one step",
        equal(
            density_at(t + 1) * _inside, _m * _inside + _a * density_at(t) * ratio_at(t) * _inside
        ),
        "One step of the loop, weighed with φ.",
        Combination({"loop": _inside}),
    ),
    Step(
        "share after a step",
        equal(
            Mean(density_at(t + 1) * _inside),
            _m * _reference + _a * Mean(density_at(t) * ratio_at(t) * _inside),
        ),
        "So p_{t+1}(φ) = m u + a T(p_t)(φ).",
        UnderMean("one step"),
    ),
    Step(
        "power of the hypothesis",
        implies(_dominated, at_least(_share**K, _at_share**K)),
        "If p_t(φ) is at least G(u), so are their K-th powers.",
        Supposing(Monotone("hypothesis", value**K, value)),
    ),
    Step(
        "next",
        implies(_dominated, at_least(Mean(density_at(t + 1) * _inside), _at_share)),
        "Mark each candidate x as inside with probability φ(x). The winner is inside if all are "
        "(all-candidates-inside), so p_{t+1}(φ) is at least m u + a p_t(φ)^K, and that at least "
        "m u + a G^K = G.",
        UnderSupposition(
            Combination(
                {
                    "share after a step": 1,
                    "all-candidates-inside": _a,
                    "power of the hypothesis": _a,
                    "fixed": -1,
                }
            )
        ),
    ),
    Step(
        "domination",
        _dominated,
        "So p_t(φ) is at least G(p_ref(φ)), for every t and φ.",
        Induction(t, 0, base="first", step="next"),
    ),
    Step(
        "tangent",
        at_most((1 + _power) * value**_power - _power * value ** (1 + _power), 1),
        "Powers are convex: at 1 they are above their tangent at y.",
        Tangent(_x ** (1 + _power), _x, point=value, at=sympy.S.One),
    ),
    Step(
        "tangent for K",
        at_most(K * value ** (K - 1) - (K - 1) * value**K, 1),
        "Here the power is K.",
        Substitution("tangent", {_power: K - 1}, {_power: "others"}),
    ),
    Step(
        "slope",
        equal(sympy.Derivative(_inverse, value), slope),
        "G takes the value y at u = (1+λ) y - λ y^K, of slope (1+λ)(1 - c y^{K-1}), c = λK/(1+λ).",
        Identity(),
    ),
    Step("value", at_least(value, 0), "Now y is positive.", Sign()),
    Step(
        "increasing",
        implies(less(value, 1), less(0, slope)),
        "Since λ(K-1) is at most 1, the slope is positive for y < 1: times K - (K-1) y it is at "
        "least K (1-y) + y (1 - λ(K-1)).",
        Supposing(
            StrictCombination(
                Combination(
                    {
                        "hypothesis": K / (K - (K - 1) * value),
                        ("safe", "value"): 1 / (K - (K - 1) * value),
                        "tangent for K": lam * K / (K - (K - 1) * value),
                    },
                    given=("hypothesis", "several candidates"),
                ),
                strict="hypothesis",
            )
        ),
    ),
    Step(
        "zero",
        equal(sympy.Limit(_inverse, value, 0, "+"), 0),
        "It starts at 0.",
        LimitValue(value, 0),
    ),
    Step("one", equal(_inverse.subs(value, 1), 1), "And ends at 1.", Identity()),
    Step(
        "inverse",
        _if_whole(equal(_inverse.subs({value: lowest}), share)),
        "G is its inverse.",
        UnderSupposition(Combination({"lowest": 1 + lam})),
    ),
    Step(
        "distribution",
        distribution_function(lowest, density, share),
        "So G is a distribution function on [0, 1], with the reciprocal slope as its density.",
        Cited(
            INVERSE_FUNCTION,
            {
                "value": _inverse,
                "argument": value,
                "slope": slope,
                "inverse": lowest,
                "variable": share,
            },
            {
                "slope": "slope",
                "increasing": "increasing",
                "start": "zero",
                "end": "one",
                "inverse": "inverse",
                "range": "range",
            },
        ),
    ),
)
"""They include "domination", p_t(φ) >= G(p_ref(φ)), and "distribution", that G is a distribution
function."""
