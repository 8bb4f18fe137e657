"""Votes on pairs: the same votes in every shape, and what a vote may be called."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate.errors import InputError
from recurate.reading.formats.json_tables import JsonSource
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.reading import votes_in

ITEMS = ("gpt-4", "m1", "a", "Ünï cöde", "007")
SIDES = {"a": 0, "b": 1}


def votes_of(records, **asked):
    return votes_in(
        JsonSource("t.json", json.dumps(records)), AskedVotes(**asked), lambda text: None
    )


def summed(votes):
    """Return the weights of (chosen, other), by cluster: what does not depend on the order."""
    found = {}
    for choice, chosen in enumerate(votes.chosen):
        key = int(votes.cluster[choice]), votes.items[chosen], votes.items[votes.others[choice]]
        found[key] = found.get(key, 0.0) + float(votes.weights[choice])
    return found


# What is right, and the shapes that must give it: (first, second, "a", "b" or "tie").
def expected(votes):
    found = {}
    for cluster, (first, second, said) in enumerate(votes):
        for chosen, other, weight in (
            (first, second, {"a": 1.0, "tie": 0.5}.get(said)),
            (second, first, {"b": 1.0, "tie": 0.5}.get(said)),
        ):
            if weight is not None:
                found[cluster, chosen, other] = weight
    return found


def by_columns(votes):
    said = {"a": "model_a", "b": "model_b", "tie": "tie (bothbad)"}
    return [{"model_a": a, "model_b": b, "winner": said[s]} for a, b, s in votes], {}


def by_names(votes):
    return [
        {"item 1": a, "item 2": b, "Winner": {"a": a, "b": b, "tie": "neither"}[s]}
        for a, b, s in votes
    ], {}


def by_codes(votes):
    codes = {"a": 1, "b": 2.0, "tie": 0}
    return [{"left": a, "right": b, "label": codes[s]} for a, b, s in votes], {
        "codes": (("1.0", "a"), ("2", "b"), ("0", "tie"))
    }


def by_key(votes):
    return [{"pair": f"{a}_vs_{b}", "vote": s.upper()} for a, b, s in votes], {}


def by_winner(votes):
    return [
        {
            "chosen_model": b if s == "b" else a,
            "rejected_model": a if s == "b" else b,
            "is_tie": s == "tie",
        }
        for a, b, s in votes
    ], {}


def by_column_each(votes):
    return [
        {
            "model_a": a,
            "model_b": b,
            "winner_model_a": int(s == "a"),
            "winner_model_b": int(s == "b"),
            "winner_tie": int(s == "tie"),
        }
        for a, b, s in votes
    ], {}


def by_lists(votes):
    return [
        {"models": [a, b], "ranks": {"a": [1, 2], "b": [5, 3], "tie": [1, 1]}[s]}
        for a, b, s in votes
    ], {}


def by_rows(votes):
    ranks = {"a": (1, 2), "b": (2, 1), "tie": (1, 1)}
    return [
        {"prompt": f"p{number}", "model": item, "rank": rank}
        for number, (a, b, s) in enumerate(votes)
        for item, rank in zip((a, b), ranks[s], strict=True)
    ], {}


SHAPES = (by_columns, by_names, by_codes, by_key, by_winner, by_column_each, by_lists, by_rows)


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(ITEMS), min_size=2, max_size=2, unique=True),
            st.sampled_from(["a", "b", "tie"]),
        ).map(lambda vote: (*vote[0], vote[1])),
        min_size=1,
        max_size=12,
    )
)
def test_the_same_votes_in_every_shape(votes):
    for shape in SHAPES:
        records, asked = shape(votes)
        read = votes_of(records, **asked)
        found = summed(read)
        if shape in (by_lists, by_rows):  # their clusters are in another order
            found, right = ({k[1:]: 0.0 for k in f} for f in (found, expected(votes)))
            for key, weight in summed(read).items():
                found[key[1:]] += weight
            for key, weight in expected(votes).items():
                right[key[1:]] += weight
        else:
            right = expected(votes)
        assert found == right, shape
        assert (read.count, read.clusters, read.cluster_is) == (len(votes), len(votes), "vote")
        assert set(read.items) == {item for vote in votes for item in vote[:2]}


@pytest.mark.parametrize(
    ("fields", "value", "side"),
    [
        ("model_a,model_b", "model_a", "a"),
        ("model_a,model_b", "Model B", "b"),
        ("model_a,model_b", "A", "a"),
        ("model_a,model_b", "b", "b"),
        ("model_a,model_b", "[[B]]", "b"),
        ("model_a,model_b", "A is better", "a"),
        ("model_a,model_b", "response_b", "b"),
        ("model_a,model_b", "left", "a"),
        ("model_a,model_b", "second", "b"),
        ("model_1,model_2", "model_2", "b"),
        ("model_1,model_2", "m1", "a"),
        ("left,right", "right", "b"),
        ("home_team,away_team", "away", "b"),
        ("a,b", "m2", "b"),
        ("model_a,model_b", "[[A>>B]]", "a"),
        ("model_a,model_b", "A<B", "b"),
        ("model_a,model_b", "A=B", None),
        ("model_a,model_b", "tie", None),
        ("model_a,model_b", "tie (bothbad)", None),
        ("model_a,model_b", "both_bad", None),
        ("model_a,model_b", "Both", None),
        ("model_a,model_b", "neither", None),
        ("model_a,model_b", "draw", None),
        ("model_a,model_b", "equal", None),
        ("model_a,model_b", "No preference", None),
    ],
)
def test_what_a_vote_may_be_called(choices, fields, value, side):
    found = [choice[:3] for choice in choices(f"{fields},winner\nm1,m2,{value}\n")]
    halves = [("m1", ("m2",), 0.5), ("m2", ("m1",), 0.5)]
    assert (
        found
        == {
            "a": [("m1", ("m2",), 1.0)],
            "b": [("m2", ("m1",), 1.0)],
            None: halves,
        }[side]
    )


@pytest.mark.parametrize(
    ("fields", "values", "message"),
    [
        (
            "model_1,model_2",
            ("1", "2", "1"),
            r"got '1' \(2\), '2' \(1\): say what each means, as --codes 1=a,2=b \(a is "
            r"'model_1', b is 'model_2'; none is no vote\)",
        ),
        ("model_a,model_b", ("0", "1", "0.5"), "--codes 1=a,0=b,0.5=tie"),
        ("model_a,model_b", ("C", "a", "b"), r"got 'C' \(1\): say what each means"),
        ("home_team,away_team", ("H", "A", "H"), r"got 'H' \(2\), 'A' \(1\)"),
        ("model_a,model_b", ("m3", "a", "b"), r"got 'm3' \(1\)"),
        ("model_a,model_b", ("y" * 40, "a", "b"), r"as --codes VALUE=a \(a is"),
        ("model_a,model_b", ("\x1b[2J", "x y"), r"as --codes '\\x1b\[2J=a,x y=b' \(a is"),
    ],
)
def test_votes_that_are_not_known_are_listed(read, fields, values, message):
    rows = "".join(f"m1,m2,{value}\n" for value in values)
    with pytest.raises(InputError, match=message) as caught:
        read(f"{fields},winner\n{rows}")
    assert str(caught.value).isprintable()


def test_an_item_of_other_rows_is_no_vote(read):
    with pytest.raises(
        InputError, match=r"row 2 \(line 3\), column 'winner': must be one of .*'m1'"
    ):
        read("model_a,model_b,winner\nm1,m3,m3\nm1,m2,m3\n")


def test_a_side_that_is_an_items_name_too_is_the_item_or_refused(read, choices):
    assert [c[:2] for c in choices("model_a,model_b,winner\nb,a,a\n")] == [("a", ("b",))]
    text = "model_a,model_b,winner\nb,a,a\nb,c,a\n"
    with pytest.raises(InputError, match=r"row 2 .*'b', 'c'; got 'a'; it is an item .*--codes"):
        read(text)
    found = choices(text, codes=(("a", "a"),))
    assert [c[:2] for c in found] == [("b", ("a",)), ("b", ("c",))]


@pytest.mark.parametrize(
    ("rows", "typed"),
    [
        (["a,b,a", "b,a,a", "a,b,b"], "a=a,b=b"),
        (["1,2,1", "2,1,1", "1,2,2"], "1=a,2=b"),
        (["0,1,0", "1,0,0", "0,1,1"], "0=a,1=b"),
    ],
)
def test_an_item_that_is_named_like_a_side_is_said_if_that_matters(read, rows, typed):
    def text(lines):
        return "\n".join(["model_a,model_b,winner", *lines])

    votes, said = read(text(rows))
    first = rows[0][0]
    assert [votes.items[c] for c in votes.chosen] == [first, first, rows[2][-1]]
    warning = f"column 'winner': '{first}' is read as an item's name, and might be a side; if it is"
    assert said[-1] == f"{warning}, --codes {typed}"
    _, said = read(text([rows[0], rows[2]]))  # either reading says the same
    assert warning not in "".join(said)
    codes = tuple(tuple(code.split("=")) for code in typed.split(","))
    sides, said = read(text(rows), codes=codes)  # what is typed is what is then read
    other = rows[2][-1]
    assert [sides.items[c] for c in sides.chosen] == [first, other, other]
    assert warning not in "".join(said)


def test_prompts_may_be_lists_or_records():
    records = [
        {"model_a": "m1", "model_b": "m2", "winner": "a", "prompt": [{"text": text}], "turns": [1]}
        for text in ("x", "y", "x")
    ]
    votes = votes_of(records, prompts=("prompt",))
    assert votes.cluster.tolist() == [0, 1, 0]
    assert votes_of(records).clusters == 3


def test_codes_leave_votes_out_and_count_them(read):
    text = "model_a,model_b,winner\nm3,m1,9\nm1,m2,1\nm1,m2,9\nm2,m1,tie\n"
    votes, said = read(text, codes=(("1", "a"), ("9", "none")))
    assert votes.count == 2
    assert sorted(votes.items) == ["m1", "m2"]  # no vote is on m3
    assert [votes.items[item] for item in votes.chosen] == ["m1", "m2", "m1"]
    assert "2 of 4 votes say nothing of the pair, and are left out" in said


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ((("1", "c"),), "--codes must say a, b, tie or none of each value, .*; got '1=c'"),
        ((("1", "a"), ("1.0", "b")), "--codes must say one thing of '1.0'; got two"),
    ],
)
def test_codes_that_mean_nothing_are_refused(read, codes, message):
    with pytest.raises(InputError, match=message):
        read("model_a,model_b,winner\nm1,m2,1\n", codes=codes)


def test_several_annotators_of_a_row_are_one_cluster(read):
    text = "q,a,b,v1,v2\nx,m1,m2,a,b\nx,m2,m1,tie,\ny,m2,m1,a,a\n"
    asked = {"items": ("a", "b"), "votes": ("v1", "v2"), "missing": "drop"}
    votes, said = read(text, **asked)
    assert (votes.count, votes.cluster_is) == (5, "row")
    assert votes.cluster.tolist() == [0, 0, 1, 1, 2, 2]
    assert votes.weights.tolist() == [1, 1, 0.5, 0.5, 1, 1]
    assert "1 of 6 votes are missing, and left out" in said
    votes, _ = read(text, prompts=("q",), **asked)
    assert votes.cluster_is == "prompt"
    assert votes.cluster.tolist() == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "t.json",
            '[{"pair": "m1_m2", "votes": [1, 2]}, {"pair": "m2_m1", "votes": []}, '
            '{"pair": "m2_m1", "votes": [0]}]',
        ),
        ("t.csv", 'pair,votes\nm1_m2,"[1, 2]"\nm2_m1,[]\nm2_m1,[0]\n'),
    ],
)
def test_a_list_of_votes_is_of_several_annotators(read, name, text):
    codes = (("1", "a"), ("2", "b"), ("0", "tie"))
    votes, said = read(text, name, votes=("votes",), codes=codes)
    assert [votes.items[item] for item in votes.chosen] == ["m1", "m2", "m2", "m1"]
    assert votes.weights.tolist() == [1, 1, 0.5, 0.5]
    assert votes.cluster.tolist() == [0, 0, 1, 1]
    assert (votes.count, votes.cluster_is) == (3, "row")
    assert "1 of 4 rows left out: they are empty" in said


def test_rows_without_an_item_or_a_vote(read):
    text = "model_a,model_b,winner\nm1,m2,a\n,m2,a\nm1,m2,\nm1,m2,NA\n"
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'model_a': .*--missing drop"):
        read(text)
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'winner': .*--missing drop"):
        read("model_a,model_b,winner\nm1,m2,a\nm1,m2,\n")
    votes, said = read(text, missing="drop")
    assert votes.count == 1
    assert said[1:] == [
        "1 of 4 rows left out: column 'model_a' has no value",
        "2 of 3 votes are missing, and left out",
    ]


def test_an_item_against_itself_is_refused_with_what_leaves_it_out(read):
    text = "model_a,model_b,winner\nm1,m2,a\nm1,m1,tie\n"
    with pytest.raises(
        InputError, match=r"row 2 \(line 3\): must compare two .*; --where '(.*)' l"
    ) as e:
        read(text)
    where = str(e.value).split("--where '")[1].split("' leaves")[0]
    assert read(text, where=where)[0].count == 1


def test_rows_are_wanted_by_a_condition(read):
    text = "model_a,model_b,winner,lang\nm1,m2,a,en\nm1,m2,b,de\nm2,m1,a,de\n"
    votes, _ = read(text, where="lang = 'de'")
    assert votes.count == 2
    with pytest.raises(InputError, match="holds for none of 3"):
        read(text, where="lang = 'fr'")


def test_prompts_and_raters_that_were_not_named_are_remarked_upon(read):
    rows = "".join(f"q{n // 2},m1,m2,{'ab'[n % 2]},j{n % 3}\n" for n in range(12))
    text = f"question_id,model_a,model_b,winner,judge\n{rows}"
    _, said = read(text)
    assert said[1:] == [
        "column 'question_id' has 6 labels in 12 rows; --prompt-column 'question_id' allows for "
        "votes of one label that depend on one another",
        "column 'judge' may be of raters (3); a rater's votes are taken as independent",
    ]
    sided = text.replace("question_id", "conversation_a")
    assert not any("conversation_a" in line for line in read(sided)[1])
    votes, said = read(text, prompts=("question_id",))
    assert (votes.clusters, votes.cluster_is) == (6, "prompt")
    assert not any("question_id" in line for line in said)


def test_texts_of_answers_are_no_items(read):
    text = f"prompt,chosen,rejected\np,{'hello ' * 40},no\nq,yes,no\n"
    with pytest.raises(InputError, match="must name items, such as models; got texts of answers"):
        read(text)
    messages = [{"role": "user", "content": "hello"}]
    with pytest.raises(InputError, match=r"column 'chosen': must name items.*recurate calibrate"):
        votes_of([{"chosen": messages, "rejected": messages, "score_chosen": 1.5}])


def test_wrong_truths_are_refused(read):
    head = "model_a,model_b,winner_model_a,winner_model_b,winner_tie\n"
    with pytest.raises(InputError, match=r"one of columns 'winner_model_a'.* must be 1, .*1, 1, 0"):
        read(f"{head}m1,m2,1,1,0\n")
    with pytest.raises(InputError, match="'winner_tie': must be true or false, or 1 or 0; got"):
        read(f"{head}m1,m2,1,0,0.5\n")
    with pytest.raises(InputError, match=r"--codes says what votes mean; t\.csv has no"):
        read(f"{head}m1,m2,1,0,0\n", codes=(("1", "a"),))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"items": ("nobody",)}, "--item-column must name a column of t.csv"),
        ({"items": ("x", "X")}, "--item-column must name each column once; got 'x', 'x'"),
        ({"pair": "x", "items": ("x", "y")}, "only one of --pair-column and --item-column"),
        ({"rank": "x", "votes": ("y",)}, "only one of --rank-column and --vote-column"),
        ({"rank": "z", "items": ("x", "y")}, "--rank-column ranks one --item-column; got 'x', 'y'"),
        ({"items": ("x", "y")}, "must come with what was chosen: .*--vote-column"),
        ({"votes": ("z",), "prompts": ("z",)}, "--prompt-column must be .* its own; got 'z' twice"),
        ({"pair": "x"}, "pair column 'x' must come with what was chosen"),
        ({"votes": ("z",)}, "must be a table of votes.*--item-column, given twice"),
    ],
)
def test_columns_that_do_not_go_together_are_refused(read, asked, message):
    with pytest.raises(InputError, match=message):
        read("x,y,z\nm1,m2,1\n", **asked)


def test_the_winner_may_be_one_of_the_two_columns(choices):
    found = choices("picked,dropped\nm1,m2\n", items=("picked", "dropped"), votes=("picked",))
    assert [choice[:2] for choice in found] == [("m1", ("m2",))]


def test_one_of_the_two_columns_may_be_named_alone(read):
    text = "model_a,model_b,verdict of us\nm1,m2,a\n"
    assert read(text, votes=("verdict of us",))[0].count == 1
    assert read("one,two,winner\nm1,m2,m1\n", items=("one", "two"))[0].count == 1
    assert read("who,winner,loser\nx,m1,m2\n", items=("winner", "loser"))[0].items == ("m1", "m2")
