"""What a table is, whatever its format: its columns, and where its rows are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


class Source(ABC):
    """A table as it was written.

    Attributes
    ----------
    name : str
        Of the table, for errors.
    fields : list of str
        Names of its columns, in their order.
    inner : sequence of str
        Names of fields within records of its columns, as column.field, that are not in `fields`.
    prompts : sequence of str
        Names of columns that are the prompt if no other is asked for.
    absent : sequence of int
        Numbers of rows, from 0, that hold no candidate.
    remarks : sequence of str
        What may have been meant otherwise than it was read; known after `frame`.
    rows_before : int
        Rows of the file before its own, if it is a batch of them.
    """

    name: str
    fields: list[str]
    inner: Sequence[str] = ()
    prompts: Sequence[str] = ()
    absent: Sequence[int] = ()
    remarks: Sequence[str] = ()
    rows_before: int = 0

    def head(self) -> Source:
        """Return its first rows as a table, or all, if they were all read."""
        return self

    def batches(self, columns: Sequence[str]) -> Iterator[Source]:
        """Yield tables of its rows, batch after batch; one of all rows, if they were all read.

        Parameters
        ----------
        columns : sequence of str
            Those of its columns that are wanted.
        """
        yield self

    @property
    def footer(self) -> str | None:
        """What the last row is called, if it sums up the others."""
        return None

    @abstractmethod
    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        """Return columns of all rows, in the order of the file.

        Parameters
        ----------
        columns : sequence of str
            Their names.
        texts : collection of str
            Those that come as text, as it is written: '007' stays '007'. Formats that have types
            of their own keep them. Other columns of text are numbers or truth values if each of
            their entries plainly is one, or is empty; then it is null.

        Raises
        ------
        InputError
            If the table has no such rows: the message names the row, its line and what to type.
        """

    @abstractmethod
    def place(self, row: int) -> str:
        """Return where a row is, counted from 1 after the header: its line too, if it has one."""
