"""Rewards from votes against choix and statsmodels, the bootstrap, and numbers by hand."""

import math
import re

import choix
import mpmath
import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.genmod.families import Binomial, Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from recurate.numerics.votes.fit import fitted, rewards_from_votes
from recurate.numerics.votes.votes import Votes


def by_item(voted, values=None):
    """Return rewards, or other values of the items, in the order of their labels 0, 1, …"""
    return (voted.rewards if values is None else values)[np.argsort(voted.items)]


def centred(matrix):
    return matrix - matrix.mean(0) - matrix.mean(1)[:, None] + matrix.mean()


# Random votes: chosen, others (lists), weights, clusters; items are numbers from 0 on.


def drawn(seed, kind):
    """Draw votes of Luce's law; again, until they determine rewards of all items."""
    draw = np.random.default_rng(seed)
    items = int(draw.integers(3, 9))
    rewards = draw.normal(scale=draw.choice([0.5, 1.5]), size=items)
    while True:
        votes = KINDS[kind](draw, rewards)
        try:
            voted = rewards_from_votes(*votes[:2], weights=votes[2], clusters=votes[3])
        except ValueError:
            continue
        if len(voted.items) == items:
            return votes, voted


def ranked(draw, rewards, size):
    """Rank some of the items, the best first."""
    some = draw.choice(rewards.size, size, replace=False)
    return some[np.argsort(-rewards[some] - draw.gumbel(size=size))].tolist()


def tied(draw, rewards):
    """Votes between two in clusters of three on one pair, a fifth of them ties."""
    chosen, others, weights, clusters = [], [], [], []
    for cluster in range(draw.integers(3 * rewards.size, 12 * rewards.size)):
        pair = draw.choice(rewards.size, 2, replace=False)
        for _ in range(3):
            best, other = ranked(draw, rewards[pair], 2)
            is_tie = draw.random() < 0.2
            for a, b in [(best, other), (other, best)][: 1 + is_tie]:
                chosen.append(int(pair[a]))
                others.append([int(pair[b])])
                weights.append(0.5 if is_tie else 1.0)
                clusters.append(cluster)
    return chosen, others, weights, clusters


def sparse(draw, rewards):
    """A tree of pairs, of one vote or two each way, and one vote more."""
    chosen, others = [], []
    for item in range(1, rewards.size):
        pair = item, int(draw.integers(item))
        for a, b in (pair, pair[::-1]):
            times = int(draw.integers(1, 3))
            chosen += [a] * times
            others += [[b]] * times
    best, other = ranked(draw, rewards, 2)
    return [*chosen, best], [*others, [other]], None, None


def unbalanced(draw, rewards):
    """Weights from 1 to 10^6."""
    best, other = zip(*(ranked(draw, rewards, 2) for _ in range(8 * rewards.size)), strict=True)
    return list(best), [[b] for b in other], 10 ** draw.uniform(0, 6, len(best)), None


def among_more(draw, rewards):
    """Choices among two to all items, in clusters of about two, some of them several times."""
    rows = [
        ranked(draw, rewards, draw.integers(2, rewards.size + 1)) for _ in range(6 * rewards.size)
    ]
    clusters = draw.integers(len(rows) // 2, size=len(rows))
    weights = draw.integers(1, 4, size=len(rows)).astype(float)
    return [row[0] for row in rows], [row[1:] for row in rows], weights, clusters


def rankings(draw, rewards):
    rows = [
        ranked(draw, rewards, draw.integers(2, rewards.size + 1)) for _ in range(3 * rewards.size)
    ]
    choices = [(n, row[i:]) for n, row in enumerate(rows) for i in range(len(row) - 1)]
    clusters = [n for n, _ in choices]
    return [row[0] for _, row in choices], [row[1:] for _, row in choices], None, clusters


KINDS = {f.__name__: f for f in (tied, sparse, unbalanced, among_more, rankings)}


def by_choix(votes, items):
    """Return the rewards that choix finds."""
    chosen, others, weights, _ = votes
    exactly = {"alpha": 0.0, "tol": 1e-11, "max_iter": 10_000}
    if all(len(some) == 1 for some in others):
        wins = np.zeros((items, items))
        np.add.at(wins, (chosen, [b for (b,) in others]), 1.0 if weights is None else weights)
        return choix.ilsr_pairwise_dense(wins, **exactly)
    times = [1] * len(chosen) if weights is None else map(int, weights)
    rows = zip(chosen, others, times, strict=True)
    return choix.ilsr_top1(items, [(c, some) for c, some, n in rows for _ in range(n)], **exactly)


@pytest.mark.parametrize("kind", KINDS)
def test_rewards_are_those_of_choix(kind):
    for seed in range(40):
        votes, voted = drawn(seed, kind)
        expected = by_choix(votes, len(voted.items))
        np.testing.assert_allclose(
            by_item(voted), expected - expected.mean(), rtol=0, atol=1e-8, err_msg=str(seed)
        )


def test_a_ranking_is_its_choices():
    draw = np.random.default_rng(5)
    rows = [ranked(draw, np.linspace(-1, 1, 6), 4) for _ in range(60)]
    choices = [(row[i], row[i + 1 :]) for row in rows for i in range(3)]
    expected = choix.ilsr_rankings(6, rows, alpha=0.0, tol=1e-11, max_iter=10_000)
    found = by_item(rewards_from_votes(*zip(*choices, strict=True)))
    np.testing.assert_allclose(found, expected - expected.mean(), rtol=0, atol=1e-8)


def by_statsmodels(votes, items, **covariance):
    """Return the rewards that statsmodels finds, and their covariance; item 0 is the level.

    A choice among more than two is a Poisson regression with a level for each choice: it has the
    same likelihood, up to a factor, and the same scores (Baker 1994, "The multinomial-Poisson
    transformation", The Statistician 43).
    """
    chosen, others, weights, clusters = votes
    weights = np.ones(len(chosen)) if weights is None else np.asarray(weights)
    choice = np.repeat(np.arange(len(chosen)), [len(some) for some in others])
    if choice.size == len(chosen):
        design = np.eye(items)[chosen] - np.eye(items)[[b for (b,) in others]]
        outcome, family = np.ones(choice.size), Binomial()
    else:
        choice = np.concatenate([np.arange(len(chosen)), choice])
        outcome = np.concatenate([np.ones(len(chosen)), np.zeros(choice.size - len(chosen))])
        item = [*chosen, *(b for some in others for b in some)]
        design, family = np.hstack([np.eye(items)[item], np.eye(len(chosen))[choice]]), Poisson()
    rows, options = np.arange(choice.size), {"var_weights": weights[choice]}
    if covariance:  # not with weights: but twice the votes are whole ones, with the same sandwich
        rows, options = np.repeat(rows, (2 * weights[choice]).astype(int)), {}
        groups = np.asarray(clusters)[choice][rows]
        covariance["cov_kwds"] = {"groups": groups, "use_correction": False}
    model = GLM(outcome[rows], design[rows, 1:], family=family, **options)
    found = model.fit(tol=1e-12, tol_criterion="params", **covariance)
    rewards, errors = np.zeros(items), np.zeros((items, items))
    rewards[1:] = found.params[: items - 1]
    errors[1:, 1:] = found.cov_params()[: items - 1, : items - 1]
    return rewards - rewards.mean(), centred(errors)


def assert_errors_agree(voted, covariance, expected):
    """Assert that covariances agree to 1e-6 of the standard errors, of the items in order."""
    order = np.argsort(voted.items)
    errors = np.sqrt(np.diag(expected))
    difference = (covariance[np.ix_(order, order)] - expected) / np.outer(errors, errors)
    assert abs(difference).max() < 1e-6


SETS = {"tied": 40, "sparse": 40, "unbalanced": 40, "among_more": 15, "rankings": 15}


@pytest.mark.parametrize("kind", SETS)
def test_naive_errors_are_those_of_statsmodels(kind):
    for seed in range(SETS[kind]):
        votes, voted = drawn(seed, kind)
        rewards, expected = by_statsmodels(votes, len(voted.items))
        np.testing.assert_allclose(by_item(voted), rewards, rtol=0, atol=1e-8)
        assert_errors_agree(voted, voted.naive_covariance, expected)


@pytest.mark.parametrize("kind", ["tied", "among_more", "rankings"])
def test_errors_by_clusters_are_those_of_statsmodels(kind):
    for seed in range(SETS[kind]):
        votes, voted = drawn(seed, kind)
        _, expected = by_statsmodels(votes, len(voted.items), cov_type="cluster")
        groups = len(set(votes[3]))
        assert_errors_agree(voted, voted.covariance, expected * groups / (groups - 1))
        errors = np.sqrt(np.diag(voted.covariance))
        np.testing.assert_array_equal(voted.standard_errors, errors)


def test_without_clusters_errors_are_the_naive_ones():
    _, voted = drawn(0, "sparse")
    np.testing.assert_array_equal(voted.covariance, voted.naive_covariance)
    np.testing.assert_array_equal(voted.standard_errors, voted.naive_standard_errors)


def clusters_of_three(draw, items):
    """Return kinds of clusters of three votes on one pair, and how many are of each.

    A kind is the pair and how many of the three votes are for its first item. Half of the clusters
    agree within, a sixth have ties; some pairs have twenty times as many as others.
    """
    rewards, kinds, counts = draw.normal(size=items), [], []
    for a in range(items):
        for b in range(a):
            p = 1 / (1 + np.exp(rewards[b] - rewards[a]))
            shares = 0.5 * np.array([1 - p, 0, 0, 0, 0, p])
            shares += (
                np.array([(1 - p) ** 3, 3 * p * (1 - p) ** 2, 1, 1, 3 * p**2 * (1 - p), p**3]) / 4
            )
            kinds += [(a, b, won) for won in (0, 1, 1.5, 0.5, 2, 3)]
            counts += draw.multinomial(draw.integers(150, 1200), shares / shares.sum()).tolist()
    return np.array(kinds), np.array(counts)


def votes_of(kinds, counts):
    a, b, won = kinds.T
    chosen, others = np.stack([a, b], 1).astype(int), np.stack([b, a], 1).astype(int)
    weights = np.stack([won, 3 - won], 1)
    kind, which = np.nonzero(weights[np.repeat(np.arange(len(kinds)), counts)])
    of = np.repeat(np.arange(len(kinds)), counts)[kind]
    return Votes.from_codes(
        items=range(int(a.max()) + 1),
        chosen=chosen[of, which],
        others=others[of, which],
        starts=np.arange(of.size + 1),
        weights=weights[of, which],
        cluster=kind,
        cluster_is="row",
        count=3 * int(counts.sum()),
    )


def bootstrapped(kinds, counts, rewards, replicates, draw):
    """Return the first reward of `replicates` bootstraps of the clusters.

    All are fitted at once by Newton's method from the estimate: a code of its own.
    """
    items = rewards.size
    wins = np.zeros((len(kinds), items, items))
    a, b = kinds[:, :2].T.astype(int)
    wins[np.arange(len(kinds)), a, b], wins[np.arange(len(kinds)), b, a] = (
        kinds[:, 2],
        3 - kinds[:, 2],
    )
    again = draw.multinomial(counts.sum(), counts / counts.sum(), replicates)
    wins = np.tensordot(again, wins, 1)
    both = wins + wins.swapaxes(1, 2)
    found = np.tile(rewards, (replicates, 1))
    for _ in range(5):
        share = 1 / (1 + np.exp(found[:, None, :] - found[:, :, None]))  # of the first
        links = both * share * (1 - share)
        curvature = np.eye(items) * links.sum(2)[:, None] - links + 1
        step = np.linalg.solve(curvature, (wins - both * share).sum(2)[..., None])[..., 0]
        found += step
    assert abs(step).max() < 1e-8
    return found[:, 0] - found.mean(1)


@pytest.mark.error_rate(rate=2e-9, null="resampled rewards have the error's variance", size=100_000)
def test_errors_by_clusters_are_those_of_the_bootstrap():
    # Null: in each of 200 sets of votes, 400 resampled rewards of one item are normal with the
    # standard error's variance (relative errors 1/clusters, below 1e-3). Error rates: 1e-9 for all
    # sets together, within 1.5% of the standard error, and for all sets one by one, within 25%.
    sets, replicates, squares, naive = 200, 400, [], []
    for seed in range(sets):
        draw = np.random.default_rng(seed)
        kinds, counts = clusters_of_three(draw, int(draw.integers(3, 7)))
        voted = fitted(votes_of(kinds, counts))
        resampled = bootstrapped(kinds, counts, voted.rewards, replicates, draw)
        sum_of_squares = resampled.var() * replicates
        squares.append(sum_of_squares / voted.standard_errors[0] ** 2)
        naive.append(sum_of_squares / voted.naive_standard_errors[0] ** 2)
    low, high = stats.chi2.interval(1 - 1e-9, sets * (replicates - 1))
    assert low < sum(squares) < high
    assert sum(naive) > 1.5 * high  # naive errors are too small by a third
    low, high = stats.chi2.interval(1 - 1e-9 / sets, replicates - 1)
    assert low < min(squares) <= max(squares) < high


def test_weights_are_repeated_votes():
    once = rewards_from_votes("abcab", ["b", ["a", "c"], "a", "c", "a"], weights=[2, 1, 3, 1, 1])
    often = rewards_from_votes("aabcccab", ["b", "b", ["a", "c"], "a", "a", "a", "c", "a"])
    np.testing.assert_allclose(by_item(once), by_item(often), atol=1e-12)
    for name in ("covariance", "naive_covariance"):
        np.testing.assert_allclose(getattr(once, name), getattr(often, name), rtol=1e-9)


@pytest.mark.parametrize("weight", [1.0, 1e3, 1e9])
def test_a_chain_of_items(weight):
    # By hand: along a chain each pair stands alone, so its rewards differ by log(wins/losses), with
    # variance 1/wins + 1/losses; here the whole chain spans up to 29 log 10^9 = 601.
    items = np.arange(30)
    chosen, others = np.r_[items[:-1], items[1:]], np.r_[items[1:], items[:-1]]
    voted = rewards_from_votes(chosen, others, weights=np.repeat([weight, 1.0], 29))
    gaps = -np.diff(by_item(voted))
    np.testing.assert_allclose(gaps, math.log(weight), rtol=0, atol=1e-9)
    assert abs(voted.rewards.mean()) < 1e-12
    order = np.argsort(voted.items)
    covariance = voted.covariance[np.ix_(order, order)]
    ends = covariance[0, 0] + covariance[-1, -1] - 2 * covariance[0, -1]
    assert ends == pytest.approx(29 * (1 + 1 / weight), rel=1e-9)


def test_rare_choices_among_more():
    # By hand: of choices among the same items the odds are the weights', and the difference of two
    # rewards has variance 1/n + 1/m.
    weights = np.array([1e8, 0.3, 0.51371])
    voted = rewards_from_votes("abc", [["b", "c"], ["a", "c"], ["a", "b"]], weights=weights)
    logs = np.log(weights)
    np.testing.assert_allclose(voted.rewards, logs - logs.mean(), rtol=0, atol=1e-9)
    contrast = np.array([[1.0, -1, 0], [0, 1, -1]])
    variance = np.diag(contrast @ voted.covariance @ contrast.T)
    np.testing.assert_allclose(variance, [1e-8 + 1 / 0.3, 1 / 0.3 + 1 / 0.51371], rtol=1e-9)


def test_many_choices_among_more_are_counted_as_few_are(monkeypatch):
    # Beyond some size the products are of sparse arrays.
    _, dense = drawn(2, "among_more")
    expected = dense.covariance
    monkeypatch.setattr("recurate.numerics.votes.fit._SMALL", 0)
    sparse = fitted(dense.votes)
    np.testing.assert_allclose(sparse.rewards, dense.rewards, rtol=0, atol=1e-12)
    np.testing.assert_allclose(sparse.covariance, expected, rtol=1e-9, atol=1e-12)


def test_unbalanced_weights_to_fifty_digits():
    # Expected: the likelihood's equations, solved by mpmath.
    draw = np.random.default_rng(3)
    wins = np.round(10 ** draw.uniform(0, 6, (4, 4)))
    chosen, others = np.nonzero(1 - np.eye(4))
    voted = rewards_from_votes(chosen, others, weights=wins[chosen, others])
    with mpmath.workdps(50):

        def gain(*rewards):
            every = [*rewards, -sum(rewards)]
            return [
                sum(
                    int(wins[i, j]) / (1 + mpmath.exp(every[i] - every[j]))
                    - int(wins[j, i]) / (1 + mpmath.exp(every[j] - every[i]))
                    for j in range(4)
                    if j != i
                )
                for i in range(3)
            ]

        exact = mpmath.findroot(gain, by_item(voted)[:3].tolist())
        assert max(abs(a - b) for a, b in zip(exact, by_item(voted), strict=False)) < 1e-13


@pytest.mark.parametrize("spread", [1.0, 30.0])
def test_the_start_does_not_matter(spread):
    for kind in ("tied", "among_more"):
        _, voted = drawn(1, kind)
        draw = np.random.default_rng(0)
        start = draw.uniform(0, spread, voted.rewards.size)
        again = fitted(voted.votes, start=start)
        np.testing.assert_allclose(again.rewards, voted.rewards, rtol=0, atol=1e-12)


def test_many_items_of_wide_rewards():
    # 300 items whose rewards span 40; expected: votes as often as the law of the rewards has it.
    rewards = np.random.default_rng(0).permutation(np.linspace(-20, 20, 300))
    chosen, others = np.nonzero(np.abs(rewards[:, None] - rewards) < 3)
    is_one = chosen != others
    chosen, others = chosen[is_one], others[is_one]
    weights = 10 / (1 + np.exp(rewards[others] - rewards[chosen]))
    voted = rewards_from_votes(chosen, others, weights=weights)
    np.testing.assert_allclose(by_item(voted), rewards, rtol=0, atol=1e-8)


def test_a_prior_draws_rewards_towards_their_mean():
    # By hand: a wins 3 of 3, so r_a = x = -r_b is where 3 σ(-2x) = x/σ² for σ = 2.
    x = optimize.brentq(lambda x: 3 / (1 + math.exp(2 * x)) - x / 4, 0, 9, xtol=1e-15)
    voted = rewards_from_votes("aaa", "bbb", prior=2.0)
    np.testing.assert_allclose(voted.rewards, [x, -x], rtol=1e-12)
    # Curvature of the difference d: 3 p(1-p) + 1/(2σ²), and r_a = d/2.
    curvature = 3 / (4 * math.cosh(x) ** 2) + 1 / 8
    np.testing.assert_allclose(voted.standard_errors, math.sqrt(1 / curvature) / 2, rtol=1e-12)
    assert voted.prior == 2.0


@pytest.mark.parametrize("prior", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("kind", ["tied", "among_more"])
def test_with_a_prior_all_is_as_the_matrices_say(kind, prior):
    # Expected: the gradient, the curvature and the sandwich, choice by choice, in plain NumPy.
    for seed in range(10):
        (chosen, others, weights, clusters), voted = drawn(seed, kind)
        again = rewards_from_votes(chosen, others, weights=weights, clusters=clusters, prior=prior)
        items, rewards = len(voted.items), by_item(again)
        parts = np.zeros((max(clusters) + 1, items))
        curvature = np.eye(items) / prior**2
        for n, (c, some) in enumerate(zip(chosen, others, strict=True)):
            weight = 1.0 if weights is None else weights[n]
            share = np.zeros(items)
            share[[c, *some]] = np.exp(rewards[[c, *some]])
            share /= share.sum()
            parts[clusters[n]] += weight * (np.eye(items)[c] - share)
            curvature += weight * (np.diag(share) - np.outer(share, share))
        assert abs(parts.sum(0) - rewards / prior**2).max() < 1e-9
        inverse, groups = np.linalg.inv(curvature), len(set(clusters))
        middle = parts.T @ parts * groups / (groups - 1) + np.eye(items) / prior**2
        assert_errors_agree(again, again.naive_covariance, centred(inverse))
        assert_errors_agree(again, again.covariance, centred(inverse @ middle @ inverse))


def test_a_prior_holds_sets_together_that_were_never_compared():
    # By hand: each pair is even, so all rewards are zero; of the item without a vote nothing is
    # known but the prior, whose variance of a reward less the mean of five is 4/5 σ².
    votes = Votes.from_codes(
        "abcde", [0, 1, 2, 3], [1, 0, 3, 2], range(5), [1] * 4, range(4), "vote", 4
    )
    voted = fitted(votes, prior=3.0)
    assert abs(voted.rewards).max() < 1e-15
    known = centred(
        np.linalg.inv(
            np.eye(5) / 9 + np.kron(np.diag([1, 1, 0]), [[0.5, -0.5], [-0.5, 0.5]])[:5, :5]
        )
    )
    np.testing.assert_allclose(voted.covariance, known, rtol=1e-12, atol=1e-12)
    assert voted.standard_errors[4] == pytest.approx(math.sqrt(9 * 4 / 5))


@pytest.mark.parametrize("prior", [0, -1.0, math.nan, math.inf, 1e-7, 1e7])
def test_a_prior_is_positive_and_in_its_range(prior):
    with pytest.raises(ValueError, match=r"^prior must be"):
        rewards_from_votes("ab", "ba", prior=prior)


def test_a_prior_is_a_number():
    with pytest.raises(TypeError, match="prior must be a finite number; got '2'"):
        rewards_from_votes("ab", "ba", prior="2")


def test_identifiers_are_no_items():
    with pytest.raises(ValueError, match="among at most 3,000 items; got 3,001, as if identifiers"):
        rewards_from_votes(range(3001), [*range(1, 3001), 0])


def test_clusters_are_as_many_as_items():
    # With fewer, some difference of two rewards would have no error at all.
    said = "as many clusters as there are items (3), or their standard errors mean nothing; got 2"
    with pytest.raises(ValueError, match=re.escape(said)):
        rewards_from_votes("abc", "bca", clusters=["x", "x", "y"])


def test_what_rounding_hides_is_no_answer():
    # Nothing but the prior holds the two items and the third one together.
    with pytest.raises(ArithmeticError, match="must stand out from rounding; they do not"):
        rewards_from_votes("ab", [["b", "c"], ["a", "c"]], weights=[1e6, 1e6], prior=1e6)


def test_errors_that_rounding_spoils_are_none(monkeypatch):
    monkeypatch.setattr("recurate.numerics.votes.fit._MOST_ROUNDING", 1e-11)  # on any machine
    voted = rewards_from_votes("abaccd", "babddc", clusters=range(6), prior=5e5)
    with pytest.raises(
        ArithmeticError, match="covariances by clusters must be known to 1e-11; round"
    ):
        _ = voted.standard_errors


def test_ties_have_no_error_by_clusters():
    # By hand: the score of a tie is zero, and each vote between b and c is half a vote off. The
    # information on (0, 1, -1) is 2·4/4 + 1/4 = 9/4, so each of the four moves r_b by (1/2)/(9/4).
    votes = [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a"), *[("b", "c"), ("c", "b")] * 2]
    weights, clusters = [0.5] * 4 + [1.0] * 4, [0, 0, 1, 1, 2, 3, 4, 5]
    chosen, others = zip(*votes, strict=True)
    voted = rewards_from_votes(chosen, others, weights=weights, clusters=clusters)
    error = math.sqrt(4 * (1 / 2 / (9 / 4)) ** 2 * 6 / 5)
    np.testing.assert_allclose(voted.standard_errors, [0, error, error], rtol=1e-12, atol=1e-8)


def test_the_law_has_each_item_as_a_group_of_equal_share():
    voted = rewards_from_votes(["x", "x", "y"], ["y", "y", "x"])
    law = voted.law()
    assert law.group_names == voted.items == ("x", "y")
    assert law.rewards.tolist() == voted.rewards.tolist()
    assert law.probs.tolist() == [0.5, 0.5]


def test_a_few_items_are_shown_with_their_rewards_and_many_by_number():
    # a and b chose each other as often; the prior changes nothing by symmetry.
    assert repr(rewards_from_votes("ab", "ba", prior=2)) == (
        "<VotedRewards 'a': 0.0, 'b': 0.0; votes: 2; prior: 2>"
    )
    ring = "abcdefghi"
    won, lost = ring * 200 + "ab", (ring[1:] + "a") * 200 + "ba"
    assert repr(rewards_from_votes(won, lost)) == (
        "<VotedRewards 9 items, rewards from 0.0 to 0.0; votes: 1,802>"
    )


def test_arrays_are_read_only():
    voted = rewards_from_votes("ab", "ba", clusters="ab")
    arrays = (voted.rewards, voted.covariance, voted.naive_covariance, voted.standard_errors)
    votes = voted.votes
    for array in (*arrays, voted.naive_standard_errors, votes.weights, *votes.alternatives):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
