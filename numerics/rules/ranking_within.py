"""The atoms of a law with prompts in the order of a column, and what lies about each in its own."""

from __future__ import annotations

import numpy as np

from recurate.numerics.laws.groups import sorted_within
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import (
    SMALLEST_SUM,
    log_masses,
    log_sums_by_index,
    running_log_sums,
    running_sums,
)
from recurate.numerics.rules.ranking import Tails
from recurate.numerics.rules.rule import column_of
from recurate.numerics.rules.within import stacked_places
from recurate.numerics.validation import FloatArray


class RankingWithin:
    """What `Ranking` is for one law, within each prompt: levels one prompt after the other.

    Parameters
    ----------
    law : RewardLaw
        The atoms, with prompts.
    by : str, optional
        One of its scores; its reward by default.

    Raises
    ------
    ValueError
        As `column_of`.
    """

    def __init__(self, law: RewardLaw, by: str | None) -> None:
        column = column_of(law, by)
        order, counts = sorted_within(law.prompt_of_atoms, column)
        begins = np.cumsum(counts) - counts
        ordered = column[order]
        is_new = np.ones(law.size, dtype=bool)
        np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
        is_new[begins] = True
        self._index = np.empty(law.size, dtype=np.intp)
        self._index[order] = np.cumsum(is_new) - 1
        self._size = int(is_new.sum())
        sizes = np.add.reduceat(is_new, begins, dtype=np.intp)
        self._stacks = list(stacked_places(sizes))
        self._lowest = np.cumsum(sizes) - sizes

    def at_atoms(self, values: FloatArray) -> FloatArray:
        """Return values of the levels at the atoms, shape (n,)."""
        return values[self._index]

    def tails(self, log_probs: FloatArray) -> Tails:
        """Return the masses about each level within its prompt, from log p given the prompt."""
        log_mass = np.empty(self._size)
        if self._size == self._index.size:
            log_mass[self._index] = log_probs
        else:
            log_mass = log_sums_by_index(self._index, log_probs, self._size)
        mass = np.exp(log_mass)
        above, below = np.zeros(self._size), np.empty(self._size)
        log_below = np.empty(self._size)
        for rows in self._stacks:
            masses = mass[rows]
            above[rows[:, :-1]] = running_sums(masses[:, :0:-1])[:, ::-1]
            below[rows] = running_sums(masses)
            log_below[rows] = self._log_below(below[rows], log_mass[rows])
        near_top = above < 0.5
        log_below[near_top] = np.log1p(-above[near_top])
        share = np.divide(mass, below, out=np.zeros(self._size), where=below >= SMALLEST_SUM)
        tiny = np.flatnonzero((below < SMALLEST_SUM) & (log_mass > -np.inf))
        share[tiny] = np.exp(log_mass[tiny] - log_below[tiny])
        return Tails(mass, log_mass, below, log_below, above, np.minimum(share, 1.0), self._lowest)

    @staticmethod
    def _log_below(below: FloatArray, log_mass: FloatArray) -> FloatArray:
        """Return log F of some prompts, both of shape (prompts, levels)."""
        log_below = log_masses(below)
        tiny = below < SMALLEST_SUM
        low = np.flatnonzero(tiny.any(axis=1))
        in_logs = running_log_sums(log_mass[low])
        log_below[low] = np.where(tiny[low], in_logs, log_below[low])
        return log_below
