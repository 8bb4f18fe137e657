"""Reading tables of rewards: what is read, and errors that name the row and column."""

import csv
import io
import math

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from recurate.errors import InputError
from recurate.reading.tables import Columns, read_example, read_rewards

NOTHING = Columns()


@pytest.fixture
def table(tmp_path):
    """Write a CSV file with this text and return its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


def test_csv_with_usual_columns(table):
    law = read_rewards(table("reward,group,weight\n1.5,a,1\n-2,b,3\n1e1,a,0\n"), NOTHING, scale=2.0)
    assert law.rewards.tolist() == [3.0, -4.0, 20.0]
    assert law.probs.tolist() == [0.25, 0.75, 0.0]
    assert law.group_names == ("a", "b")
    assert law.max_reward == 3.0


def test_csv_with_named_columns_and_uniform_weights(table):
    path = table("score,x,kind\n1,9,u\n2,9,v\n")
    law = read_rewards(path, Columns(reward="score", group="kind"))
    assert law.rewards.tolist() == [1.0, 2.0]
    assert law.probs.tolist() == [0.5, 0.5]
    assert law.group_names == ("u", "v")
    weighted = read_rewards(path, Columns(reward="score", weight="score"))
    assert weighted.probs.tolist() == [1 / 3, 2 / 3]
    assert weighted.group_names == ()


def test_csv_dialect(table):
    # Byte order mark, quotes with commas and line breaks, spaces, CRLF, blank lines at the end.
    text = '\ufeff reward , group\r\n 1 ,"a, b"\r\n2,"c\nd"\r\n\r\n\r\n'
    law = read_rewards(table(text), NOTHING)
    assert law.rewards.tolist() == [1.0, 2.0]
    assert law.group_names == ("a, b", "c\nd")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv must have a header row; got an empty file"),
        ("reward\n", "t.csv must have at least one row of rewards; got none"),
        (
            "score,b\n1,2\n",
            "t.csv must have a column 'reward' (or name another with --reward-column); "
            "got 'score', 'b'",
        ),
        ("reward,reward\n1,2\n", "t.csv must have one column 'reward'; got 2"),
        (
            "reward,x\n1,2\n1\n",
            "t.csv, row 2 (line 3): a row must have 2 fields, as the header has; got 1",
        ),
        (
            "reward,x\n1,2\n1,2,3\n",
            "t.csv, row 2 (line 3): a row must have 2 fields, as the header has; got 3",
        ),
        (
            "x,reward\n1,2\n1,good\n",
            "t.csv, row 2 (line 3), column 'reward': must be a finite number; got 'good'",
        ),
        (
            "reward\nnan\n",
            "t.csv, row 1 (line 2), column 'reward': must be a finite number; got 'nan'",
        ),
        (
            "reward\n1\n-inf\n",
            "t.csv, row 2 (line 3), column 'reward': must be a finite number; got '-inf'",
        ),
        (
            "reward,x\n,2\n",
            "t.csv, row 1 (line 2), column 'reward': must be a finite number; got ''",
        ),
        (
            "reward,weight\n1,1\n1,-1\n",
            "t.csv, row 2 (line 3), column 'weight': must be a weight of at least 0; got '-1'",
        ),
        (
            "reward,weight\n1,?\n",
            "t.csv, row 1 (line 2), column 'weight': must be a finite number; got '?'",
        ),
        ("reward,weight\n1,0\n", "t.csv: weights must have a positive finite sum; got 0.0"),
        (
            "reward,weight\n1,1e308\n2,1e308\n",
            "t.csv: weights must have a positive finite sum; got inf",
        ),
        ("reward\n1\n\n2\n", "t.csv, line 3: a row must have fields; got a blank line"),
        (
            "reward\n1e300\n1\n",
            "t.csv: rewards must span at most 1e+12; got values from 1 to 1e+300",
        ),
        ('reward\n"1\n', "t.csv, line 2: unexpected end of data"),
    ],
)
def test_bad_csv(table, text, message):
    with pytest.raises(InputError) as caught:
        read_rewards(table(text), NOTHING)
    assert str(caught.value) == message


def test_csv_of_another_encoding(table):
    with pytest.raises(InputError, match=r"t\.csv must be CSV in UTF-8 .*; got"):
        read_rewards(table("reward,group\n1,é\n", "latin-1"), NOTHING)


def test_asked_column_must_be_there(table):
    with pytest.raises(
        InputError, match=r"--group-column must name a column of t\.csv: 'reward', 'x'; got 'kind'"
    ):
        read_rewards(table("reward,x\n1,2\n"), Columns(group="kind"))


@pytest.mark.parametrize("scale", [math.nan, math.inf])
def test_scale_must_be_finite(table, scale):
    with pytest.raises(InputError, match=f"--scale must be a finite number; got {scale}"):
        read_rewards(table("reward\n1\n"), NOTHING, scale)


def test_scale_that_overflows(table):
    with pytest.raises(InputError, match=r"t\.csv: rewards must be finite real numbers; got inf"):
        read_rewards(table("reward\n1e200\n"), NOTHING, 1e200)


def test_npy_plain_and_structured(tmp_path):
    path = tmp_path / "r.npy"
    np.save(path, np.array([1, 2, 4], dtype=np.int32))
    assert read_rewards(str(path), NOTHING).rewards.tolist() == [1.0, 2.0, 4.0]
    records = np.array(
        [(1.0, 7, 1), (2.0, 8, 3)], dtype=[("reward", "f4"), ("group", "i4"), ("n", "i4")]
    )
    np.save(path, records)
    law = read_rewards(str(path), Columns(weight="n"))
    assert law.probs.tolist() == [0.25, 0.75]
    assert law.group_names == (7, 8)


@pytest.mark.parametrize(
    ("array", "columns", "message"),
    [
        (np.zeros((2, 2)), NOTHING, r"r\.npy must hold a one-dimensional array; got \(2, 2\)"),
        (
            np.array([1.0, np.nan]),
            NOTHING,
            r"r\.npy, row 2, column 'reward': must be a finite number; got nan",
        ),
        (
            np.array(["a"]),
            NOTHING,
            r"r\.npy, row 1, column 'reward': must be a finite number; got 'a'",
        ),
        (np.zeros(0), NOTHING, r"r\.npy must have at least one row of rewards; got none"),
        (
            np.zeros(2),
            Columns(group="g"),
            r"--group-column needs named fields; r\.npy is a plain array of rewards",
        ),
    ],
)
def test_bad_npy(tmp_path, array, columns, message):
    path = tmp_path / "r.npy"
    np.save(path, array)
    with pytest.raises(InputError, match=message):
        read_rewards(str(path), columns)


def test_npy_that_is_none(tmp_path):
    path = tmp_path / "r.npy"
    path.write_text("reward\n1\n")
    with pytest.raises(InputError, match=r"r\.npy must be a NumPy array of numbers; got"):
        read_rewards(str(path), NOTHING)
    np.save(path, np.array([{}], dtype=object))
    with pytest.raises(InputError, match=r"r\.npy must be a NumPy array of numbers; got"):
        read_rewards(str(path), NOTHING)


def test_parquet(tmp_path):
    path = tmp_path / "r.parquet"
    parquet.write_table(pyarrow.table({"reward": [1.0, 2.0], "group": ["a", None]}), path)
    law = read_rewards(str(path), NOTHING)
    assert law.rewards.tolist() == [1.0, 2.0]
    assert law.group_names == ("a", None)
    parquet.write_table(pyarrow.table({"reward": [1.0, None]}), path)
    with pytest.raises(
        InputError, match=r"r\.parquet, row 2, column 'reward': must be a finite number; got None"
    ):
        read_rewards(str(path), NOTHING)
    twice = pyarrow.Table.from_arrays([pyarrow.array([1.0])] * 2, names=["reward", "reward"])
    parquet.write_table(twice, path)
    with pytest.raises(InputError, match=r"r\.parquet must have one column 'reward'; got 2"):
        read_rewards(str(path), NOTHING)
    (tmp_path / "d.PARQUET").mkdir()
    with pytest.raises(InputError, match=r"d\.PARQUET must be a Parquet file; got a folder"):
        read_rewards(str(tmp_path / "d.PARQUET"), NOTHING)
    path.write_text("no")
    with pytest.raises(InputError, match=r"r\.parquet must be a Parquet file; got"):
        read_rewards(str(path), NOTHING)


def test_empty_npy(tmp_path):
    (tmp_path / "e.npy").touch()
    with pytest.raises(InputError, match=r"e\.npy must be a NumPy array of numbers; got"):
        read_rewards(str(tmp_path / "e.npy"), NOTHING)


def test_column_of_identifiers_is_no_column_of_groups(table):
    rows = "".join(f"{i},user{i}\n" for i in range(10_001))
    with pytest.raises(InputError, match=r"t\.csv must have at most 10,000 groups; got more"):
        read_rewards(table("reward,group\n" + rows), NOTHING)


def test_long_cells_are_cut_in_messages(table):
    with pytest.raises(InputError) as caught:
        read_rewards(table("reward\n" + "x" * 500 + "\n"), NOTHING)
    assert len(str(caught.value)) < 150


def test_examples():
    law = read_example("digits-confidence", NOTHING)
    assert law.size == 1797  # scikit-learn's digits
    assert sorted(law.group_names) == [str(digit) for digit in range(10)]
    # r = γ max_i q_i(x) with γ = 5, and ten classes
    assert law.rewards.min() >= 0.5
    assert law.rewards.max() <= 5.0
    by_label = read_example("digits-class", Columns(group="digit"))
    assert by_label.group_names == tuple(str(digit) for digit in range(10))


def test_unknown_example():
    with pytest.raises(
        InputError, match="--example must be one of digits-confidence, digits-class; got 'cats'"
    ):
        read_example("cats", NOTHING)


def many_rows(count, bad=None):
    """CSV text of so many rows, every seventh of two lines, one of them replaced; its line."""
    rows = [f'{i / 7!r},{i % 5},"a{i % 3}{chr(10) if i % 7 == 0 else ""}"' for i in range(count)]
    if bad is not None:
        number, text = bad
        rows[number - 1] = text
    text = "reward,weight,group\n" + "\n".join(rows) + "\n"
    return text


@pytest.mark.parametrize("count", [299, 300, 301, 1000])
def test_many_rows_are_read_as_by_the_csv_module(table, count):
    text = many_rows(count)
    law = read_rewards(table(text), NOTHING)
    rows = list(csv.reader(io.StringIO(text)))[1:]
    weights = [float(row[1]) for row in rows]
    assert law.rewards.tolist() == [float(row[0]) for row in rows]
    assert law.probs.tolist() == [weight / sum(weights) for weight in weights]
    assert [law.group_names[i] for i in law.group_index] == [row[2] for row in rows]


@pytest.mark.parametrize("row", [1, 299, 300, 301, 302, 650])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,1,a", ", column 'reward': must be a finite number; got 'x'"),
        ("1_0,1,a", ", column 'reward': must be a finite number; got '1_0'"),
        ("inf,1,a", ", column 'reward': must be a finite number; got 'inf'"),
        ("1,-2,a", ", column 'weight': must be a weight of at least 0; got '-2'"),
        ("1,2", ": a row must have 3 fields, as the header has; got 2"),
    ],
)
def test_a_bad_row_among_many_is_named(table, row, text, message):
    whole = many_rows(700, (row, text))
    # Its line, as a text editor counts: those before it, from the file itself.
    line = whole[: whole.index("\n" + text + "\n") + 1].count("\n") + 1
    with pytest.raises(InputError) as caught:
        read_rewards(table(whole), NOTHING)
    assert str(caught.value) == f"t.csv, row {row} (line {line}){message}"


@pytest.mark.parametrize("rows", [298, 299, 300, 301])
def test_blank_lines_among_many_rows(table, rows):
    text = "reward\n" + "1\n" * rows
    assert read_rewards(table(text + "\n" * 400), NOTHING).size == rows
    with pytest.raises(InputError) as caught:
        read_rewards(table(text + "\n" * 400 + "2\n"), NOTHING)
    message = f"t.csv, line {rows + 2}: a row must have fields; got a blank line"
    assert str(caught.value) == message


def test_the_first_of_two_errors_is_named(table):
    # The reader fails at line 3, but row 1 is looked at first.
    with pytest.raises(InputError, match=r"row 1 \(line 2\), column 'reward'"):
        read_rewards(table('reward\nx\n"1\n'), NOTHING)


def test_columns_of_other_tables_are_taken_at_once_or_one_by_one(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, np.array([1, 2, 3]))
    assert read_rewards(str(path), NOTHING).rewards.tolist() == [1.0, 2.0, 3.0]
    np.save(path, np.array([1.0, math.nan]))
    with pytest.raises(InputError, match=r"t\.npy, row 2, column 'reward': must be a finite"):
        read_rewards(str(path), NOTHING)
    np.save(path, np.array([True, False]))
    with pytest.raises(InputError, match=r"t\.npy, row 1, column 'reward': .*; got True"):
        read_rewards(str(path), NOTHING)
