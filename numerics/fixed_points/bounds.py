"""How far a fixed point may be off: by rounding, and by its residual where a step contracts."""

from __future__ import annotations

import numpy as np

from recurate.numerics import curation
from recurate.numerics.validation import FloatArray

ROUNDING = 2.0**-52
_WIDE = 1500.0  # rewards that span more have the rounding of r - r_max in their ratio


def largest_rounding(log_density: FloatArray) -> FloatArray:
    """Return the rounding of log-densities, the largest of each law."""
    largest: FloatArray = 4.0 * ROUNDING * (1.0 + np.abs(log_density).max(axis=-1))
    return largest


def contraction_bound(
    reference: FloatArray,
    rewards: FloatArray,
    log_density: FloatArray,
    K: float,
    lam: float,
    residual: float | FloatArray,
) -> FloatArray:
    """Bound the error by the residual if a step contracts; inf if it may not.

    TV(p, p_inf) <= TV(p, F p) + TV(F p, F p_inf), and F has the Lipschitz constant a h on laws
    whose mean weight is at least the reference's (`loop-contraction`). p_inf is such a law, since
    its density over p_ref increases in the reward; whether p is one is checked.

    Parameters
    ----------
    reference, rewards, log_density : ndarray, shape (…, levels)
        Of one law, or of many with equally many levels: masses of p_ref, ascending rewards, and
        log p/p_ref.
    K, lam : float
        Finite.
    residual : float or ndarray, shape (…)
        Total variation between each law and its next step.
    """
    probs, weights = reference * np.exp(log_density), np.exp(rewards - rewards[..., -1:])
    mean = (reference * weights).sum(axis=-1) * (1.0 - 1e-12)
    # h = (1 - (1 - θ)^K)/θ, the largest ratio that such a law can have.
    highest = -np.expm1(K * np.log1p(-mean)) / mean
    modulus = lam / (1.0 + lam) * highest
    contracts = ((probs * weights).sum(axis=-1) >= mean) & (modulus < 1.0)
    span = rewards[..., -1] - rewards[..., 0]
    of_ratio = curation.RATIO_ERROR * (1.0 + np.log(highest))
    of_ratio = of_ratio + np.where(span > _WIDE, ROUNDING * span, 0.0)
    rounding = rounding_of_law(reference, log_density)
    shrinks = np.where(contracts, 1.0 - modulus, 1.0)
    return np.where(contracts, (residual + of_ratio + rounding) / shrinks + rounding, np.inf)


def rounding_of_law(reference: FloatArray, log_density: FloatArray) -> FloatArray:
    """Bound what rounding of a law's logarithms to doubles can cost, in total variation."""
    probs = reference * np.exp(log_density)
    sizes = 4.0 + np.abs(np.log(reference)) + np.abs(log_density)
    rounding: FloatArray = 2.0 * ROUNDING * (probs * sizes).sum(axis=-1)
    return rounding
