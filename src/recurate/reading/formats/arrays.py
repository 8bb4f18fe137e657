"""Tables in NumPy's files: arrays of rewards, of records, or of prompts and their candidates."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from recurate.errors import InputError
from recurate.numerics.compression.summary_files import FIELD
from recurate.numerics.text import escaped
from recurate.reading.formats.source import Source

if TYPE_CHECKING:
    import polars as pl

Array = npt.NDArray[Any]
PROMPT = "prompt"


def is_law(data: bytes) -> bool:
    """Return whether a file is a law that `recurate summarise` wrote, by its field of that name."""
    return data.startswith(b"PK\x03\x04") and FIELD.encode() in data[:100]


class ArrayTable(Source):
    """A table in a ``.npy`` or ``.npz`` file.

    An array of one dimension is the column ``reward``, and one of records has columns of its own.
    One of two dimensions, prompts and their candidates, has two columns: ``prompt``, which counts
    from 1, and ``reward``; NaN stands there for a candidate that there is none of. Of ``.npz``,
    each array is a column.

    Parameters
    ----------
    name : str
        Of the table, for errors; escaped.
    data : bytes
        The file.

    Attributes
    ----------
    prompts : tuple of str
        Columns that are the prompt, whatever is asked for.
    absent : list of int
        Numbers of the rows, from 0, that hold no candidate.
    """

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self._candidates = 0
        self.prompts: tuple[str, ...] = ()
        self.absent: list[int] = []
        self._columns = self._columns_of(_arrays(name, data))
        self.fields = list(self._columns)

    def _columns_of(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        wide = max((array.shape for array in arrays.values()), key=len)
        if len(wide) == 2:  # those of one entry a prompt stand behind
            repeated = {
                key: np.repeat(array, wide[1]).reshape(wide)
                for key, array in arrays.items()
                if array.shape == wide[:1]
            }
            arrays = {key: a for key, a in arrays.items() if key not in repeated} | repeated
        if len({array.shape for array in arrays.values()}) > 1:
            shapes = ", ".join(f"{key}: {array.shape}" for key, array in arrays.items())
            raise InputError(f"{self.name} must hold arrays of one shape; got {escaped(shapes)}")
        shape = next(iter(arrays.values())).shape
        if len(shape) == 1:
            first = next(iter(arrays.values()))
            if len(arrays) == 1 and first.dtype.names is not None:
                return {name: first[name] for name in first.dtype.names}
            return dict(arrays)
        is_of_records = any(array.dtype.names for array in arrays.values())
        if len(shape) != 2 or 0 in shape or is_of_records:
            raise InputError(
                f"{self.name} must hold arrays of one dimension, or two, prompts x candidates; "
                f"got {shape}"
            )
        self._candidates, self.prompts = shape[1], (PROMPT,)
        columns = {key: array.reshape(-1) for key, array in arrays.items()}
        rewards = columns.get("reward", next(iter(columns.values())))
        if rewards.dtype.kind == "f":
            self.absent = np.flatnonzero(np.isnan(rewards)).tolist()
        return {PROMPT: np.repeat(np.arange(1, shape[0] + 1), shape[1]), **columns}

    def frame(self, columns: Sequence[str], texts: Collection[str] = ()) -> pl.DataFrame:
        """Return columns of all rows, with types as near to those of the file as there are."""
        import polars as pl

        rows = next(iter(self._columns.values())).size
        return pl.DataFrame(
            [_series(self._columns[column], column, self.name) for column in columns], height=rows
        )

    def place(self, row: int) -> str:
        """Return where a row is, counted from 1; of two dimensions also its candidate."""
        if self._candidates:
            row, candidate = divmod(row - 1, self._candidates)
            return f"{self.name}, row {row + 1}, candidate {candidate + 1}"
        return f"{self.name}, row {row}"


def _arrays(name: str, data: bytes) -> dict[str, Array]:
    """Return the arrays of a file by their names; a single one without a name is of rewards."""
    if not data.startswith(b"PK"):
        return {"reward": _array(name, data)}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            contents = {
                one.removesuffix(".npy"): archive.read(one)
                for one in archive.namelist()
                if one.endswith(".npy")
            }
    except Exception as error:  # of a damaged archive: in any way
        raise InputError(
            f"{name} must be an archive of NumPy arrays; got {escaped(str(error))}"
        ) from error
    arrays = {key: _array(name, content) for key, content in contents.items()}
    if not arrays:
        raise InputError(f"{name} must be an archive of NumPy arrays; got none in it")
    return {"reward": arrays["arr_0"]} if list(arrays) == ["arr_0"] else arrays


def _array(name: str, data: bytes) -> Array:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers that Python 2 wrote
            array: Array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    # A header is Python, and says how much is read: what is none fails in any way.
    except Exception as error:
        said = escaped(str(error)) or type(error).__name__
        raise InputError(f"{name} must be a NumPy array of numbers; got {said}") from error
    if array.size > len(data):  # of entries without bytes
        raise InputError(
            f"{name} must be a NumPy array of numbers; got {array.size} entries of type "
            f"{array.dtype} in {len(data)} bytes"
        )
    return array


def _series(column: Array, field: str, name: str) -> pl.Series:
    """Return a column: numbers, truth values, text and bytes as they are; all else as text."""
    import polars as pl

    try:
        if column.dtype.kind in "biu" or column.dtype.char in "efd":
            native = np.ascontiguousarray(column, column.dtype.newbyteorder("="))
            return pl.Series(
                field, native.astype(np.float32) if native.dtype.char == "e" else native
            )
        if column.dtype.kind == "f":
            return pl.Series(field, column.astype(np.float64))
        kind = {"S": pl.Binary, "V": pl.Binary, "U": pl.String}.get(column.dtype.kind)
        if kind is not None and column.ndim == 1:
            return pl.Series(field, column.tolist(), dtype=kind)
        return pl.Series(
            field, [str(entry) for entry in column.astype(str).tolist()], dtype=pl.String
        )
    except (SystemError, ValueError, TypeError, UnicodeError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"{name} must be a NumPy array of numbers; got one of type {column.dtype} that cannot "
            f"be read ({escaped(str(error))})"
        ) from error
