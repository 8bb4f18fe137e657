"""Sums of masses, their logarithms, and those of sums from the logarithms of the terms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from recurate.numerics.validation import FloatArray

SMALLEST_SUM = 1e-290
"""A sum below it may have lost digits to underflow, and is taken in logarithms."""

_BLOCK = 256
_CACHED = 2**14  # numbers of which several arrays fit a core's cache


def blocks(size: int) -> Iterator[slice]:
    """Return the parts in which to go through arrays that fit no cache."""
    return (slice(start, start + _CACHED) for start in range(0, size, _CACHED))


def log_added(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return log(e^first + e^second); three times as fast as `numpy.logaddexp` for many numbers."""
    total = np.empty(first.size)
    for rows in blocks(first.size):
        peak, out = np.maximum(first[rows], second[rows]), total[rows]
        np.minimum(first[rows], second[rows], out=out)
        with np.errstate(invalid="ignore"):  # where both are -inf
            np.log1p(np.exp(np.subtract(out, peak, out=out), out=out), out=out)
        out += peak
        np.copyto(out, -np.inf, where=peak == -np.inf)
    return total


def log_products(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return first + second, logarithms of masses and of ratios: -inf beyond all floats.

    In a pure loop the hard best of K multiplies the logarithms of the masses by K at each step.
    """
    with np.errstate(over="ignore"):
        products: FloatArray = first + second
    return products


def sums_of_masses(index: npt.NDArray[np.intp], masses: FloatArray, size: int) -> FloatArray:
    """Return the sum of the masses of each index, shape (size,): no rounding adds up over rows."""
    coarse = (masses + 1.0) - 1.0  # multiples of 2^-52, which are summed up to one exactly
    parts = (np.bincount(index, part, size) for part in (coarse, masses - coarse))
    return np.asarray(sum(parts), dtype=np.float64)


def log_masses(masses: FloatArray) -> FloatArray:
    """Return the logarithms of masses; -inf, without a warning, where there is none."""
    with np.errstate(divide="ignore"):
        logarithm: FloatArray = np.log(masses)
    return logarithm


def log_sum_exp(values: FloatArray, axis: int) -> FloatArray:
    """Return log of the sum of e^values along an axis; -inf where all of them are.

    Twenty times as fast as SciPy's for small arrays, and up to twice as fast for large ones.
    """
    peak = values.max(axis=axis, keepdims=True)
    peak[peak == -np.inf] = 0.0
    with np.errstate(divide="ignore"):
        total: FloatArray = np.log(np.exp(values - peak).sum(axis=axis))
    total += np.squeeze(peak, axis=axis)
    return total


def log_sums_by_index(index: npt.NDArray[np.intp], log_terms: FloatArray, size: int) -> FloatArray:
    """Return log of the sum of the e^term, at most one in all, of each index, shape (size,)."""
    sums = sums_of_masses(index, np.exp(log_terms), size)
    log_sums = log_masses(sums)
    tiny = sums < SMALLEST_SUM
    if tiny.any():  # terms that underflow, or nearly so, relative to the largest of their index
        rows = np.flatnonzero(tiny[index])
        peak = np.full(size, -np.inf)
        np.maximum.at(peak, index[rows], log_terms[rows])
        rows = rows[log_terms[rows] > -np.inf]
        relative = np.exp(log_terms[rows] - peak[index[rows]])
        total = log_masses(np.bincount(index[rows], relative, size).astype(np.float64))
        log_sums[tiny] = (total + np.where(peak == -np.inf, 0.0, peak))[tiny]
    return log_sums


def running_sums(terms: FloatArray) -> FloatArray:
    """Return the sums of the first 1, 2, … nonnegative terms, right to 256 roundings a level.

    Of more than one axis, along the last.

    `numpy.cumsum` adds up one rounding a term; here blocks of 256 are summed, then their totals.
    """
    return _running(np.add, terms, 0.0)


def running_log_sums(log_terms: FloatArray) -> FloatArray:
    """Return the logarithms of the sums of the first 1, 2, … e^term, which do not underflow."""
    return _running(np.logaddexp, log_terms, -np.inf)


def _running(add: np.ufunc, terms: FloatArray, nothing: float) -> FloatArray:
    *rest, size = terms.shape
    if size <= _BLOCK:
        sums: FloatArray = add.accumulate(terms, axis=-1)
        return sums
    rows = -(-size // _BLOCK)
    whole = np.empty((*rest, rows * _BLOCK))
    whole[..., :size] = terms
    whole[..., size:] = nothing
    parts = whole.reshape(*rest, rows, _BLOCK)
    add.accumulate(parts, axis=-1, out=parts)
    before = _running(add, parts[..., :-1, -1], nothing)
    add(parts[..., 1:, :], before[..., None], out=parts[..., 1:, :])
    return whole[..., :size]
