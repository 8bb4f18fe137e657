"""The one reader of the package's own files: what is not whole and valid is refused, with why."""

import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from recurate.numerics import own_files
from recurate.numerics.files import opened
from recurate.numerics.own_files import (
    DamagedError,
    Described,
    as_text,
    discard,
    is_ours,
    read_arrays,
    read_record,
    remove_left_unfinished,
    write_arrays,
)

from ..damage import damaged, edited


@dataclass(frozen=True)
class Pair:
    state: Literal["verified", "failed"]
    numbers: tuple[float, ...]
    note: str = ""


PAIR = Pair("verified", (0.1, 1e300, 5e-324), "ü\n\x1b")
NAME = "recurate test 1"


class About(Described, forbid_unknown_fields=True, kw_only=True):
    steps: int


ARRAYS = {
    "a": np.arange(6.0).reshape(2, 3),
    "transposed": np.arange(6).reshape(2, 3).T,
    "empty": np.empty((0, 3), np.float32),
    "scalar": np.array(7, np.uint8),
    "words": np.array(["one", "three"]),
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


def test_a_record_is_read_as_it_was_written(path):
    assert read_record(path, Pair) is None
    assert read_record(path / "below", Pair) is None
    for indent in (None, 1):
        path.write_text(as_text(PAIR, indent), encoding="utf-8")
        assert read_record(path, Pair) == PAIR


def test_no_damaged_record_is_read(path):
    """Every entry left out or replaced, every cut, 300 garbled ones: with the old checksum."""
    content = as_text(PAIR).encode()
    forms = [json.dumps(other).encode() for other in edited(json.loads(content))]
    said = []
    for form in (*forms, *damaged(content)):
        path.write_bytes(form)
        try:
            assert read_record(path, Pair) == PAIR, form
        except DamagedError as error:
            said.append(str(error))
    assert len(said) > 400
    assert all(len(why) < 300 and why.isprintable() for why in said)


def test_with_a_right_checksum_the_type_has_to_be_right(path):
    document = json.loads(as_text(PAIR))
    del document["checksum"]
    for other in edited(document):
        if not isinstance(other, dict):
            continue
        path.write_text(json.dumps({**other, "checksum": own_files._checksum(other)}))
        try:
            found = read_record(path, Pair)
        except DamagedError:
            continue
        assert found.state in ("verified", "failed")
        assert all(isinstance(number, float) for number in found.numbers)
        assert isinstance(found.note, str)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cannot be understood"),
        (b'{"state": "verified"}', "has no checksum"),
        (b"[" * 10**6, "cannot be understood"),
        (b'{"x":' * 10**5, "cannot be understood"),
        (b'{"checksum": "", "state": "FAILED", "numbers": []}', "Invalid enum value 'FAILED'"),
        (b'{"checksum": "", "' + b"z" * 10**6 + b'": 1}', "cannot be understood"),
        (as_text(PAIR).replace("0.1", "0.2").encode(), "something else than its checksum"),
    ],
)
def test_why_is_said(path, content, why):
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=why):
        read_record(path, Pair)


def test_no_more_is_read_than_a_record_may_have(path, monkeypatch):
    monkeypatch.setattr(own_files, "LARGEST_RECORD", 1000)
    path.write_text(as_text(Pair("verified", (), "x" * 2000)))
    with pytest.raises(DamagedError, match="is larger than 1000 bytes"):
        read_record(path, Pair)
    with open(path, "wb") as file:
        file.truncate(2**40)  # a hole: it takes no room
    with pytest.raises(DamagedError, match="is larger"):
        read_record(path, Pair)


def test_what_is_no_file_is_not_waited_for(path):
    path.mkdir()
    with pytest.raises(DamagedError, match="is not a file"):
        read_record(path, Pair)
    assert discard(path)
    os.mkfifo(path)
    with pytest.raises(DamagedError, match="is not a file"):
        read_record(path, Pair)
    with pytest.raises(DamagedError, match="is not a file"):
        read_arrays(path, NAME, About)
    assert discard(path)
    assert discard(path)  # nothing is left either way
    path.symlink_to(path)
    with pytest.raises(DamagedError, match="cannot be read"):
        read_record(path, Pair)


def test_what_may_not_be_read_is_said(path, monkeypatch):
    path.write_text(as_text(PAIR))

    def refused(*arguments, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refused)  # root may read everything
    with pytest.raises(DamagedError, match=r"cannot be read \(Permission denied\)"):
        read_record(path, Pair)


def test_arrays_are_read_as_they_were_written(path):
    assert read_arrays(path, NAME, About) is None
    write_arrays(path, About(file=NAME, steps=3), ARRAYS)
    about, found = read_arrays(path, NAME, About)
    assert about.steps == 3
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(found[name], array)


def test_no_damaged_arrays_are_read(path):
    write_arrays(path, About(file=NAME, steps=3), ARRAYS)
    content = path.read_bytes()
    for form in damaged(content):
        path.write_bytes(form)
        with pytest.raises(DamagedError):
            read_arrays(path, NAME, About)
    for other in (b"", content, content[:60]):
        path.write_bytes(other)
        assert is_ours(path, NAME)
    for other in (b"{", b"reward\n1.0\n", b"PK\x03\x04", content[:10], content.replace(b"1", b"2")):
        path.write_bytes(other)
        assert not is_ours(path, NAME)


@pytest.mark.parametrize(
    ("type_", "shape", "why"),
    [
        ("<f8", [10**9], "ends before its arrays do"),
        ("<f8", [0, 10**30], "of an impossible shape"),
        ("<f8", [1] * 100, "of an impossible shape"),
        ("<f8", [-1], "cannot be understood"),
        ("|O", [1], "is not of numbers"),
        ("<U0", [10**12], "is not of numbers"),
        ("<f8,<f8", [1], "is not of numbers"),
        ("((", [1], "of an unknown type"),
    ],
)
def test_arrays_take_no_more_memory_than_their_file_has(path, type_, shape, why):
    """With a right checksum, as no damage has it."""
    about = {"file": NAME, "arrays": {"a": [type_, shape]}, "bytes": "", "steps": 1}
    line = json.dumps({**about, "checksum": own_files._checksum(about)})
    path.write_bytes(line.encode() + b"\n" + b"\x00" * 8)
    with pytest.raises(DamagedError, match=why):
        read_arrays(path, NAME, About)


def test_what_could_not_be_read_again_is_not_written(path):
    for array in (np.array([None]), np.zeros(2, "f8,f8")):
        with pytest.raises(TypeError, match="a must be an array of numbers"):
            write_arrays(path, About(file=NAME, steps=1), {"a": array})
    assert not path.exists()


def test_it_is_said_in_one_line(caplog):
    with caplog.at_level(logging.WARNING):
        own_files.say(Path("a\n\x1b[31m"), "is not a file", "it is made again")
    (line,) = caplog.messages
    assert line == r"recurate: 'a\n\x1b[31m' is not a file: it is made again"


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    dies = "import os, sys; from recurate.numerics.files import Output; "
    dies += "out = Output(sys.argv[1]); out.content.write(b'x'); out.prepare(); os._exit(9)"
    done = subprocess.run([sys.executable, "-c", dies, tmp_path / "law.npz"], check=False)
    assert done.returncode == 9
    assert len(list(tmp_path.iterdir())) == 1
    others = {".recurate-mine", ".recurate-0123456789abcdef.txt", "recurate-0123456789abcdef"}
    for name in others:
        (tmp_path / name).touch()
    with opened([tmp_path / "new"]) as [output]:
        output.prepare()
        remove_left_unfinished(tmp_path)
        output.land()  # what this process is not done with was left
    assert {path.name for path in tmp_path.iterdir()} == others | {"new"}
    remove_left_unfinished(tmp_path / "not there")
