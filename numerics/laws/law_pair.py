"""Two laws on the same atoms, with all the digits of their difference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.log_sums import log_masses
from recurate.numerics.validation import (
    FloatArray,
    float_vector,
    near_one,
    real_vector,
    require_at_each,
    require_length,
)

_CENTRINGS = 4
_BALANCE = 2.0**-50  # of sum (p - q) to sum |p - q|


@dataclass(frozen=True)
class LawPair:
    """Two laws at the atoms where either has mass: p, q, their logarithms, log p/q and p - q.

    The last two have full relative precision, also where p and q nearly agree.
    """

    p: FloatArray
    q: FloatArray
    log_p: FloatArray
    log_q: FloatArray
    ratio: FloatArray
    excess: FloatArray

    @classmethod
    def of(cls, log_p: Any, reference: Any, log_q: Any) -> LawPair:
        """Return the two laws given as `recurate.numerics.laws.divergences` describes."""
        if reference is None and log_q is None:
            raise TypeError("a second law must be given, as reference or as log_q; got neither")
        first = float_vector(log_p, "log_p")
        size = first.size
        second = np.zeros(size)
        if log_q is not None:
            second = float_vector(log_q, "log_q")
            _require_size(second, "log_q", size)
        log_measure = np.zeros(size) if reference is None else _log_measure(reference, size)
        counts = log_measure > -np.inf
        _require_logarithms(first, "log_p", counts)
        _require_logarithms(second, "log_q", counts)
        counts &= (first > -np.inf) | (second > -np.inf)
        if not counts.all():
            first, second, log_measure = first[counts], second[counts], log_measure[counts]
        logs_p, logs_q = log_measure + first, log_measure + second
        with np.errstate(over="ignore"):  # refused below, as a sum
            p, q = np.exp(logs_p), np.exp(logs_q)
        measured = "" if reference is None else " * reference"
        mass_p = near_one(float(p.sum()), f"exp(log_p){measured}")
        name = "reference" if log_q is None else f"exp(log_q){measured}"
        mass_q = near_one(float(q.sum()), name)
        p /= mass_p
        q /= mass_q
        ratio = first - second
        excess = _centre(p, q, ratio, math.log(mass_p / mass_q))
        return cls(p, q, logs_p - math.log(mass_p), logs_q - math.log(mass_q), ratio, excess)

    @property
    def swapped(self) -> LawPair:
        """The same laws, q in the place of p."""
        return LawPair(self.q, self.p, self.log_q, self.log_p, -self.ratio, -self.excess)


def _centre(p: FloatArray, q: FloatArray, ratio: FloatArray, shift: float) -> FloatArray:
    """Subtract from log p/q, in place, what normalising the laws adds to it; return p - q.

    A quotient of two rounded sums gives that constant only to 1e-16, and log p/q may be that small
    itself. So the rest is found from the sum of p - q, which must be zero.
    """
    for _ in range(_CENTRINGS):
        ratio -= shift
        excess = _excess(p, q, ratio)
        surplus = float(excess.sum())
        if abs(surplus) <= _BALANCE * float(np.abs(excess).sum()):
            break
        shift = math.log1p(surplus)
    return excess


def _excess(p: FloatArray, q: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return p - q from log p/q, with all its digits."""
    excess: FloatArray = -np.expm1(-np.abs(ratio)) * np.where(ratio > 0, p, -q)
    return excess


def _require_logarithms(array: FloatArray, name: str, where: npt.NDArray[np.bool_]) -> None:
    require_at_each((array < np.inf) | ~where, array, f"{name} must be finite or -inf")


def _log_measure(values: Any, size: int) -> FloatArray:
    """Return the logarithm of the masses of a measure, shape (size,)."""
    measure = real_vector(values, "reference")
    _require_size(measure, "reference", size)
    allowed = "reference must be at least 0 (log-probabilities of a second law go into log_q)"
    require_at_each(measure >= 0, measure, allowed)
    return log_masses(measure)


def _require_size(array: FloatArray, name: str, size: int) -> None:
    require_length(array.size, name, size, per="atom of log_p")
