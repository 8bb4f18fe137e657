"""The columns of a table of rewards: finding them, and reading their numbers and labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.errors import InputError
from recurate.numerics.laws.groups import Labels, by_first_appearance, crossed, label_of, numbered
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray, writes_zero, written_number
from recurate.reading.formats.hints import DROP, NOT_THERE, among_numbers, instead_of

if TYPE_CHECKING:
    import polars as pl

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]
Place = Callable[[int], str]
"""Says where the row of a position is, for errors."""

_TRUTH = {"true": 1.0, "false": 0.0}
_FIRST_ROWS = 2**12  # in which labels show that are few


class Numbers(NamedTuple):
    """A column of numbers: NaN, and marked, where one is missing. Shape (rows,), both."""

    values: FloatArray
    is_missing: BoolArray


class Names(NamedTuple):
    """A column of labels, each once by first appearance, and each row's number, -1 if missing.

    `stripped` are the labels whose outer blanks were taken off, as they were written.
    """

    names: tuple[Hashable, ...]
    numbers: IntArray
    stripped: tuple[str, ...] = ()

    @property
    def is_missing(self) -> BoolArray:
        """Whether a row has no label, shape (rows,)."""
        return self.numbers < 0

    def of(self, rows: BoolArray | None) -> Labels:
        """Return the labels of some rows, or of all, none of which is missing."""
        if rows is None or rows.all():
            return Labels(self.names, self.numbers)
        kept, index = by_first_appearance(self.numbers[rows])
        return Labels(tuple(self.names[number] for number in kept.tolist()), index)


def numbers(series: pl.Series, place: Place) -> Numbers:
    """Return the numbers of a column; true and false are 1 and 0, and 98.2 % is 98.2.

    Raises
    ------
    InputError
        If an entry is neither a number nor missing, or only some have a percent sign; with its
        place and column.
    """
    import polars as pl

    if series.dtype == pl.String:
        return _written_numbers(series, place)
    is_number = series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)
    if not is_number:
        there = series.is_not_null().arg_true()
        if len(there):
            raise not_a_number(series, int(there[0]), place)
    values = series.cast(pl.Float64).to_numpy()
    if np.isfinite(values).all():
        return Numbers(values, np.zeros(values.size, np.bool_))
    is_missing = np.isnan(values)
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise not_a_number(series, int(infinite[0]), place)
    return Numbers(values, is_missing)


def _written_numbers(series: pl.Series, place: Place) -> Numbers:
    """Return the numbers that texts write: at once what is plainly one, each other text once."""
    import polars as pl

    if has_percent_signs(series):
        return _percentages(series, place)
    parsed = series.str.strip_chars().cast(pl.Float64, strict=False).to_numpy()
    others = np.flatnonzero(~np.isfinite(parsed))
    if not others.size:
        return Numbers(parsed, np.zeros(parsed.size, np.bool_))
    values, is_missing = parsed.copy(), np.zeros(parsed.size, np.bool_)
    known: dict[str | None, float] = {None: math.nan}
    for row, text in zip(others.tolist(), series.gather(others).to_list(), strict=True):
        if text not in known:
            try:
                known[text] = _meaning(text)
            except ValueError:
                words = series.gather(others).drop_nulls().to_list()
                hint = among_numbers(words, row, len(series))
                raise InputError(f"{not_a_number(series, row, place)}{hint}") from None
        values[row] = known[text]
    is_missing[others] = np.isnan(values[others])
    return Numbers(values, is_missing)


def has_percent_signs(series: pl.Series) -> bool:
    """Return whether the entries of a column of text are percentages, by the first that is one."""
    import polars as pl

    if series.dtype != pl.String:
        return False
    first = next((text for text in series if not _is_missing(text)), "")
    return first.rstrip().endswith("%")


def first_there(series: pl.Series) -> int | None:
    """Return the first entry of a column that is not missing; None if there is none."""
    import polars as pl

    if series.dtype == pl.String:
        return next((row for row, text in enumerate(series) if not _is_missing(text)), None)
    return series.is_not_null().arg_max() if series.null_count() < len(series) else None


def _is_missing(text: str | None) -> bool:
    return text is None or text.strip().casefold() in NOT_THERE


def _percentages(series: pl.Series, place: Place) -> Numbers:
    """Return the numbers that stand before percent signs, where each entry has one."""
    import polars as pl

    entries = series.str.strip_chars()
    is_missing = np.zeros(len(entries), np.bool_)
    unsigned = (~entries.str.ends_with("%").fill_null(value=False)).arg_true()
    for row, text in zip(unsigned.to_list(), entries.gather(unsigned).to_list(), strict=True):
        if not _is_missing(text):
            error = f"must have a percent sign, as entries before it do; got {shown(series[row])}"
            raise wrong_value(place(row), series.name, error)
        is_missing[row] = True
    bare = entries.str.strip_suffix("%").str.strip_chars().cast(pl.Float64, strict=False)
    values = bare.to_numpy()
    wrong = np.flatnonzero(~np.isfinite(values) & ~is_missing)
    if wrong.size:
        row = int(wrong[0])
        hint = instead_of(entries[row].removesuffix("%").strip())
        error = f"must be a finite number before its percent sign; got {shown(series[row])}{hint}"
        raise wrong_value(place(row), series.name, error)
    return Numbers(values, is_missing)


def weights(series: pl.Series, place: Place) -> Numbers:
    """Return the weights of a column.

    Raises
    ------
    InputError
        As of `numbers`; also if one is negative, or so small that a double makes it zero.
    """
    import polars as pl

    column = numbers(series, place)
    negative = np.flatnonzero(column.values < 0)
    if negative.size:
        row = int(negative[0])
        error = f"must be a weight of at least 0; got {shown(series[row])}"
        raise wrong_value(place(row), series.name, error)
    if series.dtype == pl.String:
        zeros = np.flatnonzero(column.values == 0)
        for row, text in zip(zeros.tolist(), series.gather(zeros).to_list(), strict=True):
            if not writes_zero(text):
                try:
                    written_number(text, "a weight")  # a number that is too small is not zero
                except ValueError as error:
                    raise wrong_value(place(row), series.name, error) from None
    return column


def labels(series: pl.Series, place: Place) -> Names:
    """Return the labels of a column without outer blanks.

    Raises
    ------
    InputError
        If one is not hashable, or bytes that are no text; with its place and column.
    """
    import polars as pl

    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype == pl.String:
        return _cleaned(*_numbered(series))
    if series.dtype.is_integer() and not series.null_count():
        names, index = numbered(series.to_numpy(), len(series)) if len(series) else ((), [])
        return Names(names, np.asarray(index, np.intp))
    known: dict[Any, int] = {}
    found = []
    for row, value in enumerate(series.to_list()):
        if not isinstance(value, Hashable):
            error = f"must be a label; got {shown(value)}"
            raise wrong_value(place(row), series.name, error)
        if isinstance(value, bytes):
            try:
                value = label_of(value) if value.strip() else ""
            except ValueError as error:
                raise wrong_value(place(row), series.name, error) from None
        is_missing = value is None or bool(value != value)
        found.append(-1 if is_missing else known.setdefault(value, len(known)))
    return _cleaned(list(known), np.array(found, np.intp))


def _numbered(series: pl.Series) -> tuple[list[str], IntArray]:
    """Return the texts of a column by first appearance, and the number of each row's, or -1."""
    import polars as pl

    # Few labels are all among the first rows; the streaming engine works on all cores.
    for texts in (series[:_FIRST_ROWS], series):
        names = texts.drop_nulls().unique(maintain_order=True)
        number = pl.col(series.name).cast(pl.Enum(names), strict=False).to_physical()
        frame = series.to_frame().lazy().select(number).collect(engine="streaming")
        found = frame.to_series()
        if found.null_count() == series.null_count():
            break
    if found.null_count():
        found = found.cast(pl.Int64).fill_null(-1)
    return names.to_list(), found.to_numpy().astype(np.intp)


def _cleaned(raw: list[Any], number: npt.NDArray[np.int64]) -> Names:
    """Return labels without outer blanks; what is nothing but blanks is missing."""
    clean = [name.strip() if isinstance(name, str) else name for name in raw]
    if clean == raw and "" not in clean:
        return Names(tuple(raw), number)
    names: dict[Hashable, int] = {}
    places = [-1 if name == "" else names.setdefault(name, len(names)) for name in clean]
    stripped = tuple(a for a, b in zip(raw, clean, strict=True) if b != "" and a != b)
    return Names(tuple(names), np.array([*places, -1], np.intp)[number], stripped)


def together(columns: Sequence[Names]) -> Names:
    """Return the labels of several columns as one: the tuples of them."""
    if len(columns) == 1:
        return columns[0]
    is_there = ~np.any([column.is_missing for column in columns], axis=0)
    numbers = np.full(is_there.size, -1, np.intp)
    stripped = tuple(label for column in columns for label in column.stripped)
    if not is_there.any():
        return Names((), numbers, stripped)
    names, numbers[is_there] = crossed([column.of(is_there) for column in columns])
    return Names(names, numbers, stripped)


def wrong_value(place: str, column: str, error: object) -> InputError:
    """Return what is wrong with a value, with the place of its row and its column."""
    return InputError(f"{place}, column {shown(column)}: {error}")


def not_a_number(series: pl.Series, row: int, place: Place) -> InputError:
    """Return the error of an entry that is no number, with what to type if that can be guessed."""
    value = series[row]
    if hasattr(value, "to_list"):
        value = value.to_list()
    error = f"must be a finite number; got {shown(value)}"
    return wrong_value(place(row), series.name, error + instead_of(value))


def no_label(series: pl.Series, row: int, place: Place) -> InputError:
    """Return the error of a missing label."""
    error = f"must be a label; got {shown(series[row])}, which is missing"
    return wrong_value(place(row), series.name, error + DROP)


def require_text(option: str, text: str) -> None:
    """Raise InputError if a text has bytes of the command line that are none: polars takes none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"{option} must be text in UTF-8; got {shown(text)}") from None


def _meaning(text: str) -> float:
    """Return the number that a text writes, NaN if it says that there is none, or ValueError."""
    word = text.strip().casefold()
    if word in NOT_THERE:
        return math.nan
    if word in _TRUTH:
        return _TRUTH[word]
    if "_" in text or not math.isfinite(number := float(text)):
        raise ValueError
    return number
