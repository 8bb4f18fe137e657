"""The law of the rewards of real data: all that a curated retraining loop depends on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.expressions import MOST_ATOMS, can_be_pasted, law_expression
from recurate.numerics.laws.groups import numbered
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import (
    FloatArray,
    probability_vector,
    real_vector,
    rewards_vector,
)

if TYPE_CHECKING:
    from recurate.numerics.laws.density_law import DensityLaw

IntArray = npt.NDArray[np.intp]


class RewardLaw:
    """A finite law of rewards under the reference distribution p_ref.

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Rewards r(x) of the atoms, real, larger is preferred. Ties are allowed; order is kept.
    probs : array_like, shape (n,), optional
        Their probabilities under p_ref, summing to 1 within 1e-9; uniform by default. Zeros are
        allowed and do not count for `max_reward`.
    groups : iterable of length n, optional
        A hashable label for each atom (its class, say), whose share of the mass is followed. Bytes
        become text.

    Raises
    ------
    TypeError
        If rewards or probs are not real numbers, or a label is not hashable.
    ValueError
        If rewards are empty, NaN, infinite or span more than 1e12; if probs are negative, do not
        sum to one or have another length; if groups have another length, or a label is missing
        (None, NaN, nothing but blanks) or bytes that are not text in UTF-8.

    Notes
    -----
    A retraining loop depends on x only through r(x), so this one-dimensional law is its whole
    state: p_t = g_t(r) p_ref (paper, Lemma 2.1).

    Examples
    --------
    >>> law = RewardLaw([0.0, 2.0, 1.0, 2.0], groups=["cat", "dog", "cat", "owl"])
    >>> law.size, law.max_reward, law.group_names
    (4, 2.0, ('cat', 'dog', 'owl'))
    """

    is_continuous: ClassVar[bool] = False
    """Whether it stands for a law with a density (`from_density`)."""

    given_probs: FloatArray | None = None
    """Probabilities as given, before they were normalised; kept by laws that print them."""

    has_mean_weight: bool = True
    """Whether E_ref e^r is finite, as K = inf needs."""

    def __init__(
        self, rewards: Any, probs: Any = None, groups: Iterable[Hashable] | None = None
    ) -> None:
        self.rewards: FloatArray = rewards_vector(rewards)
        if probs is None:
            # One number seen n times: no memory, and known to be uniform.
            self.probs: FloatArray = np.broadcast_to(1.0 / self.rewards.size, self.rewards.size)
        else:
            self.probs = probability_vector(probs, "probs", self.rewards.size)
            if self.rewards.size <= MOST_ATOMS:
                self.given_probs = read_only(real_vector(probs, "probs"))
        self.group_names: tuple[Hashable, ...] = ()
        self.group_index: IntArray | None = None
        if groups is not None:
            self.group_names, self.group_index = numbered(groups, self.rewards.size)
            self.group_index = read_only(self.group_index)
        self.rewards, self.probs = read_only(self.rewards), read_only(self.probs)

    @classmethod
    def from_density(
        cls, density: Any, support: Any = None, *, of: str = "reward", points: Iterable[float] = ()
    ) -> DensityLaw:
        """Return the law of rewards that have a density.

        Parameters
        ----------
        density : callable or scipy.stats distribution
            The density of the reward, or of the weight e^r: a function of an array of shape (n,)
            (or, slower, of one float), or a continuous distribution with its parameters.
        support : pair of float, optional
            The ends of the support; either may be infinite. A function needs it; a distribution
            has its own. The upper end is the best reward or weight, so the density must reach up
            to it.
        of : {"reward", "weight"}
            Whether it is the density of the reward or of the weight. The lower end of a weight may
            be 0, a reward of -inf.
        points : iterable of float, optional
            Where the density has narrow peaks or jumps, as for `scipy.integrate.quad`.

        Returns
        -------
        DensityLaw
            A law of quadrature nodes, on which loops run as on any other law. Means of smooth
            functions of the reward are right to about 1e-13.

        Raises
        ------
        TypeError
            If an argument has the wrong kind.
        ValueError
            If the density is negative or not finite inside its support, or does not integrate to
            one within 1e-9 (within that it is normalised), or if the support is empty.
        ArithmeticError
            If it needs too many nodes, for example if rewards spread over more than about 2,000.

        Notes
        -----
        ``docs/continuous_laws.md`` derives the nodes and their accuracy.

        Examples
        --------
        >>> law = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
        >>> law.max_reward, round(float(law.probs @ law.relative_weights), 12)
        (0.0, 0.333333333333)
        """
        from recurate.numerics.laws.density_law import from_density  # that module imports this one

        return from_density(density, support, of=of, points=points)

    @property
    def size(self) -> int:
        """Number of atoms n, as given (ties counted)."""
        return self.rewards.size

    @property
    def is_uniform(self) -> bool:
        """Whether every atom has the same probability, as when no probabilities were given."""
        return bool(self.probs.strides == (0,) or np.ptp(self.probs) == 0.0)

    @cached_property
    def max_reward(self) -> float:
        """Largest reward of positive probability, r_max."""
        return float(self.rewards[self.probs > 0].max())

    @property
    def unit_reward(self) -> float:
        """Reward whose relative weight is one: the largest."""
        return self.max_reward

    @property
    def level_rewards(self) -> FloatArray:
        """Rewards as a loop uses them, shape (n,): they may differ from `rewards` by a constant."""
        return self.rewards

    @property
    def level_unit(self) -> float:
        """The unit reward among `level_rewards`."""
        return self.max_reward

    @cached_property
    def relative_rewards(self) -> FloatArray:
        """Rewards minus `unit_reward`, shape (n,)."""
        return read_only(self.level_rewards - self.level_unit)

    @cached_property
    def relative_weights(self) -> FloatArray:
        """Relative weights e^{r - r_max}, shape (n,); above 1 only at atoms without mass.

        If `unit_reward` is not r_max, it replaces r_max here.
        """
        with np.errstate(over="ignore"):
            weights: FloatArray = np.exp(self.relative_rewards)
        return read_only(weights)

    @cached_property
    def distinct(self) -> tuple[FloatArray, IntArray]:
        """The distinct rewards, ascending, and each atom's index among them, shape (n,)."""
        levels, index = np.unique(self.rewards, return_inverse=True)
        return read_only((levels, index))

    @cached_property
    def may_be_compressed(self) -> bool:
        """Whether a law of fewer rewards can replace it: every reward must have mass."""
        probs = self.probs[:1] if self.probs.strides == (0,) else self.probs
        return bool(probs.min() > 0)

    def __repr__(self) -> str:
        if can_be_pasted(self):
            return law_expression(self)
        groups = f", {len(self.group_names)} groups" if self.group_names else ""
        return f"<RewardLaw of {self.size} atoms, max_reward {self.max_reward:g}{groups}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print how its strategy built the law
