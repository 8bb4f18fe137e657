"""The rows of a table that are wanted, as a condition of SQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.reading.choosing import CANDIDATE, named
from recurate.reading.columns import BoolArray, require_text
from recurate.reading.formats.source import Source

if TYPE_CHECKING:
    from collections.abc import Collection

    import polars as pl


class Where:
    """A condition on the columns of a table.

    Parameters
    ----------
    text : str
        Expression of SQL, as polars knows it.
    source : Source
        The table.
    texts : collection of str
        Columns that are read as text for another use: the condition is on their own type.
    is_wide : bool
        Whether candidates come from columns, whose name is one more column.

    Raises
    ------
    InputError
        If it cannot be read, or its columns are not there.
    """

    def __init__(self, text: str, source: Source, texts: Collection[str], *, is_wide: bool) -> None:
        import polars as pl

        require_text("--where", text)
        self._text, self._source, self._name = text, source, escaped(source.name)
        try:
            try:
                self._expression = pl.sql_expr(text)
            except pl.exceptions.PolarsError:  # from a name that SQL has a use for, as "group"
                self._expression = pl.sql_expr(_with_quoted(text, source.fields))
            roots = dict.fromkeys(self._expression.meta.root_names())
        except pl.exceptions.PolarsError as error:
            raise self._wrong(error) from None
        fields = [*source.fields, CANDIDATE] if is_wide else source.fields
        try:
            self._columns = {root: named(fields, root, "--where", self._name) for root in roots}
        except InputError as error:
            quotes = "" if "'" in text else " (a text stands in single quotes)"
            raise InputError(f"{error}{quotes}") from None
        self.fields = [f for f in self._columns.values() if f in source.fields]
        self._typed = [field for field in self.fields if field in texts]

    def with_typed(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a frame with the columns that are used as text too, under names of their own."""
        if not self._typed:
            return frame
        typed = self._source.frame(self._typed)
        return frame.with_columns(typed[field].alias(_own_name(field)) for field in self._typed)

    def rows(self, frame: pl.DataFrame, *, may_be_none: bool = False) -> BoolArray:
        """Return which rows are wanted, shape (rows,); or raise InputError, also if none is."""
        import polars as pl

        own = {f: _own_name(f) if f in self._typed else f for f in self._columns.values()}
        try:
            columns = {root: frame[own[field]] for root, field in self._columns.items()}
            if not columns:
                raise self._wrong("it names no column")
            wanted = pl.DataFrame(columns).with_columns(wanted=self._expression)["wanted"]
        except pl.exceptions.PolarsError as error:
            raise self._wrong(error) from None
        if wanted.dtype != pl.Boolean:
            raise self._wrong(f"it is no condition, but of type {wanted.dtype}")
        rows: BoolArray = wanted.fill_null(value=False).to_numpy()
        if not (may_be_none or rows.any()):
            raise InputError(
                f"--where must leave rows of {self._name}; {shown(self._text)} holds for none of "
                f"{rows.size:,}"
            )
        return rows

    def _wrong(self, error: object) -> InputError:
        cause = escaped(str(error).strip().split("\n")[0])[:200]
        if "string with numeric" in cause:
            cause += " (a number stands without quotes)"
        return InputError(
            f"--where must be a condition on columns of {self._name} ({listed(self._source.fields)}"
            f"), as \"label = 'base'\"; got {shown(self._text)}: {cause}"
        )


def _with_quoted(text: str, fields: Collection[str]) -> str:
    """Return an expression with the table's columns in double quotes."""

    def quoted(found: re.Match[str]) -> str:
        return f'"{found[0]}"' if found[0].casefold() in names else found[0]

    names = {field.strip().casefold() for field in fields}
    return re.sub(r"""'[^']*'|"[^"]*"|\w+""", quoted, text)


def _own_name(field: str) -> str:
    return f"{field}\0typed"
