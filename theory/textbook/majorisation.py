"""Majorisation of a density, inverse functions and change of variables on [0, 1]."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Cited, Form, ProofError, Sign, Step, Theorem
from recurate.theory.proving.putting_in import BINDERS, put_in
from recurate.theory.proving.signs import is_smooth, require_explicit
from recurate.theory.textbook.integrals import require_variable
from recurate.theory.textbook.requiring import require_constant, require_finite, require_name

# A variable u in (0, 1], an argument x > 0, a value y in (0, 1] of a distribution function.
_u, _x, _y = sympy.symbols("u x y", positive=True)

# A fuzzy set.
_B = sympy.Symbol("B")

_U, _slope, _f, _Phi = (sympy.Function(name, real=True) for name in ("U", "U'", "f", "Phi"))
_G, _g = (sympy.Function(name, positive=True) for name in ("G", "g"))


class membership(Drawn):
    """Membership φ_B of a draw in a fuzzy set B, in (0, 1].

    Every measurable function with values in (0, 1] is the membership in some B. So what holds for
    every B holds for every set too: its indicator, raised to ε where it is 0, is one, and ε tends
    to 0.
    """

    plain, typeset = "phi_[{}]", r"\varphi_{@}"
    is_positive = True


class distribution_function(Binding):
    """That G is absolutely continuous on [0, 1], from 0 to 1, and has this positive density inside.

    Its arguments are G, the density and u.
    """

    nargs = 3
    plain = "{} is a distribution function on [0, 1] with the density {} in {}"
    typeset = r"d\left(@\right)=@\,d@\ \text{on}\ [0,1]"


def _require_function(function: Any, variable: Any, *strangers: Any) -> None:
    """Refuse a function that is random, or depends on its variable or on strangers secretly."""
    require_variable(variable)
    require_constant(function, *strangers)
    require_explicit(function, (variable,))


def _inverse(value: Any, argument: Any, slope: Any, inverse: Any, variable: Any) -> Form:
    _require_function(inverse, variable, argument)
    for function in (value, slope):
        _require_function(function, argument, variable)
    if not (is_smooth(value, argument) and inverse.is_positive):
        raise ProofError(f"{value} has to be smooth in {argument}, and {inverse} positive")
    inside = at_most(variable, 1)
    put = {argument: inverse}
    return Form(
        distribution_function(inverse, 1 / put_in(slope, put), variable),
        {
            "slope": equal(sympy.Derivative(value, argument), slope),
            "increasing": implies(less(argument, 1), less(0, slope)),
            "start": equal(sympy.Limit(value, argument, 0, "+"), 0),
            "end": equal(put_in(value, {argument: sympy.S.One}), 1),
            "inverse": implies(inside, equal(put_in(value, put), variable)),
            "range": implies(inside, at_most(inverse, 1)),
        },
        {
            "slope": (argument,),
            "increasing": (argument,),
            "inverse": (variable,),
            "range": (variable,),
        },
    )


INVERSE_FUNCTION = Theorem(
    name="Inverse function theorem",
    reference="Rudin, Principles of Mathematical Analysis, theorem 9.24; for monotone functions "
    "Rudin, Real and Complex Analysis, theorem 7.21",
    words="A smooth function of y from 0 at 0 to 1 at 1, with a positive slope in between, has an "
    "inverse of the same kind, whose slope is the reciprocal. Being monotone, with a slope "
    "everywhere inside, the inverse is the integral of that slope.",
    form=_inverse,
    quantities={
        "value": 2 * _y - _y**2,
        "argument": _y,
        "slope": _slope(_y),
        "inverse": _G(_u),
        "variable": _u,
    },
)


def _substituted(
    integrand: Any, argument: Any, total: Any, curve: Any, slope: Any, variable: Any
) -> Form:
    _require_function(integrand, argument, variable)
    for function in (curve, slope):
        _require_function(function, variable, argument)
    require_constant(total, argument, variable)
    require_finite(total)
    if sympy.sympify(total).has(*BINDERS):
        raise ProofError(f"{total} may be infinite")
    along = put_in(integrand, {argument: curve}) * slope
    return Form(
        equal(sympy.Integral(along, (variable, 0, 1)), total),
        {
            "curve": distribution_function(curve, slope, variable),
            "total": equal(sympy.Integral(integrand, (argument, 0, 1)), total),
        },
        {"curve": (variable,)},
    )


CHANGE_OF_VARIABLES = Theorem(
    name="Change of variables",
    reference="Rudin, Real and Complex Analysis, theorem 7.26",
    words="If G is a distribution function on [0, 1] with the density g, the integral of f(G(u)) "
    "g(u) over u is that of f(y) over y, for every measurable f, if that is finite.",
    form=_substituted,
    quantities={
        "integrand": _f(_y),
        "argument": _y,
        "total": sympy.Symbol("F", real=True),
        "curve": _G(_u),
        "slope": _g(_u),
        "variable": _u,
    },
)


def _majorised(
    density: Any, fuzzy_set: Any, curve: Any, slope: Any, variable: Any, convex: Any, argument: Any
) -> Form:
    for function in (curve, slope):
        _require_function(function, variable, argument, fuzzy_set)
    _require_function(convex, argument, variable, fuzzy_set)
    require_name(fuzzy_set)
    if fuzzy_set in density.free_symbols:
        raise ProofError(f"{density} depends on {fuzzy_set}")
    if not is_smooth(convex, argument):
        raise ProofError(f"{convex} has to be smooth in {argument}")
    inside = membership(fuzzy_set)
    return Form(
        at_most(
            Mean(put_in(convex, {argument: density})),
            sympy.Integral(put_in(convex, {argument: slope}), (variable, 0, 1)),
        ),
        {
            "density": less(0, density),
            "total": equal(Mean(density), 1),
            "curve": distribution_function(curve, slope, variable),
            "above": at_least(Mean(density * inside), put_in(curve, {variable: Mean(inside)})),
            "convex": at_least(sympy.diff(convex, argument, 2), 0),
        },
        {"density": (), "curve": (variable,), "above": (fuzzy_set,), "convex": (argument,)},
    )


MAJORISATION = Theorem(
    name="Hardy–Littlewood–Pólya majorisation",
    reference="Marshall, Olkin, Arnold, Inequalities: Theory of Majorization, 2nd ed., section "
    "1.D; for any law Chong, Canadian Journal of Mathematics 26 (1974), 1321",
    words="Let d > 0 be a density against a law, and G a distribution function on [0, 1] with the "
    "density g. If E[d φ] >= G(E φ) for every function φ with values in (0, 1], g majorises d: the "
    "least E[d φ] for a given E φ is the integral of d in increasing order. So the mean of Φ(d) is "
    "at most the integral of Φ(g), for every convex Φ.",
    form=_majorised,
    quantities={
        "density": random_density,
        "fuzzy_set": _B,
        "curve": _G(_u),
        "slope": _g(_u),
        "variable": _u,
        "convex": -_x * sympy.log(1 / _x),
        "argument": _x,
    },
)


def entropy(density: Any) -> Any:
    """Return x log x, in a form whose convexity is plain."""
    return -density * sympy.log(1 / density)


def majorised_entropy(
    argument: Any, fuzzy_set: Any, curve: dict[str, Any], given: dict[str, str], *, text: str
) -> tuple[Step, ...]:
    """Return the steps to: E d_t log d_t is at most the integral of g log g, g the curve's slope.

    Parameters
    ----------
    argument : symbol
        A density, the argument of x log x.
    fuzzy_set : symbol
        The fuzzy set of which the domination speaks.
    curve : mapping
        What is put in for "curve", "slope" and "variable" of the theorem.
    given : mapping
        Labels of the suppositions or steps for its premises "total", "curve" and "above".
    text : str
        What the last step says in words.
    """
    convex = entropy(argument)
    slope, variable = curve["slope"], curve["variable"]
    return (
        Step(
            "convex",
            at_least(sympy.diff(convex, argument, 2), 0),
            "The function x log x is convex.",
            Sign(),
        ),
        Step("positive", less(0, density_at(t)), "Densities are positive.", Sign()),
        Step(
            "majorised",
            at_most(
                Mean(density_at(t) * sympy.log(density_at(t))),
                sympy.Integral(convex.subs(argument, slope), (variable, 0, 1)),
            ),
            text,
            Cited(
                MAJORISATION,
                {
                    "density": density_at(t),
                    "fuzzy_set": fuzzy_set,
                    **curve,
                    "convex": convex,
                    "argument": argument,
                },
                {"density": "positive", "convex": "convex", **given},
            ),
        ),
    )
