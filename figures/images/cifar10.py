"""CIFAR-10 in its official Python format: ``cifar-10-batches-py``, or the archive it comes in.

The format is described at https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky 2009): five
files to train on and one to test with, pickles of dictionaries with an array of bytes, a row for
each image (1024 red values, then 1024 green and 1024 blue ones, row by row), and a list of labels.
"""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from recurate.figures.images import restricted_pickle
from recurate.figures.images.labelled import (
    ImageArray,
    ImageData,
    ImageDataError,
    LabelArray,
    LabelledImages,
)
from recurate.numerics.validation import shown

FOLDER = "cifar-10-batches-py"
"""Name of the folder in the archive."""

TRAINING_FILES = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST_FILE = "test_batch"
NAMES_FILE = "batches.meta"
FILES = (*TRAINING_FILES, TEST_FILE, NAMES_FILE)

CLASSES = 10
SHAPE = (3, 32, 32)
"""Channels (red, green, blue), height, width."""

_LARGEST_FILE = 2**28
"""Bytes of the largest file that is read: nine times an official one's."""


def load(path: Path) -> ImageData:
    """Return the data in a folder.

    Parameters
    ----------
    path : Path
        The folder ``cifar-10-batches-py``, the one it is in, or the archive
        ``cifar-10-python.tar.gz``.

    Raises
    ------
    ImageDataError
        If files are missing, or are not as the format has them; the message names the file.
    """
    with _opened(path) as source:
        batches = {name: _batch(source, name) for name in (*TRAINING_FILES, TEST_FILE)}
        names = _class_names(source)
    training = [batches[name] for name in TRAINING_FILES]
    images = np.concatenate([batch.images for batch in training])
    labels = np.concatenate([batch.labels for batch in training])
    return ImageData("CIFAR-10", names, LabelledImages(images, labels), batches[TEST_FILE])


def check(path: Path) -> None:
    """Raise ImageDataError, as `load` does, unless all files are there; nothing in them is read."""
    with _opened(path):
        pass


def digest(path: Path) -> str:
    """Return the hash of all files, the same for the folder and the archive."""
    hashed = hashlib.sha256()
    with _opened(path) as source:
        for name in FILES:
            hashed.update(hashlib.sha256(source.read(name)).digest())
    return hashed.hexdigest()[:16]


class _Source:
    """The files, by name, wherever they are."""

    def __init__(self, where: str, files: Mapping[str, Any], archive: tarfile.TarFile | None):
        self._where, self._files, self._archive = where, files, archive

    def label(self, name: str) -> str:
        """Return what to call a file in a message."""
        return f"{self._where}/{name}"

    def read(self, name: str) -> bytes:
        with self._open(name) as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise ImageDataError(f"{self.label(name)} must have at most {_LARGEST_FILE} bytes")
        return content

    def _open(self, name: str) -> IO[bytes]:
        if self._archive is None:
            path: Path = self._files[name]
            return path.open("rb")
        file = self._archive.extractfile(self._files[name])
        if file is None:  # of no regular file; those were left out
            raise ImageDataError(f"{self.label(name)} must be a file; got something else")
        return file


@contextmanager
def _opened(path: Path) -> Iterator[_Source]:
    if path.is_file():
        try:
            with tarfile.open(path) as archive:
                members = {
                    member.name.rpartition("/")[2]: member
                    for member in archive.getmembers()
                    if member.isfile()
                }
                _require_all(path, members)
                yield _Source(str(path), members, archive)
        except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise ImageDataError(
                f"{path} must be a folder or the archive cifar-10-python.tar.gz; "
                "got a file that cannot be read as an archive, or not to its end"
            ) from error
        return
    if not path.is_dir():
        raise ImageDataError(
            f"{path} must be a folder with CIFAR-10's files, or their archive; there is none"
        )
    folder = path / FOLDER if (path / FOLDER).is_dir() else path
    files = {name: folder / name for name in FILES if (folder / name).is_file()}
    _require_all(folder, files)
    yield _Source(str(folder), files, None)


def _require_all(where: Path, found: Mapping[str, Any]) -> None:
    missing = [name for name in FILES if name not in found]
    if missing:
        raise ImageDataError(
            f"{where} must have CIFAR-10's files in their Python format: {', '.join(FILES)}; "
            f"missing: {'all' if len(missing) == len(FILES) else ', '.join(missing)}"
        )


def _entries(source: _Source, name: str) -> dict[Any, Any]:
    try:
        found = restricted_pickle.loads(source.read(name))
    except ValueError as error:
        raise ImageDataError(f"{source.label(name)} {error}") from error
    if not isinstance(found, dict):
        raise ImageDataError(
            f"{source.label(name)} must be a dictionary; got {type(found).__name__}"
        )
    return found


def _batch(source: _Source, name: str) -> LabelledImages:
    entries, label = _entries(source, name), source.label(name)
    images = _images(entries.get(b"data"), label)
    return LabelledImages(images, _labels(entries.get(b"labels"), len(images), label))


def _images(found: Any, label: str) -> ImageArray:
    values = found.values if isinstance(found, restricted_pickle.Array) else None
    pixels = int(np.prod(SHAPE))
    if values is None or values.ndim != 2 or values.shape[1] != pixels or not len(values):
        shape = "none" if values is None else f"one of shape {values.shape}"
        raise ImageDataError(
            f'{label} must have in b"data" an array of bytes of shape (n, {pixels}); got {shape}'
        )
    return values.reshape(-1, *SHAPE).astype(np.float32) / np.float32(255)


def _labels(found: Any, size: int, label: str) -> LabelArray:
    if not isinstance(found, list) or len(found) != size:
        text = f"{len(found)}" if isinstance(found, list) else "none"
        raise ImageDataError(f'{label} must have in b"labels" a list of {size} labels; got {text}')
    for position, value in enumerate(found):
        if type(value) is not int or not 0 <= value < CLASSES:
            raise ImageDataError(
                f'{label} must have in b"labels" integers from 0 to {CLASSES - 1}; '
                f"got {shown(value)} at position {position}"
            )
    return np.array(found, dtype=np.int64)


def _class_names(source: _Source) -> tuple[str, ...]:
    found = _entries(source, NAMES_FILE).get(b"label_names")
    label = source.label(NAMES_FILE)
    if not isinstance(found, list) or len(found) != CLASSES:
        text = f"{len(found)}" if isinstance(found, list) else "none"
        raise ImageDataError(
            f'{label} must have in b"label_names" a list of {CLASSES} names; got {text}'
        )
    names = []
    for name in found:
        if not isinstance(name, str | bytes):
            raise ImageDataError(f'{label} must have in b"label_names" words; got {shown(name)}')
        names.append(name if isinstance(name, str) else name.decode("utf-8", "replace"))
    return tuple(names)
