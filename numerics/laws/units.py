"""Units of rewards: what turns them into log-odds, as the Bradley–Terry choice reads them."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np

from recurate.numerics.validation import FloatArray

Unit = Literal["log-odds", "probability", "percent", "elo", "ratio"]
UNITS: tuple[Unit, ...] = get_args(Unit)

_ELO = math.log(10) / 400


def in_log_odds(values: FloatArray, unit: Unit) -> FloatArray:
    """Return values of a unit in log-odds; not finite where a value has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if unit in ("probability", "percent"):
            p = values if unit == "probability" else values / 100
            logits: FloatArray = np.log(p) - np.log1p(-p)
            return logits
        if unit == "elo":
            return values * _ELO
        return np.log(values) if unit == "ratio" else values
