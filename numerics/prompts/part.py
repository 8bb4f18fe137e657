"""Prompts with equally many levels of reward: their laws as the rows of arrays, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.divergences import kullback_leibler_terms
from recurate.numerics.laws.levels import Figures, mid_ranks, scores_on, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray

_NEAR = 3e-3  # of a smaller KL the difference of its terms leaves less than 13 digits
_SMALL_VARIANCE = 1e-4  # of a larger one the rounding of weights near one costs 2e-14
_LONG = 512  # levels: the sum of more of them is pairwise
_LARGEST_EXPONENT = 709.0


class PartLaw(NamedTuple):
    """The laws of a state given the prompt.

    Attributes
    ----------
    state, density : ndarray, shape (prompts, levels)
        log(p/base), and p/base where it is not too large.
    probs : ndarray, shape (prompts, levels)
        The probabilities given the prompt.
    mass : ndarray, shape (prompts,)
        Mass of the state given the prompt: one, but for rounding.
    """

    state: FloatArray
    density: FloatArray
    probs: FloatArray
    mass: FloatArray


@dataclass(frozen=True)
class PromptPart(ReadOnlyArrays):
    """Some of a law's prompts, which all have the same number of levels.

    A state is log(p_t/base), shape (prompts, levels): one row a prompt.

    Attributes
    ----------
    law : RewardLaw
        The law that they are part of.
    prompts : ndarray of int, shape (prompts,)
        Their numbers among the law's.
    rewards, base, reference, start : ndarray, shape (prompts, levels)
        The rewards of the levels, ascending; masses of the base measure, p_ref and p_0.
    atoms : ndarray of int, shape (atoms,)
        Numbers of the law's atoms at these prompts.
    level_of_atoms, base_of_atoms : ndarray, shape (n,)
        Of all atoms of the law, the level and the mass of the base measure.
    first : int
        Number of the first of these levels among those of all prompts.
    starts_at_reference : bool
        Whether p_0 is p_ref; base, reference and start are one array then.
    """

    law: RewardLaw
    prompts: IntArray
    rewards: FloatArray
    base: FloatArray
    reference: FloatArray
    start: FloatArray
    atoms: IntArray
    level_of_atoms: IntArray
    base_of_atoms: FloatArray
    first: int
    starts_at_reference: bool

    def own(self, state: FloatArray) -> FloatArray:
        """Return the share of these prompts, (prompts, levels), of a state on all levels."""
        return state[self.first : self.first + self.base.size].reshape(self.base.shape)

    @cached_property
    def log_conditional_base(self) -> FloatArray:
        """Logarithm of the base measure given the prompt, shape (prompts, levels)."""
        return log_masses(self._conditional_base)

    @cached_property
    def log_reference_density(self) -> FloatArray:
        """log(p_ref/base): 0, or -inf where only p_0 has mass."""
        return np.where((self.base > 0) & (self.reference == 0), -np.inf, 0.0)

    @cached_property
    def log_start_density(self) -> FloatArray:
        """log(p_0/base); 0 where the base has no mass, so that later states are g_t(r) there."""
        if self.starts_at_reference:
            return np.zeros(self.base.shape)
        is_massless = self.base == 0
        start = np.where(is_massless, 0.0, log_masses(self.start))
        start -= np.where(is_massless, 0.0, log_masses(self.base))
        return start

    @cached_property
    def relative(self) -> FloatArray:
        """Rewards relative to the best of their prompt that has mass under p_ref."""
        relative: FloatArray = self.rewards - self.law.prompt_best[self.prompts, None]
        return relative

    @cached_property
    def masses(self) -> FloatArray:
        """The masses p(z), shape (prompts,)."""
        return self.law.prompt_probs[self.prompts]

    def probs(self, log_density: FloatArray) -> FloatArray:
        """Return the laws given the prompt, shape (prompts, levels), each of mass one."""
        return self.law_of(log_density).probs

    def law_of(self, log_density: FloatArray) -> PartLaw:
        """Return the law of a state: the last one that was asked for or made is kept."""
        kept = self._latest
        if not kept or kept[0].state is not log_density:
            probs = np.exp(self.log_conditional_base + log_density)
            mass = _totals(probs)
            probs /= mass[:, None]
            density = np.exp(np.minimum(log_density, _LARGEST_EXPONENT))
            kept[:] = [PartLaw(log_density, density, probs, mass)]
        return kept[0]

    def state_of(self, density: FloatArray) -> FloatArray:
        """Return the state of a density p/base, whose law is kept: `law_of` has nothing to do."""
        state: FloatArray = np.log(density)
        probs = self._conditional_base * density
        self._latest[:] = [PartLaw(state, density, probs, _totals(probs))]
        return state

    @cached_property
    def _latest(self) -> list[PartLaw]:
        return []

    @cached_property
    def _conditional_base(self) -> FloatArray:
        base: FloatArray = self.base / self.masses[:, None]
        return base

    def measure_by_prompt(self, log_density: FloatArray) -> Figures[FloatArray]:
        """Return the figures of each prompt's law, arrays of shape (prompts,)."""
        probs = self.probs(log_density)
        mean: FloatArray = dots(probs, self._weights)
        centred = self._weights - mean[:, None]
        if self._has_mass_above:
            centred *= np.sqrt(probs)  # no square alone: a weight of e^700 may have no mass
            with np.errstate(over="ignore"):
                variance = dots(centred, centred)
        else:
            centred *= centred
            variance = dots(probs, centred)
        # Near the top, 1 - w keeps digits that w has lost; far below it, w keeps its own.
        near = np.flatnonzero((variance < _SMALL_VARIANCE) & (mean > 0.5) & (mean < 2.0))
        if near.size > 0:
            laws, deficits = probs[near], self._deficits[near]
            deficits -= dots(laws, deficits)[:, None]
            variance[near] = dots(laws, deficits * deficits)
        if self._has_mass_above:
            mean, variance = self._moments_above(log_density, mean, variance)
        return Figures(
            expected_weight=mean,
            variance_weight=variance,
            expected_reward=self.law.prompt_best[self.prompts] + dots(probs, self._relative),
            kl_to_reference=self._divergence(log_density),
            mass_at_max=self._mass_at_max(probs),
        )

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the law's groups at these prompts, shape (n_groups,)."""
        if self._groups is None:
            return np.empty(0)
        probs = self.atom_probs(log_density)
        return sums(self._groups, probs, len(self.law.group_names))

    def masses_of_groups(self, log_density: FloatArray, groups: Sequence[int]) -> FloatArray:
        """Return the masses of some of the law's groups at each prompt, shape (prompts, groups)."""
        prompts, width = self.prompts.size, len(groups)
        if self._groups is None or not width:
            return np.empty((prompts, 0))
        place = np.full(len(self.law.group_names), width)
        place[list(groups)] = np.arange(width)
        key = self.index // self.base.shape[1] * (width + 1) + place[self._groups]
        found = sums(key, self.atom_probs(log_density), prompts * (width + 1))
        return found.reshape(prompts, width + 1)[:, :width]

    def win_rate(self, log_density: FloatArray) -> float:
        """Return the mass of samples here that beat one of p_0: summed over the parts, the rate."""
        rates = dots(self.probs(log_density), self._ranks)
        return float(self.masses @ rates)

    @cached_property
    def _ranks(self) -> FloatArray:
        """The mid-ranks of the levels under p_0 given the prompt."""
        return mid_ranks(self.rewards, self.start / self.masses[:, None])

    def score_sums(self, log_density: FloatArray) -> FloatArray:
        """Return what `Levels.score_sums` does, over the atoms of these prompts."""
        sums_: FloatArray = self.score_sums_by_prompt(log_density).sum(axis=2)
        return sums_

    def score_sums_by_prompt(self, log_density: FloatArray) -> FloatArray:
        """Return them over each prompt's atoms, shape (2, scores, prompts)."""
        joint = self.probs(log_density) * self.masses[:, None]
        products = self._level_scores * joint.ravel()
        sums_: FloatArray = products.reshape(*products.shape[:2], *joint.shape).sum(axis=3)
        return sums_

    @cached_property
    def _level_scores(self) -> FloatArray:
        if not self.law.scores:
            return np.empty((2, 0, self.base.size))
        scores = (values[self.atoms] for values in self.law.scores.values())
        return scores_on(scores, self.index, self.atom_base, self.base.ravel())

    def atom_probs(self, log_density: FloatArray) -> FloatArray:
        """Return p at each of these atoms, shape (atoms,)."""
        joint = self.probs(log_density) * self.masses[:, None]
        probs: FloatArray = joint.ravel()[self.index] * self._shares_of_levels
        return probs

    @cached_property
    def index(self) -> IntArray:
        """The level of each of these atoms in the arrays made flat, shape (atoms,)."""
        return self.level_of_atoms[self.atoms] - self.first

    @cached_property
    def atom_base(self) -> FloatArray:
        """The base measure at these atoms, shape (atoms,)."""
        return self.base_of_atoms[self.atoms]

    @cached_property
    def _shares_of_levels(self) -> FloatArray:
        """The share that each of these atoms has in the mass of its level."""
        levels = self.base.ravel()[self.index]
        shares: FloatArray = self.atom_base / np.where(levels > 0, levels, 1.0)
        return shares

    @cached_property
    def _groups(self) -> IntArray | None:
        groups = self.law.group_index
        return None if groups is None else groups[self.atoms]

    @cached_property
    def _relative(self) -> FloatArray:
        return np.where(self.base > 0, self.relative, 0.0)

    @cached_property
    def _weights(self) -> FloatArray:
        weights: FloatArray = np.exp(np.minimum(self._relative, _LARGEST_EXPONENT))
        return weights

    @cached_property
    def _deficits(self) -> FloatArray:
        deficits: FloatArray = -np.expm1(np.minimum(self._relative, _LARGEST_EXPONENT))
        return deficits

    def _mass_at_max(self, probs: FloatArray) -> FloatArray:
        if self._best_is_last:
            return probs[:, -1]
        mass: FloatArray = dots(probs, (self.relative == 0.0).astype(np.float64))
        return mass

    @cached_property
    def _best_is_last(self) -> bool:
        """Whether the best level of each prompt is the last one, and no other."""
        is_alone = self.rewards[:, -2:-1] < self.rewards[:, -1:]  # levels ascend
        return self.starts_at_reference and bool(self.base[:, -1].all() and is_alone.all())

    @cached_property
    def _has_mass_above(self) -> bool:
        """Whether p_0 has mass above the best reward of p_ref, where weights may be huge."""
        return bool(self._relative.max() > 0)

    def _moments_above(
        self, log_density: FloatArray, mean: FloatArray, variance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the weight where it may overflow; inf if they do."""
        log_probs = self.log_conditional_base + log_density
        log_probs = log_probs - np.log(self.law_of(log_density).mass)[:, None]
        with np.errstate(over="ignore", invalid="ignore"):
            exact = _totals(np.exp(log_probs + self._relative))
            # Squared together with p: a weight of e^700 may have little mass.
            roots = np.exp(log_probs / 2) * (self._weights - exact[:, None])
            squares = _totals(roots * roots)
        is_above = ~(mean <= 1.0)
        mean, variance = np.where(is_above, exact, mean), np.where(is_above, squares, variance)
        return mean, np.where(np.isinf(mean), np.inf, variance)

    def _divergence(self, log_density: FloatArray) -> FloatArray:
        """Return KL(p‖p_ref) of each prompt, shape (prompts,)."""
        law = self.law_of(log_density)
        probs, mass = law.probs, law.mass
        finite = log_density
        # p_0 may vanish, as the pure loop's fixed point does: then log p/p_ref is -inf.
        if not self.starts_at_reference or log_density.min(initial=0.0) == -np.inf:
            finite = np.where(probs > 0, log_density, 0.0)
        divergence: FloatArray = dots(probs, finite) - np.log(mass)
        near = np.flatnonzero(divergence < _NEAR)
        if near.size > 0:
            terms = np.zeros((near.size, probs.shape[1]))
            present = self._reference[near] > 0
            if log_density.any():  # at p_ref itself there is nothing to sum
                states, reference = log_density[near], self._reference[near]
                terms[present] = kullback_leibler_terms(states[present], reference[present])
            divergence[near] = _totals(terms)
        if not self.starts_at_reference:
            divergence[(self._is_outside & (probs > 0)).any(axis=1)] = np.inf
        return divergence

    @cached_property
    def _reference(self) -> FloatArray:
        reference: FloatArray = self.reference / self.masses[:, None]
        return reference

    @cached_property
    def _is_outside(self) -> npt.NDArray[np.bool_]:
        outside: npt.NDArray[np.bool_] = (self.base > 0) & (self.reference == 0)
        return outside


def dots(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the sum of the products of each row; pairwise where rounding would add up."""
    if first.shape[1] > _LONG:
        return _totals(first * second)
    found: FloatArray = np.vecdot(first, second)
    return found


def _totals(values: FloatArray) -> FloatArray:
    """Return the sum of each row: of short rows by a product, which is quicker."""
    is_long = values.shape[1] > _LONG
    totals: FloatArray = values.sum(axis=1) if is_long else values @ np.ones(values.shape[1])
    return totals
