"""Curation preserves likelihood-ratio order (F2)."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.notation import (
    paired_quantity,
    paired_time,
    paired_weight,
    random_quantity,
    random_time,
    random_weight,
)
from recurate.theory.proving.justifications import Combination, Monotone
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import OverPairs
from recurate.theory.proving.shapes import Comonotone, Decreasing
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

# q = d p, with d (random_quantity G at the weight W) increasing in the weight.
_s, _v = sympy.symbols("s v", positive=True)
_y = sympy.Symbol("y", nonnegative=True)
_others = sympy.Symbol("n", nonnegative=True)  # K - 1
_w = sympy.Symbol("w", positive=True)
transform_ratio = sympy.Function("R", positive=True)  # M_q/M_p in the Laplace variable s
curation_ratios = sympy.Function("Q", positive=True)  # H_q/H_p in the weight w
density = sympy.Function("d", positive=True)  # q/p in the weight w

_claim = at_least(density(_w + _y) * curation_ratios(_w + _y), density(_w) * curation_ratios(_w))


def association(
    name: str, ordered: str, drawn: tuple[Any, Any], images: tuple[Any, Any], sign: int
) -> tuple[Step, ...]:
    """Return the steps of Chebyshev's association inequality for f and e^{-yx}.

    Parameters
    ----------
    name, ordered : str
        What f is, for the labels; label of sign (f - f')(x - x') >= 0 for two draws.
    drawn, images : pairs of sympy expressions
        x and its independent copy x', f and f'.
    sign : int
        1 where f increases with x, -1 where it decreases.

    Returns
    -------
    tuple of Step
        The last one says sign (E[f] E[e^{-yx}] - E[f e^{-yx}]) >= 0.
    """
    rise, tilts = sign * (images[0] - images[1]), [sympy.exp(-_y * x) for x in drawn]
    decrease = at_least(rise * (-tilts[0] + tilts[1]), 0)
    one = Mean(images[0]) * Mean(tilts[0]) - Mean(images[0] * tilts[0])
    return (
        Step(
            f"{name}: pairs",
            decrease,
            "Of two draws, f and -e^{-yx} are ordered alike (or oppositely) with x, hence with one "
            "another.",
            Comonotone(ordered, rise, drawn, -sympy.exp(-_y * _v), _v),
        ),
        Step(
            f"{name}: association",
            at_least(2 * sign * one, 0),
            "In the mean over independent pairs that is twice E[f] E[e^{-yx}] - E[f e^{-yx}].",
            OverPairs(f"{name}: pairs"),
        ),
    )


_tilt, _later_tilt = sympy.exp(-_y * random_weight), sympy.exp(-_y * random_time)
_power = transform_ratio(random_time) ** _others
_paired_power = transform_ratio(paired_time) ** _others

_proof = Proof(
    general={"ratio at s": (_s,), "ratio at s + y": (_s, _y)},
    supposed={
        "order of the weights": at_least(
            (random_quantity - paired_quantity) * (random_weight - paired_weight), 0
        ),
        "order of the densities": at_least(density(_w + _y), density(_w)),
        # Under p tilted by e^{-s w}, M_q/M_p is E d at s and E[d e^{-yw}]/E e^{-yw} at s + y.
        "ratio at s": equal(transform_ratio(_s), Mean(random_quantity)),
        "ratio at s + y": equal(
            transform_ratio(_s + _y), Mean(random_quantity * _tilt) / Mean(_tilt)
        ),
        # Under the density M_p(s)^{K-1} e^{-s w} in s, normalised, the same for H_q/H_p and w.
        "ratio at w": equal(curation_ratios(_w), Mean(_power)),
        "ratio at w + y": equal(
            curation_ratios(_w + _y), Mean(_power * _later_tilt) / Mean(_later_tilt)
        ),
    },
    steps=(
        *association(
            "density",
            "order of the weights",
            (random_weight, paired_weight),
            (random_quantity, paired_quantity),
            1,
        ),
        Step(
            "transforms",
            at_most(transform_ratio(_s + _y), transform_ratio(_s)),
            "So the ratio M_q/M_p of the Laplace transforms decreases in s.",
            Combination(
                {
                    "ratio at s": 1,
                    "ratio at s + y": -1,
                    "density: association": 1 / (2 * Mean(_tilt)),
                }
            ),
        ),
        Step(
            "powers",
            at_most(transform_ratio(_s + _y) ** _others, transform_ratio(_s) ** _others),
            "And so does its power with the exponent K - 1 >= 0.",
            Monotone("transforms", _v**_others, _v),
        ),
        Step(
            "powers, drawn",
            at_least((_power - _paired_power) * (paired_time - random_time), 0),
            "So of two draws of s, the larger one has the smaller power.",
            Decreasing(
                "powers", transform_ratio(_s) ** _others, _s, _y, (random_time, paired_time)
            ),
        ),
        *association(
            "power",
            "powers, drawn",
            (random_time, paired_time),
            (_power, _paired_power),
            -1,
        ),
        Step(
            "ratios",
            at_least(curation_ratios(_w + _y), curation_ratios(_w)),
            "H_p(w) = K w times the integral of e^{-sw} M_p(s)^{K-1}, so H_q/H_p at w is the mean "
            "of that power under the density e^{-sw} M_p(s)^{K-1}: it increases in w.",
            Combination(
                {
                    "ratio at w + y": 1,
                    "ratio at w": -1,
                    "power: association": 1 / (2 * Mean(_later_tilt)),
                }
            ),
        ),
        Step(
            "claim",
            _claim,
            "The density of T(q) over T(p) is d H_q/H_p, a product of two positive increasing "
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
    id="curation-order",
    label="Curation order",
    title="Curation preserves likelihood-ratio order",
    source=f"{DERIVED_HERE}#curation-order",
    kind="ours",
    hypotheses=(
        Hypothesis("q dominates p in likelihood-ratio order: d = q/p increases with the weight"),
        Hypothesis("K is finite"),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("q = p",),
    proof=_proof,
    uses=("lemma-2.1",),
    remarks=(
        "K = inf is immediate: H_q/H_p is then the constant E_p w/E_q w.",
        "More candidates dominate fewer: candidates-order.",
        "T does not preserve the usual stochastic order, and mixing with p_ref breaks "
        "likelihood-ratio order: m p_ref + a T(q) need not dominate m p_ref + a T(p) in it.",
    ),
)
