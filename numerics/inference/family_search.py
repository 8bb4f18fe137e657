"""Loops of one unknown, λ or K, whatever their rules: the search for the largest that is allowed.

Nothing is taken to be monotone: values are tried upward, and the answer is refined between the
first one that is beyond the limit and the one before it. A change of sides between two values that
are both allowed is not seen.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from recurate.numerics.inference.limits import CANDIDATES, HORIZON, LONG_HORIZON, MIXINGS, Limit
from recurate.numerics.inference.search import (
    RELATIVE_ERROR,
    BeyondLimitError,
    free_mixing,
    largest_candidates,
    largest_mixing,
    start_of,
    worst_of,
)
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, NothingAcceptedError
from recurate.numerics.rules.rule import Rule, as_rule, columns_of_all
from recurate.numerics.text import shown
from recurate.numerics.validation import mixing


@dataclass(frozen=True)
class Family:
    """Loops on a law that differ in λ, or in K.

    Attributes
    ----------
    rule : Rule, sequence or function
        As `CurationLoop` takes it, if λ is unknown; a function of K that returns a rule otherwise.
    lam : float or None
        None if it is unknown.
    retained : float, sequence or function
        As `CurationLoop` takes it.
    """

    rule: Any
    lam: float | None
    retained: Any

    @classmethod
    def of(cls, rule: Any, lam: float | None, retained: Any) -> Family:
        """Return the loops with one of these unknown.

        Raises
        ------
        TypeError
            If `lam` is given and `rule` is no function of K.
        """
        if lam is None:
            return cls(rule, None, retained)
        rule = BradleyTerry if rule is None else rule
        if isinstance(rule, Rule) or not callable(rule):
            raise TypeError(
                "rule must be a function of K where lam is given and K is searched for, such as "
                f"BestOf, or lambda K: Voters([…]); got {shown(rule)}: leave out lam to look for it"
            )
        return cls(rule, lam, retained)

    @property
    def seeks_mixing(self) -> bool:
        """Whether λ is unknown, and not K."""
        return self.lam is None

    def rule_of(self, value: float) -> Any:
        """Return the rule of a loop: of K candidates, if K is unknown."""
        if self.seeks_mixing:
            return self.rule
        return as_rule(self.rule(value if value == math.inf else int(value)), "rule(K)")

    def loop(self, law: RewardLaw, value: float) -> CurationLoop:
        """Return a loop, by λ or K."""
        lam = value if self.lam is None else self.lam
        return CurationLoop(law, rule=self.rule_of(value), lam=lam, retained=self.retained)

    def columns_read(self, law: RewardLaw, value: float, steps: int) -> set[int] | None:
        """Return the identities of the law's columns that a loop's rules read, if they say so."""
        columns = columns_of_all(self.loop(law, value).schedule.plan(steps).rules, law)
        return None if columns is None else {id(column) for column in columns}

    @property
    def is_bounded(self) -> bool:
        """Whether K must be finite, as for `BestOf`."""
        if self.seeks_mixing:
            return False
        try:
            self.rule_of(math.inf)
        except ValueError:
            return True
        return False


class FamilySearch:
    """The largest λ or K of a family that keeps a law's loop within a limit.

    Parameters
    ----------
    family, law, limit
        The loops, the law of the rewards, at which they start, and the limit.
    steps : int
        Number of steps that are looked at.
    for_ever : bool
        Whether the fixed point is looked at, too.
    on_try : callable, optional
        Called after each loop that is tried.
    tolerance : float
        Relative error of λ.

    Raises
    ------
    BeyondLimitError
        If the law itself is beyond the limit.
    """

    def __init__(
        self,
        family: Family,
        law: RewardLaw,
        limit: Limit,
        steps: int,
        for_ever: bool,
        on_try: Callable[[], None] | None = None,
        tolerance: float = RELATIVE_ERROR,
    ) -> None:
        self._family, self._law, self._limit = family, law, limit
        self._steps, self._for_ever, self._on_try = steps, for_ever, on_try
        self._tolerance = tolerance
        self._tried: dict[float, tuple[float, float]] = {}
        self._start = start_of(law, limit)

    def worst(self, value: float) -> tuple[float, float]:
        """Return the value closest to the limit, or furthest beyond it, and its step."""
        if value not in self._tried:
            loop = self._family.loop(self._law, value)
            self._tried[value] = worst_of(loop, self._limit, self._steps, self._for_ever)
            if self._on_try is not None:
                self._on_try()
        return self._tried[value]

    def largest(self, guess: float | None = None) -> float:
        """Return the largest value before the first one that is found to be beyond the limit.

        Raises
        ------
        BeyondLimitError
            If even the smallest is.
        """
        values = self._values()
        free = free_mixing(self._limit, self._start) if self._family.seeks_mixing else 0.0
        first = bisect_right(values, free)
        if guess is not None:  # values far below it are not looked at
            first = max(first, bisect_left(values, guess / 4) - 1)
            while values[first] > free and first > 0 and self._excess(values[first]) > 0:
                first -= 1
        place = next((i for i in range(first, len(values)) if self._excess(values[i]) > 0), None)
        if place is None:
            return values[-1]
        if place == 0:
            name = "λ" if self._family.seeks_mixing else "K"
            raise BeyondLimitError(
                f"the limit {self._limit.value:g} must allow {name} = {values[0]:g}; it allows less"
            )
        low, high = values[place - 1], values[place]
        if high == math.inf:
            return low
        if self._family.seeks_mixing:
            return largest_mixing(self._excess, low, high, self._tolerance)
        return largest_candidates(self._excess, low, high)

    def _values(self) -> list[float]:
        if self._family.seeks_mixing:
            return [*MIXINGS, math.inf]
        finite = [float(K) for K in CANDIDATES]
        return finite if self._family.is_bounded else [*finite, math.inf]

    def _excess(self, value: float) -> float:
        return self._limit.excess(self.worst(value)[0])


def asked_of(
    law: RewardLaw,
    limit: Limit,
    K: Any,
    rule: Any,
    lam: Any,
    retained: Any,
    steps: int | None,
) -> tuple[Family | None, float | None, float | None]:
    """Return the loops among which one is chosen.

    None for the paper's loop and a limit of KL or a share, with its K or λ, checked.
    """
    if lam is not None:
        lam = mixing(lam)
        if rule is None and retained is None and limit.score is None:
            return None, None, lam
        return Family.of(rule, lam, retained), None, lam
    schedule = CurationLoop(law, K=K, rule=rule, lam=0.0, retained=retained).schedule
    if schedule.K is not None and limit.score is None:
        return None, schedule.K, None
    if steps is None and not isinstance(schedule.rule, Rule):
        raise ValueError(
            "steps must be given for a rule that changes with t, as such a loop has no fixed point"
        )
    if steps is None and not isinstance(schedule.retained, float):
        raise ValueError(
            "steps must be given where retained changes with t, as such a loop has no fixed point"
        )
    return Family.of(schedule.rule, None, retained), None, None


def largest(
    family: Family,
    law: RewardLaw,
    limit: Limit,
    steps: int | None,
    on_try: Callable[[], None] | None,
) -> tuple[float, float, float]:
    """Return the λ or K that is chosen, the value that it reaches, and its step."""
    for_ever = steps is None
    search = FamilySearch(family, law, limit, steps or HORIZON, for_ever, on_try)
    value = search.largest()
    if for_ever:
        search = FamilySearch(family, law, limit, LONG_HORIZON, for_ever, on_try)
        if limit.excess(search.worst(value)[0]) > 0:
            value = search.largest(value)
    return value, *search.worst(value)


def in_short(
    family: Family, law: RewardLaw, limit: Limit, own: float, steps: int | None
) -> float | None:
    """Return what one law allows, to 1e-3; None if there is nothing to select."""
    with suppress(NothingAcceptedError):
        try:
            search = FamilySearch(
                family, law, limit, steps or HORIZON, steps is None, tolerance=1e-3
            )
            return search.largest(own)
        except BeyondLimitError:
            return 0.0 if family.seeks_mixing else 1.0
    return None
