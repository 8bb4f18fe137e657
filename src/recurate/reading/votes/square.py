"""Square tables of wins: a cell says how often its row's item won over its column's."""

from __future__ import annotations

import numpy as np

from recurate.reading import columns
from recurate.reading.formats.source import Source
from recurate.reading.shapes import Rows
from recurate.reading.votes.recognising import VoteColumns
from recurate.reading.votes.verdicts import as_text

CELLS = VoteColumns("won", ("winner", "loser"), weight="wins")
"""Columns of the rows that `cells_of` returns."""


def cells_of(source: Source) -> Rows | None:
    """Return a row for each cell beside the diagonal, None if the table is no square of items.

    It is one if the labels in its first column are the names of its other columns.
    """
    import polars as pl

    first, *others = source.fields
    if len(others) < 2 or len(set(source.fields)) < len(source.fields):
        return None

    def place(row: int) -> str:
        return source.place(row + 1)

    labels = columns.labels(source.frame([first], [first])[first], place)
    items = [as_text(name) for name in labels.names]
    if not len(items) == len(labels.numbers) == len(others) or {*items} != {
        name.strip() for name in others
    }:
        return None
    cells = source.frame(others)
    wins = np.column_stack([columns.numbers(cells[name], place).values for name in others])
    row, column = np.nonzero(np.array(items)[:, None] != np.array([n.strip() for n in others]))
    frame = pl.DataFrame(
        {
            "winner": [items[number] for number in row.tolist()],
            "loser": [others[number].strip() for number in column.tolist()],
            "wins": wins[row, column],
        }
    )
    return Rows(source, frame, row, column, np.zeros(row.size, np.bool_), wide=tuple(others))
