"""The result of a comparison with the theory, as a number and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recurate.numerics.validation import FloatArray

_TIE = 1e-9  # by which rounding leaves equal log-ratios apart at most, of them or in nats


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


def furthest(log_ratios: FloatArray | Sequence[float]) -> int:
    """Return the place of the largest log-ratio, as -log p; of those that are equal the first.

    Events may be one: of two positions the first is always chosen, the second never. Rounding, and
    so the processor, is not to decide which of them is named.
    """
    values = np.asarray(log_ratios)
    return int(np.argmax(np.isclose(values, values.max(), rtol=_TIE, atol=_TIE)))


def compared(found: float, expected: float, deviation: float) -> str:
    """Return "found, expected e ± d" with digits that fit the standard deviation d."""
    if not 0.0 < deviation < math.inf:
        return f"{found:.6g}, expected {expected:.6g}"
    digits = min(max(1 - math.floor(math.log10(deviation)), 0), 15)
    return f"{found:.{digits}f}, expected {expected:.{digits}f} ± {deviation:.2g}"


def counted(found: int, number: int, expected: float, variance: float) -> str:
    """Return how often something happened, and how often it was expected, in words."""
    return f"{found} of {number} times, expected {expected:.1f} ± {math.sqrt(variance):.1f}"
