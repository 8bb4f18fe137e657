"""Votes on pairs, and the weighted choices that they are."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from shlex import quote

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.votes import Votes
from recurate.reading import columns
from recurate.reading.columns import BoolArray, IntArray
from recurate.reading.notices import Notices
from recurate.reading.shapes import Rows
from recurate.reading.votes import verdicts
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.choices import Choices, halves, votes_of
from recurate.reading.votes.counts import copies, whole
from recurate.reading.votes.keys import split_keys
from recurate.reading.votes.recognising import VoteColumns
from recurate.reading.votes.remarks import about_votes
from recurate.reading.votes.rows import (
    MOST_ITEMS,
    codes_of_nothing,
    complete,
    labels_of_items,
    no_votes,
    numbers,
    refuse_nested,
    refuse_texts,
    truth,
)
from recurate.reading.votes.verdicts import FIRST, MISSING, SECOND, TIE, Pairs


def read_pairs(
    rows: Rows, counts: IntArray, asked: AskedVotes, uses: VoteColumns, said: Notices
) -> Votes:
    """Read votes on the pairs that a table has in its rows, each as often as it counts.

    Raises
    ------
    InputError
        With the row and the column; see `recurate.reading.tables.read_rewards`.
    """
    codes = verdicts.codes_of(asked.codes)
    if codes and uses.kind in ("won", "one-hot", "wins"):
        raise codes_of_nothing(said.name)
    items, first, second, missing = _items(rows, uses, said)
    prompts = [columns.labels(rows.frame[field], rows.place) for field in uses.prompts]
    missing |= {field: p.is_missing for field, p in zip(uses.prompts, prompts, strict=True)}
    wins = {f: numbers(rows, f) for f in uses.votes} if uses.kind == "wins" else {}
    missing |= {field: column.is_missing for field, column in wins.items()}
    kept = complete(rows, missing, said, drop=asked.missing == "drop")
    rows, counts = rows.where(kept), counts[kept]
    names = () if uses.kind == "won" or len(uses.items) != 2 else uses.items
    pairs = Pairs([verdicts.as_text(item) for item in items], first[kept], second[kept], names)
    _refuse_same(rows, pairs, uses)
    entry = np.arange(rows.frame.height)
    if wins:
        entry, found, counts = _of_wins(rows, {f: wins[f].values[kept] for f in wins}, said.name)
    elif uses.kind == "one-hot":
        found = _of_columns_each(rows, uses)
    elif uses.kind == "won":
        found = _of_winners(rows, uses)
    else:
        by_column = [
            verdicts.verdicts(rows.frame[field], pairs, codes, rows.place, said)
            for field in uses.votes
        ]
        found = np.column_stack(by_column)
    _require_no_missing(found, rows, asked, uses)
    again, copy = copies(counts, said.name)
    found, entry = found[again], entry[again]
    about_votes(found, said)
    if not (found <= TIE).any():
        raise no_votes(said.name)
    pairs = replace(pairs, first=pairs.first[entry], second=pairs.second[entry])
    prompt = columns.together(prompts).of(kept).numbers[entry] if prompts else None
    row = None
    if rows.item is not None and rows.origin is not None and not rows.wide:
        row = rows.origin[entry] * counts.max() + copy  # of lists of votes, one an annotator
    return _votes(items, pairs, found, prompt, row)


def _votes(
    items: Sequence[Hashable],
    pairs: Pairs,
    said: IntArray,
    prompts: IntArray | None,
    rows: IntArray | None,
) -> Votes:
    """Return the choices that votes are, in the order of the rows.

    Votes of one prompt, or of one row of the table if it has several, are of one cluster.

    Parameters
    ----------
    items, pairs
        Labels of all items, and the two of each row.
    said : ndarray of int, shape (rows, annotators)
        What each vote says.
    prompts, rows : ndarray of int, shape (rows,), or None
        Number of each row's prompt, and of the row of the table that it is of, if several are.
    """
    annotators = said.shape[1]
    vote, is_first, weights = halves(said.ravel())
    row = vote // annotators
    first, second = pairs.first[row], pairs.second[row]
    chosen, others = np.where(is_first, first, second), np.where(is_first, second, first)
    cluster, cluster_is = vote, "vote"
    if prompts is not None:
        cluster, cluster_is = prompts[row], "prompt"
    elif rows is not None or annotators > 1:
        cluster, cluster_is = (row if rows is None else rows[row]), "row"
    choices = Choices(chosen, others, np.arange(vote.size + 1), weights)
    return votes_of(items, choices, cluster, cluster_is, count=int((said <= TIE).sum()))


def _items(
    rows: Rows, uses: VoteColumns, said: Notices
) -> tuple[list[Hashable], IntArray, IntArray, dict[str, BoolArray]]:
    """Return the items, the numbers of the two of each row, and which rows lack them."""
    if uses.pair is None:
        refuse_nested(rows, uses.items, said.name)
        read = [columns.labels(rows.frame[field], rows.place) for field in uses.items]
        labels, (first, second) = labels_of_items(read)
        refuse_texts(labels, uses.items, said.name)
        for column in read:
            said.stripped("item", column)
        missing = {f: column.is_missing for f, column in zip(uses.items, read, strict=True)}
        return labels, first, second, missing
    keys = columns.labels(rows.frame[uses.pair], rows.place)
    refuse_texts(keys.names, [uses.pair], said.name, most=MOST_ITEMS**2)
    split = split_keys([str(key) for key in keys.names], uses.pair, said.name)
    names = list(dict.fromkeys(name for pair in split for name in pair))
    said.say(f"{shown(uses.pair)} names {len(names):,} items: {listed(names)}")
    refuse_texts(names, [uses.pair], said.name)
    number = {name: place for place, name in enumerate(names)}
    two = np.array([[number[a], number[b]] for a, b in split] + [[-1, -1]], np.intp)
    first, second = two[keys.numbers].T
    return list(names), first, second, {uses.pair: keys.is_missing}


def _refuse_same(rows: Rows, pairs: Pairs, uses: VoteColumns) -> None:
    """Raise InputError if a row compares an item with itself."""
    same = np.flatnonzero(pairs.first == pairs.second)
    if same.size:
        row = int(same[0])
        item = pairs.names[pairs.first[row]]
        hint = ""
        if uses.pair is None:
            a, b = (field.replace('"', '""') for field in uses.items)
            where = escaped(quote(f'"{a}" <> "{b}"'))
            hint = f"; --where {where} leaves such rows out"
        raise InputError(
            f"{rows.place(row)}: must compare two items; got {shown(item)} twice{hint}"
        )


def _of_winners(rows: Rows, uses: VoteColumns) -> IntArray:
    """Return votes of a table of winners and losers, shape (rows, 1)."""
    found = np.full((rows.frame.height, 1), FIRST, np.intp)
    for field in uses.votes:
        is_tie = truth(rows, field)
        found[is_tie == 1, 0] = TIE
        found[np.isnan(is_tie), 0] = MISSING
    return found


def _of_columns_each(rows: Rows, uses: VoteColumns) -> IntArray:
    """Return votes of a table with a column each for the first, the second and a tie."""
    may_be_half = len(uses.votes) == 2  # else the third column says that it is a tie
    is_so = np.column_stack([truth(rows, f, may_be_half=may_be_half) for f in uses.votes])
    is_missing = np.isnan(is_so).any(axis=1)
    wrong = np.flatnonzero((is_so.sum(axis=1) != 1) & ~is_missing)
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            f"{rows.place(row)}: one of columns {listed(uses.votes)} must be 1, the others 0; got "
            + ", ".join(f"{value:g}" for value in is_so[row])
        )
    found = np.array([FIRST, SECOND, TIE])[is_so.argmax(axis=1)]
    found = np.where(is_so.max(axis=1) == 0.5, TIE, found)
    return np.where(is_missing, MISSING, found)[:, None]


def with_wins(rows: Rows, uses: VoteColumns) -> VoteColumns:
    """Return the columns of votes; a column each for the outcomes may say how often it was so."""
    if uses.kind != "one-hot":
        return uses
    is_count = any((numbers(rows, field).values > 1).any() for field in uses.votes)
    return replace(uses, kind="wins") if is_count else uses


def _of_wins(
    rows: Rows, wins: dict[str, FloatArray], name: str
) -> tuple[IntArray, IntArray, IntArray]:
    """Return each row once for each outcome, what that says, and how often it was so."""
    every = np.ones(rows.frame.height, np.bool_)
    counts = [whole(rows, field, values, every, name) for field, values in wins.items()]
    entry = np.repeat(np.arange(every.size), len(wins))
    outcomes = np.tile([FIRST, SECOND, TIE][: len(wins)], every.size)
    return entry, outcomes[:, None], np.column_stack(counts).ravel()


def _require_no_missing(found: IntArray, rows: Rows, asked: AskedVotes, uses: VoteColumns) -> None:
    """Raise InputError if a vote is missing, and that is an error."""
    missing = found == verdicts.MISSING
    if missing.any() and asked.missing == "error":
        row, place = (int(number[0]) for number in np.nonzero(missing))
        field = uses.votes[place]
        error = columns.no_label(rows.frame[field], row, rows.place)
        if str(rows.frame[field][row]).strip().casefold() == "none":
            error = InputError(f"{error}; --codes none=tie if neither was better")
        raise error
