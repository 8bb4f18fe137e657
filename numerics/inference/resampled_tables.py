"""Many resampled tables at once: rows in bins, their Poisson counts, and one step for all of them.

All tables have the same rewards, so one step of their loops is three products of matrices.
``docs/uncertainty.md`` says what the bins cost.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.curation.transform import Terms, nodes_for
from recurate.numerics.inference.resampled_scores import BinnedScore, presence
from recurate.numerics.laws.kept import kept_with_law
from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.validation import FloatArray, count

REPLICATES = 200
"""Default number of resampled tables."""

LEVEL = 0.95
"""Default share of the resampled tables that a band or a range holds."""

BLOCK_ENTRIES = 2**22
"""Most entries of an array of tables and rewards that is worked on at once."""

_RELATIVE_RANKS, _LARGEST_SHARE = 0.03, 1 / 256  # of the rows above a bin, and of all, in a bin


def checked_replicates(replicates: Any) -> int:
    """Return a number of resampled tables, or raise ValueError if it is below 2."""
    number = count(replicates, "replicates")
    if number < 2:
        raise ValueError(f"replicates must be an integer of at least 2; got {number}")
    return number


def shown_level(replicates: int, level: float) -> float | None:
    """Return the level; None if so few tables have no such quantiles, but only a range.

    Beyond each end of a band lie (1 - level)/2 of the tables: that has to be one of them.
    """
    return level if replicates * (1.0 - level) > 2.0 - 1e-9 else None


def expanded(level: float, size: float) -> float:
    """Return the share of resampled tables that a band of this level holds, for so few units.

    Percentiles of a mean over n units are too narrow by sqrt((n - 1)/n), and by the normal quantile
    in place of Student's. So more tables are inside (Hesterberg 2015, What Teachers Should Know
    About the Bootstrap, The American Statistician 69, the expanded percentile interval).

    Parameters
    ----------
    level : float
        Of the band.
    size : float
        Effective number of units that are resampled.
    """
    from scipy.special import ndtr, stdtrit  # slow to load

    if size <= 1.0:
        return 1.0
    quantile = stdtrit(size - 1.0, (1.0 + level) / 2) * math.sqrt(size / (size - 1.0))
    return float(1.0 - 2.0 * ndtr(-quantile))


def tails(values: FloatArray, level: float, *, outward: bool = False) -> FloatArray:
    """Return the ends of a band along the first axis, shape (2, …); of few values, their range.

    Outward, an end is one of the values: some of them may be infinite.
    """
    shown = shown_level(len(values), level) or 1.0
    ends = (1 - shown) / 2, (1 + shown) / 2
    if outward:
        low = np.quantile(values, ends[0], axis=0, method="lower")
        return np.stack([low, np.quantile(values, ends[1], axis=0, method="higher")])
    between: FloatArray = np.quantile(values, ends, axis=0)
    return between


def tails_of_known(values: FloatArray, level: float) -> FloatArray:
    """Return `tails` of the values that are no NaN; NaN where all are."""
    is_known = ~np.isnan(values)
    if is_known.all():
        return tails(values, level)
    ends = np.full((2, *values.shape[1:]), np.nan)
    for place in np.argwhere(is_known.any(axis=0)):
        at = (slice(None), *place)
        ends[at] = tails(values[at][is_known[at]], level)
    return ends


class Table(NamedTuple):
    """Rows in bins of reward, and in cells: the rows of one bin and one followed group.

    If some scores are missing, a cell's rows are also those that have the same scores.

    Attributes
    ----------
    rewards : ndarray, shape (bins,)
        Ascending; mean reward of each bin.
    weights : ndarray, shape (bins,)
        Relative weights of those.
    at_max : ndarray of int
        Numbers of the bins of the best reward.
    cell_mass : ndarray, shape (cells,)
        Sum of the rows' probabilities; cells by bin, then by group.
    cell_rows : ndarray, shape (cells,)
        Effective number of rows, (Σ v)²/Σ v²: so many rows of equal weight vary as much.
    cell_bin : ndarray of int, shape (cells,)
        Bin of each cell.
    cell_group : ndarray of int, shape (cells,)
        Position of its group among those followed, or their number if it is not followed.
    scores : list of BinnedScore
        The law's scores, in its order.
    """

    rewards: FloatArray
    weights: FloatArray
    at_max: IntArray
    cell_mass: FloatArray
    cell_rows: FloatArray
    cell_bin: IntArray
    cell_group: IntArray
    followed: int
    scores: list[BinnedScore]


def binned(law: RewardLaw, followed: tuple[int, ...]) -> Table:
    """Put the rows into bins that are finer near the top, on which late steps depend."""
    bins, starts = _bins(law)
    return in_bins(law, followed, bins.astype(np.intp), starts)


@kept_with_law
def _bins(law: RewardLaw) -> tuple[IntArray, FloatArray]:
    """Return the bin of each row, in few bytes, and the lowest reward of each bin."""
    if law.atom_rows is None:
        starts = _bin_starts(np.sort(law.rewards))
    else:
        order = np.argsort(law.rewards)
        starts = _bin_starts(law.rewards[order], np.cumsum(law.atom_rows.counts[order][::-1]))
    bins = np.searchsorted(starts, law.rewards, side="right") - 1
    return bins.astype(np.min_scalar_type(starts.size)), starts


def in_bins(law: RewardLaw, followed: tuple[int, ...], bins: IntArray, starts: FloatArray) -> Table:
    """Return the table of rows that are in these bins, whose lowest rewards are `starts`."""
    place = np.full(len(law.group_names) + 1, len(followed))
    place[list(followed)] = np.arange(len(followed))
    of_group = place[law.group_index] if law.group_index is not None else np.zeros(1, np.intp)
    width = len(followed) + 1
    pattern, patterns_with = presence(law)
    patterns = int(pattern.max()) + 1
    key, cells = bins * width + of_group, starts.size * width
    names = np.arange(cells)
    if patterns > 1:  # there may be very many, most of them empty
        names, key = np.unique(key * patterns + pattern, return_inverse=True)
        cells = names.size
    mass = sums(key, law.probs, cells)
    present = np.flatnonzero(mass)
    # As shares of their cell: squares of small probabilities may underflow.
    own = mass[key]
    shares = np.divide(law.probs, own, out=np.zeros_like(own), where=own > 0)
    squares = shares**2
    if law.atom_rows is not None:
        np.divide(law.atom_rows.squares, own**2, out=squares, where=own > 0)
    squares = sums(key, squares, cells)
    total = sums(bins, law.probs, starts.size)
    # Relative to the bin's start, so that a single reward keeps its digits.
    above = sums(bins, law.probs * (law.rewards - starts[bins]), starts.size)
    rewards = starts + np.divide(above, total, out=np.zeros_like(total), where=total > 0)
    place_of_cell, pattern_of_cell = np.divmod(names[present], patterns)
    cell_bin = place_of_cell // width
    having = [np.flatnonzero(np.isin(pattern_of_cell, some)) for some in patterns_with]
    return Table(
        rewards=rewards,
        weights=np.exp(np.minimum(rewards - law.max_reward, 0.0)),
        at_max=np.unique(bins[law.rewards == law.max_reward]),
        cell_mass=mass[present],
        cell_rows=1.0 / squares[present],
        cell_bin=cell_bin,
        cell_group=place_of_cell % width,
        followed=len(followed),
        scores=[
            BinnedScore.of(law, name, bins, cell_bin, cells_with)
            for name, cells_with in zip(law.scores, having, strict=True)
        ],
    )


def _bin_starts(ascending: FloatArray, above: FloatArray | None = None) -> FloatArray:
    """Return the lowest reward of each bin, ascending; equal rewards are in one bin.

    `above` has the number of rows of the best atom, of the best two, and so on; ranks are those of
    atoms if it is not given.
    """
    atoms = ascending.size
    size = atoms if above is None else float(above[-1])
    rank, starts = 0.0, []
    while rank < size:
        rank += max(1, int(min(_RELATIVE_RANKS * rank, _LARGEST_SHARE * size)))
        place = int(rank) if above is None else int(np.searchsorted(above, rank)) + 1
        starts.append(ascending[max(0, atoms - place)])
        # Equal rewards stay together.
        place = atoms - int(np.searchsorted(ascending, starts[-1]))
        rank = place if above is None else float(above[place - 1])
    return np.array(starts[::-1])


def resampled(table: Table, replicates: int, generator: np.random.Generator) -> FloatArray:
    """Return factors of the cells' masses, shape (replicates, cells).

    A cell's mass is a scaled Poisson number. Its mean and variance are those of the sum of the
    cell's rows, each counted a Poisson number of times; for rows of equal weight it is that sum.
    """
    effective = table.cell_rows
    counts = generator.poisson(effective, size=(replicates, effective.size))
    while (empty := counts.sum(axis=1) == 0).any():  # of a few rows: no table at all
        counts[empty] = generator.poisson(effective, size=(int(empty.sum()), effective.size))
    return counts / effective


class ManyLaws:
    """The curation of many laws on the same rewards at once, as matrix products.

    Made for resampled tables: accurate to about 1e-12 of the largest density, whereas the curation
    ratio is accurate to the last digits of the smallest.

    Parameters
    ----------
    rewards : ndarray, shape (rewards,)
        Ascending.
    K : float
        The largest finite number of candidates; 1 or infinity if no other is asked for.
    every : int
        Which nodes to take: every second one is accurate to 3e-9 (e^{-2 pi^2}) for half the work.
    """

    def __init__(self, rewards: FloatArray, K: float, every: int = 1) -> None:
        self._rewards = rewards
        relative, nodes = rewards - rewards[-1], np.empty(0)
        if 1 < K < math.inf:
            nodes = nodes_for(relative, K)[::every]
        self._terms = Terms.of(relative, nodes)
        self._integrand = self._terms.arguments * self._terms.powers
        self.width = max(rewards.size, nodes.size)

    def curated(self, probs: FloatArray, K: float) -> FloatArray:
        """Return the curated law of each, shape (laws, rewards)."""
        if K == 1:
            return probs
        curated: FloatArray
        if K == math.inf:
            with np.errstate(divide="ignore"):
                logarithms = np.log(probs) + self._rewards
            curated = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
        else:
            curated = probs * self._integrals(probs, K)
        curated /= curated.sum(axis=1, keepdims=True)
        return curated

    def ratio_to_best(self, probs: FloatArray, K: FloatArray, best: IntArray) -> FloatArray:
        """Return H/H_*, the curation ratio over that of each law's best reward.

        Parameters
        ----------
        probs : ndarray, shape (laws, rewards)
            The laws.
        K : ndarray, shape (laws,)
            Candidates of each.
        best : ndarray of int, shape (laws,)
            Number of the best reward that each has; the ratio is cut off at one above it.
        """
        limited = (K > 1) & (K < math.inf)
        if limited.all():  # nothing is copied
            integrals = self._integrals(probs, K[:, None])
            integrals /= np.take_along_axis(integrals, best[:, None], axis=1)
            return np.minimum(integrals, 1.0, out=integrals)
        ratio, unlimited = np.ones_like(probs), K == math.inf
        if unlimited.any():
            gaps = self._rewards - self._rewards[best[unlimited], None]
            ratio[unlimited] = np.exp(np.minimum(gaps, 0.0))
        if limited.any():
            ratio[limited] = self.ratio_to_best(probs[limited], K[limited], best[limited])
        return ratio

    def _integrals(self, probs: FloatArray, K: Any) -> FloatArray:
        """Return the ratios of each law, without the factor K/4."""
        powers = np.exp((K - 1) * self._terms.log_transform(probs))
        integrals: FloatArray = powers @ self._integrand.T
        return integrals
