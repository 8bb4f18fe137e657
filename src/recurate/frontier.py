"""What other K and λ would have cost and brought, beside a choice of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from recurate.chosen import Chosen
from recurate.numerics.inference.choice import Choice
from recurate.numerics.inference.limits import HORIZON
from recurate.numerics.loop import CurationLoop

_FACTORS = (0.5, 0.71, 1.0, 1.41, 2.0)  # of the λ that was chosen
_LARGE = (0.25, 1.0, 4.0, 16.0, math.inf)  # λ beside the pure loop, if that was chosen
_OTHERS = (0.5, 1.0, 2.0)  # of the K that was chosen
_FEW = (4, 16, math.inf)  # K beside infinity, if that was chosen


@dataclass(frozen=True)
class Alternative:
    """A loop beside the one that was chosen.

    Attributes
    ----------
    K, lam : float
        Its parameters; K is NaN where a rule has none.
    reached : float
        The limited quantity where it is closest to the limit, or furthest beyond it.
    expected_reward : float
        At the fixed point, or after the last step for which the limit is to hold; in log-odds.
    is_allowed : bool
        Whether it keeps the limit.
    is_chosen : bool
        Whether it is the one that was chosen.
    """

    K: float
    lam: float
    reached: float
    expected_reward: float
    is_allowed: bool
    is_chosen: bool


def alternatives(chosen: Chosen) -> list[Alternative]:
    """Return loops of other K and λ, by K and then by λ, with the one that was chosen.

    Of a rule only λ is varied.

    Notes
    -----
    Of a share without a number of steps, the first `HORIZON` steps and the fixed point count, as in
    the search. A loop of which nothing can be computed is left out.
    """
    choice, found = chosen.choice, []
    for K in _candidates(choice):
        for lam in _mixings(choice):
            if lam == choice.lam and K == choice.K:
                found.append(
                    Alternative(K, lam, choice.reached, chosen.expected_reward, True, True)
                )
                continue
            loop = replace(choice, K=K, lam=lam).loop(chosen.table.law)
            try:
                reached, reward = _computed(loop, chosen)
            except (ArithmeticError, ValueError):
                continue
            is_allowed = chosen.limit.excess(reached) <= 0
            found.append(Alternative(K, lam, reached, reward, is_allowed, False))
    return found


def _candidates(choice: Choice) -> list[float]:
    """Return some K, with the one that was chosen; of a rule there is no other."""
    if choice.rule is not None:
        return [choice.K]
    if choice.K == math.inf:
        return list(_FEW)
    return sorted({max(1, round(choice.K * factor)) for factor in _OTHERS})


def _mixings(choice: Choice) -> list[float]:
    """Return some λ, with the one that was chosen."""
    return list(_LARGE) if choice.lam == math.inf else [choice.lam * f for f in _FACTORS]


def _computed(loop: CurationLoop, chosen: Chosen) -> tuple[float, float]:
    """Return what is reached of the limited quantity, and the expected reward in the end."""
    limit, choice = chosen.limit, chosen.choice
    # KL of the paper's loop is taken to grow with t, as in the search.
    is_last_most = limit.is_monotone and choice.rule is None
    run = loop.run(steps=choice.steps or (0 if is_last_most else HORIZON))
    values, reward = limit.values(run).tolist(), float(run.expected_reward[-1])
    if choice.steps is None:
        end = loop.fixed_point()
        values.append(limit.value_at(end))
        reward = end.expected_reward
    return max(values, key=lambda value: limit.sign * value), reward
