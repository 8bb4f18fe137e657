"""What is found of a law once, and kept for as long as the law exists."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from recurate.numerics.laws.reward_law import RewardLaw

Found = TypeVar("Found")


def kept_with_law(function: Callable[[RewardLaw], Found]) -> Callable[[RewardLaw], Found]:
    """Let a function of a law remember what it found of each law: many loops may be on one."""
    every: WeakKeyDictionary[RewardLaw, Found] = WeakKeyDictionary()

    @wraps(function)
    def kept(law: RewardLaw) -> Found:
        if law not in every:
            every[law] = function(law)
        return every[law]

    return kept
