"""The fixed point for a law with a density: with an atom at the top, or with mass at no reward.

Below the condensation threshold it is found as for any other law. Derived in
``docs/continuous_laws.md``.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import scipy.optimize

from recurate.numerics.fixed_points import fixed_point
from recurate.numerics.fixed_points.condensation import condensed, vanishes_at_top
from recurate.numerics.fixed_points.fixed_point import (
    FixedPoint,
    Found,
    checked_residual,
    measured,
)
from recurate.numerics.laws.density_law import EDGE_TOLERANCE, DensityLaw
from recurate.numerics.laws.levels import Levels
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray

_NO_LESS = 1e-300


def find(law: DensityLaw, K: float, lam: float) -> FixedPoint:
    """Return the fixed point of a loop on a law with a density.

    Parameters
    ----------
    law : DensityLaw
        Law of the rewards under p_ref.
    K, lam : float
        As checked by `CurationLoop`.

    Raises
    ------
    ArithmeticError
        If it cannot be found, or has mass beyond the rewards that the law's nodes resolve.
    """
    if K == 1 or lam == 0:
        return _below(law, K, lam, None)
    if not law.is_bounded:
        return _unbounded(law, K, lam)
    if lam == math.inf:
        return _with_atom(law, _at_top(law), K, lam, 0)
    start = None
    if vanishes_at_top(law):
        critical = condensed(law, K, None)
        if lam > critical.threshold:
            found = condensed(law, K, lam)
            evaluations = critical.evaluations + found.evaluations
            return _with_atom(law, found.probs(law), K, lam, evaluations)
        start = critical.deficits[:-1]
    return _below(law, K, lam, start)


def _below(law: DensityLaw, K: float, lam: float, start: FloatArray | None) -> FixedPoint:
    """Return a fixed point without an atom, starting from the critical deficits if given."""
    if start is not None:
        start = from_highest_node(start)
    found = fixed_point.find(law, K, lam, start)
    require_resolved(law, found.probs, lam)
    # The errors are those of the law of the nodes, not of the density.
    return replace(found, error_bound=None, log_density_error=None)


def from_highest_node(deficits: FloatArray) -> FloatArray:
    """Return the deficits below the top against the highest node in place of it, shape (n - 1,).

    Without an atom that node is the best reward of a finite law.
    """
    relative: FloatArray = np.maximum((deficits - deficits[-1]) / (1.0 - deficits[-1]), _NO_LESS)
    relative[-1] = 0.0
    return relative


def require_resolved(law: DensityLaw, probs: FloatArray, lam: float) -> None:
    """Raise ArithmeticError if a law, of shape (n,), has mass beyond the nodes of a density."""
    edge = float(probs @ law.edge)
    if edge > EDGE_TOLERANCE:
        raise ArithmeticError(
            f"the fixed point must lie where the law's nodes resolve the rewards; got a mass of "
            f"{edge:.2g} at the highest of them: λ = {lam:g} brings it nearer to the top than that"
        )


def _at_top(law: DensityLaw) -> FloatArray:
    probs = np.zeros(law.size)
    probs[-1] = 1.0
    return probs


def _with_atom(
    law: DensityLaw, probs: FloatArray, K: float, lam: float, evaluations: int
) -> FixedPoint:
    """Return the fixed point with the given masses, the last of which is an atom at the top."""
    levels = Levels.of(law, probs)
    state = levels.log_start_density
    is_pure = lam == math.inf
    found = Found(state, None, evaluations, "best" if is_pure else "condensed")
    residual = 0.0 if is_pure else checked_residual(Step(levels, K, lam), levels, found)
    return measured(levels, found, residual, state, condensed_mass=float(probs[-1]))


def _unbounded(law: DensityLaw, K: float, lam: float) -> FixedPoint:
    """Return what the loop leaves at finite rewards, if some of its mass goes to infinity.

    The mass ε that is gone wins every choice it takes part in, so ε = a (1 - (1 - ε)^K). This has a
    root above 0 iff λ(K - 1) > 1. What is left is the fixed point for λ(1 - ε)^K in place of λ.
    """
    gone = escaped_mass(K, lam)
    if gone == 0.0:
        return _below(law, K, lam, None)
    left = 0.0 if gone == 1.0 or K == math.inf else lam * (1.0 - gone) ** K
    kept = _below(law, K, left, None)
    return replace(
        kept,
        expected_weight=math.inf,
        variance_weight=math.inf,
        expected_reward=math.inf,
        kl_to_reference=math.inf,
        mass_at_max=gone,
        condensed_mass=gone,
        residual=kept.residual * (1.0 - gone),
        method="escaped",
        _share=1.0 - gone,
    )


def escaped_mass(K: float, lam: float) -> float:
    """Return the root ε in (0, 1] of ε = a (1 - (1 - ε)^K), a = λ/(1+λ); 0 where there is none.

    Parameters
    ----------
    K, lam : float
        As checked by `CurationLoop`; K is at least 2.
    """
    if lam == math.inf:
        return 1.0
    share = lam / (1.0 + lam)
    if K == math.inf:
        return share
    if lam * (K - 1) <= 1:
        return 0.0

    def excess(log_mass: float) -> float:
        # (1 - (1 - ε)^K)/ε - 1/a decreases from K - 1/a > 0.
        mass = math.exp(log_mass)
        return -math.expm1(K * math.log1p(-mass)) / mass - 1.0 / share

    # Two terms of the power show that ε is above (aK - 1)/(aK (K - 1)/2): half of it is low enough.
    least = (lam * (K - 1) - 1) / (lam * K * (K - 1))
    low, high = math.log(least), math.log(share)
    if excess(low) <= 0:  # due to rounding just above the threshold, where the root is 2 least
        return 2 * least
    return math.exp(scipy.optimize.brentq(excess, low, high, xtol=1e-15))
