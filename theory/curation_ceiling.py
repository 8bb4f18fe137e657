"""How much one curation favours the best reward, when the mean weight is known: shared steps.

K - 1 other candidates are drawn, j from one law and k from another, both of mean weight at least μ.
A candidate of weight w_* = μ + g wins against them with probability E[w_*/(w_* + S)] at most

    (1 - (1 - θ)^K) / (K θ),    θ = μ/w_*,

as if each of them weighed w_* with probability θ, and nothing otherwise.
"""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.notation import max_weight, mean_weight, others_weight, random_weight
from recurate.theory.proving.cases import ByDefinition
from recurate.theory.proving.integrals import Antiderivative, Chord, UnderIntegral
from recurate.theory.proving.justifications import (
    Cited,
    Combination,
    Monotone,
    Sign,
    Substitution,
    UnderMean,
)
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Step
from recurate.theory.proving.signs import at_least, at_most, equal

gap = sympy.Symbol("g", nonnegative=True)
"""g = w_* - μ."""

first_number = sympy.Symbol("j", nonnegative=True)
"""j, number of other candidates from the first law."""

second_number = sympy.Symbol("k", nonnegative=True)
"""k, number of other candidates from the second law."""

_law = sympy.Symbol("i", positive=True)
_s = sympy.Symbol("s", positive=True)
_x, _y = sympy.Symbol("x", real=True), sympy.Symbol("y", positive=True)


class transform(sympy.Function):  # type: ignore[misc, unused-ignore]  # noqa: N801 (a function)
    """Laplace transform E[e^{-s w}] of the weight under the i-th law."""

    nargs = 2

    def _eval_is_positive(self) -> bool:
        return True

    def _sympystr(self, printer: Any) -> str:
        return "M_{}({})".format(*(printer._print(argument) for argument in self.args))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        law, time = (printer._print(argument) for argument in self.args)
        text = rf"M_{{{law}}}\left({time}\right)"
        return text if exp is None else rf"{text}^{{{exp}}}"


_top = mean_weight + gap
_decay = sympy.exp(-_s * _top)
_extreme = (gap + mean_weight * _decay) / _top  # transform of w_* with probability θ, else 0
_others = first_number + second_number
_product = transform(1, _s) ** first_number * transform(2, _s) ** second_number
WINS = Mean(max_weight / (max_weight + others_weight))
"""Probability that a candidate of weight w_* wins against the others."""


def highest_ratio(candidates: Any) -> Any:
    """Return h = (1 - (1-θ)^K)/θ for K candidates, θ = μ/w_*."""
    share = mean_weight / max_weight
    return (1 - (1 - share) ** candidates) / share


_wins = Mean(_top / (_top + others_weight))
_ceiling = (1 - (gap / _top) ** (_others + 1)) * _top / (mean_weight * (_others + 1))


def _integral(integrand: Any) -> Any:
    return sympy.Integral(_top * _decay * integrand, (_s, 0, sympy.oo))


GENERAL = {"transform": (_law, _s)}
"""What is supposed for both laws, each with its own mean, and at every s."""

SUPPOSED = {
    "bounded": at_most(random_weight, max_weight),
    "gap": equal(gap, max_weight - mean_weight),
    "transform": equal(transform(_law, _s), Mean(sympy.exp(-_s * random_weight))),
}
"""w_* bounds the weight, and what g and M_i are. The steps need "mean at least" besides: that the
mean weight of the i-th law is at least μ."""

STEPS = (
    Step(
        "bounded mean",
        at_most(Mean(random_weight), max_weight),
        "No weight exceeds w_*, and so does no mean weight.",
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
        at_most(random_weight, _top),
        "Write w_* = μ + g.",
        Combination({"bounded": 1, "gap": 1}),
    ),
    Step(
        "exponent from below",
        at_least(-_s * random_weight, -_s * _top),
        "Let s > 0. A weight is at most w_*.",
        Combination({"weights up to the top": _s}),
    ),
    Step(
        "exponent from above",
        at_most(-_s * random_weight, 0),
        "And it is positive.",
        Sign(),
    ),
    Step(
        "chord",
        at_most(
            _s * _top * sympy.exp(-_s * random_weight),
            _s * random_weight * _decay + _s * (_top - random_weight),
        ),
        "The exponential is convex: from -s w_* to 0 it lies below its chord.",
        Chord(sympy.exp(_x), _x, lower="exponent from below", upper="exponent from above"),
    ),
    Step(
        "mean chord",
        at_most(
            _s * _top * Mean(sympy.exp(-_s * random_weight)),
            _s * Mean(random_weight) * _decay + _s * (_top - Mean(random_weight)),
        ),
        "The chord's mean depends on the mean weight alone.",
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
        at_most(transform(_law, _s), _extreme),
        "So E e^{-s w} is at most 1 - θ + θ e^{-s w_*}: the law with mass θ = μ/w_* at w_* and the "
        "rest at 0 is the extreme one.",
        Combination(
            {
                "transform": -1,
                "mean chord": 1 / (_s * _top),
                ("mean at least", "decay"): 1 / _top,
            }
        ),
    ),
    Step(
        "first law",
        at_most(transform(1, _s), _extreme),
        "The first law of the others.",
        Substitution("extreme law", {_law: 1}),
    ),
    Step(
        "second law",
        at_most(transform(2, _s), _extreme),
        "The second one.",
        Substitution("extreme law", {_law: 2}),
    ),
    Step(
        "first others",
        at_most(transform(1, _s) ** first_number, _extreme**first_number),
        "The transform of the sum of j independent weights is the j-th power.",
        Monotone("first law", _y**first_number, _y),
    ),
    Step(
        "second others",
        at_most(transform(2, _s) ** second_number, _extreme**second_number),
        "That of k others the k-th.",
        Monotone("second law", _y**second_number, _y),
    ),
    Step(
        "others",
        at_most(_top * _decay * _product, _top * _decay * _extreme**_others),
        "All together, times the positive w_* e^{-s w_*}.",
        Combination(
            {
                "first others": _top * _decay * transform(2, _s) ** second_number,
                "second others": _top * _decay * _extreme**first_number,
            }
        ),
    ),
    Step(
        "others integrated",
        at_most(_integral(_product), _integral(_extreme**_others)),
        "Integrated over s from 0 on.",
        UnderIntegral("others", _s, sympy.S.Zero, sympy.oo),
    ),
    Step(
        "extreme integral",
        equal(_integral(_extreme**_others), _ceiling),
        "For the extreme law the integral is elementary.",
        Antiderivative(-(_extreme ** (_others + 1)) * _top / (mean_weight * (_others + 1))),
    ),
    Step(
        "winning as an integral",
        equal(_wins, _integral(_product)),
        "1/(w_* + S) is the integral of e^{-s (w_* + S)}, and the mean goes inside.",
        Cited("Tonelli's theorem on iterated integrals of nonnegative functions"),
    ),
    Step(
        "ceiling with gap",
        at_most(_wins, _ceiling),
        "So E[w_*/(w_* + S)] is at most (1 - (1-θ)^K)/(K θ), K = j + k + 1.",
        Combination({"winning as an integral": -1, "others integrated": 1, "extreme integral": -1}),
    ),
    Step(
        "ceiling",
        at_most(WINS, highest_ratio(_others + 1) / (_others + 1)),
        "Put g = w_* - μ.",
        ByDefinition("ceiling with gap", "gap", sign="room"),
    ),
)
"""From there to the ceiling. A single law is the case k = 0."""

FLOOR = (
    Step(
        "extreme law from below",
        at_least(_extreme, _decay),
        "For that extreme law the transform is at least e^{-s w_*}.",
        Combination({"decay": gap / _top}),
    ),
    Step(
        "extreme others from below",
        at_least(_extreme**_others, _decay**_others),
        "So it is to the power K - 1.",
        Monotone("extreme law from below", _y**_others, _y),
    ),
    Step(
        "integrand from below",
        at_least(_top * _decay * _extreme**_others, _top * _decay * _decay**_others),
        "And times w_* e^{-s w_*}.",
        Combination({"extreme others from below": _top * _decay}),
    ),
    Step(
        "integral from below",
        at_least(_integral(_extreme**_others), _integral(_decay**_others)),
        "And integrated.",
        UnderIntegral("integrand from below", _s, sympy.S.Zero, sympy.oo),
    ),
    Step(
        "lowest integral",
        equal(_integral(_decay**_others), 1 / (_others + 1)),
        "If all of them weigh w_*, each wins with probability 1/K.",
        Antiderivative(-(_decay ** (_others + 1)) / (_others + 1)),
    ),
    Step(
        "floor with gap",
        at_least(_ceiling, 1 / (_others + 1)),
        "So the ceiling is at least 1/K.",
        Combination({"integral from below": 1, "lowest integral": 1, "extreme integral": -1}),
    ),
    Step(
        "floor",
        at_least(highest_ratio(_others + 1) / (_others + 1), 1 / (_others + 1)),
        "Put g = w_* - μ.",
        ByDefinition("floor with gap", "gap", sign="room"),
    ),
)
"""That h is at least 1, after STEPS."""
