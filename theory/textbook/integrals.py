"""Integrals and Laplace transforms."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.language.draws import PRIMED
from recurate.theory.language.means import is_random
from recurate.theory.proving import Form, ProofError, Theorem
from recurate.theory.proving.justifications import require_untied
from recurate.theory.proving.signs import is_plain, manifestly_nonnegative
from recurate.theory.textbook.requiring import require_constant, require_count

_s = sympy.Symbol("s", positive=True)
"""Integration variable, or the variable of a Laplace transform."""

_n = sympy.Symbol("n", integer=True, nonnegative=True)
"""A number of independent draws."""

_law = sympy.Symbol("i")
"""A law."""


class _integrand(Drawn):
    """Any function of s and of the draws."""

    plain, typeset = "X({})", "X(@)"


def require_variable(variable: Any) -> None:
    """Refuse to integrate over anything but a plain positive variable that is not drawn."""
    require_untied(variable)
    drawn = is_random(variable) or variable in PRIMED
    if drawn or not (is_plain(variable) and variable.is_positive):
        raise ProofError(f"{variable} has to be a positive variable")


def _tonelli(integrand: Any, variable: Any, lower: Any, upper: Any) -> Form:
    require_variable(variable)
    for end in (lower, upper):
        require_constant(end, variable)
        if not (end == sympy.oo or manifestly_nonnegative(end)):
            raise ProofError(f"{end} is not known to be nonnegative, as {variable} is")
    interval = (variable, lower, upper)
    return Form(
        equal(Mean(sympy.Integral(integrand, interval)), sympy.Integral(Mean(integrand), interval)),
        {"nonnegative": at_least(integrand, 0)},
        {"nonnegative": (variable,)},
    )


TONELLI = Theorem(
    name="Tonelli's theorem",
    reference="Rudin, Real and Complex Analysis, theorem 8.8",
    words="The mean of the integral of a nonnegative measurable function of s and of the draws is "
    "the integral of its mean, both perhaps infinite.",
    form=_tonelli,
    quantities={
        "integrand": _integrand(_s),
        "variable": _s,
        "lower": sympy.S.Zero,
        "upper": sympy.oo,
    },
)


def _transform_of_sum(variable: Any, law: Any, number: Any) -> Form:
    require_variable(variable)
    require_constant(law)
    require_count(number)
    one = Mean(sympy.exp(-variable * drawn_weight(law)))
    return Form(
        equal(Mean(sympy.exp(-variable * weight_of_others(law, number))), one**number),
        {"number": at_least(number, 0)},
    )


TRANSFORM_OF_SUM = Theorem(
    name="Transform of a sum",
    reference="Feller, An Introduction to Probability Theory II, section XIII.1",
    words="The Laplace transform of the sum of n independent nonnegative draws from a law is the "
    "n-th power of the law's transform.",
    form=_transform_of_sum,
    quantities={"variable": _s, "law": _law, "number": _n},
)


def _positive(integrand: Any, variable: Any) -> Form:
    require_variable(variable)
    return Form(
        less(0, sympy.Integral(integrand, (variable, 0, sympy.oo))),
        {"positive": less(0, integrand)},
        {"positive": (variable,)},
    )


POSITIVE_INTEGRAL = Theorem(
    name="Integral of a positive function",
    reference="Rudin, Real and Complex Analysis, theorem 1.39",
    words="A measurable function that is positive everywhere has a positive integral.",
    form=_positive,
    quantities={"integrand": sympy.Function("f", real=True)(_s), "variable": _s},
)


def _logarithm(variable: Any) -> Form:
    require_variable(variable)
    return Form(equal(sympy.Integral(sympy.log(variable), (variable, 0, 1)), -1))


LOGARITHM_INTEGRAL = Theorem(
    name="Integral of the logarithm",
    reference="Abramowitz, Stegun, Handbook of Mathematical Functions, 4.1.49 and 4.1.31",
    words="An antiderivative of log y is y log y - y, which tends to 0 as y does: the integral "
    "of log y from 0 to 1 is -1.",
    form=_logarithm,
    quantities={"variable": _s},
)
