"""Where the conjectures are open: only there loops are evidence for them, and are hunted.

They are proved for K = 1 and K = inf, in the pure loop, for two weights and up to t = 2 (t = 1 for
Conjectures 2 and 4). Conjectures 1 and 3 are proved also for three weights, for K = 2 up to five,
at the first and the last steps (`recurate.paper_checks.conjectures.first_and_last_steps`), and at
each step for which λ is small enough (`recurate.paper_checks.conjectures.small_mixing`).
docs/mathematics.md has the proofs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.conjectures.first_and_last_steps import settled_steps
from recurate.paper_checks.conjectures.small_mixing import proved_steps
from recurate.paper_checks.runs.instances import Instance, irrational_instances, rational_instances
from recurate.paper_checks.runs.kinds import CertifiedRun
from recurate.paper_checks.runs.run import Run, RunKind
from recurate.paper_checks.runs.setting import STEPS, CurationSetting
from recurate.paper_checks.runs.strategies import curation_loops, reward_laws

FIRST_STEP = 2
"""Smallest t at which the step from p_t to p_{t+1} is open."""

WEIGHTS = 3
"""Smallest number of weights with mass for which Conjectures 2 and 4 are open."""


def weights_of_rises(K: float) -> int:
    """Return the smallest number of weights with mass for which Conjectures 1 and 3 are open."""
    return 6 if K == 2 else 4


def is_open(run: Run) -> bool:
    """Return whether Conjectures 2 and 4 are open for some steps of a run."""
    is_mixed = 1 < run.K < math.inf and 0 < run.lam < math.inf
    return is_mixed and run.steps >= FIRST_STEP and run.number_of_weights(0) >= WEIGHTS


def rise_is_open(run: Run) -> bool:
    """Return whether Conjectures 1 and 3 are open for some steps of a run."""
    enough = run.number_of_weights(0) >= weights_of_rises(run.K)
    return enough and is_open(run) and bool(open_steps(run))


def open_steps(run: Run) -> set[int]:
    """Return the t at which it is open whether p_{t+1} dominates p_t, for a run that is open."""
    steps = set(range(FIRST_STEP, run.steps)) - settled_steps(run)
    return steps - proved_steps(run, FIRST_STEP) if steps else steps


def laws_of(weights: int) -> st.SearchStrategy[RewardLaw]:
    """Reward laws with at least this number of weights; no two count that nearly tie."""
    return reward_laws().filter(lambda law: np.unique(law.rewards.round(6)).size >= weights)


def open_loops(
    least_weights: Callable[[float], int] = lambda K: WEIGHTS,
) -> st.SearchStrategy[CurationLoop]:
    """Loops for which conjectures are open that are so from this number of weights on."""
    numbers = st.one_of(st.sampled_from([2.0, 3.0, 4.0, 8.0]), st.integers(2, 100).map(float))
    shares = st.integers(-20, 30).map(lambda tenths: 10.0 ** (tenths / 10))  # of 1/(K-1)
    return numbers.flatmap(
        lambda K: curation_loops(
            laws=laws_of(least_weights(K)),
            candidates=st.just(K),
            mixing=lambda K: shares.map(lambda share: share / (K - 1)),
        )
    )


def _tried(weights: str, atoms: int) -> dict[RunKind, str]:
    """Return what is tried in words; `weights` says from how many on a conjecture is open."""
    where = f"where it is open: later steps, 1 < K < inf, 0 < λ < inf, at least {weights}; "
    return {
        "property": (
            f"{where}laws of up to 12 atoms, probabilities from 1e-12, rewards spanning 1e-3 to "
            f"50; K from 2 to 100, λ (K-1) from 0.01 to 1000, {FIRST_STEP + 1} to {STEPS} steps"
        ),
        "exact": (
            f"{where}rational weights and masses of many sizes, up to {atoms} atoms, K from 2 to "
            "4, λ from 1/100 to 100 and shares of 1/(K-1); up to 10 steps for K = 2, 5 for K = 3, "
            "4 for K = 4"
        ),
        "certified": (
            f"{where}irrational weights e^r with r spanning 0 to 50, up to 8 atoms, masses to "
            "1e-12, K from 2 to 1e4, λ as in exact evidence, up to 30 steps (12 for K = 100 and "
            "1e4); and rational weights"
        ),
    }


class OpenCuration(CurationSetting):
    """Curated retraining where Conjectures 2 and 4 are open, with longer loops.

    Attributes
    ----------
    sizes : tuple of int
        Numbers of atoms of random laws in rationals.
    """

    steps = (FIRST_STEP + 1, STEPS)
    sizes: ClassVar[tuple[int, ...]] = (3, 3, 3, 4)
    tried: ClassVar[dict[RunKind, str]] = _tried("three weights", 4)

    def least_weights(self, K: float) -> int:
        """Return from how many weights with mass on they are open."""
        return WEIGHTS

    def is_open(self, run: Run) -> bool:
        """Return whether they are open for some steps of a run."""
        return is_open(run)

    def exact_instances(self, seed: int) -> Iterator[Instance]:
        most = {2: 10, 3: 5, 4: 4}  # rationals grow K-fold in length with each step
        return self._longer(rational_instances(seed, self.sizes), f"exact {seed}", most, 3)

    def certified_instances(self, seed: int, cases: int) -> Iterator[Instance]:
        most = {100: 12, 10_000: 12}
        irrational = self._longer(irrational_instances(seed), f"irrational {seed}", most, 5)
        rational = rational_instances(seed + 1, self.sizes)
        yield from islice(irrational, cases - cases // 4)
        yield from islice(self._longer(rational, f"rational {seed}", most, 5), cases // 4)

    def _longer(
        self, instances: Iterator[Instance], seed: str, most: dict[int, int], least: int
    ) -> Iterator[Instance]:
        """Yield the instances for which it is open, with other numbers of steps."""
        source = random.Random(f"open {seed}")
        for instance in instances:
            charged = {h for h, p in zip(instance.heights, instance.reference, strict=True) if p}
            is_mixed = 1 < instance.K < math.inf and 0 < instance.lam < math.inf
            if is_mixed and len(charged) >= self.least_weights(instance.K):
                longest = most.get(int(instance.K), 30)
                # The moves of p_t fall about as (aK/2)^t: down to e^-40, which 128 bits resolve.
                share = instance.lam / (1 + instance.lam) * instance.K / 2
                if share < 1:
                    longest = max(least, min(longest, int(-40 / math.log(share))))
                # The smaller of two: time grows with the steps, in rationals K-fold with each.
                steps = min(source.randint(least, longest) for _ in range(2))
                longer = replace(instance, steps=steps)
                if self.is_open(CertifiedRun(longer)):
                    yield longer


class _OpenRises(OpenCuration):
    """The same for Conjectures 1 and 3."""

    sizes: ClassVar[tuple[int, ...]] = (4, 5, 6, 6, 7)
    tried: ClassVar[dict[RunKind, str]] = _tried("four weights, six for K = 2", 7)

    def least_weights(self, K: float) -> int:
        return weights_of_rises(K)

    def is_open(self, run: Run) -> bool:
        return rise_is_open(run)


OPEN_CURATION = OpenCuration()
"""Curated retraining where Conjectures 2 and 4 are open."""

OPEN_RISES = _OpenRises()
"""Curated retraining where Conjectures 1 and 3 are open."""
