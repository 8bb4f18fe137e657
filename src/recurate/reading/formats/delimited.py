"""Delimited text: polars reads it, after a look at whether each row has its fields.

polars alone takes a short row or a blank line for one with missing values, 1e400 for infinity, and
a long row for one of the right length if its last column is not asked for. So what it reads is used
only where the text is plainly regular; elsewhere the csv module goes through it row by row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import listed, shown
from recurate.reading.formats.content import require_a_line
from recurate.reading.formats.csv_rows import Row, rows
from recurate.reading.formats.hints import SUMMARY, is_summary, row_of_names
from recurate.reading.formats.regular import is_regular
from recurate.reading.formats.source import Source
from recurate.reading.formats.text import as_word, require_utf8
from recurate.reading.formats.typed import typed

if TYPE_CHECKING:
    import polars as pl

DELIMITERS = ",;\t"
_FIRST_BYTES, _FIRST_ROWS = 2**16, 20  # by which the delimiter is found
_NAMES_DELIMITER = re.compile(rb"sep=([,;\t])\r?\n")  # a line that spreadsheets write first
_MOST_PARSED = 2**17  # columns: with more, polars takes longer than the csv module
_OF_R = re.compile(rb'"[^"\n]*"( +"[^"\n]*")+\r?\n')  # a header as write.table writes it
_SUMS = {
    *("total", "totals", "grand total", "sum", "average", "avg", "mean", "overall", "all"),
    *("summe", "gesamt", "mittelwert", "durchschnitt", "somme", "moyenne", "macro avg"),
}
_AT_ONCE = 2**13  # rows that the csv module reads before they go into a column


class DelimitedText(Source):
    """A table in text with a header, or of one column of numbers without one.

    Parameters
    ----------
    data : bytes
        In UTF-8, without a mark.
    name : str
        Of the table, for errors; escaped.
    delimiter : str or None
        What stands between fields; by default it is found.
    lines_before : int
        Number of lines of the file before `data`.
    """

    def __init__(
        self, data: bytes, name: str, delimiter: str | None = None, lines_before: int = 0
    ) -> None:
        require_a_line(data, name)
        if said := _NAMES_DELIMITER.match(data):
            delimiter, data, lines_before = said[1].decode(), data[said.end() :], lines_before + 1
        self.name, self._lines_before, self.rows_before = name, lines_before, 0
        self._height: int | None = None
        self.remarks: list[str] = []
        self._data = _without_blank_end(data)
        self._delimiter = delimiter or found_delimiter(data)
        if _OF_R.match(data):
            raise InputError(
                f"{name} must have commas, semicolons or tabs between its fields; got blanks: "
                "in R, write.csv(x, 'new.csv', row.names = FALSE)"
            )
        first = list(islice(self._rows(), 1))
        if not first:
            raise InputError(f"{name} must have a header row; got an empty file")
        names = [field.strip() for field in first[0].fields]
        _refuse_lines_before(name, names, self._data, self._delimiter)
        self._has_header = len(names) > 1 or not _is_reward(names[0], data)
        self._header_lines = first[0].next_line - 1 - lines_before if self._has_header else 0
        self.fields = [field or f"column {number}" for number, field in enumerate(names, start=1)]
        if not self._has_header:
            self.fields = ["reward"]
        elif any(map(_is_fraction, names)):
            raise _no_names(name, names, self._delimiter)
        elif len(names) == 1:
            _refuse_other_delimiter(name, data)

    @cached_property
    def footer(self) -> str | None:
        """What the last row is called, if it sums up the others."""
        last = self._data[self._data.rfind(b"\n", 0, -1) + 1 :].decode("utf-8", "replace")
        label = last.partition(self._delimiter)[0].strip(' \t"')
        return label if label.rstrip(":").casefold() in _SUMS and len(self.fields) > 1 else None

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        """Return columns of all rows; see `recurate.reading.formats.source.Source`."""
        import polars as pl

        places = {column: self._place_of(column) for column in columns}
        wanted = sorted({*places.values()} or {0})
        numbers = {place for column, place in places.items() if column not in texts}
        found = self._numbers(wanted, numbers)
        self._height = found.height
        if self._delimiter == ";" or (self._delimiter == "\t" and b"," in self._data):
            self._remark_thousands(found.select(pl.col(pl.Float64)))
        series = [found[str(place)].alias(column) for column, place in places.items()]
        return pl.DataFrame(series, height=found.height)

    def place(self, row: int) -> str:
        """Return where a row is, counted from 1 after the header."""
        place = f"{self.name}, row {self.rows_before + row}"
        if self._is_simple:
            return f"{place} (line {self._lines_before + self._header_lines + row})"
        before = row - 1 + self._has_header
        for found in islice(self._rows(), before, before + 1):
            return f"{place} (line {found.line})"
        return place

    @property
    def is_surely_cut(self) -> bool:
        """Whether it ends with a row, if it was cut after a line at which quotes are balanced."""
        return not self._has_quotes or self._is_regular

    def continued(self, data: bytes) -> DelimitedText:
        """Return the rows in the lines that follow its own, as a table with the same columns."""
        if self._height is None:
            self._height = self.frame(self.fields[:1]).height
        following = DelimitedText.__new__(DelimitedText)
        following.name, following.fields, following.remarks = self.name, self.fields, []
        following._delimiter, following._height = self._delimiter, None
        following._has_header, following._header_lines = False, 0
        following._data = _without_blank_end(data)
        following._lines_before = self._lines_before + self._data.count(b"\n")
        following.rows_before = self.rows_before + self._height
        return following

    def _place_of(self, column: str) -> int:
        found = [place for place, field in enumerate(self.fields) if field == column]
        if len(found) != 1:
            raise InputError(f"{self.name} must have one column {shown(column)}; got {len(found)}")
        return found[0]

    def _rows(self) -> Iterator[Row]:
        return rows(self._data, self.name, self._delimiter, self._lines_before)

    @cached_property
    def _has_quotes(self) -> bool:
        return b'"' in self._data

    @cached_property
    def _has_other_ends(self) -> bool:
        """Whether a carriage return stands alone: polars does not end a row there."""
        data = self._data
        return b"\r" in data and data.count(b"\r") != data.count(b"\r\n")

    @property
    def _is_simple(self) -> bool:
        """Whether each line is a row."""
        return not self._has_quotes and not self._has_other_ends

    @cached_property
    def _is_regular(self) -> bool:
        return is_regular(self._data, self._delimiter, len(self.fields))

    def _numbers(self, wanted: list[int], numbers: set[int]) -> pl.DataFrame:
        """Return columns by their places, those of `numbers` with types if all entries allow it."""
        frame = self._parsed(wanted, numbers)
        again = wanted
        if frame is not None:
            again = [
                place for place in wanted if place in numbers and self._is_doubtful(frame, place)
            ]
            if not again:
                return frame
        texts = self._parsed(again, set())
        if texts is None:
            texts = self._walked(again)
        commas = self._delimiter != ","
        read = [typed(texts[str(n)], decimal_comma=commas) for n in again if n in numbers]
        return (texts if frame is None else frame).with_columns(read)

    def _is_doubtful(self, frame: pl.DataFrame, place: int) -> bool:
        """Whether numbers may not be what is written: infinite, zero by underflow, all missing."""
        numbers = frame[str(place)]
        if numbers.null_count() == len(numbers):
            return True
        found = numbers.drop_nulls().to_numpy()
        if not np.isfinite(found).all():
            return True
        return not found.all() and (b"e-" in self._data or b"E-" in self._data)

    def _remark_thousands(self, numbers: pl.DataFrame) -> None:
        """Remark that 1.100 or 1,100 may be 1100, where numbers have three decimals or none."""
        marks = ".," if self._delimiter == ";" else ","
        for series in numbers:
            found = series.drop_nulls().to_numpy()
            if (np.abs(found) >= 1000).any() or (found == np.rint(found)).all():
                continue
            if (np.abs(found * 1000 - np.rint(found * 1000)) > 1e-6).any():
                continue
            place = int(series.name)
            texts = self._parsed([place], set())
            entries = (texts if texts is not None else self._walked([place]))[str(place)]
            entries = entries.str.strip_chars()
            if entries.str.contains(rf"^([+-]?[1-9]\d{{0,2}}([{marks}]\d{{3}})?|0?)$").all():
                first = next(entry for entry in entries if set(marks) & set(entry))
                mark = "comma" if "," in first else "point"
                self.remarks.append(
                    f"column {shown(self.fields[place])} has {shown(first)}, which is read as "
                    f"{float(first.replace(',', '.'))}; if its {mark} stands between thousands, "
                    "take it out"
                )

    def _parsed(self, wanted: list[int], numbers: set[int]) -> pl.DataFrame | None:
        """Return columns as polars reads them; None if it cannot, or may read them wrongly."""
        import polars as pl

        # polars may stumble over a quote that stands alone, and writes a trace then.
        if len(self.fields) > _MOST_PARSED or not (self._is_simple or self._is_regular):
            return None
        names = [str(place) for place in range(len(self.fields))]
        kinds = {name: pl.Float64 if int(name) in numbers else pl.String for name in names}
        reader = pl.scan_csv(
            self._data,
            has_header=False,
            skip_lines=self._header_lines,
            separator=self._delimiter,
            quote_char='"' if self._has_quotes else None,
            schema=kinds,
            glob=False,
        )
        if len(wanted) < len(names):
            reader = reader.select(names[place] for place in wanted)
        try:
            frame = reader.collect(engine="streaming")
        except pl.exceptions.PolarsError:
            require_utf8(self._data, self.name, self._lines_before)
            return None
        # Where all columns are read, polars refuses long rows, except for an empty field at the
        # very end; short ones lack the last column.
        is_whole = len(wanted) == len(names) and not frame[names[-1]].null_count()
        is_whole = is_whole and not self._data.endswith(self._delimiter.encode())
        if not is_whole and not self._is_regular:
            return None
        # Numbers in one piece, which NumPy takes as they are.
        frame = frame.with_columns(frame[str(place)].rechunk() for place in numbers)
        texts = [name for name in frame.columns if kinds[name] == pl.String]
        return frame.with_columns(
            frame[name].fill_null("") for name in texts if frame[name].null_count()
        )

    def _walked(self, wanted: list[int]) -> pl.DataFrame:
        """Return columns as the csv module reads them.

        Raises
        ------
        InputError
            If a row has not as many fields as the header.
        """
        import polars as pl

        read = islice(self._rows(), int(self._has_header), None)
        pieces = []
        number, count = self.rows_before, len(self.fields)
        while piece := list(islice(read, _AT_ONCE)):
            for row in piece:
                number += 1
                if len(row.fields) != count:
                    raise self._wrong_count(row, number)
            pieces.append([pl.Series([row.fields[place] for row in piece]) for place in wanted])
        names = [str(place) for place in wanted]
        if not pieces:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
        return pl.concat(pl.DataFrame(dict(zip(names, piece, strict=True))) for piece in pieces)

    def _wrong_count(self, row: Row, number: int) -> InputError:
        found, count = len(row.fields), len(self.fields)
        text = self._delimiter.join(row.fields)
        hint = ""
        if found == 1 and text.startswith("#"):
            hint = f": take comments out with grep -v '^#' {as_word(self.name)}"
        elif number == 1 and found > count and _has_decimal_commas(text, self._delimiter):
            hint = ': if commas are decimal, let ; stand between fields, or write "1,5" in quotes'
        elif found > count and not any(row.fields[count:]):
            hint = f": sed 's/{self._delimiter}*$//' {as_word(self.name)} > new.csv"
        elif number == 1 and found == count + 1 and row.fields[0].isdecimal():
            hint = ": is a name missing in the header, as that of the row names that R writes?"
        elif found > count:
            hint = f": a text with {shown(self._delimiter)} in it must stand in quotes"
        elif found == 1 < count and (other := found_delimiter(text.encode())) in text:
            hint = f": it has {shown(other)} where the header has {shown(self._delimiter)}"
        return InputError(
            f"{self.name}, row {number} (line {row.line}): a row must have {count} fields, as the "
            f"header has; got {found}{hint}"
        )


def _has_decimal_commas(text: str, delimiter: str) -> bool:
    return delimiter == "," and "." not in text and bool(re.search(r"\d,\d", text))


def found_delimiter(data: bytes) -> str:
    """Return what stands between the fields of a text: the header has it, and each row alike."""
    start = data[:_FIRST_BYTES].decode("utf-8", "ignore")
    best, found = (False, 1), DELIMITERS[0]
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        lengths = [len(row) for row in islice(reader, _FIRST_ROWS) if row]
        if len(data) > len(start) and len(lengths) < _FIRST_ROWS:
            lengths = lengths[:-1] or lengths  # the last one is cut off
        score = (len(set(lengths)) == 1, lengths[0] if lengths else 1)
        if score[1] > 1 and score > best:
            best, found = score, delimiter
    return found


def _refuse_other_delimiter(name: str, data: bytes) -> None:
    """Raise InputError if blanks or bars stand between the fields of a table."""
    lines = data[:_FIRST_BYTES].decode("utf-8", "ignore").splitlines()[:_FIRST_ROWS]
    for delimiter, what in ((None, "blanks"), ("|", "'|'")):
        counts = {len(line.split(delimiter)) for line in lines if line.strip()}
        if len(lines) > 1 and len(counts) == 1 and counts != {1}:
            raise InputError(
                f"{name} must have commas, semicolons or tabs between its fields; got {what}: "
                f"tr -s '{delimiter or ' '}' ',' < {as_word(name)} > new.csv"
            )


def _without_blank_end(data: bytes) -> bytes:
    """Return a text without blank lines at its end; the same object if it has none."""
    end = len(data)
    while end and data[end - 1] in b"\r\n":
        end -= 1
    return data if data[end:] in (b"", b"\n", b"\r\n") else data[:end]


def _is_reward(name: str, data: bytes) -> bool:
    """Whether the first entry of a column is a number, and no name that pandas gave it: "0"."""
    try:
        float(name)
    except ValueError:
        return False
    others = data[:_FIRST_BYTES].split()[1:_FIRST_ROWS]
    return name != "0" or not others or not all(b"." in other for other in others)


def _is_fraction(name: str) -> bool:
    with suppress(ValueError):
        return not float(name).is_integer()
    return False


def _no_names(name: str, first: Sequence[str], delimiter: str) -> InputError:
    return InputError(
        f"{name} must have a row of names first; got {listed(first)}. If that is a row of the "
        f"table: {row_of_names(first, delimiter, name)}"
    )


def _refuse_lines_before(name: str, names: Sequence[str], data: bytes, delimiter: str) -> None:
    """Raise InputError if comments or a title stand before the row of names, or rows sum up."""
    lines = data[:_FIRST_BYTES].decode("utf-8", "ignore").splitlines()[:_FIRST_ROWS]
    must = f"{name} must have its row of names first; got {shown(lines[0][:60])}"
    if names[0].startswith("#") and lines[1:]:
        widths = {line.count(delimiter) for line in lines[:2] for delimiter in DELIMITERS}
        if lines[1].startswith("#") or len(widths) > 2:
            raise InputError(f"{must}: grep -v '^#' {as_word(name)} > new.csv")
    labels = [line.partition(delimiter)[0].strip(' "') for line in lines[1:4]]
    if tuple(labels) == SUMMARY:
        raise is_summary(name)
    if any(names[1:]):
        return
    for number, line in enumerate(lines[1:], start=2):
        fields = max((line.strip().split(delimiter) for delimiter in DELIMITERS), key=len)
        if re.match(r"\s*[+-]?[\d.]", line):  # rows of a single column
            return
        if len(fields) > 1 and any(fields):
            if all(re.match(r'\s*"?[^\W\d_]', field) for field in fields):
                raise InputError(f"{must}: tail -n +{number} {as_word(name)} > new.csv")
            return
