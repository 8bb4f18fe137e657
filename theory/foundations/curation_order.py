"""Curation preserves likelihood-ratio order."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Cited, Combination, Proof, Sign, Step, Substitution
from recurate.theory.statement import Hypothesis, Statement
from recurate.theory.textbook.probability import FKG

_w = sympy.Symbol("w", positive=True)
"""A weight."""

_y = sympy.Symbol("y", nonnegative=True)
"""How much larger the larger weight is; any nonnegative number."""

_x = sympy.Symbol("x", nonnegative=True)
"""A value of S."""

curation_ratios = sympy.Function("Q", positive=True)
"""Ratio H_q/H_p of the curation ratios, as a function of the weight."""

density = sympy.Function("d", nonnegative=True)
"""Density d = q/p, as a function of the weight."""

_claim = at_least(density(_w + _y) * curation_ratios(_w + _y), density(_w) * curation_ratios(_w))

_product = product_over_others(density(_w), one_law, K - 1)
_rising, _tilt = (_w + _x) / (_w + _y + _x), 1 / (_w + _x)


def _mean(weight: sympy.Expr) -> sympy.Expr:
    """Return H_p(w)/(K w) = E 1/(w + S)."""
    return Mean(1 / (weight + others_weight))


def _mean_with_density(weight: sympy.Expr) -> sympy.Expr:
    """Return H_q(w)/(K w) = E D/(w + S): others drawn from q have the density D over those of p."""
    return Mean(_product / (weight + others_weight))


def _ratios(weight: sympy.Expr) -> sympy.Expr:
    return equal(curation_ratios(weight), _mean_with_density(weight) / _mean(weight))


_proof = Proof(
    general={"order of the densities": (_w, _y), "curation ratios": (_w,)},
    supposed={
        "number of others": at_least(K - 1, 0),
        "order of the densities": at_least(density(_w + _y), density(_w)),
        "curation ratios": _ratios(_w),
    },
    steps=(
        Step(
            "densities",
            at_least(density(_w), 0),
            "Let D be the product of d over the K - 1 others, drawn from p, and S their weight. "
            "Each factor is nonnegative.",
            Sign(),
        ),
        Step(
            "rising",
            at_least(sympy.diff(_rising, _x), 0),
            "Let y be nonnegative. (w + x)/(w + y + x) increases with x.",
            Sign(),
        ),
        Step("tilt", less(0, _tilt), "1/(w + x) is positive.", Sign()),
        Step(
            "log-convex",
            at_least(sympy.diff(sympy.log(_tilt), _x, 2), 0),
            "Its logarithm is convex.",
            Sign(),
        ),
        Step(
            "association",
            at_least(
                _mean_with_density(_w + _y) * _mean(_w), _mean_with_density(_w) * _mean(_w + _y)
            ),
            "D and (w + S)/(w + y + S) increase with each of the others' weights. So they are "
            "positively correlated under the density 1/(w + S), which is log-supermodular.",
            Cited(
                FKG,
                {
                    "factor": density(_w),
                    "rising": _rising,
                    "tilt": _tilt,
                    "value": _w,
                    "step": _y,
                    "total": _x,
                    "law": one_law,
                    "number": K - 1,
                },
                {
                    "number": "number of others",
                    "factor": "densities",
                    "factor rises": "order of the densities",
                    "rising": "rising",
                    "tilt": "tilt",
                    "log-convex": "log-convex",
                },
            ),
        ),
        Step(
            "curation ratios, later",
            _ratios(_w + _y),
            "H_q(w)/H_p(w) is E[D/(w + S)] over E[1/(w + S)]. The same holds at w + y.",
            Substitution("curation ratios", {_w: _w + _y}),
        ),
        Step(
            "ratios",
            at_least(curation_ratios(_w + _y), curation_ratios(_w)),
            "So it increases in w.",
            Combination(
                {
                    "curation ratios, later": 1,
                    "curation ratios": -1,
                    "association": 1 / (_mean(_w) * _mean(_w + _y)),
                }
            ),
        ),
        Step(
            "claim",
            _claim,
            "The density of T(q) over T(p) is d H_q/H_p, a product of two nonnegative increasing "
            "functions.",
            Combination(
                {
                    "order of the densities": curation_ratios(_w + _y),
                    "ratios": density(_w),
                }
            ),
        ),
    ),
)

statement = Statement(
    module=__name__,
    id="curation-order",
    label="Curation order",
    title="Curation preserves likelihood-ratio order",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "dominates",
            "q dominates p in likelihood-ratio order: d = q/p increases with the weight",
            carried_by=("order of the densities", "curation ratios"),
        ),
        Hypothesis("finite_K", "K is finite", carried_by=("number of others", "curation ratios")),
    ),
    claim=_claim,
    equality_cases=("q = p", "y = 0"),
    proof=_proof,
    law="over the K - 1 other candidates, drawn from p; D is the product of d over them",
    uses=("lemma-2.1",),
    remarks=(
        "K = inf is immediate: H_q/H_p is then the constant E_p w/E_q w.",
        "More candidates dominate fewer: candidates-order.",
        "T does not preserve the usual stochastic order, and mixing with p_ref breaks "
        "likelihood-ratio order: m p_ref + a T(q) need not dominate m p_ref + a T(p) in it.",
    ),
)
