"""Reward against divergence: the best of n, and the largest reward that there is."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference.frontiers import best_of_n, largest_reward
from recurate.rules import BestOf

RNG = np.random.default_rng(0)
WEIGHTS = RNG.random(60)
LAWS = {
    "ties": RewardLaw(np.round(RNG.normal(size=60), 1), WEIGHTS / WEIGHTS.sum()),
    "prompts": RewardLaw(RNG.normal(size=60), prompts=np.arange(60) % 7),
    "absent": RewardLaw([5.0, 0.0, 1.0, 2.0], [0.0, 0.5, 0.25, 0.25]),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_best_of_n_is_one_choice_of_the_loop(name):
    law = LAWS[name]
    found = best_of_n(law)
    assert found.parameter[:9].tolist() == [1, 1.25, 1.5, 1.75, 2, 3, 4, 6, 8]
    for n, divergence, reward in zip(*found, strict=True):
        lam = (n - 1) / (2 - n) if n < 2 else math.inf  # a share n - 1 of bests of two
        run = CurationLoop(law, rule=BestOf(math.ceil(n)), lam=lam).run(steps=1)
        assert divergence == pytest.approx(run.kl_to_reference[1], rel=1e-11, abs=1e-13)
        assert reward == pytest.approx(run.expected_reward[1], rel=1e-12)
    assert (np.diff(found.kl_to_reference) >= 0).all()


def test_the_best_of_n_without_ties_has_nearly_the_divergence_of_the_formula():
    # log n - (n-1)/n overstates it by at most 2 n (n-1) Σ p² (Beirami et al., Theorem 3.4).
    found = best_of_n(RewardLaw(np.arange(1000.0)), most=2.0)
    n = found.parameter
    excess = (np.log(n) - (n - 1) / n - found.kl_to_reference)[n == n.round()]
    n = n[n == n.round()]
    assert (excess >= -1e-12).all()
    assert (excess <= 2 * n * (n - 1) / 1000 + 1e-12).all()
    assert found.kl_to_reference[-2] < 2.0 <= found.kl_to_reference[-1]


@pytest.mark.parametrize("prompts", [None, ["a", "a", "b", "b"]])
def test_the_largest_reward_of_two_values_has_a_closed_form(prompts):
    # Of 0 and 1 with equal mass, E[r] = x alone says the law, and KL = log 2 - entropy(x); twice.
    found = largest_reward(RewardLaw([0.0, 1.0, 0.0, 1.0], prompts=prompts))
    x = found.expected_reward
    inside = x < 1
    entropy = -x[inside] * np.log(x[inside]) - (1 - x[inside]) * np.log1p(-x[inside])
    assert found.kl_to_reference[inside] == pytest.approx(math.log(2) - entropy, abs=1e-14)
    assert x[inside].size > 30
    assert x[0] < 0.51
    assert x[-1] == pytest.approx(1.0, abs=1e-8)
    assert found.kl_to_reference[-1] == pytest.approx(math.log(2), abs=1e-7)


@pytest.mark.parametrize("name", LAWS)
def test_no_law_has_a_larger_reward_at_its_divergence(name):
    law, rng = LAWS[name], np.random.default_rng(1)
    found = largest_reward(law)
    assert (np.diff(found.kl_to_reference) >= -1e-15).all()
    assert (np.diff(found.expected_reward) >= -1e-15).all()
    given = law.prompt_probs[law.prompt_of_atoms]
    for _ in range(500):
        density = np.exp(rng.normal(size=law.size) * rng.gamma(1.0) + rng.gamma(1.0) * law.rewards)
        p = law.probs * density
        p *= given / np.bincount(law.prompt_of_atoms, p)[law.prompt_of_atoms]
        some = p > 0
        divergence = p[some] @ np.log(p[some] / law.probs[some])
        # Gibbs: E_p[r] <= min over β of (KL + log E[e^{βr}])/β, here on the curve's own β.
        beta, kl, reward = found
        bound = (divergence - kl) / beta + reward
        assert p @ law.rewards <= bound.min() + 1e-12


def test_the_curves_end_where_all_mass_is_at_the_best():
    law = LAWS["ties"]
    best, largest = best_of_n(law), largest_reward(law)
    mass = law.probs[law.rewards == law.max_reward].sum()
    for curve in (best, largest):
        assert curve.expected_reward[-1] == pytest.approx(law.max_reward, abs=1e-7)
        assert curve.kl_to_reference[-1] == pytest.approx(-math.log(mass), abs=1e-6)
    tied = RewardLaw([1.0, 1.0])
    for curve in (best_of_n(tied), largest_reward(tied)):
        assert (curve.kl_to_reference.tolist(), curve.expected_reward.tolist()) == ([0.0], [1.0])
