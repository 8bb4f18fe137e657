"""Standard laws on the real line; location and scale make a family of each.

Each has the logarithm of its density with three derivatives, its distribution function, the
integral of that, and a trapezoid rule in a coordinate in which the rule converges geometrically
(the integrand is analytic in a strip and falls off at least exponentially).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from scipy import special

from recurate.numerics.validation import FloatArray, positive_number

_SMALLEST_MASS = 1e-19  # a rule leaves out tails of this mass


class Shape(ABC):
    """A law on the real line, symmetric about 0, whose density is positive and smooth.

    Attributes
    ----------
    name : str
        Name in messages.
    steepest : float
        Largest |u'''|, u = log density: Lipschitz constant of u''.
    tail_lipschitz : bool
        Whether z u' and z² u'' are Lipschitz, as a family with a free scale requires.
    """

    name: str
    steepest: float
    tail_lipschitz: bool

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @abstractmethod
    def log_density(self, z: FloatArray) -> FloatArray:
        """Return u = log density at each z, in nats."""

    @abstractmethod
    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return u', u'' and u''' at each z."""

    @abstractmethod
    def cdf(self, z: FloatArray) -> FloatArray:
        """Return the distribution function F at each z."""

    @abstractmethod
    def integrated_cdf(self, z: FloatArray) -> FloatArray:
        """Return the integral of F up to each z, which is E max(z - Z, 0)."""

    @abstractmethod
    def rule(self, step: float) -> tuple[FloatArray, FloatArray]:
        """Return points and weights, summing to one, of the trapezoid rule for means under it."""


class Logistic(Shape):
    """Density e^{-z}/(1 + e^{-z})²."""

    name = "logistic"
    steepest = 1 / (3 * math.sqrt(3))  # (1 - t²) t / 2 at t = tanh(z/2) = 1/sqrt 3
    tail_lipschitz = True

    def log_density(self, z: FloatArray) -> FloatArray:
        size = np.abs(z)
        return np.asarray(-size - 2 * np.log1p(np.exp(-size)))

    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        t = np.tanh(z / 2)
        second = -2 * special.expit(z) * special.expit(-z)  # -(1 - t²)/2 with all its digits
        return -t, second, -second * t

    def cdf(self, z: FloatArray) -> FloatArray:
        return np.asarray(special.expit(z))

    def integrated_cdf(self, z: FloatArray) -> FloatArray:
        return np.asarray(np.logaddexp(0.0, z))

    def rule(self, step: float) -> tuple[FloatArray, FloatArray]:
        z = _grid(step, -math.log(_SMALLEST_MASS))
        return _normalised(z, np.exp(self.log_density(z)))


class Normal(Shape):
    """Density e^{-z²/2}/sqrt(2π)."""

    name = "normal"
    steepest = 0.0
    tail_lipschitz = False  # z² u'' = -z²: with a free scale use its natural parameters

    def log_density(self, z: FloatArray) -> FloatArray:
        return -z * z / 2 - math.log(2 * math.pi) / 2

    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        return -z, np.full_like(z, -1.0), np.zeros_like(z)

    def cdf(self, z: FloatArray) -> FloatArray:
        return np.asarray(special.ndtr(z))

    def integrated_cdf(self, z: FloatArray) -> FloatArray:
        return np.asarray(z * special.ndtr(z) + np.exp(self.log_density(z)))

    def rule(self, step: float) -> tuple[FloatArray, FloatArray]:
        z = _grid(step, math.sqrt(-2 * math.log(_SMALLEST_MASS)))
        return _normalised(z, np.exp(self.log_density(z)))


@dataclass(frozen=True)
class StudentT(Shape):
    """Student's t law.

    Parameters
    ----------
    freedom : float
        Degrees of freedom ν, above 1, so that it has a mean and W1 is finite.

    Raises
    ------
    TypeError, ValueError
        If `freedom` is not a number above 1.
    """

    freedom: float

    tail_lipschitz = True

    def __post_init__(self) -> None:
        freedom = positive_number(self.freedom, "freedom")
        if freedom <= 1:
            raise ValueError(f"freedom must be above 1, for a mean to exist; got {freedom:g}")

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"Student-t({self.freedom:g})"

    @property
    def steepest(self) -> float:  # type: ignore[override]
        # With y = z²/ν, |u'''| is 2(ν+1) ν^{-3/2} sqrt(y) |y - 3|/(1 + y)³: stationary where
        # y² - 6y + 1 = 0, and largest at y = 3 - 2 sqrt 2 = (sqrt 2 - 1)².
        root = math.sqrt(2)
        top = (root - 1) * 2 * root / (4 - 2 * root) ** 3
        return float(2 * (self.freedom + 1) * self.freedom**-1.5 * top)

    def log_density(self, z: FloatArray) -> FloatArray:
        nu = self.freedom
        constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - math.log(nu * math.pi) / 2
        # hypot, since z² would overflow far out in the tail
        return np.asarray(constant - (nu + 1) * np.log(np.hypot(1.0, z / math.sqrt(nu))))

    def derivatives(self, z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        nu, root = self.freedom, math.sqrt(self.freedom)
        t = z / root
        size = np.hypot(1.0, t)
        sine, cosine = t / size, 1 / size  # of arctan t
        first = -(nu + 1) / root * sine * cosine
        second = -(nu + 1) / nu * cosine**2 * (cosine**2 - sine**2)
        third = -2 * (nu + 1) * nu**-1.5 * sine * cosine**3 * (sine**2 - 3 * cosine**2)
        return first, second, third

    def cdf(self, z: FloatArray) -> FloatArray:
        return np.asarray(special.stdtr(self.freedom, z))

    def integrated_cdf(self, z: FloatArray) -> FloatArray:
        nu = self.freedom
        # z F + (ν + z²)/(ν - 1) f, and (ν + z²) f is ν f_0 (1 + z²/ν)^{(1-ν)/2}.
        peak = math.exp(float(self.log_density(np.zeros(1))[0]))
        tail = peak * np.hypot(1.0, z / math.sqrt(nu)) ** (1 - nu)
        return np.asarray(z * self.cdf(z) + nu / (nu - 1) * tail)

    def rule(self, step: float) -> tuple[FloatArray, FloatArray]:
        # z = sqrt(ν) sinh u makes the density cosh(u)^-ν, up to a factor. Its poles, and those of
        # the score and Hessian, are ±iπ/2: half the step makes up for their orders. For large ν
        # it is a peak of width 1/sqrt(ν).
        fine = step / 2 / max(1.0, math.sqrt(self.freedom / 8))
        u = _grid(fine, -math.log(_SMALLEST_MASS) / self.freedom + 1)
        return _normalised(math.sqrt(self.freedom) * np.sinh(u), np.cosh(u) ** -self.freedom)


def _grid(step: float, end: float) -> FloatArray:
    number = math.ceil(end / step)
    return step * np.arange(-number, number + 1, dtype=np.float64)


def _normalised(points: FloatArray, masses: FloatArray) -> tuple[FloatArray, FloatArray]:
    return points, masses / masses.sum()
