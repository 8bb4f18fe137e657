"""When mass condenses on the best reward, for laws that have none there: the threshold λ_c(K).

Derived in ``docs/continuous_laws.md``. At the threshold, and above it, 1 - aH is proportional to
the deficit δ = 1 - H/H_* of each reward: the best one, of no mass under p_ref, has the ratio at
which its mass neither grows nor falls, aH_* = 1.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.curation import CurationKernel
from recurate.numerics.density_law import DensityLaw
from recurate.numerics.fixed_point_deficits import DeficitQuadrature
from recurate.numerics.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray, candidates

LARGEST_ROUNDS = 60
"""Rounds before the deficits count as not found."""

MASS_TOLERANCE = 1e-14
"""Largest total variation between a law and that of its own deficits, when they count as found."""

_UNRESOLVED = 1e-13  # share of the integral over δ at the last gaps, where it counts as divergent
_LAST_GAPS = math.exp(4.0)


class Critical(NamedTuple):
    """The deficits of a law with aH_* = 1, and how many evaluations of the ratio they took."""

    deficits: FloatArray
    evaluations: int


def condensation_threshold(law: RewardLaw, K: Any) -> float:
    """Return λ_c(K), above which the mixed loop's limit has an atom at the best reward.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref.
    K : int or math.inf
        Number of candidates of each choice, at least 1.

    Returns
    -------
    float
        λ_c, at least 1/(K-1), to about twelve digits. It is infinite for a law with finitely many
        rewards (p_ref has mass at the best one), for K = 1, and for a density that does not vanish
        at the top. For rewards without an upper bound it is 1/(K-1), and 0 for K = inf: above, the
        mass goes to ever larger rewards.

    Raises
    ------
    TypeError, ValueError
        If an argument is not valid, or K is infinite and E e^r too.
    ArithmeticError
        If the density near the top is not resolved: it is no power of the distance from it.

    Notes
    -----
    Up to 1/(K-1) the paper's Theorem 2.4 guards the loop whatever the rewards are; λ_c is where
    this law's own range ends. Derived in ``docs/continuous_laws.md``.

    Examples
    --------
    >>> law = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
    >>> round(condensation_threshold(law, 2), 11), round(condensation_threshold(law, np.inf), 12)
    (3.23617021236, 1.0)
    """
    if not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
    K = candidates(K)
    if K == 1 or not isinstance(law, DensityLaw):
        return math.inf
    if K == math.inf and not law.has_mean_weight:
        raise ValueError("law must have a finite mean weight E e^r for K = inf; got another")
    if not law.is_bounded:
        return 1.0 / (K - 1.0)
    if _diverges(law):
        return math.inf
    return _sum_of_kernel(law, critical(law, K, None).deficits)


def critical(law: DensityLaw, K: float, lam: float | None) -> Critical:
    """Return the deficits of the law with aH_* = 1: at the threshold, or above it at `lam`.

    Parameters
    ----------
    law : DensityLaw
        A law with bounded rewards and a finite threshold.
    K : float
        Number of candidates, at least 2; may be infinite.
    lam : float or None
        λ above the threshold; None for the threshold itself.

    Raises
    ------
    ArithmeticError
        If they are not found.
    """
    gaps = -np.expm1(law.relative_rewards)
    if K == math.inf:
        return Critical(gaps, 0)
    nodes = CurationKernel(law.level_rewards, K).nodes
    quadrature = DeficitQuadrature(law.relative_rewards, K, nodes)
    deficits = gaps * ((K - 1) / K)
    distance = math.inf
    for round_ in range(1, LARGEST_ROUNDS):
        probs = condensed_law(law, deficits, lam)
        with np.errstate(divide="ignore"):
            found = quadrature.at(np.log(probs)).deficits
        distance = float(np.abs(condensed_law(law, found, lam) - probs).sum()) / 2
        deficits = found
        if distance <= MASS_TOLERANCE:
            return Critical(deficits, round_)
    raise ArithmeticError(
        f"the deficits must be found to a total variation of {MASS_TOLERANCE:g}; got "
        f"{distance:.3g} after {LARGEST_ROUNDS} rounds"
    )


def condensed_law(law: DensityLaw, deficits: FloatArray, lam: float | None) -> FloatArray:
    """Return m p_ref/δ with the rest of the mass at the top, shape (n,); ∝ p_ref/δ for None."""
    kernel = np.zeros(law.size)
    kernel[:-1] = law.probs[:-1] / deficits[:-1]
    if lam is None:
        return kernel / kernel.sum()
    kernel /= 1.0 + lam
    # 1 - m E_ref 1/δ, which does not cancel near the threshold.
    kernel[-1] = max((lam - _sum_of_kernel(law, deficits)) / (1.0 + lam), 0.0)
    return kernel


def _sum_of_kernel(law: DensityLaw, deficits: FloatArray) -> float:
    """Return E_ref[1/δ] - 1 as a sum of positive terms."""
    present = deficits[:-1]
    return float((law.probs[:-1] * ((1.0 - present) / present)).sum())
