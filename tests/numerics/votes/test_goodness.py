"""The test of Bradley–Terry against dense algebra and statsmodels; its level and its power."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from recurate import rewards_from_votes
from recurate.numerics.votes.fit import fitted
from recurate.numerics.votes.goodness import FitTest, Untested, fit_test

from .simulated import (
    all_pairs,
    among,
    chosen_of,
    made,
    of_pairs,
    of_prompts,
    of_three_people,
    shares_of,
)

RATE = 1e-10


def result_of(votes, prior=None):
    return fit_test(fitted(votes, prior))


def normal(seed, n, spread=1.0):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=n) * spread


@pytest.mark.parametrize("seed", range(20))
def test_statistic_is_that_of_statsmodels(seed):
    rng, rewards = normal(seed, 6, 0.7)
    votes = of_pairs(rng, shares_of(rewards), 30)
    first, second = all_pairs(6, 1)
    wins = np.array(
        [
            [np.sum((votes.chosen == a) & (votes.others == b)) for a, b in ((i, j), (j, i))]
            for i, j in zip(first, second, strict=True)
        ]
    )
    design = np.eye(6)[first] - np.eye(6)[second]
    model = sm.GLM(wins, design[:, 1:], family=sm.families.Binomial()).fit(tol=1e-14)
    found = result_of(votes)
    assert found.statistic == pytest.approx(model.pearson_chi2, rel=1e-7)
    assert found.degrees == model.df_resid == 10
    # That of binomial counts is 1, and of 15 pairs with 30 votes each it is nearly found.
    assert found.dispersion == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("seed", range(5))
def test_the_pair_that_is_furthest_off_is_told(seed):
    # Two of five items are chosen at odds that are no difference of rewards: of 400 votes on
    # each pair, theirs depart by some .2, and the others' by some .03.
    rng, rewards = normal(seed, 5, 0.5)
    shares = shares_of(rewards)
    low, high = sorted(rng.permutation(5)[:2])
    share = 0.9 if shares[low, high] < 0.5 else 0.1
    shares[low, high], shares[high, low] = share, 1 - share
    votes = of_pairs(rng, shares, 400)
    found = result_of(votes).furthest
    first, second = (low, high) if share == 0.9 else (high, low)
    assert found.items == (f"i{first}", f"i{second}")
    assert found.votes == 400
    wins = np.sum((votes.chosen == first) & (votes.others == second))
    assert found.share == pytest.approx(wins / 400, rel=1e-12)
    voted = fitted(votes).rewards
    expected = 1 / (1 + np.exp(voted[second] - voted[first]))
    assert found.share_by_rewards == pytest.approx(expected, rel=1e-7)
    assert found.share > found.share_by_rewards + 0.1


def dense(votes, rewards):
    """Mean and variance of X², with a matrix for each cluster, by their definitions."""
    n = len(votes.items)
    first, second = all_pairs(n, 1)
    residuals = np.zeros((votes.clusters, first.size))
    weights = np.zeros(residuals.shape)
    for choice, (start, end) in enumerate(zip(votes.starts, votes.starts[1:], strict=False)):
        for other in votes.others[start:end]:
            low, high = sorted((votes.chosen[choice], other))
            pair = np.flatnonzero((first == low) & (second == high))[0]
            share = 1 / (1 + np.exp(rewards[high] - rewards[low]))
            miss = (votes.chosen[choice] == low) - share
            where = votes.cluster[choice], pair
            residuals[where] += votes.weights[choice] * miss
            weights[where] += votes.weights[choice]
    share = 1 / (1 + np.exp(rewards[second] - rewards[first]))
    variance = weights.sum(axis=0) * share * (1 - share)
    design = np.sqrt(variance)[:, None] * (np.eye(n)[first] - np.eye(n)[second])
    hat = design @ np.linalg.pinv(design)
    x = residuals / np.sqrt(variance)
    rest = x - x @ hat
    products = rest @ rest.T
    statistic = np.sum(residuals.sum(axis=0) ** 2 / variance)
    mean, spread = np.trace(products), np.sum(products**2) - np.sum(np.diag(products) ** 2)
    effective = mean**2 / spread
    part = weights / weights.sum(axis=0)
    mean /= 1 - np.sum(part * (x @ hat) * rest) / mean
    if np.all(np.count_nonzero(weights, axis=1) == 1):
        kept = 1 - np.diag(hat) * np.sum(part**2, axis=0)
        mean = max(mean, np.sum(residuals**2) / np.sum(variance * kept) * (first.size - n + 1))
    return statistic, mean, effective


KINDS = {
    "plain": lambda rng, rewards, each: of_pairs(rng, shares_of(rewards), each),
    "ties": lambda rng, rewards, each: of_pairs(rng, shares_of(rewards), each, ties=1.0),
    "three people": lambda rng, rewards, each: of_three_people(rng, shares_of(rewards), each),
    "prompts": lambda rng, rewards, each: of_prompts(rng, shares_of(rewards), each, 40),
    "among four": lambda rng, rewards, each: among(
        rng, rewards, each * rewards.size * (rewards.size - 1) // 6
    ),
}


def as_contests(votes):
    """A choice of a among a, b and c as one of a over b, and one over c, in one cluster."""
    lengths = np.diff(votes.starts)
    chosen, weights = np.repeat(votes.chosen, lengths), np.repeat(votes.weights, lengths)
    cluster = np.repeat(votes.cluster, lengths)
    return made(len(votes.items), chosen, votes.others, weights, cluster, "pair")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(5))
def test_moments_are_those_of_dense_matrices(seed, kind):
    rng, rewards = normal(seed, 5, 0.5)
    votes = KINDS[kind](rng, rewards, 20)
    found = result_of(votes)
    assert found.degrees == 10 - 4
    statistic, mean, effective = dense(votes, fitted(as_contests(votes)).rewards)
    assert found.statistic == pytest.approx(statistic, rel=1e-7)
    assert found.dispersion == pytest.approx(mean / found.degrees, rel=1e-8)
    others = votes.clusters - 1
    expected = stats.f.sf(statistic / mean, effective, effective * others)
    assert found.p_value == pytest.approx(expected, rel=1e-6)


def test_choices_among_more_are_tested_by_contests_of_two():
    rng, rewards = normal(0, 6)
    votes = among(rng, rewards, 200)
    one, other = result_of(votes), result_of(as_contests(votes))
    assert one.degrees == 15 - 5
    for name in ("statistic", "degrees", "dispersion", "p_value"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-8)


def test_weights_of_independent_votes_are_counts():
    rng, rewards = normal(1, 4)
    votes = of_pairs(rng, shares_of(rewards), 40)
    codes, counts = np.unique(votes.chosen * 4 + votes.others, return_counts=True)
    counted = made(4, *np.divmod(codes, 4), weights=counts.astype(float))
    one, other = result_of(votes), result_of(counted)
    assert one.dispersion == pytest.approx(other.dispersion, rel=1e-9)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-9)


def test_prior_has_no_part():
    rng, rewards = normal(2, 5)
    votes = of_pairs(rng, shares_of(rewards), 20)
    one, other = result_of(votes), result_of(votes, prior=0.3)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-9)
    assert one.statistic == pytest.approx(other.statistic, rel=1e-9)


@pytest.mark.parametrize(
    ("chosen", "others", "reason"),
    [
        ("aab", "bba", "there is one pair only"),
        ("abacad", "bacada", "every comparison is with 'a', so"),
        ("abbccd", "bacbdc", "3 pairs are as few as the rewards of 4 items"),
        ("abc", ["bc", "ac", "ab"], "there are as few shares of choice as rewards"),
    ],
)
def test_votes_that_test_nothing_say_why(chosen, others, reason):
    found = fit_test(rewards_from_votes(list(chosen), [list(other) for other in others]))
    assert isinstance(found, Untested)
    assert found.reason.startswith(reason)


def test_items_that_never_lose_leave_the_rest_to_test():
    # d beat all others: without a prior its reward is infinite, and its votes fit. The test is that
    # of the other three alone.
    rng, rewards = normal(3, 3, 0.5)
    votes = of_pairs(rng, shares_of(rewards), 30)
    chosen = [*votes.chosen.tolist(), 3, 3, 3]
    others = [*votes.others.tolist(), 0, 1, 2]
    found = fit_test(rewards_from_votes(chosen, others, prior=2.0))
    alone = result_of(votes)
    assert (found.degrees, found.statistic) == (1, pytest.approx(alone.statistic, rel=1e-8))
    assert found.p_value == pytest.approx(alone.p_value, rel=1e-8)


def test_a_part_without_a_cycle_tests_nothing():
    # a and b beat each other, and d both: two pairs of which one always won.
    found = fit_test(rewards_from_votes("abdd", "baab", prior=2.0))
    assert found == Untested(
        "but for pairs of which one always won, there are as few pairs as rewards"
    )


def test_votes_of_one_cluster_test_nothing():
    # The first cluster's votes run in a circle; the others' say that d never loses.
    found = fit_test(rewards_from_votes("abcddd", "bcaabc", clusters="111234", prior=2.0))
    assert found == Untested("no two votes that might test it are independent of each other")


def test_votes_that_are_all_alike_test_nothing():
    # Six ties, two on each pair: no share can depart from ½, and nothing tells by how much it may.
    won, lost = "abacbc" * 2, "bacacb" * 2
    found = fit_test(rewards_from_votes(won, lost, clusters=np.arange(12) // 2))
    assert found == Untested("votes do not differ, as where all are ties")


GRID = [(n, each, spread) for n in (3, 6, 12) for each in (3, 20) for spread in (0.0, 1.5)]
GRID += [(3, 100, 1.0), (4, 100, 1.0), (12, 1, 0.0)]
RUNS = 60


def p_values(make, grid, runs):
    found = []
    for number, (n, each, spread) in enumerate(grid):
        for run in range(runs):
            rng, rewards = normal([number, run], n, spread)
            votes = make(rng, rewards, each)
            # A prior, since items that never lose have no likeliest reward; it has no part.
            result = result_of(votes, prior=3.0)
            found.append(result.p_value if isinstance(result, FitTest) else 1.0)
    return np.array(found)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.error_rate(
    rate=2 * RATE, null="P(p <= level) <= level, at .05 and .01", size="60 x 15 sets of votes"
)
def test_votes_that_follow_from_rewards_are_doubted_no_more_often_than_stated(kind):
    grid = GRID if kind != "among four" else [one for one in GRID if one[0] > 4]
    found = p_values(KINDS[kind], grid, RUNS)
    for level in (0.05, 0.01):
        assert np.sum(found <= level) <= stats.binom.isf(RATE, found.size, level)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.error_rate(rate=RATE, null="P(p <= .05) >= .03", size="400 sets of votes")
def test_level_is_used_where_votes_are_many(kind):
    found = p_values(KINDS[kind], [(5, 60, 0.5), (6, 60, 0.5)], 200)
    assert np.sum(found <= 0.05) >= stats.binom.ppf(RATE, found.size, 0.03)


def cyclic(share):
    """Shares of three items, each chosen over the next so often."""
    return np.array([[0.5, share, 1 - share], [1 - share, 0.5, share], [share, 1 - share, 0.5]])


POWER = {
    "cycle": lambda rng: of_pairs(rng, cyclic(0.65), 60),
    "cycle with ties": lambda rng: of_pairs(rng, cyclic(0.65), 60, ties=1.0),
    "cycle by three people": lambda rng: of_three_people(rng, cyclic(0.65), 60),
    "each pair its own share": lambda rng: of_pairs(rng, intransitive(rng, 8), 20),
    "few votes a pair": lambda rng: of_pairs(rng, intransitive(rng, 12), 4),
    "among four": lambda rng: among_by_contests(rng, intransitive(rng, 8), 1_000),
}


def intransitive(rng, n):
    log_odds = np.triu(rng.normal(size=(n, n)), 1)
    return 1 / (1 + np.exp(log_odds.T - log_odds))


def among_by_contests(rng, shares, choices, K=4):
    """Choices among K, each as likely as that it wins the contest with each other one."""
    n = len(shares)
    shown = rng.permuted(np.tile(np.arange(n), (choices, 1)), axis=1)[:, :K]
    log_odds = np.log(shares)[shown[:, :, None], shown[:, None, :]].sum(axis=2)
    return chosen_of(n, shown, (log_odds + rng.gumbel(size=shown.shape)).argmax(axis=1))


@pytest.mark.parametrize("kind", POWER)
@pytest.mark.error_rate(rate=RATE, null="power of at least 1/2 at .01", size="60 sets of votes")
def test_votes_that_follow_from_no_rewards_are_noticed(kind):
    noticed = sum(
        result_of(POWER[kind](np.random.default_rng([9, run])), prior=3.0).p_value <= 0.01
        for run in range(60)
    )
    assert noticed >= stats.binom.ppf(RATE, 60, 0.5)
