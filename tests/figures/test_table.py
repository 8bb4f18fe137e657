"""Tables of data: what is read is what was written, and bad columns are named."""

import numpy as np
import pytest

from recurate.figures.table import Table, read_table


def test_every_digit_and_type_comes_back(tmp_path):
    numbers = [0.1, 1.0, np.pi, 1e-300, np.inf, -np.inf, 5e-324]
    columns = {
        "t": np.arange(7),
        "x": numbers,
        "word": ["a", "b, c", 'd "e"', "ü", "f", "g", "# h"],
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
        ({"x": [1j]}, {"x": "a"}, "column x must hold real numbers or text; got type complex128"),
    ],
)
def test_bad_columns_are_named(columns, meanings, message):
    with pytest.raises(ValueError, match=message):
        Table(columns, meanings)
