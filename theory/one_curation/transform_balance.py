"""Where M_p < M_q, the slope of M_q^K - M_p^K integrates to zero: shared steps.

They come after those of `recurate.theory.one_curation.ordered_transforms`.
"""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation.curation_ceiling import transform
from recurate.theory.one_curation.normalised_parts import M_p, M_q, integral, law, p, q, s
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
from recurate.theory.proving import Cited, Combination, ContinuousImage, Squeeze, Step, Substitution
from recurate.theory.textbook.calculus import (
    CHAIN_RULE,
    FUNDAMENTAL_THEOREM,
    POSITIVE_PART,
    absolutely_continuous,
)

balance = is_second * K * (slope(q) * power_of_others(q) - slope(p) * power_of_others(p))

_rise = M_q**K - M_p**K
_rise_slope = K * M_p ** (K - 1) * slope(p) - K * M_q ** (K - 1) * slope(q)

STEPS = (
    Step(
        "rise",
        absolutely_continuous(_rise, _rise_slope, s),
        "M_q^K - M_p^K has a slope by the chain rule.",
        Cited(
            CHAIN_RULE,
            {
                "function": other_base**K - base**K,
                "values": ((base, M_p, -slope(p)), (other_base, M_q, -slope(q))),
                "variable": s,
            },
            {"y": "slope of M_p", "y'": "slope of M_q"},
        ),
    ),
    Step(
        "positive rise",
        absolutely_continuous(is_second * _rise, is_second * _rise_slope, s),
        "So has its positive part, where M_p < M_q.",
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
        Substitution("powers at most one", {power: K}),
    ),
    Step(
        "M_q^K at most one",
        at_most(M_q**K, 1),
        "So is that of M_q.",
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
        equal(limit(M_p, 0), 1),
        "M_p starts at 1.",
        Substitution("start", {law: p}),
    ),
    Step(
        "start of 1 - M_p^K",
        equal(limit(1 - M_p**K, 0), 0),
        "So 1 - M_p^K starts at 0.",
        ContinuousImage("start of M_p", 1 - base**K, base),
    ),
    Step(
        "end of M_q",
        equal(limit(M_q, sympy.oo), 0),
        "M_q falls to 0.",
        Substitution("end", {law: q}),
    ),
    Step(
        "end of M_q^K",
        equal(limit(M_q**K, sympy.oo), 0),
        "And so does M_q^K.",
        ContinuousImage("end of M_q", base**K, base),
    ),
    Step(
        "rise starts",
        equal(limit(is_second * _rise, 0), 0),
        "So the positive part starts at 0.",
        Squeeze("rise from below", "rise near 0", upper_limits=("start of 1 - M_p^K",)),
    ),
    Step(
        "rise ends",
        equal(limit(is_second * _rise, sympy.oo), 0),
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
        "With the other sign this is the last integral above.",
        Combination({"no rise": -1}),
    ),
)
"""The last integral is zero."""
