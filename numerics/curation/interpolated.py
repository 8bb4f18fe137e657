"""The curation ratio of very many rewards, from the ratio at some thousands of nodes.

The ratio needs the law p only through M(s) = E_p e^{-s w}, a smooth function of each reward, and is
one itself. So masses are carried to the Chebyshev points of narrow cells of the reward (scatter),
the ratio is taken there, and its logarithm is interpolated back (gather). ``docs/large_tables.md``
proves a bound on the error for every law and every K, `InterpolatedRatio.error`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.curation.floats import CurationKernel
from recurate.numerics.log_sums import blocks
from recurate.numerics.validation import FloatArray

IntArray = npt.NDArray[np.int32]

LEAST_ROWS = 8000
"""Number of atoms from which on rules interpolate: for fewer the matrix itself is as quick."""

WIDEST = 490.0
"""Span of rewards up to which weights, and so H, are no less than e^-490, as K = inf has them."""

_SAMPLE = 4096  # rows by which ties are noticed
_MOST_NODES = 4096  # of those that are wanted: the last resort may have more


class Cells(NamedTuple):
    """A way to interpolate: cells of equal width, and how many points each has.

    Attributes
    ----------
    per_unit, points : int
        Number of cells in a unit of reward, and of Chebyshev points in a cell.
    error : float
        Bound on the relative error of H, over all laws, all K and all rewards.
    """

    per_unit: int
    points: int
    error: float


CELLS = (Cells(32, 6, 1.2e-13), Cells(8, 8, 1.8e-13), Cells(1, 18, 7e-14))
"""The finest first: the first one whose nodes are few enough is taken, or the last."""


class InterpolatedRatio:
    """log H of Bradley–Terry's choice as a function of log p, for one law's many rewards.

    Parameters
    ----------
    rewards : ndarray, shape (n,)
        Checked.
    K : float
        Number of candidates, finite and at least 2.

    Attributes
    ----------
    error : float
        Bound on the error of log H that interpolation adds, beside `RATIO_ERROR`. Zero if there are
        so few distinct rewards that these are the nodes.
    is_narrow : bool
        Whether neither masses nor H underflow where they count, so that `ratio` may be called.
    """

    def __init__(self, rewards: FloatArray, K: float) -> None:
        from scipy import sparse  # here, as importing it takes longer than a small loop

        relative = rewards - rewards.max()
        levels, cell = _few_levels(relative)
        if levels is not None:
            self.error, nodes, weights = 0.0, levels, np.ones((cell.size, 1))
        else:
            cells, lowest, cell = _cells(relative)
            points = _chebyshev(cells.points)
            self.error, nodes = cells.error, (lowest[:, None] + (1.0 + points) / 2).ravel()
            nodes /= cells.per_unit
            weights = _weights(relative, cells.per_unit, points)
        width = weights.shape[1]
        columns = np.empty(weights.shape, np.int32)
        for rows in blocks(cell.size):
            first = cell[rows] * np.int32(width)
            for place in range(width):
                np.add(first, np.int32(place), out=columns[rows, place])
        starts = np.arange(0, weights.size + 1, width, dtype=np.int32)
        self._gather = sparse.csr_array(
            (weights.ravel(), columns.ravel(), starts), shape=(cell.size, nodes.size)
        )
        self._scatter = self._gather.T
        self._kernel, self._K = CurationKernel(nodes, K), K
        self.is_narrow = not self._kernel.has_tail
        self._cell: IntArray | None = None if self.is_narrow else cell
        self._width = width

    def __call__(self, log_probs: FloatArray) -> FloatArray:
        """Return log H, shape (n,), for normalised log p."""
        if self._cell is None:
            at_nodes = self._at_nodes(np.exp(log_probs))
        else:  # masses in units of the largest one of their cell, for they may have underflowed
            peak = np.full(self._scatter.shape[0] // self._width, -np.inf)
            np.maximum.at(peak, self._cell, log_probs)
            peak[peak == -np.inf] = 0.0
            factors = self._scatter @ np.exp(log_probs - peak[self._cell])
            at_nodes = self._kernel.log_ratio_of_masses(
                np.repeat(peak, self._width), factors, self._K
            )
        log_ratio: FloatArray = self._gather @ at_nodes
        return log_ratio

    def ratio(self, probs: FloatArray, share: float = 1.0) -> FloatArray:
        """Return a share times H from p, both of shape (n,), for narrow rewards."""
        ratio: FloatArray = self._gather @ (share * np.exp(self._at_nodes(probs)))
        return ratio

    def _at_nodes(self, probs: FloatArray) -> FloatArray:
        masses = self._scatter @ probs
        return self._kernel.log_ratio_of_masses(np.zeros(masses.size), masses, self._K)


class TiltedRatio:
    """log H for infinitely many candidates, K = inf, as a function of log p: w/E_p w.

    Parameters
    ----------
    rewards : ndarray, shape (n,)
        Checked; they span at most `WIDEST`.
    """

    error, is_narrow = 0.0, True

    def __init__(self, rewards: FloatArray) -> None:
        self._relative = rewards - rewards.max()
        self._weights = np.exp(self._relative)

    def __call__(self, log_probs: FloatArray) -> FloatArray:
        """Return log H, shape (n,), for normalised log p."""
        log_ratio: FloatArray = self._relative - math.log(np.exp(log_probs) @ self._weights)
        return log_ratio

    def ratio(self, probs: FloatArray, share: float = 1.0) -> FloatArray:
        """Return a share times H from p, both of shape (n,)."""
        ratio: FloatArray = self._weights * (share / float(probs @ self._weights))
        return ratio


@dataclass(frozen=True)
class WithError:
    """A function from log p to log H that states what interpolation adds to its error."""

    log_ratio: Callable[[FloatArray], FloatArray]
    error: float

    def __call__(self, log_probs: FloatArray) -> FloatArray:
        """Return log H."""
        return self.log_ratio(log_probs)


def error_of(log_ratio: Any) -> float:
    """Return what interpolation adds to the error of a prepared rule's log H; 0 for most."""
    return float(getattr(log_ratio, "error", 0.0))


def _few_levels(relative: FloatArray) -> tuple[FloatArray | None, IntArray]:
    """Return the distinct rewards and which one each is, if a sample shows them to be few."""
    if np.unique(relative[:: 1 + relative.size // _SAMPLE]).size < _SAMPLE // 4:
        levels, index = np.unique(relative, return_inverse=True)
        if levels.size <= _MOST_NODES:
            return levels, index.astype(np.int32)
    return None, np.empty(0, np.int32)


def _cells(relative: FloatArray) -> tuple[Cells, FloatArray, IntArray]:
    """Return how to interpolate, the cells' lower ends in their width, and each row's cell."""
    bottom = float(relative.min())
    for cells in CELLS:
        low = math.floor(bottom * cells.per_unit)
        if (1 - low) * cells.points <= _MOST_NODES:  # also those that nothing is in
            cell = np.empty(relative.size, np.int32)
            for rows in blocks(relative.size):
                cell[rows] = np.floor(relative[rows] * cells.per_unit) - low
            return cells, np.arange(low, 1.0), cell
        lowest, places = np.unique(np.floor(relative * cells.per_unit), return_inverse=True)
        if lowest.size * cells.points <= _MOST_NODES:
            break
    return cells, lowest, places.astype(np.int32)


def _chebyshev(points: int) -> FloatArray:
    """Return the zeros of Chebyshev's polynomial, from -1 to 1."""
    return -np.cos(np.pi * (np.arange(points) + 0.5) / points)


def _weights(relative: FloatArray, per_unit: int, points: FloatArray) -> FloatArray:
    """Return Lagrange's weights of each row for the points of its cell, shape (n, points)."""
    differences = points[:, None] - points
    np.fill_diagonal(differences, 1.0)
    scale = 1.0 / differences.prod(axis=1)
    weights = np.empty((relative.size, points.size))
    for rows in blocks(relative.size):
        at = relative[rows] * per_unit
        at -= np.floor(at)
        distances = (2.0 * at - 1.0) - points[:, None]
        # Products of what is before a point and after it: no division, so no case for a node.
        found = np.empty(distances.shape)
        found[:] = scale[:, None]
        product = distances[0].copy()
        for j in range(1, points.size):
            found[j] *= product
            product *= distances[j]
        product = distances[-1].copy()
        for j in range(points.size - 2, -1, -1):
            found[j] *= product
            product *= distances[j]
        weights[rows] = found.T
    return weights
