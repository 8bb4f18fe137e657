"""The progress of a simulation: the figures of all replicates so far, and its place."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics import own_files
from recurate.numerics.laws.levels import FIGURES, Figures
from recurate.numerics.own_files import DamagedError
from recurate.numerics.sampling.streams import Stream, as_generator
from recurate.numerics.simulation.checkpoints import Checkpoint, CheckpointError, Place, digest
from recurate.numerics.simulation.chunk import ChunkRun
from recurate.numerics.simulation.models import Model
from recurate.numerics.simulation.plan import Plan
from recurate.numerics.simulation.training_data import TrainingData
from recurate.numerics.validation import FloatArray, shown

PARTICLES_AT_ONCE = 2**20
"""A chunk of replicates is simulated together; it has about so many samples per step."""

_ROUNDING = 1e-9  # of means over prompts, whose masses sum to one but for that

COPY_EVERY = 50.0
"""The latest state is copied again after so many times as long as the last copy took."""


@dataclass
class Record:
    """The figures of a simulation, by chunks of replicates, and its checkpoint.

    Attributes
    ----------
    plan : Plan
        The arguments of the simulation.
    file : Checkpoint
        The checkpoint.
    seeds : list of list of int
        One seed for each chunk.
    at_once : int
        Replicates in a chunk.
    figures, groups : ndarray
        As in `SimulatedTrajectory`; NaN where nothing has been simulated yet.
    """

    plan: Plan
    file: Checkpoint
    seeds: list[list[int]]
    at_once: int
    figures: FloatArray
    groups: FloatArray
    chunk: int = 0
    _max_reward: float | None = None
    _t: int = 0
    _generator: Any = None
    _model: dict[str, Any] = field(default_factory=dict)
    _latest: tuple[Place, dict[str, Any]] | None = None
    _next_copy: float = 0.0

    @classmethod
    def open(
        cls,
        plan: Plan,
        model: Model,
        data: TrainingData,
        replicates: int,
        checkpoint: str | os.PathLike[str] | None,
        rng: Any,
        stream: Stream,
    ) -> Record:
        """Return an empty record, or the one in the checkpoint file."""
        prompts = data.prompts
        in_a_step = max(plan.generated, plan.largest_set)
        if prompts is not None:
            in_a_step *= prompts.number
        at_once = max(1, PARTICLES_AT_ONCE // in_a_step)
        numbers = as_generator(rng).integers(2**63, size=(-(-replicates // at_once), 2))
        settings = plan.named() | {
            "replicates": replicates,
            "model": type(model).__qualname__
            + ("" if prompts is None else f" of {prompts.number} prompts"),
            "arrays": f"{type(stream).__name__} {stream.dtype}",
            "seed": None if rng is None else digest(numbers),
        }
        if checkpoint is not None:
            settings |= {"real": data.digest(stream)} | plan.digests()
        shape = (replicates, plan.steps + 1)
        record = cls(
            plan,
            Checkpoint(checkpoint, settings),
            numbers.tolist(),
            at_once,
            figures=np.full((*shape, len(FIGURES)), np.nan),
            groups=np.full((*shape, plan.n_groups), np.nan),
            _max_reward=plan.max_reward,
        )
        try:
            found = record.file.read()
            if found is not None:
                record._resume(*found, settings["seed"])
        except DamagedError as error:
            assert record.file.path is not None
            own_files.say(record.file.path, error, "the simulation begins anew")
        return record

    def _resume(self, place: Place, arrays: dict[str, Any], seed: str | None) -> None:
        """Go on from a place, with these arrays; seed is the seeds' hash, or None for any.

        Raises
        ------
        DamagedError
            If they are not of such a run; nothing is changed then.
        """
        figures, groups, seeds = (arrays.pop(name, None) for name in ("figures", "groups", "seeds"))
        for name, found, due in (
            ("figures", figures, self.figures),
            ("groups", groups, self.groups),
            ("seeds", seeds, np.array(self.seeds)),
        ):
            if found is None or (found.shape, found.dtype) != (due.shape, due.dtype):
                raise DamagedError(f"lacks {name} of the right shape and type")
        if (seeds < 0).any() or seed not in (None, digest(seeds)):
            raise DamagedError("has impossible seeds")
        is_begun = place.t > 0
        if place.chunk > len(seeds) or place.t > self.plan.steps:
            raise DamagedError("says that more is done than there is to do")
        if is_begun != (place.generator is not None) or is_begun != bool(arrays):
            raise DamagedError("lacks the state of what was begun, or has one of nothing")
        if not all(name.startswith("model.") for name in arrays):
            raise DamagedError("has arrays that no run has")
        if self._max_reward not in (None, place.max_reward):
            raise DamagedError("has another largest reward")
        done = self._done(place)
        if not _are_possible(figures[done], groups[done]):
            raise DamagedError("has figures that no run has")
        if not np.isnan(figures[~done]).all() or not np.isnan(groups[~done]).all():
            raise DamagedError("has figures of what is not done")
        self.figures, self.groups, self.seeds = figures, groups, seeds.tolist()
        self.chunk, self._t, self._generator = place.chunk, place.t, place.generator
        self._max_reward = place.max_reward
        self._model = {name.removeprefix("model."): array for name, array in arrays.items()}

    @property
    def max_reward(self) -> float:
        """The reward that weights are relative to; known once the first model is fitted."""
        assert self._max_reward is not None
        return self._max_reward

    def rows(self, chunk: int) -> slice:
        """Return the replicates of a chunk."""
        return slice(chunk * self.at_once, min((chunk + 1) * self.at_once, self.figures.shape[0]))

    def simulate(
        self, chunk: int, run: ChunkRun, on_step: Callable[[int, int], None] | None
    ) -> None:
        """Simulate a chunk, from its beginning or from the checkpoint."""
        start, steps = self._t, self.plan.steps
        if start:
            try:
                run.restore(self._model, self._generator)
            except Exception as error:  # of the user's model, which may be another than it was
                raise CheckpointError(
                    f"checkpoint must be of a run with the same model; {self.file.path} has a "
                    f"state that this one does not take ({shown(str(error))})"
                ) from error
        else:
            largest = run.begin()
            self._max_reward = largest if self._max_reward is None else self._max_reward
        try:
            for t in range(start, steps + 1):
                run.step(t, self.max_reward, is_last=t == steps)
                if t < steps:
                    self._keep(chunk, t + 1, run, start)
                    if on_step is not None:
                        on_step(chunk * steps + t + 1, len(self.seeds) * steps)
            self._collect(chunk, run, start, steps + 1)
            self._write(self._place(chunk + 1, 0, None), {})
        except Exception:
            raise
        except BaseException:  # Ctrl-C: the step that it interrupts is taken again
            self._write_latest(run, start)
            raise
        self._t, self._model, self._latest = 0, {}, None

    def _keep(self, chunk: int, t: int, run: ChunkRun, start: int) -> None:
        """Keep the state before step t in memory, and in the file if that is due."""
        begin = time.monotonic()
        if self.file.path is None or (begin < self._next_copy and not self.file.is_due):
            return
        # Copies: a model may go on in the arrays that it returned.
        state = {f"model.{name}": np.array(array) for name, array in run.state().items()}
        self._latest = self._place(chunk, t, run.stream.state()), state
        now = time.monotonic()
        self._next_copy = now + COPY_EVERY * (now - begin)
        if self.file.is_due:
            self._write_latest(run, start)

    def _write_latest(self, run: ChunkRun, start: int) -> None:
        if self._latest is not None:
            place, arrays = self._latest
            self._collect(place.chunk, run, start, place.t)
            self._write(place, arrays)

    def _collect(self, chunk: int, run: ChunkRun, start: int, stop: int) -> None:
        """Take over what was measured in the steps from `start` to before `stop`."""
        figures, groups = run.measured()
        self.figures[self.rows(chunk), start:stop] = figures[:, : stop - start]
        self.groups[self.rows(chunk), start:stop] = groups[:, : stop - start]

    def _place(self, chunk: int, t: int, generator: Any) -> Place:
        return Place(chunk=chunk, t=t, generator=generator, max_reward=self.max_reward)

    def _done(self, place: Place) -> npt.NDArray[np.bool_]:
        """Return of which replicates and steps the figures are known, shape (replicates, t)."""
        done = np.zeros(self.figures.shape[:2], np.bool_)
        done[: self.rows(place.chunk).start] = True
        done[self.rows(place.chunk), : place.t] = True
        return done

    def _write(self, place: Place, state: dict[str, Any]) -> None:
        # An interrupted write of a whole chunk has left figures of steps that are taken again.
        done = self._done(place)[:, :, None]
        arrays: dict[str, Any] = {
            "figures": np.where(done, self.figures, np.nan),
            "groups": np.where(done, self.groups, np.nan),
            "seeds": np.array(self.seeds),
        }
        self.file.write(place, arrays | state)


def _are_possible(figures: FloatArray, groups: FloatArray) -> bool:
    """Return whether figures, shape (n, 5), and shares, shape (n, n_groups), can be of samples."""
    of = Figures(*figures.T)
    # Weights of rewards above the largest real one overflow, and then the variance is not known.
    spread = np.where(np.isinf(of.expected_weight), 0.0, of.variance_weight)
    shares = np.append(groups.ravel(), of.mass_at_max)
    return bool(
        np.isfinite(of.expected_reward).all()
        and (of.expected_weight >= 0).all()
        and (spread >= 0).all()
        and ((shares >= 0) & (shares <= 1 + _ROUNDING)).all()
        and (not groups.size or np.allclose(groups.sum(axis=1), 1.0))
    )
