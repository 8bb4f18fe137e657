"""Sums over rows of rewards: over those at one reward, and over those in one dyadic bin.

A bin is a cell [c/2^l, (c+1)/2^l) of a lattice that is the same for all tables, so that bins of
tables made apart coincide, and a bin's two halves are bins of the next level. Sums are over what
the rows of one prompt and one group have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.moments import DEGREE
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

POWERS = DEGREE + 1
"""Number of moments of a measure in a bin."""

COUNT, SQUARES, MASS = 0, 1, 2
"""Rows of sums: the number of rows, the sum of the squares of their weights, that of weights."""

_FEW = 2**12


class Table(NamedTuple):
    """Sums of rows by prompt, place and group, in this order once they are reduced.

    Attributes
    ----------
    prompts, groups : ndarray of int, shape (entries,)
        Numbers of the prompt and of the group; zeros without any.
    places : ndarray, shape (entries,)
        The reward, or the left end of the bin.
    levels : ndarray of int, shape (entries,)
        The bin's level l, whose width is 2^-l; 0 of single rewards.
    sums : ndarray, shape (sums, entries)
        `COUNT`, `SQUARES`, then of each measure the sum of the weights; in bins the moments 0 … 5
        about the bin's centre, in units of its width. The measures are the weights, and for each
        score the weights times its values, and the weights of the rows that have one.
    """

    prompts: IntArray
    groups: IntArray
    places: FloatArray
    levels: IntArray
    sums: FloatArray

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.places.size

    def at(self, chosen: npt.NDArray[np.bool_] | IntArray) -> Table:
        """Return some of the entries."""
        numbers = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
        return Table(
            self.prompts[numbers],
            self.groups[numbers],
            self.places[numbers],
            self.levels[numbers],
            self.sums.take(numbers, axis=1),
        )

    def reduced(self) -> Table:
        """Return the table in order, with one entry for each prompt, place and group."""
        order = _order(self.prompts, self.places, self.groups)
        table = self if order is None else self.at(order)
        is_new = np.ones(table.size, dtype=bool)
        same = table.places[1:] == table.places[:-1]
        for column in (table.prompts, table.groups):
            same &= column[1:] == column[:-1]
        is_new[1:] = ~same
        if is_new.all():
            return table
        firsts, of_entry = np.flatnonzero(is_new), np.cumsum(is_new) - 1
        # NumPy's `reduceat` takes longer for short runs.
        sums = np.array([np.bincount(of_entry, row) for row in table.sums])
        names = table.prompts[firsts], table.groups[firsts]
        return Table(*names, table.places[firsts], table.levels[firsts], sums)


def scaled(values: Any, levels: Any) -> FloatArray:
    """Return values times 2^levels, exactly."""
    # NumPy takes C's integers here, which are not the same on every system.
    return np.asarray(np.ldexp(values, np.asarray(levels, np.intc)), dtype=np.float64)


def number_of_sums(scores: int, powers: int) -> int:
    """Return how many sums a table has that follows some scores."""
    return 2 + powers * (1 + 2 * scores)


def empty(scores: int, powers: int) -> Table:
    """Return a table without entries."""
    none = np.empty(0, np.intp)
    return Table(none, none, np.empty(0), none, np.empty((number_of_sums(scores, powers), 0)))


def concatenated(tables: Sequence[Table]) -> Table:
    """Return the entries of several tables, one table after the other."""
    if len(tables) == 1:
        return tables[0]
    return Table(
        np.concatenate([table.prompts for table in tables]),
        np.concatenate([table.groups for table in tables]),
        np.concatenate([table.places for table in tables]),
        np.concatenate([table.levels for table in tables]),
        np.concatenate([table.sums for table in tables], axis=1),
    )


def of_rewards(
    rewards: FloatArray,
    prompts: IntArray | None,
    groups: IntArray | None,
    weights: FloatArray | None,
    scores: Sequence[FloatArray],
) -> Table:
    """Return the sums of rows at their rewards, reduced."""
    size = rewards.size
    if prompts is None and groups is None and weights is None and not scores:
        places, counts = np.unique(rewards, return_counts=True)
        none = np.zeros(places.size, np.intp)
        return Table(none, none, places + 0.0, none, np.tile(counts.astype(np.float64), (3, 1)))
    if prompts is None and (known := np.unique(rewards)).size <= _FEW:
        return _at_known(known, rewards, groups, weights, scores)
    none = np.zeros(size, np.intp)
    return Table(
        none if prompts is None else prompts,
        none if groups is None else groups,
        rewards + 0.0,  # a zero has no sign
        none,
        sums_of_rows(None, size, weights, scores),
    ).reduced()


def sums_of_rows(
    positions: FloatArray | None,
    size: int,
    weights: FloatArray | None,
    scores: Sequence[FloatArray],
) -> FloatArray:
    """Return what each row adds to the sums, shape (sums, rows): at rewards, or at positions."""
    powers = 1 if positions is None else POWERS
    sums = np.empty((number_of_sums(len(scores), powers), size))
    sums[COUNT] = 1.0
    sums[MASS] = 1.0 if weights is None else weights
    np.square(sums[MASS], out=sums[SQUARES])
    row = MASS + powers
    for score in scores:
        present = ~np.isnan(score)
        sums[row] = np.where(present, score, 0.0) * sums[MASS]
        sums[row + powers] = present * sums[MASS]
        row += 2 * powers
    if positions is not None:
        for k in range(1, powers):
            sums[MASS + k :: powers] = sums[MASS + k - 1 :: powers] * positions
    return sums


def in_bins(
    kept: Table, places: FloatArray, levels: IntArray, positions: FloatArray | None = None
) -> Table:
    """Return entries at single rewards as entries of bins that have them.

    Parameters
    ----------
    kept : Table
        Of single rewards.
    places, levels : ndarray, shape (entries,)
        The left ends of the bins, and their levels.
    positions : ndarray, shape (entries,), optional
        About the bins' centres, if known already.
    """
    if positions is None:
        positions = scaled(kept.places - places, levels) - 0.5
    measures = kept.sums[MASS:]
    sums = np.empty((2 + POWERS * len(measures), kept.size))
    sums[:MASS] = kept.sums[:MASS]
    sums[MASS::POWERS] = measures
    for k in range(1, POWERS):
        sums[MASS + k :: POWERS] = sums[MASS + k - 1 :: POWERS] * positions
    return Table(kept.prompts, kept.groups, places, levels, sums)


def coarsened(bins: Table, levels: IntArray) -> Table:
    """Return entries of bins as entries of the bins of coarser levels that have them, reduced."""
    places = scaled(np.floor(scaled(bins.places, levels)), -levels)
    finer = bins.levels - levels
    if not finer.any():
        return bins.reduced()
    # How far the centre is from that of the wider bin, in units of the narrow width.
    distances = scaled(bins.places - places, bins.levels) - scaled(0.5, finer) + 0.5
    moving = np.flatnonzero(finer)
    by, factors = distances[moving], scaled(1.0, -finer[moving])
    sums = bins.sums.copy()
    for first in range(MASS, len(sums), POWERS):
        measure = sums[first : first + POWERS]
        measure[:, moving] = shifted(measure.take(moving, axis=1), by, factors)
    return Table(bins.prompts, bins.groups, places, levels, sums).reduced()


def shifted(moments: FloatArray, distances: FloatArray, factors: FloatArray) -> FloatArray:
    """Return the moments of (x + distance) factor from those of x, shape (6, entries)."""
    moved = moments.copy()
    for least in range(1, POWERS):  # as Pascal's triangle is made: a binomial sum without powers
        for k in range(POWERS - 1, least - 1, -1):
            moved[k] += distances * moved[k - 1]
    factor = factors
    for k in range(1, POWERS):
        moved[k] *= factor
        factor = factor * factors
    return moved


def with_scores(table: Table, powers: int, places: Sequence[int], scores: int) -> Table:
    """Return the table with room for more scores; its own come to the given places among them."""
    if list(places) == list(range(scores)):
        return table
    sums = np.zeros((number_of_sums(scores, powers), table.size))
    first = MASS + powers
    sums[:first] = table.sums[:first]
    for number, place in enumerate(places):
        own, to = (first + 2 * powers * i for i in (number, place))
        sums[to : to + 2 * powers] = table.sums[own : own + 2 * powers]
    return table._replace(sums=sums)


def _order(prompts: IntArray, places: FloatArray, groups: IntArray) -> IntArray | None:
    """Return the order by prompt, place and group; None if they are in order already."""
    is_ordered = places[1:] >= places[:-1]
    if not (prompts.any() or groups.any()):
        return None if is_ordered.all() else np.argsort(places, kind="stable")
    is_same = places[1:] == places[:-1]
    is_ordered &= ~is_same | (groups[1:] >= groups[:-1])
    if prompts.any():
        is_ordered &= prompts[1:] == prompts[:-1]
        is_ordered |= prompts[1:] > prompts[:-1]
    return None if is_ordered.all() else np.lexsort((groups, places, prompts))


def _at_known(
    known: FloatArray,
    rewards: FloatArray,
    groups: IntArray | None,
    weights: FloatArray | None,
    scores: Sequence[FloatArray],
) -> Table:
    """Return the sums of rows at few distinct rewards, which are known: no sort is needed."""
    of_row, number = np.searchsorted(known, rewards), known.size
    places, of_groups = np.arange(number), np.zeros(number, np.intp)
    if groups is not None:
        width = int(groups.max()) + 1
        cells, of_row = np.unique(of_row * width + groups, return_inverse=True)
        number = cells.size
        places, of_groups = np.divmod(cells, width)
    rows = sums_of_rows(None, rewards.size, weights, scores)
    sums = np.array([np.bincount(of_row, row, minlength=number) for row in rows], np.float64)
    none = np.zeros(number, np.intp)
    return Table(none, of_groups, known[places] + 0.0, none, sums)
