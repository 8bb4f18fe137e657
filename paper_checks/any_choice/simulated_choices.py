"""Sampled evidence for one choice, whatever people choose: how often members of a set win."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

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
from recurate.paper_checks.runs.simulated import LIKINGS, candidates, shares_of_winners


def proper_sets(size: int) -> IntArray:
    """Return all sets of atoms but the empty one and the whole, one a row of 0 and 1."""
    return np.array(list(np.ndindex((2,) * size)))[1:-1]


def random_case(rng: np.random.Generator) -> tuple[FloatArray, str, FloatArray, int]:
    """Return a law on 2 to 4 atoms, what is taken, rewards, and K.

    In half of the cases rewards are 0 and 1, as of people who seek one group and avoid the other.
    """
    size = int(rng.integers(2, 5))
    masses = np.exp(rng.uniform(-3.0, 0.0, size))
    rewards = rng.uniform(size=size)
    if rng.uniform() < 0.5:
        rewards = np.where(rng.permutation(size) < rng.integers(1, size), 0.0, 1.0)
    taken = str(rng.choice(list(LIKINGS)))
    return masses / masses.sum(), taken, rewards, int(rng.choice((1, 2, 2, 3, 4)))


def sampled_evidence(*, cases: int, seed: int) -> Evidence:
    """Simulate choices, and compare how often a member wins with u^K and 1 - (1-u)^K.

    Null hypothesis: the number of times that a set's member wins is binomial, with a probability
    between these two; for all sets of atoms.

    Parameters
    ----------
    cases : int
        Number of laws, each with a way of choosing.
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
        tried=f"{DRAWS} choices from each law, 2 to 4 atoms, K from 1 to 4: {', '.join(LIKINGS)}",
        method=BINOMIAL,
    )


def _samples(cases: int, rng: np.random.Generator) -> Iterator[Sample]:
    for _ in range(cases):
        law, taken, rewards, K = random_case(rng)
        drawn = candidates(law[None], DRAWS, K, rng)
        shares = shares_of_winners(drawn, LIKINGS[taken](drawn, law[None], rewards, rng), law.size)
        winners = np.rint(shares[0] * DRAWS).astype(np.int64)
        sets = proper_sets(law.size)
        u = sets @ law
        margin, event = tails_margin(sets @ winners, u**K, 1.0 - (1.0 - u) ** K, cases)
        yield Sample(
            margin,
            f"{taken} of {K} from {law.tolist()}, rewards {rewards.tolist()}",
            f"atoms {np.flatnonzero(sets[event]).tolist()}",
            f"winners {winners.tolist()} of {DRAWS}",
            K > 1,
        )
