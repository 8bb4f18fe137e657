"""Reading tables of rewards: what is read, and errors that name the row and column."""

import csv
import io
import math
import os

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from recurate.errors import InputError
from recurate.reading.asked import Asked
from recurate.reading.tables import read_example, read_rewards

NOTHING = Asked()


@pytest.fixture
def table(tmp_path):
    """Write a CSV file with this text and return its path."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "t.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


def test_csv_with_usual_columns(table):
    law = read_rewards(
        table("reward,group,weight\n1.5,a,1\n-2,b,3\n1e1,a,0\n"), Asked(scale=2.0)
    ).law
    assert law.rewards.tolist() == [3.0, -4.0, 20.0]
    assert law.probs.tolist() == [0.25, 0.75, 0.0]
    assert law.group_names == ("a", "b")
    assert law.max_reward == 3.0


def test_csv_with_named_columns_and_uniform_weights(table):
    path = table("score,x,kind\n1,9,u\n2,9,v\n")
    law = read_rewards(path, Asked(reward=("score",), group="kind")).law
    assert law.rewards.tolist() == [1.0, 2.0]
    assert law.probs.tolist() == [0.5, 0.5]
    assert law.group_names == ("u", "v")
    weighted = read_rewards(path, Asked(reward=("score",), weight="score")).law
    assert weighted.probs.tolist() == [1 / 3, 2 / 3]
    assert weighted.group_names == ()


def test_csv_dialect(table):
    # Byte order mark, quotes with commas and line breaks, spaces, CRLF, blank lines at the end.
    text = '\ufeff reward , group\r\n 1 ,"a, b"\r\n2,"c\nd"\r\n\r\n\r\n'
    law = read_rewards(table(text), NOTHING).law
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
            "got 'score', 'b'; try --reward-column 'score'",
        ),
        ("reward,reward\n1,2\n", "t.csv must have one column 'reward'; got 2"),
        (
            "reward,x\n1,2\n1\n",
            "t.csv, row 2 (line 3): a row must have 2 fields, as the header has; got 1",
        ),
        (
            "reward,x\n1,2\n1,2,3\n",
            "t.csv, row 2 (line 3): a row must have 2 fields, as the header has; got 3: "
            "a text with ',' in it must stand in quotes",
        ),
        (
            "x,reward\n1,2\n1,good\n",
            "t.csv, row 2 (line 3), column 'reward': must be a finite number; got 'good'",
        ),
        (
            "reward\nnan\n",
            "t.csv, row 1 (line 2), column 'reward': must be a finite number; got 'nan'"
            "; --missing drop leaves such rows out",
        ),
        (
            "reward\n1\n-inf\n",
            "t.csv, row 2 (line 3), column 'reward': must be a finite number; got '-inf'; "
            "if such a reward stands for none, --sentinel -inf leaves it out",
        ),
        (
            "reward,x\n,2\n",
            "t.csv, row 1 (line 2), column 'reward': must be a finite number; got ''"
            "; --missing drop leaves such rows out",
        ),
        (
            "reward,weight\n1,1\n1,-1\n",
            "t.csv, row 2 (line 3), column 'weight': must be a weight of at least 0; got '-1'",
        ),
        (
            "reward,weight\n1,?\n",
            "t.csv, row 1 (line 2), column 'weight': must be a finite number; got '?'; "
            "--missing drop leaves such rows out",
        ),
        ("reward,weight\n1,0\n", "t.csv: weights must have a positive finite sum; got 0.0"),
        (
            "reward,weight\n1,1e308\n2,1e308\n",
            "t.csv, row 2 (line 3): weights must have a positive finite sum; got inf so far",
        ),
        ("reward\n1\n\n2\n", "t.csv, line 3: a row must have fields; got a blank line"),
        (
            "reward\n1e300\n1\n",
            "t.csv: rewards must span at most 1e+12; got values from 1 to 1e+300",
        ),
        (
            'reward\n"1\n',
            "t.csv, line 2: a quote is opened in the row that begins here, and never closed",
        ),
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
        read_rewards(table("reward,x\n1,2\n"), Asked(group="kind"))


@pytest.mark.parametrize("scale", [math.nan, math.inf])
def test_scale_must_be_finite(table, scale):
    with pytest.raises(InputError, match=f"--scale must be a finite number; got {scale}"):
        read_rewards(table("reward\n1\n"), Asked(scale=scale))


def test_scale_that_overflows(table):
    with pytest.raises(
        InputError, match=r"t\.csv, row 1 \(line 2\): rewards times --scale must be .* 1e\+200"
    ):
        read_rewards(table("reward\n1e200\n"), Asked(scale=1e200))


def test_npy_plain_and_structured(tmp_path):
    path = tmp_path / "r.npy"
    np.save(path, np.array([1, 2, 4], dtype=np.int32))
    assert read_rewards(str(path), NOTHING).law.rewards.tolist() == [1.0, 2.0, 4.0]
    records = np.array(
        [(1.0, 7, 1), (2.0, 8, 3)], dtype=[("reward", "f4"), ("group", "i4"), ("n", "i4")]
    )
    np.save(path, records)
    law = read_rewards(str(path), Asked(weight="n")).law
    assert law.probs.tolist() == [0.25, 0.75]
    assert law.group_names == (7, 8)


@pytest.mark.parametrize(
    ("array", "columns", "message"),
    [
        (
            np.zeros((2, 2, 2)),
            NOTHING,
            r"r\.npy must hold arrays of one dimension, or two, .*; got \(2, 2, 2\)",
        ),
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
            Asked(group="g"),
            r"--group-column must name a column of r\.npy: 'reward'; got 'g'",
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
    parquet.write_table(pyarrow.table({"reward": [1.0, 2.0], "group": ["a", "b"]}), path)
    law = read_rewards(str(path), NOTHING).law
    assert law.rewards.tolist() == [1.0, 2.0]
    assert law.group_names == ("a", "b")
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
    law = read_example("digits-confidence", NOTHING).law
    assert law.size == 1797  # scikit-learn's digits
    assert sorted(law.group_names) == [str(digit) for digit in range(10)]
    # r = γ max_i q_i(x) with γ = 5, and ten classes
    assert law.rewards.min() >= 0.5
    assert law.rewards.max() <= 5.0
    by_label = read_example("digits-class", Asked(group="digit")).law
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
    law = read_rewards(table(text), NOTHING).law
    rows = list(csv.reader(io.StringIO(text)))[1:]
    weights = [float(row[1]) for row in rows]
    assert law.rewards.tolist() == [float(row[0]) for row in rows]
    assert law.probs.tolist() == [weight / sum(weights) for weight in weights]
    assert [law.group_names[i] for i in law.group_index] == [row[2].strip() for row in rows]


@pytest.mark.parametrize("row", [1, 299, 300, 301, 302, 650])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,1,a", ", column 'reward': must be a finite number; got 'x'"),
        ("1_0,1,a", ", column 'reward': must be a finite number; got '1_0'"),
        (
            "inf,1,a",
            ", column 'reward': must be a finite number; got 'inf'; if such a reward stands for "
            "none, --sentinel inf leaves it out",
        ),
        ("1,-2,a", ", column 'weight': must be a weight of at least 0; got '-2'"),
        ("1,2", ": a row must have 3 fields, as the header has; got 2"),
    ],
)
def test_a_bad_row_among_many_is_named(table, row, text, message):
    whole = many_rows(700, (row, text))
    if (row, text) == (1, "x,1,a"):
        message += "; if it is of a second row of names, take that out"
    # Its line, as a text editor counts: those before it, from the file itself.
    line = whole[: whole.index("\n" + text + "\n") + 1].count("\n") + 1
    with pytest.raises(InputError) as caught:
        read_rewards(table(whole), NOTHING)
    assert str(caught.value) == f"t.csv, row {row} (line {line}){message}"


@pytest.mark.parametrize("rows", [298, 299, 300, 301])
def test_blank_lines_among_many_rows(table, rows):
    text = "reward\n" + "1\n" * rows
    assert read_rewards(table(text + "\n" * 400), NOTHING).law.size == rows
    with pytest.raises(InputError) as caught:
        read_rewards(table(text + "\n" * 400 + "2\n"), NOTHING)
    message = f"t.csv, line {rows + 2}: a row must have fields; got a blank line"
    assert str(caught.value) == message


def test_the_rows_are_looked_at_before_their_values(table):
    with pytest.raises(InputError, match=r"^t\.csv, line 3: a quote is opened"):
        read_rewards(table('reward\nx\n"1\n'), NOTHING)
    with pytest.raises(InputError, match=r"row 1 \(line 2\), column 'reward'"):
        read_rewards(table("reward\nx\ny\n"), NOTHING)


def test_columns_of_other_tables_are_taken_at_once_or_one_by_one(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, np.array([1, 2, 3]))
    assert read_rewards(str(path), NOTHING).law.rewards.tolist() == [1.0, 2.0, 3.0]
    np.save(path, np.array([1.0, math.nan]))
    with pytest.raises(InputError, match=r"t\.npy, row 2, column 'reward': must be a finite"):
        read_rewards(str(path), NOTHING)
    np.save(path, np.array([True, False]))
    assert read_rewards(str(path), NOTHING).law.rewards.tolist() == [1.0, 0.0]


def notes_of(path, columns=NOTHING):
    """Return the names of the groups of a table, and what is said about them."""
    notes = []
    return read_rewards(str(path), columns, on_note=notes.append).law.group_names, notes


@pytest.mark.parametrize("rows", [1, 400])  # of which some hundred are read at once
def test_outer_blanks_of_labels_are_taken_off_and_that_is_said_once(table, rows):
    path = table("reward,group\n" + "1,a\n2, a\n3,a \n4,\xa0a b\n" * rows)
    names, (note,) = notes_of(path)
    assert names == ("a", "a b")
    assert note.startswith("t.csv: blanks around group labels were taken off: ")
    assert all(label in note for label in ("' a'", "'a '", r"'\xa0a b'"))
    assert notes_of(table("reward,group\n1,a\n2,b\n3,b\n")) == (("a", "b"), [])


def saved(path, labels, kind):
    """Write a table with these labels as .npy or .parquet and return its path."""
    if kind == "parquet":
        columns = {"reward": [float(i) for i in range(len(labels))], "group": labels}
        parquet.write_table(pyarrow.table(columns), path / "t.parquet")
        return path / "t.parquet"
    rows = [(i, label) for i, label in enumerate(labels)]
    np.save(path / "t.npy", np.array(rows, dtype=[("reward", "f8"), ("group", kind)]))
    return path / "t.npy"


@pytest.mark.parametrize(
    ("kind", "labels", "names"),
    [
        ("U2", ["a", " a", "b"], ("a", "b")),
        ("S2", [b"a", b" a", "é".encode()], ("a", "é")),
        ("i8", [3, 1, 3], (3, 1)),
        ("?", [True, False, True], (True, False)),
        ("parquet", ["a", " a", "b"], ("a", "b")),
        ("parquet", [b"a", b"b ", b"a"], ("a", "b")),
        ("parquet", [3, 1, 3], (3, 1)),
    ],
)
def test_labels_of_other_tables(tmp_path, kind, labels, names):
    assert notes_of(saved(tmp_path, labels, kind))[0] == names


@pytest.mark.parametrize(
    ("kind", "labels", "message"),
    [
        ("U2", ["a", "", "b"], "row 2, column 'group': must be a label; got '', which is missing"),
        ("f8", [1.0, 2.0, math.nan], "row 3, column 'group': must be a label; got nan, which is"),
        ("S2", [b"a", b"\xff", b"b"], r"row 2, column 'group': .*b'\\xff', bytes that are not"),
        ("parquet", ["a", None], "row 2, column 'group': must be a label; got None, which is"),
        ("parquet", ["a", "  "], "row 2, column 'group': must be a label; got '  ', which is"),
        ("parquet", [[1], [2]], r"row 1, column 'group': must be a label; got \[1\]"),
    ],
)
def test_missing_labels_are_named(tmp_path, kind, labels, message):
    with pytest.raises(InputError, match=message):
        notes_of(saved(tmp_path, labels, kind))


@pytest.mark.parametrize("rows", [3, 400])
def test_an_empty_label_of_csv_is_named_with_its_line(table, rows):
    text = "reward,group\n" + "1,a\n" * rows + "1, \n"
    with pytest.raises(InputError) as caught:
        read_rewards(table(text), NOTHING)
    place = f"t.csv, row {rows + 1} (line {rows + 2}), column 'group'"
    message = f"{place}: must be a label; got ' ', which is missing"
    assert str(caught.value) == f"{message}; --missing drop leaves such rows out"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "reward\n1e400\n",
            "row 1 (line 2), column 'reward': must be a finite number; got '1e400'",
        ),
        (
            "reward,weight\n1,0\n2,0e5\n1,-0.0\n1,1e-400\n",
            "row 4 (line 5), column 'weight': a weight must be 0 or a number from 1e-308 on; "
            "got '1e-400'",
        ),
        (
            "reward,weight\n1,1e-300\n2,1e10\n3,0\n",
            "row 1 (line 2): weights must be 0 or lie at most a factor of 1e+300 apart; "
            "got 1e-300, and 1e+10 in row 2 (line 3)",
        ),
    ],
)
def test_numbers_that_a_double_does_not_hold_are_named(table, text, message):
    with pytest.raises(InputError) as caught:
        read_rewards(table(text), NOTHING)
    assert str(caught.value) == f"t.csv, {message}"


def test_weights_as_far_apart_as_is_allowed_keep_every_row(table):
    law = read_rewards(table("reward,weight\n1,1e-300\n2,1\n3,0\n"), NOTHING).law
    assert law.probs.tolist() == [1e-300, 1.0, 0.0]
    law = read_rewards(table("reward,weight\n" + "1,0\n2,1\n" * 200), NOTHING).law
    assert np.flatnonzero(law.probs).tolist() == list(range(1, 400, 2))


def test_a_field_may_be_long_and_the_csv_module_keeps_its_own_limit(table):
    limit = csv.field_size_limit()
    law = read_rewards(table(f'reward,group\n1,a\n2,"{"b" * 200_000}"\n'), NOTHING).law
    assert len(law.group_names[1]) == 200_000
    with pytest.raises(InputError):
        read_rewards(table(f"reward\n{'1' * 200_000}x\n"), NOTHING)
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    "table_of",
    [
        lambda many: ",".join(f"column {i}" for i in range(many)) + "\n1\n",
        lambda many: "x" * many + "\n1\n",
        lambda many: "[" + ", ".join(f'{{"a": {i}}}' for i in range(many)) + "]",
        lambda many: "\x00" * many,
        lambda many: "reward\n1" + ",2" * many + "\n",
        lambda many: 'reward\n"' + "\x1b" * many + '"\n',
        lambda many: f"reward\n{'9' * many}\n",
        lambda many: "reward,group\n" + "".join(f"1,{i}\n" for i in range(many)),
        lambda many: "reward" + ",reward" * many,
    ],
)
@pytest.mark.parametrize("columns", [NOTHING, Asked(("y" * 300,), "\x1b[31m")])
def test_messages_are_short_whatever_the_file(table, table_of, columns):
    with pytest.raises(InputError) as caught:
        read_rewards(table(table_of(20_000)), columns)
    assert len(str(caught.value)) < 800
    assert str(caught.value).isprintable()


def test_the_first_of_many_columns_are_named(table):
    with pytest.raises(InputError) as caught:
        read_rewards(table(",".join(f"c{i}" for i in range(420)) + "\n"), NOTHING)
    assert str(caught.value).endswith(
        "; got 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', ... and 412 more"
    )


def test_a_header_without_an_end_is_not_read_to_the_end(monkeypatch):
    monkeypatch.setattr("recurate.reading.formats.content.LONGEST_LINE", 1000)
    with pytest.raises(InputError, match="less than 1,000 characters; got more, beginning with"):
        read_rewards("/dev/zero", NOTHING)


NPY = b"\x93NUMPY\x01\x00"


def npy(header, content=b""):
    """Return a .npy file with this header."""
    text = header.encode("latin1")
    return NPY + len(text).to_bytes(2, "little") + text + content


def described(kind, shape):
    return f"{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 this is no archive",
        NPY,
        NPY[:6] + b"\x09\x00",
        npy(described("'<f8'", "(1000000000000,)")),
        npy(described("'<f8'", "(10**12,)")),
        npy(described("'<f8'", "(99999999999999999999999,)")),
        npy(described("'<f8'", "(-1,)"), b"x" * 16),
        npy(described("'|S0'", "(1000000000000,)")),
        npy(described("'|V2147483647'", "(2147483647,)")),
        npy(described("[('reward', '<f8', (1000000000,))]", "(1,)")),
        npy(described("'|O'", "(1,)"), b"x"),
        npy("{'descr': ("),
        npy("(" * 3000),
        npy("-" * 60000 + "1"),
        npy('"""'),
        npy("{'descr': '<f8'}"),
        npy("\x00"),
        npy("x\n  y\n z"),
        npy(described("'<c16'", "(1,)"), b"x" * 16),
        npy(described("'<M8[s]'", "(1,)"), b"x" * 8),
        npy(described("'<U1'", "(1,)"), b"\xff" * 4),
    ],
)
def test_any_npy_that_is_none_is_refused_in_words(tmp_path, content):
    (tmp_path / "t.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"^t\.npy") as caught:
        read_rewards(str(tmp_path / "t.npy"), NOTHING)
    assert len(str(caught.value)) <= 2000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_parquet_is_not_read_from_a_pipe(tmp_path):
    path = tmp_path / "t.parquet"
    os.mkfifo(path)
    with pytest.raises(
        InputError, match=r"^t\.parquet must be a Parquet file; got a device or a p"
    ):
        read_rewards(str(path), NOTHING)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="Linux has it")
def test_a_file_that_cannot_be_read_is_named():
    with pytest.raises(InputError, match=r"^mem cannot be read: .*Input/output error"):
        read_rewards("/proc/self/mem", NOTHING)


def test_damaged_parquet_is_named(tmp_path):
    path = tmp_path / "t.parquet"
    parquet.write_table(pyarrow.table({"reward": [1.0, 2.0]}), path)
    content = bytearray(path.read_bytes())
    for place in range(len(content) - 40, len(content) - 8):  # what describes the table
        content[place] = 255
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^t\.parquet "):
        read_rewards(str(path), NOTHING)


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("a,MT-bench (score)", "; try --reward-column 'MT-bench (score)'"),
        ("reward_model,reward_score", "; try --reward-column 'reward_score'"),
        ("doc_id,exact_match", "; try --reward-column 'exact_match'"),
        ("task,speed-up ratio", "; try --reward-column 'speed-up ratio'"),
        ("q,score_0,score_1", "; try --candidate-columns 'score_*'"),
        ("score_A,score_B,score_ratio", "; try --candidate-columns 'score_?'"),
        ("model,rating.user_id,rating.value", "; try --reward-column 'rating.value'"),
        ("model,bt_logit", "; try --reward-column 'bt_logit'"),
        ("model,pass@1", "; try --reward-column 'pass@1'"),
        ("problem,solve_rate", "; try --reward-column 'solve_rate'"),
        (
            "rating_annotator_1,rating_annotator_2",
            "; try --reward-column 'rating_annotator_1', and again for each other rater's",
        ),
        ("problem,speedup", "; try --reward-column 'speedup'"),
        ("review_id,stars", "; try --reward-column 'stars'"),
        ("prompt_id,rank", "; if 1 is the best, try --reward-column 'rank' --scale -1"),
        ("q,reward a,reward b", "; try --candidate-columns 'reward *'"),
        ("scored,underscores", ""),
    ],
)
def test_a_column_that_may_be_of_rewards_is_proposed(table, header, hint):
    row = ",".join("1" for _ in header.split(","))
    with pytest.raises(InputError) as caught:
        read_rewards(table(f"{header}\n{row}\n"), NOTHING)
    assert str(caught.value).partition("; got ")[2] == (
        ", ".join(repr(name) for name in header.split(",")) + hint
    )


def test_a_record_is_not_proposed_as_rewards(written):
    text = '[{"preferences": [{"n": 1}], "preference_strength": 2}]'
    with pytest.raises(InputError, match=r"; try --reward-column 'preference_strength'$"):
        read_rewards(written(text, "t.json"), NOTHING)
