"""The envelopes at one step t, in floats, as compiled formulas call them; arrays broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recurate.theory.envelopes.divergence import worst_divergence
from recurate.theory.envelopes.shares import share_envelope

FloatArray = NDArray[np.float64]


def share_floor(u: Any, lam: Any, K: Any, t: Any) -> Any:
    """Return G_t(u)."""
    return _each(lambda *x: _share(*x)[0], u, lam, K, t)


def share_ceiling(u: Any, lam: Any, K: Any, t: Any) -> Any:
    """Return 1 - G_t(1-u)."""
    return _each(lambda *x: _share(*x)[1], u, lam, K, t)


def gap_floor(u: Any, lam: Any, K: Any, gap: Any, t: Any) -> Any:
    """Return the least share if rewards differ by at most Δ."""
    return _each(lambda u, lam, K, gap, t: _share(u, lam, K, t, gap)[0], u, lam, K, gap, t)


def gap_ceiling(u: Any, lam: Any, K: Any, gap: Any, t: Any) -> Any:
    """Return the largest share if rewards differ by at most Δ."""
    return _each(lambda u, lam, K, gap, t: _share(u, lam, K, t, gap)[1], u, lam, K, gap, t)


def worst_divergence_at(lam: Any, K: Any, t: Any) -> Any:
    """Return S_t(λ, K)."""
    return _each(lambda lam, K, t: worst_divergence(K=K, lam=lam, steps=int(t))[-1], lam, K, t)


def _share(
    u: float, lam: float, K: float, t: float, gap: float | None = None
) -> tuple[float, float]:
    floor, ceiling = share_envelope(u, K=K, lam=lam, steps=int(t), gap=gap)
    return float(floor[-1]), float(ceiling[-1])


def _each(function: Any, *values: Any) -> Any:
    """Return a function of numbers at each entry of arrays that broadcast."""
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    flat = [function(*map(float, entry)) for entry in zip(*map(np.ravel, arrays), strict=True)]
    return np.array(flat).reshape(arrays[0].shape)[()]
