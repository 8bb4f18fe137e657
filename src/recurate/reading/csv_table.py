"""Reading CSV about as fast as the csv module does, with errors that name the row."""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Hashable, Iterator
from itertools import chain, islice
from typing import Any, TextIO

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import escaped, shown
from recurate.reading.asked import Asked
from recurate.reading.columns import (
    Table,
    find_columns,
    number_of,
    place_of,
    plain_numbers,
    plain_weights,
    stripped,
    weight_of,
    wrong_value,
)

_ROWS = 300  # read at a time: few enough for their fields to stay in a cache
_LONGEST = 2**31 - 1  # characters of a field: those of the longest file that can be read
_LONGEST_HEADER = 2**24  # characters
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


class _CsvColumns:
    """The columns of a CSV table, filled by some hundred rows at a time if these are plain."""

    def __init__(self, name: str, fields: list[str], columns: Asked) -> None:
        self._name, self._fields = name, fields
        self._reward, self._group, self._weight = find_columns(fields, columns, name)
        self._rewards, self._weights, self._groups = array("d"), array("d"), list[Hashable]()
        # Labels repeat: one object for each keeps a million rows small.
        self._labels: dict[str, Hashable] = {}

    def add(self, rows: list[list[str]]) -> bool:
        """Take rows at once; return False, and take none, if any of them has to be looked at."""
        if set(map(len, rows)) != {len(self._fields)}:
            return False
        columns = list(zip(*rows, strict=True))
        rewards = plain_numbers(columns[self._reward])
        weights = array("d") if self._weight is None else plain_weights(columns[self._weight])
        if rewards is None or weights is None:
            return False
        if self._group is not None:
            labels = columns[self._group]
            try:
                for label in set(labels) - self._labels.keys():
                    self._labels[label] = stripped(label)
            except ValueError:
                return False
            self._groups.extend(map(self._labels.__getitem__, labels))
        self._rewards += rewards
        self._weights += weights
        return True

    def add_row(self, row: list[str], number: int, line: int) -> None:
        """Take one row, or raise InputError with what is wrong with it."""
        place = place_of(self._name, number, line)
        if len(row) != len(self._fields):
            raise InputError(
                f"{place}: a row must have {len(self._fields)} fields, as the header has; "
                f"got {len(row)}"
            )
        column = self._reward
        try:
            self._rewards.append(number_of(row[column]))
            if self._weight is not None:
                column = self._weight
                self._weights.append(weight_of(row[column]))
            if self._group is not None:
                column = self._group
                label = row[column]
                self._groups.append(self._labels.setdefault(label, stripped(label)))
        except ValueError as error:
            raise wrong_value(place, self._fields[column], error) from None

    def table(self) -> Table:
        """Return what was read."""
        return Table(
            self._name,
            np.frombuffer(self._rewards, dtype=np.float64),
            None if self._group is None else self._groups,
            None if self._weight is None else np.frombuffer(self._weights, dtype=np.float64),
            [raw for raw, label in self._labels.items() if raw != label],
        )


def read_csv(file: TextIO, name: str, columns: Asked) -> Table:
    """Return the columns asked for of a CSV table with a header.

    Parameters
    ----------
    file : text file
        Opened with ``newline=""``.
    name : str
        Of the table, for errors.
    columns : Asked
        Columns to read.

    Raises
    ------
    InputError
        If the table cannot be used; the message names the row, its line and the column.
    """
    longest = csv.field_size_limit(_LONGEST)
    try:
        return _read(file, name, columns)
    finally:
        csv.field_size_limit(longest)


def _read(file: TextIO, name: str, columns: Asked) -> Table:
    reader = csv.reader(chain([_first_line(file, name)], file), strict=True)
    header = _csv_header(reader, name)
    read = _CsvColumns(name, [field.strip() for field in header], columns)
    number = blank = 0
    for line, rows in _csv_rows(reader, name):
        if not blank and read.add(rows):
            number += len(rows)
            continue
        for row in rows:
            line += 1 + sum(len(_LINE_BREAK.findall(field)) for field in row)
            if not row:
                blank = blank or line
                continue
            if blank:
                raise _blank_line(name, blank)
            number += 1
            read.add_row(row, number, line)
    return read.table()


def _first_line(file: TextIO, name: str) -> str:
    """Return the first line; a device may have one without an end."""
    try:
        line = file.readline(_LONGEST_HEADER)
    except UnicodeDecodeError as error:
        raise _not_utf8(name, error) from None
    if len(line) == _LONGEST_HEADER:
        raise InputError(
            f"{escaped(name)} must be a table with a header row of less than {_LONGEST_HEADER:,} "
            f"characters; got more, beginning with {shown(line)}"
        )
    return line


def _not_utf8(name: str, error: UnicodeDecodeError) -> InputError:
    return InputError(
        f"{escaped(name)} must be CSV in UTF-8 (or end in .npy or .parquet); got {error}"
    )


def _csv_header(reader: Any, name: str) -> list[str]:
    blank = 0
    for _, rows in _csv_rows(reader, name, at_once=1):
        header: list[str] = rows[0]
        if header and blank:
            raise _blank_line(name, blank)
        if header:
            return header
        blank = blank or reader.line_num
    raise InputError(f"{escaped(name)} must have a header row; got an empty file")


def _blank_line(name: str, line: int) -> InputError:
    """Return the error of a blank line that is not at the end of the file."""
    return InputError(f"{escaped(name)}, line {line}: a row must have fields; got a blank line")


def _csv_rows(
    reader: Any, name: str, at_once: int = _ROWS
) -> Iterator[tuple[int, list[list[str]]]]:
    """Yield some rows at once, each time with the number of lines read before them."""
    while True:
        line, rows = reader.line_num, []
        failure: InputError | None = None
        try:
            for row in islice(reader, at_once):
                rows.append(row)  # one by one, so that the rows before an error are looked at first
        except csv.Error as error:
            failure = InputError(f"{escaped(name)}, line {reader.line_num}: {error}")
        except UnicodeDecodeError as error:
            failure = _not_utf8(name, error)
        if rows:
            yield line, rows
        if failure is not None:
            raise failure
        if not rows:
            return
