"""Units of rewards: what turns them into log-odds, as the Bradley–Terry choice reads them."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np

from recurate.numerics.text import shown
from recurate.numerics.validation import FloatArray

Unit = Literal["log-odds", "probability", "percent", "elo", "ratio"]
UNITS: tuple[Unit, ...] = get_args(Unit)

RATES: dict[Unit, float] = {"probability": 1.0, "percent": 100.0}
"""Units of rates, and what a rate of one is in them."""

_ELO = math.log(10) / 400
_WORDS = {"probability": "a probability", "percent": "a percentage", "ratio": "a ratio"}


def in_log_odds(values: FloatArray, unit: Unit, trials: FloatArray | None = None) -> FloatArray:
    """Return values of a unit in log-odds, shape (n,); not finite where a value has none.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Numbers as they are given.
    unit : {"log-odds", "probability", "percent", "elo", "ratio"}
        Log-odds stay; of a probability, or a hundredth of a percentage, it is the logit; of Elo
        ratings 400 are odds of 10 to 1; of a ratio it is the logarithm.
    trials : ndarray, shape (n,) or (1,), optional
        Numbers n >= 1 of trials that rates p are of. The logit is then that of (n p + ½)/(n + 1),
        the mean of p under Jeffreys' prior, which is finite for rates of 0 and 1 as well.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if unit in RATES:
            top = RATES[unit]
            if trials is not None:
                share = values / top
                logits: FloatArray = np.log(trials * share + 0.5)
                return logits - np.log(trials * ((top - values) / top) + 0.5)
            return np.log(values) - np.log(top - values)
        if unit == "elo":
            return values * _ELO
        return np.log(values) if unit == "ratio" else values


def first_without(
    values: FloatArray, unit: Unit, *, with_ends: bool = False
) -> tuple[int, str] | None:
    """Return the position of the first value that has no log-odds, and what it must be; or None.

    The ends of a unit's range, such as 0 and 1, have none, unless they are allowed (`with_ends`).
    """
    if unit not in _WORDS:
        return None
    top = RATES.get(unit, math.inf)
    wrong, allowed = (values <= 0) | (values >= top), f"above 0 and below {top:g}"
    if with_ends:
        wrong, allowed = (values < 0) | (values > top), f"from 0 to {top:g}"
    if unit == "ratio":
        allowed = "at least 0" if with_ends else "above 0"
    if not wrong.any():
        return None
    at = int(np.argmax(wrong))
    return at, f"must be {_WORDS[unit]} {allowed}; got {shown(float(values[at]))}"
