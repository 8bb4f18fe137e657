"""Reward laws with a density: a positive quadrature rule on which the engine runs unchanged.

``RewardLaw.from_density`` makes them. The rule resolves the law's ends. Every reward is stored as
its distance from the best one, so that rounding of the reward itself costs no digit of that
distance: ``docs/continuous_laws.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from recurate.numerics.laws import quadrature
from recurate.numerics.laws.density import Density
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import FloatArray, real_vector, shown

Of = Literal["reward", "weight"]

EDGE_TOLERANCE = 1e-12
"""A law is trusted if its mass at the end of the resolved rewards is at most this."""

_EDGE_FACTOR = 1e15  # of the last panel's mass: rewards with no more mass above them are the edge
_EDGE_GAP = math.exp(4.0)  # of the smallest gap
_LAST_NODES = 16
_FINEST = 1e-9  # the narrowest peak that a point given is to resolve
_GRADING = 4.0


class DensityLaw(RewardLaw):
    """A law of rewards with a density, as a rule of nodes and masses. Made by `from_density`.

    It is a `RewardLaw` whose atoms are the nodes of a quadrature rule, ascending. Where rewards are
    bounded, the last atom is the essential supremum itself, of probability zero: ``log_density``
    and ``probs`` of a trajectory or a fixed point have their values at the top there.

    Attributes
    ----------
    top : Power or None
        How the density ends at the top: like the k-th power of the distance from it, with
        ``top.exponent`` = k. The exponent is 0 if the density ends at a positive value, inf if it
        is zero near the top, and None if it does not end like a power. `top` itself is None if
        rewards have no upper bound.
    mass_error : float
        Estimate of the mass near the ends that is uncertain because the density, as it is given,
        rounds the distance to them away: far below 1e-13, except for singular ends away from zero.
    ranks : ndarray, shape (n,)
        The distribution function of the rewards at the nodes.
    """

    is_continuous = True

    def __init__(self, rule: quadrature.Rule) -> None:
        self._relative = np.append(rule.relative, 0.0) if rule.is_bounded else rule.relative
        masses = np.append(rule.masses, 0.0) if rule.is_bounded else rule.masses
        self._max_reward = rule.origin if rule.is_bounded else math.inf
        self.top, self.mass_error = rule.top, rule.mass_error
        super().__init__(rule.origin + self._relative, masses)
        self._origin = rule.origin
        if not rule.is_bounded:
            mean = float(self.probs @ self._relative)
            self._origin += mean
            self._relative = self._relative - mean
        self._relative = read_only(self._relative)
        self.ranks = read_only(np.append(rule.below, 1.0) if rule.is_bounded else rule.below)
        self.has_mean_weight = self.has_mean(self._relative)

    @property
    def is_bounded(self) -> bool:
        """Whether the rewards have an upper bound."""
        return self._max_reward < math.inf

    @cached_property
    def max_reward(self) -> float:
        """Essential supremum of the rewards, r_max; may be infinite."""
        return self._max_reward

    @property
    def unit_reward(self) -> float:
        """Reward whose relative weight is one: r_max, or the mean reward if r_max is infinite."""
        return self._origin

    @cached_property
    def relative_rewards(self) -> FloatArray:
        """Rewards minus `unit_reward`, shape (n,), each with all its digits."""
        return self._relative

    @property
    def level_rewards(self) -> FloatArray:
        """Rewards as a loop uses them: relative ones."""
        return self._relative

    @property
    def level_unit(self) -> float:
        """The unit reward among `level_rewards`: zero."""
        return 0.0

    @cached_property
    def distinct(self) -> tuple[FloatArray, IntArray]:
        """The relative rewards, ascending, and each one's index."""
        return read_only((self._relative, np.arange(self.size)))

    @cached_property
    def edge(self) -> FloatArray:
        """One at the highest nodes and zero elsewhere, shape (n,): where the resolved range ends.

        A law with much mass there also has mass beyond them, which the rule does not resolve.
        """
        if self.is_bounded:
            gaps = -self._relative[:-1]
            inside = np.append(gaps <= _EDGE_GAP * gaps[-1], False)
        else:
            above = np.cumsum(self.probs[::-1])[::-1]
            inside = above <= _EDGE_FACTOR * float(self.probs[-_LAST_NODES:].sum())
        return read_only(inside.astype(np.float64))

    def has_mean(self, log_weights: FloatArray) -> bool:
        """Return whether a weight that rises with the reward has a finite mean, from its logarithm.

        The logarithm is that at each node, shape (n,).
        """
        if self.is_bounded:
            return True
        logarithms = np.log(self.probs) + log_weights
        terms = np.exp(logarithms - logarithms.max())
        return float(terms @ self.edge) <= EDGE_TOLERANCE * float(terms.sum())

    @cached_property
    def may_be_compressed(self) -> bool:
        """False: the rule is small already."""
        return False

    def __repr__(self) -> str:
        return f"<DensityLaw of {self.size} nodes, max_reward {self.max_reward:g}>"


def from_density(
    density: Any, support: Any = None, *, of: str = "reward", points: Iterable[float] = ()
) -> DensityLaw:
    """Return the law of rewards with a density; documented at ``RewardLaw.from_density``."""
    if of not in get_args(Of):
        raise ValueError(f"of must be 'reward' or 'weight'; got {shown(of)}")
    given = _given(density, support)
    lowest, highest = _support(given.support)
    function = Density(given.function, (lowest, highest), given.location, given.scale)
    if of == "weight" and function.lowest < 0:
        raise ValueError(
            "support of a law of the weight must lie at 0 or above; "
            f"got {function.lowest:g} as its lowest"
        )
    breaks = [_around(given.points, given.spread)]
    if not isinstance(points, Iterable):
        raise TypeError(f"points must be a sequence of numbers; got {shown(points)}")
    if listed := list(points):
        breaks.append(_around(real_vector(listed, "points"), _FINEST))
    rule = quadrature.build(function, of == "weight", np.concatenate(breaks))
    return DensityLaw(rule)


class _Given(NamedTuple):
    """A density of (x - location)/scale, that variable's support, and where x has its bulk."""

    function: Callable[[Any], Any]
    support: Any
    location: float = 0.0
    scale: float = 1.0
    points: FloatArray = np.zeros(0)
    spread: float = 1.0


def _given(density: Any, support: Any) -> _Given:
    """Return a scipy.stats distribution or a function in one form."""
    if callable(getattr(density, "pdf", None)) and callable(getattr(density, "support", None)):
        return _of_distribution(density, support)
    if not callable(density):
        raise TypeError(
            "density must be a function of arrays or a continuous scipy.stats distribution with "
            f"its parameters; got {shown(density)}"
        )
    return _Given(density, support)


def _of_distribution(density: Any, support: Any) -> _Given:
    inverse = getattr(density, "ppf", None) or density.icdf  # its name in the newer distributions
    lower, median, upper = (float(q) for q in inverse(np.array([0.25, 0.5, 0.75])))
    standard, location, scale = density, 0.0, 1.0
    if support is None and hasattr(density, "dist"):
        # Without location and scale, which would round away the distance to the standard ends.
        shapes, location, scale = density.dist._parse_args(*density.args, **density.kwds)
        standard = density.dist(*shapes)

    def function(points: FloatArray) -> FloatArray:
        values = np.array(standard.pdf(points), dtype=np.float64)
        # Some formulas for a density give zero times infinity where those for its logarithm do not.
        undefined = np.isnan(values)
        values[undefined] = np.exp(standard.logpdf(points[undefined]))
        return values

    return _Given(
        function,
        standard.support() if support is None else support,
        float(location),
        float(scale),
        np.array([median]),
        upper - lower,
    )


def _around(points: FloatArray, spread: float) -> FloatArray:
    """Return the points, and others around each at distances that grow from `spread` to one."""
    number = max(0, math.ceil(-math.log(spread, _GRADING))) + 1
    distances = spread * _GRADING ** np.arange(number)
    around: FloatArray = points[:, None] + np.concatenate([[0.0], distances, -distances])
    return around.ravel()


def _support(support: Any) -> tuple[float, float]:
    allowed = "support must be a pair (lowest, highest) with lowest < highest"
    if support is None:
        raise TypeError(f"{allowed}, needed where density is a function; got None")
    try:
        lowest, highest = (float(end) for end in support)
    except (TypeError, ValueError):
        raise TypeError(f"{allowed}; got {shown(support)}") from None
    if not lowest < highest or lowest == math.inf or highest == -math.inf:
        raise ValueError(f"{allowed}; got ({lowest:g}, {highest:g})")
    return lowest, highest
