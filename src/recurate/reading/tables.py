"""Reading a table of rewards: CSV, NumPy or Parquet, with errors that name the row and column."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import astuple, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.reading.columns import Columns, Table, find_columns, number_of, parsed, weight_of
from recurate.reading.csv_table import read_csv

__all__ = ["EXAMPLES", "MOST_GROUPS", "Columns", "Example", "read_example", "read_rewards"]

MOST_GROUPS = 10_000
"""Most groups of a table: the share of each is kept at every step."""


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
"""Real rewards that come with the package: scikit-learn's handwritten digits
(recurate.figures.images.digits_rewards)."""


def read_example(name: str, columns: Columns, scale: float = 1.0) -> RewardLaw:
    """Return the reward law of a table that comes with the package.

    Parameters
    ----------
    name : str
        Key of `EXAMPLES`.
    columns : Columns
        Columns to read; None stands for the example's own.
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
    return _law(read_csv(io.StringIO(text), f"example {name}", chosen), scale)


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
        return _law(read_csv(text, "standard input", columns), scale)
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return _law(_read_npy(path, columns), scale)
    if suffix == ".parquet":
        return _law(_read_parquet(path, columns), scale)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return _law(read_csv(file, path.name, columns), scale)


def _law(table: Table, scale: float) -> RewardLaw:
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
    if table.groups is not None and len(set(map(str, _distinct(table.groups)))) > MOST_GROUPS:
        raise InputError(
            f"{table.name} must have at most {MOST_GROUPS:,} groups; got more: is the column of "
            "groups one of identifiers?"
        )
    try:
        with np.errstate(over="ignore"):
            return RewardLaw(table.rewards * scale, probs, table.groups)
    except (ValueError, TypeError) as error:
        raise InputError(f"{table.name}: {error}") from error


def _distinct(labels: Sequence[Hashable]) -> Iterable[Hashable]:
    """Return each label once; all of them if one is not hashable, which the law will report."""
    try:
        return set(labels)
    except TypeError:
        return labels


def _read_npy(path: Path, columns: Columns) -> Table:
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


def _read_parquet(path: Path, columns: Columns) -> Table:
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
) -> Table:
    reward, group, weight = find_columns(fields, columns, name)
    return Table(
        name,
        parsed(values(fields[reward]), number_of, name, fields[reward]),
        None if group is None else values(fields[group]),
        None if weight is None else parsed(values(fields[weight]), weight_of, name, fields[weight]),
    )
