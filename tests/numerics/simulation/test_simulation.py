"""The sampled loop: models, errors that name the step, and checkpoints.

Laws are tested in tests/statistical; here only what is certain, up to a chance of 1e-9.
"""

import math
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate, simulate_loop
from recurate.numerics.locks import InUseError
from recurate.numerics.simulation import checkpoints
from recurate.numerics.simulation.models import (
    EmpiricalDistribution,
    GaussianMixtureModel,
    GaussianModel,
    KernelDensityModel,
    Model,
)
from recurate.numerics.simulation.simulate_loop import AtomSampler, AtomTable

from .stopped import StoppedError, require_goes_on

DATA = np.random.default_rng(0).standard_normal((1_000, 2))
LOOP = CurationLoop(RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2], groups="aba"), K=3, lam=0.5)
WITH_PROMPTS = RewardLaw(
    [0.0, 5.0, 2.0, 9.0, 2.0, 4.0], [0.1, 0.2, 0.1, 0.3, 0.2, 0.1], "xyyxxy", prompts="babcba"
)
WITHIN = CurationLoop(WITH_PROMPTS, K=3, lam=2.0)


def first_coordinate(samples):
    return samples[:, 0]


def run(model=None, reward=first_coordinate, **options):
    given = {"K": 4, "lam": 1.0, "steps": 3, "n_generated": 200, "real": DATA, "rng": 1} | options
    return simulate(GaussianModel() if model is None else model, reward, **given)


class Mine:
    """A user's own model: neither replicated nor with a state."""

    def fit(self, samples):
        self.samples = samples

    def sample(self, n, rng):
        return self.samples[rng.integers(0, len(self.samples), n)]


class Kept(Mine):
    def get_state(self):
        return {"samples": self.samples}

    def set_state(self, state):
        self.samples = state["samples"]


MODELS = [
    EmpiricalDistribution(),
    GaussianModel(),
    KernelDensityModel(),
    KernelDensityModel(0.1),
    Kept(),
]


def models():
    pytest.importorskip("sklearn")
    return [*MODELS, GaussianMixtureModel(2)]


def test_every_model_goes_through_the_loop():
    for model in models():
        assert isinstance(model, Model)
        trajectory = run(
            model,
            replicates=3,
            groups=lambda x: (x[:, 1] > 0).astype(int),
            group_names=("low", "high"),
        )
        assert trajectory.expected_reward.shape == (4,)
        assert trajectory.figures.shape == (3, 4, 5)
        assert trajectory.group_proportions.sum(axis=1) == pytest.approx(1.0)
        assert trajectory.expected_reward[-1] > trajectory.expected_reward[0] + 0.3
        assert (trajectory.standard_errors["expected_reward"] > 0).all()
        assert np.isnan(trajectory.kl_to_reference).all()


def test_the_bias_of_frequencies_is_taken_off_where_samples_were_drawn():
    model = EmpiricalDistribution(atoms=4)
    model.fit(np.array([[0, 1, 1, 2], [3, 3, 3, 3]]))  # three atoms occur, and one
    assert model.log_density_bias().tolist() == [2 / 8, 0.0]
    # Of all real data the frequencies are p_ref itself; of a draw of them (unequal probabilities)
    # and after each step they are not. K = 1 at λ = 0 and one atom: nothing is left to chance.
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=1, lam=1.0)
    assert simulate_loop(loop, steps=0, n_generated=10, rng=0).kl_to_reference[0] == 0.0
    drawn = CurationLoop(RewardLaw([0.0, 1.0], [0.75, 0.25]), K=1, lam=1.0)
    seen = []

    class Watched(EmpiricalDistribution):
        def log_density(self, samples):
            self.found = super().log_density(samples)
            return self.found

        def log_density_bias(self):
            seen.append((self.found, super().log_density_bias()))
            return seen[-1][1]

    real = AtomSampler(drawn.law.probs)
    trajectory = simulate(
        Watched(2),
        AtomTable(drawn.law.rewards),
        1,
        1.0,
        2,
        50,
        real=real,
        rng=3,
        reference_log_density=lambda x: np.zeros(x.shape),
    )
    assert len(seen) == 3
    for found, (densities, bias) in zip(trajectory.kl_to_reference, seen, strict=True):
        assert bias > 0
        assert found == pytest.approx(densities.mean() - bias[0], rel=1e-12)


def test_the_bias_that_a_model_of_ones_own_says_is_taken_off():
    class Biased:  # copied for each replicate: of one number, each copy's own
        said = 0.25

        def fit(self, samples):
            self.mean = samples.mean()

        def sample(self, n, rng):
            return rng.normal(self.mean, size=n)

        def log_density(self, samples):
            return np.zeros(samples.shape)

        def log_density_bias(self):
            return self.said

    def run(model):
        return simulate(
            model,
            lambda x: x,
            1,
            math.inf,
            1,
            10,
            real=np.zeros(5),
            reference_log_density=lambda x: np.zeros(x.shape),
            replicates=2,
            rng=0,
        )

    assert run(Biased()).kl_to_reference.tolist() == [0.0, -0.25]
    wrong = Biased()
    wrong.replicated, wrong.sample = True, lambda n, rng: rng.normal(size=(2, n))
    with pytest.raises(
        ValueError, match=r"log_density_bias must return .* shape \(2,\).* got \(\)"
    ):
        run(wrong)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_torch_models_see_tensors_and_nothing_is_fetched_inside_the_loop(monkeypatch, dtype):
    torch = pytest.importorskip("torch")
    fetched = []
    true_cpu = torch.Tensor.cpu

    def cpu(self, *arguments):
        fetched.append(self.numel())
        return true_cpu(self, *arguments)

    monkeypatch.setattr(torch.Tensor, "cpu", cpu)

    def no_list(self):
        assert self.numel() <= 1, "samples must stay on the device"
        return self.item()

    monkeypatch.setattr(torch.Tensor, "tolist", no_list)

    def reward(samples):
        assert isinstance(samples, torch.Tensor)
        assert samples.dtype == getattr(torch, dtype)
        return samples[:, 0]

    for model in MODELS[:4]:
        fetched.clear()
        trajectory = run(model, reward, backend="torch", dtype=dtype, replicates=2)
        assert trajectory.figures.dtype == np.float64
        assert trajectory.expected_reward[-1] > trajectory.expected_reward[0] + 0.3
        assert fetched == [2 * 4 * 5]  # the figures of two replicates, once


def test_a_gaussian_moves_by_its_variance_with_infinitely_many_candidates():
    """Weights e^x tilt N(μ, σ²) to N(μ + σ², σ²); a standard deviation of the mean is 0.005."""
    trajectory = run(n_generated=40_000, K=math.inf, lam=math.inf, replicates=4)
    variance = DATA[:, 0].var()
    expected = DATA[:, 0].mean() + variance * np.arange(4)
    # Effective sample size 40,000/e for each step's mean, four replicates.
    error = np.sqrt(variance * math.e * (1 + np.arange(4)) / 160_000)
    assert (np.abs(trajectory.expected_reward - expected) < 8 * error + 4 * math.e / 40_000).all()


def test_gaussian_densities_are_those_of_scipy():
    from scipy import stats

    model = GaussianModel()
    model.fit(DATA[None])
    expected = stats.multivariate_normal(DATA.mean(axis=0), np.cov(DATA.T, ddof=0)).logpdf(DATA)
    np.testing.assert_allclose(model.log_density(DATA[None])[0], expected, rtol=1e-10)


def test_a_collapsed_gaussian_still_samples():
    model = GaussianModel()
    model.fit(np.ones((1, 5, 2)))
    assert (model.sample(3, np.random.default_rng(0)) == 1.0).all()


def test_the_divergence_of_an_empirical_distribution_is_that_of_its_frequencies():
    model = EmpiricalDistribution(atoms=3)
    model.fit(np.array([[0, 0, 1, 2], [1, 1, 1, 1]]))
    frequencies = np.exp(model.log_density(np.array([[0, 1, 2], [1, 1, 1]])))
    assert frequencies.tolist() == pytest.approx(np.array([[0.5, 0.25, 0.25], [1, 1, 1]]))
    with pytest.raises(ValueError, match="atoms must be given for a density"):
        EmpiricalDistribution().log_density(np.array([[0]]))


def test_mixture_samples_are_in_no_order():
    """scikit-learn gives them by component: then the first half would all be of one centre."""
    pytest.importorskip("sklearn")
    model = GaussianMixtureModel(2)
    model.fit(np.concatenate([DATA - 50, DATA + 50]))
    half = model.sample(400, np.random.default_rng(0))[:200, 0] > 0
    assert 50 < half.sum() < 150  # binomial(200, 1/2): outside with probability 1e-12


def test_sizes_follow_from_lam():
    assert run(lam=0.5, n_curated=100).sizes.real == 200
    assert run(lam=math.inf).sizes.real == 0
    assert run(lam=0.0).sizes.curated == 0
    assert run(lam=3.0, n_curated=100).sizes.lam == pytest.approx(100 / 33)


def test_a_loop_without_synthetic_data_does_not_move():
    trajectory = run(EmpiricalDistribution(), lam=0.0, n_generated=20_000)
    # Each mean is within eight deviations (the resampled fit adds one) of the data's.
    assert np.abs(trajectory.expected_reward - DATA[:, 0].mean()).max() < 8 * math.sqrt(2 / 20_000)


def test_replicates_are_independent_of_how_many_run_side_by_side(monkeypatch):
    whole = simulate_loop(LOOP, steps=2, n_generated=50, replicates=6, rng=3)
    assert len({tuple(row) for row in whole.figures[:, :, 0]}) == 6
    from recurate.numerics.simulation import record

    monkeypatch.setattr(record, "PARTICLES_AT_ONCE", 300)
    parts = simulate_loop(LOOP, steps=2, n_generated=50, replicates=6, rng=3)
    assert parts.figures.shape == whole.figures.shape
    assert not np.isnan(parts.figures).any()


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    ("loop", "number", "at_once", "stop_at"),
    [
        *((LOOP, 200, 600, stop_at) for stop_at in (1, 4, 5, 7)),
        *((WITHIN, 40, 3 * 60, stop_at) for stop_at in (1, 4, 5, 7)),  # one of three prompts
    ],
)
def test_a_stopped_run_goes_on_as_if_it_had_not(
    monkeypatch, tmp_path, backend, loop, number, at_once, stop_at
):
    """Seven units of work: two chunks of four steps each, stopped within each and between."""
    if backend == "torch":
        pytest.importorskip("torch")
    path = tmp_path / "run.npz"
    arguments = {"steps": 4, "n_generated": number, "replicates": 2, "rng": 9, "backend": backend}
    whole = require_goes_on(monkeypatch, path, loop, stop_at, at_once, **arguments)
    # A finished run is read, and a seed is not needed to go on.
    finished = simulate_loop(loop, **(arguments | {"rng": None}), checkpoint=path)
    np.testing.assert_array_equal(finished.figures, whole.figures)


class InPlace(Kept):
    """A user's model whose state is the array that it goes on in; it may be interrupted."""

    fits = None  # before the interruption

    def fit(self, samples):
        if not hasattr(self, "samples"):
            self.samples = np.empty((200, 2))
        self.samples[:] = samples[:200]
        if InPlace.fits is not None:
            InPlace.fits -= 1
            if InPlace.fits == 0:
                raise KeyboardInterrupt


@pytest.mark.parametrize(("fits", "kept"), [(1, 0), (2, 0), (4, 2), (5, 3), (6, 4), (8, 5)])
def test_an_interrupted_run_keeps_its_latest_step(monkeypatch, tmp_path, fits, kept):
    """Interrupted at the end of a step, of two chunks of four, long before a checkpoint is due."""
    from recurate.numerics.simulation import record

    monkeypatch.setattr(record, "PARTICLES_AT_ONCE", 300)
    monkeypatch.setattr(record, "COPY_EVERY", 0.0)
    monkeypatch.setattr(InPlace, "fits", None)
    arguments = {"model": InPlace(), "steps": 4, "replicates": 2, "lam": math.inf}
    whole, path, done = run(**arguments), tmp_path / "run.npz", []
    InPlace.fits = fits
    with pytest.raises(KeyboardInterrupt):
        run(**arguments, checkpoint=path)
    InPlace.fits = None
    again = run(**arguments, checkpoint=path, on_step=lambda *progress: done.append(progress[0]))
    assert done == list(range(kept + 1, 9))
    np.testing.assert_array_equal(again.figures, whole.figures)


def test_copies_of_the_state_cost_a_fiftieth(monkeypatch, tmp_path):
    copies = []

    class Slow(Kept):
        def get_state(self):
            copies.append(1)
            time.sleep(0.002)
            return super().get_state()

    begin = time.perf_counter()
    run(Slow(), steps=200, n_generated=2, checkpoint=tmp_path / "run.npz")
    seconds = time.perf_counter() - begin
    assert 1 <= len(copies) <= 1 + seconds / (50 * 0.002)


def test_a_checkpoint_of_a_run_is_not_taken_by_another(tmp_path):
    path = tmp_path / "run.npz"
    with ThreadPoolExecutor(1) as pool:

        def meanwhile(done, total):
            with pytest.raises(InUseError, match=f"run.npz is in use by process {os.getpid()};"):
                pool.submit(run, checkpoint=path).result()

        run(checkpoint=path, on_step=meanwhile)
    assert [one.name for one in tmp_path.iterdir()] == ["run.npz"]


def test_all_models_can_be_kept(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    for i, model in enumerate(models()):

        def stop(done, total):
            if done == 2:
                raise StoppedError

        whole, path = run(model, replicates=2), tmp_path / f"{i}.npz"
        with pytest.raises(StoppedError):
            run(model, replicates=2, checkpoint=path, on_step=stop)
        again = run(model, replicates=2, checkpoint=path)
        np.testing.assert_allclose(again.figures, whole.figures, rtol=1e-12, equal_nan=True)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    arguments = {"steps": 2, "n_generated": 50, "rng": 1, "checkpoint": path}
    simulate_loop(LOOP, **arguments)
    for change, message in (
        ({"steps": 3}, "has steps = 2, and this run 3"),
        ({"rng": 2}, "has seed = "),
        ({"n_generated": 60}, "n_generated = 50, and this run 60"),
    ):
        with pytest.raises(ValueError, match=message):
            simulate_loop(LOOP, **(arguments | change))


@pytest.mark.parametrize(
    ("law", "what"),
    [
        (RewardLaw([0.0, 1.5, 2.0], [0.5, 0.3, 0.2], groups="aba"), "reward"),
        (RewardLaw([0.0, 1.0, 2.0], [0.4, 0.4, 0.2], groups="aba"), "real"),
        (RewardLaw([0.0, 1.0, 2.0], [0.5, 0.3, 0.2], groups="abb"), "groups"),
        (RewardLaw([0.0, 1.0, 2.0], groups="aba"), "real"),
    ],
)
def test_a_checkpoint_of_another_law_is_refused(tmp_path, law, what):
    """The same numbers of atoms and groups and the same best reward: only the tables differ."""
    arguments = {"steps": 2, "n_generated": 50, "rng": 1, "checkpoint": tmp_path / "run.npz"}
    simulate_loop(LOOP, **arguments)
    with pytest.raises(ValueError, match=f"the same arguments; .* has {what} = "):
        simulate_loop(CurationLoop(law, K=LOOP.K, lam=LOOP.lam), **arguments)


def test_a_checkpoint_of_other_real_data_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    run(checkpoint=path)
    with pytest.raises(ValueError, match="has real = "):
        run(real=DATA + 1.0, checkpoint=path)


def test_where_a_checkpoint_cannot_be_is_said_at_once(tmp_path):
    def never(samples):
        raise AssertionError

    with pytest.raises(FileNotFoundError, match=r"nowhere.run\.npz"):
        run(reward=never, checkpoint=tmp_path / "nowhere" / "run.npz")
    with pytest.raises(ValueError, match="checkpoint must be a file"):
        run(reward=never, checkpoint=tmp_path)
    with pytest.raises(TypeError, match="checkpoint must be a path; got 3"):
        run(reward=never, checkpoint=3)


def test_a_checkpoint_needs_a_state(tmp_path):
    with pytest.raises(TypeError, match="get_state and set_state for a checkpoint; got Mine"):
        run(Mine(), checkpoint=tmp_path / "run.npz")


def after(calls, wrong):
    """A reward that is wrong from some call on: the first is for real data, then one per step."""
    made = []

    def reward(samples):
        made.append(None)
        return wrong(samples) if len(made) > calls else samples[:, 0]

    return reward


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda x: np.where(np.arange(len(x)) == 7, np.nan, x[:, 0]), ValueError,
         r"reward must return finite numbers; got nan for sample 7 at step t = 2 \(1 of 200"),
        (lambda x: x[:, 0] - np.inf, ValueError, "got -inf for sample 0 at step t = 2"),
        (lambda x: x, ValueError, r"reward must return an array of shape \(200\); got \(200, 2\)"),
        (lambda x: list(x[:, 0]), TypeError, "reward must return a NumPy array; got list at step"),
        (lambda x: x[:, 0] * 1e13, ValueError, "span at most 1e.12"),
        (lambda x: x[:, 0].astype(str), TypeError, "reward must return real numbers"),
    ],
)  # fmt: skip
def test_a_wrong_reward_is_named_with_its_step(wrong, error, message):
    with pytest.raises(error, match=message):
        run(reward=after(3, wrong))


def test_an_error_in_a_users_function_says_where():
    def reward(samples):
        raise KeyError("mine")

    with pytest.raises(KeyError) as caught:
        run(reward=reward)
    assert caught.value.__notes__ == ["in reward at step t = 0 of the simulation"]


def test_a_wrong_model_is_named():
    class Short(Mine):
        def sample(self, n, rng):
            return super().sample(n - 1, rng)

    with pytest.raises(ValueError, match=r"model.sample must return an array of shape \(1, 200, …"):
        run(Short())
    for model, message in (
        (object(), "got object, which lacks fit and sample"),
        (GaussianModel, "got the class GaussianModel, not an instance"),
    ):
        with pytest.raises(TypeError, match=message):
            run(model)


def test_a_model_that_returns_no_array_is_told_so():
    class Listed(Mine):
        def sample(self, n, rng):
            return super().sample(n, rng).tolist()

    class Uneven(Mine):
        def sample(self, n, rng):
            return super().sample(rng.integers(1, n), rng)

    with pytest.raises(TypeError, match=r"model.sample must return a NumPy array; got list at"):
        run(Listed())
    with pytest.raises(
        ValueError, match=r"model.sample must return the same number .* got \(\d+, 2\), \("
    ):
        run(Uneven(), replicates=3)


@pytest.mark.parametrize("model", [GaussianModel(), KernelDensityModel()])
def test_numbers_are_no_vectors(model):
    message = r"samples must be vectors, shape \(n, d\), for .*Model; got shape \(1000,\)"
    with pytest.raises(ValueError, match=message):
        run(model, reward=lambda x: x, real=DATA[:, 0])


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("replicates", [1, 2])
def test_a_model_may_change_its_samples_in_place(backend, replicates):
    """It changes neither the user's data nor another replicate's."""
    if backend == "torch":
        torch = pytest.importorskip("torch")

    class Centred:
        def fit(self, samples):
            samples -= samples.mean(0)
            self.samples = samples

        def sample(self, n, rng):
            if backend == "torch":
                return self.samples[torch.randint(len(self.samples), (n,), generator=rng)]
            return self.samples[rng.integers(0, len(self.samples), n)]

    class Moved(GaussianModel):  # a replicated one
        def fit(self, samples):
            if replicates == 1:
                samples += 5.0
            super().fit(samples)

    for model in (Centred(), Moved()):
        data = DATA.copy() if backend == "numpy" else torch.tensor(DATA)
        run(model, real=data, backend=backend, replicates=replicates)
        np.testing.assert_array_equal(np.asarray(data), DATA)


def test_complex_tensors_are_no_rewards():
    pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"reward must return real numbers; got torch.complex128"):
        run(reward=lambda x: x[:, 0] + 0j, backend="torch")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reward": 3}, TypeError, "reward must be a function of samples; got 3"),
        ({"groups": "a"}, TypeError, "groups must be a function"),
        ({"real": []}, ValueError, "real must have at least one sample"),
        ({"real": "data"}, TypeError, "real must be an array of samples, or have sample"),
        ({"real": [["1", "2"]]}, TypeError, "real must be real numbers; got an array of type <U1"),
        ({"real": [1.0, None]}, TypeError, "real must be real numbers; got an array of type objec"),
        ({"real": DATA + 1j}, TypeError, "real must be real numbers; got an array of type complex"),
        ({"group_names": "ab"}, ValueError, "groups must be a function if there are group_names"),
        ({"groups": lambda x: np.full(len(x), 0.5), "group_names": "ab"}, ValueError,
         "integers from 0 to 1, .* got 0.5 at step t = 0"),
        ({"groups": lambda x: np.full(len(x), np.nan), "group_names": "ab"}, ValueError,
         "integers from 0 to 1, .* got nan at step t = 0"),
        ({"n_generated": 0}, ValueError, "n_generated must be an integer from 1 to 1000000000"),
        ({"replicates": 0}, ValueError, "replicates must be an integer of at least 1"),
        ({"steps": 1.5}, ValueError, "steps must be an integer"),
        ({"lam": -1}, ValueError, "lam must be a number of at least 0"),
        ({"lam": 1e9}, ValueError, "n_curated / lam, the number of real samples"),
        ({"lam": 1e-9}, ValueError, "n_curated / lam"),
        ({"max_reward": math.nan}, ValueError, "max_reward must be a finite number"),
        ({"groups": lambda x: np.full(len(x), 2), "group_names": "ab"}, ValueError,
         "groups must return integers from 0 to 1, one less than there are group_names; got 2"),
        ({"backend": "torch", "device": "nowhere"}, ValueError, "device must be one that torch"),
    ],
)  # fmt: skip
def test_bad_input(options, error, message):
    with pytest.raises(error, match=message):
        run(**options)


def test_a_sampler_of_real_data_is_asked_for_what_is_needed():
    asked = []

    class Source:
        def sample(self, n, rng):
            asked.append(n)
            return rng.standard_normal((n, 2))

    trajectory = run(real=Source(), n_generated=100, lam=0.5, replicates=2)
    assert asked == [200, 400, 400, 400]
    assert trajectory.sizes.initial == 100


def test_a_trajectory_writes_its_figures(tmp_path):
    trajectory = simulate_loop(LOOP, steps=2, n_generated=50, replicates=3, rng=1)
    trajectory.to_csv(tmp_path / "run.csv")
    rows = (tmp_path / "run.csv").read_text().splitlines()
    assert rows[0].startswith("t,expected_weight,expected_weight_standard_error,variance_weight")
    assert len(rows) == 4
    assert float(rows[1].split(",")[1]) == trajectory.expected_weight[0]
    figures = trajectory.to_dict()
    assert figures["standard_errors"]["expected_weight"][1] == pytest.approx(
        trajectory.by_replicate("expected_weight")[:, 1].std(ddof=1) / math.sqrt(3)
    )
    alone = simulate_loop(LOOP, steps=1, n_generated=50, rng=1)
    assert np.isnan(alone.standard_errors["expected_weight"]).all()


@pytest.mark.parametrize(
    ("K", "lam", "draws"),
    [
        # 3 replicates of 2 steps, each of 10 choices, 10 generated and 10/λ real samples, and at
        # the end 10 generated ones once more.
        (4, math.inf, 3 * (2 * (10 * 4 + 10) + 10)),
        (math.inf, math.inf, 3 * (2 * (10 + 10) + 10)),
        (4, 1.0, 3 * (2 * (10 * 4 + 10 + 10) + 10)),
        (1e250, 0.0, 3 * (2 * (10 + 10) + 10)),  # nothing is chosen
    ],
)
def test_draws_are_counted_before_they_are_made(monkeypatch, K, lam, draws):
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=K, lam=lam)
    sizes = {"steps": 2, "n_generated": 10, "replicates": 3, "rng": 0}
    place = "recurate.numerics.simulation.simulate.MOST_DRAWS"
    monkeypatch.setattr(place, draws)
    assert simulate_loop(loop, **sizes).steps == 2
    monkeypatch.setattr(place, draws - 1)
    with pytest.raises(ValueError, match=f"draws; got {draws}: 3 replicates of 2 steps"):
        simulate_loop(loop, **sizes)
    assert simulate_loop(loop, **sizes, any_size=True).steps == 2


def test_samples_and_figures_are_counted(monkeypatch):
    loop = CurationLoop(RewardLaw([0.0, 1.0], groups="ab"), K=2, lam=math.inf)
    sizes = {"steps": 2, "n_generated": 10, "replicates": 3, "rng": 0}
    for name, most, message in (
        ("MOST_SAMPLES", 9, "samples of one kind in a step; got 10"),
        ("MOST_FIGURES", 62, "figures; got 63: 3 replicates of 3 steps of 5 figures and 2 groups"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(f"recurate.numerics.simulation.simulate.{name}", most)
            with pytest.raises(ValueError, match=message):
                simulate_loop(loop, **sizes)
            assert simulate_loop(loop, **sizes, any_size=True).steps == 2
