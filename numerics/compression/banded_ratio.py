"""The quadrature of the curation ratio for many rewards that span hundreds.

At a node s = e^u all atoms are alive (s w = 0) or dead (e^{-s w} = 0), except those with about
-47 < u + r < 7. The dense engine keeps the whole matrix; this kernel keeps only the blocks near its
diagonal, so that the cost of a step is linear in the span. The sums are the same.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.curation import CurationKernel
from recurate.numerics.curation.transform import (
    LAST_ARGUMENT,
    LOG_EPSILON,
    NODES_PER_UNIT,
    log_transform,
)
from recurate.numerics.log_sums import log_sum_exp
from recurate.numerics.validation import FloatArray, candidates, rewards_vector

_DEAD_ARGUMENT = 745.2  # e^{-s w} underflows
_BLOCK = 8.0  # span of the rewards in a block: it has the band's nodes and 32 more
_TINY = 1e-250  # sums below it are taken again, in logarithms
_LOG_TINY = math.log(_TINY)
_NEGLIGIBLE = 60.0  # e^{-60} of a sum
_STRIDE = 64


class _Block(NamedTuple):
    """Atoms next to each other, and the nodes at which they are neither alive nor dead."""

    rows: slice
    nodes: slice
    entries: FloatArray
    """expm1(-s w) where s w < log 2, and e^{-s w} elsewhere, shape (atoms, nodes)."""
    integrand: FloatArray
    """s w e^{-s w}, shape (atoms, nodes)."""


class BandedKernel(CurationKernel):
    """The quadrature for ascending rewards that span up to some thousands, and finite K >= 2.

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Ascending.
    K : int
        Largest number of candidates to be asked for.
    """

    def __init__(self, rewards: Any, K: Any) -> None:
        self._rewards = rewards_vector(rewards)
        self._largest_candidates = candidates(K)
        self._relative = relative = self._rewards - self._rewards[-1]
        low = math.floor(NODES_PER_UNIT * (LOG_EPSILON - math.log(self._largest_candidates)))
        last = math.ceil(NODES_PER_UNIT * (math.log(LAST_ARGUMENT) - relative[0]))
        self._node_indices = np.arange(float(low), last + 1)
        nodes = self.nodes
        # Number of atoms, for each node, with s w < log 2: they come first.
        self._atoms_below = np.searchsorted(relative, math.log(math.log(2)) - nodes)
        reach = math.ceil(NODES_PER_UNIT * math.log(_DEAD_ARGUMENT))
        self._blocks = []
        starts = np.flatnonzero(np.diff(np.floor(relative / _BLOCK), prepend=-np.inf))
        for first, end in zip(starts.tolist(), [*starts[1:].tolist(), relative.size], strict=True):
            bottom, top = relative[first], relative[end - 1]
            begin = max(0, math.floor(-NODES_PER_UNIT * top))
            stop = min(nodes.size, math.ceil(-NODES_PER_UNIT * bottom) + reach - low + 1)
            rows, columns = slice(first, end), slice(begin, stop)
            logs = relative[rows, None] + nodes[columns]
            arguments = np.exp(logs)
            below = np.arange(first, end)[:, None] < self._atoms_below[columns]
            entries = np.where(below, np.expm1(-np.minimum(arguments, 1.0)), np.exp(-arguments))
            self._blocks.append(_Block(rows, columns, entries, np.exp(logs - arguments)))

    def log_ratio(self, log_probs: FloatArray, K: float) -> FloatArray:
        """Return log H^K_p, shape (n,), for normalised `log_probs` and 2 <= K < inf."""
        # Since H >= w, anything below this is negligible even at the lowest reward.
        least = (self._relative[0] - _NEGLIGIBLE) / (K - 1)
        powers = (K - 1) * self._log_transform(log_probs, least)
        factors = np.exp(powers)
        # Before a block's nodes its integrand is s w M^{K-1}: w times one sum, up to there.
        before = np.logaddexp.accumulate(np.concatenate([[-np.inf], self.nodes + powers]))
        log_integral = np.empty(log_probs.size)
        for block in self._blocks:
            relative = self._relative[block.rows]
            log_integral[block.rows] = far = relative + before[block.nodes.start]
            # M decreases, so that the block's own nodes add at most four times its first power.
            if powers[block.nodes.start] + 2.0 < far[0] - _NEGLIGIBLE:
                continue
            with np.errstate(divide="ignore"):
                near = np.log(block.integrand @ factors[block.nodes])
            if near[0] < _LOG_TINY:
                logs = relative[:, None] + self.nodes[block.nodes]
                logs += powers[block.nodes] - np.exp(logs)
                near = log_sum_exp(logs, axis=1)
            log_integral[block.rows] = np.logaddexp(near, far)
        return log_integral + math.log(K / NODES_PER_UNIT)

    def _log_transform(self, log_probs: FloatArray, least: float) -> FloatArray:
        """Return log M at the nodes; values below `least` may come out as -inf."""
        probs = np.exp(log_probs)
        partial = np.zeros(self._node_indices.size)
        for block in self._blocks:
            partial[block.nodes] += probs[block.rows] @ block.entries
        below = np.concatenate([[0.0], np.cumsum(probs)])[self._atoms_below]
        above = np.concatenate([np.cumsum(probs[::-1])[::-1], [0.0]])[self._atoms_below]
        decrease, transform = partial - above, partial + below
        result = log_transform(decrease, transform)
        tiny = np.flatnonzero(transform < _TINY)  # the last ones, for M decreases in s
        if tiny.size:
            result[tiny] = -np.inf
            for start in range(int(tiny[0]), result.size, _STRIDE):
                if result[start - 1] < least:
                    break
                part = slice(start, start + _STRIDE)
                result[part] = self._in_logarithms(log_probs, start, self.nodes[part])
        return result

    def _in_logarithms(self, log_probs: FloatArray, start: int, nodes: FloatArray) -> FloatArray:
        """Return log M at `nodes`, numbered from `start`, however small it is."""
        result = np.full(nodes.size, -np.inf)
        for block in self._blocks:
            begin = min(max(block.nodes.start - start, 0), nodes.size)
            stop = min(block.nodes.stop - start, nodes.size)
            mass = log_probs[block.rows]
            if begin > 0:  # the block is alive
                whole = float(log_sum_exp(mass[None], axis=1)[0])
                result[:begin] = np.logaddexp(result[:begin], whole)
            if stop > begin:
                arguments = np.exp(self._relative[block.rows] + nodes[begin:stop, None])
                sums = log_sum_exp(mass - arguments, axis=1)
                result[begin:stop] = np.logaddexp(result[begin:stop], sums)
        return result
