"""The one unknown that the total mass determines, given the deficits of a mixed loop's fixed point.

At a fixed point p = p_ref/(1+λ) + a p H_p, with a = λ/(1+λ). Let H_* be the ratio at the best
reward and δ = 1 - H/H_* the deficit of each level. Then 1 - aH = τ + (1 - τ)δ, τ = 1 - aH_*, and

    p = m p_ref / (τ + (1 - τ)δ),    m = 1/(1+λ).

Given δ, the total mass determines τ. ``docs/fixed_points.md`` derives this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize

from recurate.numerics.log_sums import log_sum_exp
from recurate.numerics.validation import FloatArray

PRECISE = 1e-11
"""Log-densities with a larger estimated error are solved for in another way, if that has less."""

MOST_HALVINGS = 10**4
"""Iterations of Brent's method, whose hundred by default are too few; squares of 60 are enough."""

_ITERATIONS = 200
_PATIENCE = 20  # iterations before every second one halves the bracket
_FAR = 700.0  # e^-700 is a normal double
_LEAST = 5e-324  # the smallest double
_ROUNDING = 2.0**-52
_ROUNDINGS = 32.0  # in a few operations, and a sum
_DEEPEST = 745.0  # a weight further below the best one is zero
_CLOSE = 1e-8  # a Newton step this small leaves an error far below rounding


@dataclass(frozen=True)
class Balance:
    """Where on the line τ + aη = m a state is: the margin τ = 1 - aH_* and the excess η = H_* - 1.

    Each has all its digits: near the threshold τ is tiny, and for small λ η is what matters. The
    position is log(τ/(aη)), any real number. For many laws at once (`recurate.numerics.fixed_points
    .many`) it is an array of shape (laws, 1), as the other two; deficits are (laws, levels) then.
    """

    lam: float
    position: Any
    margin: Any
    excess: Any

    @classmethod
    def at(cls, position: Any, lam: float) -> Balance:
        """Return the margin and the excess at a position."""
        margin = _exp(-_softplus(-position)) / (1.0 + lam)
        if np.all(position < _FAR):
            excess = _exp(-_softplus(position)) / lam
        else:
            excess = _exp(-_softplus(position) - math.log(lam))
        return cls(lam, position, margin, excess)

    def moved(self, step: Any) -> Balance:
        """Return the balance after a small step, which may be below the position's rounding."""
        grown = _exp(step * self.share_of_excess)
        shrunk = _exp(-step * self.share_of_margin)
        return Balance(self.lam, self.position + step, self.margin * grown, self.excess * shrunk)

    @property
    def real(self) -> float:
        """The share of real data, m = 1/(1+λ)."""
        return 1.0 / (1.0 + self.lam)

    @property
    def synthetic(self) -> float:
        """The share of curated samples, a = λ/(1+λ)."""
        return self.lam / (1.0 + self.lam)

    @property
    def share_of_margin(self) -> Any:
        """τ/m = d log η / d position, negated."""
        return _exp(-_softplus(-self.position))

    @property
    def share_of_excess(self) -> Any:
        """aη/m = d log τ / d position."""
        return _exp(-_softplus(self.position))

    def complement(self) -> Any:
        """Return 1 - τ = aH_*, with all its digits."""
        return self.synthetic * (1.0 + self.excess)

    def remainder(self, deficits: FloatArray) -> FloatArray:
        """Return 1 - aH = τ + (1 - τ)δ at each level."""
        remainder: FloatArray = self.margin + self.complement() * deficits
        return remainder

    def log_density(self, deficits: FloatArray) -> FloatArray:
        """Return log(m/(1 - aH)), the log-density over p_ref (of mass one at the root only)."""
        return self._log_density(self.ratio_excess(deficits), self.remainder(deficits))

    def _log_density(self, ratio_excess: FloatArray, remainder: FloatArray) -> FloatArray:
        growth = self.synthetic * ratio_excess / remainder
        direct = -math.log1p(self.lam) - np.log(remainder)
        return np.where(growth > -0.5, np.log1p(np.maximum(growth, -0.5)), direct)

    def ratio_excess(self, deficits: FloatArray) -> FloatArray:
        """Return H - 1 at each level."""
        # For small H, 1 - δ is exact, and η as large as K.
        excess: FloatArray = self.excess * (1.0 - deficits) - deficits
        return excess

    def mass_excess(self, reference: FloatArray, deficits: FloatArray) -> Any:
        """Return m (mass - 1)/a, the sum of p (H - 1), in which nothing else cancels."""
        return total(self.masses(reference, deficits) * self.ratio_excess(deficits))

    def masses(self, reference: FloatArray, deficits: FloatArray) -> FloatArray:
        """Return m p_ref/(1 - aH), of mass one at the root only."""
        masses: FloatArray = reference * (self.real / self.remainder(deficits))
        return masses

    def slopes(self, deficits: FloatArray) -> FloatArray:
        """Return minus the derivative of each level's log mass in the position."""
        shares: FloatArray = self.margin * (1.0 - deficits) / self.remainder(deficits)
        slopes: FloatArray = self.share_of_excess * shares
        return slopes


def total(values: FloatArray) -> Any:
    """Return the sum over the levels: a number, or shape (laws, 1) of shape (laws, levels)."""
    return float(values.sum()) if values.ndim == 1 else values.sum(axis=-1, keepdims=True)


def lowest_position(reference: FloatArray, deficits: FloatArray) -> Any:
    """Return a position below every root: the best level's mass, m p_ref(best)/τ, is at most one.

    Parameters
    ----------
    reference, deficits
        As in `balanced`; only the place of the smallest deficit matters.
    """
    best = int(np.argmin(deficits))
    # 1 - p_ref(best) instead might be all rounding.
    others = float(reference[:best].sum() + reference[best + 1 :].sum())
    return below(math.log(reference[best]) - math.log(others))


def _lowest_by_mean(reference: FloatArray, deficits: FloatArray, lam: float) -> Any:
    """Return a position below the root: p favours small deficits, so E_p (1 - δ) >= E_ref (1 - δ).

    Since H_* E_p (1 - δ) = 1, this bounds η. For small λ, or rewards that hardly differ, it is
    nearly the root.
    """
    odds = float((reference * deficits).sum()) / float((reference * (1.0 - deficits)).sum())
    log_share = math.log(lam) + math.log(max(odds, _LEAST))  # of aη/m
    # For a share near one or above, the bound is lost in rounding.
    return below(math.log(-math.expm1(log_share)) - log_share) if log_share < -0.1 else -math.inf


def below(position: Any) -> Any:
    # By more than its rounding.
    return position - 1e-6 - 1e-12 * abs(position)


def balanced(
    reference: FloatArray, deficits: FloatArray, lam: float, start: float | None = None
) -> Balance:
    """Return the only balance whose law has mass one, by Newton's method inside a bracket.

    The mass decreases in the position, from above one at the bracket's low end to below one.

    Parameters
    ----------
    reference : ndarray, shape (levels,)
        Masses of p_ref, positive, with two levels or more.
    deficits : ndarray, shape (levels,)
        δ in [0, 1), zero at the best level only.
    lam : float
        λ, positive and finite.
    start : float, optional
        A position near the root.

    Raises
    ------
    ArithmeticError
        If the root is not found, which happens only if a deficit is NaN.

    Notes
    -----
    Derived in ``docs/fixed_points.md``; for K = inf, where δ = 1 - w, this is the whole solution
    (Kingman 1978, with fitness w and mutation probability m).
    """
    low: float = max(
        lowest_position(reference, deficits), _lowest_by_mean(reference, deficits, lam)
    )
    high = math.inf
    position = low if start is None else max(start, low)
    for iteration in range(_ITERATIONS):
        now = Balance.at(position, lam)
        excess = now.mass_excess(reference, deficits)
        low, high = (position, high) if excess > 0 else (low, position)
        slope = descent(now, reference, deficits)
        # The logarithm of m + excess is straighter: the excess is of the order of e^{-x} on the
        # left, and above -m everywhere.
        grown = _log_growth(excess, now.real) * (now.real + excess)
        step = grown / slope if slope > 0 else math.copysign(math.inf, excess)
        if abs(step) <= _CLOSE:
            return now.moved(step)
        # Where the excess is flat, as at the condensation threshold, its rounding decides a
        # Newton step's length; but between two neighbouring positions there is nothing to find.
        if high <= math.nextafter(low, math.inf):
            return now
        # Newton's method takes hundreds of steps where the excess decays to nearly zero first.
        patient = iteration < _PATIENCE or iteration % 2 == 0
        if patient and low < position + step < high and step <= _longest(position):
            position += step
        elif high == math.inf:
            position += _longest(position)
        else:
            position = (low + high) / 2
            if position in (low, high) and math.isfinite(excess):
                return now  # no double is nearer: near a density's threshold the mass is that flat
    raise ArithmeticError(
        f"the position must be found in {_ITERATIONS} steps; got the bracket [{low}, {high}]"
    )


def mass_error(reference: FloatArray, deficits: FloatArray, found: Balance, error: Any) -> Any:
    """Bound the total variation between the law at `found` and the law whose mass is one exactly.

    The mass excess must have opposite signs at both ends of an interval of positions around
    `found`, by more than its own rounding.

    Parameters
    ----------
    reference, deficits
        As in `balanced`.
    found : Balance
        What it returned.
    error : float
        Relative error of the deficits.

    Returns
    -------
    float
        The bound; inf where no interval shorter than one shows the change of sign.
    """
    # Of each factor in a term: the two logarithms in its exponent, a few operations, the sum.
    error = error + 2**-52 * (40.0 + abs(math.log(found.lam)) + abs(found.position))
    sizes = found.excess * (1.0 - deficits) + deficits
    rounding = error * total(found.masses(reference, deficits) * sizes)
    here = found.mass_excess(reference, deficits)
    reach = 4.0 * (abs(here) + rounding) / descent(found, reference, deficits)
    is_short = reach < 1.0
    reach = np.minimum(reach, 1.0) if isinstance(reach, np.ndarray) else min(reach, 1.0)
    below, above = (Balance.at(found.position + x, found.lam) for x in (-reach, reach))
    is_short &= below.mass_excess(reference, deficits) > 2 * rounding
    is_short &= above.mass_excess(reference, deficits) < -2 * rounding
    # The slopes change by a factor of e^reach at most.
    moved = total(found.masses(reference, deficits) * found.slopes(deficits))
    bound = error + moved * reach * _exp(2 * reach)
    if isinstance(reach, np.ndarray):
        return np.where(is_short, bound, math.inf)
    return bound if is_short else math.inf


def rounding_of(relative: FloatArray) -> float:
    """Return the relative error allowed for in weights e^r, deficits and sums of them."""
    return _ROUNDING * (_ROUNDINGS + min(-float(relative.min()), _DEEPEST))


def log_density_error(
    probs: FloatArray, deficits: FloatArray, found: Balance, relative: FloatArray | None = None
) -> Any:
    """Estimate the error of log-densities: what rounding of the deficits leaves of τ's digits.

    It is large only near the threshold, where τ is tiny and the best level has little mass too.
    With `relative`, the rewards minus the largest, the deficits are 1 - e^r: they hardly have an
    error where e^r is below the rounding of 1.
    """
    shares = probs / found.remainder(deficits)
    # dτ/τ, for a relative change of all deficits and a mass that stays one.
    held = total(shares * (1.0 - deficits)) * found.margin
    moved = shares * deficits
    of_sum: Any = 0.0
    if relative is not None:
        moved = moved * np.minimum(np.exp(relative) / _ROUNDING, 1.0)
        # And for rounding of the terms p (H - 1) themselves: their sizes sum to at most 2η/H_*.
        of_sum = 2.0 / (1.0 + found.excess)
    return _ROUNDINGS * _ROUNDING * (1.0 + (total(moved) + of_sum) / (held + _LEAST))


def log_density_by_mean(
    reference: FloatArray, relative: FloatArray, found: Balance
) -> tuple[FloatArray, float]:
    """Return the log-density for K = inf, and its estimated error, from the mean weight.

    Where the best level has little mass, 1 - w of the others has lost the digits of w on which the
    fixed point depends. Here w itself is used, and the sum that determines E_p w,

        Σ p H = m Σ p_ref H/(1 - aH) = 1,    H = w/E_p w,

    has no negative term.

    Parameters
    ----------
    reference, relative : ndarray, shape (levels,)
        Masses of p_ref, and the rewards minus the largest.
    found : Balance
        What `balanced` returned.
    """
    real, synthetic, gaps = found.real, found.synthetic, -np.expm1(relative)
    least = real * reference  # of 1 - aH: no level's mass is above one

    def terms(log_scale: float) -> tuple[FloatArray, FloatArray]:
        ratio = np.exp(relative + log_scale)
        return ratio, np.maximum(1.0 - synthetic * ratio, least)

    def excess(log_scale: float) -> float:
        ratio, remainder = terms(log_scale)
        return float((least * ratio / remainder).sum()) - 1.0

    # E_p w is between E_ref w and one, and the best level's aH is at most one.
    high = -float(log_sum_exp(np.log(reference) + relative, axis=0))
    high = min(high, -math.log(synthetic))
    high += 1e-12 * (1.0 + high)  # by more than its rounding
    scale = 0.0
    if high > 0.0 and excess(0.0) < 0.0 < excess(high):
        ends = {"xtol": 1e-300, "rtol": 1e-15, "maxiter": MOST_HALVINGS}
        scale = float(scipy.optimize.brentq(excess, 0.0, high, **ends))
    ratio, remainder = terms(scale)
    # The last step is a factor: added to the logarithm, it would be rounded to its last place.
    step = -excess(scale) / float((least * ratio / remainder**2).sum()) if scale > 0.0 else 0.0
    longest = 1e-15 * (1.0 + scale)
    ratio *= math.exp(max(-longest, min(step, longest)))
    rounding, best = rounding_of(relative), float(ratio[-1])
    margin = max(1.0 - synthetic * best, real * float(reference[-1]))
    error = rounding / margin
    # Or from the best level's mass, the one that makes Σ p (H - 1) zero.
    others = ratio[:-1]
    remainder = margin + synthetic * best * gaps[:-1]
    masses = real * reference[:-1] / remainder
    balance = float((masses * (1.0 - others)).sum())
    if balance > 0.0 and best > 1.0:
        its_error = rounding * float((masses * (1.0 + others) / remainder).sum()) / balance
        if its_error < error:
            margin, error = real * float(reference[-1]) * (best - 1.0) / balance, its_error
    remainder = margin + synthetic * best * gaps
    return found._log_density(ratio - 1.0, remainder), error


def _longest(position: float) -> float:
    return 1.0 + abs(position)


def descent(balance: Balance, reference: FloatArray, deficits: FloatArray) -> Any:
    """Return minus the derivative of the mass excess in the position."""
    # m/a times that of the mass; and (m/a) share_of_excess = η.
    shares = balance.margin * (1.0 - deficits) / balance.remainder(deficits)
    return balance.excess * total(balance.masses(reference, deficits) * shares)


def _log_growth(excess: float, real: float) -> float:
    """Return log(1 + excess/real), where the quotient may overflow."""
    if excess < real:
        return math.log1p(max(excess / real, -1.0 + 2**-53))
    return math.log(real + excess) - math.log(real)


def _softplus(x: Any) -> Any:
    """Return log(1 + e^x)."""
    if isinstance(x, np.ndarray):
        return np.logaddexp(0.0, x)
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _exp(x: Any) -> Any:
    return np.exp(x) if isinstance(x, np.ndarray) else math.exp(x)
