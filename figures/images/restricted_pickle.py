"""Reading a pickle of plain values and arrays of bytes, and nothing else.

To read a pickle is to run it, and somebody else's file of images may contain anything. Here a
pickle can only build numbers, strings, lists and dictionaries, which need no imports, and arrays of
bytes, through the few names that NumPy uses to write an array. These names lead to the stand-ins of
this module, so that the file's content never reaches NumPy's own reconstruction.

A small pickle can also ask for much: a memo of a billion places, values nested in themselves whose
hash takes for ever, copies of copies. So the instructions are counted, those that no image needs
are not known, and keys are plain. Python's own reader does this, whose instructions are methods;
the one in C cannot be held to it.
"""

from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.text import escaped, shortened, shown

ByteArray = npt.NDArray[np.uint8]

MOST_INSTRUCTIONS = 10**6
"""Most instructions of a pickle: an official file has under a hundred thousand."""

_MOST_AXES = 32
_LONGEST_NAME = 100  # as it is shown


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
        Numbers, strings, bytes, None, lists, tuples and dictionaries of them, and `Array`s.

    Raises
    ------
    RefusedError
        If it asks for any other name, for an array of anything but bytes, or for much more than a
        file of images needs.
    ValueError
        If it is cut off, or not a pickle.
    """
    try:
        return _Unpickler(content).load()
    except RefusedError:
        raise
    except Exception as error:  # bytes that are not a pickle make the reader fail in any way
        said = shortened(escaped(str(error) or type(error).__name__), 3 * _LONGEST_NAME)
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
        if not isinstance(shape, tuple) or len(shape) > _MOST_AXES:
            raise ValueError(f"an array has the shape {shown(shape)}")
        sizes = [int(size) for size in shape]
        if not all(0 <= size <= len(raw) for size in sizes) or math.prod(sizes) != len(raw):
            raise ValueError(f"an array of shape {shown(tuple(sizes))} has {len(raw)} bytes")
        self.values = np.frombuffer(raw, np.uint8).reshape(sizes, order="F" if is_fortran else "C")


class ByteType:
    """NumPy's type uint8."""

    def __init__(self, code: Any, *options: Any) -> None:
        if code not in ("u1", b"u1", "uint8", b"uint8"):
            raise RefusedError(f"may have arrays of bytes (uint8) only; got type {shown(code)}")

    def __setstate__(self, state: Any) -> None:
        """Do nothing: the state is the order of bytes, which a single byte does not have."""


class _Unpickler(pickle._Unpickler):
    stack: list[Any]
    append: Callable[[Any], None]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), encoding="bytes")
        self.instructions_left = MOST_INSTRUCTIONS
        self._letters_left = len(content)

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return self._encoded
        for allowed, stand_in in _NAMES.items():
            if (module, name) == allowed:
                return stand_in
        asked = shortened(escaped(f"{module}.{name}"), _LONGEST_NAME)
        raise RefusedError(f"may name nothing but arrays of NumPy; got {asked}, which is not run")

    def _encoded(self, text: Any, encoding: Any) -> bytes:
        """Return bytes that Python 3 wrote for Python 2: as text with a letter for each byte."""
        if encoding not in ("latin1", b"latin1") or not isinstance(text, str):
            raise RefusedError("may have bytes as latin1 text only; got another encoding")
        self._letters_left -= len(text)
        if self._letters_left < 0:  # the same text again and again
            raise RefusedError("may have no more text than bytes; got more")
        return text.encode("latin1")

    def load_build(self) -> None:
        """Fill an array; nothing else is filled or gets attributes."""
        state = self.stack.pop()
        if not isinstance(self.stack[-1], Array | ByteType):
            raise TypeError(f"{shown(type(self.stack[-1]))} cannot be filled")
        self.stack[-1].__setstate__(state)

    def load_setitem(self) -> None:
        """Put an entry into a dictionary, under a plain key."""
        self._put(self.stack[-3], self.stack[-2:])
        del self.stack[-2:]

    def load_setitems(self) -> None:
        """Put entries into a dictionary, under plain keys."""
        items = self.pop_mark()
        self._put(self.stack[-1], items)

    def load_dict(self) -> None:
        """Make a dictionary of entries, under plain keys."""
        items, made = self.pop_mark(), dict[Any, Any]()
        self._put(made, items)
        self.append(made)

    def _put(self, where: Any, items: list[Any]) -> None:
        keys = items[::2]
        # The hash of others may take for ever, or too much of the machine's stack.
        if not isinstance(where, dict) or not all(isinstance(k, str | bytes | int) for k in keys):
            raise RefusedError("may have dictionaries with text and integers as keys; got others")
        where.update(zip(keys, items[1::2], strict=True))


def _counted(run: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return an instruction that is counted."""

    def counted(reader: Any) -> None:
        reader.instructions_left -= 1
        if reader.instructions_left < 0:
            raise RefusedError(f"may have {MOST_INSTRUCTIONS:,} instructions; got more")
        run(reader)

    return counted


# Not known: sets, objects made by __new__, persistent names, registered extensions, buffers.
_PLAIN = (
    "PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG "
    "LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 "
    "UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 "
    "EMPTY_LIST LIST APPEND APPENDS EMPTY_DICT PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET "
    "LONG_BINGET GLOBAL STACK_GLOBAL INST REDUCE"
)
_OWN: dict[str, Callable[[Any], None]] = {
    "BUILD": _Unpickler.load_build,
    "SETITEM": _Unpickler.load_setitem,
    "SETITEMS": _Unpickler.load_setitems,
    "DICT": _Unpickler.load_dict,
}
_CODES = {name: getattr(pickle, name)[0] for name in (*_PLAIN.split(), *_OWN)}
_Unpickler.dispatch = {
    code: _counted(_OWN[name] if name in _OWN else pickle._Unpickler.dispatch[code])
    for name, code in _CODES.items()
}

_NAMES: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): Array.empty,
    ("numpy._core.multiarray", "_reconstruct"): Array.empty,
    ("numpy", "ndarray"): Array,
    ("numpy", "dtype"): ByteType,
}
