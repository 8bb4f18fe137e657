"""Exact numbers as text, such as "1/1000 1/2 1": read, and written again."""

from __future__ import annotations

import math
from fractions import Fraction

Fractions = tuple[Fraction, ...]


def fractions(text: str) -> Fractions:
    """Return the numbers of a text, separated by blanks.

    Examples
    --------
    >>> fractions("1/3 2")
    (Fraction(1, 3), Fraction(2, 1))
    """
    return tuple(map(Fraction, text.split()))


def mixing(lam: Fraction | int | str | float) -> Fraction | float:
    """Return λ, given by a number or as a text, as an exact number or infinity."""
    return math.inf if lam == math.inf else Fraction(lam)


def written(value: Fractions | Fraction | int | float) -> str:
    """Return the Python expression that is read as these numbers, or as this one.

    Examples
    --------
    >>> print(written(fractions("1/3 2")), written(Fraction(1, 3)), written(Fraction(2)))
    '1/3 2' '1/3' 2
    """
    if isinstance(value, tuple):
        return repr(" ".join(map(str, value)))
    if value == math.inf:
        return "math.inf"
    return str(value) if Fraction(value).denominator == 1 else repr(str(value))


def listed(values: Fractions) -> str:
    """Return numbers as people write them in a row."""
    return f"({', '.join(map(str, values))})"
