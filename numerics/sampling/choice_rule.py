"""How one of K candidates from a pool is chosen, in blocks of bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from array_api_compat import array_namespace

from recurate.numerics.sampling import winners as kernels
from recurate.numerics.sampling.arrays import Array, device_of, looked_up
from recurate.numerics.sampling.segments import Segments
from recurate.numerics.sampling.streams import Stream
from recurate.numerics.validation import LARGEST_SPAN, candidates, nonnegative, shown

Method = Literal["cumulative", "gumbel"]

METHODS = ("cumulative", "gumbel")

_LOWEST_LOG_WEIGHT = {8: -600.0, 4: -60.0}
"""Above this, weights and their sums are normal floats; by the bytes of a float."""

_FEW_ROWS, _MANY_CHOICES = 64, 1000
"""So few rows, or so many choices in each, are gone through row by row: a search in one table is
quicker than one in many."""


@dataclass(frozen=True)
class Pool:
    """Pools to draw candidates from, one a row or all in one: log-weights, and how to draw.

    Attributes
    ----------
    log_weights : array, shape (rows, n) or (n,)
        r/τ relative to some value near the largest of them (r, for τ = 0).
    probs : array of float64, shape (n,), optional
        Probabilities of the entries, for a single row; uniform if None.
    stream : Stream
        Source of randomness.
    starts : array of int, shape (pools + 1,), optional
        Where each pool begins in a single row that holds many, of any sizes, and the end of the
        last. Log-weights are then relative to the largest with mass of their own pool.
    """

    log_weights: Array
    probs: Array | None
    stream: Stream
    starts: Array | None = None

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
        """Return the winners of `number` choices per pool, shape (pools, number).

        They are indices into the row of the pool; if one row holds all pools, into that.

        Notes
        -----
        The choices of all rows are numbered consecutively and made in blocks, so that many small
        pools cost no more than one large one.
        """
        stream, xp = pool.stream, pool.stream.xp
        rows = pool.rows
        size = rows.shape[1]
        is_one_array = pool.starts is not None
        if self.K == math.inf:
            is_long = rows.shape[0] <= _FEW_ROWS or number >= _MANY_CHOICES
            if not is_one_array and is_long:
                return xp.stack([self._from_whole(row, pool, number) for row in rows])
            at_once = stream.block
        else:
            at_once = max(1, stream.block // int(min(self.K, stream.block)))
        pools = rows.shape[0] if pool.starts is None else pool.starts.shape[0] - 1
        drawing = Drawing(self, rows, pool)
        total = pools * number
        made = xp.empty((total,), dtype=xp.int64, device=device_of(rows))
        for start in range(0, total, at_once):
            stop = min(start + at_once, total)
            which = None
            if pools > 1 or is_one_array:
                which = xp.arange(start, stop, device=device_of(rows)) // number
            made[start:stop] = drawing.block(stop - start, which)
        made = xp.reshape(made, (pools, number))
        if pools > 1 and not is_one_array:
            made = made % size
        return made

    def tilted(self, log_weights: Array, probs: Array | None, highest: Any) -> Array:
        """Return the weights of entries among infinitely many candidates, in doubles."""
        xp = array_namespace(log_weights)
        # In doubles: float32 is too coarse for rare entries of a large pool.
        log_weights = xp.astype(log_weights, xp.float64)
        weights = xp.ones_like(log_weights) if probs is None else probs
        if self.temperature == 0.0:
            return xp.where(log_weights == highest, weights, xp.zeros_like(weights))
        # An entry without probability may have any reward.
        relative = xp.minimum(log_weights - highest, xp.zeros_like(log_weights))
        return weights * xp.exp(relative)

    def _from_whole(self, log_weights: Array, pool: Pool, number: int) -> Array:
        """Return winners among infinitely many candidates: among the pool, by weight."""
        stream, xp = pool.stream, pool.stream.xp
        there = log_weights if pool.probs is None else log_weights[pool.probs > 0]
        weights = self.tilted(log_weights, pool.probs, xp.astype(xp.max(there), xp.float64))
        cumulative = xp.cumulative_sum(weights)
        made = xp.empty((number,), dtype=xp.int64, device=device_of(weights))
        for start in range(0, number, stream.block):
            stop = min(start + stream.block, number)
            made[start:stop] = kernels.indices_by_law(cumulative, stream.doubles((stop - start,)))
        return made


class Drawing:
    """Draws blocks of choices, from pools that lie one after the other.

    Parameters
    ----------
    choice : ChoiceRule
        How one of the candidates is chosen.
    rows : array, shape (rows, n)
        The pool's log-weights.
    pool : Pool
        The pool.
    source : callable, optional
        From K and which pool each choice is made from, shape (m,), to the candidates, shape (K, m),
        if they are not drawn from the pool by its probabilities.
    """

    def __init__(
        self,
        choice: ChoiceRule,
        rows: Array,
        pool: Pool,
        source: Callable[[int, Array], Array] | None = None,
    ) -> None:
        stream, xp, probs = pool.stream, pool.stream.xp, pool.probs
        self._choice, self._stream, self._xp, self._source = choice, stream, xp, source
        self._size = rows.shape[1]
        self._log_weights = xp.reshape(rows, (-1,))
        self._cumulative = self._segments = self._weights = None
        if choice.K == math.inf:
            starts, weights = pool.starts, choice.tilted(rows, probs, 0.0)
            if starts is None:
                starts = xp.arange(rows.shape[0] + 1, device=device_of(rows)) * self._size
                weights = choice.tilted(rows, probs, xp.max(rows, axis=1)[:, None])
            self._segments = Segments(starts, xp.reshape(weights, (-1,)))
            return
        if source is None and pool.starts is not None:
            self._segments = Segments(pool.starts, probs)
        elif probs is not None:
            self._cumulative = xp.cumulative_sum(probs)
        limit = -_LOWEST_LOG_WEIGHT[xp.finfo(stream.dtype).bits // 8]
        if (
            choice.method == "cumulative"
            and choice.temperature > 0
            and choice.K > 1
            and -limit <= float(xp.min(rows)) <= float(xp.max(rows)) <= limit
        ):  # one exponential for each entry of the pool, not for each candidate
            self._weights = xp.exp(self._log_weights)

    def block(self, number: int, which: Array | None) -> Array:
        """Return the winners of some choices, as positions in all rows, shape (number,).

        `which` has the number of the pool of each choice; None if there is one.
        """
        if self._choice.K == math.inf:
            return self._candidates((1, number), which)[0, :]
        left = int(self._choice.K)
        winners, scores = self._part(min(left, self._stream.block), number, which)
        left -= min(left, self._stream.block)
        while left:
            # The winner so far stands for the candidates before it, with their total weight.
            part = min(left, self._stream.block)
            challengers, their_scores = self._part(part, number, which)
            both = self._xp.stack([winners, challengers])
            winners, scores = self._merged(both, self._xp.stack([scores, their_scores]), number)
            left -= part
        return winners

    def _part(self, K: int, number: int, which: Array | None) -> tuple[Array, Array]:
        """Return winners among K candidates, with the scores that `_merged` takes."""
        drawn = self._candidates((K, number), which)
        if self._choice.K == 1:
            return drawn[0, :], drawn[0, :]
        if self._weights is not None:
            weights = looked_up(self._weights, drawn)
            winners, totals = kernels.choose_by_weight(
                drawn, weights, self._stream.uniforms((number,))
            )
            return winners, self._xp.log(totals) if K < self._choice.K else totals
        log_weights = looked_up(self._log_weights, drawn)
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

    def _candidates(self, shape: tuple[int, int], which: Array | None) -> Array:
        if self._source is not None:
            return self._source(shape[0], which)
        if self._segments is not None:
            return self._segments.draw(which, self._stream.doubles(shape))
        if self._cumulative is not None:  # of a single row
            return kernels.indices_by_law(self._cumulative, self._stream.doubles(shape))
        drawn = self._stream.indices(self._size, shape)
        return drawn if which is None else drawn + which * self._size


def require_no_temperature(temperature: float) -> None:
    """Raise ValueError unless a temperature beside a rule of choice is 1."""
    if temperature != 1.0:
        raise ValueError(
            "temperature must be 1 with a rule, which says itself how sharp choices are: "
            f"BradleyTerry(K, scale=1/τ), or BestOf(K) for 0; got {shown(temperature)}"
        )
