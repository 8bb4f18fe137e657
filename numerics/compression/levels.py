"""The state of a loop on a compressed law, read as a state on the law itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from recurate.numerics.compression.cells import Cell, Places, interpolated
from recurate.numerics.compression.scores import scores_on_cells
from recurate.numerics.laws.levels import Levels, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.validation import FloatArray


@dataclass(frozen=True)
class CompressedLevels(Levels):
    """The state of a loop on a compressed law, read as a state on the law itself.

    The levels are the nodes, and ``atom_base`` the full law's probabilities. Sums over levels are
    right for smooth functions of log g; total variation is not smooth, and is taken over atoms.

    Attributes
    ----------
    full : RewardLaw
        The law that was compressed; ``law`` is the small one.
    cells : tuple of Cell
        Ascending; their nodes are the levels.
    error_estimate : float
        Estimated largest error of a figure of the trajectory (absolute), beside the engine's own.
    level_scores : ndarray, shape (2, scores, levels)
        Weights of a density's values at the nodes, for sums over the atoms that have a value: of p
        times it, and of p. Made by `with_scores`.
    """

    is_compressed: ClassVar[bool] = True

    full: RewardLaw
    cells: tuple[Cell, ...]
    error_estimate: float
    level_scores: FloatArray

    @classmethod
    def on(cls, law: RewardLaw, cells: Sequence[Cell]) -> CompressedLevels:
        """Return the levels of a law on its cells' nodes; the error is not estimated yet."""
        rewards = np.concatenate([cell.nodes for cell in cells])
        small = RewardLaw(rewards, np.concatenate([cell.weights for cell in cells]))
        index, probs = np.arange(rewards.size), small.probs
        none = np.empty((2, 0, rewards.size))
        return cls(
            small, rewards, index, probs, law.probs, probs, probs, law, tuple(cells), math.inf, none
        )

    def with_scores(self) -> CompressedLevels:
        """Return the levels with `level_scores`, and with cells whose errors include theirs."""
        if not self.full.scores:
            return self
        cells, level_scores = scores_on_cells(self.full, self.cells, self.base)
        return replace(self, cells=cells, level_scores=level_scores)

    def score_sums(self, log_density: FloatArray) -> FloatArray:
        """Return, over the atoms with a value, sums of p times it, and of p: shape (2, scores)."""
        density = np.exp(log_density - self._log_mass(log_density))
        sums: FloatArray = self.level_scores @ density
        return sums

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the full law's groups, shape (n_groups,)."""
        if self.full.group_index is None:
            return np.empty(0)
        proportions: FloatArray = self._shares @ np.exp(log_density - self._log_mass(log_density))
        return proportions

    @cached_property
    def roughness_of_rows(self) -> FloatArray:
        """As `Cell.roughness`, of the bins that a summary of the rows has, shape (cells,)."""
        rows = self.full.atom_rows
        if rows is None:
            return np.zeros(len(self.cells))
        at, _ = Places.of(self.cells).in_cells(self.full.rewards)
        return sums(at, self.full.probs * rows.widths**6, len(self.cells))

    @cached_property
    def _shares(self) -> FloatArray:
        return np.concatenate([cell.shares for cell in self.cells], axis=1)

    def atom_log_density(
        self, log_density: FloatArray, atoms: IntArray | None = None
    ) -> FloatArray:
        """Return log(p/p_ref) at the full law's rewards, or at the given ones, interpolated."""
        rewards = self.full.rewards if atoms is None else self.full.rewards[atoms]
        return interpolated(self.cells, log_density, rewards)

    def atom_log_probs(self, log_density: FloatArray) -> FloatArray:
        """Return log p at each of the full law's rewards, shape (n,)."""
        log_probs = self.atom_log_density(log_density)
        log_probs += np.log(self.full.probs)
        log_probs -= self._log_mass(log_density)
        return log_probs
