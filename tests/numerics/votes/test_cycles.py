"""Cycles of majorities: p-values against exact ones, which cycle is named, level and power."""

import itertools

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from recurate.numerics.votes.contests import Contests
from recurate.numerics.votes.cycles import Cycle, cycles, holm, majority_p_values
from recurate.numerics.votes.votes import Votes

from .simulated import among, made, of_pairs, of_prompts, of_three_people

RATE = 1e-10


def one_way(*pairs, times=20):
    """So many votes for each first over the second."""
    winners, losers = zip(*pairs, strict=True)
    return Votes.of(winners * times, losers * times)


@pytest.mark.parametrize("seed", range(20))
def test_adjusted_p_values_are_those_of_statsmodels(seed):
    p_values = np.random.default_rng(seed).random(12) ** 6
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], rel=1e-14)


def test_single_votes_are_counted_without_ties():
    # 14 for a, 4 for b, 3 ties: P(Bin(18, ½) >= 14), and >= 4 the other way.
    votes = Votes.of(
        "a" * 14 + "b" * 4 + "aaabbb",
        "b" * 14 + "a" * 4 + "bbbaaa",
        weights=[1.0] * 18 + [0.5] * 6,
        clusters=[*range(18), 18, 19, 20, 18, 19, 20],
    )
    for_a, for_b = majority_p_values(Contests.of(votes))
    assert for_a == stats.binomtest(14, 18, alternative="greater").pvalue
    assert for_b == stats.binomtest(4, 18, alternative="greater").pvalue


def test_weights_of_independent_votes_are_counts():
    votes = Votes.of("ab", "ba", weights=[14.0, 4.0])
    for_a, _ = majority_p_values(Contests.of(votes))
    assert for_a == stats.binomtest(14, 18, alternative="greater").pvalue


@pytest.mark.parametrize("seed", range(40))
def test_margins_of_several_sizes_have_a_bound(seed):
    # Exactly: among all ways to sign them, those with at least the sum that was found.
    rng = np.random.default_rng(seed)
    sizes = rng.choice([1, 3], 11) if seed % 2 else np.r_[rng.uniform(0.5, 2, 10), 0.1]
    signs = rng.choice([-1, 1, 1, 1], 11)
    is_first = signs > 0
    votes = made(
        2,
        np.where(is_first, 0, 1),
        np.where(is_first, 1, 0),
        weights=sizes.astype(float),
        cluster_is="row",
    )
    ways = np.array(list(itertools.product([-1, 1], repeat=11))) @ sizes
    found = np.concatenate(majority_p_values(Contests.of(votes)))
    for p_value, total in zip(found, (signs @ sizes, -signs @ sizes), strict=True):
        exact = np.mean(ways >= total - 1e-9)
        assert (
            exact <= p_value <= min(1, 3.18 * stats.norm.sf(total / np.linalg.norm(sizes)) + 1e-3)
        )


def test_the_bound_is_met():
    # Of two fair signs of size 1 (and one of next to none) both are up with probability 1/4: that
    # is 3.18 P(Z >= √2), the case for which the constant is the least.
    votes = made(
        2, np.zeros(3, int), np.ones(3, int), weights=np.array([1, 1, 1e-9]), cluster_is="row"
    )
    for_first, _ = majority_p_values(Contests.of(votes))
    assert for_first == pytest.approx(0.25, rel=1e-6)


def test_cycle_is_named_in_order():
    votes = one_way("ab", "bc", "ca", "ad", "bd", "cd")
    # Twelve hypotheses; the largest of Holm's six equal p-values is twelve times 2^-20.
    assert cycles(votes) == (Cycle(("a", "b", "c"), (20,) * 3, (0,) * 3, 12 / 2**20),)


def test_counts_are_those_of_the_votes():
    votes = Votes.of(
        ["a"] * 40 + ["b"] * 50 + ["c"] * 60 + ["b"] * 5, ["b"] * 40 + ["c"] * 50 + ["a"] * 65
    )
    (cycle,) = cycles(votes)
    start = cycle.items.index("a")
    assert [*cycle.items[start:], *cycle.items[:start]] == ["a", "b", "c"]
    assert [*cycle.wins[start:], *cycle.wins[:start]] == [40, 50, 60]
    assert [*cycle.losses[start:], *cycle.losses[:start]] == [5, 0, 0]
    # Of a over b: 40 of 45, the largest of three, and the factor 4 of Holm's third.
    assert cycle.p_value == pytest.approx(
        4 * stats.binomtest(40, 45, alternative="greater").pvalue, rel=1e-12
    )


@pytest.mark.parametrize("length", [3, 4, 7])
def test_shortest_cycle_of_each_part_is_named(length):
    ring = [(i, (i + 1) % length) for i in range(length)]
    more = [(10, 11), (11, 12), (12, 13), (13, 10), (12, 10)]  # of 10 to 13, one of three
    found = cycles(one_way(*ring, *more, (0, 10)))
    assert sorted(len(cycle.items) for cycle in found) == sorted([length, 3])
    is_won = {*ring, *more}
    for cycle in found:
        assert len(set(cycle.items)) == len(cycle.items)
        assert set(zip(cycle.items, (*cycle.items[1:], cycle.items[0]), strict=True)) <= is_won


def test_an_order_has_no_cycle():
    assert cycles(one_way("ab", "bc", "ac")) == ()
    assert cycles(one_way("ab", "bc", "ca", times=3)) == ()  # too few votes: 6/8


NULLS = {
    "plain": lambda rng, n: of_pairs(rng, np.full((n, n), 0.5), 45),
    "ties": lambda rng, n: of_pairs(rng, np.full((n, n), 0.5), 45, ties=1.0),
    "three people": lambda rng, n: of_three_people(rng, np.full((n, n), 0.5), 25),
    "prompts": lambda rng, n: of_prompts(rng, np.full((n, n), 0.5), 45, 60),
    "among four": lambda rng, n: among(rng, np.zeros(n), 400),
}


@pytest.mark.parametrize("kind", NULLS)
@pytest.mark.error_rate(
    rate=RATE, null="P(a false majority is called significant at .05) <= .05", size="400 x 6 items"
)
def test_false_majorities_are_no_more_often_called_significant_than_stated(kind):
    alarms = 0
    for run in range(400):
        contests = Contests.of(NULLS[kind](np.random.default_rng([1, run]), 6))
        alarms += holm(np.concatenate(majority_p_values(contests))).min() <= 0.05
    assert alarms <= stats.binom.isf(RATE, 400, 0.05)


CYCLE = np.array([[0.5, 0.7, 0.3], [0.3, 0.5, 0.7], [0.7, 0.3, 0.5]])


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: of_pairs(rng, CYCLE, 80),
        lambda rng: of_pairs(rng, CYCLE, 80, ties=0.5),
        lambda rng: of_three_people(rng, CYCLE, 90),
        lambda rng: of_prompts(rng, CYCLE, 90, 100),
    ],
    ids=["plain", "ties", "three people", "prompts"],
)
@pytest.mark.error_rate(rate=RATE, null="power of at least 1/2 at .05", size="60 sets of votes")
def test_true_cycles_are_named(make):
    named = [cycles(make(np.random.default_rng([2, run]))) for run in range(60)]
    # Item 0 is chosen over 1, and 1 over 2: as numbers that is 0, 1, 2, from wherever it begins.
    orders = [("i0", "i1", "i2"), ("i1", "i2", "i0"), ("i2", "i0", "i1")]
    right = [len(found) == 1 and found[0].items in orders for found in named]
    assert sum(right) >= stats.binom.ppf(RATE, 60, 0.5)
    assert all(right[run] or named[run] == () for run in range(60))
