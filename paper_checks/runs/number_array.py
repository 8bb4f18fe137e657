"""Arrays of balls and rationals on which NumPy's functions work as on arrays of floats.

NumPy computes an array of objects by asking each of them, and knows nothing to ask where it has to
tell whether one is finite; ``np.log1p`` of a Fraction has no answer either. These arrays answer,
and whatever is computed from them is such an array again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from recurate.paper_checks.runs.ball import Ball, UndecidedError, arb_of, operand

_ObjectArray = np.ndarray[tuple[Any, ...], np.dtype[np.object_]]


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
    _is_finite(value)  # an infinite number is none that is not a number
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
