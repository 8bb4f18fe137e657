"""The smaller one N of the transforms of f and g, and integrals of how fast it falls: shared steps.

Here p - q = τ (f - g), as in `recurate.theory.one_curation.normalised_parts`. K M_p^{K-1} times how
fast N falls, integrated, is at most H_p(c) where the mean weights under f and g are at most c.
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
    integral,
    law,
    level,
    level_decay,
    mean_weight_of,
    p,
    q,
    s,
)
from recurate.theory.proving import (
    Cited,
    Combination,
    Comonotone,
    ContinuousImage,
    LimitValue,
    Monotone,
    Sign,
    Squeeze,
    Step,
    Substitution,
    UnderIntegral,
    UnderMean,
)
from recurate.theory.textbook.calculus import (
    CHAIN_RULE,
    FUNDAMENTAL_THEOREM,
    POSITIVE_PART,
    TRANSFORM_LIMIT,
    TRANSFORM_SLOPE,
    absolutely_continuous,
)

_value = sympy.Symbol("y", positive=True)
"""The base of a power."""

_other_value = sympy.Symbol("y'", positive=True)
"""The base of another power."""

_power = sympy.Symbol("n", nonnegative=True)
"""The exponent of a power."""

_part, _other_part = sympy.symbols("x_1 x_2", real=True)
"""Values of functions of s."""


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


# N = min(M_f, M_g) at s and its slope with the sign changed; M_p^{K-1} is E e^{-sS}.
_others = weight_of_others(p, K - 1)
_lower = is_first * M_g + is_second * M_f
lower_slope = is_first * slope(g) + is_second * slope(f)
_others_slope = Mean(_others * sympy.exp(-s * _others))
balance = is_second * K * (slope(q) * power_of_others(q) - slope(p) * power_of_others(p))
_gap = _lower - level_decay  # N - e^{-sc}
_gap_slope = level * level_decay - lower_slope

GENERAL = {"first set": (s,), "second set": (s,), "second or first": (s,)}

SUPPOSED = {
    # the s with M_g <= M_f, and those with M_f < M_g
    "first set": at_least(is_first * (M_f - M_g), 0),
    "second set": at_least(is_second * (M_g - M_f), 0),
    "second or first": at_most(is_first, 1),
}
"""Where M_g <= M_f, and where M_f < M_g."""


def _limit(function: Any, point: Any) -> Any:
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
            _ordered(of, _power, sign),
            "Powers grow with their base.",
            Comonotone(f"{name}, p and q", of, pair, _value**_power, _value),
        ),
        Step(
            f"others, {name}",
            _ordered(of, K - 1, sign),
            f"So M_p^{{K-1}} and M_q^{{K-1}} are ordered as M_p and M_q are: here {order}.",
            Substitution(f"powers, {name}", {_power: K - 1}, {_power: "number of others"}),
        ),
        Step(
            f"all, {name}",
            _ordered(of, K, sign),
            "And so are the K-th powers.",
            Substitution(f"powers, {name}", {_power: K}),
        ),
    )


_TRANSFORM = {
    "transform": transform(law, s),
    "density": density_under(law),
    "drawn": random_weight,
    "variable": s,
}

_SMOOTH = (
    Step(
        "slope",
        absolutely_continuous(transform(law, s), -slope(law), s),
        "So it falls at the rate E_i w e^{-sw}.",
        Cited(TRANSFORM_SLOPE, _TRANSFORM, {"transform": "transform by density"}),
    ),
    Step(
        "mass at 0",
        equal(_limit(transform(law, s), 0), Mean(density_under(law))),
        "It starts at the total mass.",
        Cited(
            TRANSFORM_LIMIT,
            {**_TRANSFORM, "point": sympy.S.Zero},
            {"transform": "transform by density"},
        ),
    ),
    Step(
        "start",
        equal(_limit(transform(law, s), 0), 1),
        "That is 1.",
        Combination({"mass at 0": 1, "mass": 1}),
    ),
    Step(
        "end",
        equal(_limit(transform(law, s), sympy.oo), 0),
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
        at_most(transform(law, s) ** _power, 1),
        "And its powers are.",
        Monotone("at most one", _value**_power, _value),
    ),
)
"""The transform of any of the laws: smooth, from 1 to 0."""


ORDERS = (
    *_power_steps("first set", is_first, 1),
    *_power_steps("second set", is_second, -1),
)
"""Where M_g <= M_f, also M_q <= M_p; and so on for their powers."""


_rise = M_q**K - M_p**K
_rise_slope = K * M_p ** (K - 1) * slope(p) - K * M_q ** (K - 1) * slope(q)

BALANCE = (
    *_SMOOTH,
    *(
        Step(
            f"slope of M_{one}",
            absolutely_continuous(transform(one, s), -slope(one), s),
            f"M_{one} falls at the rate E_{one} w e^{{-sw}}.",
            Substitution("slope", {law: one}),
        )
        for one in (p, q, f, g)
    ),
    Step(
        "rise",
        absolutely_continuous(_rise, _rise_slope, s),
        "M_q^K - M_p^K has a slope by the chain rule.",
        Cited(
            CHAIN_RULE,
            {
                "function": _other_value**K - _value**K,
                "values": ((_value, M_p, -slope(p)), (_other_value, M_q, -slope(q))),
                "variable": s,
            },
            {"y": "slope of M_p", "y'": "slope of M_q"},
        ),
    ),
    Step(
        "positive rise",
        absolutely_continuous(is_second * _rise, is_second * _rise_slope, s),
        "Its positive part has it where M_p < M_q.",
        Cited(
            POSITIVE_PART,
            {
                "function": _rise,
                "slope": _rise_slope,
                "indicator": is_second,
                "variable": s,
            },
            {
                "function": "rise",
                "where one": "all, second set",
                "where zero": "all, first set",
                "nonnegative": "second or first",
            },
        ),
    ),
    Step(
        "K-th powers at most one",
        at_most(transform(law, s) ** K, 1),
        "K-th powers are at most 1.",
        Substitution("powers at most one", {_power: K}),
    ),
    Step(
        "M_q^K at most one",
        at_most(M_q**K, 1),
        "That of M_q is.",
        Substitution("K-th powers at most one", {law: q}),
    ),
    Step(
        "M_p^K at most one",
        at_most(M_p**K, 1),
        "And that of M_p.",
        Substitution("K-th powers at most one", {law: p}),
    ),
    Step(
        "rise from below",
        at_least(is_second * _rise, 0),
        "The positive part is nonnegative.",
        Combination({"all, second set": 1}),
    ),
    Step(
        "rise near 0",
        at_most(is_second * _rise, 1 - M_p**K),
        "It is at most 1 - M_p^K.",
        Combination(
            {
                ("second or first", "M_q^K at most one"): 1,
                "M_p^K at most one": is_first,
            }
        ),
    ),
    Step(
        "rise far out",
        at_most(is_second * _rise, M_q**K),
        "It is at most M_q^K.",
        Combination({"second or first": M_p**K}, remainder=is_first * M_q**K),
    ),
    Step(
        "start of M_p",
        equal(_limit(M_p, 0), 1),
        "M_p starts at 1.",
        Substitution("start", {law: p}),
    ),
    Step(
        "start of 1 - M_p^K",
        equal(_limit(1 - M_p**K, 0), 0),
        "So 1 - M_p^K starts at 0.",
        ContinuousImage("start of M_p", 1 - _value**K, _value),
    ),
    Step(
        "end of M_q",
        equal(_limit(M_q, sympy.oo), 0),
        "M_q falls to 0.",
        Substitution("end", {law: q}),
    ),
    Step(
        "end of M_q^K",
        equal(_limit(M_q**K, sympy.oo), 0),
        "And so does M_q^K.",
        ContinuousImage("end of M_q", _value**K, _value),
    ),
    Step(
        "rise starts",
        equal(_limit(is_second * _rise, 0), 0),
        "So the positive part starts at 0.",
        Squeeze("rise from below", "rise near 0", upper_limits=("start of 1 - M_p^K",)),
    ),
    Step(
        "rise ends",
        equal(_limit(is_second * _rise, sympy.oo), 0),
        "It ends at 0.",
        Squeeze("rise from below", "rise far out", upper_limits=("end of M_q^K",)),
    ),
    Step(
        "no rise",
        equal(integral(is_second * _rise_slope), 0),
        "The integral of its slope is 0.",
        Cited(
            FUNDAMENTAL_THEOREM,
            {
                "function": is_second * _rise,
                "slope": is_second * _rise_slope,
                "variable": s,
                "start": sympy.S.Zero,
                "end": sympy.S.Zero,
            },
            {"function": "positive rise", "start": "rise starts", "end": "rise ends"},
        ),
    ),
    Step(
        "balance",
        equal(integral(balance), 0),
        "That is minus the last integral.",
        Combination({"no rise": -1}),
    ),
)
"""The last integral is zero."""


_FROM_BELOW = (
    *(
        step
        for one in (f, g)
        for step in (
            Step(
                f"tangent under {one}",
                at_least(
                    transform(one, s),
                    level_decay * (1 + s * (level - mean_weight_of(one))),
                ),
                f"So is that of {one}.",
                Substitution("transform from below", {law: one}),
            ),
            Step(
                f"M_{one} from below",
                at_least(transform(one, s), level_decay),
                f"The mean weight under {one} is at most c, so M_{one} is at least e^{{-sc}}.",
                Combination(
                    {f"tangent under {one}": 1, f"mean weight under {one}": s * level_decay}
                ),
            ),
        )
    ),
    Step(
        "N from below",
        at_least(_lower, level_decay),
        "And so is N, at any s one of the two.",
        Combination({"M_g from below": is_first, ("second or first", "M_f from below"): 1}),
    ),
)
"""N is at least e^{-sc}."""


_product = power_of_others(p) * _gap
_product_slope = -_others_slope * _gap + power_of_others(p) * _gap_slope

BY_PARTS = (
    *_FROM_BELOW,
    Step(
        "others of one law",
        equal(power_of_others(law), Mean(sympy.exp(-s * weight_of_others(law, K - 1)))),
        "M^{K-1} is the transform of the others' weight.",
        Combination({"power of the transform": 1, "transform of the others": -1}),
    ),
    Step(
        "others' transform",
        equal(power_of_others(p), Mean(sympy.exp(-s * _others))),
        "So it is under p.",
        Substitution("others of one law", {law: p}),
    ),
    Step(
        "others' slope",
        absolutely_continuous(power_of_others(p), -_others_slope, s),
        "So M_p^{K-1} falls at the rate E S e^{-sS}.",
        Cited(
            TRANSFORM_SLOPE,
            {
                "transform": power_of_others(p),
                "density": sympy.S.One,
                "drawn": _others,
                "variable": s,
            },
            {"transform": "others' transform"},
        ),
    ),
    Step(
        "M_g above M_f",
        absolutely_continuous(M_g - M_f, slope(f) - slope(g), s),
        "M_g - M_f has a slope.",
        Cited(
            CHAIN_RULE,
            {
                "function": _other_value - _value,
                "values": ((_value, M_f, -slope(f)), (_other_value, M_g, -slope(g))),
                "variable": s,
            },
            {"y": "slope of M_f", "y'": "slope of M_g"},
        ),
    ),
    Step(
        "excess of M_g",
        absolutely_continuous(is_second * (M_g - M_f), is_second * (slope(f) - slope(g)), s),
        "So has its positive part.",
        Cited(
            POSITIVE_PART,
            {
                "function": M_g - M_f,
                "slope": slope(f) - slope(g),
                "indicator": is_second,
                "variable": s,
            },
            {
                "function": "M_g above M_f",
                "where one": "second set",
                "where zero": "first set",
                "nonnegative": "second or first",
            },
        ),
    ),
    Step(
        "gap",
        absolutely_continuous(_gap, _gap_slope, s),
        "So has N - e^{-sc}: N is M_g less that part.",
        Cited(
            CHAIN_RULE,
            {
                "function": _part - _other_part - level_decay,
                "values": (
                    (_part, M_g, -slope(g)),
                    (
                        _other_part,
                        is_second * (M_g - M_f),
                        is_second * (slope(f) - slope(g)),
                    ),
                ),
                "variable": s,
            },
            {"x_1": "slope of M_g", "x_2": "excess of M_g"},
        ),
    ),
    Step(
        "product",
        absolutely_continuous(_product, _product_slope, s),
        "So has its product with M_p^{K-1}.",
        Cited(
            CHAIN_RULE,
            {
                "function": _part * _other_part,
                "values": (
                    (_part, power_of_others(p), -_others_slope),
                    (_other_part, _gap, _gap_slope),
                ),
                "variable": s,
            },
            {"x_1": "others' slope", "x_2": "gap"},
        ),
    ),
    Step(
        "powers for K - 1 at most one",
        at_most(power_of_others(law), 1),
        "M^{K-1} is at most 1.",
        Substitution("powers at most one", {_power: K - 1}, {_power: "number of others"}),
    ),
    Step(
        "M_p^{K-1} at most one",
        at_most(power_of_others(p), 1),
        "That of p is.",
        Substitution("powers for K - 1 at most one", {law: p}),
    ),
    *(
        Step(
            f"M_{one} at most one",
            at_most(transform(one, s), 1),
            f"And M_{one} is.",
            Substitution("at most one", {law: one}),
        )
        for one in (f, g)
    ),
    Step(
        "product from below",
        at_least(_product, 0),
        "The product is nonnegative.",
        Combination({"N from below": power_of_others(p)}),
    ),
    Step(
        "product near 0",
        at_most(_product, 1 - level_decay),
        "It is at most 1 - e^{-sc}.",
        Combination(
            {
                ("M_p^{K-1} at most one", "N from below"): 1,
                "M_g at most one": is_first,
                ("second or first", "M_f at most one"): 1,
            }
        ),
    ),
    Step(
        "product far out",
        at_most(_product, M_f),
        "It is at most M_f.",
        Combination(
            {
                ("M_p^{K-1} at most one", "N from below"): 1,
                "first set": 1,
            },
            remainder=level_decay,
        ),
    ),
    Step(
        "start of 1 - e^{-sc}",
        equal(_limit(1 - level_decay, 0), 0),
        "1 - e^{-sc} starts at 0.",
        LimitValue(s, sympy.S.Zero, "+"),
    ),
    Step(
        "end of M_f",
        equal(_limit(M_f, sympy.oo), 0),
        "And M_f falls to 0.",
        Substitution("end", {law: f}),
    ),
    Step(
        "product starts",
        equal(_limit(_product, 0), 0),
        "So the product starts at 0.",
        Squeeze("product from below", "product near 0", upper_limits=("start of 1 - e^{-sc}",)),
    ),
    Step(
        "product ends",
        equal(_limit(_product, sympy.oo), 0),
        "It ends at 0.",
        Squeeze("product from below", "product far out", upper_limits=("end of M_f",)),
    ),
    Step(
        "by parts",
        equal(integral(_product_slope), 0),
        "The integral of its slope is 0 (integration by parts).",
        Cited(
            FUNDAMENTAL_THEOREM,
            {
                "function": _product,
                "slope": _product_slope,
                "variable": s,
                "start": sympy.S.Zero,
                "end": sympy.S.Zero,
            },
            {"function": "product", "start": "product starts", "end": "product ends"},
        ),
    ),
    Step(
        "rest",
        at_least(K * _others_slope * _gap, 0),
        "One part of it is nonnegative.",
        Combination({"N from below": K * _others_slope}),
    ),
    Step(
        "rest integrated",
        at_least(integral(K * _others_slope * _gap), 0),
        "So is its integral.",
        UnderIntegral("rest", s, sympy.S.Zero, sympy.oo),
    ),
)
"""K M_p^{K-1} times how fast N falls, integrated, is at most H_p(c)."""
