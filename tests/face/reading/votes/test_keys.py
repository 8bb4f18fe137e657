"""Both items of a pair in one text."""

import pytest

from recurate.errors import InputError
from recurate.reading.votes.keys import split_keys


@pytest.mark.parametrize(
    ("keys", "pairs"),
    [
        (["m1_m2", "m2_m3"], [("m1", "m2"), ("m2", "m3")]),
        (["gpt-4_vs_m_2", "m_2_vs_gpt-4"], [("gpt-4", "m_2"), ("m_2", "gpt-4")]),
        (["gpt 4 vs m1", "m1 vs x"], [("gpt 4", "m1"), ("m1", "x")]),
        (["gpt-4_m-1", "m-1_gpt-4"], [("gpt-4", "m-1"), ("m-1", "gpt-4")]),
        (["x|y z", "y z|x"], [("x", "y z"), ("y z", "x")]),
        (["x/y:1", "y:1/x"], [("x", "y:1"), ("y:1", "x")]),
        (["x, y", "y, z"], [("x", "y"), ("y", "z")]),
        # A mark that stands in names too: both names of a cut must be in other keys.
        (["m_1_m2", "m2_m3", "m3_m_1"], [("m_1", "m2"), ("m2", "m3"), ("m3", "m_1")]),
        (
            ["gpt_4_llama_2", "llama_2_gpt_4", "gpt_4_turbo_llama_2", "gpt_4_gpt_4_turbo"],
            [
                ("gpt_4", "llama_2"),
                ("llama_2", "gpt_4"),
                ("gpt_4_turbo", "llama_2"),
                ("gpt_4", "gpt_4_turbo"),
            ],
        ),
        (["m1_m2", "m2_m3", "m1_m3"], [("m1", "m2"), ("m2", "m3"), ("m1", "m3")]),
    ],
)
def test_keys_are_split_where_the_names_agree(keys, pairs):
    assert split_keys(keys, "key", "t.csv") == pairs


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["m1m2"], "t.csv, column 'key': must name two items each, as m1_m2, .*; got 'm1m2'"),
        (["17", "18"], "must name two items each"),
        (["a-1_b"], "in one way; 'a-1_b' may be 'a-1' and 'b' or 'a' and '1_b'"),
        (["_m1"], "must name two items each"),
        (["a_b_c"], "must name two items each, .*: put the items into two columns"),
        (["a_b_c", "c_a_b", "b_c_a"], "must name two items each"),
    ],
)
def test_keys_that_cannot_be_split(keys, message):
    with pytest.raises(InputError, match=message):
        split_keys(keys, "key", "t.csv")
