"""Sampled evidence for the loop on N choices a round: simulated loops, and their mean distance.

Null hypothesis: the mean distance E TV(p^_t, p_inf) is at most the claim's bound. A distance is
between 0 and 1, so by Hoeffding's inequality the mean of R independent ones exceeds its expectation
by x with a probability of at most exp(-2 R x²).
"""

from __future__ import annotations

import math
import time

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.evidence.evidence import Evidence, Witness
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
    runs, size = laws.shape
    places = rng.uniform(size=(runs, number, int(loop.K), 1))
    drawn = (places > np.cumsum(laws, axis=1)[:, None, None, :-1]).sum(axis=-1)
    # The largest reward plus Gumbel noise is Bradley–Terry's choice.
    heights = loop.law.rewards[drawn] + rng.gumbel(size=drawn.shape)
    taken = np.take_along_axis(drawn, heights.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    places_of = taken + size * np.arange(runs)[:, None]
    counts = np.bincount(places_of.ravel(), minlength=runs * size).reshape(runs, size)
    curated = counts / number
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
        Its margin is the bound, and what the mean may exceed it by, less the mean.
    """
    begin, source = time.perf_counter(), np.random.default_rng(seed)
    least, attained, witness, nontrivial = math.inf, "", None, 0
    bound = statement.bound_function()
    allowance = math.sqrt(math.log(cases * ROUNDS / ERROR_RATE) / (2 * RUNS))
    for case in range(cases):
        loop, start, number = _random_case(source)
        limit, means = mean_distances(loop, start, number, seed + case)
        nontrivial += loop.K > 1
        top = loop.law.rewards == loop.law.rewards.max()
        for t, mean in enumerate(means, 1):
            allowed = bound(
                K=loop.K,
                lam=loop.lam,
                total_variation=float(np.abs(start - limit).sum() / 2),
                top_mass=float(loop.law.probs[top].sum()),
                limit_top_mass=float(limit[top].sum()),
                choices=number,
                atoms=start.size,
                steps=t,
            )
            margin = float(allowed) + allowance + _FIXED_POINT_ERROR - float(mean)
            words = f"{loop!r}, p_0 {start.tolist()}, N = {number}, t = {t}"
            if margin < least:
                least, attained = margin, words
            if margin < 0 and witness is None:
                witness = Witness(
                    words,
                    f"{margin:.3g}",
                    f"t = {t}",
                    f"from {__name__} import sampled_evidence\n"
                    f"print(sampled_evidence(cases={cases}, seed={seed}))",
                )
    return Evidence(
        kind="sampled",
        cases=cases,
        seconds=time.perf_counter() - begin,
        tried=f"{RUNS} simulated loops each, 2 to 6 atoms, K to 4, N = 10 or 40, t to {ROUNDS}",
        allowance=f"family-wise error rate {ERROR_RATE:g}: Hoeffding's inequality, Bonferroni",
        seed=seed,
        nontrivial=nontrivial,
        least_margin=least,
        attained=attained,
        witness=witness,
        cause="" if witness is None else f"by chance with a probability of {ERROR_RATE:g} at most",
    )


def _random_case(source: np.random.Generator) -> tuple[CurationLoop, FloatArray, int]:
    size = int(source.integers(2, 7))
    first, second = np.exp(source.uniform(-4.0, 0.0, (2, size)))
    law = RewardLaw(source.choice((1.0, 3.0)) * source.uniform(size=size), first / first.sum())
    K, lam = int(source.choice((1, 2, 3, 4))), float(source.choice((0.25, 1.0, 4.0)))
    start = law.probs if source.uniform() < 0.5 else second / second.sum()
    return CurationLoop(law, K=K, lam=lam), start, int(source.choice((10, 40)))
