"""Votes that follow from rewards, and some that do not, for tests of what is said about votes."""

import numpy as np

from recurate.numerics.votes.votes import Votes


def made(n, chosen, others, weights=None, cluster=None, cluster_is="vote"):
    """Votes from arrays of numbers; `others` of shape (choices,) or (choices, K - 1)."""
    size = chosen.size
    cluster = np.arange(size) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    return Votes(
        items=tuple(f"i{number}" for number in range(n)),
        chosen=chosen,
        others=others.ravel(),
        starts=np.arange(size + 1) * (others.size // size),
        weights=np.ones(size) if weights is None else weights,
        cluster=cluster,
        cluster_is=cluster_is,
        count=int(cluster.max()) + 1,
    )


def shares_of(rewards):
    """Shares of the choices of each over each other one."""
    return 1 / (1 + np.exp(rewards - rewards[:, None]))


def all_pairs(n, each):
    first, second = np.triu_indices(n, 1)
    return np.repeat(first, each), np.repeat(second, each)


def of_pairs(rng, shares, each, ties=0.0):
    """So many independent votes on each pair; `ties` times the rarer share of it are tied."""
    n = len(shares)
    first, second = all_pairs(n, each)
    share = shares[first, second]
    tied_share = ties * np.minimum(share, 1 - share)
    uniform = rng.random(first.size)
    is_first = uniform < share - tied_share / 2
    is_tied = ~is_first & (uniform < share + tied_share / 2)
    chosen, others = np.where(is_first, first, second), np.where(is_first, second, first)
    vote = np.arange(first.size)
    return made(
        n,
        np.concatenate([chosen, others[is_tied]]),
        np.concatenate([others, chosen[is_tied]]),
        np.concatenate([np.where(is_tied, 0.5, 1.0), np.full(is_tied.sum(), 0.5)]),
        np.concatenate([vote, vote[is_tied]]),
    )


def of_three_people(rng, shares, each, repeats=0.7):
    """On each of so many rows a pair, three votes: two repeat the first one so often."""
    n = len(shares)
    first, second = all_pairs(n, each)
    own = rng.random((3, first.size)) < shares[first, second]
    is_repeated = rng.random((3, first.size)) < repeats
    is_first = np.where(is_repeated, own[0], own).ravel()
    first, second = np.tile(first, 3), np.tile(second, 3)
    return made(
        n,
        np.where(is_first, first, second),
        np.where(is_first, second, first),
        cluster=np.tile(np.arange(first.size // 3), 3),
        cluster_is="row",
    )


def of_prompts(rng, shares, each, prompts, repeats=0.5):
    """Votes on all pairs; within a prompt, those on one pair are so often decided together."""
    n = len(shares)
    first, second = all_pairs(n, each)
    prompt = rng.permutation(np.arange(first.size) % prompts)
    together = rng.random((prompts, n, n))[prompt, first, second]
    alone = rng.random(first.size)
    is_repeated = rng.random(first.size) < repeats
    is_first = np.where(is_repeated, together, alone) < shares[first, second]
    return made(
        n,
        np.where(is_first, first, second),
        np.where(is_first, second, first),
        cluster=prompt,
        cluster_is="prompt",
    )


def among(rng, rewards, choices, K=4):
    """Luce's choices among K items at random."""
    n = rewards.size
    shown = rng.permuted(np.tile(np.arange(n), (choices, 1)), axis=1)[:, :K]
    return chosen_of(n, shown, (rewards[shown] + rng.gumbel(size=shown.shape)).argmax(axis=1))


def chosen_of(n, shown, place):
    """Votes of which the choice is in that place of what was shown."""
    is_chosen = np.arange(shown.shape[1]) == place[:, None]
    return made(n, shown[is_chosen], shown[~is_chosen].reshape(len(shown), -1))
