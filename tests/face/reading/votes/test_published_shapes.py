"""Votes with the columns and the values of published sets, without an option or as it is told.

Columns are those of the sets' READMEs: Pick-a-Pic, GenAI-Bench, Nectar, OpenAI's comparisons of
summaries, AlpacaEval, Arena-Hard; of games, those of lichess.org and football-data.co.uk. Votes
are made up; what they say is in plain sight.
"""

import json
import re

import numpy as np
import polars as pl
import pytest

from recurate.errors import InputError
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.reading import read_votes


def lines(*records):
    return "\n".join(json.dumps(record) for record in records)


def with_names(names, *rows):
    return lines(*(dict(zip(names.split(), row, strict=True)) for row in rows))


# x over y, then z over x, then a tie of x and z: as (chosen, others, weight).
PAIRS = [("x", ("y",), 1.0), ("x", ("z",), 0.5), ("z", ("x",), 0.5), ("z", ("x",), 1.0)]
PUBLISHED = {
    "Pick-a-Pic": with_names(
        "caption has_label label_0 label_1 model_0 model_1",
        ("a cat", True, 1.0, 0.0, "x", "y"),
        ("a cat", True, 0.0, 1.0, "x", "z"),
        ("a dog", True, 0.5, 0.5, "x", "z"),
    ),
    "GenAI-Bench": with_names(
        "prompt left_model right_model vote_type",
        ("a cat", "x", "y", "leftvote"),
        ("a cat", "x", "z", "rightvote"),
        ("a dog", "x", "z", "bothbad_vote"),
    ),
    "judges' words": with_names(
        "model_a model_b pref",
        ("x", "y", "A is slightly better"),
        ("z", "x", "[[A>>B]]"),
        ("x", "z", "B=A"),
    ),
    "judges' signs": with_names(
        "model_a model_b verdict",
        ("y", "x", "[[B>>A]]"),
        ("x", "z", "a < b"),
        ("x", "z", "tievote"),
    ),
    "lichess": with_names(
        "white_id black_id winner", ("x", "y", "white"), ("x", "z", "black"), ("x", "z", "draw")
    ),
    "PGN": with_names(
        "White Black Result", ("x", "y", "1-0"), ("x", "z", "0-1"), ("x", "z", "1/2-1/2")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_pairs(choices, name):
    assert [found[:3] for found in choices(PUBLISHED[name], "t.jsonl")] == PAIRS


def answers(*pairs):
    return {"prompt": "p", "answers": [{"model": m, "rank": r, "answer": "…"} for m, r in pairs]}


def summaries(choice, *policies):
    return {"summaries": [{"text": "…", "policy": p} for p in policies], "choice": choice}


SETS = {
    "Nectar": (
        [answers(("x", 1.0), ("y", 2.0), ("z", 3.0))],
        [("x", ("y", "z")), ("y", ("z",))],
    ),
    "comparisons of summaries": (
        [summaries(0, "x", "y"), summaries(1, "z", "x")],
        [("x", ("y",)), ("x", ("z",))],
    ),
    "logs by name": (
        [{"candidates": [{"model": m} for m in "xyz"], "chosen_model": w} for w in "yz"],
        [("y", ("x", "z")), ("z", ("x", "y"))],
    ),
    "HPD with models": (
        [{"models": ["x", "y"], "chosen": [1, 0]}, {"models": ["x", "z"], "chosen": [0, 1]}],
        [("x", ("y",)), ("z", ("x",))],
    ),
    "logs by place": ([{"shown": list("xyz"), "picked": 0}], [("x", ("y", "z"))]),
}


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize("name", SETS)
def test_lists_of_records_and_what_was_chosen(tmp_path, name, kind):
    records, expected = SETS[name]
    path = tmp_path / f"t.{kind}"
    if kind == "parquet":
        pl.DataFrame(records).write_parquet(path)
    else:
        path.write_text(lines(*records), encoding="utf-8")
    votes = read_votes(str(path), AskedVotes())
    others = np.split(votes.others, votes.starts[1:-1])
    found = [
        (votes.items[chosen], tuple(sorted(votes.items[o] for o in over)))
        for chosen, over in zip(votes.chosen, others, strict=True)
    ]
    assert sorted(found) == expected


NUMBERS = {
    "AlpacaEval": ("generator_1 generator_2 preference", (2.0, 1.0, 1.5), "1=a,1.5=tie,2=b"),
    "strengths": ("model_a model_b preference", (3, -1, 0, -2, 1), "-2=a,-1=a,0=a,1=b,3=b"),
    "either": ("model_a model_b label", (1, 0, 1), "0=a,1=b"),
    "is the first": ("model_a model_b label", (False, True, True), "True=a,False=b"),
    "letters": ("HomeTeam AwayTeam result", ("A", "H", "D"), "A=b,H=a,D=tie"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_codes_that_are_suggested_can_be_typed(read, name):
    names, values, codes = NUMBERS[name]
    text = with_names(names, *(("x", "y", value) for value in values))
    with pytest.raises(InputError, match=rf"--codes {re.escape(codes)} \(a is") as caught:
        read(text, "t.jsonl")
    typed = re.search(r"--codes (\S+)", str(caught.value))[1]
    votes, _ = read(text, "t.jsonl", codes=tuple(one.split("=") for one in typed.split(",")))
    assert votes.count == len(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            with_names("model_0 model_1 label_0 label_1", ("x", "y", 1.0, 1.0)),
            "one of columns 'label_0', 'label_1' must be 1, the others 0; got 1, 1",
        ),
        (
            with_names("model_0 model_1 label_0 label_1", ("x", "y", 0.7, 0.3)),
            "'label_0': must be true or false, or 1 or 0, or 0.5 in a tie; got 0.7",
        ),
        (
            with_names("model_1 model_2 preference", *(("x", "y", 1 + i / 99) for i in range(99))),
            "got 99 values, .*: numbers of so many values are degrees, and no votes",
        ),
        (
            with_names("model_a model_b winner", ("x", "y", "none")),
            "which is missing; --missing drop .*; --codes none=tie if neither was better",
        ),
        (
            with_names("home_team away_team home_goals", ("x", "y", 2)),
            "columns 'home_team', 'away_team' may name the two items: .* with --vote-column",
        ),
        (
            with_names("cmp_key judged", ("x_y", 2)),
            "column 'cmp_key' may name the two items: .* with --vote-column",
        ),
        (
            with_names("prompt_id rank rating", ("p", 1, 7)),
            "'rank': must list items, .* recurate predict --reward-column 'rank' --scale -1",
        ),
        (
            with_names("score_A score_B labels", (9, 3, 1)),
            r"got rewards of pairs \('score_A', 'score_B'\): try recurate calibrate",
        ),
        (
            with_names("model_a model_b score_a score_b", ("x", "y", 9, 3)),
            "columns 'model_a', 'model_b' may name the two items: .* with --vote-column",
        ),
    ],
)  # fmt: skip
def test_what_is_no_vote_says_what_to_type(read, text, message):
    with pytest.raises(InputError, match=message):
        read(text, "t.jsonl")


def test_ranks_without_items_are_told_so(read):
    text = with_names("prompt_id rank", ("p", 1))
    with pytest.raises(InputError, match=r"--rank-column ranks items: .* with --item-column; got"):
        read(text, "t.jsonl", rank="rank")


def test_columns_of_winners_and_losers_may_have_any_name(read, choices):
    # Those of the games of Kaggle's March Machine Learning Mania.
    text, items = "WTeamID,WScore,LTeamID\n7,80,8\n8,75,7\n", ("WTeamID", "LTeamID")
    with pytest.raises(InputError, match=r"--vote-column \('WTeamID' itself, if the first of the "):
        read(text, items=items)
    assert [found[:2] for found in choices(text, items=items, votes=("WTeamID",))] == [
        ("7", ("8",)),
        ("8", ("7",)),
    ]


def test_votes_that_are_places_of_a_list_are_told_by_codes(read):
    # As FastChat logs votes.
    text = with_names("type models", ("leftvote", ["x", "y"]), ("rightvote", ["z", "x"]))
    asked = {"items": ("models",), "votes": ("type",)}
    with pytest.raises(InputError, match=r"--codes leftvote=a,rightvote=b \(a is the first; ") as e:
        read(text, "t.jsonl", **asked)
    typed = re.search(r"--codes (\S+) \(", str(e.value))[1].split(",")
    votes, _ = read(text, "t.jsonl", **asked, codes=tuple(one.split("=") for one in typed))
    assert [votes.items[chosen] for chosen in votes.chosen] == ["x", "x"]


def test_lists_of_texts_as_numpy_writes_them(choices):
    text = "shown,picked\n\"['x y' 'z'\n 'w']\",z\n\"['w' 'z' 'x y']\",w\n"
    assert [found[:2] for found in choices(text)] == [("w", ("x y", "z")), ("z", ("w", "x y"))]
