"""A law with prompts, to be simulated: in a chunk each prompt is a row, beside the replicates."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.sampling.arrays import Array, count_rows, device_of, take_rows
from recurate.numerics.sampling.segments import Segments
from recurate.numerics.sampling.streams import Stream, stream_of
from recurate.numerics.simulation.checkpoints import digest
from recurate.numerics.simulation.models import EmpiricalDistribution
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.simulation.training_data import Prompts, TrainingData


class PromptAtoms(TrainingData):
    """The atoms of a law with prompts, one prompt after the other, as real data.

    Row i of what is drawn answers prompt i modulo their number: the rows of the first replicate
    come first. Samples are numbers of atoms in this order.

    Parameters
    ----------
    law : RewardLaw
        A law with prompts.
    """

    prompts: Prompts

    def __init__(self, law: RewardLaw) -> None:
        super().__init__(None, None, Prompts(law.prompt_probs, law.prompt_best))
        prompt = law.prompt_of_atoms
        order = np.argsort(prompt, kind="stable")
        self.rewards, self.prompt = law.rewards[order], prompt[order]
        self.groups = None if law.group_index is None else law.group_index[order]
        self.log_probs = log_masses(law.probs[order]) - np.log(law.prompt_probs)[self.prompt]
        self._starts = np.searchsorted(self.prompt, np.arange(law.prompt_probs.size + 1))
        self._probs = None if law.is_uniform else law.probs[order]
        self._segments: dict[Any, Segments] = {}

    def __deepcopy__(self, memo: Any) -> PromptAtoms:
        return self

    def digest(self, stream: Stream) -> str:
        """Return a hash of the law."""
        return digest(self.rewards, self.prompt, self.log_probs, self.prompts.masses)

    def first(self, rows: int, sizes: Sizes, stream: Stream) -> Array:
        """Return no samples, shape (rows, 0): the first model is the law itself."""
        return stream.xp.zeros((rows, 0), dtype=stream.xp.int64, device=self._place(stream))

    def draw(self, rows: int, n: int, stream: Stream, t: int) -> Array:
        """Return n atoms of each row's prompt, shape (rows, n)."""
        xp, place = stream.xp, self._place(stream)
        if place not in self._segments:
            starts = xp.asarray(self._starts, device=place)
            weights = None if self._probs is None else xp.asarray(self._probs, device=place)
            self._segments[place] = Segments(starts, weights)
        drawn = xp.empty((rows * n,), dtype=xp.int64, device=place)
        for start in range(0, rows * n, stream.block):
            stop = min(start + stream.block, rows * n)
            which = xp.arange(start, stop, device=place) // n % self.prompts.number
            uniforms = stream.doubles((stop - start,))
            drawn[start:stop] = self._segments[place].draw(which, uniforms)
        return xp.reshape(drawn, (rows, n))

    def _place(self, stream: Stream) -> Any:
        return getattr(stream.generator, "device", None)


class PromptResampling(EmpiricalDistribution):
    """Resampling of each row's training set, which answers one prompt; the law before there is one.

    Parameters
    ----------
    atoms : PromptAtoms
        The law.
    """

    def __init__(self, atoms: PromptAtoms) -> None:
        super().__init__(atoms.rewards.size)
        self._law = atoms

    @property
    def _is_new(self) -> bool:
        return bool(self._samples.shape[1] == 0)

    def sample(self, n: int, rng: Any) -> Array:
        """Return n atoms for each row, drawn with replacement from its samples, or the law."""
        if self._is_new:
            return self._law.draw(self._samples.shape[0], n, stream_of(rng), 0)
        return super().sample(n, rng)

    def log_density(self, samples: Array) -> Array:
        """Return the logarithm of each atom's frequency among its row's samples."""
        xp = array_namespace(samples)
        if self._is_new:
            log_probs = xp.asarray(self._law.log_probs, device=device_of(samples), copy=True)
            return xp.reshape(xp.take(log_probs, xp.reshape(samples, (-1,))), samples.shape)
        # An atom answers one prompt, so that a replicate's rows are counted together.
        counts = self._counts()
        with np.errstate(divide="ignore"):  # atoms that it has lost
            logarithms = xp.log(counts / self._samples.shape[1])
        flat = xp.reshape(samples, (counts.shape[0], -1))
        return xp.reshape(take_rows(logarithms, flat), samples.shape)

    def log_density_bias(self) -> Array:
        """Return by how much each row's mean log-density is too large, as for other samples."""
        counts = self._counts()
        xp, rows = array_namespace(counts), self._samples.shape[0]
        replicate, atom = xp.nonzero(counts)
        prompt = xp.asarray(self._law.prompt, device=device_of(counts), copy=True)
        row = replicate * self._law.prompts.number + xp.take(prompt, atom)
        occupied = xp.astype(xp.bincount(row, minlength=rows), xp.float64)
        return (occupied - 1.0) / (2.0 * self._samples.shape[1])

    def _counts(self) -> Array:
        """Return how often each replicate has each atom, shape (replicates, atoms)."""
        xp = array_namespace(self._samples)
        samples = xp.reshape(
            self._samples, (self._samples.shape[0] // self._law.prompts.number, -1)
        )
        return xp.astype(count_rows(samples, self._law.rewards.size), xp.float64)

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned.

        Raises
        ------
        ValueError
            If the samples are no atoms of the law, or answer another prompt than their row's.
        """
        super().set_state(state)
        xp = array_namespace(self._samples)
        prompt = xp.asarray(self._law.prompt, device=device_of(self._samples), copy=True)
        rows = xp.arange(self._samples.shape[0], device=device_of(self._samples))
        found = xp.take(prompt, xp.reshape(self._samples, (-1,)))
        due = (rows % self._law.prompts.number)[:, None]
        if bool(xp.any(xp.reshape(found, self._samples.shape) != due)):
            raise ValueError("samples must answer the prompt of their row")
