"""The search on one table, exactly: every value that is tried is a loop that is computed."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import brentq

from recurate.numerics.inference.limits import CANDIDATES, LEAST_MIXING, MIXINGS, Limit
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

RELATIVE_ERROR = 1e-9
"""Of the largest λ."""

_WIDTHS = (1e-4, 1e-2)  # of brackets about a guess; that from bins is right to some 1e-5


class Search:
    """The largest λ or K that keeps a law's loop within a limit.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards, at which the loop starts.
    limit : Limit
        The limit.
    steps : int
        Number of steps that are looked at.
    for_ever : bool
        Whether the fixed point is looked at, too.
    on_try : callable, optional
        Called after each loop that is tried.
    widths : sequence of float
        Of λ, about a guess: where the answer is looked for.

    Raises
    ------
    ValueError
        If the law itself is beyond the limit.
    """

    def __init__(
        self,
        law: RewardLaw,
        limit: Limit,
        steps: int,
        for_ever: bool,
        on_try: Callable[[], None] | None,
        widths: Sequence[float] = _WIDTHS,
    ) -> None:
        self._widths = widths
        self._law, self._limit, self._on_try = law, limit, on_try
        self._steps, self._for_ever = steps, for_ever
        self._tried: dict[tuple[float, float], tuple[float, float]] = {}
        self._start = start_of(law, limit)

    def mixing(self, K: float, guess: float | None = None) -> float:
        """Return the largest λ; a guess that is nearly right saves most of the work."""

        def excess(lam: float) -> float:
            return self._excess(K, lam)

        if K == 1:
            return math.inf
        if self._is_last(excess, guess, MIXINGS):
            return math.inf
        for width in self._widths:
            if guess is None or not LEAST_MIXING < guess < MIXINGS[-1]:
                break
            low, high = guess * (1 - width), guess * (1 + width)
            if excess(low) <= 0 < excess(high):
                return largest_mixing(excess, low, high)
        if self._limit.is_monotone and excess(math.inf) <= 0:
            return math.inf
        failing = self._first_failing(
            excess, [*MIXINGS, math.inf], free_mixing(self._limit, self._start)
        )
        if failing is None:
            return math.inf
        if failing == 0:
            raise BeyondLimitError(
                f"the limit {self._limit.value:g} must allow λ = {LEAST_MIXING:g}; it allows less"
            )
        low = float(MIXINGS[failing - 1])
        if failing == len(MIXINGS):  # the largest λ on the list is allowed, the pure loop is not
            return low
        return largest_mixing(excess, low, MIXINGS[failing])

    def candidates(self, lam: float, guess: float | None = None) -> float:
        """Return the largest K; a guess that is right saves most of the work."""

        def excess(K: float) -> float:
            return self._excess(K, lam)

        if lam == 0 or self._is_last(excess, guess, CANDIDATES):
            return math.inf
        if self._limit.is_monotone and excess(math.inf) <= 0:
            return math.inf
        if guess is not None and guess < CANDIDATES[-1] and excess(guess) <= 0 < excess(guess + 1):
            return guess
        free = lam <= free_mixing(self._limit, self._start)
        failing = self._first_failing(excess, [*CANDIDATES, math.inf], math.inf if free else 1)
        if failing is None:
            return math.inf
        low = CANDIDATES[failing - 1]  # K = 1 changes nothing
        if failing == len(CANDIDATES):
            return low
        return largest_candidates(excess, low, CANDIDATES[failing])

    def worst(self, K: float, lam: float) -> tuple[float, float]:
        """Return the value closest to the limit, or furthest beyond it, and its step."""
        if (K, lam) not in self._tried:
            self._tried[K, lam] = self._try(K, lam)
            if self._on_try is not None:
                self._on_try()
        return self._tried[K, lam]

    def _is_last(
        self, excess: Callable[[float], float], guess: float | None, values: Sequence[float]
    ) -> bool:
        """Whether there is no limit, as guessed: the end is allowed, and the last value before."""
        return guess == math.inf and excess(math.inf) <= 0 >= excess(values[-1])

    def _first_failing(
        self, excess: Callable[[float], float], values: Sequence[float], free: float
    ) -> int | None:
        """Return the number of the first value above the limit; there is none up to `free`."""
        # With a density the fixed point may be impossible to compute for a λ far too large.
        if self._limit.is_monotone and not self._law.is_continuous:
            place = bisect_left(values, True, key=lambda value: excess(value) > 0)
            return place if place < len(values) else None
        looked_at = (i for i, value in enumerate(values) if value > free)
        return next((i for i in looked_at if excess(values[i]) > 0), None)

    def _excess(self, K: float, lam: float) -> float:
        return self._limit.excess(self.worst(K, lam)[0])

    def _try(self, K: float, lam: float) -> tuple[float, float]:
        loop = CurationLoop(self._law, K=K, lam=lam)
        return worst_of(loop, self._limit, self._steps, self._for_ever)


def largest_mixing(
    excess: Callable[[float], float], low: float, high: float, tolerance: float = RELATIVE_ERROR
) -> float:
    """Return where the limit is left, from a λ that is allowed to one that is not."""
    root: float = brentq(
        lambda logarithm: excess(math.exp(logarithm)),
        math.log(low),
        math.log(high),
        xtol=tolerance,
    )
    found = math.exp(root)
    while excess(found) > 0:  # on the side of the limit that is allowed
        found = max(low, found * (1 - tolerance))
    return found


def largest_candidates(excess: Callable[[float], float], low: float, high: float) -> float:
    """Return the largest K that is allowed, from one that is to one that is not."""
    between = range(int(low), int(high) + 1)
    return float(between[bisect_left(between, True, key=lambda K: excess(K) > 0) - 1])


def free_mixing(limit: Limit, start: float) -> float:
    """Return a λ up to which a limit holds without a look, from its quantity in the real data."""
    fraction = limit.free_fraction(start)
    return fraction / (1.0 - fraction) if fraction < 1 else math.inf


class BeyondLimitError(ValueError):
    """The real data are beyond the limit themselves, or as good as any loop from them."""


def start_of(law: RewardLaw, limit: Limit) -> float:
    """Return the limited quantity of the real data.

    Raises
    ------
    BeyondLimitError
        If it is beyond the limit.
    """
    start = float(limit.values(CurationLoop(law, K=1, lam=0.0).run(steps=0))[0])
    if limit.excess(start) > 0:
        what = "divergence"
        if limit.group is not None:
            what = f"share of {law.group_names[limit.group]!r}"
        elif limit.score is not None:
            what = f"mean of {law.score_names[limit.score]!r}"
        raise BeyondLimitError(
            f"{limit.quantity} must leave the real data within the limit: the {what} is "
            f"{start:.6g} there; got {limit.value:g}"
        )
    return start


def worst_of(loop: CurationLoop, limit: Limit, steps: int, for_ever: bool) -> tuple[float, float]:
    """Return the value closest to the limit, or furthest beyond it, and its step.

    That is inf for the fixed point, which is looked at if the limit is to hold for ever.
    """
    values = limit.values(loop.run(steps=steps))
    step = int(np.argmax(limit.sign * values))
    worst = float(values[step])
    if for_ever:
        last = limit.value_at(loop.fixed_point())
        if limit.sign * last >= limit.sign * worst:
            return last, math.inf
    return worst, step
