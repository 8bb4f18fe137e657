"""How one of K candidates from a pool is chosen, in blocks of bounded memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from recurate.numerics.sampling import winners as kernels
from recurate.numerics.sampling.arrays import Array, device_of
from recurate.numerics.sampling.streams import Stream
from recurate.numerics.validation import LARGEST_SPAN, candidates, nonnegative, shown

Method = Literal["cumulative", "gumbel"]

METHODS = ("cumulative", "gumbel")

_LOWEST_LOG_WEIGHT = {8: -600.0, 4: -60.0}
"""Above this, weights and their sums are normal floats; by the bytes of a float."""


@dataclass(frozen=True)
class Pool:
    """Pools to draw candidates from, one a row: log-weights, and how to draw.

    Attributes
    ----------
    log_weights : array, shape (rows, n) or (n,)
        r/τ relative to some value near the largest of them (r, for τ = 0).
    probs : array of float64, shape (n,), optional
        Probabilities of the entries, for a single row; uniform if None.
    stream : Stream
        Source of randomness.
    """

    log_weights: Array
    probs: Array | None
    stream: Stream

    @property
    def rows(self) -> Array:
        """The log-weights in the stream's type, shape (rows, n)."""
        array = self.stream.asarray(self.log_weights)
        return array if array.ndim == 2 else array[None, :]


class ChoiceRule:
    """How one of K candidates is chosen.

    Parameters
    ----------
    K : int or math.inf
        Number of candidates.
    temperature : float
        τ of the softmax; 0 always chooses the highest.
    method : {"cumulative", "gumbel"}
        How the softmax is drawn from.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.
    """

    def __init__(self, K: Any, temperature: Any = 1.0, method: str = "cumulative") -> None:
        self.K = candidates(K)
        self.temperature = nonnegative(temperature, "temperature")
        if method not in METHODS:
            raise ValueError(f'method must be "cumulative" or "gumbel"; got {shown(method)}')
        self.method = method

    def scaled(self, relative: Array) -> Array:
        """Return r/τ from rewards relative to the highest (r itself for τ = 0).

        Raises
        ------
        ValueError
            If the quotients would span more than `LARGEST_SPAN`.
        """
        if self.temperature in (0.0, 1.0):
            return relative
        span = float(relative.max() - relative.min())
        if span > LARGEST_SPAN * self.temperature:
            raise ValueError(
                f"rewards / temperature must span at most {LARGEST_SPAN:g}; got rewards that span "
                f"{span:g} at temperature {self.temperature:g}"
            )
        return relative / self.temperature

    def winners(self, pool: Pool, number: int) -> Array:
        """Return the winners of `number` choices per row, as indices into it, shape (rows, number).

        Notes
        -----
        The choices of all rows are numbered consecutively and made in blocks, so that many small
        pools cost no more than one large one.
        """
        stream, xp = pool.stream, pool.stream.xp
        rows = pool.rows
        if self.K == math.inf:
            return xp.stack([self._from_whole(row, pool, number) for row in rows])
        drawing = _Drawing(self, rows, pool.probs, stream)
        at_once = max(1, stream.block // int(min(self.K, stream.block)))
        total = rows.shape[0] * number
        made = xp.empty((total,), dtype=xp.int64, device=device_of(rows))
        for start in range(0, total, at_once):
            stop = min(start + at_once, total)
            offsets = None
            if rows.shape[0] > 1:
                numbers = xp.arange(start, stop, device=device_of(rows))
                offsets = numbers // number * rows.shape[1]
            made[start:stop] = drawing.block(stop - start, offsets)
        made = xp.reshape(made, (rows.shape[0], number))
        if rows.shape[0] > 1:
            made = made % rows.shape[1]
        return made

    def _from_whole(self, log_weights: Array, pool: Pool, number: int) -> Array:
        """Return winners among infinitely many candidates: among the pool, by weight."""
        stream, xp = pool.stream, pool.stream.xp
        # In doubles: float32 is too coarse for rare entries of a large pool.
        log_weights = xp.astype(log_weights, xp.float64)
        weights = xp.ones_like(log_weights) if pool.probs is None else pool.probs
        there = weights > 0
        highest = xp.max(log_weights[there])
        if self.temperature == 0.0:
            weights = xp.where(log_weights == highest, weights, xp.zeros_like(weights))
        else:
            # An entry without probability may have any reward.
            relative = xp.minimum(log_weights - highest, xp.zeros_like(log_weights))
            weights = weights * xp.exp(relative)
        cumulative = xp.cumulative_sum(weights)
        made = xp.empty((number,), dtype=xp.int64, device=device_of(weights))
        for start in range(0, number, stream.block):
            stop = min(start + stream.block, number)
            made[start:stop] = kernels.indices_by_law(cumulative, stream.doubles((stop - start,)))
        return made


class _Drawing:
    """Draws blocks of choices, from pools whose rows lie one after the other."""

    def __init__(
        self, choice: ChoiceRule, rows: Array, probs: Array | None, stream: Stream
    ) -> None:
        xp = stream.xp
        self._choice, self._stream, self._xp = choice, stream, xp
        self._size = rows.shape[1]
        self._log_weights = xp.reshape(rows, (-1,))
        self._cumulative = None if probs is None else xp.cumulative_sum(probs)
        self._weights = None
        limit = -_LOWEST_LOG_WEIGHT[xp.finfo(stream.dtype).bits // 8]
        if (
            choice.method == "cumulative"
            and choice.temperature > 0
            and choice.K > 1
            and -limit <= float(xp.min(rows)) <= float(xp.max(rows)) <= limit
        ):  # one exponential for each entry of the pool, not for each candidate
            self._weights = xp.exp(self._log_weights)

    def block(self, number: int, offsets: Array | None) -> Array:
        """Return the winners of some choices, as positions in all rows, shape (number,)."""
        left = int(self._choice.K)
        winners, scores = self._part(min(left, self._stream.block), number, offsets)
        left -= min(left, self._stream.block)
        while left:
            # The winner so far stands for the candidates before it, with their total weight.
            part = min(left, self._stream.block)
            challengers, their_scores = self._part(part, number, offsets)
            both = self._xp.stack([winners, challengers])
            winners, scores = self._merged(both, self._xp.stack([scores, their_scores]), number)
            left -= part
        return winners

    def _part(self, K: int, number: int, offsets: Array | None) -> tuple[Array, Array]:
        """Return winners among K candidates, with the scores that `_merged` takes."""
        drawn = self._candidates((K, number))
        if offsets is not None:
            drawn = drawn + offsets
        if self._choice.K == 1:
            return drawn[0, :], drawn[0, :]
        if self._weights is not None:
            weights = self._looked_up(self._weights, drawn)
            winners, totals = kernels.choose_by_weight(
                drawn, weights, self._stream.uniforms((number,))
            )
            return winners, self._xp.log(totals) if K < self._choice.K else totals
        log_weights = self._looked_up(self._log_weights, drawn)
        if self._choice.temperature == 0.0:
            return kernels.choose_highest(drawn, log_weights)
        if self._choice.method == "gumbel":
            uniforms = self._stream.uniforms((K, number))
            return kernels.choose_by_gumbel(drawn, log_weights, uniforms)
        return kernels.choose_by_log_weight(drawn, log_weights, self._stream.uniforms((number,)))

    def _merged(self, winners: Array, scores: Array, number: int) -> tuple[Array, Array]:
        if self._choice.temperature > 0.0 and self._choice.method == "cumulative":
            uniforms = self._stream.uniforms((number,))
            return kernels.choose_by_log_weight(winners, scores, uniforms)
        return kernels.choose_highest(winners, scores)

    def _candidates(self, shape: tuple[int, int]) -> Array:
        if self._cumulative is None:
            return self._stream.indices(self._size, shape)
        return kernels.indices_by_law(self._cumulative, self._stream.doubles(shape))

    def _looked_up(self, table: Array, where: Array) -> Array:
        xp = self._xp
        return xp.reshape(xp.take(table, xp.reshape(where, (-1,))), where.shape)
