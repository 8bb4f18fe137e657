"""Both items of a pair in one text, as m1_m2: where it is split."""

from __future__ import annotations

from collections.abc import Sequence

from recurate.errors import InputError
from recurate.numerics.text import listed, shown

_SEPARATORS = (
    *("_vs_", " vs. ", " vs ", "-vs-", "__", "||", "::", "->", " - ", " | ", " / "),
    *("|", "/", ":", ";", ",", "_", "-", " ", "."),
)


def split_keys(keys: Sequence[str], field: str, name: str) -> list[tuple[str, str]]:
    """Return the two items that each key names.

    A separator fits if it stands once in each key. Of several that fit, or where one stands more
    than once, the names decide: those that come of it are the fewest.

    Parameters
    ----------
    keys : sequence of str
        Each once.
    field, name : str
        The column and the table, for errors.

    Raises
    ------
    InputError
        If no separator fits, or two fit equally well.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for separator in _SEPARATORS:
        if any(separator in longer and separator != longer for longer in found):
            continue  # a part of one that fits
        if (split := _split(keys, separator)) is not None:
            found[separator] = split
    if not found:
        raise InputError(
            f"{name}, column {shown(field)}: must name two items each, as m1_m2, with one mark "
            f"between them; got {listed(keys, 4)}"
        )
    sizes = {separator: len(_names(split)) for separator, split in found.items()}
    fewest = min(sizes.values())
    best = [separator for separator, size in sizes.items() if size == fewest]
    if len(best) > 1:
        raise InputError(
            f"{name}, column {shown(field)}: must name two items each in one way; "
            f"{shown(keys[0])} may be "
            + " or ".join(f"{shown(found[s][0][0])} and {shown(found[s][0][1])}" for s in best[:3])
            + ": put the items into two columns"
        )
    return found[best[0]]


def _split(keys: Sequence[str], separator: str) -> list[tuple[str, str]] | None:
    """Return the keys in two at a separator, or None.

    Where it stands more than once in some, they are split between names that are known of others.
    """
    every = [_ways(key, separator) for key in keys]
    if not all(every):
        return None
    known = {name for ways in every if len(ways) == 1 for name in ways[0]}
    while True:
        unsure = [place for place, ways in enumerate(every) if len(ways) > 1]
        if not unsure:
            return [ways[0] for ways in every]
        fixed = False
        for place in unsure:
            fits = [way for way in every[place] if way[0] in known and way[1] in known]
            if len(fits) == 1:
                every[place], fixed = fits, True
        if not fixed:
            return None


def _ways(key: str, separator: str) -> list[tuple[str, str]]:
    """Return all ways to split a key in two names at a separator."""
    parts = key.split(separator)
    cuts = range(1, len(parts))
    ways = [(separator.join(parts[:c]).strip(), separator.join(parts[c:]).strip()) for c in cuts]
    return [way for way in ways if all(way)]


def _names(split: Sequence[tuple[str, str]]) -> set[str]:
    return {name for pair in split for name in pair}
