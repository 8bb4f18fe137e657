"""Rules that go by ranks of one column: the fixed point's distribution function, level by level.

The best of K takes from the mass z at or above a reward the mass C(z) that does not depend on how
it is divided. So z = m v + a C(z), with the real mass v there, is one equation a level. C is
concave, and so there is one root. ``docs/fixed_points.md`` derives this.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from recurate.numerics.fixed_points.bounds import ROUNDING
from recurate.numerics.fixed_points.fixed_point import FixedPoint, Found
from recurate.numerics.fixed_points.generalised.rule_loop import RuleLoop
from recurate.numerics.log_sums import (
    log_masses,
    log_sum_exp,
    log_sums_by_index,
    running_log_sums,
)
from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.ranking import Tails
from recurate.numerics.rules.rule import column_of
from recurate.numerics.rules.top_share import TopShare
from recurate.numerics.validation import FloatArray

_MOST_STEPS = 200  # each third one halves the bracket
_NEARBY = 1e-4  # in log z, for the slope at a root


def find(loop: RuleLoop) -> FixedPoint | None:
    """Return the fixed point reached from p_ref; None if a voter has another rule or column."""
    voters = [(share, rule) for share, rule in loop.collected.voters]
    ranks = [(share, rule) for share, rule in voters if isinstance(rule, BestOf | TopShare)]
    if len(ranks) < len(voters) or len({rule.by for _, rule in ranks}) > 1:
        return None
    loop.log_ratio(loop.levels.log_base)  # raises if the law has a density
    column = column_of(loop.small, ranks[0][1].by)[loop.present]
    log_base = loop.levels.log_base[loop.present]
    values, index = np.unique(column, return_inverse=True)
    log_reference = log_sums_by_index(index, log_base - log_sum_exp(log_base, 0), values.size)
    lam = loop.collected.lam
    if lam == math.inf:
        # Whoever is above the rest is, again and again.
        log_density = np.full(values.size, -np.inf)
        log_density[-1] = -log_reference[-1]
        top = loop.levels.index[loop.law.probs > 0]
        is_top = np.zeros(loop.present.size, dtype=bool)
        is_top[np.flatnonzero(loop.present)[index == values.size - 1]] = True
        found = Found(log_density[index], None, 0, "best", 4 * ROUNDING)
        return loop.fixed_point(found, is_unique=bool(is_top[top].sum() == 1))

    def log_ratio(above: FloatArray, log_mass: FloatArray) -> FloatArray:
        levels = _tails(above, log_mass)
        ratios = [math.log(share) + rule.log_ratio_of_levels(levels) for share, rule in ranks]
        return log_sum_exp(np.array(ratios), axis=0)[1::2]

    log_above = np.full(values.size, -np.inf)
    log_above[:-1] = running_log_sums(log_reference[:0:-1])[::-1]
    mass_above, error_above, passes_above = _masses(
        np.zeros(values.size - 1), log_above[:-1], lam, log_ratio
    )
    above = np.append(np.exp(mass_above), 0.0)
    log_mass, error, passes = _masses(above, log_reference, lam, log_ratio)
    log_density = log_mass - log_reference
    log_density -= float(log_sum_exp(log_mass, axis=0))
    state = Found(log_density[index], None, passes + passes_above, "ranks", max(error, error_above))
    return loop.fixed_point(state, is_unique=True)


def _masses(
    above: FloatArray,
    log_reference: FloatArray,
    lam: float,
    log_ratio: Callable[[FloatArray, FloatArray], FloatArray],
) -> tuple[FloatArray, float, int]:
    """Return the logarithms of the masses δ = m q + a δ H of levels, with an error and the passes.

    Parameters
    ----------
    above : ndarray, shape (levels,)
        Mass above each level, with which it is solved for by itself.
    log_reference : ndarray, shape (levels,)
        log q, its mass under p_ref.
    lam : float
        λ, finite.
    log_ratio : callable
        log H from the masses above and the log-masses.
    """
    log_synthetic, log_least = -math.log1p(1.0 / lam), log_reference - math.log1p(lam)

    def excess(log_growth: FloatArray) -> FloatArray:
        ratio = log_ratio(above, log_least + log_growth)
        return np.logaddexp(-log_growth, log_synthetic + ratio)

    most = np.logaddexp(0.0, log_synthetic - log_least)
    growth, passes = _roots(excess, np.zeros(above.size), most)
    if growth.size == 0:
        return growth, 0.0, passes
    slope = (excess(growth + _NEARBY) - excess(growth - _NEARBY)) / (2 * _NEARBY)
    noise = 8.0 * ROUNDING * (2.0 + np.abs(log_ratio(above, log_least + growth)) * np.exp(-growth))
    error = noise / np.maximum(-slope, ROUNDING) + 4.0 * ROUNDING * np.abs(log_least + growth)
    return log_least + growth, float(error.max()), passes + 3


def _tails(above: FloatArray, log_mass: FloatArray) -> Tails:
    """Return levels, each after a level of all that is below it, as the best few of K need."""
    mass = np.minimum(np.exp(log_mass), 1.0)
    through = np.minimum(above + mass, 1.0)
    both = np.column_stack([through, above]).ravel()
    log_below = np.log1p(-np.minimum(both, 1.0 - 2.0**-53))
    masses = np.column_stack([1.0 - through, mass]).ravel()
    below = 1.0 - both
    log_masses_of_both = np.column_stack([log_masses(1.0 - through), log_mass]).ravel()
    shares = np.divide(masses, below, out=np.ones(both.size), where=below > masses)
    return Tails(masses, log_masses_of_both, below, log_below, both, shares)


def _roots(
    function: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray
) -> tuple[FloatArray, int]:
    """Return where a decreasing function of each entry is zero, and the number of calls.

    By the regula falsi of Illinois, and by halving at each third call.
    """
    at_low, at_high, kept = function(low), function(high), np.zeros(low.size)
    at_low, at_high = np.maximum(at_low, 0.0), np.minimum(at_high, 0.0)
    for calls in range(2, _MOST_STEPS):
        is_wide = high - low > ROUNDING * (1.0 + np.abs(low))
        if not (is_wide & (at_low > 0) & (at_high < 0)).any():
            break
        middle = (low + high) / 2
        if calls % 3:
            total = at_low - at_high
            part = np.divide(at_low, total, out=np.full(low.size, 0.5), where=total > 0)
            middle = low + part * (high - low)
        value = function(middle)
        is_low = value > 0
        # The end that stays twice counts half, so that the other one moves too.
        at_high = np.where(is_low & (kept > 0), at_high / 2, at_high)
        at_low = np.where(~is_low & (kept < 0), at_low / 2, at_low)
        kept = np.where(is_low, 1.0, -1.0)
        low, at_low = np.where(is_low, middle, low), np.where(is_low, value, at_low)
        high, at_high = np.where(is_low, high, middle), np.where(is_low, at_high, value)
    nearer = np.abs(at_low) < np.abs(at_high)
    return np.where(nearer, low, high), calls
