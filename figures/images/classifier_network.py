"""The classifier's network. Only this module of the folder loads PyTorch when it is imported."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from recurate.figures.images.classifier_settings import POOL


class Units(nn.Module):
    """Standardises brightness for each channel: minus its mean, over its standard deviation."""

    location: torch.Tensor
    scale: torch.Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("location", torch.zeros(channels, 1, 1))
        self.register_buffer("scale", torch.ones(channels, 1, 1))

    def take(self, images: torch.Tensor) -> None:
        """Take mean and deviation from images, shape (n, channels, height, width)."""
        deviation, mean = torch.std_mean(images, dim=(0, 2, 3), correction=0)
        self.location.copy_(mean[:, None, None])
        self.scale.copy_(deviation.where(deviation > 0, 1.0)[:, None, None])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return images in these units."""
        return (images - self.location) / self.scale


class ClassifierNetwork(nn.Module):
    """From images to scores: units, `body` to features, one linear layer."""

    def __init__(self, layers: Sequence[nn.Module], channels: int, features: int, classes: int):
        super().__init__()
        self.units = Units(channels)
        self.convolutions = nn.Sequential(*layers, nn.Flatten())
        self.scores = nn.Linear(features, classes)

    def body(self, images: torch.Tensor) -> torch.Tensor:
        """Return features, shape (n, d), of images."""
        features: torch.Tensor = self.convolutions(self.units(images))
        return features

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return scores, shape (n, classes), of images."""
        scores: torch.Tensor = self.scores(self.body(images))
        return scores


def classifier_network(
    layers: Sequence[int | str], shape: tuple[int, ...], classes: int
) -> ClassifierNetwork:
    """Return a network with random weights.

    Parameters
    ----------
    layers : sequence of int and "pool"
        As `ClassifierSettings` has them.
    shape : tuple of int
        Channels, height and width of an image.
    classes : int
        Number of classes.

    Raises
    ------
    ValueError
        If an image is too small to be halved so often.
    """
    channels, height, width = shape
    halvings = sum(layer == POOL for layer in layers)
    if min(height, width) < 2**halvings:
        raise ValueError(
            f"images must have at least {2**halvings} by {2**halvings} pixels for layers with "
            f"pool {halvings} times; got {height} by {width}"
        )
    modules: list[nn.Module] = []
    size = channels
    for layer in layers:
        if layer == POOL:
            modules.append(nn.MaxPool2d(2))
            continue
        following = int(layer)
        modules += [
            nn.Conv2d(size, following, 3, padding=1, bias=False),
            nn.BatchNorm2d(following),
            nn.ReLU(),
        ]
        size = following
    features = size * math.prod(side >> halvings for side in (height, width))
    return ClassifierNetwork(modules, channels, features, classes)
