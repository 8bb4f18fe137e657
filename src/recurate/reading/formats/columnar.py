"""Tables in files of columns: Parquet, and Arrow's IPC, which Feather is too."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING

from recurate.errors import InputError
from recurate.numerics.text import escaped, shortened, shown
from recurate.reading.formats.content import Content
from recurate.reading.formats.source import Source

if TYPE_CHECKING:
    import polars as pl

STREAM = b"\xff\xff\xff\xff"
"""What Arrow's IPC begins with where it is a stream."""


ROWS, ROWS_OF_TEXT = 2**19, 2**17
"""Rows of a batch, of columns of numbers, and where some have text or lists."""


class ColumnarTable(Source):
    """A table in Parquet or Arrow's IPC; what is not asked for is not read.

    Parameters
    ----------
    content : Content
        It begins as one of these formats does.
    """

    def __init__(self, content: Content) -> None:
        import polars as pl

        self.name = content.name
        is_parquet = content.data.startswith(b"PAR1") or content.suffix == ".parquet"
        self._kind = "a Parquet file" if is_parquet else "an Arrow file"
        source = io.BytesIO(content.data) if content.path is None else content.path.absolute()
        with _in_words(self.name, self._kind):
            if is_parquet:
                self._table = pl.scan_parquet(source, glob=False)
            elif content.data.startswith(STREAM):
                self._table = pl.read_ipc_stream(source).lazy()
            else:
                self._table = pl.scan_ipc(source, glob=False)
            schema = self._table.collect_schema()
            self.fields = schema.names()
            self.inner = [name for field, kind in schema.items() for name in _inside(field, kind)]

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        """Return columns of all rows with the types that they have in the file."""
        with _in_words(self.name, self._kind):
            return self._table.select(columns).collect()

    def head(self) -> ColumnarTable:
        """Return a table of its first rows; they are read when they are asked for."""
        return self._of(self._table.head(ROWS_OF_TEXT))

    def batches(self, columns: Sequence[str]) -> Iterator[Source]:
        """Yield its rows, so many at a time that few columns take tens of megabytes."""
        import polars as pl

        with _in_words(self.name, self._kind):
            schema = self._table.select(columns).collect_schema()
            are_numbers = all(kind.is_numeric() or kind == pl.Boolean for kind in schema.values())
            rows = ROWS if are_numbers else ROWS_OF_TEXT
            height = self._table.select(pl.len()).collect().item()
        if height <= rows:
            yield self
            return
        with _in_words(self.name, self._kind):
            pieces = iter(self._table.select(columns).collect_batches(chunk_size=rows))
        before = 0
        while True:
            with _in_words(self.name, self._kind):
                piece = next(pieces, None)
            if piece is None:
                return
            yield self._of(piece.lazy(), before)
            before += piece.height

    def place(self, row: int) -> str:
        """Return where a row is, counted from 1."""
        return f"{self.name}, row {self.rows_before + row}"

    def _of(self, table: pl.LazyFrame, before: int = 0) -> ColumnarTable:
        """Return a table of some of its rows, after so many others."""
        some = copy(self)
        some._table, some.rows_before = table, before
        return some


def _inside(field: str, kind: pl.DataType | pl.datatypes.DataTypeClass) -> Iterator[str]:
    """Yield the names of what is in a column's records, as column.field."""
    import polars as pl

    record = kind.inner if isinstance(kind, pl.List) else kind
    for one in record.fields if isinstance(record, pl.Struct) else ():
        if "." not in one.name:  # it could not be told apart
            yield f"{field}.{one.name}"
            yield from _inside(f"{field}.{one.name}", one.dtype)


@contextmanager
def _in_words(name: str, kind: str) -> Iterator[None]:
    """Raise InputError for whatever polars says of a damaged file, and keep it from saying more.

    Where it stumbles, it writes a trace to the process's standard error, past Python.
    """
    import polars as pl

    try:
        with _quiet():
            yield
    except pl.exceptions.DuplicateError as error:
        twice = re.search(r"name '(.*)' has more", str(error))
        column = shown(twice.group(1)) if twice else "of each name"
        raise InputError(f"{name} must have one column {column}; got 2 or more") from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        said = shortened(escaped(str(error).strip().split("\n")[0]), 200)
        raise InputError(f"{name} must be {kind}; got {said}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nothing be written to the process's standard error."""
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 2)
        os.close(nothing)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
