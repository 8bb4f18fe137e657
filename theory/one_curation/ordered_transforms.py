"""The transforms of p, q, f and g: smooth, and those of p and q ordered like those of f and g.

Here p - q = τ (f - g), as in `recurate.theory.one_curation.normalised_parts`.
"""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation.curation_ceiling import transform
from recurate.theory.one_curation.normalised_parts import (
    M_f,
    M_g,
    M_p,
    M_q,
    decay,
    density_under,
    exponent,
    f,
    g,
    law,
    p,
    q,
    s,
)
from recurate.theory.proving import (
    Cited,
    Combination,
    Comonotone,
    Monotone,
    Sign,
    Step,
    Substitution,
    UnderMean,
)
from recurate.theory.textbook.calculus import (
    TRANSFORM_LIMIT,
    TRANSFORM_SLOPE,
    absolutely_continuous,
)

base = sympy.Symbol("y", positive=True)
"""The base of a power."""

other_base = sympy.Symbol("y'", positive=True)
"""The base of another power."""

power = sympy.Symbol("n", nonnegative=True)
"""The exponent of a power."""


class _first(WithIndex):
    """Number in [0, 1]: 1 at the s with M_g(s) < M_f(s), and 0 at those with M_f(s) < M_g(s)."""

    plain, typeset = "1_[M_g <= M_f]({})", r"1_{M_g\leq M_f}(@)"
    is_nonnegative = True


is_first, is_second = _first(s), 1 - _first(s)


def power_of_others(one: Any) -> Any:
    """Return M_i^{K-1} at s, for the K - 1 others."""
    return transform(one, s) ** (K - 1)


def tilted(one: Any) -> Any:
    """Return the density times w e^{-sw}."""
    return density_under(one) * random_weight * decay


def slope(one: Any) -> Any:
    """Return -M_i'(s): how fast the transform falls."""
    return Mean(tilted(one))


GENERAL = {"first set": (s,), "second set": (s,), "second or first": (s,)}

SUPPOSED = {
    # the s with M_g <= M_f, and those with M_f < M_g
    "first set": at_least(is_first * (M_f - M_g), 0),
    "second set": at_least(is_second * (M_g - M_f), 0),
    "second or first": at_most(is_first, 1),
}
"""Where M_g <= M_f, and where M_f < M_g."""


def limit(function: Any, point: Any) -> Any:
    return sympy.Limit(function, s, point, "+" if point == 0 else "-")


def _ordered(of: Any, power: Any, sign: int) -> Any:
    return at_least(of * sign * (M_p**power - M_q**power), 0)


def _power_steps(name: str, of: Any, sign: int) -> tuple[Step, ...]:
    """Return the steps from the order of M_p and M_q to that of their powers."""
    pair = (M_p, M_q) if sign == 1 else (M_q, M_p)
    order = "M_q^{K-1} <= M_p^{K-1}" if sign == 1 else "M_p^{K-1} <= M_q^{K-1}"
    return (
        Step(
            f"{name}, p and q",
            _ordered(of, 1, sign),
            "M_p - M_q is τ (M_f - M_g), so the order of M_f and M_g is that of M_p and M_q.",
            Combination({name: total_variation, "transforms differ": sign * of}),
        ),
        Step(
            f"powers, {name}",
            _ordered(of, power, sign),
            "Powers grow with their base.",
            Comonotone(f"{name}, p and q", of, pair, base**power, base),
        ),
        Step(
            f"others, {name}",
            _ordered(of, K - 1, sign),
            f"So M_p^{{K-1}} and M_q^{{K-1}} are ordered as M_p and M_q are: here {order}.",
            Substitution(f"powers, {name}", {power: K - 1}, {power: "number of others"}),
        ),
        Step(
            f"all, {name}",
            _ordered(of, K, sign),
            "And so are the K-th powers.",
            Substitution(f"powers, {name}", {power: K}),
        ),
    )


ORDERS = (
    *_power_steps("first set", is_first, 1),
    *_power_steps("second set", is_second, -1),
)
"""Where M_g <= M_f, also M_q <= M_p; likewise for their powers."""

_TRANSFORM = {
    "transform": transform(law, s),
    "density": density_under(law),
    "drawn": random_weight,
    "variable": s,
}

SMOOTH = (
    Step(
        "slope",
        absolutely_continuous(transform(law, s), -slope(law), s),
        "So it falls at the rate E_i w e^{-sw}.",
        Cited(TRANSFORM_SLOPE, _TRANSFORM, {"transform": "transform by density"}),
    ),
    Step(
        "mass at 0",
        equal(limit(transform(law, s), 0), Mean(density_under(law))),
        "It starts at the total mass.",
        Cited(
            TRANSFORM_LIMIT,
            {**_TRANSFORM, "point": sympy.S.Zero},
            {"transform": "transform by density"},
        ),
    ),
    Step(
        "start",
        equal(limit(transform(law, s), 0), 1),
        "That is 1.",
        Combination({"mass at 0": 1, "mass": 1}),
    ),
    Step(
        "end",
        equal(limit(transform(law, s), sympy.oo), 0),
        "And it falls to 0.",
        Cited(
            TRANSFORM_LIMIT,
            {**_TRANSFORM, "point": sympy.oo},
            {"transform": "transform by density"},
        ),
    ),
    Step(
        "exponent",
        at_most(-s * random_weight, 0),
        "Weights are positive.",
        Sign(),
    ),
    Step(
        "decay",
        at_most(decay, 1),
        "So e^{-sw} is at most 1.",
        Monotone("exponent", sympy.exp(exponent), exponent),
    ),
    Step(
        "weighted decay",
        at_most(density_under(law) * decay, density_under(law)),
        "Times a density.",
        Combination({"decay": density_under(law)}),
    ),
    Step(
        "mean decay",
        at_most(Mean(density_under(law) * decay), Mean(density_under(law))),
        "In the mean.",
        UnderMean("weighted decay"),
    ),
    Step(
        "at most one",
        at_most(transform(law, s), 1),
        "So a transform is at most 1.",
        Combination({"transform by density": -1, "mean decay": 1, "mass": -1}),
    ),
    Step(
        "powers at most one",
        at_most(transform(law, s) ** power, 1),
        "And its powers are.",
        Monotone("at most one", base**power, base),
    ),
    *(
        Step(
            f"slope of M_{one}",
            absolutely_continuous(transform(one, s), -slope(one), s),
            f"M_{one} falls at the rate E_{one} w e^{{-sw}}.",
            Substitution("slope", {law: one}),
        )
        for one in (p, q, f, g)
    ),
)
"""The transform of any of the laws: smooth, from 1 to 0."""
