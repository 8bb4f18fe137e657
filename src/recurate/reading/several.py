"""Several values of one option: 2,4,inf, or from 0.1 to 0.9 in nine steps, 0.1:0.9:9."""

from __future__ import annotations

import math

import numpy as np

from recurate.errors import InputError, as_input_errors
from recurate.numerics.text import shown
from recurate.numerics.validation import written_number

MOST_IN_RANGE = 10_000
"""Most values of one range."""


def several(text: str, option: str, *, whole: bool = False) -> tuple[str, ...]:
    """Return the values that a text lists, each as it may be typed alone, none twice.

    They are separated by commas. ``A:B:N`` stands for N values from A to B, evenly spaced, and
    ``A:B:N:log`` for N values whose logarithms are.

    Parameters
    ----------
    text : str
        What was typed.
    option : str
        What it was typed for.
    whole : bool
        Whether values of a range are rounded to whole numbers.

    Raises
    ------
    InputError
        If a part is no number and no range; it says how these are typed.

    Examples
    --------
    >>> several("2,4,inf", "-K"), several("0.1:0.9:3", "--real-fraction")
    (('2', '4', 'inf'), ('0.1', '0.5', '0.9'))
    >>> several("1, 2:64:6:log", "-K", whole=True)
    ('1', '2', '4', '8', '16', '32', '64')
    """
    found: dict[float, str] = {}
    for part in map(str.strip, text.split(",")):
        values = _range(part, option, whole=whole) if ":" in part else [part]
        for value in values:
            found.setdefault(_number(value, option), value)
    return tuple(found.values())


def _number(text: str, option: str) -> float:
    try:
        return written_number(text, option)
    except ValueError:
        raise InputError(
            f"{option} must be numbers, as 0.5,1,inf, or ranges, as 0.1:0.9:9 for nine values from "
            f"0.1 to 0.9; got {shown(text)}"
        ) from None


def _range(part: str, option: str, *, whole: bool) -> list[str]:
    """Return the values of a range."""
    begin, end, number, *more = [*map(str.strip, part.split(":")), "", ""]
    spacing = [word for word in more if word]
    first, last = _number(begin, option), _number(end, option)
    is_log = spacing == ["log"]
    if spacing not in ([], ["log"]) or not math.isfinite(first - last):
        raise InputError(
            f"{option} has ranges of numbers as 0.1:0.9:9, or as 1:64:7:log; got {shown(part)}"
        )
    if is_log and not min(first, last) > 0:
        raise InputError(f"{option}: the ends of a range :log must be above 0; got {shown(part)}")
    with as_input_errors():
        count = written_number(number, f"{option}: the number of values") if number else math.nan
    if not (2 <= count <= MOST_IN_RANGE and count.is_integer()):
        raise InputError(
            f"{option}: a range needs its number of values, from 2 to {MOST_IN_RANGE:,}, as "
            f"0.1:0.9:9; got {shown(part)}"
        )
    spaced = np.geomspace if is_log else np.linspace
    values = spaced(first, last, int(count))
    # In the digits that would be typed: 0.3, and not 0.30000000000000004.
    return [f"{round(value) if whole else float(f'{value:.12g}')!r}" for value in values.tolist()]
