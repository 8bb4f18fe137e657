"""Estimates of how far off a compressed law's figures are, cell by cell, and what to divide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.cells import NODES, Cell
from recurate.numerics.compression.levels import CompressedLevels
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

_OF_CELLS = 0.5  # share of the tolerance that interpolation in cells may use
_OF_BINS = 0.25  # the same for the bins
_OF_PLACES = 0.1  # the same for groups that are not at one place, in bins of one atom
_NO_COEFFICIENT = 1e-14  # of g, relative to that of degree zero: it is rounding
_GAUSS_ERROR = 2.0 / (2**11 * 720)  # three atoms, width h: 2 (h/2)^6 max|f^(6)| / (2^5 6!)
# Largest modulus of the derivatives 0 … 6 of e^{-e^x}.
_DERIVATIVES = (1.0, 0.368, 0.31, 0.43, 1.12, 3.2, 10.2)


@dataclass(frozen=True)
class ErrorEstimates:
    """Estimated errors of a run's figures, cell by cell.

    Attributes
    ----------
    of_cells : ndarray, shape (cells,)
        Largest over the steps, from interpolation in the cell.
    of_bins : ndarray, shape (cells,)
        Summed over the steps, from the rules in the cell's bins.
    of_places : ndarray, shape (cells,)
        Largest over the steps, from groups not at one place in the cell's bins of one atom.
    total : float
        Estimate for all of them together.
    of_rows : float
        Estimate of what comes from the bins of a summary, if the law was made of one; beside the
        others, since nothing divides them.
    """

    of_cells: FloatArray
    of_bins: FloatArray
    of_places: FloatArray
    total: float
    of_rows: float

    @classmethod
    def of(cls, levels: CompressedLevels, log_density: FloatArray, each: float) -> ErrorEstimates:
        """Estimate them from log-densities, shape (nodes, times), each of so many steps."""
        cells = levels.cells
        density = np.exp(log_density)
        sizes = np.array([cell.nodes.size for cell in cells])
        firsts = np.cumsum(sizes) - sizes
        masses = np.add.reduceat(levels.base[:, None] * density, firsts, axis=0)
        tails = _tails(cells, firsts, sizes, density)
        widths = np.array([cell.roughness for cell in cells])
        mass = np.add.reduceat(levels.base, firsts)
        slopes = _slopes(levels.rewards, log_density, firsts, sizes)
        errors = masses / mass[:, None] * _GAUSS_ERROR * _sixth_derivative(slopes)
        of_bins = errors * widths[:, None]
        of_rows = errors * levels.roughness_of_rows[:, None]
        drifts = np.array([cell.drift for cell in cells])
        of_places = masses * (drifts / mass)[:, None] * slopes
        return cls(
            tails.max(axis=1),
            of_bins.sum(axis=1) * each,
            of_places.max(axis=1),
            float((tails + of_places).sum(axis=0).max() + of_bins.sum() * each),
            float(of_rows.sum() * each),
        )

    def remedies(
        self, tol: float, cells: Sequence[Cell]
    ) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Return what to divide in each cell.

        Returns
        -------
        parts, factors, drifting : ndarray, shape (cells,)
            Into how many parts to divide it; how many times narrower its bins shall be; and whether
            to resolve its bins of one atom.
        """
        ones = np.ones(len(cells))
        drifting = self.of_places > _OF_PLACES * tol / len(cells)
        aim = _OF_CELLS * tol / len(cells)
        ratio = np.where(self.of_cells > aim, self.of_cells / aim, 1.0)
        parts = np.where(ratio > 1, np.clip(np.ceil(1.2 * ratio ** (1 / NODES)), 2, 8), 1.0)
        aim = _OF_BINS * tol / len(cells)
        ratio = np.where(self.of_bins > aim, self.of_bins / aim, 1.0)
        factors = np.where(ratio > 1, 1.3 * ratio ** (1 / 6), 1.0)
        # A part needs as many atoms as nodes: where a cell has fewer, its bins are divided first.
        atoms = np.array([cell.atoms for cell in cells])
        binned = np.array([cell.roughness > 0 for cell in cells])
        most = np.where(binned, np.maximum(atoms // NODES, 1), parts)
        factors = np.where(parts > most, np.maximum(factors, parts), factors)
        return np.minimum(parts, most), np.maximum(factors, ones), drifting


def _tails(
    cells: tuple[Cell, ...], firsts: IntArray, sizes: IntArray, density: FloatArray
) -> FloatArray:
    """Return the size of the last two orthonormal coefficients of g, times the root of the mass.

    By Cauchy and Schwarz the integral of what they stand for over a part of a cell's atoms is at
    most this; shape (cells, times).
    """
    places = firsts[:, None] + np.minimum(np.arange(NODES), sizes[:, None] - 1)
    last = np.zeros((len(cells), 2, NODES))
    for i, cell in enumerate(cells):
        if not cell.exact and len(cell.values) > 1:
            # A cell with a linear coefficient and no other: that one only.
            tail = cell.values[-2:] if len(cell.values) > 2 else cell.values[-1:]
            last[i, : len(tail), : cell.nodes.size] = tail * np.sqrt(
                cell.weights * cell.weights.sum()
            )
    coefficients = last @ density[places]
    tails: FloatArray = np.abs(coefficients).sum(axis=1)
    for i, cell in enumerate(cells):
        if cell.lost.any():
            of_cell = slice(firsts[i], firsts[i] + sizes[i])
            sizes_of = np.abs(cell.values @ (np.sqrt(cell.weights)[:, None] * density[of_cell]))
            tails[i] += cell.lost @ np.maximum(sizes_of - _NO_COEFFICIENT * sizes_of[0], 0.0)
    return tails


def _slopes(
    rewards: FloatArray, log_density: FloatArray, firsts: IntArray, sizes: IntArray
) -> FloatArray:
    """Return the largest slope of log g between neighbouring nodes in or beside each cell."""
    if rewards.size == 1:
        return np.zeros((1, log_density.shape[1]))
    gaps = np.diff(rewards)[:, None]
    slopes = np.abs(np.diff(log_density, axis=0)) / np.where(gaps > 0, gaps, np.inf)
    # Slope i - 1 is between nodes i - 1 and i. A cell has those from the left of its first node to
    # the right of its last one.
    starts = np.maximum(firsts - 1, 0)
    ends = np.minimum(firsts + sizes, slopes.shape[0])
    bounds = np.stack([starts, ends], axis=1).ravel()
    padded = np.concatenate([slopes, np.zeros((1, slopes.shape[1]))])
    largest: FloatArray = np.maximum.reduceat(padded, bounds, axis=0)[::2]
    return largest


def _sixth_derivative(slopes: FloatArray) -> FloatArray:
    """Bound the sixth derivative of g e^{-s e^r}, over g, where log g has at most these slopes.

    The derivatives of g are assumed to be at most k! slope^k, as near a pole (those of exponentials
    are smaller), and combined with those of the other factor by Leibniz' rule.
    """
    total = np.zeros_like(slopes)
    for k, derivative in enumerate(_DERIVATIVES):
        total += math.comb(6, k) * math.factorial(6 - k) * derivative * slopes ** (6 - k)
    return total
