"""What meets a ball: numbers as balls of Arb's, and comparisons that are certain or refused."""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any

import flint

from recurate.theory.language.ball_calls import as_ball

_SHORT = 24  # bits of a float that is taken as meant
_ROUNDED = 2.0**-48  # relative error of other floats: that of some operations
_LARGEST_PRODUCT = 64  # powers up to this are products: Arb's powers of a ball about zero are NaN


class UndecidedError(ArithmeticError):
    """Two balls overlap, so that a comparison is not known; more bits may decide it."""


def arb_of(value: Any) -> flint.arb:
    """Return a number as a ball of Arb's that contains it.

    Parameters
    ----------
    value : number, flint.arb or Ball
        Integers, Fractions and floats stand for themselves exactly.

    Raises
    ------
    TypeError
        If it is not a real number.
    """
    value = getattr(value, "arb", value)  # a Ball's
    if isinstance(value, Integral):
        return flint.arb(int(value))
    if isinstance(value, Real) and not isinstance(value, Rational | float):
        # The other floats of NumPy's, exactly.
        is_finite = math.isfinite(value)
        value = Fraction(*value.as_integer_ratio()) if is_finite else float(value)  # type: ignore[attr-defined]
    return as_ball(value)


def operand(value: Any) -> flint.arb:
    """Return what is combined with a ball: a float with many bits as one that was rounded.

    Raises
    ------
    TypeError
        If it is not a real number.
    """
    if not isinstance(value, Real) or isinstance(value, Rational):
        return arb_of(value)
    ball = arb_of(value)
    if not ball.is_finite() or ball.bits() <= _SHORT:
        return ball
    return flint.arb(ball, abs(ball) * _ROUNDED)


_OPPOSITE = {
    "<": (operator.lt, operator.ge),
    "<=": (operator.le, operator.gt),
    ">": (operator.gt, operator.le),
    ">=": (operator.ge, operator.lt),
    "==": (operator.eq, operator.ne),
    "!=": (operator.ne, operator.eq),
}


def certainly(left: flint.arb, sign: str, right: flint.arb) -> bool:
    """Return whether a comparison holds, such as "<", if that is certain.

    Raises
    ------
    UndecidedError
        If it is not certain.
    """
    # Arb's own comparisons are true only where they are certain.
    holds, fails = _OPPOSITE[sign]
    if holds(left, right):
        return True
    if fails(left, right):
        return False
    raise UndecidedError(
        f"whether {left.str(6)} {sign} {right.str(6)} is not certain at these bits"
    )


def power(base: Any, exponent: Any) -> Any:
    """Return the power of two balls of Arb's."""
    if exponent.is_exact() and exponent.is_integer() and 0 <= exponent <= _LARGEST_PRODUCT:
        return math.prod([base] * int(exponent.unique_fmpz()), start=flint.arb(1))
    return base**exponent
