"""Pairs with both rewards: from the chosen and the rejected one, or from two and a vote."""

import pytest

from recurate.errors import InputError
from recurate.reading.votes.asked import AskedPairs
from recurate.reading.votes.scored_pairs import read_scored_pairs


@pytest.fixture
def read(reading):
    return reading(read_scored_pairs, AskedPairs)


def test_columns_by_their_names_or_by_options(read):
    pairs, said = read("score_chosen,score_rejected\n1.5,-1\n0,2\n")
    assert pairs.chosen.tolist() == [1.5, 0.0]
    assert pairs.rejected.tolist() == [-1.0, 2.0]
    assert pairs.weights.tolist() == [1, 1]
    assert (pairs.clusters, pairs.weights.sum()) == (None, 2)
    assert said == ["'score_chosen' and 'score_rejected' are the rewards of chosen and rejected"]
    named, said = read("x,y\n1.5,-1\n0,2\n", chosen="x", rejected="y")
    assert (named.chosen.tolist(), named.rejected.tolist()) == ([1.5, 0.0], [-1.0, 2.0])
    assert said == []


def test_a_vote_says_which_of_two_was_chosen_and_ties_are_half_each_way(read):
    text = "q,reward_a,reward_b,winner\nx,1,2,a\nx,3,4,b\ny,5,6,tie\n"
    pairs, said = read(text, prompts=("q",))
    assert pairs.chosen.tolist() == [1, 4, 5, 6]
    assert pairs.rejected.tolist() == [2, 3, 6, 5]
    assert pairs.weights.tolist() == [1, 1, 0.5, 0.5]
    assert pairs.clusters.tolist() == [0, 0, 1, 1]
    assert pairs.weights.sum() == 3
    assert said == [
        "'reward_a' and 'reward_b' are the rewards, 'winner' says which was chosen",
        "1 of 3 votes are ties: half a vote each way",
    ]


def test_a_vote_may_name_the_item_or_be_a_code(read):
    text = "model_a,model_b,reward_a,reward_b,winner\nm1,m2,1,2,m2\nm2,m1,3,4,m2\n"
    pairs, _ = read(text)
    assert (pairs.chosen.tolist(), pairs.rejected.tolist()) == ([2, 3], [1, 4])
    text = "x,y,n\n1,2,1\n3,4,0\n5,6,9\n"
    codes = (("0", "a"), ("1", "b"), ("9", "none"))
    pairs, said = read(text, chosen="x", rejected="y", vote="n", codes=codes)
    assert (pairs.chosen.tolist(), pairs.rejected.tolist()) == ([2, 3], [1, 4])
    assert said == ["1 of 3 votes say nothing of the pair, and are left out"]


def test_missing_rewards(read):
    text = "chosen_reward,rejected_reward\n1,2\n,3\n4,nan\n"
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'chosen_reward': .*--missing"):
        read(text)
    pairs, said = read(text, missing="drop")
    assert (pairs.chosen.tolist(), pairs.weights.sum()) == ([1], 1)
    assert said[1:] == [
        "1 of 3 rows left out: column 'chosen_reward' has no value",
        "1 of 3 rows left out: column 'rejected_reward' has no value",
    ]


def test_what_the_format_remarks_is_said(read):
    _, said = read("name,chosen_reward,rejected_reward\na,1,2\nb,3,4\nTotal,4,6\n")
    assert any(line.startswith("the last row, 'Total', counts as a sample") for line in said)


def test_rows_are_wanted_by_a_condition(read):
    text = "split,chosen_reward,rejected_reward\na,1,2\nb,3,4\n"
    assert read(text, where="split = 'b'")[0].chosen.tolist() == [3]


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        ("x,y\n1,2\n", {}, "must have the rewards of the chosen and of the rejected one"),
        ("x,y\n1,2\n", {"chosen": "x"}, "--chosen-column needs --rejected-column beside it"),
        ("x,y\n1,2\n", {"rejected": "x"}, "--rejected-column needs --chosen-column beside it"),
        ("x,y\n1,2\n", {"chosen": "x", "rejected": "x"}, "must be two columns; got 'x' twice"),
        ("x,y\n1,2\n", {"chosen": "z", "rejected": "x"}, "--chosen-column must name a column of t"),
        ("chosen_reward,rejected_reward\n1,a\n", {}, "'rejected_reward': must be a finite number"),
        ("chosen_reward,rejected_reward\n", {}, "at least one"),
        ("chosen_reward,rejected_reward\n-inf,1\n", {}, "must be a finite number; got '-inf'$"),
        ("chosen,rejected\n1,2\n", {}, "must have the rewards of .*recurate votes makes rewards"),
        ("x,y\n1,2\n", {"codes": (("1", "a"),), "chosen": "x", "rejected": "y"}, "--codes says"),
    ],
)
def test_what_cannot_be_read(read, text, asked, message):
    with pytest.raises(InputError, match=message):
        read(text, **asked)


def test_lists_hold_a_pair_an_entry(read):
    # As RewardBench writes results: an object of lists, or a row with lists of one score.
    text = '{"model": "m", "scores_chosen": [1.5, 0, 2], "scores_rejected": [-1, 2, 1]}'
    pairs, said = read(text, "t.json")
    assert (pairs.chosen.tolist(), pairs.rejected.tolist()) == ([1.5, 0, 2], [-1, 2, 1])
    assert (pairs.clusters, pairs.weights.sum()) == (None, 3)
    assert said[1] == (
        "the entries of lists in 'scores_chosen', 'scores_rejected' are pairs, one each"
    )
    text = '{"score_chosen": [1, 2], "score_rejected": [0, 3]}\n'
    pairs, _ = read(text + '{"score_chosen": [4], "score_rejected": [5]}\n', "t.jsonl")
    assert (pairs.chosen.tolist(), pairs.rejected.tolist()) == ([1, 2, 4], [0, 3, 5])
    assert pairs.clusters.tolist() == [0, 0, 1]
    text = '{"score_chosen": [1], "score_rejected": [0]}\n'
    assert read(2 * text, "t.jsonl")[0].clusters is None
    with pytest.raises(InputError, match=r"lists of one row must be of one length; got 1 in .*, 2"):
        read('{"score_chosen": [1], "score_rejected": [0, 3]}\n' * 2, "t.jsonl")


@pytest.mark.parametrize("beside", ["loss", "rewards/margins", "grad_norm"])
def test_a_log_of_training_holds_no_pairs(read, beside):
    # Names as TRL's trainer of DPO logs them, a row a step.
    text = f"epoch,rewards/chosen,rewards/rejected,{beside}\n"
    text += "0.1,.1,.2,1\n0.2,.3,.1,1\n0.3,.4,.1,1\n"
    with pytest.raises(InputError, match=f"training run's log, .* 'epoch', '{beside}'"):
        read(text)
    assert read(text.replace("0.2", "0.1"))[0].weights.sum() == 3
