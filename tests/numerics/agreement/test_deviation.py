"""A recorded loop, and the split of its deviation into model error and drift."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, curate, simulate
from recurate.numerics.agreement.deviation import (
    SHARE,
    LoopDeviation,
    loop_deviation,
)
from recurate.numerics.agreement.exact_start import exact_trajectory
from recurate.numerics.agreement.recorder import Recorder, RewardSample
from recurate.numerics.agreement.resampled_loops import BAND_ERROR
from recurate.numerics.simulation.models import EmpiricalDistribution

K = 3


class Resampler:
    """A model with one error: a share of its samples is replaced by the value 0."""

    def __init__(self, error=0.0):
        self.error = error

    def fit(self, samples):
        self.samples = samples

    def sample(self, n, rng):
        drawn = self.samples[rng.integers(0, len(self.samples), n)]
        drawn[rng.random(n) < self.error] = 0.0
        return drawn

    def get_state(self):
        return {"samples": self.samples}

    def set_state(self, state):
        self.samples = state["samples"]


def reward(samples):
    return samples[:, 0]


def look(samples):
    return reward(samples), (samples[:, 0] > 1.5).astype(np.int64)


REAL = np.array([[0.0], [1.0], [2.0], [3.0]])


def recorded(model, lam=math.inf, steps=3, n=4_000, seed=1, recorder=None, **options):
    recorder = recorder or Recorder(model, look, keep=lambda t, s: {"first": s[:2] + t})
    run = simulate(recorder, reward, K, lam, steps, n, real=REAL, rng=seed, **options)
    return recorder, run


def deviation(recorder, run, **options):
    real = RewardSample(*look(REAL))
    settings = {"K": K, "n_real": run.sizes.real, "n_groups": 2, "replicates": 20} | options
    return loop_deviation(recorder.generated, recorder.training, real, **settings)


def on_atoms(sample):
    """Return the law of a sample of the four real values."""
    return np.bincount(sample.rewards.astype(int), minlength=4) / sample.size


def loop_step(law, lam):
    """Take one exact step from a law of the four values; p_ref is uniform on them."""
    loop = CurationLoop(RewardLaw(np.arange(4.0)), K=K, lam=lam)
    return loop.run(steps=1, initial=law).probs(1)


@pytest.mark.parametrize("lam", [math.inf, 0.5])
def test_the_split_is_the_telescoping_sum_on_the_law_of_four_values(lam):
    """Independently: laws of four values as vectors, each step by the public loop."""
    recorder, run = recorded(Resampler(0.1), lam)
    found = deviation(recorder, run)
    generated = [on_atoms(sample) for sample in recorder.generated]
    training = [on_atoms(sample) for sample in recorder.training]

    def carried(law, steps):
        for _ in range(steps):
            law = loop_step(law, run.sizes.lam)
        return law

    def figures(law):
        return np.array([law @ np.arange(4.0), law[:2].sum(), law[2:].sum()])

    model, drift = np.zeros(4), np.zeros(4)
    for t in (1, 2, 3):
        model += carried(generated[t], 3 - t) - carried(training[t], 3 - t)
        drift += carried(training[t], 3 - t) - carried(generated[t - 1], 4 - t)
    assert found.model_error[3] == pytest.approx(figures(model), abs=1e-11)
    assert found.drift[3] == pytest.approx(figures(drift), abs=1e-11)
    assert found.exact[3] == pytest.approx(figures(carried(generated[0], 3)), abs=1e-11)
    assert found.measured[3] == pytest.approx(figures(generated[3]), abs=1e-12)
    assert found.deviation == pytest.approx(found.model_error + found.drift, abs=1e-11)
    assert not found.model_error[0].any()
    assert not found.drift[0].any()


def test_a_model_that_loses_a_fifth_is_found_to_and_finite_samples_are_not_blamed():
    """In each step the best reward's share is cut to 4/5 of its share in training.

    So the mean reward falls short; the model's part is told by its sign and by its size, ten times
    the standard deviation of n = 20,000 rewards between 0 and 3 (at most 1.5/sqrt(n) = 0.011).
    """
    recorder, run = recorded(Resampler(0.2), steps=1, n=20_000)
    found = deviation(recorder, run)
    trained = recorder.training[1].rewards.mean()
    assert found.model_error[1, 0] == pytest.approx(-0.2 * trained, abs=0.1)
    assert found.model_error[1, 0] < -0.2
    assert abs(found.drift[1, 0]) < 0.1
    assert found.excess().max() > 1.0


def test_what_finite_samples_do_is_what_they_do_to_a_perfect_model():
    """Bias and spread against 400 loops of a resampler from the same start, written out here.

    Both are estimates: spreads of 200 and of 400 runs differ by some 6% (5% and 3.5%), six times
    that is allowed. Biases differ by the spread times sqrt(1/200 + 1/400); five of that is allowed.
    """
    n, curated, steps = 200, 100, 2
    recorder, run = recorded(Resampler(), steps=steps, n=n, n_curated=curated)
    found = deviation(recorder, run, replicates=200, seed=3)
    rng = np.random.default_rng(4)
    ends = []
    for _ in range(400):
        rewards = recorder.generated[0].rewards
        for _ in range(steps):
            winners = curate(rewards, K, curated, rng=rng)
            rewards = rewards[winners][rng.integers(0, curated, n)]
        ends.append(rewards.mean())
    spread = np.std(ends)
    assert found.spread[-1, 0] == pytest.approx(spread, rel=0.36)
    bias = np.mean(ends) - found.exact[-1, 0]
    assert found.bias[-1, 0] == pytest.approx(bias, abs=5 * spread * math.sqrt(1 / 200 + 1 / 400))
    assert found.spread[0].max() < 1e-12  # all start from the same samples


def test_excess_is_in_units_of_what_is_allowed():
    arrays = {
        "measured": [[0.0, 0.5], [1.2, 0.48]],
        "exact": [[0.0, 0.5], [1.5, 0.5]],
        "model_error": [[0.0, 0.0], [-0.3, -0.02]],
        "drift": np.zeros((2, 2)),
        "bias": [[0.0, 0.0], [0.1, -0.02]],
        "spread": [[0.0, 0.0], [0.1, 0.01]],
        "resolution": [[0.0, 0.001], [0.0, 0.001]],
        "quantile": [[2.807034, 2.807034], [2.807034, 2.807034]],
    }
    found = LoopDeviation(**{name: np.array(values) for name, values in arrays.items()})
    # Two figures at one step: the normal law has 0.0025 beyond 2.8070 (tables of quantiles).
    # A third of 1.5 is more than 0.1 + 2.807 · 0.1; of no change, the band: 0.02 + 2.807 · 0.01.
    assert (BAND_ERROR, SHARE) == (0.01, 1 / 3)
    assert found.allowed[1].tolist() == pytest.approx([0.5, 0.04807], abs=1e-6)
    assert found.excess()[0].tolist() == pytest.approx([0.6, 0.02 / 0.04807], rel=1e-4)
    assert found.excess(unchanged=True)[0].tolist() == pytest.approx([2.4, 0.41606], rel=1e-4)


def test_nothing_that_may_change_is_no_excess():
    still = np.zeros((2, 1))
    found = LoopDeviation(*[still] * 8)
    assert found.excess().tolist() == [[0.0]]
    moved = LoopDeviation(np.array([[0.0], [1.0]]), *[still] * 7)
    assert moved.excess().tolist() == [[math.inf]]


def test_a_group_that_the_first_samples_do_not_have_may_come_up_in_five():
    n = 100
    first = RewardSample(np.ones(n), np.zeros(n, dtype=int))
    for few, allowed in ((5, True), (6, False)):
        later = RewardSample(np.ones(n), (np.arange(n) < few).astype(int))
        found = loop_deviation([first, later], [first, first], first, K=2, n_real=0, n_groups=2)
        assert (found.excess().max() <= 1.0 + 1e-12) == allowed
        assert found.resolution[1].tolist() == [0.0, 0.05, 0.05]


def test_an_exact_trajectory_has_real_atoms_first_and_starts_from_the_others():
    start = RewardSample(np.array([5.0, 5.0, 0.0]), np.array([1, 1, 0]))
    real = RewardSample(np.array([0.0, 1.0]), np.array([0, 0]))
    mixed = exact_trajectory(start, real, K=2, lam=1.0, steps=2)
    assert mixed.probs(0).tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 1 / 3])
    assert mixed.probs(1)[:2].tolist() == pytest.approx([0.25, 0.25])
    pure = exact_trajectory(start, None, K=2, lam=math.inf, steps=2)
    assert pure.probs(0).tolist() == pytest.approx([1 / 3] * 3)
    assert pure.expected_reward[0] == pytest.approx(10 / 3)


def test_a_recorder_changes_nothing_and_keeps_what_it_is_asked_to():
    recorder, run = recorded(Resampler(), lam=2.0, n=100, n_curated=50)
    plain = simulate(Resampler(), reward, K, 2.0, 3, 100, real=REAL, rng=1, n_curated=50)
    np.testing.assert_array_equal(run.figures, plain.figures)
    assert [sample.size for sample in recorder.generated] == [100] * 4
    assert [sample.size for sample in recorder.training] == [4, 75, 75, 75]
    means = [sample.rewards.mean() for sample in recorder.generated]
    assert means == pytest.approx(run.expected_reward.tolist())
    assert [kept["first"].shape for kept in recorder.kept] == [(2, 1)] * 4
    assert recorder.kept[3]["first"].min() >= 3.0  # the step is handed over


class StoppedError(Exception):
    """What stops a run from outside."""


def test_a_run_that_was_stopped_goes_on_with_what_was_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr("recurate.numerics.simulation.checkpoints.SECONDS_BETWEEN", 0.0)
    path = tmp_path / "loop.npz"

    def stop(done, total):
        if done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        recorded(Resampler(), n=50, checkpoint=path, on_step=stop)
    went_on, run = recorded(Resampler(), n=50, checkpoint=path)
    whole, expected = recorded(Resampler(), n=50)
    np.testing.assert_array_equal(run.figures, expected.figures)
    assert len(went_on.generated) == len(whole.generated) == 4
    for kind in ("generated", "training"):
        for one, other in zip(getattr(went_on, kind), getattr(whole, kind), strict=True):
            np.testing.assert_array_equal(one.rewards, other.rewards)
            np.testing.assert_array_equal(one.groups, other.groups)
    for one, other in zip(went_on.kept, whole.kept, strict=True):
        np.testing.assert_array_equal(one["first"], other["first"])


def test_a_recorder_passes_on_what_a_model_has():
    class Seeded(Resampler):
        def reseed(self, seed):
            self.seed = seed

    model = Seeded()
    recorder = Recorder(model, look)
    simulate(recorder, reward, K, math.inf, 1, 10, real=REAL, rng=1)
    assert model.seed > 0
    assert not hasattr(Recorder(Resampler(), look), "reseed")
    assert not hasattr(recorder, "log_density")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Recorder(EmpiricalDistribution(), look), "must hold one replicate; got Empirical"),
        (lambda: Recorder(Resampler(), 3), "look must be a function of samples; got 3"),
        (lambda: Recorder(Resampler(), look, keep=2), "keep must be a function of samples; got 2"),
    ],
)
def test_a_recorder_says_what_it_takes(make, message):
    with pytest.raises(TypeError, match=message):
        make()


def sample(size):
    return RewardSample(np.zeros(size), np.zeros(size, dtype=int))


@pytest.mark.parametrize(
    ("generated", "training", "n_real", "message"),
    [
        ([4], [4], 0, "the same number of steps, at least two; got 1 and 1"),
        ([4, 4], [4], 0, "got 2 and 1"),
        (
            [4, 5],
            [4, 4],
            0,
            r"generated must have the same number of samples in each step; got \[4, 5\]",
        ),
        ([4, 4, 4], [9, 4, 5], 0, r"training\[1:\] must have .* got \[4, 5\]"),
        ([4, 4], [9, 4], 4, "less than the training sets' 4; got 4"),
        ([4, 4], [9, 4], -1, "n_real must be at least 0, .* got -1"),
    ],
)
def test_sizes_have_to_fit(generated, training, n_real, message):
    seen = [[sample(size) for size in sizes] for sizes in (generated, training)]
    with pytest.raises(ValueError, match=message):
        loop_deviation(*seen, sample(3), K=2, n_real=n_real, n_groups=1)


@pytest.mark.parametrize(
    ("rewards", "groups", "message"),
    [
        (np.zeros(0), np.zeros(0, dtype=int), "rewards must be an array of shape"),
        ([1.0], np.zeros(1, dtype=int), "rewards must be an array of shape"),
        (np.zeros(2), np.zeros((2, 1), dtype=int), "groups must be an array of shape"),
        (np.zeros(2), np.zeros(3, dtype=int), "one entry per sample each; got 2 and 3"),
    ],
)
def test_samples_have_rewards_and_groups(rewards, groups, message):
    with pytest.raises(ValueError, match=message):
        RewardSample(rewards, groups)
