"""Votes as weighted choices: who was chosen, among whom, and which votes depend on one another."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.groups import numbered
from recurate.numerics.validation import FloatArray, real_vector, shown

IntArray = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Votes:
    """Choices of one item among several.

    A vote for one of two is one choice of weight one, a tie two choices of half the weight, one
    each way. A ranking of k items is k - 1 choices: the first among all, the second among the rest.

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
    cluster_is : {"vote", "pair", "prompt"}
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
        winners = list(chosen)
        losers = [list(o) if isinstance(o, list | tuple) else [o] for o in others]
        if len(losers) != len(winners):
            raise ValueError(
                f"others must be as long as chosen ({len(winners)}); got {len(losers)}"
            )
        if not winners:
            raise ValueError("chosen must have at least one vote; got none")
        every = [*winners, *(label for some in losers for label in some)]
        labels = numbered(every, len(every), "chosen and others")
        lengths = np.array([len(some) for some in losers], np.intp)
        if not lengths.all():
            raise ValueError(
                f"others must each have at least one item; got none for vote {lengths.argmin()}"
            )
        size = len(winners)
        given = np.ones(size) if weights is None else real_vector(weights, "weights")
        if given.size != size or not (given > 0).all():
            raise ValueError(f"weights must be {size} positive numbers; got {shown(weights)}")
        cluster = np.arange(size)
        if clusters is not None:
            cluster = numbered(clusters, size, "clusters").numbers
        return cls(
            items=labels.names,
            chosen=labels.numbers[:size],
            others=labels.numbers[size:],
            starts=np.concatenate([[0], np.cumsum(lengths)]),
            weights=given,
            cluster=cluster,
            cluster_is="vote" if clusters is None else "pair",
            count=size,
        )

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1
