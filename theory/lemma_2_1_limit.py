"""With many candidates, curation tilts the density by e^r."""

from __future__ import annotations

import sympy

from recurate.theory.draws import one_law, weight_of_others
from recurate.theory.notation import K, weight
from recurate.theory.proving.generalising import UnderMean
from recurate.theory.proving.justifications import Cited, Combination, Identity, Sign
from recurate.theory.proving.limits import LimitValue, Squeeze
from recurate.theory.proving.means import Mean, Moment, PowerSum
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Tangent
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import PAPER, Hypothesis, Statement

# H is a function of the number of candidates. There are K others here, so K + 1 in all. S is the
# sum of the others' weights, and S_c that of these cut off at c, the power sum with finite moments.
_cut = sympy.Symbol("c", positive=True)
"""A level at which weights are cut off: E_c is the mean of min(W, c)."""

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
    general={"mean of the others": (K,), "ratio": (K,), "cut": (K, _cut)},
    supposed={
        "ratio": equal(_ratio(K + 1), Mean((K + 1) * weight / (weight + _others))),
        "mean of the others": equal(Mean(_others), K * _full),
        "cut": at_most(_sum, _others),
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
            "The remainder is largest if nothing is added to w in it.",
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
            "The weights cut off at c are no larger, so their sum's reciprocal is no smaller.",
            Combination({"cut": 1 / ((weight + _sum) * (weight + _others))}),
        ),
        Step(
            "mean of the reciprocals",
            at_most(Mean(1 / (weight + _others)), Mean(1 / (weight + _sum))),
            "Nor is its mean.",
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
            "limit of the cut",
            equal(sympy.Limit(weight / _cut_mean, _cut, sympy.oo), weight / _full),
            "As c grows, the mean of min(w, c) grows to μ.",
            Cited("Rudin, Principles of Mathematical Analysis, theorem 11.28 (monotone limits)"),
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
    id="lemma-2.1-limit",
    label="Lemma 2.1, many candidates",
    title="With many candidates, curation tilts the density by e^r",
    source=f"{PAPER}, Lemma 2.1",
    kind="paper",
    hypotheses=(
        Hypothesis("others", "K counts the other candidates: H(K+1) is the ratio for K + 1 in all"),
        Hypothesis("finite_mean", "the mean weight E_t w is finite"),
    ),
    claim=_limit,
    bound=None,
    bound_law="p_t",
    equality_cases=("one atom: H = 1 for every K",),
    proof=_proof,
    law="over the other candidates, drawn from p_t; E_c is the same with weights cut off at c",
    uses=("lemma-2.1",),
    remarks=(
        "So p_{t+1} is p_t w/E_t w in the limit, at every reward, and by Scheffé's lemma in total "
        "variation.",
        "Without a finite mean it fails: H tends to 0 at every weight, as where w = 2^n has "
        "probability 2^-n.",
        "The K = inf step maximises the expected reward less the divergence from p_t: "
        "kl-regularised-reward.",
    ),
)
