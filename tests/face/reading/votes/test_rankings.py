"""Rankings as choices, against the mean over all orders of what is tied."""

from collections import Counter
from itertools import chain, pairwise, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurate.reading.votes.choices import choices_of, tied


def counted(choices):
    """Return the weight of each choice, as (chosen, all it was chosen among)."""
    found = Counter()
    parts = [choices.others[a:b] for a, b in pairwise(choices.starts)]
    for chosen, others, weight in zip(choices.chosen, parts, choices.weights, strict=True):
        found[int(chosen), frozenset(others.tolist()) | {int(chosen)}] += weight
    return found


def over_all_orders(sets, ranks):
    """Return the same by enumeration: each order of the tied counts equally."""
    found = Counter()
    for ranking in sorted(set(sets)):
        entries = [e for e, own in enumerate(sets) if own == ranking]
        tiers = [[e for e in entries if ranks[e] == r] for r in sorted({ranks[e] for e in entries})]
        orders = [list(chain(*order)) for order in product(*map(permutations, tiers))]
        for order in orders:
            for place in range(len(order) - 1):
                found[order[place], frozenset(order[place:])] += 1 / len(orders)
    return found


@given(
    st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=5), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
)
def test_ties_count_as_the_mean_over_their_orders(rankings, random):
    entries = [(number, rank) for number, ranks in enumerate(rankings) for rank in ranks]
    random.shuffle(entries)
    sets, ranks = (np.array(column) for column in zip(*entries, strict=True))
    found, expected = counted(choices_of(sets, ranks)), over_all_orders(sets, ranks)
    assert found.keys() == expected.keys()
    assert all(found[key] == pytest.approx(expected[key], rel=1e-12) for key in expected)
    assert tied(sets, ranks).tolist() == [entries.count(entry) for entry in entries]


def test_a_tie_of_two_is_half_a_choice_each_way():
    choices = choices_of(np.array([0, 0]), np.array([1.0, 1.0]))
    assert choices.weights.tolist() == [0.5, 0.5]
    assert sorted(choices.chosen.tolist()) == [0, 1]


def test_eight_tied_items_keep_the_weight_of_seven_choices():
    # t 2^(t - 1) choices, less the t among one item only.
    choices = choices_of(np.zeros(8, int), np.ones(8))
    assert choices.chosen.size == 8 * 2**7 - 8
    assert choices.weights.sum() == pytest.approx(7, rel=1e-12)


def test_the_first_choice_alone():
    choices = choices_of(np.array([0, 0, 0, 1, 1]), np.array([1.0, 0, 1, 0, 1]), only_first=True)
    assert counted(choices) == {(1, frozenset({0, 1, 2})): 1, (3, frozenset({3, 4})): 1}


TABLES = {
    "lists": (
        "t.jsonl",
        '{"p": "x", "ranking": ["m1", "m2", "m3"]}\n{"p": "y", "ranking": ["m3", "m1"]}\n',
        {"items": ("ranking",)},
    ),
    "lists by name": ("t.json", '[{"ranking": ["m1", "m2", "m3"]}, {"ranking": ["m3", "m1"]}]', {}),
    "lists in CSV": (
        "t.csv",
        "ranking\n\"['m1', 'm2', 'm3']\"\n\"['m3', 'm1']\"\n",
        {"items": ("ranking",)},
    ),
    "long": (
        "t.csv",
        "prompt,model,rank\nx,m2,2\ny,m3,1\nx,m1,1\nx,m3,3\ny,m1,7\n",
        {"prompts": ("prompt",)},
    ),
    "long by names": ("t.csv", "prompt,model,rank\nx,m2,2\ny,m3,1\nx,m1,1\nx,m3,3\ny,m1,7\n", {}),
    "ranks beside items": (
        "t.json",
        '[{"models": ["m2", "m3", "m1"], "ranks": [2, 3, 1]},'
        ' {"models": ["m1", "m3"], "ranks": [2, 1]}]',
        {},
    ),
    "a column a place": (
        "t.csv",
        "best,next,last\nm1,m2,m3\nm3,m1,\n",
        {"items": ("best", "next", "last"), "missing": "drop"},
    ),
}


@pytest.mark.parametrize("shape", TABLES)
def test_rankings_of_every_shape(choices, shape):
    name, text, asked = TABLES[shape]
    assert [choice[:3] for choice in choices(text, name, **asked)] == [
        ("m1", ("m2", "m3"), 1.0),
        ("m2", ("m3",), 1.0),
        ("m3", ("m1",), 1.0),
    ]


def test_a_ranking_is_one_vote_and_one_cluster(read):
    votes, said = read(*reversed(TABLES["long by names"][:2]))
    assert (votes.count, votes.clusters, votes.cluster_is) == (2, 2, "vote")
    assert said == ["read as votes: 'rank' ranks 'model', within 'prompt'; 1 is the best"]


def test_rankings_of_one_prompt_are_one_cluster_if_it_is_named(read):
    lists = '{"p": "x", "r": ["m1", "m2"]}\n{"p": "x", "r": ["m2", "m1"]}\n'
    votes, _ = read(lists, "t.jsonl", items=("r",), prompts=("p",))
    assert (votes.count, votes.clusters, votes.cluster_is) == (2, 1, "prompt")
    long = "prompt,judge,model,rank\nx,j,m1,1\nx,j,m2,2\nx,k,m2,1\nx,k,m1,2\n"
    votes, _ = read(long, prompts=("prompt", "judge"))
    assert (votes.count, votes.clusters, votes.cluster_is) == (2, 1, "prompt")


def test_scores_are_not_taken_for_ranks_without_a_word(read):
    text = "prompt,model,rank\nx,m1,{}\nx,m2,2.5\nx,m3,2.5\ny,m2,1\ny,m1,2\n"
    assert not [line for line in read(text.format("1"))[1] if "no rank" in line]
    (line,) = [line for line in read(text.format("0.72"))[1] if "no rank" in line]
    assert line.startswith("'rank' has 0.72, which is no rank: if it holds scores, ")


def test_ties_are_said_and_count_as_all_orders(read, choices):
    text = "prompt,model,rank\nx,m1,1\nx,m2,1\nx,m3,2\n"
    assert "1 of 1 rankings have ties: all orders of the tied count equally" in read(text)[1]
    # By hand: first either of the tied among three, then the other one before m3.
    assert [choice[:3] for choice in choices(text)] == [
        ("m1", ("m2", "m3"), 0.5),
        ("m1", ("m3",), 0.5),
        ("m2", ("m1", "m3"), 0.5),
        ("m2", ("m3",), 0.5),
    ]
