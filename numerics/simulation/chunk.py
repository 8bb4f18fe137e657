"""One chunk of a simulation: replicates side by side, step by step."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from recurate.numerics.laws.levels import Figures
from recurate.numerics.rules.levels import paper_candidates
from recurate.numerics.sampling.arrays import Array, count_rows, device_of, take_rows
from recurate.numerics.sampling.choice_rule import ChoiceRule, Pool
from recurate.numerics.sampling.choices_by_rule import chosen
from recurate.numerics.sampling.pools import Entries, LawEntries, Pools
from recurate.numerics.sampling.streams import NumpyStream, Stream
from recurate.numerics.simulation.models import Model
from recurate.numerics.simulation.plan import Plan
from recurate.numerics.simulation.replicates import Copies
from recurate.numerics.simulation.sample_entries import AtomEntries, SampleEntries
from recurate.numerics.simulation.training_data import TrainingData
from recurate.numerics.simulation.users_functions import called, require_array
from recurate.numerics.validation import LARGEST_SPAN, FloatArray

SEEDS = 2**48
"""Seeds for a model's own randomness are below this: uniforms of 53 bits tell them apart."""

ACCUMULATED = "samples of all rounds"
"""Name, beside the arrays of a model's state, of a training set that grows."""


class ChunkRun:
    """Replicates simulated side by side: arrays have a leading axis of rows.

    There is a row for each replicate, or for each of its prompts, if there are some.
    """

    def __init__(
        self, model: Model, plan: Plan, data: TrainingData, stream: Stream, replicates: int
    ) -> None:
        self.stream = stream
        self._plan, self._data, self._replicates = plan, data, replicates
        self._rows, self._masses, self._best = replicates, None, None
        if data.prompts is not None:
            xp, place = stream.xp, getattr(stream.generator, "device", None)
            self._rows = replicates * data.prompts.number
            self._masses = xp.asarray(data.prompts.masses, device=place, copy=True)
            self._best = xp.tile(
                xp.asarray(data.prompts.best, device=place, copy=True), (replicates,)
            )
        is_replicated = getattr(model, "replicated", False)
        self._model: Any = copy.deepcopy(model) if is_replicated else Copies(model, self._rows)
        self._figures: list[Array] = []
        self._groups: list[Array] = []
        self._atoms = None if plan.law is None else LawEntries(plan.law, stream)
        self._accumulated: Array | None = None

    def begin(self) -> float:
        """Fit the models to real data; return the largest reward of these."""
        if hasattr(self._model, "reseed"):
            seed = int(self.stream.indices(SEEDS, (1,))[0])
            called("model.reseed", 0, self._model.reseed, seed)
        samples = self._data.first(self._rows, self._plan.sizes(0), self.stream)
        called("model.fit", 0, self._model.fit, samples)
        if self._plan.max_reward is not None:
            return self._plan.max_reward
        distinct = samples if self._data.array is None else samples[:1, ...]
        return float(self.stream.xp.max(self._rewards(distinct, 0)))

    def step(self, t: int, max_reward: float, *, is_last: bool) -> None:
        """Generate samples, measure them and, except in the last step, retrain."""
        sizes, xp = self._plan.sizes(t), self.stream.xp
        generator = self.stream.generator
        samples = called("model.sample", t, self._model.sample, sizes.generated, generator)
        wanted = (self._rows, sizes.generated)
        require_array(samples, "model.sample", wanted, self.stream, t)
        rewards = self._rewards(samples, t)
        self._measure(samples, rewards, max_reward, t)
        if is_last:
            return
        training = []
        if sizes.curated:
            winners = self._winners(samples, rewards, sizes.curated, t)
            training.append(take_rows(samples, winners))
        if sizes.retained:
            kept = self.stream.indices(sizes.generated, (self._rows, sizes.retained))
            training.append(take_rows(samples, kept))
        if self._accumulated is not None:
            training.append(self._accumulated)
        elif sizes.real:
            training.append(self._data.draw(self._rows, sizes.real, self.stream, t))
        together = _joined(xp, training, t)
        if self._plan.is_accumulated:
            self._accumulated = together
            together = xp.asarray(together, copy=True)  # a model may change its samples in place
        called("model.fit", t, self._model.fit, together)

    def _winners(self, samples: Array, rewards: Array, number: int, t: int) -> Array:
        """Return the winners of the choices at step t, indices in their row, (rows, number)."""
        xp, plan = self.stream.xp, self._plan
        rule = plan.at(t).rule
        K = paper_candidates(rule)
        if K is not None:
            choice = ChoiceRule(K, plan.temperature, plan.method)
            relative = choice.scaled(rewards - xp.max(rewards, axis=1)[:, None])
            return choice.winners(Pool(relative, None, self.stream), number)
        flat = xp.reshape(samples, (-1, *samples.shape[2:]))
        entries: Entries
        if self._atoms is not None:
            entries = AtomEntries(self._atoms, flat)
        else:
            entries = SampleEntries(
                plan,
                rewards,
                lambda what, function: self._values(what, function, samples, t),
                lambda: self._labels(samples, t),
            )
        rows, size = samples.shape[:2]
        pools = Pools(self.stream, entries, np.full(rows, size))
        try:
            return chosen(rule, pools, number, plan.method) % size
        except Exception as error:
            error.add_note(f"in the choices at step t = {t} of the simulation")
            raise

    def measured(self) -> tuple[FloatArray, FloatArray]:
        """Return figures, shape (replicates, steps so far, 5), and shares of the groups."""
        xp, stream = self.stream.xp, self.stream
        figures = stream.to_numpy(xp.stack(self._figures, axis=1))
        if not self._groups:
            return figures, np.empty((*figures.shape[:2], 0))
        return figures, stream.to_numpy(xp.stack(self._groups, axis=1))

    def state(self) -> dict[str, Any]:
        """Return the models' state as NumPy arrays, and the training set that grows."""
        state = dict(self._model.get_state())
        if self._accumulated is not None:
            state[ACCUMULATED] = self._accumulated
        return {name: self._array(value) for name, value in state.items()}

    def _array(self, value: Any) -> Any:
        is_ready = np.isscalar(value) or isinstance(value, np.ndarray)
        return np.asarray(value) if is_ready else self.stream.to_numpy(value)

    def restore(self, state: dict[str, Any], generator: Any) -> None:
        """Set the models and the generator to a kept state."""
        if not isinstance(self.stream, NumpyStream):
            place = self.stream.generator.device
            xp = self.stream.xp
            state = {name: xp.asarray(value, device=place) for name, value in state.items()}
        if self._plan.is_accumulated:
            self._accumulated = state.pop(ACCUMULATED)
        self._model.set_state(state)
        self.stream.restore(generator)

    def _rewards(self, samples: Array, t: int) -> Array:
        """Return checked rewards in double precision, shape (replicates, n)."""
        xp = self.stream.xp
        rewards = xp.astype(self._values("reward", self._plan.reward, samples, t), xp.float64)
        low, high = float(xp.min(rewards)), float(xp.max(rewards))
        if not (math.isfinite(low) and math.isfinite(high)):
            bad = ~xp.isfinite(rewards)
            first = int(xp.argmax(xp.astype(bad, xp.int64)))
            raise ValueError(
                f"reward must return finite numbers; got {float(rewards[first])} for sample "
                f"{first} at step t = {t} ({int(xp.sum(bad))} of {rewards.shape[0]} are not finite)"
            )
        if high - low > LARGEST_SPAN:
            raise ValueError(
                f"reward must return numbers that span at most {LARGEST_SPAN:g}; got values from "
                f"{low:g} to {high:g} at step t = {t}"
            )
        return xp.reshape(rewards, tuple(samples.shape[:2]))

    def _measure(self, samples: Array, rewards: Array, max_reward: float, t: int) -> None:
        """Append the figures of this step's samples, in the order of `FIGURES`."""
        xp = self.stream.xp
        unit = max_reward if self._best is None else self._best
        relative = rewards - (unit if self._best is None else self._best[:, None])
        with np.errstate(over="ignore", invalid="ignore"):
            weights = xp.exp(relative)
            figures = Figures(
                expected_weight=xp.mean(weights, axis=1),
                variance_weight=xp.var(weights, axis=1),
                expected_reward=unit + xp.mean(relative, axis=1),
                kl_to_reference=self._divergence(samples, t),
                mass_at_max=xp.mean(xp.astype(relative >= 0, xp.float64), axis=1),
            )
            self._figures.append(self._mean(xp.stack(figures, axis=1)))
        if self._plan.groups is not None:
            self._groups.append(self._shares(samples, t))

    def _mean(self, figures: Array) -> Array:
        """Return the mean over the prompts of each replicate, from (rows, …) to (replicates, …)."""
        if self._masses is None:
            return figures
        by_prompt = self.stream.xp.reshape(figures, (self._replicates, self._masses.shape[0], -1))
        return self._masses @ by_prompt

    def _divergence(self, samples: Array, t: int) -> Array:
        """Return the mean of log p_t - log p_ref over the samples, its bias taken off.

        NaN without densities.
        """
        xp, reference = self.stream.xp, self._plan.reference_log_density
        if reference is None or not hasattr(self._model, "log_density"):
            return xp.full((self._rows,), xp.nan, dtype=xp.float64, device=device_of(samples))
        log_reference = self._values("reference_log_density", reference, samples, t)
        log_density = called("model.log_density", t, self._model.log_density, samples)
        difference = log_density - xp.reshape(log_reference, log_density.shape)
        divergence = xp.mean(xp.astype(difference, xp.float64), axis=1)
        # A first fit to all real data, and not to a draw of them, has p_ref itself.
        is_drawn = t > 0 or self._plan.sizes(0).initial is not None
        if is_drawn and hasattr(self._model, "log_density_bias"):
            bias = called("model.log_density_bias", t, self._model.log_density_bias)
            bias = xp.asarray(bias, dtype=xp.float64, device=device_of(samples))
            if bias.shape != divergence.shape:
                raise ValueError(
                    f"model.log_density_bias must return an array of shape ({self._rows},), "
                    f"a number for each replicate; got {tuple(bias.shape)} at step t = {t}"
                )
            divergence = divergence - bias
        return divergence

    def _shares(self, samples: Array, t: int) -> Array:
        """Return the shares of the groups, shape (replicates, n_groups)."""
        xp, n_groups = self.stream.xp, len(self._plan.group_names)
        labels = xp.reshape(self._labels(samples, t), (self._replicates, -1))
        weights = None
        if self._masses is not None:
            weights = xp.repeat(self._masses, samples.shape[1])
            weights = xp.broadcast_to(weights, labels.shape)
        return xp.astype(count_rows(labels, n_groups, weights), xp.float64) / samples.shape[1]

    def _labels(self, samples: Array, t: int) -> Array:
        """Return the samples' groups, checked, shape (rows · n,)."""
        assert self._plan.groups is not None
        xp, n_groups = self.stream.xp, len(self._plan.group_names)
        labels = self._values("groups", self._plan.groups, samples, t)
        right = (labels >= 0) & (labels < n_groups)
        if not xp.isdtype(labels.dtype, ("bool", "integral")):
            right &= labels == xp.floor(labels)
        wrong = ~right
        if bool(xp.any(wrong)):
            numbers = xp.astype(labels, xp.float64)
            first = int(xp.argmax(xp.astype(wrong, xp.int64)))
            raise ValueError(
                f"groups must return integers from 0 to {n_groups - 1}, one less than there are "
                f"group_names; got {float(numbers[first]):g} at step t = {t}"
            )
        return xp.astype(labels, xp.int64)

    def _values(
        self, what: str, function: Callable[[Array], Array], samples: Array, t: int
    ) -> Array:
        """Return a user's function of the samples, checked, shape (replicates · n,)."""
        flat = self.stream.xp.reshape(samples, (-1, *samples.shape[2:]))
        values = called(what, t, function, flat)
        require_array(values, what, (flat.shape[0],), self.stream, t, exact=True)
        return values


def _joined(xp: Any, parts: list[Array], t: int) -> Array:
    """Return curated and real samples as one training set."""
    if len(parts) == 1:
        return parts[0]
    if parts[0].shape[2:] != parts[-1].shape[2:]:
        raise ValueError(
            "model.sample must return samples of the same shape as the real ones, "
            f"{tuple(parts[-1].shape[2:])}; got {tuple(parts[0].shape[2:])} at step t = {t}"
        )
    return xp.concat(parts, axis=1)
