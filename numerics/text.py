"""Text that others wrote, and values of any kind, as they may be shown: escaped and short."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

LONGEST_MESSAGE = 2000
"""Most characters of a message."""

LARGEST_NUMBER = 1e300
"""Largest number that is written as it is."""

_LONGEST_VALUE = 60
_LONGEST_INTEGER = 50  # digits
_CONTAINERS = (list, tuple, set, frozenset, dict)
_MOST_ENTRIES, _DEEPEST = 6, 3


def printable(name: str) -> str:
    """Return a name as it can be shown: an empty or unprintable one in quotes, escaped.

    Unprintable are control characters, those that turn the direction of writing, characters
    without width, line separators and half characters (surrogates): whatever may act on a terminal
    or a page, or cannot be seen.
    """
    return name if name and name.isprintable() else repr(name)


def escaped(text: str, but: str = "") -> str:
    """Return a text with what `printable` escapes written as Python does, without quotes.

    Characters of `but`, such as line breaks, stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(
        letter
        if letter.isprintable() or letter in but
        else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def shortened(text: str, most: int = LONGEST_MESSAGE) -> str:
    """Return a text of at most so many characters; what is too much is left out in the middle."""
    if len(text) <= most:
        return text
    first = 2 * (most - 5) // 3
    return f"{text[:first]} ... {text[len(text) - (most - 5 - first) :]}"


def listed(names: Iterable[Any], most: int = 8) -> str:
    """Return names in quotes, with commas: the first ones, and how many more there are."""
    every = names if isinstance(names, Sequence) else list(names)
    words = [shown(name) for name in every[:most]]
    more = len(every) - most
    return ", ".join(words) + (f", ... and {more:,} more" if more > 0 else "")


def three_digits(value: float) -> str:
    """Return a positive number, such as odds, to three digits; a large one to its units."""
    if value > LARGEST_NUMBER:
        return f"above {LARGEST_NUMBER:g}"
    if value < 999.5:
        return f"{value:.3g}"
    return f"{value:,.0f}" if value < 1e6 else f"{value:.2g}"


def shown(value: Any) -> str:
    """Return a value as error messages show it: strings quoted, long and nested ones cut.

    It takes little time for any value made of Python's own types, however large or often nested.
    """
    if isinstance(value, str | bytes):
        text = repr(value[: _LONGEST_VALUE + 1])
    elif isinstance(value, int) and not isinstance(value, bool):
        text = _short_integer(value)
    elif isinstance(value, _CONTAINERS):
        text = _nested(value)
    else:
        text = _said(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 3]}..."


def _short_integer(value: int) -> str:
    if value.bit_length() <= _LONGEST_INTEGER * math.log2(10):
        return str(int(value))
    # Python writes no integer of more than some thousand digits.
    return (
        f"{'-' if value < 0 else ''}an integer of about {value.bit_length() * 0.30103:.0f} digits"
    )


def _said(value: Any) -> str:
    """Return what a value says of itself, in a line; its type if it cannot."""
    try:
        if getattr(getattr(value, "dtype", None), "kind", None) in ("O", "V"):
            return f"an array of shape {value.shape} and type {str(value.dtype)[:_LONGEST_VALUE]}"
        return escaped(" ".join(str(value)[: 10 * _LONGEST_VALUE].split()))
    except Exception:  # a value of another's class may fail in any way
        return f"a value of type {escaped(type(value).__name__)}"


def _nested(value: Any, depth: int = 0) -> str:
    """Return Python's notation of a container, cut in its length and in its depth."""
    if not isinstance(value, _CONTAINERS):
        return shown(value)
    if depth == _DEEPEST and value:
        return "..."
    parts = [
        f"{_nested(entry, depth + 1)}: {_nested(value[entry], depth + 1)}"
        if isinstance(value, dict)
        else _nested(entry, depth + 1)
        for entry in islice(value, _MOST_ENTRIES)
    ]
    inside = ", ".join(parts) + (", ..." if len(value) > len(parts) else "")
    if isinstance(value, list):
        return f"[{inside}]"
    if isinstance(value, tuple):
        return f"({inside}{',' if len(value) == 1 else ''})"
    return f"{{{inside}}}" if inside or isinstance(value, dict) else "set()"
