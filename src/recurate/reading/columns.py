"""The columns of a table of rewards: finding them, and reading their numbers."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import label_of
from recurate.numerics.text import escaped, listed
from recurate.numerics.validation import FloatArray, shown, writes_zero, written_number
from recurate.reading.asked import Asked


@dataclass(frozen=True)
class Table:
    """What was read: rewards and weights of shape (rows,), and a label for each row.

    `stripped` are the labels whose outer blanks were taken off, as they were written; they name the
    same groups as those without.
    """

    name: str
    rewards: FloatArray
    groups: Sequence[Hashable] | None
    weights: FloatArray | None
    stripped: Collection[str] = ()


def parsed(values: list[Any], parse: Callable[[Any], float], name: str, column: str) -> FloatArray:
    """Return a column's numbers, shape (rows,); `parse` is `number_of` or `weight_of`.

    Raises
    ------
    InputError
        If `parse` refuses a value, with its row and column.
    """
    plain = plain_numbers(values) if parse is number_of else plain_weights(values)
    if plain is not None:
        return np.frombuffer(plain, dtype=np.float64)
    numbers = array("d")
    for number, value in enumerate(values, start=1):
        try:
            numbers.append(parse(value))
        except ValueError as error:
            raise wrong_value(place_of(name, number), column, error) from None
    return np.frombuffer(numbers, dtype=np.float64)


def labels(values: Sequence[Any], name: str, column: str) -> tuple[list[Hashable], Collection[str]]:
    """Return a column's labels without outer blanks, and those that had some.

    Raises
    ------
    InputError
        If a label is missing, with its row and column.
    """
    known: dict[Any, Hashable] = {}
    found = []
    for number, value in enumerate(values, start=1):
        try:
            if not isinstance(value, Hashable):
                raise TypeError(f"must be a label; got {shown(value)}")
            if value not in known:
                known[value] = stripped(value)
            found.append(known[value])
        except (ValueError, TypeError) as error:
            raise wrong_value(place_of(name, number), column, error) from None
    return found, [raw for raw, label in known.items() if isinstance(raw, str) and raw != label]


def stripped(value: Any) -> Hashable:
    """Return a group's label without outer blanks, or raise ValueError or TypeError."""
    label = label_of(value)
    return label.strip() if isinstance(label, str) else label


def wrong_value(place: str, column: str, error: Exception) -> InputError:
    """Return what is wrong with a value, with the place of its row and its column."""
    return InputError(f"{place}, column {shown(column)}: {error}")


def find_columns(
    fields: list[str], columns: Asked, name: str
) -> tuple[int, int | None, int | None]:
    """Return the positions of the reward, group and weight columns.

    It raises InputError if a column is missing or there are two of its name.
    """
    reward = _find(fields, columns.reward, "reward", name)
    if reward is None:
        raise InputError(
            f"{name} must have a column 'reward' (or name another with --reward-column); "
            f"got {listed(fields)}"
        )
    return (
        reward,
        _find(fields, columns.group, "group", name),
        _find(fields, columns.weight, "weight", name),
    )


def _find(fields: list[str], asked: str | None, usual: str, name: str) -> int | None:
    wanted = usual if asked is None else asked
    found = [i for i, field in enumerate(fields) if field == wanted]
    if len(found) > 1:
        raise InputError(f"{name} must have one column {shown(wanted)}; got {len(found)}")
    if not found and asked is not None:
        raise InputError(
            f"--{usual}-column must name a column of {name}: {listed(fields)}; got {shown(asked)}"
        )
    return found[0] if found else None


def plain_numbers(values: Sequence[Any]) -> array[float] | None:
    """Return values as numbers if all are plainly finite; None if each has to be looked at."""
    types = set(map(type, values))
    # Python's float allows underscores, and number_of does not.
    if not types <= {float, int} and not (types == {str} and "_" not in "".join(values)):
        return None
    try:
        numbers = array("d", map(float, values))
    except (ValueError, OverflowError):
        return None
    return numbers if np.isfinite(np.frombuffer(numbers)).all() else None


def plain_weights(values: Sequence[Any]) -> array[float] | None:
    """Return values as weights if all are plainly that; None if each has to be looked at."""
    weights = plain_numbers(values)
    if weights is None or min(weights, default=0.0) < 0:
        return None
    if 0.0 in weights and isinstance(values[0], str):
        zeros = {value for value, weight in zip(values, weights, strict=True) if not weight}
        return weights if all(map(writes_zero, zeros)) else None
    return weights


def number_of(value: Any) -> float:
    """Return a finite number, or raise ValueError with what was found."""
    try:
        if value is None or isinstance(value, bool):
            raise TypeError
        number = math.nan if isinstance(value, str) and "_" in value else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number; got {shown(value)}")
    return number


def weight_of(value: Any) -> float:
    """Return a finite number of at least 0, or raise ValueError with what was found."""
    number = number_of(value)
    if number < 0:
        raise ValueError(f"must be a weight of at least 0; got {shown(value)}")
    if number == 0 and isinstance(value, str):
        written_number(value, "a weight")  # a number that is too small is not zero
    return number


def place_of(name: str, row: int, line: int | None = None) -> str:
    """Return a row's place for an error; rows are counted from 1, after the header."""
    return f"{escaped(name)}, row {row}" + ("" if line is None else f" (line {line})")
