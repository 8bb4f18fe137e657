"""Whether each row of a delimited text has its fields, from its bytes and without a parser."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_PIECE = 2**18  # bytes looked at at once: few enough for a cache
_END, _RETURN, _QUOTE = b'\n\r"'


def is_regular(data: bytes, delimiter: str, fields: int) -> bool:
    """Return whether quotes are balanced and well placed, and each row has its fields.

    So that every parser reads the same: a quote stands at an end of a field, or is doubled inside
    one that is in quotes; a row ends with a line feed, maybe after a carriage return, and none is
    blank. False says that something may be otherwise.

    Parameters
    ----------
    data : bytes
        Text in UTF-8, without blank lines at the end.
    delimiter : str
        One character of ASCII.
    fields : int
        Number of fields that a row must have.
    """
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if fields == 1 and (b"\n\n" in data or b"\n\r\n" in data or data.startswith((b"\n", b"\r"))):
        return False
    text = np.frombuffer(data, np.uint8)
    separator = ord(delimiter)
    has_quotes = b'"' in data
    found: list[Bytes] = []
    is_inside = False
    for start in range(0, text.size, _PIECE):
        piece = text[start : start + _PIECE]
        is_mark = (piece == separator) | (piece == _END)
        if has_quotes:
            is_mark |= piece == _QUOTE
        places = np.flatnonzero(is_mark)
        marks = piece[places]
        if has_quotes:
            is_quote = marks == _QUOTE
            inside = (np.cumsum(is_quote) + is_inside) % 2 == 1  # after the mark
            if not _are_well_placed(text, places[is_quote] + start, inside[is_quote], separator):
                return False
            if inside.size:
                is_inside = bool(inside[-1])
            marks = marks[~is_quote & ~inside]
        found.append(marks)
    marks = np.concatenate(found) if found else np.empty(0, np.uint8)
    if data and not data.endswith(b"\n"):
        marks = np.append(marks, np.uint8(_END))
    if is_inside or marks.size % fields:
        return False
    rows = marks.reshape(-1, fields)
    return bool((rows[:, :-1] == separator).all() and (rows[:, -1] == _END).all())


def _are_well_placed(
    text: Bytes, places: npt.NDArray[np.intp], opens: npt.NDArray[np.bool_], separator: int
) -> bool:
    """Return whether what opens a quote stands after a field's end, and what closes it before one.

    A doubled quote closes and opens again: each stands beside the other.
    """
    ends = np.array([separator, _END, _QUOTE], np.uint8)
    before = text[places[opens & (places > 0)] - 1]
    closing = places[~opens]
    after = text[closing[closing < text.size - 1] + 1]
    return bool(np.isin(before, ends).all() and np.isin(after, [*ends, _RETURN]).all())
