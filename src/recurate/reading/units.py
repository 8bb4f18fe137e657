"""Rewards of a table in log-odds, from the unit that they are in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.units import RATES, first_without, in_log_odds
from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray
from recurate.reading.asked import Asked
from recurate.reading.choosing import Chosen, named
from recurate.reading.columns import Place, wrong_value
from recurate.reading.notices import Notices
from recurate.reading.shapes import Rows


def number_of_trials(asked: Asked) -> float | None:
    """Return the number of trials that each rate is of; None if it is not given as one.

    Raises
    ------
    InputError
        If rewards are no rates, or the number is below 1.
    """
    if asked.trials is None:
        return None
    if asked.unit not in RATES:
        raise InputError(
            "--trials is about rates: it needs --reward-is probability or percent; got "
            f"{asked.unit or 'neither'}"
        )
    try:
        number = float(asked.trials)
    except ValueError:
        return None
    if not 1 <= number < math.inf:
        raise InputError(f"--trials must be a number from 1, or a column; got {asked.trials}")
    return number


def trials_column(fields: Sequence[str], asked: Asked, uses: Chosen, name: str) -> str | None:
    """Return the column that has the number of trials of each rate, if there is one."""
    if asked.trials is None or number_of_trials(asked) is not None:
        return None
    if uses.ratings is not None:
        raise InputError(
            "--trials must be a number where candidates have several ratings; got the name "
            f"{shown(asked.trials)}"
        )
    return named(fields, asked.trials, "--trials", name)


def require_trials(trials: FloatArray, column: str, place: Place) -> None:
    """Raise InputError if a number of trials is below 1, with its place and column."""
    if (trials < 1).any():
        row = int(np.argmax(trials < 1))
        error = f"must be a number of trials, at least 1; got {trials[row]:g}"
        raise wrong_value(place(row), column, error)


def require_ratings(ratings: FloatArray, asked: Asked, column: str, rows: Rows) -> None:
    """Raise InputError if a rating is beyond its unit's range, though a mean of several is not."""
    if found := first_without(ratings, asked.unit or "log-odds", with_ends=True):
        row, error = found
        if rows.raters and rows.item is not None:
            column = rows.raters[int(rows.item[row])]
        raise wrong_value(rows.place(row), column, error + _instead(ratings, row, asked))


def transform_of(
    asked: Asked, trials: FloatArray | None, column: str, place: Place, *, are_means: bool
) -> Callable[[FloatArray], FloatArray]:
    """Return what turns rewards as they stand into log-odds times γ.

    It raises InputError where a reward has no log-odds, or none times γ that is a number, with its
    place and column; if rewards are means of ratings, it says so.
    """
    unit = asked.unit or "log-odds"

    def transform(values: FloatArray) -> FloatArray:
        if found := first_without(values, unit, with_ends=trials is not None):
            row, error = found
            mean = ", the mean of its ratings" if are_means else ""
            raise wrong_value(place(row), column, error + mean + _instead(values, row, asked))
        return scaled(in_log_odds(values, unit, trials), asked.scale, place)

    return transform


def _instead(values: FloatArray, row: int, asked: Asked) -> str:
    """Return what to do about a reward that has no log-odds in its unit."""
    unit, value = asked.unit or "log-odds", float(values[row])
    if unit in RATES and value in (0, RATES[unit]):
        return (
            "; --trials N, how many trials the rates are of or the column that says it, takes half "
            "a success and half a failure more; --where leaves the row out"
        )
    if unit == "probability" and 0 <= values.min() and values.max() <= 100:
        return "; of percentages: --reward-is percent"
    if value < 0 and value.is_integer():  # as -1 and -999 are; a mean of ratings is hardly
        return f"; if it stands for a missing one, --sentinel {value:.16g} leaves it out"
    return "; --where leaves the row out" if value == 0 else ""


def say_trials(values: FloatArray, trials: FloatArray, asked: Asked, said: Notices) -> None:
    """Say how rates were shrunk, and by how much at the most."""
    top = RATES[asked.unit or "percent"]
    shrunk = top * (trials * (values / top) + 0.5) / (trials + 1)
    row = int(np.argmax(np.abs(shrunk - values)))
    ends = int(((values == 0) | (values == top)).sum())
    said.say(
        f"a rate p of n trials is read as (n p + ½)/(n + 1): {ends:,} of {values.size:,} were 0 or "
        f"{'100%' if top == 100 else '1'}, and the largest change is from {values[row]:.5g} to "
        f"{shrunk[row]:.5g}"
    )


def scaled(rewards: FloatArray, scale: float, place: Place) -> FloatArray:
    """Return rewards times γ, or raise InputError."""
    if not math.isfinite(scale):
        raise InputError(f"--scale must be a finite number; got {scale}")
    if scale == 1:
        return rewards
    with np.errstate(over="ignore", under="ignore"):
        found = rewards * scale
    wrong = np.flatnonzero(~np.isfinite(found))
    if wrong.size:
        row = int(wrong[0])
        raise InputError(
            f"{place(row)}: rewards times --scale must be at most 1e308; got "
            f"{rewards[row]:g} times {scale:g}"
        )
    return found
