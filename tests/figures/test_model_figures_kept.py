"""What figures of models keep, make again, show and refuse."""

import re
from dataclasses import replace
from shutil import copytree

import numpy as np
import pytest
from matplotlib.figure import Figure

pytest.importorskip("torch")
pytest.importorskip("torchdiffeq")
pytest.importorskip("ot")
pytest.importorskip("sklearn")

from recurate.errors import InputError
from recurate.figures.images import digits
from recurate.figures.images.classifier import Classifier
from recurate.figures.images.classifier_settings import DIGITS, ClassifierSettings
from recurate.figures.images.components import PrincipalComponents
from recurate.figures.images.labelled import ImageDataError
from recurate.figures.making import style
from recurate.figures.making.make import CHECKPOINTS, MissingFigureError, Watch, make
from recurate.figures.making.page import write_page
from recurate.figures.making.recipe import Run
from recurate.figures.making.record import read_record
from recurate.figures.making.table import Table, read_table
from recurate.figures.of_the_paper import confidence_reward as confidence
from recurate.figures.shared import image_loops, loop_tables
from recurate.numerics import own_files
from recurate.numerics.own_files import DamagedError

from .drawn import write_blank
from .images import image_cases
from .model_cases import tiny


@pytest.fixture(scope="module", autouse=True)
def unrendered():
    """One picture a figure, and not rendered: none is looked at here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "FORMATS", ("png",))
        patch.setattr(Figure, "savefig", write_blank)
        yield


def test_accuracy_in_the_caption_is_of_what_the_loop_sees(tmp_path):
    """At 6 components (scale smoke) the classifier is right on 75% of what it judges, not 94%."""
    sizes = {"components": 6, "classifier": DIGITS, "judged": 100, "seed": 1}
    run = Run(sizes, {}, "cpu", tmp_path, tmp_path, lambda *_: None)
    table = image_loops.classifier_table(run)
    found = table["accuracy_seen"][0]
    data = digits.load()
    judge = Classifier(ClassifierSettings(**DIGITS), seed=1).fit(data.training)
    components = PrincipalComponents.of(data.training.images, 6)
    seen = np.clip(components.decode(components.encode(data.test.images)), 0, 1)
    right = (judge.probabilities(seen).argmax(axis=1) == data.test.labels).mean()
    assert found == pytest.approx(right, abs=0.02)


def test_at_step_0_the_exact_loop_s_distance_is_the_measured_one(tmp_path):
    """No step was taken: what is measured and what is exact are of the same samples."""
    make(tiny("class_reward", generated=600, judged=200, updates=300), tmp_path, scale="smoke")
    table = read_table(tmp_path / "class_reward-pure_quality.csv")
    assert table["exact_frechet"][0] == pytest.approx(table["frechet"][0], rel=0.1)


@pytest.fixture
def folder(model_figures, tmp_path):
    """All figures of models, made, to be changed."""
    return copytree(model_figures, tmp_path, dirs_exist_ok=True)


def test_theory_beside_a_loop_changes_without_retraining(folder):
    """Only confidence_reward's table of deviations differs, which the loops do not look at."""
    recipe = tiny("confidence_reward")

    def deviations(run):
        made = confidence.deviations(run)
        made.columns["bias"] = made.columns["bias"] + 1e-9
        return made

    make(replace(recipe, tables={**recipe.tables, "deviations": deviations}), folder, scale="smoke")
    said = []
    make(tiny("replicates"), folder, scale="smoke", watch=Watch(said.append))
    assert "replicates: second_pure kept" in said


class StoppedError(Exception):
    """What stops a run from outside."""


def half_made(folder):
    """Make class_reward, which is there, once more with another γ, stopped in its loop."""

    def stop(what, done, total):
        if "curated samples alone" in what:
            raise StoppedError

    with pytest.raises(StoppedError):
        make(tiny("class_reward", gamma=7.0), folder, scale="smoke", watch=Watch(progress=stop))


def test_a_figure_that_is_half_made_is_not_shown_with_other_parameters(folder):
    half_made(folder)
    record = read_record(folder, "class_reward")
    page = write_page(folder, {"class_reward": record}, "smoke").read_text(encoding="utf-8")
    gamma = re.search(r"<td>gamma</td><td>(\S+)</td>", page)
    assert gamma is None or f"γ = {gamma[1]}," in page


def test_a_figure_does_not_take_tables_of_one_that_is_half_made(folder):
    half_made(folder)
    with pytest.raises(MissingFigureError):
        make(tiny("sample_quality"), folder, scale="smoke")


def test_a_damaged_classifier_s_file_is_made_again(folder):
    (path,) = (folder / CHECKPOINTS / "shared").glob("classifier-*.arrays")
    whole = path.read_bytes()
    path.write_bytes(whole[:200])
    said = []
    make(tiny("class_reward", gamma=6.0), folder, scale="smoke", watch=Watch(said.append))
    assert path.read_bytes() == whole
    (line,) = (line for line in said if "trained again" in line)
    assert line.startswith(f"class_reward: {str(path)!r} ")


def test_a_classifier_of_other_images_or_layers_is_not_taken(folder, tmp_path):
    """With a right checksum: other sizes, weights that are no numbers, other layers."""
    (path,) = (folder / CHECKPOINTS / "shared").glob("classifier-*.arrays")
    about, state = own_files.read_arrays(path, image_loops._FILE, own_files.Described)
    settings = tiny("class_reward").parameters["smoke"]["classifier"]
    classifier, data = Classifier(ClassifierSettings.of(settings)), digits.load()
    assert image_loops._is_restored(classifier, path, data)
    weights = next(name for name, array in state.items() if array.dtype.kind == "f")
    altered = [
        {"shape": np.array([1, 10**9, 10**9])},
        {"shape": np.array(1.0)},
        {"classes": np.array([10, 10])},
        {"classes": np.array("ten")},
        {weights: np.full_like(state[weights], np.nan)},
        {weights: state[weights][..., None]},
        {weights: np.full(state[weights].shape, "x")},
        {"network.more": np.zeros(2)},
    ]
    other = tmp_path / "other"
    for change in altered:
        own_files.write_arrays(other, about, state | change)
        with pytest.raises(DamagedError):
            image_loops._is_restored(classifier, other, data)
    for name in state:
        if name.endswith("num_batches_tracked"):  # PyTorch puts in what is not used here
            continue
        own_files.write_arrays(other, about, {n: a for n, a in state.items() if n != name})
        with pytest.raises(DamagedError):
            image_loops._is_restored(classifier, other, data)
    assert not image_loops._is_restored(classifier, tmp_path / "nowhere", data)


def test_a_class_without_images_is_the_user_s_mistake(tmp_path):
    """As for other faults of the data: one line and exit code 2, no traceback."""
    source = tmp_path / "cifar-10-batches-py"
    image_cases.write_folder(source, size=3)  # 15 images cannot be of ten classes, as drawn
    with pytest.raises((ImageDataError, InputError)):
        make(tiny("class_reward", network="convolutional", components=None), tmp_path,
             scale="smoke", data=f"cifar10:{source}")  # fmt: skip


def loop(value, allowed):
    """Return rows of a table of deviations: a step, one figure."""
    zero = np.zeros(2)
    arrays = dict.fromkeys(loop_tables._COMPARED, zero)
    return arrays | {"measured": np.array([0.0, value]), "resolution": np.full(2, allowed)}


def test_a_figure_that_is_not_known_is_no_agreement():
    """A NaN in the second of two loops is hidden twice: by nan_to_num, and by Python's max."""
    loops = [loop(0.05, 0.1), loop(np.nan, 0.1)]
    columns = {name: np.concatenate([one[name] for one in loops]) for name in loops[0]}
    columns |= {"loop": ["pure"] * 2 + ["mixed"] * 2, "t": [0, 1] * 2, "figure": ["x"] * 4}
    table = Table(columns, dict.fromkeys(columns, "as it says"))
    with pytest.raises(ValueError, match="measured must be finite numbers; got nan"):
        loop_tables.agreement({"deviations": table}, {})
