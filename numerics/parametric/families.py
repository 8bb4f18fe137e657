"""Parametric families of laws on the real line, with the derivatives of the log-likelihood."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from scipy import optimize

from recurate.numerics.parametric.laws import Law, LocatedLaw, Quadrature
from recurate.numerics.parametric.shapes import Shape
from recurate.numerics.validation import FloatArray, positive_number


class Family(ABC):
    """A family of laws p_θ, θ of shape (d,).

    Attributes
    ----------
    dimension : int
        d, the number of parameters.
    """

    dimension: int

    @abstractmethod
    def law(self, parameter: FloatArray) -> Law:
        """Return p_θ.

        Raises
        ------
        ValueError
            If the family has no such law.
        """

    @abstractmethod
    def contains(self, parameter: FloatArray) -> bool:
        """Return whether p_θ exists."""

    @abstractmethod
    def log_density(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return log p_θ at points of shape (n,), shape (n,), in nats."""

    @abstractmethod
    def score(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return the gradient of log p_θ in θ at points of shape (n,), shape (n, d)."""

    @abstractmethod
    def hessian(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        """Return the Hessian of log p_θ in θ at points of shape (n,), shape (n, d, d)."""

    @abstractmethod
    def hessian_lipschitz(self, parameter: FloatArray) -> float:
        """Return L, the Lipschitz constant in x of the Hessian at θ, in the operator norm."""

    @abstractmethod
    def starts(self, data: Law) -> FloatArray:
        """Return starting parameters for the search of the best model, shape (n, d)."""


class LocationFamily(Family):
    """Laws θ + scale · Z of a known scale, for a standard law of Z.

    Parameters
    ----------
    shape : Shape
        Law of Z.
    scale : float
        Above 0.

    Raises
    ------
    TypeError, ValueError
        If `scale` is not a number above 0.

    Notes
    -----
    log p_θ(x) = u((x - θ)/scale) - log scale, so the Hessian is u''/scale² and its derivative in x
    u'''/scale³. The normal law makes an exponential family: L = 0.
    """

    dimension = 1

    def __init__(self, shape: Shape, scale: float = 1.0) -> None:
        self.shape, self.scale = shape, positive_number(scale, "scale")

    def law(self, parameter: FloatArray) -> Law:
        return LocatedLaw(self.shape, float(parameter[0]), self.scale)

    def contains(self, parameter: FloatArray) -> bool:
        return bool(np.isfinite(parameter).all())

    def log_density(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        return self.shape.log_density(self._standard(x, parameter)) - math.log(self.scale)

    def score(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        first, _, _ = self.shape.derivatives(self._standard(x, parameter))
        return np.asarray(-first[:, None] / self.scale)

    def hessian(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        _, second, _ = self.shape.derivatives(self._standard(x, parameter))
        return second[:, None, None] / self.scale**2

    def hessian_lipschitz(self, parameter: FloatArray) -> float:
        return self.shape.steepest / self.scale**3

    def starts(self, data: Law) -> FloatArray:
        return _quantiles(data.quadrature())[:, None]

    def _standard(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        return np.asarray((x - parameter[0]) / self.scale)

    def __repr__(self) -> str:
        return f"LocationFamily({self.shape!r}, {self.scale!r})"


class LocationScaleFamily(Family):
    """Laws μ + σ Z with θ = (μ, log σ), for a standard law of Z.

    Parameters
    ----------
    shape : Shape
        Law of Z.

    Raises
    ------
    ValueError
        If z² u'' is not Lipschitz, as for the normal law, whose own parameters are the natural
        ones of an exponential family.

    Notes
    -----
    log p_θ(x) = u(z) - log σ, z = (x - μ)/σ; the Hessian's entries are u''/σ², (u' + z u'')/σ and
    z u' + z² u'', and their derivatives in x are u'''/σ³, (2u'' + z u''')/σ² and
    (u' + 3z u'' + z² u''')/σ.
    """

    dimension = 2

    def __init__(self, shape: Shape) -> None:
        if not shape.tail_lipschitz:
            raise ValueError(
                f"shape must have a Lipschitz z² u'' for a free scale, as logistic and Student-t "
                f"laws have; got {shape.name}"
            )
        self.shape = shape

    def law(self, parameter: FloatArray) -> Law:
        return LocatedLaw(self.shape, float(parameter[0]), math.exp(parameter[1]))

    def contains(self, parameter: FloatArray) -> bool:
        return bool(np.isfinite(parameter).all() and abs(parameter[1]) < 300)

    def log_density(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        z, _ = self._standard(x, parameter)
        return np.asarray(self.shape.log_density(z) - parameter[1])

    def score(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        z, scale = self._standard(x, parameter)
        first, _, _ = self.shape.derivatives(z)
        return np.stack([-first / scale, -z * first - 1], axis=-1)

    def hessian(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        z, scale = self._standard(x, parameter)
        first, second, _ = self.shape.derivatives(z)
        return _symmetric(
            second / scale**2, (first + z * second) / scale, z * first + z * z * second
        )

    def hessian_lipschitz(self, parameter: FloatArray) -> float:
        scale = math.exp(parameter[1])

        def slope(place: Any) -> Any:
            z = np.sinh(np.atleast_1d(place))
            first, second, third = self.shape.derivatives(z)
            slopes = _symmetric(
                third / scale**3,
                (2 * second + z * third) / scale**2,
                (first + 3 * z * second + z * z * third) / scale,
            )
            return np.abs(np.linalg.eigvalsh(slopes)).max(axis=-1)

        # z = sinh v, since the slopes have a limit far out. They are even in z.
        places = np.linspace(0.0, 20.0, 2001)
        heights = slope(places)
        top = int(heights.argmax())
        ends = places[max(top - 1, 0)], places[min(top + 1, places.size - 1)]
        best = optimize.minimize_scalar(
            lambda place: -float(slope(place)[0]),
            bounds=ends,
            method="bounded",
            options={"xatol": 1e-9},
        )
        return max(float(heights[top]), -float(best.fun))

    def starts(self, data: Law) -> FloatArray:
        rule = data.quadrature()
        centres = _quantiles(rule)
        spread = float(rule.weights @ np.abs(rule.points - np.median(centres)))
        scales = np.log(max(spread, 1e-300)) + np.array([-1.0, 0.0])
        return np.array([(centre, scale) for centre in centres for scale in scales])

    def _standard(self, x: FloatArray, parameter: FloatArray) -> tuple[FloatArray, float]:
        scale = math.exp(parameter[1])
        return (x - parameter[0]) / scale, scale

    def __repr__(self) -> str:
        return f"LocationScaleFamily({self.shape!r})"


def _symmetric(first: FloatArray, mixed: FloatArray, second: FloatArray) -> FloatArray:
    """Return the symmetric 2×2 matrices with these entries, shape (n, 2, 2)."""
    return np.stack([np.stack([first, mixed], -1), np.stack([mixed, second], -1)], -2)


def _quantiles(rule: Quadrature) -> FloatArray:
    """Return nine quantiles of a law, some near each of its modes and some between them."""
    order = np.argsort(rule.points)
    below = np.cumsum(rule.weights[order])
    places = np.searchsorted(below, np.linspace(0.02, 0.98, 9)).clip(max=order.size - 1)
    return np.unique(rule.points[order][places])
