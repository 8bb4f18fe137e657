"""The Laplace transform of a law of weights, M(s) = E_p[e^{-s w}], in floats, and its quadrature.

Every integral that the loop needs is over u = log s, of M and of terms e^{-s w}. All of them are
taken by the trapezoid rule with the same nodes u = j/4, and log M keeps its digits in the same way,
whether M is near one or tiny. ``docs/engine.md`` derives every constant below.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from recurate.numerics.read_only import read_only
from recurate.numerics.validation import FloatArray

NODES_PER_UNIT = 4  # nodes u = j/4, exact in binary: u + r then carries no rounding of its own
LOG_EPSILON = -55 * math.log(2)  # below s w = eps/K an atom is alive
LAST_ARGUMENT = 40.0  # e^{-40}: the integrand's tail above s w_min = 40, relative to the whole
DEAD = 60.0  # an atom at s w = e^60 is dead beside any other, and (K - 1) e^60 does not overflow
BLOCK_BYTES = 2**20  # fits a core's cache: at 8 MiB rebuilding costs three times as much
STORED_BYTES = 256 * 2**20

_BAND_TOP = 21.0  # an atom is dead at s w = e^21 unless all others together weigh e^{-1e9}
_SERIES_TOP = -3  # nodes j <= -3, s <= 0.4724, are summed as a power series in s w
_SERIES_DEGREE = 15  # 0.4724^15 / 16! < 1e-18

Block = TypeVar("Block")


def node_indices(relative: FloatArray, K: float) -> FloatArray:
    """Return the indices j, ascending, of the nodes u = j/4 at which some atom can count.

    For an atom of relative reward r these are the u with log(eps/K) <= u + r <= 21; all nodes end
    where even the lowest atom is dead. Between rewards that lie far apart nothing happens, so that
    a lone outlier at -1e9 has no more nodes than one at -500.
    """
    steps = np.unique(np.floor(relative * NODES_PER_UNIT))
    low = math.floor(NODES_PER_UNIT * (LOG_EPSILON - math.log(K)))
    high = math.ceil(NODES_PER_UNIT * _BAND_TOP)
    last = math.ceil(NODES_PER_UNIT * math.log(LAST_ARGUMENT)) - steps[0]
    # Bands [low - step - 1, high - step], by increasing position, merged where they touch.
    starts, ends = (low - 1 - steps)[::-1], np.minimum(high - steps, last)[::-1]
    opens = np.concatenate([[True], starts[1:] > ends[:-1] + 1])
    closes = np.concatenate([opens[1:], [True]])
    return np.concatenate(
        [np.arange(a, b + 1) for a, b in zip(starts[opens], ends[closes], strict=True)]
    )


def nodes_for(relative: FloatArray, K: float) -> FloatArray:
    """Return the nodes u = log s for rewards relative to the largest and a finite K >= 2."""
    return node_indices(relative, K) / NODES_PER_UNIT


def log_transform(decrease: FloatArray, transform: FloatArray) -> FloatArray:
    """Return log M from M - 1 where M > 1/2, and from M below; -inf where M underflowed."""
    with np.errstate(divide="ignore"):
        small = np.log(np.maximum(transform, 0.0))
    return sharper_log(decrease, small)


def sharper_log(decrease: FloatArray, log_transform: FloatArray) -> FloatArray:
    """Return log M from M - 1 where M > 1/2, and as it is given below."""
    return np.where(decrease > -0.5, np.log1p(np.maximum(decrease, -0.5)), log_transform)


class Terms(NamedTuple):
    """Functions of s w at given rewards and nodes, each of shape (…, rewards, nodes).

    Attributes
    ----------
    arguments : ndarray
        s w, cut off where e^{-s w} is zero.
    powers : ndarray
        e^{-s w}.
    decreases : ndarray
        e^{-s w} - 1.
    """

    arguments: FloatArray
    powers: FloatArray
    decreases: FloatArray

    @classmethod
    def of(cls, relative: FloatArray, nodes: FloatArray) -> Terms:
        """Return the terms of rewards relative to the largest."""
        # In s w, not in s and w: of rewards that span a thousand, s overflows and w underflows.
        arguments = np.exp(np.minimum(relative[..., None] + nodes, DEAD))
        return cls(arguments, np.exp(-arguments), np.expm1(-arguments))

    def log_transform(self, probs: FloatArray) -> FloatArray:
        """Return log M of laws on these rewards, from shape (…, rewards) to (…, nodes)."""
        return log_transform(probs @ self.decreases, probs @ self.powers)


class Blocked(ABC, Generic[Block]):
    """A matrix of rewards and nodes in blocks of rows, kept if it is small, and rebuilt if not."""

    def _cut(self, rows: int, width: int, matrices: int = 1) -> None:
        """Choose the blocks of so many rows; each holds this number of matrices of that width."""
        height = max(1, BLOCK_BYTES // (8 * width))
        self._slices = [slice(i, i + height) for i in range(0, rows, height)]
        self._stored: list[Block] | None = None
        if 8 * matrices * width * rows <= STORED_BYTES:
            self._stored = [self._block(part) for part in self._slices]

    @abstractmethod
    def _block(self, rows: slice) -> Block:
        """Return one block."""

    def _blocks(self) -> Iterator[tuple[slice, Block]]:
        for i, rows in enumerate(self._slices):
            yield rows, self._block(rows) if self._stored is None else self._stored[i]


@lru_cache(maxsize=32)  # loops of one K on many laws, as of resamples, mostly have the same nodes
def _exponential_series(arguments: bytes) -> FloatArray:
    """Return (-s_j)^k / k!, shape (orders k from 1, nodes), for the bytes of s at the nodes."""
    orders = np.arange(1, _SERIES_DEGREE + 1)
    factorials = np.array([float(math.factorial(k)) for k in orders])
    return read_only((-np.frombuffer(arguments)) ** orders[:, None] / factorials[:, None])


class MatrixTransform(Blocked[FloatArray]):
    """The transform of one law, and sums over the nodes, by one matrix product each.

    A stored entry is expm1(-s w) where s w < log 2 and e^{-s w} elsewhere. From it, and the mass
    below and above that split, both M - 1 and M come with full relative accuracy: M near one keeps
    its digits for K up to 1e9, and so does a tiny M.

    Parameters
    ----------
    relative : ndarray, shape (n,)
        Rewards relative to the largest.
    indices : ndarray, shape (nodes,)
        Some of `node_indices`, up to u = 500.

    Attributes
    ----------
    arguments : ndarray, shape (nodes,)
        s at the nodes.
    """

    def __init__(self, relative: FloatArray, indices: FloatArray) -> None:
        self._weights = np.exp(relative)
        self.arguments = np.exp(indices / NODES_PER_UNIT)
        self._series = int(np.searchsorted(indices, _SERIES_TOP, side="right"))
        self._nodes = self.arguments[self._series :]
        self._exponential_series = _exponential_series(self.arguments[: self._series].tobytes())
        # Number of nodes, for each atom, at which s w < log 2: they come first.
        with np.errstate(divide="ignore", over="ignore"):
            self._nodes_below = np.searchsorted(self._nodes, math.log(2) / self._weights)
        self._cut(relative.size, _SERIES_DEGREE + self._nodes.size)

    def log(self, log_probs: FloatArray) -> FloatArray:
        """Return log M at the nodes, shape (nodes,), of a normalised law."""
        return self.log_of(np.exp(log_probs))

    def log_of(self, probs: FloatArray) -> FloatArray:
        """Return log M of masses that sum to one; some may be below zero, as M may not."""
        totals = np.zeros(_SERIES_DEGREE + self._nodes.size)
        for rows, block in self._blocks():
            totals += probs[rows] @ block
        moments, partial = totals[:_SERIES_DEGREE], totals[_SERIES_DEGREE:]
        mass = np.bincount(self._nodes_below, weights=probs, minlength=self._nodes.size + 1)
        above = np.cumsum(mass)[:-1]
        below = np.cumsum(mass[::-1])[::-1][1:]
        return np.concatenate(
            [
                np.log1p(moments @ self._exponential_series),
                log_transform(partial - above, partial + below),
            ]
        )

    def adjoint(self, terms: FloatArray) -> FloatArray:
        """Return sum_j terms_j e^{-s_j w} at each reward, shape (n,), for one term at each node."""
        # A polynomial in w, then the stored entries, then the ones that expm1 left out.
        series, terms = terms[: self._series], terms[self._series :]
        coefficients = np.concatenate([self._exponential_series @ series, terms])
        left_out = np.concatenate([[0.0], np.cumsum(terms)])
        sums: FloatArray = series.sum() + left_out[self._nodes_below]
        for rows, block in self._blocks():
            sums[rows] += block @ coefficients
        return sums

    def _block(self, rows: slice) -> FloatArray:
        """Return the powers w^1 … w^15 and the stored entries, shape (rows, 15 + nodes)."""
        weights = self._weights[rows, None]
        products = weights * self._nodes
        block = np.empty((weights.size, _SERIES_DEGREE + self._nodes.size))
        block[:, :_SERIES_DEGREE] = weights
        np.multiply.accumulate(block[:, :_SERIES_DEGREE], axis=1, out=block[:, :_SERIES_DEGREE])
        np.negative(products, out=products)
        entries = block[:, _SERIES_DEGREE:]
        np.expm1(products, out=entries)
        np.exp(products, out=products)
        above = np.arange(self._nodes.size) >= self._nodes_below[rows, None]
        np.copyto(entries, products, where=above)
        return block
