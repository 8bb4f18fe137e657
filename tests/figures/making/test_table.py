"""Tables of data: what is read is what was written, and bad columns are named."""

import math

import numpy as np
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate.figures.making.table import Table, read_table

LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"))
NAME = LINE.filter(lambda name: not name.startswith("#") and ": " not in name)
TEXT = st.text(
    st.one_of(
        st.sampled_from(list("01_xXbeEinfa+-. \t\r\n\0,\"'#:;١\u2028\x85")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=8,
)


def is_word(text):
    try:
        float(text)
    except ValueError:
        return not text.endswith("\0")
    return False


def columns_of(size):
    def column(elements):
        return st.lists(elements, min_size=size, max_size=size)

    numbers = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 5e-324, 1e16, math.inf]))
    integers = st.integers(-(2**63), 2**63 - 1)
    kinds = st.one_of(*map(column, (numbers, integers, TEXT.filter(is_word))))
    return st.dictionaries(NAME, kinds, min_size=1, max_size=4)


def bits(column):
    """Return what tells every double from every other one, NaN from NaN excepted."""
    if column.dtype.kind != "f":
        return column.tolist()
    return [value.hex() for value in column.tolist()]


@given(
    st.integers(1, 4).flatmap(columns_of),
    st.data(),
    st.dictionaries(LINE.filter(lambda name: not name.startswith("column ")), TEXT, max_size=2),
)
def test_whatever_is_written_is_read(tmp_path_factory, columns, data, about):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    table = Table(columns, {name: data.draw(LINE) for name in columns})
    table.write(path, about)
    found = read_table(path)
    assert found.meanings == table.meanings
    assert list(found.columns) == list(columns)
    for name, values in columns.items():
        assert found[name].dtype.kind == table[name].dtype.kind == np.asarray(values).dtype.kind
        assert bits(found[name]) == bits(table[name]) == bits(np.asarray(values))


CHANGED = st.one_of(
    TEXT.map(lambda text: text + "\0"),
    st.floats().map(repr),
    st.sampled_from([" 1 ", "1_000", "-Infinity", "NAN", "١٢", "1e3"]),
)


@given(st.lists(TEXT.filter(is_word)), CHANGED, st.lists(TEXT.filter(is_word)))
def test_text_that_would_be_changed_is_refused(before, changed, after):
    with pytest.raises(ValueError, match=r"column x must hold (numbers or words|text without)"):
        Table({"x": [*before, changed, *after]}, {"x": "any"})


def test_pandas_reads_text_that_looks_like_a_remark(tmp_path):
    columns = {"law": ["a # b", "#", "c"], "x": [1, 2, 3]}
    path = tmp_path / "a.csv"
    Table(columns, {"law": "which # law", "x": "any"}).write(path, {"of": "#"})
    assert pandas.read_csv(path, comment="#").to_dict("list") == columns


def test_tables_without_rows_come_back(tmp_path):
    Table({"x": [], "y": []}, {"x": "a", "y": "b"}).write(tmp_path / "a.csv", {})
    found = read_table(tmp_path / "a.csv")
    assert list(found.columns) == ["x", "y"]
    assert found.size == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# column x: a\ny\n1\n", r"columns must be \['x'\], as explained; got \['y'\]"),
        ("# column x: a\n# column y: b\nx,y\n1,2\n3\n", "row 2 must have 2 values; got 1"),
        ("", "columns must be at least one; got none"),
        ("x\n1\n", r"columns must be \[\], as explained; got \['x'\]"),
    ],
)
def test_damaged_files_are_named(tmp_path, text, message):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("column x", ValueError, "a name in about must not begin with 'column '; got 'column x'"),
        ("a\nb", ValueError, r"a name in about must be on one line; got 'a\\nb'"),
        (1, TypeError, "a name in about must be text; got 1"),
    ],
)
def test_names_that_would_break_the_head_are_refused(tmp_path, name, error, message):
    with pytest.raises(error, match=message):
        Table({"x": [1]}, {"x": "a"}).write(tmp_path / "a.csv", {name: 1})
    assert not list(tmp_path.iterdir())


def test_every_digit_and_type_comes_back(tmp_path):
    numbers = [0.1, 1.0, np.pi, 1e-300, np.inf, -np.inf, 5e-324]
    columns = {
        "t": np.arange(7),
        "x": numbers,
        "word": ["a", "b, c", 'd "e"', "ü\r\n", "f\rg", "", "# h"],
    }
    meanings = {"t": "step", "x": "value: any", "word": "text"}
    Table(columns, meanings).write(tmp_path / "a.csv", {"K": 4, "lam": "inf"})
    table = read_table(tmp_path / "a.csv")
    assert table.meanings == meanings
    assert table["t"].dtype == np.int64
    assert table["x"].dtype == np.float64
    for name, column in columns.items():
        np.testing.assert_array_equal(table[name], column)
    head = (tmp_path / "a.csv").read_text().splitlines()[:6]
    assert head[:3] == ["# K: 4", '# lam: "inf"', "# column t: step"]
    assert head[5] == "t,x,word"


def test_nan_comes_back(tmp_path):
    Table({"x": [np.nan, 1.5]}, {"x": "value"}).write(tmp_path / "a.csv", {})
    np.testing.assert_array_equal(read_table(tmp_path / "a.csv")["x"], [np.nan, 1.5])


def test_rows_are_chosen_by_value():
    table = Table({"K": [2, 2, 4], "law": ["a", "b", "a"]}, {"K": "number", "law": "which"})
    assert table.where(K=2, law="b").size == 1
    assert table.where(law="a")["K"].tolist() == [2, 4]
    assert table.distinct("law") == ["a", "b"]


@pytest.mark.parametrize(
    ("columns", "meanings", "message"),
    [
        ({}, {}, "columns must be at least one; got none"),
        ({"x": [1.0]}, {}, "meanings must be given for x; got none"),
        ({"x": [1.0], "y": [1.0, 2.0]}, {"x": "a", "y": "b"}, "one length; got {'x': 1, 'y': 2}"),
        ({"x": [[1.0]]}, {"x": "a"}, r"column x must have one dimension; got shape \(1, 1\)"),
        ({"x": ["a", "1e3"]}, {"x": "a"}, "column x must hold numbers or words; got '1e3'"),
        ({"x": [1j]}, {"x": "a"}, "real numbers of 64 bits or text; got type complex128"),
        ({"x": [True]}, {"x": "a"}, "real numbers of 64 bits or text; got type bool"),
        ({"x": [2**63]}, {"x": "a"}, r"integers below 2\^63; got 9223372036854775808"),
        ({"x": [2**64]}, {"x": "a"}, "real numbers of 64 bits or text; got type object"),
        ({"x": ["a\0"]}, {"x": "a"}, r"text without a final NUL; got 'a\\x00'"),
        ({"x": np.ma.masked_equal([1, 2], 2)}, {"x": "a"}, "must not have masked entries"),
        ({"#x": [1]}, {"#x": "a"}, "name must not begin with '#'.* got '#x'"),
        ({"x: y": [1]}, {"x: y": "a"}, "must not contain ': '; got 'x: y'"),
        ({"x\n": [1]}, {"x\n": "a"}, "a column's name must be on one line"),
        ({"x": [1]}, {"x": "a\rb"}, r"the meaning of x must be on one line; got 'a\\rb'"),
    ],
)
def test_bad_columns_are_named(columns, meanings, message):
    with pytest.raises(ValueError, match=message):
        Table(columns, meanings)


def test_names_and_meanings_are_text():
    with pytest.raises(TypeError, match="a column's name must be text; got 1"):
        Table({1: [1.0]}, {1: "a"})
    with pytest.raises(TypeError, match="the meaning of x must be text; got None"):
        Table({"x": [1.0]}, {"x": None})
