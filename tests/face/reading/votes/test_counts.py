"""Votes that come as counts: what they say is what the same votes say, written out.

Written-out votes are the origin of all expected numbers here; their own are tested elsewhere.
"""

import random

import numpy as np
import pytest

from recurate.errors import InputError
from recurate.numerics.votes.calibration import calibrate_scale
from recurate.numerics.votes.cycles import cycles
from recurate.numerics.votes.fit import fitted
from recurate.numerics.votes.goodness import fit_test
from recurate.reading.votes.asked import AskedPairs, AskedVotes
from recurate.reading.votes.counts import MOST_VOTES
from recurate.reading.votes.reading import read_votes
from recurate.reading.votes.scored_pairs import read_scored_pairs

from .conftest import choices_of

ITEMS = "abcd"
PAIRS = [(a, b) for a in ITEMS for b in ITEMS if a < b]


def drawn(seed, largest=9):
    """Return votes as rows (first, second, said, count), each item with wins and losses."""
    draw = random.Random(seed)
    said = ("model_a", "model_b", "tie")
    rows = [(*pair, s, draw.randint(1, largest)) for pair in PAIRS for s in said]
    draw.shuffle(rows)
    return rows


def table(rows, header="model_a,model_b,winner,count"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def written_out(rows):
    """Return the table of rows each as often as its last entry says, without that entry."""
    return table([row[:-1] for row in rows for _ in range(row[-1])], "model_a,model_b,winner")


def require_same(counted, written):
    """Require that two tables of votes say the same, in all that is said of them."""
    assert choices_of(counted) == choices_of(written)
    assert (counted.count, counted.cluster_is) == (written.count, written.cluster_is)
    ours, theirs = fitted(counted), fitted(written)
    assert np.array_equal(ours.rewards, theirs.rewards)
    assert np.array_equal(ours.covariance, theirs.covariance)
    assert fit_test(ours) == fit_test(theirs)
    assert cycles(counted) == cycles(written)


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_the_votes_written_out(read, seed):
    rows = drawn(seed)
    counted, said = read(table(rows), weight="count")
    written, said_of_written = read(written_out(rows))
    require_same(counted, written)
    assert said == said_of_written


def test_a_cycle_of_counts_is_found(read):
    pairs = [("a", "b"), ("b", "c"), ("c", "a")]
    rows = [(*pair, "model_a", 30) for pair in pairs] + [(*pair, "model_b", 5) for pair in pairs]
    counted, _ = read(table(rows), weight="count")
    assert [set(cycle.items) for cycle in cycles(counted)] == [{"a", "b", "c"}]
    require_same(counted, read(written_out(rows))[0])
    assert cycles(read(table(rows))[0]) == ()  # one vote each way says nothing


def test_prompts_cluster_counted_votes(read):
    rows = [(f"p{n % 5}", *row) for n, row in enumerate(drawn(7))]
    text = table(rows, "prompt,model_a,model_b,winner,count")
    counted, _ = read(text, weight="count", prompts=("prompt",))
    out = table([row[:-1] for row in rows for _ in range(row[-1])], "prompt,model_a,model_b,winner")
    assert counted.clusters == 5
    require_same(counted, read(out, prompts=("prompt",))[0])


@pytest.mark.parametrize(
    ("rows", "header", "name", "asked"),
    [
        (
            [("a,b,a,b", 3), ("b,c,b,b", 2), ("c,a,a,c", 4), ("b,a,tie,b", 1), ("b,c,c,b", 2)],
            *("model_a,model_b,annotator1,annotator2", "t.csv", {}),
        ),
        (
            [
                ('{"a": "x", "b": "y", "votes": ["x", "y"]', 3),
                ('{"a": "y", "b": "x", "votes": ["tie", "y"]', 2),
            ],
            *(None, "t.jsonl", {"items": ("a", "b"), "votes": ("votes",)}),
        ),
        (
            [
                ('{"items": ["a", "b", "c"]', 3),
                ('{"items": ["c", "a"]', 2),
                ('{"items": ["b", "c", "a"]', 1),
            ],
            *(None, "t.jsonl", {"items": ("items",)}),
        ),
        (
            [
                ('{"items": ["a", "b", "c"], "choice": "c"', 3),
                ('{"items": ["b", "c", "a"], "choice": "a"', 2),
                ('{"items": ["b", "a"], "choice": "b"', 4),
            ],
            *(None, "t.jsonl", {"items": ("items",), "votes": ("choice",)}),
        ),
        ([("a,b", 3), ("b,a", 1), ("b,c", 5), ("c,b", 2)], "winner,loser", "t.csv", {}),
    ],
    ids=["annotators", "lists of annotators", "rankings", "one of several", "winners"],
)
def test_votes_of_every_kind_may_be_counted(read, rows, header, name, asked):
    if header is None:
        counted = "\n".join(f'{row}, "count": {count}}}' for row, count in rows)
        written = "\n".join(row + "}" for row, count in rows for _ in range(count))
    else:
        counted = "\n".join([f"{header},count", *(f"{row},{count}" for row, count in rows)])
        written = "\n".join([header, *(row for row, count in rows for _ in range(count))])
    ours = read(counted, name, weight="count", **asked)[0]
    theirs = read(written, name, **asked)[0]
    assert choices_of(ours) == choices_of(theirs)
    assert (ours.count, ours.cluster_is) == (theirs.count, theirs.cluster_is)


# Wins


def by_wins(rows):
    """Return (first, second, wins of either, ties) of rows of counted votes."""
    number = {(a, b, said): count for a, b, said, count in rows}
    return [
        (a, b, *(number[a, b, said] for said in ("model_a", "model_b", "tie"))) for a, b in PAIRS
    ]


@pytest.mark.parametrize(
    "header",
    [
        "model_a,model_b,wins_a,wins_b,ties",
        "model_1,model_2,win_1,win_2,tie",
        "a,b,a_wins,b_wins,draws",
        "player_a,player_b,wins_player_a,wins_player_b,wins_tie",
        "item_a,item_b,wins,losses,ties",
        "model_a,model_b,winner_model_a,winner_model_b,winner_tie",
    ],
)
def test_columns_of_wins_are_the_votes_written_out(read, header):
    rows = drawn(11)
    wins, said = read(table(by_wins(rows), header))
    written, _ = read(written_out(sorted(rows)))
    assert wins.count == written.count == sum(row[-1] for row in rows)
    assert [(c, o, w) for c, o, w, _ in choices_of(wins)] == [
        (c, o, w) for c, o, w, _ in choices_of(written)
    ]
    np.testing.assert_allclose(fitted(wins).rewards, fitted(written).rewards, rtol=1e-12)
    items, votes = header.split(",")[:2], header.split(",")[2:]
    assert said[0] == (
        f"read as votes: '{votes[0]}', '{votes[1]}' say how often '{items[0]}', '{items[1]}' won, "
        f"'{votes[2]}' how often neither did"
    )


def test_columns_of_wins_may_be_named_and_have_no_ties(read):
    text = "left,right,wins_left,wins_right\na,b,3,1\nb,a,2,0\n"
    votes, _ = read(text)
    assert choices_of(votes) == choices_of(read("winner,loser\n" + "a,b\n" * 3 + "b,a\n" * 3)[0])
    named, _ = read(text, items=("left", "right"), votes=("wins_left", "wins_right"))
    assert choices_of(named) == choices_of(votes)


def test_a_square_has_the_wins_of_its_rows_over_its_columns(read):
    text = "model,a,b,c\na,0,3,1\nb,2,,4\nc,1,2,-\n"
    votes, said = read(text)
    rows = [("a", "b", 3), ("a", "c", 1), ("b", "a", 2), ("b", "c", 4), ("c", "a", 1)]
    rows.append(("c", "b", 2))
    written, _ = read("winner,loser\n" + "".join(f"{w},{o}\n" * n for w, o, n in rows))
    assert choices_of(votes) == choices_of(written)
    assert votes.cluster_is == "vote"
    assert said == ["read as votes: a square of wins, those of the row's item over the column's"]


def test_a_square_may_begin_with_an_empty_name_and_have_items_in_another_order(read):
    votes, said = read(",7,9\n9,1,0\n7,0,2\n")
    assert choices_of(votes) == choices_of(read("winner,loser\n9,7\n7,9\n7,9\n")[0])
    assert "square" in said[0]


def test_pairs_of_a_square_that_never_met_may_be_dropped(read):
    text = "model,a,b,c\na,,3,\nb,2,,4\nc,,2,\n"
    with pytest.raises(InputError, match=r"row 1 \(line 2\), 'c'.*got none; --missing drop leaves"):
        read(text)
    assert read(text, missing="drop")[0].count == 11


@pytest.mark.parametrize("last", ["d,1,2,0", "z,1,2,0\nx,4,5,6"], ids=["other", "twice"])
def test_a_table_of_other_names_is_no_square(read, last):
    with pytest.raises(InputError, match="must be a table of votes"):
        read(f"model,x,y,z\nx,0,3,1\ny,2,0,4\n{last}\n")


# Errors


@pytest.mark.parametrize(
    ("count", "message"),
    [
        ("2.5", r"row 2 \(line 3\), column 'count': must be a number of votes, .*; got 2.5"),
        ("-1", r"row 2 \(line 3\), column 'count': must be a number of votes, .*; got -1"),
        ("", r"row 2 .*, column 'count': must be a number of votes, .*; got none; --missing drop"),
        ("many", r"row 2 .*, column 'count': must be a finite number; got 'many'"),
        (f"{MOST_VOTES}", r"at most 10,000,000 votes; got 10,000,003: divide all"),
        ("1e300", r"at most 10,000,000 votes; got 1e\+300"),
    ],
)
def test_what_is_no_number_of_votes_is_refused(read, count, message):
    text = f"winner,loser,count\na,b,3\nb,a,{count}\n"
    with pytest.raises(InputError, match=message):
        read(text, weight="count")


@pytest.mark.parametrize("wins", ["2.5", "-1", ""])
def test_what_is_no_number_of_wins_is_refused(read, wins):
    with pytest.raises(InputError, match=r"row 2 \(line 3\), column 'wins_b': must be a"):
        read(f"model_a,model_b,wins_a,wins_b\na,b,3,2\nb,a,2,{wins}\n")


def test_wins_are_at_most_so_many_in_all(read):
    text = f"model_a,model_b,wins_a,wins_b\na,b,{MOST_VOTES},1\n"
    with pytest.raises(InputError, match=r"at most 10,000,000 votes; got 10,000,001"):
        read(text)


def test_rows_for_no_vote_are_left_out_and_counted(read):
    text = "winner,loser,count\na,b,3\n,a,0\nb,a,2\na,c,0\n"  # which need no item, either
    votes, said = read(text, weight="count")
    assert votes.items == ("a", "b")
    assert votes.count == 5
    assert "rows that stand for no vote ('count' is 0) are left out: 2" in said
    with pytest.raises(InputError, match="must have at least one vote; got none"):
        read("winner,loser,count\na,b,0\n", weight="count")
    with pytest.raises(InputError, match="must have at least one vote; got none"):
        read("model_a,model_b,wins_a,wins_b\na,b,0,0\n")


def test_rows_without_a_count_may_be_left_out(read):
    votes, said = read("winner,loser,n\na,b,3\na,b,\nb,a,2\n", weight="n", missing="drop")
    assert votes.count == 5
    assert "1 of 3 rows left out: column 'n' has no value" in said


def test_a_row_of_a_ranking_is_no_vote(read):
    with pytest.raises(InputError, match=r"a row of t.csv is one item of several: write .* a list"):
        read("prompt,item,rank,count\np,a,1,3\np,b,2,3\n", weight="count")


def test_a_list_that_is_a_vote_has_one_count(read):
    with pytest.raises(InputError, match=r"row 2.*'count': must be one number for the whole list"):
        read(
            '{"items": ["a", "b"], "count": [2, 2]}\n{"items": ["b", "a"], "count": [0, 2]}\n',
            *("t.jsonl",),
            items=("items",),
            weight="count",
        )


def test_counts_may_be_fields_of_records(tmp_path):
    path = tmp_path / "t.jsonl"
    won = '{"a": "x", "b": "y", "of": [{"who": "x", "n": 3, "c": 1, "r": 0}, '
    path.write_text((won + '{"who": "y", "n": 2, "c": 0, "r": 1}]}\n') * 2)
    asked = AskedVotes(items=("a", "b"), votes=("of.who",), weight="of.n")
    assert read_votes(str(path), asked).count == 10
    pairs = AskedPairs(chosen="of.c", rejected="of.r", weight="of.n")
    assert read_scored_pairs(str(path), pairs).weights.sum() == 10


def test_counts_have_a_column_of_their_own(read):
    with pytest.raises(InputError, match="--weight-column must be a column of its own"):
        read("winner,loser\na,b\n", items=("winner", "loser"), weight="loser")
    with pytest.raises(InputError, match="--weight-column must name a column of"):
        read("winner,loser\na,b\n", weight="count")
    with pytest.raises(InputError, match="only one of --weight-column and columns of wins"):
        read("model_a,model_b,wins_a,wins_b,n\na,b,3,2,5\n", weight="n")


# Remarks


@pytest.mark.parametrize("field", ["count", "n", "votes", "num_votes", "wins", "weight", "N Votes"])
def test_a_column_that_may_count_votes_is_remarked_upon(read, field):
    _, said = read(f"winner,loser,{field}\na,b,3\nb,a,1\nb,a,0\n")
    assert said[-1] == (
        f"column '{field}' may say how many votes a row stands for; each row counts once: "
        f"--weight-column '{field}' counts it so often"
    )


@pytest.mark.parametrize(
    "text",
    [
        "winner,loser,count\na,b,1\nb,a,1\nb,a,0\n",  # no more than one each
        "winner,loser,weight\na,b,0.5\nb,a,1\n",
        "winner,loser,n\na,b,1\nb,a,2\nb,a,3\n",  # the rows' numbers
        "winner,loser,n\na,b,x\nb,a,2\n",
        "winner,loser,token_count\na,b,30\nb,a,20\n",
        "winner,loser,n\na,b,\nb,a,1\n",
        "model_a,model_b,wins_a,wins_b,n\na,b,3,2,5\nb,c,3,1,4\n",  # what the wins sum up to
    ],
)
def test_other_columns_are_not(read, text):
    assert not any("how many votes" in line for line in read(text)[1])


# Scored pairs


@pytest.mark.parametrize("prompts", [(), ("q",)])
def test_scored_pairs_may_be_counted(tmp_path, prompts):
    draw = random.Random(3)
    rows = [
        (n % 4, draw.gauss(0, 1), draw.gauss(0, 1), draw.choice(["a", "b", "tie"]), n % 5)
        for n in range(40)
    ]
    header = "q,reward_a,reward_b,winner"
    (tmp_path / "c.csv").write_text(table(rows, f"{header},count"))
    out = [row[:-1] for row in rows for _ in range(row[-1])]
    (tmp_path / "w.csv").write_text(table(out, header))
    said = []
    asked = AskedPairs(weight="count", prompts=prompts)
    ours = read_scored_pairs(str(tmp_path / "c.csv"), asked, on_note=said.append)
    theirs = read_scored_pairs(str(tmp_path / "w.csv"), AskedPairs(prompts=prompts))
    assert ours.weights.sum() == theirs.weights.sum() == len(out)
    assert calibrate_scale(
        ours.chosen, ours.rejected, weights=ours.weights, clusters=ours.clusters
    ) == calibrate_scale(
        theirs.chosen, theirs.rejected, weights=theirs.weights, clusters=theirs.clusters
    )
    assert "c.csv: rows that stand for no vote ('count' is 0) are left out: 8" in said


def test_counts_of_scored_pairs_are_remarked_upon_and_have_a_column_of_their_own(tmp_path):
    path, said = tmp_path / "t.csv", []
    path.write_text("chosen_reward,rejected_reward,n\n1,0,3\n0,2,1\n")
    pairs = read_scored_pairs(str(path), AskedPairs(), on_note=said.append)
    assert pairs.weights.sum() == 2
    assert "--weight-column 'n' counts it so often" in said[-1]
    with pytest.raises(InputError, match="--weight-column must be a column of its own"):
        read_scored_pairs(str(path), AskedPairs(weight="chosen_reward"))
    with pytest.raises(InputError, match="--weight-column must name a column"):
        read_scored_pairs(str(path), AskedPairs(weight="m"))


@pytest.mark.parametrize(
    ("counts", "end"),
    [
        (["2", "", "1"], "once: --weight-column 'weight' counts it so often"),
        (["2", "0.5", "1"], "once, as fractions of votes cannot be counted"),
    ],
)
def test_columns_that_count_some_votes_are_remarked_upon(read, counts, end):
    rows = [f"{pair},{n}" for pair, n in zip(("x,y", "y,z", "z,x"), counts, strict=True)]
    _, said = read("\n".join(["winner,loser,weight", *rows]))
    start = "column 'weight' may say how many votes a row stands for; each row counts "
    assert said[-1] == start + end
