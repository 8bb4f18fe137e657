"""One chosen of K: in lists, by name, place or code, or in a row each."""

import pytest

from recurate.errors import InputError

CHOICES = [("m1", ("m2",), 1.0), ("m3", ("m1", "m2"), 1.0)]
TABLES = {
    "name": (
        "t.json",
        '[{"models": ["m1", "m2"], "chosen": "m1"}, '
        '{"models": ["m1", "m3", "m2"], "chosen": "m3"}]',
        {},
    ),
    "place from 0": (
        "t.json",
        '[{"models": ["m1", "m2"], "choice": 0}, {"models": ["m1", "m3", "m2"], "choice": 1}]',
        {},
    ),
    "place from 1": (
        "t.json",
        '[{"models": ["m1", "m2"], "choice": 1}, {"models": ["m1", "m2", "m3"], "choice": 3}]',
        {},
    ),
    "codes": (
        "t.json",
        '[{"models": ["m1", "m2"], "n": "x"}, {"models": ["m1", "m2", "m3"], "n": "z"}, '
        '{"models": ["m1", "m2"], "n": "-"}]',
        {"votes": ("n",), "codes": (("x", "a"), ("y", "b"), ("z", "c"), ("-", "none"))},
    ),
    "columns": (
        "t.csv",
        "one,two,three,best\nm1,m2,,m1\nm1,m2,m3,m3\n",
        {"items": ("one", "two", "three"), "votes": ("best",), "missing": "drop"},
    ),
    "a row each": (
        "t.csv",
        "prompt,model,chosen\nx,m1,true\nx,m2,false\ny,m1,0\ny,m3,1\ny,m2,0\n",
        {"prompts": ("prompt",)},
    ),
    "records": (
        "t.json",
        '[{"answers": [{"by": "m1"}, {"by": "m2"}], "n": 0}, '
        '{"answers": [{"by": "m1"}, {"by": "m2"}, {"by": "m3"}], "n": 2}]',
        {"items": ("answers.by",), "votes": ("n",)},
    ),
}


@pytest.mark.parametrize("shape", TABLES)
def test_one_of_several_in_every_shape(choices, shape):
    name, text, asked = TABLES[shape]
    assert [choice[:3] for choice in choices(text, name, **asked)] == CHOICES


def test_what_has_no_choice_is_left_out_and_counted(read):
    text = "prompt,model,chosen\nx,m1,1\nx,m2,0\ny,m1,0\ny,m2,0\nz,m2,1\n"
    votes, said = read(text)
    assert votes.count == 1
    assert said == [
        "read as votes: 'chosen' says which of 'model' was chosen, within 'prompt'",
        "1 of 3 choices have one item only: left out",
        "1 of 3 choices have no chosen item: left out",
    ]


LISTS = '[{"models": ["m1", "m2", "m3"], "choice": 1}, {"models": ["m1", "m2", "m3"], "choice": 2}]'


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        (LISTS, {}, "'choice': may count .* from 0 or from 1; say which, as --codes 1=a,2=b"),
        (LISTS, {"codes": (("1", "a"),)}, "--codes must say what '2' means"),
        (LISTS, {"codes": (("1", "tie"),)}, "a letter of each value, .* got '1=tie'"),
        (
            LISTS,
            {"codes": (("1", "a"), ("2", "d"))},
            "t.json, row 2, column 'choice': must be the place of one of the row's items; got 2",
        ),
        (
            '[{"models": ["m1", "m2"], "chosen": "m1"}, {"models": ["m1", "m2"], "chosen": "m3"}]',
            {},
            "row 2, column 'chosen': must be one of the row's items, 'm1', 'm2'; got 'm3'",
        ),
        (
            '[{"models": ["m1", "m1"], "chosen": "m1"}]',
            {},
            "row 1, entry 2: must compare each item once; got 'm1' twice",
        ),
    ],
)
def test_lists_that_cannot_be_read(read, text, asked, message):
    with pytest.raises(InputError, match=message):
        read(text, "t.json", **asked)


@pytest.mark.parametrize(
    ("text", "asked", "message"),
    [
        (
            "prompt,model,chosen\nx,m1,1\nx,m2,1\n",
            {},
            r"row 2 \(line 3\): one item of several must be chosen; got 2",
        ),
        (
            "prompt,model,rank\nx,m1,1\nx,m1,2\n",
            {},
            "must compare each item once; got 'm1' twice; if several people .*--prompt-column",
        ),
        ("model,rank\nm1,1\nm2,2\n", {}, "must say which rows of 'model' were compared"),
        ("prompt,model,rank\nx,m1,1\nx,m2,\n", {}, "'rank': .*--missing drop"),
        (
            "prompt,model,chosen\nx,m1,2\nx,m2,0\n",
            {},
            "'chosen': must be true or false, or 1 or 0; got",
        ),
        (
            "prompt,model,chosen\nx,m1,1\nx,m2,0\n",
            {"codes": (("1", "a"),)},
            "--codes says what votes mean; t.csv has no column of such votes",
        ),
        ("model,x\nm1,1\n", {"items": ("model",)}, "'model' must have lists of items"),
        (
            "n,model,chosen\nx,m1,1\ny,m2,0\n",
            {"prompts": ("n",)},
            "must have at least one vote; got none",
        ),
    ],
)
def test_rows_that_cannot_be_read(read, text, asked, message):
    with pytest.raises(InputError, match=message):
        read(text, **asked)


def test_too_many_of_one_rank_are_refused(read):
    rows = "".join(f"x,m{number},1\n" for number in range(9))
    with pytest.raises(InputError, match="at most 8 items may have one rank; got 9"):
        read(f"prompt,model,rank\n{rows}")
