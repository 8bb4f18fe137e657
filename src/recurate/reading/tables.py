"""Reading a table of rewards: CSV, NumPy or Parquet, with errors that name the row and column."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.errors import InputError
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import escaped, listed, shown
from recurate.numerics.validation import FloatArray
from recurate.reading.asked import Asked
from recurate.reading.columns import (
    Table,
    find_columns,
    labels,
    number_of,
    parsed,
    place_of,
    weight_of,
)
from recurate.reading.csv_table import read_csv

__all__ = ["EXAMPLES", "MOST_GROUPS", "Example", "read_example", "read_rewards"]

LARGEST_FACTOR = 1e300
"""How far apart two weights may lie: the smaller one, over the sum, is then still a double."""

MOST_GROUPS = 10_000
"""Most groups of a table: the share of each is kept at every step."""


@dataclass(frozen=True)
class Example:
    """A table that comes with the package."""

    file: str
    columns: Asked


EXAMPLES = {
    "digits-confidence": Example(
        "digits.csv", Asked(reward="confidence_reward", group="predicted_digit")
    ),
    "digits-class": Example("digits.csv", Asked(reward="class_reward", group="predicted_digit")),
}
"""Real rewards that come with the package: scikit-learn's handwritten digits
(recurate.figures.images.digits_rewards)."""


def read_example(name: str, asked: Asked) -> RewardLaw:
    """Return the reward law of a table that comes with the package.

    Parameters
    ----------
    name : str
        Key of `EXAMPLES`.
    asked : Asked
        What is asked of it; None stands for the example's own columns.

    Raises
    ------
    InputError
        If there is no such example or column.
    """
    if name not in EXAMPLES:
        raise InputError(f"--example must be one of {', '.join(EXAMPLES)}; got {shown(name)}")
    example = EXAMPLES[name]
    own = asdict(example.columns)
    chosen = replace(
        asked, **{name: own[name] for name in own if getattr(asked, name) is None and own[name]}
    )
    text = resources.files("recurate").joinpath("examples", example.file).read_text("utf-8")
    return _law(read_csv(io.StringIO(text), f"example {name}", chosen), asked.scale)


def read_rewards(
    source: str,
    asked: Asked,
    *,
    on_note: Callable[[str], None] = lambda text: None,
) -> RewardLaw:
    """Return the reward law of a file.

    Parameters
    ----------
    source : str
        Path of a CSV file with a header, a ``.npy`` array (one-dimensional, or structured with
        named fields) or a ``.parquet`` table; "-" reads CSV from standard input.
    asked : Asked
        What is asked of it.
    on_note : callable
        Called with a sentence if labels had outer blanks, which are taken off.

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
    try:
        table = _table(source, asked)
    except OSError as error:
        if error.filename is not None:
            raise
        # From reading, and not from opening; Parquet's library has its own words.
        raise InputError(f"{escaped(Path(source).name)} cannot be read: {error}") from error
    law = _law(table, asked.scale)
    if table.stripped:
        found = listed(table.stripped, 3)
        on_note(f"{table.name}: blanks around group labels were taken off: {found}")
    return law


def _table(source: str, columns: Asked) -> Table:
    if source == "-":
        if sys.stdin is None:
            raise InputError("standard input must be open to read a table from it; it is closed")
        text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        return read_csv(text, "standard input", columns)
    if not source:
        raise InputError("FILE must be the name of a file, or - for standard input; got ''")
    path = Path(source)
    suffix = path.suffix.lower()
    if suffix == ".npy":
        return _read_npy(path, columns)
    if suffix == ".parquet":
        return _read_parquet(path, columns)
    with path.open(encoding="utf-8-sig", newline="") as file:
        return read_csv(file, path.name, columns)


def _law(table: Table, scale: float) -> RewardLaw:
    name = escaped(table.name)
    if not math.isfinite(scale):
        raise InputError(f"--scale must be a finite number; got {scale}")
    if table.rewards.size == 0:
        raise InputError(f"{name} must have at least one row of rewards; got none")
    if table.groups is not None and len(set(map(str, set(table.groups)))) > MOST_GROUPS:
        raise InputError(
            f"{name} must have at most {MOST_GROUPS:,} groups; got more: is the column of "
            "groups one of identifiers?"
        )
    with np.errstate(over="ignore", under="ignore"):
        rewards = table.rewards * scale
    if not np.isfinite(rewards).all():
        row = int(np.argmin(np.isfinite(rewards)))
        raise InputError(
            f"{place_of(table.name, row + 1)}: rewards times --scale must be at most 1e308; got "
            f"{table.rewards[row]:g} times {scale:g}"
        )
    probs = None if table.weights is None else _probs(table.weights, table.name)
    try:
        return RewardLaw(rewards, probs, table.groups)
    except (ValueError, TypeError) as error:
        raise InputError(f"{name}: {error}") from error


def _probs(weights: FloatArray, name: str) -> FloatArray:
    """Return weights over their sum.

    Raises
    ------
    InputError
        If the sum is not positive and finite, or two weights lie so far apart that the smaller one
        would be lost.
    """
    with np.errstate(over="ignore"):
        total = weights.sum()
        if total == math.inf:
            place = place_of(name, int(np.argmax(np.cumsum(weights))) + 1)
            raise InputError(f"{place}: weights must have a positive finite sum; got inf so far")
    if total == 0:
        raise InputError(f"{escaped(name)}: weights must have a positive finite sum; got 0.0")
    largest, least = int(np.argmax(weights)), int(np.argmin(np.where(weights > 0, weights, np.inf)))
    if weights[least] < weights[largest] / LARGEST_FACTOR:
        raise InputError(
            f"{place_of(name, least + 1)}: weights must be 0 or lie at most a factor of "
            f"{LARGEST_FACTOR:g} apart; got {weights[least]:g}, and {weights[largest]:g} in row "
            f"{largest + 1}"
        )
    probs: FloatArray = weights / total
    return probs


def _read_npy(path: Path, columns: Asked) -> Table:
    try:
        with path.open("rb") as file:
            data = np.lib.format.read_array(file, allow_pickle=False)
            size = file.seek(0, io.SEEK_END)
    except OSError:
        raise
    # A header is Python, and says how much is read: what is none fails in any way.
    except Exception as error:
        raise InputError(
            f"{path.name} must be a NumPy array of numbers; got {error or type(error).__name__}"
        ) from error
    if data.ndim != 1:
        raise InputError(f"{path.name} must hold a one-dimensional array; got {data.shape}")
    if data.size > size:  # of entries without bytes
        raise InputError(
            f"{path.name} must be a NumPy array of numbers; got {data.size} entries of type "
            f"{data.dtype} in {size} bytes"
        )
    if data.dtype.names is not None:
        names = list(data.dtype.names)
        return _from_columns(
            path.name, names, lambda field: _entries(data[field], path.name), columns
        )
    for option, column in (
        ("reward", columns.reward),
        ("group", columns.group),
        ("weight", columns.weight),
    ):
        if column is not None:
            raise InputError(
                f"--{option}-column needs named fields; {path.name} is a plain array of rewards"
            )
    return _from_columns(path.name, ["reward"], lambda _: _entries(data, path.name), columns)


def _entries(column: npt.NDArray[Any], name: str) -> list[Any]:
    """Return an array's entries as Python's values; dates as text."""
    try:
        return list((column.astype(str) if column.dtype.kind in "Mm" else column).tolist())
    except (SystemError, ValueError) as error:  # from letters that there are not
        raise InputError(
            f"{name} must be a NumPy array of numbers; got one of type {column.dtype} that cannot "
            f"be read ({error})"
        ) from error


def _read_parquet(path: Path, columns: Asked) -> Table:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise InputError(
            f"{path.name}: reading Parquet needs pyarrow: pip install pyarrow"
        ) from error
    if path.exists() and not path.is_file():  # it is read from its end
        what = "a folder" if path.is_dir() else "a device or a pipe"
        raise InputError(f"{escaped(path.name)} must be a Parquet file; got {what}")
    try:
        with parquet.ParquetFile(path) as file:
            return _from_columns(
                path.name,
                list(file.schema_arrow.names),
                lambda name: file.read([name])[name].to_pylist(),
                columns,
            )
    except (pyarrow.ArrowException, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} must be a Parquet file; got {error}") from error


def _from_columns(
    name: str, fields: list[str], values: Callable[[str], list[Any]], columns: Asked
) -> Table:
    reward, group, weight = find_columns(fields, columns, name)
    names, stripped = (
        (None, ()) if group is None else labels(values(fields[group]), name, fields[group])
    )
    return Table(
        name,
        parsed(values(fields[reward]), number_of, name, fields[reward]),
        names,
        None if weight is None else parsed(values(fields[weight]), weight_of, name, fields[weight]),
        stripped,
    )
