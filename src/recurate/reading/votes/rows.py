"""The rows of a table of votes that are wanted, and those of them that are complete."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.numerics.validation import FloatArray
from recurate.numerics.votes import fit
from recurate.reading import columns
from recurate.reading.columns import BoolArray, IntArray, Names, Numbers
from recurate.reading.formats.source import Source
from recurate.reading.notices import Notices, telling
from recurate.reading.shapes import Rows
from recurate.reading.shapes import rows_of as exploded
from recurate.reading.votes.recognising import is_of_one_side
from recurate.reading.where import Where

if TYPE_CHECKING:
    import polars as pl

MOST_ITEMS = fit.MOST_ITEMS
"""Most items of a table."""

_LONGEST_LABEL = 120


def rows_of(
    source: Source,
    where: str | None,
    texts: Sequence[str],
    others: Sequence[str] = (),
    *,
    prompts: Sequence[str] = (),
    lists: Sequence[str] = (),
    looked_at: Sequence[str] = (),
) -> Rows:
    """Return the rows that are wanted of columns.

    With them come columns that were not asked for, if their names make them worth a look.

    Parameters
    ----------
    source : Source
        The table.
    where : str or None
        SQL expression of the rows that are wanted.
    texts, prompts : sequence of str
        Columns that are read as text; a prompt may be a list or a record, too.
    others : sequence of str
        Columns that are read as they are.
    lists : sequence of str
        Column whose lists, if it has some, become one row an entry, as those beside them; several
        are one list first, which has the name of the first of them.
    looked_at : sequence of str
        Further columns to look at.
    """
    import polars as pl

    texts = [*texts, *prompts]
    condition = None if where is None else Where(where, source, texts, is_wide=False)
    told = [f for f in telling(source.fields, (*texts, *others)) if not is_of_one_side(f)]
    told += [f for f in looked_at if f not in (*texts, *others, *told)]
    wanted = [*texts, *others, *told, *([] if condition is None else condition.fields)]
    frame = source.frame(list(dict.fromkeys(wanted)), [*texts, *told])
    if condition is not None:
        frame = condition.with_typed(frame)
    told = [name for name in told if not frame[name].dtype.is_nested()]
    nested = [name for name in prompts if frame[name].dtype.is_nested()]
    frame = frame.with_columns(
        pl.Series(name, [None if cell is None else str(cell) for cell in frame[name].to_list()])
        for name in nested
    )
    if len(lists) > 1:
        frame = _as_one_list(frame, lists, source.name)
    if lists and _has_lists(frame[lists[0]]):
        rows = exploded(source, frame, lists[0], (), told)
    else:
        absent = np.zeros(frame.height, np.bool_)
        absent[list(source.absent)] = True
        rows = Rows(source, frame, None, None, absent, tuple(told))
    return rows if condition is None else rows.where(condition.rows(rows.frame))


def _has_lists(series: pl.Series) -> bool:
    """Return whether a column holds lists, as such or as they are written; [[A]] is a vote."""
    import polars as pl

    if series.dtype != pl.String:
        return series.dtype.is_nested()
    first = series.drop_nulls().str.strip_chars()
    first = first.filter(first != "").head(1)
    return len(first) > 0 and re.match(r"\[\s*[\"'\d\]-]", first[0]) is not None


def _as_one_list(frame: pl.DataFrame, fields: Sequence[str], name: str) -> pl.DataFrame:
    """Return a table with one list of what several columns hold, in the first of them."""
    import polars as pl

    nested = [field for field in fields if frame[field].dtype.is_nested()]
    if nested:
        raise InputError(
            f"{escaped(name)}: of several --item-column, each must have one item a row; got lists "
            f"or records in {listed(nested)}"
        )
    one = pl.concat_list(frame[field].cast(pl.String) for field in fields)
    return frame.with_columns(one.alias(fields[0]))


def complete(
    rows: Rows, missing: Mapping[str, BoolArray], said: Notices, *, drop: bool
) -> BoolArray:
    """Return which rows have all that was read, and say how many are left out.

    Raises
    ------
    InputError
        If some have not, and that is an error; or if none has.
    """
    is_missing = rows.is_absent.copy()
    for field, is_missing_there in missing.items():
        there = is_missing_there & ~rows.is_absent
        is_missing |= there
        if not there.any():
            continue
        if not drop:
            raise columns.no_label(rows.frame[field], int(np.argmax(there)), rows.place)
        said.say(
            f"{there.sum():,} of {there.size:,} rows left out: column {shown(field)} has no value"
        )
    if rows.is_absent.any():
        said.say(f"{rows.is_absent.sum():,} of {is_missing.size:,} rows left out: they are empty")
    if is_missing.all():
        raise no_votes(said.name)
    return ~is_missing


def no_votes(name: str) -> InputError:
    """Return the error of a table of which no vote is left."""
    return InputError(f"{name} must have at least one vote; got none")


def codes_of_nothing(name: str) -> InputError:
    """Return the error of a table that has codes, but no column that they are about."""
    return InputError(f"--codes says what votes mean; {name} has no column of such votes")


def labels_of_items(columns_of_items: Sequence[Names]) -> tuple[list[Hashable], list[IntArray]]:
    """Return the labels of several columns as one set, and each row's number, -1 if missing."""
    number: dict[Hashable, int] = {}
    found = []
    for column in columns_of_items:
        own = [number.setdefault(name, len(number)) for name in column.names]
        found.append(np.array([*own, -1], np.intp)[column.numbers])
    return list(number), found


def refuse_texts(
    items: Sequence[Hashable], fields: Sequence[str], name: str, most: int = MOST_ITEMS
) -> None:
    """Raise InputError if columns hold texts of answers, or more than `most` labels."""
    texts = [item for item in items[:1000] if isinstance(item, str)]
    long = next((t for t in texts if len(t) > _LONGEST_LABEL or "\n" in t), None)
    if long is None and len(items) <= most:
        return
    where = f"{name}, column{'s' if len(fields) > 1 else ''} {listed(fields)}"
    if long is not None:
        raise _are_texts(where, long)
    raise InputError(
        f"{where}: must name at most {most:,} items; got {len(items):,}: is it a column of "
        "identifiers, or of texts?"
    )


def refuse_nested(rows: Rows, fields: Sequence[str], name: str) -> None:
    """Raise InputError if columns of one item a row have lists or records: texts of answers."""
    for field in fields:
        if rows.frame[field].dtype.is_nested():
            cells = rows.frame[field].head(1).to_list()
            raise _are_texts(f"{name}, column {shown(field)}", cells[0] if cells else None)


def _are_texts(where: str, value: object) -> InputError:
    return InputError(
        f"{where}: must name items, such as models; got texts of answers, as {shown(value)}: name "
        "the columns of who wrote them with --item-column, or, if their rewards stand beside them, "
        "try recurate calibrate"
    )


def numbers(rows: Rows, field: str) -> Numbers:
    """Return the numbers of a column; see `recurate.reading.columns.numbers`."""
    try:
        return columns.numbers(rows.frame[field], rows.place)
    except InputError as error:  # which may name an option that tables of votes have not
        raise InputError(str(error).partition("; if such a reward stands for none")[0]) from None


def truth(rows: Rows, field: str, *, may_be_half: bool = False) -> FloatArray:
    """Return a column of true and false as 1 and 0, and ½ if it may be; NaN where it has none."""
    column = numbers(rows, field)
    known = (0, 0.5, 1) if may_be_half else (0, 1)
    wrong = np.flatnonzero(~np.isin(column.values, known) & ~column.is_missing)
    if wrong.size:
        row = int(wrong[0])
        half = ", or 0.5 in a tie" if may_be_half else ""
        error = f"must be true or false, or 1 or 0{half}; got {shown(rows.frame[field][row])}"
        raise columns.wrong_value(rows.place(row), field, error)
    return column.values
