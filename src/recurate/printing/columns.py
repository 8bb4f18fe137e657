"""A table of columns over the steps, as wide as the terminal allows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

MOST_GROUPS = 3
"""Most groups whose shares have columns: those that change most."""


@dataclass(frozen=True)
class Column:
    """A column: its title and a cell for each row.

    Attributes
    ----------
    title : str
        What stands above it.
    cells : list of str
        Its cells, whole: none is cut.
    style : str or None
        Of its cells.
    kind : str
        What it is one of, if it may be left out where the table is too wide; else nothing.
    is_text : bool
        Whether its cells are names, which may be wrapped, and no numbers.
    """

    title: str
    cells: list[str]
    style: str | None = None
    kind: str = ""
    is_text: bool = False

    @property
    def width(self) -> int:
        """Cells of the terminal, with a space on either side and the line between columns."""
        return 3 + max(cell_len(cell) for cell in (self.title, *self.cells))


def print_columns(columns: Iterable[Column], console: Console) -> set[str]:
    """Print columns side by side; return the kinds of which some were left out, the last first."""
    columns, left_out = list(columns), set()
    while (extra := [column for column in columns if column.kind]) and (
        sum(column.width for column in columns) > console.width
    ):
        columns.remove(extra[-1])
        left_out.add(extra[-1].kind)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), show_edge=False)
    for column in columns:
        table.add_column(
            Text(column.title),
            justify="left" if column.is_text else "right",
            style=column.style,
            no_wrap=not column.is_text,
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*map(Text, row))
    if not any(column.is_text for column in columns):
        # Wider than the terminal, if it has to be: a cut number would be worse than a wrapped line.
        table.width = Console(width=10_000).measure(table).maximum
    console.print(table, crop=False)
    return left_out
