"""Two interleaving half circles, and a reward that falls off outside a disc on one of them.

The usual two moons, with Gaussian noise. This project chose radius, noise, and where the reward is
largest: it does not know the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recurate.figures.making.recipe import Parameters
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

_TOP = (0.0, 1.0)  # the middle of the upper moon, which is the upper half of the unit circle
_LOWER = np.array([1.0, 0.5])  # the lower moon is the upper one, turned about half of this point


@dataclass(frozen=True)
class HalfMoons:
    """An even mixture of two noisy half circles, with the reward's disc about the upper one's top.

    Attributes
    ----------
    deviation : float
        Standard deviation of each coordinate about the half circles.
    gamma : float
        γ, slope of the reward outside the disc.
    disc : float
        Radius of the disc in which the reward is zero.
    """

    deviation: float
    gamma: float
    disc: float

    @classmethod
    def of(cls, parameters: Parameters) -> HalfMoons:
        """Return the setting with a figure's parameters of these names."""
        return cls(*(parameters[name] for name in ("deviation", "gamma", "disc")))

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the disc."""
        return _TOP

    def draw(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return n independent points, shape (n, 2)."""
        angles = np.pi * rng.random(n)
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        points = np.where(rng.random(n)[:, None] < 0.5, points, _LOWER - points)
        return points + self.deviation * rng.standard_normal(points.shape)

    def reward(self, points: FloatArray) -> FloatArray:
        """Return -γ max(0, d - disc), d the distance from the upper moon's top, shape (n,)."""
        distance = np.hypot(points[:, 0] - _TOP[0], points[:, 1] - _TOP[1])
        reward: FloatArray = -self.gamma * np.maximum(0.0, distance - self.disc)
        return reward

    def groups(self, points: FloatArray) -> IntArray:
        """Return 0 where the upper moon is closest and 1 where the lower one is, shape (n,)."""
        upper, lower = _distance(points), _distance(_LOWER - points)
        return (lower < upper).astype(np.intp)


def _distance(points: FloatArray) -> FloatArray:
    """Return the distance from the upper half of the unit circle, shape (n,)."""
    x, y = np.abs(points[:, 0]), points[:, 1]
    distance: FloatArray = np.where(y >= 0, np.abs(np.hypot(x, y) - 1), np.hypot(x - 1, y))
    return distance
