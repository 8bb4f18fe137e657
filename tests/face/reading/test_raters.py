"""Several ratings of one candidate: rows of raters, columns of raters, lists of ratings."""

import csv
import json
import math
import re
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from recurate.errors import InputError
from recurate.numerics.inference.ratings import Ratings
from recurate.numerics.loop import CurationLoop
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards

INPUTS = Path(__file__).parent / "inputs"

# Candidates: prompt, model, ratings of u, v, w (None: not rated); means by hand 2, 3.5, 4, 6.
RATED = {
    ("p", "x"): [1, 2, 3],
    ("p", "y"): [3, None, 4],
    ("q", "x"): [None, None, 4],
    ("q", "y"): [5, 6, 7],
}
MEANS = [2.0, 3.5, 4.0, 6.0]
WHO = ("u", "v", "w")
KEYS = {"prompts": ("prompt",), "group": "model"}
LONG = KEYS | {"reward": ("answer",), "rater": "who"}


def as_rows():
    lines = [
        f"{prompt},{model},{who},{rating}"
        for (prompt, model), ratings in RATED.items()
        for who, rating in zip(WHO, ratings, strict=True)
        if rating is not None
    ]
    lines = lines[::2] + lines[1::2]  # the ratings of one candidate need not be together
    return "t.csv", "\n".join(["prompt,model,who,answer", *lines]), LONG


def as_columns():
    lines = [
        ",".join([*key, *("" if rating is None else str(rating) for rating in ratings)])
        for key, ratings in RATED.items()
    ]
    return "t.csv", "\n".join(["prompt,model,u,v,w", *lines]), KEYS | {"reward": WHO}


def as_lists():
    rows = [
        {"prompt": prompt, "model": model, "answers": ratings, "who": WHO}
        for (prompt, model), ratings in RATED.items()
    ]
    asked = KEYS | {"reward": ("answers",), "lists": "raters", "rater": "who"}
    return "t.jsonl", "\n".join(map(json.dumps, rows)), asked


@pytest.fixture
def table(written):
    """Return the table of a text, and what was remarked."""

    def read(text, name="t.csv", **asked):
        said = []
        found = read_rewards(written(text, name), Asked(**asked), on_note=said.append)
        return found, [line.removeprefix(f"{name}: ") for line in said]

    return read


@pytest.mark.parametrize("shape", [as_rows, as_columns, as_lists])
def test_a_candidate_is_the_mean_of_its_ratings_in_every_shape(table, shape):
    name, text, asked = shape()
    found, said = table(text, name, **asked)
    law, ratings = found.law, found.estimates
    keys = [
        (law.prompt_names[p], law.group_names[g])
        for p, g in zip(law.prompt_index, law.group_index, strict=True)
    ]
    assert dict(zip(keys, law.rewards.tolist(), strict=True)) == dict(
        zip(RATED, MEANS, strict=True)
    )
    assert law.is_uniform
    given = {
        (*keys[candidate], ratings.raters[rater], value)
        for candidate, rater, value in zip(
            ratings.candidate, ratings.rater, ratings.values, strict=True
        )
    }
    assert given == {
        (*key, who, rating)
        for key, rated in RATED.items()
        for who, rating in zip(WHO, rated, strict=True)
        if rating is not None
    }
    assert "candidates have 1 to 3 ratings: a reward is the mean of those that are there" in said
    missing = "3 of 12 ratings are missing, and left out"
    assert (missing in said) == (shape is not as_rows)


def test_ratings_of_people_on_images(written):
    # The means along the loop and the share of m4 come with the file (a dense oracle of its own);
    # taken as candidates, the ratings would lead to 4.602343.
    asked = {"reward": ("answer",), "prompts": ("item_id",), "group": "model"}
    table = read_rewards(str(INPUTS / "likert.csv"), Asked(**asked, rater="worker_id"))
    assert table.law.size == 800
    assert table.estimates.values.size == 3995
    assert len(table.estimates.raters) == 5
    run = CurationLoop(table.law, K=4, lam=math.inf).run(steps=3)
    expected = [3.862687, 4.068422, 4.207450, 4.294278]
    np.testing.assert_allclose(run.expected_reward, expected, rtol=0, atol=5.1e-7)
    shares = dict(zip(table.law.group_names, run.group_proportions[3], strict=True))
    assert shares["m4"] == pytest.approx(0.291351, abs=5.1e-7)
    assert run.kl_to_reference[3] == pytest.approx(0.373588, abs=5.1e-7)
    pooled = read_rewards(str(INPUTS / "likert.csv"), Asked(**asked)).law
    wrong = CurationLoop(pooled, K=4, lam=math.inf).run(steps=3).expected_reward[3]
    assert wrong == pytest.approx(4.602343, abs=5.1e-7)


def test_three_raters_of_answers_along_the_loop():
    # By enumeration of all 7^4 choices of each prompt, in plain NumPy.
    with (INPUTS / "raters.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    prompts = list(dict.fromkeys(row["prompt"] for row in rows))
    scores = np.array([[float(row[f"rater_{who}"]) for who in "abc"] for row in rows])
    means = scores.mean(axis=1).reshape(len(prompts), 7)
    m7 = np.array([row["model"] == "m7" for row in rows]).reshape(means.shape)
    shown = np.array(list(product(range(7), repeat=4)))
    figures = []
    p = np.full(means.shape, 1 / 7)
    for _ in range(4):
        kl = (p * np.log(7 * p)).sum(1).mean()
        figures.append(((p * means).sum(1).mean(), kl, (p * m7).sum(1).mean()))
        weights = np.exp(5 * means)[:, shown]
        won = p[:, shown].prod(2, keepdims=True) * weights / weights.sum(2, keepdims=True)
        p = np.array([np.bincount(shown.ravel(), each.ravel(), 7) for each in won])
    columns = ("rater_a", "rater_b", "rater_c")
    asked = Asked(reward=columns, prompts=("prompt",), group="model", scale=5.0)
    table = read_rewards(str(INPUTS / "raters.tsv"), asked)
    assert table.law.size == 630
    run = CurationLoop(table.law, K=4, lam=math.inf).run(steps=3)
    expected, kl, share = np.transpose(figures)
    np.testing.assert_allclose(run.expected_reward, 5 * expected, rtol=1e-12)
    np.testing.assert_allclose(run.expected_scores[:, 0], expected, rtol=1e-12)
    assert table.in_unit == table.law.score_names[0] == "mean of 3 raters"
    np.testing.assert_allclose(run.kl_to_reference, kl, rtol=1e-11, atol=1e-15)
    number = table.law.group_names.index("m7")
    np.testing.assert_allclose(run.group_proportions[:, number], share, rtol=1e-12)


def test_the_unit_is_that_of_the_mean(table):
    # Logits of the means .25 and .6, times 2; the mean of the logits would be another number.
    text = "model,who,reward\na,u,10\na,v,40\nb,u,60\n"
    found, _ = table(text, rater="who", group="model", unit="percent", scale=2.0)
    means = np.array([0.25, 0.6])
    expected = 2 * np.log(means / (1 - means))
    np.testing.assert_allclose(found.law.rewards, expected, rtol=1e-14)
    assert found.in_unit == found.estimates.in_unit == "reward"
    assert found.law.scores["reward"].tolist() == [25.0, 60.0]
    np.testing.assert_allclose(found.estimates.transform(np.array([25.0, 60])), expected)


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        # Means of .43 and 2 would be a probability and a ratio.
        (
            "model,u,v,w\na,0.7,0.9,0.8\nb,0.7,-1,0.6\n",
            {"reward": ("u", "v", "w"), "unit": "probability"},
            "t.csv, row 2 (line 3), column 'v': must be a probability from 0 to 1; got -1.0; if it "
            "stands for a missing one, --sentinel -1 leaves it out",
        ),
        (
            "model,who,r\na,u,5\na,v,-1\n",
            {"reward": ("r",), "rater": "who", "group": "model", "unit": "ratio"},
            "t.csv, row 2 (line 3), column 'r': must be a ratio at least 0; got -1.0; if it stands "
            "for a missing one, --sentinel -1 leaves it out",
        ),
        (
            "model,u,v\na,1,0\nb,1,1\n",
            {"reward": ("u", "v"), "unit": "probability"},
            "t.csv, row 2 (line 3), column 'mean of 2 raters': must be a probability above 0 and "
            "below 1; got 1.0, the mean of its ratings; --trials N, how many trials the rates are "
            "of or the column that says it, takes half a success and half a failure more; --where "
            "leaves the row out",
        ),
    ],
)
def test_a_rating_is_in_its_unit_and_so_is_the_mean(table, text, asked, message):
    with pytest.raises(InputError) as caught:
        table(text, **asked)
    assert str(caught.value) == message


def test_rows_that_are_left_out_are_no_ratings(table):
    text = "model,who,reward\na,u,1\na,v,-9\na,w,\nb,u,4\nb,,8\nc,u,-9\n"
    asked = {"rater": "who", "group": "model", "sentinels": ("-9",), "missing": "drop"}
    found, said = table(text, **asked)
    assert found.law.rewards.tolist() == [1.0, 4.0]
    assert found.law.group_names == ("a", "b")
    assert said[:3] == [
        "2 of 6 rows are left out: their reward is '-9', which stands for none",
        "1 of 6 rows is left out: column 'reward' has no value",
        "1 of 6 rows is left out: column 'who' has no value",
    ]
    with pytest.raises(InputError, match=r"^t.csv, row 3 \(line 4\), column 'reward': must be a"):
        table(text, **asked | {"missing": "error"})


def test_sentinels_in_columns_of_raters_are_left_out(table):
    text = "u,v,w\n1,-1,3\n-1,,6\n-1,-1,-1\n"
    found, said = table(text, reward=WHO, sentinels=("-1",))
    assert found.law.rewards.tolist() == [2.0, 6.0]
    assert said == [
        "1 of 9 ratings is missing, and left out",
        "5 of 9 ratings are left out: their reward is '-1', which stands for none",
        "candidates have 1 to 2 ratings: a reward is the mean of those that are there",
    ]


def test_words_that_stand_for_no_rating_are_no_missing_ones(table):
    found, said = table("u,v\n1,no\nno,no\n3,4\n", reward=("u", "v"), sentinels=("no",))
    assert found.law.rewards.tolist() == [1.0, 3.5]
    assert said[0] == "3 of 6 ratings are left out: their reward is 'no', which stands for none"
    assert not any("missing" in line for line in said)


@pytest.mark.parametrize(
    ("name", "text", "asked", "fields"),
    [
        (
            *("t.csv", "u,v,model\n1,2,a\n,,b\n3,,c\n", {"reward": ("u", "v")}),
            "row 2 (line 3): must have a rating in one of the columns 'u', 'v'",
        ),
        (
            "t.jsonl",
            '{"model": "a", "r": [1, 2]}\n{"model": "b", "r": []}\n{"model": "c", "r": [3, null]}',
            {"reward": ("r",), "lists": "raters"},
            "row 2 (line 2): must have a rating in column 'r'",
        ),
    ],
)
def test_a_row_without_any_rating_is_one_without_a_reward(table, name, text, asked, fields):
    with pytest.raises(InputError) as caught:
        table(text, name, **asked)
    assert str(caught.value) == f"{name}, {fields}; got none; --missing drop leaves such rows out"
    found, said = table(text, name, **asked, group="model", missing="drop")
    assert found.law.rewards.tolist() == [1.5, 3.0]
    assert found.law.group_names == ("a", "c")
    assert found.law.prompt_index is None
    assert "1 of 3 candidates has no rating, and is left out" in said


def test_followed_columns_are_means_over_the_ratings_that_have_a_value(table):
    text = "model,who,reward,length\na,u,1,3\na,v,2,\na,w,2,6\nb,u,1,\nb,v,5,\nc,u,0,7\n"
    found, said = table(text, rater="who", group="model", follow=("length",))
    np.testing.assert_array_equal(found.law.scores["length"], [4.5, math.nan, 7.0])
    assert "column 'length' has no value in 1 of 3 candidates; its mean is over the others" in said
    wide = "u,v,n\n1,2,7\n3,4,9\n"
    found, _ = table(wide, reward=("u", "v"), follow=("n", "u"), where="v > 1")
    assert found.law.scores["n"].tolist() == [7.0, 9.0]
    assert found.law.scores["u"].tolist() == [1.0, 3.0]


def test_weights_are_those_of_candidates(table):
    text = "model,who,reward,weight\na,u,1,3\na,v,2,3\nb,u,5,1\n"
    found, _ = table(text, rater="who", group="model")
    assert found.law.probs.tolist() == [0.75, 0.25]
    with pytest.raises(InputError) as caught:
        table(text.replace("a,v,2,3", "a,v,2,4"), rater="who", group="model")
    assert str(caught.value) == (
        "t.csv, row 2 (line 3), column 'weight': must be the same in all ratings of a candidate; "
        "got 4.0, and 3.0 in row 1 (line 2)"
    )


def test_a_column_may_name_candidates(table):
    text = "item,id,who,reward,model\ni,1,u,1,x\ni,2,u,3,x\ni,1,v,2,x\nj,1,v,5,y\n"
    by_group, _ = table(text, rater="who", group="model", prompts=("item",))
    assert by_group.law.rewards.tolist() == [2.0, 5.0]
    by_id, _ = table(text, rater="who", group="model", prompts=("item",), candidate="id")
    assert by_id.law.rewards.tolist() == [1.5, 3.0, 5.0]
    assert [by_id.law.group_names[number] for number in by_id.law.group_index] == list("xxy")
    without_prompts, _ = table(text, rater="who", candidate="id")
    np.testing.assert_allclose(without_prompts.law.rewards, [8 / 3, 3], rtol=1e-15)
    with pytest.raises(InputError) as caught:
        table(text, rater="who", group="model", candidate="id")
    assert str(caught.value) == (
        "t.csv, row 4 (line 5), column 'model': must be the same in all ratings of a candidate; "
        "got 'y', and 'x' in row 1 (line 2)"
    )


def test_errors_about_candidates_name_a_row_of_theirs(table):
    text = "model,who,reward,weight\na,u,1,1e-300\na,v,2,1e-300\nb,u,5,1\nb,v,5,1\nc,u,1,1e300\n"
    with pytest.raises(InputError, match=r"^t.csv, row 1 \(line 2\): weights .* in row 5 \(line 6"):
        table(text, rater="who", group="model")


def test_two_ratings_by_one_rater_count_and_are_said(table):
    text = "model,who,reward\na,u,1\na,v,1\nb,u,5\na,u,4\n"
    found, said = table(text, rater="who", group="model")
    assert found.law.rewards.tolist() == [2.0, 5.0]
    assert (
        "1 of 4 ratings is a rater's second of one candidate (of 'u', row 4 (line 5)), and counted "
        "too; --candidate-column tells the candidates of one group apart"
    ) in said


def test_one_rating_each_is_said_and_nothing_to_resample(table):
    found, said = table("model,who,reward\na,u,1\nb,v,1\n", rater="who", group="model")
    assert said == [
        "no candidate has more than one rating: are the candidates those that are meant?"
    ]
    assert found.estimates is None


def test_lists_of_raters_without_names_have_a_rater_each(table):
    text = '{"r": [1, 2, 3], "m": "a"}\n{"r": [4], "m": "b"}\n'
    found, _ = table(text, "t.jsonl", reward=("r",), lists="raters", group="m")
    ratings = found.estimates
    assert isinstance(ratings, Ratings)
    assert ratings.raters == ()
    assert ratings.rater.tolist() == [0, 1, 2, 3]
    assert found.law.rewards.tolist() == [2.0, 4.0]
    assert found.law.prompt_names == ()


def test_rows_of_lists_are_prompts_where_a_column_beside_them_names_raters(table):
    # Two rows, each a prompt, of two candidates: means by hand.
    rows = [
        {"r": [1, 3, 8], "who": ["u", "v", "u"], "m": ["a", "a", "b"]},
        {"r": [5, 6, 8], "who": ["u", "u", "v"], "m": ["a", "b", "b"]},
    ]
    text = "\n".join(map(json.dumps, rows))
    found, said = table(text, "t.jsonl", reward=("r",), rater="who", group="m")
    assert found.law.rewards.tolist() == [2.0, 8.0, 5.0, 7.0]
    assert found.law.prompt_names == ("row 1", "row 2")
    assert "each row is a prompt; --lists raters" in said[-1]


WIDE = "prompt,u,v,model\na,1,2,x\nb,3,4,y\n"


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        (
            "prompt,who,reward\na,u,1\n",
            {"rater": "who", "prompts": ("prompt",)},
            "--rater-column takes the rows of one candidate together: name the column that tells "
            "candidates apart with --group-column or --candidate-column; t.csv has 'prompt', "
            "'reward'",
        ),
        (
            WIDE,
            {"reward": ("u",), "candidate": "model"},
            "--candidate-column says which rows are ratings of one candidate: name the column of "
            "raters too, with --rater-column",
        ),
        (
            WIDE,
            {"reward": ("u", "U")},
            "--reward-column must name each column once; got 'u', 'u'",
        ),
        (
            WIDE,
            {"reward": ("u", "v"), "rater": "model"},
            "only one of several --reward-column and --rater-column can be given; got both",
        ),
        (
            WIDE,
            {"reward": ("u", "v"), "lists": "raters"},
            "only one of several --reward-column and --lists raters can be given; got both",
        ),
        (
            WIDE,
            {"candidate_columns": "?", "rater": "model"},
            "only one of --candidate-columns and --rater-column can be given; got both",
        ),
        (
            WIDE,
            {"reward": ("u",), "lists": "raters"},
            "--lists raters needs lists in the cells of column 'u'; t.csv has none: "
            "if several rows rate one candidate, --rater-column names the raters",
        ),
        (
            WIDE,
            {"reward": ("u", "v"), "prompt_weights": "equal"},
            "--prompt-weights equal needs prompts: name their column with --prompt-column; t.csv "
            "has 'prompt', 'u', 'v', 'model'",
        ),
    ],
)
def test_what_cannot_be_ratings(table, text, asked, message):
    with pytest.raises(InputError) as caught:
        table(text, **asked)
    assert str(caught.value) == message


def test_remarks_count_candidates_and_not_ratings(table):
    # Each item has one candidate: its name says nothing of prompts, though ratings repeat it.
    rows = "".join(f"i{n},m,{who},{n}\n" for n in range(8) for who in "uvw")
    _, said = table(f"item,model,who,reward\n{rows}", rater="who", candidate="item")
    assert said == []
    rows = "".join(f"i{n},{n},{n + 1}\n" for n in range(8))
    assert table(f"item,u,v\n{rows}", reward=("u", "v"))[1] == []


def test_columns_of_raters_are_what_to_try_where_no_reward_is(table):
    with pytest.raises(InputError, match="; try --reward-column 'rater_a', and again for each oth"):
        table("prompt,rater_a,rater_b\na,1,2\n")


def test_a_bad_rating_is_named_with_its_column(table):
    with pytest.raises(InputError, match=re.escape("t.csv, row 1 (line 2), column 'model': must ")):
        table(WIDE, reward=("u", "model"))


def test_lists_in_several_columns_are_no_ratings(table):
    text = '{"u": [1, 2], "v": [3, 4]}\n{"u": [1], "v": [3]}'
    with pytest.raises(InputError, match="'u' has lists or records: --lists raters takes the list"):
        table(text, "t.jsonl", reward=("u", "v"))
