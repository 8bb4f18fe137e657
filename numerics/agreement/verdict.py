"""The result of a comparison with the theory, as a number and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """How well a simulation agrees with the theory.

    Attributes
    ----------
    p_value : float
        Bound on the probability, if the theory holds, of a departure as large as the one found.
    null : str
        The null hypothesis, with the sample size.
    departure : str
        The largest departure: the value found, the value expected ± its standard deviation.
    """

    p_value: float
    null: str
    departure: str


def compared(found: float, expected: float, deviation: float) -> str:
    """Return "found, expected e ± d" with digits that fit the standard deviation d."""
    if not 0.0 < deviation < math.inf:
        return f"{found:.6g}, expected {expected:.6g}"
    digits = min(max(1 - math.floor(math.log10(deviation)), 0), 15)
    return f"{found:.{digits}f}, expected {expected:.{digits}f} ± {deviation:.2g}"


def counted(found: int, number: int, expected: float, variance: float) -> str:
    """Return how often something happened, and how often it was expected, in words."""
    return f"{found} of {number} times, expected {expected:.1f} ± {math.sqrt(variance):.1f}"
