"""Sampled evidence for the general envelope: loops on finite training sets, and their mean shares.

Null hypothesis: the mean of p_t(φ) is between floor and ceiling, for every set φ of atoms. At least
a part c_t of p_t is real data for certain, c_0 = 1 and c_{t+1} = α_t + β_t c_t, so that p_t(φ) is
in an interval of length 1 - c_t.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recurate.numerics.validation import FloatArray
from recurate.paper_checks.any_choice.simulated_choices import proper_sets, random_case
from recurate.paper_checks.evidence.evidence import Evidence
from recurate.paper_checks.evidence.gathering.sampled import (
    HOEFFDING,
    Sample,
    gathered,
    means_margins,
)
from recurate.paper_checks.runs.simulated import LIKINGS, candidates, shares_of_winners
from recurate.theory.envelopes import share_envelope

RUNS = 2000
"""Simulated loops, for each loop that is tried."""

ROUNDS = 4
"""Rounds that each is followed."""

_ROUNDING = 1e-9  # of mean shares and of the envelope in floats, which err by less


@dataclass(frozen=True)
class SimulatedLoop:
    """A loop whose training sets have N winners each.

    Attributes
    ----------
    reference, rewards : ndarray, shape (n,)
        p_ref, and the atoms' rewards.
    taken : str
        Which of the candidates is taken: a key of `LIKINGS`.
    K, winners : int
        Numbers of candidates, and N of winners.
    lam, retained : float
        λ, and the share ε of synthetic samples that are kept as they are.
    rounds : float or None
        ν = n_0/n, where data accumulate; λ and ε do not count then.
    """

    reference: FloatArray
    rewards: FloatArray
    taken: str
    K: int
    winners: int
    lam: float
    retained: float
    rounds: float | None

    def parts(self, t: int) -> tuple[float, float, float]:
        """Return the shares α_t, β_t and γ_t of real, kept and chosen samples."""
        if self.rounds is not None:
            new = 1.0 / (self.rounds + t + 1)
            return 0.0, 1.0 - new, new
        synthetic = 1.0 if self.lam == math.inf else self.lam / (1.0 + self.lam)
        kept = synthetic * self.retained
        return 1.0 - synthetic, kept, synthetic - kept

    def mean_laws(self, rng: np.random.Generator) -> FloatArray:
        """Return the means of p_1, …, p_ROUNDS over `RUNS` loops, shape (ROUNDS, n)."""
        laws, means = np.tile(self.reference, (RUNS, 1)), []
        for t in range(ROUNDS):
            real, kept, new = self.parts(t)
            drawn = candidates(laws, self.winners, self.K, rng)
            liked = LIKINGS[self.taken](drawn, laws, self.rewards, rng)
            chosen = shares_of_winners(drawn, liked, self.reference.size)
            laws = real * self.reference + kept * laws + new * chosen
            means.append(laws.mean(axis=0))
        return np.array(means)

    def envelope(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return floors and ceilings at t = 1, …, ROUNDS of groups with these real shares."""
        if self.rounds is not None:
            floor, most = share_envelope(u, K=self.K, steps=ROUNDS, training=(self.rounds, 1.0))
        else:
            floor, most = share_envelope(
                u, K=self.K, lam=self.lam, steps=ROUNDS, retained=self.retained
            )
        return floor[1:], most[1:]

    def widths(self) -> FloatArray:
        """Return 1 - c_t at t = 1, …, ROUNDS, c_t the part of real data for certain."""
        certain, found = 1.0, []
        for t in range(ROUNDS):
            real, kept, _ = self.parts(t)
            certain = real + kept * certain
            found.append(1.0 - certain)
        return np.array(found)


def sampled_evidence(*, cases: int, seed: int) -> Evidence:
    """Simulate loops on finite training sets, and compare mean shares with floor and ceiling.

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
        _samples(cases, np.random.default_rng(seed)),
        module=__name__,
        cases=cases,
        seed=seed,
        tried=f"{RUNS} simulated loops each, training sets of 1 to 20 winners, samples retained or "
        f"accumulated, 2 to 4 atoms, K to 4, t to {ROUNDS}: {', '.join(LIKINGS)}",
        method=HOEFFDING,
    )


def _samples(cases: int, rng: np.random.Generator) -> Iterator[Sample]:
    for _ in range(cases):
        loop = _random_loop(rng)
        sets = proper_sets(loop.reference.size)
        means = loop.mean_laws(rng) @ sets.T
        floor, most = loop.envelope(sets @ loop.reference)
        outside = (np.maximum(floor - means, means - most) - _ROUNDING) / loop.widths()[:, None]
        t, group = np.unravel_index(outside.argmax(), outside.shape)
        margins = means_margins(outside, RUNS, 2 * cases * outside.size)
        yield Sample(
            float(margins[t, group]),
            repr(loop),
            f"t = {t + 1}, atoms {np.flatnonzero(sets[group]).tolist()}",
            f"mean share {means[t, group]}, {floor[t, group]} to {most[t, group]}",
            loop.K > 1,
        )


def _random_loop(rng: np.random.Generator) -> SimulatedLoop:
    reference, taken, rewards, K = random_case(rng)
    return SimulatedLoop(
        reference,
        rewards,
        taken,
        K,
        winners=int(rng.choice((1, 2, 5, 20))),
        lam=float(rng.choice((0.25, 1.0, 4.0, math.inf))),
        retained=float(rng.choice((0.0, 0.0, 0.5))),
        rounds=float(rng.choice((0.5, 2.0))) if rng.uniform() < 0.25 else None,
    )
