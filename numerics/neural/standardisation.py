"""The units of a network: samples minus their mean, divided by their standard deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

LEAST_SCALE = 0.1
"""Least scale of a coordinate, relative to the largest.

Without it, a pixel that is nearly always black would have outliers at forty standard deviations.
"""


@dataclass(frozen=True)
class Standardisation:
    """An affine map for each coordinate.

    Attributes
    ----------
    location, scale : torch.Tensor, shape (d,)
        Mean and standard deviation of each coordinate; a scale is at least `LEAST_SCALE` times the
        largest, and 1 if all samples are equal. A common scale is the root mean square of these.
    """

    location: torch.Tensor
    scale: torch.Tensor

    @classmethod
    def of(cls, points: torch.Tensor, *, common: bool = False) -> Standardisation:
        """Return the standardisation of points, shape (n, d), optionally with a common scale."""
        scale = points.std(dim=0, correction=0)
        largest = scale.max()
        scale = scale.clamp(min=LEAST_SCALE * largest)
        if common:
            scale = scale.square().mean().sqrt().expand_as(scale).clone()
        return cls(points.mean(dim=0), scale.where(largest > 0, scale.new_ones(())))

    def inward(self, points: torch.Tensor) -> torch.Tensor:
        """Return points in the network's units."""
        return (points - self.location) / self.scale

    def outward(self, points: torch.Tensor) -> torch.Tensor:
        """Return points of the network in the samples' units."""
        return self.location + self.scale * points

    def log_determinant(self) -> torch.Tensor:
        """Return the log-determinant of `inward`, a scalar: -sum log scale."""
        return -self.scale.log().sum()
