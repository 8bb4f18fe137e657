"""The curation ratio of many small laws at once, as products of stacked matrices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from recurate.numerics.curation.floats import CurationKernel
from recurate.numerics.curation.short_quadrature import WIDEST, node_count, quadrature
from recurate.numerics.curation.transform import STORED_BYTES, log_transform
from recurate.numerics.validation import FloatArray

PART_ENTRIES = 2**19
"""Entries of the matrix of some laws: it stays in a cache while they go through all steps."""

WIDER, WIDER_BY = 1.25, 1.0
"""Laws share nodes while the widest span is at most so many times the least, and so much more."""

_MOST_ENTRIES = 2**23  # of a matrix; the plain engine does a larger one in blocks
_MOST_MULTIPLIED = 64  # M^{K-1} by multiplications: its error is K times that of M


class StackedKernel:
    """The quadrature of the curation ratio of laws of equally many levels, for one finite K >= 2.

    Parameters
    ----------
    rewards : ndarray, shape (laws, levels)
        The rewards of each law, in any order.
    K : float
        Number of candidates.

    Notes
    -----
    The error of log H is that of the plain engine, ``curation.floats.RATIO_ERROR``, for every law.
    ``docs/engine.md``, "Within prompts", derives it.
    """

    def __init__(self, rewards: FloatArray, K: float) -> None:
        self._K = K
        relative = rewards - rewards.max(axis=1, keepdims=True)
        span = -float(relative.min())
        self._singles: list[CurationKernel] | None = None
        if span > WIDEST or relative.size * node_count(min(span, WIDEST)) > _MOST_ENTRIES:
            self._singles = [CurationKernel(of_one, K) for of_one in relative]
            return
        nodes, self._coefficients = quadrature(span)
        self._weights = np.exp(relative)
        arguments = self._weights[:, :, None] * (nodes / -K)
        self._decreases = None if K <= _MOST_MULTIPLIED else np.expm1(arguments)
        self._powers = np.exp(arguments, out=arguments)

    @property
    def is_batched(self) -> bool:
        """Whether the ratio is within the range of doubles, as `ratio` needs."""
        return self._singles is None

    def ratio(self, probs: FloatArray) -> FloatArray:
        """Return H^K at each level, of laws of mass one, both of shape (laws, levels)."""
        transform = _products(probs, self._powers)
        if self._decreases is None:
            terms = _power(transform, int(self._K) - 1)
        else:
            logs = log_transform(_products(probs, self._decreases), transform)
            terms = np.exp((self._K - 1) * logs)
        terms *= self._coefficients
        ratio: FloatArray = (self._powers @ terms[:, :, None])[:, :, 0]
        ratio *= self._weights
        return ratio

    def log_ratio_of(self, log_probs: FloatArray) -> FloatArray:
        """Return log H^K at each level, of laws of mass one, both of shape (laws, levels)."""
        # An error of the mass, as of large logarithms, would count K times.
        probs = np.exp(log_probs)
        masses = probs.sum(axis=1, keepdims=True)
        if self._singles is None:
            return np.log(self.ratio(probs / masses))
        pairs = zip(self._singles, log_probs - np.log(masses), strict=True)
        return np.array([kernel.log_ratio(row, self._K) for kernel, row in pairs])


class StackedKernels:
    """The ratio of laws of any numbers of levels, cut so that each matrix stays in a cache.

    Parameters
    ----------
    rewards : ndarray, shape (n,)
        The rewards of all laws.
    stacks : list of ndarray of int, shape (laws, levels)
        Places of the levels of the laws that have equally many.
    K : float
        Number of candidates, finite.
    """

    def __init__(self, rewards: FloatArray, stacks: list[npt.NDArray[np.intp]], K: float) -> None:
        self._rewards, self._K = rewards, K
        several = [stack for stack in stacks if stack.shape[1] > 1 and K > 1]  # else H = 1
        self._places = [places for stack in several for places in _alike(rewards, stack)]
        spans = (np.ptp(rewards[places], axis=1).max() for places in self._places)
        entries = sum(
            places.size * node_count(min(span, WIDEST))
            for places, span in zip(self._places, spans, strict=True)
        )
        self._kept: list[StackedKernel] | None = None
        if 8 * entries * (1 if K <= _MOST_MULTIPLIED else 2) <= STORED_BYTES:
            self._kept = [StackedKernel(rewards[places], K) for places in self._places]

    def log_ratio(self, log_probs: FloatArray) -> FloatArray:
        """Return log H^K at each level, shape (n,), of laws of mass one each."""
        found = np.zeros(log_probs.size)
        for number, places in enumerate(self._places):
            kept = self._kept
            kernel = StackedKernel(self._rewards[places], self._K) if kept is None else kept[number]
            found[places] = kernel.log_ratio_of(log_probs[places])
        return found


def _alike(rewards: FloatArray, stack: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the places of the laws of a stack in parts of similar spans, narrow ones first."""
    spans = np.ptp(rewards[stack], axis=1)
    order = np.argsort(spans, kind="stable")
    spans, stack = spans[order], stack[order]
    begin = 0
    while begin < len(stack):
        widest = WIDER * spans[begin] + WIDER_BY
        like = int(np.searchsorted(spans, widest, side="right"))
        most = max(1, int(PART_ENTRIES // (stack.shape[1] * node_count(widest))))
        yield stack[begin : (end := min(like, begin + most))]
        begin = end


def _products(probs: FloatArray, matrices: FloatArray) -> FloatArray:
    """Return sum_l p_l A_ln of each law, shape (laws, nodes)."""
    products: FloatArray = (probs[:, None, :] @ matrices)[:, 0, :]
    return products


def _power(base: FloatArray, exponent: int) -> FloatArray:
    """Return base^exponent, exponent at least 1, by multiplications: quicker than logarithms."""
    power = base
    for bit in f"{exponent:b}"[1:]:
        power = power * power
        if bit == "1":
            power *= base
    return power
