"""A small U-Net for images: a vector for a point and a time, by convolutions.

This is the only module here that loads PyTorch on import.
"""

from __future__ import annotations

import torch
from torch import nn

LARGEST_FACTOR = 4
"""Largest number of channels at a low resolution, relative to the full resolution."""

GROUPS = 8
"""Largest number of groups of a group normalisation (Wu and He 2018, arXiv:1803.08494)."""


class ImageNetwork(nn.Module):
    """Convolutions at several resolutions; the way up sees the maps of the way down.

    Parameters
    ----------
    shape : tuple of int
        Channels, height and width of an image.
    width : int
        Channels at the full resolution; at half of it there are twice as many, below four times.
    halvings : int
        How often height and width are halved.
    time_features : int
        Numbers that describe the time, after a point's coordinates.

    Raises
    ------
    ValueError
        If the shape is wrong, or height or width cannot be halved so often.

    Notes
    -----
    Ronneberger, Fischer and Brox 2015 (arXiv:1505.04597), with the residual blocks and the time of
    Ho, Jain and Abbeel 2020 (arXiv:2006.11239, appendix B), one block at each resolution on either
    way, and no attention. The last layer starts from zero: an untrained network returns zero, the
    best guess without knowing the data.
    """

    def __init__(
        self, shape: tuple[int, ...], width: int, halvings: int, *, time_features: int
    ) -> None:
        super().__init__()
        self.time_features = time_features
        self.shape = _image_shape(shape, halvings)
        sizes = [min(2**level, LARGEST_FACTOR) * width for level in range(halvings + 1)]
        time = 4 * width
        self.time = nn.Sequential(
            nn.Linear(time_features, time), nn.SiLU(), nn.Linear(time, time), nn.SiLU()
        )
        self.entry = nn.Conv2d(self.shape[0], width, 3, padding=1)
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        before = width
        for size in sizes[:-1]:
            self.down.append(_Block(before, size, time))
            before = size
        self.middle = _Block(before, sizes[-1], time)
        before = sizes[-1]
        for size in reversed(sizes[:-1]):
            self.up.append(_Block(before + size, size, time))
            before = size
        self.exit = nn.Sequential(
            _normalisation(before), nn.SiLU(), nn.Conv2d(before, self.shape[0], 3, padding=1)
        )
        for parameter in self.exit[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return vectors, shape (n, d), for points and features of the time side by side."""
        points, angles = inputs[:, : -self.time_features], inputs[:, -self.time_features :]
        time = self.time(angles)
        maps = self.entry(points.reshape(-1, *self.shape))
        left = []
        for block in self.down:
            maps = block(maps, time)
            left.append(maps)
            maps = nn.functional.avg_pool2d(maps, 2)
        maps = self.middle(maps, time)
        for block in self.up:
            maps = nn.functional.interpolate(maps, scale_factor=2.0, mode="nearest")
            maps = block(torch.cat([maps, left.pop()], dim=1), time)
        vectors: torch.Tensor = self.exit(maps).flatten(1)
        return vectors


class _Block(nn.Module):
    """Two convolutions beside the identity, with the time added between them."""

    def __init__(self, before: int, after: int, time: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            _normalisation(before), nn.SiLU(), nn.Conv2d(before, after, 3, padding=1)
        )
        self.shift = nn.Linear(time, after)
        self.second = nn.Sequential(
            _normalisation(after), nn.SiLU(), nn.Conv2d(after, after, 3, padding=1)
        )
        self.beside = nn.Identity() if before == after else nn.Conv2d(before, after, 1)

    def forward(self, maps: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        inner = self.first(maps) + self.shift(time)[:, :, None, None]
        following: torch.Tensor = self.beside(maps) + self.second(inner)
        return following


def _normalisation(channels: int) -> nn.GroupNorm:
    groups = next(groups for groups in range(GROUPS, 0, -1) if channels % groups == 0)
    return nn.GroupNorm(groups, channels)


def _image_shape(shape: tuple[int, ...], halvings: int) -> tuple[int, ...]:
    if len(shape) != 3:
        sizes = ", ".join(("n", *map(str, shape)))
        raise ValueError(
            "samples must have the shape (n, channels, height, width) for a convolutional "
            f"network; got ({sizes})"
        )
    if any(side % 2**halvings for side in shape[1:]):
        raise ValueError(
            f"samples' height and width must be multiples of {2**halvings} for a convolutional "
            f"network of depth {halvings}; got {shape[1]} by {shape[2]}"
        )
    return shape
