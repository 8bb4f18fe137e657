"""Rewards from votes: the Bradley–Terry–Luce law of choice that is likeliest, and its errors.

A choice among the items S takes i with probability e^{r_i} / sum_{j in S} e^{r_j}. Libraries fit
such laws, but none does what is needed here: choix has neither weights (a tie is half a vote each
way, a resampled vote counts twice) nor standard errors, statsmodels has no weighted choice among
more than two. So the likelihood is written here, and SciPy maximises it; both libraries are asked
in the tests.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.votes import Votes


@dataclass(frozen=True)
class VotedRewards(ReadOnlyArrays):
    """Rewards that were estimated from votes.

    Attributes
    ----------
    votes : Votes
        What they were estimated from.
    rewards : ndarray, shape (items,)
        In log-odds, in the order of ``votes.items``; their mean is 0.
    covariance : ndarray, shape (items, items)
        Of the centred rewards. By clusters (the sandwich of Huber and White), where votes depend
        on one another; else as of `naive_covariance`.
    naive_covariance : ndarray, shape (items, items)
        The inverse of Fisher's information, as if all votes were independent.
    prior : float or None
        Standard deviation of the normal prior of each reward; None without one.
    """

    votes: Votes
    rewards: FloatArray
    covariance: FloatArray
    naive_covariance: FloatArray
    prior: float | None = None

    @property
    def items(self) -> tuple[Hashable, ...]:
        """Labels of the items."""
        return self.votes.items

    @cached_property
    def standard_errors(self) -> FloatArray:
        """Standard errors of the centred rewards, shape (items,)."""
        return np.sqrt(np.diag(self.covariance))

    @cached_property
    def naive_standard_errors(self) -> FloatArray:
        """Standard errors as if all votes were independent, shape (items,)."""
        return np.sqrt(np.diag(self.naive_covariance))

    def law(self) -> RewardLaw:
        """Return the law of the rewards at equal shares, each item a group."""
        return RewardLaw(self.rewards, groups=Labels(self.items, np.arange(len(self.items))))


def rewards_from_votes(
    chosen: Iterable[Hashable],
    others: Iterable[Hashable | Sequence[Hashable]],
    *,
    weights: Any = None,
    clusters: Iterable[Hashable] | None = None,
    prior: float | None = None,
) -> VotedRewards:
    """Return the rewards that are likeliest, given what people chose.

    Parameters
    ----------
    chosen : iterable of hashable, length n
        The item that each vote chose.
    others : iterable of hashable or of list, length n
        The item, or the items, that it was chosen over.
    weights : array_like, shape (n,), optional
        Positive; a tie is two votes of weight ½, one each way.
    clusters : iterable of hashable, length n, optional
        A label for each vote; those of one label (on one pair of answers, or prompt) may depend on
        one another, and standard errors allow for it.
    prior : float, optional
        Standard deviation of a normal prior of each reward.
    """
    return fitted(Votes.of(chosen, others, weights, clusters), prior)


def fitted(votes: Votes, prior: float | None = None) -> VotedRewards:
    """Return the likeliest rewards of votes; see `rewards_from_votes`."""
    from scipy.optimize import minimize

    n = len(votes.items)
    alternatives, starts = _alternatives(votes)
    choice = np.repeat(np.arange(votes.chosen.size), np.diff(starts))
    total = votes.weights.sum()
    ridge = 0.0 if prior is None else 1 / (prior**2 * total)

    def shares(rewards: FloatArray) -> tuple[FloatArray, FloatArray]:
        r = rewards[alternatives]
        top = np.maximum.reduceat(r, starts[:-1])
        e = np.exp(r - top[choice])
        sums = np.add.reduceat(e, starts[:-1])
        return e / sums[choice], top + np.log(sums)

    def loss(rewards: FloatArray) -> tuple[float, FloatArray]:
        p, log_sum = shares(rewards)
        value = votes.weights @ (log_sum - rewards[votes.chosen]) / total
        gradient = np.bincount(alternatives, votes.weights[choice] * p, n)
        gradient -= np.bincount(votes.chosen, votes.weights, n)
        mean = rewards.mean()  # pins the one direction that no vote speaks of
        value += (mean**2 + ridge * rewards @ rewards) / 2
        return float(value), gradient / total + mean / n + ridge * rewards

    def hessian(rewards: FloatArray) -> FloatArray:
        p, _ = shares(rewards)
        curvature: FloatArray = _information(p) / total + 1 / n**2 + ridge * np.eye(n)
        return curvature

    def _information(p: FloatArray) -> FloatArray:
        from scipy.sparse import csr_array

        rows = csr_array((p, alternatives, starts), (votes.chosen.size, n))
        weighted = csr_array((votes.weights[choice] * p, alternatives, starts), rows.shape)
        product: FloatArray = -(weighted.T @ rows).toarray()
        product[np.diag_indices(n)] += np.bincount(alternatives, votes.weights[choice] * p, n)
        return product

    found = minimize(
        loss,
        np.zeros(n),
        jac=True,
        hess=hessian,
        method="trust-exact",
        options={"gtol": 1e-13, "maxiter": 200},
    )
    rewards = found.x - found.x.mean()
    p, _ = shares(rewards)
    information = _information(p) + (0 if prior is None else np.eye(n) / prior**2)
    naive = np.linalg.inv(information + total / n**2) - n**2 / total / n**2
    covariance = naive
    if votes.cluster_is != "vote":
        scores = np.zeros((votes.clusters, n))
        np.add.at(scores, (votes.cluster, votes.chosen), votes.weights)
        np.add.at(scores, (votes.cluster[choice], alternatives), -votes.weights[choice] * p)
        groups = votes.clusters
        covariance = naive @ (scores.T @ scores) @ naive * groups / max(groups - 1, 1)
    assert math.isfinite(rewards.sum())
    return VotedRewards(votes, rewards, covariance, naive, prior)


def _alternatives(votes: Votes) -> tuple[Any, Any]:
    """Return all items of each choice, and where each choice's begin."""
    starts = votes.starts + np.arange(votes.starts.size)
    every = np.empty(starts[-1], np.intp)
    is_first = np.zeros(every.size, bool)
    is_first[starts[:-1]] = True
    every[is_first], every[~is_first] = votes.chosen, votes.others
    return every, starts
