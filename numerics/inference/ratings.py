"""Several ratings of each candidate: what its reward was estimated from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np

from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray


@dataclass(frozen=True)
class Ratings(ReadOnlyArrays):
    """Ratings of candidates, of whose mean a candidate's reward is made.

    They are kept candidate by candidate, in ascending order: candidates of equal ratings then have
    means that are equal to the last bit, in whatever order the ratings came.

    Attributes
    ----------
    candidate : ndarray of int, shape (ratings,)
        Number of the atom of the law that each is a rating of; every atom has one.
    rater : ndarray of int, shape (ratings,)
        Number of the rater of each.
    values : ndarray, shape (ratings,)
        The ratings, as they stand in the table.
    raters : tuple of hashable
        Labels of the raters; none if it is not known who rated what: each rating then has a number
        of its own.
    transform : callable
        Returns rewards in log-odds from means as they stand, shape (candidates,) both.
    in_unit : str or None
        The law's score that has the means as they stand; None if they are the rewards.
    """

    candidate: IntArray
    rater: IntArray
    values: FloatArray
    raters: tuple[Hashable, ...]
    transform: Callable[[FloatArray], FloatArray]
    in_unit: str | None = None

    def __post_init__(self) -> None:
        order = np.lexsort((self.values, self.candidate))
        for name in ("candidate", "rater", "values"):
            object.__setattr__(self, name, getattr(self, name)[order])
        super().__post_init__()

    def means(self, weights: FloatArray | None = None) -> FloatArray:
        """Return each candidate's mean rating, as the ratings stand, shape (candidates,).

        Parameters
        ----------
        weights : ndarray, shape (ratings,), optional
            Weight of each rating; all alike by default. A candidate must have some.
        """
        values = self.values if weights is None else self.values * weights
        sums = np.bincount(self.candidate, values)
        means = sums / np.bincount(self.candidate, weights)
        # Three ratings of 0.1 have a mean of 0.1, though their sum is rounded.
        first = np.flatnonzero(np.diff(self.candidate, prepend=-1))
        last = np.append(first[1:], self.values.size) - 1
        clipped: FloatArray = np.clip(means, self.values[first], self.values[last])
        return clipped
