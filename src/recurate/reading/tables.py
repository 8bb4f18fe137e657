"""Reading a table of rewards, with errors that name the row and column."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import escaped, listed, shown
from recurate.numerics.validation import FloatArray
from recurate.reading.columns import (
    Columns,
    Table,
    find_columns,
    labels,
    number_of,
    parsed,
    place_of,
    weight_of,
)
from recurate.reading.source import Source, opened

__all__ = ["EXAMPLES", "MOST_GROUPS", "Columns", "Example", "read_example", "read_rewards"]

LARGEST_FACTOR = 1e300
"""How far apart two weights may lie: the smaller one, over the sum, is then still a double."""

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
        raise InputError(f"--example must be one of {', '.join(EXAMPLES)}; got {shown(name)}")
    example = EXAMPLES[name]
    chosen = Columns(
        *(
            mine if asked is None else asked
            for asked, mine in zip(astuple(columns), astuple(example.columns), strict=True)
        )
    )
    with resources.as_file(resources.files("recurate") / "examples" / example.file) as path:
        source = opened(str(path))
    source.name = f"example {name}"
    return _law(_table(source, chosen), scale)


def read_rewards(
    source: str,
    columns: Columns,
    scale: float = 1.0,
    *,
    on_note: Callable[[str], None] = lambda text: None,
) -> RewardLaw:
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
        table = _table(opened(source), columns)
    except OSError as error:
        if error.filename is not None:
            raise
        # From reading, and not from opening; Parquet's library has its own words.
        raise InputError(f"{escaped(Path(source).name)} cannot be read: {error}") from error
    law = _law(table, scale)
    if table.stripped:
        found = listed(table.stripped, 3)
        on_note(f"{table.name}: blanks around group labels were taken off: {found}")
    return law


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


def _table(source: Source, columns: Columns) -> Table:
    fields = source.fields
    reward, group, weight = find_columns(fields, columns, source.name)

    def values(place: int) -> list[Any]:
        texts = [fields[place]] if place in (group, weight) else []
        return source.frame([fields[place]], texts)[fields[place]].to_list()

    names, stripped = (
        (None, ()) if group is None else labels(values(group), source.place, fields[group])
    )
    return Table(
        source.name,
        parsed(values(reward), number_of, source.place, fields[reward]),
        names,
        None if weight is None else parsed(values(weight), weight_of, source.place, fields[weight]),
        stripped,
    )
