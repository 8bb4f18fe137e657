"""Rankings as choices: the first among all, the second among the rest, and so on."""

from __future__ import annotations

from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np

from recurate.numerics.validation import FloatArray
from recurate.reading.columns import BoolArray, IntArray

MOST_TIED = 8
"""Most items of one rank: t of them are t 2^(t - 1) weighted choices."""


class Choices(NamedTuple):
    """Choices among entries of rankings.

    Attributes
    ----------
    chosen : ndarray of int, shape (choices,)
        Number of the entry that was chosen.
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
