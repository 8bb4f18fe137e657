"""Tables in JSON: their columns and types, and errors with their place."""

import json

import numpy as np
import pandas as pd
import pytest

from recurate.errors import InputError
from recurate.reading.asked import Asked
from recurate.reading.formats.json_tables import JsonSource
from recurate.reading.tables import read_rewards


def frame_of(text, name="t.json"):
    source = JsonSource(name, text)
    frame = source.frame(source.fields)
    return {field: frame[field].to_list() for field in source.fields}, frame.dtypes


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('[{"a": 1}, {"a": 2.5, "b": true}]', {"a": [1.0, 2.5], "b": [None, True]}),
        ('[{"a": 1}, {"a": "x"}, {"a": null}]', {"a": ["1", "x", None]}),
        ('[{"a": true}, {"a": 0.5}]', {"a": [1.0, 0.5]}),
        ('[{"a": 18446744073709551616}, {"a": 1}]', {"a": [2.0**64, 1.0]}),
        ('{"a": "007"}\n\n{"a": "7"}\n', {"a": ["007", "7"]}),
        ('{"a": 1}{"a": 2}', {"a": [1, 2]}),
        ('{"a": 1}', {"a": [1]}),
        ("[1.5, true, null]", {"reward": [1.5, 1.0, None]}),
        ("[[1, 2], [3]]", {"reward": [[1, 2], [3]]}),
        ('{"p": [1, 2], "q": [3]}', {"key": ["p", "q"], "reward": [[1, 2], [3]]}),
        ('[{"a": [1, "x", null]}, {"a": []}]', {"a": [["1", "x", None], []]}),
        ('[{"a": [1]}, {"a": 2}]', {"a": ["[1]", "2"]}),
        ('{"p": {"reward": 1}, "q": {}, "r": null}', {"key": [*"pqr"], "reward": [1, None, None]}),
        ('{"p": [{"key": 5}]}', {"_key": ["p"], "key": [5]}),
        (
            '{"model": "m", "results": [{"reward": 1}, {"reward": 2, "model": "n"}]}',
            {"model": ["m", "n"], "reward": [1, 2]},
        ),
        ('{"data": [{"reward": 1}, {"reward": 2}]}', {"key": ["data"] * 2, "reward": [1, 2]}),
    ],
)
def test_json_has_columns_with_one_type_each(text, columns):
    assert frame_of(text)[0] == columns
    assert frame_of(text.encode())[0] == columns


def test_labels_of_several_kinds_are_text_as_it_is_written(read):
    assert read('[{"reward": 1, "group": 1}, {"reward": 2, "group": 2.5}]', "t.json")[
        0
    ].group_names == ("1", "2.5")
    assert read('[{"reward": 1, "group": 1}, {"reward": 2, "group": 7}]', "t.json")[
        0
    ].group_names == (1, 7)


def test_numbers_are_read_to_the_last_bit():
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 2**53 + 1, -0.0, 123456789.123456789]
    (read,) = frame_of(json.dumps([{"a": number} for number in numbers]))[0].values()
    assert read == [float(number) for number in numbers]


def test_levels_of_keys_are_columns_and_empty_ones_are_absent():
    text = '{"m": {"p": [{"reward": 1}, {"reward": 2}], "q": []}, "n": {"p": {"reward": 3}}}'
    source = JsonSource("t.json", text)
    frame = source.frame(source.fields)
    assert frame["key"].to_list() == ["m", "m", "m", "n"]
    assert frame["key_2"].to_list() == ["p", "p", "q", "p"]
    assert frame["reward"].to_list() == [1, 2, None, 3]
    assert source.absent == [2]
    assert source.place(2) == "t.json, row 2 ('m'/'p', record 2)"


def test_fields_of_records_in_lists_of_records_are_columns_at_any_depth():
    text = '[{"answers": [{"by": {"judge": {"score": "3"}}}, {"by": {}}, {"by": null}]}]'
    source = JsonSource("t.json", text)
    assert source.fields[-1] == "answers.by.judge.score"
    assert source.frame(["answers.by.judge.score"]).to_series().to_list() == [["3", None, None]]


def test_the_line_of_a_record_is_named_past_blank_ones():
    source = JsonSource("t.jsonl", '{"a": 1}\n\n  \n{"a": "x"}\n')
    assert source.place(2) == "t.jsonl, row 2 (line 4)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" \n", "t.json must have at least one record; got none"),
        ("[]", "t.json must have at least one record; got none"),
        ("[{}, {}]", "t.json must have at least one record; got none"),
        ("3", "t.json must be an array or object of records; got 3"),
        ('["a"]', "t.json, row 1: must be a record, as {\"reward\": 1.5}; got 'a'"),
        ('[{"a": 1}, 2]', 't.json, row 2: must be a record, as {"reward": 1.5}; got 2'),
        ('[{"a": 1},', "t.json, line 1, column 11: must be JSON; the parser says: Expecting value"),
        ('{"a": 1}\n{"a": ', "t.json, line 2, column 7: must be JSON; the parser says: Expec"),
        ("{'a': 1}", "t.json, line 1, column 2: must be JSON; the parser says: .*double quotes"),
        ('{"a": 1},\n{"a": 2}', "t.json, line 1, column 9: must be JSON; the parser says: Extra"),
        ('[{"a": 1},]', "line 1, column 11: .*; JSON has no comma there$"),
        ('{"a": 1},\n{"a": 2}', "line 1, column 9: .*; JSON has no comma there$"),
        ("[{'a': 1}]", r'if Python wrote it: python -c "import ast, .*\'t.json\'.*" > new.json$'),
        ('{"a": 1}\n{"a', "t.json, line 2, column 2: .*; the file may be cut off$"),
        ('[{"a": 1} {"a": 2}]', "Expecting ',' delimiter$"),
        ("[" * 100_000, "t.json must be records in JSON; got deeper ones"),
        ('[{"a\\ud800": 1}]', r"t.json must be text in Unicode; got half a character, '\\ud800'"),
        ('[{"a": "\\ud800"}]', r"t.json must be text in Unicode; got half a character, '\\ud800'"),
    ],
)
def test_what_is_no_table_in_json_is_named_with_its_place(text, message):
    with pytest.raises(InputError, match=message):
        frame_of(text)
    with pytest.raises(InputError, match=message):
        frame_of(text.encode())


def test_errors_about_long_json_are_short():
    many = json.dumps([[{"a": i} for i in range(1000)], {"b" * 1000: "c" * 1000}, "d" * 1000])
    with pytest.raises(InputError) as caught:
        frame_of(many)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("orientation", ["records", "columns", "index", "split", "table", "lines"])
def test_what_pandas_writes_is_read_to_the_last_bit(tmp_path, orientation):
    rng = np.random.default_rng(18)
    frame = pd.DataFrame(
        {
            "reward": rng.normal(size=30) * 10.0 ** rng.integers(-9, 9, size=30),
            "group": rng.choice(["a", "b b", "é", "007"], size=30),
            "ok": rng.random(30) < 0.5,
            "length": np.where(rng.random(30) < 0.3, np.nan, rng.integers(0, 99, size=30)),
        }
    )
    frame = frame.set_index(np.arange(60, 90) * 7 % 1000)  # as of rows that were picked
    path = tmp_path / "t.json"
    how = (
        {"orient": "records", "lines": True} if orientation == "lines" else {"orient": orientation}
    )
    if orientation == "table":
        frame = frame.reset_index(drop=True)
    frame.to_json(path, double_precision=15, **how)
    law = read_rewards(str(path), Asked(follow=("ok", "length"))).law
    expected = pd.read_json(path, precise_float=True, **how)
    assert law.rewards.tolist() == expected["reward"].tolist()
    assert [law.group_names[i] for i in law.group_index] == frame["group"].tolist()
    np.testing.assert_array_equal(law.scores["ok"], frame["ok"])
    np.testing.assert_array_equal(law.scores["length"], frame["length"])


def test_not_a_number_and_infinity_are_read_as_python_writes_them(read):
    text = json.dumps([{"reward": 1.5}, {"reward": float("nan")}, {"reward": 2.0}])
    law, said = read(text, "t.json", missing="drop")
    assert law.rewards.tolist() == [1.5, 2.0]
    assert said[0] == "1 of 3 rows is left out: column 'reward' has no value"
    with pytest.raises(InputError, match=r"row 2, column 'reward': must be a finite .*; got nan"):
        read(text, "t.json")
    with pytest.raises(InputError, match=r"row 1, column 'reward': must be a finite .*; got -inf"):
        read('[{"reward": -Infinity}]', "t.json")


TABLE = {"prompt": ["a", "b", "b"], "reward": [1.0, 2.0, 4.0]}
ROWS = [list(row) for row in zip(*TABLE.values(), strict=True)]


@pytest.mark.parametrize(
    "values",
    [
        [list(TABLE), *ROWS],  # as a sheet of Google's
        {"range": "A1:B4", "values": [list(TABLE), *([p, str(r)] for p, r in ROWS)]},  # its API
        {"data": TABLE},
        {
            "name": "run 7",
            "seeds": [1, 2],
            "results": [{"prompt": p, "reward": r} for p, r in ROWS],
        },
    ],
)
def test_what_stands_around_a_table_is_taken_off(read, values):
    law, _ = read(json.dumps(values), "t.json", prompts=("prompt",))
    assert law.rewards.tolist() == [1.0, 2.0, 4.0]
    assert law.prompt_names == ("a", "b")


def test_lists_of_one_record_each_are_records(read):
    # As Label Studio exports annotations, each with its list of results.
    text = (
        '[{"data": {"model": "a"}, "annotations": [{"result": [{"value": {"rating": 4}}]},'
        ' {"result": [{"value": {"rating": 2}}]}]},'
        ' {"data": {"model": "b"}, "annotations": [{"result": [{"value": {"rating": 5}}]}]}]'
    )
    law, _ = read(text, "t.json", reward="annotations.result.value.rating", lists="raters")
    assert law.rewards.tolist() == [3.0, 5.0]


def test_what_pandas_writes_may_have_records_in_cells(read, tmp_path):
    frame = pd.DataFrame({"reward": [1.5, 2.0], "flags": [{"a": True}, {"a": False}]})
    frame.to_json(tmp_path / "p.json")  # columns by the row's number
    law = read_rewards(str(tmp_path / "p.json"), Asked(follow=("flags.a",))).law
    assert (law.rewards.tolist(), law.scores["flags.a"].tolist()) == ([1.5, 2.0], [1.0, 0.0])
    # By model and prompt, where prompts are numbers, these are levels of keys still.
    text = '{"m": {"0": {"reward": 1}, "1": {"reward": 2}}, "n": {"0": {"reward": 3}, "1": null}}'
    assert read(text, "t.json", group="key")[0].group_names == ("m", "n")


def test_columns_by_a_named_index_as_pandas_writes_them(read, tmp_path):
    frame = pd.DataFrame({"reward": [1.0, 2.0], "len": [7, 8]}, index=["m1", "m2"])
    law, _ = read(frame.to_json(), "t.json", group="key", follow=("len",))
    assert law.rewards.tolist() == [1.0, 2.0]
    assert law.group_names == ("m1", "m2")
    assert law.scores["len"].tolist() == [7.0, 8.0]


def test_lists_of_texts_are_no_rows_of_a_table(read):
    with pytest.raises(InputError, match="row 1, entry 1, column 'reward'"):
        read('[["a", "b"], ["c", "d"]]', "t.json")
