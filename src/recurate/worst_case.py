"""How much real data, or how few candidates, keep a limit whatever people choose."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any, Literal

from recurate.any_choice import Shares, choosers, rounds_of_loop
from recurate.numerics.inference.choice import Choice
from recurate.numerics.inference.limits import LARGEST_HORIZON, Limit
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry
from recurate.numerics.rules.rule import Rule
from recurate.numerics.validation import count, mixing
from recurate.theory.envelopes.divergence import divergences
from recurate.theory.envelopes.limits import (
    divergence_for_ever,
    envelope_for_ever,
    largest_mixing_for_divergence,
    largest_mixing_for_share,
    largest_within,
)
from recurate.theory.envelopes.shares import envelope

_MOST_CANDIDATES = 2**53  # of finite ones: a larger integer is not every one a double
_ROUNDING = 1e-12  # of a share that is at its limit


def worst_case(
    law: RewardLaw,
    *,
    K: Any = None,
    rule: Any = None,
    lam: Any = None,
    retained: Any = None,
    max_kl: float | None = None,
    group: Hashable = None,
    max_share: float | None = None,
    min_share: float | None = None,
    steps: int | None = None,
) -> Choice:
    """Return the largest λ, or K, with which a limit is kept whatever people choose.

    Arguments and what is returned are as of `recurate.choose`; of a rule only the number of
    candidates matters. For one K, without prompts, the λ that keeps a share for ever has a closed
    form (`largest_mixing_for_share`); else it is found by halving, to a relative 1e-12. `reached`
    is what the worst way to choose comes to, and `step` inf where that is only for ever.

    Raises
    ------
    TypeError, ValueError
        If arguments are missing, contradict each other or are out of range; if the real data are
        beyond the limit already; if no λ above 0 keeps it; or if `steps` is not given where the
        rule changes with t.

    Examples
    --------
    Half of the samples are liked, and the other half is to keep a tenth: of best-of-four's kind.

    >>> law = RewardLaw([0.0, 1.0], groups=["plain", "liked"])
    >>> found = worst_case(law, K=4, group="plain", min_share=0.1)
    >>> round(found.lam, 6), round(0.4 / (0.1 - 0.1**4), 6)
    (4.004004, 4.004004)
    >>> worst_case(law, lam=4.0, group="plain", min_share=0.1).K
    inf
    >>> worst_case(law, lam=0.5, max_kl=0.1).K
    2
    """
    if not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
    if (lam is None) == (K is None) and (rule is None or K is not None):
        raise TypeError("exactly one of K and lam must be given; the other is searched for")
    limit = Limit.of(law, group, max_kl, max_share, min_share, None, None, None)
    if steps is not None and count(steps, "steps", LARGEST_HORIZON) < 1:
        raise ValueError(f"steps must be an integer of at least 1; got {steps}")
    question = _Question(law, limit, retained, steps)
    chosen: Literal["lam", "K"]
    if lam is None:
        own = rule if K is None else BradleyTerry(K)
        chosen, lam = "lam", question.largest_mixing(own)
        if not lam > 0.0:
            raise ValueError(
                "no λ (lam) above 0 keeps this limit whatever people choose: "
                + (
                    "a choice among any number may be any sample; name a finite K"
                    if K == math.inf
                    else "only real data alone do; leave the limit more room"
                )
            )
        number = own.most_candidates if isinstance(own, Rule) else math.nan
    else:
        lam, chosen = mixing(lam), "K"
        number, own = question.largest_candidates(lam, BradleyTerry if rule is None else rule)
    is_plain = rule is None
    return Choice(
        int(number) if math.isfinite(number) else number,
        lam,
        chosen,
        limit.quantity,
        limit.value,
        question.reached(lam, own),
        math.inf if steps is None else steps,
        steps,
        rule=None if is_plain else own,
        retained=retained,
    )


class _Question:
    """A limit on a law, for so many steps or for ever."""

    def __init__(self, law: RewardLaw, limit: Limit, retained: Any, steps: int | None) -> None:
        self._law, self._limit, self._retained, self._steps = law, limit, retained, steps
        self._shares = Shares(law, [] if limit.group is None else [limit.group])
        self._start = 0.0
        if limit.group is not None:
            self._start = float(self._shares.summed(self._shares.of_parts)[0])
            if not self._is_within(self._start):
                raise ValueError(
                    f"{limit.quantity} must leave room for the real data, of which the group has "
                    f"{self._start:.6g}; got {limit.value:g}"
                )

    def _is_within(self, reached: float) -> bool:
        limit = self._limit
        return limit.sign * (reached - limit.value) <= _ROUNDING * limit.value

    def reached(self, lam: float, rule: Any) -> float:
        """Return the largest value that any way to choose comes to, or the smallest."""
        loop = CurationLoop(self._law, rule=rule, lam=lam, retained=self._retained)
        for_ever = self._steps is None
        if for_ever and not (isinstance(rule, Rule) and isinstance(loop.retained, float)):
            raise ValueError("steps must be given for a rule, or retained, that changes with t")
        rounds, alike = rounds_of_loop(loop, self._steps or 0)
        if self._limit.group is None:
            if not for_ever:
                return float(divergences(rounds)[-1])
            assert alike is not None
            return divergence_for_ever(alike)
        parts, which = self._shares.of_parts, int(self._limit.sign > 0)
        if for_ever:
            assert alike is not None
            end = envelope_for_ever(parts, alike)[which]
        else:
            end = envelope(parts, rounds)[which][-1]
        return float(self._shares.summed(end)[0])

    def largest_mixing(self, rule: Any) -> float:
        """Return the largest λ, infinite if the pure loop is within the limit."""
        retained = 0.0 if self._retained is None else self._retained
        one = choosers(rule) if isinstance(rule, Rule) else []
        if len(one) == 1 and isinstance(retained, float | int):
            limit, number = self._limit, one[0][1]
            if limit.group is None:
                return largest_mixing_for_divergence(
                    limit.value, number, steps=self._steps, retained=float(retained)
                )
            if self._steps is None and self._law.prompt_index is None:
                return largest_mixing_for_share(
                    self._start,
                    min(limit.value, self._start) if limit.sign < 0 else limit.value,
                    number,
                    retained=float(retained),
                    is_least=limit.sign < 0,
                )
        return largest_within(lambda lam: self._is_within(self.reached(lam, rule)), math.inf)

    def largest_candidates(self, lam: float, rule: Callable[[Any], Rule]) -> tuple[float, Rule]:
        """Return the largest K, infinite or up to 2^53, and the rule with it."""

        def holds(number: int) -> bool:
            return self._is_within(self.reached(lam, rule(number)))

        try:
            every = rule(math.inf)
        except ValueError:  # the hard best of infinitely many is no rule
            every = None
        if every is not None and self._is_within(self.reached(lam, every)):
            return math.inf, every
        low, high = 1, 2
        while high <= _MOST_CANDIDATES and holds(high):
            low, high = high, 2 * high
        while high - low > 1 and high <= _MOST_CANDIDATES:
            middle = (low + high) // 2
            low, high = (middle, high) if holds(middle) else (low, middle)
        return low, rule(low)
