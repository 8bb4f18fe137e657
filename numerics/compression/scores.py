"""Integrals of scores over a compressed law: a score's mean in each cell, as far as it matters.

A score may jump from atom to atom, so no rule of a few nodes has its integral. But the density g is
smooth: in each cell it is a polynomial, so the integral of g times a score needs only the score's
moments there, which one pass over the atoms sums. ``docs/compression.md`` has the error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from recurate.numerics.compression.cells import CHUNK, NODES, Cell, Places, unresolved
from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.of_scores import ends_of_scores, factors_of_scores
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.validation import FloatArray


def scores_on_cells(
    law: RewardLaw, cells: Sequence[Cell], base: FloatArray
) -> tuple[tuple[Cell, ...], FloatArray]:
    """Return weights with which a density's values at the nodes give sums over scores.

    Parameters
    ----------
    law : RewardLaw
        The law that was compressed.
    cells : sequence of Cell
        Ascending.
    base : ndarray, shape (nodes,)
        Masses of their nodes.

    Returns
    -------
    cells : tuple of Cell
        With a `lost` and a `drift` that are large enough for the scores too, in units of half the
        range of a score's values.
    level_scores : ndarray, shape (2, scores, nodes)
        As of `CompressedLevels`.
    """
    factors, nodes = factors_of_scores(law), np.concatenate([cell.nodes for cell in cells])
    level_scores = np.empty((2, len(law.scores), base.size))
    level_scores[0] = [factors.get(name, 0.0) * nodes * base for name in law.scores]
    level_scores[1] = base
    others = [i for i, name in enumerate(law.scores) if name not in factors]
    found = tuple(cells)
    if others:
        names = [law.score_names[i] for i in others]
        found, level_scores[:, others] = _summed(law, cells, base, names)
    return found, level_scores


def _summed(
    law: RewardLaw, cells: Sequence[Cell], base: FloatArray, names: Sequence[str]
) -> tuple[tuple[Cell, ...], FloatArray]:
    """Return cells and weights, as `scores_on_cells`, for some scores; a pass over the atoms."""
    scores = [_Score.of(law.scores[name], *ends_of_scores(law)[name]) for name in names]
    number = len(scores) + sum(score.is_partial for score in scores)
    moments = _Moments(cells, number)
    for begin in range(0, law.size, CHUNK):
        rows = slice(begin, begin + CHUNK)
        columns = [score.scaled(rows) for score in scores]
        columns += [~np.isnan(score.values[rows]) for score in scores if score.is_partial]
        moments.add(law.rewards[rows], [law.probs[rows] * column for column in columns])
    found, weights = moments.finished()
    others = iter(weights[len(scores) :])
    present = np.array([next(others) if score.is_partial else base for score in scores])
    halves, centres = np.array([[score.half, score.centre] for score in scores]).T[..., None]
    return found, np.stack([halves * weights[: len(scores)] + centres * present, present])


class _Score(NamedTuple):
    """A score's values, and the middle and half the range of those that are there."""

    values: FloatArray
    centre: float
    half: float
    is_partial: bool

    @classmethod
    def of(cls, values: FloatArray, low: float, high: float) -> _Score:
        half = high / 2 - low / 2
        return cls(values, high / 2 + low / 2, half, bool(np.isnan(values).any()))

    def scaled(self, rows: slice) -> FloatArray:
        """Return values from -1 to 1; 0 where there is none, or all are equal."""
        return np.nan_to_num((self.values[rows] - self.centre) / (self.half or 1.0))


class _Moments:
    """Legendre moments of measures in each cell; their sums at the nodes where these are exact."""

    def __init__(self, cells: Sequence[Cell], number: int) -> None:
        self._cells, self._places = cells, Places.of(cells)
        self._nodes = np.concatenate([cell.nodes for cell in cells])
        sizes = np.array([cell.nodes.size for cell in cells])
        self._ends = np.cumsum(sizes)
        self._firsts = self._ends - sizes
        self._moments = np.zeros((number, NODES, len(cells)))
        self._at_nodes, self._drifts = np.zeros((2, number, self._nodes.size))

    def add(self, rewards: FloatArray, masses: Sequence[FloatArray]) -> None:
        """Add what some atoms have of each measure."""
        at, scaled = self._places.in_cells(rewards)
        self._add_at_nodes(rewards, masses, at)
        before, now = np.zeros(rewards.size), np.ones(rewards.size)
        for k in range(NODES):
            for i, mass in enumerate(masses):
                self._moments[i, k] += sums(at, mass * now, len(self._cells))
            before, now = now, ((2 * k + 1) * scaled * now - k * before) / (k + 1)

    def _add_at_nodes(
        self, rewards: FloatArray, masses: Sequence[FloatArray], at: IntArray
    ) -> None:
        """Add what atoms have that are in cells whose nodes are rewards."""
        chosen = np.flatnonzero(self._places.exact[at])
        if not chosen.size:
            return
        rewards, at = rewards[chosen], at[chosen]
        nearest = np.clip(self._places.nearest(rewards), self._firsts[at], self._ends[at] - 1)
        beside = rewards - self._nodes[nearest]
        for i, mass in enumerate(masses):
            self._at_nodes[i] += sums(nearest, mass[chosen], self._nodes.size)
            self._drifts[i] += sums(nearest, mass[chosen] * beside, self._nodes.size)

    def finished(self) -> tuple[tuple[Cell, ...], FloatArray]:
        """Return the cells with errors of the measures, and weights, shape (measures, nodes)."""
        weights, found = self._at_nodes, []
        for i, cell in enumerate(self._cells):
            nodes = slice(self._firsts[i], self._ends[i])
            if cell.exact:
                drift = float(np.abs(self._drifts[:, nodes]).sum(axis=1).max())
                found.append(cell._replace(drift=max(cell.drift, drift)))
                continue
            degrees = len(cell.values)
            sums_of = self._moments[:, :degrees, i].T
            integrals = np.asarray(np.linalg.solve(cell.triangle.T, sums_of).T, dtype=np.float64)
            lost = unresolved(integrals, float(cell.weights.sum()))
            integrals[:, lost > 0] = 0.0
            weights[:, nodes] = integrals @ cell.values * np.sqrt(cell.weights)
            found.append(cell._replace(lost=np.maximum(cell.lost, lost)))
        return tuple(found), weights
