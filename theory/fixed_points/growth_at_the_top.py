"""At a fixed point, curation and dilution do not make mass at the top weight grow: shared steps.

The top weight need not have mass. So H(w_*) is compared with H(v), v a weight near w_* at which the
reference has mass: a H(v) is at most 1 there.
"""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation.curation_ceiling import winning
from recurate.theory.one_curation.normalised_parts import law, p, q
from recurate.theory.proving import (
    Cited,
    Combination,
    Step,
    StrictCombination,
    Substitution,
    UnderMean,
)
from recurate.theory.textbook.sequences import ARCHIMEDES

_a, _m = synthetic_fraction, real_fraction

_epsilon = sympy.Symbol("epsilon", positive=True)
"""ε, any positive number."""


class _near(WithIndex):
    """Weight within ε w_* of w_* at which the reference has mass: w_* is in its closed support."""

    plain, typeset = "v({})", r"v(@)"
    is_positive = True


class _reference_near(WithIndex):
    """Density of the reference there."""

    plain, typeset = "p_ref(v({}))", r"p_\mathrm{ref}(v(@))"
    is_positive = True


class _density_near(WithIndex):
    """Density of a fixed point i there."""

    nargs = 2
    plain, typeset = "{}(v({}))", r"@(v(@))"
    is_nonnegative = True


_weight_near, _ref = _near(_epsilon), _reference_near(_epsilon)


def _keeps(one: Any) -> Any:
    """Return that a law, p or q, is a fixed point, in densities at a weight near w_*."""
    near_ratio = curation_ratio_of(one, _weight_near)
    return equal(_density_near(one, _epsilon) * (1 - _a * near_ratio), _m * _ref)


GENERAL = dict.fromkeys(
    (
        "near the top",
        "below the top",
        "fixed point p near the top",
        "fixed point q near the top",
    ),
    (_epsilon,),
)

SUPPOSED = {
    "near the top": at_least(_weight_near, (1 - _epsilon) * max_weight),
    "below the top": at_most(_weight_near, max_weight),
    "fixed point p near the top": _keeps(p),
    "fixed point q near the top": _keeps(q),
}
"""That p and q are fixed points, near the top weight."""


def steps(one: Any) -> tuple[Step, ...]:
    """Return the steps to "growth of p", or of q: at a fixed point a H(w_*) is at most 1."""
    density = _density_near(one, _epsilon)
    others = weight_of_others(one, K - 1)
    share = Mean(1 / (max_weight + others))
    near_ratio, top_ratio = (curation_ratio_of(one, at) for at in (_weight_near, max_weight))
    return (
        Step(
            f"{one} near the top",
            less(0, density),
            f"Let v be a weight near w_* where the reference has mass: {one} has, too, as m p_ref "
            "is part of it.",
            StrictCombination(
                Combination(
                    {f"fixed point {one} near the top": 1, "real data": _ref},
                    remainder=density * _a * near_ratio,
                ),
                "real data",
            ),
        ),
        Step(
            f"growth of {one} near the top",
            at_most(_a * near_ratio, 1),
            f"From {one} (1 - a H_{one}) = m p_ref >= 0 there, a H_{one}(v) is at most 1.",
            Combination(
                {f"fixed point {one} near the top": 1 / density, "real data": _ref / density},
                given=(f"{one} near the top",),
            ),
        ),
        Step(
            f"shares under {one}",
            at_least(_weight_near / (_weight_near + others), _weight_near / (max_weight + others)),
            "Against a sum S the weight v wins with probability v/(v + S), which is at least "
            "v/(w_* + S).",
            Combination(
                {"below the top": _weight_near / ((_weight_near + others) * (max_weight + others))}
            ),
        ),
        Step(
            f"winning near the top under {one}",
            at_least(winning(_weight_near, one), _weight_near * share),
            "The same in the mean.",
            UnderMean(f"shares under {one}"),
        ),
        Step(
            f"ratio of {one} near the top",
            equal(near_ratio, K * winning(_weight_near, one)),
            f"That is H_{one}(v)/K.",
            Substitution("ratio", {law: one, weight: _weight_near}),
        ),
        Step(
            f"ratio of {one} at the top",
            equal(top_ratio, K * winning(max_weight, one)),
            f"At w_* it is H_{one}(w_*)/K.",
            Substitution("ratio", {law: one, weight: max_weight}),
        ),
        Step(
            f"growth of {one}, nearly",
            at_most(_a * top_ratio, 1 + _a * top_ratio * _epsilon),
            f"So H_{one}(v) is at least (1 - ε) H_{one}(w_*).",
            Combination(
                {
                    f"growth of {one} near the top": 1,
                    f"ratio of {one} near the top": _a,
                    f"winning near the top under {one}": _a * K,
                    "near the top": _a * K * share,
                    f"ratio of {one} at the top": -_a * (1 - _epsilon),
                }
            ),
        ),
        Step(
            f"growth of {one}",
            at_most(_a * top_ratio, 1),
            f"For every ε: a H_{one}(w_*) is at most 1.",
            Cited(
                ARCHIMEDES,
                {
                    "value": _a * top_ratio,
                    "bound": sympy.S.One,
                    "slope": _a * top_ratio,
                    "variable": _epsilon,
                },
                {"nearly": f"growth of {one}, nearly"},
            ),
        ),
    )
