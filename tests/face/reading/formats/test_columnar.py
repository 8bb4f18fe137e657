"""Tables in Parquet and Arrow's IPC, whole and damaged."""

import io
import os
import random

import pyarrow
import pytest
from pyarrow import feather, parquet

from recurate.errors import InputError
from recurate.reading.formats.opening import opened

TABLE = pyarrow.table(
    {
        "reward": [1.5, None, 0.1],
        "group": ["a", "007", None],
        "flag": [True, None, False],
        "lists": [[1, 2], [], None],
        "bytes": [b"a", b"\xff", None],
    }
)


def stream(table, path):
    with pyarrow.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)


WRITERS = {
    "t.parquet": parquet.write_table,
    "t.feather": feather.write_feather,
    "t.arrow": lambda table, path: feather.write_feather(table, path, compression="uncompressed"),
    "t.arrows": stream,
    "t.data": parquet.write_table,
}


@pytest.mark.parametrize("name", WRITERS)
def test_columns_have_the_types_and_values_of_the_file(tmp_path, name):
    WRITERS[name](TABLE, str(tmp_path / name))
    source = opened(str(tmp_path / name))
    assert source.fields == TABLE.column_names
    for columns in (source.fields, ["flag"], ["group", "reward"]):
        frame = source.frame(columns, texts=["group"])
        assert frame.to_dict(as_series=False) == TABLE.select(columns).to_pydict()
    assert source.place(2) == f"{name}, row 2"


def test_a_name_is_no_pattern(tmp_path):
    for name, value in (("t*.parquet", 1.0), ("t1.parquet", 2.0), ("t[1].parquet", 3.0)):
        parquet.write_table(pyarrow.table({"reward": [value]}), tmp_path / name)
    for name, value in (("t*.parquet", 1.0), ("t[1].parquet", 3.0)):
        assert opened(str(tmp_path / name)).frame(["reward"]).rows() == [(value,)]


def test_two_columns_of_one_name_are_refused(tmp_path):
    twice = pyarrow.Table.from_arrays([pyarrow.array([1.0])] * 2, names=["reward", "reward"])
    parquet.write_table(twice, tmp_path / "t.parquet")
    with pytest.raises(InputError, match=r"^t\.parquet must have one column 'reward'; got 2"):
        opened(str(tmp_path / "t.parquet"))


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "t.arrows"])
def test_damaged_files_are_refused_in_a_line(tmp_path, name, capfd):
    # polars panics at some of them, and writes a trace past Python.
    path = tmp_path / name
    WRITERS[name](TABLE.select(["reward", "group"]), str(path))
    whole, random_ = path.read_bytes(), random.Random(2)
    said = []
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(random_.randint(1, 4)):
            damaged[random_.randrange(8, len(damaged))] = random_.randrange(256)
        path.write_bytes(
            damaged[: random_.choice([len(damaged), random_.randrange(9, len(damaged))])]
        )
        try:
            source = opened(str(path))
            source.frame(source.fields)
        except InputError as error:
            said.append(str(error))
    assert len(said) > 75
    for text in said:
        assert text.startswith(name)
        assert text.isprintable()
        assert len(text) < 400
    assert capfd.readouterr().err == ""


def test_standard_error_is_there_again(tmp_path, capfd):
    path = tmp_path / "t.parquet"
    parquet.write_table(TABLE, path)
    opened(str(path)).frame(["reward"])
    os.write(2, b"still here")
    assert capfd.readouterr().err == "still here"


def test_a_closed_standard_error_does_not_matter(tmp_path):
    parquet.write_table(TABLE, tmp_path / "t.parquet")
    kept = os.dup(2)
    os.close(2)
    try:
        rows = opened(str(tmp_path / "t.parquet")).frame(["reward"]).rows()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
    assert rows == [(1.5,), (None,), (0.1,)]


def test_a_file_without_its_end_is_named(tmp_path):
    file = io.BytesIO()
    parquet.write_table(TABLE, file)
    (tmp_path / "t.csv").write_bytes(file.getvalue()[:-10])  # whatever its name
    with pytest.raises(InputError, match=r"^t\.csv must be a Parquet file; got"):
        opened(str(tmp_path / "t.csv"))
