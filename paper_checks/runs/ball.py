"""A ball that never passes for a float: arithmetic and NumPy work, and guesses are refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from numbers import Integral, Rational, Real
from typing import Any

import flint

_SHORT = 24  # bits of a float that is taken as meant
_ROUNDED = 2.0**-48  # relative error of other floats: that of some operations
_LARGEST_PRODUCT = 64  # powers up to this are products: Arb's of a ball about zero are not numbers


class UndecidedError(ArithmeticError):
    """Two balls overlap, so that a comparison is not known; more bits may decide it."""


class Ball:
    """A number known to lie within a ball of Arb's.

    Parameters
    ----------
    value : number, flint.arb or Ball
        Integers, Fractions and floats stand for themselves exactly.

    Attributes
    ----------
    arb : flint.arb
        The ball.

    Notes
    -----
    Sums, products, quotients and powers with numbers give balls. A float that is met there, such
    as 1/3, is mostly a rounded number: unless it has 24 significant bits or fewer, as 0.5 has, it
    is taken as known to a relative error of 2^-48.

    Beside arithmetic, ``np.log``, ``np.exp``, ``np.sqrt``, ``np.isfinite``, ``np.minimum`` and the
    like work on balls, and on arrays of them (`recurate.paper_checks.runs.number_array`). A
    comparison is true or false if that is certain, and else raises `UndecidedError`. ``float(x)``,
    and so ``math.log(x)`` or writing to a float array, raises TypeError.

    Examples
    --------
    >>> import numpy as np
    >>> x = Ball(1) / 3
    >>> x > 0.3, bool(np.log(x) < -1)
    (True, True)
    >>> 3 * x == 1  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    recurate...UndecidedError: whether ... == 1.00000 is not certain at these bits
    """

    __slots__ = ("arb",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.arb = arb_of(value)

    def exact(self) -> Fraction:
        """Return the number, if the ball is a point.

        Raises
        ------
        TypeError
            If it has a radius, or is not finite.
        """
        if not (self.arb.is_exact() and self.arb.is_finite()):
            raise TypeError(f"an exact number is needed; got the ball {self}")
        mantissa, exponent = self.arb.man_exp()
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        from recurate.paper_checks.runs.number_array import applied  # which is made of balls

        return applied(ufunc, method, *inputs, **keywords)

    def __float__(self) -> float:
        raise TypeError(
            "a ball cannot become a float: use np.log, np.exp and the like in place of math's, "
            "and lists in place of arrays of floats"
        )

    def __int__(self) -> int:
        number = self.exact()
        if number.denominator != 1:
            raise TypeError(f"an integer is needed; got {self}")
        return number.numerator

    def __index__(self) -> int:
        return int(self)

    def __add__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: x + y)

    def __sub__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: x - y)

    def __mul__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: x * y)

    def __truediv__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: x / y)

    def __pow__(self, other: Any) -> Ball:
        return _combined(self, other, _power)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: y - x)

    def __rtruediv__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: y / x)

    def __rpow__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: _power(y, x))

    def __neg__(self) -> Ball:
        return Ball(-self.arb)

    def __pos__(self) -> Ball:
        return self

    def __abs__(self) -> Ball:
        return Ball(abs(self.arb))

    def __lt__(self, other: Any) -> bool:
        return _decided(self, other, "<", lambda x, y: x < y, lambda x, y: x >= y)

    def __le__(self, other: Any) -> bool:
        return _decided(self, other, "<=", lambda x, y: x <= y, lambda x, y: x > y)

    def __gt__(self, other: Any) -> bool:
        return _decided(self, other, ">", lambda x, y: x > y, lambda x, y: x <= y)

    def __ge__(self, other: Any) -> bool:
        return _decided(self, other, ">=", lambda x, y: x >= y, lambda x, y: x < y)

    def __eq__(self, other: Any) -> bool:
        return _decided(self, other, "==", lambda x, y: x == y, lambda x, y: x != y)

    def __ne__(self, other: Any) -> bool:
        return _decided(self, other, "!=", lambda x, y: x != y, lambda x, y: x == y)

    def __bool__(self) -> bool:
        return self != 0

    def __repr__(self) -> str:
        return str(self.arb.str(6))

    def conjugate(self) -> Ball:
        """Return the ball: `np.var` asks for it."""
        return self

    def exp(self) -> Ball:
        """Return e^x."""
        return Ball(self.arb.exp())

    def expm1(self) -> Ball:
        """Return e^x - 1."""
        return Ball(self.arb.expm1())

    def log(self) -> Ball:
        """Return the natural logarithm."""
        return Ball(self.arb.log())

    def log1p(self) -> Ball:
        """Return log(1 + x)."""
        return Ball(self.arb.log1p())

    def log2(self) -> Ball:
        """Return the logarithm to base 2."""
        return Ball(self.arb.log() / flint.arb(2).log())

    def log10(self) -> Ball:
        """Return the logarithm to base 10."""
        return Ball(self.arb.log() / flint.arb(10).log())

    def sqrt(self) -> Ball:
        """Return the square root."""
        return Ball(self.arb.sqrt())

    def tanh(self) -> Ball:
        """Return the hyperbolic tangent."""
        return Ball(self.arb.tanh())


def arb_of(value: Any) -> flint.arb:
    """Return a number as a ball of Arb's that contains it.

    Raises
    ------
    TypeError
        If it is no real number.
    """
    if isinstance(value, Ball):
        return value.arb
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Integral):
        return flint.arb(int(value))
    if isinstance(value, Rational):
        return flint.arb(int(value.numerator)) / int(value.denominator)
    if isinstance(value, float):
        return flint.arb(float(value))
    if isinstance(value, Real) and math.isfinite(value):  # longer floats of NumPy's, exactly
        numerator, denominator = value.as_integer_ratio()  # type: ignore[attr-defined]
        return flint.arb(int(numerator)) / int(denominator)
    if isinstance(value, Real):
        return flint.arb(float(value))
    raise TypeError(f"a number or a ball is needed; got {type(value).__name__}")


def operand(value: Any) -> flint.arb:
    """Return what is combined with a ball: a float with many bits as one that was rounded.

    Raises
    ------
    TypeError
        If it is no real number.
    """
    if not isinstance(value, Real) or isinstance(value, Rational):
        return arb_of(value)
    ball = arb_of(value)
    if not ball.is_finite() or ball.bits() <= _SHORT:
        return ball
    return flint.arb(ball, abs(ball) * _ROUNDED)


def _combined(left: Ball, right: Any, combine: Callable[[Any, Any], Any]) -> Ball:
    if not isinstance(right, Ball | Real | flint.arb):
        return NotImplemented  # type: ignore[no-any-return]
    return Ball(combine(left.arb, operand(right)))


def _decided(
    left: Ball,
    right: Any,
    sign: str,
    is_true: Callable[[Any, Any], bool],
    is_false: Callable[[Any, Any], bool],
) -> bool:
    """Return a comparison's outcome; Arb's own are true only where they are certain."""
    if not isinstance(right, Ball | Real | flint.arb):
        return NotImplemented  # type: ignore[no-any-return]
    x, y = left.arb, operand(right)
    if is_true(x, y):
        return True
    if is_false(x, y):
        return False
    raise UndecidedError(f"whether {left!r} {sign} {y.str(6)} is not certain at these bits")


def _power(base: Any, exponent: Any) -> Any:
    if exponent.is_exact() and exponent.is_integer() and 0 <= exponent <= _LARGEST_PRODUCT:
        return math.prod([base] * int(exponent.unique_fmpz()), start=flint.arb(1))
    return base**exponent
