"""Fields of the records in a table's cells, named as column.field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.reading.formats.source import Source

if TYPE_CHECKING:
    import polars as pl


def with_inner_fields(source: Source, names: Iterable[str | None]) -> Source:
    """Return a table that also has the fields of records: those named, and those that it knows."""
    inner = {}
    for name in dict.fromkeys([*names, *source.inner]):
        outer, *path = (name or "").split(".")
        is_known = any(field.startswith(f"{outer}.") for field in source.fields)
        if path and name is not None and outer in source.fields and not is_known:
            inner[name] = (outer, path)
    return _Inside(source, inner) if inner else source


class _Inside(Source):
    """A table whose records in cells have columns of their own."""

    def __init__(self, source: Source, inner: dict[str, tuple[str, list[str]]]) -> None:
        self.name, self._source, self._inner = source.name, source, inner
        self.fields = [*source.fields, *inner]
        self.prompts, self.absent, self.remarks = source.prompts, source.absent, source.remarks
        self.rows_before = source.rows_before

    @property
    def footer(self) -> str | None:
        """What the last row is called, if it sums up the others."""
        return self._source.footer

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        """Return columns, those of inner fields too."""
        needed = [self._inner[one][0] if one in self._inner else one for one in columns]
        frame = self._source.frame(list(dict.fromkeys(needed)), texts)
        for name in columns:
            if name in self._inner:
                outer, path = self._inner[name]
                frame = frame.with_columns(self._found(frame[outer], path).alias(name))
        return frame.select(columns)

    def place(self, row: int) -> str:
        """Return where a row is."""
        return self._source.place(row)

    def _found(self, series: pl.Series, path: list[str]) -> pl.Series:
        import polars as pl

        outer = series.name
        for key in path:
            kind = series.dtype
            record = kind.inner if isinstance(kind, pl.List) else kind
            fields = (
                [field.name for field in record.fields] if isinstance(record, pl.Struct) else []
            )
            if key not in fields:
                raise InputError(
                    f"{escaped(self.name)}: column {shown(outer)} has no field {shown(key)}; "
                    f"it has {listed(fields) or 'none'}"
                )
            if isinstance(kind, pl.List):
                series = series.list.eval(pl.element().struct.field(key))
            else:
                series = series.struct.field(key)
        return series
