"""How much one curation favours the best reward if the mean weight is known: shared steps.

K - 1 other candidates are drawn from a law of mean weight at least μ. A candidate of weight
w_* = μ + g wins against them with probability E[w_*/(w_* + S)] at most

    (1 - (1 - θ)^K) / (K θ),    θ = μ/w_*,

as if each of them weighed w_* with probability θ, and nothing otherwise.
"""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import (
    Antiderivative,
    ByDefinition,
    Chord,
    Cited,
    Combination,
    Image,
    Monotone,
    Sign,
    Step,
    Substitution,
    UnderIntegral,
    UnderMean,
)
from recurate.theory.textbook.integrals import TONELLI, TRANSFORM_OF_SUM

gap = sympy.Symbol("g", nonnegative=True)
"""g = w_* - μ."""

_s = sympy.Symbol("s", positive=True)
"""Laplace variable."""

_number = sympy.Symbol("n", nonnegative=True)
"""A number of other candidates."""

_x, _y = sympy.Symbol("x", real=True), sympy.Symbol("y", positive=True)


class transform(WithIndex):
    """Laplace transform E[e^{-s w}] of the weight under a law."""

    nargs = 2
    plain, typeset = "M_{}({})", r"M_{@}\left(@\right)"
    power = "{}^{{{}}}"
    is_positive = True


_top = mean_weight + gap
_decay = sympy.exp(-_s * _top)
_extreme = (gap + mean_weight * _decay) / _top  # transform of w_* with probability θ, else 0
_ceiling = (1 - (gap / _top) ** K) * _top / (mean_weight * K)


def winning(candidate: Any, law: Any) -> Any:
    """Return the probability that a candidate of this weight wins against K - 1 from a law."""
    return Mean(candidate / (candidate + weight_of_others(law, K - 1)))


def highest_ratio(candidates: Any) -> Any:
    """Return h = (1 - (1-θ)^K)/θ for K candidates, θ = μ/w_*."""
    share = mean_weight / max_weight
    return (1 - (1 - share) ** candidates) / share


def _integral(integrand: Any) -> Any:
    return sympy.Integral(_top * _decay * integrand, (_s, 0, sympy.oo))


def general(*laws: Any) -> dict[str, tuple[Any, ...]]:
    """Return the symbols for all of whose values `supposed` holds: s, and laws that vary."""
    return {"bounded": laws, "transform": (*laws, _s)}


def supposed(law: Any) -> dict[str, Any]:
    """Return that w_* bounds a weight drawn from a law, and what g and the transform M are.

    The steps need "mean at least" besides: that the mean weight of the law is at least μ, and
    "number of others": that K - 1 is nonnegative.
    """
    return {
        "bounded": at_most(drawn_weight(law), max_weight),
        "gap": equal(gap, max_weight - mean_weight),
        "transform": equal(transform(law, _s), Mean(sympy.exp(-_s * drawn_weight(law)))),
    }


def number_of_others(spare: int = 0) -> Step:
    """Return the step that K - 1 is nonnegative, from "several candidates", K >= 1 + spare."""
    return Step(
        "number of others",
        at_least(K - 1, 0),
        "There are K - 1 other candidates.",
        Combination({"several candidates": 1}, remainder=sympy.Integer(spare)),
    )


def as_an_integral(candidate: Any, law: Any) -> tuple[Step, ...]:
    """Return the steps to the probability that a candidate wins, as an integral over s.

    They need "transform", and "number of others": that K - 1 is nonnegative.

    Parameters
    ----------
    candidate : sympy expression
        Its weight w.
    law : sympy symbol
        The law of the K - 1 others, as in `supposed`.

    Returns
    -------
    tuple of Step
        The last one, "winning as an integral", says that `winning(w, law)` is the integral of
        w e^{-sw} M(s)^{K-1}.
    """
    others = weight_of_others(law, K - 1)
    decay = candidate * sympy.exp(-_s * candidate)
    drawn = decay * sympy.exp(-_s * others)
    one = Mean(sympy.exp(-_s * drawn_weight(law)))
    power = transform(law, _s) ** (K - 1)
    interval = (_s, 0, sympy.oo)
    return (
        Step(
            "reciprocal",
            equal(sympy.Integral(drawn, interval), candidate / (candidate + others)),
            "1/(w + S) is the integral of e^{-s (w + S)}.",
            Antiderivative(
                -candidate * sympy.exp(-_s * (candidate + others)) / (candidate + others)
            ),
        ),
        Step(
            "mean reciprocal",
            equal(Mean(sympy.Integral(drawn, interval)), winning(candidate, law)),
            "The same holds in the mean over the others.",
            UnderMean("reciprocal"),
        ),
        Step("integrand", at_least(drawn, 0), "What is integrated is positive.", Sign()),
        Step(
            "mean inside",
            equal(
                Mean(sympy.Integral(drawn, interval)),
                sympy.Integral(Mean(drawn), interval),
            ),
            "So the mean may go inside.",
            Cited(
                TONELLI,
                {"integrand": drawn, "variable": _s, "lower": sympy.S.Zero, "upper": sympy.oo},
                {"nonnegative": "integrand"},
            ),
        ),
        Step(
            "transform of the others",
            equal(Mean(sympy.exp(-_s * others)), one ** (K - 1)),
            "The K - 1 others are independent.",
            Cited(
                TRANSFORM_OF_SUM,
                {"variable": _s, "law": law, "number": K - 1},
                {"number": "number of others"},
            ),
        ),
        Step(
            "power of the transform",
            equal(power, one ** (K - 1)),
            "One of them has the transform M.",
            Image("transform", _y ** (K - 1), _y),
        ),
        Step(
            "integrand by the transform",
            equal(decay * Mean(sympy.exp(-_s * others)), decay * power),
            "So their mean is M^{K-1}.",
            Combination({"transform of the others": decay, "power of the transform": -decay}),
        ),
        Step(
            "integrals by the transform",
            equal(
                sympy.Integral(decay * Mean(sympy.exp(-_s * others)), interval),
                sympy.Integral(decay * power, interval),
            ),
            "Integrated over s from 0 on.",
            UnderIntegral("integrand by the transform", _s, sympy.S.Zero, sympy.oo),
        ),
        Step(
            "winning as an integral",
            equal(winning(candidate, law), sympy.Integral(decay * power, interval)),
            "So the mean of w/(w + S) is the integral of w e^{-sw} M(s)^{K-1}.",
            Combination({"mean reciprocal": -1, "mean inside": 1, "integrals by the transform": 1}),
        ),
    )


def ratio_as_an_integral(law: Any) -> tuple[Step, ...]:
    """Return the steps to the curation ratio H_i(w) as an integral, for any weight w.

    They need "ratio" besides: that H_i(w) is K times `winning(w, law)`.
    """
    integrand = weight * sympy.exp(-_s * weight) * transform(law, _s) ** (K - 1)
    return (
        *as_an_integral(weight, law),
        Step(
            "ratio as an integral",
            equal(curation_ratio_of(law, weight), sympy.Integral(K * integrand, (_s, 0, sympy.oo))),
            "So the curation ratio is an integral.",
            Combination({"ratio": 1, "winning as an integral": K}),
        ),
    )


def steps(law: Any) -> tuple[Step, ...]:
    """Return the steps to the ceiling.

    Parameters
    ----------
    law : sympy symbol
        The law that `supposed` is about.

    Returns
    -------
    tuple of Step
        The last one says that `winning(w_*, law)` is at most h/K.
    """
    drawn = drawn_weight(law)
    power = transform(law, _s) ** (K - 1)
    wins = winning(_top, law)
    return (
        Step(
            "bounded mean",
            at_most(Mean(drawn), max_weight),
            "No weight exceeds w_*, so no mean weight does.",
            UnderMean("bounded"),
        ),
        Step(
            "room",
            at_least(max_weight - mean_weight, 0),
            "So μ is at most w_*.",
            Combination({"bounded mean": 1, "mean at least": 1}),
        ),
        Step(
            "weights up to the top",
            at_most(drawn, _top),
            "Write w_* = μ + g.",
            Combination({"bounded": 1, "gap": 1}),
        ),
        Step(
            "exponent from below",
            at_least(-_s * drawn, -_s * _top),
            "Let s > 0. A weight is at most w_*.",
            Combination({"weights up to the top": _s}),
        ),
        Step(
            "exponent from above",
            at_most(-_s * drawn, 0),
            "And it is positive.",
            Sign(),
        ),
        Step(
            "chord",
            at_most(
                _s * _top * sympy.exp(-_s * drawn),
                _s * drawn * _decay + _s * (_top - drawn),
            ),
            "The exponential is convex: from -s w_* to 0 it lies below its chord.",
            Chord(sympy.exp(_x), _x, lower="exponent from below", upper="exponent from above"),
        ),
        Step(
            "mean chord",
            at_most(
                _s * _top * Mean(sympy.exp(-_s * drawn)),
                _s * Mean(drawn) * _decay + _s * (_top - Mean(drawn)),
            ),
            "The chord's mean depends on the mean drawn alone.",
            UnderMean("chord"),
        ),
        Step("top exponent", at_most(-_s * _top, 0), "Now -s w_* is at most 0.", Sign()),
        Step(
            "decay",
            at_most(_decay, 1),
            "So e^{-s w_*} is at most 1.",
            Monotone("top exponent", sympy.exp(_x), _x),
        ),
        Step(
            "extreme law",
            at_most(transform(law, _s), _extreme),
            "So E e^{-s w} is at most 1 - θ + θ e^{-s w_*}: the law with mass θ = μ/w_* at w_* and "
            "the rest at 0 is the extreme one.",
            Combination(
                {
                    "transform": -1,
                    "mean chord": 1 / (_s * _top),
                    ("mean at least", "decay"): 1 / _top,
                }
            ),
        ),
        Step(
            "others of one law",
            at_most(transform(law, _s) ** _number, _extreme**_number),
            "The transform of the sum of n independent weights is the n-th power.",
            Monotone("extreme law", _y**_number, _y),
        ),
        Step(
            "K - 1 others",
            at_most(power, _extreme ** (K - 1)),
            "Here n = K - 1.",
            Substitution("others of one law", {_number: K - 1}, {_number: "number of others"}),
        ),
        Step(
            "others",
            at_most(_top * _decay * power, _top * _decay * _extreme ** (K - 1)),
            "Times the positive w_* e^{-s w_*}.",
            Combination({"K - 1 others": _top * _decay}),
        ),
        Step(
            "extreme integral",
            equal(_integral(_extreme ** (K - 1)), _ceiling),
            "For the extreme law the integral over s from 0 on is elementary.",
            Antiderivative(-(_extreme**K) * _top / (mean_weight * K)),
        ),
        Step(
            "others integrated",
            at_most(_integral(power), _integral(_extreme ** (K - 1))),
            "And the integral for the others is at most that.",
            UnderIntegral("others", _s, sympy.S.Zero, sympy.oo),
        ),
        *as_an_integral(_top, law),
        Step(
            "ceiling with gap",
            at_most(wins, _ceiling),
            "So E[w_*/(w_* + S)] is at most (1 - (1-θ)^K)/(K θ), h/K.",
            Combination(
                {"winning as an integral": -1, "others integrated": 1, "extreme integral": -1}
            ),
        ),
        Step(
            "ceiling",
            at_most(winning(max_weight, law), highest_ratio(K) / K),
            "Put g = w_* - μ.",
            ByDefinition("ceiling with gap", "gap", sign="room"),
        ),
    )


FLOOR = (
    Step(
        "extreme law from below",
        at_least(_extreme, _decay),
        "For that extreme law the transform is at least e^{-s w_*}.",
        Combination({"decay": gap / _top}),
    ),
    Step(
        "powers from below",
        at_least(_extreme**_number, _decay**_number),
        "The same holds of n-th powers.",
        Monotone("extreme law from below", _y**_number, _y),
    ),
    Step(
        "extreme others from below",
        at_least(_extreme ** (K - 1), _decay ** (K - 1)),
        "In particular for n = K - 1.",
        Substitution("powers from below", {_number: K - 1}, {_number: "number of others"}),
    ),
    Step(
        "integrand from below",
        at_least(_top * _decay * _extreme ** (K - 1), _top * _decay * _decay ** (K - 1)),
        "And times w_* e^{-s w_*}.",
        Combination({"extreme others from below": _top * _decay}),
    ),
    Step(
        "lowest integral",
        equal(_integral(_decay ** (K - 1)), 1 / K),
        "If all of them weigh w_*, each wins with probability 1/K.",
        Antiderivative(-(_decay**K) / K),
    ),
    Step(
        "integral from below",
        at_least(_integral(_extreme ** (K - 1)), _integral(_decay ** (K - 1))),
        "The same holds of the integrals.",
        UnderIntegral("integrand from below", _s, sympy.S.Zero, sympy.oo),
    ),
    Step(
        "floor with gap",
        at_least(_ceiling, 1 / K),
        "So the ceiling is at least 1/K.",
        Combination({"integral from below": 1, "lowest integral": 1, "extreme integral": -1}),
    ),
    Step(
        "floor",
        at_least(highest_ratio(K) / K, 1 / K),
        "Put g = w_* - μ.",
        ByDefinition("floor with gap", "gap", sign="room"),
    ),
)
"""That h is at least 1, after `steps`, "number of others" being that K - 1 is nonnegative."""
