"""The share that Bradley–Terry's choice makes of a group, if there are two rewards only.

All of the group have one reward, all others one that is larger by Δ. From a share x it makes

    f(x) = E[J/(J + (K-J) e^Δ)] = x ∫_0^∞ e^{-v} (x + (1-x) e^{-v(q-1)/K})^{K-1} dv,   q = e^Δ,

J binomial of K and x. By the factor of the larger weight the same is, for q < 1,

    x ∫_0^∞ e^{-v (1 + q(K-1))/K} (x e^{-v(1-q)/K} + 1 - x)^{K-1} dv.

Both integrands fall from 1, at v = 0, at the rate 1 + (1-x)(q-1)(K-1)/K. In units of that rate the
double exponential rule v = exp(y - e^{-y}) integrates them to rounding.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_PER_UNIT = 16
_AT_ONCE = 512  # shares, times some hundred nodes
_LARGEST = 700.0  # of Δ: beyond, e^Δ is beyond a double, and the group is chosen if it is alone


def chosen_share(share: FloatArray, rest: FloatArray, gap: float, K: float) -> FloatArray:
    """Return f of a share whose complement is given too; Δ may be negative, K infinite.

    The relative error is some 1e-15, also of a tiny share.
    """
    share, rest = np.asarray(share, dtype=np.float64), np.asarray(rest, dtype=np.float64)
    gap = min(max(gap, -_LARGEST), _LARGEST)
    q, off = math.exp(gap), math.expm1(abs(gap))
    off = off if gap > 0.0 else off * q  # |q - 1|
    if K == 1 or gap == 0.0:
        return share
    if K == math.inf:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(share > 0.0, share / (share + rest * q), 0.0)
    total = np.empty_like(share)
    for start in range(0, share.size, _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        outer, inner = (x.ravel()[some] for x in ((rest, share) if gap > 0.0 else (share, rest)))
        total.ravel()[some] = _laplace(outer, inner, 1.0 if gap > 0.0 else q, off, K)
    return np.where(rest == 0.0, share, share * total)  # all stays all, without rounding


def _laplace(
    outer: FloatArray, inner: FloatArray, lighter: float, off: float, K: float
) -> FloatArray:
    """Return the integral, by the mass of the larger weight, that of the other, and |q - 1|."""
    floor = (1.0 + lighter * (K - 1.0)) / K  # the rate at which the integrand falls in the end
    rate = floor + outer * off * ((K - 1.0) / K)
    longest = math.log(float(np.max(rate)) / floor * 50.0)
    y = np.arange(-4 * _PER_UNIT, math.ceil(longest * _PER_UNIT) + 1)[:, None] / _PER_UNIT
    node = np.exp(y - np.exp(-y))
    v = node / rate
    fall = -v * (off / K)
    lost = outer * np.expm1(fall)
    with np.errstate(divide="ignore", under="ignore"):
        base = np.where(lost > -0.5, np.log1p(lost), np.log(inner + outer * np.exp(fall)))
        values = np.exp(-floor * v + (K - 1.0) * base)
    found: FloatArray = (node * (1.0 + np.exp(-y)) / _PER_UNIT * values).sum(axis=0) / rate
    return found
