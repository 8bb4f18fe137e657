"""Both items of a pair in one text, as m1_m2: where it is split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from recurate.errors import InputError
from recurate.numerics.text import listed, shown

_SURE = ("_vs_", " vs. ", " vs ", "-vs-", "||", "::", "->", "__", " - ", " | ", " / ")
"""What hardly stands in a name: the first that fits is meant."""
_MARKS = ("|", "/", ":", ";", ",", "_", "-", " ", ".")


def split_keys(keys: Sequence[str], field: str, name: str) -> list[tuple[str, str]]:
    """Return the two items that each key names.

    A mark fits if it stands once in each key, or if names that other keys have too say where to
    cut. Of several that fit, the one is taken of which the fewest names come.

    Parameters
    ----------
    keys : sequence of str
        Each once.
    field, name : str
        The column and the table, for errors.

    Raises
    ------
    InputError
        If no mark fits, or two fit equally well.
    """
    for mark in _SURE:
        if (split := _split(keys, mark)) is not None:
            return split
    splits = {mark: _split(keys, mark) for mark in _MARKS}
    found = {mark: split for mark, split in splits.items() if split is not None}
    if not found:
        raise InputError(
            f"{name}, column {shown(field)}: must name two items each, as m1_m2, and show where "
            f"the first ends; got {listed(keys, 4)}: put the items into two columns"
        )
    sizes = {mark: len({name for pair in split for name in pair}) for mark, split in found.items()}
    best = [mark for mark, size in sizes.items() if size == min(sizes.values())]
    if len(best) > 1:
        raise InputError(
            f"{name}, column {shown(field)}: must name two items each in one way; "
            f"{shown(keys[0])} may be "
            + " or ".join(f"{shown(found[s][0][0])} and {shown(found[s][0][1])}" for s in best[:3])
            + ": put the items into two columns"
        )
    return found[best[0]]


def _split(keys: Sequence[str], mark: str) -> list[tuple[str, str]] | None:
    """Return the keys in two at a mark, or None.

    Where it stands more than once, a key is cut so that both its names are in as many keys as may
    be; None if two cuts are alike in that.
    """
    every = [_ways(key, mark) for key in keys]
    keys_with = Counter(name for ways in every for name in {name for way in ways for name in way})
    found = []
    for ways in every:
        shares = [min(keys_with[first], keys_with[second]) for first, second in ways]
        if not ways or shares.count(max(shares)) > 1:
            return None
        found.append(ways[shares.index(max(shares))])
    return found


def _ways(key: str, mark: str) -> list[tuple[str, str]]:
    """Return all ways to split a key in two names at a mark."""
    parts = key.split(mark)
    cuts = range(1, len(parts))
    ways = [(mark.join(parts[:c]).strip(), mark.join(parts[c:]).strip()) for c in cuts]
    return [way for way in ways if all(way)]
