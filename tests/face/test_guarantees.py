"""The theorems' bounds for one loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recurate import CurationLoop, RewardLaw
from recurate.guarantees import guarantees, safe_range


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


def prompted(seed, prompts=5):
    rng = np.random.default_rng(seed)
    index = np.append(np.arange(prompts), rng.integers(0, prompts, 20))
    probs = rng.random(index.size)
    rewards = rng.normal(size=index.size) * rng.choice([0.1, 1.0, 5.0], prompts)[index]
    return RewardLaw(rewards, probs / probs.sum(), prompts=index)


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    K=st.sampled_from([1, 2, 4, 30]),
    lam=st.sampled_from([0.01, 0.2, 1.0, 20.0, math.inf]),
)
def test_bounds_within_prompts_are_means_and_hold(seed, K, lam):
    law = prompted(seed)
    loop = CurationLoop(law, K=K, lam=lam)
    run = loop.run(steps=4)
    found = guarantees(loop, run)
    own = []
    for z in law.prompt_names:
        its = CurationLoop(law.prompt(z), K=K, lam=lam)
        own.append(guarantees(its, its.run(steps=4)))
    for number, guarantee in enumerate(found):
        if guarantee.bound is None:
            assert all(of_one[number].bound is None for of_one in own)
            continue
        mean = law.prompt_probs @ np.array([of_one[number].bound for of_one in own])
        assert guarantee.bound == pytest.approx(mean, rel=1e-12, nan_ok=True)
        slack = getattr(run, guarantee.figure) - guarantee.bound
        slack = slack if guarantee.is_lower else -slack
        assert (slack[~np.isnan(slack)] >= -1e-14).all()


def test_within_prompts_weights_are_relative_to_each_best():
    # By hand: 25/32 for weights 1/2 and 1 at the first prompt; at the second, whose answers are
    # alike, 1. Relative to the best of all, e^-9 times that, the second would be next to nothing.
    law = RewardLaw(np.append(np.log([1.0, 2.0]), [9.0, 9.0]), prompts=["a", "a", "b", "b"])
    loop = CurationLoop(law, K=2, lam=math.inf)
    (lemma,) = guarantees(loop, loop.run(steps=1))
    assert lemma.bound[1] == pytest.approx((25 / 32 + 1.0) / 2, rel=1e-14)


def test_safe_range_is_that_of_the_worst_prompt():
    law = prompted(3)
    loop = CurationLoop(law, K=4, lam=1.0)
    found = safe_range(loop, loop.run(steps=0).by_prompt.expected_weight[0])
    own = []
    for z in law.prompt_names:
        its = CurationLoop(law.prompt(z), K=4, lam=1.0)
        own.append(safe_range(its, float(its.run(steps=0).expected_weight[0])))
    assert found.for_any_rewards == 1 / 3
    assert found.for_these_rewards == pytest.approx(min(x.for_these_rewards for x in own))
    assert max(x.for_these_rewards for x in own) > 2 * found.for_these_rewards
