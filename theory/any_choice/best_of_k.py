"""The pure loop with the hard best of K: t steps are one choice of the best of K^t."""

from __future__ import annotations

import sympy

from recurate.theory.any_choice import any_choice_bound
from recurate.theory.hypotheses import pure_loop
from recurate.theory.language import *
from recurate.theory.proving import (
    Antiderivative,
    Cited,
    Combination,
    Identity,
    Induction,
    LimitValue,
    Monotone,
    Proof,
    Sign,
    Step,
    Supposing,
    UnderMean,
    UnderSupposition,
)
from recurate.theory.statement import Hypothesis, Statement, instance_of
from recurate.theory.textbook.integrals import LOGARITHM_INTEGRAL
from recurate.theory.textbook.majorisation import (
    CHANGE_OF_VARIABLES,
    INVERSE_FUNCTION,
    distribution_function,
    entropy,
    majorised_entropy,
    membership,
)


class divergence_from_start_at(AtStep):
    """Kullback–Leibler divergence of p_t from p_0, in nats."""

    plain, typeset = "KL(p_[{}]|p_0)", r"\mathrm{KL}(p_{@}\|p_0)"
    is_nonnegative = True


draws = K**t
"""K^t, the number of draws from p_0 that t steps amount to."""

win_rate = draws / (draws + 1)
"""Largest probability that the best of K^t draws beats a fresh one."""

_bound = t * sympy.log(K) - 1 + 1 / draws
_claim = at_most(divergence_from_start_at(t), _bound)

_fuzzy_set = sympy.Symbol("B")
"""A fuzzy set: its membership φ is any function of the point with values in (0, 1]."""

_share = sympy.Symbol("u", positive=True)
"""Share of the start, u = p_0(φ), at most 1."""

_value = sympy.Symbol("y", positive=True)
"""A value y = u^N, N = K^t."""

_x = sympy.Symbol("x", positive=True)
"""A density."""

_inside = membership(_fuzzy_set)
_at_start, _at_t = Mean(_inside), Mean(density_at(t) * _inside)
_dominated = at_least(_at_t, _at_start**draws)

_inverse = _value ** (1 / draws)
_slope = _value ** (1 / draws - 1) / draws
_curve = _share**draws
_density = 1 / _slope.subs(_value, _curve)
_entropy = entropy(_x)
_put = {"curve": _curve, "slope": _density, "variable": _share}

_proof = Proof(
    general={"any-choice-bound": (t, _fuzzy_set), "start": ()},
    supposed={
        "start": equal(density_at(0), 1),
        # candidates are points with independent marks in [0, 1], at which choice does not look
        "any-choice-bound": instance_of(
            any_choice_bound.statement,
            {any_choice_bound.curated_share: Mean(density_at(t + 1) * _inside), share: _at_t},
        ),
        "total": equal(Mean(density_at(t)), 1),
        "divergence": equal(
            divergence_from_start_at(t), Mean(density_at(t) * sympy.log(density_at(t)))
        ),
    },
    steps=(
        Step(
            "weighed start",
            equal(density_at(0) * _inside, _inside),
            "Let φ be any function of the point with values in (0, 1].",
            Combination({"start": _inside}),
        ),
        Step(
            "share at first",
            equal(Mean(density_at(0) * _inside), _at_start),
            "Let u be its mean under p_0.",
            UnderMean("weighed start"),
        ),
        Step(
            "first",
            at_least(Mean(density_at(0) * _inside), _at_start ** draws.subs(t, 0)),
            "At t = 0 it is u itself.",
            Combination({"share at first": 1}),
        ),
        Step(
            "power of the hypothesis",
            implies(_dominated, at_least(_at_t**K, (_at_start**draws) ** K)),
            "If p_t(φ) is at least u^(K^t), so are their K-th powers.",
            Supposing(Monotone("hypothesis", _x**K, _x)),
        ),
        Step(
            "next",
            implies(
                _dominated,
                at_least(Mean(density_at(t + 1) * _inside), _at_start ** draws.subs(t, t + 1)),
            ),
            "The best of K is one choice among K, so p_{t+1}(φ) is at least p_t(φ)^K "
            "(any-choice-bound).",
            UnderSupposition(Combination({"any-choice-bound": 1, "power of the hypothesis": 1})),
        ),
        Step(
            "domination",
            _dominated,
            "So p_t(φ) is at least u^N with N = K^t, for every t and φ.",
            Induction(t, 0, base="first", step="next"),
        ),
        Step(
            "slope",
            equal(sympy.Derivative(_inverse, _value), _slope),
            "The function u^N is the inverse of y^(1/N).",
            Identity(),
        ),
        Step(
            "increasing",
            implies(less(_value, 1), less(0, _slope)),
            "That has a positive slope.",
            Supposing(Sign()),
        ),
        Step(
            "zero",
            equal(sympy.Limit(_inverse, _value, 0, "+"), 0),
            "It starts at 0.",
            LimitValue(_value, 0),
        ),
        Step("one", equal(_inverse.subs(_value, 1), 1), "And ends at 1.", Identity()),
        Step(
            "inverse",
            implies(at_most(_share, 1), equal(_inverse.subs(_value, _curve), _share)),
            "Of u^N it is u.",
            Supposing(Identity()),
        ),
        Step(
            "range",
            implies(at_most(_share, 1), at_most(_curve, 1)),
            "And u^N is at most 1.",
            Supposing(Monotone("hypothesis", _x**draws, _x)),
        ),
        Step(
            "distribution",
            distribution_function(_curve, _density, _share),
            "So u^N is a distribution function on [0, 1], of the best of N uniform numbers.",
            Cited(
                INVERSE_FUNCTION,
                {
                    "value": _inverse,
                    "argument": _value,
                    "slope": _slope,
                    "inverse": _curve,
                    "variable": _share,
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
        *majorised_entropy(
            _x,
            _fuzzy_set,
            _put,
            {"total": "total", "curve": "distribution", "above": "domination"},
            text="As E[d_t φ] >= (E φ)^N for every φ, the density d_t is majorised by that of u^N, "
            "and so the mean of d log d is at most the one for u^N.",
        ),
        Step(
            "logarithm",
            equal(sympy.Integral(sympy.log(_value), (_value, 0, 1)), -1),
            "The integral of log y over [0, 1] is -1.",
            Cited(LOGARITHM_INTEGRAL, {"variable": _value}),
        ),
        Step(
            "unit",
            equal(sympy.Integral(sympy.S.One, (_value, 0, 1)), 1),
            "The interval has length 1.",
            Antiderivative(_value),
        ),
        Step(
            "in terms of y",
            equal(sympy.Integral(-sympy.log(_slope), (_value, 0, 1)), _bound),
            "With y = u^N the logarithm of the density is log N + (1 - 1/N) log y, whose integral "
            "is log N - 1 + 1/N.",
            Combination({"unit": t * sympy.log(K), "logarithm": 1 - 1 / draws}),
        ),
        Step(
            "in terms of u",
            equal(sympy.Integral(_entropy.subs(_x, _density), (_share, 0, 1)), _bound),
            "That is the integral over u.",
            Cited(
                CHANGE_OF_VARIABLES,
                {
                    "integrand": -sympy.log(_slope),
                    "argument": _value,
                    "total": _bound,
                    **_put,
                },
                {"curve": "distribution", "total": "in terms of y"},
            ),
        ),
        Step(
            "claim",
            _claim,
            "So the divergence is at most t log K - 1 + K^-t.",
            Combination({"majorised": 1, "in terms of u": -1, "divergence": -1}),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="best-of-k",
    label="Best of K",
    title="With the best of K, t pure steps are one choice of the best of K^t",
    kind="ours",
    hypotheses=(
        pure_loop("any-choice-bound", "start", more=", from any start p_0"),
        Hypothesis(
            "best",
            "K is finite, and the candidate of the largest reward is chosen, any one of several",
            at_least(K, 1),
            carried_by=("any-choice-bound",),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "K = 1",
        "t = 0",
        "rewards without ties, that is, a continuous distribution function of the reward",
    ),
    proof=_proof,
    law="over p_0, at a draw from which d_t and the membership φ are taken",
    uses=("any-choice-bound",),
    remarks=(
        "d_t is the density of p_t over p_0. The distribution functions are p_t(r <= c) = "
        "p_0(r <= c)^(K^t) for every c: exact evidence tests this equation.",
        "The winner p_t beats a fresh sample of p_0, ties counting half, with a probability of "
        "at most K^t/(K^t + 1); equality holds without ties.",
        "t steps of the best of K are one of the best of K^t: what the loop does in t rounds, one "
        "choice does among that many samples. The divergence grows by log K in each round.",
        "For t = 1, log K - 1 + 1/K is the usual formula for best-of-K sampling, which is an "
        "equality without ties, and an upper bound with them. No rule of choice among K goes "
        "farther (any-choice-divergence, λ = inf).",
    ),
)
