"""A small denoising diffusion model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.neural.model import NeuralModel, Normals
from recurate.numerics.neural.time_network import NetworkSettings, at_time
from recurate.numerics.neural.training import Training
from recurate.numerics.validation import FloatArray, positive_count

if TYPE_CHECKING:
    import torch

OFFSET = 0.008
"""The cosine schedule's offset: without it the first steps would be too small."""

LEAST_SIGNAL = 1e-3
"""Least factor by which the signal falls from one noise level to the next."""


class DiffusionModel(NeuralModel):
    """A denoising diffusion model with the cosine schedule, sampled step by step.

    Parameters
    ----------
    training : Training, optional
        Budget, start and device.
    levels : int
        Number of noise levels; a sample takes one evaluation of the network at each.
    network : {"dense", "convolutional"}
        A perceptron, or a U-Net for images: samples of shape (n, channels, height, width).
    width, depth : int
        Units of a hidden layer, and number of these; of a U-Net, channels at the full resolution,
        and how often height and width are halved.
    seed : int
        Seed of the weights and the training.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.
    ImportError
        If torch is missing: ``pip install "recurate[neural]"``.

    Notes
    -----
    Ho, Jain and Abbeel 2020 (arXiv:2006.11239), Algorithms 1 and 2; the schedule of Nichol and
    Dhariwal 2021 (arXiv:2102.09672), equation 17. The network estimates v = sqrt(s) ε − sqrt(1−s) x
    (s the signal's share of the variance; Salimans and Ho 2022, arXiv:2202.00512). Unlike the noise
    ε alone, v is well scaled at the last levels too, where s is nearly zero.
    """

    def __init__(
        self,
        training: Training | None = None,
        *,
        levels: int = 100,
        network: str = "dense",
        width: int = 128,
        depth: int = 3,
        seed: int = 0,
    ) -> None:
        super().__init__(training, seed)
        self.levels = positive_count(levels, "levels")
        self.network = NetworkSettings(network, width, depth)
        self._share = signal_shares(self.levels)

    def _fresh(self, shape: tuple[int, ...]) -> torch.nn.Module:
        return self.network.built(shape)

    def _block(self) -> int:
        return self.network.block(self._shape)

    def _loss(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        import torch

        place, n = batch.device, batch.shape[0]
        level = torch.randint(1, self.levels + 1, (n,), generator=generator, device=place)
        noise = torch.randn(batch.shape, generator=generator, device=place, dtype=batch.dtype)
        share = torch.as_tensor(self._share, device=place, dtype=batch.dtype)[level][:, None]
        noisy = share.sqrt() * batch + (1 - share).sqrt() * noise
        target = share.sqrt() * noise - (1 - share).sqrt() * batch
        return (at_time(self._network, noisy, level / self.levels) - target).square().mean()

    def _draw(self, n: int, normals: Normals) -> torch.Tensor:
        points = normals(n)
        for level in range(self.levels, 0, -1):
            share, before = float(self._share[level]), float(self._share[level - 1])
            time = points.new_full((n,), level / self.levels)
            v = at_time(self._network, points, time)
            clean = math.sqrt(share) * points - math.sqrt(1 - share) * v
            if level == 1:
                return clean
            # The law at the level before, given this level and the clean point (their equation 7).
            step = share / before
            points = (
                math.sqrt(before) * (1 - step) * clean + math.sqrt(step) * (1 - before) * points
            ) / (1 - share)
            spread = math.sqrt((1 - step) * (1 - before) / (1 - share))
            points = points + spread * normals(n)
        raise AssertionError("levels is at least 1")


def signal_shares(levels: int) -> FloatArray:
    """Return the signal's share of the variance at each noise level, shape (levels + 1,).

    It is 1 at level 0, without noise, and falls like a squared cosine nearly to 0.

    Examples
    --------
    >>> signal_shares(4).round(3).tolist()
    [1.0, 0.847, 0.494, 0.144, 0.0]
    """
    angles = (np.arange(levels + 1) / levels + OFFSET) / (1 + OFFSET) * (math.pi / 2)
    shares = np.cos(angles) ** 2 / np.cos(angles[0]) ** 2
    factors = np.maximum(shares[1:] / shares[:-1], LEAST_SIGNAL)
    return np.concatenate([[1.0], np.cumprod(factors)])
