"""The real data of a simulation: an array of samples, or an object to sample from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recurate.numerics.sampling.arrays import Array
from recurate.numerics.sampling.streams import Stream
from recurate.numerics.simulation.checkpoints import digest
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.simulation.users_functions import called, require_array
from recurate.numerics.validation import FloatArray, real_numbers


@dataclass(frozen=True)
class Prompts:
    """The prompts that samples answer.

    Attributes
    ----------
    masses, best : ndarray, shape (prompts,)
        Probabilities of the prompts, and the best reward of each, which its weights are relative
        to.
    """

    masses: FloatArray
    best: FloatArray

    @property
    def number(self) -> int:
        """Number of prompts."""
        return self.masses.size


@dataclass(eq=False)
class TrainingData:
    """Real data: an array of samples, or an object to sample from.

    With prompts each replicate has a row for each of them, in their order; without, one row.
    """

    array: Array | None
    sampler: Any
    prompts: Prompts | None = None

    @classmethod
    def of(cls, real: Any, stream: Stream) -> TrainingData:
        """Return the data that `real` gives.

        Raises
        ------
        TypeError, ValueError
            If it cannot be sampled from and is not an array of numbers with at least one sample.
        """
        if isinstance(real, TrainingData):
            return real
        if callable(getattr(real, "sample", None)):
            return cls(None, real)
        try:
            array = stream.asarray(real_numbers(real, "real"))
        except (TypeError, ValueError) as error:
            raise TypeError(
                "real must be an array of samples, or have sample(n, rng); "
                f"got {type(real).__name__} ({error})"
            ) from error
        if array.ndim == 0 or array.shape[0] == 0:
            raise ValueError(
                f"real must have at least one sample; got an array of shape {tuple(array.shape)}"
            )
        return cls(array, None)

    def digest(self, stream: Stream) -> str | None:
        """Return a hash of the data; None for a sampler without one."""
        if self.array is None:
            return getattr(self.sampler, "digest", None)
        return digest(stream.to_numpy(self.array))

    def first(self, rows: int, sizes: Sizes, stream: Stream) -> Array:
        """Return the samples for the first fit, shape (rows, n, …)."""
        if self.array is None:
            assert sizes.initial is not None
            return self.draw(rows, sizes.initial, stream, 0)
        if rows == 1:  # a model may change its samples in place
            return stream.xp.asarray(self.array[None, ...], copy=True)
        return stream.xp.broadcast_to(self.array, (rows, *self.array.shape))

    def draw(self, rows: int, n: int, stream: Stream, t: int) -> Array:
        """Return n real samples for each row, shape (rows, n, …)."""
        if self.array is None:
            drawn = called("real.sample", t, self.sampler.sample, rows * n, stream.generator)
            require_array(drawn, "real.sample", (rows * n,), stream, t)
        else:
            indices = stream.indices(self.array.shape[0], (rows * n,))
            drawn = stream.xp.take(self.array, indices, axis=0)
        return stream.xp.reshape(drawn, (rows, n, *drawn.shape[1:]))
