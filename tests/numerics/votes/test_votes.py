"""Votes from labels and from codes, and what is refused."""

import math
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest

from recurate.numerics.votes.votes import Votes


def test_items_are_numbered_those_chosen_first():
    votes = Votes.of(["b", "a", "b"], ["c", ["c", "b"], "a"], weights=[1, 2, 0.5])
    assert votes.items == ("b", "a", "c")
    assert votes.chosen.tolist() == [0, 1, 0]
    assert votes.others.tolist() == [2, 2, 0, 1]
    assert votes.starts.tolist() == [0, 1, 3, 4]
    assert votes.weights.tolist() == [1, 2, 0.5]
    assert votes.count == 3
    assert (votes.cluster_is, votes.clusters) == ("vote", 3)
    every, starts = votes.alternatives
    assert every.tolist() == [0, 2, 1, 2, 0, 0, 1]
    assert starts.tolist() == [0, 2, 5, 7]


def test_clusters_are_numbered():
    votes = Votes.of("abc", "bca", clusters=["p", "q", "p"])
    assert votes.cluster.tolist() == [0, 1, 0]
    assert (votes.cluster_is, votes.clusters) == ("cluster", 2)


@pytest.mark.parametrize("kind", [list, tuple, iter, np.array, pd.Series, pl.Series])
def test_votes_are_sequences_of_any_kind(kind):
    votes = Votes.of(kind(["x", "y", "x"]), kind(["y", "z", "z"]), clusters=kind([1, 2, 1]))
    assert votes.items == ("x", "y", "z")
    assert all(type(item) is str for item in votes.items)
    assert votes.others.tolist() == [1, 2, 2]


@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_the_others_of_a_choice_are_a_sequence(kind):
    votes = Votes.of([1, 2], [kind([2, 3]), kind([1, 3])])
    assert votes.items == (1, 2, 3)
    assert votes.others.tolist() == [1, 2, 0, 2]


def test_a_matrix_has_the_others_of_a_choice_in_a_row():
    assert Votes.of([1, 2], np.array([[2, 3], [1, 3]])).others.tolist() == [1, 2, 0, 2]


def test_some_choices_alone():
    votes = Votes.of("abc", [["b", "c"], "c", ["a", "b"]], weights=[1, 2, 3])
    few = votes.subset(np.array([True, False, True]))
    assert few.items == votes.items
    assert few.chosen.tolist() == [0, 2]
    assert few.others.tolist() == [1, 2, 0, 1]
    assert few.starts.tolist() == [0, 2, 4]
    assert few.weights.tolist() == [1, 3]
    assert few.cluster.tolist() == [0, 2]


WRONG = [
    ({"chosen": [], "others": []}, ValueError, "chosen must have at least one vote; got none"),
    ({"others": ["b", "c"]}, ValueError, "others must have one entry per vote (1); got 2"),
    ({"others": ["a"]}, ValueError, "choice 0 names 'a' twice: leave it out, it says nothing"),
    ({"others": [["b", "c", "b"]]}, ValueError, "choice 0 names 'b' twice"),
    (
        {"chosen": "abc", "others": "aac"},
        ValueError,
        "choice 0 names 'a' twice (and 1 more such): leave",
    ),
    ({"others": [[]]}, ValueError, "at least one item for each vote; got none for vote 0"),
    ({"chosen": [None]}, ValueError, "chosen, position 0: must be a label; got None, which is"),
    ({"chosen": [" "]}, ValueError, "chosen, position 0: must be a label; got ' ', which is"),
    ({"others": [math.nan]}, ValueError, "others must be labels that equal themselves; got nan"),
    ({"others": [{}]}, TypeError, "others must be hashable labels; got dict at position 0"),
    ({"chosen": 3}, TypeError, "chosen must have one entry for each vote; got 3"),
    ({"chosen": {"a": 1}}, TypeError, "chosen must have one entry for each vote; got {'a': 1}"),
    ({"weights": [math.inf]}, ValueError, "weights must be finite real numbers; got inf"),
    ({"weights": [math.nan]}, ValueError, "weights must be finite real numbers; got nan"),
    ({"weights": [0]}, ValueError, "weights must be positive, from 1e-100 to 1e100; got 0 at pos"),
    (
        {"weights": [1e101]},
        ValueError,
        "weights must be positive, from 1e-100 to 1e100; got 1e+101",
    ),
    ({"weights": [1, 2]}, ValueError, "weights must have one entry per vote (1); got 2"),
    ({"weights": ["x"]}, TypeError, "weights must be real numbers; got"),
    (
        {"chosen": "ab", "others": "ba", "weights": [1e5, 1e-5]},
        ValueError,
        "weights must differ by at most a factor of 1e+09, or rounding hides the votes of small",
    ),
    ({"clusters": ["x", "y"]}, ValueError, "clusters must have one entry per vote (1); got 2"),
    ({"clusters": [None]}, ValueError, "clusters, position 0: must be a label; got None"),
]


@pytest.mark.parametrize(("changed", "kind", "said"), WRONG)
def test_wrong_labels_are_refused(changed, kind, said):
    with pytest.raises(kind, match=re.escape(said)):
        Votes.of(**({"chosen": ["a"], "others": ["b"]} | changed))


RIGHT = {
    "items": "abc",
    "chosen": [0, 1],
    "others": [1, 2, 0],
    "starts": [0, 2, 3],
    "weights": [1, 0.5],
    "cluster": [0, 1],
    "cluster_is": "prompt",
    "count": 2,
}

WRONG_CODES = [
    ({"items": "aba"}, ValueError, "items must be labels, each once; got ('a', 'b', 'a')"),
    ({"chosen": [0.0, 1.0]}, TypeError, "chosen must be integers, at least one, in one dimension"),
    ({"chosen": [[0, 1]]}, ValueError, "chosen must be integers, at least one, in one dimension"),
    ({"chosen": []}, ValueError, "chosen must be integers, at least one, in one dimension"),
    ({"chosen": [0, 3]}, ValueError, "chosen must be numbers from 0 to 2; got some from 0 to 3"),
    ({"others": [1, 2, -1]}, ValueError, "others must be numbers from 0 to 2; got some from -1"),
    ({"others": [1, 0, 0]}, ValueError, "choice 0 names 'a' twice"),
    ({"starts": [0, 3]}, ValueError, "starts must rise from 0 to the number of others (3), one"),
    ({"starts": [0, 3, 3]}, ValueError, "starts must rise from 0 to the number of others (3)"),
    ({"starts": [0, 1, 2]}, ValueError, "starts must rise from 0 to the number of others (3)"),
    ({"starts": [1, 2, 3]}, ValueError, "starts must rise from 0 to the number of others (3)"),
    ({"weights": [1, -1]}, ValueError, "from 1e-100 to 1e100; got -1 at position 1"),
    ({"weights": [1]}, ValueError, "weights must have one entry per choice (2); got 1"),
    ({"cluster": [0]}, ValueError, "cluster must have one entry per choice (2); got 1"),
    ({"cluster": [0, 2]}, ValueError, "cluster must be numbers from 0 to 1; got some from 0 to 2"),
    ({"cluster": [1, 1]}, ValueError, "each number up to its largest, 1; got none of 0"),
    ({"cluster_is": "line"}, ValueError, "cluster_is must be one of ('vote', 'row', 'prompt', "),
]


@pytest.mark.parametrize(("changed", "kind", "said"), WRONG_CODES)
def test_wrong_codes_are_refused(changed, kind, said):
    Votes.from_codes(**RIGHT)
    with pytest.raises(kind, match=re.escape(said)):
        Votes.from_codes(**(RIGHT | changed))


def test_votes_of_codes_are_kept_as_given():
    votes = Votes.from_codes(**RIGHT)
    assert votes.items == ("a", "b", "c")
    for name in ("chosen", "others", "starts", "weights", "cluster"):
        assert getattr(votes, name).tolist() == RIGHT[name]
    assert (votes.cluster_is, votes.count) == ("prompt", 2)
    assert replace(votes, count=3).count == 3
