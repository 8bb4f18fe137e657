"""Smooth parametric families, and means of a Lipschitz function under two laws."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Form, Theorem
from recurate.theory.proving.putting_in import put_in
from recurate.theory.textbook.local_iteration import (
    of_order,
    parameter_error,
    require_index,
    root_rate,
)
from recurate.theory.textbook.requiring import require_constant, require_name

# Two laws, a unit vector, two points.
_P, _Q, _v, _x, _y = sympy.symbols("P Q v x x'")

# A number of iterations.
_t = sympy.Symbol("t", integer=True, nonnegative=True)

# A Lipschitz constant, and a rate.
_L, _rate = sympy.symbols("L rho", nonnegative=True)

_f = sympy.Function("f", real=True)


class drawn_point(Drawn):
    """A point drawn from the law that is its argument."""

    plain, typeset = "X_[{}]", r"X_{@}"


class point_distance(WithIndex):
    """Distance of two points."""

    nargs = 2
    plain, typeset = "|{} - {}|", r"|@-@|"
    is_nonnegative = True


class wasserstein(WithIndex):
    """Wasserstein distance W1 of two laws, for the distance of points."""

    nargs = 2
    plain, typeset = "W1({}, {})", r"W_1(@,@)"
    is_nonnegative = True


class smooth_family(WithIndex):
    """That log p_θ has two continuous derivatives in θ near θ*, and means commute with them.

    Its argument is p_θ*.
    """

    plain = "p_θ is a smooth family, {} at θ⁎"
    typeset = r"p_\theta\ \text{is a smooth family, with}\ p_{\theta_*}=@"


class score_along(WithIndex):
    """Derivative of log p_θ(x) in θ at θ*, along the unit vector v, as a function of v and x."""

    nargs = 2
    plain, typeset = "s_[{}]({})", r"s_{@}(@)"


class curvature_along(WithIndex):
    """Minus the second derivative of log p_θ(x) in θ at θ*, along the unit vector v: -v'Hess v.

    It is a function of v and x.
    """

    nargs = 2
    plain, typeset = "c_[{}]({})", r"c_{@}(@)"


class divergence_from_best(WithIndex):
    """Kullback–Leibler divergence KL(p_θ*|p_θt) of p_θ* from p_θt, in nats, as a function of t."""

    plain, typeset = "KL(p_θ⁎|p_θ{})", r"\mathrm{KL}(p_{\theta_*}\|p_{\theta_{@}})"
    is_nonnegative = True


def _duality(function: Any, point: Any, other: Any, constant: Any, first: Any, second: Any) -> Form:
    for name in (point, other, first, second):
        require_name(name)
    require_constant(constant, point, other)
    require_constant(function, other)
    there = put_in(function, {point: other})
    means = (Mean(put_in(function, {point: drawn_point(law)})) for law in (first, second))
    return Form(
        at_most(next(means) - next(means), constant * wasserstein(first, second)),
        {"lipschitz": at_most(function - there, constant * point_distance(point, other))},
        {"lipschitz": (point, other)},
    )


KANTOROVICH_RUBINSTEIN = Theorem(
    name="Kantorovich–Rubinstein duality",
    reference="Villani, Optimal Transport, remark 6.5",
    words="The means of an L-Lipschitz function under two laws of finite first moments differ by "
    "at most L times their Wasserstein distance.",
    form=_duality,
    quantities={
        "function": _f(_x),
        "point": _x,
        "other": _y,
        "constant": _L,
        "first": _P,
        "second": _Q,
    },
)


def _information(model: Any, direction: Any) -> Form:
    require_name(model)
    require_name(direction)
    drawn = drawn_point(model)
    return Form(
        equal(Mean(score_along(direction, drawn) ** 2), Mean(curvature_along(direction, drawn))),
        {"family": smooth_family(model)},
    )


INFORMATION_IDENTITY = Theorem(
    name="Information identity",
    reference="Lehmann, Casella, Theory of Point Estimation, 2nd ed., section 2.5",
    words="In a smooth family the Fisher information, the mean square of the score along v, is "
    "minus the mean second derivative of the log-likelihood, both under p_θ* at θ*.",
    form=_information,
    quantities={"model": _P, "direction": _v},
)


def _expansion(model: Any, index: Any, rate: Any) -> Form:
    require_name(model)
    require_index(index)
    require_constant(rate, index)
    error = parameter_error(index)
    return Form(
        of_order(sympy.sqrt(divergence_from_best(index)), error, index),
        {
            "family": smooth_family(model),
            "converges": at_most(root_rate(error, index), rate),
            "below one": less(rate, 1),
        },
    )


DIVERGENCE_EXPANSION = Theorem(
    name="Expansion of the divergence",
    reference="Kullback, Information Theory and Statistics, section 2.6",
    words="In a smooth family KL(p_θ*|p_θ) is (θ-θ*)'B(θ-θ*)/2 up to smaller terms, B the Fisher "
    "information. So along parameters that tend to θ* it is at most a constant times "
    "|θ_t - θ*|^2.",
    form=_expansion,
    quantities={"model": _P, "index": _t, "rate": _rate},
)
