"""Whether votes follow from one reward for each item: a test of Bradley–Terry's and Luce's law.

The residual of a pair is how often the first was chosen over the second, less how often it would be
by the rewards. Its clusters' parts give the law of Pearson's X², whatever depends on what: X² less
each cluster's own part, Σ_{c≠d} x_c·x_d, has mean zero for few votes as for many, and its variance is
2 Σ_{c≠d} (x_c·x_d)² on average. A χ² with that mean and variance stands for its law, as in Rao and
Scott 1984 (Annals of Statistics 12, 46); that own parts are left out is derived here. Without it,
pairs of few votes are tested at a wrong level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.contests import Contests
from recurate.numerics.votes.fit import VotedRewards, fitted
from recurate.numerics.votes.votes import IntArray, Votes


@dataclass(frozen=True)
class FitTest:
    """A test of the hypothesis that the votes follow from one reward for each item.

    Attributes
    ----------
    statistic : float
        Pearson's X²: over the pairs, the squared residual over its variance if all votes were
        independent and none a tie.
    degrees : int
        Degrees of freedom: pairs that were compared, less the items but one. (Sets of items that
        beat all others for certain count apart, and choices among more than two may leave fewer.)
    dispersion : float
        Mean of the statistic over the degrees if the hypothesis holds: 1 for independent votes,
        above where votes agree with one another, below where many are ties.
    p_value : float
        Probability of a statistic that is at least as large if the hypothesis holds.
    """

    statistic: float
    degrees: int
    dispersion: float
    p_value: float


@dataclass(frozen=True)
class Untested:
    """That votes do not test the fit.

    Attributes
    ----------
    reason : str
        Why not: half a sentence.
    """

    reason: str


def fit_test(voted: VotedRewards) -> FitTest | Untested:
    """Test whether pairwise shares follow from one reward for each item.

    Parameters
    ----------
    voted : VotedRewards
        The votes, and their rewards from which the search starts: a prior has no part in the test.

    Returns
    -------
    FitTest or Untested
        The latter if there are no more pairs than parameters, or no pair has independent votes.
    """
    from scipy.stats import chi2

    votes = voted.votes
    contests = Contests.of(votes)
    part = _parts(contests, len(votes.items))
    is_inside = part[contests.first] == part[contests.second]
    first, second = contests.first[is_inside], contests.second[is_inside]
    parameters = len(votes.items) - (int(part.max()) + 1)
    degrees = min(first.size, _free_shares(votes, part)) - parameters
    if degrees == 0:
        return Untested(_why_not(votes, contests, is_inside))

    wins, losses = contests.wins[is_inside], contests.losses[is_inside]
    rewards = _rewards(voted, part, first, second, wins, losses)
    share = 1 / (1 + np.exp(rewards[second] - rewards[first]))
    variance = (wins + losses) * share * (1 - share)
    statistic = float(np.sum((wins - (wins + losses) * share) ** 2 / variance))
    basis = _fitted_directions(first, second, variance, len(votes.items), parameters)

    is_entry = is_inside[contests.pair]
    pair = (np.cumsum(is_inside) - 1)[contests.pair[is_entry]]
    cluster = contests.cluster[is_entry]
    ahead, behind = contests.ahead[is_entry], contests.behind[is_entry]
    residual = (ahead - (ahead + behind) * share[pair]) / np.sqrt(variance[pair])
    mean, spread = _moments(residual, cluster, pair, contests.copies, basis)
    if spread <= 0:
        return Untested("no pair has votes that are independent of one another")
    number = contests.copies[np.unique(cluster)].sum()
    mean *= number / max(number - parameters, 1)
    effective = mean**2 / spread
    return FitTest(
        statistic=statistic,
        degrees=degrees,
        dispersion=mean / degrees,
        p_value=float(chi2.sf(statistic / mean * effective, effective)),
    )


def _parts(contests: Contests, items: int) -> IntArray:
    """Return the number of each item's part: within a part, each item beats each by some way.

    Between parts all votes go one way: there the likeliest law has shares of 0 and 1 and fits.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    has_won, has_lost = contests.wins > 0, contests.losses > 0
    winners = np.concatenate([contests.first[has_won], contests.second[has_lost]])
    losers = np.concatenate([contests.second[has_won], contests.first[has_lost]])
    graph = coo_array((np.ones(winners.size), (winners, losers)), (items, items))
    part: IntArray = connected_components(graph, connection="strong")[1]
    return part


def _free_shares(votes: Votes, part: IntArray) -> int:
    """Return the number of free shares of choice: one less than items, in each set of alternatives.

    Only items of the chosen one's part count.
    """
    lengths = np.diff(votes.starts)
    keys = np.random.default_rng(0).integers(2**63, size=part.size)  # their sum tells a set
    is_rival = part[votes.others] == np.repeat(part[votes.chosen], lengths)
    sums = np.add.reduceat(np.where(is_rival, keys[votes.others], 0), votes.starts[:-1])
    rivals = np.add.reduceat(is_rival.astype(np.intp), votes.starts[:-1])
    _, first = np.unique(sums + keys[votes.chosen], return_index=True)
    return int(rivals[first].sum())


def _rewards(
    voted: VotedRewards,
    part: IntArray,
    first: IntArray,
    second: IntArray,
    wins: FloatArray,
    losses: FloatArray,
) -> FloatArray:
    """Return the likeliest rewards of the contests, part by part."""
    rewards = voted.rewards.copy()
    for number in np.unique(part[first]):
        items = np.flatnonzero(part == number)
        here = part[first] == number
        a, b = np.searchsorted(items, first[here]), np.searchsorted(items, second[here])
        weights = np.concatenate([wins[here], losses[here]])
        has_votes = weights > 0
        size = int(has_votes.sum())
        contests = Votes(
            items=tuple(items.tolist()),
            chosen=np.concatenate([a, b])[has_votes],
            others=np.concatenate([b, a])[has_votes],
            starts=np.arange(size + 1),
            weights=weights[has_votes],
            cluster=np.arange(size),
            cluster_is="vote",
            count=size,
        )
        rewards[items] = fitted(contests).rewards
    return rewards


def _fitted_directions(
    first: IntArray, second: IntArray, variance: FloatArray, items: int, parameters: int
) -> FloatArray:
    """Return the directions of standardised residuals that the fit takes up, orthonormal columns."""
    information = np.zeros((items, items))
    information[first, second] = information[second, first] = -variance
    information[np.diag_indices(items)] = -information.sum(axis=1)
    values, vectors = np.linalg.eigh(information)
    scaled = vectors[:, items - parameters :] / np.sqrt(values[items - parameters :])
    directions: FloatArray = np.sqrt(variance)[:, None] * (scaled[first] - scaled[second])
    return directions


def _moments(
    residual: FloatArray, cluster: IntArray, pair: IntArray, copies: FloatArray, basis: FloatArray
) -> tuple[float, float]:
    """Return the mean of X² and half of its variance, from the clusters' standardised residuals.

    What the fit takes up is projected out.
    """
    from scipy.sparse import csr_array

    rows = csr_array((residual / np.sqrt(copies[cluster]), (cluster, pair)), (copies.size, basis.shape[0]))
    squares = (rows.T @ rows).tocsr()
    across = squares @ basis
    within = basis.T @ across
    own = (rows**2).sum(axis=1)
    for start in range(0, copies.size, _PIECE):
        own[start : start + _PIECE] -= np.square(rows[start : start + _PIECE] @ basis).sum(axis=1)
    mean = own.sum()
    spread = (squares**2).sum() - 2 * np.square(across).sum() + np.square(within).sum()
    return float(mean), float(spread - np.sum(own**2 / copies))


_PIECE = 2**14


def _why_not(votes: Votes, contests: Contests, is_inside: object) -> str:
    degree = np.bincount(np.concatenate([contests.first, contests.second]))
    pairs, items = contests.first.size, len(votes.items)
    if degree.max() == pairs == items - 1:
        if items == 2:
            return "there is one pair only"
        centre = shown(votes.items[int(degree.argmax())])
        return f"every comparison is with {centre}, so each share has a reward of its own"
    return f"{pairs} pairs compare {items} items, no more than there are rewards to estimate"
