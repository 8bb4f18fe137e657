"""The sources of image data, ``digits`` and ``cifar10:PATH``."""

from __future__ import annotations

from pathlib import Path

from recurate.figures.images import cifar10, cifar10_files, digits
from recurate.figures.images.labelled import ImageData, ImageDataError, LabelledImages
from recurate.numerics.validation import shown

__all__ = [
    "ImageData",
    "ImageDataError",
    "LabelledImages",
    "check_source",
    "digest_of",
    "kind_of",
    "load",
]

DIGITS = "digits"
CIFAR10 = "cifar10"


def load(source: str) -> ImageData:
    """Return the data of a source.

    Parameters
    ----------
    source : str
        "digits", or "cifar10:PATH" with the folder of CIFAR-10's official Python format, the
        folder above it, or its archive.

    Raises
    ------
    ImageDataError
        As `check_source`, and if a file violates the format.
    ImportError
        If the source is "digits" and scikit-learn is not installed.
    """
    _, path = _parsed(source)
    return digits.load() if path is None else cifar10.load(path)


def check_source(source: str) -> None:
    """Raise ImageDataError unless a source is known and its files are there; they are not read.

    Raises
    ------
    ImageDataError
        Its message names what is unknown, or which files are missing.

    Examples
    --------
    >>> check_source("digits")
    >>> check_source("mnist")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    recurate.figures.images.labelled.ImageDataError: source must be digits or cifar10:PATH...
    """
    _, path = _parsed(source)
    if path is not None:
        cifar10_files.check(path)


def kind_of(source: str) -> str:
    """Return "digits" or "cifar10".

    Examples
    --------
    >>> kind_of("cifar10:some/folder")
    'cifar10'
    """
    return _parsed(source)[0]


def digest_of(source: str) -> str:
    """Return the source's kind and a hash of its data, whatever folder they are in.

    Raises
    ------
    ImageDataError, ImportError
        As `load`; but files are hashed as they are, and their format is not checked.
    """
    kind, path = _parsed(source)
    return f"{kind} {digits.digest() if path is None else cifar10.digest(path)}"


def _parsed(source: str) -> tuple[str, Path | None]:
    """Return the kind, and the path if the kind has one."""
    if not isinstance(source, str):
        raise TypeError(f"source must be a string; got {type(source).__name__}")
    kind, colon, path = source.partition(":")
    if kind == DIGITS and not colon:
        return kind, None
    if kind == CIFAR10 and path:
        return kind, Path(path).expanduser()
    raise ImageDataError(f"source must be digits or cifar10:PATH; got {shown(source)}")
