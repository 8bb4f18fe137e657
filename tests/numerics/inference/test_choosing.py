"""The inverse question, in cases with an answer in closed form."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose

# Weights 1/2 and 1, a third of the data at 1, K = 2. At λ = 2 the fixed point has half its mass at
# each (mathematics of the two-point law: a(1 - 2/(1+ρ))p² + (2a/(1+ρ) - 1)p + mq = 0).
LAW = RewardLaw([0.0, math.log(2.0)], [2 / 3, 1 / 3], groups=["low", "high"])
AT_HALF = 0.5 * math.log(3 / 4) + 0.5 * math.log(3 / 2)


@pytest.mark.parametrize(
    "limit",
    [
        {"max_kl": AT_HALF},
        {"group": "high", "max_share": 0.5},
        {"group": "low", "min_share": 0.5},
    ],
)
def test_largest_mixing_of_two_points(limit):
    found = choose(LAW, K=2, **limit)
    assert found.lam == pytest.approx(2.0, rel=1e-8)
    assert found.real_fraction == pytest.approx(1 / 3, rel=1e-8)
    assert (found.chosen, found.step, found.steps) == ("lam", math.inf, None)
    assert found.reached == pytest.approx(found.limit, abs=1e-9)


def test_the_limit_holds_and_not_beyond():
    law = RewardLaw(np.random.default_rng(1).normal(size=60))
    found = choose(law, K=4, max_kl=0.05)
    run = CurationLoop(law, K=4, lam=found.lam).run(steps=300)
    assert run.kl_to_reference.max() <= 0.05
    beyond = CurationLoop(law, K=4, lam=found.lam * (1 + 1e-6)).fixed_point()
    assert beyond.kl_to_reference > 0.05


def test_steps_that_count():
    # p_1(high) = m/3 + (a/3) H with H = 2 (1/3 · 1/2 + 2/3 · 2/3) = 11/9: .36 at a = .36.
    found = choose(LAW, K=2, group="high", max_share=0.36, steps=1)
    assert found.lam == pytest.approx(0.36 / 0.64, rel=1e-8)
    assert (found.step, found.steps) == (1, 1)


@pytest.mark.parametrize(("limit", "K"), [(0.5, 2), (0.4999, 1)])
def test_largest_number_of_candidates(limit, K):
    found = choose(LAW, lam=2.0, group="high", max_share=limit + 1e-12)
    assert (found.chosen, found.K) == ("K", K)


def test_largest_number_of_candidates_by_enumeration():
    law = RewardLaw(np.random.default_rng(2).normal(size=40))
    found = choose(law, lam=1.0, max_kl=0.2)
    divergences = [
        CurationLoop(law, K=K, lam=1.0).fixed_point().kl_to_reference for K in range(1, 40)
    ]
    assert found.K == sum(divergence <= 0.2 for divergence in divergences) < 39


def test_nothing_to_choose():
    assert choose(LAW, K=1, max_kl=0.1).lam == math.inf
    assert choose(LAW, lam=0.0, max_kl=0.1).K == math.inf
    # p_* has KL log 3 = 1.0986
    free = choose(LAW, K=2, max_kl=1.2)
    assert (free.lam, free.real_fraction) == (math.inf, 0.0)
    assert free.reached == pytest.approx(math.log(3), rel=1e-12)
    assert choose(LAW, K=2, group="high", min_share=0.2).step == 0
    assert choose(LAW, lam=1.0, max_kl=1.2).K == math.inf


def test_the_pure_loop_is_beyond_the_limit_though_every_mixed_one_tried_is_not():
    # KL(p_*‖p_ref) = log 3 in the pure loop, and less for λ = 1e6.
    at_most = CurationLoop(LAW, K=2, lam=1e6).fixed_point().kl_to_reference
    found = choose(LAW, K=2, max_kl=(at_most + math.log(3)) / 2)
    assert found.lam == 1e6


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"max_kl": 1.0}, TypeError, "exactly one of K and lam must be given"),
        ({"K": 2, "lam": 1.0, "max_kl": 1.0}, TypeError, "exactly one of K and lam"),
        (
            {"K": 2},
            TypeError,
            "exactly one of max_kl, max_share, .*and min_score must be given; got none",
        ),
        ({"K": 2, "max_kl": 1.0, "max_share": 0.5}, TypeError, "got max_kl, max_share"),
        ({"K": 2, "max_kl": 0.0}, ValueError, "max_kl must be above 0; got 0.0"),
        ({"K": 2, "max_kl": math.nan}, ValueError, "max_kl must be a finite number; got nan"),
        (
            {"K": 2, "max_kl": 1.0, "group": "low"},
            TypeError,
            "group goes with max_share or min_share",
        ),
        ({"K": 2, "max_share": 0.5}, ValueError, r"group must be one of the law's \('low', 'high'"),
        (
            {"K": 2, "group": "high", "max_share": 1.5},
            ValueError,
            "max_share must be from 0 to 1; got 1.5",
        ),
        (
            {"K": 2, "group": "high", "max_share": 0.2},
            ValueError,
            "the share of 'high' is 0.333333 there; got 0.2",
        ),
        (
            {"K": 2, "max_kl": 1.0, "steps": 0},
            ValueError,
            "steps must be an integer of at least 1; got 0",
        ),
        ({"K": 0.5, "max_kl": 1.0}, ValueError, "K must be"),
        ({"K": 2, "max_kl": 1.0, "rng": "\x1b[31m"}, TypeError, r"rng must be .*got '\\x1b\[31m'"),
        ({"K": 64, "max_kl": 1e-16}, ValueError, "must allow λ = 1e-06; it allows less"),
    ],
)
def test_bad_input(arguments, kind, message):
    with pytest.raises(kind, match=message):
        choose(LAW, **arguments)


def test_a_share_that_rises_for_long_before_it_falls():
    # The middle group first takes over from the lowest, and hundreds of steps later the best one,
    # of a ten-thousandth, from it: at step 64, and in the limit of the pure loop, its share is
    # below 1/2, and in between .963.
    law = RewardLaw([0.0, 0.01, 0.02], [0.6, 0.3999, 0.0001], groups="abc")
    pure = CurationLoop(law, K=2, lam=math.inf).run(steps=1000).group_proportions[:, 1]
    assert pure[:65].max() < 0.5 < 0.96 < pure.max()
    found = choose(law, K=2, group="b", max_share=0.6)
    shares = CurationLoop(law, K=2, lam=found.lam).run(steps=5000).group_proportions[:, 1]
    assert shares.max() == pytest.approx(0.6, abs=1e-8)
    assert shares.max() <= 0.6 + 1e-12
    assert shares.argmax() == found.step > 64
    with_steps = choose(law, K=2, group="b", max_share=0.6, steps=64)
    assert with_steps.lam == math.inf


def test_a_share_that_stays_may_be_the_limit():
    # Equal rewards: nothing changes but by rounding.
    law = RewardLaw([1.0] * 6, groups=[0, 1, 2] * 2)
    assert choose(law, K=4, group=0, max_share=1 / 3).lam == math.inf
    assert choose(law, lam=1.0, group=0, min_share=1 / 3).K == math.inf


def test_a_group_that_is_no_label():
    with pytest.raises(ValueError, match="group must be one of the law's"):
        choose(LAW, K=2, group=np.array([1, 2]), max_share=0.5)


def test_a_law_with_a_density():
    # Uniform weights: at λ = 1e4 the fixed point is beyond the nodes, and the answer is not.
    law = RewardLaw.from_density(np.ones_like, support=(0, 1), of="weight")
    found = choose(law, K=4, max_kl=2.0)
    run = CurationLoop(law, K=4, lam=found.lam).fixed_point()
    assert run.kl_to_reference == pytest.approx(2.0, abs=1e-6)
