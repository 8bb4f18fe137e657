"""The state of a loop within prompts: levels of reward of each prompt, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recurate.numerics.curation.short_quadrature import node_count
from recurate.numerics.curation.stacked import PART_ENTRIES, WIDER, WIDER_BY
from recurate.numerics.laws.groups import sorted_within
from recurate.numerics.laws.levels import Figures, Levels, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses, sums_of_masses
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.read_only import read_only
from recurate.numerics.text import shown
from recurate.numerics.validation import SUM_TOLERANCE, FloatArray


@dataclass(frozen=True)
class PromptLevels(Levels):
    """Where the state of a loop within prompts lives: the distinct rewards of each prompt.

    Of a loop with a rule they are the distinct rows of the reward and of what the rule reads. They
    stand one prompt after the other, rewards ascending in each. The base is a joint measure: p(z)
    times that of the rewards of prompt z. As p(z) is constant, the state log(p_t/base) is the
    conditional log-density as well.

    Attributes
    ----------
    starts : ndarray of int, shape (prompts + 1,)
        Where each prompt's levels begin, and the end of the last.
    prompts : ndarray of int, shape (prompts,)
        The law's number of each of these prompts: fewest levels first, and of equally many the
        narrowest rewards, so that neighbours can be computed together.
    atoms : ndarray of int, shape (n,)
        Numbers of the law's atoms, in the order of their levels; `index` has the levels.
    atom_starts : ndarray of int, shape (prompts + 1,)
        Where each prompt's atoms begin among them.
    starts_at_reference : bool
        Whether p_0 is p_ref.
    """

    starts: IntArray
    prompts: IntArray
    atoms: IntArray
    atom_starts: IntArray
    starts_at_reference: bool

    @classmethod
    def of(
        cls, law: RewardLaw, initial: FloatArray | None, rows: FloatArray | None = None
    ) -> PromptLevels:
        """Return the levels for a loop that starts at `initial`, or at p_ref.

        Parameters
        ----------
        law : RewardLaw
            With prompts.
        initial : ndarray, shape (n,), or None
            Probabilities p_0; None for p_ref.
        rows : ndarray, shape (n,), optional
            From p_ref, numbers that increase with the reward: atoms of one prompt and one number
            are one level. By default it is the rewards.

        Raises
        ------
        ValueError
            If `initial` has another mass than p_ref at some prompt.
        """
        rows = law.rewards if rows is None else rows
        prompt = law.prompt_of_atoms
        if initial is not None:
            _require_masses(law, prompt, initial)
        order, counts = sorted_within(prompt, rows)
        ends = np.cumsum(counts)
        begins, rewards = ends - counts, law.rewards[order]
        is_new = np.ones(law.size, dtype=bool)  # from another start each atom is a level
        if initial is None:
            np.not_equal(rows[order[1:]], rows[order[:-1]], out=is_new[1:])
            is_new[begins] = True
        sizes = np.add.reduceat(is_new, begins, dtype=np.intp)
        spans = rewards[ends - 1] - rewards[begins]
        prompts = np.lexsort((spans, sizes))
        starts, atom_starts = _starts(sizes[prompts]), _starts(counts[prompts])
        places = _gathered(begins, counts, prompts)
        atoms, is_new = order[places], is_new[places]
        index = np.empty(law.size, dtype=np.intp)
        index[atoms] = np.cumsum(is_new) - 1
        firsts = atoms[is_new]
        reference = start = base = sums_of_masses(index, law.probs, firsts.size)
        atom_base = law.probs
        if initial is not None:
            atom_base = np.where(law.probs > 0, law.probs, initial)
            base, start = (sums(index, masses, firsts.size) for masses in (atom_base, initial))
        return cls(
            law,
            law.rewards[firsts],
            index,
            base,
            atom_base,
            reference,
            start,
            starts,
            prompts,
            atoms,
            atom_starts,
            initial is None,
        )

    @cached_property
    def log_start_density(self) -> FloatArray:
        """log(p_0/base), as of `Levels`."""
        if self.starts_at_reference:
            return read_only(np.zeros(self.rewards.size))
        return super().log_start_density

    def parts(self) -> Iterator[PromptPart]:
        """Yield the prompts in parts with equally many levels in each prompt."""
        sizes = np.diff(self.starts)
        spans = self.rewards[self.starts[1:] - 1] - self.rewards[self.starts[:-1]]
        begin = 0
        while begin < sizes.size:
            size = int(sizes[begin])
            same = int(np.searchsorted(sizes, size, side="right"))
            widest = WIDER * spans[begin] + WIDER_BY
            like = int(np.searchsorted(spans[begin:same], widest, side="right"))
            most = max(1, int(PART_ENTRIES // (size * node_count(widest))))
            end = begin + min(like, most)
            yield self._part(begin, end)
            begin = end

    def _part(self, begin: int, end: int) -> PromptPart:
        levels = slice(int(self.starts[begin]), int(self.starts[end]))
        atoms = self.atoms[self.atom_starts[begin] : self.atom_starts[end]]
        shape = (end - begin, -1)
        base = reference = start = self.base[levels].reshape(shape)
        if not self.starts_at_reference:
            reference, start = (of[levels].reshape(shape) for of in (self.reference, self.start))
        return PromptPart(
            self.law,
            self.prompts[begin:end],
            self.rewards[levels].reshape(shape),
            base,
            reference,
            start,
            atoms,
            self.index,
            self.atom_base,
            levels.start,
            self.starts_at_reference,
        )

    def by_part(self, log_density: FloatArray) -> Iterator[tuple[PromptPart, FloatArray]]:
        """Yield each part with its share of a state on all levels, shape (prompts, levels)."""
        for part in self.parts():
            yield part, part.own(log_density)

    def measure_by_prompt(self, log_density: FloatArray) -> Figures[FloatArray]:
        """Return the figures of each prompt's law, arrays (prompts,) in the law's order."""
        found = np.empty((len(Figures._fields), self.prompts.size))
        for part, state in self.by_part(log_density):
            found[:, part.prompts] = part.measure_by_prompt(state)
        return Figures(*found)

    def measure(self, log_density: FloatArray) -> Figures[float]:
        """Return the figures of the law with this state: means over the prompts."""
        found = self.measure_by_prompt(log_density)
        return Figures(*(float(self.law.prompt_probs @ values) for values in found))

    def win_rate(self, log_density: FloatArray) -> float:
        """Return the probability that a sample beats one of p_0 to the same prompt, ties half."""
        return sum(part.win_rate(state) for part, state in self.by_part(log_density))

    def atom_log_probs(self, log_density: FloatArray) -> FloatArray:
        """Return log p at each atom in input order, shape (n,)."""
        log_density = log_density - self._log_mass_at_levels(log_density)
        return log_masses(self.atom_base) + log_density[self.index]

    @cached_property
    def log_conditional_base(self) -> FloatArray:
        """Logarithm of the base measure given the prompt, shape (levels,)."""
        return read_only(self.log_base - self.at_levels(np.log(self._masses)))

    @cached_property
    def _masses(self) -> FloatArray:
        return self.law.prompt_probs[self.prompts]

    def reduced(self, ufunc: np.ufunc, values: FloatArray) -> FloatArray:
        """Return the sum, or the like, of values over each prompt's levels, shape (prompts,)."""
        reduced: FloatArray = ufunc.reduceat(values, self.starts[:-1])
        return reduced

    def at_levels(self, values: FloatArray) -> FloatArray:
        """Return values of the prompts, in the order of `prompts`, at their levels."""
        return np.repeat(values, np.diff(self.starts))

    def name_of_level(self, place: int) -> str:
        """Return where a level is, for the end of an error's text."""
        return self.name_of_law(int(np.searchsorted(self.starts, place, side="right")) - 1)

    def name_of_law(self, number: int) -> str:
        """Return the same for a prompt by its place in `prompts`."""
        return f" within prompt {shown(self.law.prompt_names[self.prompts[number]])}"

    def _log_probs(self, log_density: FloatArray) -> FloatArray:
        return self.log_base + log_density - self._log_mass_at_levels(log_density)

    def _log_mass_at_levels(self, log_density: FloatArray) -> FloatArray:
        """Return the logarithm of the mass of each level's prompt over p(z), shape (levels,)."""
        masses = self.reduced(np.add, np.exp(self.log_base + log_density))
        return self.at_levels(np.log(masses / self._masses))


def _require_masses(law: RewardLaw, prompt: IntArray, initial: FloatArray) -> None:
    masses = sums(prompt, initial, law.prompt_probs.size)
    wrong = np.abs(masses - law.prompt_probs) > SUM_TOLERANCE
    if wrong.any():
        z = int(np.argmax(wrong))
        raise ValueError(
            "initial must have the law's mass at each prompt, which no step changes: "
            f"{law.prompt_probs[z]:g} at {law.prompt_names[z]!r}; got {masses[z]:g}"
        )


def _starts(sizes: IntArray) -> IntArray:
    return np.concatenate([[0], np.cumsum(sizes)])


def _gathered(begins: IntArray, counts: IntArray, prompts: IntArray) -> IntArray:
    """Return the places of the prompts' atoms, one prompt after the other in the order given."""
    counts = counts[prompts]
    shifts = begins[prompts] - (np.cumsum(counts) - counts)
    places: IntArray = np.arange(counts.sum()) + np.repeat(shifts, counts)
    return places
