"""Laws on the real line: the data, and the models of a family, by quadrature."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.parametric.shapes import Shape
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import (
    FloatArray,
    finite_number,
    positive_number,
    probability_vector,
    real_vector,
)

COARSEST_STEP = 0.25
"""Step of a smooth law's trapezoid rule at level 0, in the shape's own coordinate."""


class Quadrature(NamedTuple):
    """A rule for means under a law.

    Attributes
    ----------
    points : ndarray, shape (n,)
        Points at which a function is evaluated.
    weights : ndarray, shape (n,)
        Positive, summing to one.
    """

    points: FloatArray
    weights: FloatArray

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean of values of shape (n, …), one for each point."""
        return np.asarray(np.tensordot(self.weights, values, 1))


class Law(ABC):
    """A law on the real line with a mean."""

    @property
    @abstractmethod
    def mean(self) -> float:
        """Its mean."""

    @property
    @abstractmethod
    def landmarks(self) -> FloatArray:
        """Points between which its distribution function is smooth, shape (n,)."""

    @abstractmethod
    def quadrature(self, level: int = 0) -> Quadrature:
        """Return a rule for means under the law; each level halves the step."""

    @abstractmethod
    def cdf(self, x: FloatArray, *, before: bool = False) -> FloatArray:
        """Return the mass up to each x, including x itself unless `before` is true."""

    @abstractmethod
    def integrated_cdf(self, x: FloatArray) -> FloatArray:
        """Return E max(x - X, 0) at each x, the integral of the distribution function."""


class DiscreteLaw(Law):
    """Finitely many points with probabilities.

    Parameters
    ----------
    points : array_like, shape (n,)
        Points that carry the mass; in any order, ties allowed.
    probs : array_like, shape (n,), optional
        Probabilities; equal by default.

    Raises
    ------
    TypeError, ValueError
        If the points are not finite numbers, or `probs` are not probabilities.
    """

    def __init__(self, points: Any, probs: Any = None) -> None:
        self.points = read_only(real_vector(points, "points"))
        size = self.points.size
        given = np.full(size, 1.0 / size) if probs is None else probs
        self.probs = read_only(probability_vector(given, "probs", size))

    @property
    def mean(self) -> float:
        return float(self.probs @ self.points)

    @property
    def landmarks(self) -> FloatArray:
        return self.points

    def quadrature(self, level: int = 0) -> Quadrature:
        return Quadrature(self.points, self.probs)

    def cdf(self, x: FloatArray, *, before: bool = False) -> FloatArray:
        is_counted = np.less if before else np.less_equal
        return np.asarray(is_counted.outer(self.points, x).T @ self.probs)

    def integrated_cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(np.maximum(np.subtract.outer(x, self.points), 0.0) @ self.probs)

    def __repr__(self) -> str:
        return f"DiscreteLaw({self.points.tolist()}, {self.probs.tolist()})"


class LocatedLaw(Law):
    """The law of location + scale · Z for a standard law of Z.

    Parameters
    ----------
    shape : Shape
        Law of Z.
    location : float
        Its centre.
    scale : float
        Above 0.

    Raises
    ------
    TypeError, ValueError
        If the numbers are not finite, or the scale is not above 0.
    """

    def __init__(self, shape: Shape, location: float = 0.0, scale: float = 1.0) -> None:
        self.shape = shape
        self.location = finite_number(location, "location")
        self.scale = positive_number(scale, "scale")

    @property
    def mean(self) -> float:
        return self.location

    @cached_property
    def landmarks(self) -> FloatArray:
        return self.quadrature().points

    def quadrature(self, level: int = 0) -> Quadrature:
        points, weights = self.shape.rule(COARSEST_STEP / 2**level)
        return Quadrature(self.location + self.scale * points, weights)

    def cdf(self, x: FloatArray, *, before: bool = False) -> FloatArray:
        return self.shape.cdf(self._standard(x))

    def integrated_cdf(self, x: FloatArray) -> FloatArray:
        return self.scale * self.shape.integrated_cdf(self._standard(x))

    def _standard(self, x: FloatArray) -> FloatArray:
        return (np.asarray(x) - self.location) / self.scale

    def __repr__(self) -> str:
        return f"LocatedLaw({self.shape!r}, {self.location!r}, {self.scale!r})"


class MixtureLaw(Law):
    """A mixture of laws.

    Parameters
    ----------
    parts : sequence of Law, length n
        Its components.
    probs : array_like, shape (n,)
        Their shares.

    Raises
    ------
    TypeError, ValueError
        If the shares are not probabilities, one for each part.
    """

    def __init__(self, parts: Sequence[Law], probs: Any) -> None:
        self.parts = tuple(parts)
        self.probs = probability_vector(probs, "probs", len(self.parts))

    @property
    def mean(self) -> float:
        return float(sum(p * part.mean for p, part in self._pairs()))

    @cached_property
    def landmarks(self) -> FloatArray:
        return np.concatenate([part.landmarks for part in self.parts])

    def quadrature(self, level: int = 0) -> Quadrature:
        rules = [part.quadrature(level) for part in self.parts]
        pairs = zip(self.probs.tolist(), rules, strict=True)
        return Quadrature(
            np.concatenate([rule.points for rule in rules]),
            np.concatenate([p * rule.weights for p, rule in pairs]),
        )

    def cdf(self, x: FloatArray, *, before: bool = False) -> FloatArray:
        return np.asarray(sum(p * part.cdf(x, before=before) for p, part in self._pairs()))

    def integrated_cdf(self, x: FloatArray) -> FloatArray:
        return np.asarray(sum(p * part.integrated_cdf(x) for p, part in self._pairs()))

    def _pairs(self) -> list[tuple[float, Law]]:
        return list(zip(self.probs.tolist(), self.parts, strict=True))

    def __repr__(self) -> str:
        return f"MixtureLaw({list(self.parts)!r}, {self.probs.tolist()})"
