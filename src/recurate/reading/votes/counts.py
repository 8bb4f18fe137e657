"""How many votes a row stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray
from recurate.reading import columns
from recurate.reading.columns import BoolArray, IntArray
from recurate.reading.formats.hints import DROP
from recurate.reading.names import words
from recurate.reading.notices import Notices
from recurate.reading.shapes import Rows
from recurate.reading.votes.rows import complete, no_votes, numbers

MOST_VOTES = 10**7
"""Most votes that rows may stand for: each becomes a vote of its own."""

_COUNTS = {
    *("count", "counts", "n", "votes", "num votes", "n votes", "vote count", "number of votes"),
    *("wins", "num wins", "weight", "weights", "freq", "frequency"),
}


def counted(
    rows: Rows, field: str | None, said: Notices, *, drop: bool, of_lists: bool = False
) -> tuple[Rows, IntArray]:
    """Return the rows that stand for votes, and for how many each; for one without a column.

    Lists that are a vote each (`of_lists`) have one number for all entries.

    Raises
    ------
    InputError
        If a row has no number of votes, or its number is none, or they are too many.
    """
    if field is None:
        return rows, np.ones(rows.frame.height, np.intp)
    column = numbers(rows, field)
    kept = complete(rows, {field: column.is_missing} if drop else {}, said, drop=drop)
    counts = whole(rows, field, column.values, kept, said.name)
    if of_lists and rows.origin is not None:
        differ = np.flatnonzero((np.diff(rows.origin) == 0) & (np.diff(counts) != 0))
        if differ.size:
            row = int(rows.origin[differ[0]])
            raise columns.wrong_value(
                rows.source.place(row + 1), field, "must be one number for the whole list; got more"
            )
    none = np.flatnonzero(kept & (counts == 0))
    if none.size:
        left_out = np.unique(none if rows.origin is None else rows.origin[none]).size
        said.say(f"rows that stand for no vote ({shown(field)} is 0) are left out: {left_out:,}")
    return rows.where(counts > 0), counts[counts > 0]


def whole(rows: Rows, field: str, values: FloatArray, kept: BoolArray, name: str) -> IntArray:
    """Return numbers of votes as integers, those of rows that are not kept as 0."""
    wrong = np.flatnonzero(kept & ~((values >= 0) & (values % 1 == 0)))
    if wrong.size:
        row = int(wrong[0])
        got = f"none{DROP}" if np.isnan(values[row]) else shown(rows.frame[field][row])
        error = f"must be a number of votes, 0, 1, 2, ...; got {got}"
        raise columns.wrong_value(rows.place(row), field, error)
    values = np.where(kept, values, 0.0)
    _require_few(values.sum(), name)
    return values.astype(np.intp)


def copies(counts: IntArray, name: str) -> tuple[IntArray, IntArray]:
    """Return each number as often as it counts, and which copy it is, shape (votes,) both."""
    _require_few(counts.sum(), name)
    again = np.repeat(np.arange(counts.size), counts)
    if not again.size:
        raise no_votes(name)
    return again, np.arange(again.size) - (np.cumsum(counts) - counts)[again]


def _require_few(total: float, name: str) -> None:
    if total > MOST_VOTES:
        raise InputError(
            f"{name} must stand for at most {MOST_VOTES:,} votes; got {total:,.10g}: divide all "
            "numbers of votes by one number (standard errors then are those of fewer votes)"
        )


def likely_counts(fields: Sequence[str]) -> list[str]:
    """Return the columns that may say how many votes a row stands for, by their names."""
    number = Counter(fields)
    return [f for f in fields if " ".join(words(f)) in _COUNTS and number[f] == 1]


def about_counts(rows: Rows, said: Notices) -> None:
    """Say which column, that was not asked for, may say how many votes a row stands for."""
    import polars as pl

    for field in likely_counts(rows.others):
        written = rows.frame[field].cast(pl.String, strict=False).replace("", None).drop_nulls()
        values = written.cast(pl.Float64, strict=False).to_numpy()
        if not (values >= 0).all() or not (values > 1).any():
            continue
        if values.size > 1 and (np.diff(values) == 1).all():
            continue  # they number the rows
        what = f"column {shown(field)} may say how many votes a row stands for; each row counts"
        if (values % 1 != 0).any():
            said.say(f"{what} once, as fractions of votes cannot be counted")
        else:
            said.say(f"{what} once: --weight-column {shown(field)} counts it so often")
        return
