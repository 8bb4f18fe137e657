"""Bands of a table whose rewards are estimates: other votes, or other raters, give other laws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw


class Estimates(Protocol):
    """What the rewards of a law were estimated from, and can be estimated from again."""

    @property
    def what(self) -> str:
        """What is resampled, in the plural, for words: "votes", or "raters and items"."""

    def laws(
        self, law: RewardLaw, replicates: int, generator: np.random.Generator
    ) -> Iterator[RewardLaw | None]:
        """Yield laws of the same atoms, in their order, of resampled data; None where none is.

        Groups, prompts and the names of scores are the law's; rewards, masses and scores differ.
        """
