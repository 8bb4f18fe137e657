"""Sampled evidence for the preference game: winners of pairs, of any preferences or of voters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.gathering.sampled import (
    BINOMIAL,
    DRAWS,
    Sample,
    gathered,
    tails_margin,
)
from recurate.paper_checks.runs.simulated import bradley_terry, candidates


def sampled_evidence(*, cases: int, seed: int) -> Evidence:
    """Compare simulated winners of pairs with p (1 + A p), answer by answer.

    Null hypothesis: the number of times that an answer wins is binomial with that probability.

    Parameters
    ----------
    cases : int
        Number of laws, each with preferences of its own.
    seed : int
        Seed of the laws and of the choices.

    Returns
    -------
    Evidence
        Its margin is that of `tails_margin`.
    """
    return gathered(
        _samples(cases, np.random.default_rng(seed)),
        module=__name__,
        cases=cases,
        seed=seed,
        tried=f"{DRAWS} pairs from each law, 2 to 6 answers: any preferences, or one to three "
        "Bradley–Terry voters, one of whom is drawn for each pair",
        method=BINOMIAL,
    )


def _samples(cases: int, rng: np.random.Generator) -> Iterator[Sample]:
    for case in range(cases):
        size = int(rng.integers(2, 7))
        masses = np.exp(rng.uniform(-4.0, 0.0, size))
        law = masses / masses.sum()
        pairs = candidates(law[None], DRAWS, 2, rng)[0]
        kind = _by_preferences if case % 2 else _by_voters
        words, advantages, first_wins = kind(size, pairs, rng)
        counts = np.bincount(np.where(first_wins, *pairs.T), minlength=size)
        expected = np.clip(law * (1.0 + advantages @ law), 0.0, 1.0)
        margin, answer = tails_margin(counts, expected, expected, cases)
        yield Sample(
            margin,
            f"{words}, from {law.tolist()}",
            f"answer {answer}",
            f"winners {counts.tolist()} of {DRAWS}",
        )


_Game = tuple[str, FloatArray, npt.NDArray[np.bool_]]
"""Preferences in words, A, and whether the first one of each pair wins."""


def _by_preferences(size: int, pairs: IntArray, rng: np.random.Generator) -> _Game:
    chances = np.triu(rng.uniform(size=(size, size)), 1)
    chances += np.tril(1.0 - chances.T, -1) + np.eye(size) / 2
    wins = rng.uniform(size=len(pairs)) < chances[pairs[:, 0], pairs[:, 1]]
    return f"preferences {chances.tolist()}", 2.0 * chances - 1.0, wins


def _by_voters(size: int, pairs: IntArray, rng: np.random.Generator) -> _Game:
    shares = rng.dirichlet(np.ones(rng.integers(1, 4)))
    rewards = rng.uniform(0.0, 4.0, (shares.size, size))
    voter = rng.choice(shares.size, size=len(pairs), p=shares)
    liked = np.empty(pairs.shape)
    for u, own in enumerate(rewards):
        hers = pairs[voter == u]
        liked[voter == u] = bradley_terry(hers, rewards, own, rng)
    gaps = rewards[:, :, None] - rewards[:, None, :]
    advantages = np.tensordot(shares, np.tanh(gaps / 2), axes=1)
    words = f"voters of shares {shares.tolist()}, rewards {rewards.tolist()}"
    return words, advantages, liked[:, 0] > liked[:, 1]
