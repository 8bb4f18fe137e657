"""From thousands of atoms to hundreds: one Gauss rule of a dozen nodes in each cell.

A cell is an interval of rewards on which the loop's functions are smooth. Its atoms are replaced
by the Gauss rule of their own law: nodes inside the cell, positive weights, exact for polynomials
of degree 23. Orthonormal polynomials on the atoms also give how well a function known at the
nodes is resolved, its integral over a part of the atoms (a group), and its values in between.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.bins import Atoms
from recurate.numerics.compression.moments import DEGREE
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

NODES = 12
"""Nodes of a cell: exact for polynomials of degree 23, and for interpolation of degree 11."""

CHUNK = 2**16
"""Rewards that are looked at together: what is computed of them stays in a cache."""

_WIDEST = 1.2  # e^{-s e^r} is smooth at the scale of one
_GROWTH = 0.15
_ROWS = 96
_LARGEST_INTEGRAL = 1e3  # of the root of the mass: it multiplies rounding of 1e-15
_DEPENDENT = 1e-8  # squared, the share of the mass that a further node would stand for


class Cell(NamedTuple):
    """A cell's nodes and their orthonormal polynomials.

    Attributes
    ----------
    low, high : float
        Left end of its first bin, and right end of its last bin or its largest reward.
    nodes, weights : ndarray, shape (nodes,)
        The rule, of positive weights; the atoms themselves if there are no more than `NODES`.
    values : ndarray, shape (degrees, nodes)
        The orthonormal polynomials at the nodes, times the square root of the weight.
    triangle : ndarray, shape (degrees, degrees)
        From orthonormal to Legendre coefficients, as the solution of a triangular system.
    shares : ndarray, shape (groups, nodes)
        A function's integral over each group's part is the product with its values at the nodes.
    lost : ndarray, shape (degrees,)
        Size of the polynomials' integrals that `shares` leaves out because no bin resolves them.
    atoms : int
        Number of atoms.
    exact : bool
        Whether the nodes are the law's rewards, so that nothing is integrated or interpolated.
    roughness : float
        Sum of the atoms' masses times the sixth power of the width of the bin that they stand for.
    drift : float
        Sum of the atoms' `Atoms.drifts`.
    """

    low: float
    high: float
    nodes: FloatArray
    weights: FloatArray
    values: FloatArray
    triangle: FloatArray
    shares: FloatArray
    lost: FloatArray
    atoms: int
    exact: bool
    roughness: float
    drift: float


class Places(NamedTuple):
    """Where rewards of the law are among cells and their nodes.

    Attributes
    ----------
    lows, sums, spans : ndarray, shape (cells,)
        The cells' left ends, sums of both ends, and widths; 1 for a cell of one place.
    exact : ndarray of bool, shape (cells,)
        As of `Cell`.
    middles : ndarray, shape (nodes - 1,)
        Middles between all nodes.
    """

    lows: FloatArray
    sums: FloatArray
    spans: FloatArray
    exact: npt.NDArray[np.bool_]
    middles: FloatArray

    @classmethod
    def of(cls, found: Sequence[Cell]) -> Places:
        """Return those of ascending cells."""
        nodes = np.concatenate([cell.nodes for cell in found])
        lows, highs = (np.array([getattr(cell, end) for cell in found]) for end in ("low", "high"))
        spans = np.where(highs > lows, highs - lows, 1.0)
        exact = np.array([cell.exact for cell in found])
        return cls(lows, lows + highs, spans, exact, (nodes[1:] + nodes[:-1]) / 2)

    def in_cells(self, rewards: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return each reward's cell, and its position there, from -1 to 1."""
        at = np.maximum(np.searchsorted(self.lows, rewards, side="right") - 1, 0)
        return at, (2 * rewards - self.sums[at]) / self.spans[at]

    def nearest(self, rewards: FloatArray) -> IntArray:
        """Return each reward's nearest node: that of many ties is their mean, up to rounding."""
        return np.searchsorted(self.middles, rewards)


def first_edges(atoms: Atoms, steps: int) -> FloatArray:
    """Return cell edges that suit most laws: narrow at the top, wider below; the top one alone.

    Parameters
    ----------
    atoms : Atoms
        The law.
    steps : int
        Number of steps of the loop: no slope of log g_t in the reward is larger.

    Returns
    -------
    ndarray, shape (cells + 1,)
        Ascending left ends of bins; a cell has the bins from an edge on to before the next one.
    """
    lefts = atoms.lefts
    top = float(lefts[-1])
    edges = [np.inf, top]
    position = int(np.searchsorted(lefts, top))
    while position > 0:
        start = float(lefts[position - 1])
        width = min(_WIDEST, 1.0 / max(1, steps) + _GROWTH * (top - start))
        below = int(np.searchsorted(lefts, start - width, side="right"))
        if atoms.widths[position - 1] > 0:
            # Fewer atoms do not suffice for the interpolation that groups need.
            below = min(below, max(0, position - NODES))
        position = int(np.searchsorted(lefts, lefts[min(below, position - 1)]))
        edges.append(float(lefts[position]))
    return np.array(edges[::-1])


def cells_between(
    atoms: Atoms, edges: FloatArray, known: dict[tuple[float, float], Cell]
) -> list[Cell]:
    """Return the cells between the edges, ascending.

    Parameters
    ----------
    atoms : Atoms
        The law.
    edges : ndarray, shape (cells + 1,)
        Ascending left ends of bins of the atoms.
    known : dict
        Cells made before of the same atoms, by their edges; it is added to.
    """
    at = np.searchsorted(atoms.lefts, edges).tolist()
    at_points = np.searchsorted(atoms.point_lefts, edges).tolist()
    found = []
    for i, key in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        if key not in known:
            known[key] = _cell(
                atoms, slice(at[i], at[i + 1]), slice(at_points[i], at_points[i + 1])
            )
        found.append(known[key])
    return found


def divided(atoms: Atoms, edges: FloatArray, parts: FloatArray) -> FloatArray:
    """Return edges that divide each cell into about `parts` equal parts, without cutting bins."""
    lefts = atoms.lefts
    cuts = [edges]
    for i in np.flatnonzero(parts > 1):
        inside = lefts[(lefts >= edges[i]) & (lefts < edges[i + 1])]
        wanted = np.linspace(inside[0], inside[-1], int(parts[i]) + 1)[1:-1]
        cuts.append(inside[np.searchsorted(inside, wanted)])
    return np.unique(np.concatenate(cuts))


def shifted(atoms: Atoms, edges: FloatArray) -> FloatArray:
    """Return edges of other cells, from the middle of one to that of the next; the top stays alone.

    Parameters
    ----------
    atoms : Atoms
        The law, with the same largest reward.
    edges : ndarray, shape (cells + 1,)
        Edges of cells, as from `first_edges`.
    """
    inner = edges[:-1]
    middles = (inner[1:] + inner[:-1]) / 2
    # The last middle is between the top and the cell below it; the top must stay a cell of its own.
    wanted = np.concatenate([inner[:1], middles, inner[-1:], edges[-1:]])
    return snapped(atoms, wanted)


def snapped(atoms: Atoms, edges: FloatArray) -> FloatArray:
    """Return the edges moved up to the next left ends of bins of other atoms."""
    at = np.minimum(np.searchsorted(atoms.lefts, edges[:-1]), atoms.lefts.size - 1)
    at[0] = 0
    return np.append(np.unique(atoms.lefts[at]), np.inf)


def interpolated(found: Sequence[Cell], values: FloatArray, rewards: FloatArray) -> FloatArray:
    """Return a function's values at rewards of the law, from its values at all cells' nodes.

    Parameters
    ----------
    found : sequence of Cell
        Ascending.
    values : ndarray, shape (nodes,)
        The function at the cells' nodes.
    rewards : ndarray, shape (n,)
        Where to evaluate it, in any order.
    """
    places = Places.of(found)
    coefficients = np.zeros((NODES, len(found)))
    start = 0
    for i, cell in enumerate(found):
        here = values[start : start + cell.nodes.size]
        start += cell.nodes.size
        if not cell.exact:
            orthonormal = cell.values @ (np.sqrt(cell.weights) * here)
            coefficients[: len(orthonormal), i] = np.linalg.solve(cell.triangle, orthonormal)
    result = np.empty(rewards.size)
    for begin in range(0, rewards.size, CHUNK):
        chunk = rewards[begin : begin + CHUNK]
        at, scaled = places.in_cells(chunk)
        # Clenshaw's recurrence for the Legendre series.
        now, after = np.zeros(chunk.size), np.zeros(chunk.size)
        for k in range(NODES - 1, -1, -1):
            coefficient = coefficients[k][at]
            coefficient += (2 * k + 1) / (k + 1) * scaled * now - (k + 1) / (k + 2) * after
            now, after = coefficient, now
        as_given = places.exact[at]
        if as_given.any():
            now[as_given] = values[places.nearest(chunk[as_given])]
        result[begin : begin + CHUNK] = now
    return result


def _cell(atoms: Atoms, rows: slice, point_rows: slice) -> Cell:
    """Return the Gauss rule of some atoms, and what goes with it."""
    rewards, probs, widths = atoms.rewards[rows], atoms.probs[rows], atoms.widths[rows]
    low = float(atoms.lefts[rows][0])
    high = max(float(rewards[-1]), float(atoms.lefts[rows][-1] + widths[-1]))
    exact = rewards.size <= NODES and not widths.any()
    of_bins = float(probs @ widths**6), float(atoms.drifts[rows].sum())
    if exact:
        empty = np.empty((0, 0))
        of_groups = atoms.shares[:, point_rows]  # the points are the rewards
        none = np.empty(0)
        return Cell(
            low, high, rewards, probs, empty, empty, of_groups, none, rewards.size, exact, *of_bins
        )
    roots = np.sqrt(probs)
    basis = _legendre(rewards, low, high, min(NODES, rewards.size))
    orthonormal, triangle = _factors(basis * roots[:, None])
    signs = np.where(np.diag(triangle) < 0, -1.0, 1.0)
    orthonormal, triangle = orthonormal * signs, triangle * signs[:, None]
    # Where the mass is on fewer places, the polynomials end.
    dependent = np.diag(triangle) < _DEPENDENT * triangle[0, 0]
    degrees = int(dependent.argmax()) if dependent.any() else dependent.size
    orthonormal, triangle = orthonormal[:, :degrees], triangle[:degrees, :degrees]
    nodes, weights = rewards, probs
    values: FloatArray = orthonormal.T
    if degrees < rewards.size:
        centre = (low + high) / 2
        matrix = _products(orthonormal, (rewards - centre)[:, None] * orthonormal)
        moved, vectors = np.linalg.eigh(matrix)
        values = vectors * np.where(vectors[0] < 0, -1.0, 1.0)
        nodes = np.asarray(centre + moved, dtype=np.float64)
        weights = np.asarray(probs.sum() * values[0] ** 2, dtype=np.float64)
    points = _legendre(atoms.points[point_rows], low, high, degrees)
    # Each group's integral of the orthonormal polynomials; then of what interpolates at the nodes.
    sums = _products(points, atoms.shares[:, point_rows].T)
    integrals = np.asarray(np.linalg.solve(triangle.T, sums).T, dtype=np.float64)
    lost = unresolved(integrals, float(probs.sum()))
    integrals[:, lost > 0] = 0.0
    shares: FloatArray = integrals @ values * np.sqrt(weights)
    return Cell(
        low, high, nodes, weights, values, triangle, shares, lost, rewards.size, exact, *of_bins
    )


def unresolved(integrals: FloatArray, mass: float) -> FloatArray:
    """Return the largest of the groups' integrals of polynomials that bins do not resolve, or 0.

    Were they resolved, none would be larger than the root of the mass (Cauchy and Schwarz). Where
    the mass is in a small part of a bin they are not: to degree 5 the integrals are right all the
    same, but multiply the rounding of g, and beyond they are not right. Shape (degrees,).
    """
    largest: FloatArray = np.abs(integrals).max(axis=0, initial=0.0)
    most = np.where(np.arange(largest.size) <= DEGREE, _LARGEST_INTEGRAL, 2.0)
    return np.where(largest > most * math.sqrt(mass), largest, 0.0)


def _factors(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return Q and R of a tall matrix, in blocks of rows whose R are factored again.

    LAPACK factors a tall matrix column by column with all threads, which wait for each other. On a
    busy machine that costs fifty times as much as many small matrices with one thread each.
    """
    rows, columns = matrix.shape
    if rows <= _ROWS:
        whole = np.linalg.qr(matrix)
        return whole.Q, whole.R
    blocks = np.linalg.qr(_blocks(matrix))
    inner, triangle = _factors(blocks.R.reshape(-1, columns))
    joined = blocks.Q @ inner.reshape(-1, columns, columns)
    return joined.reshape(-1, columns)[:rows], triangle


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return leftᵀ right for tall matrices, block by block."""
    products: FloatArray = (_blocks(left).transpose(0, 2, 1) @ _blocks(right)).sum(axis=0)
    return products


def _blocks(matrix: FloatArray) -> FloatArray:
    """Return the rows in blocks, zeros after the last, shape (blocks, rows, columns)."""
    rows, columns = matrix.shape
    blocks = -(-rows // _ROWS)
    padded = np.zeros((blocks * _ROWS, columns))
    padded[:rows] = matrix
    return padded.reshape(blocks, _ROWS, columns)


def _legendre(rewards: FloatArray, low: float, high: float, degrees: int) -> FloatArray:
    """Return the Legendre polynomials of the interval at the rewards, shape (rewards, degrees)."""
    scaled = (2 * rewards - (low + high)) / (high - low) if high > low else np.zeros(rewards.size)
    return np.asarray(np.polynomial.legendre.legvander(scaled, degrees - 1), dtype=np.float64)
