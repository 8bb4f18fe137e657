"""Maxima of concave functions of one variable, by Newton's method inside a bracket."""

from __future__ import annotations

import math
from collections.abc import Callable

_MOST_STEPS = 200
_NEGLIGIBLE = 1e-12  # of the function, in nats: a millionth of a standard error of the place


def maximum(
    slope: Callable[[float], tuple[float, float]],
    *,
    start: float = 0.0,
    step: float = 1.0,
    limit: float = math.inf,
) -> float:
    """Return where a concave function is largest.

    Parameters
    ----------
    slope : callable
        From x to the function's derivative there, and minus its second derivative.
    start, step : float
        Where to begin, and how far to look at first for a derivative of the other sign.
    limit : float
        Largest distance from `start` that is looked at; the maximum has to exist without one.

    Returns
    -------
    float
        To within 1e-12 of the maximum, or the limit's end if it is still rising there.
    """
    x, low, high = start, -math.inf, math.inf
    for _ in range(_MOST_STEPS):
        value, curvature = slope(x)
        if value == 0.0 or value * value <= _NEGLIGIBLE * curvature:
            return x
        low, high = (x, high) if value > 0 else (low, x)
        if curvature > 0 and low < x + value / curvature < high:
            far = x + value / curvature
        else:
            far = (low + high) / 2
        if math.isinf(high - low):  # no bracket yet: Newton's step, but no leap
            reach = math.copysign(step, value)
            far = x + reach if not abs(far - x) <= step else far
            step *= 4.0
        if abs(far - start) >= limit:
            far = start + math.copysign(limit, far - start)
        if far == x:
            return x
        x = far
    return x
