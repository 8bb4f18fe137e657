"""Which entry of a list a vote names: by its name, its place, or a code for the place."""

from __future__ import annotations

import string
from collections.abc import Sequence
from shlex import quote

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.reading.columns import BoolArray, IntArray, Names, wrong_value
from recurate.reading.shapes import Rows
from recurate.reading.votes.rows import labels_of_items
from recurate.reading.votes.verdicts import as_code

_NONE = -1  # a vote that chooses none


def chosen_entries(
    rows: Rows, entries: Names, votes: Names, field: str, codes: Sequence[tuple[str, str]]
) -> BoolArray:
    """Return which entries of lists are the chosen ones, shape (entries,).

    Parameters
    ----------
    rows : Rows
        One row an entry.
    entries, votes : Names
        The item of each, and the vote of its list; none is missing.
    field : str
        Column of the votes.
    codes : sequence of pairs of str
        What a vote says: ("1", "a") is the first, "b" the second; "none" is no vote.

    Raises
    ------
    InputError
        If a vote names no entry of its list, or may be a place counted from 0 or from 1.
    """
    assert rows.origin is not None
    texts = [as_code(str(name)) for name in votes.names]
    if codes:
        places = _places(codes)
        unknown = [str(n) for n, text in zip(votes.names, texts, strict=True) if text not in places]
        if unknown:
            raise wrong_value(
                rows.source.name, field, f"--codes must say what {listed(unknown)} means"
            )
        wanted = np.array([places[text] for text in texts], np.intp)[votes.numbers]
        return _at(rows, wanted, votes, field)
    _, (item, vote) = labels_of_items([entries, votes])
    is_chosen: BoolArray = item == vote
    unnamed = ~np.isin(rows.origin, rows.origin[is_chosen])
    if not unnamed.any():
        return is_chosen
    if is_chosen.any() or not all(text.isdecimal() for text in texts):
        raise _no_entry(rows, int(np.argmax(unnamed)), entries, votes, field)
    place = np.array([int(text) for text in texts], np.intp)[votes.numbers]
    _, row, size = np.unique(rows.origin, return_inverse=True, return_counts=True)
    counted_from = 0 if (place == 0).any() else 1 if (place == size[row]).any() else None
    if counted_from is None:
        raise wrong_value(
            rows.source.name,
            field,
            "may count the entries of a list from 0 or from 1; say which, as --codes "
            + ",".join(
                f"{text}={letter}" for text, letter in zip(sorted(texts)[:3], "abc", strict=False)
            )
            + " (a is the first)",
        )
    return _at(rows, place - counted_from, votes, field)


def _places(codes: Sequence[tuple[str, str]]) -> dict[str, int]:
    found = {}
    for value, meaning in codes:
        said = meaning.strip().casefold()
        if said in ("none", "skip"):
            found[as_code(value)] = _NONE
        elif len(said) == 1 and said in string.ascii_lowercase:
            found[as_code(value)] = string.ascii_lowercase.index(said)
        else:
            raise InputError(
                "--codes must say a letter of each value, a for the first of a list, b for the "
                f"second, or none; got {shown(f'{value}={meaning}')}"
            )
    return found


def _at(rows: Rows, wanted: IntArray, votes: Names, field: str) -> BoolArray:
    """Return which entries stand at the wanted places of their lists."""
    assert rows.item is not None
    assert rows.origin is not None
    found: BoolArray = rows.item == wanted
    missing = np.flatnonzero((wanted != _NONE) & ~np.isin(rows.origin, rows.origin[found]))
    if missing.size:
        row = int(missing[0])
        error = f"must be the place of one of the row's items; got {shown(_name(votes, row))}"
        raise wrong_value(_place(rows, row), field, error)
    return found


def _no_entry(rows: Rows, row: int, entries: Names, votes: Names, field: str) -> InputError:
    assert rows.origin is not None
    there = np.flatnonzero(rows.origin == rows.origin[row])
    items = [_name(entries, entry) for entry in there.tolist()]
    error = f"must be one of the row's items, {listed(items)}; got {shown(_name(votes, row))}"
    if votes.names and not set(votes.names) & set(entries.names) and len(votes.names) <= 8:
        typed = ",".join(f"{v}={c}" for v, c in zip(votes.names, "abcdefgh", strict=False))
        error += f"; if it is a place, say which, as --codes {quote(escaped(typed))} (a is the "
        error += "first; none is no vote)"
    return wrong_value(_place(rows, row), field, error)


def _name(names: Names, row: int) -> object:
    return names.names[int(names.numbers[row])]


def _place(rows: Rows, row: int) -> str:
    return rows.place(row).rpartition(", entry")[0]
