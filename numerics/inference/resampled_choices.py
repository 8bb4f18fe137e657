"""What resampled tables would choose: the same search as on one table, on hundreds in lockstep.

With the ratio H of a law at hand, the laws p_ref/(1 - aH), normalised, are a family of one
parameter, and the fixed point is its member of the wanted λ, or of the wanted divergence. H hardly
depends on which one it is, so that a few rounds are enough; ``docs/choosing.md`` derives this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial

import numpy as np

from recurate.numerics.inference.limits import CANDIDATES, HORIZON, LEAST_MIXING, MIXINGS, Limit
from recurate.numerics.inference.resampled_tables import (
    BLOCK_ENTRIES,
    ManyLaws,
    Table,
    binned,
    resampled,
)
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.pieces import results, width
from recurate.numerics.validation import FloatArray

_LAST_POSITION = 60.0  # of log(τ/(1 - τ)), with τ = 1 - aH_*
_LARGEST_MOVE = 4.0
_ROUNDS, _MOVES = 100, 80
_SMALL_MOVE, _SMALL_ROUND = 1e-4, 1e-6
_TOLERANCE = 1e-3  # of log λ, where it is searched step by step
_SETTLED = 1e-7  # total change of a law in one step, after which none is expected
_ROUNDING = 1e-8  # of a share

Excess = Callable[[IntArray, FloatArray], FloatArray]
"""From numbers of tables, and a value of λ or K for each, to how far they exceed the limit."""


def choices(
    law: RewardLaw,
    limit: Limit,
    *,
    K: float | None,
    lam: float | None,
    steps: int | None,
    horizon: int = HORIZON,
    replicates: int,
    generator: np.random.Generator | None = None,
    on_table: Callable[[], None] | None = None,
    executor: Executor | None = None,
) -> FloatArray:
    """Return the largest λ, or the largest K, that this table and resampled ones allow.

    Parameters
    ----------
    law : RewardLaw
        Law of the table's rows; it keeps the limit itself.
    limit : Limit
        The limit.
    K, lam : float or None
        The one that is given; the other is searched for.
    steps : int or None
        Number of steps for which the limit must hold; None for ever.
    horizon : int
        Number of steps that are looked at before the fixed point, for a share that is limited for
        ever.
    replicates : int
        Number of resampled tables, from 0.
    generator : numpy.random.Generator, optional
        Source of randomness; needed for resampled tables.
    on_table : callable, optional
        Called after each block of tables.
    executor : concurrent.futures.Executor, optional
        What searches the blocks.

    Returns
    -------
    ndarray, shape (replicates + 1,)
        First that of the table itself, in bins. 0 (for K: 1) where the resampled real data are
        beyond the limit themselves; inf where the pure loop (or K = inf) is allowed.
    """
    table = binned(law, () if limit.group is None else (limit.group,))
    most = max(CANDIDATES) if K is None else K
    engine = ManyLaws(table.rewards, most, every=2)
    size = max(1, BLOCK_ENTRIES // engine.width)

    def blocks() -> Iterator[tuple[int, Callable[..., FloatArray]]]:
        for start in range(0, replicates + 1, size):
            stop = min(start + size, replicates + 1)
            factors = np.ones((stop - start, table.cell_mass.size))
            if stop > 1:
                assert generator is not None
                drawn = resampled(table, stop - max(start, 1), generator)
                factors[-len(drawn) :] = drawn
            yield start, partial(_block, factors)

    found = []
    asked = (table, engine, limit, steps, horizon, K, lam)
    for block in results(blocks(), executor, *asked, ahead=lambda: width(executor)):
        found.append(block)
        if on_table is not None:
            on_table()
    return np.concatenate(found)


def _block(
    factors: FloatArray,
    table: Table,
    engine: ManyLaws,
    limit: Limit,
    steps: int | None,
    horizon: int,
    K: float | None,
    lam: float | None,
) -> FloatArray:
    tables = _Tables(table, engine, factors, limit, steps, horizon)
    return tables.mixings(K) if K is not None else tables.candidates(float(lam or 0))


class _Tables:
    """Resampled tables, and the loops on them."""

    def __init__(
        self,
        table: Table,
        engine: ManyLaws,
        factors: FloatArray,
        limit: Limit,
        steps: int | None,
        horizon: int,
    ) -> None:
        cells = table.cell_mass * factors
        cells /= cells.sum(axis=1, keepdims=True)
        firsts = np.flatnonzero(np.diff(table.cell_bin, prepend=-1))
        self._reference = np.zeros((len(cells), table.rewards.size))
        self._reference[:, table.cell_bin[firsts]] = np.add.reduceat(cells, firsts, axis=1)
        there = self._reference > 0
        self._best = table.rewards.size - 1 - np.argmax(there[:, ::-1], axis=1)
        self._members = np.flatnonzero(table.cell_group == 0)
        self._bins = table.cell_bin[self._members]
        in_bins = self._reference[:, self._bins]
        # The group's part of each bin: a loop moves all rows of one reward alike.
        self._part = np.divide(
            cells[:, self._members], in_bins, out=np.zeros_like(in_bins), where=in_bins > 0
        )
        self._engine, self._limit = engine, limit
        self._steps, self._horizon = steps, horizon
        everyone = np.arange(len(cells))
        self._start = self._value(everyone, self._reference)
        self._allowed = self._excess_of(self._start) <= 0

    def mixings(self, K: float) -> FloatArray:
        """Return the largest λ of each table: 0 if it allows none."""
        if K == 1:
            return np.where(self._allowed, math.inf, 0.0)
        everyone = np.arange(self._start.size)
        candidates = np.full(everyone.size, float(K))
        if self._limit.is_monotone and self._steps is None:
            found = self._mixings_at_limit(everyone, candidates)
            return np.where(found < LEAST_MIXING, 0.0, found)

        def excess(rows: IntArray, mixings: FloatArray) -> FloatArray:
            return self._worst(rows, candidates[rows], mixings)

        free = np.array([self._limit.free_fraction(start) for start in self._start])
        with np.errstate(divide="ignore"):
            free = free / (1.0 - free)
        values = np.array([*MIXINGS, math.inf])
        place, below, above = self._first_failing(excess, values, free)
        found = np.where(place > 0, values[place - 1], 0.0)  # the last that is allowed
        rows = np.flatnonzero((place > 0) & (place < values.size - 1))
        if rows.size:
            ends = np.log(values[place[rows] - 1]), np.log(values[place[rows]])
            roots = _roots(
                lambda chosen, x: excess(rows[chosen], np.exp(x)), *ends, below[rows], above[rows]
            )
            found[rows] = np.exp(roots)
        return np.where(self._allowed, found, 0.0)

    def candidates(self, lam: float) -> FloatArray:
        """Return the largest K of each table: 1 if it allows none."""
        if lam == 0:
            return np.where(self._allowed, math.inf, 1.0)

        def excess(rows: IntArray, candidates: FloatArray) -> FloatArray:
            if self._limit.is_monotone and self._steps is None:
                # K is allowed as long as λ is, with this K.
                most = self._mixings_at_limit(rows, candidates)
                return np.where(most >= lam, -1.0, 1.0)
            return self._worst(rows, candidates, np.full(rows.size, lam))

        fraction = lam / (1.0 + lam) if lam < math.inf else 1.0
        free = np.array([self._limit.free_fraction(start) for start in self._start])
        values = np.array([*CANDIDATES, math.inf], dtype=float)
        place, *_ = self._first_failing(excess, values, np.where(free >= fraction, math.inf, 1.0))
        place = np.maximum(place, 1)
        low = values[place - 1]
        high = np.append(values, math.inf)[place]
        while (rows := np.flatnonzero((high > low + 1) & (high < math.inf))).size:
            middle = np.floor((low[rows] + high[rows]) / 2)
            fails = excess(rows, middle) > 0
            high[rows[fails]], low[rows[~fails]] = middle[fails], middle[~fails]
        return np.where(self._allowed, low, 1.0)

    def _first_failing(
        self, excess: Excess, values: FloatArray, free: FloatArray
    ) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return each table's first value beyond the limit, and the excess before it and there.

        Values up to `free` are within the limit. Where the quantity is taken to grow with them, the
        value is found by bisection, and by a scan upward otherwise.
        """
        size = values.size
        first = np.searchsorted(values, free, side="right")
        below, above = self._excess_of(self._start), np.full(free.size, math.inf)
        place = np.full(free.size, size)
        if self._limit.is_monotone:
            low = first - 1
            while (rows := np.flatnonzero(place - low > 1)).size:
                middle = (low[rows] + place[rows]) // 2
                found = excess(rows, values[middle])
                fails = found > 0
                place[rows[fails]], above[rows[fails]] = middle[fails], found[fails]
                low[rows[~fails]], below[rows[~fails]] = middle[~fails], found[~fails]
            return place, below, above
        for i in range(int(first.min()), size):
            rows = np.flatnonzero((place == size) & (first <= i))
            if not rows.size:
                continue
            found = excess(rows, np.full(rows.size, values[i]))
            fails = found > 0
            place[rows[fails]], above[rows[fails]] = i, found[fails]
            below[rows[~fails]] = found[~fails]
            if (place < size).all():
                break
        return place, below, above

    def _worst(self, rows: IntArray, K: FloatArray, lam: FloatArray) -> FloatArray:
        """Return how far each loop is beyond its limit at the worst step that counts."""
        worst = self._excess_of(self._start[rows])
        last = self._reference[rows]
        # Of the loops that have not settled: which they are, and what a step needs.
        moving, candidates, real = np.arange(rows.size), K, (1.0 / (1.0 + lam))[:, None]
        probs = reference = last
        for _ in range(self._horizon if self._steps is None else self._steps):
            chosen, before = rows[moving], probs
            probs = before * self._engine.ratio_to_best(before, candidates, self._best[chosen])
            probs *= (1.0 - real) / probs.sum(axis=1, keepdims=True)
            probs += real * reference
            excess = self._excess_of(self._value(chosen, probs))
            worst[moving] = np.maximum(worst[moving], excess)
            settled = np.abs(probs - before).sum(axis=1) < _SETTLED
            if settled.any():
                last[moving[settled]] = probs[settled]
                moving, candidates, real = moving[~settled], candidates[~settled], real[~settled]
                probs, reference = probs[~settled], reference[~settled]
                if not moving.size:
                    break
        last[moving] = probs
        if self._steps is None:
            wanted = np.log1p(lam)
            limit, _ = self._fixed_points(rows, K, wanted, last, is_divergence=False)
            worst = np.maximum(worst, self._excess_of(self._value(rows, limit)))
        return worst

    def _mixings_at_limit(self, rows: IntArray, K: FloatArray) -> FloatArray:
        """Return the λ whose fixed points have the limit's divergence; inf if the pure loop may.

        λ above the largest that is tried counts as that one.
        """
        found = np.full(rows.size, math.inf)
        # The pure loop settles at the best reward.
        best = self._reference[rows, self._best[rows]]
        bounded = np.flatnonzero((-np.log(best) > self._limit.value) & (K > 1))
        if bounded.size:
            wanted = np.full(bounded.size, self._limit.value)
            start, chosen = self._reference[rows[bounded]], (rows[bounded], K[bounded])
            _, log_total = self._fixed_points(*chosen, wanted, start, is_divergence=True)
            found[bounded] = np.minimum(np.expm1(log_total), MIXINGS[-1])
        return found

    def _fixed_points(
        self,
        rows: IntArray,
        K: FloatArray,
        wanted: FloatArray,
        start: FloatArray,
        *,
        is_divergence: bool,
    ) -> tuple[FloatArray, FloatArray]:
        """Return fixed points, and log(1 + λ): of the wanted divergence, or log(1 + λ).

        With τ = 1 - aH_* and δ = 1 - H/H_*, 1 - aH = τ + (1 - τ)δ.
        """
        reference, best = self._reference[rows], self._best[rows]
        probs, position = start, np.full(rows.size, 2.0)
        log_total = np.zeros(rows.size)
        closed = np.zeros(rows.size, dtype=bool)
        if not is_divergence:  # the best reward alone, or p_ref
            pure = (wanted == math.inf) & (K > 1)
            closed = pure | (K == 1)
            probs = np.where((K == 1)[:, None], reference, start)
            probs[pure] = 0.0
            probs[pure, best[pure]] = 1.0
        open_ = np.flatnonzero(~closed)
        if not open_.size:
            return probs, log_total
        mine, aim, x = probs[open_], wanted[open_], position[open_]
        base, top, number = reference[open_], best[open_], K[open_]
        for _ in range(_ROUNDS):
            deficits = 1.0 - self._engine.ratio_to_best(mine, number, top)
            before = x
            mine, x, total = _on_family(base, deficits, aim, x, is_divergence)
            if np.abs(x - before).max() < _SMALL_ROUND:
                break
        probs = probs.copy()
        probs[open_], log_total[open_] = mine, total
        return probs, log_total

    def _value(self, rows: IntArray, probs: FloatArray) -> FloatArray:
        """Return the limited quantity of each law."""
        if self._limit.group is not None:
            shares: FloatArray = (probs[:, self._bins] * self._part[rows]).sum(axis=1)
            return shares
        reference = self._reference[rows]
        density = np.divide(probs, reference, out=np.ones_like(probs), where=probs > 0)
        divergence: FloatArray = (probs * np.log(density)).sum(axis=1)
        return divergence

    def _excess_of(self, values: FloatArray) -> FloatArray:
        allowance = 0.0 if self._limit.is_monotone else _ROUNDING
        excess: FloatArray = self._limit.sign * (values - self._limit.value) - allowance
        return excess


def _on_family(
    reference: FloatArray,
    deficits: FloatArray,
    wanted: FloatArray,
    position: FloatArray,
    is_divergence: bool,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the laws reference/(τ + (1 - τ)δ) as wanted, their log(τ/(1 - τ)), and log(1 + λ).

    Both the divergence and λ fall as τ grows. Newton's method, kept between the ends known so far.
    """
    low, high = np.full((2, wanted.size), [[-_LAST_POSITION], [_LAST_POSITION]])
    for _ in range(_MOVES):
        tau, rest = 1.0 / (1.0 + np.exp(-position)), 1.0 / (1.0 + np.exp(position))
        density = 1.0 / (tau[:, None] + rest[:, None] * deficits)
        probs = reference * density
        totals = probs.sum(axis=1)
        probs /= totals[:, None]
        # d log density by the position, for fixed deficits.
        slope = -(tau * rest)[:, None] * (1.0 - deficits) * density
        mean_slope = (probs * slope).sum(axis=1)
        log_totals = np.log(totals)
        if is_divergence:
            logarithm = np.log(density)
            mean = (probs * logarithm).sum(axis=1)
            excess = mean - log_totals - wanted
            by_position = (probs * slope * logarithm).sum(axis=1) - mean * mean_slope
        else:
            excess, by_position = log_totals - wanted, mean_slope
        low, high = np.where(excess > 0, position, low), np.where(excess > 0, high, position)
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = position - excess / by_position
        near = np.maximum(low, position - _LARGEST_MOVE), np.minimum(high, position + _LARGEST_MOVE)
        inside = (near[0] <= moved) & (moved <= near[1])
        moved = np.where(inside, moved, (near[0] + near[1]) / 2)
        move, position = float(np.abs(moved - position).max()), moved
        if move < _SMALL_MOVE:
            break
    return probs, position, log_totals


def _roots(
    excess: Excess, low: FloatArray, high: FloatArray, below: FloatArray, above: FloatArray
) -> FloatArray:
    """Return where each excess, from below 0 to above, is 0: the Illinois method in lockstep."""
    root, was = low.copy(), np.zeros(low.size)
    open_ = np.arange(low.size)
    for _ in range(_MOVES):
        point = (low * above - high * below) / (above - below)
        found = excess(open_, point)
        side = np.where(found > 0, 1.0, -1.0)
        # An end that stays twice counts half: otherwise it might stay for ever.
        half = np.where(side == was, 0.5, 1.0)
        low, below = np.where(side > 0, (low, half * below), (point, found))
        high, above = np.where(side > 0, (point, found), (high, half * above))
        moves = np.abs(point - root[open_]) > _TOLERANCE
        root[open_] = point
        if not moves.any():
            break
        low, high, below, above, was = (x[moves] for x in (low, high, below, above, side))
        open_ = open_[moves]
    return root
