"""`recurate.testing`: what it takes, what it says, and what it refuses."""

import dataclasses
import math
import re
from collections import Counter

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, curate, simulate_loop
from recurate.testing import assert_agrees, measured

LAW = RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2], groups="xyx")
LOOP = CurationLoop(LAW, K=4, lam=1.0)


def test_it_takes_indices_counts_and_tensors():
    """Null: winners of this loop; 20,000 of them, alpha 1e-9."""
    torch = pytest.importorskip("torch")
    winners = curate(LAW.rewards, 4, 20_000, probs=LAW.probs, rng=0)
    for simulated in (winners, winners.tolist(), Counter(winners.tolist()), torch.tensor(winners)):
        assert_agrees(simulated, LOOP, alpha=1e-9)


def test_the_step_is_that_of_the_candidates():
    """At t = 2 of the pure loop the candidates' law is another one."""
    loop = CurationLoop(LAW, K=4, lam=np.inf)
    probs = loop.run(steps=2).probs(2)
    winners = curate(LAW.rewards, 4, 20_000, probs=probs / probs.sum(), rng=0)
    assert_agrees(winners, loop, t=2, alpha=1e-9)
    with pytest.raises(AssertionError, match="winners disagree with p_0 · H, K = 4"):
        assert_agrees(winners, loop, alpha=1e-9)


def test_small_tables_are_tested_exactly():
    assert_agrees([2, 2, 1], LOOP, alpha=1e-3)
    # 30 of the worst atom: (its probability)^30, about (0.2)^30.
    with pytest.raises(AssertionError, match="30 independent winners"):
        assert_agrees([0] * 30, LOOP)


def test_measured_runs_have_the_figures_of_their_samples():
    generated = [[np.array([0, 0, 1, 2]), [2, 2, 2, 1]]]
    run = measured(generated, LOOP, n_curated=2, n_real=2)
    weights = np.exp(np.array([-2.0, -1.0, 0.0]))
    assert run.expected_weight == pytest.approx(
        [(2 * weights[0] + weights[1] + 1) / 4, (weights[1] + 3) / 4]
    )
    assert run.expected_reward == pytest.approx([0.75, 1.75])
    assert run.variance_weight[1] == pytest.approx(np.var([1, 1, 1, weights[1]]))
    assert run.mass_at_max.tolist() == [0.25, 0.75]
    assert run.group_proportions.tolist() == [[0.75, 0.25], [0.75, 0.25]]
    assert run.sizes.lam == 1.0


def test_a_trajectory_of_another_loop_is_refused_with_where_and_how_much():
    run = simulate_loop(
        CurationLoop(LAW, K=3, lam=1.0), steps=3, n_generated=5_000, replicates=20, rng=1
    )
    with pytest.raises(AssertionError) as caught:
        assert_agrees(run, LOOP)
    text = str(caught.value)
    first, second, third = text.splitlines()
    # Whichever figure is furthest off: its value and the expected one, with a standard deviation.
    number = r"[01]\.\d+"
    assert re.fullmatch(
        rf"t = [123]: (\w+|share of group '[xy]') is {number}, expected {number} ± 0\.\d+ "
        r"\(p-value \S+, alpha 1e-06\)",
        first,
    )
    assert second == "  the trajectory disagrees with the loop's"
    assert "20 independent runs with 5,000 generated, 5,000 curated and 5,000 real" in third


@pytest.mark.parametrize("law", [
    RewardLaw([0.0, 999.0, 1000.0], [0.5, 0.3, 0.2]),
    RewardLaw([0.0, 1.0, 2.0, 800.0], [0.5, 0.3, 0.2, 0.0]),
    RewardLaw([1e15, 1e15 + 1, 1e15 + 2], [0.5, 0.3, 0.2]),
], ids=["span", "no probability", "far from zero"])  # fmt: skip
@pytest.mark.error_rate(rate=1e-9, null="runs of this loop", size="10 x 5,000 x 4 steps")
def test_runs_are_told_apart_whatever_the_rewards(law):
    """Weights that underflow, atoms that never occur, means that are rounded to an eighth."""
    sizes = {"steps": 4, "n_generated": 5_000, "replicates": 10, "rng": 1}
    loop, fewer = (CurationLoop(law, K=K, lam=1.0) for K in (4, 3))
    assert_agrees(simulate_loop(loop, **sizes), loop, alpha=1e-9)
    with pytest.raises(AssertionError, match="the trajectory disagrees"):
        assert_agrees(simulate_loop(fewer, **sizes), loop)


def test_what_is_no_number_disagrees():
    run = simulate_loop(LOOP, steps=2, n_generated=1_000, rng=1)
    figures = run.figures.copy()
    figures[0, 1, 2] = np.nan
    with pytest.raises(AssertionError, match="t = 1: expected_reward is nan, expected"):
        assert_agrees(dataclasses.replace(run, figures=figures), LOOP)


def test_a_trajectory_needs_the_groups_of_the_loop():
    run = simulate_loop(LOOP, steps=1, n_generated=100, rng=1)
    for groups in (None, "xxx", "yxy"):
        other = CurationLoop(RewardLaw(LAW.rewards, LAW.probs, groups), K=4, lam=1.0)
        with pytest.raises(ValueError, match=r"simulated must have the loop's groups, .* got .*x"):
            assert_agrees(run, other)


@pytest.mark.parametrize(("lam", "n_real"), [(1.0, 98), (3.0, 35), (np.inf, 1), (0.0, 5)])
def test_sizes_that_are_another_mixture_are_refused(lam, n_real):
    """Else runs with too little real data would be held against a loop with as little."""
    loop = CurationLoop(LAW, K=4, lam=lam)
    with pytest.raises(ValueError, match="n_curated / n_real must be the loop's lam"):
        measured([[[0], [0]]], loop, n_curated=100, n_real=n_real)


@pytest.mark.parametrize(
    ("lam", "n_curated", "n_real"),
    [(1.0, 100, 100), (3.0, 100, 33), (3.0, 100, 34), (0.3, 7, 23), (np.inf, 100, 0), (0.0, 0, 5)],
)
def test_sizes_may_be_rounded(lam, n_curated, n_real):
    loop = CurationLoop(LAW, K=4, lam=lam)
    assert measured([[[0]]], loop, n_curated=n_curated, n_real=n_real).sizes.real == n_real


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0, 1], "loop"), TypeError, "loop must be a CurationLoop; got str"),
        (([0, 3], LOOP), ValueError, "indices of the law's atoms, 0 to 2; got 3"),
        (([-1], LOOP), ValueError, "got -1"),
        (([0.5], LOOP), TypeError, "simulated must be winners' indices"),
        (([], LOOP), TypeError, "simulated must be winners' indices"),
        (({0: 0, 2: 0}, LOOP), ValueError, "simulated must have at least one winner; got counts"),
        (({0: -1}, LOOP), ValueError, "the count of atom 0 must be an integer of at least 0"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error, match=message):
        assert_agrees(*arguments)


def test_bad_numbers():
    for alpha in (0.0, 1.0, -1.0):
        with pytest.raises(ValueError, match="alpha must be above 0 and below 1"):
            assert_agrees([0], LOOP, alpha=alpha)
    run = simulate_loop(LOOP, steps=1, n_generated=100, rng=0)
    with pytest.raises(ValueError, match="t must be None for a trajectory"):
        assert_agrees(run, LOOP, t=1)
    with pytest.raises(ValueError, match="the same number of samples at each step"):
        measured([[[0], [0, 1]]], LOOP, n_curated=1, n_real=1)
    with pytest.raises(ValueError, match="at least one run, all of the same number of steps"):
        measured([[[0]], [[0], [1]]], LOOP, n_curated=1, n_real=1)


def test_a_rare_class_that_takes_over_is_refused():
    # 10 of 1,000 samples have the better reward, and in five steps they are nearly all there is:
    # the bands, of first order in 1/n, do not hold.
    loop = CurationLoop(RewardLaw([0.0, 5.0], [0.99, 0.01]), K=16, lam=math.inf)
    simulated = simulate_loop(loop, steps=5, n_generated=1000, replicates=30, rng=0)
    with pytest.raises(ValueError, match=r"got 10, of 1,000: take 10,000 or more"):
        assert_agrees(simulated, loop, alpha=1e-6)


PROMPTED = RewardLaw(
    [0.0, 1.0, 5.0, 6.0, 2.0], [0.1, 0.3, 0.2, 0.3, 0.1], "xyxyx", prompts=["a", "b", "b", "a", "b"]
)
WITHIN = CurationLoop(PROMPTED, K=4, lam=1.0)


@pytest.mark.error_rate(rate=1e-9, null="winners within prompts", size="2 x 5,000")
def test_winners_within_prompts_may_have_a_row_for_each():
    winners = curate(
        PROMPTED.rewards, 4, 5_000, probs=PROMPTED.probs, prompts=PROMPTED.prompt_index, rng=0
    )
    for simulated in (winners, winners.ravel(), winners[0], Counter(winners.ravel().tolist())):
        assert_agrees(simulated, WITHIN, alpha=1e-9)
    # A law without prompts has no rows of winners.
    with pytest.raises(TypeError, match="simulated must be winners' indices"):
        assert_agrees(winners, CurationLoop(RewardLaw(PROMPTED.rewards), K=4, lam=1.0))


def test_candidates_of_all_prompts_together_are_said_to_be():
    pooled = curate(PROMPTED.rewards, 4, 50_000, probs=PROMPTED.probs, rng=0)
    with pytest.raises(AssertionError) as caught:
        assert_agrees(pooled, WITHIN)
    first, second, third = str(caught.value).splitlines()
    assert re.match(r"t = 0: .* expected .* \(p-value \S+, alpha 1e-06\)", first)
    assert second == "  winners disagree with p_0 · H, K = 4, within prompts"
    assert third == (
        "  null hypothesis: 50,000 independent winners, multinomial within each of 2 prompts"
    )


def test_measured_runs_within_prompts_are_means_over_prompts():
    """Prompt a (mass .4, best 6) generates 0 and 3; b (mass .6, best 5) generates 1 and 2."""
    run = measured([[[0, 3, 1, 2], [3, 1, 3, 2]]], WITHIN, n_curated=2, n_real=2)
    low, mid = np.exp([-6.0, -4.0])
    assert run.expected_reward == pytest.approx([0.4 * 3 + 0.6 * 3, 0.4 * 6 + 0.6 * 3])
    assert run.expected_weight[0] == pytest.approx(0.4 * (low + 1) / 2 + 0.6 * (mid + 1) / 2)
    variance = 0.4 * np.var([low, 1.0]) + 0.6 * np.var([mid, 1.0])
    assert run.variance_weight == pytest.approx([variance, 0.6 * np.var([mid, 1.0])])
    assert run.mass_at_max == pytest.approx([0.5, 0.4 + 0.3])
    assert run.group_proportions[0] == pytest.approx([0.2 + 0.3, 0.2 + 0.3])
    assert (run.prompts, run.sizes.generated) == (2, 2)
    with pytest.raises(ValueError, match=r"samples of each prompt at each step; got \[1, 3\]"):
        measured([[[0, 1, 2, 4]]], WITHIN, n_curated=2, n_real=2)


@pytest.mark.error_rate(rate=1e-9, null="runs within prompts", size="20 x 2 x 2,000 x 3 steps")
def test_runs_of_a_loop_of_ones_own_within_prompts():
    """Each prompt's model by itself, from the plain simulation; their samples together."""

    def generated(seed):
        rng, runs = np.random.default_rng(seed), []
        rows = [np.flatnonzero(PROMPTED.prompt_index == z) for z in range(2)]
        laws = [PROMPTED.probs[row] / PROMPTED.probs[row].sum() for row in rows]
        state = list(laws)
        for _ in range(4):
            drawn = [
                row[rng.choice(row.size, 2_000, p=p)] for row, p in zip(rows, state, strict=True)
            ]
            runs.append(np.concatenate(drawn))
            for z, row in enumerate(rows):
                winners = drawn[z][curate(PROMPTED.rewards[drawn[z]], 4, 2_000, rng=rng)]
                real = row[rng.choice(row.size, 2_000, p=laws[z])]
                both = np.concatenate([winners, real])
                state[z] = np.array([(both == atom).mean() for atom in row])
        return runs

    runs = [generated(seed) for seed in range(20)]
    run = measured(runs, WITHIN, n_curated=2_000, n_real=2_000)
    assert_agrees(run, WITHIN, alpha=1e-9)
    with pytest.raises(AssertionError, match="the trajectory disagrees"):
        assert_agrees(run, CurationLoop(PROMPTED, K=5, lam=1.0))


def test_a_trajectory_needs_the_prompts_of_the_loop():
    run = simulate_loop(WITHIN, steps=1, n_generated=1_000, rng=1)
    plain = CurationLoop(RewardLaw(PROMPTED.rewards, PROMPTED.probs, "xyxyx"), K=4, lam=1.0)
    with pytest.raises(ValueError, match="simulated must have the loop's prompts, none; got 2"):
        assert_agrees(run, plain)
    with pytest.raises(ValueError, match="simulated must have the loop's prompts, 2; got none"):
        assert_agrees(simulate_loop(plain, steps=1, n_generated=1_000, rng=1), WITHIN)


def test_samples_needed_is_about_a_law_without_prompts():
    from recurate.testing import samples_needed

    plain = CurationLoop(RewardLaw(PROMPTED.rewards), K=3, lam=1.0)
    for loops in ((WITHIN, plain), (plain, WITHIN)):
        with pytest.raises(ValueError, match="samples_needed needs a law without prompts; got one"):
            samples_needed(loops[0], against=loops[1])
