"""Where the conjectures are open: only there loops are evidence for them, and are hunted.

They are proved for K = 1 and K = inf, in the pure loop, for two weights and up to t = 2 (t = 1 for
Conjectures 2 and 4), and Conjectures 1 and 3 at each step for which λ is small enough
(`recurate.paper_checks.conjectures.small_mixing`). docs/mathematics.md has the proofs.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import ClassVar

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.conjectures.small_mixing import proved_steps
from recurate.paper_checks.runs.instances import Instance, irrational_instances, rational_instances
from recurate.paper_checks.runs.run import Run, RunKind
from recurate.paper_checks.runs.setting import STEPS, CurationSetting
from recurate.paper_checks.runs.strategies import curation_loops, reward_laws

FIRST_STEP = 2
"""Smallest t at which the step from p_t to p_{t+1} is open."""

WEIGHTS = 3
"""Smallest number of weights with mass for which the conjectures are open."""


def is_open(run: Run) -> bool:
    """Return whether the conjectures are open for some steps of a run."""
    is_mixed = 1 < run.K < math.inf and 0 < run.lam < math.inf
    return is_mixed and run.steps >= FIRST_STEP and run.number_of_weights(0) >= WEIGHTS


def open_steps(run: Run) -> set[int]:
    """Return the t at which it is open whether p_{t+1} dominates p_t, for a run that is open."""
    return set(range(FIRST_STEP, run.steps)) - proved_steps(run, FIRST_STEP)


def laws_of(weights: int) -> st.SearchStrategy[RewardLaw]:
    """Reward laws with at least this number of weights; no two count that nearly tie."""
    return reward_laws().filter(lambda law: np.unique(law.rewards.round(6)).size >= weights)


def open_loops() -> st.SearchStrategy[CurationLoop]:
    """Loops for which the conjectures are open."""
    numbers = st.one_of(st.sampled_from([2.0, 3.0, 4.0, 8.0]), st.integers(2, 100).map(float))
    shares = st.integers(-20, 30).map(lambda tenths: 10.0 ** (tenths / 10))  # of 1/(K-1)
    return curation_loops(
        laws=laws_of(WEIGHTS),
        candidates=numbers,
        mixing=lambda K: shares.map(lambda share: share / (K - 1)),
    )


class _OpenCuration(CurationSetting):
    """Curated retraining where the conjectures are open, with longer loops."""

    steps = (FIRST_STEP + 1, STEPS)
    _where = "where it is open: later steps, 1 < K < inf, 0 < λ < inf, at least three weights; "
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            f"{_where}laws of 3 to 12 atoms, probabilities from 1e-12, rewards spanning 1e-3 to "
            f"50; K from 2 to 100, λ (K-1) from 0.01 to 1000, {FIRST_STEP + 1} to {STEPS} steps"
        ),
        "exact": (
            f"{_where}rational weights and masses of many sizes, 3 or 4 atoms, K from 2 to 4, λ "
            "from 1/100 to 100 and shares of 1/(K-1); up to 10 steps for K = 2, 5 for K = 3, 4 for "
            "K = 4"
        ),
        "certified": (
            f"{_where}irrational weights e^r with r spanning 0 to 50, 3 to 8 atoms, masses to "
            "1e-12, K from 2 to 1e4, λ as in exact evidence, up to 30 steps (12 for K = 100 and "
            "1e4); and rational weights"
        ),
    }

    def exact_instances(self, seed: int) -> Iterator[Instance]:
        most = {2: 10, 3: 5, 4: 4}  # rationals grow K-fold in length with each step
        return _longer(rational_instances(seed), f"exact {seed}", most, 3)

    def certified_instances(self, seed: int, cases: int) -> Iterator[Instance]:
        most = {100: 12, 10_000: 12}
        irrational = _longer(irrational_instances(seed), f"irrational {seed}", most, 5)
        rational = _longer(rational_instances(seed + 1), f"rational {seed}", most, 5)
        yield from islice(irrational, cases - cases // 4)
        yield from islice(rational, cases // 4)


OPEN_CURATION = _OpenCuration()
"""Curated retraining where the conjectures are open."""


def _longer(
    instances: Iterator[Instance], seed: str, most: dict[int, int], least: int
) -> Iterator[Instance]:
    """Yield the instances for which the conjectures are open, with other numbers of steps."""
    source = random.Random(f"open {seed}")
    for instance in instances:
        charged = {h for h, p in zip(instance.heights, instance.reference, strict=True) if p}
        is_mixed = 1 < instance.K < math.inf and 0 < instance.lam < math.inf
        if is_mixed and len(charged) >= WEIGHTS:
            longest = most.get(int(instance.K), 30)
            # The moves of p_t fall about as (aK/2)^t: down to e^-40, which 128 bits resolve.
            share = instance.lam / (1 + instance.lam) * instance.K / 2
            if share < 1:
                longest = max(least, min(longest, int(-40 / math.log(share))))
            # The smaller of two: time grows with the steps, in rationals K-fold with each.
            steps = min(source.randint(least, longest) for _ in range(2))
            yield replace(instance, steps=steps)
