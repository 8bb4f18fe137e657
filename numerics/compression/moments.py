"""Moments of bins: summed over rewards, joined in pairs, and turned into Gauss rules."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

DEGREE = 5
"""Degree of the polynomials that a bin's atoms integrate exactly."""

# Share of the squared width that rounding of many equal rewards' moments may reach. One atom then
# has a relative error of at most 1e-11 (L h)^2 / 2.
_ONE_PLACE = 1e-11
_SLACK = 5e-10  # of the width, by which rounding may leave an atom outside
_DEGENERATE_NORM = 1e-9  # of variance^2: two atoms err by a relative 1e-9 (L h)^4 / 400

CHEBYSHEV = 0.5 * np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
# From the moments 0 … 5 to the weights on these points that have them.
TO_CHEBYSHEV = np.linalg.inv(np.vander(CHEBYSHEV, increasing=True).T)


def gauss_rules(
    moments: FloatArray, low: FloatArray | float = -0.5, high: FloatArray | float = 0.5
) -> tuple[FloatArray, FloatArray]:
    """Return Gauss rules of at most three atoms with the moments 0 … 5 given, bin by bin.

    Parameters
    ----------
    moments : ndarray, shape (6, bins)
        Moments of a positive measure on [-1/2, 1/2]; the first is positive.
    low, high : ndarray, shape (bins,), or float
        Where all of the measure is, if that is known to be narrower.

    Returns
    -------
    positions, probs : ndarray, shape (bins, 3)
        Atoms in [-1/2, 1/2], and not below `low` or above `high` but for rounding; a mass of zero
        where fewer atoms do.

    Notes
    -----
    Golub and Welsch 1969. Where rounding exceeds a moment (nearly all the mass in one place), the
    higher moments are too small to count, and fewer atoms are used.
    """
    mass = moments[0]
    mean, m2, m3, m4, m5 = moments[1:] / mass
    variance = m2 - mean**2
    c3 = m3 - 3 * mean * m2 + 2 * mean**3
    c4 = m4 - 4 * mean * m3 + 6 * mean**2 * m2 - 3 * mean**4
    c5 = m5 - 5 * mean * m4 + 10 * mean**2 * m3 - 10 * mean**3 * m2 + 4 * mean**5
    positions = np.repeat(np.clip(mean, -0.5, 0.5)[:, None], 3, axis=1)
    probs = np.zeros_like(positions)
    probs[:, 0] = mass
    low, high = (np.broadcast_to(end, mass.shape) for end in (low, high))
    low, high = np.maximum(low, -0.5) - _SLACK, np.minimum(high, 0.5) + _SLACK
    spread = variance > _ONE_PLACE
    # The recurrence of the orthogonal polynomials, in units of the standard deviation.
    deviation = np.sqrt(np.where(spread, variance, 1.0))
    skew, kurtosis, fifth = c3 / deviation**3, c4 / deviation**4, c5 / deviation**5
    norm = kurtosis - skew**2 - 1.0
    three = spread & (norm > _DEGENERATE_NORM)
    jacobi = np.zeros((mass.size, 3, 3))
    jacobi[:, 0, 1] = jacobi[:, 1, 0] = 1.0
    jacobi[:, 1, 1] = skew
    safe = np.where(three, norm, 1.0)
    jacobi[:, 1, 2] = jacobi[:, 2, 1] = np.sqrt(safe)
    jacobi[:, 2, 2] = (fifth - 2 * skew * kurtosis + skew**3) / safe
    for size, where in ((2, spread), (3, three)):
        rows = np.flatnonzero(where)
        nodes, vectors = np.linalg.eigh(jacobi[rows, :size, :size])
        places = mean[rows, None] + deviation[rows, None] * nodes
        good = (places[:, 0] >= low[rows]) & (places[:, -1] <= high[rows])
        rows = rows[good]
        positions[rows, :size] = places[good]
        probs[rows, :size] = mass[rows, None] * vectors[good, 0, :] ** 2
    return positions, probs


def are_at_one_place(moments: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which bins have all their mass at about one place, from moments, shape (3 …, bins)."""
    mean = moments[1] / moments[0]
    return np.asarray(moments[2] / moments[0] - mean**2 <= _ONE_PLACE)


def drifts_of(moments: FloatArray) -> FloatArray:
    """Return the groups' largest mass times distance from the mean of all, in units of the width.

    Moments have the shape (6, groups, bins) and some mass in each bin. What may be rounding is 0.
    """
    mass, first = moments[:2]
    total = mass.sum(axis=0)
    drifts: FloatArray = np.abs(first - mass * (first.sum(axis=0) / total)).max(axis=0)
    return np.where(drifts > 2 * _ONE_PLACE * total, drifts, 0.0)


def joined(
    lefts: FloatArray, widths: FloatArray, moments: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return left ends, widths and moments of bins, after joining neighbours in pairs."""
    first = np.arange(0, lefts.size - 1, 2)
    gaps = np.abs(lefts[first + 1] - lefts[first] - widths[first])
    first = first[(gaps < widths[first] / 2) & np.isclose(widths[first + 1], widths[first])]
    alone = np.ones(lefts.size, dtype=bool)
    alone[first] = alone[first + 1] = False
    # The positions x of either half are (x - 1/2)/2 and (x + 1/2)/2 in the joined bin.
    halves = ((moments[..., first], -0.5), (moments[..., first + 1], 0.5))
    joined = sum(np.tensordot(_shift(by), half, axes=1) for half, by in halves)
    return (
        np.concatenate([lefts[alone], lefts[first]]),
        np.concatenate([widths[alone], 2 * widths[first]]),
        np.concatenate([moments[..., alone], joined], axis=-1),
    )


def _shift(by: float) -> FloatArray:
    """Return the matrix from the moments of x to those of (x + by)/2."""
    matrix = np.zeros((DEGREE + 1, DEGREE + 1))
    for k in range(DEGREE + 1):
        for j in range(k + 1):
            matrix[k, j] = math.comb(k, j) * by ** (k - j) / 2.0**k
    return matrix


def add_moments(
    moments: FloatArray, index: IntArray, positions: FloatArray, probs: FloatArray | None
) -> None:
    """Add the powers 0 … 5 of the positions to those of their bins."""
    size = moments.shape[1]
    powers = probs
    for k in range(DEGREE + 1):
        moments[k] += np.bincount(index, powers, minlength=size)
        if powers is None:
            powers = positions
        elif k < DEGREE:
            powers = powers * positions
