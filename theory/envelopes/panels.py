"""Integrals over (0, 1) of what changes near 1 on every scale: Gauss's rule on panels of log.

With v = -log(1-u) the scales near u = 1 lie side by side. The panels are halved until both halves
say what the whole panel does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_NODES, _MASSES = np.polynomial.legendre.leggauss(20)
_MOST_HALVINGS = 60

TOLERANCE = 1e-15
"""Of the difference between a panel and its halves, which are then far better."""


def over_panels(integrand: Callable[[FloatArray], FloatArray], end: float) -> FloatArray:
    """Return integrals over v from 0 to an end.

    Parameters
    ----------
    integrand : callable
        From v, shape (panels, nodes), to the values of each of several functions there, shape
        (functions, panels); each is the sum over the nodes by `weighed`.
    end : float
        Where v ends.

    Returns
    -------
    ndarray, shape (functions,)
    """
    edges = np.concatenate([[0.0, 0.125, 0.25, 0.5], np.arange(1.0, end + 1.0)])
    left, right = edges[:-1], edges[1:]
    whole = _each(integrand, left, right)
    total: FloatArray = whole.sum(axis=1)
    done = np.zeros_like(total)
    for _ in range(_MOST_HALVINGS):
        middle = (left + right) / 2.0
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        halves = _each(integrand, left, right)
        sums = halves.reshape(len(total), 2, -1).sum(axis=1)
        off = np.abs(sums - whole)
        total = done + sums.sum(axis=1)
        is_open = np.any(off > TOLERANCE * total[:, None] + 4.0 * TOLERANCE * sums, axis=0)
        done = done + sums[:, ~is_open].sum(axis=1)
        if not is_open.any():
            break
        again = np.concatenate([is_open, is_open])
        left, right, whole = left[again], right[again], halves[:, again]
    return total


def _each(
    integrand: Callable[[FloatArray], FloatArray], left: FloatArray, right: FloatArray
) -> FloatArray:
    half = (right - left) / 2.0
    v = ((left + right) / 2.0)[:, None] + half[:, None] * _NODES
    found: FloatArray = half * integrand(v)
    return found


def weighed(values: FloatArray) -> FloatArray:
    """Return Gauss's sum over the nodes of each panel, which come last."""
    summed: FloatArray = values @ _MASSES
    return summed


def over_unit_interval(
    integrand: Callable[[FloatArray, FloatArray], Any], end: float
) -> FloatArray:
    """Return the integral over u from 0 to 1 of a function of u and 1 - u."""

    def of_panels(v: FloatArray) -> FloatArray:
        width = np.exp(-v)
        summed: FloatArray = weighed(integrand(-np.expm1(-v), width) * width)[None]
        return summed

    found: FloatArray = over_panels(of_panels, end)[0]
    return found


def log_excess(x: FloatArray) -> FloatArray:
    """Return x - log(1+x) to full relative precision."""
    small = np.where(np.abs(x) < 0.05, x, 0.0)
    series = np.zeros_like(small)
    for n in range(16, 1, -1):
        series = 1.0 / n - small * series
    large = np.where(np.abs(x) < 0.05, 1.0, x)
    return np.where(np.abs(x) < 0.05, small * small * series, large - np.log1p(large))
