"""Columns of text as numbers or truth values, where all entries plainly are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_COMMA = r"^[+-]?\d+,\d+([eE][+-]?\d+)?(\s*%)?$"
_WRITES_ZERO = r"^[+-]?0*\.?0*([eE][+-]?\d+)?$"


def typed(text: pl.Series, *, decimal_comma: bool = False) -> pl.Series:
    """Return a column of text as Float64 or Boolean if each entry writes one or is empty.

    Otherwise it comes back as it is. Numbers are finite, and none is zero that is not written so.

    Parameters
    ----------
    text : Series of String
        The column.
    decimal_comma : bool
        Whether a comma may stand for the decimal point. It does if no number of the column has a
        point, and most have a comma or are whole; what else the column holds then stays as it is.
    """
    import polars as pl

    entries = text.str.strip_chars()
    there = entries.is_not_null() & (entries != "")
    found = entries.filter(there)
    if not len(found):
        return text
    if decimal_comma:
        has_comma = found.str.contains(_COMMA)
        if has_comma.any() and not (found.str.contains(r"^[+-]?\d*\.\d").any()):
            pointed = entries.str.replace(",", ".", literal=True)
            is_number = entries.str.contains(_COMMA)
            fill = pl.select(pl.when(is_number).then(pointed).otherwise(text)).to_series()
            return typed(fill.alias(text.name))
    numbers = found.cast(pl.Float64, strict=False)
    if not numbers.null_count() and numbers.is_finite().all():
        if found.filter(numbers == 0).str.contains(_WRITES_ZERO).all():
            return entries.cast(pl.Float64, strict=False)
        return text
    words = found.str.to_lowercase()
    if words.is_in(["true", "false"]).all():
        truth = entries.str.to_lowercase() == "true"
        return pl.select(pl.when(there).then(truth)).to_series().alias(text.name)
    return text
