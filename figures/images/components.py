"""Images as points that a small model can learn: their principal components, or all pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """A map from images to points and back.

    Attributes
    ----------
    shape : tuple of int
        Channels, height and width of an image.
    mean : ndarray, shape (d,), d the number of pixels times channels
        The mean image.
    directions : ndarray, shape (components, d), or None
        Orthonormal; None if points are the images themselves.
    variance : float
        Share of the images' variance in these directions.
    """

    shape: tuple[int, ...]
    mean: npt.NDArray[np.float32]
    directions: npt.NDArray[np.float32] | None
    variance: float

    @classmethod
    def of(cls, images: Any, number: int | None) -> PrincipalComponents:
        """Return the first components of images, shape (n, channels, height, width).

        Parameters
        ----------
        images : ndarray of float32
            The images.
        number : int or None
            How many components; None keeps images as they are.

        Raises
        ------
        ValueError
            If there are fewer components.
        """
        flat = images.reshape(len(images), -1)
        mean = flat.mean(axis=0)
        if number is None:
            return cls(images.shape[1:], mean, None, 1.0)
        if not 1 <= number <= min(flat.shape):
            raise ValueError(f"number must be from 1 to {min(flat.shape)}; got {number}")
        _, values, directions = np.linalg.svd(flat - mean, full_matrices=False)
        squares = np.square(values, dtype=np.float64)
        # A direction's sign is the library's choice: its largest entry is positive here.
        largest = np.abs(directions).argmax(axis=1)
        signs = np.sign(directions[np.arange(len(directions)), largest])
        kept = (signs[:, None] * directions)[:number]
        return cls(images.shape[1:], mean, kept, float(squares[:number].sum() / squares.sum()))

    def encode(self, images: Any) -> Any:
        """Return the points of images, shape (n, components); or the images themselves."""
        if self.directions is None:
            return images
        return (images.reshape(len(images), -1) - self.mean) @ self.directions.T

    def decode(self, points: Any) -> Any:
        """Return the images of points, shape (n, channels, height, width)."""
        if self.directions is None:
            return points
        flat = self.mean + points @ self.directions
        return flat.reshape(len(points), *self.shape)
