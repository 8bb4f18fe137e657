"""Wasserstein distance of two laws on the real line, from integrals of distribution functions."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from recurate.numerics.parametric.laws import Law
from recurate.numerics.validation import FloatArray

_LEVEL = 1e-13  # smaller differences of distribution functions count as rounding


def wasserstein(left: Law, right: Law) -> float:
    """Return W1 = ∫ |F - G| dx of two laws.

    Parameters
    ----------
    left, right : Law
        Laws with distribution functions F and G.

    Returns
    -------
    float
        In units of x, to about 1e-12 of the laws' scale.

    Notes
    -----
    D(x) = E max(x - X, 0) - E max(x - Y, 0) has the derivative F - G, vanishes at -inf and tends to
    E Y - E X. So W1 is the sum of |change of D| between the points where F - G changes its sign:
    nothing is integrated numerically.
    """
    turns = np.array(_sign_changes(left, right))
    heights = left.integrated_cdf(turns) - right.integrated_cdf(turns)
    total = right.mean - left.mean
    return float(np.abs(np.diff(heights, prepend=0.0, append=total)).sum())


def _sign_changes(left: Law, right: Law) -> list[float]:
    """Return the points where F - G changes its sign, in order."""

    def difference(x: FloatArray, *, before: bool = False) -> FloatArray:
        gap = left.cdf(x, before=before) - right.cdf(x, before=before)
        return np.where(np.abs(gap) <= _LEVEL, 0.0, gap)

    marks = np.unique(np.concatenate([left.landmarks, right.landmarks]))
    arriving, leaving = difference(marks, before=True), difference(marks)
    found: list[float] = []
    last_sign = 0.0
    for i, mark in enumerate(marks.tolist()):
        signs = np.sign([arriving[i], leaving[i]])
        if signs[0] * last_sign < 0:  # between the last mark and this one
            found.append(_crossing(difference, marks[i - 1], mark, last_sign))
        last_sign = signs[0] or last_sign
        if signs[1] * last_sign < 0:  # by a jump, at the mark
            found.append(mark)
        last_sign = signs[1] or last_sign
    return found


def _crossing(difference: object, low: float, high: float, sign_at_low: float) -> float:
    """Return where the difference crosses zero between two neighbouring marks."""
    assert callable(difference)

    def smooth(x: float) -> float:
        if x == low:
            return sign_at_low  # after the jump at this mark, if there is one
        return float(difference(np.array([x]), before=True)[0])

    return float(optimize.brentq(smooth, low, high, xtol=1e-300, rtol=1e-15, maxiter=1000))
