"""When mass condenses on the best reward, for laws without mass there: the threshold λ_c(K).

Derived in ``docs/continuous_laws.md``. At the threshold and above it, 1 - aH is proportional to the
deficit δ = 1 - H/H_* of each reward: the best reward, without mass under p_ref, has the ratio at
which its mass neither grows nor falls, aH_* = 1.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import scipy.optimize

from recurate.numerics.curation.transform import nodes_for
from recurate.numerics.fixed_points.deficits import DeficitQuadrature, Line
from recurate.numerics.fixed_points.newton import on_line
from recurate.numerics.laws.density import Power
from recurate.numerics.laws.density_law import DensityLaw
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray, candidates

LARGEST_EVALUATIONS = 100
"""Evaluations of the ratio and of its derivative before the method gives up."""

MASS_TOLERANCE = 1e-14
"""Largest total variation between a law and the law of its deficits when these count as found."""

_UNRESOLVED = 5e-13  # share of the integral over δ at the last gaps, where it counts as divergent
_LAST_GAPS = math.exp(4.0)
_LEAST_GROWTH, _LARGEST_GROWTH = -0.95, 20.0  # of the atom in one step
_LEAST_ATOM = 1e-16  # during the search for it


class Condensed(NamedTuple):
    """A law p with aH_* = 1: m p_ref/δ, and the rest of the mass as an atom at the top.

    Attributes
    ----------
    deficits : ndarray, shape (n,)
        δ = 1 - H_p/H_p(top) at each atom of the law; zero at the last, which is the top.
    atom : float
        Mass at the top; zero at the threshold.
    threshold : float
        E_ref[1/δ] - 1, which λ must exceed by (1 + λ) times the atom's mass.
    evaluations : int
        Number of evaluations of the deficits and of their derivative, together.
    """

    deficits: FloatArray
    atom: float
    threshold: float
    evaluations: int

    def probs(self, law: DensityLaw) -> FloatArray:
        """Return the law's masses, shape (n,)."""
        probs = np.zeros(law.size)
        probs[:-1] = law.probs[:-1] / self.deficits[:-1]
        probs[:-1] *= (1.0 - self.atom) / (1.0 + self.threshold)
        probs[-1] = self.atom
        return probs


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
        If an argument is not valid, or K and E e^r are both infinite.
    ArithmeticError
        If the density near the top is not resolved: it is not like a power of the distance.

    Notes
    -----
    Up to 1/(K-1) the paper's Theorem 2.4 guards the loop for all rewards; λ_c is the end of this
    law's own range. Derived in ``docs/continuous_laws.md``.

    Examples
    --------
    >>> law = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
    >>> round(condensation_threshold(law, 2), 11), round(condensation_threshold(law, np.inf), 12)
    (3.23617021236, 1.0)
    """
    if not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
    law.require_no_prompts("condensation_threshold")
    number = candidates(K)
    if number == 1 or not isinstance(law, DensityLaw):
        return math.inf
    if number == math.inf and not law.has_mean_weight:
        raise ValueError("law must have a finite mean weight E e^r for K = inf; got one without")
    if not law.is_bounded:
        return 1.0 / (number - 1.0)
    if not vanishes_at_top(law):
        return math.inf
    return condensed(law, number, None).threshold


def vanishes_at_top(law: DensityLaw) -> bool:
    """Return whether E_ref[1/(1 - w/w_*)] is finite: then λ_c is finite for all K > 1.

    Raises
    ------
    ArithmeticError
        If this cannot be decided, or λ_c cannot be computed to about twelve digits.
    """
    power, gaps = law.top or Power(None, 0.0, 0.0), -np.expm1(law.relative_rewards[:-1])
    if power.exponent is not None and power.exponent <= 0:
        return False
    terms = law.probs[:-1] / gaps
    terms /= terms.sum()
    if power.exponent is None:
        unknown = float(terms[gaps <= _LAST_GAPS * gaps[-1]].sum())
    else:
        # What an error of the exponent changes where the density is followed as a power.
        below = gaps < power.resolved
        log_depths = np.log(power.resolved / gaps[below])
        error = power.error * (1.0 + power.exponent) if below.any() else 0.0
        unknown = error * float(terms[below] @ log_depths)
    if unknown > _UNRESOLVED:
        raise ArithmeticError(
            "density must be resolved near the top for a condensation threshold: it must end like "
            f"a power of the distance, or be negligible there; got {unknown:.2g} of its integral "
            "over the distance uncertain. Give it as the density of the reward minus its maximum, "
            "with support (..., 0), so that no digit of the distance is rounded away"
        )
    return True


def condensed(law: DensityLaw, K: float, lam: float | None) -> Condensed:
    """Return the law with aH_* = 1: the critical one, or the fixed point at a λ above λ_c.

    Parameters
    ----------
    law : DensityLaw
        A law with bounded rewards and a finite threshold.
    K : float
        Number of candidates, at least 2; may be infinite.
    lam : float or None
        λ above the threshold; None for the threshold itself, with no atom.

    Raises
    ------
    ArithmeticError
        If it is not found.
    """
    gaps = -np.expm1(law.relative_rewards)
    if K == math.inf:
        return with_deficits(law, gaps, lam, 0)
    relative = law.relative_rewards
    quadrature = DeficitQuadrature(relative, K, nodes_for(relative, K))
    deficits = gaps * ((K - 1) / K)
    if lam is not None:
        deficits = _newton(law, quadrature, deficits, None).deficits
    return _newton(law, quadrature, deficits, lam)


def _newton(
    law: DensityLaw, quadrature: DeficitQuadrature, deficits: FloatArray, lam: float | None
) -> Condensed:
    """Find the deficits that are those of their own law, by Newton's method in their logarithms.

    The atom is a second unknown. Its relative change moves the deficits along a line, to first
    order (the ratio is linear in a small atom); it is chosen so that the mass is one.
    """
    top = np.zeros(law.size)
    top[-1] = 1.0
    distance = math.inf
    for evaluations in range(1, LARGEST_EVALUATIONS, 2):
        now = with_deficits(law, deficits, lam, evaluations)
        probs = now.probs(law)
        with np.errstate(divide="ignore"):
            found = quadrature.at(np.log(probs))
        own = with_deficits(law, found.deficits, lam, evaluations)
        distance = float(np.abs(own.probs(law) - probs).sum()) / 2
        if distance <= MASS_TOLERANCE:
            return own
        line = quadrature.line(found, deficits, top - 1.0, top)
        growth = 0.0 if lam is None else _growth(law, now, lam, line)
        deficits = on_line(deficits, line, growth)
    raise ArithmeticError(
        f"the deficits must be found to a total variation of {MASS_TOLERANCE:g}; got "
        f"{distance:.3g} after {LARGEST_EVALUATIONS} evaluations of the ratio"
    )


def _growth(law: DensityLaw, now: Condensed, lam: float, line: Line) -> float:
    """Return the relative change of the atom with which the mass on the line is one."""

    def excess(growth: float) -> float:
        deficits = on_line(now.deficits, line, growth)
        return now.atom * (1.0 + growth) - (lam - _threshold(law, deficits)) / (1.0 + lam)

    if excess(_LEAST_GROWTH) > 0:
        return _LEAST_GROWTH
    if excess(_LARGEST_GROWTH) < 0:
        return _LARGEST_GROWTH
    return float(scipy.optimize.brentq(excess, _LEAST_GROWTH, _LARGEST_GROWTH, xtol=1e-15))


def with_deficits(
    law: DensityLaw, deficits: FloatArray, lam: float | None, evaluations: int
) -> Condensed:
    """Return the law of given deficits; its atom is tiny where λ is below their threshold.

    Parameters
    ----------
    law, lam
        As of `condensed`.
    deficits : ndarray, shape (n,)
        δ at each atom of the law, zero at the top alone.
    evaluations : int
        As of `Condensed`.
    """
    threshold = _threshold(law, deficits)
    atom = 0.0 if lam is None else max((lam - threshold) / (1.0 + lam), _LEAST_ATOM)
    return Condensed(deficits, atom, threshold, evaluations)


def _threshold(law: DensityLaw, deficits: FloatArray) -> float:
    """Return E_ref[1/δ] - 1 as a sum of positive terms."""
    present = deficits[:-1]
    return float((law.probs[:-1] * ((1.0 - present) / present)).sum())
