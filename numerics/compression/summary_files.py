"""Files of summaries: NumPy's ``.npz``, with a field of its own that says what the others are."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import zipfile
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, BinaryIO

import msgspec
import numpy as np

from recurate.numerics.compression.content import Content, Names
from recurate.numerics.compression.lattice import COARSEST, FINEST, LEAST_BITS, MOST_BITS, Frame
from recurate.numerics.compression.tables import COUNT, MASS, POWERS, Table, number_of_sums, scaled
from recurate.numerics.files import PathLike, written
from recurate.numerics.laws.groups import label_of
from recurate.numerics.own_files import DamagedError
from recurate.numerics.text import shown

FIELD = "recurate_summary"
"""Name of the field by which a file is known to hold a summary."""

VERSION = 1

_DAMAGES = (ValueError, KeyError, EOFError, OverflowError, RecursionError, zipfile.BadZipFile)

_TABLES = ("kept", "binned")
_ENDS = ("upper", "lower", "score_ends")


class _Described(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the arrays of the file are."""

    version: int
    rows: int
    bins: int
    groups: list[Any] | None
    prompts: list[Any] | None
    scores: list[str]
    coarsest: int
    finest: int
    bits: int
    checksum: str


def write_npz(summary: Content, file: PathLike | BinaryIO) -> None:
    """Write a summary, as `Summary.to_npz`."""
    names, frame = summary.names, summary.frame
    arrays: dict[str, np.ndarray] = {
        f"{name}_{column}": getattr(table, column)
        for name, table in zip(_TABLES, (summary.kept, summary.binned), strict=True)
        for column in Table._fields
    }
    ends = (frame.upper, frame.lower, summary.score_ends)
    arrays.update(zip(_ENDS, ends, strict=True))
    about = _Described(
        version=VERSION,
        rows=summary.rows,
        bins=summary.bins,
        groups=_written_labels(names.groups),
        prompts=_written_labels(names.prompts),
        scores=list(names.scores),
        coarsest=frame.coarsest,
        finest=frame.finest,
        bits=frame.bits,
        checksum=_digest(arrays),
    )
    text = json.dumps(msgspec.to_builtins(about)).encode()
    with written(file) as output:
        fields: dict[str, Any] = {FIELD: np.frombuffer(text, np.uint8), **arrays}
        np.savez(output, **fields)


def read_npz(file: PathLike | BinaryIO) -> Content:
    """Return the summary in a file, as `Summary.from_npz`."""
    if isinstance(file, str | os.PathLike):
        with open(file, "rb") as opened:
            return read_npz(opened)
    if not hasattr(file, "seek"):
        file = io.BytesIO(file.read())
    try:
        with zipfile.ZipFile(file) as archive:
            # What is not compressed takes no more memory than the file has bytes.
            is_plain = all(m.compress_type == zipfile.ZIP_STORED for m in archive.infolist())
            members = archive.namelist()
        if f"{FIELD}.npy" not in members:
            raise DamagedError(
                f"must hold a summary, which has a field {FIELD!r}; it has none: `recurate "
                "summarise` and Summary.to_npz make such files"
            )
        if not is_plain:
            raise DamagedError("must hold a summary as it was written; it is compressed")
        file.seek(0)
        # What is no array, as what `recurate summarise` says of its parts, is not looked at.
        names = [name for name in members if name.endswith(".npy")]
        with np.load(file, allow_pickle=False) as archive:
            return _checked({name[:-4]: archive[name] for name in names})
    except DamagedError:
        raise
    except _DAMAGES as error:
        raise DamagedError(f"must hold a summary; it is damaged ({shown(str(error))})") from error


def _checked(arrays: dict[str, np.ndarray]) -> Content:
    """Return the summary of a file's arrays, every one of which is looked at."""
    text = arrays.pop(FIELD)
    document = json.loads(text.tobytes())
    version = document.get("version") if isinstance(document, Mapping) else None
    if version != VERSION:
        raise DamagedError(
            f"must hold a summary of version {VERSION}; got version {shown(version)}: summarise "
            "the rewards anew"
        )
    about = msgspec.convert(document, _Described)
    names = Names(_read_labels(about.groups), _read_labels(about.prompts), tuple(about.scores))
    expected = [*(f"{name}_{column}" for name in _TABLES for column in Table._fields), *_ENDS]
    if sorted(arrays) != sorted(expected):
        raise DamagedError("must hold a summary; it has other fields than a summary has")
    arrays = {name: arrays[name] for name in expected}
    _require(about.checksum == _digest(arrays), "its numbers differ from their checksum")
    kept, binned = (
        Table(*(arrays[f"{name}_{column}"] for column in Table._fields)) for name in _TABLES
    )
    prompts = 1 if names.prompts is None else max(1, len(names.prompts))
    upper, lower, score_ends = (arrays[name] for name in _ENDS)
    for ends, shape in (
        (upper, (prompts,)),
        (lower, (prompts,)),
        (score_ends, (2, len(names.scores))),
    ):
        _require(ends.dtype == np.float64 and ends.shape == shape, "an array has another shape")
        _require(not np.isnan(ends).any(), "a number is NaN")
    _require(
        COARSEST <= about.coarsest <= about.finest <= FINEST
        and LEAST_BITS <= about.bits <= MOST_BITS
        and about.bins > 0,
        "its bins are impossible",
    )
    frame = Frame(upper, lower, about.coarsest, about.finest, about.bits)
    for table, powers in ((kept, 1), (binned, POWERS)):
        _require_table(table, powers, names)
    _require(not kept.levels.any(), "its rewards are impossible")
    widths_fit = (frame.coarsest <= binned.levels) & (binned.levels <= frame.finest)
    _require(bool(widths_fit.all()), "its bins are impossible")
    cells = scaled(binned.places, binned.levels)
    _require(bool((cells == np.floor(cells)).all()), "its bins are impossible")
    leaves = frame.leaves(binned.places, binned.prompts) if binned.size else binned.levels
    _require(np.array_equal(leaves, binned.levels), "its bins are impossible")
    counted = float(kept.sums[COUNT].sum() + binned.sums[COUNT].sum())
    _require(counted <= about.rows < 2**53, "it has other numbers of rows than it says")
    return Content(about.rows, about.bins, names, kept, binned, frame, score_ends)


def _require_table(table: Table, powers: int, names: Names) -> None:
    size = table.places.size
    for column, labels in ((table.prompts, names.prompts), (table.groups, names.groups)):
        most = 1 if labels is None else len(labels)
        fits = column.dtype == np.intp and column.shape == (size,)
        _require(fits and bool(((column >= 0) & (column < most)).all()), "a label is unknown")
    _require(table.levels.dtype == np.intp and table.levels.shape == (size,), "a shape is another")
    _require(table.places.dtype == np.float64 and table.places.ndim == 1, "a shape is another")
    shape = (number_of_sums(len(names.scores), powers), size)
    _require(table.sums.dtype == np.float64 and table.sums.shape == shape, "a shape is another")
    is_finite = bool(np.isfinite(table.places).all() and np.isfinite(table.sums).all())
    _require(is_finite, "a number is not finite")
    _require(bool((table.sums[: MASS + 1] > 0).all()), "a sum of weights is not positive")
    columns: tuple[np.ndarray, ...] = (table.prompts, table.places, table.groups)
    ordered = np.zeros(max(0, size - 1), dtype=bool)
    for of in reversed(columns):
        ordered = (of[1:] > of[:-1]) | ((of[1:] == of[:-1]) & ordered)
    _require(bool(ordered.all()), "its entries are not in order")


def _require(is_good: bool, why: str) -> None:
    if not is_good:
        raise DamagedError(f"must hold a summary; it is damaged: {why}")


def _digest(arrays: Mapping[str, np.ndarray]) -> str:
    made = hashlib.sha256()
    for name, array in arrays.items():
        made.update(f"{name} {array.dtype.str} {array.shape}".encode())
        made.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return made.hexdigest()


def _written_labels(names: Sequence[Hashable] | None) -> list[Any] | None:
    """Return labels as JSON has them: tuples as lists."""
    return None if names is None else [_written_label(name) for name in names]


def _written_label(name: Hashable) -> Any:
    if isinstance(name, tuple):
        return [_written_label(part) for part in name]
    if isinstance(name, str) or (isinstance(name, int | float) and math.isfinite(name)):
        return name
    raise TypeError(
        f"labels to be written must be texts or numbers, or tuples of these; got {shown(name)}: "
        "give its text"
    )


def _read_labels(names: list[Any] | None) -> tuple[Hashable, ...] | None:
    if names is None:
        return None
    labels = tuple(_read_label(name) for name in names)
    _require(len(set(labels)) == len(labels), "a label is there twice")
    return labels


def _read_label(name: Any) -> Hashable:
    if isinstance(name, list):
        return tuple(_read_label(part) for part in name)
    _require(isinstance(name, str | bool | int | float), "a label is no text or number")
    return label_of(name)
