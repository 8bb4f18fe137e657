"""Weighted choices among the items that have one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from recurate.numerics.laws.groups import by_first_appearance
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.votes import Votes
from recurate.reading.columns import IntArray


def votes_of(
    items: Sequence[Hashable],
    *,
    chosen: IntArray,
    others: IntArray,
    starts: IntArray,
    weights: FloatArray,
    cluster: IntArray,
    cluster_is: str,
    count: int,
) -> Votes:
    """Return votes on those of the items that are in a choice, as `Votes.from_codes` does.

    Clusters may have any numbers.
    """
    is_there = np.zeros(len(items), np.bool_)
    is_there[chosen] = is_there[others] = True
    kept = np.flatnonzero(is_there)
    number = np.cumsum(is_there) - 1
    return Votes.from_codes(
        items=[items[item] for item in kept.tolist()],
        chosen=number[chosen],
        others=number[others],
        starts=starts,
        weights=weights,
        cluster=by_first_appearance(cluster)[1],
        cluster_is=cluster_is,
        count=count,
    )
