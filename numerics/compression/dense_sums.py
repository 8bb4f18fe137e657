"""The sums of a summary's bins while rows come in: arrays with a place for every bin in reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recurate.numerics.compression.lattice import Frame
from recurate.numerics.compression.tables import COUNT, MASS, POWERS, SQUARES, Table, number_of_sums
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
        self._frame = frame
        self.groups, self._scores = groups, scores
        self._upper = upper = float(frame.upper[0])
        coarsest, finest = frame.coarsest, frame.finest
        levels = np.arange(coarsest, finest + 1)
        # A level's bins are this far from `upper`: from 2^(bits - level) to twice that.
        far = np.ldexp(1.0, frame.bits - levels)
        first = np.floor(np.ldexp(upper - 2 * far, levels)) - _SLACK
        last = np.floor(np.ldexp(np.where(levels == finest, upper, upper - far), levels)) + _SLACK
        sizes = last - first + 1
        first[0] = np.floor(np.ldexp(window[0], coarsest))
        sizes[0] = window[1]
        self._levels, self._bases = levels, first
        self._ends = np.cumsum(sizes.astype(np.intp))
        self._offsets = self._ends - sizes.astype(np.intp)
        self._size = int(self._ends[-1])
        self._low = max(float(np.ldexp(first[0], -coarsest)), float(frame.lower[0]))
        self._high = float(np.ldexp(first[0] + window[1], -coarsest))
        top = upper - far[0] if finest > coarsest else np.nextafter(upper, np.inf)
        self._high = min(self._high, float(top))
        # One more place, whose sums are not used.
        self.sums = np.zeros((number_of_sums(scores, POWERS), groups * self._size + 1))

    @property
    def size(self) -> int:
        """Number of bins and groups."""
        return self.sums.shape[1]

    @property
    def occupied(self) -> int:
        """Number of bins of the coarsest level with rows."""
        counts = self.sums[COUNT, :-1].reshape(self.groups, self._size)[:, : self._ends[0]]
        return int(np.count_nonzero(counts.any(axis=0) if self.groups > 1 else counts))

    def add(self, rows: Rows) -> IntArray:
        """Add the rows that are in reach; return the numbers of the others."""
        rewards, level = rows.rewards, self._frame.coarsest
        positions = rewards * np.ldexp(1.0, level)
        floors = np.floor(positions)
        positions -= floors
        positions -= 0.5
        floors -= self._bases[0]
        outside = np.flatnonzero((rewards < self._low) | (rewards >= self._high))
        if outside.size == rewards.size:
            return self._add_graded(rows, outside)
        floors[outside] = 0.0
        index = floors.astype(np.intp)
        if rows.groups is not None:
            index += rows.groups * self._size
        index[outside] = self.size - 1
        self._add(index, positions, rows.weights, rows.scores)
        return self._add_graded(rows, outside) if outside.size else outside

    def _add_graded(self, rows: Rows, outside: IntArray) -> IntArray:
        """Add those of some rows that are near the top, in narrower bins; return the others."""
        rewards = rows.rewards[outside]
        near = (rewards >= max(self._high, float(self._frame.lower[0]))) & (rewards <= self._upper)
        distances = self._upper - rewards
        near &= distances < np.ldexp(1.0, self._frame.bits - self._frame.coarsest)
        if not near.any() or self._levels.size == 1:
            return outside
        chosen = rows.at(outside[near])
        level = self._frame.levels_of(distances[near]) - self._frame.coarsest
        positions = np.ldexp(chosen.rewards, self._levels[level])
        floors = np.floor(positions)
        positions -= floors
        positions -= 0.5
        index = (floors - self._bases[level]).astype(np.intp) + self._offsets[level]
        if chosen.groups is not None:
            index += chosen.groups * self._size
        self._add(index, positions, chosen.weights, chosen.scores)
        return outside[~near]

    def _add(
        self,
        index: IntArray,
        positions: FloatArray,
        weights: FloatArray | None,
        scores: Sequence[FloatArray],
    ) -> None:
        size, sums = self.size, self.sums
        counts = np.bincount(index, minlength=size)
        sums[COUNT] += counts
        if weights is None:
            sums[SQUARES] += counts
            sums[MASS] += counts
            moments = [counts]
        else:
            sums[SQUARES] += np.bincount(index, np.square(weights), minlength=size)
            moments = []
        values = weights
        for k in range(POWERS):
            if k > 0 or weights is not None:
                moments.append(np.bincount(index, values, minlength=size))
                sums[MASS + k] += moments[-1]
            values = positions if values is None else values * positions
        row = MASS + POWERS
        for score in scores:
            present = ~np.isnan(score)
            if present.all():
                values = score if weights is None else score * weights
                for k in range(POWERS):
                    sums[row + POWERS + k] += moments[k]
            else:
                there = present * (1.0 if weights is None else weights)
                values = np.where(present, score, 0.0) * there
                for k in range(POWERS):
                    sums[row + POWERS + k] += np.bincount(index, there, minlength=size)
                    there *= positions
            for k in range(POWERS):
                sums[row + k] += np.bincount(index, values, minlength=size)
                values = values * positions
            row += 2 * POWERS

    def table(self) -> Table:
        """Return the sums of the bins with rows."""
        cells = np.flatnonzero(self.sums[COUNT, :-1])
        groups, place = np.divmod(cells, self._size)
        level = np.searchsorted(self._ends, place, side="right")
        levels = self._levels[level]
        places = np.ldexp(self._bases[level] + (place - self._offsets[level]), -levels)
        return Table(np.zeros(cells.size, np.intp), groups, places, levels, self.sums[:, cells])
