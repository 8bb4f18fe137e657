"""Sampled evidence for the loop on N choices a round: simulated loops, and their mean distance.

Null hypothesis: the mean distance E TV(p^_t, p_inf) is at most the claim's bound. A distance is
between 0 and 1, so by Hoeffding's inequality the mean of R independent ones exceeds its expectation
by x with a probability of at most exp(-2 R x²).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.gathering.sampled import (
    HOEFFDING,
    Sample,
    gathered,
    means_margins,
)
from recurate.paper_checks.runs.simulated import bradley_terry, candidates, shares_of_winners
from recurate.theory.fixed_points.finite_sample_loop import statement

ERROR_RATE = 1e-10
"""Probability that a run of this evidence raises a false alarm, at most."""

RUNS = 2000
"""Simulated loops, for each loop that is tried."""

ROUNDS = 4
"""Rounds that each is followed."""

_FIXED_POINT_ERROR = 1e-9


def next_laws(
    loop: CurationLoop, laws: FloatArray, number: int, rng: np.random.Generator
) -> FloatArray:
    """Simulate a round of choices literally, in many loops side by side.

    Parameters
    ----------
    loop : CurationLoop
        K is finite, and λ too.
    laws : ndarray, shape (R, n)
        The law of each.
    number : int
        Number N of choices.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (R, n)
        Real data, and the shares of the atoms among the winners.
    """
    drawn = candidates(laws, number, int(loop.K), rng)
    liked = bradley_terry(drawn, laws, loop.law.rewards, rng)
    curated = shares_of_winners(drawn, liked, laws.shape[1])
    return (loop.law.probs + loop.lam * curated) / (1.0 + loop.lam)


def mean_distances(
    loop: CurationLoop, start: FloatArray, number: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return p_inf, shape (n,), and simulated mean distances from it, shape (ROUNDS,)."""
    rng = np.random.default_rng(seed)
    limit = loop.fixed_point().probs
    laws, means = np.tile(start, (RUNS, 1)), []
    for _ in range(ROUNDS):
        laws = next_laws(loop, laws, number, rng)
        means.append(np.abs(laws - limit).sum(axis=1).mean() / 2)
    return limit, np.array(means)


def sampled_evidence(*, cases: int, seed: int) -> Evidence:
    """Simulate loops on N choices a round, and compare mean distances with the claim's bound.

    Parameters
    ----------
    cases : int
        Number of random loops.
    seed : int
        Seed of the loops and of the choices.

    Returns
    -------
    Evidence
        Its margin is that of `means_margins`.
    """
    return gathered(
        _samples(cases, seed),
        module=__name__,
        cases=cases,
        seed=seed,
        tried=f"{RUNS} simulated loops each, 2 to 6 atoms, K to 4, N = 10 or 40, t to {ROUNDS}",
        method=HOEFFDING,
        error_rate=ERROR_RATE,
    )


def _samples(cases: int, seed: int) -> Iterator[Sample]:
    source, bound = np.random.default_rng(seed), statement.bound_function()
    for case in range(cases):
        loop, start, number = _random_case(source)
        limit, means = mean_distances(loop, start, number, seed + case)
        top = loop.law.rewards == loop.law.rewards.max()
        allowed = [
            bound(
                K=loop.K,
                lam=loop.lam,
                total_variation=float(np.abs(start - limit).sum() / 2),
                top_mass=float(loop.law.probs[top].sum()),
                limit_top_mass=float(limit[top].sum()),
                choices=number,
                atoms=start.size,
                steps=t,
            )
            for t in range(1, ROUNDS + 1)
        ]
        excess = means - np.array(allowed, dtype=float) - _FIXED_POINT_ERROR
        margins = means_margins(excess, RUNS, cases * ROUNDS, ERROR_RATE)
        words = f"{loop!r}, p_0 {start.tolist()}, N = {number}"
        worst = int(excess.argmax())
        yield Sample(float(margins[worst]), words, f"t = {worst + 1}", nontrivial=bool(loop.K > 1))


def _random_case(source: np.random.Generator) -> tuple[CurationLoop, FloatArray, int]:
    size = int(source.integers(2, 7))
    first, second = np.exp(source.uniform(-4.0, 0.0, (2, size)))
    law = RewardLaw(source.choice((1.0, 3.0)) * source.uniform(size=size), first / first.sum())
    K, lam = int(source.choice((1, 2, 3, 4))), float(source.choice((0.25, 1.0, 4.0)))
    start = law.probs if source.uniform() < 0.5 else second / second.sum()
    return CurationLoop(law, K=K, lam=lam), start, int(source.choice((10, 40)))
