"""Labels of groups, numbered by first appearance."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Set
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.validation import require_length, shown

_TABLE = 2**16
_PIECE = 2**15


def numbered(
    groups: Iterable[Hashable], size: int
) -> tuple[tuple[Hashable, ...], npt.NDArray[np.intp]]:
    """Number the labels by first appearance; return the labels and each atom's number."""
    if isinstance(groups, Mapping | Set) or not isinstance(groups, Iterable):
        raise TypeError(
            f"groups must be hashable labels in the order of the rewards; got {shown(groups)}"
        )
    array = getattr(groups, "__array__", lambda: None)()
    if isinstance(array, np.ndarray) and array.ndim == 1 and array.dtype.kind in "biuSU":
        require_length(array.size, "groups", size)
        if array.dtype.kind in "biu" and int(array.max()) - (low := int(array.min())) < _TABLE:
            return _numbered_by_table(array, low)
        names, first, index = np.unique(array, return_index=True, return_inverse=True)
        order = np.argsort(first)
        rank = np.empty_like(order)
        rank[order] = np.arange(order.size)
        return tuple(names[order].tolist()), rank[index]
    labels = list(groups)
    numbers = _numbers(labels)
    require_length(len(labels), "groups", size)
    index = np.fromiter(map(numbers.__getitem__, labels), dtype=np.intp, count=size)
    # NumPy's scalars as Python's, which JSON and print know.
    return tuple(n.item() if isinstance(n, np.generic) else n for n in numbers), index


def _numbered_by_table(
    array: npt.NDArray[Any], low: int
) -> tuple[tuple[Hashable, ...], npt.NDArray[np.intp]]:
    """Number integers in a small range from `low`, by a table instead of a sort."""
    numbers = np.full(_TABLE, -1, dtype=np.intp)
    labels: list[Hashable] = []
    index = np.empty(array.size, dtype=np.intp)
    # In pieces that stay in a cache. Labels that overflow intp wrap around, as the least one does.
    least = np.array(low, dtype=array.dtype).astype(np.intp)
    for start in range(0, array.size, _PIECE):
        places = array[start : start + _PIECE].astype(np.intp)
        places -= least
        found = index[start : start + _PIECE]
        np.take(numbers, places, out=found, mode="clip")  # the quickest mode; none is outside
        if found.min() < 0:
            new, first = np.unique(places[found < 0], return_index=True)
            for place in new[np.argsort(first)].tolist():
                numbers[place] = len(labels)
                labels.append(bool(place + low) if array.dtype.kind == "b" else place + low)
            np.take(numbers, places, out=found, mode="clip")
    return tuple(labels), index


def _numbers(labels: list[Hashable]) -> dict[Hashable, int]:
    """Number labels by first appearance, and check that each is a valid label."""
    with suppress(TypeError):  # from a label that cannot be hashed: the loop below finds it
        numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
        if all(bool(label == label) for label in numbers):
            return numbers
    for position, label in enumerate(labels):
        try:
            hash(label)
            is_itself = bool(label == label)
        except TypeError:
            raise TypeError(
                f"groups must be hashable labels; got {type(label).__name__} at position {position}"
            ) from None
        if not is_itself:
            raise ValueError(
                f"groups must be labels that equal themselves; got {label!r} at position {position}"
            )
    raise ValueError("groups must be labels whose equality does not change")
