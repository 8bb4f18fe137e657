"""Curation preserves likelihood-ratio order (F2)."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.draws import (
    paired_quantity,
    paired_time,
    paired_weight,
    random_quantity,
    random_time,
    random_weight,
)
from recurate.theory.proving.generalising import Substitution
from recurate.theory.proving.justifications import Combination, Monotone
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import OverPairs
from recurate.theory.proving.shapes import Comonotone, Decreasing
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

# q = d p, with d (random_quantity G at the weight W) increasing in the weight.
_s, _v = sympy.symbols("s v", positive=True)
"""A Laplace variable s > 0, and a variable of functions."""

_y = sympy.Symbol("y", nonnegative=True)
"""How much larger the larger weight is; any nonnegative number."""

_others = sympy.Symbol("n", nonnegative=True)
"""n = K - 1, the number of other candidates."""

_w = sympy.Symbol("w", positive=True)
"""A weight."""

transform_ratio = sympy.Function("R", positive=True)
"""Ratio M_q/M_p of the laws' Laplace transforms E e^{-sW}, as a function of s."""

curation_ratios = sympy.Function("Q", positive=True)
"""Ratio H_q/H_p of the curation ratios, as a function of the weight."""

density = sympy.Function("d", positive=True)
"""Density d = q/p, as a function of the weight."""

_claim = at_least(density(_w + _y) * curation_ratios(_w + _y), density(_w) * curation_ratios(_w))


def association(
    name: str,
    ordered: str,
    drawn: tuple[Any, Any],
    images: tuple[Any, Any],
    *,
    sign: int,
    exponent: Any,
) -> tuple[Step, ...]:
    """Return the steps of Chebyshev's association inequality for f and e^{-yx}, under a tilted law.

    Parameters
    ----------
    name, ordered : str
        What f is, for the labels; label of sign (f - f')(x - x') >= 0 for two draws.
    drawn, images : pairs of sympy expressions
        x and its independent copy x', f and f'.
    sign : int
        1 where f increases with x, -1 where it decreases.
    exponent : sympy expression
        b, where the law is tilted by e^{-bx}: that stands in the means.

    Returns
    -------
    tuple of Step
        The last one says sign (E[f e^{-bx}] E[e^{-(b+y)x}] - E[f e^{-(b+y)x}] E[e^{-bx}]) >= 0.
    """
    rise, later = sign * (images[0] - images[1]), [sympy.exp(-_y * x) for x in drawn]
    decrease = at_least(rise * (-later[0] + later[1]), 0)
    base = sympy.exp(-exponent * (drawn[0] + drawn[1]))
    start, end = tilt(drawn[0], exponent), tilt(drawn[0], exponent + _y)
    apart = Mean(images[0] * start) * Mean(end) - Mean(images[0] * end) * Mean(start)
    return (
        Step(
            f"{name}: pairs",
            decrease,
            "Of two draws, f and -e^{-yx} are ordered alike (or oppositely) with x, hence with one "
            "another.",
            Comonotone(ordered, rise, drawn, -sympy.exp(-_y * _v), _v),
        ),
        Step(
            f"{name}: tilted pairs",
            at_least(base * decrease.lhs, 0),
            "Times a positive e^{-b(x+x')}, which tilts the law of each draw.",
            Combination({f"{name}: pairs": base}),
        ),
        Step(
            f"{name}: association",
            at_least(2 * sign * apart, 0),
            "In the mean over independent pairs that is twice E[f] E[e^{-yx}] - E[f e^{-yx}] under "
            "the law tilted by e^{-bx}, where E e^{-bx} has not been divided by.",
            OverPairs(f"{name}: tilted pairs"),
        ),
    )


def tilt(drawn: Any, exponent: Any) -> Any:
    """Return e^{-bx} at a draw x, expanded in the exponent b."""
    return sympy.exp(sympy.expand(-exponent * drawn))


def tilted_mean(function: Any, drawn: Any, exponent: Any) -> Any:
    """Return the mean of f under the law of x tilted by e^{-bx}."""
    weight = tilt(drawn, exponent)
    return Mean(function * weight) / Mean(weight)


_power = transform_ratio(random_time) ** _others
_paired_power = transform_ratio(paired_time) ** _others


def _transform_ratio(time: Any) -> Any:
    return tilted_mean(random_quantity, random_weight, time)


def _curation_ratios(weight: Any) -> Any:
    return tilted_mean(_power, random_time, weight - 1)


_proof = Proof(
    general={"transform ratio": (_s,), "curation ratios": (_w,)},
    supposed={
        "order of the weights": at_least(
            (random_quantity - paired_quantity) * (random_weight - paired_weight), 0
        ),
        "order of the densities": at_least(density(_w + _y), density(_w)),
        # W is drawn from p: M_q/M_p at s is E[d e^{-sW}]/E[e^{-sW}].
        "transform ratio": equal(transform_ratio(_s), _transform_ratio(_s)),
        # Theta is drawn under the density e^{-s} M_p(s)^{K-1} in s, normalised, so that the means
        # of e^{-(w-1) Theta} are finite: H_q/H_p is the same with (M_q/M_p)^{K-1} at Theta for d.
        "curation ratios": equal(curation_ratios(_w), _curation_ratios(_w)),
    },
    steps=(
        *association(
            "density",
            "order of the weights",
            (random_weight, paired_weight),
            (random_quantity, paired_quantity),
            sign=1,
            exponent=_s,
        ),
        Step(
            "transform ratio, later",
            equal(transform_ratio(_s + _y), _transform_ratio(_s + _y)),
            "Let y be nonnegative. M_q/M_p at s + y is of the same form.",
            Substitution("transform ratio", {_s: _s + _y}),
        ),
        Step(
            "transforms",
            at_most(transform_ratio(_s + _y), transform_ratio(_s)),
            "So the ratio M_q/M_p of the Laplace transforms decreases in s.",
            Combination(
                {
                    "transform ratio": 1,
                    "transform ratio, later": -1,
                    "density: association": 1
                    / (2 * Mean(tilt(random_weight, _s)) * Mean(tilt(random_weight, _s + _y))),
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
            sign=-1,
            exponent=_w - 1,
        ),
        Step(
            "curation ratios, later",
            equal(curation_ratios(_w + _y), _curation_ratios(_w + _y)),
            "H_p(w) = K w times the integral of e^{-sw} M_p(s)^{K-1}, so H_q/H_p at w is the mean "
            "of that power under the density e^{-sw} M_p(s)^{K-1}. So it is at w + y.",
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
                    "power: association": 1
                    / (2 * Mean(tilt(random_time, _w - 1)) * Mean(tilt(random_time, _w + _y - 1))),
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
        Hypothesis(
            "dominates",
            "q dominates p in likelihood-ratio order: d = q/p increases with the weight",
        ),
        Hypothesis("finite_K", "K is finite"),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("q = p", "y = 0"),
    proof=_proof,
    law=(
        "of functions of G and W: over a draw W from p, with G = d(W); of functions of Θ: over Θ "
        "with a density proportional to e^{-s} M_p(s)^{K-1}; G', W' and Θ' are independent copies"
    ),
    uses=("lemma-2.1",),
    remarks=(
        "K = inf is immediate: H_q/H_p is then the constant E_p w/E_q w.",
        "More candidates dominate fewer: candidates-order.",
        "T does not preserve the usual stochastic order, and mixing with p_ref breaks "
        "likelihood-ratio order: m p_ref + a T(q) need not dominate m p_ref + a T(p) in it.",
    ),
)
