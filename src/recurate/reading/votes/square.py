"""Square tables of wins: a cell says how often its row's item won over its column's."""

from __future__ import annotations

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import listed, shown
from recurate.reading import columns
from recurate.reading.formats.source import Source
from recurate.reading.shapes import Rows
from recurate.reading.votes.counts import no_count
from recurate.reading.votes.recognising import VoteColumns
from recurate.reading.votes.verdicts import as_text

CELLS = VoteColumns("won", ("winner", "loser"), weight="wins")
"""Columns of the rows that `cells_of` returns."""


def cells_of(source: Source, *, drop: bool) -> Rows | None:
    """Return a row for each cell beside the diagonal, None if the table is no square of items.

    It is one if the labels in its first column are the names of its other columns.

    Raises
    ------
    InputError
        If a cell has no number of votes, and empty ones are not dropped.
    """
    import polars as pl

    items = _items(source)
    if items is None:
        return None
    others = source.fields[1:]
    names = [name.strip() for name in others]

    def place(row: int) -> str:
        return f"{source.place(row + 1)}, {shown(items[row])}"

    cells = source.frame(others)
    wins = np.column_stack([columns.numbers(cells[name], place).values for name in others])
    is_pair = np.array(items)[:, None] != np.array(names)
    is_none = is_pair & ~((wins >= 0) & (wins % 1 == 0)) & ~(drop & np.isnan(wins))
    if is_none.any():
        row, column = (int(of[0]) for of in np.nonzero(is_none))
        field = others[column]
        raise no_count(place(row), field, float(wins[row, column]), cells[field][row])
    rows, columns_of = np.nonzero(is_pair)
    frame = pl.DataFrame(
        {
            "winner": [items[number] for number in rows.tolist()],
            "loser": [names[number] for number in columns_of.tolist()],
            "wins": wins[is_pair],
        }
    )
    absent = np.zeros(rows.size, np.bool_)
    return Rows(source, frame, rows, columns_of, absent, wide=tuple(others))


def refuse_square(source: Source, name: str) -> None:
    """Raise InputError if a table has no column 'reward', and is a square of wins."""
    has_rewards = any(field.strip().casefold() == "reward" for field in source.fields)
    if not has_rewards and (items := _items(source)) is not None:
        raise InputError(
            f"{name} must have a column 'reward'; got a square of {listed(items)}, as of how often "
            "one won over another: try recurate votes, or predict --votes"
        )


def _items(source: Source) -> list[str] | None:
    """Return the labels of the rows of a square of items, in their order; None if it is none."""
    first, *others = source.fields
    if len(others) < 2 or len(set(source.fields)) < len(source.fields):
        return None
    series = source.frame([first], [first])[first]
    if series.dtype.is_nested():
        return None
    labels = columns.labels(series, lambda row: source.place(row + 1))
    items = [as_text(name) for name in labels.names]
    names = {name.strip() for name in others}
    is_square = len(items) == len(labels.numbers) == len(others) and {*items} == names
    return items if is_square else None
