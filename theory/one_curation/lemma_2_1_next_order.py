"""How the curation ratio approaches its limit as the candidates grow in number."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import (
    Combination,
    Identity,
    LimitValue,
    Proof,
    Sign,
    Squeeze,
    Step,
    UnderMean,
)
from recurate.theory.statement import Hypothesis, Statement

# H is a function of the number of candidates. There are K others here, so K + 1 in all. S is the
# sum of the others' weights.
_ratio = sympy.Function("H", positive=True)
"""Curation ratio at the weight w, as a function of the number of candidates."""

_first = weight / Moment(0, 1)
_scaled = (K + 1) * (_ratio(K + 1) - _first)
_claim = equal(
    sympy.Limit(_scaled, K, sympy.oo),
    _first * (Moment(0, 2) / Moment(0, 1) ** 2 - _first),
)

_number = K
"""Number of the other candidates."""

_sum = PowerSum(0, 1, _number)
_centre = weight + _number * Moment(0, 1)
_gap = _sum - K * Moment(0, 1)
_cubic, _series = (
    sympy.Add(*((-_gap) ** n / _centre ** (n + 1) for n in range(degree + 1))) for degree in (3, 5)
)
_fourth, _sixth = _gap**4 / _centre**4, _gap**6 / _centre**6
_lower = (K + 1) * ((K + 1) * weight * Mean(_cubic) - _first)
_upper = (K + 1) * ((K + 1) * weight * (Mean(_series) + Mean(_sixth) / weight) - _first)

_proof = Proof(
    general={"ratio": (K,)},
    supposed={"ratio": equal(_ratio(K + 1), Mean((K + 1) * weight / (weight + _sum)))},
    steps=(
        Step(
            "short series",
            equal(1 / (weight + _sum), _cubic + _fourth / (weight + _sum)),
            "The geometric series of 1/(w + S) about the mean of S to the third power, with its "
            "remainder.",
            Identity(),
        ),
        Step(
            "positive remainder",
            at_least(_fourth / (weight + _sum), 0),
            "The remainder is nonnegative, since its power is even.",
            Sign(),
        ),
        Step(
            "pointwise lower",
            at_least(1 / (weight + _sum), _cubic),
            "So 1/(w + S) lies above a polynomial of degree three in S.",
            Combination({"short series": 1, "positive remainder": 1}),
        ),
        Step(
            "long series",
            equal(1 / (weight + _sum), _series + _sixth / (weight + _sum)),
            "The same to the fifth power.",
            Identity(),
        ),
        Step(
            "remainder",
            at_least(_sixth / weight - _sixth / (weight + _sum), 0),
            "The remainder is largest if w + S is replaced by w.",
            Sign(form=_sixth * _sum / (weight * (weight + _sum))),
        ),
        Step(
            "pointwise upper",
            at_most(1 / (weight + _sum), _series + _sixth / weight),
            "So 1/(w + S) lies below a polynomial of degree six.",
            Combination({"long series": -1, "remainder": 1}),
        ),
        Step(
            "mean lower",
            at_least(Mean(1 / (weight + _sum)), Mean(_cubic)),
            "The means of both are polynomials in K and the moments of the weight over powers of "
            "w + K μ, by expansion over the coincidences of indices.",
            UnderMean("pointwise lower"),
        ),
        Step(
            "mean upper",
            at_most(Mean(1 / (weight + _sum)), Mean(_series) + Mean(_sixth) / weight),
            "The same from above.",
            UnderMean("pointwise upper"),
        ),
        Step(
            "lower",
            at_most(_lower, _scaled),
            "Times (K+1)^2 w: the error of the limit from below.",
            Combination({"mean lower": (K + 1) ** 2 * weight, "ratio": K + 1}),
        ),
        Step(
            "upper",
            at_most(_scaled, _upper),
            "And from above.",
            Combination({"mean upper": (K + 1) ** 2 * weight, "ratio": -(K + 1)}),
        ),
        Step(
            "limit of lower",
            equal(sympy.Limit(_lower, K, sympy.oo), _claim.rhs),
            "The variance of S is K V, so its term counts; the third central moment is of order K, "
            "and the higher ones over w + K μ to their powers are smaller still.",
            LimitValue(K, sympy.oo, "-"),
        ),
        Step(
            "limit of upper",
            equal(sympy.Limit(_upper, K, sympy.oo), _claim.rhs),
            "The sixth central moment of S is of order K^3, so the remainder adds nothing.",
            LimitValue(K, sympy.oo, "-"),
        ),
        Step(
            "claim",
            _claim,
            "The error lies between the two.",
            Squeeze("lower", "upper", ("limit of lower",), ("limit of upper",)),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="lemma-2.1-next-order",
    label="Lemma 2.1, next order",
    title="Curation by K candidates is its limit with an error of order 1/K",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "others",
            "K counts the other candidates: H(K+1) is the ratio for K + 1 in all",
            carried_by=("ratio",),
        ),
        # A sum of draws is written as a power sum where its moments are finite numbers.
        Hypothesis(
            "moments",
            "the weight has six finite moments, as where rewards are bounded",
            carried_by=("ratio",),
        ),
    ),
    claim=_claim,
    equality_cases=("one atom: both sides are zero",),
    proof=_proof,
    law="over the other candidates, drawn from p_t",
    uses=("lemma-2.1",),
    remarks=(
        "So for K candidates H = (w/μ)(1 + (E w^2/μ^2 - w/μ)/K + o(1/K)): the weights above "
        "E w^2/μ gain less than in the limit, those below it more.",
        "The error is not of order 1/K^2: for w = 1, 3 with masses 1/2, K (E_T w - 5/2) tends to "
        "-3/8.",
    ),
)
