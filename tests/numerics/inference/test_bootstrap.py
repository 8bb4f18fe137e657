"""Bootstrap bands: the loops on resampled tables against the engine."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.numerics.inference import bootstrap, resampled_tables
from recurate.numerics.inference.bootstrap import bootstrap_bands
from recurate.numerics.inference.resampled_curves import curves_of, loops_on_rows
from recurate.numerics.inference.resampled_tables import binned, resampled
from recurate.numerics.laws.levels import FIGURES

STEPS = 4
LAW = RewardLaw([0.0, 1.0])


def curves(law, loop, factors):
    """Figures and shares of tables whose cells' masses are multiplied, (tables, steps + 1, …)."""
    loops = loops_on_rows(loop, tuple(range(len(law.group_names))), STEPS)
    return np.stack(list(curves_of(loops, factors, [])), axis=1)


def figures_of(rewards, masses, groups, loop, max_reward):
    """The same from the engine, on the rows that are left of one resampled table."""
    left = masses > 0
    law = RewardLaw(
        rewards[left],
        masses[left] / masses[left].sum(),
        [g for g, k in zip(groups, left, strict=True) if k],
    )
    run = CurationLoop(law, K=loop.K, lam=loop.lam).run(steps=STEPS, compress=False)
    scale = math.exp(law.max_reward - max_reward)
    columns = [
        run.expected_weight * scale,
        run.variance_weight * scale**2,
        run.expected_reward,
        run.kl_to_reference,
        run.mass_at_max if law.max_reward == max_reward else np.zeros(STEPS + 1),
    ]
    shares = [
        run.group_proportions[:, law.group_names.index(g)]
        if g in law.group_names
        else np.zeros(STEPS + 1)
        for g in dict.fromkeys(groups)
    ]
    return np.column_stack(columns + shares)


@pytest.mark.parametrize("span", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize(
    ("K", "lam"), [(1, 1.0), (2, math.inf), (4, 0.5), (1000, 1.0), (math.inf, 1.0)]
)
def test_resampled_tables_follow_the_engine(span, K, lam):
    rng = np.random.default_rng(3)
    rewards = span * rng.random(30)
    groups = ["a", "b", "c"] * 10
    law = RewardLaw(rewards, groups=groups)
    loop = CurationLoop(law, K=K, lam=lam)
    counts = rng.poisson(1.0, size=(5, 30))
    table = binned(law, (0, 1, 2))
    assert table.cell_mass.size == 30  # so few rows have bins of their own, in order of reward
    found = curves(law, loop, counts[:, np.argsort(rewards)].astype(float))
    for row, mine in zip(counts, found, strict=True):
        engine = figures_of(rewards, row.astype(float), groups, loop, law.max_reward)
        assert np.abs(mine - engine).max() < 1e-10 * max(1.0, span)


def test_bins_cost_less_than_a_twentieth_of_a_standard_deviation():
    rng = np.random.default_rng(4)
    size, tables = 5000, 40
    rewards, groups = rng.normal(size=size), rng.integers(0, 3, size).tolist()
    law = RewardLaw(rewards, groups=groups)
    loop = CurationLoop(law, K=4, lam=1.0)
    table = binned(law, (0, 1, 2))
    assert table.rewards.size < 600
    counts = np.concatenate([np.ones((1, size)), rng.poisson(1.0, size=(tables, size))])
    starts = resampled_tables._bin_starts(np.sort(rewards))
    bins = np.searchsorted(starts, rewards, side="right") - 1
    cells = {
        (b, g): i for i, (b, g) in enumerate(zip(table.cell_bin, table.cell_group, strict=True))
    }
    of_row = [cells[b, law.group_names.index(g)] for b, g in zip(bins, groups, strict=True)]
    rows = np.bincount(of_row)
    factors = np.stack([np.bincount(of_row, weights=row) / rows for row in counts])
    in_bins = curves(law, loop, factors)
    whole = np.stack(
        [figures_of(rewards, row, groups, loop, law.max_reward) for row in counts.astype(float)]
    )
    moved, exact = in_bins[1:] - in_bins[:1], whole[1:] - whole[:1]
    deviation = exact.std(axis=0)
    apart = np.sqrt(((moved - exact) ** 2).mean(axis=0))
    assert (apart <= deviation / 20 + 1e-12).all()


def test_tables_without_rows_are_drawn_again():
    table = binned(RewardLaw([0.0, 1.0]), ())
    drawn = resampled(table, 1000, np.random.default_rng(6))
    assert (drawn.sum(axis=1) > 0).all()


def test_bands_do_not_depend_on_blocks(monkeypatch):
    law = RewardLaw(np.random.default_rng(7).normal(size=200), groups=[0, 1] * 100)
    loop = CurationLoop(law, K=3, lam=2.0)
    run = loop.run(steps=STEPS)
    whole = bootstrap_bands(loop, run, replicates=50, rng=1)
    monkeypatch.setattr(bootstrap, "BLOCK_ENTRIES", 7 * 200)
    parts = bootstrap_bands(loop, run, replicates=50, rng=1)
    for name in FIGURES:
        np.testing.assert_allclose(parts.low[name], whole.low[name], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(parts.high_proportions, whole.high_proportions, rtol=1e-9)


def test_a_wider_level_has_the_narrower_inside():
    law = RewardLaw(np.random.default_rng(8).normal(size=300))
    loop = CurationLoop(law, K=4, lam=1.0)
    run = loop.run(steps=STEPS)
    half, most = (bootstrap_bands(loop, run, level=level, rng=0) for level in (0.5, 0.95))
    for name in FIGURES:
        assert (most.low[name] <= half.low[name]).all()
        assert (half.high[name] <= most.high[name]).all()
    assert (most.high["expected_reward"] - most.low["expected_reward"] > 0.05).all()


def test_equal_rewards_have_bands_of_no_width():
    law = RewardLaw([2.0] * 50)
    loop = CurationLoop(law, K=4, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=2), rng=0)
    for name in FIGURES:
        assert bands.high[name] - bands.low[name] == pytest.approx(0.0, abs=1e-12)


def test_only_the_groups_asked_for_are_followed():
    law = RewardLaw(np.arange(6.0), groups=["a", "b", "c"] * 2)
    loop = CurationLoop(law, K=2, lam=1.0)
    run = loop.run(steps=1)
    bands = bootstrap_bands(loop, run, groups=[2, 0], rng=0)
    whole = bootstrap_bands(loop, run, rng=0)
    assert bands.groups == (2, 0)
    np.testing.assert_allclose(bands.low_proportions, whole.low_proportions[:, [2, 0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"replicates": 1}, "replicates must be an integer of at least 2; got 1"),
        ({"level": 1.0}, "level must be above 0 and below 1; got 1.0"),
        ({"groups": [1]}, "groups must be numbers from 0 to 0; got 1"),
    ],
)
def test_bad_input(arguments, message):
    loop = CurationLoop(RewardLaw([0.0, 1.0], groups="aa"), K=2, lam=1.0)
    with pytest.raises(ValueError, match=message):
        bootstrap_bands(loop, loop.run(steps=1), **arguments)


@pytest.mark.parametrize(("position", "name"), [(0, "loop"), (1, "trajectory")])
def test_what_is_no_run_of_a_loop(position, name):
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
    arguments = [loop, loop.run(steps=1)]
    arguments[position] = None
    with pytest.raises(TypeError, match=f"{name} must be a .*; got None"):
        bootstrap_bands(*arguments)
    with pytest.raises(TypeError, match=r"rng must be a seed .* got 'x'"):
        bootstrap_bands(loop, loop.run(steps=1), rng="x")


@pytest.mark.parametrize("groups", [0, 1.0])
def test_groups_that_are_no_sequence(groups):
    loop = CurationLoop(RewardLaw([0.0, 1.0], groups="aa"), K=2, lam=1.0)
    with pytest.raises(TypeError, match="groups must be a sequence of numbers of groups; got"):
        bootstrap_bands(loop, loop.run(steps=1), groups=groups)


def test_a_number_of_replicates_may_be_written_as_a_float():
    loop = CurationLoop(RewardLaw([0.0, 1.0, 2.0]), K=2, lam=1.0)
    bands = bootstrap_bands(loop, loop.run(steps=1), replicates=3.0, rng=0)
    assert bands.replicates == 3
    assert type(bands.replicates) is int


@pytest.mark.parametrize(
    "run",
    [
        CurationLoop(RewardLaw([0.0, 2.0]), K=2, lam=1.0).run(steps=1),
        CurationLoop(LAW, K=2, lam=1.0).run(steps=1, initial=[0.9, 0.1]),
    ],
)
def test_a_run_of_another_law_or_from_another_start_is_refused(run):
    with pytest.raises(ValueError, match="trajectory must be a run of this loop from p_ref"):
        bootstrap_bands(CurationLoop(LAW, K=2, lam=1.0), run)


def test_bands_where_squares_of_probabilities_underflow():
    # A row of weight 1e-200 is counted a Poisson number of times as any other: at λ = 0 its share
    # is 1e-200 times 0, 1, 2, …, over a total near one.
    law = RewardLaw([0.0, 1.0, *[2.0] * 8], [1e-200, 1e-200, *[1 / 8] * 8], groups="ab" + "c" * 8)
    loop = CurationLoop(law, K=4, lam=0.0)
    bands = bootstrap_bands(loop, loop.run(steps=1), rng=0)
    assert 0 <= bands.low_proportions[0, 0] < 1e-200 < bands.high_proportions[0, 0] < 1e-198
    assert bands.high["expected_reward"].tolist() == [2.0, 2.0]
    # For rows of one weight it is their number, whatever the weight is.
    rows = binned(law, (0, 1, 2)).cell_rows
    assert rows.tolist() == pytest.approx([1, 1, 8], rel=1e-12)


def test_bands_of_few_tables_are_their_range():
    # With 39 tables or fewer, 2.5% of them is not one. All samples are inside, whatever the level.
    loop = CurationLoop(RewardLaw(np.random.default_rng(0).random(60)), K=2, lam=1.0)
    run = loop.run(steps=2)
    made = {n: bootstrap_bands(loop, run, replicates=n, rng=1) for n in (39, 40)}
    assert (made[39].level, made[40].level) == (None, 0.95)
    wider = bootstrap_bands(loop, run, replicates=39, level=0.99999, rng=1)
    narrow = bootstrap_bands(loop, run, replicates=39, level=0.5, rng=1)
    assert (wider.level, narrow.level) == (None, 0.5)
    for name in FIGURES:
        assert made[39].low[name] == pytest.approx(wider.low[name], abs=0)
        assert (made[39].high[name][1:] > narrow.high[name][1:]).all()
    # Of two tables the ends are these two: around the table's own curve, as all bands are.
    two = bootstrap_bands(loop, run, replicates=2, rng=1)
    loops = loops_on_rows(loop, (), 2)
    factors = resampled(loops.table, 2, np.random.default_rng(1))
    factors = np.concatenate([np.ones((1, factors.shape[1])), factors])
    means = [values[:, 2] for values in curves_of(loops, factors, [])]
    moved = np.array(means)[:, 1:] - np.array(means)[:, :1]
    own = run.expected_reward
    assert two.low["expected_reward"] == pytest.approx(own + moved.min(axis=1), abs=1e-12)
    assert two.high["expected_reward"] == pytest.approx(own + moved.max(axis=1), abs=1e-12)
