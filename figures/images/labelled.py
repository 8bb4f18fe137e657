"""Image data: images with their labels, to train on and to test with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ImageArray = npt.NDArray[np.float32]
LabelArray = npt.NDArray[np.int64]


class ImageDataError(ValueError):
    """A source of image data is unknown, or its files are missing or violate their format."""


@dataclass(frozen=True)
class LabelledImages:
    """Images with the class of each.

    Attributes
    ----------
    images : ndarray of float32, shape (n, channels, height, width)
        Brightness, from 0 to 1.
    labels : ndarray of int64, shape (n,)
        Position of an image's class in `ImageData.class_names`.
    """

    images: ImageArray
    labels: LabelArray

    @property
    def size(self) -> int:
        """Number of images."""
        return int(self.labels.size)


@dataclass(frozen=True)
class ImageData:
    """Images to train on, others to test with, and the names of their classes.

    Attributes
    ----------
    name : {"digits", "CIFAR-10"}
        What the data are called.
    class_names : tuple of str
        The classes, in the order of their labels.
    training, test : LabelledImages
        No image is in both.
    """

    name: str
    class_names: tuple[str, ...]
    training: LabelledImages
    test: LabelledImages
