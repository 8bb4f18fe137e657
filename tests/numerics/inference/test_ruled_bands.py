"""Bands of loops with rules: the loops on resampled tables against the engine, and their bins."""

import math

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw, bootstrap_bands
from recurate.numerics.inference import bootstrap, ruled_bins
from recurate.numerics.inference.resampled_curves import curves_of, loops_on_rows
from recurate.numerics.inference.resampled_laws import curves
from recurate.numerics.laws.levels import FIGURES
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    Rule,
    Stages,
    TopShare,
    Voters,
)

STEPS = 4
BY_TWO = Voters([(0.6, BradleyTerry(4)), (0.4, BradleyTerry(3, scale=-1, by="length"))])

CYCLE = PairwisePreference([[0.5, 0.3, 1], [0.7, 0.5, 0], [0, 1, 0.5]], of="groups")


class MoreOfTheLast(Rule):
    """A user's rule, which says nothing of what it reads: the last atom counts twice."""

    def log_ratio(self, law, log_probs):
        weights = 1.0 + (np.arange(law.size) == law.size - 1)
        return np.log(weights) - np.log(np.exp(log_probs) @ weights)


def table(rng, size):
    """A law of rows of one weight, or of several, with ties, scores and groups."""
    score = np.where(rng.random(size) < 0.2, np.nan, rng.normal(size=size))
    return RewardLaw(
        rng.normal(size=size).round(1),
        rng.dirichlet(np.ones(size)) if rng.integers(2) else None,
        groups=rng.integers(0, 3, size).tolist(),
        scores={
            "length": rng.normal(size=size).round(1),
            "right": rng.integers(0, 3, size) / 2,
            "seen": score,
        },
    )


def with_counts(law, counts):
    """The law of a resampled table; rows that are not drawn keep their place."""
    probs = law.probs * counts / (law.probs @ counts)
    labels = [law.group_names[i] for i in law.group_index]
    return RewardLaw(law.rewards, probs, labels, scores=law.scores)


def factors_of(loops, law, counts, rules, followed):
    """What tables multiply the cells' masses by, if each of their rows counts so many times."""
    bins = ruled_bins.bins_of(law, rules)
    pattern = np.isnan(law.scores["seen"])  # the only score with missing values
    place = np.full(3, len(followed))
    place[list(followed)] = range(len(followed))
    rows = np.stack([bins, place[law.group_index], pattern])
    key = np.unique(rows, axis=1, return_inverse=True)[1]
    masses = np.bincount(key, law.probs)
    np.testing.assert_allclose(masses, loops.table.cell_mass, rtol=1e-12)
    return np.stack([np.bincount(key, law.probs * row) / masses for row in counts])


LOOPS = [
    {"rule": BY_TWO, "lam": 1.0},
    {"rule": BY_TWO, "lam": math.inf, "retained": 0.3},
    {"rule": BestOf(5, keep=2, by="length"), "lam": [0.5, 1.0, math.inf, 2.0]},
    {"rule": lambda t: TopShare(0.5 + t / 10), "lam": 2.0, "retained": [0.0, 0.5, 1.0, 0.2]},
    {"rule": Stages([Accept("right"), BestOf(2)]), "training": Accumulate(real=2)},
    {
        "rule": PairwisePreference([[0.5, 0.3, 1], [0.7, 0.5, 0], [0, 1, 0.5]], of="groups"),
        "lam": 3,
    },
    {"rule": MoreOfTheLast(), "lam": 1.0},
    {"K": 3, "lam": 1.0, "retained": 0.1},
]


@pytest.mark.parametrize("number", range(len(LOOPS)))
def test_resampled_tables_follow_the_engine(number):
    rng = np.random.default_rng(number)
    law = table(rng, 40)
    loop = CurationLoop(law, **LOOPS[number])
    loops = loops_on_rows(loop, (0, 2), STEPS)
    counts = rng.poisson(1.0, size=(6, 40)).astype(float)
    rules = loop.schedule.plan(STEPS).rules
    factors = factors_of(loops, law, counts, rules, (0, 2))
    noise = [np.zeros((6, score.bins.size)) for score in loops.table.scores]
    found = np.stack(list(curves_of(loops, factors, noise)), axis=1)
    for row, mine in zip(counts, found, strict=True):
        small = with_counts(law, row)
        run = loop.on(small).run(steps=STEPS)
        expected = curves(run, (0, 2))
        scale = math.exp(small.max_reward - law.max_reward)  # weights relative to the table's best
        expected[:, 0] *= scale
        expected[:, 1] *= scale**2
        expected[:, 4] *= scale == 1.0
        # Scores that no rule reads vary within a bin, which only `noise` stands for.
        exact = [*range(len(FIGURES) + 2), *({0: [7], 2: [7], 4: [8]}.get(number, []))]
        np.testing.assert_allclose(mine[:, exact], expected[:, exact], rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("lam", [1.0, math.inf])
@pytest.mark.parametrize("rule", [BY_TWO, BestOf(4, by="length"), Voters([(1, BestOf(4))])])
def test_bins_cost_less_than_a_twentieth_of_a_standard_deviation(monkeypatch, rule, lam):
    monkeypatch.setattr(ruled_bins, "MOST_BINS", 2000)
    rng = np.random.default_rng(4)
    size, tables = 5000, 30
    rewards = rng.normal(size=size)
    length = rewards / 2 + rng.normal(size=size)
    groups = np.digitize(rewards + rng.normal(size=size), [-1, 1]).tolist()
    law = RewardLaw(rewards, groups=groups, scores={"length": length, "seen": length})
    loop = CurationLoop(law, rule=rule, lam=lam)
    loops = loops_on_rows(loop, (0, 1, 2), STEPS)
    assert 1000 < loops.table.rewards.size <= 2000
    counts = np.concatenate([np.ones((1, size)), rng.poisson(1.0, size=(tables, size))])
    factors = factors_of(loops, law, counts, [rule], (0, 1, 2))
    noise = [np.zeros((tables + 1, score.bins.size)) for score in loops.table.scores]
    in_bins = np.stack(list(curves_of(loops, factors, noise)), axis=1)
    whole = np.stack(
        [curves(loop.on(with_counts(law, row)).run(steps=STEPS), (0, 1, 2)) for row in counts]
    )
    # E r and the shares; weights are relative to the best row, and KL of the best of K is certain.
    followed = [2, 5, 6, 7] + [3] * (rule == BY_TWO)
    moved = (in_bins[1:] - in_bins[:1])[..., followed]
    exact = (whole[1:] - whole[:1])[..., followed]
    apart = np.sqrt(((moved - exact) ** 2).mean(axis=0))
    assert (apart <= exact.std(axis=0) / 20 + 1e-12).all()


def test_the_best_rewards_and_groups_stay_apart(monkeypatch):
    monkeypatch.setattr(ruled_bins, "MOST_BINS", 50)
    rng = np.random.default_rng(5)
    law = table(rng, 1000)
    rules = [BY_TWO, PairwisePreference(np.full((3, 3), 0.5), of="groups")]
    bins = ruled_bins.bins_of(law, rules)
    assert bins.max() < 50 < len(np.unique(law.rewards))
    is_best = law.rewards == law.max_reward
    assert not np.intersect1d(bins[is_best], bins[~is_best]).size
    by_group = [np.unique(bins[law.group_index == g]) for g in range(3)]
    assert sum(map(len, by_group)) == bins.max() + 1


def test_bands_do_not_depend_on_blocks(monkeypatch):
    law = table(np.random.default_rng(6), 100)
    loop = CurationLoop(law, rule=BY_TWO, lam=2.0)
    run = loop.run(steps=STEPS)
    whole = bootstrap_bands(loop, run, replicates=50, rng=1)
    monkeypatch.setattr(bootstrap, "BLOCK_ENTRIES", 7 * 100)
    parts = bootstrap_bands(loop, run, replicates=50, rng=1)
    for name in FIGURES:
        np.testing.assert_allclose(parts.low[name], whole.low[name], rtol=1e-12, atol=1e-14)


def test_one_voter_has_the_bands_of_the_loop_of_K():
    law = RewardLaw(np.random.default_rng(7).normal(size=150), groups=[0, 1] * 75)
    rules = BradleyTerry(4), Voters([(1, BradleyTerry(4))])
    loops = [CurationLoop(law, rule=rule, lam=1.0) for rule in rules]
    one, other = (bootstrap_bands(loop, loop.run(steps=3), replicates=60, rng=2) for loop in loops)
    assert one.level == other.level == 0.95
    for name in FIGURES:  # drawn alike, as rows are bins of their own in both
        np.testing.assert_allclose(other.low[name], one.low[name], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(other.high[name], one.high[name], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(other.low_proportions, one.low_proportions, rtol=1e-9)


def test_tables_in_which_nothing_can_be_accepted_are_counted():
    # One row of fifty is accepted; a table without it has nothing to accept.
    law = RewardLaw(np.arange(50.0), scores={"right": np.arange(50) == 20})
    loop = CurationLoop(law, rule=Accept("right"), lam=1.0)
    run = loop.run(steps=2)
    bands = bootstrap_bands(loop, run, replicates=200, rng=0)
    drawn = np.random.default_rng(0).poisson(1.0, size=(200, 50))  # as `resampled` draws them
    assert bands.failed == (drawn[:, 20] == 0).sum() > 0
    # In the others all that is chosen is that row: p_2 = (p_ref + the row)/2.
    own = drawn[drawn[:, 20] > 0]
    means = (own @ law.rewards / own.sum(axis=1) + 20) / 2
    ends = np.quantile(means, [0.025, 0.975])
    expected = ends - (law.rewards.mean() + 20) / 2 + run.expected_reward[2]
    found = [of["expected_reward"][2] for of in (bands.low, bands.high)]
    assert found == pytest.approx(expected, rel=1e-12)
    keep = CurationLoop(law, rule=Accept("right", none="keep"), lam=1.0)
    assert bootstrap_bands(keep, keep.run(steps=2), rng=0).failed == 0


def test_two_tables_are_needed():
    law = RewardLaw(np.arange(50.0), scores={"right": np.arange(50) == 20})
    loop = CurationLoop(law, rule=Accept("right"), lam=1.0)
    run = loop.run(steps=1)
    drawn = np.random.default_rng(1).poisson(1.0, size=(2, 50))
    assert (drawn[:, 20] == 0).any()
    with pytest.raises(ValueError, match=r"^bands need at least 2 resampled tables of which the r"):
        bootstrap_bands(loop, run, replicates=2, rng=1)


def test_very_long_work_is_refused(monkeypatch):
    monkeypatch.setattr("recurate.numerics.inference.resampled_laws.MOST_ATOM_STEPS", 10**4)
    law = table(np.random.default_rng(8), 100)
    loop = CurationLoop(law, rule=MoreOfTheLast(), lam=1.0)
    run = loop.run(steps=9)
    with pytest.raises(ValueError, match=r"or of other rules than K=…, .* got 200 resamples of 10"):
        bootstrap_bands(loop, run, rng=0)
    assert bootstrap_bands(loop, run, replicates=10, rng=0).replicates == 10


def test_the_law_of_bins_has_the_means_of_their_rows(monkeypatch):
    monkeypatch.setattr(ruled_bins, "MOST_BINS", 50)
    rng = np.random.default_rng(9)
    law = RewardLaw(
        rng.normal(size=500), rng.dirichlet(np.ones(500)), scores={"length": rng.normal(size=500)}
    )
    binned, small = ruled_bins.binned_by_rules(law, [BY_TWO], ())
    bins = ruled_bins.bins_of(law, [BY_TWO])
    masses = np.bincount(bins, law.probs)
    np.testing.assert_allclose(small.probs, masses, rtol=1e-12)
    columns = (law.rewards, law.scores["length"])
    for found, values in zip((small.rewards, small.scores["length"]), columns, strict=True):
        means = np.bincount(bins, law.probs * values) / masses
        np.testing.assert_allclose(found, means, rtol=1e-11, atol=1e-13)
    np.testing.assert_array_equal(binned.rewards, small.rewards)
