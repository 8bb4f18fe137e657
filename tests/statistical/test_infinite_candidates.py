"""Many candidates, and infinitely many.

Lemma 2.1: as K → inf the winner's law tends to p e^r/E[e^r]; for weights 1 and 3 of mass 1/2 the
winner's mean weight is 5/2 - 3/(8K) + O(1/K²) (docs/mathematics.md).
"""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, curate
from recurate.numerics.agreement.winners import curated_law, winners_verdict

LAW = RewardLaw(np.log([1.0, 3.0]), [0.5, 0.5])
WEIGHTS = np.array([1.0, 3.0])
RATE = 1e-8


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.error_rate(
    rate=RATE, null="winners among infinitely many have the law p w/E[w]", size="1,000,000"
)
def test_infinitely_many_candidates_are_the_pool_by_weight(backend):
    if backend == "torch":
        pytest.importorskip("torch")
    law = RewardLaw([0.0, 1.0, 2.5, 2.5], [0.4, 0.3, 0.2, 0.1])
    winners = curate(law.rewards, math.inf, 10**6, probs=law.probs, rng=3, backend=backend)
    expected = law.probs * np.exp(law.rewards) / (law.probs @ np.exp(law.rewards))
    counts = np.bincount(np.asarray(winners), minlength=4)
    assert winners_verdict(counts, expected, law.rewards).p_value >= RATE


@pytest.mark.error_rate(
    rate=2 * RATE, null="winners among 16 have the law p H^16", size="2,000,000"
)
def test_sixteen_candidates_are_not_infinitely_many():
    """Hoeffding: the mean of 2,000,000 weights in [1, 3] errs by more than ε with 2 e^{-m ε²/2}."""
    m, K = 2_000_000, 16
    epsilon = math.sqrt(2 * math.log(2 / RATE) / m)
    mean = WEIGHTS[curate(LAW.rewards, K, m, rng=7)].mean()
    exact = curated_law(CurationLoop(LAW, K=K, lam=1.0)) @ WEIGHTS
    assert exact == pytest.approx(
        2.5 - 3 / (8 * K), abs=2 / K**2
    )  # next order: lemma-2.1-next-order
    assert abs(mean - exact) <= epsilon
    assert mean < 2.5 - epsilon  # where infinitely many would not be: 3/(8·16) is 5 ε


@pytest.mark.parametrize("way", [{}, {"method": "gumbel"}, {"temperature": 0}], ids=str)
@pytest.mark.parametrize(("K", "block"), [(3, 2), (20, 8)])
@pytest.mark.error_rate(rate=RATE, null="choices among more candidates than a block", size="5,000")
def test_candidates_are_chosen_from_in_turn(monkeypatch, way, K, block):
    """The parts of one choice (2 + 1 candidates; 8 + 8 + 4) are put together by their weights."""
    from recurate.numerics.sampling.streams import NumpyStream

    monkeypatch.setattr(NumpyStream, "block", block)
    winners = curate(LAW.rewards, K, 5_000, rng=2, **way)
    counts = np.bincount(winners, minlength=2)
    if "temperature" in way:  # the lower reward wins only if it is all candidates
        expected = np.array([0.5**K, 1 - 0.5**K])
    else:
        expected = curated_law(CurationLoop(LAW, K=K, lam=1.0))
    assert winners_verdict(counts, expected, LAW.rewards).p_value >= RATE
