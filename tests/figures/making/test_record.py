"""A figure's record is whole and valid, or counts as none; and nothing blocks a figure."""

import itertools
import json
import os
import shutil
from dataclasses import replace

import pytest
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.make import CHECKPOINTS, SHARED, MissingFigureError, Watch, make
from recurate.figures.making.page import write_page
from recurate.figures.making.recipe import Recipe
from recurate.figures.making.record import read_record
from recurate.figures.making.table import Table
from recurate.numerics import own_files

from ...damage import damaged, edited
from ..drawn import write_blank


def numbers(run):
    run.say("drawing lots")
    return Table({"x": [1.5, 2.5]}, {"x": "a number"})


def draw(tables, parameters):
    return Figure()


def caption(tables, parameters):
    return f"{tables['numbers'].size} numbers"


SMOKE = {"smoke": {"seed": 1}}
RECIPE = Recipe("example", "An example", SMOKE, {"numbers": numbers}, draw, caption)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(style, "FORMATS", ("png",))
    monkeypatch.setattr(Figure, "savefig", write_blank)
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # it takes longest of all
    make(RECIPE, tmp_path, scale="smoke")
    return tmp_path


def made(folder, recipe=RECIPE):
    said = []
    make(recipe, folder, scale="smoke", watch=Watch(said.append))
    return said


def test_no_damaged_record_is_read(folder):
    path = folder / "example.json"
    whole, content = read_record(folder, "example"), path.read_bytes()
    assert whole is not None
    forms = [json.dumps(other).encode() for other in edited(json.loads(content))]
    assert len(forms) > 400
    for form in itertools.chain(forms[::3], damaged(content, 100)):
        path.write_bytes(form)
        assert read_record(folder, "example") in (None, whole), form


def test_a_record_with_a_right_checksum_makes_no_trouble(folder):
    """Whatever it says, the figure is made, its data are right, and the page is written."""
    path = folder / "example.json"
    data = (folder / "example-numbers.csv").read_bytes()
    document = json.loads(path.read_bytes())
    del document["checksum"]
    read = 0
    for number, other in enumerate(edited(document)):
        if not isinstance(other, dict):
            continue
        path.write_text(json.dumps({**other, "checksum": own_files._checksum(other)}))
        record = read_record(folder, "example")
        if record is not None:
            read += 1
            page = write_page(folder, {"example": record}, "smoke").read_text(encoding="utf-8")
            assert "javascript:" not in page
        if number % 100 == 0:
            made(folder)
            assert (folder / "example-numbers.csv").read_bytes() == data
    assert read > 20


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cannot be understood"),
        (b"{", "cannot be understood"),
        (b'{"format": 2, "figure": "example", "tables": {}}', "has no checksum"),
        (b'{"format": 3, "checksum": ""}', "missing required field"),
    ],
)
def test_what_is_not_whole_is_said_and_made_again(folder, content, why):
    path = folder / "example.json"
    path.write_bytes(content)
    first, *said = made(folder)
    assert first.startswith(f"example: {str(path)!r} ")
    assert why in first
    assert first.endswith("it counts as none")
    assert "example: numbers computed: nothing kept from before" in said
    assert made(folder) == ["example: numbers kept", "example: picture kept"]


def test_a_folder_of_its_name_is_the_user_s(folder):
    """It is left alone, and that is said before anything is computed."""
    path = folder / "example.json"
    path.unlink()
    path.mkdir()
    said = []
    with pytest.raises(IsADirectoryError, match=r"example\.json"):
        make(RECIPE, folder, scale="smoke", watch=Watch(said.append))
    assert said == []
    assert read_record(folder, "example") is None


def test_a_record_under_another_name_counts_as_none(folder):
    shutil.copy(folder / "example.json", folder / "other.json")
    said = []
    assert read_record(folder, "other", said.append) is None
    assert "is of another figure" in said[0]


def test_files_elsewhere_are_refused(folder):
    """As a picture's name goes into the page's links."""
    path = folder / "example.json"
    document = json.loads(path.read_bytes())
    del document["checksum"]
    for files in ({"javascript:alert(1).png": "0" * 16}, {"../a.png": "0" * 16}, {}):
        altered = {**document, "picture": {**document["picture"], "files": files}}
        path.write_text(json.dumps({**altered, "checksum": own_files._checksum(altered)}))
        assert read_record(folder, "example") is None


def test_files_in_the_way_of_checkpoints_are_removed(folder):
    checkpoints = folder / CHECKPOINTS
    checkpoints.mkdir(exist_ok=True)
    for name in ("example", SHARED):
        (checkpoints / name).write_bytes(b"")
    (folder / "example-numbers.csv").unlink()
    said = made(folder)
    assert said[0] == "example: numbers computed: example-numbers.csv is gone"
    assert said[1] == "example: drawing lots"
    for inner in ("old", "file"):
        (checkpoints / "example" / "numbers" / inner).mkdir(parents=True, exist_ok=True)
    (checkpoints / "example" / "numbers" / "stray").write_bytes(b"")
    (folder / "example-numbers.csv").unlink()
    made(folder)
    assert not checkpoints.exists()


def test_data_that_cannot_be_read_are_computed_again(folder, monkeypatch):
    from recurate.figures.making import reasons

    read = reasons.digest

    def refused(path):
        if path.suffix == ".csv" and len(refusals) < 1:
            refusals.append(path)
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    refusals = []
    monkeypatch.setattr(reasons, "digest", refused)
    said = made(folder)
    reason = "example-numbers.csv cannot be read (Permission denied)"
    assert said[0] == f"example: numbers computed: {reason}"


def test_changed_data_of_another_figure_are_not_taken(folder):
    (folder / "example-numbers.csv").write_text("garbled")
    needing = replace(RECIPE, name="second", needs=(RECIPE,))
    with pytest.raises(MissingFigureError, match=r"since example-numbers\.csv is not as it was"):
        made(folder, needing)
