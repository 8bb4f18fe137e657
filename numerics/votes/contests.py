"""Votes as contests of two: the chosen item against each of the others that it was chosen over.

Under Luce's law, given that the chosen one is i or j, it is i with probability σ(r_i - r_j),
whoever else was there (independence of irrelevant alternatives): contests of two test the law.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.levels import sums
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.votes import IntArray, Votes


@dataclass(frozen=True)
class Contests(ReadOnlyArrays):
    """Sums of votes by pair of items, and by cluster within each pair.

    Attributes
    ----------
    first, second : ndarray of int, shape (pairs,)
        Numbers of the items of each pair that was compared; the first one is the smaller number.
    wins, losses : ndarray, shape (pairs,)
        Weight of the choices of the first over the second, and of the second over the first.
    cluster, pair : ndarray of int, shape (entries,)
        Each cluster with each pair that it has votes on, sorted by cluster.
    ahead, behind : ndarray, shape (entries,)
        Its share of `wins` and of `losses`.
    copies : ndarray, shape (clusters,)
        Number of independent votes that a cluster stands for: one, but for an independent vote of
        weight 7, which is a count of seven.
    """

    first: IntArray
    second: IntArray
    wins: FloatArray
    losses: FloatArray
    cluster: IntArray
    pair: IntArray
    ahead: FloatArray
    behind: FloatArray
    copies: FloatArray

    @classmethod
    def of(cls, votes: Votes) -> Contests:
        """Return the contests of votes."""
        n, lengths = len(votes.items), np.diff(votes.starts)
        chosen = np.repeat(votes.chosen, lengths)
        weights = np.repeat(votes.weights, lengths)
        is_first = chosen < votes.others
        low, high = np.minimum(chosen, votes.others), np.maximum(chosen, votes.others)
        codes, pair = np.unique(low * n + high, return_inverse=True)
        keys, entry = np.unique(
            np.repeat(votes.cluster, lengths) * codes.size + pair, return_inverse=True
        )
        ahead = sums(entry, weights * is_first, keys.size)
        behind = sums(entry, weights * ~is_first, keys.size)
        cluster, pair = np.divmod(keys, codes.size)
        copies = np.ones(votes.clusters)
        if votes.cluster_is == "vote":
            np.maximum.at(copies, cluster, ahead + behind)
        return cls(
            *np.divmod(codes, n),
            wins=sums(pair, ahead, codes.size),
            losses=sums(pair, behind, codes.size),
            cluster=cluster,
            pair=pair,
            ahead=ahead,
            behind=behind,
            copies=copies,
        )

    def among(self, stays: npt.NDArray[np.bool_]) -> Contests:
        """Return the contests of some pairs alone; clusters keep their numbers."""
        has_pair = stays[self.pair]
        return replace(
            self,
            first=self.first[stays],
            second=self.second[stays],
            wins=self.wins[stays],
            losses=self.losses[stays],
            cluster=self.cluster[has_pair],
            pair=(np.cumsum(stays) - 1)[self.pair[has_pair]],
            ahead=self.ahead[has_pair],
            behind=self.behind[has_pair],
        )
