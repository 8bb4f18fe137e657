"""The loops on resampled tables of rows, and what is followed along them.

All tables have the same bins. Of the paper's loop a step is a product of matrices for all tables
at once (`ManyLaws`); of any other, what its rules need to know of the bins is prepared once, and
each table takes its steps by itself, in logarithms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from recurate.numerics.inference.resampled_tables import ManyLaws, Table, binned
from recurate.numerics.inference.ruled_bins import binned_by_rules
from recurate.numerics.laws.levels import Figures, Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import NothingAcceptedError
from recurate.numerics.step import RuleStates
from recurate.numerics.validation import FloatArray


class Loops(Protocol):
    """The loops on resampled tables."""

    table: Table
    width: int

    def densities(self, reference: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield p_t and p_t/p_ref of each table at each step, from their p_ref.

        All are of shape (tables, bins); fewer steps of tables that settle before. NaN of a table of
        which a rule can select nothing.
        """


def loops_on_rows(loop: CurationLoop, followed: tuple[int, ...], steps: int) -> Loops:
    """Return a loop on resampled tables of its law's rows, with the groups that are followed."""
    if loop.schedule.K is not None:
        return PaperLoops(binned(loop.law, followed), loop, steps)
    bins = binned_by_rules(loop.law, loop.schedule.plan(steps).rules, followed)
    return RuledLoops(loop, bins, steps)


class PaperLoops:
    """The paper's loop on many tables at once."""

    def __init__(self, table: Table, loop: CurationLoop, steps: int) -> None:
        self.table, self._loop, self._steps = table, loop, steps
        self._engine = ManyLaws(table.rewards, loop.K)
        self.width = self._engine.width

    def densities(self, reference: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield p_t and p_t/p_ref, as `Loops`."""
        loop, probs = self._loop, reference
        for t in range(self._steps + 1):
            if t > 0:
                curated = self._engine.curated(probs, loop.K)
                probs = loop.real_fraction * reference + loop.synthetic_fraction * curated
            zeros = np.zeros_like(probs)
            yield probs, np.divide(probs, reference, out=zeros, where=reference > 0)


class RuledLoops:
    """A loop of any rules on many tables.

    Parameters
    ----------
    loop : CurationLoop
        The loop, on the table's own law.
    bins : (Table, RewardLaw)
        As `binned_by_rules` returns them, for the loop's rules.
    steps : int
        Number of steps.
    settled : float
        Total change of a law in one step after which it stays as it is; all steps end when all
        laws do. By default every step is taken.
    """

    def __init__(
        self,
        loop: CurationLoop,
        bins: tuple[Table, RewardLaw],
        steps: int,
        settled: float = 0.0,
    ) -> None:
        self.table, self._small = bins
        self.width = self._small.size
        self._steps, self._settled = steps, settled
        plan = loop.schedule.plan(steps)
        levels = self._levels(self._small.probs)
        self._step_at = RuleStates(levels, self._small, plan).at

    def _levels(self, reference: FloatArray) -> Levels:
        law = self._small
        index = np.arange(law.size)
        return Levels(law, law.level_rewards, index, *(4 * [reference]))

    def densities(self, reference: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield p_t and p_t/p_ref, as `Loops`."""
        levels = list(map(self._levels, reference))
        states, density = np.zeros_like(reference), (reference > 0).astype(np.float64)
        moving = np.arange(len(levels))
        yield reference, density
        for t in range(self._steps):
            step, before = self._step_at(t), density[moving]
            for number in moving:
                try:
                    states[number] = step.on(levels[number])(states[number])
                except NothingAcceptedError:
                    states[number] = np.nan
            there = reference[moving] > 0
            density = density.copy()
            density[moving] = np.exp(states[moving], out=np.zeros(before.shape), where=there)
            moved = (reference[moving] * np.abs(density[moving] - before)).sum(axis=1)
            moving = moving[moved >= self._settled]  # NaN is settled
            yield reference * density, density
            if not moving.size:
                return


def curves_of(
    loops: Loops, factors: FloatArray, noise: Sequence[FloatArray]
) -> Iterator[FloatArray]:
    """Yield the figures, shares and means of scores at each step, shape (tables, columns).

    Parameters
    ----------
    loops : Loops
        The loops on the tables.
    factors : ndarray, shape (tables, cells)
        What each table multiplies the cells' masses by.
    noise : sequence of ndarray
        For each score the standard normal numbers, shape (tables, bins with values).
    """
    table = loops.table
    cells = table.cell_mass * factors
    scores = [score.resampled(cells, z) for score, z in zip(table.scores, noise, strict=True)]
    cells /= cells.sum(axis=1, keepdims=True)
    firsts = np.flatnonzero(np.diff(table.cell_bin, prepend=-1))
    reference = np.zeros((cells.shape[0], table.rewards.size))
    reference[:, table.cell_bin[firsts]] = np.add.reduceat(cells, firsts, axis=1)
    by_group = [np.flatnonzero(table.cell_group == group) for group in range(table.followed)]
    for probs, density in loops.densities(reference):
        shares = [
            (cells[:, chosen] * density[:, table.cell_bin[chosen]]).sum(axis=1)
            for chosen in by_group
        ]
        means = [of.mean(density, *drawn) for of, drawn in zip(table.scores, scores, strict=True)]
        yield np.column_stack([*_figures(table, probs, density), *shares, *means])


def _figures(table: Table, probs: FloatArray, density: FloatArray) -> Figures[FloatArray]:
    """Return the figures, each of shape (tables,)."""
    mean_weight = probs @ table.weights
    variance = (probs * (table.weights - mean_weight[:, None]) ** 2).sum(axis=1)
    logarithm = np.log(density, out=np.zeros_like(density), where=density > 0)
    top = table.rewards.max()
    return Figures(
        expected_weight=mean_weight,
        variance_weight=variance,
        expected_reward=top + probs @ (table.rewards - top),
        kl_to_reference=(probs * logarithm).sum(axis=1),
        mass_at_max=probs[:, table.at_max].sum(axis=1),
    )
