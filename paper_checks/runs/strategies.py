"""Hypothesis strategies for reward laws and curated retraining loops."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray

LARGEST_ATOMS = 12
SMALLEST_LOG_PROB = math.log(1e-12)
LARGEST_SPAN = 50.0


def reward_laws(
    *, max_atoms: int = LARGEST_ATOMS, max_span: float = LARGEST_SPAN
) -> st.SearchStrategy[RewardLaw]:
    """Finite laws of rewards, with probabilities from about 1e-12 up.

    Parameters
    ----------
    max_atoms : int
        Largest number of atoms; the smallest is 1.
    max_span : float
        Largest difference of two rewards. Ties, near ties and far rewards are all drawn often.

    Returns
    -------
    SearchStrategy of RewardLaw
        Laws of 1 to `max_atoms` atoms.

    Examples
    --------
    >>> from hypothesis import given
    >>> from recurate import strategies
    >>> @given(law=strategies.reward_laws(max_atoms=3))
    ... def test_three_atoms(law):
    ...     assert law.size <= 3
    >>> test_three_atoms()
    """
    atom = st.tuples(st.floats(0.0, 1.0, allow_subnormal=False), st.floats(SMALLEST_LOG_PROB, 0.0))
    # Spans on a logarithmic grid, since bounds are nearly attained both by rewards that nearly tie
    # and by rewards far apart; 0 makes ties.
    shares = (0.02, 0.0, 2e-5, 2e-4, 2e-3, 0.01, 0.04, 0.1, 0.4, 1.0)
    spans = st.sampled_from([share * max_span for share in shares])
    # The number of atoms first: lists by themselves are mostly short. Not as an integer: Hypothesis
    # would draw 1, where nothing can move, a quarter of the time.
    sizes = st.sampled_from([*range(2, max_atoms + 1), 1])
    atoms = sizes.flatmap(lambda n: st.lists(atom, min_size=n, max_size=n))
    return st.builds(_law, atoms, spans)


def _law(atoms: list[tuple[float, float]], span: float) -> RewardLaw:
    heights, log_masses = np.array(atoms).T
    masses = np.exp(log_masses)
    return RewardLaw(span * heights, masses / masses.sum())


@cache
def second_laws(size: int) -> st.SearchStrategy[FloatArray]:
    """Laws on `size` atoms, shape (size,), with probabilities from about 1e-12 up."""
    masses = st.lists(st.floats(SMALLEST_LOG_PROB, 0.0), min_size=size, max_size=size)
    return masses.map(lambda logs: np.exp(logs) / np.exp(logs).sum())


def candidate_numbers(*, infinite: bool = True) -> st.SearchStrategy[float]:
    """Numbers of candidates K from 1 to 10^4, small ones often, and infinity unless refused."""
    small = st.sampled_from([2.0, 3.0, 4.0, 5.0, 8.0, 16.0, 1.0] + [math.inf] * infinite)
    return st.one_of(small, st.integers(2, 10_000).map(float))


def mixings() -> st.SearchStrategy[float]:
    """Values of λ from 1e-6 to 1e4, evenly over their logarithm, 0 and infinity."""
    # Integers, because Hypothesis draws simple floats far too often for an even spread; at 0 and
    # infinity most bounds say nothing, so these are two values in a hundred.
    ends = {-61: 0.0, 41: math.inf}
    return st.integers(-61, 41).map(lambda tenths: ends.get(tenths, 10.0 ** (tenths / 10)))


def safe_mixings(K: float) -> st.SearchStrategy[float]:
    """Values of λ with λ (K - 1) < 1, where Theorem 2.4 speaks."""
    return st.integers(1, 9999).map(lambda share: share / 10_000 / max(K - 1.0, 1.0))


def curation_loops(
    *,
    candidates: st.SearchStrategy[float] | None = None,
    mixing: Callable[[float], st.SearchStrategy[float]] | None = None,
    laws: st.SearchStrategy[RewardLaw] | None = None,
) -> st.SearchStrategy[CurationLoop]:
    """Curated retraining loops.

    Parameters
    ----------
    candidates : search strategy, optional
        Numbers of candidates K; 1 to 10^4 and infinity if not given.
    mixing : callable, optional
        From K to a strategy for λ; by default 0, 1e-6 to 1e4 evenly over the logarithm, infinity.
    laws : search strategy, optional
        Reward laws; `reward_laws` if not given.

    Returns
    -------
    SearchStrategy of CurationLoop
        A law of `reward_laws` with a number of candidates and a mixing.

    Examples
    --------
    >>> from hypothesis import given
    >>> from recurate import strategies
    >>> @given(loop=strategies.curation_loops())
    ... def test_density_is_at_most_K_after_one_step(loop):
    ...     density = loop.run(steps=1).log_density(1)
    ...     assert (density <= np.log(loop.K) + 1e-9).all()
    >>> test_density_is_at_most_K_after_one_step()
    """

    def with_mixing(drawn: tuple[RewardLaw, float]) -> st.SearchStrategy[CurationLoop]:
        law, K = drawn
        values = mixings() if mixing is None else mixing(K)
        return values.map(lambda lam: CurationLoop(law, K=K, lam=lam))

    numbers = candidate_numbers() if candidates is None else candidates
    return st.tuples(reward_laws() if laws is None else laws, numbers).flatmap(with_mixing)


def pure_loops(*, infinite: bool = True) -> st.SearchStrategy[CurationLoop]:
    """Loops without real data, λ = inf, with at least two candidates."""
    return curation_loops(
        candidates=candidate_numbers(infinite=infinite).filter(lambda K: K > 1),
        mixing=lambda K: st.just(math.inf),
    )
