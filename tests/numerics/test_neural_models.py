"""Neural models: what is certain of them, and that they fit. Loops are in tests/statistical."""

import copy
import random
import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("zuko")
pytest.importorskip("torchdiffeq")
pytest.importorskip("ot")

import torch
from scipy import stats
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from recurate import CurationLoop, RewardLaw, simulate
from recurate.numerics import checkpoints
from recurate.numerics.models import Model
from recurate.numerics.neural.diffusion import DiffusionModel, signal_shares
from recurate.numerics.neural.flow_matching import FlowMatchingModel, optimal_partners
from recurate.numerics.neural.normalising_flow import NormalisingFlowModel
from recurate.numerics.neural.training import Training

CENTRES = 2.0 * np.stack(
    [np.cos(np.arange(8) * np.pi / 4), np.sin(np.arange(8) * np.pi / 4)], axis=1
)
SETTINGS = {
    NormalisingFlowModel: {"transforms": 2, "width": 16},
    DiffusionModel: {"levels": 10, "width": 16, "depth": 2},
    FlowMatchingModel: {"ode_steps": 4, "width": 16, "depth": 2},
}
KINDS = pytest.mark.parametrize("kind", SETTINGS)


def ring(n, rng):
    """Eight Gaussians on a circle of radius 2, of standard deviation 0.3."""
    return CENTRES[rng.integers(0, 8, n)] + 0.3 * rng.standard_normal((n, 2))


DATA = ring(500, np.random.default_rng(0))


def tiny(kind, seed=0, **training):
    """A model that is trained for a moment only."""
    given = {"updates": 12, "batch_size": 64} | training
    return kind(Training(**given), seed=seed, **SETTINGS[kind])


def fitted(kind, data=DATA, **options):
    model = tiny(kind, **options)
    model.fit(data)
    return model


def drawn(model, n=50, seed=3):
    return model.sample(n, np.random.default_rng(seed))


def energy_distance(samples, others):
    """Székely and Rizzo's squared distance, without bias: 0 on average if the laws are one."""
    n, m = len(samples), len(others)
    within = cdist(samples, samples).sum() / (n * (n - 1)) + cdist(others, others).sum() / (
        m * (m - 1)
    )
    return 2 * cdist(samples, others).mean() - within


@pytest.mark.parametrize(
    "model",
    [
        NormalisingFlowModel(
            Training(updates=250, learning_rate=5e-3), transforms=3, width=32, seed=1
        ),
        DiffusionModel(Training(updates=1_000, learning_rate=5e-3), levels=50, width=64, seed=1),
        FlowMatchingModel(
            Training(updates=700, learning_rate=5e-3, batch_size=128), width=64, seed=1
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_model_fits_eight_gaussians_as_one_gaussian_does_not(model):
    """Against held-out samples: the energy distance, and the share within three deviations.

    A Gaussian of the data's mean and covariance is at 0.056 and 56%. The true law is at 0 (to
    0.001) and at 1 - exp(-9/2) = 98.9%. The models come to 0.004 or less and 94% or more for the
    seeds that were tried.
    """
    rng = np.random.default_rng(5)
    data, held_out = ring(2_000, rng), ring(2_000, rng)
    gaussian = rng.multivariate_normal(data.mean(axis=0), np.cov(data.T), 2_000)
    model.fit(data)
    samples = drawn(model, 2_000)

    def near(points):
        return (cdist(points, CENTRES).min(axis=1) < 0.9).mean()

    assert energy_distance(gaussian, held_out) > 0.04
    assert energy_distance(samples, held_out) < 0.012
    assert near(gaussian) < 0.65
    assert near(samples) > 0.85


def test_flow_matching_draws_digits():
    """Samples are nearer to held-out digits than a Gaussian's are, and of every class.

    Mean distances to the nearest held-out digit, with a standard deviation of 0.2: 29.0 for a
    Gaussian of the data's mean and covariance, 17.8 for other digits, 24.1 for the model, which
    has to come a quarter of the way: to 26.2. A model that draws one digit alone would, but not
    with a share of each class above 3%; here the least is 7%.
    """
    datasets = pytest.importorskip("sklearn.datasets")
    neighbors = pytest.importorskip("sklearn.neighbors")
    images, digits = datasets.load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(images))
    data, held_out = images[order[:900]], images[order[900:]]
    model = FlowMatchingModel(
        Training(updates=1_000, batch_size=128, learning_rate=4e-3), width=256, depth=2
    )
    model.fit(data.reshape(-1, 8, 8))
    samples = drawn(model, 900)
    assert samples.shape == (900, 8, 8)
    samples = samples.reshape(900, 64)
    gaussian = rng.multivariate_normal(data.mean(axis=0), np.cov(data.T), 900)

    def distance(points):
        return cdist(points, held_out).min(axis=1).mean()

    assert distance(samples) < 0.75 * distance(gaussian) + 0.25 * distance(data)
    classes = neighbors.KNeighborsClassifier(3).fit(images, digits).predict(samples)
    assert np.bincount(classes, minlength=10).min() > 0.03 * 900


@KINDS
def test_the_same_seed_gives_the_same_samples_and_another_one_others(kind):
    assert isinstance(tiny(kind), Model)
    samples = drawn(fitted(kind, seed=1))
    np.testing.assert_array_equal(samples, drawn(fitted(kind, seed=1)))
    assert not np.allclose(samples, drawn(fitted(kind, seed=2)))
    model = fitted(kind, seed=1)
    assert not np.allclose(samples, drawn(model, seed=4))
    model.fit(DATA)  # a second fit has other weights to begin with
    assert not np.allclose(samples, drawn(model))


@KINDS
def test_global_random_states_are_neither_used_nor_changed(kind):
    def states():
        numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
        return [torch.get_rng_state().tolist(), numpy_state.tolist(), random.getstate()]

    before = states()
    samples = drawn(fitted(kind))
    tensors = fitted(kind).sample(5, torch.Generator().manual_seed(0))
    assert states() == before
    with torch.random.fork_rng():
        torch.manual_seed(99)
        np.testing.assert_array_equal(samples, drawn(fitted(kind)))
        again = fitted(kind).sample(5, torch.Generator().manual_seed(0))
    assert torch.equal(tensors, again)


@KINDS
@pytest.mark.parametrize("warm_start", [False, True])
def test_a_state_goes_on_as_the_model_itself(kind, warm_start):
    model = fitted(kind, data=DATA.astype(np.float32), seed=5, warm_start=warm_start)
    state = model.get_state()
    assert all(isinstance(value, np.ndarray) for value in state.values())
    assert not any(value.dtype.hasobject for value in state.values())
    other = tiny(kind, seed=6, warm_start=warm_start)
    other.set_state({name: torch.as_tensor(value) for name, value in state.items()})
    for _ in range(2):
        np.testing.assert_array_equal(drawn(other), drawn(model))
        assert drawn(other).dtype == np.float32
        model.fit(2 * DATA.astype(np.float32))
        other.fit(2 * DATA.astype(np.float32))
    kept = model.get_state()
    assert any((kept[name] != state[name]).any() for name in state if name.startswith("network"))


class StoppedError(Exception):
    pass


@KINDS
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_stopped_run_goes_on_as_if_it_had_not(monkeypatch, tmp_path, kind, backend):
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    model = tiny(kind, updates=4, warm_start=backend == "torch")

    def run(**options):
        return simulate(
            model, lambda x: x[:, 0], 4, 1.0, 3, 100,
            real=DATA, replicates=2, rng=1, backend=backend, **options,
        )  # fmt: skip

    def stop(done, total):
        if done == 2:
            raise StoppedError

    whole = run()
    with pytest.raises(StoppedError):
        run(checkpoint=tmp_path / "run.npz", on_step=stop)
    again = run(checkpoint=tmp_path / "run.npz")
    np.testing.assert_array_equal(again.figures, whole.figures)
    # Replicates differ in weights and batches, and so already before any curation.
    assert whole.figures[0, 0, 0] != whole.figures[1, 0, 0]


def test_a_simulation_seeds_its_models():
    seen = []

    class Recorder(NormalisingFlowModel):
        def reseed(self, seed):
            seen.append(seed)
            super().reseed(seed)

    model = Recorder(Training(updates=1), transforms=1, width=4, seed=7)
    arguments = {"steps": 1, "n_generated": 20, "real": DATA, "replicates": 3}
    seeds = []
    for rng in (1, 1, 2):
        seen.clear()
        simulate(model, lambda x: x[:, 0], 2, 1.0, rng=rng, **arguments)
        seeds.append(tuple(seen))
    assert len(set(seeds[0])) == 3
    assert seeds[0] == seeds[1]
    assert not set(seeds[0]) & set(seeds[2])


@KINDS
def test_samples_are_of_the_generators_library_and_of_the_datas_shape_and_type(kind):
    images = DATA.reshape(250, 2, 2)
    model = fitted(kind, data=torch.tensor(images, dtype=torch.float32))
    tensor = model.sample(6, torch.Generator().manual_seed(1))
    assert isinstance(tensor, torch.Tensor)
    assert (tuple(tensor.shape), tensor.dtype) == ((6, 2, 2), torch.float32)
    assert not tensor.requires_grad
    assert (drawn(model, 6).shape, drawn(model, 6).dtype) == ((6, 2, 2), np.float32)
    one_number = fitted(kind, data=np.arange(20), dtype="float64")
    assert (drawn(one_number, 4).shape, drawn(one_number, 4).dtype) == ((4,), np.float64)
    assert one_number.get_state()["scale"].dtype == np.float64


@KINDS
def test_equal_samples_do_not_break_a_fit(kind):
    """A loop that has collapsed hands its model one point: what comes out is finite."""
    assert np.isfinite(drawn(fitted(kind, data=np.full((40, 2), 3.0)))).all()


@KINDS
def test_a_warm_start_begins_with_the_weights_there_are(kind):
    """One update of 1e-9 cannot be seen after a warm start; fresh weights can."""
    for warm_start in (True, False):
        model = fitted(kind, updates=30)
        before = drawn(model)
        model.training = Training(
            updates=1, retraining_updates=1, learning_rate=1e-9, warm_start=warm_start
        )
        model.fit(DATA + 5.0)  # the units stay those of the first fit
        assert np.allclose(drawn(model), before, atol=1e-5) == warm_start


def test_samples_do_not_depend_on_the_size_of_blocks(monkeypatch):
    from recurate.numerics.neural import model as shared

    model = fitted(FlowMatchingModel)
    whole = drawn(model, 50)
    monkeypatch.setattr(shared, "BLOCK", 8)
    np.testing.assert_allclose(drawn(model, 50), whole, rtol=1e-5, atol=1e-6)


def test_the_progress_of_training_is_reported():
    calls = []
    model = NormalisingFlowModel(
        Training(updates=70, batch_size=32, on_update=lambda *call: calls.append(call)),
        transforms=1,
        width=4,
    )
    copy.deepcopy(model).fit(DATA)  # as a simulation does: a copy reports to the same function
    assert [call[:2] for call in calls] == [(50, 70), (70, 70)]
    assert all(isinstance(loss, float) and np.isfinite(loss) for *_, loss in calls)


def test_the_density_of_a_flow_is_that_of_its_samples():
    """It sums to one on a fine grid, and gives the share of samples in a half plane.

    The samples' share is off by 0.005 in standard deviation (n = 10,000); the bound is 6 of them.
    """
    model = fitted(NormalisingFlowModel, data=DATA * [1.0, 3.0] + [0.0, 5.0], updates=60)
    x, y = np.arange(-8, 8, 0.04), np.arange(-19, 29, 0.12)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    masses = np.exp(model.log_density(grid)) * 0.04 * 0.12
    assert masses.sum() == pytest.approx(1.0, abs=0.01)
    samples = drawn(model, 10_000)
    inside = (grid[:, 0] > 1.0) & (grid[:, 1] > 5.0)
    share = ((samples[:, 0] > 1.0) & (samples[:, 1] > 5.0)).mean()
    assert masses[inside].sum() == pytest.approx(share, abs=0.03)
    tensor = model.log_density(torch.tensor(grid[:9]))
    np.testing.assert_allclose(tensor.numpy(), model.log_density(grid[:9]))


def test_the_divergence_of_a_flow_is_estimated_in_a_loop():
    """KL to a standard Gaussian: 0, and after a step with K = 8 what the exact loop says, 0.299.

    Rewards are x, so their law is Gaussian: 2,000 quantiles of it give the divergence to 0.001. The
    estimate's standard deviation is 0.02; the flow's own error is 0.03 here, and 0.1 is allowed.
    """
    law = RewardLaw(stats.norm.ppf((np.arange(2_000) + 0.5) / 2_000))
    exact = CurationLoop(law, K=8, lam=np.inf).run(steps=1).kl_to_reference
    data = np.random.default_rng(1).standard_normal((2_000, 2))
    run = simulate(
        NormalisingFlowModel(Training(updates=120, learning_rate=5e-3), transforms=1, width=16),
        lambda x: x[:, 0], 8, np.inf, 1, 2_000, real=data, rng=3,
        reference_log_density=lambda x: -(x**2).sum(axis=1) / 2 - np.log(2 * np.pi),
    )  # fmt: skip
    assert exact[1] > 0.25
    assert run.kl_to_reference == pytest.approx(exact, abs=0.1)


def without_weights(model, **units):
    """Set a fitted model's weights to zero, and its units."""
    with torch.no_grad():
        for parameter in model._network.parameters():
            parameter.zero_()
    model._units = type(model._units)(**{k: torch.tensor(v) for k, v in units.items()})
    return model


def test_a_step_of_a_diffusion_is_the_conditional_law():
    """A network of zeros says that the clean point is sqrt(s) times the noisy one.

    Given that, a step draws from N(prior + gain (noisy - its mean), ...), the Gaussian conditioning
    rule, here as a recursion for the variance of a coordinate. 1% is the estimate's deviation.
    """
    model = DiffusionModel(Training(updates=1), levels=4, width=1, depth=1)
    model.fit(DATA)
    without_weights(model, location=[0.0, 0.0], scale=[1.0, 1.0])
    shares, variance = signal_shares(4), 1.0
    for level in (4, 3, 2):
        before, step = shares[level - 1], shares[level] / shares[level - 1]
        prior = 1 - before  # variance of the level before given the clean point
        gain = prior * np.sqrt(step) / (step * prior + 1 - step)
        mean = np.sqrt(before) * (1 - gain * np.sqrt(step)) * np.sqrt(shares[level]) + gain
        variance = mean**2 * variance + prior * (1 - gain * np.sqrt(step))
    variance *= shares[1]
    assert (drawn(model, 10_000) ** 2).mean() == pytest.approx(variance, rel=0.05)
    assert variance < 0.9  # few levels: what is lost is seen


def test_a_diffusion_of_a_gaussian_keeps_its_variance():
    """For standard Gaussian data E[v | noisy point] = 0 at every level: zeros are exact.

    Each level's step then takes a unit variance to one of 1 - O(1/levels²), and 400 levels to 1
    within 1%. A standard deviation of the estimate is sqrt(2/20,000) = 1%; the bound is 5% in all.
    """
    model = DiffusionModel(Training(updates=1), levels=400, width=1, depth=1)
    model.fit(DATA)
    without_weights(model, location=[0.0, 0.0], scale=[1.0, 1.0])
    samples = drawn(model, 10_000)
    assert (samples**2).mean() == pytest.approx(1.0, abs=0.05)
    assert (signal_shares(400)[1:] < signal_shares(400)[:-1]).all()


def test_a_constant_velocity_moves_noise_by_itself():
    """The network's last bias alone gives x = noise + bias, exactly but for rounding."""
    model = FlowMatchingModel(Training(updates=1), ode_steps=3, width=2, depth=1)
    model.fit(DATA)
    without_weights(model, location=[0.0, 2.0], scale=[1.0, 3.0])
    with torch.no_grad():
        model._network[-1].bias.copy_(torch.tensor([1.5, -0.5]))
    noise = np.random.default_rng(3).standard_normal((50, 2), dtype=np.float32)
    expected = (noise + np.array([1.5, -0.5])) * [1.0, 3.0] + [0.0, 2.0]
    np.testing.assert_allclose(drawn(model, 50), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [1, 7, 64])
def test_partners_are_the_optimal_assignment(n):
    """SciPy's assignment, another algorithm, has the same total cost; ties may be paired anyhow."""
    rng = np.random.default_rng(n)
    points, others = rng.standard_normal((n, 3)), rng.standard_normal((n, 3)) + 1.0
    partners = optimal_partners(torch.tensor(points), torch.tensor(others)).numpy()
    assert sorted(partners) == list(range(n))
    costs = cdist(points, others, "sqeuclidean")
    rows, columns = linear_sum_assignment(costs)
    assert costs[np.arange(n), partners].sum() == pytest.approx(costs[rows, columns].sum())
    equal = optimal_partners(torch.zeros(n, 3, dtype=torch.float64), torch.tensor(others))
    assert sorted(equal.numpy()) == list(range(n))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"updates": 0}, ValueError, "updates must be an integer of at least 1; got 0"),
        ({"retraining_updates": 1.5}, ValueError, "retraining_updates must be an integer"),
        ({"batch_size": "64"}, TypeError, "batch_size must be an integer .*; got '64'"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be above 0; got 0.0"),
        ({"warm_start": 1}, TypeError, "warm_start must be True, False or None; got 1"),
        ({"dtype": "float16"}, ValueError, "dtype must be .float64. or .float32.; got 'float16'"),
        ({"on_update": 3}, TypeError, r"on_update must be a function of \(done, of, loss\); got 3"),
        ({"device": "nowhere"}, ValueError, "device must be one that torch can use here.*nowhere"),
    ],
)
def test_bad_training(options, error, message):
    with pytest.raises(error, match=message):
        FlowMatchingModel(Training(**options))


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([[1.0]], TypeError, "samples must be a NumPy array or a torch tensor; got list"),
        (np.zeros((0, 2)), ValueError, r"samples must have the shape \(n, …\), none of it 0"),
        (np.array(["a"]), TypeError, "samples must be real numbers; got an array of type <U1"),
        (np.array([1.0, np.nan]), ValueError, "samples must be finite in float32; some are not"),
        (np.array([1.0, 1e300]), ValueError, "samples must be finite in float32; some are not"),
        (torch.zeros(3, dtype=torch.complex64), TypeError, "samples must be real numbers"),
    ],
)  # fmt: skip
def test_bad_samples(samples, error, message):
    with pytest.raises(error, match=message):
        tiny(DiffusionModel).fit(samples)


def test_errors_are_clear():
    model = tiny(NormalisingFlowModel, warm_start=True)
    for call in (lambda: drawn(model), model.get_state, lambda: model.log_density(DATA)):
        with pytest.raises(ValueError, match="NormalisingFlowModel was not fitted yet"):
            call()
    model.fit(DATA)
    with pytest.raises(ValueError, match=r"samples must have the shape of those before, \(2,\)"):
        model.fit(np.zeros((5, 3)))
    with pytest.raises(ValueError, match=r"samples must have the shape \(n, 2\), .*got \(5, 3\)"):
        model.log_density(np.zeros((5, 3)))
    with pytest.raises(TypeError, match=r"rng must be a numpy.random.Generator or a torch"):
        model.sample(3, 0)
    with pytest.raises(ValueError, match="n must be an integer of at least 1; got 0"):
        model.sample(0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="state must be of a NormalisingFlowModel with the same"):
        NormalisingFlowModel(transforms=1, width=5).set_state(model.get_state())
    with pytest.raises(TypeError, match="training must be a Training; got int"):
        DiffusionModel(500)
    with pytest.raises(ValueError, match="seed must be an integer from 0 to"):
        DiffusionModel(seed=-1)
    with pytest.raises(FloatingPointError, match=r"loss must stay finite; got .*try a lower one"):
        fitted(DiffusionModel, learning_rate=1e30, updates=60)


@pytest.mark.parametrize(
    ("kind", "module", "package"),
    [
        (DiffusionModel, "torch", "PyTorch"),
        (NormalisingFlowModel, "zuko", "zuko"),
        (FlowMatchingModel, "torchdiffeq", "torchdiffeq"),
        (FlowMatchingModel, "ot", "POT"),
    ],
)
def test_without_a_package_the_error_says_what_to_install(monkeypatch, kind, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    message = rf'{kind.__name__} needs {package}: pip install "recurate\[neural\]"'
    with pytest.raises(ImportError, match=message):
        kind()


@KINDS
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_models_train_and_sample_on_cuda(kind, tmp_path):
    model = tiny(kind)
    model.fit(torch.tensor(DATA, device="cuda"))
    samples = model.sample(20, torch.Generator("cuda").manual_seed(0))
    assert samples.device.type == "cuda"
    assert torch.isfinite(samples).all()
    run = simulate(
        model, lambda x: x[:, 0], 4, 1.0, 2, 100,
        real=DATA, rng=1, backend="torch", device="cuda", checkpoint=tmp_path / "run.npz",
    )  # fmt: skip
    assert np.isfinite(run.expected_reward).all()
