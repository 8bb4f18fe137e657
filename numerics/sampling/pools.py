"""Pools that people choose from, what rules read of their entries, and how candidates are drawn."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
from array_api_compat import array_namespace

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules.rule import column_of
from recurate.numerics.sampling.arrays import Array, device_of, looked_up, on_cpu
from recurate.numerics.sampling.segments import Segments
from recurate.numerics.sampling.streams import Stream, on_device

_SORTED_FROM = 8
"""Distinct candidates are the first of a shuffled pool if their square is so often its size."""


class Entries(Protocol):
    """What rules read of the entries of pools, which lie one pool after the other, n in all."""

    def column(self, by: str | None) -> Array:
        """Return a score of each entry, or its reward, in doubles, shape (n,)."""

    def labels(self, of: Literal["atoms", "groups"], size: int) -> Array:
        """Return the number of each entry's group, or of its atom among those of all, shape (n,).

        Raises
        ------
        ValueError
            If there are not `size` of them.
        """

    def atoms(self) -> Array:
        """Return which atom of the law of its pool each entry is, shape (n,)."""

    def law(self, pool: int) -> RewardLaw:
        """Return the law whose atoms the entries of a pool are."""


class LawEntries:
    """The atoms of a law as entries: one pool, or one for each prompt.

    Parameters
    ----------
    law : RewardLaw
        The law; its probabilities do not matter.
    stream : Stream
        The backend.

    Attributes
    ----------
    order : ndarray, shape (n,)
        The atom that each entry is: by prompts, in the order of their first appearance.
    sizes : ndarray, shape (pools,)
        Number of entries of each pool.
    """

    def __init__(self, law: RewardLaw, stream: Stream) -> None:
        self._law, self._stream = law, stream
        self.order = np.argsort(law.prompt_of_atoms, kind="stable")
        self.sizes = np.bincount(law.prompt_of_atoms)
        self._columns: dict[str | None, Array] = {}
        self._laws: dict[int, RewardLaw] = {}

    def column(self, by: str | None) -> Array:
        """Return a score of each entry, or its reward, in doubles, shape (n,)."""
        if by not in self._columns:
            self._columns[by] = on_device(column_of(self._law, by)[self.order], self._stream)
        return self._columns[by]

    def labels(self, of: Literal["atoms", "groups"], size: int) -> Array:
        """Return the number of each entry's group, or of its atom among those of all."""
        law = self._law
        require_labels(of, size, len(law.group_names) if of == "groups" else law.size)
        index = law.group_index if of == "groups" else np.arange(size)
        assert index is not None
        return self._stream.asarray(index[self.order])

    def atoms(self) -> Array:
        """Return which atom of the law of its pool each entry is, shape (n,)."""
        starts = np.cumsum(self.sizes) - self.sizes
        return self._stream.asarray(np.arange(self.order.size) - np.repeat(starts, self.sizes))

    def law(self, pool: int) -> RewardLaw:
        """Return the law of a prompt's answers, or the law itself."""
        if self._law.prompt_index is None:
            return self._law
        if pool not in self._laws:
            self._laws[pool] = self._law.prompt(self._law.prompt_names[pool])
        return self._laws[pool]


def require_labels(of: Literal["atoms", "groups"], size: int, found: int) -> None:
    """Raise ValueError unless a matrix of preferences has a row for each atom or group."""
    if not found:
        raise ValueError(f"PairwisePreference of {of} needs samples with {of}; got none")
    if size != found:
        raise ValueError(f"matrix must have a row for each of the {found} {of}; got {size}")


class Pools:
    """Pools of entries, from which candidates are drawn independently, with replacement.

    Parameters
    ----------
    stream : Stream
        Source of randomness.
    entries : Entries
        What rules read of the entries.
    sizes : ndarray of int, shape (pools,)
        Number of entries of each pool; they lie one pool after the other.
    probs : array of float64, shape (n,), optional
        Weights of the entries, of which the ratios within a pool count; equal without.
    origin : array of int, shape (n,), optional
        Which entry of others each one of these is a copy of, if they were chosen from those.
    base : Pools, optional
        Those others.
    """

    def __init__(
        self,
        stream: Stream,
        entries: Entries,
        sizes: npt.NDArray[Any],
        probs: Array | None = None,
        origin: Array | None = None,
        base: Pools | None = None,
    ) -> None:
        self.stream, self.entries, self.sizes = stream, entries, sizes
        self.probs, self._origin = probs, origin
        self.base: Pools = self if base is None else base
        self.starts = stream.asarray(np.concatenate([[0], np.cumsum(sizes)]))
        self._segments: Segments | None = None

    def draw(self, K: int, which: Array) -> Array:
        """Return K candidates for each choice, shape (K, m).

        Parameters
        ----------
        K : int
            Their number.
        which : array of int, shape (m,)
            From which pool each choice is made.
        """
        shape = (K, which.shape[0])
        if self.sizes.size == 1 and self.probs is None:
            return self.original(self.stream.indices(int(self.sizes[0]), shape))
        if self._segments is None:
            self._segments = Segments(self.starts, self.probs)
        return self.original(self._segments.draw(which, self.stream.doubles(shape)))

    def column(self, by: str | None) -> Array:
        """Return a score of each of these entries, or its reward, shape (n,)."""
        return self.copied(self.entries.column(by))

    def copied(self, values: Array) -> Array:
        """Return values of the entries that these are copies of, shape (n,)."""
        return values if self._origin is None else self.stream.xp.take(values, self._origin)

    def original(self, positions: Array) -> Array:
        """Return what entries these are copies of."""
        return positions if self._origin is None else looked_up(self._origin, positions)

    def highest(self, values: Array) -> Array:
        """Return the largest value with mass of each pool, shape (pools,)."""
        xp = self.stream.xp
        if self.probs is not None:
            values = xp.where(self.probs > 0, values, xp.full_like(values, -xp.inf))
        if (self.sizes == self.sizes[0]).all():
            return xp.max(xp.reshape(values, (self.sizes.size, -1)), axis=1)
        starts = np.cumsum(self.sizes) - self.sizes
        return on_device(np.maximum.reduceat(on_cpu(values), starts), self.stream)

    def relative(self, values: Array) -> Array:
        """Return values minus the largest with mass of their pool, shape (n,)."""
        return values - self.stream.xp.take(self.highest(values), self.numbers())

    def numbers(self) -> Array:
        """Return the number of each entry's pool, shape (n,)."""
        return self.stream.asarray(np.repeat(np.arange(self.sizes.size), self.sizes))


class DistinctPools(Pools):
    """Pools from which the candidates of one choice are drawn without replacement."""

    def draw(self, K: int, which: Array) -> Array:
        """Return K distinct candidates for each choice, in random order, shape (K, m)."""
        stream, xp = self.stream, self.stream.xp
        size = xp.take(self.starts[1:] - self.starts[:-1], which)
        first = xp.take(self.starts[:-1], which)
        largest = int(xp.max(size)) if which.shape[0] else 0
        if K * K > _SORTED_FROM * largest:
            return first + self._shuffled(K, size, largest)
        # Fisher and Yates: at step j the entry at place j changes with one at or after it. Of the
        # places only those changed are kept, with what lies there; the last change counts.
        changed = xp.empty((K, which.shape[0]), dtype=xp.int64, device=device_of(which))
        lies, drawn = xp.empty_like(changed), xp.empty_like(changed)
        for j in range(K):
            steps = stream.doubles((which.shape[0],)) * xp.astype(size - j, xp.float64)
            place = j + xp.minimum(xp.astype(xp.floor(steps), xp.int64), size - j - 1)
            drawn[j, :] = _lying(changed[:j, :], lies[:j, :], place)
            lies[j, :] = _lying(changed[:j, :], lies[:j, :], xp.full_like(place, j))
            changed[j, :] = place
        return first + drawn

    def _shuffled(self, K: int, size: Array, largest: int) -> Array:
        """Return the places of the K smallest of as many uniforms as there are entries."""
        xp, m = self.stream.xp, size.shape[0]
        made = xp.empty((K, m), dtype=xp.int64, device=device_of(size))
        at_once = max(1, self.stream.block // largest)
        for start in range(0, m, at_once):
            part = size[start : start + at_once]
            keys = self.stream.doubles((largest, part.shape[0]))
            keys = keys + 2.0 * (xp.arange(largest, device=device_of(size))[:, None] >= part)
            made[:, start : start + at_once] = xp.argsort(keys, axis=0)[:K, :]
        return made


class DisjointPools(Pools):
    """Pools that are shuffled and dealt out: no entry is a candidate twice."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        xp = self.stream.xp
        keys = self.stream.doubles((int(self.sizes.sum()),))
        self._order = xp.argsort(xp.astype(self.numbers(), xp.float64) + keys)
        self._dealt = xp.zeros_like(self.starts[:-1])

    def draw(self, K: int, which: Array) -> Array:
        """Return the next K entries for each choice, shape (K, m); `which` ascends."""
        xp = self.stream.xp
        counts = xp.bincount(which, minlength=self.sizes.size)
        place = xp.arange(which.shape[0], device=device_of(which)) - before(counts, which)
        start = self.starts[:-1] + self._dealt
        places = xp.take(start, which) + K * place
        self._dealt = self._dealt + K * counts
        each = xp.arange(K, device=device_of(which))[:, None]
        return looked_up(self._order, places + each)


def before(counts: Array, which: Array) -> Array:
    """Return how many there are in the pools before each one's own, shape (m,)."""
    xp = array_namespace(counts)
    return xp.take(xp.cumulative_sum(counts) - counts, which)


def _lying(changed: Array, lies: Array, place: Array) -> Array:
    """Return what lies at a place of each column, after some changes, each of shape (j, m)."""
    xp = array_namespace(place)
    found = place
    for i in range(changed.shape[0]):
        found = xp.where(changed[i, :] == place, lies[i, :], found)
    return found
