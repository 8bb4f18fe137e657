"""Documents as JSON, which has neither infinities nor NaN."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any


def as_json(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return a document as JSON; infinities are the string "inf", NaN is null.

    Text is read back as it was. What may act on a terminal (see `printable`), or cannot be written,
    as half characters of a file's name, is escaped as JSON does it.
    """
    text = json.dumps(_json_ready(document), indent=2, allow_nan=False, ensure_ascii=False)
    return "\n".join(
        line if line.isprintable() else "".join(map(_printable, line)) for line in text.split("\n")
    )


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]


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
