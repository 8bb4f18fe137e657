"""The network of the diffusion and flow-matching models: a vector for a point and a time."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from recurate.numerics.validation import positive_count

if TYPE_CHECKING:
    import torch

FREQUENCIES = 8
"""Time goes in as sine and cosine of πt, 2πt, …, 8πt."""


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
        To be called through `at_time`.
    """
    from torch import nn

    sizes = [features + 2 * FREQUENCIES] + [positive_count(width, "width")] * positive_count(
        depth, "depth"
    )
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
