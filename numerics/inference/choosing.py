"""The inverse question: how much real data, or how many candidates, keep the loop within a limit?

The search computes the loop exactly for each trial value; nothing is fitted.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.optimize import brentq

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import (
    FloatArray,
    candidates,
    count,
    finite_number,
    mixing,
    positive_number,
    shown,
)

HORIZON = 64
"""Without a number of steps, this many are checked, and then the fixed point."""

LONG_HORIZON = 1024
"""For shares, steps that are checked if `HORIZON` is too few: a share may rise before it falls."""

LEAST_MIXING = 1e-6
"""Smallest λ that is tried."""

# After the last of these, λ = inf and K = inf are tried.
_MIXINGS = [LEAST_MIXING * 10.0 ** (j / 2) for j in range(25)]
_CANDIDATES = sorted({1, *(2**j for j in range(1, 21)), *(3 * 2**j for j in range(19))})
_RELATIVE_ERROR = 1e-9
_ROUNDING = 1e-13  # of a share that stays where it is

Quantity = Literal["kl", "max_share", "min_share"]


@dataclass(frozen=True)
class Choice:
    """A loop that stays within a limit, as far from the real data as the limit allows.

    Attributes
    ----------
    K : int or math.inf
        Number of candidates.
    lam : float
        λ, synthetic samples per real one.
    chosen : {"lam", "K"}
        Which of the two was searched for.
    quantity : {"kl", "max_share", "min_share"}
        What is limited: KL(p_t‖p_ref) from above, or a group's share from above or below.
    limit : float
        The limit, in nats or a share.
    reached : float
        The largest value under this choice (the smallest for ``"min_share"``).
    step : float
        The step t at which it is reached; inf for the fixed point.
    steps : int or None
        Number of steps for which the limit holds; None for ever.
    """

    K: float
    lam: float
    chosen: Literal["lam", "K"]
    quantity: Quantity
    limit: float
    reached: float
    step: float
    steps: int | None

    @property
    def real_fraction(self) -> float:
        """Share of real data in each retraining set, 1/(1+λ)."""
        return 1.0 / (1.0 + self.lam)


def choose(
    law: RewardLaw,
    *,
    K: Any = None,
    lam: Any = None,
    max_kl: float | None = None,
    group: Hashable = None,
    max_share: float | None = None,
    min_share: float | None = None,
    steps: int | None = None,
    on_try: Callable[[], None] | None = None,
) -> Choice:
    """Return the smallest share of real data, or the largest K, that keeps a loop within a limit.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref, at which the loop starts.
    K : int or math.inf, optional
        Number of candidates; then the largest λ is searched for.
    lam : float, optional
        λ; then the largest K is searched for. Exactly one of the two must be given.
    max_kl : float, optional
        Limit of KL(p_t‖p_ref), in nats, above 0.
    group : hashable, optional
        A group of the law, whose share is limited.
    max_share, min_share : float, optional
        Limit of that share. Exactly one of `max_kl`, `max_share` and `min_share` must be given.
    steps : int, optional
        Number of steps for which the limit must hold; for ever by default. In that case the first
        `HORIZON` steps and the fixed point are checked and, for a share, the first `LONG_HORIZON`
        steps of the loop that is returned. A share may exceed its limit by 1e-13, for rounding.
    on_try : callable, optional
        Called after each loop that is tried, to show progress.

    Returns
    -------
    Choice
        λ has a relative error of 1e-9. A share need not be monotone in λ and K; its limit holds for
        every smaller value that was tried.

    Raises
    ------
    TypeError, ValueError
        If arguments are missing, contradict each other or are out of range, or if the real data are
        already beyond the limit.

    Notes
    -----
    Derived in ``docs/choosing.md``: KL(p_inf‖p_ref) grows with λ and K in all cases known
    (`reward-monotone-parameters` is a conjecture), so it is searched by bisection.

    Examples
    --------
    >>> law = RewardLaw([0.0, 1.0, 2.0])
    >>> found = choose(law, K=4, max_kl=0.1)
    >>> round(found.lam, 4), round(found.reached, 4)
    (0.9656, 0.1)
    >>> choose(law, lam=0.95, max_kl=0.1).K
    4
    """
    if not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
    if (K is None) == (lam is None):
        raise TypeError("exactly one of K and lam must be given; the other is searched for")
    goal = _goal(law, group, max_kl, max_share, min_share)
    if steps is not None and count(steps, "steps") < 1:
        raise ValueError(f"steps must be an integer of at least 1; got {steps}")
    if K is not None:
        K = candidates(K)
    else:
        lam = mixing(lam)

    def found(horizon: int) -> Choice:
        search = _Search(law, goal, steps, horizon, on_try)
        return search.mixing(K) if K is not None else search.candidates(lam)

    choice = found(HORIZON)
    if steps is not None or goal.is_monotone:
        return choice
    # KL is taken to grow with t. A share may leave the limit after the first steps, and be within
    # it again at the fixed point.
    watching = _Search(law, goal, steps, LONG_HORIZON, on_try)
    watched = watching.choice(choice.K, choice.lam, choice.chosen)
    if goal.excess(watched.reached) > 0:
        return found(LONG_HORIZON)
    return watched


@dataclass(frozen=True)
class _Goal:
    """What is limited: `sign` times the quantity must be at most `sign` times `limit`."""

    quantity: Quantity
    limit: float
    column: int | None

    @property
    def sign(self) -> float:
        return -1.0 if self.quantity == "min_share" else 1.0

    def excess(self, reached: float) -> float:
        """Return by how much a value is beyond the limit; a share is allowed its rounding."""
        excess = self.sign * (reached - self.limit)
        return excess - _ROUNDING if self.column is not None else excess

    @property
    def is_monotone(self) -> bool:
        return self.quantity == "kl"


def _goal(
    law: RewardLaw,
    group: Hashable,
    max_kl: float | None,
    max_share: float | None,
    min_share: float | None,
) -> _Goal:
    limits: dict[Quantity, float | None] = {
        "kl": max_kl,
        "max_share": max_share,
        "min_share": min_share,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    if len(given) != 1:
        raise TypeError(
            "exactly one of max_kl, max_share and min_share must be given; got "
            + (", ".join("max_kl" if name == "kl" else name for name in given) or "none")
        )
    ((quantity, limit),) = given.items()
    if quantity == "kl":
        limit = positive_number(limit, "max_kl")
        if group is not None:
            raise TypeError("group goes with max_share or min_share; got max_kl")
        return _Goal(quantity, limit, None)
    if not 0 <= finite_number(limit, quantity) <= 1:
        raise ValueError(f"{quantity} must be from 0 to 1; got {limit}")
    if not isinstance(group, Hashable) or group not in law.group_names:
        names = ", ".join(map(repr, law.group_names[:5])) or "none"
        raise ValueError(f"group must be one of the law's ({names}, …); got {shown(group)}")
    return _Goal(quantity, float(limit), law.group_names.index(group))


class _Search:
    def __init__(
        self,
        law: RewardLaw,
        goal: _Goal,
        steps: int | None,
        horizon: int,
        on_try: Callable[[], None] | None,
    ) -> None:
        self._law, self._goal, self._steps, self._on_try = law, goal, steps, on_try
        self._horizon = horizon if steps is None else steps
        self._tried: dict[tuple[float, float], tuple[float, float]] = {}
        start = self._values(CurationLoop(law, K=1, lam=0.0).run(steps=0))[0]
        if goal.excess(start) > 0:
            raise ValueError(
                f"{goal.quantity} must leave the real data within the limit: the share of "
                f"{law.group_names[goal.column or 0]!r} is {start:.6g} there; got {goal.limit:g}"
            )

    def mixing(self, K: float) -> Choice:
        """Return the largest λ."""

        def excess(lam: float) -> float:
            return self._excess(K, lam)

        if K == 1 or (self._goal.is_monotone and excess(math.inf) <= 0):
            return self.choice(K, math.inf, "lam")
        failing = self._first_failing(excess, [*_MIXINGS, math.inf])
        if failing is None:
            return self.choice(K, math.inf, "lam")
        if failing == 0:
            raise ValueError(
                f"the limit {self._goal.limit:g} must allow λ = {LEAST_MIXING:g}; it allows less"
            )
        low = _MIXINGS[failing - 1]
        high = _MIXINGS[failing] if failing < len(_MIXINGS) else math.inf
        if high == math.inf:  # the largest λ on the list is allowed, the pure loop is not
            return self.choice(K, low, "lam")
        root = brentq(
            lambda logarithm: excess(math.exp(logarithm)),
            math.log(low),
            math.log(high),
            xtol=_RELATIVE_ERROR,
        )
        found = math.exp(root)
        while excess(found) > 0:
            found = max(low, found * (1 - _RELATIVE_ERROR))
        return self.choice(K, found, "lam")

    def candidates(self, lam: float) -> Choice:
        """Return the largest K."""

        def excess(K: float) -> float:
            return self._excess(K, lam)

        if lam == 0 or (self._goal.is_monotone and excess(math.inf) <= 0):
            return self.choice(math.inf, lam, "K")
        failing = self._first_failing(excess, [*_CANDIDATES, math.inf])
        if failing is None:
            return self.choice(math.inf, lam, "K")
        low = _CANDIDATES[failing - 1]  # K = 1 changes nothing
        if failing == len(_CANDIDATES):
            return self.choice(low, lam, "K")
        between = range(low, _CANDIDATES[failing] + 1)
        place = bisect_left(between, True, key=lambda K: excess(K) > 0)
        return self.choice(between[place - 1], lam, "K")

    def _first_failing(
        self, excess: Callable[[float], float], values: Sequence[float]
    ) -> int | None:
        """Return the number of the first value above the limit."""
        # With a density the fixed point may be impossible to compute for a λ far too large.
        if self._goal.is_monotone and not self._law.is_continuous:
            place = bisect_left(values, True, key=lambda value: excess(value) > 0)
            return place if place < len(values) else None
        return next((i for i, value in enumerate(values) if excess(value) > 0), None)

    def _excess(self, K: float, lam: float) -> float:
        reached, _ = self._worst(K, lam)
        return self._goal.excess(reached)

    def _worst(self, K: float, lam: float) -> tuple[float, float]:
        """Return the value closest to the limit, or furthest beyond it, and its step."""
        if (K, lam) not in self._tried:
            self._tried[K, lam] = self._try(K, lam)
            if self._on_try is not None:
                self._on_try()
        return self._tried[K, lam]

    def _try(self, K: float, lam: float) -> tuple[float, float]:
        loop = CurationLoop(self._law, K=K, lam=lam)
        values = self._values(loop.run(steps=self._horizon))
        step = int(np.argmax(self._goal.sign * values))
        worst = float(values[step])
        if self._steps is None:
            limit = loop.fixed_point()
            column = self._goal.column
            last = (
                limit.kl_to_reference if column is None else float(limit.group_proportions[column])
            )
            if self._goal.sign * last >= self._goal.sign * worst:
                return last, math.inf
        return worst, step

    def _values(self, trajectory: Any) -> FloatArray:
        column = self._goal.column
        values: FloatArray = (
            trajectory.kl_to_reference
            if column is None
            else trajectory.group_proportions[:, column]
        )
        return values

    def choice(self, K: float, lam: float, chosen: Literal["lam", "K"]) -> Choice:
        """Return this K and λ as a choice, with the value they reach."""
        reached, step = self._worst(K, lam)
        goal = self._goal
        K = K if K == math.inf else int(K)
        return Choice(K, lam, chosen, goal.quantity, goal.limit, reached, step, self._steps)
