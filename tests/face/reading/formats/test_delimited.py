"""Delimited text: delimiters, headers, numbers as they are written, and rows that are not right."""

import csv
import io
import random
import struct
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recurate.errors import InputError
from recurate.reading.formats.delimited import DelimitedText, found_delimiter
from recurate.reading.formats.regular import is_regular


def table(text, **options):
    return DelimitedText(text.encode() if isinstance(text, str) else text, "t.csv", **options)


def read(text, columns=None, texts=()):
    source = table(text)
    return source.frame(source.fields if columns is None else columns, texts).rows()


def refusal(text, *arguments):
    with pytest.raises(InputError) as caught:
        read(text, *arguments)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_whatever_ends_the_lines(delimiter, end):
    lines = ["reward,group,note", '1.5,a,"x, y; z\tw"', '2,"b ""q""",', "-3e2,é,n"]
    rows = list(csv.reader(lines))
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(rows)
    expected = [(float(reward), *labels) for reward, *labels in rows[1:]]
    assert read(file.getvalue()) == expected
    assert read(file.getvalue().removesuffix(end)) == expected
    assert read(file.getvalue() + 3 * end) == expected


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a;b\n1,5;2,5\n", ";"),
        ("a,b\n1;2,3;4\n", ","),
        ("a;b,c\n1;2\n3;4\n", ";"),  # each row has two fields with ; and not with a comma
        ('"a;b",c\n1,2\n', ","),
        ("reward\n1\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_what_gives_each_row_as_many_fields_as_the_header(text, delimiter):
    assert found_delimiter(text.encode()) == delimiter


def test_a_row_that_is_cut_off_where_the_first_bytes_end_says_nothing():
    row = "1,2;3;" + "x" * 5_000 + "\n"
    assert found_delimiter(("a;b;c,d\n" + "1;2;3" + "x" * 30_000 + "\n" + row * 9).encode()) == ";"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["1,5", "-2", "0,25", "+3,0e1", ""], [1.5, -2.0, 0.25, 30.0, None]),
        (["1,5", "x", "0,25"], ["1.5", "x", "0.25"]),  # so that x is what is refused
        (["1,5", "2.5"], ["1,5", "2.5"]),
        (["1.234,5", "2"], ["1.234,5", "2"]),
        (["1,234,567"], ["1,234,567"]),
    ],
)
def test_decimal_commas_where_a_comma_is_no_delimiter(written, found):
    rows = read("reward;group\n" + "".join(f"{entry};a\n" for entry in written))
    assert [row[0] for row in rows] == found


def test_decimal_commas_beside_commas_are_refused_with_what_to_type():
    assert refusal("reward,group\n1,5,a\n2,5,b\n") == (
        "t.csv, row 1 (line 2): a row must have 2 fields, as the header has; got 3: if commas are "
        'decimal, let ; stand between fields, or write "1,5" in quotes'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reward,group\n1;a\n", "got 1: it has ';' where the header has ','"),
        ("reward,group\n1,a\n# end\n", "got 1: take comments out with grep -v '^#' t.csv"),
        ("reward,group\n1,a\n2,b,c\n", "got 3: a text with ',' in it must stand in quotes"),
        ("reward;group\n1;a\n2;b;", "got 3: sed 's/;*$//' t.csv > new.csv"),
        ("reward;group\n1;a;\n2;b;\n", "got 3: sed 's/;*$//' t.csv > new.csv"),
        (
            'reward,group\n"1",1.5,"a"\n"2",2,"b"\n',  # R: write.table(x, sep = ",")
            "got 3: is a name missing in the header, as that of the row names that R writes?",
        ),
        ("reward,group\n1,a\n2\n", "got 1"),
    ],
)
@pytest.mark.parametrize("columns", [None, ["reward"]])
def test_a_row_of_another_length_is_named_with_its_cause(text, message, columns):
    assert refusal(text, columns).endswith(f"fields, as the header has; {message}")


def test_one_column_of_numbers_needs_no_header():
    assert table("1.5\n2\n0.25\n").fields == ["reward"]
    assert read("1.5\n2\n0.25\n") == [(1.5,), (2.0,), (0.25,)]
    assert table("1.5\n2\n").place(2) == "t.csv, row 2 (line 2)"
    # What pandas writes over a series without a name is no reward.
    assert table("0\n1.5\n0.25\n").fields == ["0"]
    assert read("0\n1\n1\n") == [(0.0,), (1.0,), (1.0,)]


def test_a_table_without_a_row_of_names_is_refused_with_what_to_type():
    assert refusal("1.5,a\n2,b\n") == (
        "t.csv must have a row of names first; got '1.5', 'a'. If that is a row of the table: "
        "(echo 'reward,group'; cat t.csv) > new.csv"
    )
    # Whole numbers may be names, as pandas gives them.
    assert table("0,1\n1.5,2.5\n").fields == ["0", "1"]


def test_the_row_of_names_that_is_to_be_typed_has_a_name_for_each_field():
    assert "(echo 'group,column2,reward'; cat t.csv) > new.csv" in refusal("q1,a,0.5\nq2,b,1.5\n")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("# by eval.py\n# seed 3\nprompt,reward\nq,1\n", "grep -v '^#' t.csv > new.csv"),
        ("# by eval.py, twice, or so\nprompt,reward\nq,1\n", "grep -v '^#' t.csv > new.csv"),
        ("Run 7\n\nprompt,reward\nq,1\n", "tail -n +3 t.csv > new.csv"),
        ('"Run 7";;\n;;\nmodel;prompt;reward\na;q;1\n', "tail -n +3 t.csv > new.csv"),
    ],
)
def test_lines_before_the_row_of_names_are_named_with_what_to_type(text, command):
    assert refusal(text).startswith("t.csv must have its row of names first; got ")
    assert refusal(text).endswith(f": {command}")


def test_words_with_a_comma_under_numbers_are_no_row_of_names():
    assert refusal("reward\n1.5\nno, none\n").startswith("t.csv, row 2 (line 3): a row must have 1")


def test_a_column_may_be_called_by_the_sign_of_a_number():
    assert table("#,model,reward\n1,a,0.5\n").fields == ["#", "model", "reward"]
    assert table("#model;reward\na;0.5\n").fields == ["#model", "reward"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("reward group\n1.5 a\n2 b\n", "got blanks: tr -s ' ' ',' < t.csv > new.csv"),
        ("1.5 2\n2 3\n", "got blanks: tr -s ' ' ',' < t.csv > new.csv"),
        ("reward|group\n1.5|a b\n2|b\n", "got '|': tr -s '|' ',' < t.csv > new.csv"),
    ],
)
def test_other_delimiters_are_refused_with_what_to_type(text, what):
    assert refusal(text) == (
        f"t.csv must have commas, semicolons or tabs between its fields; {what}"
    )


def test_one_column_may_have_blanks():
    assert read("my reward\n1.5\n2\n") == [(1.5,), (2.0,)]
    assert read("prompt\nhow are you\nwhy\n") == [("how are you",), ("why",)]


def test_the_line_in_which_spreadsheets_name_the_delimiter():
    assert table("sep=;\r\nreward;group\r\n1,5;a\r\n").fields == ["reward", "group"]
    assert read("sep=;\nreward;group\n1,5;a\n") == [(1.5, "a")]
    assert table("sep=,\nreward\n1\n").place(1) == "t.csv, row 1 (line 3)"


def test_a_column_without_a_name_gets_one():
    assert table(",reward,\nm1,2,x\n").fields == ["column 1", "reward", "column 3"]
    assert read(",reward\nm1,2\n") == [("m1", 2.0)]


def test_two_columns_of_one_name_are_refused_where_it_is_asked_for():
    assert refusal("a,a,b\n1,2,3\n", ["a"]) == "t.csv must have one column 'a'; got 2"
    assert read("a,a,b\n1,2,3\n", ["b"]) == [(3.0,)]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        (["1", "2.5", ""], [1.0, 2.5, None]),
        ([" 1 ", "\t2"], [1.0, 2.0]),
        (["True", "false", "TRUE", ""], [True, False, True, None]),
        (["1e400", "1"], ["1e400", "1"]),
        (["-1e400"], ["-1e400"]),
        (["1e-400", "1"], ["1e-400", "1"]),
        (["0", "-0.0", "0e5", ".0", "1e-300"], [0.0, 0.0, 0.0, 0.0, 1e-300]),
        (["nan", "1"], ["nan", "1"]),
        (["inf"], ["inf"]),
        (["1_0"], ["1_0"]),
        (["0x1"], ["0x1"]),
        (["92e30356"], ["92e30356"]),
        (["true", "1"], ["true", "1"]),
        (["", ""], ["", ""]),
        (["1", "x"], ["1", "x"]),
        (["1\x00"], ["1\x00"]),
    ],
)
def test_a_column_has_a_type_only_if_all_its_entries_have(entries, found):
    for other in ("z", "1"):  # beside text, and where all columns are numbers
        text = "a,b\n" + "".join(f"{entry},{other}\n" for entry in entries)
        assert [row[0] for row in read(text)] == found
        assert [row[0] for row in read(text, ["a"])] == found


def test_text_comes_as_it_is_written():
    text = "reward,prompt\n1,007\n2,92e30356\n3, x \n4,\n5,true\n"
    assert [row[1] for row in read(text, texts=["prompt"])] == [
        "007",
        "92e30356",
        " x ",
        "",
        "true",
    ]


def test_numbers_are_the_nearest_doubles():
    # Python's float is correctly rounded; so are halves between two doubles, where parsers err.
    random_ = random.Random(1)
    written = []
    for _ in range(3_000):
        (number,) = struct.unpack("<d", random_.getrandbits(64).to_bytes(8, "little"))
        written += [repr(number), f"{random_.gauss(0, 1):.{random_.randrange(1, 25)}f}"]
        one = random_.random()
        half = Decimal(one) + Decimal(2) ** -54
        written += [format(half, "f"), f"{half:f}1", format(half - Decimal(10) ** -60, "f")]
    written = [text for text in written if abs(float(text)) < float("inf")]
    found = [row[0] for row in read("reward\n" + "\n".join(written) + "\n")]
    assert found == [float(text) for text in written]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\n1\n\n2\n", "t.csv, line 3: a row must have fields; got a blank line"),
        ("a\r\n1\r\n\r\n2\r\n", "t.csv, line 3: a row must have fields; got a blank line"),
        ("a,b\n1,2\n\n3,4\n", "t.csv, line 3: a row must have fields; got a blank line"),
        ("\na\n1\n", "t.csv, line 1: a row must have fields; got a blank line"),
        (
            'a\n"1\n',
            "t.csv, line 2: a quote is opened in the row that begins here, and never closed",
        ),
        (
            'a,b\n1,"x"y\n',
            "t.csv, line 2: quotes must stand around a whole field, and be doubled inside one",
        ),
        (
            '"prompt" "reward"\n"1" "q" 0.5\n',  # R: write.table(x)
            "t.csv must have commas, semicolons or tabs between its fields; got blanks: in R, "
            "write.csv(x, 'new.csv', row.names = FALSE)",
        ),
        ("\n\n", "t.csv must have a header row; got an empty file"),
    ],
)
def test_rows_that_are_none_are_named(text, message):
    assert refusal(text) == message


def test_lines_are_those_of_the_file_also_after_fields_of_several():
    source = table('a,b\n1,"x\n\ny"\n2,z\n3,w\n', lines_before=10)
    assert [source.place(row) for row in (1, 2, 3)] == [
        "t.csv, row 1 (line 12)",
        "t.csv, row 2 (line 15)",
        "t.csv, row 3 (line 16)",
    ]
    assert refusal('"a\nb",c\n1,"x\ny"\n2\n').startswith("t.csv, row 2 (line 5): ")


def walked(text, columns, texts):
    """What the csv module reads, or why it is refused: row by row, without polars' parser."""
    source = table(text)
    source._parsed = lambda wanted, numbers: None
    return source.frame(columns, texts).rows()


def outcome(reader, *arguments):
    try:
        return reader(*arguments)
    except InputError as error:
        return str(error)


_CELLS = st.text(st.sampled_from(',;"\n\r\t 1.ae-é\x00'), max_size=5)


@st.composite
def texts_of_tables(draw):
    """Text that is nearly a table: quoted as it must be or not, rows of any length, any ends."""
    size = draw(st.integers(1, 3))
    names = ["reward", "group", "note"][:size]
    plain = st.sampled_from(["1", "2.5", "", "a", "x y", "-1e3"])
    cells = draw(st.sampled_from([plain, _CELLS]))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator=draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))
    writer.writerow(names)
    for _ in range(draw(st.integers(0, 5))):
        odd = draw(st.integers(0, 9)) == 9
        writer.writerow([draw(cells) for _ in range(draw(st.integers(0, 4)) if odd else size)])
    text = file.getvalue()
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(_CELLS) + text[at + draw(st.integers(0, 2)) :]
    return text


@given(texts_of_tables(), st.booleans())
@example("reward,group\n1,a\n2,b,c\n", True)
@example('reward,group\n1,"a\r\n"\n', False)
@example('reward\n""\n', False)
@example("reward,group\n1,a\r2,b\n", False)
def test_polars_and_the_csv_module_read_the_same_or_refuse_the_same(text, only_first):
    first = outcome(lambda: table(text).fields)
    if isinstance(first, str) or len(set(first)) < len(first):
        return
    columns = first[:1] if only_first else first
    assert outcome(read, text, columns, columns[1:]) == outcome(walked, text, columns, columns[1:])


@given(texts_of_tables())
@example('a,b\n"x",1\n')
@example('a,b\nx"y,1\n')
def test_what_is_regular_has_the_rows_of_the_csv_module(text):
    data = text.rstrip("\r\n").encode()
    fields = len(next(csv.reader(io.StringIO(text, newline="")), [""]))
    if fields and is_regular(data, ",", fields):
        reader = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
        assert {len(row) for row in reader} <= {fields}


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n1,5" x\n2,6" y\n',  # two rows, as one by the quotes alone
        'a,b\n1,x"y"\n',
        'a,b\n1,"x"y\n',
        'a,b\n1, "x"\n',
        'a,b\n1,"x""y""z"w"\n',
        'a,b\n1,"x\n',
        'a,b\n1,""x"\n',
    ],
)
def test_quotes_that_stand_elsewhere_than_at_the_ends_of_a_field_are_not_regular(text):
    assert not is_regular(text.encode(), ",", 2)
    assert is_regular(text.replace('"', "").replace("\n2,6 y", "").encode(), ",", 2)


def test_regular_text_is_known_as_such_across_pieces():
    # A quoted field and an odd row, wherever the pieces of 2**18 bytes end.
    for width in range(2**18 - 6, 2**18 + 6):
        text = b"a,b\n" + b"x" * (width - 4) + b',"1,2\n""3"\n4,5\n'
        assert is_regular(text, ",", 2)
        assert not is_regular(text + b"6", ",", 2)
        assert not is_regular(text.replace(b'""3"', b'"3"'), ",", 2)
