"""How far H_q(w_*) is above H_p(w_*), if all of f is near w_* and not all of g: shared steps.

Here p - q = τ (f - g), as in `recurate.theory.one_curation.normalised_parts`, and c is the mean
weight under f. Both ratios are integrals of powers of M_p and M_q, and M_q - M_p is τ (M_g - M_f):
M_g lies above a tangent, and M_f below a chord.
"""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation import curation_ceiling, normalised_parts
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
    mean_weight_of,
    p,
    q,
    s,
)
from recurate.theory.proving import (
    Chord,
    Cited,
    Combination,
    Sign,
    Step,
    StrictCombination,
    Substitution,
    Tangent,
    UnderIntegral,
    UnderMean,
)
from recurate.theory.textbook.integrals import POSITIVE_INTEGRAL

_base = sympy.Symbol("y", positive=True)
"""The base of a power."""

_power = sympy.Symbol("n", nonnegative=True)
"""n = K - 2."""


p_top, q_top = curation_ratio_of(p, max_weight), curation_ratio_of(q, max_weight)

# H_q(w_*) - H_p(w_*), in terms of M_p^{K-2}.
_top_decay = sympy.exp(-s * max_weight)
_weighing = K * max_weight * _top_decay
_room = max_weight - mean_weight_of(g)
_short = 1 - level / max_weight
_kept = M_p ** (K - 2)
_first_part = _weighing * s * _top_decay * _kept
second_part = _weighing * (1 - _top_decay) * _kept
apart = (K - 1) * _room * integral(_first_part)

STEPS = (
    curation_ceiling.number_of_others(1),
    Step(
        "two fewer",
        at_least(K - 2, 0),
        "At least one.",
        Combination({"several candidates": 1}),
    ),
    *curation_ceiling.ratio_as_an_integral(law),
    *(
        Step(
            f"ratio of {one} as an integral",
            equal(
                curation_ratio_of(one, max_weight),
                integral(_weighing * transform(one, s) ** (K - 1)),
            ),
            f"H_{one}(w_*) is such an integral.",
            Substitution("ratio as an integral", {law: one, weight: max_weight}),
        )
        for one in (p, q)
    ),
    *normalised_parts.DIFFERENCE,
    *normalised_parts.TANGENT,
    Step(
        "M_g from below",
        at_least(M_g, _top_decay * (1 + s * _room)),
        "M_g lies above the tangent of e^{-sw} at w_*.",
        Substitution("transform from below", {law: g, level: max_weight}),
    ),
    Step(
        "exponent from below",
        at_least(-s * random_weight, -s * max_weight),
        "No weight exceeds w_*.",
        Combination({"bounded": s}),
    ),
    Step(
        "exponent from above", at_most(-s * random_weight, 0), "All weights are positive.", Sign()
    ),
    Step(
        "chord",
        at_most(
            s * max_weight * decay,
            s * random_weight * _top_decay + s * (max_weight - random_weight),
        ),
        "So e^{-sw} lies below its chord.",
        Chord(sympy.exp(exponent), exponent, "exponent from below", "exponent from above"),
    ),
    Step(
        "weighted chord",
        at_most(
            s * max_weight * decay * density_under(law),
            (s * random_weight * _top_decay + s * (max_weight - random_weight))
            * density_under(law),
        ),
        "Times a density.",
        Combination({"chord": density_under(law)}),
    ),
    Step(
        "mean chord",
        at_most(
            s * max_weight * Mean(decay * density_under(law)),
            Mean(
                (s * random_weight * _top_decay + s * (max_weight - random_weight))
                * density_under(law)
            ),
        ),
        "In the mean.",
        UnderMean("weighted chord"),
    ),
    Step(
        "transform from above",
        at_most(transform(law, s), 1 - (1 - _top_decay) * mean_weight_of(law) / max_weight),
        "So a transform lies below its chord.",
        Combination({"transform by density": -1, "mean chord": 1 / (s * max_weight), "mass": -1}),
    ),
    Step(
        "chord of f",
        at_most(M_f, 1 - (1 - _top_decay) * mean_weight_of(f) / max_weight),
        "That of f does.",
        Substitution("transform from above", {law: f}),
    ),
    Step(
        "M_f from above",
        at_most(M_f, 1 - (1 - _top_decay) * level / max_weight),
        "Its mean weight is c.",
        Combination(
            {"chord of f": 1, "mean weight under f": (1 - _top_decay) / max_weight},
        ),
    ),
    Step(
        "power tangent",
        at_least(
            M_q ** (1 + _power),
            M_p ** (1 + _power) + (1 + _power) * M_p**_power * (M_q - M_p),
        ),
        "Powers are convex: they lie above their tangents.",
        Tangent(_base ** (1 + _power), _base, M_p, M_q),
    ),
    Step(
        "powers",
        at_least(M_q ** (K - 1), M_p ** (K - 1) + (K - 1) * _kept * (M_q - M_p)),
        "With the exponent K - 1.",
        Substitution("power tangent", {_power: K - 2}, {_power: "two fewer"}),
    ),
    Step(
        "integrands",
        at_least(
            _weighing * (M_q ** (K - 1) - M_p ** (K - 1)),
            (K - 1) * total_variation * (_room * _first_part - _short * second_part),
        ),
        "M_q - M_p is τ (M_g - M_f).",
        Combination(
            {
                "powers": _weighing,
                "transforms differ": -_weighing * (K - 1) * _kept,
                "M_g from below": _weighing * (K - 1) * _kept * total_variation,
                "M_f from above": _weighing * (K - 1) * _kept * total_variation,
            },
            given=("several candidates",),
        ),
    ),
    Step(
        "integrals",
        at_least(
            integral(_weighing * (M_q ** (K - 1) - M_p ** (K - 1))),
            integral((K - 1) * total_variation * (_room * _first_part - _short * second_part)),
        ),
        "Integrated over s from 0 on.",
        UnderIntegral("integrands", s, sympy.S.Zero, sympy.oo),
    ),
    Step(
        "separation",
        at_least(
            q_top - p_top,
            total_variation * (apart - (K - 1) * _short * integral(second_part)),
        ),
        "So H_q(w_*) exceeds H_p(w_*), but for what c falls short of w_*.",
        Combination(
            {
                "integrals": 1,
                "ratio of q as an integral": 1,
                "ratio of p as an integral": -1,
            }
        ),
    ),
    Step("positive part", less(0, _first_part), "The first integrand is positive.", Sign()),
    Step(
        "positive integral",
        less(0, integral(_first_part)),
        "So is its integral.",
        Cited(
            POSITIVE_INTEGRAL,
            {"integrand": _first_part, "variable": s},
            {"positive": "positive part"},
        ),
    ),
    Step(
        "loss",
        less(0, apart),
        "So is its factor: not all of g is at w_*.",
        StrictCombination(
            Combination(
                {"positive integral": (K - 1) * _room}, given=("several candidates", "apart")
            ),
            "positive integral",
        ),
    ),
)
"""The last one leads to H_q(w_*) > H_p(w_*) if c is w_*."""
