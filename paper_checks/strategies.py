"""Hypothesis strategies for reward laws and curated retraining loops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.numerics.reward_law import RewardLaw

LARGEST_ATOMS = 12
SMALLEST_LOG_PROB = math.log(1e-12)
LARGEST_SPAN = 50.0


def reward_laws() -> st.SearchStrategy[RewardLaw]:
    """Laws of 1 to 12 atoms, probabilities from about 1e-12 up, rewards spanning up to 50."""
    atom = st.tuples(st.floats(0.0, 1.0, allow_subnormal=False), st.floats(SMALLEST_LOG_PROB, 0.0))
    # Spans on a logarithmic grid, since bounds are nearly attained both by rewards that nearly tie
    # and by rewards far apart; 0 makes ties.
    spans = st.sampled_from([1.0, 0.0, 1e-3, 0.01, 0.1, 0.5, 2.0, 5.0, 20.0, LARGEST_SPAN])
    # The number of atoms first: lists by themselves are mostly short.
    atoms = st.integers(1, LARGEST_ATOMS).flatmap(lambda n: st.lists(atom, min_size=n, max_size=n))
    return st.builds(_law, atoms, spans)


def _law(atoms: list[tuple[float, float]], span: float) -> RewardLaw:
    heights, log_masses = np.array(atoms).T
    masses = np.exp(log_masses)
    return RewardLaw(span * heights, masses / masses.sum())


def candidate_numbers(*, infinite: bool = True) -> st.SearchStrategy[float]:
    """Numbers of candidates K from 1 to 10^4, small ones often, and infinity unless refused."""
    small = st.sampled_from([2.0, 3.0, 4.0, 5.0, 8.0, 16.0, 1.0] + [math.inf] * infinite)
    return st.one_of(small, st.integers(2, 10_000).map(float))


def mixings() -> st.SearchStrategy[float]:
    """Values of λ from 1e-6 to 1e4, evenly over their logarithm, 0 and infinity."""
    # Integers, because Hypothesis draws simple floats far too often for an even spread; at 0 and
    # infinity most bounds say nothing, so they are two values among a hundred.
    ends = {-61: 0.0, 41: math.inf}
    return st.integers(-61, 41).map(lambda tenths: ends.get(tenths, 10.0 ** (tenths / 10)))


def curation_loops(
    *,
    candidates: st.SearchStrategy[float] | None = None,
    mixing: Callable[[float], st.SearchStrategy[float]] | None = None,
) -> st.SearchStrategy[CurationLoop]:
    """Loops over `reward_laws`, with K from `candidates` and λ from ``mixing(K)``."""

    def with_mixing(drawn: tuple[RewardLaw, float]) -> st.SearchStrategy[CurationLoop]:
        law, K = drawn
        values = mixings() if mixing is None else mixing(K)
        return values.map(lambda lam: CurationLoop(law, K=K, lam=lam))

    numbers = candidate_numbers() if candidates is None else candidates
    return st.tuples(reward_laws(), numbers).flatmap(with_mixing)
