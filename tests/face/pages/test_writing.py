"""Where pages are written: nothing else in the folder is harmed, and what fails leaves nothing."""

import os

import pytest

from recurate.errors import InputError
from recurate.numerics.files import landed
from recurate.pages.writing import GENERATOR, opened_pages

PATHS = ["index.html", "results/a.html", "results/b.html"]
OURS = f"<!DOCTYPE html>\n<head>\n{GENERATOR}\nold"


def write(folder, texts=("1", "2", "3")):
    with opened_pages(folder, PATHS, "--html") as outputs:
        for text, output in zip(texts, outputs.values(), strict=True):
            output.content.write(f"{GENERATOR}{text}".encode())
        assert landed(outputs.values()) is None


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_folders_are_made(tmp_path):
    write(tmp_path / "new" / "report")
    assert tree(tmp_path / "new" / "report") == ["index.html", "results", *PATHS[1:]]


def test_pages_are_written_again_and_other_files_stay(tmp_path):
    (tmp_path / "results").mkdir()
    for name in ("notes.txt", "results/theirs.html", "results/c.csv"):
        (tmp_path / name).write_text("theirs")
    (tmp_path / "index.html").write_text(OURS)
    write(tmp_path)
    write(tmp_path, ("4", "5", "6"))
    assert (tmp_path / "index.html").read_text() == f"{GENERATOR}4"
    for name in ("notes.txt", "results/theirs.html", "results/c.csv"):
        assert (tmp_path / name).read_text() == "theirs"


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("text", ["", "<h1>My site</h1>", "x" * 10_000 + GENERATOR])
def test_another_page_is_not_overwritten(tmp_path, name, text):
    (tmp_path / "results").mkdir()
    (tmp_path / name).write_text(text)
    before = tree(tmp_path)
    with pytest.raises(InputError, match=rf"would overwrite .*{name}, which is no page"):
        write(tmp_path)
    assert (tmp_path / name).read_text() == text
    assert tree(tmp_path) == before


def test_a_link_to_another_page_is_not_followed(tmp_path):
    (tmp_path / "site.html").write_text("theirs")
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").symlink_to(tmp_path / "site.html")
    with pytest.raises(InputError, match="would overwrite"):
        write(tmp_path / "report")
    assert (tmp_path / "site.html").read_text() == "theirs"


@pytest.mark.parametrize("taken", ["report", "report/results", "report/index.html"])
def test_what_is_in_the_way_is_named(tmp_path, taken):
    place = tmp_path / taken
    place.parent.mkdir(exist_ok=True)
    if taken.endswith("html"):
        os.mkfifo(place)
    else:
        place.write_text("a file")
    with pytest.raises(InputError, match="--html") as told:
        write(tmp_path / "report")
    assert str(place) in str(told.value)


def test_what_fails_leaves_no_folder(tmp_path):
    with pytest.raises(RuntimeError), opened_pages(tmp_path / "x" / "y", PATHS, "--html"):
        raise RuntimeError
    assert tree(tmp_path) == []
