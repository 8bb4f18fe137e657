"""Resampled votes: other voters of the same kind would have given other rewards.

Clusters of votes (single votes, where none depend on one another) count a Poisson number of times,
of mean 1, and the rewards are fitted again. An independent vote of weight 7 is seven votes.
Clusters with the same votes are counted together, for a sum of Poisson numbers is one: so the
number of votes costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.contests import Contests
from recurate.numerics.votes.fit import VotedRewards, fitted
from recurate.numerics.votes.votes import IntArray, Votes

if TYPE_CHECKING:
    from scipy.sparse import csr_array


class ResampledVotes:
    """The votes behind some rewards, to be resampled (`Estimates` of ``numerics.inference``).

    Parameters
    ----------
    voted : VotedRewards
        The rewards, and their votes.
    scale : float
        γ, by which the law's rewards are multiplied. Scores of such a law, if there are any, are
        the rewards before that.

    Examples
    --------
    >>> from recurate.numerics.votes.fit import rewards_from_votes
    >>> voted = rewards_from_votes(["a", "b"] * 20, ["b", "a"] * 20)
    >>> law = RewardLaw(voted.rewards, groups=voted.items)
    >>> again = ResampledVotes(voted).laws(law, 3, np.random.default_rng(0))
    >>> [of is None or of.group_names for of in again]
    [('a', 'b'), ('a', 'b'), ('a', 'b')]
    """

    resamples_atoms = False
    """The items are given, with their masses: no vote speaks of other items."""

    def __init__(self, voted: VotedRewards, scale: float = 1.0) -> None:
        self.voted, self._scale = voted, scale

    def what(self, law: RewardLaw) -> str:
        """Return what is resampled, in the plural: "votes", "votes by row", "votes by prompt"."""
        by = self.voted.votes.cluster_is
        return "votes" if by == "vote" else f"votes by {by}"

    def units(self, law: RewardLaw) -> float:
        """Return the effective number of clusters, by their weights: (Σ w)²/Σ w²."""
        votes = self.voted.votes
        weights = np.bincount(votes.cluster, votes.weights)
        return float(weights.sum() ** 2 / (np.square(weights) / self._copies).sum())

    def laws(
        self, law: RewardLaw, replicates: int, generator: np.random.Generator
    ) -> Iterator[RewardLaw | None]:
        """Yield the law with the rewards of resampled votes; None where they fall apart.

        That is where an item or a set of items never wins, or never loses, against the others: then
        no rewards are the likeliest. With a prior there always are some.
        """
        groups = None
        if law.group_index is not None:
            groups = Labels(law.group_names, law.group_index)
        for votes in self._resampled(replicates, generator):
            try:
                rewards = fitted(votes, self.voted.prior, start=self.voted.rewards).rewards
            except ValueError:  # of `require_connected`, which says which items
                yield None
                continue
            scores = dict.fromkeys(law.scores, rewards) or None
            yield RewardLaw(self._scale * rewards, law.probs, groups, scores=scores)

    def _resampled(self, replicates: int, generator: np.random.Generator) -> Iterator[Votes]:
        choices, content, clusters = self._kinds
        for _ in range(replicates):
            weights = generator.poisson(clusters) @ content
            while not weights.any():  # of a few clusters: no votes at all
                weights = generator.poisson(clusters) @ content
            yield replace(choices, weights=weights).subset(weights > 0)

    @cached_property
    def _copies(self) -> FloatArray:
        """How many independent votes each cluster stands for."""
        return Contests.of(self.voted.votes).copies

    @cached_property
    def _kinds(self) -> tuple[Votes, csr_array, FloatArray]:
        """Return the choices, each kind once; the clusters as weights of those; and their numbers.

        The second is of shape (kinds of clusters, kinds of choices), the third says how many
        independent clusters are of each kind.
        """
        from scipy.sparse import csr_array

        votes = self.voted.votes
        of_choice = np.repeat(np.arange(votes.chosen.size), np.diff(votes.starts))
        others = votes.others[np.lexsort((votes.others, of_choice))]
        ends = votes.starts.tolist()
        kind, choices = _numbered(
            (item, others[a:b].tobytes())
            for item, (a, b) in zip(votes.chosen.tolist(), pairwise(ends), strict=True)
        )
        shape = votes.clusters, choices.size
        content = csr_array((votes.weights, (votes.cluster, kind)), shape)
        content.sum_duplicates()
        ends = content.indptr.tolist()
        of_cluster, clusters = _numbered(
            (content.indices[a:b].tobytes(), content.data[a:b].tobytes()) for a, b in pairwise(ends)
        )
        rows = [others[votes.starts[i] : votes.starts[i + 1]] for i in choices]
        each = replace(
            votes,
            chosen=votes.chosen[choices],
            others=np.concatenate(rows),
            starts=np.cumsum([0, *map(len, rows)]),
            weights=np.ones(choices.size),
            cluster=np.arange(choices.size),
            cluster_is="vote",
        )
        numbers = np.bincount(of_cluster, self._copies).astype(np.float64, copy=False)
        return each, content[clusters] / self._copies[clusters, None], numbers


def _numbered(keys: Iterable[object]) -> tuple[IntArray, IntArray]:
    """Number keys by first appearance; return those, and where each appears first."""
    known: dict[object, int] = {}
    numbers = np.fromiter((known.setdefault(key, len(known)) for key in keys), np.intp)
    return numbers, np.unique(numbers, return_index=True)[1]
