"""Files that the package writes for itself and reads again: whole and valid, or not read at all.

A record is a JSON object of one type, with a checksum of everything else in it. Arrays follow a
record of their types, shapes and checksum, which is the first line of their file.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, is_dataclass
from io import BufferedReader
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from recurate.numerics.files import NEW_FILE, UNFINISHED, written
from recurate.numerics.text import escaped

LARGEST_RECORD = 2**26
"""Bytes of a record that are read at most, so that no file takes all memory."""

Kind = TypeVar("Kind")
Arrays = Mapping[str, npt.NDArray[Any]]

_log = logging.getLogger("recurate")
_NUMBERS = "biufcmMSU"
_NEW_FILE = re.compile(rf"{re.escape(NEW_FILE)}[0-9a-f]{{16}}")


class DamagedError(ValueError):
    """A file is not a whole, valid record of ours; the message says why, without its name."""


class Described(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What precedes arrays in their file; a kind of file adds fields of its own.

    Attributes
    ----------
    file : str
        The kind of the file, with the version of its layout: the file begins with it.
    arrays : dict
        Type and shape of each array, by name.
    bytes : str
        Hash of the arrays' bytes.
    """

    file: str
    arrays: dict[str, tuple[str, tuple[Annotated[int, msgspec.Meta(ge=0)], ...]]] = {}
    bytes: str = ""


OfArrays = TypeVar("OfArrays", bound=Described)


def cache_folder(name: str) -> Path | None:
    """Return the folder, there or not, for a cache of this user's; None if no home is known."""
    import platformdirs

    try:
        folder = platformdirs.user_cache_path("recurate", appauthor=False) / name
    except RuntimeError:
        return None
    return folder if folder.is_absolute() else None  # older versions return "~/.cache"


def say(path: Path, why: object, instead: str) -> None:
    """Say in a line of the log that a file is of no use, why, and what is done instead.

    Python prints it on standard error, unless the program that calls the package logs otherwise.
    """
    _log.warning("recurate: %s", useless(path, why, instead))


def useless(path: Path, why: object, instead: str) -> str:
    """Return a line that says that a file is of no use, why, and what is done instead."""
    return f"{str(path)!r} {why}: {instead}"


def remove_left_unfinished(folder: Path) -> None:
    """Remove what processes that were killed left unfinished in a folder that no other run uses."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _NEW_FILE.fullmatch(entry.name) and entry.path not in UNFINISHED:
                os.unlink(entry.path)


def discard(path: Path) -> bool:
    """Remove a file of the package's own, or what is in its place; return whether it is gone."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return not os.path.lexists(path)


def as_text(record: Any, indent: int | None = None) -> str:
    """Return a record as JSON, with its checksum as the last entry; ValueError for NaN and inf."""
    content = _plain(record)
    return json.dumps(
        {**content, "checksum": _checksum(content)},
        indent=indent,
        ensure_ascii=False,
        allow_nan=False,
    )


def read_record(path: Path, kind: type[Kind]) -> Kind | None:
    """Return the record in a file, or None if there is no file.

    Parameters
    ----------
    path : Path
        The file.
    kind : type
        A dataclass or a `msgspec.Struct`: what `as_text` was given.

    Raises
    ------
    DamagedError
        If the file cannot be read, or holds anything but what `as_text` returns for such a record.
    """
    try:
        with _opened(path) as file:
            return _parsed(file.read(LARGEST_RECORD + 1), kind)
    except (FileNotFoundError, NotADirectoryError):
        return None


def write_arrays(path: Path, about: Described, arrays: Arrays) -> None:
    """Write arrays below what describes them, whole or not at all.

    Raises
    ------
    TypeError
        If an array has a type that is not of numbers, dates or text.
    """
    parts = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in parts.items():
        if array.dtype.kind not in _NUMBERS or not array.dtype.itemsize:
            raise TypeError(f"{name} must be an array of numbers; got one of type {array.dtype}")
    described = {name: (a.dtype.str, arrays[name].shape) for name, a in parts.items()}
    digest = _digest(parts)
    about = msgspec.structs.replace(about, arrays=described, bytes=digest)
    with written(path) as file:
        file.write(as_text(about).encode() + b"\n")
        for array in parts.values():
            file.write(array.reshape(-1).view(np.uint8).data)


def read_arrays(
    path: Path, name: str, kind: type[OfArrays]
) -> tuple[OfArrays, dict[str, npt.NDArray[Any]]] | None:
    """Return what describes the arrays in a file, and the arrays; None if there is no file.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What its `Described.file` has to be.
    kind : type
        The type of what describes the arrays.

    Raises
    ------
    DamagedError
        If the file cannot be read, or holds anything but what `write_arrays` writes. No more memory
        is taken than the file has bytes.
    """
    try:
        with _opened(path) as file:
            if not _begins(file, name):
                raise DamagedError("is not a file that this version of the package wrote")
            about = _parsed(file.readline(LARGEST_RECORD + 1), kind)
            arrays = {n: _read_array(file, *told) for n, told in about.arrays.items()}
            if file.read(1):
                raise DamagedError("is longer than its arrays")
    except (FileNotFoundError, NotADirectoryError):
        return None
    if _digest(arrays) != about.bytes:
        raise DamagedError("has other numbers than its checksum was made of")
    return about, arrays


def is_ours(path: Path, name: str) -> bool:
    """Return whether a file is empty, or begins as those of arrays with this name do.

    It raises FileNotFoundError if there is none, and DamagedError if it cannot be read.
    """
    with _opened(path) as file:
        return _begins(file, name) or not file.read(1)


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    """Open a regular file; FileNotFoundError and NotADirectoryError are left as they are."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # to open a FIFO would wait for its writer
            raise DamagedError("is not a file")
        file = open(path, "rb")  # noqa: SIM115
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        raise DamagedError(f"cannot be read ({error.strerror})") from error
    with file:
        try:
            yield file
        except OSError as error:
            raise DamagedError(f"cannot be read ({error.strerror})") from error


def _parsed(content: bytes, kind: type[Kind]) -> Kind:
    """Return the record of this type that `as_text` wrote."""
    if len(content) > LARGEST_RECORD:
        raise DamagedError(f"is larger than {LARGEST_RECORD} bytes")
    try:
        document = msgspec.json.decode(content, type=dict[str, Any])
        if "checksum" not in document:
            raise DamagedError("has no checksum, as files of another version")
        checksum = document.pop("checksum")
        record = msgspec.convert(document, kind)
        # Of the record too: the file holds no more, and no less, than is written for it.
        is_whole = checksum == _checksum(document) == _checksum(_plain(record))
    except (msgspec.MsgspecError, RecursionError) as error:
        raise DamagedError(f"cannot be understood ({escaped(str(error))[:200]})") from error
    if not is_whole:
        raise DamagedError("says something else than its checksum was made of")
    return record


def _begins(file: BufferedReader, name: str) -> bool:
    begin = json.dumps({"file": name})[:-1].encode()
    found = file.read(len(begin))
    file.seek(0)
    return found == begin


def _plain(record: Any) -> Any:
    return asdict(record) if is_dataclass(record) else msgspec.to_builtins(record)  # type: ignore[arg-type]


def _checksum(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _digest(arrays: Arrays) -> str:
    made = hashlib.sha256()
    for array in arrays.values():
        made.update(array.reshape(-1).view(np.uint8).data)
    return made.hexdigest()


def _read_array(file: BufferedReader, type_: str, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    try:
        dtype = np.dtype(type_)
    except (TypeError, ValueError, SyntaxError) as error:
        raise DamagedError("has an array of an unknown type") from error
    if dtype.str != type_ or dtype.kind not in _NUMBERS or not dtype.itemsize:
        raise DamagedError("has an array that is not of numbers")
    left = os.fstat(file.fileno()).st_size - file.tell()
    if dtype.itemsize * math.prod(shape) > left:
        raise DamagedError("ends before its arrays do")
    try:
        array = np.empty(shape, dtype)
    except (ValueError, OverflowError) as error:  # as for (0, 10**30)
        raise DamagedError("has an array of an impossible shape") from error
    file.readinto(array.reshape(-1).view(np.uint8).data)
    return array
