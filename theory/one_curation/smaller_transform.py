"""How fast N, the smaller one of the transforms of f and g, falls in an integral: shared steps.

K M_p^{K-1} times how fast N falls, integrated, is at most H_p(c) where the mean weights under f and
g are at most c. The steps come after those of `recurate.theory.one_curation.ordered_transforms`.
"""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation.curation_ceiling import transform
from recurate.theory.one_curation.normalised_parts import (
    M_f,
    M_g,
    f,
    g,
    integral,
    law,
    level,
    level_decay,
    mean_weight_of,
    p,
    s,
)
from recurate.theory.one_curation.ordered_transforms import (
    base,
    is_first,
    is_second,
    limit,
    other_base,
    power,
    power_of_others,
    slope,
)
from recurate.theory.proving import (
    Cited,
    Combination,
    LimitValue,
    Squeeze,
    Step,
    Substitution,
    UnderIntegral,
)
from recurate.theory.textbook.calculus import (
    CHAIN_RULE,
    FUNDAMENTAL_THEOREM,
    POSITIVE_PART,
    TRANSFORM_SLOPE,
    absolutely_continuous,
)

_part, _other_part = sympy.symbols("x_1 x_2", real=True)
"""Values of functions of s."""


# N = min(M_f, M_g) at s and its slope with the sign changed; M_p^{K-1} is E e^{-sS}.
_others = weight_of_others(p, K - 1)
_lower = is_first * M_g + is_second * M_f
lower_slope = is_first * slope(g) + is_second * slope(f)
_others_slope = Mean(_others * sympy.exp(-s * _others))
_gap = _lower - level_decay  # N - e^{-sc}
_gap_slope = level * level_decay - lower_slope

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

STEPS = (
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
        "In particular under p.",
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
                "function": other_base - base,
                "values": ((base, M_f, -slope(f)), (other_base, M_g, -slope(g))),
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
        Substitution("powers at most one", {power: K - 1}, {power: "number of others"}),
    ),
    Step(
        "M_p^{K-1} at most one",
        at_most(power_of_others(p), 1),
        "So is that of p.",
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
        equal(limit(1 - level_decay, 0), 0),
        "1 - e^{-sc} starts at 0.",
        LimitValue(s, sympy.S.Zero, "+"),
    ),
    Step(
        "end of M_f",
        equal(limit(M_f, sympy.oo), 0),
        "And M_f falls to 0.",
        Substitution("end", {law: f}),
    ),
    Step(
        "product starts",
        equal(limit(_product, 0), 0),
        "So the product starts at 0.",
        Squeeze("product from below", "product near 0", upper_limits=("start of 1 - e^{-sc}",)),
    ),
    Step(
        "product ends",
        equal(limit(_product, sympy.oo), 0),
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
