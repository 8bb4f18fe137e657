"""The levels of a run on very many rows: the same figures, in few passes over them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import numpy as np

from recurate.numerics.laws.divergences import kullback_leibler_of_state
from recurate.numerics.laws.levels import Figures, Levels, sums
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.log_sums import blocks
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import FloatArray

Array = TypeVar("Array", FloatArray, IntArray)

_LEAST_DIVERGENCE = 1e-3  # below it the sum of p log(p/q) loses digits
_LOWEST = -1e300  # in place of -inf, where there is no mass: their product is zero


@dataclass(frozen=True)
class LargeLevels(Levels):
    """Levels of a run from p_ref, many of them.

    Attributes
    ----------
    step_errors : dict
        What interpolation adds to the error of log H, by the step.
    """

    step_errors: dict[int, float] = field(default_factory=dict)
    _latest: list[FloatArray] = field(default_factory=list)

    @property
    def error_estimate(self) -> float:
        """Estimate of what interpolation adds to the error of the figures, in all steps.

        Laws are wrong by the sum of the steps' errors, if no step amplifies one; a mean by as much
        times the spread of what it is a mean of.
        """
        return math.fsum(self.step_errors.values()) * max(1.0, -float(self._relative_rewards.min()))

    def measure(self, log_density: FloatArray) -> Figures[float]:
        """Return the figures of the law with this state."""
        probs, divergence = self._masses(log_density)
        parts = []
        for rows in blocks(probs.size):
            few = probs[rows]
            columns = self._weights, self._deficits, self._relative_rewards
            parts.append([float(few @ column[rows]) for column in columns])
        mean_weight, deficit, reward = map(math.fsum, zip(*parts, strict=True))
        # Near the top, 1 - w keeps digits that w has lost; far below it, w keeps its own.
        is_near = mean_weight > 0.5
        column, mean = (self._deficits, deficit) if is_near else (self._weights, mean_weight)
        squares = []
        for rows in blocks(probs.size):
            centred = column[rows] - mean
            centred *= centred
            squares.append(float(probs[rows] @ centred))
        return Figures(
            expected_weight=mean_weight,
            variance_weight=math.fsum(squares),
            expected_reward=self.law.unit_reward + reward,
            kl_to_reference=divergence,
            mass_at_max=float(probs[self._best].sum()),
        )

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the law's groups, shape (n_groups,)."""
        if self.law.group_index is None or not self._is_atoms:
            return super().group_proportions(log_density)
        return sums(self._groups, self._masses(log_density)[0], len(self.law.group_names))

    def score_sums(self, log_density: FloatArray) -> FloatArray:
        """Return, over the atoms with a value, sums of p times it, and of p: shape (2, scores)."""
        probs = self._masses(log_density)[0]
        if not self._is_atoms:
            return np.asarray(self.level_scores @ probs)
        found = [
            (float(probs @ values), 1.0 if is_there is None else float(probs @ is_there))
            for values, is_there in self._scores
        ]
        return np.array(found).reshape(-1, 2).T

    def win_rate(self, log_density: FloatArray) -> float:
        """Return the probability that a sample beats one of p_0 by its reward, ties half."""
        return float(self._masses(log_density)[0] @ self._ranks)

    def _masses(self, log_density: FloatArray) -> tuple[FloatArray, float]:
        """Return p on the levels, and KL(p‖p_ref); those of the latest state are kept."""
        if not (self._latest and self._latest[0] is log_density):
            probs = np.empty(log_density.size)
            parts = []
            for rows in blocks(probs.size):
                state, out = log_density[rows], probs[rows]
                np.exp(np.add(self.log_base[rows], state, out=out), out=out)
                parts.append((float(out.sum()), float(out @ np.maximum(state, _LOWEST))))
            total, mean = map(math.fsum, zip(*parts, strict=True))
            # The sum of q φ(log p/q), where that has its digits: it is p log(p/q) - p + q.
            divergence = mean - (total - 1.0)
            if log_density is self.log_start_density:
                divergence = 0.0
            elif divergence < _LEAST_DIVERGENCE:
                divergence = kullback_leibler_of_state(log_density, self.reference)
            probs /= total
            self._latest[:] = log_density, probs, np.array(divergence)
        return self._latest[1], float(self._latest[2])

    @cached_property
    def _deficits(self) -> FloatArray:
        deficits: FloatArray = -np.expm1(np.minimum(self._relative_rewards, 709.0))
        return deficits

    @cached_property
    def _best(self) -> IntArray:
        return np.flatnonzero(self.rewards == self.law.level_unit)

    @cached_property
    def _is_atoms(self) -> bool:
        return self.rewards.size == self.law.size

    @cached_property
    def log_reference_density(self) -> FloatArray:
        """Zeros, shape (levels,): the base is p_ref."""
        return read_only(np.zeros(self.base.size))

    @property
    def log_start_density(self) -> FloatArray:
        """Zeros, shape (levels,): the run starts at p_ref."""
        return self.log_reference_density

    @cached_property
    def _groups(self) -> IntArray:
        index = self.law.group_index
        return np.empty(0, np.intp) if index is None else self._by_level(index)

    @cached_property
    def _scores(self) -> list[tuple[FloatArray, FloatArray | None]]:
        """Each score by level, 0 where there is none, and where there is one; None if at all."""
        found: list[tuple[FloatArray, FloatArray | None]] = []
        for column in self.law.scores.values():
            values = self._by_level(column)
            if np.isnan(values.sum()):
                found.append((np.nan_to_num(values), (~np.isnan(values)).astype(np.float64)))
            else:
                found.append((values, None))
        return found

    def _by_level(self, values: Array) -> Array:
        """Return values of the atoms in the order of the levels, each of which is one atom."""
        if self.rewards is self.law.rewards:
            return values
        ordered = np.empty_like(values)
        ordered[self.index] = values
        return ordered
