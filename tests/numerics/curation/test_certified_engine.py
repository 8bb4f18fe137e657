"""The float engine against the balls: log H and log p_t within the stated errors."""

import math

import flint
import numpy as np
import pytest

from recurate.numerics.curation.balls import curation_ratio, trajectory, weights_of
from recurate.numerics.curation.floats import RATIO_ERROR, log_curation_ratio
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import STATE_ERROR, CurationLoop

CANDIDATES = [2, 3, 4, 10, 100, 10**4, math.inf]
LAWS = 25


def random_law(seed):
    """Rewards of both signs that span up to 50, and probabilities down to 1e-12."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 13))
    span = float(rng.choice([0.01, 1, 5, 20, 50]))
    rewards = span * (rng.random(n) - 0.3)
    masses = np.exp(-math.log(1e12) * rng.random(n) ** 2)
    return rewards.tolist(), (masses / masses.sum()).tolist()


def quotient(found, balls, stated):
    """Largest |error of the logarithm| / (stated max(1, |log|)), rounded up."""
    worst = 0.0
    for x, ball in zip(found.tolist(), balls, strict=True):
        with flint.ctx.workprec(128):
            logarithm = ball.log()
            allowed = stated * flint.arb(1).max(abs(logarithm))
            worst = max(worst, float((abs(x - logarithm) / allowed).upper()))
    return worst


@pytest.mark.parametrize("K", CANDIDATES)
def test_log_ratio_is_within_the_stated_error(K):
    worst = 0.0
    for seed in range(LAWS):
        rewards, probs = random_law(seed)
        balls = curation_ratio(weights_of(rewards), probs, K)
        worst = max(worst, quotient(log_curation_ratio(rewards, probs, K), balls, RATIO_ERROR))
    assert worst <= 1


@pytest.mark.parametrize("lam", [0.1, 1.0, 1e4, math.inf])
@pytest.mark.parametrize("K", CANDIDATES)
def test_log_laws_are_within_the_stated_error(K, lam):
    worst = 0.0
    for seed in range(3):
        rewards, probs = random_law(1000 + 10 * seed + (0 if lam == math.inf else int(lam)))
        steps = 10
        run = CurationLoop(RewardLaw(rewards, probs, range(len(rewards))), K=K, lam=lam).run(
            steps=steps
        )
        laws = trajectory(weights_of(rewards), probs, K, lam, steps)
        for t in range(1, steps + 1):
            worst = max(worst, quotient(run.log_probs(t), laws[t], STATE_ERROR * t))
    assert worst <= 1


def test_the_comparison_notices_an_error_of_three_times_the_stated_one():
    below, above = flint.arb(1).exp() ** 0.5, flint.arb(10).exp()
    found = np.array([0.5 + 3e-10])
    assert 2.99 < quotient(found, [below], 1e-10) < 3.01
    found = np.array([10 - 3e-9])
    assert 2.99 < quotient(found, [above], 1e-10) < 3.01
