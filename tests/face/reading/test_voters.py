"""Raters as voters: their columns, the candidates that all rated, and what is refused."""

import math
from pathlib import Path

import numpy as np
import pytest

from recurate.errors import InputError
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards

INPUTS = Path(__file__).parent / "inputs"

# Candidates x, y, z of two prompts; v did not rate (q, z), and rated (p, x) twice.
LONG = """prompt,model,who,answer
p,x,u,1
p,x,v,2
p,x,v,4
p,y,u,5
p,y,v,0
q,x,u,2
q,x,v,2
q,z,u,9
"""
ASKED = {"reward": ("answer",), "group": "model", "rater": "who", "raters": "voters"}
WIDE = "prompt,u,v,w,length\na,1,2,3,10\na,4,,6,20\nb,7,8,9,30\n"


@pytest.fixture
def table(written):
    """Return the table of a text, and what was remarked."""

    def read(text, **asked):
        said = []
        found = read_rewards(written(text, "t.csv"), Asked(**asked), on_note=said.append)
        return found, [line.removeprefix("t.csv: ") for line in said]

    return read


def test_each_rater_is_a_score_on_the_prompts_that_all_rated(table):
    found, said = table(LONG, **ASKED, prompts=("prompt",))
    law = found.law
    assert law.prompt_names == ("p",)
    assert law.group_names == ("x", "y")
    assert found.voters == ("who u", "who v")
    assert {name: law.scores[name].tolist() for name in law.score_names} == {
        "who u": [1, 5],
        "who v": [3, 0],  # of two ratings of (p, x), the mean
    }
    np.testing.assert_allclose(law.rewards, [7 / 3, 2.5], rtol=1e-15)  # of all ratings, as `mean`
    assert found.estimates is None
    assert found.is_sample
    assert "1 of 2 prompts (2 candidates) is left out: not all 2 voters rated it" in said
    assert not any("candidates have" in line for line in said)


def test_without_prompts_candidates_are_left_out(table):
    found, said = table(LONG.replace("prompt", "run"), **ASKED)
    assert found.law.group_names == ("x", "y")
    assert "1 of 3 candidates is left out: not all 2 voters rated it" in said


def test_columns_of_voters_have_shares_and_the_mean_is_by_them(table):
    asked = {"reward": ("u", "v", "w"), "raters": "voters", "follow": ("length",)}
    found, said = table(WIDE, **asked, shares=(0.5, 0.25, 0.25), scale=2.0)
    law = found.law
    assert (found.voters, found.voter_scale) == (("u", "v", "w"), 2.0)
    assert found.in_unit == "mean of 3 voters"
    assert law.score_names == ("mean of 3 voters", "u", "v", "w", "length")
    assert law.scores["u"].tolist() == [1, 7]  # as they stand
    assert law.scores["length"].tolist() == [10, 30]
    # By hand: 1/2 + 2/4 + 3/4, and twice that in log-odds.
    assert law.scores["mean of 3 voters"].tolist() == [1.75, 7.75]
    assert law.rewards.tolist() == [3.5, 15.5]
    assert "1 of 3 candidates is left out: not all 3 voters rated it" in said


def test_in_another_unit_voters_go_by_log_odds(table):
    text = "a,b\n50,75\n90,10\n"
    found, _ = table(text, reward=("a", "b"), raters="voters", unit="percent", scale=2.0)
    law = found.law
    assert found.voters == ("log-odds of a", "log-odds of b")
    assert found.voter_scale == 1.0
    assert law.scores["a"].tolist() == [50, 90]
    expected = 2 * np.array([0, math.log(9)])  # logit of 1/2 and of 9/10, times γ
    np.testing.assert_allclose(law.scores["log-odds of a"], expected, atol=1e-15)
    expected = 2 * np.array([math.log(3), -math.log(9)])
    np.testing.assert_allclose(law.scores["log-odds of b"], expected, rtol=1e-14)


def test_a_negative_scale_turns_every_voter_round(table):
    found, _ = table("a,b\n1,3\n2,1\n", reward=("a", "b"), raters="voters", scale=-1.0)
    assert found.voter_scale == 1.0
    assert found.voters == ("-1 × a", "-1 × b")  # no log-odds of what are log-odds
    assert found.law.scores["-1 × a"].tolist() == [-1, -2]


def test_five_raters_of_images_are_voters_on_156_items():
    # 156 items and 780 images come with the file.
    said = []
    asked = Asked(**{**ASKED, "rater": "worker_id"}, prompts=("item_id",))
    table = read_rewards(str(INPUTS / "likert.csv"), asked, on_note=said.append)
    assert len(table.law.prompt_names) == 156
    assert table.law.size == 780
    assert len(table.voters) == 5
    left_out = "4 of 160 prompts (20 candidates) are left out: not all 5 voters rated them"
    assert f"likert.csv: {left_out}" in said


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"raters": "voters"}, "--raters voters needs to know who rated what: name the "
         "--rater-column, or a --reward-column for each rater"),
        ({"reward": ("u",), "raters": "voters", "shares": (0.5, 0.5)}, "--shares has the shares of "
         "2 voters: name a --reward-column for each of them, or their --rater-column; got only "
         "'u'"),
        ({"reward": ("u", "v", "w"), "raters": "voters", "shares": (0.5, 0.5)}, "--shares must "
         "have one share for each voter, 3 of them ('u', 'v', 'w'); got 2"),
        ({"reward": ("u", "v"), "raters": "voters", "unit": "probability"}, "must be"),
    ],
)  # fmt: skip
def test_voters_that_cannot_be(table, asked, message):
    with pytest.raises(InputError) as refused:
        table(WIDE, **asked)
    assert message in str(refused.value)


def test_without_a_candidate_that_all_rated_nothing_is_left(table):
    text = "who,model,answer\nu,x,1\nv,y,2\n"
    with pytest.raises(InputError, match="a candidate whose ratings are by all 2 voters; got none"):
        table(text, **ASKED)


def test_lists_of_ratings_name_nobody(table):
    asked = {"reward": ("answers",), "lists": "raters", "raters": "voters", "rater": "who"}
    text = 'answers,who\n"[1, 2]","[""u"", ""v""]"\n"[3, 1]","[""v"", ""u""]"\n'
    found, _ = table(text, **asked)
    assert found.law.scores["who u"].tolist() == [1, 1]
    with pytest.raises(InputError, match="--raters voters needs to know who rated what"):
        table(text, **{**asked, "rater": None})


def test_a_voter_is_not_called_as_a_column_that_is_followed(table):
    text = "who,model,answer,who u\nu,x,1,5\nv,x,2,5\n"
    with pytest.raises(InputError, match="--follow must name no column that is called as a voter"):
        table(text, **ASKED, follow=("who u",))
