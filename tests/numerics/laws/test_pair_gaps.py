"""Gaps between the rewards of two samples, against an enumeration of all pairs in plain Python."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from recurate import RewardLaw, Summary
from recurate.numerics.compression import lattice
from recurate.numerics.laws import pair_gaps as module
from recurate.numerics.laws.pair_gaps import pair_gaps


def enumerated(law):
    """Return the share that is chosen well, the odds, and gaps with their masses, ascending."""
    better = worse = 0.0
    gaps = []
    for i in range(law.size):
        for j in range(law.size):
            if law.prompt_of_atoms[i] != law.prompt_of_atoms[j]:
                continue
            gap = law.rewards[i] - law.rewards[j]
            mass = law.probs[i] * law.probs[j] / law.prompt_probs[law.prompt_of_atoms[i]]
            if gap > 0 and mass > 0:
                better += mass / (1 + math.exp(-gap))
                worse += mass * math.exp(-gap) / (1 + math.exp(-gap))
                gaps.append((gap, mass))
    return better / (better + worse), better / worse, sorted(gaps)


def median_ranks(law, median):
    """Return the shares of the untied pairs with a smaller gap, and with no larger one."""
    _, _, gaps = enumerated(law)
    every = sum(mass for _, mass in gaps)
    return (
        sum(mass for gap, mass in gaps if gap < median) / every,
        sum(mass for gap, mass in gaps if gap <= median) / every,
    )


@pytest.mark.parametrize("prompts", [None, np.arange(3000) % 7])
def test_pairs_within_a_bin_of_a_summary_are_nearly_tied(monkeypatch, prompts):
    monkeypatch.setattr(lattice, "KEPT_TOP", 10)
    monkeypatch.setattr(lattice, "KEPT_BOTTOM", 5)
    rng = np.random.default_rng(0)
    # Ten values with noise below a bin's width, 2^-30, and no ties: a tenth of all pairs.
    rewards = rng.integers(0, 10, 3000) / 16 + rng.normal(size=3000) * 1e-10
    law = Summary.of(rewards, prompts=prompts).law()
    assert law.size < 600
    ours, theirs = pair_gaps(law), pair_gaps(RewardLaw(rewards, prompts=prompts))
    # A slope of σ of 1/4, and gaps of at most 2^-30.
    assert ours.chosen_better == pytest.approx(theirs.chosen_better, abs=1e-9)
    assert ours.median_gap == pytest.approx(theirs.median_gap, abs=1e-9)
    # Rows at one place are tied.
    ties = np.round(rewards, 4)
    ours = pair_gaps(Summary.of(ties, prompts=prompts).law())
    theirs = pair_gaps(RewardLaw(ties, prompts=prompts))
    assert ours.chosen_better == pytest.approx(theirs.chosen_better, abs=1e-12)


def laws():
    rng = np.random.default_rng(19)
    yield RewardLaw([0.0, 1.0])
    yield RewardLaw([1.0, 5.0, 2.0, 5.0], [0.1, 0.2, 0.3, 0.4])
    yield RewardLaw([3.0, 1.0, 9.0], [0.5, 0.5, 0.0])
    yield RewardLaw([0.0, 4.0, 7.0, 1.0, 1.5], prompts=["a", "b", "c", "a", "b"])  # c of one answer
    for size in (5, 20, 40):
        rewards = rng.normal(scale=3, size=size)
        prompts = rng.integers(6, size=size)
        yield RewardLaw(rewards, rng.dirichlet(np.ones(size)))
        yield RewardLaw(np.round(rewards), rng.dirichlet(np.ones(size)), prompts=prompts)
        yield RewardLaw(np.round(rewards), prompts=prompts, prompt_weights="equal")


@pytest.mark.parametrize("law", list(laws()))
def test_gaps_are_those_of_all_pairs(law):
    better, odds, _ = enumerated(law)
    found = pair_gaps(law)
    assert found.chosen_better == pytest.approx(better, rel=1e-13)
    assert found.odds == pytest.approx(odds, rel=1e-12)
    below, upto = median_ranks(law, found.median_gap)
    assert below < 0.5 - 1e-9
    assert upto >= 0.5 - 1e-9
    assert found.median_ratio == pytest.approx(math.exp(found.median_gap))


def test_of_tied_pairs_nothing_is_said():
    assert pair_gaps(RewardLaw([2.0, 2.0, 2.0])) is None
    assert pair_gaps(RewardLaw([2.0, 3.0], [1.0, 0.0])) is None
    assert pair_gaps(RewardLaw([1.0, 2.0, 3.0], prompts=["a", "b", "c"])) is None


def test_a_hand_computed_law():
    # Gaps 1 and 2 with masses .5 * .2 and .3 * .2, and 3 with .5 * .3.
    found = pair_gaps(RewardLaw([0.0, 1.0, 3.0], [0.5, 0.2, 0.3]))
    sigma = [1 / (1 + math.exp(-gap)) for gap in (1, 2, 3)]
    assert found.chosen_better == pytest.approx(
        (0.10 * sigma[0] + 0.06 * sigma[1] + 0.15 * sigma[2]) / 0.31, rel=1e-14
    )
    assert found.median_gap == 2.0


def test_half_of_the_pairs_is_half_whatever_their_order():
    # Six gaps of one, in prompts whose masses are no doubles, and six of two.
    prompts = np.repeat(np.arange(12), 2)
    rewards = np.array([0.0, 1.0] * 6 + [0.0, 2.0] * 6)
    for order in (np.arange(24), np.arange(24)[::-1]):
        assert pair_gaps(RewardLaw(rewards[order], prompts=prompts)).median_gap == 1.0


def test_gaps_whose_exponential_is_no_double():
    found = pair_gaps(RewardLaw([0.0, 1000.0]))
    assert (found.chosen_better, found.odds, found.median_gap) == (1.0, math.inf, 1000.0)
    assert found.median_ratio == math.inf
    # 1 - p̄ would have lost all digits of the odds.
    assert pair_gaps(RewardLaw([0.0, 50.0])).odds == pytest.approx(math.exp(50), rel=1e-12)


def test_a_million_rewards_are_nearly_those_of_their_density():
    # Two standard normals: their difference has variance 2. The table differs from the law by about
    # 1e-3 (1 / sqrt(10^6)), the bins by at most 1e-3.
    found = pair_gaps(RewardLaw(np.random.default_rng(3).normal(size=10**6)))
    better, _ = quad(lambda gap: norm.pdf(gap, scale=2**0.5) * 2 / (1 + math.exp(-gap)), 0, 40)
    assert found.chosen_better == pytest.approx(better, abs=2e-3)
    assert found.median_gap == pytest.approx(norm.ppf(0.75) * 2**0.5, abs=1e-2)


@pytest.mark.parametrize("shape", ["normal", "heavy", "prompts"])
def test_bins_keep_what_is_said_of_them(monkeypatch, shape):
    rng = np.random.default_rng(7)
    size, prompts, probs = 3000, None, None
    rewards = rng.standard_cauchy(size) if shape == "heavy" else rng.normal(size=size)
    if shape == "heavy":  # half of the mass at one reward, and a far one
        probs = np.full(size, 0.5 / (size - 1))
        probs[7], rewards[8] = 0.5, 1e9
    if shape == "prompts":
        prompts = np.repeat([0, 1, 2], [1000, 1990, 10])
    law = RewardLaw(rewards, probs, prompts=prompts)
    exact = pair_gaps(law)
    bins = 64
    monkeypatch.setattr(module, "_PAIRS", 1)
    monkeypatch.setattr(module, "_LEAST_BINS", bins)
    monkeypatch.setattr(module, "_MOST_BINS", bins)
    found = pair_gaps(RewardLaw(rewards, probs, prompts=prompts))  # what is found is kept
    untied = 1.0 if shape != "heavy" else 0.75
    assert found.chosen_better != exact.chosen_better
    assert abs(found.chosen_better - exact.chosen_better) < 4 / bins / untied
    if shape == "normal":  # smooth: the error is of the order 1/B²
        assert abs(found.chosen_better - exact.chosen_better) < 4 / bins**2
    low, high = (share_of_gaps(law, gap) for gap in (found.median_gap - 1e-9, found.median_gap))
    assert low - 8 / bins / untied < 0.5 < high + 8 / bins / untied


def test_rewards_of_much_mass_keep_their_place_among_bins():
    # Half of the untied pairs and more are of 0 and 1, with the masses .45 and .45.
    light = np.random.default_rng(2).normal(size=6000)
    rewards = np.concatenate([[0.0, 1.0], light])
    probs = np.concatenate([[0.45, 0.45], np.full(6000, 0.1 / 6000)])
    assert pair_gaps(RewardLaw(rewards, probs)).median_gap == 1.0
    rows = np.concatenate([np.repeat([0.0, 1.0], 27_000), light])  # the same, one row each
    assert pair_gaps(RewardLaw(rows)).median_gap == 1.0


def test_rows_of_one_weight_are_binned_as_weights_are():
    # A third of the rows are tied in few places. Equal weights that are given go another way.
    rng = np.random.default_rng(4)
    rewards = np.concatenate([rng.normal(size=20_000), np.round(rng.normal(size=10_000))])
    rows, weights = RewardLaw(rewards), RewardLaw(rewards, np.full(30_000, 1 / 30_000))
    found, other = pair_gaps(rows), pair_gaps(weights)
    bins = 4096  # gaps near the median have a density of 0.4
    assert found.chosen_better == pytest.approx(other.chosen_better, abs=4 / bins**2)
    assert found.median_gap == pytest.approx(other.median_gap, abs=2 * 8 / bins / 0.4)


def share_of_gaps(law, gap):
    """Return the share of untied pairs with at most this gap, prompt by prompt."""
    within = every = 0.0
    for z, mass in enumerate(law.prompt_probs):
        rows = law.prompt_of_atoms == z
        gaps = np.abs(np.subtract.outer(law.rewards[rows], law.rewards[rows]))
        masses = np.multiply.outer(law.probs[rows], law.probs[rows]) / mass
        within += masses[(gaps > 0) & (gaps <= gap)].sum()
        every += masses[gaps > 0].sum()
    return within / every


def test_odds_beyond_all_doubles_are_infinite_without_a_warning():
    # e^-740 is a double, and its reciprocal is none.
    gaps = pair_gaps(RewardLaw([0.0, 740.0]))
    assert gaps.odds == gaps.median_ratio == math.inf
