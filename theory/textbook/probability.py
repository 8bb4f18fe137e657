"""Limits and inequalities of means."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from recurate.theory.language import *
from recurate.theory.language.means import is_random
from recurate.theory.language.notation import tacit
from recurate.theory.proving import Form, ProofError, Theorem
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import is_plain, is_smooth
from recurate.theory.textbook.integrals import require_variable
from recurate.theory.textbook.requiring import require_constant, require_count

# A parameter on which random numbers depend.
_c = sympy.Symbol("c", positive=True)

# A sum of draws, and how much larger one of two values is.
_x, _y = sympy.symbols("x y", nonnegative=True)

# A value of a draw.
_v = sympy.Symbol("v", positive=True)


class _family(Drawn):
    """Random numbers with a parameter."""

    plain, typeset = "X({})", "X(@)"


def _dominated(
    family: Any, limit: Any, bound: Any, mean_bound: Any, variable: Any, point: Any
) -> Form:
    require_variable(variable)
    if point not in (0, sympy.oo):
        raise ProofError(f"the limit is taken at 0 or at infinity, and not at {point}")
    require_constant(mean_bound, variable)
    for part in (limit, bound, mean_bound):
        part = sympy.sympify(part)
        if part.has(variable, sympy.oo, sympy.zoo, sympy.nan) or variable in tacit(part):
            raise ProofError(f"{part} depends on {variable}, or is not finite")
    direction = "+" if point == 0 else "-"
    return Form(
        equal(sympy.Limit(Mean(family), variable, point, direction), Mean(limit)),
        {
            "limit": equal(sympy.Limit(family, variable, point, direction), limit),
            "nonnegative": at_least(family, 0),
            "dominated": at_most(family, bound),
            "integrable": at_most(Mean(bound), mean_bound),
        },
        {"limit": (), **dict.fromkeys(("nonnegative", "dominated"), (variable,))},
    )


DOMINATED_CONVERGENCE = Theorem(
    name="Dominated convergence",
    reference="Rudin, Real and Complex Analysis, theorem 1.34",
    words="If random numbers lie between 0 and a random number of finite mean, and converge at "
    "every draw, then their means converge to the mean of the limit.",
    form=_dominated,
    quantities={
        "family": _family(_c),
        "limit": random_weight,
        "bound": random_weight,
        "mean_bound": sympy.Symbol("B", real=True),
        "variable": _c,
        "point": sympy.oo,
    },
)


def _association(
    factor: Any,
    rising: Any,
    tilt: Any,
    value: Any,
    step: Any,
    total: Any,
    law: Any,
    number: Any,
) -> Form:
    if not (isinstance(factor, AppliedUndef) and factor.args == (value,)):
        raise ProofError(f"{factor} has to be a function of {value}, and to have a name")
    if not (is_plain(value) and value.is_positive and is_plain(step) and step.is_nonnegative):
        raise ProofError(f"{value} has to be any positive number, {step} any nonnegative one")
    for function in (rising, tilt, sympy.log(tilt)):
        if is_random(function) or total in tacit(function):
            raise ProofError(f"{function} is random, or depends on {total} without showing where")
        from_zero = is_plain(total) and total.is_nonnegative and not total.is_positive
        if not (from_zero and is_smooth(function, total)):  # no draws sum to 0
            raise ProofError(f"{function} is not manifestly smooth in {total} >= 0")
    require_constant(law)
    require_count(number)
    drawn = {total: weight_of_others(law, number)}
    product = product_over_others(factor, law, number)
    rising_drawn, tilt_drawn = put_in(rising, drawn), put_in(tilt, drawn)
    return Form(
        at_least(
            Mean(product * rising_drawn * tilt_drawn) * Mean(tilt_drawn),
            Mean(product * tilt_drawn) * Mean(rising_drawn * tilt_drawn),
        ),
        {
            "number": at_least(number, 0),
            "factor": at_least(factor, 0),
            "factor rises": at_least(put_in(factor, {value: value + step}), factor),
            "rising": at_least(sympy.diff(rising, total), 0),
            "tilt": less(0, tilt),
            "log-convex": at_least(sympy.diff(sympy.log(tilt), total, 2), 0),
        },
        {
            "factor": (value,),
            "factor rises": (value, step),
            **dict.fromkeys(("rising", "tilt", "log-convex"), (total,)),
        },
    )


FKG = Theorem(
    name="FKG inequality",
    reference="Fortuin, Kasteleyn, Ginibre 1971; for densities on R^n: Karlin, Rinott, Classes of "
    "orderings of measures and related correlation inequalities I, 1980",
    words="Let X_1, …, X_n be independent positive draws from a law, tilted by a log-supermodular "
    "density h. Two functions that increase in each draw are positively correlated: E[f g h] E[h] "
    ">= E[f h] E[g h], where these means are finite. Here f is the product of d(X_i) with d >= 0 "
    "increasing, and g and h are functions of the sum, g increasing and log h convex: the mixed "
    "derivatives of log h are its second derivative.",
    form=_association,
    quantities={
        "factor": sympy.Function("d", real=True)(_v),
        "rising": sympy.Integer(1) - 1 / (1 + _x),
        "tilt": 1 / (1 + _x),
        "value": _v,
        "step": _y,
        "total": _x,
        "law": sympy.Symbol("i"),
        "number": sympy.Symbol("n", integer=True, nonnegative=True),
    },
)
