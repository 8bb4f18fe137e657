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
    """Laws of 1 to 12 atoms, probabilities from about 1e-12 up, rewards spanning 0 to 50."""
    atom = st.tuples(
        st.floats(0.0, LARGEST_SPAN, allow_subnormal=False), st.floats(SMALLEST_LOG_PROB, 0.0)
    )
    return st.lists(atom, min_size=1, max_size=LARGEST_ATOMS).map(_law)


def _law(atoms: list[tuple[float, float]]) -> RewardLaw:
    rewards, log_masses = np.array(atoms).T
    masses = np.exp(log_masses)
    return RewardLaw(rewards, masses / masses.sum())


def candidate_numbers(*, infinite: bool = True) -> st.SearchStrategy[float]:
    """Numbers of candidates K from 1 to 10^4, small ones often, and infinity unless refused."""
    finite = st.one_of(st.integers(1, 5), st.integers(1, 10_000)).map(float)
    return st.one_of(finite, st.just(math.inf)) if infinite else finite


def mixings() -> st.SearchStrategy[float]:
    """Values of λ from 0 to 10^4, evenly over their logarithm, and infinity."""
    logarithmic = st.floats(-6.0, 4.0).map(lambda exponent: 10.0**exponent)
    return st.one_of(logarithmic, st.sampled_from([0.0, math.inf]))


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
