"""Tables in JSON: arrays of records, one record a line, and records in objects by key."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import escaped, shown
from recurate.reading.formats.hints import SUMMARY, is_summary, near_json
from recurate.reading.formats.source import Source

if TYPE_CHECKING:
    import polars as pl

_DEEPEST = 8  # levels of keys
_TABLES = {"data", "results", "rows", "records", "samples", "values", "examples"}
"""What the table is called in an object with more beside it."""


class JsonSource(Source):
    """A table in JSON.

    Parameters
    ----------
    name : str
        Of the table, for errors.
    text : bytes or str
        An array of records (or of numbers, which are rewards), a record a line, or an object whose
        values are records, lists of records, or such objects again. The keys become columns `key`,
        `key_2`, and so on; `absent` numbers the rows of keys under which there is no record.
    after : JsonSource, optional
        What precedes it in its file, of one record a line: so is this then, with the same columns.

    Raises
    ------
    InputError
        If it is no JSON, with its place; or JSON of another shape.
    """

    def __init__(self, name: str, text: bytes | str, after: JsonSource | None = None) -> None:
        self.name, self._title = name, escaped(name)
        self._lines_before, self.rows_before = (0, 0) if after is None else after._ends()
        self._are_lines = after is not None
        self.has_record_lines = False
        self.absent: list[int] = []
        self._places: list[str] | None = None
        self._text: str | None = None  # of records a line
        records = self._read(text)
        if not any(records):
            raise InputError(f"{self._title} must have at least one record; got none")
        self._records = records
        self._columns: dict[str, list[Any]] = {}
        self.fields = list(dict.fromkeys(chain.from_iterable(records)))
        if {dict, list} & set(map(type, chain.from_iterable(map(dict.values, records)))):
            for field in self.fields:
                self._add(field, self._values(field))
            self.fields = list(self._columns)
        if after is not None:
            self.fields = list(dict.fromkeys([*after.fields, *self.fields]))
        self._require_text("".join(self.fields))

    def continued(self, text: bytes) -> JsonSource:
        """Return the records in the lines that follow its own, as a table with its columns."""
        return JsonSource(self.name, text, self)

    def _ends(self) -> tuple[int, int]:
        """Return how many lines and rows of the file there are up to its end."""
        assert self._text is not None, "records a line"
        lines, rows = self._text.count("\n"), len(self._records)
        return self._lines_before + lines, self.rows_before + rows

    def _require_text(self, text: str) -> None:
        """Raise InputError if there are halves of characters, which JSON can write."""
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"{self._title} must be text in Unicode; got half a character, "
                f"{shown(text[error.start])}"
            ) from None

    def _values(self, field: str) -> list[Any]:
        if field not in self._columns:
            self._columns[field] = [record.get(field) for record in self._records]
        return self._columns[field]

    def _add(self, field: str, values: list[Any], depth: int = 0) -> None:
        """Take a column; of records, also those of their fields."""
        kinds = set(map(type, values))
        self._columns[field] = values
        if depth == _DEEPEST:
            return
        if dict in kinds:
            inner = [value if isinstance(value, dict) else {} for value in values]
            for key in dict.fromkeys(chain.from_iterable(inner)):
                self._add(f"{field}.{key}", [value.get(key) for value in inner], depth + 1)
        elif list in kinds:
            cells = [_plain(value) if isinstance(value, list) else None for value in values]
            if dict not in map(type, chain.from_iterable(filter(None, cells))):
                return
            entries = [[e if isinstance(e, dict) else {} for e in cell or ()] for cell in cells]
            for key in dict.fromkeys(key for cell in entries for entry in cell for key in entry):
                inside = [
                    None if cell is None else [entry.get(key) for entry in entries[row]]
                    for row, cell in enumerate(cells)
                ]
                self._add(f"{field}.{key}", inside, depth + 1)

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        """Return columns, with a type over the whole of each."""
        import polars as pl

        if not columns:
            return pl.DataFrame(height=len(self._records))
        return pl.DataFrame({name: self._series(name, name in texts) for name in columns})

    def _series(self, name: str, is_text: bool) -> pl.Series:
        values = self._values(name)
        try:
            return typed_series(name, values, is_text=is_text)
        except UnicodeEncodeError as error:
            self._require_text(str(error.object))
            raise

    def place(self, row: int) -> str:
        """Return the place of a row, counted from 1."""
        place = f"{self._title}, row {self.rows_before + row}"
        if self._places is not None:
            return f"{place} ({self._places[row - 1]})"
        if self._text is None:
            return place
        lines = enumerate(map(str.strip, self._text.split("\n")), start=1 + self._lines_before)
        line = next(islice((number for number, line in lines if line), row - 1, None))
        return f"{place} (line {line})"

    def _read(self, text: bytes | str) -> list[dict[str, Any]]:
        values = self._decoded(text)
        if isinstance(values, list):
            return self._of_list(values)
        if not isinstance(values, dict):
            raise InputError(
                f"{self._title} must be an array or object of records; got {shown(values)}"
            )
        if len(values) == 1 and set(values) <= _TABLES:
            (inner,) = values.values()
            if isinstance(inner, dict) and (found := _of_lists(inner)):
                return found
        first = next(iter(values.values()), None)
        if isinstance(first, dict) and tuple(first)[:3] == SUMMARY:
            raise is_summary(self._title)
        if found := _of_pandas(values) or _of_lists(values):
            return found
        if not _is_level(values):
            return _unwrapped(values)
        return self._of_levels(values)

    def _of_list(self, values: list[Any]) -> list[dict[str, Any]]:
        others = [row for row, value in enumerate(values) if not isinstance(value, dict)]
        if not others:
            self.has_record_lines = self._text is not None
            return values
        if not self._are_lines:
            if _has_names(values):
                return [dict(zip(values[0], row, strict=True)) for row in values[1:]]
            if len(others) == len(values) and not any(isinstance(value, str) for value in values):
                return [{"reward": value} for value in values]
        raise InputError(
            f'{self.place(others[0] + 1)}: must be a record, as {{"reward": 1.5}}; '
            f"got {shown(values[others[0]])}"
        )

    def _of_levels(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the records of an object, with their keys, and remember where they were."""
        found = list(_leaves(values))
        fields = {field for _, record in found for field in record or ()}
        stem = "key"
        while stem in fields:
            stem = f"_{stem}"
        records, self._places = [], []
        numbers: dict[tuple[str, ...], int] = {}
        for row, (keys, record) in enumerate(found):
            numbers[keys] = numbers.get(keys, 0) + 1
            self._places.append(f"{'/'.join(map(shown, keys))}, record {numbers[keys]}")
            if record is None:
                self.absent.append(row)
            names = [stem, *(f"{stem}_{n}" for n in range(2, len(keys) + 1))]
            records.append(dict(zip(names, keys, strict=True)) | (record or {}))
        return records

    def _decoded(self, text: bytes | str) -> Any:
        """Return what is written; several values, one a line, as a list."""
        import msgspec

        if not self._are_lines:
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return msgspec.json.decode(text)
        try:
            values = msgspec.json.Decoder().decode_lines(text)
            self._text = text if isinstance(text, str) else text.decode()
            return values
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        # Slower: it takes NaN and infinity too, and says where it fails.
        whole = text.decode("utf-8-sig", errors="replace") if isinstance(text, bytes) else text
        try:
            return self._loaded(whole)
        except RecursionError:
            raise InputError(f"{self._title} must be records in JSON; got deeper ones") from None

    def _loaded(self, whole: str) -> Any:
        lines = [(n, line) for n, line in enumerate(whole.split("\n"), start=1) if line.strip()]
        if not self._are_lines:
            try:
                return json.loads(whole)
            except json.JSONDecodeError as error:
                failure = error
            try:
                json.loads(lines[0][1])
            except (json.JSONDecodeError, IndexError):  # no record a line
                raise self._no_json(failure.lineno, failure) from None
        values = []
        for number, line in lines:
            try:
                values.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise self._no_json(number, error) from None
        self._text = whole
        return values

    def _no_json(self, line: int, error: json.JSONDecodeError) -> InputError:
        return InputError(
            f"{self._title}, line {self._lines_before + line}, column {error.colno}: must be JSON; "
            "the parser says: "
            f"{escaped(error.msg)}{near_json(error.doc, error.pos, self.name)}"
        )


def typed_series(name: str, values: list[Any], *, is_text: bool) -> pl.Series:
    """Return values, or lists of them, as a column."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds != {list}:
        return _typed(name, values, kinds, is_text)
    import polars as pl

    flat = list(chain.from_iterable(filter(None, values)))
    entries = _typed("entry", flat, set(map(type, flat)) - {type(None)}, is_text)
    lengths = np.array([len(cell or ()) for cell in values])
    row = np.repeat(np.arange(lengths.size), lengths)
    found = pl.DataFrame({"row": row, "entry": entries})
    lists = found.group_by("row", maintain_order=True).agg("entry")["entry"]
    number = pl.Series(np.where(lengths > 0, np.cumsum(lengths > 0) - 1, -1)).replace(-1, None)
    column = lists.gather(number).alias(name)
    is_empty = pl.Series([cell == [] for cell in values])
    if is_empty.any():
        empty = pl.Series([[]], dtype=column.dtype)
        column = pl.select(pl.when(is_empty).then(empty).otherwise(column)).to_series().alias(name)
    return column


def _typed(name: str, values: list[Any], kinds: set[type], is_text: bool) -> pl.Series:
    """Return values with one type: numbers, truth values or texts; others as they are written."""
    import polars as pl

    if kinds <= {bool}:
        return pl.Series(name, values, dtype=pl.Boolean if kinds else pl.Null)
    if kinds <= {bool, int, float} and not (is_text and len(kinds) > 1):
        with suppress(OverflowError, TypeError):  # from an integer beyond 2^63
            if kinds == {int}:
                return pl.Series(name, values, dtype=pl.Int64)
        with suppress(OverflowError):  # beyond 1e308
            numbers = [None if value is None else float(value) for value in values]
            return pl.Series(name, numbers, dtype=pl.Float64)
    if kinds != {str}:
        values = [v if v is None or isinstance(v, str) else _written(v) for v in values]
    return pl.Series(name, values, dtype=pl.String)


def _written(value: Any) -> str:
    """Return a value as JSON has it."""
    return json.dumps(value, ensure_ascii=False)


def _of_pandas(values: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the records of what pandas writes unless told otherwise, None if it is none of that.

    That is an object of columns, each an object keyed by the row's number; or an object of the
    columns' names and the rows, `split`; or one of a schema and the records, `table`.
    """
    names, rows = values.get("columns"), values.get("data")
    if set(values) == {"schema", "data"} and isinstance(rows, list):
        return [row for row in rows if isinstance(row, dict)]
    if isinstance(names, list) and isinstance(rows, list) and set(map(type, rows)) == {list}:
        return [dict(zip(map(str, names), row, strict=False)) for row in rows]
    columns = list(values.values())
    if not columns or set(map(type, columns)) != {dict} or not columns[0]:
        return None
    keys = list(columns[0])
    if any(list(column) != keys for column in columns):
        return None
    has_records = [any(isinstance(e, dict) for e in column.values()) for column in columns]
    if all(has_records):  # by model and prompt, say
        return None
    if all(map(str.isdecimal, keys)):
        return [{name: column[key] for name, column in values.items()} for key in keys]
    has_reward = "reward" in map(str.casefold, values) and "key" not in values
    if any(has_records) or not has_reward:  # keys may be columns, too
        return None
    return [{"key": key} | {name: values[name][key] for name in values} for key in keys]


def _has_names(rows: list[Any]) -> bool:
    """Return whether lists are the rows of a table, with one of names first."""
    return (
        len(rows) > 1
        and set(map(type, rows)) == {list}
        and set(map(type, rows[0])) == {str}
        and len(set(rows[0])) == len(rows[0])
        and set(map(len, rows)) == {len(rows[0])}
        and any(not isinstance(e, str) or e.strip("+-")[:1].isdecimal() for e in rows[1])
    )


def _of_lists(values: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the records of an object of lists; None if it is none of that.

    Lists of one length are columns; others, of numbers, are the rewards of their keys.
    """
    if set(map(type, values.values())) != {list}:
        return None
    kinds = set(map(type, chain.from_iterable(values.values())))
    if len(set(map(len, values.values()))) == 1 and dict not in kinds:
        return [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    if kinds & {dict, list, str} or "reward" in values:
        return None
    return [{"key": key, "reward": rewards} for key, rewards in values.items()]


def _unwrapped(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the records of the only list of records in an object, with what stands beside it."""
    lists = [key for key, value in values.items() if isinstance(value, list)]
    if len(lists) > 1:
        lists = [key for key in lists if key in _TABLES]
    if len(lists) == 1 and _has_names(values[lists[0]]):
        names, *rows = values[lists[0]]
        return [dict(zip(names, row, strict=True)) for row in rows]
    if len(lists) != 1 or set(map(type, values[lists[0]])) != {dict}:
        return [values]
    beside = {key: value for key, value in values.items() if key != lists[0]}
    return [beside | record for record in values[lists[0]]]


def _plain(cell: list[Any]) -> list[Any]:
    """Return a list of lists of one record each as one of records."""
    are_single = all(isinstance(e, list) and len(e) == 1 and isinstance(e[0], dict) for e in cell)
    return [entry[0] for entry in cell] if are_single else cell


def _is_level(values: dict[str, Any]) -> bool:
    """Return whether an object's values are records or more such objects, and not fields."""
    return all(
        value is None
        or isinstance(value, dict)
        or (isinstance(value, list) and all(isinstance(entry, dict) for entry in value))
        for value in values.values()
    ) and any(values.values())


def _leaves(
    values: dict[str, Any], keys: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], dict[str, Any] | None]]:
    """Yield records and their keys; None for a key without any."""
    for key, value in values.items():
        path = (*keys, key)
        if not value:
            yield path, None
        elif isinstance(value, list):
            yield from ((path, record or None) for record in value)
        elif _is_level(value) and len(path) < _DEEPEST:
            yield from _leaves(value, path)
        else:
            yield path, value
