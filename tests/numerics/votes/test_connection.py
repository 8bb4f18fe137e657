"""Votes that determine the rewards, and those that do not, with the items named."""

from itertools import combinations

import numpy as np
import pytest

from recurate.numerics.votes.connection import require_connected
from recurate.numerics.votes.fit import fitted, rewards_from_votes
from recurate.numerics.votes.votes import Votes

WHAT_TO_DO = "leave such items out, get more votes on them, or give a prior (prior=2.0)"


def wins_somewhere(votes, some):
    """Return whether an item of a set was chosen where one that is not of it was there."""
    for number, item in enumerate(votes.chosen):
        others = votes.others[votes.starts[number] : votes.starts[number + 1]]
        if item in some and not some.issuperset(others):
            return True
    return False


def test_each_set_of_items_has_to_win_against_the_rest():
    # Expected: the condition itself (Hunter 2004, assumption 1), set by set.
    draw, seen = np.random.default_rng(0), set()
    for _ in range(300):
        items = int(draw.integers(2, 6))
        rows = [
            draw.permutation(items)[: draw.integers(2, items + 1)]
            for _ in range(draw.integers(1, 4 * items))
        ]
        lengths = [len(row) - 1 for row in rows]
        votes = Votes.from_codes(
            items=range(items),
            chosen=[row[0] for row in rows],
            others=np.concatenate([row[1:] for row in rows]),
            starts=np.cumsum([0, *lengths]),
            weights=np.ones(len(rows)),
            cluster=range(len(rows)),
            cluster_is="vote",
            count=len(rows),
        )
        sets = (set(s) for size in range(1, items) for s in combinations(range(items), size))
        is_determined = all(wins_somewhere(votes, some) for some in sets)
        seen.add(is_determined)
        if is_determined:
            require_connected(votes)
        else:
            with pytest.raises(ValueError, match=r"^votes must"):
                require_connected(votes)
    assert seen == {True, False}


def said_of(chosen, others):
    with pytest.raises(ValueError, match=r"^votes must") as error:
        rewards_from_votes(chosen, others)
    return str(error.value)


def test_sets_that_were_never_compared_are_named():
    assert said_of("abcdx", "badcy") == (
        "votes must compare all items, directly or through others; got 3 sets that no vote "
        "connects: ('a', 'b'), ('c', 'd'), ('x', 'y'); leave all but one set out, get votes "
        "between them, or give a prior (prior=2.0)"
    )


def test_the_largest_sets_come_first_and_many_are_counted():
    # Of 40 items one chain of 20, the longest first, and 10 pairs.
    chain = [f"m{n}" for n in range(20)]
    pairs = [(f"a{n}", f"b{n}") for n in range(10)]
    said = said_of([*(a for a, _ in pairs), *chain[1:]], [*(b for _, b in pairs), *chain[:-1]])
    assert "got 11 sets that no vote connects: ('m1', 'm2', 'm3', 'm4', ... and 16 more), " in said
    assert "('a0', 'b0'), ('a1', 'b1') and 8 more; leave" in said


def test_an_item_that_never_wins_or_loses_is_named():
    assert said_of("aba", "bac") == (
        "votes must have each item, and each set of items, win and lose against the rest; got 'c', "
        f"which never wins; {WHAT_TO_DO}"
    )
    assert "got 'c', which never loses; leave" in said_of("abc", "baa")
    # Chosen from a, b and c, then c over d: nobody lost to d, and c did not win against a and b.
    said = said_of("abeac", ["b", "e", "a", ["c", "d"], "d"])
    assert "got 'd', which never wins; leave" in said


def test_several_items_that_never_win_or_lose_are_named():
    assert "got 'a', which never loses, and 'c', which never wins; leave" in said_of("ab", "bc")
    assert "got 'x', 'y', none of which ever loses; leave" in said_of("abcxy", "bcaab")
    many = [f"z{n}" for n in range(9)]
    said = said_of(["a", "b", *"a" * 9], ["b", "a", *many])
    assert "the rest, and 'z0', 'z1', 'z2', 'z3', ... and 5 more, none of which ever wins;" in said


def test_a_set_that_never_wins_is_named():
    # Of three against two, the smaller set is named: it never wins, the larger one never loses.
    said = said_of("abcxya", "bcayxx")
    assert "got the set ('x', 'y'), which never wins against the rest; leave" in said
    said = said_of("abcxyx", "bcayxa")
    assert "got the set ('x', 'y'), which never loses against the rest; leave" in said
    # Of two sets of two both are.
    said = said_of("abxyx", "bayxa")
    assert "the set ('x', 'y'), which never loses against the rest, and the set ('a', 'b')" in said


def test_a_tie_goes_both_ways():
    assert rewards_from_votes("ab", "ba", weights=[0.5, 0.5]).rewards.tolist() == [0, 0]


def test_an_item_without_votes_is_a_set_of_its_own():
    votes = Votes.from_codes("abc", [0, 1], [1, 0], [0, 1, 2], [1, 1], [0, 1], "vote", 2)
    with pytest.raises(ValueError, match=r"2 sets that no vote connects: \('a', 'b'\), \('c'\)"):
        fitted(votes)


def test_no_more_is_said_than_can_be_read():
    chosen = [f"{n} {'very long name ' * 50}" for n in range(2000)]
    said = said_of(chosen, [f"other {name}" for name in chosen])
    assert len(said) < 1000
