"""Rewards from votes: the Bradley–Terry–Luce law of choice that is likeliest, and its errors.

A choice among the items S takes i with probability e^{r_i} / sum_{j in S} e^{r_j}. Libraries fit
such laws, but none does what is needed here: choix has no standard errors and, for choices among
more than two, no weights (a resampled vote counts twice), statsmodels has such choices by way of a
parameter for each of them. So the likelihood is written here; the tests ask both libraries.

It is maximised by Newton's method with steps that always gain (`_likeliest`): measured against
SciPy's trust-exact that is some ten times as quick, and exact where the other stops up to 1e-7 off.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray, positive_number
from recurate.numerics.votes.connection import require_connected
from recurate.numerics.votes.votes import IntArray, Votes

MOST_ITEMS = 3000
"""Most items: for so many, matrices over pairs of items take .7 GB and a quarter of a minute."""

SMALL_STEP = 1e-9
"""The last step of Newton's method moves rewards at most so far apart, in log-odds.

It converges quadratically: what remains after that step is rounding.
"""

_FEW = 8  # items, all of which are shown
_MOST_STEPS = 1000
_WIDEST_PRIOR = 1e6
_LARGEST_CONDITION = 1e12
_MOST_ROUNDING = 1e-6
_SMALL = 2**20  # choices times items, below which dense products are quicker


@dataclass(frozen=True, eq=False)
class VotedRewards(ReadOnlyArrays):
    """Rewards that were estimated from votes.

    Attributes
    ----------
    votes : Votes
        What they were estimated from.
    rewards : ndarray, shape (items,)
        In log-odds, in the order of ``votes.items``; their mean is 0.
    prior : float or None
        Standard deviation of the normal prior of each reward; None without one.
    """

    votes: Votes
    rewards: FloatArray
    prior: float | None = None

    def __repr__(self) -> str:
        rewards = self.rewards.round(4) + 0.0  # which turns -0.0 into 0.0
        if rewards.size <= _FEW:
            pairs = zip(self.items, rewards.tolist(), strict=True)
            what = ", ".join(f"{shown(item)}: {reward}" for item, reward in pairs)
        else:
            what = f"{rewards.size:,} items, rewards from {rewards.min()} to {rewards.max()}"
        by = "" if self.prior is None else f"; prior: {self.prior:g}"
        return f"<VotedRewards {what}; votes: {self.votes.count:,}{by}>"

    @property
    def items(self) -> tuple[Hashable, ...]:
        """Labels of the items."""
        return self.votes.items

    def law(self) -> RewardLaw:
        """Return the law of the rewards at equal shares, each item a group."""
        return RewardLaw(self.rewards, groups=Labels(self.items, np.arange(len(self.items))))

    @cached_property
    def naive_covariance(self) -> FloatArray:
        """Covariance of the centred rewards as if votes were independent, shape (items, items).

        The inverse of Fisher's information; with a prior, of the posterior's curvature at its mode.
        """
        curvature = _Likelihood(self.votes).derivatives(self.rewards)[1]
        return read_only(_centred(np.linalg.inv(_pinned(curvature, _ridge_of(self.prior)))))

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the centred rewards, shape (items, items).

        Where votes depend on one another it is by clusters: the sandwich of Huber and White, with
        the factor G/(G-1) for G clusters (Liang and Zeger 1986, Biometrika 73). A prior counts as
        one more independent observation of each reward. Else it is `naive_covariance`.

        Raises
        ------
        ArithmeticError
            If rounding shows in it, as weights that differ by a factor of 1e8, or a prior of 1e5,
            may cause.
        """
        naive = self.naive_covariance
        if self.votes.cluster_is == "vote":
            return naive
        scores = _scores(self.votes, self.rewards)
        groups = self.votes.clusters
        middle = (scores.T @ scores).toarray() * (groups / (groups - 1))
        middle[np.diag_indices(len(self.items))] += _ridge_of(self.prior)
        covariance = _centred(naive @ middle @ naive)
        # Of an item whose votes are all ties the error is zero: the naive one is its scale.
        errors = np.sqrt(np.diag(naive) + abs(np.diag(covariance)))
        rounding = abs(covariance - covariance.T) / np.outer(errors, errors)
        if not rounding.max() < _MOST_ROUNDING:
            raise ArithmeticError(
                f"covariances by {self.votes.cluster_is}s must be known to {_MOST_ROUNDING:g}; "
                f"rounding spoils {rounding.max():.1g} of them: weights of votes differ too much, "
                "or the prior is too wide"
            )
        return read_only((covariance + covariance.T) / 2)

    @cached_property
    def standard_errors(self) -> FloatArray:
        """Standard errors of the centred rewards, in log-odds, shape (items,)."""
        return read_only(np.sqrt(np.maximum(np.diag(self.covariance), 0)))

    @cached_property
    def naive_standard_errors(self) -> FloatArray:
        """Standard errors as if all votes were independent, in log-odds, shape (items,)."""
        return read_only(np.sqrt(np.diag(self.naive_covariance)))


def rewards_from_votes(
    chosen: Iterable[Hashable],
    others: Iterable[Hashable | Sequence[Hashable]],
    *,
    weights: Any = None,
    clusters: Iterable[Hashable] | None = None,
    prior: float | None = None,
) -> VotedRewards:
    """Return the rewards that are likeliest, given what people chose (Bradley–Terry, Luce).

    Parameters
    ----------
    chosen : iterable of hashable, length n
        The item that each vote chose.
    others : iterable of hashable or of list, length n
        The item that it was chosen over; of a choice among K the K - 1 others, as a list, a tuple
        or an array.
    weights : array_like, shape (n,), optional
        Positive, one each by default. A tie is two votes of weight ½, one each way.
    clusters : iterable of hashable, length n, optional
        A label for each vote: those of one label (on one pair of answers, say, or by one person)
        may depend on one another, and standard errors allow for that. It takes many clusters, some
        fifty, for these errors to be good.
    prior : float, optional
        Standard deviation, in log-odds, of a normal prior of mean 0 for each reward, from 1e-6 to
        1e6. Then rewards are the posterior's mode and errors its curvature, and there are some for
        any votes.

    Returns
    -------
    VotedRewards
        Rewards in log-odds with mean 0, in the order of its `items`; `standard_errors`,
        `covariance`; and `law()`, which a `CurationLoop` takes.

    Raises
    ------
    TypeError
        If votes are not sequences of hashable labels, or weights or prior not real numbers.
    ValueError
        If there is no vote, lengths differ, a label is missing or a vote is on one item alone; if a
        weight is not positive, or more than 1e9 times another one; if the prior is out of its
        range; if there are more than 3,000 items, or fewer clusters than items; without a prior, if
        some set of items was never compared with the rest, or never wins or never loses against
        it: the message names the items.
    ArithmeticError
        If rounding hides the answer, as where nothing but a very wide prior decides.

    Notes
    -----
    A choice among the items S takes i with probability e^{r_i} / Σ_{j in S} e^{r_j}. A ranking of k
    items is k - 1 choices: the first among all, the second among the rest, and so on (Plackett and
    Luce). Given the rewards these are independent; still they are best put into one cluster.
    `recurate.numerics.votes.goodness.fit_test` tests that choices have this form.

    Examples
    --------
    Where a wins 3 of 4 votes, the odds of a over b are 3 to 1: the rewards differ by log 3.

    >>> voted = rewards_from_votes(["a", "a", "a", "b"], ["b", "b", "b", "a"])
    >>> voted.items, voted.rewards.round(4).tolist()  # log(3)/2 = .5493
    (('a', 'b'), [0.5493, -0.5493])
    >>> voted
    <VotedRewards 'a': 0.5493, 'b': -0.5493; votes: 4>
    >>> voted.standard_errors.round(4).tolist()  # half of sqrt(1/3 + 1/1) = 1.1547
    [0.5774, 0.5774]

    Of four choices among a, b and c two are a: its odds over each other one are 2 to 1.

    >>> others = [["b", "c"], ["b", "c"], ["a", "c"], ["a", "b"]]
    >>> rewards_from_votes("aabc", others).rewards.round(4).tolist()  # 2/3, -1/3 of log 2
    [0.4621, -0.231, -0.231]
    """
    return fitted(Votes.of(chosen, others, weights, clusters), prior)


def fitted(
    votes: Votes, prior: float | None = None, *, start: FloatArray | None = None
) -> VotedRewards:
    """Return the likeliest rewards of votes; see `rewards_from_votes`.

    Covariances are computed when they are asked for: a fit to resampled votes, from the last
    rewards as `start`, takes a millisecond for 20 items.
    """
    n = len(votes.items)
    if prior is not None:
        prior = positive_number(prior, "prior")
        if not 1 / _WIDEST_PRIOR <= prior <= _WIDEST_PRIOR:
            raise ValueError(f"prior must be from 1e-06 to 1e+06, in log-odds; got {prior:g}")
    if n > MOST_ITEMS:
        raise ValueError(
            f"votes must be among at most {MOST_ITEMS:,} items; got {n:,}, as if "
            "identifiers of votes or answers were items"
        )
    if votes.cluster_is != "vote" and votes.clusters < n:
        raise ValueError(
            f"votes must be of at least as many {votes.cluster_is}s as there are items ({n}), or "
            f"their standard errors mean nothing; got {votes.clusters}: leave clusters out if "
            "votes are independent"
        )
    if prior is None:
        require_connected(votes)
    first = np.zeros(n) if start is None else start
    return VotedRewards(votes, _likeliest(_Likelihood(votes), first, _ridge_of(prior)), prior)


class _Likelihood:
    """The logarithm of the likelihood of rewards; votes between two items are counted by pair."""

    def __init__(self, votes: Votes) -> None:
        n = len(votes.items)
        between_two = np.diff(votes.starts) == 1
        pairs = votes.chosen * n + votes.others[votes.starts[:-1]]
        self._wins = sums(pairs[between_two], votes.weights[between_two], n**2).reshape(n, n)
        self._compared = self._wins + self._wins.T
        self._among_more = None if between_two.all() else votes.subset(~between_two)

    def derivatives(self, rewards: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return its gradient, shape (items,), and the negative of its second derivative.

        Both are sums over pairs of items of what one gains and the other loses: so nothing cancels
        where probabilities are next to 0 or 1, or weights differ much.
        """
        with np.errstate(over="ignore"):  # of odds: the probability is 0 then
            upset = 1 / (1 + np.exp(rewards[:, None] - rewards))  # that the second one is chosen
        gain, links = self._wins * upset, self._compared * upset * upset.T
        if self._among_more is not None:
            more_gain, more_links = _among_more(self._among_more, rewards)
            gain, links = gain + more_gain, links + more_links
        curvature = np.diag(links.sum(axis=1)) - links
        return (gain - gain.T).sum(axis=1), curvature


def _among_more(votes: Votes, rewards: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what the chosen gain from each other one, and the links of pairs of items."""
    from scipy.sparse import csr_array

    n = rewards.size
    every, starts = votes.alternatives
    lengths = np.diff(starts)
    shares = _shares(rewards, every, starts)
    of_others = np.delete(np.repeat(votes.weights, lengths) * shares, starts[:-1])
    pairs = np.repeat(votes.chosen, lengths - 1) * n + votes.others
    gain = sums(pairs, of_others, n**2).reshape(n, n)
    roots = np.repeat(np.sqrt(votes.weights), lengths) * shares
    rows = csr_array((roots, every, starts), (votes.chosen.size, n))
    if votes.chosen.size * n <= _SMALL:
        table = rows.toarray()
        links: FloatArray = table.T @ table
    else:
        links = (rows.T @ rows).toarray()
    links[np.diag_indices(n)] = 0  # an item with itself cancels in the end, less its rounding
    return gain, links


def _shares(rewards: FloatArray, every: IntArray, starts: IntArray) -> FloatArray:
    """Return the probability of each alternative of each choice."""
    lengths = np.diff(starts)
    found = rewards[every]
    odds = np.exp(found - np.repeat(np.maximum.reduceat(found, starts[:-1]), lengths))
    shares: FloatArray = odds / np.repeat(np.add.reduceat(odds, starts[:-1]), lengths)
    return shares


def _likeliest(likelihood: _Likelihood, rewards: FloatArray, ridge: float) -> FloatArray:
    """Return the maximum, centred, by Newton's method with the damping of Sun and Tran-Dinh.

    Along a step d the second derivative changes by at most the factor e^{t b}, b the largest
    difference of two entries of d; so the part log(1 + b)/b of it always gains, and next to the
    maximum it is all of it ("Generalized self-concordant functions", Mathematical Programming 178,
    2019, section 4). The likelihood itself is never needed.

    Raises
    ------
    ArithmeticError
        If the step does not become as small as `SMALL_STEP`, or the curvature there is so flat in
        some direction that its inverse, which the errors are made of, has lost more than 12 digits.
    """
    reach = math.inf
    for _ in range(_MOST_STEPS):
        gradient, curvature = likelihood.derivatives(rewards)
        curvature = _pinned(curvature, ridge)
        try:
            step = np.linalg.solve(curvature, gradient - ridge * rewards)
        except np.linalg.LinAlgError:
            break
        reach = float(np.ptp(step))
        if reach <= SMALL_STEP and np.linalg.cond(curvature, 1) < _LARGEST_CONDITION:
            centred: FloatArray = rewards + step - np.mean(rewards + step)
            return centred
        if reach <= SMALL_STEP or not math.isfinite(reach):
            break
        rewards = rewards + step * (math.log1p(reach) / reach)
    raise ArithmeticError(
        "the likeliest rewards must stand out from rounding; they do not, for weights of votes "
        f"differ too much, or the prior is too wide to decide (last step {reach:.1g})"
    )


def _pinned(curvature: FloatArray, ridge: float) -> FloatArray:
    """Return a curvature with a prior's, and with one in the direction of which no vote speaks."""
    n = curvature.shape[0]
    pinned: FloatArray = curvature + np.trace(curvature) / n**2
    pinned[np.diag_indices(n)] += ridge
    return pinned


def _ridge_of(prior: float | None) -> float:
    return 0.0 if prior is None else prior**-2


def _centred(covariance: npt.NDArray[np.floating[Any]]) -> FloatArray:
    """Return the covariance of the same numbers less their mean."""
    means = covariance.mean(axis=0)
    centred: FloatArray = covariance - means - means[:, None] + means.mean()
    return centred


def _scores(votes: Votes, rewards: FloatArray) -> Any:
    """Return each cluster's part of the gradient, as a sparse array of shape (clusters, items)."""
    from scipy.sparse import coo_array

    every, starts = votes.alternatives
    lengths = np.diff(starts)
    scores = -_shares(rewards, every, starts)
    scores[starts[:-1]] += 1
    scores *= np.repeat(votes.weights, lengths)
    where = np.repeat(votes.cluster, lengths), every
    return coo_array((scores, where), (votes.clusters, len(votes.items))).tocsr()
