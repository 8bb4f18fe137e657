"""Labels of groups and prompts, numbered by first appearance."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.text import printable, shown
from recurate.numerics.validation import FloatArray, on_cpu, require_length

_TABLE = 2**16
_PIECE = 2**15


class Labels(NamedTuple):
    """A label for each atom, as a number: what a table's reader hands over, and a law keeps.

    Attributes
    ----------
    names : tuple of hashable
        The labels, each once and checked (`label_of`), by first appearance.
    numbers : ndarray of int, shape (n,)
        Each atom's number among them; every label occurs.
    """

    names: tuple[Hashable, ...]
    numbers: npt.NDArray[np.intp]


def numbered(groups: Iterable[Hashable] | Labels, size: int, what: str = "groups") -> Labels:
    """Number the labels by first appearance; `what` names the argument in errors."""
    if isinstance(groups, Labels):
        require_length(groups.numbers.size, what, size)
        return groups
    if isinstance(groups, Mapping | Set) or not isinstance(groups, Iterable):
        raise TypeError(
            f"{what} must be hashable labels in the order of the rewards; got {shown(groups)}"
        )
    groups = on_cpu(groups)
    array = getattr(groups, "__array__", lambda: None)()
    if isinstance(array, np.ndarray) and array.ndim == 1 and array.dtype.kind in "biuSU":
        require_length(array.size, what, size)
        if array.dtype.kind in "biu" and int(array.max()) - (low := int(array.min())) < _TABLE:
            return _numbered_by_table(array, low)
        names, index = by_first_appearance(array)
        return _checked(names.tolist(), index, what)
    labels = list(groups)
    numbers = _numbers(labels, what)
    require_length(len(labels), what, size)
    index = np.fromiter(map(numbers.__getitem__, labels), dtype=np.intp, count=size)
    # NumPy's scalars as Python's, which JSON and print know.
    found = [n.item() if isinstance(n, np.generic) else n for n in numbers]
    return _checked(found, index, what)


def label_of(value: Any) -> Hashable:
    """Return a label, as text if it is bytes.

    Raises
    ------
    ValueError
        If it is missing, which None, NaN and texts of nothing but blanks are, or bytes that are not
        text in UTF-8.
    """
    label: Hashable = value
    if isinstance(value, bytes):
        try:
            label = value.decode()
        except UnicodeDecodeError:
            raise ValueError(
                f"must be a label; got {shown(value)}, bytes that are not text in UTF-8"
            ) from None
    is_blank = isinstance(label, str) and not label.strip()
    if label is None or is_blank or bool(label != label):
        raise ValueError(f"must be a label; got {shown(value)}, which is missing")
    return label


def crossed(columns: Sequence[Labels]) -> Labels:
    """Return the labels of several columns as one, the tuples of them; of one, those alone."""
    if len(columns) == 1:
        return columns[0]
    index = np.zeros(columns[0].numbers.size, np.intp)
    for column in columns:
        # Numbered anew each time, so that the product of many columns does not overflow.
        _, index = by_first_appearance(index * len(column.names) + column.numbers)
    _, first = np.unique(index, return_index=True)
    parts = ([c.names[number] for number in c.numbers[first].tolist()] for c in columns)
    return Labels(tuple(zip(*parts, strict=True)), index)


def sorted_within(
    numbers: npt.NDArray[np.intp], values: FloatArray
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the order of atoms by number and then by value, and how many each number has."""
    counts = np.bincount(numbers)
    order = np.arange(numbers.size)
    if (numbers[1:] < numbers[:-1]).any():
        order = np.argsort(numbers, kind="stable")
    begins = np.cumsum(counts) - counts
    # Numbers with equally many atoms are the rows of an array: much quicker than `lexsort`.
    for count in np.unique(counts):
        rows = begins[counts == count, None] + np.arange(count)
        atoms = order[rows]
        within = np.argsort(values[atoms], axis=1)
        order[rows] = np.take_along_axis(atoms, within, axis=1)
    return order, counts


def column_labels(names: Sequence[Hashable], what: str = "proportion") -> list[str]:
    """Return the names of columns for groups or scores, none twice and with nothing unprintable.

    They are in Python's notation, with their number, if two groups would read the same.
    """
    texts = [printable(str(name)) for name in names]
    if len(set(texts)) < len(texts):
        texts = [f"{number}: {name!r}" for number, name in enumerate(names)]
    return [f"{what}[{text}]" for text in texts]


def _checked(names: list[Hashable], index: npt.NDArray[np.intp], what: str) -> Labels:
    """Return what `numbered` does, with each label checked, and bytes as the text that they are."""
    checked: dict[Hashable, int] = {}
    places = []
    for number, name in enumerate(names):
        try:
            label = label_of(name)
        except ValueError as error:
            first = int(np.argmax(index == number))
            raise ValueError(f"{what}, position {first}: {error}") from None
        places.append(checked.setdefault(label, len(checked)))
    if len(checked) < len(names):  # of bytes, and the same as text
        index = np.array(places, dtype=np.intp)[index]
    return Labels(tuple(checked), index)


def by_first_appearance(
    array: npt.NDArray[Any],
) -> tuple[npt.NDArray[Any], npt.NDArray[np.intp]]:
    """Return the distinct entries by first appearance, and each entry's number among them."""
    names, first, index = np.unique(array, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return names[order], rank[index]


def _numbered_by_table(array: npt.NDArray[Any], low: int) -> Labels:
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
    return Labels(tuple(labels), index)


def _numbers(labels: list[Hashable], what: str) -> dict[Hashable, int]:
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
                f"{what} must be hashable labels; got {type(label).__name__} at position {position}"
            ) from None
        if not is_itself:
            raise ValueError(
                f"{what} must be labels that equal themselves; got {shown(label)} at position "
                f"{position}"
            )
    raise ValueError(f"{what} must be labels whose equality does not change")
