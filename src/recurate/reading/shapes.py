"""The shapes of a table: lists in cells and wide tables become one row a candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import shown
from recurate.reading.choosing import CANDIDATE
from recurate.reading.columns import BoolArray, IntArray
from recurate.reading.source import Source

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Rows:
    """Candidates, one a row.

    Attributes
    ----------
    source : Source
        Where they come from.
    frame : polars.DataFrame
        The columns that are wanted.
    origin : ndarray of int, shape (rows,), or None
        Number of the source's row of each, from 0; None if they are the source's rows.
    item : ndarray of int, shape (rows,), or None
        Number of each in its cell, from 0; None if no cells hold lists.
    is_absent : ndarray of bool, shape (rows,)
        Whether a row stands for one of the source's without any candidate.
    wide : tuple of str
        Columns of a wide table, one a candidate.
    """

    source: Source
    frame: pl.DataFrame
    origin: IntArray | None
    item: IntArray | None
    is_absent: BoolArray
    wide: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """Return the place of a row (from 0), for errors."""
        place = self.source.place(1 + (row if self.origin is None else int(self.origin[row])))
        if self.item is None:
            return place
        item = int(self.item[row])
        return f"{place}, " + (shown(self.wide[item]) if self.wide else f"entry {item + 1}")

    def where(self, rows: BoolArray) -> Rows:
        """Return some of the rows."""
        if rows.all():
            return self
        kept = np.flatnonzero(rows)
        return replace(
            self,
            frame=self.frame[kept],
            origin=kept if self.origin is None else self.origin[kept],
            item=None if self.item is None else self.item[kept],
            is_absent=self.is_absent[kept],
        )


def rows_of(source: Source, frame: pl.DataFrame, reward: str) -> Rows:
    """Return the rows of a table; lists in the column of rewards, and those beside it, explode.

    A row without candidates is kept as one, which is marked.

    Raises
    ------
    InputError
        If lists in one row have different lengths, or a column has lists and the rewards have none.
    """
    import polars as pl

    absent = np.zeros(frame.height, np.bool_)
    absent[list(getattr(source, "absent", ()))] = True
    frame = frame.with_columns(pl.col(name).arr.to_list() for name in _arrays(frame))
    lists = [name for name in frame.columns if frame[name].dtype == pl.List]
    if reward not in lists:
        return Rows(source, frame, None, None, absent)
    lengths = _lengths(frame[reward])
    for name in lists:
        found = _lengths(frame[name])
        wrong = np.flatnonzero((found != lengths) & frame[name].is_not_null().to_numpy())
        if wrong.size:
            row = int(wrong[0])
            raise InputError(
                f"{source.place(row + 1)}: lists of one row must be of one length; got "
                f"{lengths[row]} in column {shown(reward)}, {found[row]} in column {shown(name)}"
            )
        if (found != lengths).any():  # a list that is missing beside one that is there
            given = zip(frame[name].to_list(), lengths.tolist(), strict=True)
            cells = [[None] * n if cell is None else cell for cell, n in given]
            frame = frame.with_columns(pl.Series(name, cells, dtype=frame[name].dtype))
    counts = np.maximum(lengths, 1)  # a row without candidates stays one
    origin = np.repeat(np.arange(frame.height), counts)
    item = np.arange(origin.size) - np.repeat(np.cumsum(counts) - counts, counts)
    is_absent = (lengths == 0)[origin]
    there = np.flatnonzero(~is_absent)
    place = np.full(origin.size, -1)
    place[there] = np.arange(there.size)
    taken = pl.Series(place).replace(-1, None)
    columns = []
    for name in frame.columns:
        if name in lists:
            entries = frame[name].filter(pl.Series(lengths > 0)).explode()
            columns.append(entries.gather(taken) if is_absent.any() else entries)
        else:
            columns.append(frame[name].gather(origin))
    return Rows(source, pl.DataFrame(columns), origin, item, is_absent | absent[origin])


def _arrays(frame: pl.DataFrame) -> list[str]:
    import polars as pl

    return [name for name in frame.columns if isinstance(frame[name].dtype, pl.Array)]


def _lengths(series: pl.Series) -> IntArray:
    """Return the lengths of a column's lists, 0 where there is none, shape (rows,)."""
    return series.list.len().fill_null(0).to_numpy().astype(np.intp)


def gathered(frame: pl.DataFrame, columns: Sequence[str], reward: str) -> pl.DataFrame:
    """Return a wide table with its candidates' columns as lists, in a column of rewards.

    A column of their names goes with it.
    """
    import polars as pl

    is_plain = all(
        frame[name].dtype.is_numeric() or frame[name].dtype in (pl.Boolean, pl.Null)
        for name in columns
    )
    kind = pl.Float64 if is_plain else pl.String
    names = pl.Series(CANDIDATE, [list(columns)], dtype=pl.List(pl.String))
    return frame.drop(columns).with_columns(
        pl.concat_list(frame[name].cast(kind) for name in columns).alias(reward),
        names.new_from_index(0, frame.height),
    )
