"""Whether votes determine the rewards: each set of items has to win and to lose against the rest.

Otherwise no finite rewards are the likeliest (Hunter 2004, "MM algorithms for generalized
Bradley–Terry models", Annals of Statistics 32, assumption 1; Ford 1957 for choices between two).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from recurate.numerics.text import listed
from recurate.numerics.votes.votes import IntArray, Votes

SOME_PRIOR = "prior=2.0"
"""How the messages write a prior; the command line has a word of its own for it."""

_MOST_NAMES, _MOST_SETS = 4, 3


def require_connected(votes: Votes) -> None:
    """Require that from each item a chain of choices leads to each other one: a beat b, b beat c.

    In a choice the chosen item beats each of the others; a tie is a choice each way.

    Raises
    ------
    ValueError
        If some sets of items were never compared with one another, or if a set of them never loses,
        or never wins, against the rest; the message names items, and what to do.
    """
    part = parts_of(votes)
    parts = int(part.max()) + 1
    if parts == 1:
        return
    of_set = parts_of(votes, "weak")
    if of_set.any():
        raise ValueError(_never_compared(votes, of_set))
    beaten, winner = votes.others, np.repeat(votes.chosen, np.diff(votes.starts))
    crosses = part[winner] != part[beaten]
    never_lose = np.setdiff1d(np.arange(parts), part[beaten[crosses]])
    never_win = np.setdiff1d(np.arange(parts), part[winner[crosses]])
    named = [_named(votes, part, never_lose, "loses"), _named(votes, part, never_win, "wins")]
    raise ValueError(
        "votes must have each item, and each set of items, win and lose against the rest; got "
        f"{', and '.join(filter(None, named))}; leave such items out, get more votes on them, or "
        f"give a prior ({SOME_PRIOR})"
    )


def parts_of(votes: Votes, connection: Literal["strong", "weak"] = "strong") -> IntArray:
    """Return the number of each item's part, from 0.

    Within one, chains of choices lead from each item to each other one; of weak ones, chains of
    choices either way.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n, winner = len(votes.items), np.repeat(votes.chosen, np.diff(votes.starts))
    graph = coo_array((np.ones(winner.size), (winner, votes.others)), (n, n))
    part: IntArray = connected_components(graph, connection=connection)[1]
    return part


def _never_compared(votes: Votes, of_set: IntArray) -> str:
    sizes = np.bincount(of_set)
    sets, largest_first = sizes.size, np.argsort(-sizes, kind="stable")[:_MOST_SETS]
    some = [f"({_names(votes, of_set == one)})" for one in largest_first]
    more = f" and {sets - len(some):,} more" if sets > len(some) else ""
    return (
        f"votes must compare all items, directly or through others; got {sets:,} sets that no "
        f"vote connects: {', '.join(some)}{more}; leave all but one set out, get votes between "
        f"them, or give a prior ({SOME_PRIOR})"
    )


def _named(votes: Votes, part: IntArray, some: IntArray, verb: str) -> str:
    """Return words for the smallest of some parts, or for all of one item; "" if it is the rest."""
    sizes = np.bincount(part)[some]
    if 2 * sizes.min() > part.size:  # what is wrong is better said of the others
        return ""
    alone = some[sizes == 1]
    if alone.size:
        which = "which never" if alone.size == 1 else "none of which ever"
        return f"{_names(votes, np.isin(part, alone))}, {which} {verb}"
    names = _names(votes, part == some[sizes.argmin()])
    return f"the set ({names}), which never {verb} against the rest"


def _names(votes: Votes, is_one: npt.NDArray[np.bool_]) -> str:
    return listed([votes.items[number] for number in np.flatnonzero(is_one)], _MOST_NAMES)
