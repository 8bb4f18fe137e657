"""Conditional flow matching with optimal-transport coupling, with POT and torchdiffeq."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.neural.extras import require
from recurate.numerics.neural.model import NeuralModel, Normals
from recurate.numerics.neural.time_network import NetworkSettings, at_time
from recurate.numerics.neural.training import Training
from recurate.numerics.validation import optional_flag, positive_count

if TYPE_CHECKING:
    import torch


class FlowMatchingModel(NeuralModel):
    """A velocity field from noise to samples, fitted to straight paths and integrated to sample.

    Parameters
    ----------
    training : Training, optional
        Budget, start and device.
    coupling : bool
        Whether noise and samples of a batch are paired by optimal transport (squared distances)
        instead of at random.
    ode_steps : int
        Steps of the midpoint rule that integrates the velocity; each evaluates the network twice.
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
        If torch, torchdiffeq or POT is missing: ``pip install "recurate[neural]"``.

    Notes
    -----
    Lipman, Chen, Ben-Hamu, Nickel and Le 2023 (arXiv:2210.02747); pairs by optimal transport in
    each batch: Tong et al. 2024 (arXiv:2302.00482), with paths of width zero. Steps are fixed,
    since those of an adaptive rule would depend on which samples are drawn together.
    """

    def __init__(
        self,
        training: Training | None = None,
        *,
        coupling: bool = True,
        ode_steps: int = 20,
        network: str = "dense",
        width: int = 128,
        depth: int = 3,
        seed: int = 0,
    ) -> None:
        super().__init__(training, seed, requires=("torchdiffeq", "ot"))
        if optional_flag(coupling, "coupling") is None:
            raise TypeError("coupling must be True or False; got None")
        self.coupling = bool(coupling)
        self.ode_steps = positive_count(ode_steps, "ode_steps")
        self.network = NetworkSettings(network, width, depth)

    def _fresh(self, shape: tuple[int, ...]) -> torch.nn.Module:
        return self.network.built(shape)

    def _block(self) -> int:
        return self.network.block(self._shape)

    def _loss(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        import torch

        place, n = batch.device, batch.shape[0]
        noise = torch.randn(batch.shape, generator=generator, device=place, dtype=batch.dtype)
        time = torch.rand(n, generator=generator, device=place, dtype=batch.dtype)
        if self.coupling:
            noise = noise[optimal_partners(batch, noise)]
        between = noise + time[:, None] * (batch - noise)
        return (at_time(self._network, between, time) - (batch - noise)).square().mean()

    def _draw(self, n: int, normals: Normals) -> torch.Tensor:
        odeint = require("torchdiffeq", type(self).__name__).odeint
        start = normals(n)

        def velocity(time: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
            return at_time(self._network, points, time.expand(n))

        path: torch.Tensor = odeint(
            velocity,
            start,
            start.new_tensor([0.0, 1.0]),
            method="midpoint",
            options={"step_size": 1.0 / self.ode_steps},
        )
        return path[-1]


def optimal_partners(points: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Return each point's partner, so that the pairs have the least total squared distance.

    Parameters
    ----------
    points, others : torch.Tensor, shape (n, d)
        The same number of each.

    Returns
    -------
    torch.Tensor of int64, shape (n,)
        Indices of the partners, a permutation, on the points' device.
    """
    import torch

    ot = require("ot", "the coupling")
    n = points.shape[0]
    # The totals of |x|² and |y|² do not depend on the pairs: -2xy has the same optimum.
    costs = (-2.0 * points.detach() @ others.detach().T).cpu().numpy().astype(np.float64)
    even = np.full(n, 1.0 / n)
    # With even weights an extreme plan is a permutation, and the network simplex ends at one.
    plan = ot.lp.emd(even, even, costs - costs.min())
    return torch.as_tensor(plan.argmax(axis=1), device=points.device)
