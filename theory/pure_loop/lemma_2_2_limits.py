"""In the pure loop the expected weight tends to the largest weight, and its variance to zero."""

from __future__ import annotations

import sympy

from recurate.theory.hypotheses import bounded_rewards, pure_loop
from recurate.theory.language import *
from recurate.theory.one_curation import curation_covariance
from recurate.theory.proving import (
    Cited,
    Combination,
    ContinuousImage,
    Induction,
    LimitValue,
    Proof,
    Sign,
    Squeeze,
    Step,
    Supposing,
    UnderMean,
)
from recurate.theory.pure_loop.lemma_2_2_variance_sum import statement as variance_sum
from recurate.theory.source import Source
from recurate.theory.statement import Hypothesis, Statement, instance_of
from recurate.theory.textbook.series import TERMS_VANISH

_claim = equal(sympy.Limit(mean_weight_at(t), t, sympy.oo), max_weight)


class drawn_above(Drawn):
    """Indicator of W_t > w_* - ε, as a function of t and ε."""

    nargs = 2
    plain, typeset = "1(W_[{}] > w_⁎ - {})", r"1_{W_{@} > w_* - @}"


# A level c = w_* - ε, the indicator g of w > c at a draw from p_t, and any y > 0.
_epsilon = sympy.Symbol("epsilon", positive=True)
"""ε, how far a level c = w_* - ε is below w_*."""

_y = sympy.Symbol("y", positive=True)
"""Any positive number; it tends to zero at the end."""

_level = max_weight - _epsilon
_W, _g = drawn_weight(t), drawn_above(t, _epsilon)
_mean, _mass, _initial = mean_weight_at(t), mass_above_at(t, _epsilon), mass_above_at(0, _epsilon)
_next_mass = mass_above_at(t + 1, _epsilon)
_mass_claim = at_least(_mass, _initial)
_covariance = Mean(_g * _W) - Mean(_g) * Mean(_W)
_distance = _W - _mean
_some_variance = sympy.Symbol("v", nonnegative=True)


def _lower(variance: sympy.Expr) -> sympy.Expr:
    return _level - _y / 2 - variance / (2 * _y * _initial)


_proof = Proof(
    general={
        "lemma-2.2-variance-sum": (t,),
        "sum of variances": (t,),
        "curation-covariance": (t, _epsilon),
        "bounded": (t,),
        "indicator": (t, _epsilon),
        "above c": (t, _epsilon),
        "below c": (t, _epsilon),
        "mean": (t,),
        "variance": (t,),
        "mass": (t, _epsilon),
    },
    supposed={
        "several candidates": less(inverse_candidates, 1),
        "lemma-2.2-variance-sum": instance_of(variance_sum, {}),
        "sum of variances": equal(
            variance_sum_before(t + 1), variance_sum_before(t) + variance_at(t)
        ),
        "curation-covariance": instance_of(
            curation_covariance.statement,
            {
                curation_covariance.curated_mean: _next_mass,
                curation_covariance.mean_quantity: _mass,
                curation_covariance.covariance: _covariance,
            },
        ),
        "bounded": at_most(_mean, max_weight),
        "indicator": equal(_g**2, _g),
        "above c": at_least(_g * (_W - _level), 0),
        "below c": at_least((1 - _g) * (_level - _W), 0),
        "mean": equal(_mean, Mean(_W)),
        "variance": equal(variance_at(t), Mean(_W**2) - Mean(_W) ** 2),
        "mass": equal(_mass, Mean(_g)),
    },
    steps=(
        Step(
            "sign",
            at_least(1 - _g, 0),
            "Let c = w_* - ε be below the essential supremum, and g the indicator of w > c. It "
            "equals its square, so it is at most 1.",
            Combination({"indicator": -1}, remainder=(1 - _g) ** 2),
        ),
        Step(
            "mean sign",
            at_least(1 - Mean(_g), 0),
            "So is its mean under p_t.",
            UnderMean("sign"),
        ),
        Step(
            "probability",
            at_most(_mass, 1),
            "That is the mass above c.",
            Combination({"mean sign": 1, "mass": -1}),
        ),
        Step(
            "alike",
            at_least((_g - _mass) * (_W - _level), 0),
            "Above c, both g minus its mean and w - c are nonnegative; elsewhere neither is "
            "positive.",
            Combination({("probability", "above c"): 1, "below c": _mass}),
        ),
        Step(
            "covariance",
            at_least(
                Mean(_g * _W) - _level * Mean(_g) - _mass * Mean(_W) + _mass * _level,
                0,
            ),
            "So the mean of their product, the covariance of g and w, is nonnegative.",
            UnderMean("alike"),
        ),
        Step(
            "mass grows",
            at_least(_next_mass, _mass),
            "So the mass above c is nondecreasing.",
            Combination(
                {
                    "curation-covariance": 1,
                    "covariance": (1 - inverse_candidates) / max_weight,
                    "mass": (1 - inverse_candidates) * (Mean(_W) - _level) / max_weight,
                },
                given=("several candidates",),
            ),
        ),
        Step(
            "base",
            at_least(_initial, _initial),
            "It starts at p_0(w > c), which is positive.",
            Sign(),
        ),
        Step(
            "next",
            implies(_mass_claim, at_least(_next_mass, _initial)),
            "It does not fall in one more step.",
            Supposing(Combination({"hypothesis": 1, "mass grows": 1})),
        ),
        Step(
            "mass above",
            _mass_claim,
            "So it never falls below its start.",
            Induction(t, 0, base="base", step="next"),
        ),
        Step(
            "square",
            at_least(_distance**2 / (2 * _y) + _g * _y / 2, _g * _distance),
            "With M = E_t w and any y > 0, the square of (w - M) - g y is nonnegative, and g is "
            "its own square.",
            Combination({"indicator": -_y / 2}, remainder=(_distance - _g * _y) ** 2 / (2 * _y)),
        ),
        Step(
            "pointwise",
            at_least(_distance**2 / (2 * _y) + _g * _y / 2, _g * (_level - _mean)),
            "Where g is not zero, w is at least c.",
            Combination({"square": 1, "above c": 1}),
        ),
        Step(
            "in the mean",
            at_least(
                Mean(_distance**2) / (2 * _y) + Mean(_g) * _y / 2,
                Mean(_g) * (_level - _mean),
            ),
            "The same in the mean under p_t.",
            UnderMean("pointwise"),
        ),
        Step(
            "variance and mean",
            at_least(variance_at(t) / (2 * _y) + _mass * _y / 2, _mass * (_level - _mean)),
            "The mean of (w - M)^2 is the variance.",
            Combination(
                {
                    "in the mean": 1,
                    "variance": 1 / (2 * _y),
                    "mean": (Mean(_W) - _mean) / (2 * _y),
                    "mass": _y / 2 - (_level - _mean),
                }
            ),
        ),
        Step(
            "lower",
            at_most(_lower(variance_at(t)), _mean),
            "Divided by the mass above c, which is at least p_0(w > c).",
            Combination(
                {
                    "variance and mean": 1 / _mass,
                    "mass above": variance_at(t) / (2 * _y * _initial * _mass),
                }
            ),
        ),
        Step(
            "no negative variance",
            at_least(variance_at(t), 0),
            "No variance is negative.",
            Sign(),
        ),
        Step(
            "variance vanishes",
            equal(sympy.Limit(variance_at(t), t, sympy.oo), 0),
            "The variances sum to a bounded total (lemma-2.2-variance-sum), so they tend to zero.",
            Cited(
                TERMS_VANISH,
                {
                    "term": variance_at(t),
                    "partial_sum": variance_sum_before(t),
                    "bound": variance_sum.bound,
                    "index": t,
                },
                {
                    "nonnegative": "no negative variance",
                    "sum": "sum of variances",
                    "bounded": "lemma-2.2-variance-sum",
                },
            ),
        ),
        Step(
            "limit in t",
            equal(sympy.Limit(_lower(variance_at(t)), t, sympy.oo), _level - _y / 2),
            "So the lower bound of E_t w tends to c - y/2.",
            ContinuousImage("variance vanishes", _lower(_some_variance), _some_variance),
        ),
        Step(
            "limit in y",
            equal(sympy.Limit(_level - _y / 2, _y, 0, "+"), _level),
            "Let y tend to zero.",
            LimitValue(_y, 0, "+"),
        ),
        Step(
            "limit in c",
            equal(sympy.Limit(_level, _epsilon, 0, "+"), max_weight),
            "And let c tend to w_*.",
            LimitValue(_epsilon, 0, "+"),
        ),
        Step(
            "claim",
            _claim,
            "So E_t w, which never exceeds w_*, tends to it.",
            Squeeze("lower", "bounded", ("limit in t", "limit in y", "limit in c")),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.2-limits",
    label="Lemma 2.2, limits",
    title="In the pure loop the expected weight tends to the largest weight",
    source=Source(
        "Lemma 2.2",
        seen="words",
        note="The restatement is that Var_t w tends to 0, so that the loop stalls.",
    ),
    kind="reported",
    hypotheses=(
        pure_loop("curation-covariance", "lemma-2.2-variance-sum"),
        bounded_rewards("bounded", "mass", more=", the essential supremum under p_0"),
        Hypothesis(
            "candidates",
            "K at least 2",
            less(inverse_candidates, 1),
            carried_by=("several candidates",),
        ),
    ),
    claim=_claim,
    equality_cases=("one atom: E_t w = w_* for every t",),
    proof=_proof,
    infinite_candidates="the same proof, with what it uses at K = inf",
    law="over W_t, which is drawn from p_t",
    uses=("lemma-2.2-variance-sum", "curation-covariance"),
    remarks=(
        "On the way: Var_t w tends to 0.",
        "No mass at w_* itself is needed, and ties are harmless.",
        "At K = 1 nothing moves and it fails.",
        "For every c < w_* and y > 0, with q_c = p_0(w > c): E_t w >= c - y/2 - Var_t w/(2 y q_c).",
    ),
)
