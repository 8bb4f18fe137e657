"""Two weights: the mixed loop moves toward its only fixed point, for every K and λ."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Combination, Proof, Step, UnderMean
from recurate.theory.statement import Hypothesis, Statement

# Masses at the lower weight ρ: of the law at hand and of the fixed point. x and p are those at 1.
_below = sympy.Symbol("u", nonnegative=True)
"""u = 1 - x, mass at the lower weight ρ; x is that at 1."""

_below_fixed = sympy.Symbol("v", nonnegative=True)
"""v = 1 - p, mass at ρ under a fixed point; p is that at 1."""

_x, _p = 1 - _below, 1 - _below_fixed
_next = sympy.Symbol("x'", real=True)
"""Mass at 1 one step later."""

_ratio, _ratio_fixed = sympy.symbols("H_x H_p", positive=True)
"""Curation ratios at the weight 1, of the law at hand and of the fixed point."""


class numbers_below(Drawn):
    """How many of K - 1 numbers, uniform from 0 to 1, are below u: so many others weigh ρ."""

    plain, typeset = "N({})", "N(@)"


class weight_with(Drawn):
    """Weight of the K - 1 others, those whose number is below u weighing ρ, and the others 1."""

    plain, typeset = "S({})", "S(@)"
    is_nonnegative = True


_a, _m = synthetic_fraction, real_fraction

_distance = _below - _below_fixed  # p - x
_claim = at_least(_distance * (_next - _x), _m * top_mass * _distance**2 / _p)

_below_numbers = numbers_below(_below) - numbers_below(_below_fixed)
_others, _others_fixed = weight_with(_below), weight_with(_below_fixed)
_wins, _wins_fixed = 1 / (1 + _others), 1 / (1 + _others_fixed)


def _weight_of_others(below: sympy.Expr) -> sympy.Eq:
    lighter = (1 - weight_ratio) * numbers_below(below)
    return equal(weight_with(below), K - 1 - lighter)


_proof = Proof(
    supposed={
        "lower weight": less(weight_ratio, 1),
        "masses": at_most(_below, 1),
        "fixed point's mass": less(_below_fixed, 1),
        "numbers": at_least(_distance * _below_numbers, 0),
        "others": _weight_of_others(_below),
        "others at the fixed point": _weight_of_others(_below_fixed),
        "ratio": equal(_ratio, K * Mean(_wins)),
        "ratio at the fixed point": equal(_ratio_fixed, K * Mean(_wins_fixed)),
        "loop": equal(_next, _m * top_mass + _a * _x * _ratio),
        "fixed point": equal(_p, _m * top_mass + _a * _p * _ratio_fixed),
    },
    steps=(
        Step(
            "weights",
            at_least(_distance * (_others_fixed - _others), 0),
            "Each of the others has a number, uniform from 0 to 1, and weighs ρ if that is below "
            "1-x. The larger the mass x at the top, the more the others weigh.",
            Combination(
                {
                    "numbers": 1 - weight_ratio,
                    "others": -_distance,
                    "others at the fixed point": _distance,
                },
                given=("lower weight",),
            ),
        ),
        Step(
            "chances",
            at_least(_distance * (_wins - _wins_fixed), 0),
            "And the less often a candidate of weight 1 wins against them: its chance is 1/(1 + "
            "S).",
            Combination({"weights": _wins * _wins_fixed}),
        ),
        Step(
            "means",
            at_least(_distance * (Mean(_wins) - Mean(_wins_fixed)), 0),
            "The same in the mean.",
            UnderMean("chances"),
        ),
        Step(
            "ratios",
            at_least(_distance * (_ratio - _ratio_fixed), 0),
            "So H_x decreases in the mass x at the top: the top's own competition grows with it.",
            Combination({"means": K, "ratio": _distance, "ratio at the fixed point": -_distance}),
        ),
        Step(
            "claim",
            _claim,
            "With x' = m q + a x H_x and p = m q + a p H_p, the product (p-x)(x'-x) is "
            "(m q/p)(p-x)^2 + a x (p-x)(H_x-H_p).",
            Combination(
                {
                    "ratios": _a * _x,
                    "loop": _distance,
                    "fixed point": -_distance * _x / _p,
                },
                given=("masses", "fixed point's mass"),
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="fixed-point-two-point",
    label="Fixed point, two weights",
    title="With two weights the mixed loop moves toward its only fixed point",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "two_points",
            "weights ρ < 1 and 1 only, with p_ref(1) = q > 0; x = p_t(1), x' = p_{t+1}(1), "
            "and p > 0 that of a fixed point",
            carried_by=(
                "lower weight",
                "masses",
                "fixed point's mass",
                "others",
                "others at the fixed point",
                "loop",
                "fixed point",
            ),
        ),
        Hypothesis("candidates", "K >= 1 candidates", carried_by=("numbers", "ratio")),
    ),
    claim=_claim,
    equality_cases=("x = p", "x = 0", "K = 1", "λ = 0"),
    proof=_proof,
    infinite_candidates="the same proof, with H_x = 1/(x+(1-x)ρ)",
    law="over K - 1 independent numbers, uniform from 0 to 1, one for each of the others",
    uses=("lemma-2.1",),
    remarks=(
        "So for m q > 0 a second fixed point x' = x would have p = x: it is unique, for every K "
        "and λ. Since x' increases with x, the loop approaches it monotonically from every start.",
        "In the claim u = 1-x and v = 1-p are the masses at ρ, so u-v = p-x.",
        "p is the only root in (0, 1) of a polynomial of degree K, m q + a T(p) - p with T(p) = "
        "sum_j C(K,j) p^j (1-p)^{K-j} j/(j+(K-j)ρ): explicit for K = 2, 3 and inf in "
        "recurate.theory.closed_forms, exact for every K.",
        "K = 2: a(1-2/(1+ρ)) p^2 + (2a/(1+ρ)-1) p + m q = 0; ρ = 1/2, q = 1/3, λ = 2: p = 1/2.",
        "K = inf: (1-ρ) p^2 + (ρ-a-m q (1-ρ)) p - m q ρ = 0; ρ = 1/2, q = 1/3, λ = 1: p = 1/2. "
        "The proof holds there too, with H_x = 1/(x+(1-x)ρ).",
        "For λ = inf the claim says that x moves up, to p = 1; x = 0 stays where it is.",
    ),
)
