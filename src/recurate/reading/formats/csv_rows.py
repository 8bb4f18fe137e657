"""The rows of delimited text, one by one: slow, and it names what is wrong and where."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from recurate.errors import InputError
from recurate.reading.formats.text import require_utf8

_LONGEST = 2**31 - 1  # characters of a field: those of the longest file that can be read


class Row(NamedTuple):
    """A row, and the numbers of the lines on which it and what follows it begin."""

    fields: list[str]
    line: int
    next_line: int


def rows(data: bytes, name: str, delimiter: str, lines_before: int = 0) -> Iterator[Row]:
    """Yield the rows of a text in UTF-8, the header among them.

    Raises
    ------
    InputError
        At a blank line that is not at the end, and where quotes are not as they must be.
    """
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    reader = csv.reader(text, strict=True, delimiter=delimiter)
    longest = csv.field_size_limit(_LONGEST)
    blank = 0
    try:
        while True:
            line = lines_before + reader.line_num + 1
            found = next(reader, None)
            if found is None:
                return
            if not found:
                blank = blank or line
            elif blank:
                raise InputError(f"{name}, line {blank}: a row must have fields; got a blank line")
            else:
                yield Row(found, line, lines_before + reader.line_num + 1)
    except UnicodeDecodeError:
        require_utf8(data, name, lines_before)
        raise
    except csv.Error as error:
        said = str(error)
        if "unexpected end" in said:
            said = "a quote is opened in the row that begins here, and never closed"
        elif "expected after" in said:
            said = "quotes must stand around a whole field, and be doubled inside one"
            line = lines_before + reader.line_num
        raise InputError(f"{name}, line {line}: {said}") from None
    finally:
        csv.field_size_limit(longest)
