"""Every format gives what pandas reads from it, and polars and pyarrow wrote: exactly."""

import math
import random
import struct

import numpy as np
import pandas
import polars as pl
import pyarrow
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import feather, parquet

from recurate.reading.formats.opening import opened

COLUMNS = ["reward", "count", "label", "code", "flag"]


@pytest.fixture(scope="module")
def written():
    """Numbers of all magnitudes, text with what has to be quoted, codes, truth values."""
    random_ = random.Random(3)
    numbers = []
    while len(numbers) < 2_000:
        (number,) = struct.unpack("<d", random_.getrandbits(64).to_bytes(8, "little"))
        numbers += [number] if math.isfinite(number) and abs(number) > 1e-300 else []
        numbers.append(random_.gauss(0, 1))
    labels = ["a", 'b "q", r', "c;d\te", "f\ng", "é", "007"]
    size = len(numbers)
    return pandas.DataFrame(
        {
            "reward": numbers,
            "count": [random_.randrange(-(10**6), 10**6) for _ in range(size)],
            "label": [random_.choice(labels) for _ in range(size)],
            "code": [f"{random_.randrange(1000):03d}" for _ in range(size)],
            "flag": [random_.random() < 0.5 for _ in range(size)],
        }
    )


# Before pandas 3, its own parser was not correctly rounded.
EXACT = {} if int(pandas.__version__[0]) >= 3 else {"float_precision": "round_trip"}


def in_text(separator, **options):
    def write(frame, path):
        frame.to_csv(path, index=False, sep=separator, **options)

    def read(path):
        again = {key: value for key, value in options.items() if key in ("decimal", "encoding")}
        return pandas.read_csv(path, sep=separator, dtype={"code": str}, **again, **EXACT)

    return write, read


FORMATS = {
    "t.csv": in_text(","),
    "t.tsv": in_text("\t"),
    "semicolon.csv": in_text(";"),
    "comma.csv": in_text(";", decimal=","),
    "crlf.csv": in_text(",", lineterminator="\r\n"),
    "quoted.csv": in_text(",", quoting=1),
    "mark.csv": in_text(",", encoding="utf-8-sig"),
    "wide.csv": in_text(",", encoding="utf-16"),
    "t.csv.gz": in_text(","),
    "t.csv.bz2": in_text(","),
    "t.csv.xz": in_text(","),
    "t.csv.zip": in_text(","),
    "t.parquet": (lambda f, path: f.to_parquet(path), pandas.read_parquet),
    "t.feather": (lambda f, path: f.to_feather(path), pandas.read_feather),
    "polars.csv": (lambda f, path: pl.from_pandas(f).write_csv(path), in_text(",")[1]),
    "polars.parquet": (lambda f, path: pl.from_pandas(f).write_parquet(path), pandas.read_parquet),
    "polars.arrow": (
        lambda f, path: pl.from_pandas(f).write_ipc(path, compat_level=pl.CompatLevel.oldest()),
        pandas.read_feather,
    ),
    "arrow.csv": (
        lambda f, path: arrow_csv.write_csv(pyarrow.Table.from_pandas(f), path),
        in_text(",")[1],
    ),
    "t.json": (
        lambda f, path: f.to_json(path, orient="records", double_precision=15),
        lambda path: pandas.read_json(path, precise_float=True, dtype={"code": str}),
    ),
    "t.jsonl": (
        lambda f, path: f.to_json(path, orient="records", lines=True, double_precision=15),
        lambda path: pandas.read_json(path, lines=True, precise_float=True, dtype={"code": str}),
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_pandas_reads_the_same(tmp_path, written, name):
    write, read = FORMATS[name]
    frame = written[written["reward"].abs().between(1e-5, 1e9)] if "json" in name else written
    path = tmp_path / name
    write(frame.reset_index(drop=True), path)
    expected = read(path)
    source = opened(str(path))
    assert source.fields == COLUMNS
    found = source.frame(COLUMNS, texts=["label", "code"])
    for column in COLUMNS:
        assert found[column].to_list() == expected[column].tolist(), column
    if "json" not in name:  # which pandas writes in fifteen digits
        assert found["reward"].to_list() == written["reward"].tolist()
        assert found["code"].to_list() == written["code"].tolist()


def test_numpy_s_files_hold_the_same(tmp_path, written):
    rewards = written["reward"].to_numpy()
    np.save(tmp_path / "t.npy", rewards)
    np.savez(tmp_path / "t.npz", reward=rewards, code=written["code"].to_numpy().astype("U3"))
    assert opened(str(tmp_path / "t.npy")).frame(["reward"])["reward"].to_list() == rewards.tolist()
    frame = opened(str(tmp_path / "t.npz")).frame(["code", "reward"])
    assert frame.rows() == list(zip(written["code"], rewards.tolist(), strict=True))


@pytest.mark.parametrize("separator", [",", ";"])
def test_missing_entries_are_null_where_pandas_has_none(tmp_path, separator):
    frame = pandas.DataFrame(
        {"reward": [1.5, None, 2.0], "flag": [True, None, False], "n": [1, 2, 3]}
    )
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False, sep=separator)
    found = opened(str(path)).frame(list(frame))
    assert found["reward"].to_list() == [1.5, None, 2.0]
    assert found["flag"].to_list() == [True, None, False]
    parquet.write_table(pyarrow.Table.from_pandas(frame), tmp_path / "t.parquet")
    assert opened(str(tmp_path / "t.parquet")).frame(list(frame)).rows() == found.rows()
    feather.write_feather(frame, tmp_path / "t.feather")
    assert opened(str(tmp_path / "t.feather")).frame(list(frame)).rows() == found.rows()


@pytest.mark.parametrize("name", ["t.csv", "t.txt", "t"])
def test_json_is_known_by_its_content(tmp_path, name):
    (tmp_path / name).write_text(' [{"reward": 1.5, "group": "007"}]')
    assert opened(str(tmp_path / name)).frame(["reward", "group"]).rows() == [(1.5, "007")]
    (tmp_path / name).write_text('{"reward": 1}\n{"reward": 2}\n', encoding="utf-16")
    assert opened(str(tmp_path / name)).frame(["reward"]).rows() == [(1,), (2,)]


@pytest.mark.parametrize("header", ["[a],reward", "{x},reward", '"[1]",reward'])
def test_a_header_in_brackets_is_no_json(tmp_path, header):
    (tmp_path / "t.csv").write_text(f"{header}\n1,2\n")
    assert opened(str(tmp_path / "t.csv")).fields == [header.split(",")[0].strip('"'), "reward"]
