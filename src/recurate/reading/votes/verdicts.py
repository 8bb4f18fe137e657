"""What an entry of a column of votes says: the first, the second, a tie, or no vote."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.reading.columns import IntArray, Place, labels, wrong_value
from recurate.reading.formats.hints import NOT_THERE
from recurate.reading.names import words
from recurate.reading.notices import Notices
from recurate.reading.votes.recognising import SIDES

if TYPE_CHECKING:
    import polars as pl

FIRST, SECOND, TIE, NO_VOTE, MISSING = range(5)
"""What a vote says of the two items of its row."""

_OWN, _UNKNOWN = 5, 6  # the name of one of the two; nothing that is known

_SAID = {"a": FIRST, "b": SECOND, "tie": TIE, "none": NO_VOTE, "skip": NO_VOTE}
_TIES = {
    *("tie", "ties", "tied", "draw", "drawn", "both", "bothbad", "bothgood", "equal", "equally"),
    *("same", "neither", "even"),
}
_BESIDE_TIES = {"bad", "good", "are", "is", "a", "the", "it", "of", "them", "about"}
_BESIDE_SIDES = {
    *("model", "system", "item", "response", "answer", "output", "assistant", "option", "player"),
    *("candidate", "completion", "generator", "team", "wins", "won", "win", "winner", "is", "the"),
    *("better", "preferred", "chosen", "prefer", "much", "far", "slightly", "somewhat"),
    *("marginally", "significantly", "strongly", "clearly"),
}
_COMPARED = re.compile(r"\W*(?:a\s*(>+|<+|[=≈~]+)\s*b|b\s*(>+|<+|[=≈~]+)\s*a)\W*", re.I)
"""As judges write it: [[A>>B]], B>A."""
_RESULTS = {"1-0": FIRST, "0-1": SECOND, "1/2-1/2": TIE, "½-½": TIE}  # of games, as PGN has them
_OWN_SIDES = ("home", "white")  # only where columns are called so
_PLAIN_SIDES = [pair for pair in SIDES if not pair[0].isdigit() and pair[0] not in _OWN_SIDES]
_MOST_VALUES = 50


@dataclass(frozen=True)
class Pairs:
    """The two items of each row, by number, and what their columns are called.

    Attributes
    ----------
    names : sequence of str
        The items, as they are written.
    first, second : ndarray of int, shape (rows,)
        Numbers of the items.
    fields : tuple of str
        Columns of the first and of the second; or none, if one column names both.
    """

    names: Sequence[str]
    first: IntArray
    second: IntArray
    fields: tuple[str, ...] = ()


def codes_of(codes: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return what each value says, as --codes says it.

    Raises
    ------
    InputError
        If a meaning is unknown, or a value has two.
    """
    found: dict[str, int] = {}
    for value, meaning in codes:
        said = _SAID.get(meaning.strip().casefold())
        if said is None:
            raise InputError(
                "--codes must say a, b, tie or none of each value, as 1=a,2=b,0=tie; got "
                f"{shown(f'{value}={meaning}')}"
            )
        if found.setdefault(as_code(value), said) != said:
            raise InputError(f"--codes must say one thing of {shown(value)}; got two")
    return found


def verdicts(
    series: pl.Series, pairs: Pairs, codes: dict[str, int], place: Place, notices: Notices
) -> IntArray:
    """Return what each row's vote says, shape (rows,).

    A vote may be a code, the name of one of the row's items, the name of its column, a side (a or
    b, left or right, first or second), or a word for a tie. A name that may be a side as well is
    read as a name, and that is said.

    Raises
    ------
    InputError
        If a value is none of these, with all such values and what to type; or an item that the
        row does not compare.
    """
    column = labels(series, place)
    texts = [as_text(name) for name in column.names]
    meanings = [_meaning(text, pairs.fields, codes) for text in texts]
    number = {name: place for place, name in enumerate(pairs.names)}
    own = np.array([number.get(text, -1) for text in texts] + [-1], np.intp)
    for value, text in enumerate(texts):
        if as_code(text) in codes:
            own[value] = -1
    named = own[column.numbers]
    is_first, is_second = named == pairs.first, named == pairs.second
    strange = np.flatnonzero((named >= 0) & ~is_first & ~is_second)
    if strange.size:
        row = int(strange[0])
        value = int(column.numbers[row])
        two = listed([pairs.names[pairs.first[row]], pairs.names[pairs.second[row]]])
        is_side = meanings[value] in (FIRST, SECOND, TIE)
        hint = "; it is an item of other rows: if it means a side, --codes says which"
        error = f"must be one of the row's items, {two}; got {shown(texts[value])}"
        raise wrong_value(place(row), series.name, error + (hint if is_side else ""))
    said = np.array([*meanings, MISSING], np.intp)
    said[:-1][own[:-1] >= 0] = _OWN
    if (said == _UNKNOWN).any():
        counts = np.bincount(column.numbers[column.numbers >= 0], minlength=len(texts))
        unknown = [value for value in range(len(texts)) if said[value] == _UNKNOWN]
        raise _unknown(series.name, unknown, texts, counts, pairs.fields, place(0))
    found = said[column.numbers]
    is_own = found == _OWN
    found[is_own] = np.where(is_first[is_own], FIRST, SECOND)
    sides = _sides(texts, meanings)
    side = np.array([sides.get(text, _OWN) for text in texts] + [_OWN], np.intp)[column.numbers]
    other = np.flatnonzero(is_own & (side != _OWN) & (side != found))
    if other.size:
        text = texts[int(column.numbers[other[0]])]
        typed = ",".join(f"{text}={'ab'[side]}" for text, side in sorted(sides.items()))
        notices.say(
            f"column {shown(series.name)}: {shown(text)} is read as an item's name, and might be a "
            f"side; if it is, --codes {quote(escaped(typed))}"
        )
    return found


def _sides(texts: Sequence[str], meanings: Sequence[int]) -> dict[str, int]:
    """Return the sides that texts may mean, were there no items of their names."""
    for pair in (("1", "2"), ("0", "1")):
        if {*texts} <= {*pair}:
            return {text: pair.index(text) for text in texts}
    return {t: said for t, said in zip(texts, meanings, strict=True) if said in (FIRST, SECOND)}


def as_text(value: object) -> str:
    """Return a label as text; a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def as_code(value: str) -> str:
    """Return a value so that equal ones are equal texts: 1.0 is 1, Tie is tie."""
    text = value.strip().casefold()
    try:
        return as_text(float(text)).casefold()
    except ValueError:
        return text


def _meaning(text: str, fields: Sequence[str], codes: dict[str, int]) -> int:
    if (code := as_code(text)) in codes:
        return codes[code]
    said = [word for w in words(text) if (word := w.removesuffix("vote"))]  # as leftvote
    if any(word in _TIES for word in said) and set(said) <= _TIES | _BESIDE_TIES:
        return TIE
    if said == ["no", "preference"]:
        return TIE
    if compared := _COMPARED.fullmatch(text):
        better = {">": FIRST, "<": SECOND} if compared[1] else {">": SECOND, "<": FIRST}
        return better.get((compared[1] or compared[2])[0], TIE)
    if text.strip() in _RESULTS:
        return _RESULTS[text.strip()]
    names = [words(field) for field in fields]
    if said in names:
        return names.index(said)
    sides = [side for side in said if side not in _BESIDE_SIDES]
    if len(sides) == 1:
        own = tuple(next((w for w in name if w not in other), "") for name, other in _others(names))
        known = [own] if "home" in own else [own, *_PLAIN_SIDES]
        for pair in known:
            if sides[0] in pair and not sides[0].isdigit():
                return pair.index(sides[0])
    return MISSING if text.strip().casefold() in NOT_THERE else _UNKNOWN


def _others(names: list[list[str]]) -> list[tuple[list[str], list[str]]]:
    return [(names[0], names[1]), (names[1], names[0])] if names else []


def _unknown(
    field: str,
    unknown: Sequence[int],
    texts: Sequence[str],
    counts: IntArray,
    fields: Sequence[str],
    place: str,
) -> InputError:
    """Return the error of values that say nothing that is known."""
    table = place.rpartition(", row")[0]
    if len(texts) > _MOST_VALUES:
        are_degrees = all(_is_number(texts[value]) for value in unknown)
        degrees = "numbers of so many values are degrees, and no votes; " if are_degrees else ""
        return InputError(
            f"{table}, column {shown(field)}: must say which of two items was chosen; got "
            f"{len(texts):,} values, as {listed([texts[v] for v in unknown], 3)}: {degrees}name "
            "the column of votes with --vote-column"
        )
    order = sorted(unknown, key=lambda value: -counts[value])
    values = [texts[v] if len(texts[v]) < 30 else "VALUE" for v in unknown]  # as they come first
    found = ", ".join(f"{shown(texts[value])} ({counts[value]:,})" for value in order[:8])
    more = f", ... and {len(order) - 8} more" if len(order) > 8 else ""
    a, b = (shown(field) for field in fields) if fields else ("the first", "the second")
    typed = quote(escaped(_codes_like(values, fields)))
    return InputError(
        f"{table}, column {shown(field)}: must say which of two items was chosen; got {found}{more}"
        f": say what each means, as --codes {typed} (a is {a}, b is {b}; none is no "
        "vote)"
    )


def _codes_like(values: Sequence[str], fields: Sequence[str]) -> str:
    """Return codes as they may be meant, for the values found."""
    for usual in (
        {"1": "a", "2": "b", "0": "tie"},
        {"0": "a", "1": "b"},
        {"1": "a", "0": "b", "0.5": "tie"},
        {"True": "a", "False": "b"},
    ):
        found = {value: said for value, said in usual.items() if value in values}
        if len(found) == len(values) and {"a", "b"} <= {*found.values()}:
            return ",".join(f"{value}={said}" for value, said in found.items())
    if all(map(_is_number, values)) and len(values) > 1:  # from one end to the other
        values = sorted(values, key=float)
        middle = (float(values[0]) + float(values[-1])) / 2
        return ",".join(
            f"{v}={'tie' if float(v) == middle else 'a' if float(v) < middle else 'b'}"
            for v in values
        )
    starts = ["".join("ab"[i] for i, f in enumerate(fields) if _begins(f, v)) for v in values]
    if {"a", "b"} <= set(starts):  # H and A, of HomeTeam and AwayTeam
        said = [start if len(start) == 1 else "tie" for start in starts]
    else:
        said = ["a", "b", *["tie"] * (len(values) - 2)]
    return ",".join(f"{value}={meaning}" for value, meaning in zip(values[:3], said, strict=False))


def _begins(field: str, text: str) -> bool:
    return field.casefold().startswith(text.casefold())


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
