"""The shapes of a table: lists in cells and wide tables become one row a candidate."""

from __future__ import annotations

import json
import re
from ast import literal_eval
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import shown
from recurate.reading.choosing import CANDIDATE, Chosen
from recurate.reading.columns import BoolArray, IntArray
from recurate.reading.formats.source import Source

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
    others : tuple of str
        Columns that were not asked for, and are only looked at.
    wide : tuple of str
        Columns of a wide table, one a candidate.
    raters : tuple of str
        Columns of a table whose rows are candidates, one a rater.
    """

    source: Source
    frame: pl.DataFrame
    origin: IntArray | None
    item: IntArray | None
    is_absent: BoolArray
    others: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """Return the place of a row (from 0), for errors."""
        place = self.source.place(1 + (row if self.origin is None else int(self.origin[row])))
        if self.item is None or self.raters:
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


def rows_of(
    source: Source,
    frame: pl.DataFrame,
    reward: str,
    prompts: Sequence[str] = (),
    others: Sequence[str] = (),
) -> Rows:
    """Return the rows of a table; lists in the column of rewards, and those beside it, explode.

    A row without candidates is kept as one, which is marked. A prompt may be a list itself, as of
    messages: it is one unless it has as many entries as there are rewards.

    Raises
    ------
    InputError
        If lists in one row have different lengths.
    """
    import polars as pl

    absent = np.zeros(frame.height, np.bool_)
    absent[list(source.absent)] = True
    if arrays := _arrays(frame):
        frame = frame.with_columns(pl.col(name).arr.to_list() for name in arrays)
    frame = _with_written_lists(frame, reward, [*prompts, *others], source)
    if lists := [name for name in others if frame[name].dtype == pl.List]:
        frame = frame.drop(lists)
    others = tuple(name for name in others if name in frame.columns)
    lengths = _lengths(frame[reward]) if frame[reward].dtype == pl.List else None
    for name in prompts:
        is_list = frame[name].dtype == pl.List
        is_one = lengths is None or (is_list and (_lengths(frame[name]) != lengths).any())
        if (is_list and is_one) or frame[name].dtype == pl.Struct:
            texts = [None if cell is None else str(cell) for cell in frame[name].to_list()]
            frame = frame.with_columns(pl.Series(name, texts, dtype=pl.String))
    if lengths is None:
        return Rows(source, frame, None, None, absent, others)
    counts = np.maximum(lengths, 1)  # a row without candidates stays one
    origin = np.repeat(np.arange(frame.height), counts)
    item = np.arange(origin.size) - np.repeat(np.cumsum(counts) - counts, counts)
    is_absent = (lengths == 0)[origin]
    number = np.where(is_absent, -1, np.cumsum(~is_absent) - 1)
    taken = pl.Series(number).replace(-1, None) if is_absent.any() else None
    columns = {}  # by name: polars gives a series without a name another one
    for series in frame.get_columns():
        if series.dtype == pl.List:
            cells = _of_lengths(series, lengths, reward, source)
            entries = cells.filter(pl.Series(lengths > 0)).explode()
            columns[series.name] = entries if taken is None else entries.gather(taken)
        else:
            columns[series.name] = series.gather(origin)
    return Rows(source, pl.DataFrame(columns), origin, item, is_absent, others)


def _with_written_lists(
    frame: pl.DataFrame, reward: str, others: Sequence[str], source: Source
) -> pl.DataFrame:
    """Return a table with lists where its cells write them, if those of the rewards do."""
    import polars as pl

    from recurate.reading.formats.json_tables import typed_series

    if frame[reward].dtype != pl.String or not _begins_a_list(frame[reward]):
        return frame
    lists = {}
    for name in frame.columns:
        if name not in others and frame[name].dtype == pl.String and _begins_a_list(frame[name]):
            cells = [_list_of(cell) if cell else None for cell in frame[name].to_list()]
            row = next((r for r, c in enumerate(cells) if not isinstance(c, list | None)), None)
            if row is None:
                lists[name] = typed_series(name, cells, is_text=False)
            elif name == reward:
                raise InputError(
                    f"{source.place(row + 1)}, column {shown(name)}: must be a list of numbers, as "
                    f"in other rows; got {shown(cells[row])}"
                )
    return frame.with_columns(lists.values())


def _begins_a_list(series: pl.Series) -> bool:
    first = series.filter(series != "").head(1)
    return len(first) > 0 and first[0].lstrip().startswith("[")


def _list_of(text: str) -> object:
    """Return the list that a text writes as JSON, Python or NumPy do; else the text."""
    plain = re.sub(r"\bnan\b", "None", re.sub(r"\bnp\.\w+\(([^()]*)\)", r"\1", text.strip()))
    plain = re.sub(r"(?<=['\"])\s+(?=['\"])", ", ", plain)  # Python would join 'a' 'b' to 'ab'
    spaced = re.sub(r"(?<=[\w.])\s+(?=[-+\w.])", ", ", plain)
    for read, written in ((json.loads, text), (literal_eval, plain), (literal_eval, spaced)):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return read(written)
    return text


def _of_lengths(cells: pl.Series, lengths: IntArray, reward: str, source: Source) -> pl.Series:
    """Return lists if they are as long as those of the rewards; a missing one is of nothing."""
    import polars as pl

    found = _lengths(cells)
    wrong = np.flatnonzero((found != lengths) & cells.is_not_null().to_numpy())
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            f"{source.place(row + 1)}: lists of one row must be of one length; got "
            f"{lengths[row]} in column {shown(reward)}, {found[row]} in column {shown(cells.name)}"
        )
    if (found == lengths).all():
        return cells
    given = zip(cells.to_list(), lengths.tolist(), strict=True)
    filled = [[None] * n if cell is None else cell for cell, n in given]
    return pl.Series(cells.name, filled, dtype=cells.dtype)


def _arrays(frame: pl.DataFrame) -> list[str]:
    import polars as pl

    return [name for name in frame.columns if isinstance(frame[name].dtype, pl.Array)]


def _lengths(series: pl.Series) -> IntArray:
    """Return the lengths of a column's lists, 0 where there is none, shape (rows,)."""
    return series.list.len().fill_null(0).to_numpy().astype(np.intp)


def gathered(frame: pl.DataFrame, uses: Chosen, others: Sequence[str] = ()) -> pl.DataFrame:
    """Return a wide table with its candidates' columns, or its raters', as lists in one column.

    A column of the candidates' names goes with it. Of the wide columns, `others` stay too.
    """
    import polars as pl

    columns = uses.wide
    nested = [name for name in columns if frame[name].dtype.is_nested()]
    if nested and uses.ratings:
        raise InputError(
            f"--reward-column given again must name columns of numbers; {shown(nested[0])} has "
            "lists or records: --lists raters takes the lists of one column for ratings"
        )
    if nested:
        raise InputError(
            f"--candidate-columns must be a pattern of columns of numbers; {shown(nested[0])} has "
            "lists or records: name it with --reward-column"
        )
    is_plain = all(
        frame[name].dtype.is_numeric() or frame[name].dtype in (pl.Boolean, pl.Null)
        for name in columns
    )
    kind = pl.Float64 if is_plain else pl.String
    found = pl.concat_list(frame[name].cast(kind) for name in columns).alias(uses.reward)
    kept = (*others, uses.reward)  # of one column, the pattern may be its name
    frame = frame.with_columns(found).drop(name for name in columns if name not in kept)
    if uses.ratings:
        return frame
    names = pl.Series(CANDIDATE, [list(columns)], dtype=pl.List(pl.String))
    return frame.with_columns(names.new_from_index(0, frame.height))
