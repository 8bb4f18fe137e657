"""The numbers in a table's column of rewards, or in its raters' columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from recurate.reading import columns
from recurate.reading.columns import BoolArray, Numbers
from recurate.reading.shapes import Rows

if TYPE_CHECKING:
    import polars as pl


def rewards_of(rows: Rows, sentinels: Sequence[str], field: str) -> tuple[Numbers, BoolArray]:
    """Return the rewards of rows, and which of them stand for a missing one.

    Raises
    ------
    InputError
        If one is neither a number nor missing; with its place and column.
    """
    import polars as pl

    series = rows.frame[field]
    is_sentinel = np.zeros(len(series), np.bool_)
    texts = [text.strip() for text in sentinels]
    if texts and series.dtype == pl.String:
        is_sentinel = series.str.strip_chars().is_in(texts).fill_null(value=False).to_numpy()
        series = series.set(pl.Series(is_sentinel), None)
    elif infinite := [float(t) for t in texts if t.casefold().lstrip("+-") in ("inf", "infinity")]:
        is_sentinel = series.is_in(infinite).fill_null(value=False).to_numpy()
        series = series.set(pl.Series(is_sentinel), None)
    values, is_missing = _numbers(rows, series)
    for text in texts:
        with suppress(ValueError):
            number = float(text)
            is_sentinel = is_sentinel | (
                is_missing & series.is_not_null().to_numpy()
                if math.isnan(number)
                else values == number
            )
    return Numbers(values, is_missing), is_sentinel


def _numbers(rows: Rows, series: pl.Series) -> Numbers:
    """Return the numbers of rewards; if each rater has a column, errors name it."""
    if rows.item is None or not rows.raters:
        return columns.numbers(series, rows.place)
    values, is_missing = np.empty(len(series)), np.empty(len(series), np.bool_)
    for item, name in enumerate(rows.raters):
        is_one = rows.item == item
        one = series.gather(np.flatnonzero(is_one)).alias(name)
        values[is_one], is_missing[is_one] = columns.numbers(one, rows.where(is_one).place)
    return Numbers(values, is_missing)
