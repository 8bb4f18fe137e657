"""Values put in for symbols, unless something with variables of its own would capture them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits

from recurate.theory.language.draws import PRIMED, Drawn
from recurate.theory.language.means import Mean, Moment, PowerSum, is_random
from recurate.theory.language.notation import Binding, tacit
from recurate.theory.proving.known import ProofError

BINDERS = (sympy.Limit, ExprWithLimits, sympy.Derivative, sympy.Subs, sympy.Lambda)
"""Expressions with variables of their own: limits, integrals, sums, products, derivatives."""


def bound(binder: Any) -> frozenset[Any]:
    """Return the variables of a limit, integral, sum, derivative or predicate."""
    if isinstance(binder, Binding):
        return frozenset(binder.args[-1].free_symbols)
    return frozenset({binder.args[1]} if isinstance(binder, sympy.Limit) else binder.variables)


def put_in(expression: Any, values: Mapping[Any, Any]) -> Any:
    """Return an expression with values put in for symbols, or for functions.

    Raises
    ------
    ProofError
        If something inside a mean, or the law of a draw, is random or would become so: the mean
        would run over it. Likewise if something inside a limit, an integral, a sum, a derivative
        or a predicate of functions involves the variable of that.
    """
    expression = sympy.sympify(expression)
    for replaced, value in values.items():
        sides = [sympy.sympify(side) for side in (replaced, value)]
        about = frozenset().union(*(side.free_symbols | tacit(side) for side in sides))
        for binder in expression.atoms(*BINDERS, Binding):
            if about & bound(binder) and binder.has(replaced):
                raise ProofError(f"{replaced} or {value} is about the variable of {binder}")
        if not any(is_random(side) or side.has(*PRIMED) for side in sides):
            continue
        for outer in expression.atoms(Mean, Moment, PowerSum, Drawn):
            if outer != replaced and outer.has(replaced):
                raise ProofError(f"{replaced} stands inside {outer}, which {value} would change")
    return expression.subs(dict(values), simultaneous=True)


def substituted(claim: Any, values: Mapping[Any, Any]) -> Any:
    """Return a claim with values put in for symbols, unevaluated."""
    if isinstance(claim, sympy.Implies):
        parts = (substituted(part, values) for part in claim.args)
        return sympy.Implies(*parts, evaluate=False)
    if isinstance(claim, Binding):
        return put_in(claim, values)
    sides = (put_in(side, values) for side in claim.args)
    return claim.func(*sides, evaluate=False)
