"""The sums of a summary's bins while rows come in: arrays with a place for every bin in reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recurate.numerics.compression.lattice import Frame
from recurate.numerics.compression.tables import (
    COUNT,
    MASS,
    POWERS,
    SQUARES,
    Table,
    concatenated,
    number_of_sums,
    scaled,
)
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

_SLACK = 2  # bins at each end of a level, for rounding of distances


class Rows(NamedTuple):
    """Some rows, all of positive weight.

    Attributes
    ----------
    rewards : ndarray, shape (n,)
    weights, groups, prompts : ndarray, shape (n,), or None
        Ones or zeros, where None.
    scores : tuple of ndarray, shape (n,)
    """

    rewards: FloatArray
    weights: FloatArray | None
    groups: IntArray | None
    prompts: IntArray | None
    scores: tuple[FloatArray, ...]

    def at(self, chosen: np.ndarray | slice) -> Rows:
        """Return some of the rows."""
        return Rows(
            self.rewards[chosen],
            None if self.weights is None else self.weights[chosen],
            None if self.groups is None else self.groups[chosen],
            None if self.prompts is None else self.prompts[chosen],
            tuple(score[chosen] for score in self.scores),
        )


class DenseSums:
    """Sums over the bins in reach, without prompts.

    Bins of the coarsest level are in reach within a window; all narrower ones are, since they lie
    near the top.

    Parameters
    ----------
    frame : Frame
        Where the bins are; some rewards have been put into bins.
    window : (float, int)
        Left end of the first bin of the coarsest level, and the number of such bins.
    groups, scores : int
        Numbers of groups and scores.
    """

    def __init__(self, frame: Frame, window: tuple[float, int], groups: int, scores: int) -> None:
        self.groups = groups
        self._frame, self._upper = frame, float(frame.upper[0])
        coarsest = frame.coarsest
        self._base, cells = float(np.floor(scaled(window[0], coarsest))), window[1]
        self._low = max(float(scaled(self._base, -coarsest)), float(frame.lower[0]))
        self._reach = float(scaled(1.0, frame.bits - coarsest))
        top = self._upper - self._reach
        if coarsest == frame.finest:
            top = float(np.nextafter(self._upper, np.inf))
        self._high = min(float(scaled(self._base + cells, -coarsest)), top)
        # One more bin, whose sums are not used.
        self._wide = _Sums(groups, cells + 1, scores)
        # Narrower bins of a level are this far from `upper`: from 2^(bits - level) to twice that.
        self._levels = levels = np.arange(coarsest + 1, frame.finest + 1)
        far = scaled(1.0, frame.bits - levels)
        ends = np.where(levels == frame.finest, self._upper, self._upper - far)
        self._bases = np.floor(scaled(self._upper - 2 * far, levels)) - _SLACK
        sizes = np.floor(scaled(ends, levels)) + _SLACK + 1 - self._bases
        self._ends = np.cumsum(sizes.astype(np.intp))
        self._offsets = self._ends - sizes.astype(np.intp)
        self._narrow = _Sums(groups, int(self._ends[-1]) if levels.size else 0, scores)
        self._places, self._floors = np.empty((2, 0))
        self._index = np.empty(0, np.intp)

    @property
    def occupied(self) -> int:
        """Number of bins of the coarsest level with rows."""
        counts = self._wide.counts.reshape(self.groups, -1)[:, :-1]
        return int(np.count_nonzero(counts.any(axis=0) if self.groups > 1 else counts))

    def add(self, rows: Rows) -> IntArray:
        """Add the rows that are in reach; return the numbers of the others."""
        rewards, size = rows.rewards, rows.rewards.size
        if size > self._places.size:
            self._places, self._floors = np.empty((2, size))
            self._index = np.empty(size, np.intp)
        outside = np.flatnonzero((rewards < self._low) | (rewards >= self._high))
        if outside.size < size:
            positions, floors, index = self._places[:size], self._floors[:size], self._index[:size]
            np.multiply(rewards, scaled(1.0, self._frame.coarsest), out=positions)
            np.floor(positions, out=floors)
            positions -= floors
            positions -= 0.5
            floors -= self._base
            floors[outside] = self._wide.bins - 1
            np.copyto(index, floors, casting="unsafe")
            self._wide.add(index, positions, floors, rows)
        return self._add_narrow(rows, outside) if outside.size else outside

    def _add_narrow(self, rows: Rows, outside: IntArray) -> IntArray:
        """Add those of some rows that are near the top, in narrower bins; return the others."""
        rewards = rows.rewards[outside]
        distances = self._upper - rewards
        near = (distances >= 0) & (distances < self._reach) & (rewards >= self._frame.lower[0])
        if not (near.any() and self._levels.size):
            return outside
        chosen = rows.at(outside[near])
        level = self._frame.levels_of(distances[near]) - self._levels[0]
        positions = scaled(chosen.rewards, self._levels[level])
        floors = np.floor(positions)
        positions -= floors
        positions -= 0.5
        index = (floors - self._bases[level]).astype(np.intp) + self._offsets[level]
        self._narrow.add(index, positions, floors, chosen)
        left: IntArray = outside[~near]
        return left

    def table(self) -> Table:
        """Return the sums of the bins with rows."""
        groups, place, sums = self._wide.occupied()
        inside = place < self._wide.bins - 1
        groups, place, sums = groups[inside], place[inside], sums[:, inside]
        places = scaled(self._base + place, -self._frame.coarsest)
        levels = np.full(place.size, self._frame.coarsest)
        wide = Table(np.zeros(place.size, np.intp), groups, places, levels, sums)
        groups, place, sums = self._narrow.occupied()
        if not place.size:
            return wide
        level = np.searchsorted(self._ends, place, side="right")
        levels = self._levels[level]
        places = scaled(self._bases[level] + (place - self._offsets[level]), -levels)
        narrow = Table(np.zeros(place.size, np.intp), groups, places, levels, sums)
        return concatenated([wide, narrow])


class _Sums:
    """Sums of rows over bins and groups.

    Parameters
    ----------
    groups, bins, scores : int
        Their numbers.
    """

    def __init__(self, groups: int, bins: int, scores: int) -> None:
        self.bins = bins
        self._sums = np.zeros((number_of_sums(scores, POWERS), groups * bins))
        # Of rows that have all scores the weights are measured alike for each of them. The first
        # of these moments is that of the rows with weights: others count as one.
        self._alike = np.zeros((POWERS, groups * bins))
        self._ones = np.zeros(groups * bins)

    @property
    def counts(self) -> FloatArray:
        """Number of rows of each group in each bin, shape (groups times bins,)."""
        counts: FloatArray = self._sums[COUNT] + self._ones
        return counts

    def add(self, index: IntArray, positions: FloatArray, spare: FloatArray, rows: Rows) -> None:
        """Add rows at positions in bins; the index and the spare array are written to."""
        if rows.groups is not None:
            index += rows.groups * self.bins
        sums, weights = self._sums, rows.weights
        present = [~np.isnan(score) for score in rows.scores]
        are_alike = all(there.all() for there in present)
        if weights is None and are_alike:
            np.add.at(self._ones, index, 1.0)
            _add_moments(self._alike[1:], index, positions, positions, spare)
        else:
            values = np.ones(index.size) if weights is None else weights
            np.add.at(sums[COUNT], index, 1.0)
            np.add.at(sums[SQUARES], index, np.square(values))
            moments = self._alike if are_alike else sums[MASS : MASS + POWERS]
            _add_moments(moments, index, positions, values, spare)
        row = MASS + POWERS
        for score, there in zip(rows.scores, present, strict=True):
            values = score if are_alike else np.where(there, score, 0.0)
            if weights is not None:
                values = values * weights
            _add_moments(sums[row : row + POWERS], index, positions, values, spare)
            row += POWERS
            if not are_alike:
                values = there * (1.0 if weights is None else weights)
                _add_moments(sums[row : row + POWERS], index, positions, values, spare)
            row += POWERS

    def occupied(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Return groups, bins and sums where there are rows."""
        cells = np.flatnonzero(self.counts)
        sums = self._sums.take(cells, axis=1)
        ones, alike = self._ones[cells], self._alike.take(cells, axis=1)
        alike[0] += ones
        sums[:MASS] += ones
        for first in range(MASS, len(sums), 2 * POWERS):  # the weights, then those of each score
            sums[first : first + POWERS] += alike
        groups, place = np.divmod(cells, self.bins)
        return groups, place, sums


def _add_moments(
    sums: FloatArray,
    index: IntArray,
    positions: FloatArray,
    values: FloatArray,
    spare: FloatArray,
) -> None:
    """Add values, and their products with the first powers of the positions, to sums."""
    for k, row in enumerate(sums):
        if k:
            values = np.multiply(values, positions, out=spare)
        np.add.at(row, index, values)
