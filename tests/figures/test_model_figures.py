"""Figures of retrained models, at sizes of a second: what they compute, keep, draw and say.

Whether a loop follows the theory is asked at the scales of the command, not here.
"""

import math
from dataclasses import replace
from shutil import copytree
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

pytest.importorskip("torch")
pytest.importorskip("zuko")
pytest.importorskip("torchdiffeq")
pytest.importorskip("ot")
pytest.importorskip("sklearn")

from sklearn.decomposition import PCA

from recurate import CurationLoop, RewardLaw
from recurate.figures.catalogue import FIGURES, with_needs
from recurate.figures.images import digits
from recurate.figures.images.components import PrincipalComponents
from recurate.figures.making import style
from recurate.figures.making.make import CHECKPOINTS, MissingFigureError, Watch, make
from recurate.figures.making.recipe import Run
from recurate.figures.making.table import Table, read_table
from recurate.figures.shared import image_loops, loop_tables, recorded_loops
from recurate.figures.shared.half_moons import HalfMoons
from recurate.figures.shared.loop_tables import MEAN_REWARD, deviation_of
from recurate.numerics.agreement.recorder import RewardSample
from recurate.theory.one_curation import lemma_2_2

from .drawn import in_tables, numbers, tables_of, write_blank
from .images.image_cases import write_folder
from .model_cases import MODELS, tiny


@pytest.fixture(scope="module", autouse=True)
def one_format():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "FORMATS", ("png",))
        yield


@pytest.fixture
def folder(model_figures):
    return model_figures


@pytest.fixture
def blank(folder, monkeypatch):
    """Pictures are drawn and written without rendering: `folder` has each of them rendered."""
    monkeypatch.setattr(Figure, "savefig", write_blank)


def test_all_figures_of_models_are_here():
    with_models = {name for name, one in FIGURES.items() if one.uses_device or one.needs}
    assert with_models == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_drawn_is_in_the_data(name, folder):
    recipe = tiny(name)
    tables = tables_of(recipe, folder)
    with style.styled():
        figure = recipe.draw(tables, recipe.parameters["smoke"])
    drawn = numbers(figure)
    assert drawn.size > 10
    # A horizontal line has the figure's own ends: 0 and 1.
    assert np.isin(drawn, np.append(in_tables(tables), [0.0, 1.0])).all()


@pytest.mark.parametrize("name", MODELS)
def test_a_caption_says_how_it_ends(name, folder):
    recipe = tiny(name)
    tables = tables_of(recipe, folder)
    text = recipe.caption(tables, recipe.parameters["smoke"])
    assert text.endswith(".")
    assert "nan" not in text
    if "deviations" in tables:
        table = tables["deviations"]
        loop = table.distinct("loop")[0]
        names = [one for one in table.distinct("figure") if one != MEAN_REWARD]
        ends = [table.where(loop=loop, figure=one)["measured"][-1] for one in names]
        assert any(f"{end:.3f}" in text for end in ends)
    if "classifier" in tables:
        assert f"right on {tables['classifier']['accuracy'][0]:.1%} of the test images" in text
        assert "stand for the paper's CIFAR-10" in text


@pytest.mark.parametrize("name", [name for name in MODELS if name != "sample_quality"])
def test_agreement_is_the_largest_excess_and_no_change_the_least(name, folder):
    recipe = tiny(name)
    tables = tables_of(recipe, folder)
    found = recipe.agreement(tables, recipe.parameters["smoke"])
    loops = [
        deviation_of(tables["deviations"], loop) for loop in tables["deviations"].distinct("loop")
    ]
    assert found.value == max(loop.excess().max() for loop in loops)
    assert found.unchanged == min(loop.excess(unchanged=True).max() for loop in loops)
    assert found.allowed == 1.0
    assert found.reason
    for loop in loops:
        np.testing.assert_allclose(loop.deviation, loop.model_error + loop.drift, atol=1e-9)


@pytest.mark.parametrize("name", ["class_reward", "two_moons", "gaussian_mixture"])
@pytest.mark.usefixtures("blank")
def test_two_runs_write_the_same_bytes(name, folder, tmp_path):
    recipe = tiny(name)
    make(recipe, tmp_path, scale="smoke")
    for path in tmp_path.glob("*.csv"):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_models_are_trained_on_one_thread_whatever_the_user_has_set(tmp_path):
    import torch

    seen = []

    def threads(run):
        seen.append(torch.get_num_threads())
        return Table({"x": [1]}, {"x": "one"})

    recipe = replace(
        tiny("two_moons"),
        tables={"threads": threads},
        draw=lambda *_: Figure(),
        caption=lambda *_: "",
        agreement=None,
    )
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        make(recipe, tmp_path, scale="smoke")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen == [1]


def test_samples_are_those_of_the_loop(folder):
    table = read_table(folder / "gaussian_mixture-mixed_samples.csv")
    sizes = {
        (kind, t): table.where(kind=kind, t=t).size
        for kind in ("generated", "training")
        for t in (0, 1, 2)
    }
    # λ = 1: as many real samples as curated ones.
    assert sizes == {
        ("generated", 0): 240, ("generated", 1): 240, ("generated", 2): 240,
        ("training", 0): 300, ("training", 1): 240, ("training", 2): 240,
    }  # fmt: skip
    points = read_table(folder / "gaussian_mixture-mixed_points.csv")
    first = table.where(kind="generated", t=1)
    kept = points.where(t=1)
    distance = np.hypot(kept["x"] - 4.0, kept["y"])
    np.testing.assert_allclose(
        first["reward"][:50], -10 * np.maximum(0, distance - 1), rtol=1e-5, atol=1e-5
    )


def test_the_expected_weight_and_its_bound(folder):
    tables = tables_of(tiny("class_reward"), folder)
    found, samples = tables["weights"], tables["pure_samples"]
    rewards = [samples.where(kind="generated", t=t)["reward"] for t in (0, 1, 2)]
    measured = [np.exp(r - 5.0).mean() for r in rewards]
    np.testing.assert_allclose(found["measured"], measured, rtol=1e-12)
    # Weights are relative to e^γ, γ = 5: those of RewardLaw to the largest in the sample.
    scale = math.exp(rewards[0].max() - 5.0)
    exact = CurationLoop(RewardLaw(rewards[0]), K=4, lam=math.inf).run(steps=2)
    np.testing.assert_allclose(found["exact"], scale * exact.expected_weight, rtol=1e-12)
    assert math.isnan(found["bound"][0])
    assert (found["bound"][1:] < found["exact"][1:]).all()
    assert (found["bound"][1:] > found["exact"][:-1]).all()
    least = found["exact"][0] + 0.75 * scale**2 * exact.variance_weight[0]  # (K-1)/K = 3/4
    assert found["bound"][1] == pytest.approx(least, rel=1e-12)
    assert lemma_2_2.statement.id == "lemma-2.2"


def test_other_seeds_make_other_runs(folder):
    tables = tables_of(tiny("replicates"), folder)
    loops = [tables["confidence_reward-pure_samples"]]
    loops += [tables[f"{name}_pure_samples"] for name in ("second", "third")]
    means = {one.where(kind="generated", t=2)["reward"].mean() for one in loops}
    assert len(means) == 3
    real = {one.where(kind="training", t=0)["reward"].mean() for one in loops}
    assert len(real) == 1  # one classifier, one set of real images


def test_a_figure_that_needs_another_one_says_so(tmp_path):
    with pytest.raises(MissingFigureError, match="made after class_reward, which is not there yet"):
        make(tiny("sample_quality"), tmp_path, scale="smoke")
    assert with_needs(["sample_quality", "class_reward"]) == [
        "class_reward", "confidence_reward", "sample_quality",
    ]  # fmt: skip


@pytest.mark.usefixtures("blank")
def test_a_figure_changes_with_those_that_it_needs(folder, tmp_path):
    copytree(folder, tmp_path, dirs_exist_ok=True)
    make(tiny("class_reward", generated=250), tmp_path, scale="smoke")
    said = []
    make(tiny("sample_quality"), tmp_path, scale="smoke", watch=Watch(said.append))
    assert said[0].startswith("sample_quality: measures computed: ")
    assert "table class_reward-pure changed" in said[0]
    assert "confidence" not in said[0]


class StoppedError(Exception):
    """What stops a run from outside."""


@pytest.mark.usefixtures("blank")
def test_a_loop_that_was_stopped_goes_on(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("recurate.numerics.simulation.checkpoints.SECONDS_BETWEEN", 0.0)
    recipe = tiny("class_reward")

    def stop(what, done, total):
        if "curated samples alone" in what and done == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        make(recipe, tmp_path, scale="smoke", watch=Watch(progress=stop))
    assert list((tmp_path / CHECKPOINTS / "class_reward" / "pure").rglob("loop.checkpoint"))
    fits = []
    model = image_loops.model

    def counted(run):
        made = model(run)
        fit = made.fit
        monkeypatch.setattr(made, "fit", lambda samples: (fits.append(1), fit(samples)))
        return made

    monkeypatch.setattr(image_loops, "model", counted)
    make(recipe, tmp_path, scale="smoke")
    for path in tmp_path.glob("class_reward-*.csv"):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name
    assert len(fits) < 3  # not from the beginning
    assert not list((tmp_path / CHECKPOINTS).rglob("loop.checkpoint"))


@pytest.mark.usefixtures("blank")
def test_the_classifier_is_trained_once_for_all_tables(tmp_path, monkeypatch):
    trained = []
    fit = image_loops.Classifier.fit

    def counted(self, *arguments):
        trained.append(self)
        return fit(self, *arguments)

    monkeypatch.setattr(image_loops.Classifier, "fit", counted)
    for name in ("class_reward", "confidence_reward"):
        make(tiny(name), tmp_path, scale="smoke")
    assert len(trained) == 1


def test_what_the_exact_loop_makes_of_the_first_images(folder):
    """At t = 0 its law is that of these images: a sample of them is off by chance alone.

    Of 60 precisions the mean has a standard deviation of at most 0.065; six of that are allowed.
    """
    table = read_table(folder / "confidence_reward-pure_quality.csv")
    assert abs(table["precision"][0] - table["exact_precision"][0]) < 6 * 0.065
    assert table["exact_frechet"][0] < 2 * table["frechet"][0]


@pytest.mark.parametrize("wanted", ["class", "confidence"])
def test_rewards_are_probabilities_of_the_classifier(wanted, tmp_path):
    data = digits.load()
    recipe = tiny("class_reward")
    parameters = recipe.parameters["smoke"]
    run = Run(parameters, {}, "cpu", tmp_path, tmp_path, lambda *_: None)
    components = PrincipalComponents.of(data.training.images, 16)
    judge = image_loops.Judge(image_loops.trained(run, data), components, 5.0, wanted)
    points = components.encode(data.test.images[:20])
    rewards, groups = judge.look(points)
    images = np.clip(components.decode(points), 0, 1)
    q = judge.classifier.probabilities(images)
    np.testing.assert_allclose(rewards, 5 * (q[:, 0] if wanted == "class" else q.max(axis=1)))
    np.testing.assert_array_equal(groups, q.argmax(axis=1))


def test_principal_components_are_those_of_scikit_learn():
    images = digits.load().training.images
    found = PrincipalComponents.of(images, 16)
    other = PCA(16, svd_solver="full").fit(images.reshape(len(images), -1).astype(float))
    points = found.encode(images)
    signs = np.sign((other.components_ * found.directions).sum(axis=1))
    np.testing.assert_allclose(
        points, other.transform(images.reshape(len(images), -1)) * signs, atol=1e-4
    )
    assert found.variance == pytest.approx(other.explained_variance_ratio_.sum(), rel=1e-5)
    np.testing.assert_allclose(found.encode(found.decode(points)), points, atol=1e-4)
    everything = PrincipalComponents.of(images, None)
    assert everything.encode(images) is images
    assert everything.decode(images) is images
    with pytest.raises(ValueError, match="number must be from 1 to 64; got 65"):
        PrincipalComponents.of(images, 65)


@pytest.mark.usefixtures("blank")
def test_images_of_cifar10_s_format_are_retrained_on_by_convolutions(tmp_path):
    """Noise in the official format: the same code runs, on all pixels, and says what it is."""
    source = tmp_path / "cifar-10-batches-py"
    write_folder(source, size=20)
    recipe = tiny("class_reward")
    sizes = {
        **FIGURES["class_reward"].image_parameters["cifar10"]["smoke"],
        "steps": 1, "generated": 12, "curated": 8, "judged": 8, "updates": 2,
        "retraining_updates": 1, "batch_size": 4, "width": 4, "ode_steps": 1,
        "classifier": {"layers": [4, "pool"], "epochs": 1, "batch_size": 20},
    }  # fmt: skip
    recipe = replace(recipe, image_parameters={"cifar10": {"smoke": sizes}})
    record = make(recipe, tmp_path, scale="smoke", data=f"cifar10:{source}")
    assert record["parameters"]["network"] == "convolutional"
    assert "The images are CIFAR-10" in record["caption"]
    assert "(the paper's VGG11: 92.4%)" in record["caption"]
    images = read_table(tmp_path / "class_reward-pure_images.csv")
    assert [images[name].max() for name in ("channel", "row", "column")] == [2, 31, 31]


def test_points_of_two_moons():
    setting = HalfMoons(deviation=0.0, gamma=10.0, disc=0.5)
    points = setting.draw(2_000, np.random.default_rng(0))
    groups = setting.groups(points)
    upper, lower = points[groups == 0], points[groups == 1]
    # On half circles of radius 1: the upper one about 0, the lower one about (1, 1/2).
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0, atol=1e-12)
    np.testing.assert_allclose(np.hypot(*(lower - [1.0, 0.5]).T), 1.0, atol=1e-12)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    assert abs(len(upper) - 1_000) < 6 * math.sqrt(500)  # binomial, six standard deviations
    places = np.array([[0.0, 1.0], [0.3, 1.4], [0.0, 2.5], [1.0, -0.5]])
    np.testing.assert_allclose(
        setting.reward(places), [0, 0, -10, -10 * (math.hypot(1, 1.5) - 0.5)]
    )
    # The nearer end of a half circle is what counts beyond it.
    assert setting.groups(np.array([[-1.0, -0.4], [2.0, 0.9], [0.0, -0.9]])).tolist() == [0, 1, 1]


def test_a_loop_s_tables_are_read_back(tmp_path):
    """What `deviations` says of a table is what it says of the samples in it."""
    rng = np.random.default_rng(0)

    def drawn(n):
        return RewardSample(rng.random(n), rng.integers(0, 3, n))

    recorded = SimpleNamespace(
        generated=[drawn(50) for _ in range(3)], training=[drawn(n) for n in (20, 30, 30)]
    )
    table = recorded_loops.samples(recorded)
    table.write(tmp_path / "samples.csv", {})
    table = read_table(tmp_path / "samples.csv")
    parameters = {"K": 3, "lam": 2.0, "curated": 20, "seed": 5}
    run = Run(parameters, {}, "cpu", tmp_path, tmp_path, lambda *_: None)
    made = loop_tables.deviations(run, {"mixed": table}, ["a", "b", "c"])
    found = deviation_of(made, "mixed")
    expected = loop_tables.loop_deviation(
        recorded.generated, recorded.training, recorded.training[0],
        K=3, n_real=10, n_groups=3, seed=5,
    )  # fmt: skip
    for name in ("measured", "exact", "model_error", "drift", "bias", "spread", "resolution"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
