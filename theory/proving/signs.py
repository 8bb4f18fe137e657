"""Signs that can be read off: when is an expression manifestly nonnegative?"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sympy

from recurate.theory.language import notation
from recurate.theory.language.draws import Drawn
from recurate.theory.language.means import PowerSum
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.one_point import differs
from recurate.theory.proving.putting_in import BINDERS, bound, put_in


def difference(relation: Any) -> Any:
    """Return larger minus smaller side of an inequality, or left minus right of an equation."""
    if not relation.is_Relational or isinstance(relation, sympy.Ne):
        raise ValueError(f"{relation} is not an equation or inequality")
    if isinstance(relation, sympy.Le | sympy.Lt):
        return relation.rhs - relation.lhs
    return relation.lhs - relation.rhs


def ordered(relation: Any) -> tuple[Any, Any]:
    """Return the smaller and the larger side of an inequality, or the two sides of an equation."""
    if isinstance(relation, sympy.Le | sympy.Lt):
        return relation.lhs, relation.rhs
    if isinstance(relation, sympy.Ge | sympy.Gt | sympy.Eq):
        return relation.rhs, relation.lhs
    raise ProofError(f"{relation} is not an equation or inequality")


def is_strict(relation: Any) -> bool:
    """Return whether an inequality is strict."""
    return isinstance(relation, sympy.Lt | sympy.Gt)


@functools.lru_cache(maxsize=4096)
def vanishes(expression: Any) -> bool:
    """Return whether computer algebra reduces an expression to zero identically.

    First the derived symbols are written out: κ = 1/K, m = 1 - a, and a = λ/(1+λ) where λ occurs.

    Raises
    ------
    ProofError
        If it divides by zero identically, which computer algebra would cancel.
    """
    expression = resolved(opaque(expression))
    if expression == 0:
        return True
    for divisor in divisors(expression):
        if _is_identically_zero(divisor):
            raise ProofError(f"{divisor} is zero, and divided by")
    for reduce in (
        lambda e: sympy.expand(e, func=True),
        lambda e: sympy.expand(sympy.numer(sympy.together(sympy.expand_func(e)))),
        sympy.simplify,
        lambda e: sympy.simplify(sympy.expand_log(sympy.powsimp(sympy.expand_power_exp(e)))),
    ):
        reduced = reduce(expression)
        if reduced == 0:
            return True
        if (len(sympy.Add.make_args(reduced)) <= 2 and reduced.is_nonzero) or differs(reduced):
            return False  # no need of slower reductions
    return False


def opaque(expression: Any) -> Any:
    """Return an expression with a name for every limit, integral, sum and derivative in it.

    So they are not evaluated: computer algebra would take an unknown function for a continuous one,
    and something infinite for a number. Integrals stay linear, and derivatives are taken if nothing
    of this kind is inside. A name is a function of all that it stands for depends on, so that it is
    random if that is.

    Raises
    ------
    ProofError
        If a part of one of them depends on its variable without showing it, as κ and H on K.
    """
    return _opaque(sympy.sympify(expression), {})


def _opaque(expression: Any, names: dict[Any, Any]) -> Any:
    if not expression.has(*BINDERS):
        return expression
    if not isinstance(expression, BINDERS):
        return expression.func(*(_opaque(part, names) for part in expression.args))
    require_explicit(expression, bound(expression))
    body = expression.args[0]
    if isinstance(expression, sympy.Derivative) and not body.has(*BINDERS):
        taken = expression.doit()
        return _named(taken, names) if isinstance(taken, BINDERS) else _opaque(taken, names)
    if not isinstance(expression, sympy.Integral):
        return _named(expression, names)
    for divisor in divisors(body):
        if _is_identically_zero(divisor):
            raise ProofError(f"{divisor} is zero, and divided by")
    total = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.expand(body)):
        constant, integrand = term.as_independent(*expression.variables, as_Add=False)
        name = _named(sympy.Integral(integrand, *expression.limits), names)
        total += _opaque(constant, names) * name
    return total


def _named(binder: Any, names: dict[Any, Any]) -> Any:
    if binder not in names:
        about = binder.free_symbols | binder.atoms(Drawn, PowerSum)
        parts = sorted(about, key=sympy.default_sort_key)
        name = sympy.Function(sympy.Dummy().name)(*parts) if parts else sympy.Dummy()
        names[binder] = name
    return names[binder]


def require_explicit(expression: Any, variables: Iterable[Any]) -> None:
    """Refuse an expression that depends on a variable without showing it."""
    for variable in frozenset(variables) & notation.tacit(expression):
        raise ProofError(f"{expression} depends on {variable} without showing where")


@functools.lru_cache(maxsize=4096)
def _is_identically_zero(expression: Any) -> bool:
    if expression.is_nonzero or expression.is_Symbol:
        return False
    return any(
        reduce(expression) == 0
        for reduce in (sympy.expand, lambda e: sympy.numer(sympy.together(e)), sympy.simplify)
    )


def resolved(expression: Any) -> Any:
    """Write κ and m, and a where λ occurs too, in terms of K, a and λ."""
    expression = resolved_candidates(expression)
    expression = expression.subs(notation.real_fraction, 1 - notation.synthetic_fraction)
    if expression.has(notation.lam):
        a = notation.lam / (1 + notation.lam)
        expression = expression.subs(notation.synthetic_fraction, a)
    return expression


def resolved_candidates(expression: Any) -> Any:
    """Write κ as 1/K."""
    return sympy.sympify(expression).subs(notation.inverse_candidates, 1 / notation.K)


def with_slacks(expression: Any, relations: Iterable[Any]) -> Any:
    """Write an expression in slack variables: x <= y becomes y = x + s with s >= 0.

    One side of each relation has to be a symbol, or a function such as a power sum, and is
    replaced. Strict relations give s > 0. The slack of something random is not a constant, so
    `put_in` keeps it out of means.
    """
    for number, relation in enumerate(relations):
        smaller, larger = ordered(relation)
        slack = (
            sympy.Dummy(f"s_{number}", positive=True)
            if is_strict(relation)
            else sympy.Dummy(f"s_{number}", nonnegative=True)
        )
        if larger.is_Symbol or larger.is_Function:
            expression = put_in(expression, {larger: smaller + slack})
        elif smaller.is_Symbol or smaller.is_Function:
            expression = put_in(expression, {smaller: larger - slack})
        else:
            raise ValueError(f"one side of {relation} has to be a symbol")
    return expression


def nonnegative_given(expression: Any, relations: Sequence[Any], *, strictly: bool = False) -> bool:
    """Return whether the sign can be read off after relations are put in as slacks."""
    return any(
        manifestly_nonnegative(with_slacks(form, relations), strictly=strictly)
        for form in (expression, resolved_candidates(expression))
    )


def manifestly_nonnegative(expression: Any, *, strictly: bool = False) -> bool:
    """Return whether the sign of an expression can be read off its form.

    It can for products, sums and quotients of symbols with known signs, of even powers, and of
    logarithms of numbers that are at least 1. False does not mean that the sign is another.
    """
    expression = resolved_candidates(opaque(expression))
    if any(_is_identically_zero(divisor) for divisor in divisors(expression)):
        return False  # computer algebra would cancel it
    if _reads(expression, strictly):
        return True
    quotient = sympy.together(expression)
    return _reads(sympy.factor(quotient), strictly) or _reads(_expanded(quotient), strictly)


def is_plain(variable: Any) -> bool:
    """Return whether a symbol stands for all reals, all nonnegative ones, or all positive ones.

    For example, a function whose slope is known at integers only need not increase between them.
    """
    kinds: tuple[dict[str, bool], ...] = ({"real": True}, {"nonnegative": True}, {"positive": True})
    return any(variable.assumptions0 == sympy.Symbol("x", **kind).assumptions0 for kind in kinds)


def is_natural(variable: Any) -> bool:
    """Return whether a symbol stands for all integers from zero on, or from one on."""
    kinds: tuple[dict[str, bool], ...] = ({"nonnegative": True}, {"positive": True})
    return any(
        variable.assumptions0 == sympy.Symbol("n", integer=True, **kind).assumptions0
        for kind in kinds
    )


def is_smooth(function: Any, variable: Any) -> bool:
    """Return whether a function is manifestly smooth wherever its variable may be.

    It is smooth if it is built from sums, products, exponentials, logarithms and powers, where
    divisors, arguments of logarithms and bases of powers that are not natural are manifestly
    positive. (A derivative alone does not tell: that of -1/x is positive, and -1/x jumps at 0.)
    """
    if not function.has(variable) or function == variable:
        return True
    if function.is_Pow and not (function.exp.is_Integer and function.exp.is_nonnegative):
        if not manifestly_nonnegative(function.base, strictly=True):
            return False
    elif isinstance(function, sympy.log):
        if not manifestly_nonnegative(function.args[0], strictly=True):
            return False
    elif not (function.is_Add or function.is_Mul or function.is_Pow or function.func == sympy.exp):
        return False
    return all(is_smooth(part, variable) for part in function.args)


def divisors(expression: Any) -> Iterator[Any]:
    """Yield the divisors in an expression: the bases of powers whose exponents may be negative.

    Divisors inside limits, integrals and the like are left out.
    """
    if isinstance(expression, BINDERS):
        return
    if expression.is_Pow and not expression.exp.is_nonnegative:
        yield expression.base
    for part in expression.args:
        yield from divisors(part)


def has_symbol_side(relation: Any) -> bool:
    """Return whether one side of a relation is a symbol or a function, to be written as a slack."""
    return any(side.is_Symbol or side.is_Function for side in relation.args)


def _expanded(quotient: Any) -> Any:
    numerator, denominator = sympy.fraction(quotient)
    return sympy.expand(numerator) / sympy.factor(denominator)


def _reads(expression: Any, strictly: bool) -> bool:
    known = expression.is_positive if strictly else expression.is_nonnegative
    if known:
        return True
    if expression.is_Add:
        terms = expression.args
        return all(_reads(term, False) for term in terms) and (
            not strictly or any(_reads(term, True) for term in terms)
        )
    if expression.is_Mul:
        factors = expression.args
        negative = [factor for factor in factors if factor.is_number and factor.is_negative]
        if len(negative) % 2:
            return False
        return all(_reads(factor, strictly) for factor in factors if factor not in negative)
    if expression.is_Pow:
        base, exponent = expression.args
        if exponent.is_Integer and exponent % 2 == 0 and base.is_real:
            return base.is_nonzero is True or (exponent.is_positive and not strictly)
        return _reads(base, strictly) if exponent.is_positive else _reads(base, True)
    if isinstance(expression, sympy.log):
        return manifestly_nonnegative(expression.args[0] - 1, strictly=strictly)
    return False
