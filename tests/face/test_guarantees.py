"""The theorems' bounds for one loop."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.guarantees import guarantees


def bounds_of(K, lam, steps=5):
    loop = CurationLoop(RewardLaw(np.log([1.0, 2.0])), K=K, lam=lam)
    trajectory = loop.run(steps=steps)
    return trajectory, guarantees(loop, trajectory)


def test_pure_loop_has_lemma_2_2():
    trajectory, (lemma,) = bounds_of(2, math.inf)
    assert lemma.statement.id == "lemma-2.2"
    assert math.isnan(lemma.bound[0])
    # Relative weights 1/2 and 1, equal masses: 3/4 + (1/2)(1/16), by hand.
    assert lemma.bound[1] == pytest.approx(25 / 32, rel=1e-14)
    assert (trajectory.expected_weight[1:] >= lemma.bound[1:]).all()


def test_mixed_loop_has_theorems_2_3_and_2_4():
    trajectory, (reward, divergence) = bounds_of(2, 0.5)
    assert (reward.statement.id, divergence.statement.id) == ("theorem-2.3", "theorem-2.4")
    # 3/4 + (4/27)(1/2)(1/16), and -log(1 - 1/2), by hand.
    assert reward.bound[1:] == pytest.approx(np.full(5, 3 / 4 + 1 / 216), rel=1e-14)
    assert divergence.bound == pytest.approx(np.full(6, math.log(2)), rel=1e-14)
    assert (trajectory.expected_weight[1:] >= reward.bound[1:]).all()
    assert (trajectory.kl_to_reference <= divergence.bound).all()


def test_failing_hypothesis_is_named():
    _, (_, divergence) = bounds_of(4, 1.0)
    assert divergence.bound is None
    assert divergence.missing == "λ (lam) below 1/(K - 1) = 0.3333; λ is 1"


def test_no_steps_no_bound():
    _, (lemma,) = bounds_of(2, math.inf, steps=0)
    assert np.isnan(lemma.bound).all()


def test_a_product_beyond_a_double_bounds_nothing():
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=1e250, lam=1e300)
    weight, divergence = guarantees(loop, loop.run(steps=2))
    assert not np.isinf(weight.bound).any()
    assert divergence.bound is None
