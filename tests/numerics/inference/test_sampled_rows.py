"""Estimates from samples of prompts' answers: what is exact, left out, and not known."""

import math
from itertools import product

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference import sampled_rows, subsamples
from recurate.numerics.inference.sampled_rows import carried_until, extrapolated


def every_sample(rows, rate):
    """Return a law whose prompts are all samples of 0/1 rewards, weighted by their chances."""
    samples = np.array(list(product([0.0, 1.0], repeat=rows)))
    chances = np.prod(np.where(samples == 1.0, rate, 1 - rate), axis=1)
    probs = np.repeat(chances / rows, rows)
    return RewardLaw(samples.ravel(), probs, prompts=np.repeat(np.arange(len(samples)), rows))


class InOrder:
    """Cuts every prompt in the same way, so that a mean over all samples is exact."""

    def random(self, size):
        return np.arange(size)


def means(law, K, lam, steps, what):
    """Return the prompts' mean rewards, extrapolated, shape (steps + 1,)."""
    columns = subsamples.Followed.of(law, (), ())
    total = np.zeros(steps + 1)
    loop, prompts = CurationLoop(law, K=K, lam=lam), np.arange(law.prompt_probs.size)
    for block in subsamples.blocks(loop, steps, columns, prompts, 1, InOrder()):
        total += getattr(block, what)[:, :, 0] @ law.prompt_probs[block.prompts]
    return total + columns.pivots[0]


def normal_law(prompts=100, rows=16, seed=1, scale=1.0, **options):
    rewards = scale * np.random.default_rng(seed).normal(size=prompts * rows)
    return RewardLaw(rewards, prompts=np.repeat(np.arange(prompts), rows), **options)


@pytest.mark.parametrize("lam", [1.0, math.inf])
@pytest.mark.parametrize("rows", [4, 5, 6, 7, 8, 9])
def test_the_first_step_of_two_or_three_candidates_is_unbiased(rows, lam):
    # p ↦ E_T(p) r is a polynomial of degree K, so the bias of its plug-in is one of degree K - 1 in
    # 1/n without a constant: halves take out the first order, quarters the second. Exact: the mean
    # over all samples of their chances.
    law, truth = every_sample(rows, 0.3), RewardLaw([0.0, 1.0], [0.7, 0.3])
    for K, what in ((2, "halves"), (2, "quarters"), (3, "quarters")):
        exact = CurationLoop(truth, K=K, lam=lam).run(steps=1).expected_reward
        np.testing.assert_allclose(means(law, K, lam, 1, what), exact, rtol=0, atol=1e-13)
        assert abs(means(law, K, lam, 1, "table")[1] - exact[1]) > 1e-3
    if rows >= 8:
        np.testing.assert_allclose(means(law, 3, lam, 1, "coarser"), exact, rtol=0, atol=1e-13)


def test_what_all_rows_say_is_what_the_loop_says():
    generator = np.random.default_rng(5)
    sizes = generator.integers(4, 20, size=60)
    prompts, n = np.repeat(np.arange(60), sizes), int(sizes.sum())
    score = np.where(generator.random(n) < 0.2, np.nan, generator.normal(size=n))
    law = RewardLaw(
        generator.normal(size=n).round(1),
        generator.dirichlet(np.ones(n)),
        groups=generator.choice(["a", "b", "c"], size=n),
        prompts=prompts,
        scores={"length": score, "rest": generator.normal(size=n)},
    )
    loop = CurationLoop(law, K=4, lam=2.0)
    run = loop.run(steps=3)
    columns = subsamples.Followed.of(law, (2, 0), law.score_names)
    total = np.zeros((4, columns.number + 1))
    for block in subsamples.blocks(loop, 3, columns, np.arange(60), 2, generator):
        weights = law.prompt_probs[block.prompts]
        total[:, :-1] += np.einsum("z,tzc->tc", weights, block.table)
        total[:, -1] += weights.sum()
    found = total[:, columns.numerators] / total[:, columns.denominators] + columns.pivots
    shares = run.group_proportions[:, [2, 0]]
    expected = [run.expected_reward, run.kl_to_reference, *shares.T, *run.expected_scores.T]
    np.testing.assert_allclose(found, np.column_stack(expected), rtol=1e-12, atol=1e-12)


def test_nothing_is_corrected_where_nothing_is_chosen():
    law = normal_law(groups=np.arange(1600) % 3, scores={"gold": np.arange(1600.0)})
    found = extrapolated(CurationLoop(law, K=1, lam=math.inf), 3, rng=0)
    run = CurationLoop(law, K=1, lam=math.inf).run(steps=3)
    assert found.known_until == 3
    np.testing.assert_allclose(found.estimates["expected_reward"], run.expected_reward, atol=1e-12)
    np.testing.assert_allclose(found.estimates["kl_to_reference"], 0.0, atol=1e-12)
    np.testing.assert_allclose(found.proportions, run.group_proportions, atol=1e-12)
    np.testing.assert_allclose(found.expected_scores, run.expected_scores, rtol=1e-12)
    # The band is that of a mean over prompts: Student's quantile for 99 degrees of freedom.
    by_prompt = law.rewards.reshape(100, 16).mean(axis=1)
    half = 1.984217 * by_prompt.std(ddof=1) / math.sqrt(100)
    np.testing.assert_allclose(found.high["expected_reward"], by_prompt.mean() + half, atol=1e-7)
    np.testing.assert_allclose(found.low["expected_reward"], by_prompt.mean() - half, atol=1e-7)


def test_prompts_of_fewer_than_four_rows_are_left_out_and_counted():
    law = normal_law(rows=8)
    rewards = np.append(law.rewards, [5.0, 6.0, 7.0, 9.0])
    prompts = np.append(np.repeat(np.arange(100), 8), [100, 100, 100, 101])
    both = RewardLaw(rewards, prompts=prompts)
    found, alone = (extrapolated(CurationLoop(of, K=4, lam=1.0), 2, rng=0) for of in (both, law))
    assert (found.prompts, found.left_out) == (100, 2)
    assert found.mass_left_out == pytest.approx(4 / 804)
    assert (alone.prompts, alone.left_out, alone.mass_left_out) == (100, 0, 0.0)
    for name in found.estimates:
        for of, ours in ((found.estimates, alone.estimates), (found.high, alone.high)):
            np.testing.assert_allclose(of[name], ours[name], rtol=1e-9)


def test_a_row_of_probability_zero_is_no_row():
    law = normal_law(rows=8)
    rewards, prompts = np.append(law.rewards, 50.0), np.append(np.repeat(np.arange(100), 8), 3)
    more = RewardLaw(rewards, np.append(np.full(800, 1 / 800), 0.0), prompts=prompts)
    found, other = (extrapolated(CurationLoop(of, K=4, lam=1.0), 2, rng=0) for of in (more, law))
    for name in found.estimates:
        np.testing.assert_allclose(found.estimates[name], other.estimates[name], rtol=1e-9)


def test_an_offset_of_all_rewards_changes_nothing():
    law = normal_law(groups=np.arange(1600) % 2)
    moved = RewardLaw(law.rewards + 2.0**20, prompts=np.repeat(np.arange(100), 16))
    found, other = (
        extrapolated(CurationLoop(of, K=4, lam=1.0), 2, splits=2, rng=0) for of in (law, moved)
    )
    for ends, others in ((found.estimates, other.estimates), (found.low, other.low)):
        shifted = others["expected_reward"] - 2.0**20
        np.testing.assert_allclose(ends["expected_reward"], shifted, atol=1e-8)
        np.testing.assert_allclose(ends["kl_to_reference"], others["kl_to_reference"], atol=1e-9)


def test_late_steps_are_not_known():
    law = normal_law(prompts=300, rows=8, groups=np.arange(2400) % 2)
    loop = CurationLoop(law, K=4, lam=math.inf)
    said = []
    found = extrapolated(loop, 4, splits=3, rng=0, on_step=said.append)
    assert found.known_until in (1, 2)
    known, beyond = slice(found.known_until + 1), slice(found.known_until + 1, None)
    for values in (*found.estimates.values(), *found.low.values(), *found.high.values()):
        assert np.isfinite(values[known]).all()
        assert np.isnan(values[beyond]).all()
    assert np.isnan(found.proportions[beyond]).all()
    assert said == [1, 2, 3, 4]
    # The bias grows with t, and so does what may be left of it.
    width = found.high["expected_reward"] - found.low["expected_reward"]
    assert (np.diff(width[known]) > 0).all()
    assert carried_until(loop, 4, rng=0) in (1, 2)


def test_halves_and_quarters_that_agree_by_chance_are_not_believed():
    # Uniform rewards, eight rows: at t = 2 halves and quarters agree to 2% of the correction, and
    # both are wrong by a fifth of it. One size coarser they do not agree.
    generator = np.random.default_rng(3)
    places = np.stack([generator.permutation(1000) for _ in range(8)], axis=1)
    rewards = 5 * (places + generator.random(places.shape)) / 1000
    law = RewardLaw(rewards.ravel(), prompts=np.repeat(np.arange(1000), 8))
    loop = CurationLoop(law, K=4, lam=math.inf)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    exact = CurationLoop(RewardLaw(2.5 * (nodes + 1), weights / 2), K=4, lam=math.inf)
    truth = exact.run(steps=2).expected_reward[2]
    columns = subsamples.Followed.of(law, (), ())
    (block,) = subsamples.blocks(loop, 2, columns, np.arange(1000), 3, generator)
    table, halves, quarters = (
        of[2, :, 0].mean() + columns.pivots[0] for of in (block.table, block.halves, block.quarters)
    )
    correction = halves - table
    assert abs(quarters - halves) < 0.05 * correction
    assert quarters - truth > 0.15 * correction
    assert extrapolated(loop, 2, splits=3, rng=0).known_until == 1


def test_few_prompts_carry_nothing():
    law = normal_law(prompts=90)
    found = extrapolated(CurationLoop(law, K=2, lam=1.0), 2, rng=0)
    assert found.known_until is None
    assert np.isnan(found.estimates["expected_reward"]).all()
    assert carried_until(CurationLoop(law, K=2, lam=1.0), 2, rng=0) is None
    # A thousand prompts of which one has most of the mass are few as well.
    probs = np.append(np.full(1000 * 4, 1e-4), np.full(4, 0.15))
    heavy = RewardLaw(np.arange(4004.0) % 4, probs, prompts=np.repeat(np.arange(1001), 4))
    assert extrapolated(CurationLoop(heavy, K=2, lam=1.0), 1, rng=0).known_until is None


def test_blocks_change_nothing(monkeypatch):
    law = normal_law(prompts=120, rows=6, groups=np.arange(720) % 2)
    loop = CurationLoop(law, K=4, lam=1.0)
    whole = extrapolated(loop, 2, splits=1, rng=0)
    monkeypatch.setattr(subsamples, "BLOCK_ENTRIES", 2000)
    parts = extrapolated(loop, 2, splits=1, rng=0)
    for name in whole.estimates:
        np.testing.assert_allclose(parts.high[name], whole.high[name], rtol=1e-12)
    np.testing.assert_allclose(parts.low_proportions, whole.low_proportions, rtol=1e-12)


def test_more_cuts_narrow_the_bands():
    loop = CurationLoop(normal_law(), K=4, lam=1.0)
    one, many = (extrapolated(loop, 1, splits=splits, rng=0) for splits in (1, 8))
    widths = [of.high["kl_to_reference"][1] - of.low["kl_to_reference"][1] for of in (one, many)]
    assert widths[1] < widths[0]


def test_of_many_prompts_some_are_looked_at(monkeypatch):
    monkeypatch.setattr(sampled_rows, "MOST_LOOKED_AT", 110)
    seen = []
    blocks = sampled_rows.blocks
    monkeypatch.setattr(
        sampled_rows, "blocks", lambda *given: seen.append(given[3].size) or blocks(*given)
    )
    assert carried_until(CurationLoop(normal_law(prompts=150), K=2, lam=1.0), 1, rng=0) == 1
    assert seen == [110]


def test_bad_input():
    loop = CurationLoop(normal_law(prompts=60, rows=4), K=2, lam=1.0)
    plain = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
    for function in (extrapolated, carried_until):
        with pytest.raises(ValueError, match=r"law must have prompts, .*got one without"):
            function(plain, 1)
        with pytest.raises(TypeError, match="loop must be a CurationLoop"):
            function(loop.law, 1)
        with pytest.raises(ValueError, match="steps"):
            function(loop, -1)
        with pytest.raises(TypeError, match="rng"):
            function(loop, 1, rng="seed")
    with pytest.raises(ValueError, match="splits"):
        extrapolated(loop, 1, splits=0)
    with pytest.raises(ValueError, match="level must be above 0 and below 1"):
        extrapolated(loop, 1, level=1.0)
    with pytest.raises(ValueError, match="groups"):
        extrapolated(loop, 1, groups=[0])
    pairs = RewardLaw([0.0, 1.0, 2.0, 3.0], prompts=[0, 0, 1, 1])
    with pytest.raises(ValueError, match=r"at least 4 rows, .*; got 2 of fewer"):
        extrapolated(CurationLoop(pairs, K=2, lam=1.0), 1)
    assert carried_until(CurationLoop(pairs, K=2, lam=1.0), 1) is None


def test_rare_answers_that_the_rows_miss_end_what_is_known(monkeypatch):
    # Half of the prompts are answered rightly once in a hundred times, the others every other time.
    # The pure loop at K = 16 finds every right answer by t = 6; of sixteen rows six prompts in
    # seven of the hard kind have none. Halves, quarters and eighths see but a small correction.
    rates = np.repeat([0.01, 0.5], 50)[:, None]
    rewards = (np.random.default_rng(2).random((100, 16)) < rates).astype(float)
    law = RewardLaw(rewards.ravel(), prompts=np.repeat(np.arange(100), 16))
    loop = CurationLoop(law, K=16, lam=math.inf)
    kinds = RewardLaw([0.0, 1.0] * 2, [0.495, 0.005, 0.25, 0.25], prompts=[0, 0, 1, 1])
    truth = CurationLoop(kinds, K=16, lam=math.inf).run(steps=5).kl_to_reference
    found = extrapolated(loop, 5, rng=0)
    assert found.known_until == 2
    low, high = (ends["kl_to_reference"][:3] for ends in (found.low, found.high))
    assert (low <= truth[:3]).all()
    assert (truth[:3] <= high).all()
    assert carried_until(loop, 5, rng=0) <= 2
    monkeypatch.setattr(sampled_rows, "_LEAST_GROWTH", 0.0)
    believed = extrapolated(loop, 5, rng=0)
    assert believed.known_until == 4
    assert believed.high["kl_to_reference"][4] < truth[4] - 0.05


def test_rare_answers_grow_in_proportion_to_their_mass():
    # By hand for K = inf, where an answer of mass p, worth e times a wrong one, has after t steps
    # the mass p e^t/(1 - p + p e^t): of one row of 16, over the e^t/16 of a rare one.
    rows = np.array([*np.eye(16)[:3], *np.zeros((2, 16)), *[[1.0, 0.0] * 8] * 2])
    law = RewardLaw(rows.ravel(), prompts=np.repeat(np.arange(7), 16))
    tilted = CurationLoop(law, K=math.inf, lam=math.inf)
    growth = subsamples.rare_growth(tilted, 3, np.arange(7))
    expected = 1 / (15 / 16 + np.exp(np.arange(4.0)) / 16)
    np.testing.assert_allclose(growth, expected, rtol=1e-6)
    # Prompts whose best answers are ties, or whose rows are all alike, show no rare ones.
    ties = RewardLaw([0.0, 1.0, 1.0, 0.0] * 3, prompts=np.repeat(np.arange(3), 4))
    flat = CurationLoop(ties, K=16, lam=math.inf)
    assert subsamples.rare_growth(flat, 3, np.arange(3)).tolist() == [1.0] * 4
