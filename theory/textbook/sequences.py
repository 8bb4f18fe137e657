"""Limits of sequences: numbers that come arbitrarily close, and the limit of an iteration."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.proving import Form, ProofError, Theorem
from recurate.theory.proving.putting_in import put_in
from recurate.theory.proving.signs import is_natural
from recurate.theory.textbook.integrals import require_variable
from recurate.theory.textbook.requiring import require_finite, require_name

_x, _y, _c = sympy.symbols("x y c", real=True)
_epsilon = sympy.Symbol("epsilon", positive=True)
"""ε, any positive number."""


def _archimedes(value: Any, bound: Any, slope: Any, variable: Any) -> Form:
    require_variable(variable)
    require_finite(bound, slope)
    for part in (value, bound, slope):
        if sympy.sympify(part).has(variable):
            raise ProofError(f"{part} depends on {variable}")
    return Form(
        at_most(value, bound),
        {"nearly": at_most(value, bound + slope * variable)},
        {"nearly": (variable,)},
    )


ARCHIMEDES = Theorem(
    name="Archimedean property",
    reference="Rudin, Principles of Mathematical Analysis, theorem 1.20",
    words="A real number that is at most y + c ε for every ε > 0 is at most y.",
    form=_archimedes,
    quantities={"value": _x, "bound": _y, "slope": _c, "variable": _epsilon},
)


def _iteration(
    step: Any,
    law: Any,
    limit: Any,
    rate: Any,
    first: Any,
    factor: Any,
    variables: tuple[Any, Any, Any],
) -> Form:
    """Return the form; F and L are expressions in the first law of `variables`, t and two laws."""
    t, one, other = variables
    if not is_natural(t) or t.is_positive:
        raise ProofError(f"{t} has to run over the integers from 0 on")
    for name in (one, other, limit):
        require_name(name)
    if len({one, other, limit}) < 3:
        raise ProofError(f"{one}, {other} and {limit} need names of their own")
    require_finite(first)

    def image(at: Any) -> Any:
        return put_in(step, {one: at})

    later = put_in(law, {t: t + 1})
    premises = {
        "recursion": equal(later, image(law)),
        "moves": at_most(variation_between(law, later), rate**t * first),
        "nonnegative rate": at_least(rate, 0),
        "rate below one": less(rate, 1),
        "Lipschitz": at_most(
            variation_between(step, image(other)), factor * variation_between(one, other)
        ),
    }
    if sympy.sympify(rate).has(t) or sympy.sympify(first).has(t) or factor.has(other, t):
        raise ProofError("rate and first move do not depend on t, nor the factor on the second law")
    if step.has(other, t):
        raise ProofError(f"{step} does not depend on {other} or {t}")
    if any(premise.has(limit) for premise in premises.values()):
        raise ProofError(f"{limit} has to be a name for the limit, about which nothing is supposed")
    # Without this two limits could be given one name.
    premises["limit"] = equal(sympy.Limit(law, t, sympy.oo, "-"), limit)
    return Form(
        equal(limit, image(limit)),
        premises,
        {"recursion": (t,), "moves": (t,), "Lipschitz": (one, other)},
    )


_t = sympy.Symbol("t", integer=True, nonnegative=True)

# Two laws.
_i, _j = sympy.symbols("i j")

ITERATION_CONVERGES = Theorem(
    name="Convergence of an iteration",
    reference="Cohn, Measure Theory, 2nd ed., proposition 4.1.8 (completeness in total variation), "
    "with Rudin, Principles of Mathematical Analysis, theorem 9.23",
    words="If laws x_{t+1} = F(x_t) move by at most a geometric series in total variation, they "
    "have a limit, which is given a name. F keeps it if F(i) and F(j) are no farther apart than a "
    "finite L(i) times i and j.",
    form=_iteration,
    quantities={
        "step": sympy.Function("F")(_i),
        "law": sympy.Function("x")(_t),
        "limit": sympy.Symbol("x_oo"),
        "rate": sympy.Symbol("rho", real=True),
        "first": sympy.Symbol("C", real=True),
        "factor": sympy.Function("L", real=True)(_i),
        "variables": (_t, _i, _j),
    },
)
