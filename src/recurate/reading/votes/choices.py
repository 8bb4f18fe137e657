"""Votes of every kind as weighted choices: pairs and their ties, rankings, one of several."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.groups import by_first_appearance
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.votes import Votes
from recurate.reading.columns import BoolArray, IntArray
from recurate.reading.votes.verdicts import FIRST, SECOND, TIE

MOST_TIED = 8
"""Most items of one rank: t of them are t 2^(t - 1) weighted choices."""


class Choices(NamedTuple):
    """Choices of one item, or one entry of a ranking, over others.

    Attributes
    ----------
    chosen : ndarray of int, shape (choices,)
        Number of the one that was chosen.
    others : ndarray of int, shape (entries,)
        Numbers of those it was chosen over, choice by choice.
    starts : ndarray of int, shape (choices + 1,)
        Where each choice's others begin, and where the last ones end.
    weights : ndarray, shape (choices,)
    """

    chosen: IntArray
    others: IntArray
    starts: IntArray
    weights: FloatArray


def votes_of(
    items: Sequence[Hashable], choices: Choices, cluster: IntArray, cluster_is: str, count: int
) -> Votes:
    """Return choices as `Votes`, of those items alone that are in one.

    The choices' clusters may have any numbers; the rest is as of `Votes.from_codes`.
    """
    chosen, others, starts, weights = choices
    is_there = np.zeros(len(items), np.bool_)
    is_there[chosen] = is_there[others] = True
    kept = [items[item] for item in np.flatnonzero(is_there).tolist()]
    number, cluster = np.cumsum(is_there) - 1, by_first_appearance(cluster)[1]
    return Votes.from_codes(
        kept, number[chosen], number[others], starts, weights, cluster, cluster_is, count
    )


def halves(said: IntArray) -> tuple[IntArray, BoolArray, FloatArray]:
    """Return the choices that votes on pairs are: a tie is half a choice each way.

    Parameters
    ----------
    said : ndarray of int, shape (votes,)
        What each says (`recurate.reading.votes.verdicts`).

    Returns
    -------
    vote, is_first, weight : ndarray, shape (choices,)
        The number of each choice's vote, whether it is of the first of the pair, and its weight.
    """
    copies = np.select([said == TIE, (said == FIRST) | (said == SECOND)], [2, 1], 0)
    vote = np.repeat(np.arange(said.size), copies)
    is_again = np.append([False], vote[1:] == vote[:-1])[: vote.size]
    return vote, (said[vote] != SECOND) & ~is_again, 1.0 / copies[vote]


def tied(sets: IntArray, ranks: FloatArray) -> IntArray:
    """Return how many entries of its set have an entry's rank, shape (entries,)."""
    order, is_new = _in_order(sets, ranks)
    group = np.cumsum(is_new) - 1
    found = np.empty_like(group)
    found[order] = np.bincount(group)[group]
    return found


def choices_of(sets: IntArray, ranks: FloatArray, *, only_first: bool = False) -> Choices:
    """Return the choices that rankings are.

    Items of one rank count as in all orders of them, equally: so among t tied ones and the rest R,
    item i of each part S of the tied is chosen among S and R with weight 1 / (C(t, |S|) |S|)
    (derived here: after t - |S| of them, in a random order, each part of that size is left with
    equal probability, and each of it is next with equal probability).

    Parameters
    ----------
    sets : ndarray of int, shape (entries,)
        Number of the ranking that each entry is of.
    ranks : ndarray, shape (entries,)
        The least is the best. At most `MOST_TIED` of one set are equal, unless the last ones are
        and `only_first` is asked.
    only_first : bool
        Whether the first choice of each set is all that there is.
    """
    order, is_new = _in_order(sets, ranks)
    own = sets[order]
    first = np.flatnonzero(is_new)  # of each group of one rank
    size = np.diff(np.append(first, own.size))
    is_last = np.append(own[1:] != own[:-1], True)
    end = np.flatnonzero(is_last)[np.cumsum(is_last) - is_last] + 1  # of the set, by entry
    rest = end[first] - first - size
    if only_first:
        is_best = np.append([True], own[first[1:]] != own[first[:-1]])
        first, size, rest = first[is_best], size[is_best], rest[is_best]
    parts = [
        _of_groups(first[(size == t) & (rest == r)], t, r)
        for t, r in sorted(set(zip(size.tolist(), rest.tolist(), strict=True)))
        if t + r > 1
    ]
    lengths = np.concatenate([np.empty(0, np.intp), *(part.lengths for part in parts)])
    return Choices(
        chosen=order[np.concatenate([np.empty(0, np.intp), *(part.chosen for part in parts)])],
        others=order[np.concatenate([np.empty(0, np.intp), *(part.others for part in parts)])],
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        weights=np.concatenate([np.empty(0), *(part.weights for part in parts)]),
    )


class _Part(NamedTuple):
    """Choices of groups that are alike, as of `Choices`, with the number of each one's others."""

    chosen: IntArray
    others: IntArray
    lengths: IntArray
    weights: FloatArray


def _in_order(sets: IntArray, ranks: FloatArray) -> tuple[IntArray, BoolArray]:
    """Return entries by set and rank, and which of them is the first of its set and rank."""
    order = np.lexsort((ranks, sets))
    own, rank = sets[order], ranks[order]
    is_new = (own[1:] != own[:-1]) | (rank[1:] != rank[:-1])
    return order, np.append([True], is_new)[: own.size]


def _of_groups(first: IntArray, size: int, rest: int) -> _Part:
    """Return the choices of groups of one size, which begin at `first`, before so many others."""
    chosen, others, lengths, weights = _pattern(size, rest)
    return _Part(
        chosen=(first[:, None] + chosen).ravel(),
        others=(first[:, None] + others).ravel(),
        lengths=np.tile(lengths, first.size),
        weights=np.tile(weights, first.size),
    )


def _pattern(size: int, rest: int) -> _Part:
    """Return the choices of one group: of its items, 0 to size - 1, and the rest after them."""
    after = list(range(size, size + rest))
    chosen, others, lengths, weights = [], [], [], []
    for left in range(1, size + 1):
        if left + rest == 1:
            continue
        for part in combinations(range(size), left):
            for item in part:
                beside = [other for other in part if other != item] + after
                chosen.append(item)
                others += beside
                lengths.append(len(beside))
                weights.append(1 / (comb(size, left) * left))
    return _Part(
        chosen=np.array(chosen, np.intp),
        others=np.array(others, np.intp),
        lengths=np.array(lengths, np.intp),
        weights=np.array(weights),
    )
