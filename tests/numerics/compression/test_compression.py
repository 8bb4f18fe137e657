"""The loop on a compressed law against the dense engine; and when it cannot be compressed."""

import math

import numpy as np
import pytest

from recurate.numerics.compression import bins
from recurate.numerics.compression import compressor as compression
from recurate.numerics.compression.banded_ratio import BandedKernel
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

N = 4_000
INF = math.inf
LOOPS = [(4, 1.0), (2, 0.5), (2, INF), (10_000, 1.0), (INF, 0.5), (INF, INF)]


def rewards_of(name):
    draw = np.random.default_rng(7)
    match name:
        case "normal":
            return draw.standard_normal(N)
        case "uniform":
            return draw.random(N)
        case "dense top":
            return -draw.exponential(size=N)
        case "heavy ties":
            return np.where(
                draw.random(N) < 0.8, np.round(draw.standard_normal(N)), draw.standard_normal(N)
            )
        case "ties at the top":
            return np.minimum(draw.standard_normal(N), 0.5)
        case "outlier":
            return np.append(draw.standard_normal(N - 1), 60.0)
        case "two clusters":
            return np.concatenate([draw.random(N // 2), 30.0 + draw.random(N // 2) / 10])
        case "far outlier":
            return np.append(draw.standard_normal(1_500), 500.0)
        case "span 1000":
            return 1_000 * draw.random(1_500)


def compressed(law, K, lam, steps, tol=compression.TOLERANCE):
    """The compressed levels, and the figures and group proportions of the run on them."""
    loop = CurationLoop(law, K=K, lam=lam)
    levels, history = compression.compressor_of(law).run(loop.K, loop.lam, steps, tol)
    states = [history.at(t) for t in range(steps + 1)]
    figures = np.array([levels.measure(state) for state in states])
    return levels, states, figures, np.array([levels.group_proportions(s) for s in states])


def dense(law, K, lam, steps):
    run = CurationLoop(law, K=K, lam=lam).run(steps=steps)
    return run, np.stack([getattr(run, name) for name in FIGURES], axis=1)


def law_of(name, weighted=False):
    rewards = rewards_of(name)
    draw = np.random.default_rng(11)
    probs = draw.random(rewards.size) if weighted else np.ones(rewards.size)
    # Groups that depend on the reward: their proportions move.
    groups = np.where(draw.random(rewards.size) < 1 / (1 + np.exp(-rewards)), "high", "low")
    return RewardLaw(rewards, probs / probs.sum(), groups)


def check(law, K, lam, steps, tol=compression.TOLERANCE):
    levels, states, figures, groups = compressed(law, K, lam, steps, tol)
    run, expected = dense(law, K, lam, steps)
    error = max(np.abs(figures - expected).max(), np.abs(groups - run.group_proportions).max())
    # In addition, the dense engine's own rounding: of the laws over the steps, and of the rewards.
    rounding = 1e-13 + 2e-15 * np.ptp(law.rewards) + 1e-15 * steps
    assert levels.error_estimate <= tol
    assert error <= levels.error_estimate + rounding
    return levels, states, run


@pytest.mark.parametrize(("K", "lam"), LOOPS)
@pytest.mark.parametrize(
    "name",
    ["normal", "uniform", "dense top", "heavy ties", "ties at the top", "outlier", "two clusters"],
)
def test_figures_are_the_dense_engines(name, K, lam):
    levels, _, _ = check(law_of(name), K, lam, 200 if K == 2 or K == INF else 60)
    assert levels.rewards.size < 500


@pytest.mark.parametrize(("K", "lam"), [(4, 1.0), (2, INF), (INF, 1.0)])
@pytest.mark.parametrize("name", ["far outlier", "span 1000"])
def test_figures_are_the_dense_engines_for_wide_rewards(name, K, lam):
    check(law_of(name), K, lam, 12)


@pytest.mark.parametrize("name", ["normal", "heavy ties", "two clusters"])
def test_probabilities_that_differ(name):
    check(law_of(name, weighted=True), 4, 2.0, 60)


@pytest.fixture
def few_kept(monkeypatch):
    """Bins up to the top: nothing but the largest reward is kept as it is."""
    monkeypatch.setattr(bins, "_KEPT_TOP", 1)
    monkeypatch.setattr(bins, "_KEPT_BOTTOM", 1)


@pytest.fixture
def divisions(monkeypatch):
    """The largest number of parts, and the number of bins kept, at each division."""
    seen = []
    divide = bins.BinnedLaw.divide

    def noted(self, edges, factors, drifting):
        done = divide(self, edges, factors, drifting)
        seen.append((int(self._parts.max()), int((self._parts == 0).sum())))
        return done

    monkeypatch.setattr(bins.BinnedLaw, "divide", noted)
    return seen


@pytest.mark.parametrize("weighted", [False, True])
def test_bins_are_divided_where_the_loop_is_steep(few_kept, divisions, weighted):
    draw = np.random.default_rng(3)
    rewards = -draw.exponential(size=25_000)
    probs = draw.random(rewards.size) if weighted else np.ones(rewards.size)
    law = RewardLaw(rewards, probs / probs.sum(), draw.integers(0, 3, rewards.size))
    check(law, INF, INF, 200)
    assert max(parts for parts, _ in divisions) > 10


def test_rewards_are_kept_where_they_are_few(few_kept, divisions):
    check(law_of("dense top"), INF, INF, 200)
    assert max(kept for _, kept in divisions) > 3


@pytest.mark.parametrize("tol", [1e-4, 1e-7])
@pytest.mark.parametrize("name", ["dense top", "two clusters"])
def test_larger_tolerances_are_kept_with_fewer_nodes(few_kept, name, tol):
    coarse, _, _ = check(law_of(name), INF, INF, 100, tol)
    fine, _, _ = check(law_of(name), INF, INF, 100, 1e-11)
    assert coarse.rewards.size <= fine.rewards.size
    assert coarse.error_estimate > fine.error_estimate


def test_bins_that_cannot_be_divided_are_an_error(few_kept, monkeypatch):
    law = RewardLaw(-np.random.default_rng(3).exponential(size=40_000))
    monkeypatch.setattr(bins, "LARGEST_PARTS", 500)
    reached = r"at most 1e-10; reached [0-9.e-]+ and cannot divide further"
    with pytest.raises(compression.CompressionError, match=reached):
        compressed(law, INF, INF, 200)


def test_too_many_rewards_to_be_kept_are_an_error(few_kept, monkeypatch):
    monkeypatch.setattr(bins, "_LARGEST_KEPT", 3)
    with pytest.raises(compression.CompressionError, match="cannot divide further"):
        compressed(law_of("dense top"), INF, INF, 200)


def test_a_law_that_does_not_shrink_is_an_error(monkeypatch):
    monkeypatch.setattr(compression, "LARGEST_LAW", 50)
    with pytest.raises(compression.CompressionError, match="of at most 50"):
        compressed(law_of("normal"), 4, 1.0, 20)


def test_atoms_without_mass_are_refused():
    with pytest.raises(ValueError, match="each of positive probability; got RewardLaw"):
        compressed(RewardLaw([0.0, 1.0], [1.0, 0.0]), 2, 1.0, 1)


def test_one_pass_serves_several_loops(monkeypatch):
    law = law_of("normal")
    compressor = compression.compressor_of(law)
    passes = []
    monkeypatch.setattr(bins.BinnedLaw, "_first_pass", lambda self: passes.append(self) or 1 / 0)
    for K, lam, steps in [(4, 1.0, 10), (2, INF, 80), (INF, 0.5, 20)]:
        loop = CurationLoop(law, K=K, lam=lam)
        levels, history = compressor.run(loop.K, loop.lam, steps)
        expected = loop.run(steps=steps)
        found = np.array([levels.measure(history.at(t)) for t in range(steps + 1)])
        for i, name in enumerate(FIGURES):
            assert np.abs(found[:, i] - getattr(expected, name)).max() < 1e-10
    assert not passes


@pytest.mark.parametrize("tol", [0.0, 1e-13, -1.0, math.nan])
def test_a_tolerance_below_rounding_is_refused(tol):
    with pytest.raises(ValueError, match="tol must be at least 1e-12; got"):
        compressed(law_of("normal"), 2, 1.0, 1, tol=tol)


@pytest.mark.parametrize("tol", ["1e-10", None, True])
def test_a_tolerance_that_is_no_number_is_refused(tol):
    with pytest.raises(TypeError, match="tol must be a number of at least 1e-12; got"):
        compressed(law_of("normal"), 2, 1.0, 1, tol=tol)


@pytest.mark.parametrize(
    "rewards", [[3.0], [3.0] * 50, [0.0, 1.0] * 40, [-1e9, 0.0, 1.0], list(range(12)) * 9]
)
@pytest.mark.parametrize(("K", "lam"), [(3, 1.0), (INF, INF)])
def test_few_distinct_rewards_stay_as_they_are(rewards, K, lam):
    law = RewardLaw(rewards, groups=np.arange(len(rewards)) % 3)
    levels, _, _ = check(law, K, lam, 30)
    distinct = np.unique(rewards)
    assert levels.rewards == pytest.approx(distinct, rel=1e-15, abs=1e-14)


def test_wide_rewards_take_the_banded_quadrature():
    law = RewardLaw([-600.0, -1.0, 0.0])
    levels, _, _, _ = compressed(law, 4, 1.0, 1)
    assert isinstance(compression._banded(levels, 4), BandedKernel)
    assert compression._banded(levels, INF) is None


def test_ratings_are_compressed_to_themselves():
    draw = np.random.default_rng(2)
    stars = draw.choice([1, 2, 3, 4, 5], size=60_000, p=[0.05, 0.1, 0.2, 0.55, 0.1]).astype(float)
    law = RewardLaw(stars / 3, groups=draw.integers(0, 3, stars.size) * (stars > 2))
    levels, states, run = check(law, 4, 1.0, 100)
    assert levels.rewards == pytest.approx(np.arange(1, 6) / 3, rel=1e-13)
    assert levels.atom_log_density(states[50]) == pytest.approx(run.log_density(50), abs=1e-11)


def test_the_mass_at_the_top_is_its_own():
    law = law_of("ties at the top")
    levels, _, _, _ = compressed(law, 4, 1.0, 5)
    assert levels.rewards[-1] == 0.5
    assert levels.base[-1] == pytest.approx((law.rewards == 0.5).mean(), rel=1e-13)


@pytest.mark.parametrize("name", ["normal", "heavy ties", "far outlier"])
def test_laws_are_read_back_at_every_reward(name):
    law = law_of(name, weighted=True)
    levels, states, run = check(law, 4, 1.0, 12)
    for t in (0, 1, 12):
        error = np.abs(levels.atom_log_probs(states[t]) - run.log_probs(t))
        # Where there is mass, and relative to it: log p = -700 need not have ten digits.
        assert (run.probs(t) * error).sum() < 1e-11
        assert error.max() < 1e-7
        assert np.abs(levels.atom_log_density(states[t]) - run.log_density(t)).max() < 1e-7


def test_the_order_of_the_rewards_does_not_matter():
    law = law_of("two clusters")
    order = np.random.default_rng(0).permutation(law.size)
    other = RewardLaw(law.rewards[order], law.probs[order])
    figures = [compressed(one, 4, 1.0, 30)[2] for one in (law, other)]
    assert figures[0] == pytest.approx(figures[1], rel=1e-12, abs=1e-13)


@pytest.mark.parametrize(("K", "lam"), [(3, 0.4), (4, 2.0), (INF, 0.6)])
@pytest.mark.parametrize("name", ["normal", "dense top"])
def test_the_fixed_point_is_that_of_the_law(few_kept, name, K, lam):
    rewards = rewards_of(name)[:1_200]
    law = RewardLaw(rewards, groups=rewards > np.median(rewards))
    expected = CurationLoop(law, K=K, lam=lam).fixed_point()
    levels, found = compression.compressor_of(law).fixed_point(
        lambda small: CurationLoop(small, K=K, lam=lam).fixed_point()
    )
    assert levels.rewards.size < law.size / 2
    for name in FIGURES:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-10)
    groups = levels.group_proportions(found.log_density)
    assert groups == pytest.approx(expected.group_proportions, abs=1e-10)
