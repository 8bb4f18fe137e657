"""The exact law of a choice among distinct entries of a finite pool, where it has a closed form."""

from __future__ import annotations

from typing import Any

import numpy as np

from recurate.numerics.validation import FloatArray, candidates, rewards_vector, shown


def best_of_distinct(rewards: Any, K: Any) -> FloatArray:
    """Return how often each entry of a pool is the best of K distinct ones, shape (n,).

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Rewards of the pool; of those that tie, a random one is taken.
    K : int
        Number of candidates, at most n, drawn without replacement.

    Returns
    -------
    ndarray
        Probabilities, which sum to one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    At rank i from below C(i-1, K-1)/C(n, K): the others are among the i - 1 below. That is K/n at
    the top, and each further one is (i-K)/(i-1) of the one above it. For other choices among
    distinct candidates no closed form is known. With replacement it is p H of `BestOf`.

    Examples
    --------
    >>> best_of_distinct([3.0, 1.0, 2.0], 2).round(4).tolist()
    [0.6667, 0.0, 0.3333]
    """
    values = rewards_vector(rewards)
    n, K = values.size, candidates(K)
    if K > n:
        raise ValueError(f"K must be at most the {n:,} entries of the pool; got {shown(K)}")
    rank = np.arange(n, 1.0, -1.0)
    factors = np.maximum(rank - K, 0.0) / (rank - 1.0)
    with np.errstate(divide="ignore"):
        log_probs = np.log(K / n) + np.append(0.0, np.cumsum(np.log(factors)))
    levels, index = np.unique(-values, return_inverse=True)
    index.sort()
    level = np.bincount(index, np.exp(log_probs)) / np.bincount(index)
    return level[np.searchsorted(levels, -values)]
