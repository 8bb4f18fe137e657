"""Votes on several items at once: rankings, and one chosen of K."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import by_first_appearance
from recurate.numerics.text import listed, shown
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes.votes import Votes
from recurate.reading import columns
from recurate.reading.columns import BoolArray, IntArray, Names
from recurate.reading.names import RATERS, is_like
from recurate.reading.notices import Notices, may_be_prompts
from recurate.reading.shapes import Rows
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.choices import MOST_TIED, choices_of, tied, votes_of
from recurate.reading.votes.counts import copies
from recurate.reading.votes.positions import chosen_entries
from recurate.reading.votes.recognising import VoteColumns
from recurate.reading.votes.rows import (
    codes_of_nothing,
    complete,
    no_votes,
    numbers,
    refuse_texts,
    truth,
)


def read_sets(
    rows: Rows, counts: IntArray, asked: AskedVotes, uses: VoteColumns, said: Notices
) -> Votes:
    """Read rankings, or which of several was chosen, from lists or from a row an item.

    Of lists, each counts as often as `counts` says, shape (entries,).

    Raises
    ------
    InputError
        With the row and the column; see `recurate.reading.tables.read_rewards`.
    """
    has_lists = rows.item is not None
    if asked.codes and not (has_lists and uses.votes):
        raise codes_of_nothing(said.name)
    _require_ranks(rows, asked, uses, said.name)
    if uses.weight is not None and not has_lists:
        raise InputError(
            f"--weight-column says how many votes a row stands for; a row of {said.name} is one "
            "item of several: write those that were compared as a list in one cell"
        )
    prompts = uses.prompts if has_lists or uses.prompts else _found_prompts(rows, uses, said)
    _about(rows, uses, prompts, said)
    kept, items, ranks, labels = _read(rows, uses, prompts, said, drop=asked.missing == "drop")
    rows, counts = rows.where(kept), counts[kept]
    if has_lists and uses.votes:
        field = uses.votes[0]
        vote = labels.pop(field)
        if not asked.codes and _are_marks(rows, vote):
            ranks = 1 - truth(rows, field)
        else:
            ranks = (~chosen_entries(rows, items, vote, field, asked.codes)).astype(np.float64)
    sets = rows.origin
    if sets is None or not has_lists:
        sets = columns.together([labels[f] for f in prompts]).numbers
    sets = by_first_appearance(sets)[1]
    _refuse_twice(rows, items, sets, prompts)
    cluster, cluster_is = sets, "vote"
    shared = [f for f in prompts if has_lists or not is_like(f, RATERS)]
    if shared and (has_lists or len(shared) < len(prompts)):  # several sets may be of one prompt
        cluster, cluster_is = columns.together([labels[f] for f in shared]).numbers, "prompt"
    is_used = _used(rows, sets, ranks, uses, said)
    used, copy = copies(np.where(is_used, counts, 0), said.name)
    sets = by_first_appearance(sets[used] * counts.max() + copy)[1]
    choices = choices_of(sets, ranks[used], only_first=bool(uses.votes))
    number = items.numbers[used]
    cluster = sets if cluster_is == "vote" else cluster[used]
    return votes_of(
        items.names,
        choices._replace(chosen=number[choices.chosen], others=number[choices.others]),
        cluster[choices.chosen],
        cluster_is,
        count=np.unique(sets).size,
    )


def _read(
    rows: Rows, uses: VoteColumns, prompts: Sequence[str], said: Notices, *, drop: bool
) -> tuple[BoolArray, Names, FloatArray, dict[str, Names]]:
    """Return which entries are complete: their items, ranks, prompts, and votes on lists.

    An entry that is marked as chosen has rank 0, another one 1; in lists without ranks, the first
    is the best.
    """
    field = uses.items[0]
    items = columns.labels(rows.frame[field], rows.place)
    refuse_texts(items.names, uses.items[:1], said.name)
    said.stripped("item", items)
    votes = uses.votes if rows.item is not None else ()
    labels = {f: columns.labels(rows.frame[f], rows.place) for f in (*prompts, *votes)}
    missing = {field: items.is_missing} | {f: label.is_missing for f, label in labels.items()}
    if uses.rank is not None:
        ranks, missing[uses.rank] = numbers(rows, uses.rank)
        is_rank = np.isnan(ranks) | (2 * ranks % 1 == 0)  # shared ones are halved at most
        if not is_rank.all():
            said.say(
                f"{shown(uses.rank)} has {ranks[~is_rank][0]:g}, which is no rank: if it holds "
                "scores, of which the least is not the best, recurate predict takes them as rewards"
            )
    elif rows.item is None:
        ranks = 1 - truth(rows, uses.votes[0])
        missing[uses.votes[0]] = np.isnan(ranks)
    else:
        ranks = rows.item.astype(np.float64)
    kept = complete(rows, missing, said, drop=drop)
    return (
        kept,
        _some(items, kept),
        ranks[kept],
        {f: _some(label, kept) for f, label in labels.items()},
    )


def _are_marks(rows: Rows, votes: Names) -> bool:
    """Return whether each entry of a list has a vote of its own: 1 if it was chosen, or 0."""
    assert rows.origin is not None
    is_same_row = rows.origin[1:] == rows.origin[:-1]
    return bool((is_same_row & (votes.numbers[1:] != votes.numbers[:-1])).any())


def _some(column: Names, kept: BoolArray) -> Names:
    return Names(column.names, column.numbers[kept], column.stripped)


def _found_prompts(rows: Rows, uses: VoteColumns, said: Notices) -> tuple[str, ...]:
    """Return the column that says which items were ranked together, by its name."""
    found = [
        field
        for field in rows.others
        if may_be_prompts(field) and rows.frame[field].n_unique() < rows.frame.height
    ]
    if len(found) == 1:
        return (found[0],)
    how = f"got {listed(found)}" if found else f"got {listed(rows.source.fields)}"
    raise InputError(
        f"{said.name} must say which rows of {shown(uses.items[0])} were compared with one another:"
        f" name the column with --prompt-column; {how}"
    )


def _refuse_twice(rows: Rows, entries: Names, sets: IntArray, prompts: Sequence[str]) -> None:
    """Raise InputError if an item is twice among those that were compared."""
    order = np.lexsort((entries.numbers, sets))
    own, item = sets[order], entries.numbers[order]
    twice = np.flatnonzero((own[1:] == own[:-1]) & (item[1:] == item[:-1]))
    if not twice.size:
        return
    row = int(order[twice[0] + 1])
    name = shown(entries.names[int(entries.numbers[row])])
    hint = (
        f"; if several people ranked them, name the column of these too with --prompt-column "
        f"(beside {listed(prompts)})"
        if rows.item is None
        else "; if the entries are ranks, name the column of items with --item-column, and these "
        "with --rank-column"
    )
    raise InputError(f"{rows.place(row)}: must compare each item once; got {name} twice{hint}")


def _used(
    rows: Rows, sets: IntArray, values: FloatArray, uses: VoteColumns, said: Notices
) -> BoolArray:
    """Return which entries are of a set that has a choice; or raise InputError."""
    size = np.bincount(sets)
    what = "choices" if uses.votes else "rankings"
    is_good = size > 1
    if not is_good.all():
        said.say(f"{(~is_good).sum():,} of {size.size:,} {what} have one item only: left out")
    if uses.votes:
        chosen = np.bincount(sets, values == 0)
        if (chosen > 1).any():
            row = int(np.flatnonzero((values == 0) & (chosen[sets] > 1))[1])
            raise InputError(
                f"{rows.place(row)}: one item of several must be chosen; got {chosen.max():.0f}: "
                "ranks with ties can say so (--rank-column)"
            )
        if (none := (chosen == 0) & is_good).any():
            said.say(f"{none.sum():,} of {size.size:,} {what} have no chosen item: left out")
        is_good &= chosen == 1
    else:
        number = tied(sets, values)
        if (many := number > MOST_TIED).any():
            row = int(np.argmax(many))
            raise InputError(
                f"{rows.place(row)}: at most {MOST_TIED} items may have one rank; got "
                f"{number[row]}: leave items out that were not ranked"
            )
        ties = np.bincount(sets, number > 1) > 0
        if ties.any():
            said.say(
                f"{ties.sum():,} of {size.size:,} rankings have ties: all orders of the tied count "
                "equally"
            )
    if not is_good.any():
        raise no_votes(said.name)
    used: BoolArray = is_good[sets]
    return used


def _require_ranks(rows: Rows, asked: AskedVotes, uses: VoteColumns, name: str) -> None:
    """Raise InputError if nothing says which item is better, or numbers stand for items."""
    field = uses.items[0]
    if uses.rank is not None or uses.votes:
        return
    if not asked.items and (rows.item is None or rows.frame[field].dtype.is_numeric()):
        raise InputError(
            f"{name}, column {shown(field)}: must list items, the best first; got "
            f"{'no lists' if rows.item is None else 'numbers'}. "
            "If they are ranks, name the column of the items with --item-column, and this with "
            f"--rank-column; without items, recurate predict --reward-column {shown(field)} "
            "--scale -1 takes them as rewards"
        )
    if rows.item is None:
        raise InputError(
            f"{name}: column {shown(field)} must have lists of items, the best first; else "
            "name a column of ranks with --rank-column, or of what was chosen with --vote-column"
        )


def _about(rows: Rows, uses: VoteColumns, prompts: Sequence[str], said: Notices) -> None:
    """Say what was taken for what."""
    field = uses.items[0]
    within = f", within {listed(prompts)}" if rows.item is None else ", row by row"
    if uses.votes:
        how = f"{shown(uses.votes[0])} says which of {shown(field)} was chosen{within}"
    elif uses.rank is not None:
        how = f"{shown(uses.rank)} ranks {shown(field)}{within}; 1 is the best"
    else:
        lists = "list" if len(uses.items) > 1 else "lists"
        how = f"{listed(uses.items)} {lists} items, the best first"
    said.say(f"read as votes: {how}")
