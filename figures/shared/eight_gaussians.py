"""Eight Gaussians on a circle, and a reward that falls off outside a disc about one of them.

The setting of the paper's mixture experiments. The law of its rewards is known, since the squared
distance of a Gaussian point from a fixed one is a noncentral chi-square variable. So the loop is
exact without samples. This project chose the circle's radius, the variance, γ and the disc's
radius: it does not know the paper's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ive
from scipy.stats import ncx2

from recurate.figures.making.recipe import Parameters
from recurate.figures.shared.laws import gauss_legendre
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.validation import FloatArray

_COMPONENTS = 8
_FAR = 9.0  # standard deviations, beyond which a Gaussian in the plane has mass e^-40.5


@dataclass(frozen=True)
class EightGaussians:
    """An even mixture of eight round Gaussians, with the reward's disc about the first.

    Attributes
    ----------
    radius : float
        Of the circle on which the centres are; the first is (radius, 0).
    deviation : float
        Standard deviation of each coordinate about a centre.
    gamma : float
        γ, slope of the reward outside the disc.
    disc : float
        Radius of the disc in which the reward is zero.
    """

    radius: float
    deviation: float
    gamma: float
    disc: float

    @classmethod
    def of(cls, parameters: Parameters) -> EightGaussians:
        """Return the setting with a figure's parameters of these names."""
        return cls(*(parameters[name] for name in ("radius", "deviation", "gamma", "disc")))

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the disc: the first of the eight."""
        return (self.radius, 0.0)

    @property
    def centres(self) -> FloatArray:
        """The centres, shape (8, 2)."""
        angles = 2 * np.pi * np.arange(_COMPONENTS) / _COMPONENTS
        return self.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def draw(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Return n independent points of the mixture, shape (n, 2)."""
        centres = self.centres[rng.integers(0, _COMPONENTS, n)]
        return centres + self.deviation * rng.standard_normal(centres.shape)

    def groups(self, points: FloatArray) -> IntArray:
        """Return the number of each point's closest centre, 0 for the disc's own, shape (n,)."""
        closest: IntArray = self._squares(points).argmin(axis=1)
        return closest

    def density(self, points: FloatArray) -> FloatArray:
        """Return the mixture's density at points in the plane, shape (n, 2) -> (n,)."""
        bells: FloatArray = np.exp(-self._squares(points) / (2 * self.deviation**2)).mean(axis=1)
        return bells / (2 * np.pi * self.deviation**2)

    def reward(self, points: FloatArray) -> FloatArray:
        """Return -γ max(0, d - disc), d the distance from the first centre, shape (n,)."""
        return self.reward_at(np.sqrt(((points - self.centres[0]) ** 2).sum(axis=1)))

    def reward_at(self, distance: FloatArray) -> FloatArray:
        """Return the reward at these distances from the first centre."""
        reward: FloatArray = -self.gamma * np.maximum(0.0, distance - self.disc)
        return reward

    @property
    def disc_mass(self) -> float:
        """Mass of the disc, where the reward is largest."""
        shifts = self._offsets / self.deviation
        return float(ncx2.cdf((self.disc / self.deviation) ** 2, 2, shifts**2).mean())

    def law(self, panels: int, extra: FloatArray | None = None) -> RewardLaw:
        """Return the reward's law: an atom at 0, and the density of the distance beyond the disc.

        Parameters
        ----------
        panels : int
            Parts of the rule for the distance (`beyond_disc`), of eight nodes each.
        extra : ndarray, shape (n,), optional
            Further rewards at which densities are wanted. They come first, with mass zero.

        Returns
        -------
        RewardLaw
        """
        distance, length = self.beyond_disc(panels, 8)
        extra = np.empty(0) if extra is None else extra
        probs = np.concatenate([[self.disc_mass], length * self._distance_density(distance)])
        # RewardLaw refuses probabilities whose sum is off one by 1e-9, as by too coarse a rule.
        return RewardLaw(
            np.concatenate([extra, [0.0], self.reward_at(distance)]),
            np.concatenate([np.zeros(extra.size), probs]),
        )

    def beyond_disc(self, panels: int, nodes: int) -> tuple[FloatArray, FloatArray]:
        """Return distances from the first centre beyond the disc, and weights: Gauss–Legendre.

        Half of the panels lie where the reward is at least -5, since there the loop's densities
        change most. The rule is as `gauss_legendre` returns it.
        """
        near = self.disc + 5.0 / self.gamma
        farthest = max(near, 2 * self.radius) + _FAR * self.deviation
        rules = (
            gauss_legendre(self.disc, near, panels // 2, nodes),
            gauss_legendre(near, farthest, panels - panels // 2, nodes),
        )
        distance, length = (np.concatenate(parts) for parts in zip(*rules, strict=True))
        return distance, length

    def _squares(self, points: FloatArray) -> FloatArray:
        """Return squared distances of points from the centres, shape (n, 8)."""
        squares: FloatArray = ((points[:, None, :] - self.centres) ** 2).sum(axis=2)
        return squares

    @property
    def _offsets(self) -> FloatArray:
        """Distances of the centres from the first one, shape (8,)."""
        offsets: FloatArray = np.hypot(*(self.centres - self.centres[0]).T)
        return offsets

    def _distance_density(self, distance: FloatArray) -> FloatArray:
        """Return the density of the distance from the first centre (Rice's, averaged), (n,)."""
        x, offset = distance[:, None] / self.deviation, self._offsets / self.deviation
        # ive is I_0 without its growth: e^{-x·offset} I_0(x·offset)
        rice = x * np.exp(-((x - offset) ** 2) / 2) * ive(0, x * offset)
        density: FloatArray = rice.mean(axis=1) / self.deviation
        return density


@dataclass(frozen=True)
class PolarRule:
    """A quadrature rule for densities g(d) p_ref(x), d the distance from the first centre.

    It does not use the distance's law. p_ref is summed on circles, where the trapezoid rule is as
    good as exact, and these sums by the Gauss–Legendre rule, in the disc and outside it.

    Attributes
    ----------
    distance : ndarray, shape (n,)
        Radii of the circles.
    mass : ndarray, shape (n,)
        Mass of p_ref for each circle; the masses sum to one.
    """

    distance: FloatArray
    mass: FloatArray

    @classmethod
    def of(cls, setting: EightGaussians, panels: int, angles: int) -> PolarRule:
        """Return the rule with so many parts outside the disc, and so many points on a circle."""
        rules = (gauss_legendre(0.0, setting.disc, 2, 16), setting.beyond_disc(panels, 10))
        distance, length = (np.concatenate(parts) for parts in zip(*rules, strict=True))
        turns = 2 * np.pi * np.arange(angles) / angles
        circle = np.stack([np.cos(turns), np.sin(turns)], axis=1)
        means = [setting.density(setting.centres[0] + d * circle).mean() for d in distance]
        return cls(distance, 2 * np.pi * distance * length * np.array(means))
