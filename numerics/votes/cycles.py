"""Cycles of majorities, named where they are significant: no reward for each item explains one."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recurate.numerics.laws.levels import sums
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.contests import Contests
from recurate.numerics.votes.votes import Votes

LARGEST_RATIO = 0.5 / math.erfc(1)
"""3.18, 1/(4 P(Z > √2)) for a normal Z: see `majority_p_values`."""


@dataclass(frozen=True)
class Cycle:
    """Items of which each was chosen over the next, and the last over the first, significantly.

    Attributes
    ----------
    items : tuple of hashable, length n
        Their labels.
    wins : tuple of float, length n
        Votes for each over the next one; a tie is half a vote.
    losses : tuple of float, length n
        Votes for the next one over each.
    p_value : float
        The largest adjusted p-value of its majorities.
    """

    items: tuple[Hashable, ...]
    wins: tuple[float, ...]
    losses: tuple[float, ...]
    p_value: float


def cycles(votes: Votes, level: float = 0.05) -> tuple[Cycle, ...]:
    """Return a shortest cycle of each set of items whose significant majorities run in cycles.

    Parameters
    ----------
    votes : Votes
        Of choices among more than two, the chosen item's with each of the others count.
    level : float
        The probability that any majority is called significant that is none in truth. So if truth
        has an order of the items in which each is chosen over later ones at least half the time, as
        it has if each has a reward, that any cycle is named is no likelier.

    Returns
    -------
    tuple of Cycle
        None if there is no such cycle.

    Notes
    -----
    A majority is significant by Holm's step-down procedure over both directions of all pairs
    (Holm 1979, Scandinavian Journal of Statistics 6, 65).
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components, shortest_path

    contests = Contests.of(votes)
    p_values = holm(np.concatenate(majority_p_values(contests)))
    winners = np.concatenate([contests.first, contests.second])
    losers = np.concatenate([contests.second, contests.first])
    wins = np.concatenate([contests.wins, contests.losses])
    losses = np.concatenate([contests.losses, contests.wins])
    is_significant = p_values <= level
    n = len(votes.items)
    edge = np.full((n, n), -1)
    edge[winners[is_significant], losers[is_significant]] = np.flatnonzero(is_significant)
    graph = csr_array(edge >= 0)
    _, part = connected_components(graph, connection="strong")
    named = []
    for number in np.flatnonzero(np.bincount(part) > 1):
        members = np.flatnonzero(part == number)
        inside = graph[members][:, members]
        lengths, before = shortest_path(inside, unweighted=True, return_predecessors=True)
        # From each item to one that is chosen over it, and back by that majority.
        closed = np.where(inside.toarray().T, lengths, np.inf)
        start, end = np.unravel_index(closed.argmin(), closed.shape)
        path = [int(end)]
        while path[-1] != start:
            path.append(int(before[start, path[-1]]))
        items = members[path[::-1]]
        edges = [edge[a, b] for a, b in pairwise([*items, items[0]])]
        named.append(
            Cycle(
                items=tuple(votes.items[i] for i in items),
                wins=tuple(wins[edges].tolist()),
                losses=tuple(losses[edges].tolist()),
                p_value=float(p_values[edges].max()),
            )
        )
    return tuple(named)


def holm(p_values: FloatArray) -> FloatArray:
    """Return adjusted p-values, shape (n,): those up to a level are significant at that level."""
    n = p_values.size
    order = np.argsort(p_values)
    adjusted = np.empty(n)
    adjusted[order] = np.maximum.accumulate(p_values[order] * np.arange(n, 0, -1))
    return np.minimum(adjusted, 1.0)


def majority_p_values(contests: Contests) -> tuple[FloatArray, FloatArray]:
    """Return p-values of "the first is chosen at most half the time", and of "the second is".

    By how much a cluster's votes favour one of the two is its margin. Given how large margins are,
    under the hypothesis each is signed by a fair coin, or by one that is biased the other way. If
    all are of one size, as for single votes, their signs are counted: the binomial law is exact.
    Else the tail is at most `LARGEST_RATIO` times that of a normal law of the same variance
    (Bentkus and Dzindzalieta 2015, Bernoulli 21, 1231).
    """
    from scipy.stats import binom, norm

    pair, size = contests.pair, contests.first.size
    copies = contests.copies[contests.cluster]
    margin = (contests.ahead - contests.behind) / copies
    largest = np.zeros(size)
    np.maximum.at(largest, pair, np.abs(margin))
    is_of_size = (np.abs(margin) == largest[pair]) | (margin == 0)
    others = sums(pair, ~(is_of_size & (copies % 1 == 0)), size)
    scale = np.sqrt(np.maximum(sums(pair, copies * margin**2, size), 1e-300))
    z = (contests.wins - contests.losses) / scale
    first, second = sums(pair, copies * (margin > 0), size), sums(pair, copies * (margin < 0), size)

    def one_way(count: FloatArray, score: FloatArray) -> FloatArray:
        bound = np.minimum(LARGEST_RATIO * norm.sf(score), 1.0)
        p_values: FloatArray = np.where(
            others == 0, binom.sf(count - 1, first + second, 0.5), bound
        )
        return p_values

    return one_way(first, z), one_way(second, -z)
