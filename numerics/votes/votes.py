"""Votes as weighted choices: who was chosen, among whom, and which votes depend on one another."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.groups import numbered
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.validation import (
    FloatArray,
    on_cpu,
    real_vector,
    require_at_each,
    require_length,
    shown,
)

IntArray = npt.NDArray[np.intp]

CLUSTERS = ("vote", "row", "prompt", "cluster")

LARGEST_RATIO = 1e9
"""Largest ratio of two votes' weights."""


@dataclass(frozen=True, eq=False)
class Votes(ReadOnlyArrays):
    """Choices of one item among several.

    A vote for one of two is one choice of weight one, a tie two choices of half the weight, one
    each way. A ranking of k items is k - 1 choices: the first among all, the second among the rest.
    Made as it stands nothing is checked: `of` and `from_codes` do.

    Attributes
    ----------
    items : tuple of hashable
        Their labels, each once.
    chosen : ndarray of int, shape (choices,)
        Number of the item that was chosen.
    others : ndarray of int, shape (entries,)
        Numbers of the items that were not, choice by choice.
    starts : ndarray of int, shape (choices + 1,)
        Where the others of each choice begin, and where the last ones end.
    weights : ndarray, shape (choices,)
        Positive.
    cluster : ndarray of int, shape (choices,)
        Number of the cluster of each: choices of different clusters are independent.
    cluster_is : {"vote", "row", "prompt", "cluster"}
        What a cluster is, for words: "vote" if no two votes depend on one another.
    count : int
        Number of votes.
    """

    items: tuple[Hashable, ...]
    chosen: IntArray
    others: IntArray
    starts: IntArray
    weights: FloatArray
    cluster: IntArray
    cluster_is: str
    count: int

    @classmethod
    def of(
        cls,
        chosen: Iterable[Hashable],
        others: Iterable[Hashable | Sequence[Hashable]],
        weights: Any = None,
        clusters: Iterable[Hashable] | None = None,
    ) -> Votes:
        """Return votes from labels; see `recurate.rewards_from_votes`."""
        winners, losers = _entries(chosen, "chosen"), _entries(others, "others")
        size = len(winners)
        if not size:
            raise ValueError("chosen must have at least one vote; got none")
        require_length(len(losers), "others", size, "vote")
        lengths = np.ones(size, np.intp)
        if any(isinstance(some, _SEVERAL) for some in losers):
            many = [list(some) if isinstance(some, _SEVERAL) else [some] for some in losers]
            lengths = np.array([len(some) for some in many], np.intp)
            losers = [label for some in many for label in some]
        if not lengths.all():
            raise ValueError(
                f"others must have at least one item for each vote; got none for vote "
                f"{lengths.argmin()}"
            )
        first = numbered(winners, size, "chosen")
        rest = numbered(losers, len(losers), "others")
        names = dict.fromkeys((*first.names, *rest.names))
        number_of = {name: number for number, name in enumerate(names)}
        given = np.ones(size) if weights is None else real_vector(weights, "weights")
        require_length(given.size, "weights", size, "vote")
        cluster = np.arange(size)
        if clusters is not None:
            labels = _entries(clusters, "clusters")
            require_length(len(labels), "clusters", size, "vote")
            cluster = numbered(labels, size, "clusters").numbers
        return cls.from_codes(
            items=tuple(number_of),
            chosen=first.numbers,  # the names of the chosen come first
            others=np.array([number_of[name] for name in rest.names], np.intp)[rest.numbers],
            starts=np.concatenate([[0], np.cumsum(lengths)]),
            weights=given,
            cluster=cluster,
            cluster_is="vote" if clusters is None else "cluster",
            count=size,
        )

    @classmethod
    def from_codes(
        cls,
        items: Iterable[Hashable],
        chosen: Any,
        others: Any,
        starts: Any,
        weights: Any,
        cluster: Any,
        cluster_is: str,
        count: int,
    ) -> Votes:
        """Return votes among items given by their numbers, after a check; see the class.

        Raises
        ------
        TypeError
            If numbers of items, starts or clusters are not integers, or weights not real numbers.
        ValueError
            If there is no vote; if lengths do not go together, an item's number is not below the
            number of items, a choice has no others, or names an item twice; if a weight is not
            from 1e-100 to 1e100, or 1e9 times as large as another one.
        """
        names = tuple(items)
        if len(set(names)) < len(names):
            raise ValueError(f"items must be labels, each once; got {shown(names)}")
        chosen, others, starts, cluster = (
            _integers(values, name)
            for name, values in (
                ("chosen", chosen),
                ("others", others),
                ("starts", starts),
                ("cluster", cluster),
            )
        )
        size = chosen.size
        given = real_vector(weights, "weights")
        is_good = (given >= 1e-100) & (given <= 1e100)  # their squares are numbers too
        require_at_each(is_good, given, "weights must be positive, from 1e-100 to 1e100")
        if given.max() > LARGEST_RATIO * given.min():
            raise ValueError(
                f"weights must differ by at most a factor of {LARGEST_RATIO:g}, or rounding hides "
                f"the votes of small ones; got {given.min():g} and {given.max():g}"
            )
        require_length(given.size, "weights", size, "choice")
        require_length(cluster.size, "cluster", size, "choice")
        if cluster_is not in CLUSTERS:
            raise ValueError(f"cluster_is must be one of {CLUSTERS}; got {shown(cluster_is)}")
        is_cut = starts.size == size + 1 and starts[0] == 0 and starts[-1] == others.size
        if not is_cut or (np.diff(starts) < 1).any():
            raise ValueError(
                f"starts must rise from 0 to the number of others ({others.size}), one entry per "
                f"choice ({size}) and one more; got {shown(starts)}"
            )
        for name, values, limit in (
            ("chosen", chosen, len(names)),
            ("others", others, len(names)),
            ("cluster", cluster, size),
        ):
            if values.min() < 0 or values.max() >= limit:
                raise ValueError(
                    f"{name} must be numbers from 0 to {limit - 1}; "
                    f"got some from {values.min()} to {values.max()}"
                )
        if not np.bincount(cluster).all():
            raise ValueError(
                f"cluster must have each number up to its largest, {cluster.max()}; "
                f"got none of {np.bincount(cluster).argmin()}"
            )
        votes = cls(names, chosen, others, starts, given, cluster, cluster_is, count)
        votes._require_different_items()
        return votes

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @cached_property
    def alternatives(self) -> tuple[IntArray, IntArray]:
        """All items of each choice, the chosen one first; where each choice's begin, and the end.

        Their shapes are (choices + entries,) and (choices + 1,).
        """
        starts = self.starts + np.arange(self.starts.size)
        every = np.insert(self.others, self.starts[:-1], self.chosen)
        return read_only((every, starts))

    def subset(self, stays: npt.NDArray[np.bool_]) -> Votes:
        """Return those choices alone, with all items."""
        lengths = np.diff(self.starts)
        return replace(
            self,
            chosen=self.chosen[stays],
            others=self.others[np.repeat(stays, lengths)],
            starts=np.concatenate([[0], np.cumsum(lengths[stays])]),
            weights=self.weights[stays],
            cluster=self.cluster[stays],
        )

    def _require_different_items(self) -> None:
        every, starts = self.alternatives
        n = len(self.items)
        keys = np.sort(np.repeat(np.arange(starts.size - 1), np.diff(starts)) * n + every)
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if twice.size:
            choice, item = divmod(int(keys[twice[0]]), n)
            others = "" if twice.size == 1 else f" (and {twice.size - 1:,} more such)"
            raise ValueError(
                f"a choice must be among different items; choice {choice} names "
                f"{shown(self.items[item])} twice{others}: leave it out, it says nothing of rewards"
            )


_SEVERAL = (list, tuple, np.ndarray)


def _entries(values: Any, what: str) -> list[Any]:
    """Return what was given for each vote, in its order."""
    if isinstance(values, Mapping | Set) or not isinstance(values, Iterable):
        raise TypeError(f"{what} must have one entry for each vote; got {shown(values)}")
    return list(on_cpu(values))


def _integers(values: Any, name: str) -> IntArray:
    array = np.asarray(values)
    if array.ndim != 1 or not array.size or array.dtype.kind not in "iu":
        raise (TypeError if array.size and array.dtype.kind not in "iu" else ValueError)(
            f"{name} must be integers, at least one, in one dimension; got an array of type "
            f"{array.dtype} and shape {array.shape}"
        )
    return array.astype(np.intp)
