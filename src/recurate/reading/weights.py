"""Weights of rows, over their sum."""

from __future__ import annotations

import math

import numpy as np

from recurate.errors import InputError
from recurate.numerics.validation import FloatArray
from recurate.reading.columns import Place

LARGEST_FACTOR = 1e300
"""How far apart two weights may lie: the smaller one, over the sum, is then still a double."""


def shares(weights: FloatArray, name: str, place: Place) -> FloatArray:
    """Return weights over their sum, shape (n,); `name` is the table's, `place` that of each.

    Raises
    ------
    InputError
        If the sum is not positive and finite, or two weights lie so far apart that the smaller one
        would be lost.
    """
    total = finite_sum(weights, place)
    if total == 0:
        raise InputError(f"{name}: weights must have a positive finite sum; got 0.0")
    largest, least = int(np.argmax(weights)), int(np.argmin(np.where(weights > 0, weights, np.inf)))
    if weights[least] < weights[largest] / LARGEST_FACTOR:
        raise InputError(
            f"{place(least)}: weights must be 0 or lie at most a factor of "
            f"{LARGEST_FACTOR:g} apart; got {weights[least]:g}, and {weights[largest]:g} in "
            f"{place(largest).removeprefix(f'{name}, ')}"
        )
    probs: FloatArray = weights / total
    return probs


def finite_sum(weights: FloatArray, place: Place) -> float:
    """Return the sum of weights; InputError, with the row, if it is no finite number."""
    with np.errstate(over="ignore"):
        total = float(weights.sum())
        if total == math.inf:
            row = int(np.argmax(np.cumsum(weights)))
            raise InputError(
                f"{place(row)}: weights must have a positive finite sum; got inf so far"
            )
    return total
