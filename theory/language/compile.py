"""From one symbolic bound to functions that compute it: in floats, in rationals, in balls.

The bound that is printed, plotted, property-tested and typeset is one sympy expression. Nobody
types it a second time.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from numbers import Rational
from typing import Any, Literal

import flint
import numpy as np
import sympy
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.pycode import PythonCodePrinter

from recurate.theory.envelopes import in_balls, printed
from recurate.theory.language import notation
from recurate.theory.language.accumulation import accumulation_product, accumulation_product_ball
from recurate.theory.language.ball_calls import as_ball, ball_power, largest, least, piecewise
from recurate.theory.language.domain import ROUNDING
from recurate.theory.language.envelopes import ShareCeiling, ShareFloor
from recurate.theory.language.special_functions import (
    log_excess,
    log_excess_ball,
    optimal_divergence,
    optimal_divergence_ball,
)

Kind = Literal["float", "rational", "ball"]


class _EnvelopePrinter:
    """Prints the envelopes, which are recursions, as calls."""

    _print: Callable[[Any], str]

    def _call(self, name: str, expression: Any) -> str:
        return f"{name}({', '.join(map(self._print, expression.args))})"

    def _print_ShareFloor(self, expression: Any) -> str:
        return self._call("share_floor", expression)

    def _print_ShareCeiling(self, expression: Any) -> str:
        return self._call("share_ceiling", expression)


class _CallPrinter(_EnvelopePrinter):
    """Prints the functions in which bounds of divergences keep their digits as calls."""

    def _print_GapFloor(self, expression: Any) -> str:
        return self._call("gap_floor", expression)

    def _print_GapCeiling(self, expression: Any) -> str:
        return self._call("gap_ceiling", expression)

    def _print_WorstDivergence(self, expression: Any) -> str:
        return self._call("worst_divergence", expression)

    def _print_OptimalDivergence(self, expression: Any) -> str:
        return self._call("optimal_divergence", expression)

    def _print_AccumulationProduct(self, expression: Any) -> str:
        return self._call("accumulation_product", expression)

    def _print_LogExcess(self, expression: Any) -> str:
        return f"log_excess({self._print(expression.args[0])})"


class _FloatPrinter(_CallPrinter, NumPyPrinter):  # type: ignore[misc, unused-ignore]
    """NumPy code in which log(1 + x) and 1 - (1 - x)^K keep the digits of a small x."""

    def _print_Add(self, expression: Any) -> str:
        one, power = expression.args[0], -expression.args[-1]
        if len(expression.args) == 2 and one == 1 and power.is_Pow:
            base, exponent = power.args
            if base.is_Add and base.args[0] == 1 and not exponent.is_number:
                return f"complement_power({self._print(1 - base)}, {self._print(exponent)})"
        text: str = super()._print_Add(expression)
        return text

    def _print_log(self, expression: Any) -> str:
        rest = expression.args[0] - 1
        if expression.args[0].is_Add and rest.as_coeff_Add()[0] == 0:
            return f"{self._module_format('numpy.log1p')}({self._print(rest)})"
        text: str = super()._print_log(expression)
        return text


class _RationalPrinter(_EnvelopePrinter, PythonCodePrinter):  # type: ignore[misc, unused-ignore]
    """Python code in which a rational constant stays a rational."""

    def _print_Rational(self, expression: Any) -> str:
        return f"Fraction({expression.p}, {expression.q})"

    _print_Integer = _print_Rational  # noqa: N815 (the name sympy calls)

    def _print_Pow(self, expression: Any, rational: bool = False) -> str:
        if expression.exp == notation.K:
            return f"power({self._print(expression.base)}, {self._print(expression.exp)})"
        text: str = super()._print_Pow(expression, rational=rational)
        return text


class _BallPrinter(_CallPrinter, PythonCodePrinter):  # type: ignore[misc, unused-ignore]
    """Python code for Arb's balls: a rational constant becomes a ball that contains it."""

    def _print_Rational(self, expression: Any) -> str:
        return f"(arb({expression.p}) / {expression.q})"

    def _print_Integer(self, expression: Any) -> str:
        return f"arb({expression.p})"

    def _print_Pow(self, expression: Any, rational: bool = False) -> str:
        base, exponent = expression.args
        power = str(exponent) if exponent.is_Integer else self._print(exponent)
        return f"ball_power({self._print(base)}, {power})"

    def _print_log(self, expression: Any) -> str:
        return f"({self._print(expression.args[0])}).log()"

    def _print_exp(self, expression: Any) -> str:
        return f"({self._print(expression.args[0])}).exp()"

    # Python's own min, max and if would take an uncertain comparison for a false one.
    def _print_Min(self, expression: Any) -> str:
        return f"least({', '.join(map(self._print, expression.args))})"

    def _print_Max(self, expression: Any) -> str:
        return f"largest({', '.join(map(self._print, expression.args))})"

    def _print_Piecewise(self, expression: Any) -> str:
        branches = (
            (sympy.to_nnf(holds, False), sympy.to_nnf(sympy.Not(holds), False), value)
            for value, holds in expression.args
        )
        texts = (", ".join(map(self._print, branch)) for branch in branches)
        return f"piecewise({', '.join(f'({text})' for text in texts)})"


def complement_power(x: Any, exponent: Any) -> Any:
    """Return 1 - (1-x)^exponent to full relative precision, for 0 <= x <= 1.

    An x that exceeds 1 by no more than a sum's rounding counts as 1.
    """
    x = np.where((x > 1.0) & (x <= 1.0 + ROUNDING), 1.0, x)
    # log 0 is minus infinity at x = 1, as it should be, but for the exponent 0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.asarray(exponent) == 0, 0.0, -np.expm1(exponent * np.log1p(-x)))


def power(base: Fraction, candidates: Any) -> Fraction:
    """Return a power exactly, for a whole number of candidates or infinity.

    Raises
    ------
    ValueError
        If the number is not whole.
    OverflowError
        If the number is infinite and the power has no finite limit.
    """
    if candidates == math.inf:
        if not -1 < base <= 1:
            raise OverflowError(f"{base}^K has no finite limit")
        return Fraction(int(base == 1))
    if candidates != int(candidates):
        raise ValueError(f"K must be an integer of at least 1 or infinity; got {candidates}")
    return base ** int(candidates)


_FLOAT_CALLS = {
    "functools": functools,
    "accumulation_product": accumulation_product,
    "complement_power": complement_power,
    "log_excess": log_excess,
    "optimal_divergence": optimal_divergence,
    "share_floor": printed.share_floor,
    "share_ceiling": printed.share_ceiling,
    "gap_floor": printed.gap_floor,
    "gap_ceiling": printed.gap_ceiling,
    "worst_divergence": printed.worst_divergence_at,
}
_RATIONAL_CALLS = {
    "Fraction": Fraction,
    "power": power,
    "share_floor": in_balls.share_floor_exact,
    "share_ceiling": in_balls.share_ceiling_exact,
}
_BALL_CALLS = {
    "accumulation_product": accumulation_product_ball,
    "ball_power": ball_power,
    "largest": largest,
    "least": least,
    "piecewise": piecewise,
    "optimal_divergence": optimal_divergence_ball,
    "log_excess": log_excess_ball,
    "share_floor": in_balls.share_floor_ball,
    "share_ceiling": in_balls.share_ceiling_ball,
    "gap_floor": in_balls.gap_floor_ball,
    "gap_ceiling": in_balls.gap_ceiling_ball,
    "worst_divergence": in_balls.worst_divergence_ball,
}


@cache
def compile_expression(expression: Any, kind: Kind) -> Callable[..., Any]:
    """Return the function of keyword arguments that computes a symbolic expression.

    Parameters
    ----------
    expression : sympy expression or relation
        In the symbols of `recurate.theory.language.notation`.
    kind : {"float", "rational", "ball"}
        Number system: floats (and arrays, which broadcast); integers and Fractions, exactly; or
        Arb's balls (`flint.arb`, at the precision of ``flint.ctx``), which contain the value. For
        balls a given number may be an integer, a Fraction, a float (taken as it is) or a ball.

    Returns
    -------
    callable
        Its keywords are those of ``notation.ARGUMENTS`` that the expression needs, such as K (an
        integer or infinity) and lam (at least 0, or infinity); others are ignored.

    Raises
    ------
    ValueError
        If `kind` is unknown, or is "rational" for an expression that is not a rational function.
    """
    symbols = sorted(expression.free_symbols, key=lambda symbol: symbol.name)
    if kind == "float":
        code = sympy.lambdify(
            symbols, expression, modules=[_FLOAT_CALLS, "numpy"], printer=_FloatPrinter
        )
    elif kind == "rational":
        if not all(is_rational(side) for side in _sides(expression)):
            raise ValueError(
                f"kind must be 'float' for {expression}, which is not a rational function"
            )
        code = sympy.lambdify(
            symbols,
            expression,
            modules=[_RATIONAL_CALLS],
            printer=_RationalPrinter,
        )
    elif kind == "ball":
        code = sympy.lambdify(
            symbols, expression, modules=[{"arb": flint.arb, **_BALL_CALLS}], printer=_BallPrinter
        )
    else:
        raise ValueError(f"kind must be 'float', 'rational' or 'ball'; got {kind!r}")
    needed = {notation.ARGUMENTS[notation.DERIVED.get(symbol, symbol)] for symbol in symbols}

    derived = _DERIVED[kind]

    def function(**values: Any) -> Any:
        missing = sorted(needed - values.keys())
        if missing:
            raise TypeError(f"missing values: {', '.join(missing)}")
        return code(*(derived(symbol, values) for symbol in symbols))

    return function


def _sides(expression: Any) -> Any:
    """Return what is computed in a formula: both sides of a relation, or of each of several."""
    sides = [side for relation in expression.atoms(sympy.Rel) for side in relation.args]
    return sides or [expression]


_RATIONAL = (sympy.Min, sympy.Max, sympy.Abs, ShareFloor, ShareCeiling)
"""Functions whose values at rationals are rational."""


def is_rational(expression: Any) -> bool:
    """Return whether an expression is rational at rationals; K-th powers count as rational."""
    powers = (notation.K, -notation.K)
    plain = expression.replace(lambda e: e.is_Pow and e.exp in powers, lambda e: e.base)
    plain = plain.replace(lambda e: isinstance(e, _RATIONAL), lambda e: sympy.Add(*e.args))
    # SymPy counts an unknown function as rational, and the root of 2 as a number.
    if plain.atoms(sympy.Function, sympy.NumberSymbol):
        return False
    if not all(power.exp.is_Integer for power in plain.atoms(sympy.Pow)):
        return False
    return bool(plain.is_rational_function(*plain.free_symbols))


def _given(symbol: Any, values: dict[str, Any]) -> Any:
    return values[notation.ARGUMENTS[notation.DERIVED.get(symbol, symbol)]]


def _derived_float(symbol: Any, values: dict[str, Any]) -> Any:
    value = np.asarray(_given(symbol, values), dtype=np.float64)
    if symbol == notation.inverse_candidates:
        return 1.0 / value
    if symbol == notation.real_fraction:
        return 1.0 / (1.0 + value)
    if symbol == notation.synthetic_fraction:
        finite = np.minimum(value, 1e300)  # infinity over infinity is nan, and 1e300 is as good
        return finite / (1.0 + finite)
    return value


def _derived_rational(symbol: Any, values: dict[str, Any]) -> Any:
    value = _given(symbol, values)
    if value == math.inf:
        limits = {notation.inverse_candidates: 0, notation.real_fraction: 0}
        limits[notation.synthetic_fraction] = 1
        return Fraction(limits[symbol]) if symbol in limits else value
    if not isinstance(value, Rational):
        raise TypeError(f"{symbol} must be an integer or a Fraction; got {value!r}")
    value = Fraction(value)
    if symbol == notation.inverse_candidates:
        return 1 / value
    if symbol == notation.real_fraction:
        return 1 / (1 + value)
    if symbol == notation.synthetic_fraction:
        return value / (1 + value)
    return value


def _derived_ball(symbol: Any, values: dict[str, Any]) -> Any:
    value = _given(symbol, values)
    if symbol in notation.DERIVED and (isinstance(value, Rational) or value == math.inf):
        value = _derived_rational(symbol, values)
        return as_ball(value)
    value = as_ball(value)
    if symbol == notation.inverse_candidates:
        return 1 / value
    if symbol == notation.real_fraction:
        return 1 / (1 + value)
    if symbol == notation.synthetic_fraction:
        return value / (1 + value)
    return value


_DERIVED = {"float": _derived_float, "rational": _derived_rational, "ball": _derived_ball}
