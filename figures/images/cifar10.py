"""CIFAR-10 in its official Python format: ``cifar-10-batches-py``, or the archive it comes in.

The format is described at https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky 2009): five
files to train on and one to test with. Each is the pickle of a dictionary with an array of bytes,
which has one row per image (1024 red values, then 1024 green and 1024 blue ones, each row by row),
and a list of labels.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from recurate.figures.images import restricted_pickle
from recurate.figures.images.cifar10_files import (
    FILES,
    NAMES_FILE,
    TEST_FILE,
    TRAINING_FILES,
    contents,
)
from recurate.figures.images.labelled import ImageData, ImageDataError, LabelArray, LabelledImages
from recurate.figures.images.restricted_pickle import ByteArray
from recurate.numerics.text import printable, shortened, shown

CLASSES = 10
SHAPE = (3, 32, 32)
"""Channels (red, green, blue), height, width."""

_WHITE = 255
_LONGEST_NAME = 100


def load(path: Path) -> ImageData:
    """Return the data in a folder.

    Parameters
    ----------
    path : Path
        The folder ``cifar-10-batches-py``, the folder above it, or the archive
        ``cifar-10-python.tar.gz``.

    Raises
    ------
    ImageDataError
        If files are missing or violate the format; the message names the file.
    """
    found = contents(path)
    names = _class_names(*found[NAMES_FILE])
    training = [_batch(*found[name]) for name in TRAINING_FILES]
    images, labels = (np.concatenate(parts) for parts in zip(*training, strict=True))
    return ImageData(
        "CIFAR-10", names, _labelled(images, labels), _labelled(*_batch(*found[TEST_FILE]))
    )


def digest(path: Path) -> str:
    """Return the hash of all files, the same for the folder and the archive."""
    found, hashed = contents(path), hashlib.sha256()
    for name in FILES:
        _, content = found[name]
        hashed.update(hashlib.sha256(content).digest())
    return hashed.hexdigest()[:16]


def _entries(label: str, content: bytes) -> dict[Any, Any]:
    try:
        found = restricted_pickle.loads(content)
    except ValueError as error:
        raise ImageDataError(f"{label} {error}") from error
    if not isinstance(found, dict):
        raise ImageDataError(f"{label} must be a dictionary; got {type(found).__name__}")
    return found


def _batch(label: str, content: bytes) -> tuple[ByteArray, LabelArray]:
    """Return a file's images, shape (n, 3072), and labels."""
    entries = _entries(label, content)
    images = _images(entries.get(b"data"), label)
    return images, _labels(entries.get(b"labels"), len(images), label)


def _labelled(images: ByteArray, labels: LabelArray) -> LabelledImages:
    brightness = np.divide(images, _WHITE, dtype=np.float32)
    return LabelledImages(brightness.reshape(-1, *SHAPE), labels)


def _images(found: Any, label: str) -> ByteArray:
    values = found.values if isinstance(found, restricted_pickle.Array) else None
    pixels = math.prod(SHAPE)
    if values is None or values.ndim != 2 or values.shape[1] != pixels or not len(values):
        shape = "none" if values is None else f"one of shape {values.shape}"
        raise ImageDataError(
            f'{label} must have in b"data" an array of bytes of shape (n, {pixels}); got {shape}'
        )
    return values


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


def _class_names(label: str, content: bytes) -> tuple[str, ...]:
    found = _entries(label, content).get(b"label_names")
    if not isinstance(found, list) or len(found) != CLASSES:
        text = f"{len(found)}" if isinstance(found, list) else "none"
        raise ImageDataError(
            f'{label} must have in b"label_names" a list of {CLASSES} names; got {text}'
        )
    names = []
    for name in found:
        if not isinstance(name, str | bytes):
            raise ImageDataError(f'{label} must have in b"label_names" words; got {shown(name)}')
        text = name if isinstance(name, str) else name.decode("utf-8", "replace")
        names.append(shortened(printable(text), _LONGEST_NAME))
    return tuple(names)
