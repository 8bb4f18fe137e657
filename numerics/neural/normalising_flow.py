"""A normalising flow: neural splines, with zuko."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate.numerics.neural.extras import require
from recurate.numerics.neural.model import NeuralModel, Normals
from recurate.numerics.neural.training import Training
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.validation import positive_count

if TYPE_CHECKING:
    import torch


class NormalisingFlowModel(NeuralModel):
    """A normalising flow: coupling layers of rational-quadratic splines, fitted by likelihood.

    Parameters
    ----------
    training : Training, optional
        Budget, start and device.
    transforms : int
        Coupling layers.
    width : int
        Units of each of the two hidden layers in a coupling layer.
    bins : int
        Pieces of a spline, which spans five standard deviations to each side.
    seed : int
        Seed of the weights and the training.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.
    ImportError
        If torch or zuko is missing: ``pip install "recurate[neural]"``.

    Notes
    -----
    Durkan, Bekasov, Murray and Papamakarios 2019 (arXiv:1906.04032). The model has a density. So
    add noise to data with few distinct values, such as the pixels of digits; otherwise the density
    grows without bound on them.
    """

    def __init__(
        self,
        training: Training | None = None,
        *,
        transforms: int = 4,
        width: int = 64,
        bins: int = 8,
        seed: int = 0,
    ) -> None:
        super().__init__(training, seed, requires=("zuko",))
        self.transforms = positive_count(transforms, "transforms")
        self.width = positive_count(width, "width")
        self.bins = positive_count(bins, "bins")

    def log_density(self, samples: Array) -> Array:
        """Return log p(x), shape (n,), for samples of shape (n, …), as an array of their library.

        Raises
        ------
        TypeError, ValueError
            As `fit`, or if the model was not fitted.
        """
        import torch

        self._require_fitted()
        points = self._points(samples)
        if tuple(samples.shape[1:]) != self._shape:
            shape = ", ".join(("n", *map(str, self._shape)))
            raise ValueError(
                f"samples must have the shape ({shape}), as the model's; got {tuple(samples.shape)}"
            )
        with torch.no_grad():
            inward = self._units.inward(points.to(self._units.location.device))
            values = self._network().log_prob(inward) + self._units.log_determinant()
        values = values.to(torch.float64)
        if isinstance(samples, np.ndarray):
            return values.cpu().numpy()
        return values.to(samples.device)

    def _fresh(self, shape: tuple[int, ...]) -> torch.nn.Module:
        zuko = require("zuko", type(self).__name__)
        # Two passes make coupling layers: as fast to sample as to train, in any dimension.
        flow: torch.nn.Module = zuko.flows.NSF(
            math.prod(shape),
            transforms=self.transforms,
            bins=self.bins,
            hidden_features=(self.width, self.width),
            passes=2,
        )
        return flow

    def _loss(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        loss: torch.Tensor = -self._network().log_prob(batch).mean()
        return loss

    def _draw(self, n: int, normals: Normals) -> torch.Tensor:
        # The flow's own sample method would draw from torch's global generator.
        inverse: Any = self._network().transform.inv
        drawn: torch.Tensor = inverse(normals(n))
        return drawn
