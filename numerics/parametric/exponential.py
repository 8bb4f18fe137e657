"""Exponential families in closed form: retraining moves means of sufficient statistics."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate.numerics.parametric.retraining import LARGEST_RETRAININGS, RetrainingPath
from recurate.numerics.validation import (
    FloatArray,
    count,
    mixing,
    real_vector,
    shown,
)

_SMALL = 0.05  # below it 16 terms of the logarithm's series give all digits


@dataclass(frozen=True)
class ExponentialFamily:
    """An exponential family; the means of the sufficient statistics name its laws.

    Attributes
    ----------
    name : str
        Name in messages.
    statistics : str
        The sufficient statistics, in words.
    dimension : int
        Number d of sufficient statistics.
    contains : callable
        Whether a law of the family has means η, shape (d,).
    divergence : callable
        KL(p_η‖p_η') in nats, from the means of two laws.
    """

    name: str
    statistics: str
    dimension: int
    contains: Callable[[FloatArray], bool]
    divergence: Callable[[FloatArray, FloatArray], float]


def log_gap(ratio: float) -> float:
    """Return e - log(1 + e) for e > -1, accurate near 0; it is at least 0."""
    if abs(ratio) > _SMALL:
        return ratio - math.log1p(ratio)
    return math.fsum((-ratio) ** k / k for k in range(2, 18))


def _scaled(mean: float, other: float) -> float:
    """Return m log(m/m') - m + m' = m (m'/m - 1 - log(m'/m))."""
    return other if mean == 0 else mean * log_gap((other - mean) / mean)


def _bernoulli(left: FloatArray, right: FloatArray) -> float:
    p, q = float(left[0]), float(right[0])
    return _scaled(p, q) + _scaled(1 - p, 1 - q)


def _poisson(left: FloatArray, right: FloatArray) -> float:
    return _scaled(float(left[0]), float(right[0]))


def _exponential(left: FloatArray, right: FloatArray) -> float:
    mean, other = float(left[0]), float(right[0])
    return log_gap((mean - other) / other)


def _normal(left: FloatArray, right: FloatArray) -> float:
    shift = float(left[0] - right[0])
    spread, other = _variance(left), _variance(right)
    return (log_gap((spread - other) / other) + shift**2 / other) / 2


def _unit_normal(left: FloatArray, right: FloatArray) -> float:
    return float(left[0] - right[0]) ** 2 / 2


def _variance(means: FloatArray) -> float:
    return float(means[1] - means[0] ** 2)


BERNOULLI = ExponentialFamily("Bernoulli", "x", 1, lambda means: bool(0 < means[0] < 1), _bernoulli)
POISSON = ExponentialFamily("Poisson", "x", 1, lambda means: bool(means[0] > 0), _poisson)
EXPONENTIAL = ExponentialFamily(
    "exponential", "x", 1, lambda means: bool(means[0] > 0), _exponential
)
NORMAL = ExponentialFamily("normal", "x and x²", 2, lambda means: _variance(means) > 0, _normal)
UNIT_NORMAL = ExponentialFamily("normal of variance 1", "x", 1, lambda means: True, _unit_normal)


class ExponentialRetraining:
    """Parametric retraining of an exponential family, in closed form.

    Parameters
    ----------
    family : ExponentialFamily
        The models.
    data : array_like, shape (d,)
        Means of the sufficient statistics under the data, whose law is arbitrary.
    lam : float
        λ, generated samples per real one; finite.

    Raises
    ------
    TypeError, ValueError
        If no law of the family has these means, or λ is not a finite number of at least 0.

    Notes
    -----
    The maximum likelihood matches means: η_{t+1} = (η_data + λ η_t)/(1 + λ). So η_t - η_data falls
    by a = λ/(1+λ) in each step, exactly, and the best model has η* = η_data. In natural parameters
    the Hessian does not depend on x: L = 0 and A = B.

    Examples
    --------
    >>> loop = ExponentialRetraining(POISSON, [2.0], lam=1.0)
    >>> loop.run([3.0], steps=3).parameters[:, 0].tolist()
    [3.0, 2.5, 2.25, 2.125]
    """

    def __init__(self, family: ExponentialFamily, data: Any, *, lam: Any) -> None:
        self.family = family
        self.data = self._means(data, "data")
        self.lam = mixing(lam)
        if self.lam == math.inf:
            raise ValueError("lam must be finite: without real data η_t has no limit to go to")

    @property
    def rate(self) -> float:
        """λ/(1+λ), by which η_t - η_data falls, and KL^(1/2) in the end."""
        return self.lam / (1 + self.lam)

    def run(self, start: Any, *, steps: int) -> RetrainingPath:
        """Retrain a number of times from the means η_0.

        Parameters
        ----------
        start : array_like, shape (d,)
            η_0.
        steps : int
            Number of retrainings.

        Returns
        -------
        RetrainingPath
            Its parameters are the means η_t.

        Raises
        ------
        TypeError, ValueError
            If no law of the family has the means η_0, or `steps` is not a count.
        """
        gap = self._means(start, "start") - self.data
        powers = self.rate ** np.arange(count(steps, "steps", LARGEST_RETRAININGS) + 1)
        means = self.data + powers[:, None] * gap
        divergences = [self.family.divergence(self.data, at) for at in means]
        return RetrainingPath(means, np.array(divergences))

    def _means(self, values: Any, name: str) -> FloatArray:
        means = real_vector(values, name)
        family = self.family
        if means.size != family.dimension or not family.contains(means):
            raise ValueError(
                f"{name} must be the means of {family.statistics} under a {family.name} law; got "
                f"{shown(means)}"
            )
        return means
