"""Documents as JSON, which has neither infinities nor NaN."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_HALVES = re.compile("[\ud800-\udfff]")


def as_json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return a document as JSON; infinities are the string "inf", NaN is null.

    Text is as it was: what cannot be written, half characters of a file's name say, is escaped.
    """
    text = json.dumps(_json_ready(document), indent=2, allow_nan=False, ensure_ascii=False)
    return _HALVES.sub(lambda half: json.dumps(half[0])[1:-1], text)


def finite_or_none(value: Any) -> float | None:
    """Return a number as a float; None if it is not finite, or there is none."""
    return None if value is None or not math.isfinite(value) else float(value)


def _json_ready(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _json_ready(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
