"""Sources of tables (stands in until the reading of files lands)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from recurate.numerics.text import escaped

if TYPE_CHECKING:
    import polars as pl


class Source(Protocol):
    """A table: its columns, and where its rows are."""

    name: str
    fields: list[str]

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame: ...

    def place(self, row: int) -> str: ...


class FrameSource:
    """A table in memory."""

    def __init__(self, name: str, frame: pl.DataFrame) -> None:
        self.name, self._frame, self.fields = name, frame, list(frame.columns)

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        return self._frame.select(columns)

    def place(self, row: int) -> str:
        return f"{escaped(self.name)}, row {row}"


def opened(source: str) -> Source:
    """Return the table of a file."""
    import polars as pl

    from recurate.reading.nested import JsonSource

    path = Path(source)
    if path.suffix in (".json", ".jsonl"):
        return JsonSource(path.name, path.read_bytes())
    if path.suffix == ".parquet":
        return FrameSource(path.name, pl.read_parquet(path))
    separator = "\t" if path.suffix == ".tsv" else ","
    return FrameSource(path.name, pl.read_csv(path, separator=separator, infer_schema_length=None))
