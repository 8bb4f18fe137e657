"""The state of a loop within prompts: levels of reward of each prompt, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from recurate.numerics.laws.divergences import kullback_leibler_terms
from recurate.numerics.laws.levels import Figures, Levels, scores_on, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import SUM_TOLERANCE, FloatArray

PART_LEVELS = 2**13
"""Levels that are followed together through all steps: their matrices stay in a cache."""


@dataclass(frozen=True)
class PromptLevels(Levels):
    """Where the state of a loop within prompts lives: the distinct rewards of each prompt.

    They stand one prompt after the other, ascending in each. The base is a joint measure: p(z)
    times that of the rewards of prompt z. As p(z) is constant, the state log(p_t/base) is the
    conditional log-density as well.

    Attributes
    ----------
    starts : ndarray of int, shape (prompts + 1,)
        Where each prompt's levels begin, and the end of the last.
    first : int
        Number of the first prompt among the law's: 0, or more for a part of the prompts.
    atoms : ndarray of int
        Numbers of the law's atoms that these levels are of; `index` has their levels.
    """

    starts: IntArray
    first: int
    atoms: IntArray

    @classmethod
    def of(cls, law: RewardLaw, initial: FloatArray | None) -> PromptLevels:
        """Return the levels for a loop that starts at `initial`, or at p_ref.

        Raises
        ------
        ValueError
            If `initial` has another mass than p_ref at some prompt.
        """
        prompt = law.prompt_index
        assert prompt is not None
        order = np.lexsort((law.rewards, prompt))
        prompts, rewards = prompt[order], law.rewards[order]
        is_new = np.ones(law.size, dtype=bool)  # from another start each atom is a level
        if initial is None:
            is_new[1:] = (np.diff(prompts) > 0) | (np.diff(rewards) > 0)
        firsts = np.flatnonzero(is_new)
        index = np.empty(law.size, dtype=np.intp)
        index[order] = np.cumsum(is_new) - 1
        starts = np.searchsorted(prompts[firsts], np.arange(law.prompt_probs.size + 1))
        base, probs = law.probs, [law.probs, law.probs if initial is None else initial]
        if initial is not None:
            masses = np.bincount(prompt, weights=initial, minlength=law.prompt_probs.size)
            wrong = np.abs(masses - law.prompt_probs) > SUM_TOLERANCE
            if wrong.any():
                z = int(np.argmax(wrong))
                raise ValueError(
                    "initial must have the law's mass at each prompt, which no step changes: "
                    f"{law.prompt_probs[z]:g} at {law.prompt_names[z]!r}; got {masses[z]:g}"
                )
            base = np.where(law.probs > 0, law.probs, initial)
        reference, start = (sums(index, mass, firsts.size) for mass in probs)
        return cls(
            law,
            rewards[firsts],
            index,
            sums(index, base, firsts.size),
            base,
            reference,
            start,
            starts,
            0,
            np.arange(law.size),
        )

    def parts(self, most: int = PART_LEVELS) -> Iterator[PromptLevels]:
        """Yield consecutive prompts with at most so many levels together, or one prompt alone."""
        by_level = np.argsort(self.index, kind="stable")
        ends = np.cumsum(np.bincount(self.index, minlength=self.rewards.size))
        ends = np.concatenate([[0], ends])
        begin = 0
        while begin < self.starts.size - 1:
            last = int(np.searchsorted(self.starts, self.starts[begin] + most, side="right")) - 1
            end = max(begin + 1, last)
            low, high = int(self.starts[begin]), int(self.starts[end])
            atoms = by_level[ends[low] : ends[high]]
            levels = slice(low, high)
            yield PromptLevels(
                self.law,
                self.rewards[levels],
                self.index[atoms] - low,
                self.base[levels],
                self.atom_base[atoms],
                self.reference[levels],
                self.start[levels],
                self.starts[begin : end + 1] - low,
                self.first + begin,
                self.atoms[atoms],
            )
            begin = end

    def with_mass(self) -> PromptLevels:
        """Return the levels where p_ref has mass, for a loop from p_ref."""
        present = self.base > 0
        if present.all():
            return self
        base, index = self.base[present], np.arange(int(present.sum()))
        ends = np.concatenate([[0], np.cumsum(present)])
        return replace(
            self,
            rewards=self.rewards[present],
            index=index,
            base=base,
            atom_base=base,
            reference=base,
            start=base,
            starts=ends[self.starts],
            atoms=index,
        )

    @property
    def prompts(self) -> slice:
        """The numbers of these prompts among the law's."""
        return slice(self.first, self.first + self.starts.size - 1)

    @cached_property
    def log_conditional_base(self) -> FloatArray:
        """Logarithm of the base measure given the prompt, shape (levels,)."""
        return read_only(self.log_base - np.log(self._masses)[self.prompt_of_level])

    @cached_property
    def prompt_of_level(self) -> IntArray:
        """Each level's prompt, counted from the first of these, shape (levels,)."""
        sizes = np.diff(self.starts)
        return read_only(np.repeat(np.arange(sizes.size), sizes))

    @cached_property
    def relative(self) -> FloatArray:
        """Rewards relative to the best of their prompt that has mass, shape (levels,)."""
        return read_only(self.rewards - self._best[self.prompt_of_level])

    def normaliser(self, log_density: FloatArray) -> FloatArray:
        """Return the logarithm of each prompt's mass over p(z), shape (prompts,)."""
        return np.log(self.by_prompt(np.exp(self.log_conditional_base + log_density)))

    def measure_by_prompt(self, log_density: FloatArray) -> Figures[FloatArray]:
        """Return the figures of each prompt's law, arrays of shape (prompts,)."""
        log_probs = self.log_conditional_base + log_density
        log_probs = log_probs - self.normaliser(log_density)[self.prompt_of_level]
        probs, relative = np.exp(log_probs), self._relative_rewards
        with np.errstate(over="ignore"):
            mean = self.by_prompt(np.exp(log_probs + relative))
        # Near the top, 1 - w keeps digits that w has lost; far below it, w keeps its own.
        deficits = -np.expm1(np.minimum(relative, 709.0))
        is_near = (mean > 0.5) & (mean <= 1.0)
        centre = np.where(is_near, self.by_prompt(probs * deficits), 1.0 - mean)
        with np.errstate(invalid="ignore", over="ignore"):
            centred = np.where(
                is_near[self.prompt_of_level],
                deficits - centre[self.prompt_of_level],
                mean[self.prompt_of_level] - self._weights,
            )
            variance = self.by_prompt((np.sqrt(probs) * centred) ** 2)
        divergence = np.zeros(probs.size)
        present = self.reference > 0
        divergence[present] = kullback_leibler_terms(log_density[present], self.reference[present])
        kl = self.by_prompt(divergence) / self._masses
        outside = self.by_prompt(np.where(present, 0.0, probs)) > 0
        return Figures(
            expected_weight=mean,
            variance_weight=np.where(np.isinf(mean), np.inf, variance),
            expected_reward=self._best + self.by_prompt(probs * relative),
            kl_to_reference=np.where(outside, np.inf, kl),
            mass_at_max=self.by_prompt(probs * self._at_max),
        )

    def measure(self, log_density: FloatArray) -> Figures[float]:
        """Return the figures of the law with this state: means over the prompts."""
        found = self.measure_by_prompt(log_density)
        return Figures(*(float(self._masses @ values) for values in found))

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the law's groups at these prompts, shape (n_groups,)."""
        if self.law.group_index is None:
            return np.empty(0)
        probs = np.exp(self.atom_log_probs(log_density))
        return sums(self.law.group_index[self.atoms], probs, len(self.law.group_names))

    @cached_property
    def level_scores(self) -> FloatArray:
        """Each score's mean over a level's base, as `scores_on`, shape (2, scores, levels)."""
        scores = (values[self.atoms] for values in self.law.scores.values())
        return scores_on(scores, self.index, self.atom_base, self.base)

    def atom_log_probs(self, log_density: FloatArray) -> FloatArray:
        """Return log p at each of these atoms, shape (atoms,)."""
        state = log_density - self.normaliser(log_density)[self.prompt_of_level]
        return log_masses(self.atom_base) + state[self.index]

    def _log_probs(self, log_density: FloatArray) -> FloatArray:
        return self.log_base + log_density - self.normaliser(log_density)[self.prompt_of_level]

    @cached_property
    def _masses(self) -> FloatArray:
        return self.law.prompt_probs[self.prompts]

    @cached_property
    def _best(self) -> FloatArray:
        return self.law.prompt_best[self.prompts]

    @cached_property
    def _relative_rewards(self) -> FloatArray:
        return np.where(self.base > 0, self.relative, 0.0)

    @cached_property
    def _at_max(self) -> FloatArray:
        at_max: FloatArray = (self.relative == 0.0).astype(np.float64)
        return at_max

    def by_prompt(self, values: FloatArray) -> FloatArray:
        """Return the sum over the levels of each prompt, shape (prompts,)."""
        totals: FloatArray = np.add.reduceat(values, self.starts[:-1])
        return totals
