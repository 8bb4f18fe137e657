"""The arrays that an object holds and hands out cannot be written to.

Some are kept for the next call, or shared with the loop's states: a change would spoil later
results. A caller who wants to change one takes a copy.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar, cast

import numpy as np

Value = TypeVar("Value")


def read_only(value: Value) -> Value:
    """Return an array as one that cannot be written to, without a copy.

    Parameters
    ----------
    value : ndarray, tuple or dict
        Of tuples (named ones too) and dictionaries the entries are taken; anything else is returned
        as it is.

    Returns
    -------
    ndarray, tuple or dict
        Views of the arrays: whoever made one may still write to it.
    """
    found: Any = value
    if isinstance(found, np.ndarray) and found.flags.writeable:
        found = found.view()
        found.flags.writeable = False
    elif isinstance(found, tuple):
        entries = map(read_only, found)
        found = type(found)(*entries) if hasattr(found, "_fields") else tuple(entries)
    elif type(found) is dict:
        found = {name: read_only(entry) for name, entry in found.items()}
    return cast(Value, found)


class ReadOnlyArrays:
    """Base of a frozen dataclass whose arrays are read-only."""

    def __post_init__(self) -> None:
        for field in fields(cast(Any, self)):
            object.__setattr__(self, field.name, read_only(getattr(self, field.name)))
