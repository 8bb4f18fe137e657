"""The state of a loop: a log-density on levels of reward, and the figures read off it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Generic, NamedTuple, TypeVar

import numpy as np

from recurate.numerics.laws.density_law import DensityLaw
from recurate.numerics.laws.divergences import kullback_leibler_of_state
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses, running_sums
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.validation import FloatArray

Value = TypeVar("Value")


class Figures(NamedTuple, Generic[Value]):
    """The figures of a law, one number each; or those of many laws, one array each.

    Attributes
    ----------
    expected_weight, variance_weight
        Mean and variance of the relative weight e^{r - r_max}.
    expected_reward
        Mean of the reward.
    kl_to_reference
        KL(p‖p_ref) in nats; inf where p has mass and p_ref none.
    mass_at_max
        p(r = r_max).
    """

    expected_weight: Value
    variance_weight: Value
    expected_reward: Value
    kl_to_reference: Value
    mass_at_max: Value


FIGURES = Figures._fields
"""Names of the figures, as attributes of a trajectory and as columns."""


@dataclass(frozen=True)
class Levels(ReadOnlyArrays):
    """Where a loop's state lives: levels of reward, and a base measure above p_0 and p_ref.

    From p_ref the levels are the distinct rewards. From another start the share of p_0 may differ
    between atoms of one reward, so each atom is a level of its own. The base is p_ref, and p_0
    where p_ref has no mass. A state is log(p_t/base), one number a level.
    """

    is_compressed: ClassVar[bool] = False
    """Whether a level stands for many rewards, so that only smooth sums over levels are right."""

    law: RewardLaw
    rewards: FloatArray
    index: IntArray
    base: FloatArray
    atom_base: FloatArray
    reference: FloatArray
    start: FloatArray

    @classmethod
    def of(cls, law: RewardLaw, initial: FloatArray | None) -> Levels:
        """Return the levels for a loop that starts at `initial`, or at p_ref."""
        if initial is None:
            rewards, index = law.distinct
            reference = sums(index, law.probs, rewards.size)
            return cls(law, rewards, index, reference, law.probs, reference, reference)
        base = np.where(law.probs > 0, law.probs, initial)
        return cls(law, law.level_rewards, np.arange(law.size), base, base, law.probs, initial)

    @cached_property
    def log_base(self) -> FloatArray:
        """Logarithm of the base measure, shape (levels,)."""
        return read_only(log_masses(self.base))

    @property
    def log_conditional_base(self) -> FloatArray:
        """Logarithm of the base measure given the prompt: here of all of it, shape (levels,)."""
        return self.log_base

    def reduced(self, ufunc: np.ufunc, values: FloatArray) -> FloatArray:
        """Return the sum, or the like, of each prompt's values: here of all, shape (1,)."""
        reduced: FloatArray = ufunc.reduce(values, keepdims=True)
        return reduced

    def at_levels(self, values: FloatArray) -> FloatArray:
        """Return values of the prompts at their levels, or one value for all."""
        return values

    def name_of_level(self, place: int) -> str:
        """Return where a level is, for the end of an error's text: its prompt, if there are any."""
        return ""

    def name_of_law(self, number: int) -> str:
        """Return the same for one of what `reduced` returns."""
        return ""

    @cached_property
    def log_reference_density(self) -> FloatArray:
        """log(p_ref/base): 0, or -inf where only p_0 has mass."""
        return read_only(np.where((self.base > 0) & (self.reference == 0), -np.inf, 0.0))

    @cached_property
    def log_start_density(self) -> FloatArray:
        """log(p_0/base); 0 where the base has no mass, so that later states are g_t(r) there."""
        massless = self.base == 0
        start = np.where(massless, 0.0, log_masses(self.start))
        return read_only(start - np.where(massless, 0.0, self.log_base))

    @cached_property
    def _relative_rewards(self) -> FloatArray:
        return np.where(self.base > 0, self.rewards - self.law.level_unit, 0.0)

    @cached_property
    def _weights(self) -> FloatArray:
        # A start may have mass far above r_max: there the largest weight stands for infinity.
        weights: FloatArray = np.exp(np.minimum(self._relative_rewards, 709.0))
        return weights

    @cached_property
    def _at_max(self) -> FloatArray:
        at_max: FloatArray = (self.rewards == self.law.level_unit).astype(np.float64)
        return at_max

    def with_mass(self) -> Levels:
        """Return the levels where p_ref has mass, for a loop from p_ref."""
        present = self.base > 0
        base = self.base[present]
        base /= base.sum()
        rewards, index = self.rewards[present], np.arange(base.size)
        return replace(
            self,
            rewards=rewards,
            index=index,
            base=base,
            atom_base=base,
            reference=base,
            start=base,
        )

    def measure(self, log_density: FloatArray) -> Figures[float]:
        """Return the figures of the law with this state."""
        log_probs = self._log_probs(log_density)
        probs = np.exp(log_probs)
        with np.errstate(over="ignore"):
            mean_weight = float(np.exp(log_probs + self._relative_rewards).sum())
        return Figures(
            expected_weight=mean_weight,
            variance_weight=self._variance(probs, mean_weight),
            expected_reward=self.law.unit_reward + float((probs * self._relative_rewards).sum()),
            kl_to_reference=self._divergence(log_density, probs),
            mass_at_max=float((probs * self._at_max).sum()),
        )

    def distance(self, log_density: FloatArray, other: FloatArray) -> float:
        """Return the total variation between the laws with two states."""
        return float(np.abs(self.masses(log_density) - self.masses(other)).sum()) / 2

    def masses(self, log_density: FloatArray) -> FloatArray:
        """Return the masses of the levels, shape (levels,), though g elsewhere is beyond all."""
        masses: FloatArray = self.base * np.exp(np.where(self.base > 0, log_density, 0.0))
        return masses

    def edge_mass(self, log_density: FloatArray) -> float:
        """Return the mass at the end of the rewards that a density's nodes resolve; else 0."""
        if not isinstance(self.law, DensityLaw):
            return 0.0
        return float(np.exp(self._log_probs(log_density)) @ self.law.edge)

    def _variance(self, probs: FloatArray, mean_weight: float) -> float:
        if mean_weight == np.inf:
            return np.inf
        # Near the top, 1 - w keeps digits that w has lost; far below it, w keeps its own.
        centred = self._weights - mean_weight
        if 0.5 < mean_weight < 2.0:  # of weights up to one it may be 1 + 2e-16
            deficit = -np.expm1(np.minimum(self._relative_rewards, 709.0))
            centred = (probs * deficit).sum() - deficit
        with np.errstate(over="ignore"):
            return float(((np.sqrt(probs) * centred) ** 2).sum())

    def _log_probs(self, log_density: FloatArray) -> FloatArray:
        """Return log p on the levels."""
        return self.log_base + log_density - self._log_mass(log_density)

    def _log_mass(self, log_density: FloatArray) -> float:
        """Return the logarithm of the total mass: zero, up to rounding of large logarithms."""
        return float(np.log(np.exp(self.log_base + log_density).sum()))

    def _divergence(self, log_density: FloatArray, probs: FloatArray) -> float:
        if (probs[self.reference == 0] > 0).any():
            return np.inf
        return kullback_leibler_of_state(log_density, self.reference)

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the law's groups, shape (n_groups,)."""
        if self.law.group_index is None:
            return np.empty(0)
        probs = np.exp(self.atom_log_probs(log_density))
        return sums(self.law.group_index, probs, len(self.law.group_names))

    def score_sums(self, log_density: FloatArray) -> FloatArray:
        """Return, over the atoms with a value, sums of p times it, and of p: shape (2, scores)."""
        if not self.law.scores:
            return np.empty((2, 0))
        sums_: FloatArray = self.level_scores @ np.exp(self._log_probs(log_density))
        return sums_

    def expected_scores(self, log_density: FloatArray) -> FloatArray:
        """Return the mean of each of the law's scores, as `means_of_scores`."""
        return means_of_scores(self.score_sums(log_density))

    @cached_property
    def level_scores(self) -> FloatArray:
        """Each score's mean over a level's base, as `scores_on`, shape (2, scores, levels)."""
        return scores_on(self.law.scores.values(), self.index, self.atom_base, self.base)

    def win_rate(self, log_density: FloatArray) -> float:
        """Return the probability that a sample beats one of p_0 by its reward, ties half.

        Raises
        ------
        ValueError
            If the law has a density and p_0 is not p_ref: masses of nodes have no ranks.
        """
        return float((np.exp(self._log_probs(log_density)) * self._ranks).sum())

    @cached_property
    def _ranks(self) -> FloatArray:
        """The mid-ranks of the levels under p_0, shape (levels,)."""
        if isinstance(self.law, DensityLaw):
            if not np.allclose(self.start, self.law.probs, rtol=1e-12, atol=0.0):
                raise ValueError(
                    "win_rate must be that of a run from p_ref for a law with a density; got "
                    "another start: its masses of nodes do not tell ranks between them"
                )
            return self.law.ranks
        if self.rewards.size < 2 or (np.diff(self.rewards) >= 0).all():
            return mid_ranks(self.rewards, self.start)
        order, ranks = np.argsort(self.rewards), np.empty(self.rewards.size)
        ranks[order] = mid_ranks(self.rewards[order], self.start[order])
        return ranks

    def atom_log_probs(self, log_density: FloatArray) -> FloatArray:
        """Return log p at each atom in input order, shape (n,)."""
        return log_masses(self.atom_base) + log_density[self.index] - self._log_mass(log_density)

    def atom_log_density(
        self, log_density: FloatArray, atoms: IntArray | None = None
    ) -> FloatArray:
        """Return log(p/p_ref) at each atom in input order, or at the given ones, shape (n,)."""
        # Where the base is not p_ref, p_ref is 0: there the density is infinite if p has mass.
        outside = (self.log_reference_density == -np.inf) & (log_density > -np.inf)
        index = self.index if atoms is None else self.index[atoms]
        return np.where(outside, np.inf, log_density)[index]


def sums(index: IntArray, values: FloatArray, size: int) -> FloatArray:
    """Return the sum of the values of each index, shape (size,)."""
    if values.strides == (0,) and values.size > 0:  # one number: added up it would lose digits
        totals: FloatArray = np.bincount(index, minlength=size) * values[0]
        return totals
    return np.bincount(index, weights=values, minlength=size).astype(np.float64, copy=False)


def mid_ranks(rewards: FloatArray, masses: FloatArray) -> FloatArray:
    """Return the mass of lower rewards and half that of equal ones, for each of some atoms.

    Rewards ascend along the last axis, and masses sum to one along it.
    """
    up_to = running_sums(masses)
    below, is_new = up_to - masses, np.ones(rewards.shape, dtype=bool)
    is_new[..., 1:] = rewards[..., 1:] != rewards[..., :-1]
    if not is_new.all():
        is_last = np.ones(rewards.shape, dtype=bool)
        is_last[..., :-1] = is_new[..., 1:]
        below = np.maximum.accumulate(np.where(is_new, below, 0.0), axis=-1)
        ends = np.where(is_last, up_to, np.inf)[..., ::-1]
        up_to = np.minimum.accumulate(ends, axis=-1)[..., ::-1]
    ranks: FloatArray = (below + up_to) / 2
    return ranks


def scores_on(
    scores: Iterable[FloatArray], index: IntArray, atom_base: FloatArray, base: FloatArray
) -> FloatArray:
    """Return means of scores over the atoms of each level, and the shares that have a value.

    Parameters
    ----------
    scores : iterable of ndarray, shape (n,)
        A value for each atom; NaN where there is none.
    index, atom_base : ndarray, shape (n,)
        The level of each atom, and its mass.
    base : ndarray, shape (levels,)
        Masses of the levels.

    Returns
    -------
    ndarray, shape (2, scores, levels)
        Sums over a level's atoms that have a value of their share times it, and of their share.
    """
    of_level = base[index]
    shares = np.divide(atom_base, of_level, out=np.zeros(index.size), where=of_level > 0)
    every, found = sums(index, shares, base.size), []
    for score in scores:
        present = ~np.isnan(score)
        if present.all():
            found.append([sums(index, shares * score, base.size), every])
        else:
            values = (np.nan_to_num(score), present)
            found.append([sums(index, shares * one, base.size) for one in values])
    return read_only(np.moveaxis(np.array(found), 1, 0))


def means_of_scores(sums_of_scores: FloatArray) -> FloatArray:
    """Return the means of scores from their sums and the masses that have a value, (2, scores).

    A mean is NaN where no mass has a value: the mean over nothing.
    """
    total, mass = sums_of_scores
    means: FloatArray = np.divide(total, mass, out=np.full(mass.shape, np.nan), where=mass > 0)
    return means
