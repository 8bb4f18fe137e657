"""Reading a table of rewards: CSV, NumPy or Parquet, with errors that name the row and column."""

from __future__ import annotations

import csv
import io
import math
import sys
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from recurate.errors import InputError
from recurate.numerics.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray, shown

MOST_GROUPS = 10_000
"""Most groups of a table: the share of each is kept at every step."""


@dataclass(frozen=True)
class Columns:
    """Names of the columns to read; None is the usual name, used where the table has it."""

    reward: str | None = None
    group: str | None = None
    weight: str | None = None


@dataclass(frozen=True)
class Example:
    """A table that comes with the package."""

    file: str
    columns: Columns


EXAMPLES = {
    "digits-confidence": Example(
        "digits.csv", Columns(reward="confidence_reward", group="predicted_digit")
    ),
    "digits-class": Example("digits.csv", Columns(reward="class_reward", group="predicted_digit")),
}
"""Real rewards in the box: scikit-learn's handwritten digits (recurate.figures.digits_rewards)."""


def read_example(name: str, columns: Columns, scale: float = 1.0) -> RewardLaw:
    """Return the reward law of a table that comes with the package.

    Parameters
    ----------
    name : str
        Key of `EXAMPLES`.
    columns : Columns
        Columns to read in place of the example's own.
    scale : float
        Factor of every reward.

    Raises
    ------
    InputError
        If there is no such example or column.
    """
    if name not in EXAMPLES:
        raise InputError(f"--example must be one of {', '.join(EXAMPLES)}; got {name!r}")
    example = EXAMPLES[name]
    chosen = Columns(
        *(
            mine if asked is None else asked
            for asked, mine in zip(astuple(columns), astuple(example.columns), strict=True)
        )
    )
    text = resources.files("recurate").joinpath("examples", example.file).read_text("utf-8")
    return _law(_read_csv(io.StringIO(text), f"example {name}", chosen), scale)


def read_rewards(source: str, columns: Columns, scale: float = 1.0) -> RewardLaw:
    """Return the reward law of a file.

    Parameters
    ----------
    source : str
        Path of a CSV file with a header, a ``.npy`` array (one-dimensional, or structured with
        named fields) or a ``.parquet`` table; "-" reads CSV from standard input.
    columns : Columns
        Columns to read.
    scale : float
        γ, factor of every reward.

    Returns
    -------
    RewardLaw
        Probabilities are the weights over their sum, or uniform.

    Raises
    ------
    InputError
        If the table cannot be used; the message names the row and the column.
    OSError
        If the file cannot be read.
    """
    if source == "-":
        text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        return _law(_read_csv(text, "standard input", columns), scale)
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return _law(_read_npy(path, columns), scale)
    if suffix == ".parquet":
        return _law(_read_parquet(path, columns), scale)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _law(_read_csv(file, path.name, columns), scale)


@dataclass(frozen=True)
class _Table:
    name: str
    rewards: FloatArray
    groups: Sequence[Hashable] | None
    weights: FloatArray | None


def _law(table: _Table, scale: float) -> RewardLaw:
    if not math.isfinite(scale):
        raise InputError(f"--scale must be a finite number; got {scale}")
    if table.rewards.size == 0:
        raise InputError(f"{table.name} must have at least one row of rewards; got none")
    probs = None
    if table.weights is not None:
        with np.errstate(over="ignore"):
            total = table.weights.sum()
        if not 0 < total < math.inf:
            raise InputError(f"{table.name}: weights must have a positive finite sum; got {total}")
        probs = table.weights / total
    if table.groups is not None and len(set(map(str, table.groups))) > MOST_GROUPS:
        raise InputError(
            f"{table.name} must have at most {MOST_GROUPS:,} groups; got more: is the column of "
            "groups one of identifiers?"
        )
    try:
        with np.errstate(over="ignore"):
            return RewardLaw(table.rewards * scale, probs, table.groups)
    except (ValueError, TypeError) as error:
        raise InputError(f"{table.name}: {error}") from error


def _read_csv(file: TextIO, name: str, columns: Columns) -> _Table:
    reader = csv.reader(file, strict=True)
    rows = _csv_rows(reader, name)
    header = next(rows, None)
    if header is None:
        raise InputError(f"{name} must have a header row; got an empty file")
    fields = [field.strip() for field in header]
    reward, group, weight = _find_columns(fields, columns, name)
    rewards, weights, groups = array("d"), array("d"), list[str]()
    # Labels repeat: one object for each keeps a million rows small.
    labels: dict[str, str] = {}
    for number, row in enumerate(rows, start=1):
        if len(row) != len(fields):
            raise InputError(
                f"{_place(name, number, reader.line_num)}: a row must have {len(fields)} fields, "
                f"as the header has; got {len(row)}"
            )
        try:
            rewards.append(_number(row[reward]))
            if weight is not None:
                weights.append(_weight(row[weight]))
        except ValueError as error:
            column = fields[reward] if len(rewards) < number else fields[weight or 0]
            place = _place(name, number, reader.line_num)
            raise InputError(f"{place}, column {column!r}: {error}") from None
        if group is not None:
            groups.append(labels.setdefault(row[group], row[group]))
    return _Table(
        name,
        np.frombuffer(rewards, dtype=np.float64),
        None if group is None else groups,
        None if weight is None else np.frombuffer(weights, dtype=np.float64),
    )


def _csv_rows(reader: Any, name: str) -> Iterator[list[str]]:
    """Yield the rows; blank lines are taken at the end of the file only."""
    blank = 0
    try:
        for row in reader:
            if not row:
                blank = blank or reader.line_num
                continue
            if blank:
                raise InputError(f"{name}, line {blank}: a row must have fields; got a blank line")
            yield row
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}: {error}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name} must be CSV in UTF-8 (or end in .npy or .parquet); got {error}"
        ) from error


def _read_npy(path: Path, columns: Columns) -> _Table:
    try:
        data = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(f"{path.name} must be a NumPy array of numbers; got {error}") from error
    if not isinstance(data, np.ndarray) or data.ndim != 1:
        shape = getattr(data, "shape", type(data).__name__)
        raise InputError(f"{path.name} must hold a one-dimensional array; got {shape}")
    if data.dtype.names is not None:
        names = list(data.dtype.names)
        return _from_columns(path.name, names, lambda field: data[field].tolist(), columns)
    for option, column in (
        ("reward", columns.reward),
        ("group", columns.group),
        ("weight", columns.weight),
    ):
        if column is not None:
            raise InputError(
                f"--{option}-column needs named fields; {path.name} is a plain array of rewards"
            )
    return _from_columns(path.name, ["reward"], lambda _: data.tolist(), columns)


def _read_parquet(path: Path, columns: Columns) -> _Table:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise InputError(
            f"{path.name}: reading Parquet needs pyarrow: pip install pyarrow"
        ) from error
    if path.is_dir():
        raise InputError(f"{path.name} must be a Parquet file; got a folder")
    try:
        with parquet.ParquetFile(path) as file:
            return _from_columns(
                path.name,
                list(file.schema_arrow.names),
                lambda name: file.read([name])[name].to_pylist(),
                columns,
            )
    except pyarrow.ArrowInvalid as error:
        raise InputError(f"{path.name} must be a Parquet file; got {error}") from error


def _from_columns(
    name: str, fields: list[str], values: Callable[[str], list[Any]], columns: Columns
) -> _Table:
    reward, group, weight = _find_columns(fields, columns, name)
    return _Table(
        name,
        _parsed(values(fields[reward]), _number, name, fields[reward]),
        None if group is None else values(fields[group]),
        None if weight is None else _parsed(values(fields[weight]), _weight, name, fields[weight]),
    )


def _parsed(
    values: Iterable[Any], parse: Callable[[Any], float], name: str, column: str
) -> FloatArray:
    numbers = array("d")
    for number, value in enumerate(values, start=1):
        try:
            numbers.append(parse(value))
        except ValueError as error:
            raise InputError(f"{_place(name, number)}, column {column!r}: {error}") from None
    return np.frombuffer(numbers, dtype=np.float64)


def _find_columns(
    fields: list[str], columns: Columns, name: str
) -> tuple[int, int | None, int | None]:
    """Return the positions of the reward, group and weight columns."""
    reward = _find(fields, columns.reward, "reward", name)
    if reward is None:
        raise InputError(
            f"{name} must have a column 'reward' (or name another with --reward-column); "
            f"got {', '.join(map(repr, fields))}"
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
        raise InputError(f"{name} must have one column {wanted!r}; got {len(found)}")
    if not found and asked is not None:
        raise InputError(
            f"--{usual}-column must name a column of {name}: "
            f"{', '.join(map(repr, fields))}; got {asked!r}"
        )
    return found[0] if found else None


def _number(value: Any) -> float:
    try:
        if value is None or isinstance(value, bool):
            raise TypeError
        number = math.nan if isinstance(value, str) and "_" in value else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number; got {shown(value)}")
    return number


def _weight(value: Any) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError(f"must be a weight of at least 0; got {shown(value)}")
    return number


def _place(name: str, row: int, line: int | None = None) -> str:
    return f"{name}, row {row}" + ("" if line is None else f" (line {line})")
