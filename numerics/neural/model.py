"""What the neural models share: seeds, units, training, sampling in blocks, and state."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from recurate.numerics.neural.extras import require
from recurate.numerics.neural.standardisation import Standardisation
from recurate.numerics.neural.training import Training, seeded, train
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.sampling.streams import open_stream, stream_of
from recurate.numerics.validation import count, positive_count, real_numbers

if TYPE_CHECKING:
    import torch

Normals: TypeAlias = "Callable[[int], torch.Tensor]"
"""From n to noise of shape (n, d)."""

BLOCK = 2**16
"""Samples that go through a network at once."""

LARGEST_SEED = 2**63 - 1

_WEIGHTS, _BATCHES = 0, 1
_BITS = {"float32": 32, "float64": 64}


class NeuralModel(ABC):
    """A network as a model for `recurate.simulate`; subclasses are the kinds of model.

    Parameters
    ----------
    training : Training, optional
        Budget, start and device.
    seed : int
        Seed of the initial weights and of all randomness in training: a fit depends on the seed,
        the number of earlier fits and the samples. A simulation sets it by `reseed`.
    requires : sequence of str
        Modules that the subclass needs besides torch.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.
    ImportError
        If a package is missing: ``pip install "recurate[neural]"``.

    Notes
    -----
    Samples are NumPy arrays or torch tensors, shape (n, …); the generator decides which are drawn.
    Torch's global random state is neither used nor changed.
    """

    def __init__(
        self, training: Training | None, seed: int, requires: tuple[str, ...] = ()
    ) -> None:
        for module in ("torch", *requires):
            require(module, type(self).__name__)
        if training is not None and not isinstance(training, Training):
            raise TypeError(f"training must be a Training; got {type(training).__name__}")
        self.training = Training() if training is None else training
        if self.training.device is not None:
            open_stream(0, "torch", self.training.device)  # fails at once if the device is missing
        self.reseed(seed)
        self._network: Any = None
        self._units: Any = None
        self._shape: tuple[int, ...] = ()
        self._float = "float64"

    @abstractmethod
    def _fresh(self, shape: tuple[int, ...]) -> torch.nn.Module:
        """Return a network for samples of that shape, with random weights."""

    @abstractmethod
    def _loss(self, batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return the loss of a batch in the network's units, shape (batch, d)."""

    @abstractmethod
    def _draw(self, n: int, normals: Normals) -> torch.Tensor:
        """Return n samples in the network's units; `normals(n)` gives noise of shape (n, d)."""

    def _block(self) -> int:
        """Return the number of samples that may go through the network at once."""
        return BLOCK

    def reseed(self, seed: int) -> None:
        """Start the model's own randomness from an integer; weights stay unchanged."""
        self._seed = count(seed, "seed", LARGEST_SEED)
        self._fits = 0

    def fit(self, samples: Array) -> None:
        """Train on samples, shape (n, …), numbers of a NumPy array or a torch tensor.

        Raises
        ------
        TypeError, ValueError
            If they are not such an array, are empty or not finite or, for a warm start, have
            another shape.
        FloatingPointError
            If training diverges.
        """
        import torch

        points = self._points(samples)
        is_first = self._network is None or not self.training.warm_start
        shape = tuple(samples.shape[1:])
        if is_first:
            network = self._built(points, shape)  # first, since it may refuse the shape
            units = Standardisation.of(points, common=self.training.common_scale)
            self._network, self._units = network, units
        elif shape != self._shape:
            raise ValueError(
                f"samples must have the shape of those before, {self._shape}, for a warm start; "
                f"got {shape}"
            )
        else:
            self._network.to(points.device)
        self._shape = shape
        self._float = "float32" if str(samples.dtype).endswith("float32") else "float64"
        generator = torch.Generator(device=points.device)
        generator.manual_seed(seeded(self._seed, self._fits, _BATCHES))
        updates = self.training.budget(is_first=is_first)
        inward = self._units.inward(points)
        train(self._network, self._loss, inward, self.training, updates, generator)
        self._fits += 1

    def sample(self, n: int, rng: Any) -> Array:
        """Return n samples, shape (n, …).

        Parameters
        ----------
        n : int
            How many.
        rng : numpy.random.Generator or torch.Generator
            Samples are arrays of its library, on its device.

        Returns
        -------
        array, shape (n, …)
            The samples, in the units of those that the model was fitted to.

        Raises
        ------
        TypeError, ValueError
            If an argument has the wrong kind or is out of range, or the model was not fitted.
        """
        import torch

        n = positive_count(n, "n")
        self._require_fitted()
        if not isinstance(rng, np.random.Generator | torch.Generator):
            raise TypeError(
                "rng must be a numpy.random.Generator or a torch.Generator; "
                f"got {type(rng).__name__}"
            )
        stream = stream_of(rng, self.training.dtype)
        place, features = self._units.location.device, self._units.location.shape[0]

        def normals(size: int) -> torch.Tensor:
            return torch.as_tensor(stream.normals((size, features)), device=place)

        block = min(BLOCK, self._block())
        with torch.no_grad():
            parts = [
                self._units.outward(self._draw(min(block, n - start), normals))
                for start in range(0, n, block)
            ]
        place = "cpu" if isinstance(rng, np.random.Generator) else rng.device
        # The type comes last: not every device has double precision.
        samples = torch.cat(parts).reshape(n, *self._shape).to(place)
        samples = samples.to(getattr(torch, self._float))
        return samples.numpy() if isinstance(rng, np.random.Generator) else samples

    def get_state(self) -> dict[str, Array]:
        """Return weights, units and seeds as NumPy arrays.

        Raises
        ------
        ValueError
            If the model was not fitted.
        """
        self._require_fitted()
        state = {
            "seed": np.array(self._seed),
            "fits": np.array(self._fits),
            "shape": np.array(self._shape, dtype=np.int64),
            "float_bits": np.array(_BITS[self._float]),
            "location": self._units.location.cpu().numpy(),
            "scale": self._units.scale.cpu().numpy(),
        }
        weights = self._network.state_dict()
        # Copies: weights are changed in place, and what was returned must not change with them.
        return state | {f"network.{k}": v.detach().cpu().numpy().copy() for k, v in weights.items()}

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned, as NumPy arrays or tensors.

        Raises
        ------
        ValueError
            If the state belongs to a model with another network.
        """
        import torch

        device = self.training.device
        dtype = getattr(torch, self.training.dtype)
        tensors = {name: torch.as_tensor(value) for name, value in state.items()}
        location, scale = (tensors[name].to(device, dtype) for name in ("location", "scale"))
        shape = tuple(tensors["shape"].tolist())
        network = self._built(location[None], shape)
        weights = {
            name.removeprefix("network."): value
            for name, value in tensors.items()
            if name.startswith("network.")
        }
        try:
            network.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(
                f"state must be of a {type(self).__name__} with the same network; got another "
                f"one's ({str(error).strip().splitlines()[-1].strip()})"
            ) from error
        self._network, self._units = network, Standardisation(location, scale)
        self._shape = shape
        self._seed, self._fits = int(tensors["seed"]), int(tensors["fits"])
        self._float = f"float{int(tensors['float_bits'])}"

    def _points(self, samples: Array) -> torch.Tensor:
        """Return samples as checked points, shape (n, d), in the weights' type on their device."""
        import torch

        if not isinstance(samples, np.ndarray | torch.Tensor):
            raise TypeError(
                f"samples must be a NumPy array or a torch tensor; got {type(samples).__name__}"
            )
        if samples.ndim == 0 or math.prod(samples.shape) == 0:
            raise ValueError(
                "samples must have the shape (n, …) with no length of 0; "
                f"got {tuple(samples.shape)}"
            )
        real_numbers(samples, "samples")
        # A copy: torch takes no read-only memory, such as a simulation's broadcast data.
        tensor = torch.tensor(samples) if isinstance(samples, np.ndarray) else samples.detach()
        device = tensor.device if self.training.device is None else self.training.device
        points = tensor.to(getattr(torch, self.training.dtype)).to(device)
        if not bool(torch.isfinite(points).all()):
            raise ValueError(f"samples must be finite in {self.training.dtype}; some are not")
        return points.reshape(points.shape[0], -1)

    def _built(self, points: torch.Tensor, shape: tuple[int, ...]) -> torch.nn.Module:
        """Return a fresh network of this fit's seed: the same weights on every device."""
        import torch

        # Layers draw their weights from torch's global generator, on the CPU; it is put back.
        with torch.random.fork_rng(devices=[]), torch.device("cpu"):
            torch.default_generator.manual_seed(seeded(self._seed, self._fits, _WEIGHTS))
            network = self._fresh(shape)
        return network.to(points.device, points.dtype)

    def _require_fitted(self) -> None:
        if self._network is None:
            raise ValueError(f"{type(self).__name__} was not fitted yet: call fit(samples) first")
