"""A hundred steps of the loop, and every figure, against the loop in 60 digits."""

import math
from functools import cache, partial

import numpy as np
import pytest

from recurate.numerics import loop as loop_module
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

from .oracles import (
    binomial,
    enumerated,
    figures,
    limit,
    logs,
    mpf,
    normalised,
    precise,
    precise_loop,
    quadrature,
    worst,
)

STEPS = 100
COARSE = partial(quadrature, per_unit=5)  # to 4e-22, where 1e-15 is asked for
STATE_ERROR = 1e-13  # a step: a tenth of the 1e-10 that is asked for after a hundred

ORDINARY = [0.0, 0.7, 1.1, 2.0], [0.4, 0.3, 0.2, 0.1]
CASES = {
    "K=2 lam=0.5": (*ORDINARY, 2, 0.5, enumerated),
    "K=2 pure": (*ORDINARY, 2, math.inf, enumerated),
    "K=3 lam=1e4": (*ORDINARY, 3, 1e4, enumerated),
    "K=4 lam=1 rare best": ([0.0, 1.0, 8.0], [0.5, 0.5 - 1e-12, 1e-12], 4, 1.0, enumerated),
    "K=3 near critical": ([-8.8, 0.0], [1 - 5.443e-12, 5.443e-12], 3, 0.5002253702705084, binomial),
    "K=300 lam=1": ([0.0, 2.0], [0.99, 0.01], 300, 1.0, binomial),
    "K=1e6 lam=1": ([0.0, 1.0, 3.0], [0.9, 0.09, 0.01], 10**6, 1.0, COARSE),
    "K=1e6 pure": ([0.0, 0.001, 0.01], [0.3, 0.3, 0.4], 10**6, math.inf, COARSE),
    "K=3 span 1500": (
        [-1500.0, -600.0, -1.0, 0.0],
        [0.3, 0.3, 0.4 - 1e-9, 1e-9],
        3,
        1.0,
        enumerated,
    ),
    "K=3 span 1500 pure": (
        [-1500.0, -2.0, 0.0],
        [1 - 2e-30, 1e-30, 1e-30],
        3,
        math.inf,
        enumerated,
    ),
    "K=2 span 1500 lam=1e4": ([-1500.0, 0.0], [1 - 1e-300, 1e-300], 2, 1e4, binomial),
    "K=inf lam=1": (*ORDINARY, math.inf, 1.0, None),
    "K=inf lam=1e4 rare best": ([0.0, 0.5, 30.0], [0.5, 0.5, 1e-300], math.inf, 1e4, None),
    "K=inf span 1500": ([-1500.0, -3.0, 0.0], [0.5, 0.4, 0.1], math.inf, 0.5, None),
    "K=inf pure": (*ORDINARY, math.inf, math.inf, None),
}


@cache
def both(name):
    rewards, probs, K, lam, oracle = CASES[name]
    ratio = limit(rewards) if oracle is None else oracle(rewards, K)
    reference = normalised(probs)
    laws = precise_loop(ratio, reference, lam, STEPS)
    run = CurationLoop(RewardLaw(rewards, probs, range(len(rewards))), K=K, lam=lam).run(
        steps=STEPS
    )
    return reference, laws, run


def test_stated_error_is_that_of_the_design():
    assert loop_module.STATE_ERROR == STATE_ERROR
    # By hand: 1e-13 * 3 * max(1, |log p|).
    stated = loop_module.state_error(3, np.array([-0.5, -10.0]))
    assert stated == pytest.approx([3e-13, 3e-12], rel=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_laws(name):
    _, laws, run = both(name)
    for t, law in enumerate(laws):
        assert worst(run.log_probs(t), logs(law)) <= max(1e-15, STATE_ERROR * t)


@pytest.mark.parametrize("name", CASES)
def test_mass_stays_one(name):
    _, _, run = both(name)
    for t in range(STEPS + 1):
        assert abs(math.fsum(run.probs(t)) - 1.0) <= 1e-14


@pytest.mark.parametrize("name", CASES)
def test_figures(name):
    reference, laws, run = both(name)
    rewards = run.law.rewards.tolist()
    for t in (0, 1, 2, 7, 30, STEPS):
        expected = figures(rewards, reference, laws[t])
        # The figures inherit the error of p_t, log p_t times 1e-13 a step at most; relative,
        # since each is a sum of positive terms. The mean reward may cancel: relative to its scale.
        allowed = 1e-14 + 3e-12 * t * max(1.0, max(float(-x) for x in logs(laws[t])))
        for figure in ("expected_weight", "variance_weight", "kl_to_reference", "mass_at_max"):
            found, wanted = mpf(float(getattr(run, figure)[t])), expected[figure]
            floor = mpf("1e-31") if figure == "kl_to_reference" else mpf("1e-300")
            assert abs(found - wanted) <= allowed * wanted + floor, (figure, t)
        scale = precise.fdot(laws[t], [abs(mpf(r)) for r in rewards])
        gap = abs(mpf(float(run.expected_reward[t])) - expected["expected_reward"])
        assert gap <= allowed * scale + mpf("1e-15"), t
        assert worst(run.group_proportions[t], laws[t]) < allowed


@pytest.mark.parametrize("lam", [0.5, math.inf])
@pytest.mark.parametrize("K", [3, math.inf])
def test_from_another_start(K, lam):
    rewards, probs = [0.0, 0.7, 0.7, 2.0, 3.0], [0.4, 0.3, 0.2, 0.1, 0.0]
    start = [0.1, 0.0, 0.5, 0.15, 0.25]
    ratio = limit(rewards) if K == math.inf else enumerated(rewards, K)
    laws = precise_loop(ratio, normalised(probs), lam, STEPS, normalised(start))
    law = RewardLaw(rewards, probs)
    run = CurationLoop(law, K=K, lam=lam).run(steps=STEPS, initial=start)
    for t, expected in enumerate(laws):
        assert worst(run.log_probs(t), logs(expected)) <= max(1e-15, STATE_ERROR * t)
        assert abs(math.fsum(run.probs(t)) - 1.0) <= 1e-14


@pytest.mark.parametrize("K", [2, 5, math.inf])
@pytest.mark.parametrize("lam", [1e-10, 1e-4])
def test_small_divergence_keeps_its_digits(lam, K):
    rewards, probs = ORDINARY
    reference = normalised(probs)
    ratio = limit(rewards) if K == math.inf else enumerated(rewards, K)
    laws = precise_loop(ratio, reference, lam, 3)
    run = CurationLoop(RewardLaw(rewards, probs), K=K, lam=lam).run(steps=3)
    for t in range(1, 4):
        expected = figures(rewards, reference, laws[t])["kl_to_reference"]
        assert expected < lam**2
        # Relative: KL is about Var(H) lam^2 / 2, H - 1 is right to 1e-12 of itself.
        assert abs(mpf(float(run.kl_to_reference[t])) / expected - 1) < 1e-11
        wanted = [p / q for p, q in zip(laws[t], reference, strict=True)]
        for found, value in zip(run.log_density(t), logs(wanted), strict=True):
            assert abs(mpf(float(found)) / value - 1) < 1e-11


def test_pure_limit_loop_after_probabilities_underflow():
    # Closed form, K = inf: log p_t = log p_0 + t r - log sum p_0 e^{t r}.
    rewards, probs, steps = [0.0, 1.5, 2.0], [0.2, 0.3, 0.5], 2000
    run = CurationLoop(RewardLaw(rewards, probs), K=math.inf, lam=math.inf).run(steps=steps)
    reference = normalised(probs)
    for t in (400, steps):
        masses = [p * precise.exp(t * mpf(r)) for p, r in zip(reference, rewards, strict=True)]
        expected = logs([m / precise.fsum(masses) for m in masses])
        assert worst(run.log_probs(t), expected) < STATE_ERROR * t
    assert run.probs(steps)[0] == 0.0
    assert run.log_probs(steps)[0] == pytest.approx(-2.0 * steps - math.log(2.5), rel=1e-12)


@pytest.mark.parametrize("K", [2, 3])
def test_pure_loop_after_probabilities_underflow(K):
    rewards, probs, steps = [0.0, 1.0, 3.0], [0.5, 0.3, 0.2], 1500
    run = CurationLoop(RewardLaw(rewards, probs), K=K, lam=math.inf).run(steps=steps)
    laws = precise_loop(enumerated(rewards, K), normalised(probs), math.inf, steps)
    assert run.probs(steps)[0] == 0.0
    assert worst(run.log_probs(steps), logs(laws[steps])) < STATE_ERROR * steps
    # Late, the variance is p(A^c) (1 - w)^2, far below the squared rounding of the mean weight.
    for t in (60, 150, 400):
        expected = figures(rewards, normalised(probs), laws[t])["variance_weight"]
        assert abs(mpf(float(run.variance_weight[t])) / expected - 1) < 1e-10


@pytest.mark.parametrize("gap", [1e-3, 1e-8, 1e-13])
def test_variance_of_nearly_equal_weights_keeps_its_digits(gap):
    rewards, probs = [0.0, gap, 3 * gap], [0.5, 0.3, 0.2]
    reference = normalised(probs)
    laws = precise_loop(enumerated(rewards, 3), reference, 1.0, 2)
    run = CurationLoop(RewardLaw(rewards, probs), K=3, lam=1.0).run(steps=2)
    for t, law in enumerate(laws):
        expected = figures(rewards, reference, law)["variance_weight"]
        assert abs(mpf(float(run.variance_weight[t])) / expected - 1) < 1e-12


def test_variance_keeps_its_digits_where_the_mean_weight_rounds_above_one():
    above = 0
    for n in range(3, 40):
        rewards, probs = [-1e-17 * k for k in range(n)], [k * k % 11 + 1.0 for k in range(n)]
        law = RewardLaw(rewards, np.array(probs) / sum(probs))
        run = CurationLoop(law, K=2, lam=1.0).run(steps=0)
        above += run.expected_weight[0] > 1.0
        reference = normalised(law.probs)
        expected = figures(rewards, reference, reference)["variance_weight"]
        assert abs(mpf(float(run.variance_weight[0])) / expected - 1) < 1e-12
    assert above > 0
