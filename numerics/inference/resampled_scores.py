"""Scores on resampled tables: what the rows of a bin say of a score, and how that varies.

A bin of many rows has a score's noise of its own, beside that of the bin's mass: a sum over rows,
each counted a Poisson number of times, given the sum of their masses.
"""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.validation import FloatArray


class BinnedScore(NamedTuple):
    """A score on the rows of a table that have a value, by bin.

    Values are in units of half their range, from the middle of it.

    Attributes
    ----------
    cells : ndarray of int
        The cells whose rows have a value, ascending.
    firsts : ndarray of int, shape (bins,)
        Where, among those, each bin with values begins.
    bins : ndarray of int, shape (bins,)
        The bins with values.
    masses, means : ndarray, shape (bins,)
        Mass of the rows with a value, and their mean.
    slopes : ndarray, shape (bins,)
        By how much the sum of the values moves for each unit of mass: the mean with squared masses.
    deviations : ndarray, shape (bins,)
        Standard deviation of the rest of the sum, over the mass.
    centre, half : float
        The middle, and half the range, of the values.
    """

    cells: IntArray
    firsts: IntArray
    bins: IntArray
    masses: FloatArray
    means: FloatArray
    slopes: FloatArray
    deviations: FloatArray
    centre: float
    half: float

    @classmethod
    def of(
        cls, law: RewardLaw, name: str, row_bins: IntArray, cell_bins: IntArray, cells: IntArray
    ) -> BinnedScore:
        """Return what the rows of a law say of a score; `cells` are those with a value."""
        values, probs = law.scores[name], law.probs
        present = ~np.isnan(values) & (probs > 0)
        if not present.all():
            values, probs, row_bins = values[present], probs[present], row_bins[present]
        low, high = float(values.min()) / 2, float(values.max()) / 2
        scaled = (values - (high + low)) / ((high - low) or 1.0)
        of_cells = cell_bins[cells]
        firsts = np.flatnonzero(np.diff(of_cells, prepend=-1))
        bins = of_cells[firsts]
        place_of_bin = np.zeros(int(bins[-1]) + 1, np.intp)
        place_of_bin[bins] = np.arange(bins.size)
        place = place_of_bin[row_bins]
        masses = sums(place, probs, bins.size)
        shares = probs / masses[place]  # squares of small probabilities may underflow
        squares = sums(place, shares**2, bins.size)
        slopes = sums(place, shares**2 * scaled, bins.size) / squares
        return cls(
            cells,
            firsts,
            bins,
            masses,
            sums(place, shares * scaled, bins.size),
            slopes,
            np.sqrt(sums(place, (shares * (scaled - slopes[place])) ** 2, bins.size)),
            high + low,
            high - low,
        )

    def resampled(self, cells: FloatArray, noise: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return masses of the rows with a value, and sums of their values.

        Parameters
        ----------
        cells : ndarray, shape (tables, cells)
            The resampled masses of all cells of the table, not normalised.
        noise : ndarray, shape (tables, bins)
            Standard normal numbers; zeros for the table itself.

        Returns
        -------
        masses, totals : ndarray, shape (tables, bins)
            The sums have the mean, the variance and the covariance with the masses that they have
            if each row counts a Poisson number of times.
        """
        masses = np.add.reduceat(cells[:, self.cells], self.firsts, axis=1)
        factors = masses / self.masses
        moved = self.means * factors + (self.slopes - self.means) * (factors - 1.0)
        return masses, self.masses * (moved + np.sqrt(factors) * self.deviations * noise)

    def mean(self, density: FloatArray, masses: FloatArray, totals: FloatArray) -> FloatArray:
        """Return the score's mean under each law, shape (tables,); NaN where no row has a value."""
        density = density[:, self.bins]
        mass = (density * masses).sum(axis=1)
        total = (density * totals).sum(axis=1)
        means = np.divide(total, mass, out=np.full(mass.shape, np.nan), where=mass > 0)
        return np.asarray(self.centre + self.half * means)


def presence(law: RewardLaw) -> tuple[IntArray, list[IntArray]]:
    """Return which scores each row has, as the number of a pattern; and each score's patterns."""
    pattern = np.zeros(law.size, dtype=np.intp)
    for values in law.scores.values():
        if (is_missing := np.isnan(values)).any():
            pattern = np.unique(2 * pattern + is_missing, return_inverse=True)[1]
    if not pattern.any():
        return pattern, [np.zeros(1, np.intp) for _ in law.scores]
    patterns, rows = np.unique(pattern, return_index=True)
    return pattern, [patterns[~np.isnan(values[rows])] for values in law.scores.values()]


def source_of_noise(generator: np.random.Generator) -> np.random.Generator:
    """Return another generator, whose use leaves the numbers of this one as they are."""
    return np.random.default_rng(copy.deepcopy(generator).integers(2**63, size=2))
