"""Balls that never pass for floats, alone and in arrays: NumPy works, and guesses are refused.

NumPy computes an array of objects by asking each of them, and has nothing to ask where it must
tell whether one is finite; ``np.log1p`` of a Fraction has no answer either. A `Ball` and a
`NumberArray` answer, and whatever is computed from them is such a number or array again.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from numbers import Real
from typing import Any

import flint
import numpy as np

from recurate.paper_checks.runs.operands import UndecidedError, arb_of, certainly, operand, power

_ObjectArray = np.ndarray[tuple[Any, ...], np.dtype[np.object_]]


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
    like work on balls, and on arrays of them (`NumberArray`). A comparison is true or false if that
    is certain, and else raises `UndecidedError`. ``float(x)``, and so ``math.log(x)`` or writing to
    a float array, raises TypeError.

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
        return _combined(self, other, operator.add)

    def __sub__(self, other: Any) -> Ball:
        return _combined(self, other, operator.sub)

    def __mul__(self, other: Any) -> Ball:
        return _combined(self, other, operator.mul)

    def __truediv__(self, other: Any) -> Ball:
        return _combined(self, other, operator.truediv)

    def __pow__(self, other: Any) -> Ball:
        return _combined(self, other, power)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: y - x)

    def __rtruediv__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: y / x)

    def __rpow__(self, other: Any) -> Ball:
        return _combined(self, other, lambda x, y: power(y, x))

    def __neg__(self) -> Ball:
        return Ball(-self.arb)

    def __pos__(self) -> Ball:
        return self

    def __abs__(self) -> Ball:
        return Ball(abs(self.arb))

    def __lt__(self, other: Any) -> bool:
        return _compared(self, other, "<")

    def __le__(self, other: Any) -> bool:
        return _compared(self, other, "<=")

    def __gt__(self, other: Any) -> bool:
        return _compared(self, other, ">")

    def __ge__(self, other: Any) -> bool:
        return _compared(self, other, ">=")

    def __eq__(self, other: Any) -> bool:
        return _compared(self, other, "==")

    def __ne__(self, other: Any) -> bool:
        return _compared(self, other, "!=")

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


def _combined(left: Ball, right: Any, combine: Callable[[Any, Any], Any]) -> Ball:
    if not isinstance(right, Ball | Real | flint.arb):
        return NotImplemented  # type: ignore[no-any-return]
    return Ball(combine(left.arb, operand(right)))


def _compared(left: Ball, right: Any, sign: str) -> bool:
    if not isinstance(right, Ball | Real | flint.arb):
        return NotImplemented  # type: ignore[no-any-return]
    return certainly(left.arb, sign, operand(right))


class NumberArray(_ObjectArray):
    """An array of exact numbers and of balls, of any shape.

    Floats in it are taken as a `Ball` takes those that it meets. Predicates such as ``np.isfinite``
    and comparisons give arrays of bools where they are certain, and else raise `UndecidedError`.
    Of two balls that overlap, ``np.minimum`` and ``np.maximum`` give a ball that contains the
    smaller and the larger number. Logarithms and the like of rationals are balls.

    Examples
    --------
    >>> from fractions import Fraction
    >>> x = NumberArray.of([Fraction(1, 3), Fraction(2)])
    >>> np.where(np.isfinite(x) & (x < 1), np.minimum(x, Fraction(1, 4)), -x)
    NumberArray([Fraction(1, 4), Fraction(-2, 1)], dtype=object)
    >>> np.log1p(x) < 1.1
    array([ True,  True])
    """

    @classmethod
    def of(cls, values: Iterable[Any]) -> NumberArray:
        """Return an array of these numbers, shape (n,), as they are."""
        listed = list(values)
        array = np.empty(len(listed), dtype=object).view(cls)
        array[:] = listed
        return array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return applied(ufunc, method, *inputs, **keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return _wrapped(super().__array_function__(function, types, args, kwargs))


def applied(ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
    """Return what one of NumPy's functions gives for numbers and arrays of them.

    Parameters
    ----------
    ufunc, method, inputs, keywords
        As NumPy gives them to ``__array_ufunc__``.
    """
    plain = [_plain(value) for value in inputs]
    if "out" in keywords:
        keywords["out"] = tuple(_plain(value) for value in keywords["out"])
    if ufunc in _PREDICATES:
        return np.frompyfunc(_PREDICATES[ufunc], 1, 1)(*plain, **keywords) == True  # noqa: E712
    one_by_one = _FUNCTIONS.get(ufunc, ufunc)
    return _wrapped(getattr(one_by_one, method)(*plain, **keywords))


def _plain(value: Any) -> Any:
    """Return what NumPy computes without asking here again."""
    if isinstance(value, NumberArray):
        return value.view(np.ndarray)
    if isinstance(value, Ball):
        alone = np.empty((), dtype=object)
        alone[()] = value
        return alone
    return value


def _wrapped(result: Any) -> Any:
    if isinstance(result, tuple):
        return tuple(map(_wrapped, result))
    is_array = isinstance(result, np.ndarray) and result.dtype == object
    return result.view(NumberArray) if is_array else result


def _is_finite(value: Any) -> bool:
    ball = arb_of(value)
    # A ball that is not finite may be of a finite number all the same.
    if not (ball.is_finite() or ball.is_exact()):
        raise UndecidedError(f"whether {ball.str(6)} is finite is not certain at these bits")
    return bool(ball.is_finite())


def _is_nan(value: Any) -> bool:
    _is_finite(value)  # which leaves numbers, and exact infinities
    return False


def _chosen(is_first: Callable[[Any, Any], bool], hull: str) -> Callable[[Any, Any], Any]:
    """Return the function that chooses one of two numbers, or a ball about both choices."""

    def choose(x: Any, y: Any) -> Any:
        try:
            return x if is_first(x, y) else y
        except UndecidedError:
            return Ball(getattr(operand(x), hull)(operand(y)))

    return choose


def _of_ball(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(Ball(operand(value)), name)()


_PREDICATES: dict[Any, Callable[[Any], bool]] = {
    np.isfinite: _is_finite,
    np.isinf: lambda value: not _is_finite(value),
    np.isnan: _is_nan,
}

_smaller = np.frompyfunc(_chosen(lambda x, y: x <= y, "min"), 2, 1, identity=None)
_larger = np.frompyfunc(_chosen(lambda x, y: x >= y, "max"), 2, 1, identity=None)

_FUNCTIONS: dict[Any, Any] = {
    np.minimum: _smaller,
    np.fmin: _smaller,
    np.maximum: _larger,
    np.fmax: _larger,
} | {
    function: np.frompyfunc(_of_ball(function.__name__), 1, 1)
    for function in (np.exp, np.expm1, np.log, np.log1p, np.log2, np.log10, np.sqrt, np.tanh)
}
