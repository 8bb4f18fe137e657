"""Numbers as they are printed: zero is zero, and a small number is a small number."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.printing.words import number, rounding_of, rounding_of_end


def printed(run, figure, t):
    return number(float(getattr(run, figure)[t]), rounding_of(figure, run.law, t))


@pytest.mark.parametrize(("size", "scale"), [(7, 1.0), (7, 1e-9), (1000, 1.0), (100_001, 1e5)])
def test_a_mean_of_zero_is_printed_as_zero(size, scale):
    # Rewards r and -r in pairs, and unpaired zeros: the mean is zero by symmetry, and no choice
    # (K = 1) changes it.
    half = np.random.default_rng(size).normal(size=size) * scale
    law = RewardLaw(np.concatenate([half, -half, [0.0]]))
    run = CurationLoop(law, K=1, lam=1.0).run(steps=3, compress=False)
    assert [printed(run, "expected_reward", t) for t in range(4)] == ["0.0000"] * 4
    assert np.abs(run.expected_reward).max() <= 100 * math.ulp(1.0) * np.abs(half).max()


def test_some_mean_of_zero_is_computed_as_a_rounding_error():
    law = RewardLaw([-1.0, 0.0, 1.0, -0.1, -0.2, 0.3])
    mean = float(CurationLoop(law, K=1, lam=1.0).run(steps=0).expected_reward[0])
    assert 0 < abs(mean) < 1e-15  # the case that was seen; number() alone shows it
    assert number(mean) != "0.0000"
    assert number(mean, rounding_of("expected_reward", law, 0)) == "0.0000"


def test_means_within_prompts_are_cleared_by_the_sizes_of_all_prompts():
    half = np.random.default_rng(1).normal(size=300)
    law = RewardLaw(np.concatenate([half, -half]), prompts=[*range(300)] * 2)
    run = CurationLoop(law, K=1, lam=1.0).run(steps=1)
    assert printed(run, "expected_reward", 1) == "0.0000"


@pytest.mark.parametrize("mean", [1e-9, -1e-12])
def test_a_true_small_mean_is_printed(mean):
    law = RewardLaw([-1.0 + mean, 1.0 + mean])
    run = CurationLoop(law, K=1, lam=1.0).run(steps=1)
    assert float(printed(run, "expected_reward", 1)) == pytest.approx(mean, rel=1e-2, abs=0)


def test_no_divergence_is_printed_as_zero_and_a_small_one_as_it_is():
    law = RewardLaw(np.random.default_rng(2).normal(size=50))
    none = CurationLoop(law, K=1, lam=1.0).run(steps=5)
    assert printed(none, "kl_to_reference", 5) == "0.0000"
    # Near λ = 0 the density is 1 + λ (H - 1) and the divergence λ² Var(H)/2: H at t = 0 is K H_K,
    # whose variance is that of the density after one step of the pure loop.
    curated = CurationLoop(law, K=4, lam=math.inf).run(steps=1)
    lam = 1e-9
    expected = lam**2 * curated.chi_square(1) / 2
    run = CurationLoop(law, K=4, lam=lam).run(steps=1)
    assert float(printed(run, "kl_to_reference", 1)) == pytest.approx(expected, rel=1e-2, abs=0)


def test_a_true_small_share_is_printed():
    law = RewardLaw([0.0, 1.0], [1 - 1e-12, 1e-12])
    run = CurationLoop(law, K=2, lam=1.0).run(steps=0)
    assert printed(run, "mass_at_max", 0) == "1.00e-12"
    assert number(1e-300, rounding_of("mass_at_max", law, 9)) == "1.00e-300"


def test_an_end_of_a_band_is_a_difference_of_its_value():
    law = RewardLaw([0.0, 1.0])
    assert number(5.55e-16, rounding_of_end("mass_at_max", law, 0.3, 10)) == "0.0000"
    assert number(1e-18, rounding_of_end("mass_at_max", law, 1e-15, 10)) == "1.00e-18"
    assert number(1.6e-16, rounding_of_end("kl_to_reference", law, 9e-20, 3)) == "0.0000"
    assert number(1e-9, rounding_of_end("kl_to_reference", law, 1e-8, 3)) == "1.00e-09"
