"""Neural models: seeds, states, types and errors, which are certain."""

import copy
import math
import random
import sys

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("zuko")
pytest.importorskip("torchdiffeq")
pytest.importorskip("ot")

import torch

from recurate import simulate
from recurate.numerics.neural.diffusion import DiffusionModel
from recurate.numerics.neural.flow_matching import FlowMatchingModel
from recurate.numerics.neural.normalising_flow import NormalisingFlowModel
from recurate.numerics.neural.training import Training
from recurate.numerics.simulation import checkpoints
from recurate.numerics.simulation.models import Model

from .neural_cases import DATA, KINDS, drawn, fitted, tiny


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
    """A collapsed loop gives its model a single point: its samples are finite."""
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


def test_units_are_each_coordinate_s_own_or_common():
    # Deviations 3 and 1 of two points each: the root of the mean square is sqrt(5).
    points = np.array([[3.0, 11.0], [-3.0, 9.0]])
    for common, scale in ((False, [3.0, 1.0]), (True, [math.sqrt(5.0)] * 2)):
        model = DiffusionModel(Training(updates=1, common_scale=common), levels=2, width=4)
        model.fit(points)
        state = model.get_state()
        assert state["location"].tolist() == [0.0, 10.0]
        assert state["scale"].tolist() == pytest.approx(scale, rel=1e-6)


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


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"updates": 0}, ValueError, "updates must be an integer of at least 1; got 0"),
        ({"retraining_updates": 1.5}, ValueError, "retraining_updates must be an integer"),
        ({"batch_size": "64"}, TypeError, "batch_size must be an integer .*; got '64'"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be above 0; got 0.0"),
        ({"common_scale": None}, TypeError, "common_scale must be True or False; got None"),
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
        (np.zeros((0, 2)), ValueError, r"samples must have the shape \(n, …\) with no length of 0"),
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
