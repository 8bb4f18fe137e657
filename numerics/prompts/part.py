"""Prompts with equally many levels of reward: their laws as the rows of arrays, and figures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.divergences import kullback_leibler_terms
from recurate.numerics.laws.levels import Figures, scores_on, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray

_NEAR = 0.03  # a KL below it loses more than 1e-14 of itself in the difference of its terms
_LARGEST_EXPONENT = 709.0


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
    atoms, index : ndarray of int, shape (atoms,)
        Numbers of the law's atoms at these prompts, and their levels in the arrays made flat.
    atom_base : ndarray, shape (atoms,)
        The base measure at these atoms.
    """

    law: RewardLaw
    prompts: IntArray
    rewards: FloatArray
    base: FloatArray
    reference: FloatArray
    start: FloatArray
    atoms: IntArray
    index: IntArray
    atom_base: FloatArray

    @cached_property
    def log_conditional_base(self) -> FloatArray:
        """Logarithm of the base measure given the prompt, shape (prompts, levels)."""
        return log_masses(self.base / self.masses[:, None])

    @cached_property
    def log_reference_density(self) -> FloatArray:
        """log(p_ref/base): 0, or -inf where only p_0 has mass."""
        return np.where((self.base > 0) & (self.reference == 0), -np.inf, 0.0)

    @cached_property
    def log_start_density(self) -> FloatArray:
        """log(p_0/base); 0 where the base has no mass, so that later states are g_t(r) there."""
        return _log_quotient(self.start, self.base)

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
        probs: FloatArray = np.exp(self.log_conditional_base + log_density)
        probs /= probs.sum(axis=1, keepdims=True)
        return probs

    def log_mass(self, log_density: FloatArray) -> FloatArray:
        """Return the logarithm of each prompt's mass over p(z), shape (prompts, 1)."""
        mass = np.exp(self.log_conditional_base + log_density).sum(axis=1, keepdims=True)
        return log_masses(mass)

    def measure_by_prompt(self, log_density: FloatArray) -> Figures[FloatArray]:
        """Return the figures of each prompt's law, arrays of shape (prompts,)."""
        probs = self.probs(log_density)
        mean = _means(probs, self._weights)
        deficit = _means(probs, self._deficits)
        # Near the top, 1 - w keeps digits that w has lost; far below it, w keeps its own.
        is_near = (mean > 0.5) & (mean <= 1.0)
        centred = np.where(is_near[:, None], self._deficits, self._weights)
        centred -= np.where(is_near, deficit, mean)[:, None]
        with np.errstate(over="ignore"):
            variance = _means(probs, centred * centred)
        if self._has_mass_above:
            mean, variance = self._moments_above(log_density, mean, variance)
        return Figures(
            expected_weight=mean,
            variance_weight=variance,
            expected_reward=self.law.prompt_best[self.prompts] + _means(probs, self._relative),
            kl_to_reference=self._divergence(log_density, probs),
            mass_at_max=_means(probs, self._at_max),
        )

    def measure(self, log_density: FloatArray) -> Figures[float]:
        """Return these prompts' share of the figures of the whole law."""
        return Figures(*(float(self.masses @ of) for of in self.measure_by_prompt(log_density)))

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the law's groups at these prompts, shape (n_groups,)."""
        if self._groups is None:
            return np.empty(0)
        probs = self.atom_probs(log_density)
        return sums(self._groups, probs, len(self.law.group_names))

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
        probs: FloatArray = joint.ravel()[self.index] * self._share_of_level
        return probs

    @cached_property
    def _share_of_level(self) -> FloatArray:
        level = self.base.ravel()[self.index]
        share: FloatArray = self.atom_base / np.where(level > 0, level, 1.0)
        return share

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

    @cached_property
    def _at_max(self) -> FloatArray:
        return (self.relative == 0.0).astype(np.float64)

    @cached_property
    def _has_mass_above(self) -> bool:
        """Whether p_0 has mass above the best reward of p_ref, where weights may be huge."""
        return bool(self._relative.max() > 0)

    def _moments_above(
        self, log_density: FloatArray, mean: FloatArray, variance: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return mean and variance of the weight where it may overflow; inf if they do."""
        log_probs = self.log_conditional_base + log_density - self.log_mass(log_density)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.exp(log_probs + self._relative).sum(axis=1)
            # Squared together with p: a weight of e^700 may have little mass.
            roots = np.exp(log_probs / 2) * (self._weights - mean[:, None])
            above = (roots * roots).sum(axis=1)
        variance = np.where(mean > 1.0, above, variance)
        return mean, np.where(np.isinf(mean), np.inf, variance)

    def _divergence(self, log_density: FloatArray, probs: FloatArray) -> FloatArray:
        """Return KL(p‖p_ref) of each prompt, shape (prompts,)."""
        with np.errstate(invalid="ignore"):
            terms = np.where(probs > 0, probs * log_density, 0.0)
        divergence: FloatArray = np.add.reduce(terms + (self._reference - probs), axis=1)
        near = np.flatnonzero(divergence < _NEAR)
        if near.size > 0 and log_density.any():
            states, reference = log_density[near], self._reference[near]
            present = reference > 0
            terms = np.zeros(states.shape)
            terms[present] = kullback_leibler_terms(states[present], reference[present])
            divergence[near] = terms.sum(axis=1)
        elif near.size > 0:
            divergence[near] = 0.0
        if self._is_outside.any():
            divergence[(self._is_outside & (probs > 0)).any(axis=1)] = np.inf
        return divergence

    @cached_property
    def _reference(self) -> FloatArray:
        reference: FloatArray = self.reference / self.masses[:, None]
        return reference

    @cached_property
    def _is_outside(self) -> npt.NDArray[np.bool_]:
        return (self.base > 0) & (self.reference == 0)


def _means(probs: FloatArray, values: FloatArray) -> FloatArray:
    """Return sum p v of each prompt, shape (prompts,)."""
    means: FloatArray = np.einsum("pl,pl->p", probs, values)
    return means


def _log_quotient(masses: FloatArray, base: FloatArray) -> FloatArray:
    """Return log(masses/base), 0 where the base has no mass."""
    is_massless = base == 0
    logs = np.where(is_massless, 0.0, log_masses(masses))
    logs -= np.where(is_massless, 0.0, log_masses(base))
    return logs
