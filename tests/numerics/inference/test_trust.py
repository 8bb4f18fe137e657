"""Effective sample sizes, and the last step up to which a table is trusted."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, bootstrap_bands
from recurate.numerics.inference.trust import (
    effective_sample_sizes,
    fixed_point_trust,
    trusted_until,
)
from recurate.rules import Accept, BradleyTerry


def test_effective_sample_sizes_of_rows_of_one_weight():
    # K = inf, pure loop: p_t ∝ e^{t r}; here 3 rows of weight 1 and one of 2.
    law = RewardLaw([0.0, 0.0, 0.0, math.log(2.0)])
    sizes = effective_sample_sizes(CurationLoop(law, K=math.inf, lam=math.inf).run(steps=3))
    expected = [(3 + 2**t) ** 2 / (3 + 4**t) for t in range(4)]  # (Σ w)²/Σ w²
    assert sizes == pytest.approx(expected, rel=1e-12)


def test_effective_sample_sizes_of_weighted_rows():
    law = RewardLaw([0.0, math.log(2.0)], [0.75, 0.25])
    sizes = effective_sample_sizes(CurationLoop(law, K=math.inf, lam=math.inf).run(steps=1))
    # p_0 = (3/4, 1/4), p_1 ∝ (3, 2)
    assert sizes == pytest.approx([1 / (9 / 16 + 1 / 16), 25 / 13], rel=1e-12)


def test_weights_that_are_equal_are_no_weights():
    rewards = np.random.default_rng(0).normal(size=40)
    given, none = RewardLaw(rewards, [1 / 40] * 40), RewardLaw(rewards)
    assert given.is_uniform
    assert not RewardLaw([0.0, 1.0], [0.4, 0.6]).is_uniform
    sizes = [
        effective_sample_sizes(CurationLoop(law, K=3, lam=2.0).run(steps=5))
        for law in (given, none)
    ]
    assert sizes[0] == pytest.approx(sizes[1], rel=1e-12)


def test_trusted_while_enough_rows_carry_the_law():
    # As many rows at the top as the sample size needs: 150 of 1000 at the best reward, the rest
    # far below, so that the pure loop is left with 150 rows for ever.
    rewards = np.where(np.arange(1000) < 150, 0.0, -30.0)
    run = CurationLoop(RewardLaw(rewards), K=4, lam=math.inf).run(steps=9)
    assert effective_sample_sizes(run)[-1] == pytest.approx(150, rel=1e-6)
    assert trusted_until(run) == 9
    assert trusted_until(run, least=151) < 9


def test_trusted_while_the_tail_is_light():
    # K = inf, pure loop: log g_t = t r, so the tail index is t times the mean of r above the
    # largest √n but one: 31 rows of 1 above rewards of 0.9 give 0.1 t.
    rewards = np.concatenate([np.ones(31), np.full(969, 0.9)])
    run = CurationLoop(RewardLaw(rewards), K=math.inf, lam=math.inf).run(steps=9)
    assert trusted_until(run) == 5  # 0.1 t <= 1/2, rounding to either side of it allowed
    assert trusted_until(run, largest_tail_index=0.35) == 3
    assert trusted_until(run, largest_tail_index=1.0) == 9


def test_a_small_table_is_not_trusted_at_all():
    run = CurationLoop(RewardLaw(np.arange(99.0) / 99), K=2, lam=1.0).run(steps=2)
    assert trusted_until(run) is None
    assert trusted_until(run, least=50) == 2


def test_a_law_with_a_density_is_no_sample():
    law = RewardLaw.from_density(np.ones_like, support=(0, 1))
    loop = CurationLoop(law, K=2, lam=1.0)
    run = loop.run(steps=1)
    for refused in (effective_sample_sizes, trusted_until, lambda run: bootstrap_bands(loop, run)):
        with pytest.raises(ValueError, match="law must be that of a table's rows; got <DensityLaw"):
            refused(run)


def test_rows_that_do_not_count_have_no_say_in_the_tail():
    # As the law of the light tail above, with forty rows of weight zero far above the others.
    rewards = np.concatenate([np.ones(31), np.full(969, 0.9)])
    law = RewardLaw(np.append(rewards, np.full(40, 5.0)), np.append(np.full(1000, 1e-3), [0] * 40))
    run = CurationLoop(law, K=math.inf, lam=math.inf).run(steps=9)
    plain = CurationLoop(RewardLaw(rewards), K=math.inf, lam=math.inf).run(steps=9)
    for largest in (0.35, 0.55):
        there = trusted_until(plain, largest_tail_index=largest)
        assert trusted_until(run, largest_tail_index=largest) == there == int(10 * largest)


def test_with_prompts_the_unit_is_the_prompt():
    # Two of three prompts weigh alike, the third twice as much: (Σ p)²/Σ p² = 16/6, at every t.
    law = RewardLaw(
        np.arange(8.0), prompts=["a", "a", "b", "b", "c", "c", "c", "c"], groups=["g"] * 8
    )
    loop = CurationLoop(law, K=4, lam=math.inf)
    run = loop.run(steps=3)
    assert effective_sample_sizes(run) == pytest.approx([16 / 6] * 4, rel=1e-11)
    assert trusted_until(run) is None
    assert trusted_until(run, least=2.5) == 3
    trust = fixed_point_trust(loop.fixed_point())
    assert trust.effective_sample_size == pytest.approx(16 / 6, rel=1e-11)
    assert trust.tail_index == 0.0
    assert not trust.is_trusted


def test_a_hundred_prompts_carry_even_the_pure_loop():
    # Of 400 rows its fixed point would be one. A hundred is enough, rounding or not.
    rng = np.random.default_rng(1)
    law = RewardLaw(rng.normal(size=400), prompts=np.repeat(np.arange(100), 4))
    loop = CurationLoop(law, K=4, lam=math.inf)
    assert trusted_until(loop.run(steps=50)) == 50
    assert fixed_point_trust(loop.fixed_point()).is_trusted


@pytest.mark.parametrize("rewards", [np.zeros(1000), np.linspace(0, -1, 1000)])
def test_the_tail_is_that_of_what_the_rules_choose_by(rewards):
    # As in test_trusted_while_the_tail_is_light, but by a score; rewards say nothing, or less.
    score = np.concatenate([np.full(969, 0.91), np.ones(31)])
    law = RewardLaw(rewards, scores={"liked": score})
    loop = CurationLoop(law, rule=BradleyTerry(math.inf, by="liked"), lam=math.inf)
    run = loop.run(steps=9)
    assert trusted_until(run) == 5  # 0.09 t <= 1/2
    assert trusted_until(run, largest_tail_index=0.35) == 3


def test_accepted_rows_carry_a_loop():
    # Half of 400 rows of one weight are accepted: 200 carry each step, none more than another.
    law = RewardLaw(np.arange(400.0), scores={"right": np.arange(400) % 2})
    run = CurationLoop(law, rule=Accept("right"), lam=math.inf).run(steps=3)
    assert effective_sample_sizes(run) == pytest.approx([400, 200, 200, 200], rel=1e-12)
    assert trusted_until(run) == 3
    assert trusted_until(run, least=201) == 0
