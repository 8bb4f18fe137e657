"""The atoms of a law in the order of a column, and what lies below and above each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import (
    SMALLEST_SUM,
    log_sums_by_index,
    running_log_sums,
    running_sums,
)
from recurate.numerics.rules.rule import column_of
from recurate.numerics.validation import FloatArray


class Tails(NamedTuple):
    """Masses about the levels of a column, which are its distinct values, ascending.

    Attributes
    ----------
    mass, log_mass : ndarray, shape (levels,)
        Mass δ of the level itself, and log δ, which does not underflow.
    below : ndarray, shape (levels,)
        Mass F at or below the level.
    log_below : ndarray, shape (levels,)
        log F. It keeps its digits near zero, and where F underflows.
    above : ndarray, shape (levels,)
        Mass 1 - F above the level; it keeps its digits where it is small.
    share : ndarray, shape (levels,)
        δ/F; 0 where the level has no mass.
    lowest : ndarray of int, or 0
        Numbers of the levels that have none below: with prompts there is one of each.
    """

    mass: FloatArray
    log_mass: FloatArray
    below: FloatArray
    log_below: FloatArray
    above: FloatArray
    share: FloatArray
    lowest: IntArray | int = 0


class Ranking:
    """The order of a law's atoms by a column: exact ties share a level, and near ones do not.

    Parameters
    ----------
    law : RewardLaw
        The atoms.
    by : str, optional
        One of its scores; its reward by default.
    rule : str
        Name of the rule that asks, for errors.

    Raises
    ------
    ValueError
        If the law has a density, whose nodes have no ranks, or as `column_of`.
    """

    def __init__(self, law: RewardLaw, by: str | None, rule: str) -> None:
        if law.is_continuous:
            raise ValueError(
                f"{rule} needs a law of atoms; got one with a density, whose nodes stand for no "
                "samples: take the quantiles of the density as atoms"
            )
        column = column_of(law, by)
        differs = column[1:] != column[:-1]
        self._index: IntArray | None
        if (column[1:] < column[:-1]).any():
            levels, self._index = (
                law.distinct if by is None else np.unique(column, return_inverse=True)
            )
            self._size = levels.size
        elif differs.all():  # in order, as in a loop's own law: each atom is a level
            self._size, self._index = column.size, None
        else:
            self._index = np.concatenate([[0], np.cumsum(differs)])
            self._size = int(self._index[-1]) + 1

    def at_atoms(self, values: FloatArray) -> FloatArray:
        """Return values of the levels at the atoms, shape (n,)."""
        return values if self._index is None else values[self._index]

    def tails(self, log_probs: FloatArray) -> Tails:
        """Return the masses about each level, under the law with these probabilities."""
        if self._index is None:
            log_mass = log_probs
        elif self._size == self._index.size:
            log_mass = np.empty(self._size)
            log_mass[self._index] = log_probs
        else:
            log_mass = log_sums_by_index(self._index, log_probs, self._size)
        mass = np.exp(log_mass)
        below = running_sums(mass)
        # Each half from its own end, where sums are small; the other tail is what is left of one.
        half, tiny = np.searchsorted(below, [0.5, SMALLEST_SUM])
        above = np.empty(self._size)
        np.subtract(1.0, below[:half], out=above[:half])
        above[half:-1] = running_sums(mass[:half:-1])[::-1]
        above[-1] = 0.0
        log_below, share = np.empty(self._size), np.empty(self._size)
        np.log(below[tiny:half], out=log_below[tiny:half])
        np.log1p(-above[half:], out=log_below[half:])
        np.divide(mass[tiny:], below[tiny:], out=share[tiny:])
        # Below the first level with mass there is nothing, and no share of it.
        first = int(np.argmax(log_mass[: tiny + 1] > -np.inf))
        log_below[:first], share[:first] = -np.inf, 0.0
        log_below[first:tiny] = running_log_sums(log_mass[first:tiny])
        np.exp(log_mass[first:tiny] - log_below[first:tiny], out=share[first:tiny])
        return Tails(mass, log_mass, below, log_below, above, np.minimum(share, 1.0, out=share))
