"""From a table of votes to choices among items, with errors that name the row and column."""

from __future__ import annotations

from collections.abc import Callable

from recurate.numerics.text import escaped
from recurate.numerics.votes.votes import Votes
from recurate.reading.formats.opening import named_errors, opened
from recurate.reading.formats.source import Source
from recurate.reading.inside import with_inner_fields
from recurate.reading.notices import Notices, refuse_training_log
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.choosing import chosen_columns
from recurate.reading.votes.counts import about_counts, counted, likely_counts
from recurate.reading.votes.pairs import read_pairs, with_wins
from recurate.reading.votes.recognising import recognised
from recurate.reading.votes.remarks import about_columns, about_dependence
from recurate.reading.votes.rows import rows_of
from recurate.reading.votes.sets import read_sets
from recurate.reading.votes.square import CELLS, cells_of


def read_votes(
    source: str, asked: AskedVotes, *, on_note: Callable[[str], None] = lambda text: None
) -> Votes:
    """Read a table of votes in a file.

    Parameters
    ----------
    source, on_note
        As of `recurate.reading.tables.read_rewards`.
    asked : AskedVotes
        What is wanted of it.

    Raises
    ------
    InputError, OSError
        As of `recurate.reading.tables.read_rewards`.
    """
    with named_errors(source):
        return votes_in(opened(source), asked, on_note)


def votes_in(source: Source, asked: AskedVotes, on_note: Callable[[str], None]) -> Votes:
    """Read votes in an open table; see `read_votes`."""
    said = Notices(escaped(source.name), on_note)
    refuse_training_log(source.fields, said.name)
    names = (*asked.items, *asked.votes, asked.pair, asked.rank, *asked.prompts, asked.weight)
    source = with_inner_fields(source, names)
    drop = asked.missing == "drop"
    is_bare = asked == AskedVotes(missing=asked.missing) and recognised(source.fields) is None
    if is_bare and (cells := cells_of(source)) is not None:
        said.say("read as votes: a square of wins, those of the row's item over the column's")
        return read_pairs(*counted(cells, CELLS.weight, said, drop=drop), asked, CELLS, said)
    uses = chosen_columns(source.fields, asked, said.name)
    texts = [*uses.items, *uses.votes, *([] if uses.pair is None else [uses.pair])]
    as_they_are = [field for field in (uses.rank, uses.weight) if field is not None]
    lists = uses.items if uses.kind == "set" else uses.votes if len(uses.votes) == 1 else ()
    rows = rows_of(
        source,
        asked.where,
        texts,
        as_they_are,
        prompts=uses.prompts,
        lists=lists,
        looked_at=likely_counts(source.fields),
    )
    is_set = uses.kind == "set"
    rows, counts = counted(rows, uses.weight, said, drop=drop, of_lists=is_set)
    if is_set:
        votes = read_sets(rows, counts, asked, uses, said)
    else:
        uses = with_wins(rows, uses)
        about_columns(asked, uses, said)
        votes = read_pairs(rows, counts, asked, uses, said)
    said.about_source(source, asked.where)
    is_long = is_set and rows.item is None
    about_dependence(rows, said, is_grouped=is_long or bool(uses.prompts))
    if uses.weight is None and uses.kind != "wins" and not is_long:
        about_counts(rows, said)
    return votes
