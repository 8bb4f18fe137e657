"""With real data mixed in, the first step has the lowest mean of every increasing reward."""

from __future__ import annotations

import sympy

from recurate.theory.foundations import curation_order, density_monotone
from recurate.theory.hypotheses import from_reference
from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Conclusion,
    Decreasing,
    OverPairs,
    Proof,
    Step,
    Substitution,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of

_a, _m = synthetic_fraction, real_fraction
_bound = mean_weight + _a * curation_gain
_claim = at_least(mean_weight_at(t + 1), _bound)


class curation_ratios_of(WithIndex):
    """Ratio of the curation ratios of p_t and of p_ref, as a function of t and of the weight."""

    nargs = 2
    plain, typeset = "Q_[{}]({})", r"Q_{@}(@)"
    is_positive = True


class function_value(WithIndex):
    """Value of an increasing function of the weight, by its name and the weight."""

    nargs = 2
    plain, typeset = "{}({})", "@(@)"


class function_slope(WithIndex):
    """Its slope between two weights, a nonnegative number for each pair."""

    nargs = 3
    plain, typeset = "slope_[{}]({}, {})", r"\mathrm{slope}_{@}(@,@)"
    is_nonnegative = True


class reference_mean(WithIndex):
    """Mean under p_ref of an increasing function of the weight, by its name."""

    plain, typeset = "E_ref {}", r"\mathbb{E}_\mathrm{ref}[@]"


_f = sympy.Symbol("f")
"""Any increasing function of the weight."""

_weight = sympy.Symbol("id")
"""The function that is the weight itself."""

_y = sympy.Symbol("y", nonnegative=True)
"""How much larger the larger of two weights is."""


def _likelihood(at: sympy.Expr) -> sympy.Expr:
    """Density l_t of T(p_t) over T(p_ref): that of p_t, times the ratio of curation ratios."""
    return density_of(t, at) * curation_ratios_of(t, at)


# Means are under T(p_ref). Against it T(p_t) has the density l_t.
_own = _likelihood(random_weight)
_apart = _own - _likelihood(paired_weight)
_by = random_weight - paired_weight
_value = function_value(_f, random_weight)
_values_apart = _value - function_value(_f, paired_weight)

_monotone = instance_of(density_monotone.statement, {larger_weight: weight + _y})
_ordered = instance_of(
    curation_order.statement,
    {
        curation_order.density(weight + _y): density_of(t, weight + _y),
        curation_order.density(weight): density_of(t, weight),
        curation_order.curation_ratios(weight + _y): curation_ratios_of(t, weight + _y),
        curation_order.curation_ratios(weight): curation_ratios_of(t, weight),
    },
)


def _first(function: sympy.Symbol) -> sympy.Eq:
    mean = Mean(function_value(function, random_weight))
    return equal(expectation_at(1, function), _m * reference_mean(function) + _a * mean)


def _stays(function: sympy.Symbol) -> sympy.Ge:
    return at_least(expectation_at(t + 1, function), expectation_at(1, function))


_proof = Proof(
    general={
        "density-monotone": (weight, _y),
        "curation-order": (weight, _y),
        "increasing": (_f,),
        "mixture": (_f,),
        "first mixture": (_f,),
    },
    supposed={
        "density-monotone": _monotone,
        "curation-order": implies(_monotone, _ordered),
        "total": equal(Mean(_own), 1),
        "increasing": equal(_values_apart, function_slope(_f, random_weight, paired_weight) * _by),
        "mixture": equal(
            expectation_at(t + 1, _f), _m * reference_mean(_f) + _a * Mean(_value * _own)
        ),
        "first mixture": _first(_f),
        "weight": equal(function_value(_weight, random_weight), random_weight),
        "mean weight": equal(mean_weight_at(t + 1), expectation_at(t + 1, _weight)),
        "reference": equal(reference_mean(_weight), mean_weight),
        "gain": equal(curation_gain, Mean(random_weight) - mean_weight),
    },
    steps=(
        Step(
            "curated density",
            _ordered,
            "The density d_t = p_t/p_ref increases with the weight, and curation keeps that "
            "order: so does the density l_t = d_t Q_t of T(p_t) over T(p_ref).",
            Conclusion("curation-order", "density-monotone"),
        ),
        Step(
            "ordered",
            at_least(_apart * _by, 0),
            "So for two draws in either order the differences of l_t and of w have the same sign.",
            Decreasing(
                "curated density", -_likelihood(weight), weight, _y, (paired_weight, random_weight)
            ),
        ),
        Step(
            "alike",
            at_least(_values_apart * _apart, 0),
            "An increasing f and l_t are ordered alike: f(w) - f(w') is a nonnegative multiple of "
            "w - w'.",
            Combination(
                {
                    "increasing": _apart,
                    "ordered": function_slope(_f, random_weight, paired_weight),
                }
            ),
        ),
        Step(
            "covariance",
            at_least(2 * Mean(_value * _own) - 2 * Mean(_value) * Mean(_own), 0),
            "Over two independent draws from T(p_ref): f and l_t have a nonnegative covariance.",
            OverPairs("alike"),
        ),
        Step(
            "every increasing function",
            _stays(_f),
            "So E f under T(p_t) is at least E f under T(p_ref), and E_{t+1} f at least E_1 f: for "
            "every increasing f and every t.",
            Combination(
                {
                    "covariance": _a / 2,
                    "total": _a * Mean(_value),
                    "mixture": 1,
                    "first mixture": -1,
                }
            ),
        ),
        Step(
            "weights",
            _stays(_weight),
            "The weight itself is such a function.",
            Substitution("every increasing function", {_f: _weight}),
        ),
        Step(
            "first mean",
            _first(_weight),
            "Its mean after the first step.",
            Substitution("first mixture", {_f: _weight}),
        ),
        Step(
            "curated mean",
            equal(Mean(function_value(_weight, random_weight)), Mean(random_weight)),
            "Under T(p_ref) it is the mean weight.",
            UnderMean("weight"),
        ),
        Step(
            "claim",
            _claim,
            "So the mean weight is never again below E_1 w = μ + a G_K.",
            Combination(
                {
                    "weights": 1,
                    "mean weight": 1,
                    "first mean": 1,
                    "reference": _m,
                    "curated mean": _a,
                    "gain": -_a,
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="theorem-2.3-optimal",
    label="Theorem 2.3, optimal",
    title="No later step has a lower mean of an increasing reward than the first",
    kind="sharpened",
    hypotheses=(
        from_reference("density-monotone", "first mixture", more=", and takes t + 1 >= 1 steps"),
        Hypothesis(
            "finite_mean",
            "the reference's mean weight is finite",
            carried_by=("reference",),
        ),
        Hypothesis(
            "finite_gain",
            "K is finite, or the reference's mean of w^2 is: otherwise G_K is infinite",
            carried_by=("gain",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    bound_law="p_ref",
    equality_cases=("t = 1, that is, after the first step", "K = 1", "λ = 0", "one atom"),
    proof=_proof,
    infinite_candidates=(
        "the same proof: curation-order is immediate there, and the mean weights are finite by "
        "hypothesis"
    ),
    law="over T(p_ref), from which W and its independent copy W' are drawn",
    uses=("density-monotone", "curation-order"),
    remarks=(
        "E_t f >= E_1 f for every increasing f and t >= 1: p_t is stochastically above p_1. "
        "Indicators of upper sets {w >= c} are enough, and stay exact in rationals.",
        "G_K = E w under T(p_ref) - μ is one curation's exact gain, so the bound is attained at "
        "t = 1 and no larger constant holds for all t >= 1. With Lemma 2.2 for G_K it becomes "
        "theorem-2.3-sharp, with lemma-2.2-sharp something better than that.",
        "Rewards need not be bounded.",
    ),
)
