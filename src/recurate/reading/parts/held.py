"""What is decided by a table's first part, and held for all others."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.reading import columns
from recurate.reading.asked import Asked
from recurate.reading.candidates import wanted_rows
from recurate.reading.choosing import Chosen
from recurate.reading.columns import wrong_value
from recurate.reading.formats.blocks import beginning
from recurate.reading.formats.source import Source
from recurate.reading.inside import with_inner_fields
from recurate.reading.notices import Notices
from recurate.reading.parts.counting import Counted
from recurate.reading.parts.listing import Part
from recurate.reading.shapes import Rows
from recurate.reading.tables import prepared, table_of
from recurate.reading.where import Where

if TYPE_CHECKING:
    import polars as pl


_LABELS = ("text", "numbers")


@dataclass(frozen=True)
class Held:
    """What all parts have alike, by the first of them.

    Attributes
    ----------
    asked : Asked
        What is asked of the table.
    uses : Chosen
        Its columns.
    names : tuple of str
        All that are read.
    kinds : tuple of pairs of str
        What labels are, by column: text, numbers, …; columns of which that is not known are left
        out.
    signed : tuple of str
        Columns whose numbers are written with percent signs.
    first : str
        The part's name, escaped.
    """

    asked: Asked
    uses: Chosen
    names: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    signed: tuple[str, ...]
    first: str

    @property
    def in_unit(self) -> str | None:
        """As of `recurate.reading.table.RewardTable`."""
        is_other = self.asked.unit != "log-odds" or self.asked.scale != 1
        return self.uses.reward if is_other else None

    @property
    def what(self) -> str:
        """What is counted as left out: rows or ratings."""
        return "rating" if self.uses.ratings == "cells" else "row"

    def columns_of(self, source: Source) -> Source:
        """Return a part with the columns that are read; InputError if one is not there."""
        source = with_inner_fields(source, self.names)
        missing = [name for name in self.names if name not in source.fields]
        if missing:
            raise InputError(
                f"{escaped(source.name)} must have the columns of {self.first}; it has no "
                f"{listed(missing)}, but {listed(source.fields)}"
            )
        return source

    def require_same_kinds(self, rows: Rows) -> None:
        """Raise InputError if labels or numbers of a part are of another kind than the first's."""
        kinds = dict(self.kinds)
        for name, kind in _kinds(rows, self.uses):
            if kinds.get(name, kind) != kind:
                raise InputError(
                    f"{escaped(rows.source.name)}: column {shown(name)} must have {kinds[name]}, "
                    f"as in {self.first}; got {kind}"
                )
        for name in _numeric(self.uses):
            series = rows.frame[name]
            row = columns.first_there(series)
            if row is not None and columns.has_percent_signs(series) != (name in self.signed):
                signs = "a percent sign" if name in self.signed else "no percent sign"
                error = f"must have {signs}, as in {self.first}; got {shown(series[row])}"
                raise wrong_value(rows.place(row), name, error)


def held_by_first(parts: Sequence[Part], asked: Asked) -> tuple[Held, list[str]]:
    """Return what is decided by the first part, and what is remarked on its first rows.

    It is the first that is a table at all; of the others it is said when they are read.

    Raises
    ------
    InputError
        If a column is not there, what is asked cannot be had of a table in parts, or none is one.
    """
    _require_summable(asked)
    failure: InputError | OSError | None = None
    for part in parts:
        with ExitStack() as stack:
            try:
                path = stack.enter_context(part.on_this_machine())
                source = beginning(path, part.name)
            except (InputError, OSError) as error:
                failure = failure or error
            else:
                return _held(source, part, asked)
    assert failure is not None, "at least one part"
    raise failure


def _held(source: Source, part: Part, asked: Asked) -> tuple[Held, list[str]]:
    notes: list[str] = []
    source, filled, uses = prepared(source, asked, Notices(escaped(source.name), notes.append))
    names = [uses.reward] if not uses.wide else list(uses.wide)
    names += [*uses.texts, *uses.follow, *([] if uses.trials is None else [uses.trials])]
    if filled.where is not None:
        is_wide = bool(uses.wide) and uses.ratings is None
        names += Where(filled.where, source, uses.texts, is_wide=is_wide).fields
    names = [name for name in dict.fromkeys(names) if name in source.fields]
    rows = wanted_rows(source, filled, uses, is_part=True)
    for name, kind in _kinds(rows, uses):
        if kind not in _LABELS:
            raise InputError(
                f"{escaped(source.name)}: column {shown(name)} must have labels that are "
                f"{' or '.join(_LABELS)}; got {kind}"
            )
    signed = [n for n in _numeric(uses) if columns.has_percent_signs(rows.frame[n])]
    with suppress(InputError):  # of a row, which is said when the part is read
        table_of(source, asked, Counted(escaped(source.name), notes.append))
    held = Held(
        filled, uses, tuple(names), tuple(_kinds(rows, uses)), tuple(signed), escaped(part.name)
    )
    return held, list(dict.fromkeys(notes))


def _require_summable(asked: Asked) -> None:
    """Raise InputError if rows of several parts would have to be taken together."""
    if asked.rater is not None:
        raise InputError(
            "--rater-column takes rows of one candidate together, which may lie in several parts: "
            "write their mean to a table first"
        )
    if asked.raters == "voters":
        raise InputError(
            "--raters voters needs each row's rewards by all voters, and a summary has one reward: "
            "give recurate predict a table of fewer rows"
        )


def _kinds(rows: Rows, uses: Chosen) -> list[tuple[str, str]]:
    """Return what the labels of rows are, by column, where that is known."""
    fields = (uses.group, *uses.prompts)
    kinds = {name: _kind(rows.frame[name].dtype) for name in fields if name is not None}
    return [(name, kind) for name, kind in kinds.items() if kind is not None]


def _kind(dtype: pl.DataType) -> str | None:
    import polars as pl

    if dtype == pl.Null:
        return None
    if dtype in (pl.String, pl.Categorical, pl.Enum, pl.Binary):
        return "text"
    if dtype.is_numeric() or dtype == pl.Boolean:
        return "numbers"
    return f"values of type {dtype}"


def _numeric(uses: Chosen) -> Sequence[str]:
    """Return the columns of numbers as they are called in the rows."""
    others = [name for name in (uses.weight, uses.trials) if name is not None]
    return list(dict.fromkeys((uses.reward, *uses.follow, *others)))
