"""Scikit-learn's handwritten digits: 1797 images of 8 by 8 pixels, which need no download."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from recurate.figures.images.labelled import ImageData, LabelledImages

TEST_SIZE = 500
"""Images that are kept from training; each class has the same share in them as in all."""

_SPLIT_SEED = 0
_WHITE = 16.0


def load() -> ImageData:
    """Return the digits, 1297 to train on and 500 to test with, always split in the same way.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.

    Notes
    -----
    The part of the UCI repository's "Optical Recognition of Handwritten Digits" (Alpaydin and
    Kaynak 1998) that scikit-learn comes with.
    """
    images, labels = _all()
    try:
        from sklearn.model_selection import train_test_split
    except ImportError as error:  # pragma: no cover - _all has found it
        raise _missing() from error
    training, test = train_test_split(
        np.arange(labels.size), test_size=TEST_SIZE, stratify=labels, random_state=_SPLIT_SEED
    )
    scaled = (images / _WHITE).astype(np.float32).reshape(-1, 1, *images.shape[1:])
    classes = labels.astype(np.int64)
    return ImageData(
        "digits",
        tuple(str(digit) for digit in range(10)),
        LabelledImages(scaled[training], classes[training]),
        LabelledImages(scaled[test], classes[test]),
    )


def digest() -> str:
    """Return the hash of all images and labels, as scikit-learn gives them."""
    images, labels = _all()
    hashed = hashlib.sha256(np.ascontiguousarray(images, dtype="<f8").tobytes())
    hashed.update(np.ascontiguousarray(labels, dtype="<i8").tobytes())
    return hashed.hexdigest()[:16]


def _all() -> tuple[Any, Any]:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise _missing() from error
    found = load_digits()
    return found.images, found.target


def _missing() -> ImportError:
    return ImportError('the digits need scikit-learn: pip install "recurate[data]"')
