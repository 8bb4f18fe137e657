"""Formulas that a person types, read without being run: arithmetic, names, a few functions."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from recurate.theory.language import notation
from recurate.theory.plain_text import plain

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": sympy.Abs,
    "exp": sympy.exp,
    "log": sympy.log,
    "max": sympy.Max,
    "min": sympy.Min,
    "sqrt": sympy.sqrt,
}
"""Functions that a formula may use."""

_OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda x, y: x + y,
    ast.Sub: lambda x, y: x - y,
    ast.Mult: lambda x, y: x * y,
    ast.Div: lambda x, y: x / y,
    ast.Pow: lambda x, y: x**y,
}

_CHOICES = (sympy.Abs, sympy.Max, sympy.Min)
_LONGEST = 1000  # characters
_LARGEST_EXPONENT = 100
_DIGITS = 300  # of a number, before and after each operation, since 9**9**9 would never end


def parse(text: str, symbols: Mapping[str, Any]) -> Any:
    """Return a typed formula as an exact expression: 0.1 is 1/10.

    Nothing is evaluated as Python. A formula has numbers, names, + - * / **, parentheses and the
    functions in `FUNCTIONS`.

    Parameters
    ----------
    text : str
        The formula, such as "2*bound - mean_weight".
    symbols : mapping
        From each name that the formula may use to its meaning.

    Returns
    -------
    sympy expression

    Raises
    ------
    TypeError
        If the formula is not text.
    ValueError
        If it cannot be read, or has an unknown name or too large a number.
    """
    if not isinstance(text, str):
        raise TypeError(f"a formula must be text; got {type(text).__name__}")
    if len(text) > _LONGEST:
        raise ValueError(f"a formula must have at most {_LONGEST} characters; got {len(text)}")
    try:
        read = _Reader(text, symbols).value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError) as error:
        reason = error.msg if isinstance(error, SyntaxError) else "too deeply nested"
        reason += "; λ is written lam" if re.search(r"\blambda\b", text) else ""
        raise ValueError(f"cannot read the formula {text!r}: {reason}") from None
    if read.has(sympy.nan, sympy.zoo, sympy.oo, sympy.I):
        raise ValueError(f"a formula must be a real number; got {text!r}, which is {read}")
    return read


@cache
def at_infinity(expression: Any, *, candidates: bool, mixing: bool) -> Any:
    """Return what a bound tends to as K, or λ, or both tend to infinity.

    Parameters
    ----------
    expression : sympy expression
        In the symbols of `recurate.theory.language`. As typed, (K - 1)/K has no value at K = inf,
        and λ/(1+λ) has none at λ = inf.
    candidates, mixing : bool
        Whether K tends to infinity, and whether λ does.

    Returns
    -------
    sympy expression or None
        None if a finite limit is not known, or if the limits in K and λ depend on their order.
    """
    kappa, m = notation.inverse_candidates, notation.real_fraction
    in_terms_of_m = {notation.lam: (1 - m) / m, notation.synthetic_fraction: 1 - m}
    of_candidates: tuple[dict[Any, Any], Any] = ({notation.K: 1 / kappa}, kappa)
    taken = [of_candidates] * candidates + [(in_terms_of_m, m)] * mixing
    limits = []
    for order in (taken, taken[::-1]):
        limit = expression
        for values, symbol in order:
            limit = None if limit is None else _at_zero(limit.subs(values), symbol)
        limits.append(limit)
    one, other = limits
    is_one = one is not None and other is not None and sympy.simplify(one - other) == 0
    return one if is_one else None


def _at_zero(expression: Any, symbol: Any) -> Any:
    """Return the limit from above as a symbol tends to zero; None if it is not known."""
    if not expression.has(symbol):
        return expression
    if expression.has(*_CHOICES) and isinstance(expression, (*_CHOICES, sympy.Add, sympy.Mul)):
        # SymPy has no limits of these. They are continuous, so the limits of the parts are put in.
        parts = list(expression.args)
        if isinstance(expression, sympy.Add | sympy.Mul):
            rest = [part for part in parts if not part.has(*_CHOICES)]
            parts = [part for part in parts if part.has(*_CHOICES)] + [expression.func(*rest)]
        limits = [_at_zero(part, symbol) for part in parts]
        if None not in limits:
            return expression.func(*limits)
    if expression.is_rational_function(symbol) and not expression.has(*_CHOICES):
        expression = sympy.cancel(sympy.together(expression))
        limit = expression.subs(symbol, 0)
    else:
        try:
            limit = sympy.limit(expression, symbol, 0, "+")
        except (NotImplementedError, TypeError, ValueError):
            return None
    is_known = not limit.has(sympy.zoo, sympy.oo, sympy.nan, sympy.Limit, sympy.AccumBounds, symbol)
    return limit if is_known else None


class _Reader:
    """Reads one formula."""

    def __init__(self, text: str, symbols: Mapping[str, Any]) -> None:
        self.text, self.symbols = text.strip(), symbols

    def value(self, node: ast.expr) -> Any:
        """Return a part of the formula as an expression."""
        match node:
            case ast.Constant(value=int() | float() as found) if not isinstance(found, bool):
                return self._number(ast.get_source_segment(self.text, node) or "")
            case ast.Name(id=name):
                return self._symbol(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.value(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.value(operand)
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATIONS:
                return self._operation(_OPERATIONS[type(operation)], left, right)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        part = ast.get_source_segment(self.text, node)
        is_hat = isinstance(getattr(node, "op", None), ast.BitXor)
        hint = "; a power is written **" if is_hat else ""
        raise ValueError(
            f"a formula has numbers, names, + - * / **, parentheses and {', '.join(FUNCTIONS)}; "
            f"got {part!r}{hint}"
        )

    def _number(self, text: str) -> Any:
        mantissa, _, exponent = text.lower().replace("_", "").partition("e")
        if not mantissa.replace(".", "").isdecimal():  # 0x10
            raise ValueError(f"a number must be decimal, such as 0.1 or 1e-3; got {text}")
        if abs(int(exponent or 0)) + len(mantissa) > _DIGITS:
            raise ValueError(f"a number must have at most {_DIGITS} digits; got {text}")
        exact = Fraction(f"{mantissa}e{exponent or 0}")
        return sympy.Rational(exact.numerator, exact.denominator)

    def _symbol(self, name: str) -> Any:
        if name in self.symbols:
            return self.symbols[name]
        letters = [known for known, symbol in self.symbols.items() if plain(symbol) == name]
        close = letters or difflib.get_close_matches(name, self.symbols, n=1, cutoff=0.6)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise ValueError(f"names must be among {', '.join(self.symbols)}; got {name!r}{hint}")

    def _operation(self, operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
        x, y = self.value(left), self.value(right)
        if operation is _OPERATIONS[ast.Pow] and y.is_number and abs(y) > _LARGEST_EXPONENT:
            raise ValueError(f"an exponent must be at most {_LARGEST_EXPONENT}; got {y}")
        if operation is _OPERATIONS[ast.Div] and y == 0:
            raise ValueError(f"a formula must not divide by zero; got {self.text!r}")
        result = operation(x, y)
        if any(max(abs(n.p), n.q) >= 10**_DIGITS for n in result.atoms(sympy.Rational)):
            raise ValueError(f"a number must have at most {_DIGITS} digits; got a larger one")
        return result

    def _call(self, name: str, arguments: list[ast.expr]) -> Any:
        if name not in FUNCTIONS:
            raise ValueError(f"functions must be among {', '.join(FUNCTIONS)}; got {name!r}")
        count = len(arguments)
        if count == 0 or (count > 1 and name not in ("max", "min")):
            raise ValueError(f"{name} must have one argument; got {count}")
        return FUNCTIONS[name](*(self.value(argument) for argument in arguments))
