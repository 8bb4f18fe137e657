"""Reading a pickle of plain values and arrays of bytes, and nothing else.

To read a pickle is to run it, and somebody else's file of images may contain anything. Here a
pickle can only build numbers, strings, lists and dictionaries, which need no imports, and arrays of
bytes, through the few names that NumPy uses to write an array. These names lead to the stand-ins of
this module, so that the file's content never reaches NumPy's own reconstruction.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

import numpy as np
import numpy.typing as npt

ByteArray = npt.NDArray[np.uint8]


class RefusedError(ValueError):
    """A pickle asks for something that a file of images does not need."""


def loads(content: bytes) -> Any:
    """Return the value of a pickle; strings of Python 2 come as bytes.

    Parameters
    ----------
    content : bytes
        A whole pickle, of a protocol that writes arrays with NumPy's ``_reconstruct`` (0 to 4).

    Returns
    -------
    object
        Numbers, strings, bytes, None, lists, tuples, sets and dictionaries of them, and `Array`s.

    Raises
    ------
    RefusedError
        If it asks for any other name, or for an array of anything but bytes.
    ValueError
        If it is cut off, or not a pickle.
    """
    try:
        return _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except RefusedError:
        raise
    # Bytes that are not a pickle make the reader fail in any of these ways.
    except (
        pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError,
        KeyError, OverflowError, MemoryError,
    ) as error:  # fmt: skip
        said = str(error) or type(error).__name__
        raise ValueError(f"must be a whole pickle; got one that cannot be read ({said})") from error


class Array:
    """An array of bytes in a pickle: `values`, which is None until its content was read."""

    def __init__(self) -> None:
        self.values: ByteArray | None = None

    @classmethod
    def empty(cls, kind: Any, shape: Any, code: Any) -> Array:
        """Stand in for ``_reconstruct``, which makes an array that `__setstate__` fills."""
        if kind is not Array:
            raise RefusedError("may have arrays of NumPy only; got another kind of array")
        return cls()

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, is_fortran, raw = state
        if not isinstance(kind, ByteType) or not isinstance(raw, bytes):
            raise RefusedError("may have arrays of bytes (uint8) only; got another type")
        sizes = [int(size) for size in shape]
        if min(sizes, default=0) < 0 or math.prod(sizes) != len(raw):
            raise ValueError(f"an array of shape {tuple(sizes)} has {len(raw)} bytes")
        self.values = np.frombuffer(raw, np.uint8).reshape(sizes, order="F" if is_fortran else "C")


class ByteType:
    """NumPy's type uint8."""

    def __init__(self, code: Any, *options: Any) -> None:
        if code not in ("u1", b"u1", "uint8", b"uint8"):
            raise RefusedError(f"may have arrays of bytes (uint8) only; got type {code!r}")

    def __setstate__(self, state: Any) -> None:
        """Do nothing: the state is the order of bytes, which a single byte does not have."""


class _Text:
    """Bytes as Python 3 writes them for Python 2: as text with a letter for each byte."""

    @classmethod
    def encoded(cls, text: Any, encoding: Any) -> bytes:
        if encoding not in ("latin1", b"latin1") or not isinstance(text, str):
            raise RefusedError("may have bytes as latin1 text only; got another encoding")
        return text.encode("latin1")


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        for allowed, stand_in in _NAMES.items():
            if (module, name) == allowed:
                return stand_in
        raise RefusedError(
            f"may name nothing but arrays of NumPy; got {module}.{name}, which is not run"
        )


# Bound methods, and classes with __setstate__ of their own: a pickle cannot set anything on them.
_NAMES: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): Array.empty,
    ("numpy._core.multiarray", "_reconstruct"): Array.empty,
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): ByteType,
    ("_codecs", "encode"): _Text.encoded,
}
