"""A figure's data: columns of one length, each with its meaning, as a CSV file keeps them."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.files import written_text

Column = npt.NDArray[Any]
"""Numbers (float64 or int64) or text, shape (rows,)."""


class Table:
    """Columns of one length with their meanings.

    Parameters
    ----------
    columns : mapping
        From a column's name to its values, shape (rows,): real numbers or text.
    meanings : mapping
        From the same names to what the column holds, with its unit, on one line.

    Raises
    ------
    TypeError
        If a name or a meaning is not text.
    ValueError
        If there is no column; if a column has another shape, no meaning, text that would be read
        back as a number, or numbers of more than 64 bits; or if a name or a meaning would break
        the head of a file.

    Notes
    -----
    A file begins with lines that start with ``#``: what the numbers depend on, and what the columns
    mean. A line of names follows, and one of values for each row. Numbers keep every digit, so that
    what is read is what was written (a column without rows is read as integers). Text is quoted,
    so that it may contain commas, line breaks and ``#``.

    Examples
    --------
    >>> table = Table({"t": [0, 1], "law": ["a", "b"]}, {"t": "step", "law": "which law"})
    >>> table.where(law="b")["t"].tolist()
    [1]
    """

    def __init__(self, columns: Mapping[str, Any], meanings: Mapping[str, str]) -> None:
        self.columns = {name: _column(name, values) for name, values in columns.items()}
        self.meanings = dict(meanings)
        if not self.columns:
            raise ValueError("columns must be at least one; got none")
        for name in self.columns:
            _require_name(name)
        if list(self.columns) != list(self.meanings):
            raise ValueError(
                f"meanings must be given for {', '.join(self.columns)}; "
                f"got {', '.join(self.meanings) or 'none'}"
            )
        for name, meaning in self.meanings.items():
            _require_line(meaning, f"the meaning of {name}")
        sizes = {name: values.size for name, values in self.columns.items()}
        if len(set(sizes.values())) > 1:
            raise ValueError(f"columns must have one length; got {sizes}")

    @classmethod
    def of_rows(cls, rows: Iterable[Sequence[Any]], meanings: Mapping[str, str]) -> Table:
        """Return the table of these rows, each with a value for every column that has a meaning."""
        columns = zip(*rows, strict=True)
        return cls(dict(zip(meanings, columns, strict=True)), meanings)

    @property
    def size(self) -> int:
        """Number of rows."""
        return next(iter(self.columns.values())).size

    def __getitem__(self, name: str) -> Column:
        """Return a column, shape (rows,)."""
        return self.columns[name]

    def where(self, **values: Any) -> Table:
        """Return the rows in which each of these columns has this value."""
        rows = np.ones(self.size, dtype=np.bool_)
        for name, value in values.items():
            rows &= self.columns[name] == value
        return Table({name: column[rows] for name, column in self.columns.items()}, self.meanings)

    def distinct(self, name: str) -> list[Any]:
        """Return a column's different values, in the order of their first rows."""
        return list(dict.fromkeys(self.columns[name].tolist()))

    def write(self, path: str | os.PathLike[str], about: Mapping[str, Any]) -> None:
        """Write the table as CSV, whole or not at all, below what it depends on (as JSON by name).

        Raises
        ------
        TypeError, ValueError
            If a name in `about` is not text, has a line break, or begins like a column's line.
        """
        for name in about:
            _require_line(name, "a name in about")
            if name.startswith("column "):
                raise ValueError(f"a name in about must not begin with 'column '; got {name!r}")
        with written_text(path) as file:
            for name, value in about.items():
                file.write(f"# {name}: {json.dumps(value, ensure_ascii=False)}\n")
            for name, meaning in self.meanings.items():
                file.write(f"# column {name}: {meaning}\n")
            csv.writer(file, lineterminator="\n").writerow(self.columns)
            columns = (column.tolist() for column in self.columns.values())
            # Unquoted, a carriage return would end a line, and pandas would cut lines off at #.
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
            writer.writerows(zip(*columns, strict=True))


def read_table(path: str | os.PathLike[str]) -> Table:
    """Read a table that `Table.write` wrote.

    Raises
    ------
    ValueError
        If the columns differ from those that the head explains, or a row has more or fewer values.
    """
    meanings: dict[str, str] = {}
    with open(path, newline="", encoding="utf-8") as file:
        while (line := file.readline()).startswith("#"):
            if line.startswith("# column "):
                name, meaning = line.removeprefix("# column ").rstrip("\n").split(": ", 1)
                meanings[name] = meaning
        names, rows = next(csv.reader([line]), []), list(csv.reader(file))
    if names != list(meanings):
        raise ValueError(f"{path}: columns must be {list(meanings)}, as explained; got {names}")
    for number, row in enumerate(rows, start=1):
        if len(row) != len(names):
            raise ValueError(f"{path}: row {number} must have {len(names)} values; got {len(row)}")
    columns = zip(*rows, strict=True) if rows else (() for _ in meanings)
    return Table(
        {name: _parsed(values) for name, values in zip(meanings, columns, strict=True)}, meanings
    )


def _column(name: str, values: Any) -> Column:
    array = np.asarray(values)
    if np.ma.is_masked(values):
        raise ValueError(f"column {name} must not have masked entries; got a masked array")
    if array.ndim != 1:
        raise ValueError(f"column {name} must have one dimension; got shape {array.shape}")
    if array.dtype.kind == "U":
        return _text_column(name, values, array)
    if array.dtype.kind in "iu":
        # Larger ones are unsigned in NumPy, and the conversion would wrap them around.
        if array.size and array.max() > np.iinfo(np.int64).max:
            raise ValueError(f"column {name} must hold integers below 2^63; got {array.max()}")
        return array.astype(np.int64)
    if array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        return array.astype(np.float64)
    raise ValueError(
        f"column {name} must hold real numbers of 64 bits or text; got type {array.dtype}"
    )


def _text_column(name: str, values: Any, array: Column) -> Column:
    numbers = [text for text in array.tolist() if _is_number(text)]
    if numbers:
        raise ValueError(f"column {name} must hold numbers or words; got {numbers[0]!r}")
    for given, kept in zip(values, array.tolist(), strict=True):
        if given != kept:  # NumPy cuts zero characters off the end
            raise ValueError(f"column {name} must hold text without a final NUL; got {given!r}")
    return array


def _require_name(name: Any) -> None:
    _require_line(name, "a column's name")
    if name.startswith("#") or ": " in name:
        raise ValueError(
            f"a column's name must not begin with '#' and must not contain ': '; got {name!r}"
        )


def _require_line(text: Any, what: str) -> None:
    """Raise TypeError or ValueError unless it is text on one line."""
    if not isinstance(text, str):
        raise TypeError(f"{what} must be text; got {text!r}")
    if "\n" in text or "\r" in text:
        raise ValueError(f"{what} must be on one line; got {text!r}")


def _parsed(texts: tuple[str, ...]) -> Column:
    for kind in (np.int64, np.float64):
        try:
            return np.array(texts, dtype=np.str_).astype(kind)
        except ValueError:
            continue
    return np.array(texts, dtype=np.str_)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
