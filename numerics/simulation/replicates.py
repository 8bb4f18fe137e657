"""Independent replicates side by side, along the first axis of arrays."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj

from recurate.numerics.sampling.arrays import Array
from recurate.numerics.simulation.models import Model


class Copies:
    """Independent deep copies of a model, as one replicated model.

    Parameters
    ----------
    model : Model
        The model to copy.
    number : int
        Number of copies.
    """

    replicated = True

    def __init__(self, model: Model, number: int) -> None:
        self.models = [copy.deepcopy(model) for _ in range(number)]
        for name in ("log_density", "log_density_bias", "get_state", "set_state", "reseed"):
            if hasattr(model, name):
                setattr(self, name, getattr(self, f"_{name}"))

    def fit(self, samples: Array) -> None:
        """Fit each copy to a copy of its samples: replicates may share the real ones."""
        xp = array_namespace(samples)
        for i, model in enumerate(self.models):
            model.fit(xp.asarray(samples[i, ...], copy=True))

    def sample(self, n: int, rng: Any) -> Array:
        """Return n samples of each copy."""
        drawn = [model.sample(n, rng) for model in self.models]
        if not is_array_api_obj(drawn[0]):
            return drawn[0]  # the simulation refuses it, and says what is allowed
        if len({tuple(array.shape) for array in drawn}) > 1:
            found = ", ".join(str(tuple(array.shape)) for array in drawn[:3])
            raise ValueError(
                f"model.sample must return the same number of samples each time; got {found}, …"
            )
        return array_namespace(drawn[0]).stack(drawn)

    def _log_density(self, samples: Array) -> Array:
        made = [model.log_density(samples[i]) for i, model in enumerate(self.models)]  # type: ignore[attr-defined]
        return array_namespace(made[0]).stack(made)

    def _log_density_bias(self) -> list[float]:
        return [float(model.log_density_bias()) for model in self.models]  # type: ignore[attr-defined]

    def _reseed(self, seed: int) -> None:
        # Words of one seed's sequence are independent; the first do not depend on their number.
        words = np.random.SeedSequence(seed).generate_state(len(self.models), np.uint64)
        for model, word in zip(self.models, words, strict=True):
            model.reseed(int(word >> np.uint64(1)))  # type: ignore[attr-defined]

    def _get_state(self) -> dict[str, Array]:
        return {
            f"{i}.{name}": value
            for i, model in enumerate(self.models)
            for name, value in model.get_state().items()  # type: ignore[attr-defined]
        }

    def _set_state(self, state: dict[str, Array]) -> None:
        for i, model in enumerate(self.models):
            own = {
                name.partition(".")[2]: value
                for name, value in state.items()
                if name.partition(".")[0] == str(i)
            }
            model.set_state(own)  # type: ignore[attr-defined]
