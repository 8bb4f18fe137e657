"""Sampled evidence: choices among K candidates, simulated, against the law of the winner."""

from __future__ import annotations

import time

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


def sampled_evidence(*, cases: int, seed: int) -> Evidence:
    """Compare simulated winners with p_t H, atom by atom.

    Null hypothesis: the number of times that an atom wins is binomial with the probability p_t H.
    Each of its two tails is compared with `ERROR_RATE`, shared among all tails of all laws
    (Bonferroni). The tails are exact, so the error rate is a proved bound.

    Parameters
    ----------
    cases : int
        Number of laws p_t, each from a random loop.
    seed : int
        Seed of the laws and of the choices.

    Returns
    -------
    Evidence
        Its margin is the logarithm (base 10) of the smallest tail probability over its threshold.
    """
    begin, rng = time.perf_counter(), np.random.default_rng(seed)
    least, attained, witness, nontrivial = np.inf, "", None, 0
    for _ in range(cases):
        loop, t = _random_loop(rng)
        log_probs = EngineLaws(loop, t).log_probs(t)
        probs = np.exp(log_probs) / np.exp(log_probs).sum()
        log_ratio = curation.log_curation_ratio(loop.law.rewards, K=loop.K, log_probs=log_probs)
        expected = np.minimum(probs * np.exp(log_ratio), 1.0)
        counts = winners(loop.law.rewards, probs, int(loop.K), DRAWS, rng)
        tails = _least_tails(counts, expected)
        threshold = ERROR_RATE / (cases * 2 * counts.size)
        margin = float(np.log10(tails.min() / threshold)) if tails.min() > 0 else -np.inf
        nontrivial += loop.K > 1
        if margin < least:
            least, attained = margin, f"{loop!r}, p_{t}"
        if margin < 0 and witness is None:
            witness = Witness(
                f"{loop!r}, p_{t}: rewards {loop.law.rewards.tolist()}, probabilities "
                f"{probs.tolist()}, winners {counts.tolist()} of {DRAWS}",
                f"{margin:.3g}",
                f"atom {int(tails.argmin())}",
                "from recurate.paper_checks.evidence.gathering.sampled import sampled_evidence\n"
                f"print(sampled_evidence(cases={cases}, seed={seed}))",
            )
    return Evidence(
        kind="sampled",
        cases=cases,
        seconds=time.perf_counter() - begin,
        tried=f"{DRAWS} choices from each p_t, 2 to 8 atoms, K from 1 to 16, t to 5",
        allowance=f"family-wise error rate {ERROR_RATE:g}: exact binomial tails, Bonferroni",
        seed=seed,
        nontrivial=nontrivial,
        least_margin=float(least),
        attained=attained,
        witness=witness,
        cause="" if witness is None else f"by chance with a probability of {ERROR_RATE:g} at most",
    )


def _least_tails(counts: IntArray, probs: FloatArray) -> FloatArray:
    """Return P(X <= count) or P(X >= count), whichever is less, for binomial X of `DRAWS` draws."""
    # As beta integrals, by which scipy.stats computes them too: to import it takes half a second.
    at_most = special.betaincc(counts + 1.0, DRAWS - counts, probs)
    at_least = special.betainc(counts, DRAWS - counts + 1.0, probs)
    return np.minimum(np.where(counts == DRAWS, 1.0, at_most), np.where(counts == 0, 1.0, at_least))


def _random_loop(rng: np.random.Generator) -> tuple[CurationLoop, int]:
    size = int(rng.integers(2, 9))
    masses = np.exp(rng.uniform(-4.0, 0.0, size))
    law = RewardLaw(rng.choice((1.0, 3.0, 8.0)) * rng.uniform(size=size), masses / masses.sum())
    K, lam = rng.choice((1, 2, 2, 3, 4, 16)), rng.choice((0.25, 1.0, 4.0, np.inf))
    return CurationLoop(law, K=int(K), lam=float(lam)), int(rng.integers(0, 6))
