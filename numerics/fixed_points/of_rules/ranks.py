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
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.log_sums import (
    log_sum_exp,
    log_sums_by_index,
    running_log_sums,
)
from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.ranking import Tails
from recurate.numerics.rules.rule import column_of
from recurate.numerics.rules.top_share import TopShare
from recurate.numerics.validation import FloatArray

_MOST_STEPS = 200
_NOISE = 8.0 * ROUNDING


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

    def log_ratios(above: FloatArray, log_mass: FloatArray) -> FloatArray:
        levels = _tails(above, log_mass)
        ratios = [
            math.log(share) + rule.log_ratio_of_levels(levels).reshape(-1, 3)[:, 1:].T
            for share, rule in ranks
        ]
        return log_sum_exp(np.array(ratios), axis=0)

    log_above = np.full(values.size, -np.inf)
    log_above[:-1] = running_log_sums(log_reference[:0:-1])[::-1]
    mass_above, error_above, passes_above = _masses(
        np.zeros(values.size - 1), log_above[:-1], lam, log_ratios
    )
    above = np.append(np.exp(mass_above), 0.0)
    log_mass, error, passes = _masses(above, log_reference, lam, log_ratios)
    log_density = log_mass - log_reference
    log_density -= float(log_sum_exp(log_mass, axis=0))
    state = Found(log_density[index], None, passes + passes_above, "ranks", max(error, error_above))
    return loop.fixed_point(state, is_unique=True)


def _masses(
    above: FloatArray,
    log_reference: FloatArray,
    lam: float,
    log_ratios: Callable[[FloatArray, FloatArray], FloatArray],
) -> tuple[FloatArray, float, int]:
    """Return the logarithms of the masses δ = m q + a δ H of levels, with an error and the passes.

    The unknown is y = log(δ/(m q)) >= 0, the root of log(e^{-y} + a H), which decreases in y:
    Newton's method, with halving where it leaves the bracket or is slow.

    Parameters
    ----------
    above : ndarray, shape (levels,)
        Mass above each level, with which it is solved for by itself.
    log_reference : ndarray, shape (levels,)
        log q, its mass under p_ref.
    lam : float
        λ, finite.
    log_ratios : callable
        From masses above and log-masses, log H at the lower edge of each level, and on the level.
    """
    log_synthetic, log_least = -math.log1p(1.0 / lam), log_reference - math.log1p(lam)
    low, high = np.zeros(above.size), np.logaddexp(0.0, log_synthetic - log_least)
    growth, error = high.copy(), np.zeros(above.size)
    active, passes, before = np.arange(above.size), 0, np.full(above.size, np.inf)
    while active.size:
        y = growth[active]
        at_edge, on_level = log_synthetic + log_ratios(above[active], log_least[active] + y)
        excess = np.logaddexp(-y, on_level)
        slope = np.exp(at_edge - excess) - 1.0  # d log(m q + a C)/d log δ - 1
        taken = np.exp(on_level)
        sizes = 2.0 + taken * np.abs(np.where(taken > 0, on_level, 0.0))
        error[active] = _NOISE * sizes / np.maximum(-slope, ROUNDING)
        low[active] = np.where(excess > 0, y, low[active])
        high[active] = np.where(excess > 0, high[active], y)
        move = np.divide(-excess, slope, out=np.zeros(y.size), where=slope < 0)
        after, is_slow = y + move, np.abs(excess) > before[active] / 2
        outside = ~((after >= low[active]) & (after <= high[active])) | (slope >= 0)
        halved = outside | (is_slow & (passes % 3 == 2))
        after = np.where(halved, (low[active] + high[active]) / 2, after)
        before[active], growth[active] = np.abs(excess), after
        done = np.abs(after - y) <= 4.0 * ROUNDING * (1.0 + y)
        done |= (high[active] - low[active]) <= 4.0 * ROUNDING * (1.0 + y)
        active, passes = active[~done], passes + 1
        if passes == _MOST_STEPS:
            raise ArithmeticError(
                f"each level's mass must be found within {_MOST_STEPS} steps; got {active.size} "
                "that are not: run the loop instead, and please report the law, the rule and lam"
            )
    log_mass = log_least + growth
    error += 4.0 * ROUNDING * np.abs(log_mass)
    return log_mass, float(error.max(initial=0.0)), passes


def _tails(above: FloatArray, log_mass: FloatArray) -> Tails:
    """Return levels, each after two of no mass at its lower edge.

    The rules take what is above the level before as what is above a level's lower edge.
    """
    mass = np.minimum(np.exp(log_mass), 1.0)
    edge, none = np.minimum(above + mass, 1.0), np.zeros(mass.size)
    all_above = np.column_stack([edge, edge, above]).ravel()
    masses = np.column_stack([none, none, mass]).ravel()
    logs = np.column_stack([none - np.inf, none - np.inf, log_mass]).ravel()
    below = np.maximum(1.0 - all_above, 2.0**-53)
    log_below = np.log1p(-np.minimum(all_above, 1.0 - 2.0**-53))
    return Tails(masses, logs, below, log_below, all_above, np.minimum(masses / below, 1.0))
