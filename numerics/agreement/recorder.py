"""Records of a simulated loop: rewards and groups of all samples, generated and trained on.

A `Recorder` stands between a simulation and a model, and records the samples that pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.sampling.arrays import Array, on_cpu
from recurate.numerics.simulation.models import Model
from recurate.numerics.validation import FloatArray, shown


@dataclass(frozen=True, eq=False)
class RewardSample(ReadOnlyArrays):
    """Samples, by their rewards and groups.

    Attributes
    ----------
    rewards : ndarray, shape (n,)
        Their rewards.
    groups : ndarray of int, shape (n,)
        The numbers of their groups, from 0.
    """

    rewards: FloatArray
    groups: IntArray

    def __post_init__(self) -> None:
        for name in ("rewards", "groups"):
            found = getattr(self, name)
            if not isinstance(found, np.ndarray) or found.ndim != 1 or found.size == 0:
                raise ValueError(
                    f"{name} must be an array of shape (n,), n >= 1; got {found!r:.60}"
                )
        if self.rewards.size != self.groups.size:
            raise ValueError(
                "rewards and groups must have one entry per sample each; "
                f"got {self.rewards.size} and {self.groups.size}"
            )
        super().__post_init__()

    @property
    def size(self) -> int:
        """Number of samples."""
        return self.rewards.size

    def figures(self, n_groups: int) -> FloatArray:
        """Return the mean reward and the groups' shares, shape (1 + n_groups,)."""
        shares = np.bincount(self.groups, minlength=n_groups) / self.size
        return read_only(np.concatenate([[self.rewards.mean()], shares]))


class Recorder:
    """A model that records the samples that pass through it, for one run of `simulate`.

    Parameters
    ----------
    model : Model
        The model; the recorder has the same optional methods.
    look : callable
        From samples, shape (n, …), to their rewards, shape (n,), and the numbers of their groups,
        shape (n,).
    keep : callable, optional
        From a step t and its generated samples to the NumPy arrays to be kept, by name.

    Attributes
    ----------
    generated : list of RewardSample
        The samples generated at each step t = 0, 1, …
    training : list of RewardSample
        The samples that the model was trained on before it generated those: real data first, then
        each step's mixture of curated and real samples.
    kept : list of dict
        The arrays kept at each step.

    Notes
    -----
    A simulation works on copies of the model, but the records are needed outside it. So a copy of a
    recorder is the recorder itself, and serves one run with one replicate.

    Examples
    --------
    >>> import numpy as np
    >>> from recurate import simulate
    >>> from recurate.numerics.simulation.models import KernelDensityModel
    >>> def reward(samples):
    ...     return samples[:, 0]
    >>> class Unreplicated:
    ...     def fit(self, samples):
    ...         self.mean = samples.mean()
    ...     def sample(self, n, rng):
    ...         return rng.normal(self.mean, size=(n, 1))
    >>> recorder = Recorder(Unreplicated(), lambda x: (reward(x), (x[:, 0] > 0).astype(int)))
    >>> _ = simulate(recorder, reward, 4, 1.0, 2, 100, real=np.zeros((50, 1)), rng=0)
    >>> [sample.size for sample in recorder.generated], [s.size for s in recorder.training]
    ([100, 100, 100], [50, 200, 200])
    """

    def __init__(
        self,
        model: Model,
        look: Callable[[Array], tuple[Array, Array]],
        *,
        keep: Callable[[int, Array], dict[str, Any]] | None = None,
    ) -> None:
        if getattr(model, "replicated", False):
            raise TypeError(
                f"model must hold one replicate; got {type(model).__name__}, which holds many"
            )
        for name, function in (("look", look), ("keep", keep)):
            if not callable(function) and (name == "look" or function is not None):
                raise TypeError(f"{name} must be a function of samples; got {shown(function)}")
        self._model: Any = model
        self._look = look
        self._keep = keep
        self.generated: list[RewardSample] = []
        self.training: list[RewardSample] = []
        self.kept: list[dict[str, Any]] = []
        for name in ("reseed", "log_density"):
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))
        if hasattr(model, "get_state"):
            self.get_state, self.set_state = self._get_state, self._set_state

    def __deepcopy__(self, memo: dict[int, Any]) -> Recorder:
        return self

    def fit(self, samples: Array) -> None:
        """Record the samples and fit the model to them."""
        self.training.append(self._seen(samples))
        self._model.fit(samples)

    def sample(self, n: int, rng: Any) -> Array:
        """Return n samples of the model and record them."""
        samples = self._model.sample(n, rng)
        self.generated.append(self._seen(samples))
        if self._keep is not None:
            self.kept.append(self._keep(len(self.generated) - 1, samples))
        return samples

    def _seen(self, samples: Array) -> RewardSample:
        rewards, groups = (np.asarray(on_cpu(values)) for values in self._look(samples))
        return RewardSample(rewards.astype(np.float64), groups.astype(np.intp))

    def _get_state(self) -> dict[str, Array]:
        """Return the model's state, and what has been recorded."""
        state = {f"model.{name}": value for name, value in self._model.get_state().items()}
        for kind in ("generated", "training"):
            for t, sample in enumerate(getattr(self, kind)):
                state[f"{kind}.{t}.rewards"] = sample.rewards
                state[f"{kind}.{t}.groups"] = sample.groups
        for t, kept in enumerate(self.kept):
            state |= {f"kept.{t}.{name}": values for name, values in kept.items()}
        return state

    def _set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned."""
        prefix = "model."
        self._model.set_state(
            {name.removeprefix(prefix): v for name, v in state.items() if name.startswith(prefix)}
        )
        for kind in ("generated", "training"):
            number = sum(name.startswith(f"{kind}.") for name in state) // 2
            samples = [
                RewardSample(*(on_cpu(state[f"{kind}.{t}.{part}"]) for part in _PARTS))
                for t in range(number)
            ]
            setattr(self, kind, samples)
        self.kept = [{} for _ in self.generated] if self._keep is not None else []
        for name, values in state.items():
            if name.startswith("kept."):
                _, t, what = name.split(".", 2)
                self.kept[int(t)][what] = on_cpu(values)


_PARTS = ("rewards", "groups")
