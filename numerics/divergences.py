"""Divergences between laws on the same support, from their log-density ratio."""

from __future__ import annotations

import math

import numpy as np

from recurate.numerics.validation import FloatArray

_SERIES_RADIUS = 0.5
_SERIES_DEGREE = 18  # 0.5^19 * 18/19! is 1e-21 of the leading term 0.5^2/2


def kullback_leibler(log_density: FloatArray, reference: FloatArray) -> float:
    """Kullback–Leibler divergence KL(p‖q) in nats, of p = e^{log_density} q from q = `reference`.

    Parameters
    ----------
    log_density : ndarray, shape (n,)
        log(p/q) at each atom; -inf where p has no mass.
    reference : ndarray, shape (n,)
        Probabilities q. Atoms with q = 0 do not count.

    Returns
    -------
    float
        The sum of q φ(log p/q) with φ(δ) = δe^δ - e^δ + 1 >= 0, which equals KL because both laws
        have mass one, and in which nothing cancels: 1e-24 is as accurate as 1.

    Notes
    -----
    Derived here (the Bregman form of KL).
    """
    positive = reference > 0
    log_density, reference = log_density[positive], reference[positive]
    probs = np.exp(np.log(reference) + log_density)
    terms = reference.copy()
    some = probs > 0
    terms[some] += probs[some] * (log_density[some] - 1.0)
    near = np.abs(log_density) < _SERIES_RADIUS
    terms[near] = reference[near] * _bregman_series(log_density[near])
    return float(terms.sum())


def _bregman_series(delta: FloatArray) -> FloatArray:
    """Return δe^δ - e^δ + 1 = sum_{k >= 2} (k - 1)/k! δ^k for small δ, by Horner's rule."""
    total = np.zeros_like(delta)
    for k in range(_SERIES_DEGREE, 1, -1):
        total = total * delta + (k - 1) / math.factorial(k)
    return total * delta * delta
