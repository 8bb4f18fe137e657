"""Figures of image data: the source decides on parameters, and on what is made again."""

import json
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from recurate.figures.images.dataset import ImageDataError, digest_of, load
from recurate.figures.making import style
from recurate.figures.making.make import Watch, make
from recurate.figures.making.page import write_page
from recurate.figures.making.recipe import SCALES, Recipe
from recurate.figures.making.table import Table

from .image_cases import write_folder

CALLS = []


def shares(run):
    CALLS.append(("shares", run.data, run.parameters["epochs"]))
    labels = load(run.data).test.labels
    return Table({"label": labels}, {"label": "class of a test image"})


def draw(tables, parameters):
    CALLS.append(("draw", parameters["epochs"]))
    figure = Figure()
    figure.subplots().hist(tables["shares"]["label"])
    return figure


RECIPE = Recipe(
    name="example",
    title="An example",
    parameters={scale: {"seed": 1, "epochs": 3} for scale in SCALES},
    tables={"shares": shares},
    draw=draw,
    caption=lambda tables, parameters: f"{parameters['epochs']} epochs",
    uses_images=True,
    image_parameters={"cifar10": {"smoke": {"epochs": 90, "augmentation": True}}},
)


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setattr(style, "FORMATS", ("png",))
    out = tmp_path / "out"
    out.mkdir()

    def run(data="digits", recipe=RECIPE):
        CALLS.clear()
        said = []
        record = make(recipe, out, scale="smoke", data=data, watch=Watch(said.append))
        return record, list(CALLS), said

    return run


@pytest.fixture
def cifar(tmp_path):
    folder = tmp_path / "cifar-10-batches-py"
    write_folder(folder)
    return f"cifar10:{folder}"


def test_parameters_are_those_of_the_scale_and_of_the_data(made, cifar, tmp_path):
    record, calls, _ = made(cifar)
    assert calls == [("shares", cifar, 90), ("draw", 90)]
    assert record["parameters"] == {"seed": 1, "epochs": 90, "augmentation": True}
    assert record["caption"] == "90 epochs"
    head = (tmp_path / "out" / "example-shares.csv").read_text().partition("# column")[0]
    assert f'# data: "{digest_of(cifar)}"\n' in head
    assert "# epochs: 90\n" in head


def test_no_file_names_the_folder_of_a_user(made, cifar, tmp_path):
    record, *_ = made(cifar)
    assert record["data"] == digest_of(cifar)
    page = write_page(tmp_path / "out", {"example": record}, "smoke")
    assert f"<tr><td>data</td><td>{digest_of(cifar)}</td></tr>" in page.read_text()
    for path in (tmp_path / "out").iterdir():
        assert str(tmp_path).encode() not in path.read_bytes(), path.name


def test_other_data_are_a_reason_to_compute_and_the_same_elsewhere_are_none(made, cifar, tmp_path):
    made(cifar)
    folder = tmp_path / "cifar-10-batches-py"
    before = digest_of(cifar)
    moved = folder.rename(tmp_path / "moved")
    source = f"cifar10:{moved}"
    _, calls, said = made(source)
    assert calls == []
    assert said == ["example: shares kept", "example: picture kept"]
    write_folder(moved, seed=1)
    _, calls, said = made(source)
    assert calls[0] == ("shares", source, 90)
    assert said[0] == f"example: shares computed: data was {before}, is {digest_of(source)}"


def test_digits_after_cifar10(made, cifar):
    pytest.importorskip("sklearn")
    made(cifar)
    record, calls, said = made()
    assert calls == [("shares", "digits", 3), ("draw", 3)]
    # All that differs is named: parameters too.
    assert f"data was {digest_of(cifar)}, is {digest_of('digits')}" in said[0]
    assert "epochs was 90, is 3" in said[0]
    assert record["data"].startswith("digits ")


def test_a_figure_without_images_does_not_know_the_data(made, cifar, tmp_path):
    def rows(run):
        return Table({"x": [1.0]}, {"x": "a number"})

    figure = replace(RECIPE, uses_images=False, tables={"shares": rows}, draw=lambda *_: Figure())
    record, *_ = made(recipe=figure)
    assert record["data"] is None
    assert record["parameters"] == {"seed": 1, "epochs": 3}
    assert "data" not in record["tables"]["shares"]["inputs"]
    assert "# data" not in (tmp_path / "out" / "example-shares.csv").read_text()
    _, _, said = made(cifar, recipe=figure)
    assert said == ["example: shares kept", "example: picture kept"]


def test_bad_data_leave_what_is_there(made, cifar, tmp_path):
    made(cifar)
    record = (tmp_path / "out" / "example.json").read_text()
    with pytest.raises(ImageDataError, match="source must be digits or cifar10:PATH; got 'mnist'"):
        made("mnist")
    (tmp_path / "cifar-10-batches-py" / "test_batch").write_bytes(b"no pickle")
    with pytest.raises(ImageDataError, match="test_batch must be a whole pickle"):
        made(cifar)
    after = json.loads((tmp_path / "out" / "example.json").read_text())
    assert after == json.loads(record)
