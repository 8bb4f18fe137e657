"""The number of winners that tells one curated law from another, by the test of agreement.

The power is that of `recurate.numerics.agreement.winners.winners_verdict` with its own p-value:
exact where that test enumerates all outcomes, and a proved lower bound above.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from recurate.numerics.agreement.concave import maximum
from recurate.numerics.agreement.winners import (
    TIE,
    all_outcomes,
    is_enumerated,
    log_multinomial,
    looked_at,
)
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray

BoolArray = npt.NDArray[np.bool_]

MOST_WINNERS = 10**12
"""Largest number of winners that is tried."""


@dataclass(frozen=True, eq=False)
class WinnersTest(ReadOnlyArrays):
    """The test of winners against one law, at a given level, when they have another law.

    Attributes
    ----------
    probs, actual : ndarray, shape (n,)
        The law that is tested, and the actual law of a winner.
    rewards : ndarray, shape (n,)
        Rewards of the atoms.
    alpha : float
        The level: the test rejects if its p-value is below.
    """

    probs: FloatArray
    actual: FloatArray
    rewards: FloatArray
    alpha: float

    def power(self, number: int) -> float:
        """Return the probability that this number of winners is rejected, or a lower bound on it.

        Exact where the multinomial test is exact. Otherwise the larger of two bounds: the exact
        power of the best single binomial tail; and, for the G-test, G/2 >= Σ log(q/p) over winners
        (the divergence from p lies above its tangent at q), whose lower tail has a Chernoff bound.
        """
        if is_enumerated(number, self.probs.size):
            return self._exact_power(number)
        return max(self._tails_power(number), self._g_power(number))

    def winners_needed(self, power: float) -> int | None:
        """Return the number of winners at which `power` is reached; None above `MOST_WINNERS`.

        With one winner fewer the power is lower than that. As counts are integers, the power may
        drop slightly from one number to the next, and more where the exact test ends.
        """
        size = self.probs.size
        if is_enumerated(1, size):
            last = _first(lambda number: not is_enumerated(number, size)) - 1
            if self.power(last) >= power:
                return _first(lambda number: self.power(number) >= power, last)
        else:
            last = 0
        if max(self._tails_power(MOST_WINNERS), self._g_power(MOST_WINNERS)) < power:
            return None
        return last + _first(lambda more: self.power(last + more) >= power)

    def _exact_power(self, number: int) -> float:
        outcomes = all_outcomes(number, self.probs.size)
        log_likelihood = log_multinomial(outcomes, self.probs)
        ascending = np.sort(log_likelihood)
        up_to = np.searchsorted(ascending, log_likelihood + TIE, side="right") - 1
        p_values = np.exp(ascending).cumsum()[up_to]
        chances = np.exp(log_multinomial(outcomes, self.actual))
        return float(chances[p_values < self.alpha].sum())

    def _tails_power(self, number: int) -> float:
        p, q = (
            np.clip(looked_at(law, self.rewards), 0.0, 1.0) for law in (self.probs, self.actual)
        )
        level = self.alpha / (4 * p.size)  # two-sided, among all tails, and the G-test beside them
        # Medians are within one of the mean, and Hoeffding's bound limits the search.
        mean, reach = number * p, math.sqrt(number * math.log(1.0 / level) / 2) + 1.0
        too_few = _last_true(
            lambda count: stats.binom.cdf(count, number, p) < level,
            np.maximum(np.floor(mean - reach), -1.0),
            np.ceil(mean),
        )
        too_many = -_last_true(
            lambda count: stats.binom.sf(-count - 1.0, number, p) < level,
            -np.minimum(np.ceil(mean + reach), number + 1.0),
            -np.floor(mean),
        )
        found = stats.binom.cdf(too_few, number, q) + stats.binom.sf(too_many - 1.0, number, q)
        return float(found.max())

    def _g_power(self, number: int) -> float:
        is_there = (self.probs > 0) & (self.actual > 0)
        q = self.actual[is_there]
        gains = np.log(q / self.probs[is_there])
        freedom = int((self.probs > 0).sum()) - 1
        half = _g_threshold(freedom, math.log(2.0 / self.alpha))

        def log_bound(tilt: float) -> tuple[float, float, float]:
            exponents = np.log(q) - tilt * gains
            peak = exponents.max()
            weights = np.exp(exponents - peak)
            total, mean = weights.sum(), weights @ gains / weights.sum()
            variance = weights @ (gains - mean) ** 2 / total
            value = tilt * half + number * (peak + math.log(total))
            return value, number * mean - half, number * variance

        # From 0 on, the bound falls and then rises with the tilt.
        if log_bound(0.0)[1] <= 0.0:
            return 0.0
        tilt = maximum(lambda x: log_bound(x)[1:], limit=100.0)
        return -math.expm1(min(0.0, log_bound(tilt)[0]))


def _g_threshold(freedom: int, log_rate: float) -> float:
    """Return the G/2 above which Agrawal's bound is below e^{-log_rate}."""
    if freedom == 0:
        return log_rate

    def excess(half: float) -> float:
        return half - freedom * (1.0 + math.log(half / freedom)) - log_rate

    # log(1 + u) <= sqrt(1 + 2u) - 1 gives the upper end.
    highest = freedom + log_rate + math.sqrt(2.0 * freedom * log_rate)
    return float(optimize.brentq(excess, freedom, highest, xtol=1e-300, rtol=1e-15, maxiter=1000))


def _last_true(
    holds: Callable[[FloatArray], BoolArray], true: FloatArray, false: FloatArray
) -> FloatArray:
    """Return the last integers, from `true` to before `false`, at which something holds."""
    while (false - true > 1.0).any():
        middle = np.floor((true + false) / 2)
        is_true = holds(middle)
        true, false = np.where(is_true, middle, true), np.where(is_true, false, middle)
    return true


def _first(is_enough: Callable[[int], bool], last: int = MOST_WINNERS) -> int:
    """Return a number up to `last` that is enough while one less is not; `last` must be enough."""
    high = 1
    while high < last and not is_enough(high):
        high = min(2 * high, last)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high
