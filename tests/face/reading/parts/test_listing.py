"""Which files are the parts of a table."""

import builtins
import os

import fsspec
import pytest

from recurate.errors import InputError
from recurate.reading.parts.listing import listed_parts


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b/2.csv", "b/10.csv", "a/1.csv", "a/deep/3.csv", "a/_SUCCESS", "a/.crc"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("reward\n1\n")
    return tmp_path


def names(*given):
    return [part.path for part in listed_parts(given)]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["b/*.csv"], ["b/10.csv", "b/2.csv"]),
        (["b/2.csv", "b/*.csv", "./b/2.csv"], ["b/10.csv", "b/2.csv"]),
        (["b", "a"], ["a/1.csv", "a/deep/3.csv", "b/10.csv", "b/2.csv"]),
        (["**/*.csv"], ["a/1.csv", "a/deep/3.csv", "b/10.csv", "b/2.csv"]),
        (["a/_SUCCESS"], ["a/_SUCCESS"]),
        (["*/[12].csv"], ["a/1.csv", "b/2.csv"]),
    ],
)
def test_parts_come_once_and_in_order(folder, given, found):
    assert names(*given) == found


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder):
    (folder / "[1].csv").write_text("reward\n1\n")
    (folder / "1.csv").write_text("reward\n1\n")
    assert names("[1].csv") == ["[1].csv"]


def test_a_link_to_a_part_is_that_part(folder):
    os.symlink(folder / "a" / "1.csv", folder / "link.csv")
    assert names("a/1.csv", "link.csv") == ["a/1.csv"]


def test_links_in_a_folder_are_followed(folder):
    (folder / "far" / "deep").mkdir(parents=True)
    (folder / "far" / "deep" / "4.csv").write_text("reward\n1\n")
    os.symlink(folder / "far", folder / "b" / "link")
    os.symlink(folder / "b", folder / "far" / "deep" / "round")
    assert names("b") == ["b/10.csv", "b/2.csv", "b/link/deep/4.csv"]
    os.symlink(folder / "nowhere", folder / "b" / "lost.csv")
    with pytest.raises(FileNotFoundError, match=r"b/lost\.csv"):
        names("b")


@pytest.mark.parametrize("given", ["c/*.csv", "c", "", "-", "memory://nothing/*.csv"])
def test_what_leads_to_nothing_is_named(folder, given):
    with pytest.raises(InputError, match=r"PART must"):
        listed_parts([given])


def test_a_changed_file_has_another_stamp(folder):
    (before,) = listed_parts(["a/1.csv"])
    os.utime("a/1.csv", ns=(0, 5))
    (after,) = listed_parts(["a/1.csv"])
    assert before.path == after.path
    assert before.stamp != after.stamp
    (folder / "a" / "1.csv").write_text("reward\n12\n")
    os.utime("a/1.csv", ns=(0, 5))
    assert listed_parts(["a/1.csv"])[0].size == after.size + 1


@pytest.fixture
def store():
    store = fsspec.filesystem("memory")
    for name in ("t/2.csv", "t/1.csv", "t/in/3.csv", "t/_log"):
        store.pipe(f"/{name}", b"reward\n1.5\n")
    yield store
    store.rm("/t", recursive=True)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("memory://t/*.csv", ["1.csv", "2.csv"]),
        ("memory://t/2.csv", ["2.csv"]),
        ("memory://t", ["1.csv", "2.csv", "in/3.csv"]),
        ("memory://t/**/*.csv", ["1.csv", "2.csv", "in/3.csv"]),
    ],
)
def test_other_stores_are_listed_alike(store, given, found):
    assert [name.partition("/t/")[2] for name in names(given)] == found


def test_a_part_of_another_store_is_here_while_it_is_read(store):
    (part,) = listed_parts(["memory://t/1.csv"])
    with part.on_this_machine() as path:
        assert path.endswith("1.csv")
        with open(path) as file:
            assert file.read() == "reward\n1.5\n"
    assert not os.path.exists(path)
    store.rm("/t/1.csv")
    with pytest.raises(InputError, match=r"1\.csv.*no such file"), part.on_this_machine():
        pass
    store.pipe("/t/1.csv", b"reward\n1.5\n")


def test_a_store_of_this_machine_is_this_machine(folder):
    assert names(f"file://{folder}/b/*.csv") == [f"{folder}/b/10.csv", f"{folder}/b/2.csv"]


@pytest.mark.parametrize(
    ("address", "packages"),
    [("s3://bucket/*.parquet", "fsspec s3fs"), ("gs://bucket/a.csv", "fsspec gcsfs")],
)
def test_what_has_to_be_installed_is_named(monkeypatch, address, packages):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name.partition(".")[0] in ("fsspec", "s3fs", "gcsfs"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(InputError, match=rf"pip install {packages}\)"):
        listed_parts([address])


def test_an_unknown_store_is_named():
    with pytest.raises(InputError, match="cannot be read: Protocol not known"):
        listed_parts(["nowhere://bucket/*.csv"])


def test_who_reads_a_part_may_be_in_another_folder(tmp_path, monkeypatch):
    """And does not take a file of the same name there for it."""
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "part.csv").write_text("1.0\n")
    monkeypatch.chdir(tmp_path / "here")
    [part] = listed_parts(["part.csv"])
    with part.on_this_machine() as path:
        assert path == part.path == "part.csv"
    monkeypatch.chdir(tmp_path / "there")
    with part.on_this_machine() as path:
        assert os.path.samefile(path, tmp_path / "here" / "part.csv")
