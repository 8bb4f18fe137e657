"""Shapes of tables: one candidate a row, lists in cells, a column a candidate, nested records."""

import json
import math

import numpy as np
import polars as pl
import pytest

from recurate.errors import InputError
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards

# Prompts, each with the rewards of its candidates, whether they are correct, and their models.
PROMPTS = {
    "007": ([1.5, -2.0, 3.0], [True, False, True], ["a", "b", "c"]),
    "7": ([0.25], [False], ["b"]),
    "x y": ([4.0, 4.0], [True, None], ["c", "a"]),
}
FLAT = [
    {"prompt": prompt, "reward": r, "correct": c, "model": m}
    for prompt, (rewards, correct, models) in PROMPTS.items()
    for r, c, m in zip(rewards, correct, models, strict=True)
]


def as_csv():
    cells = ([row["prompt"], row["reward"], row["correct"], row["model"]] for row in FLAT)
    lines = (",".join("" if cell is None else str(cell) for cell in row) for row in cells)
    return "t.csv", "prompt,reward,correct,model\n" + "\n".join(lines) + "\n", {}


def as_records():
    return "t.json", json.dumps(FLAT), {}


def as_lines():
    return "t.jsonl", "\n".join(map(json.dumps, FLAT)), {}


def as_columns():
    return "t.json", json.dumps({name: [row[name] for row in FLAT] for name in FLAT[0]}), {}


def as_pandas():
    # What pandas writes unless told otherwise: columns, and in them rows by their number.
    columns = {name: {str(i): row[name] for i, row in enumerate(FLAT)} for name in FLAT[0]}
    return "t.json", json.dumps(columns), {}


def as_split():
    rows = [list(row.values()) for row in FLAT]
    split = {"columns": list(FLAT[0]), "index": list(range(len(rows))), "data": rows}
    return "t.json", json.dumps(split), {}


def as_lists():
    rows = [
        {"prompt": prompt, "rewards": r, "correct": c, "models": m}
        for prompt, (r, c, m) in PROMPTS.items()
    ]
    return "t.jsonl", "\n".join(map(json.dumps, rows)), {"reward": "rewards", "group": "models"}


def as_records_in_cells():
    rows = []
    for prompt in PROMPTS:
        own = [row for row in FLAT if row["prompt"] == prompt]
        answers = [{"score": {"gold": r["reward"]}, **r} for r in own]
        rows.append({"prompt": prompt, "answers": answers})
    asked = {"reward": "answers.reward", "group": "answers.model", "follow": ("answers.correct",)}
    return "t.json", json.dumps(rows), asked


def as_nested():
    nested = {}
    for row in FLAT:
        record = {name: row[name] for name in ("reward", "correct", "model")}
        nested.setdefault(row["prompt"], []).append(record)
    return "t.json", json.dumps(nested), {"prompts": ("key",)}


def as_nested_twice():
    nested = {}
    for row in FLAT:
        record = {name: row[name] for name in ("reward", "correct")}
        nested.setdefault(row["prompt"], {})[row["model"]] = record
    return "t.json", json.dumps(nested), {"prompts": ("key",), "group": "key_2"}


SHAPES = [as_csv, as_records, as_lines, as_columns, as_pandas, as_split]
SHAPES += [as_lists, as_records_in_cells, as_nested, as_nested_twice]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_candidates_are_the_same_law_in_every_shape(read, shape):
    name, text, asked = shape()
    usual = {"prompts": ("prompt",), "group": "model", "follow": ("correct",)}
    law, _ = read(text, name, **usual | asked)
    assert law.rewards.tolist() == [row["reward"] for row in FLAT]
    assert law.prompt_names == tuple(PROMPTS)
    assert [law.prompt_names[i] for i in law.prompt_index] == [row["prompt"] for row in FLAT]
    assert [law.group_names[i] for i in law.group_index] == [row["model"] for row in FLAT]
    (scores,) = law.scores.values()
    expected = [math.nan if row["correct"] is None else row["correct"] for row in FLAT]
    np.testing.assert_array_equal(scores, expected)


def test_wide_tables_have_a_column_a_candidate(read):
    text = "prompt,reward_1,reward_2,reward_3,length\n007,1.5,-2,3,9\n7,0.25,1,2,8\n"
    law, said = read(text, candidate_columns="reward_*", prompts=("prompt",), follow=("length",))
    assert law.rewards.tolist() == [1.5, -2.0, 3.0, 0.25, 1.0, 2.0]
    assert law.prompt_names == ("007", "7")
    assert law.prompt_index.tolist() == [0, 0, 0, 1, 1, 1]
    assert law.scores["length"].tolist() == [9, 9, 9, 8, 8, 8]
    assert law.group_names == ()
    assert said == []
    models, _ = read(text, candidate_columns="REWARD_*", group="candidate")
    assert models.group_names == ("reward_1", "reward_2", "reward_3")
    assert models.prompt_names == ("row 1", "row 2")
    two, _ = read(text, candidate_columns="reward_*", where="candidate <> 'reward_2'")
    assert two.rewards.tolist() == [1.5, 3.0, 0.25, 2.0]
    one, _ = read("reward\n2\n3\n", candidate_columns="reward")  # a pattern that is a name
    assert one.rewards.tolist() == [2.0, 3.0]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"candidate_columns": "score_*"},
            "--candidate-columns must be a pattern of columns of t.csv, as 'reward_*': "
            "'prompt', 'r1', 'r2'; got 'score_*'",
        ),
        (
            {"candidate_columns": "r*", "reward": "r1"},
            "only one of --reward-column and --candidate-columns can be given; got both",
        ),
        (
            {"candidate_columns": "r*", "follow": ("r1", "r2")},
            "--candidate-columns must be a pattern of columns of t.csv, as 'reward_*': "
            "'prompt', 'r1', 'r2'; got 'r*'",
        ),
        (
            {"candidate_columns": "*"},
            "t.csv, row 1 (line 2), 'prompt', column '*': must be a finite number; got 'a'",
        ),
        (
            {"candidate_columns": "r*"},
            "t.csv, row 2 (line 3), 'r2', column 'r*': must be a finite number; got None; "
            "--missing drop leaves such rows out",
        ),
    ],
)
def test_wide_tables_that_cannot_be_read(read, asked, message):
    with pytest.raises(InputError) as caught:
        read("prompt,r1,r2\na,1,2\nb,3,\n", **asked)
    assert str(caught.value) == message


def test_absent_candidates_of_a_wide_table_are_dropped(read):
    law, said = read("prompt,r1,r2\na,1,2\nb,3,\nc,,\n", candidate_columns="r*", missing="drop")
    assert law.rewards.tolist() == [1.0, 2.0, 3.0]
    assert said == [
        "3 of 6 rows are left out: column 'r*' has no value",
        "the candidates in one row answer one prompt, and no --prompt-column is named: each row "
        "is a prompt",
        "1 of 3 prompts has no answer, and is left out",
        "1 of 2 prompts has one answer only: nothing is chosen there",
    ]


def test_rows_with_lists_are_prompts_unless_prompts_are_named(read):
    text = '{"question": "a", "r": [1, 2]}\n{"question": "a", "r": [5]}\n{"question": "b", "r": []}'
    by_row, said = read(text, "t.jsonl", reward="r")
    assert by_row.prompt_names == ("row 1", "row 2")
    assert by_row.prompt_index.tolist() == [0, 0, 1]
    assert said[0] == (
        "the candidates in one row answer one prompt, and no --prompt-column is named: each row is "
        "a prompt; --lists raters if they are ratings of one candidate"
    )
    assert "1 of 3 prompts has no answer, and is left out" in said
    by_name, said = read(text, "t.jsonl", reward="r", prompts=("question",))
    assert by_name.prompt_names == ("a",)
    assert by_name.size == 3
    assert said == [
        "the entries of a list are candidates of its row's prompt; --lists raters if they are "
        "ratings of one candidate",
        "1 of 2 prompts has no answer, and is left out",
    ]


@pytest.mark.parametrize("of_parquet", [False, True])
def test_lists_of_one_row_have_one_length(tmp_path, of_parquet):
    frame = pl.DataFrame({"r": [[1.0], [1.0, 2.0]], "n": [[7], [8, 9, 10]]})
    path = tmp_path / "t.parquet" if of_parquet else tmp_path / "t.json"
    (frame.write_parquet if of_parquet else frame.write_json)(path)
    with pytest.raises(InputError) as caught:
        read_rewards(str(path), Asked(reward=("r",), follow=("n",)))
    assert str(caught.value) == (
        f"{path.name}, row 2: lists of one row must be of one length; got 2 in column 'r', "
        "3 in column 'n'"
    )


def test_a_list_that_is_missing_beside_rewards_is_of_missing_values(read):
    text = '[{"reward": [1, 2], "n": [3, 4]}, {"reward": [5, 6], "n": null}, {"reward": null}]'
    law, said = read(text, "t.json", follow=("n",))
    np.testing.assert_array_equal(law.scores["n"], [3, 4, math.nan, math.nan])
    assert law.rewards.tolist() == [1, 2, 5, 6]
    assert "column 'n' has no value in 2 of 4 rows; its mean is over the others" in said


def test_a_bad_entry_of_a_list_is_named(read):
    text = '[{"reward": [1, 2]}, {"reward": [3, "x", 4]}]'
    with pytest.raises(InputError) as caught:
        read(text, "t.json")
    assert str(caught.value) == (
        "t.json, row 2, entry 2, column 'reward': must be a finite number; got 'x'"
    )


def test_fields_of_records_in_parquet_are_columns(tmp_path):
    path = tmp_path / "t.parquet"
    answers = [[{"m": "x", "s": 1.0}, {"m": "y", "s": 2.0}], [{"m": "x", "s": 4.0}]]
    pl.DataFrame({"a": answers, "t": [{"u": {"v": 1}}, {"u": {"v": 2}}]}).write_parquet(path)
    law = read_rewards(str(path), Asked(reward=("a.s",), group="a.m", follow=("t.u.v",))).law
    assert law.rewards.tolist() == [1.0, 2.0, 4.0]
    assert law.group_names == ("x", "y")
    assert law.scores["t.u.v"].tolist() == [1, 1, 2]
    with pytest.raises(InputError, match=r"column 'a' has no field 'z'; it has 'm', 's'"):
        read_rewards(str(path), Asked(reward=("a.z",)))
    with pytest.raises(InputError, match=r"name one of its fields, as column\.field: 'u'"):
        read_rewards(str(path), Asked(reward=("t",)))


@pytest.mark.parametrize("of_parquet", [False, True])
def test_a_prompt_may_be_a_list_of_messages(tmp_path, of_parquet):
    def messages(text):
        return [{"role": "system", "content": "."}, {"role": "user", "content": text}]

    frame = pl.DataFrame({"prompt": [messages(text) for text in "aab"], "reward": [1.5, 2.5, -1.0]})
    path = tmp_path / "t.parquet" if of_parquet else tmp_path / "t.json"
    (frame.write_parquet if of_parquet else frame.write_json)(path)
    law = read_rewards(str(path), Asked(prompts=("prompt",))).law
    assert law.prompt_index.tolist() == [0, 0, 1]
    assert all("content" in name for name in law.prompt_names)


def test_a_prompt_may_be_of_several_columns(read):
    text = "level,problem_id,reward\n1,7,1\n2,7,2\n1,07,3\n1,7,4\n"
    law, _ = read(text, prompts=("level", "Problem_ID"))
    assert law.prompt_names == (("1", "7"), ("2", "7"), ("1", "07"))
    assert law.prompt_index.tolist() == [0, 1, 2, 0]


def test_prompts_may_weigh_the_same(read):
    text = "prompt,reward\na,1\na,2\na,3\nb,4\n"
    law, _ = read(text, prompts=("prompt",), prompt_weights="equal")
    assert law.probs == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])
    with pytest.raises(InputError, match="--prompt-weights equal needs prompts: name their col"):
        read(text, prompt_weights="equal")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("[0.5, 1.5, 2]", "[0.25, 0]"),  # JSON, as a list of numbers in pandas' to_csv
        ("[0.5 1.5 2. ]", "[0.25\n 0. ]"),  # an array of NumPy
        ("[np.float64(0.5), np.float64(1.5), np.int64(2)]", "[np.float64(0.25), 0]"),
    ],
)
def test_lists_that_a_text_writes_are_lists(read, first, second):
    text = (
        f"prompt,rewards,models\na,\"{first}\",\"['x', 'y', 'z']\"\nb,\"{second}\",\"['x', 'y']\"\n"
    )
    law, _ = read(text, reward="rewards", group="models", prompts=("prompt",))
    assert law.rewards.tolist() == [0.5, 1.5, 2.0, 0.25, 0.0]
    assert law.prompt_names == ("a", "b")
    assert [law.group_names[number] for number in law.group_index] == list("xyzxy")


def test_a_text_that_is_no_list_among_lists_is_named(read):
    message = (
        "t.csv, row 2 (line 3), column 'rewards': must be a list of numbers, as in other rows; "
        "got 'none given'"
    )
    with pytest.raises(InputError) as caught:
        read('prompt,rewards\na,"[1, 2]"\nb,none given\n', reward="rewards")
    assert str(caught.value) == message
    text = 'prompt,rewards\na,"[1, nan]"\nb,\n'
    law, said = read(text, reward="rewards", missing="drop")
    assert law.rewards.tolist() == [1.0]
    assert "1 of 2 prompts has no answer, and is left out" in said
