"""Tables of pandas, polars and pyarrow, as the arguments of a law of rewards."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from recurate.numerics.laws.groups import Labels, crossed, numbered
from recurate.numerics.laws.units import UNITS, Unit, first_without, in_log_odds
from recurate.numerics.text import listed, shown
from recurate.numerics.validation import FloatArray, finite_number


def law_arguments(
    table: Any,
    reward: str,
    reward_is: Unit,
    scale: float,
    group: str | None,
    weight: str | None,
    prompt: str | Sequence[str] | None,
    scores: Iterable[str],
) -> dict[str, Any]:
    """Return what `RewardLaw` takes, from the columns of a table; see `RewardLaw.from_table`."""
    frame = _frame(table)
    if isinstance(scores, str):
        scores = [scores]
    if prompt is None or isinstance(prompt, str) or not isinstance(prompt, Iterable):
        prompt = [] if prompt is None else [prompt]  # a column's name may be a number, in pandas
    labels = [_labels(frame, name, "prompt") for name in prompt]
    return {
        "rewards": _rewards(_numbers(frame, reward, "reward"), reward_is, scale, reward),
        "probs": None if weight is None else _shares(frame, weight),
        "groups": None if group is None else _labels(frame, group, "group"),
        "prompts": crossed(labels) if labels else None,
        "scores": {name: _numbers(frame, name, "scores", may_miss=True) for name in scores} or None,
    }


def _frame(table: Any) -> Any:
    import narwhals as nw

    try:
        frame = nw.from_native(table, eager_only=True)
    except (TypeError, nw.exceptions.NarwhalsError) as error:
        raise TypeError(
            f"table must be one of pandas, polars or pyarrow, in memory and with one column of a "
            f"name; got {type(table).__name__} ({shown(str(error))})"
        ) from error
    if not len(frame):
        raise ValueError("table must have at least one row; got none")
    return frame


def _column(frame: Any, name: Any, what: str) -> Any:
    if name not in frame.columns:
        raise ValueError(f"{what} must name a column ({listed(frame.columns)}); got {shown(name)}")
    return frame.get_column(name)


def _numbers(frame: Any, name: str, what: str, *, may_miss: bool = False) -> FloatArray:
    """Return a column's numbers, NaN where one is missing; true and false are 1 and 0."""
    import narwhals as nw

    series = _column(frame, name, what)
    kind = series.dtype
    if kind.is_numeric() or kind == nw.Boolean:
        values = np.array(series.cast(nw.Float64).to_numpy(), dtype=np.float64)
    else:  # of values of several kinds, as None and True are for pandas
        values = np.full(len(series), math.nan)
        is_there = (~series.is_null()).to_numpy()
        for row, value in enumerate(series.to_list()):
            if is_there[row] and not isinstance(value, Real | Decimal):
                raise TypeError(
                    f"column {shown(name)}, position {row}: must be a number; got {shown(value)}"
                )
            if is_there[row]:
                values[row] = _as_float(value)
    is_good = ~np.isinf(values) if may_miss else np.isfinite(values)
    if not is_good.all():
        row = int(np.argmin(is_good))
        found = series[row] if np.isnan(values[row]) else values[row]
        raise ValueError(
            f"column {shown(name)}, position {row}: must be a finite number; got {shown(found)}"
        )
    return values


def _rewards(values: FloatArray, reward_is: Unit, scale: float, column: str) -> FloatArray:
    """Return values of a unit in log-odds, times the scale."""
    if reward_is not in UNITS:
        raise ValueError(f"reward_is must be one of {', '.join(UNITS)}; got {shown(reward_is)}")
    factor = finite_number(scale, "scale")
    if found := first_without(values, reward_is):
        row, error = found
        raise ValueError(f"column {shown(column)}, position {row}: {error}")
    rewards: FloatArray = in_log_odds(values, reward_is) * factor
    return rewards


def _shares(frame: Any, name: str) -> FloatArray:
    weights = _numbers(frame, name, "weight")
    if weights.min() < 0:
        row = int(np.argmax(weights < 0))
        raise ValueError(
            f"column {shown(name)}, position {row}: must be a weight of at least 0; "
            f"got {weights[row]:g}"
        )
    with np.errstate(over="ignore"):
        total = weights.sum()
    if not 0 < total < math.inf:
        raise ValueError(f"column {shown(name)} must have a positive finite sum; got {total:g}")
    shares: FloatArray = weights / total
    return shares


def _labels(frame: Any, name: str, what: str) -> Labels:
    import narwhals as nw

    series = _column(frame, name, what)
    is_missing = series.is_null()
    if is_missing.any():
        row = is_missing.to_list().index(True)
        raise ValueError(
            f"column {shown(name)}, position {row}: must be a label; got {shown(series[row])}, "
            "which is missing"
        )
    # NumPy has no integers of 128 bits.
    plain = series.dtype.is_integer() and series.dtype not in (nw.Int128, nw.UInt128)
    labels: Iterable[Hashable] = series.to_numpy() if plain else series.to_list()
    return numbered(labels, len(series), f"column {shown(name)}")


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # of an integer or a fraction
        return math.inf if value > 0 else -math.inf
