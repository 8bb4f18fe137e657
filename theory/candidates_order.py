"""More candidates push the curated law up in likelihood-ratio order (F2)."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.curation_order import association, tilt, tilted_mean
from recurate.theory.draws import paired_time, random_time, random_weight
from recurate.theory.notation import K
from recurate.theory.proving.generalising import Substitution, UnderMean
from recurate.theory.proving.justifications import Combination, Monotone, Sign
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Decreasing
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_s, _w = sympy.symbols("s w", positive=True)
"""A Laplace variable s > 0, and a weight."""

_y = sympy.Symbol("y", nonnegative=True)
"""How much larger the larger weight is; any nonnegative number."""

_exponent = sympy.Symbol("v", real=True)
_transform = sympy.Function("M", positive=True)
"""Laplace transform E e^{-sW} of the weight's law under p."""

_ratios = sympy.Function("Q", positive=True)
"""Ratio of the curation ratios for K + 1 candidates and for K, in the weight."""

_claim = at_least(_ratios(_w + _y), _ratios(_w))

_drawn, _paired = _transform(random_time), _transform(paired_time)
_factor = (K + 1) / K


def _transform_mean(time: Any) -> Any:
    return Mean(sympy.exp(-time * random_weight))


def _ratios_mean(weight: Any) -> Any:
    return _factor * tilted_mean(_drawn, random_time, weight - 1)


_proof = Proof(
    general={"transform": (_s,), "ratios": (_w,)},
    supposed={
        "transform": equal(_transform(_s), _transform_mean(_s)),
        # Theta is drawn under the density e^{-s} M(s)^{K-1} in s, normalised.
        "ratios": equal(_ratios(_w), _ratios_mean(_w)),
    },
    steps=(
        Step(
            "exponent",
            at_most(-(_s + _y) * random_weight, -_s * random_weight),
            "Weights are positive.",
            Sign(),
        ),
        Step(
            "exponential",
            at_most(sympy.exp(-(_s + _y) * random_weight), sympy.exp(-_s * random_weight)),
            "The exponential increases.",
            Monotone("exponent", sympy.exp(_exponent), _exponent),
        ),
        Step(
            "mean exponential",
            at_most(_transform_mean(_s + _y), _transform_mean(_s)),
            "The same in the mean.",
            UnderMean("exponential"),
        ),
        Step(
            "transform, later",
            equal(_transform(_s + _y), _transform_mean(_s + _y)),
            "Let M be the Laplace transform of the weight's law: that is M at s + y and at s.",
            Substitution("transform", {_s: _s + _y}),
        ),
        Step(
            "transforms",
            at_most(_transform(_s + _y), _transform(_s)),
            "So M decreases.",
            Combination({"mean exponential": 1, "transform": 1, "transform, later": -1}),
        ),
        Step(
            "transforms, drawn",
            at_least((_drawn - _paired) * (paired_time - random_time), 0),
            "Of two draws of s, the larger one has the smaller transform.",
            Decreasing("transforms", _transform(_s), _s, _y, (random_time, paired_time)),
        ),
        *association(
            "transform",
            "transforms, drawn",
            (random_time, paired_time),
            (_drawn, _paired),
            sign=-1,
            exponent=_w - 1,
        ),
        Step(
            "ratios, later",
            equal(_ratios(_w + _y), _ratios_mean(_w + _y)),
            "H^K(w) = K w times the integral of e^{-sw} M(s)^{K-1}, so H^{K+1}/H^K at w is "
            "(K+1)/K times the mean of M under the density e^{-sw} M(s)^{K-1}. So it is at w + y.",
            Substitution("ratios", {_w: _w + _y}),
        ),
        Step(
            "claim",
            _claim,
            "So it increases in w.",
            Combination(
                {
                    "ratios, later": 1,
                    "ratios": -1,
                    "transform: association": _factor
                    / (2 * Mean(tilt(random_time, _w - 1)) * Mean(tilt(random_time, _w + _y - 1))),
                }
            ),
        ),
    ),
)

statement = Statement(
    id="candidates-order",
    label="Candidates order",
    title="More candidates push the curated law up in likelihood-ratio order",
    source=f"{DERIVED_HERE}#candidates-order",
    kind="ours",
    hypotheses=(Hypothesis("finite_K", "K is finite, and both curate the same law p"),),
    claim=_claim,
    bound=None,
    equality_cases=("one atom", "y = 0"),
    proof=_proof,
    law=(
        "of functions of W: over a draw W from p; of functions of Θ: over Θ with a density "
        "proportional to e^{-s} M(s)^{K-1}; Θ' is an independent copy"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "It says that T_{K+1}(p) dominates T_K(p) in likelihood-ratio order. With K = 1 it is "
        "ratio-monotone for two candidates.",
        "In the pure loop, with curation-order, p_t of more candidates dominates p_t of fewer.",
    ),
)
