"""Making a figure: what is kept, what is made again and why, and the same bytes each time."""

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.make import CHECKPOINTS, Watch, make
from recurate.figures.making.page import write_page
from recurate.figures.making.reasons import changes
from recurate.figures.making.recipe import Agreement, Recipe
from recurate.figures.making.record import read_record
from recurate.figures.making.table import Table
from recurate.numerics.locks import InUseError

from ..drawn import write_blank

CALLS = []
IN_ALL_FORMATS = (
    "test_the_first_time_everything_is_made",
    "test_two_runs_write_the_same_bytes",
    "test_a_lost_picture_is_drawn_again",
    "test_the_page_has_what_was_made",
)
RENDERED = IN_ALL_FORMATS[:2]


def first(run):
    CALLS.append("first")
    run.progress("drawing lots", 1, 1)
    values = np.random.default_rng(run.parameters["seed"]).normal(size=run.parameters["rows"])
    return Table({"x": values}, {"x": "a number"})


def second(run):
    CALLS.append("second")
    return Table({"y": run.tables["first"]["x"] ** 2}, {"y": "its square"})


def draw(tables, parameters):
    CALLS.append("draw")
    figure = Figure()
    figure.subplots().plot(tables["first"]["x"], tables["second"]["y"], "o")
    return figure


def caption(tables, parameters):
    return f"{tables['first'].size} numbers & K < {parameters['K']}"


def agreement(tables, parameters):
    return Agreement("Largest square", float(tables["second"]["y"].max()), 100.0, "by luck")


def recipe(**parameters):
    everything = {"seed": 1, "rows": 5, "K": math.inf, **parameters}
    return Recipe(
        name="example",
        title="An example",
        parameters={"smoke": everything, "default": everything, "paper": everything},
        tables={"first": first, "second": second},
        draw=draw,
        caption=caption,
        agreement=agreement,
    )


@pytest.fixture
def made(tmp_path, monkeypatch, request):
    """Make it; return the record, the calls and what was said. One format is enough for most."""
    if request.node.name not in IN_ALL_FORMATS:
        monkeypatch.setattr(style, "FORMATS", ("png",))
    if request.node.name not in RENDERED:
        monkeypatch.setattr(Figure, "savefig", write_blank)

    def run(figure=None, folder=tmp_path, **arguments):
        CALLS.clear()
        said = []
        record = make(
            figure or recipe(), folder, scale="smoke", watch=Watch(said.append), **arguments
        )
        return record, list(CALLS), said

    return run


def test_the_first_time_everything_is_made(made, tmp_path):
    record, calls, said = made()
    assert calls == ["first", "second", "draw"]
    assert said[0] == "example: first computed: nothing kept from before"
    assert {path.name for path in tmp_path.iterdir()} == {
        "example.json",
        "example-first.csv",
        "example-second.csv",
        "example.png",
        "example.svg",
        "example.pdf",
    }
    written = json.loads((tmp_path / "example.json").read_text())
    assert len(written.pop("checksum")) == 64
    assert record == written
    assert record["parameters"]["K"] == "inf"
    assert record["caption"] == "5 numbers & K < inf"
    assert (tmp_path / "example.png").read_bytes().startswith(b"\x89PNG")


def test_the_second_time_nothing_is(made):
    before, _, _ = made()
    after, calls, said = made()
    assert calls == []
    assert after == before
    assert said == [f"example: {part} kept" for part in ("first", "second", "picture")]


def test_two_runs_write_the_same_bytes(made, tmp_path):
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
        made(folder=folder)
    for name in ("-first.csv", "-second.csv", ".png", ".svg", ".pdf"):
        one, other = ((folder / f"example{name}").read_bytes() for folder in folders)
        assert one == other, name


def reversed_first(run):
    return Table({"x": first(run)["x"][::-1]}, {"x": "a number"})


def same_first(run):
    return first(run)


def test_a_table_depends_on_the_data_before_it_and_not_on_their_code(made):
    made()
    _, calls, said = made(replace(recipe(), tables={"first": reversed_first, "second": second}))
    assert "second" in calls
    assert said[1] == "example: second computed: table first changed"
    made()
    _, calls, said = made(replace(recipe(), tables={"first": same_first, "second": second}))
    assert calls == ["first"]
    assert said[0] == "example: first computed: test_making.py changed"
    assert said[1:] == ["example: second kept", "example: picture kept"]


def test_the_seed_is_in_the_data_and_matters(made, tmp_path):
    made()
    before = (tmp_path / "example-first.csv").read_text()
    assert "# seed: 1\n" in before
    _, calls, said = made(recipe(seed=2))
    assert calls == ["first", "second", "draw"]
    assert said[0] == "example: first computed: seed was 1, is 2"
    assert (tmp_path / "example-first.csv").read_text() != before


def test_force_makes_everything_again(made):
    made()
    _, calls, said = made(force=True)
    assert calls == ["first", "second", "draw"]
    assert all(line.endswith("forced") for line in said)


@pytest.mark.parametrize(
    ("damage", "calls", "reason"),
    [
        (lambda path: path.unlink(), ["second"], "example-second.csv is gone"),
        (
            lambda path: path.write_text(path.read_text() + "1.0\n"),
            ["second"],
            "example-second.csv is not as it was written",
        ),
    ],
)
def test_lost_or_edited_data_are_computed_again(made, tmp_path, damage, calls, reason):
    made()
    damage(tmp_path / "example-second.csv")
    _, found, said = made()
    assert found == calls  # the same data again: the picture is still that of them
    assert f"example: second computed: {reason}" in said


def test_a_lost_picture_is_drawn_again(made, tmp_path):
    made()
    (tmp_path / "example.pdf").unlink()
    _, calls, said = made()
    assert calls == ["draw"]
    assert said[-1] == "example: picture drawn: example.pdf is gone"


def test_changes_are_named():
    old = {"code": {"a.py": "1", "b.py": "1"}, "parameters": {"K": 2}, "Python": "3.11"}
    new = {"code": {"a.py": "2", "c.py": "1"}, "parameters": {"K": 4, "lam": 1}, "Python": "3.11"}
    assert changes(old, old) == []
    assert changes(old, new) == [
        "a.py changed",
        "b.py is used no more",
        "c.py is used now",
        "K was 2, is 4",
        "lam is new, 1",
    ]
    # Another Python writes code in another way: its hashes say nothing.
    assert changes(old, new | {"Python": "3.12"}) == ["Python was 3.11, is 3.12"]


def test_the_device_counts_where_models_are_trained(made):
    made()
    assert made(device="cuda")[1] == []
    trained = replace(recipe(), uses_device=True)
    made(trained)
    _, calls, said = made(trained, device="cuda")
    assert calls[0] == "first"
    assert said[0] == "example: first computed: device was cpu, is cuda"


def test_interrupted_work_goes_on_from_its_checkpoint(made, tmp_path):
    found = []

    def interrupted(run):
        kept = run.checkpoints / "state.txt"
        found.append(kept.read_text() if kept.exists() else None)
        kept.write_text("half")
        if len(found) == 1:
            raise KeyboardInterrupt
        return first(run)

    figure = replace(recipe(), tables={"first": interrupted, "second": second})
    with pytest.raises(KeyboardInterrupt):
        made(figure)
    assert not (tmp_path / "example-first.csv").exists()
    made(figure)
    assert found == [None, "half"]
    made(replace(figure, parameters=recipe(rows=6).parameters))
    assert found[2] is None  # of other parameters it is of no use
    assert (tmp_path / CHECKPOINTS / "example" / "first").is_dir()


def test_a_folder_in_use_is_refused(made, tmp_path):
    def meanwhile(run):
        with (
            ThreadPoolExecutor(1) as pool,
            pytest.raises(InUseError, match=f"{tmp_path} is in use by process {os.getpid()};"),
        ):
            pool.submit(make, recipe(), tmp_path, scale="smoke").result()
        return first(run)

    _, calls, _ = made(replace(recipe(), tables={"first": meanwhile, "second": second}))
    assert calls == ["first", "second", "draw"]
    assert not list(tmp_path.glob(".*"))


def test_interrupted_work_without_a_checkpoint_leaves_no_folder(made, tmp_path):
    def interrupted(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made(replace(recipe(), tables={"first": first, "second": interrupted}))
    assert {path.name for path in tmp_path.iterdir()} == {"example.json", "example-first.csv"}


def test_a_failing_second_table_keeps_the_first(made):
    def broken(run):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        made(replace(recipe(), tables={"first": first, "second": broken}))
    _, calls, _ = made()
    assert calls == ["second", "draw"]


def test_the_page_has_what_was_made(made, tmp_path):
    record, _, _ = made()
    page = write_page(tmp_path, {"example": record, "other": None}, "smoke").read_text()
    assert "Not made in this folder: other." in page
    assert "5 numbers &amp; K &lt; inf" in page
    assert "Largest square" in page
    assert "allowed 100 (by luck)" in page
    assert "http" not in page
    for path in tmp_path.iterdir():
        if path.suffix not in (".json", ".html"):
            assert f'"{path.name}"' in page


class Links(HTMLParser):
    """The places that a page leads to, its tags, and its text."""

    def __init__(self, page):
        super().__init__()
        self.places, self.tags, self.text = [], set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.places += [value for name, value in attrs if name in ("href", "src")]
        assert {name for name, _ in attrs} <= {
            *("lang", "charset", "name", "content", "id", "class", "href", "src", "alt")
        }

    def handle_data(self, data):
        self.text += data


HOSTILE = "<script>alert(1)</script>\"'\x1b[31m\u202e\x00"


def test_the_page_escapes_everything_and_links_to_its_own_files_only(made, tmp_path):
    record = made()[0]
    own = {path.name for path in tmp_path.iterdir()}
    (tmp_path / "javascript:alert(1)").mkdir()
    for there in (tmp_path / "javascript:alert(1)" / ".png", tmp_path.parent / "x.png"):
        there.touch()
    for outside in ("../x.png", "/etc/passwd.png", "javascript:alert(1)//.png", "not-there.csv"):
        spoilt = json.loads(json.dumps(record))
        for entry in ("title", "caption"):
            spoilt[entry] += HOSTILE
        spoilt["picture"]["files"] = {outside: "", **spoilt["picture"]["files"]}
        spoilt["parameters"][HOSTILE] = HOSTILE
        table = spoilt["tables"]["first"]
        table["rows"], table["files"] = {"x": HOSTILE}, {outside: "", **table["files"]}
        table["versions"], table["machine"] = {HOSTILE: HOSTILE}, HOSTILE
        for entry in ("text", "reason"):
            spoilt["agreement"][entry] += HOSTILE
        missing = {HOSTILE: None}
        links = Links(write_page(tmp_path, {"example": spoilt} | missing, "smoke").read_text())
        assert set(links.places) <= own
        assert len(links.places) >= 4
        assert "script" not in links.tags
        assert links.text.count("<script>alert(1)</script>") == 11
        assert links.text.replace("\n", "").isprintable()


def test_no_change_has_to_disagree(made):
    def found(value, unchanged):
        agreement = Agreement("Difference", value, 1.0, "it is", unchanged)
        return made(replace(recipe(), agreement=lambda *_: agreement))[0]["agreement"]["holds"]

    assert found(0.5, 2.0)
    assert not found(0.5, 1.0)
    assert not found(2.0, 3.0)
    assert not found(math.inf, math.inf)


def test_the_page_says_what_disagrees(made, tmp_path):
    figure = replace(recipe(), agreement=lambda *_: Agreement("Difference", 2.0, 1.0, "it is"))
    record, _, _ = made(figure)
    assert record["agreement"]["holds"] is False
    page = write_page(tmp_path, {"example": record}, "smoke").read_text()
    assert "This is not agreement." in page


def test_a_number_that_is_none_does_not_agree():
    assert not Agreement("Difference", math.nan, 1.0).holds


def test_an_unreadable_record_counts_as_none(made, tmp_path):
    made()
    (tmp_path / "example.json").write_text("{")
    assert read_record(tmp_path, "example") is None
    assert made()[1] == ["first", "second", "draw"]
