"""Columns that are followed along a loop, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recurate.numerics.read_only import read_only
from recurate.numerics.validation import (
    FloatArray,
    float_vector,
    require_at_each,
    require_length,
    shown,
)


def checked_scores(scores: Any, probs: FloatArray) -> dict[str, FloatArray]:
    """Return a law's scores by name, or raise TypeError or ValueError, as `RewardLaw` says."""
    if not isinstance(scores, Mapping):
        raise TypeError(f"scores must be a mapping from names to columns; got {shown(scores)}")
    checked = {}
    for name, values in scores.items():
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"scores must have names; got {shown(name)}")
        what = f"scores[{shown(name)}]"
        column = float_vector(values, what)
        require_length(column.size, what, probs.size)
        require_at_each(~np.isinf(column), column, f"{what} must be finite, or NaN if missing")
        if not (~np.isnan(column) & (probs > 0)).any():
            raise ValueError(f"{what} must have at least one value with mass; got none")
        checked[name] = read_only(column)
    return checked
