"""Whether votes follow from one reward for each item: a test of Bradley–Terry's and Luce's law.

The residual of a pair is how often the first was chosen over the second, less how often it would be
by the rewards. Pearson's X² sums the squares of standardised ones: the square of a sum of vectors
x_c, one for each cluster of votes. Without the clusters' own squares it is Σ_{c≠d} x_c·x_d, which
has mean 0 and, on average, the variance 2 Σ_{c≠d} (x_c·x_d)², for few votes on a pair as for many.
An F law whose numerator has that mean and variance stands for that of X², as in Rao and Scott 1984
(Annals of Statistics 12, 46) and Thomas and Rao 1987 (Journal of the American Statistical
Association 82, 630). That own squares are left out of the variance is derived here.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.levels import sums
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.connection import parts_of
from recurate.numerics.votes.contests import Contests
from recurate.numerics.votes.fit import VotedRewards, fitted
from recurate.numerics.votes.votes import IntArray, Votes

_PIECE = 2**22  # most numbers of a dense piece


@dataclass(frozen=True)
class Misfit:
    """By how much one pair's votes depart from the rewards.

    Attributes
    ----------
    items : tuple of two hashables
        The one that was chosen more often than by the rewards, and the other.
    votes : float
        Number of votes on the two: the sum of their weights.
    share : float
        Share of these in which the first was chosen.
    share_by_rewards : float
        What it would be by the rewards.
    """

    items: tuple[Hashable, Hashable]
    votes: float
    share: float
    share_by_rewards: float


@dataclass(frozen=True)
class FitTest:
    """A test of the hypothesis that the votes follow from one reward for each item.

    Attributes
    ----------
    statistic : float
        Pearson's X²: over the pairs, the squared residual over its variance if all votes were
        independent and none a tie.
    degrees : int
        Degrees of freedom: pairs that were compared, less the items but one. (Where sets of items
        never lose against others, each set counts alone; choices among more than two may leave
        fewer.)
    dispersion : float
        Mean of the statistic over the degrees if the hypothesis holds, estimated: near 1 for
        independent choices between two, above where votes agree with one another, below where many
        are ties and for choices among more.
    p_value : float
        Probability of a statistic that is at least as large if the hypothesis holds.
    furthest : Misfit
        The pair that adds the most to the statistic. Of very many votes small departures are
        significant: this one tells how large they are.
    """

    statistic: float
    degrees: int
    dispersion: float
    p_value: float
    furthest: Misfit


@dataclass(frozen=True)
class Untested:
    """That votes do not test the fit.

    Attributes
    ----------
    reason : str
        Why not: a clause.
    """

    reason: str


def fit_test(voted: VotedRewards) -> FitTest | Untested:
    """Test whether pairwise shares follow from one reward for each item.

    Parameters
    ----------
    voted : VotedRewards
        The votes are tested, with their likeliest rewards: a prior has no part in it.

    Returns
    -------
    FitTest or Untested
        The latter if there are no more pairs than parameters, or all votes depend on one another.

    Notes
    -----
    Choices among more than two are tested by contests of two, the chosen one against each other:
    whether these depend on who else was there is not.

    Its level was measured (``tests/numerics/votes/test_goodness.py``). With fewer than some ten
    votes on a pair, or a few clusters, it rejects less often than it might.
    """
    from scipy.special import expit
    from scipy.stats import f

    votes, items = voted.votes, len(voted.items)
    contests = Contests.of(votes)
    # Between two parts all votes go one way: there the likeliest shares are 0 and 1, and fit.
    part = parts_of(votes)
    is_inside = part[contests.first] == part[contests.second]
    parameters = items - (int(part.max()) + 1)
    pairs = int(is_inside.sum())
    degrees = min(pairs, _free_shares(votes, part, pairs)) - parameters
    if degrees == 0:
        return Untested(_why_not(voted, contests, is_inside))

    contests = contests.among(is_inside)
    rewards = _rewards(voted, part, contests)
    log_odds = rewards[contests.first] - rewards[contests.second]
    share, upset = expit(log_odds), expit(-log_odds)
    residual = contests.wins * upset - contests.losses * share
    variance = (contests.wins + contests.losses) * share * upset
    added = residual**2 / variance
    statistic = float(np.sum(added))
    mean, effective = _moments(contests, share, upset, parameters)
    if mean <= 1e-12 * degrees * votes.weights.max():
        return Untested("votes do not differ, as where all are ties")
    if effective > 1e9:
        return Untested("no two votes that might test it are independent of each other")
    has_votes = np.bincount(contests.cluster, minlength=votes.clusters) > 0
    others = contests.copies[has_votes].sum() - 1
    return FitTest(
        statistic=statistic,
        degrees=degrees,
        dispersion=mean / degrees,
        p_value=float(f.sf(statistic / mean, effective, effective * others)),
        furthest=_misfit(voted, contests, share, int(added.argmax())),
    )


def _misfit(voted: VotedRewards, contests: Contests, share: FloatArray, pair: int) -> Misfit:
    first, second = (voted.items[int(of[pair])] for of in (contests.first, contests.second))
    votes = float(contests.wins[pair] + contests.losses[pair])
    observed, expected = float(contests.wins[pair]) / votes, float(share[pair])
    if observed >= expected:
        return Misfit((first, second), votes, observed, expected)
    return Misfit((second, first), votes, 1 - observed, 1 - expected)


def _free_shares(votes: Votes, part: IntArray, pairs: int) -> int:
    """Return the number of free shares: for each set that was chosen from, its items but one.

    Items of other parts than the chosen one's do not count.
    """
    lengths = np.diff(votes.starts)
    if lengths.max() == 1:
        return pairs
    keys = np.random.default_rng(0).integers(2**63, size=part.size)  # their sum tells a set
    is_rival = part[votes.others] == np.repeat(part[votes.chosen], lengths)
    sets = np.add.reduceat(np.where(is_rival, keys[votes.others], 0), votes.starts[:-1])
    rivals = np.add.reduceat(is_rival.astype(np.intp), votes.starts[:-1])
    _, where = np.unique(sets + keys[votes.chosen], return_index=True)
    return int(rivals[where].sum())


def _rewards(voted: VotedRewards, part: IntArray, contests: Contests) -> FloatArray:
    """Return the rewards that are likeliest by the contests of two, part by part."""
    chosen = np.concatenate([contests.first, contests.second])
    others = np.concatenate([contests.second, contests.first])
    weights = np.concatenate([contests.wins, contests.losses])
    rewards = voted.rewards.copy()
    place = np.empty(part.size, np.intp)
    for number in np.flatnonzero(np.bincount(part) > 1):
        members = np.flatnonzero(part == number)
        place[members] = np.arange(members.size)
        here = (part[chosen] == number) & (weights > 0)
        size = int(here.sum())
        votes = Votes(
            items=tuple(members.tolist()),
            chosen=place[chosen[here]],
            others=place[others[here]],
            starts=np.arange(size + 1),
            weights=weights[here],
            cluster=np.arange(size),
            cluster_is="vote",
            count=size,
        )
        rewards[members] = fitted(votes, start=rewards[members]).rewards
    return rewards


def _moments(
    contests: Contests, share: FloatArray, upset: FloatArray, parameters: int
) -> tuple[float, float]:
    """Return the mean of X², and the degrees of freedom of a χ² law with its relative variance.

    Parameters
    ----------
    contests : Contests
        In parts.
    share, upset : ndarray, shape (pairs,)
        Shares of choices of the first and of the second by the rewards: each keeps its digits.
    parameters : int
        Number of free rewards.

    Notes
    -----
    With the clusters' standardised residuals x as rows of X, S = X'X, and the projection H = D J D'
    on what the fit takes up, the mean is tr A, and half of the variance tr A² - Σ |(1-H) x|⁴, for
    A = (1-H) S (1-H). Here D has a column for each item, and J inverts Fisher's information: no
    matrix over pairs and items is dense.
    """
    from scipy.sparse import csr_array

    first, second, pair, cluster = contests.first, contests.second, contests.pair, contests.cluster
    number = contests.wins + contests.losses
    variance = number * share * upset
    roots = np.sqrt(variance)
    size, copies = contests.ahead + contests.behind, contests.copies[cluster]
    residual = contests.ahead * upset[pair] - contests.behind * share[pair]
    residual /= roots[pair] * np.sqrt(copies)
    shape = contests.copies.size, first.size
    x = csr_array((residual, (cluster, pair)), shape)
    items = int(second.max()) + 1
    design = csr_array(
        (
            np.concatenate([roots, -roots]),
            (np.tile(np.arange(first.size), 2), np.concatenate([first, second])),
        ),
        (first.size, items),
    )
    values, vectors = np.linalg.eigh((design.T @ design).toarray())
    scaled = vectors[:, items - parameters :] / np.sqrt(values[items - parameters :])
    inverse = scaled @ scaled.T

    square = x.T @ x
    half = square @ design
    once, twice = (design.T @ half).toarray() @ inverse, (half.T @ half).toarray() @ inverse
    mean = float(square.trace() - np.trace(once))
    whole = float((square**2).sum() - 2 * np.trace(twice) + np.sum(once * once.T))

    leverage = design.multiply(design @ inverse).sum(axis=1)
    fitted_part = leverage[pair] * residual  # H x, of clusters with votes on one pair
    several = np.flatnonzero(np.diff(x.indptr) > 1)
    for some in np.array_split(several, several.size * items // _PIECE + 1):
        rows = np.asarray((x[some] @ design) @ inverse)
        at = np.flatnonzero(np.isin(cluster, some))
        row, of_pair = np.searchsorted(some, cluster[at]), pair[at]
        gains = rows[row, first[of_pair]] - rows[row, second[of_pair]]
        fitted_part[at] = roots[of_pair] * gains
    rest = residual - fitted_part
    own = sums(cluster, residual * rest, contests.copies.size)
    spread = whole - float(np.sum(own**2 / contests.copies))
    effective = mean**2 / spread if spread > 1e-12 * mean**2 else np.inf
    # The fit goes towards each cluster's votes, and makes its residual smaller.
    part = size / number[pair] / copies
    mean = mean**2 / (mean - float(part @ (fitted_part * rest))) if mean > 0 else 0.0
    if several.size == 0:
        # Where the rarer choice of a pair was not seen at all, its own squares tell too little;
        # those of all pairs together do not. (They tell nothing where clusters tie pairs together.)
        kept = 1 - leverage * sums(pair, part**2 * copies, first.size)
        pooled = float(variance[pair] @ residual**2 / (variance @ kept))
        mean = max(mean, pooled * (first.size - parameters))
    return mean, effective


def _why_not(voted: VotedRewards, contests: Contests, is_inside: npt.NDArray[np.bool_]) -> str:
    pairs, items = contests.first.size, len(voted.items)
    degree = np.bincount(np.concatenate([contests.first, contests.second]))
    if items == 2:
        return "there is one pair only"
    if degree.max() == pairs == items - 1:
        centre = shown(voted.items[int(degree.argmax())])
        return f"every comparison is with {centre}, so rewards can give each pair its own share"
    if not is_inside.all():
        return "but for pairs of which one always won, there are as few pairs as rewards"
    if np.diff(voted.votes.starts).max() > 1:
        return "there are as few shares of choice as rewards, so rewards can give each its own"
    return f"{pairs} pairs are as few as the rewards of {items} items, so each can have its share"
