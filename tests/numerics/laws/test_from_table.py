"""Laws from tables of pandas, polars and pyarrow."""

import decimal
import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from recurate import RewardLaw

LIBRARIES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
COLUMNS = {
    "question": ["b", "b", "a", "a", "b"],
    "level": [1, 2, 1, 1, 2],
    "reward": [0.5, 2.0, -1.0, 3.0, 2.0],
    "correct": [True, False, True, True, False],
    "votes": [1, 0, 2, 3, 2],
    "length": [10, None, 30, 40, 50],
    "model": ["m", "n", "m", "n", "o"],
}


@pytest.fixture(params=LIBRARIES)
def table(request):
    """Return a function that makes a table of this library."""
    return LIBRARIES[request.param]


def test_a_table_is_the_law_of_its_columns(table):
    law = RewardLaw.from_table(
        table(COLUMNS),
        reward="reward",
        group="model",
        weight="votes",
        prompt="question",
        scores=["length", "correct"],
    )
    assert law.rewards.tolist() == COLUMNS["reward"]
    assert law.probs.tolist() == [vote / 8 for vote in COLUMNS["votes"]]
    assert law.group_names == ("m", "n", "o")
    assert law.group_index.tolist() == [0, 1, 0, 1, 2]
    assert law.prompt_names == ("b", "a")
    assert law.prompt_index.tolist() == [0, 0, 1, 1, 0]
    assert law.score_names == ("length", "correct")
    np.testing.assert_array_equal(law.scores["length"], [10, math.nan, 30, 40, 50])
    assert law.scores["correct"].tolist() == [1, 0, 1, 1, 0]


def test_true_and_false_are_rewards(table):
    law = RewardLaw.from_table(table(COLUMNS), reward="correct")
    assert law.rewards.tolist() == [1.0, 0.0, 1.0, 1.0, 0.0]
    assert law.is_uniform
    assert law.prompt_index is None


def test_a_prompt_may_be_of_several_columns(table):
    law = RewardLaw.from_table(
        table(COLUMNS), reward="reward", prompt=["question", "level"], prompt_weights="equal"
    )
    assert law.prompt_names == (("b", 1), ("b", 2), ("a", 1))
    assert law.prompt_index.tolist() == [0, 1, 2, 2, 1]
    assert law.prompt_probs == pytest.approx([1 / 3] * 3)


def test_labels_that_are_categories_or_numbers():
    frame = pd.DataFrame({"r": [1.0, 2.0], "c": pd.Categorical(["x", "y"]), "n": [7, 3]})
    assert RewardLaw.from_table(frame, reward="r", group="c").group_names == ("x", "y")
    assert RewardLaw.from_table(frame, reward="r", group="n").group_names == (7, 3)
    arrow = pa.table({"r": [1, 2], "c": pa.array(["x", "y"]).dictionary_encode()})
    assert RewardLaw.from_table(arrow, reward="r", group="c").group_names == ("x", "y")


def test_numbers_of_any_kind():
    frame = pl.DataFrame({"r": [decimal.Decimal("1.5"), decimal.Decimal("-2")]})
    assert RewardLaw.from_table(frame, reward="r").rewards.tolist() == [1.5, -2.0]
    # pandas keeps truth values beside a missing one as objects.
    mixed = pd.DataFrame({"r": [1, 2], "s": [True, None]})
    scores = RewardLaw.from_table(mixed, reward="r", scores="s").scores["s"]
    np.testing.assert_array_equal(scores, [1.0, math.nan])
    # So it does decimals.
    mixed = pd.DataFrame({"r": [decimal.Decimal("1.5"), 2], "s": [decimal.Decimal("3"), pd.NA]})
    law = RewardLaw.from_table(mixed, reward="r", scores="s")
    assert law.rewards.tolist() == [1.5, 2.0]
    np.testing.assert_array_equal(law.scores["s"], [3.0, math.nan])


def test_labels_of_any_kind_stay_as_they_are():
    frame = pd.DataFrame({0: [1.0, 2.0], 1: pd.Categorical([10, 2])})
    assert RewardLaw.from_table(frame, reward=0, prompt=1).prompt_names == (10, 2)
    large = pl.DataFrame({"r": [1, 2], "p": pl.Series([2**100, 3], dtype=pl.Int128)})
    assert RewardLaw.from_table(large, reward="r", prompt="p").prompt_names == (2**100, 3)


@pytest.mark.parametrize(
    "labels",
    [
        pd.array([7, None], dtype="Int64"),
        pd.array(["a", None], dtype="string"),
        pd.to_datetime(["2020-01-01", None]),
        pd.Categorical(["a", None]),
        [1.5, math.nan],
    ],
    ids=["integer", "string", "date", "category", "float"],
)
def test_a_label_that_is_missing_is_said_to_be(labels):
    frame = pd.DataFrame({"r": [1.0, 2.0], "p": labels})
    with pytest.raises(ValueError, match=r"column 'p', position 1: must be a label; .* is missing"):
        RewardLaw.from_table(frame, reward="r", prompt="p")


def test_an_integer_beyond_doubles_is_not_finite():
    with pytest.raises(ValueError, match="column 'r', position 0: must be a finite number"):
        RewardLaw.from_table(pd.DataFrame({"r": [10**400, 1]}), reward="r")


@pytest.mark.parametrize(
    ("change", "arguments", "error", "message"),
    [
        ({}, {"reward": "none"}, ValueError, r"reward must name a column \('question', .*'none'"),
        ({}, {"group": "none"}, ValueError, "group must name a column .*; got 'none'"),
        ({}, {"scores": ["none"]}, ValueError, "scores must name a column .*; got 'none'"),
        (
            {"reward": ["1", "x", "2", "3", "4"]},
            {},
            TypeError,
            "column 'reward', position 0: must be a number; got '1'",
        ),
        (
            {"reward": [1.0, None, 2.0, 3.0, 4.0]},
            {},
            ValueError,
            "column 'reward', position 1: must be a finite number; got (nan|None)",
        ),
        (
            {"length": [1.0, math.inf, 2.0, 3.0, 4.0]},
            {"scores": ["length"]},
            ValueError,
            "column 'length', position 1: must be a finite number; got inf",
        ),
        (
            {"votes": [1, -1, 2, 3, 4]},
            {"weight": "votes"},
            ValueError,
            "column 'votes', position 1: must be a weight of at least 0; got -1",
        ),
        (
            {"votes": [0, 0, 0, 0, 0]},
            {"weight": "votes"},
            ValueError,
            "column 'votes' must have a positive finite sum; got 0",
        ),
        (
            {"model": ["m", "n", None, "m", "n"]},
            {"group": "model"},
            ValueError,
            "column 'model'.* must be .*label.*got (nan|None)",
        ),
    ],
)
def test_what_cannot_be_used_is_named(table, change, arguments, error, message):
    with pytest.raises(error, match=message):
        RewardLaw.from_table(table({**COLUMNS, **change}), **{"reward": "reward", **arguments})


@pytest.mark.parametrize(
    "wrong", [[1.0, 2.0], {"reward": [1.0]}, np.zeros(3), pl.DataFrame({"reward": [1.0]}).lazy()]
)
def test_what_is_no_table_is_refused(wrong):
    with pytest.raises(TypeError, match="table must be one of pandas, polars or pyarrow"):
        RewardLaw.from_table(wrong, reward="reward")


def test_a_table_without_rows_is_refused(table):
    with pytest.raises(ValueError, match="table must have at least one row; got none"):
        RewardLaw.from_table(table({"reward": []}), reward="reward")
