"""Large files in batches: the same rows in the same places as when they are read as a whole."""

import bz2
import gzip
import json
import lzma
import tracemalloc

import numpy as np
import polars as pl
import pytest

from recurate.errors import InputError
from recurate.reading.formats import blocks, columnar
from recurate.reading.formats.opening import opened

COLUMNS = ("reward", "text", "n")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(blocks, "BYTES", 300)
    monkeypatch.setattr(columnar, "ROWS", 7)
    monkeypatch.setattr(columnar, "ROWS_OF_TEXT", 7)


def table(rows=100, text=lambda n: f"word {n}"):
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "n": range(rows),
            "text": [text(n) for n in range(rows)],
            "reward": rng.normal(size=rows),
        }
    )


def written(path, frame):
    match path.suffix:
        case ".csv":
            frame.write_csv(path)
        case ".parquet":
            frame.write_parquet(path)
        case ".arrow":
            frame.write_ipc(path)
        case ".jsonl":
            frame.write_ndjson(path)
    return str(path)


def read(path):
    """Return all rows that batches have, each with its place, and the number of batches."""
    rows, number = [], 0
    for source in blocks.batches(path, "t", COLUMNS):
        frame = source.frame(COLUMNS, ["text"])
        number += 1
        rows += [(source.place(row + 1), *values) for row, values in enumerate(frame.rows())]
    return rows, number


def whole(path):
    source = opened(path, "t")
    frame = source.frame(COLUMNS, ["text"])
    return [(source.place(row + 1), *values) for row, values in enumerate(frame.rows())]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".arrow", ".jsonl"])
def test_batches_have_the_rows_of_the_whole_file_in_their_places(tmp_path, suffix):
    path = written(tmp_path / f"t{suffix}", table())
    rows, number = read(path)
    assert number > 8
    assert rows == whole(path)


@pytest.mark.parametrize("opener", [gzip.open, bz2.open, lzma.open])
def test_packed_text_is_unpacked_as_it_is_read(tmp_path, opener):
    plain = written(tmp_path / "t.csv", table())
    with opener(tmp_path / "packed", "wb") as file:
        file.write((tmp_path / "t.csv").read_bytes())
    rows, number = read(str(tmp_path / "packed"))
    assert number > 8
    assert rows == whole(plain)


@pytest.mark.parametrize(
    "text",
    [
        lambda n: f'two\nlines, and "quotes" {n}',
        lambda n: "a\n\n\nb" if n % 3 else '""',
        lambda n: "\n" * 200 if n == 50 else "x",
    ],
)
def test_no_block_ends_within_quotes(tmp_path, text):
    path = written(tmp_path / "t.csv", table(text=text))
    rows, number = read(path)
    assert number > 3
    assert rows == whole(path)


def test_a_quote_that_stands_alone_sends_back_to_the_whole_file(tmp_path):
    # Two inch marks outside quotes: by their number, the newline within the second field of quotes
    # looks like the end of a row.
    lines = ["n,text,reward", *(f'{n},5" or "so",0.5' for n in range(100))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    with pytest.raises(blocks.CannotBeCutError):
        read(str(tmp_path / "t.csv"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("reward\n" + "0.25\n" * 400 + "\n" + "0.5\n" * 3, 402),  # a blank line between rows
        ("reward,n\n" + "0.25,1\n" * 400 + "0.5\n", 402),
    ],
)
def test_what_is_wrong_is_named_with_its_line_in_the_file(tmp_path, text, line):
    (tmp_path / "t.csv").write_text(text)
    sources = blocks.batches(str(tmp_path / "t.csv"), "t", ["reward"])
    with pytest.raises(InputError, match=rf"line {line}\b"):
        [source.frame(["reward"]) for source in sources]


def test_a_blank_line_is_named_also_where_a_block_ends(tmp_path):
    for before in range(50, 120):  # as long as a block
        (tmp_path / "t.csv").write_text("reward\n" + "0.25\n" * before + "\n" + "0.5\n" * 200)
        sources = blocks.batches(str(tmp_path / "t.csv"), "t", ["reward"])
        with pytest.raises(InputError, match=rf"line {before + 2}: a row must have fields"):
            [source.frame(["reward"]) for source in sources]


def test_blank_lines_at_the_end_do_no_harm(tmp_path):
    (tmp_path / "t.csv").write_text("reward\n" + "0.25\n" * 400 + "\n" * 900)
    found = [s.frame(["reward"]) for s in blocks.batches(str(tmp_path / "t.csv"), "t", ["reward"])]
    assert sum(frame.height for frame in found) == 400


@pytest.mark.parametrize("first", ["1.5", "0", "1e3"])
def test_a_column_without_a_header_has_none_in_its_later_blocks(tmp_path, first):
    (tmp_path / "t.csv").write_text(f"{first}\n" + "nan\n0.5\n" * 200)
    sources = list(blocks.batches(str(tmp_path / "t.csv"), "t", ["reward"]))
    assert len(sources) > 3
    rows = [row for source in sources for row in source.frame(["reward"], ["reward"]).rows()]
    assert rows == [(first,), *[("nan",), ("0.5",)] * 200]


def test_a_record_a_line_may_lack_what_those_before_it_have(tmp_path):
    records = [{"reward": 0.5, "group": "a"}] * 30 + [{"reward": 1.5}] * 30
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, records)))
    sources = list(blocks.batches(str(tmp_path / "t.jsonl"), "t", ["reward", "group"]))
    groups = [row for s in sources for row in s.frame(["group"], ["group"])["group"].to_list()]
    assert groups == ["a"] * 30 + [None] * 30


def test_the_last_line_alone_is_a_record_too(tmp_path):
    # As a file of its own, it would be an object of two columns.
    records = [{"q": ["a", "b"], "reward": [0.5, float(n)]} for n in range(40)]
    text = "\n".join(map(json.dumps, records))
    (tmp_path / "t.jsonl").write_text(text)
    sources = list(blocks.batches(str(tmp_path / "t.jsonl"), "t", ["reward"]))
    found = [row for source in sources for row in source.frame(["reward"])["reward"].to_list()]
    assert found == [[0.5, float(n)] for n in range(40)]
    ends = [len(text.splitlines()[-1]), len(text)]
    assert blocks.BYTES > ends[0], "the last block may be one line"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", json.dumps([{"reward": float(n)} for n in range(99)], indent=1)),
        ("t.json", json.dumps([{"reward": float(n)} for n in range(99)])),
        ("t.csv", "\n".join(["reward", *map(str, range(300))]).encode("utf-16")),
        ("t.csv", "\r".join(["reward", *map(str, range(300))])),
    ],
)
def test_what_cannot_be_cut_is_read_as_a_whole(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        [source] = blocks.batches(str(path), "t", ["reward"])
    except blocks.CannotBeCutError:
        return
    assert source.frame(["reward"]).height == opened(str(path)).frame(["reward"]).height


def test_what_is_damaged_is_named(tmp_path):
    plain = written(tmp_path / "t.csv", table())
    packed = gzip.compress((tmp_path / "t.csv").read_bytes())
    (tmp_path / "t.csv.gz").write_bytes(packed[:-20])
    with pytest.raises(InputError, match=r"t cannot be read to its end"):
        read(str(tmp_path / "t.csv.gz"))
    assert read(plain)


def test_the_beginning_is_that_of_the_file(tmp_path):
    path = written(tmp_path / "t.parquet", table())
    source = blocks.beginning(path, "t")
    assert source.fields == ["n", "text", "reward"]
    assert source.frame(["n"])["n"].to_list() == list(range(7))
    text = blocks.beginning(written(tmp_path / "t.csv", table()), "t").frame(["n"])
    assert 5 < text.height < 50


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl"])
def test_memory_does_not_depend_on_the_number_of_rows(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(blocks, "BYTES", 2**14)
    peaks = []
    for rows in (10_000, 80_000):
        path = tmp_path / f"t{rows}{suffix.replace('.gz', '')}"
        written(path, table(rows))
        if suffix.endswith("gz"):
            path.with_suffix(".csv.gz").write_bytes(gzip.compress(path.read_bytes()))
            path = path.with_suffix(".csv.gz")
        tracemalloc.start()
        for source in blocks.batches(str(path), "t", COLUMNS):
            source.frame(["reward"])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
