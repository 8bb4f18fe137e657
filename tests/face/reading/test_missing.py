"""Rows without a reward or label, values that stand for none, and numbers written as words."""

import math

import numpy as np
import polars as pl
import pytest

from recurate.errors import InputError
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards

DROP = "; --missing drop leaves such rows out"


@pytest.mark.parametrize("word", ["", "nan", "NaN", "NA", "N/A", "null", "None", " "])
def test_a_missing_reward_is_an_error_or_its_row_is_dropped(read, word):
    text = f"reward,group\n1,a\n{word},b\n3,c\n"
    with pytest.raises(InputError) as caught:
        read(text)
    assert str(caught.value) == (
        f"t.csv, row 2 (line 3), column 'reward': must be a finite number; got {word!r}{DROP}"
    )
    with pytest.raises(InputError) as caught:
        read(text, where="group = 'b'")
    assert f"row 2 (line 3), column 'reward': must be a finite number; got {word!r}" in str(
        caught.value
    )
    law, said = read(text, missing="drop")
    assert law.rewards.tolist() == [1.0, 3.0]
    assert law.group_names == ("a", "c")
    assert law.group_index.tolist() == [0, 1]
    assert "1 of 3 rows is left out: column 'reward' has no value" in said


def test_labels_and_weights_may_be_missing_too(read):
    text = "reward,group,weight,prompt\n1,a,1,p\n2,,1,p\n3,a,,q\n4,b,2, \n5,b,1,p\n6,c,1,r\n"
    asked = {"prompts": ("prompt",)}
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'group': must be a label"):
        read(text, **asked)
    law, said = read(text, **asked, missing="drop")
    assert law.rewards.tolist() == [1.0, 5.0, 6.0]
    assert law.group_names == ("a", "b", "c")
    assert law.prompt_names == ("p", "r")
    assert said[:4] == [
        "1 of 6 rows is left out: column 'weight' has no value",
        "1 of 6 rows is left out: column 'group' has no value",
        "1 of 6 rows is left out: column 'prompt' has no value",
        "1 of 3 prompts has no answer, and is left out",
    ]


def test_a_prompt_of_several_columns_is_missing_where_one_of_them_is(read):
    text = "level,problem,reward\n1,a,1\n,a,2\n2,,3\n2,b,4\n1,a,5\n"
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'level': must be a label"):
        read(text, prompts=("level", "problem"))
    law, _ = read(text, prompts=("level", "problem"), missing="drop")
    assert law.prompt_names == (("1", "a"), ("2", "b"))
    assert law.prompt_index.tolist() == [0, 1, 0]


def test_a_label_may_be_a_word_for_nothing(read):
    assert read("reward,group\n1,NA\n2,None\n3,NA\n")[0].group_names == ("NA", "None")


def test_a_missing_value_that_is_only_followed_drops_no_row(read):
    law, said = read("reward,length\n1,10\n2,\n3,NA\n4,40\n", follow=("length",))
    assert law.size == 4
    np.testing.assert_array_equal(law.scores["length"], [10, math.nan, math.nan, 40])
    assert said == ["column 'length' has no value in 2 of 4 rows; its mean is over the others"]
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'length': must be a finite n"):
        read("reward,length\n1,10\n2,long\n", follow=("length",))


def test_a_column_asked_for_twice_is_one(read):
    law, said = read("reward,length,p\n1,10,a\n2,,a\n", follow=("length", "Length"), prompts="pp")
    assert said == ["column 'length' has no value in 1 of 2 rows; its mean is over the others"]
    assert law.score_names == ("length",)
    assert law.prompt_names == ("a",)


@pytest.mark.parametrize("sentinel", ["-1", "-1.0", " -1e0"])
def test_a_sentinel_is_compared_as_a_number(read, sentinel):
    law, said = read("reward\n2\n-1.0\n-1\n3.5\n", sentinels=(sentinel,))
    assert law.rewards.tolist() == [2.0, 3.5]
    assert said == [
        f"2 of 4 rows are left out: their reward is {sentinel!r}, which stands for none"
    ]


def test_sentinels_may_be_words_beside_numbers(read):
    text = "reward\n2\nfailed\n-1.0\ntimeout\n3.5\n4\n"
    law, said = read(text, sentinels=("failed", "timeout", "-1"))
    assert law.rewards.tolist() == [2.0, 3.5, 4.0]
    assert said[0].startswith("3 of 6 rows are left out: their reward is 'failed', 'timeout', '-1'")
    with pytest.raises(InputError, match=r"row 4 \(line 5\), column 'reward': .*got 'timeout'"):
        read(text, sentinels=("failed",))


def test_nan_may_be_a_sentinel(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, [1.0, math.nan, 2.0])
    law = read_rewards(str(path), Asked(sentinels=("nan",))).law
    assert law.rewards.tolist() == [1.0, 2.0]


def test_where_no_row_is_left_that_is_said(read):
    with pytest.raises(InputError, match=r"must have at least one row of rewards; none of 2 is"):
        read("reward\n-1\n-1\n", sentinels=("-1",))


def test_absent_candidates_of_an_array_are_counted(tmp_path):
    path = tmp_path / "t.npy"
    np.save(path, [[1.0, math.nan, 5.0], [math.nan, math.nan, math.nan], [2.0, 3.0, 7.0]])
    said = []
    law = read_rewards(str(path), Asked(), on_note=said.append).law
    assert law.rewards.tolist() == [1.0, 5.0, 2.0, 3.0, 7.0]
    assert law.prompt_names == (1, 3)
    assert said == [
        "t.npy: 1 of 3 prompts has no answer, and is left out",
        "t.npy: 1 of 9 candidates is absent, and left out",
    ]


@pytest.mark.parametrize("truth", [("true", "false"), ("True", "False"), ("TRUE", "FALSE")])
def test_true_and_false_are_1_and_0(read, truth):
    yes, no = truth
    law, _ = read(f"reward,x\n{yes},{no}\n{no},\n{yes},{yes}\n", follow=("x",))
    assert law.rewards.tolist() == [1.0, 0.0, 1.0]
    np.testing.assert_array_equal(law.scores["x"], [0.0, math.nan, 1.0])
    mixed, _ = read(f"reward\n{yes}\n0.5\nNA\n", missing="drop")
    assert mixed.rewards.tolist() == [1.0, 0.5]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_labels_are_text_as_it_is_written(tmp_path, kind):
    labels = ["007", "7", "92e30356", "1.50", "1.5", "true"]
    frame = pl.DataFrame({"reward": range(6), "group": labels, "prompt": labels})
    path = tmp_path / f"t.{kind}"
    getattr(frame, {"jsonl": "write_ndjson"}.get(kind, f"write_{kind}"))(path)
    law = read_rewards(str(path), Asked(prompts=("prompt",))).law
    assert law.group_names == law.prompt_names == tuple(labels)


@pytest.mark.parametrize("kinds", [2, 200, 300])  # up to 256 there is a quicker way
@pytest.mark.parametrize("late", [[], ["late"], ["late", " k1", ""]])
def test_labels_of_a_long_column_are_numbered_by_first_appearance(tmp_path, kinds, late):
    rng = np.random.default_rng(18)
    labels = [f"k{i}" for i in rng.integers(0, kinds, size=25_000)] + [*late, "k0"]
    frame = pl.DataFrame({"reward": np.arange(len(labels)), "group": labels})
    frame.write_csv(tmp_path / "t.csv")
    law = read_rewards(str(tmp_path / "t.csv"), Asked(missing="drop")).law
    kept = [label.strip() for label in labels if label]
    assert law.group_names == tuple(dict.fromkeys(kept))
    assert [law.group_names[i] for i in law.group_index.tolist()] == kept


def test_a_column_may_have_several_uses(read):
    law, _ = read("n,x\n1,a\n2,b\n", reward="n", weight="n", group="n", follow=("n",))
    assert law.rewards.tolist() == law.scores["n"].tolist() == [1.0, 2.0]
    assert law.probs.tolist() == [1 / 3, 2 / 3]
    assert law.group_names == ("1", "2")


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("98.2 %", "got '98.2 %'; write 98.2, without '%'"),
        ("98.2%", "got '98.2%'; write 98.2, without '%'"),
        ("12ms", "got '12ms'; write 12, without 'ms'"),
        (
            "$3.50",
            "got '$3.50'; write 3.50, without '$'; if it is a price, --reward-column names another",
        ),
        ("m1", "got 'm1'"),  # a name, and no unit
        ('"1,234.5"', "got '1,234.5'; write 1234.5, without commas"),
        ('"1,234,567"', "got '1,234,567'; write 1234567, without commas"),
        ('"1,5"', "got '1,5'; write 1.5, or 15"),
        ("1e400", "got '1e400'"),
        ("1_000", "got '1_000'"),
        ("high", "got 'high'"),
        ('"50,5 %"', "got '50,5 %'; write 50.5, without '%'"),
        ('"1.100,5"', "got '1.100,5'; write 1100.5, without commas"),
        ("1\u202f100.5", "got '1\\u202f100.5'; write 1100.5"),
        ("1'100.5", 'got "1\'100.5"; write 1100.5'),
        ("\u22120.7", "got '\u22120.7'; write -0.7"),  # a typographer's minus
        ("4/5", "got '4/5'; write 4, without '/5'"),
        ("0.5 ± 0.1", "got '0.5 ± 0.1'; write 0.5, without '± 0.1'"),
        ("tensor(0.5)", "got 'tensor(0.5)'; write 0.5"),
        ("yes", "got 'yes'; write true and false, or 1 and 0"),
        ("inf", "got 'inf'; if such a reward stands for none, --sentinel inf leaves it out"),
        ("2024-01-01", "got '2024-01-01'"),
        ("1.2.3", "got '1.2.3'"),
    ],
)
def test_what_to_write_in_place_of_what_is_no_number(read, entry, hint):
    with pytest.raises(InputError) as caught:
        read(f"reward\n1\n{entry}\n2\n")
    assert str(caught.value) == (
        f"t.csv, row 2 (line 3), column 'reward': must be a finite number; {hint}"
    )


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("Reward,GROUP", {}),
        ("REWARD,group", {"reward": "reward"}),
        (" reward ,Group", {"group": "gROUP"}),
        ("score,model", {"reward": "Score", "group": "MODEL"}),
    ],
)
def test_names_are_found_without_regard_to_case_if_only_one_fits(read, header, asked):
    law, _ = read(f"{header}\n1,a\n2,b\n3,b\n", **asked)
    assert law.rewards.tolist() == [1.0, 2.0, 3.0]
    assert law.group_names == ("a", "b")


def test_a_name_as_it_is_written_comes_before_others(read):
    assert read("Reward,reward,REWARD\n1,2,3\n")[0].rewards.tolist() == [2.0]
    with pytest.raises(InputError) as caught:
        read("Reward,REWARD\n1,3\n")
    assert str(caught.value) == (
        "--reward-column must name one column of t.csv; 'reward' may be any of 'Reward', 'REWARD'"
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "got 'rewards', 'lenght'; try --reward-column 'rewards'"),
        ({"reward": "rewrds"}, "got 'rewrds'; try --reward-column 'rewards'"),
        ({"reward": "rewards", "follow": ("length",)}, "got 'length'; try --follow 'lenght'"),
        ({"reward": "rewards", "prompts": ("zzz",)}, "--prompt-column must name a column of t.csv"),
    ],
)
def test_a_name_much_like_it_is_proposed(read, asked, message):
    with pytest.raises(InputError) as caught:
        read("rewards,lenght\n1,2\n", **asked)
    assert message in str(caught.value)


def test_a_second_row_of_names_is_named_as_one(read):
    with pytest.raises(InputError, match=r"row 1 .line 2.*; if it is of a second row of names, "):
        read("prompt,reward\n(text),(log-odds)\nq,1\nq,2\n")
    with pytest.raises(InputError, match=r"got 'good'$"):
        read("reward\ngood\nbad\n1\n")


def test_a_word_that_comes_again_among_numbers_may_stand_for_none(read):
    table = "reward\n8\nNA\nno verdict\n7\nno verdict\n9\n6\n5\n"
    with pytest.raises(InputError, match=r"row 3 .*--sentinel 'no verdict' leaves it out$"):
        read(table)
    law, _ = read(table, missing="drop", sentinels=("no verdict",))
    assert law.rewards.tolist() == [8.0, 7.0, 9.0, 6.0, 5.0]


@pytest.mark.parametrize("entry", ["-", "?", ".", "\\N", "#DIV/0!", "<NA>", "—"])
def test_what_programs_write_for_nothing_is_missing(read, entry):
    table = f"reward\n1\n{entry}\n3\n"
    with pytest.raises(InputError, match=rf"row 2 \(line 3\).*{DROP}$"):
        read(table)
    law, remarks = read(table, missing="drop")
    assert law.rewards.tolist() == [1.0, 3.0]
    assert remarks == ["1 of 3 rows is left out: column 'reward' has no value"]


def test_an_infinite_reward_may_stand_for_none(read):
    records = '{"reward": -Infinity}\n{"reward": 1}\n{"reward": 3}\n'
    law, _ = read(records, "t.jsonl", sentinels=("-inf",))
    assert law.rewards.tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("asked", "option"),
    [({"where": "group = '\udc80'"}, "--where"), ({"sentinels": ("\udc80",)}, "--sentinel")],
)
def test_bytes_of_the_command_line_that_are_no_text_are_refused(read, asked, option):
    with pytest.raises(InputError, match=rf"^{option} must be text in UTF-8; got .*\\\\?udc80"):
        read("reward,group\n1,a\n2,b\n", **asked)
