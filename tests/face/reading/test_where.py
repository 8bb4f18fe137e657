"""Some rows of a table, by a condition of SQL."""

import pytest

from recurate.errors import InputError

TABLE = "label,Step,reward,a b\nbase,1,1,x\nbase,2,2,y\nsft,1,3,\nsft,2,4,x\n"


@pytest.mark.parametrize(
    ("where", "rewards"),
    [
        ("label = 'base'", [1, 2]),
        ("label <> 'base' AND step = 2", [4]),
        ("STEP > 1", [2, 4]),
        ("label in ('sft', 'x') or reward < 2", [1, 3, 4]),
        ("label like 's%'", [3, 4]),
        ("\"a b\" = 'x'", [1, 4]),  # a missing entry has no value, so the condition is not true
        ('"a b" is null or "a b" = \'\'', [3]),
        ("reward between 2 and 3", [2, 3]),
        ("reward = (step + 2)", [3, 4]),
        ("reward > 2", [3, 4]),
        ("reward > avg(reward)", [3, 4]),
    ],
)
def test_rows_that_hold_are_read(read, where, rewards):
    assert read(TABLE, where=where)[0].rewards.tolist() == rewards


def test_a_condition_on_what_is_missing_does_not_hold(read):
    assert read("n,reward\n1,1\n,2\n5,3\n", where="n < 3")[0].rewards.tolist() == [1.0]
    assert read("n,reward\n1,1\n,2\n5,3\n", where="not n < 3")[0].rewards.tolist() == [3.0]


def test_a_column_that_is_read_as_text_is_compared_as_what_it_is(read):
    law, _ = read("group,reward\n007,1\n12,2\n7,3\n", where="group > 7")
    assert law.group_names == ("12",)
    law, _ = read("group,reward\n007,1\n12,2\n7,3\n", where="group = 7")
    assert law.group_names == ("007", "7")


def test_entries_of_lists_are_compared_one_by_one(read):
    text = '[{"reward": [1, 2, 3], "ok": [true, false, true], "q": "a"}, {"reward": [4], "q": "b"}]'
    law, _ = read(text, "t.json", where="ok and q = 'a'")
    assert law.rewards.tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("label = 'x'", "--where must leave rows of t.csv; \"label = 'x'\" holds for none of 4"),
        ("lable = 'base'", "--where must name a column of t.csv: 'label', 'Step', .*try --where"),
        ('label = "base"', "got 'base'.* \\(a text stands in single quotes\\)"),
        ("step = '1'", "cannot compare .*\\(a number stands without quotes\\)$"),
        ("label = base", "got 'base'.* \\(a text stands in single quotes\\)"),
        ("label =", "--where must be a condition on columns of t.csv .*; got 'label ='"),
        ("reward", "it is no condition, but of type Float64"),
        ("1 = 1", "it names no column"),
        ("", "--where must be a condition on columns of t.csv"),
        ("*", "--where must be a condition on columns of t.csv"),
        ("foo(label) = 1", "unsupported function 'foo'"),
        ("reward > 'a'", "cannot compare string with numeric type"),
        ("reward > 1; drop table t", "--where must be a condition"),
    ],
)
def test_a_condition_that_cannot_be_used_is_named_in_one_line(read, where, message):
    with pytest.raises(InputError, match=message) as caught:
        read(TABLE, where=where)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500
