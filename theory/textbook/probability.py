"""Limits and inequalities of means."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.draws import Drawn, random_weight
from recurate.theory.notation import tacit
from recurate.theory.proving.citing import Form, Theorem
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.means import Mean, is_random
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.textbook.integrals import require_variable

_c = sympy.Symbol("c", positive=True)
"""A parameter on which random numbers depend."""


class _family(Drawn):  # noqa: N801 (a function)
    """Random numbers with a parameter."""

    plain, typeset = "X({})", "X(@)"


def _dominated(
    family: Any, limit: Any, bound: Any, mean_bound: Any, variable: Any, point: Any
) -> Form:
    require_variable(variable)
    if point not in (0, sympy.oo):
        raise ProofError(f"the limit is taken at 0 or at infinity, and not at {point}")
    for part in (limit, bound, mean_bound):
        part = sympy.sympify(part)
        if part.has(variable, sympy.oo, sympy.zoo, sympy.nan) or variable in tacit(part):
            raise ProofError(f"{part} depends on {variable}, or is not finite")
    if is_random(mean_bound):
        raise ProofError(f"{mean_bound} is random")
    direction = "+" if point == 0 else "-"
    return Form(
        equal(sympy.Limit(Mean(family), variable, point, direction), Mean(limit)),
        {
            "limit": equal(sympy.Limit(family, variable, point, direction), limit),
            "nonnegative": at_least(family, 0),
            "dominated": at_most(family, bound),
            "integrable": at_most(Mean(bound), mean_bound),
        },
        dict.fromkeys(("nonnegative", "dominated"), (variable,)),
    )


DOMINATED_CONVERGENCE = Theorem(
    name="Dominated convergence",
    reference="Rudin, Real and Complex Analysis, theorem 1.34",
    words="If random numbers between 0 and one of finite mean converge at every draw, then their "
    "means converge to the limit's mean.",
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
