"""With many candidates, curation tilts the density by e^r."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import (
    Cited,
    Combination,
    ContinuousImage,
    Identity,
    LimitValue,
    Proof,
    Sign,
    Squeeze,
    Step,
    Tangent,
    UnderMean,
)
from recurate.theory.source import CO_EVOLVING, RESTATEMENT, Source
from recurate.theory.statement import Hypothesis, Statement
from recurate.theory.textbook.probability import DOMINATED_CONVERGENCE

# H is a function of the number of candidates. There are K others here, so K + 1 in all. S is the
# sum of the others' weights, and S_c that of the same cut off, the power sum with finite moments.
_cut = sympy.Symbol("c", positive=True)
"""A level at which weights are cut off: those of the law c are c W/(c + W), below c and below W."""

_cut_weight = _cut * random_weight / (_cut + random_weight)
_full, _cut_mean = sympy.Symbol("mu", positive=True), Moment(0, 1, _cut)
_number = K
"""Number of the other candidates."""

_others = weight_of_others(one_law, _number)
_ratio = sympy.Function("H", positive=True)
"""Curation ratio at the weight w, as a function of the number of candidates."""

_limit = equal(sympy.Limit(_ratio(K + 1), K, sympy.oo), weight / _full)

_sum = PowerSum(0, 1, K, _cut)
_centre = weight + K * _cut_mean
_gap = _sum - K * _cut_mean
_series = 1 / _centre - _gap / _centre**2 + _gap**2 / _centre**3 - _gap**3 / _centre**4
_fourth = _gap**4 / _centre**4
_positive = sympy.Symbol("x", positive=True)
_full_centre = weight + K * _full
_upper = (K + 1) * weight * (Mean(_series) + Mean(_fourth) / weight)
_lower = (K + 1) * weight / _full_centre

_proof = Proof(
    general={
        "mean of the others": (K,),
        "ratio": (K,),
        "cut": (K, _cut),
        "cut mean": (_cut,),
    },
    supposed={
        "ratio": equal(_ratio(K + 1), Mean((K + 1) * weight / (weight + _others))),
        "mean of the others": equal(Mean(_others), K * _full),
        "mean": equal(Mean(random_weight), _full),
        "cut": at_most(_sum, _others),
        "cut mean": equal(_cut_mean, Mean(_cut_weight)),
    },
    steps=(
        Step(
            "tangent",
            at_least(
                1 / (weight + _others),
                1 / _full_centre - (_others - K * _full) / _full_centre**2,
            ),
            "1/x is convex, so it lies above its tangent at w + K μ.",
            Tangent(1 / _positive, _positive, _full_centre, weight + _others),
        ),
        Step(
            "mean of the tangent",
            at_least(
                Mean(1 / (weight + _others)),
                1 / _full_centre - (Mean(_others) - K * _full) / _full_centre**2,
            ),
            "So does its mean over the others (Jensen).",
            UnderMean("tangent"),
        ),
        Step(
            "lower",
            at_most(_lower, _ratio(K + 1)),
            "The tangent's mean is its value at the mean, so H >= (K+1) w/(w + K μ).",
            Combination(
                {
                    "mean of the tangent": (K + 1) * weight,
                    "mean of the others": -(K + 1) * weight / _full_centre**2,
                    "ratio": 1,
                }
            ),
        ),
        Step(
            "series",
            equal(1 / (weight + _sum), _series + _fourth / (weight + _sum)),
            "The geometric series of 1/(w + S_c) about its mean, with its remainder.",
            Identity(),
        ),
        Step(
            "remainder",
            at_least(_fourth / weight - _fourth / (weight + _sum), 0),
            "The remainder is largest if w + S_c is replaced by w.",
            Sign(form=_fourth * _sum / (weight * (weight + _sum))),
        ),
        Step(
            "pointwise",
            at_most(1 / (weight + _sum), _series + _fourth / weight),
            "So 1/(w + S_c) is at most a polynomial of degree four in S_c.",
            Combination({"series": -1, "remainder": 1}),
        ),
        Step(
            "mean of the series",
            at_most(Mean(1 / (weight + _sum)), Mean(_series) + Mean(_fourth) / weight),
            "The mean of that polynomial is one in the first four moments of the cut weight and in "
            "K, by expansion over the coincidences of indices.",
            UnderMean("pointwise"),
        ),
        Step(
            "reciprocals",
            at_most(1 / (weight + _others), 1 / (weight + _sum)),
            "The weights cut off at c are at most as large, so the reciprocal of their sum is at "
            "least as large.",
            Combination({"cut": 1 / ((weight + _sum) * (weight + _others))}),
        ),
        Step(
            "mean of the reciprocals",
            at_most(Mean(1 / (weight + _others)), Mean(1 / (weight + _sum))),
            "So is its mean.",
            UnderMean("reciprocals"),
        ),
        Step(
            "upper",
            at_most(_ratio(K + 1), _upper),
            "So H is at most (K+1) w times that mean, for every c.",
            Combination(
                {
                    "mean of the series": (K + 1) * weight,
                    "mean of the reciprocals": (K + 1) * weight,
                    "ratio": -1,
                }
            ),
        ),
        Step(
            "limit of lower",
            equal(sympy.Limit(_lower, K, sympy.oo), weight / _full),
            "The lower bound tends to w/μ.",
            LimitValue(K, sympy.oo, "-"),
        ),
        Step(
            "limit of upper",
            equal(sympy.Limit(_upper, K, sympy.oo), weight / _cut_mean),
            "The upper one tends to w over the mean of the cut weight: the variance's term is of "
            "order 1/K, and so is the remainder.",
            LimitValue(K, sympy.oo, "-"),
        ),
        Step(
            "cut from below",
            at_least(_cut_weight, 0),
            "A weight that is cut off, c w/(c + w), is nonnegative.",
            Sign(),
        ),
        Step(
            "cut from above",
            at_most(_cut_weight, random_weight),
            "It is at most w.",
            Sign(form=random_weight**2 / (_cut + random_weight)),
        ),
        Step(
            "cut at each weight",
            equal(sympy.Limit(_cut_weight, _cut, sympy.oo), random_weight),
            "As c grows it tends to w.",
            LimitValue(_cut, sympy.oo, "-"),
        ),
        Step(
            "integrable",
            at_most(Mean(random_weight), _full),
            "The mean of w is finite.",
            Combination({"mean": -1}),
        ),
        Step(
            "mean of the cut",
            equal(sympy.Limit(Mean(_cut_weight), _cut, sympy.oo), Mean(random_weight)),
            "So the mean of what is cut off tends to that.",
            Cited(
                DOMINATED_CONVERGENCE,
                {
                    "family": _cut_weight,
                    "limit": random_weight,
                    "bound": random_weight,
                    "mean_bound": _full,
                    "variable": _cut,
                    "point": sympy.oo,
                },
                {
                    "limit": "cut at each weight",
                    "nonnegative": "cut from below",
                    "dominated": "cut from above",
                    "integrable": "integrable",
                },
            ),
        ),
        Step(
            "mean of the cut is μ",
            equal(sympy.Limit(Mean(_cut_weight), _cut, sympy.oo), _full),
            "That is μ.",
            Combination({"mean of the cut": 1, "mean": 1}),
        ),
        Step(
            "cut law, at least",
            at_least(_cut_mean, Mean(_cut_weight)),
            "It equals E_c w: here from below.",
            Combination({"cut mean": 1}),
        ),
        Step(
            "cut law, at most",
            at_most(_cut_mean, Mean(_cut_weight)),
            "And from above.",
            Combination({"cut mean": -1}),
        ),
        Step(
            "cut law",
            equal(sympy.Limit(_cut_mean, _cut, sympy.oo), _full),
            "So it tends to μ.",
            Squeeze(
                "cut law, at least",
                "cut law, at most",
                ("mean of the cut is μ",),
                ("mean of the cut is μ",),
            ),
        ),
        Step(
            "limit of the cut",
            equal(sympy.Limit(weight / _cut_mean, _cut, sympy.oo), weight / _full),
            "And w over it tends to w/μ.",
            ContinuousImage("cut law", weight / _positive, _positive),
        ),
        Step(
            "claim",
            _limit,
            "H lies between the two, and the cut c is arbitrary.",
            Squeeze(
                "lower",
                "upper",
                lower_limits=("limit of lower",),
                upper_limits=("limit of upper", "limit of the cut"),
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.1-limit",
    label="Lemma 2.1, many candidates",
    title="With many candidates, curation tilts the density by e^r",
    source=Source("Lemma 2.1", seen="restated", restated_in=(RESTATEMENT, CO_EVOLVING)),
    kind="reported",
    hypotheses=(
        Hypothesis(
            "others",
            "K counts the other candidates: H(K+1) is the ratio for K + 1 in all",
            carried_by=("ratio",),
        ),
        Hypothesis(
            "finite_mean",
            "the mean weight E_t w is finite",
            carried_by=("mean", "mean of the others"),
        ),
    ),
    claim=_limit,
    bound_law="p_t",
    equality_cases=("one atom: H = 1 for every K",),
    proof=_proof,
    law=(
        "over the other candidates, drawn from p_t, as W is; E_c is the same with weights cut off"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "So p_{t+1} is p_t w/E_t w in the limit, at every reward, and by Scheffé's lemma in total "
        "variation.",
        "Without a finite mean it fails: H tends to 0 at every weight, for example if w = 2^n has "
        "probability 2^-n.",
        "The K = inf step maximises the expected reward less the divergence from p_t: "
        "kl-regularised-reward.",
    ),
)
