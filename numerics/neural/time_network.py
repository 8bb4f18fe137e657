"""The networks of the diffusion and flow-matching models: a vector for a point and a time."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from recurate.numerics.validation import positive_count, shown

if TYPE_CHECKING:
    import torch

FREQUENCIES = 8
"""The time enters as sine and cosine of πt, 2πt, …, 8πt."""

TIME_FEATURES = 2 * FREQUENCIES
"""Number of inputs for the time, after the point's coordinates."""

NETWORKS = ("dense", "convolutional")
"""Kinds of network: for points of any shape, and for images."""

_ACTIVATIONS = 2**26
_BLOCK = 2**16


class NetworkSettings:
    """Kind and size of a network from points and times to vectors.

    Parameters
    ----------
    kind : {"dense", "convolutional"}
        A perceptron, or the U-Net of `recurate.numerics.neural.image_network`.
    width : int
        Units of a hidden layer, or channels at the full resolution.
    depth : int
        Number of hidden layers, or how often height and width are halved.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.
    """

    def __init__(self, kind: Any, width: Any, depth: Any) -> None:
        if kind not in NETWORKS:
            raise ValueError(f'network must be "dense" or "convolutional"; got {shown(kind)}')
        self.kind = str(kind)
        self.width, self.depth = positive_count(width, "width"), positive_count(depth, "depth")

    def built(self, shape: tuple[int, ...]) -> torch.nn.Module:
        """Return a network for samples of that shape, with random weights; see `at_time`.

        Raises
        ------
        ValueError
            If the network is convolutional and the shape is not (channels, height, width) with
            sides that can be halved `depth` times.
        """
        if self.kind == "dense":
            return time_network(math.prod(shape), self.width, self.depth)
        from recurate.numerics.neural.image_network import ImageNetwork

        return ImageNetwork(shape, self.width, self.depth, time_features=TIME_FEATURES)

    def block(self, shape: tuple[int, ...]) -> int:
        """Return the number of samples at once, as limited by the memory for their maps."""
        if self.kind == "dense":
            return _BLOCK
        return max(1, min(_BLOCK, _ACTIVATIONS // (self.width * math.prod(shape[1:]))))


def time_network(features: int, width: int, depth: int) -> torch.nn.Module:
    """Return a perceptron from a point and a time to a vector.

    Parameters
    ----------
    features : int
        Coordinates of a point, and of the vector.
    width, depth : int
        Units of a hidden layer, and number of these.

    Returns
    -------
    torch.nn.Module
        Call it through `at_time`.
    """
    from torch import nn

    sizes = [features + TIME_FEATURES] + [width] * depth
    layers: list[nn.Module] = []
    for size, following in itertools.pairwise(sizes):
        layers += [nn.Linear(size, following), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], features))


def at_time(network: torch.nn.Module, points: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
    """Return the network's vectors at points, shape (n, d), and times in [0, 1], shape (n,)."""
    import torch

    multiples = torch.arange(1, FREQUENCIES + 1, device=points.device, dtype=points.dtype)
    angles = math.pi * multiples * time[:, None]
    vectors: torch.Tensor = network(torch.cat([points, angles.sin(), angles.cos()], dim=1))
    return vectors
