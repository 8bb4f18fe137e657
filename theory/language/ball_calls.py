"""Functions on balls for compiled formulas: each result contains every possible value."""

from __future__ import annotations

from functools import reduce
from numbers import Rational
from typing import Any

import flint


def as_ball(value: Any) -> flint.arb:
    """Return a number as a ball that contains it: a Fraction, integer, float, or a ball already.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if isinstance(value, flint.arb):
        return value
    if isinstance(value, Rational):
        return flint.arb(int(value.numerator)) / int(value.denominator)
    if isinstance(value, float):
        return flint.arb(value)
    raise TypeError(f"a ball must be made of an integer, a Fraction or a float; got {value!r}")


def ball_power(base: flint.arb, exponent: flint.arb | int) -> flint.arb:
    """Return a ball that contains the power, also for balls about zero, where Arb has no value."""
    if base.contains(0) and base.rad() and exponent > 0:
        return flint.arb(0, base.abs_upper() ** exponent)
    return base**exponent


def least(*values: flint.arb) -> flint.arb:
    """Return a ball that contains the least number."""
    return reduce(lambda x, y: x.min(y), values)


def largest(*values: flint.arb) -> flint.arb:
    """Return a ball that contains the largest number."""
    return reduce(lambda x, y: x.max(y), values)


def piecewise(*branches: tuple[bool, bool, flint.arb]) -> flint.arb:
    """Return a ball that contains the value of the first branch whose condition holds.

    Parameters
    ----------
    branches : tuples
        Whether the condition certainly holds, whether it certainly fails, and the value.

    Examples
    --------
    >>> piecewise((False, False, flint.arb(1)), (True, False, flint.arb(3))).contains(2)
    True
    """
    value = None
    for holds, fails, here in branches:
        if not fails:
            value = here if value is None else value.union(here)
        if holds and value is not None:
            return value
    return flint.arb("nan")
