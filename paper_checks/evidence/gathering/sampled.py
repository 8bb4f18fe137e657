"""Sampled evidence: choices among K candidates, simulated, against the law of the winner."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from scipy import special

from recurate.numerics import curation
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.sampling.curate import curate
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.evidence.evidence import Evidence, Witness
from recurate.paper_checks.runs.kinds import EngineLaws

ERROR_RATE = 1e-9
"""Probability that a run of sampled evidence raises a false alarm, at most."""

DRAWS = 10_000
"""Simulated choices for each law."""


def winners(
    rewards: FloatArray, probs: FloatArray, K: int, draws: int, rng: np.random.Generator
) -> IntArray:
    """Simulate Bradley–Terry choices literally: K candidates from a law, one of which is chosen.

    Parameters
    ----------
    rewards, probs : ndarray, shape (n,)
        Rewards of the atoms, and the law that candidates are drawn from.
    K : int
        Number of candidates.
    draws : int
        Number of choices.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of int, shape (n,)
        How often each atom was chosen.

    """
    chosen = curate(rewards, K, draws, probs=probs, rng=rng)
    return np.bincount(chosen, minlength=rewards.size)


class Sample(NamedTuple):
    """What simulated choices say about a claim in one case.

    Attributes
    ----------
    margin : float
        Logarithm (base 10) of a tail probability over its threshold; negative if they are against
        it, at the stated error rate.
    words : str
        The case.
    where : str
        Its place where the margin is least.
    data : str
        What was found.
    nontrivial : bool
        Whether the case is outside the degenerate ones.
    """

    margin: float
    words: str
    where: str
    data: str = ""
    nontrivial: bool = True


def gathered(
    samples: Iterable[Sample],
    *,
    module: str,
    cases: int,
    seed: int,
    tried: str,
    method: str,
    error_rate: float = ERROR_RATE,
) -> Evidence:
    """Return the evidence of simulated choices.

    Parameters
    ----------
    samples : iterable of Sample
        What they say, case by case.
    module : str
        Where the function `sampled_evidence` is that was called with `cases` and `seed`.
    cases, seed : int
        What that was given.
    tried, method : str
        What was tried, and by which inequality or tails it was compared.
    error_rate : float
        Probability of a false alarm, at most, in all cases together.
    """
    begin, found = time.perf_counter(), list(samples)
    least = min(found, key=lambda sample: sample.margin)
    bad = next((sample for sample in found if sample.margin < 0), None)
    witness = None
    if bad is not None:
        witness = Witness(
            f"{bad.words}: {bad.data}" if bad.data else bad.words,
            f"{bad.margin:.3g}",
            bad.where,
            f"from {module} import sampled_evidence\n"
            f"print(sampled_evidence(cases={cases}, seed={seed}))",
        )
    return Evidence(
        kind="sampled",
        cases=len(found),
        seconds=time.perf_counter() - begin,
        tried=tried,
        allowance=f"family-wise error rate {error_rate:g}: {method}, Bonferroni",
        seed=seed,
        nontrivial=sum(sample.nontrivial for sample in found),
        least_margin=least.margin,
        attained=f"{least.words}, at {least.where}",
        witness=witness,
        cause="" if witness is None else f"by chance with a probability of {error_rate:g} at most",
    )


def tails_margin(
    counts: IntArray, least: FloatArray, most: FloatArray, cases: int
) -> tuple[float, int]:
    """Compare counts of `DRAWS` independent choices with the least and largest probabilities.

    Null hypothesis: each count is binomial, with a probability between these two. Each of its two
    tails is compared with `ERROR_RATE`, shared among all tails of all cases (Bonferroni). The tails
    are exact, so the error rate is a proved bound.

    Parameters
    ----------
    counts, least, most : ndarray, shape (n,)
        How often each of n events happened, and between which probabilities it should.
    cases : int
        Number of cases of n events each.

    Returns
    -------
    float
        Logarithm (base 10) of the smallest tail probability over its threshold.
    int
        The event that it is of.
    """
    # As beta integrals, by which scipy.stats computes them too: to import it takes half a second.
    at_most = special.betaincc(counts + 1.0, DRAWS - counts, least)
    at_least = special.betainc(counts, DRAWS - counts + 1.0, most)
    tails = np.minimum(
        np.where(counts == DRAWS, 1.0, at_most), np.where(counts == 0, 1.0, at_least)
    )
    event, threshold = int(tails.argmin()), ERROR_RATE / (cases * 2 * counts.size)
    smallest = float(tails[event])
    return (math.log10(smallest / threshold) if smallest > 0 else -math.inf), event


def means_margins(
    excess: FloatArray, runs: int, comparisons: int, error_rate: float = ERROR_RATE
) -> FloatArray:
    """Compare means of independent numbers with bounds of their expectations.

    Null hypothesis: each expectation is within its bound. By Hoeffding's inequality the mean of R
    numbers in an interval of length 1 is off that by x or more with a probability of at most
    exp(-2 R x²), which is compared with the error rate, shared among all (Bonferroni).

    Parameters
    ----------
    excess : ndarray
        By how much each mean exceeds its bound, over the length of the interval.
    runs : int
        R.
    comparisons : int
        Number of means and bounds in all cases together.
    error_rate : float
        Probability of a false alarm, at most, in all of them.

    Returns
    -------
    ndarray
        Logarithms (base 10) of those probabilities over the threshold.
    """
    tails = -2.0 * runs * np.maximum(excess, 0.0) ** 2 / math.log(10.0)
    margins: FloatArray = tails + math.log10(comparisons / error_rate)
    return margins


BINOMIAL, HOEFFDING = "exact binomial tails", "Hoeffding's inequality"
"""The methods of `tails_margin` and `means_margins`."""


def sampled_evidence(*, cases: int, seed: int) -> Evidence:
    """Compare simulated winners with p_t H, atom by atom.

    Null hypothesis: the number of times that an atom wins is binomial with the probability p_t H.

    Parameters
    ----------
    cases : int
        Number of laws p_t, each from a random loop.
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
        tried=f"{DRAWS} choices from each p_t, 2 to 8 atoms, K from 1 to 16, t to 5",
        method=BINOMIAL,
    )


def _samples(cases: int, rng: np.random.Generator) -> Iterator[Sample]:
    for _ in range(cases):
        loop, t = _random_loop(rng)
        log_probs = EngineLaws(loop, t).log_probs(t)
        probs = np.exp(log_probs) / np.exp(log_probs).sum()
        log_ratio = curation.log_curation_ratio(loop.law.rewards, K=loop.K, log_probs=log_probs)
        expected = np.minimum(probs * np.exp(log_ratio), 1.0)
        counts = winners(loop.law.rewards, probs, int(loop.K), DRAWS, rng)
        margin, atom = tails_margin(counts, expected, expected, cases)
        yield Sample(
            margin,
            f"{loop!r}, p_{t}",
            f"atom {atom}",
            f"rewards {loop.law.rewards.tolist()}, probabilities {probs.tolist()}, winners "
            f"{counts.tolist()} of {DRAWS}",
            bool(loop.K > 1),
        )


def _random_loop(rng: np.random.Generator) -> tuple[CurationLoop, int]:
    size = int(rng.integers(2, 9))
    masses = np.exp(rng.uniform(-4.0, 0.0, size))
    law = RewardLaw(rng.choice((1.0, 3.0, 8.0)) * rng.uniform(size=size), masses / masses.sum())
    K, lam = rng.choice((1, 2, 2, 3, 4, 16)), rng.choice((0.25, 1.0, 4.0, np.inf))
    return CurationLoop(law, K=int(K), lam=float(lam)), int(rng.integers(0, 6))
