"""How choices are made by each rule of the package: candidates are drawn, and compared."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np

from recurate.numerics.rules import NothingAcceptedError, Rule
from recurate.numerics.rules.rule import column_name
from recurate.numerics.sampling.arrays import Array, device_of, looked_up
from recurate.numerics.sampling.choice_rule import ChoiceRule, Drawing, Pool
from recurate.numerics.sampling.pools import Pools, before
from recurate.numerics.sampling.segments import Segments
from recurate.numerics.sampling.streams import Stream, on_device
from recurate.numerics.sampling.winners import (
    choose_highest,
    indices_by_law,
    take_chosen,
    take_each,
)
from recurate.numerics.validation import LARGEST_SPAN

MOST_TRIES = 10**6
"""Candidates that a verifier looks at, for one choice, before it gives up with an error."""


class Maker(Protocol):
    """Makes choosers: of a rule's own parts."""

    @property
    def method(self) -> str:
        """How Bradley–Terry's choices are made, "cumulative" or "gumbel"."""

    def chooser(self, rule: Rule, pools: Pools | Fresh, *, is_apart: bool = False) -> Chooser:
        """Return how choices are made by a rule."""


class Fresh:
    """What an earlier stage chooses, as a pool: each candidate is a choice of its own."""

    def __init__(self, earlier: Chooser) -> None:
        self._earlier, self.base, self.stream = earlier, earlier.base, earlier.stream

    def draw(self, K: int, which: Array) -> Array:
        """Return K candidates for each choice, shape (K, m)."""
        xp = self.stream.xp
        return xp.reshape(self._earlier.choose(xp.tile(which, (K,))), (K, which.shape[0]))

    def batch(self, size: int) -> Pools:
        """Return pools of so many candidates each."""
        xp, number = self.stream.xp, self.base.sizes.size
        which = xp.arange(number * size, device=device_of(self.base.starts)) // size
        origin = self._earlier.choose(which)
        return Pools(self.stream, self.base.entries, np.full(number, size), None, origin, self.base)


class Chooser(ABC):
    """How choices are made by one rule.

    Parameters
    ----------
    rule : Rule
        The rule.
    pools : Pools or Fresh
        Where candidates are drawn from.
    maker : Maker
        Makes the choosers of the rules within.
    is_apart : bool
        Whether each choice is from candidates of its own.
    """

    def __init__(self, rule: Any, pools: Pools | Fresh, maker: Maker, is_apart: bool) -> None:
        self.rule, self.pools, self.is_apart = rule, pools, is_apart
        self.base: Pools = pools.base
        self.stream: Stream = pools.stream
        self.xp: Any = self.stream.xp
        self.prepare(maker)

    def prepare(self, maker: Maker) -> None:  # noqa: B027, as there may be nothing to do
        """Do once what the pools decide."""

    @property
    def all_there(self) -> Pools:
        """Its pools, for a rule that looks at all of them."""
        assert isinstance(self.pools, Pools)
        return self.pools

    @property
    def at_once(self) -> int:
        """Number of choices to be made in one block."""
        return max(1, int(self.stream.block // min(self.width, self.stream.block)))

    @property
    def width(self) -> float:
        """Numbers held for each choice."""
        return self.rule.most_candidates if self.rule.most_candidates < math.inf else 1.0

    def choose(self, which: Array) -> Array:
        """Return the winners of choices, shape (m,).

        `which`, the pool of each choice, ascends, unless choices are made apart.
        """
        total, at_once = which.shape[0], self.at_once
        if 0 < total <= at_once:
            return self.block(which)
        made = self.xp.empty_like(which)
        for start in range(0, total, at_once):
            made[start : start + at_once] = self.block(which[start : start + at_once])
        return made

    @abstractmethod
    def block(self, which: Array) -> Array:
        """Return the winners of a block of choices."""

    def values(self, by: str | None) -> Array:
        """Return what the rule goes by, of all entries."""
        return self.base.entries.column(by)


class BradleyTerryChooser(Chooser):
    """One of K candidates by its weight, or one of the pool by it for K = inf."""

    def prepare(self, maker: Maker) -> None:
        pools = self.pools if isinstance(self.pools, Pools) else self.base
        is_tilt = self.rule.K == math.inf
        table = pools if is_tilt else self.base  # candidates are looked up among all entries
        scaled = self.rule.scale * table.column(self.rule.by)
        span = float(self.xp.max(scaled) - self.xp.min(scaled))
        if span > LARGEST_SPAN:
            raise ValueError(
                f"scale * rewards must span at most {LARGEST_SPAN:g} for {self.rule}; got {span:g}"
            )
        pool = Pool(table.relative(scaled), table.probs, self.stream, table.starts)
        choice = ChoiceRule(self.rule.K, 1.0, maker.method)
        source = None if is_tilt else self.pools.draw
        self._drawing = Drawing(choice, pool.rows, pool, source)
        self._is_tilt = is_tilt

    def block(self, which: Array) -> Array:
        winners = self._drawing.block(which.shape[0], which)
        return self.all_there.original(winners) if self._is_tilt else winners


class BestOfChooser(Chooser):
    """The best few of K candidates, which are all kept."""

    def prepare(self, maker: Maker) -> None:
        self._values = self.values(self.rule.by)

    @property
    def at_once(self) -> int:
        K, keep, block = self.rule.K, self.rule.keep, self.stream.block
        groups = max(1, int(block // min(K, block)))
        return groups if self.is_apart else groups * keep

    def block(self, which: Array) -> Array:
        keep = self.rule.keep
        if self.is_apart or keep == 1:
            kept = self._kept(which)
            if keep == 1:
                return kept[0, :]
            return take_chosen(kept, self.stream.indices(keep, (which.shape[0],)))
        xp, lowest, place = self.xp, which[0], device_of(which)
        which = which - lowest
        counts = xp.bincount(which)
        groups = (counts + (keep - 1)) // keep
        of_group = xp.repeat(xp.arange(counts.shape[0], device=place), groups)
        kept = self._kept(of_group + lowest)
        shuffled = xp.argsort(self.stream.doubles(tuple(kept.shape)), axis=0)
        kept = xp.reshape(take_each(kept, shuffled).T, (-1,))
        within = xp.arange(which.shape[0], device=place) - before(counts, which)
        return xp.take(kept, keep * before(groups, which) + within)

    def _kept(self, which: Array) -> Array:
        """Return the best of the candidates of each choice, in the order of their drawing.

        As candidates come in no order, the first of those that tie are random ones of them.
        """
        keep, left, kept = self.rule.keep, int(self.rule.K), None
        while left:
            part = min(left, self.stream.block)
            drawn = self.pools.draw(part, which)
            left -= part
            drawn = drawn if kept is None else self.xp.concat([kept, drawn])
            values = looked_up(self._values, drawn)
            if keep == 1:
                kept = choose_highest(drawn, values)[0][None, :]
            else:
                order = self.xp.argsort(-values, axis=0, stable=True)[:keep, :]
                kept = take_each(drawn, self.xp.sort(order, axis=0))
        assert kept is not None
        return kept


class TopShareChooser(Chooser):
    """A place from the top is drawn, then one of those that tie there."""

    def prepare(self, maker: Maker) -> None:
        xp, pools = self.xp, self.all_there
        values, numbers = pools.column(self.rule.by), pools.numbers()
        order = xp.argsort(-values, stable=True)
        order = xp.take(order, xp.argsort(xp.take(numbers, order), stable=True))
        values, numbers = xp.take(values, order), xp.take(numbers, order)
        is_first = xp.ones_like(values, dtype=xp.bool)
        is_first[1:] = (values[1:] != values[:-1]) | (numbers[1:] != numbers[:-1])
        weights = None if pools.probs is None else xp.take(pools.probs, order)
        first = xp.nonzero(is_first)[0]
        self._order = order
        self._places = Segments(pools.starts, weights)
        self._ties = Segments(xp.concat([first, pools.starts[-1:]]), weights)
        self._level = xp.cumulative_sum(xp.astype(is_first, xp.int64)) - 1

    def block(self, which: Array) -> Array:
        shape = (which.shape[0],)
        place = self._places.draw(which, self.rule.share * self.stream.doubles(shape))
        level = self.xp.take(self._level, place)
        tied = self._ties.draw(level, self.stream.doubles(shape))
        return self.all_there.original(self.xp.take(self._order, tied))


class AcceptChooser(Chooser):
    """Candidates until one is accepted."""

    def prepare(self, maker: Maker) -> None:
        self._values = self.values(self.rule.by)
        low, high = float(self.xp.min(self._values)), float(self.xp.max(self._values))
        if low < 0 or high > 1:
            found = low if low < 0 else high
            raise ValueError(
                f"{self._by} must be probabilities, from 0 to 1, for Accept; got {found:g}"
            )
        pools = self.pools if isinstance(self.pools, Pools) else self.base
        self._is_none = pools.highest(pools.column(self.rule.by)) <= 0

    @property
    def _by(self) -> str:
        return column_name(self.rule.by)

    def block(self, which: Array) -> Array:
        xp = self.xp
        winners = xp.empty_like(which)
        is_none = xp.take(self._is_none, which)
        left = xp.nonzero(~is_none)[0]
        if left.shape[0] < which.shape[0]:
            if self.rule.none != "keep":
                raise self._nothing(int(which[int(xp.argmax(xp.astype(is_none, xp.int64)))]))
            kept = xp.nonzero(is_none)[0]
            winners[kept] = self.pools.draw(1, xp.take(which, kept))[0, :]
        tries = number = 1
        while left.shape[0]:
            drawn = self.pools.draw(number, xp.take(which, left))
            chance = looked_up(self._values, drawn)
            accepted = self.stream.doubles(tuple(drawn.shape)) < chance
            is_done = xp.any(accepted, axis=0)
            first = take_chosen(drawn, xp.argmax(xp.astype(accepted, xp.int8), axis=0))
            winners[left[is_done]] = first[is_done]
            left = left[~is_done]
            if left.shape[0] and tries >= MOST_TRIES:
                raise self._nothing(int(which[left[0]]), f" in {tries:,} tries")
            number = max(1, min(2 * number, self.stream.block // max(1, left.shape[0])))
            tries += number
        return winners

    def _nothing(self, pool: int, tries: str = "") -> NothingAcceptedError:
        which = f" of pool {pool}" if self.base.sizes.size > 1 else ""
        return NothingAcceptedError(
            f"{self._by} must be above 0 for some of the samples{which}, and not too rarely; got "
            f"nothing to accept{tries}: take more samples, or none='keep'",
            may_drop=self.rule.none == "drop",
        )


class PairwisePreferenceChooser(Chooser):
    """One of two candidates, by the matrix."""

    def prepare(self, maker: Maker) -> None:
        matrix = self.rule.matrix
        self._size = len(matrix)
        self._labels = self.base.entries.labels(self.rule.of, self._size)
        self._chances = on_device(matrix.reshape(-1), self.stream)

    def block(self, which: Array) -> Array:
        drawn = self.pools.draw(2, which)
        labels = looked_up(self._labels, drawn)
        chance = self.xp.take(self._chances, labels[0, :] * self._size + labels[1, :])
        is_first = self.stream.doubles((which.shape[0],)) < chance
        return self.xp.where(is_first, drawn[0, :], drawn[1, :])


class RandomChooser(Chooser):
    """A sample as it is drawn."""

    def block(self, which: Array) -> Array:
        return self.pools.draw(1, which)[0, :]


class VotersChooser(Chooser):
    """A voter is drawn, who chooses."""

    def prepare(self, maker: Maker) -> None:
        voters = [(share, rule) for share, rule in self.rule.voters if share > 0]
        self._choosers = [
            maker.chooser(rule, self.pools, is_apart=self.is_apart) for _, rule in voters
        ]
        self._cumulative = on_device(np.cumsum([share for share, _ in voters]), self.stream)

    @property
    def width(self) -> float:
        return 1.0  # each voter's choices are made in blocks of their own

    def block(self, which: Array) -> Array:
        winners = self.xp.empty_like(which)
        voter = indices_by_law(self._cumulative, self.stream.doubles((which.shape[0],)))
        for number, chooser in enumerate(self._choosers):
            theirs = self.xp.nonzero(voter == number)[0]
            if theirs.shape[0]:
                winners[theirs] = chooser.choose(self.xp.take(which, theirs))
        return winners


class StagesChooser(Chooser):
    """The pool of each stage is what the stage before it chooses."""

    def prepare(self, maker: Maker) -> None:
        pools: Pools | Fresh = self.pools
        *earlier, last = self.rule.rules
        for rule in earlier:
            pools = Fresh(maker.chooser(rule, pools, is_apart=True))
        self._last = maker.chooser(last, pools, is_apart=self.is_apart)

    def choose(self, which: Array) -> Array:
        return self._last.choose(which)

    def block(self, which: Array) -> Array:
        return self.choose(which)
