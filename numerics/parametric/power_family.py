"""Families on finitely many points, all of whose curvatures are rational at their first law."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from recurate.numerics.parametric.families import Family
from recurate.numerics.parametric.laws import DiscreteLaw, Law
from recurate.numerics.validation import (
    FloatArray,
    finite_number,
    real_vector,
    require_length,
)


class PowerFamily(Family):
    """Laws on finitely many points through p_0 = `probs`: p_θ ∝ p_0 (1 + ρ θ·s)^{1/ρ}.

    Parameters
    ----------
    points : array_like, shape (n,)
        Different points x.
    probs : array_like, shape (n,)
        p_0, the law of θ = 0; above 0.
    statistics : array_like, shape (n, d)
        s(x). With mean zero under p_0 they are the score at θ = 0.
    form : float
        ρ. At 1 the laws are mixtures p_0 (1 + θ·s), for ρ → 0, and at 0, an exponential family
        p_0 e^{θ·s}: Amari's α-families with ρ = (1-α)/2.

    Raises
    ------
    TypeError, ValueError
        If lengths differ, points coincide, or numbers are not finite or probs not above 0.

    Notes
    -----
    With g = s/(1 + ρ θ·s) the score is g - E_θ g and the Hessian
    -ρ gg' - (1-ρ) E_θ gg' + E_θ g E_θ g', which depends on x only through ρ gg'.
    """

    def __init__(self, points: Any, probs: Any, statistics: Any, form: float) -> None:
        self.base = DiscreteLaw(points, probs)
        self.points, self.probs = self.base.points, self.base.probs
        if np.unique(self.points).size < self.points.size:
            raise ValueError(f"points must differ; got {self.points.tolist()}")
        if not (self.probs > 0).all():
            raise ValueError(f"probs must be above 0; got {self.probs.tolist()}")
        columns = [real_vector(column, "statistics") for column in np.transpose(statistics)]
        for column in columns:
            require_length(column.size, "statistics", self.points.size)
        self.statistics = np.stack(columns, axis=-1)
        self.form = finite_number(form, "form")
        self.dimension = len(columns)

    def law(self, parameter: FloatArray) -> Law:
        if not self.contains(parameter):
            raise ValueError(f"parameter must keep 1 + ρ θ·s above 0; got {parameter.tolist()}")
        return DiscreteLaw(self.points, np.exp(self._log_probs(parameter)))

    def contains(self, parameter: FloatArray) -> bool:
        return bool(np.isfinite(parameter).all() and (self._base(parameter) > 0).all())

    def log_density(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        return np.asarray(self._log_probs(parameter)[self._places(x)])

    def score(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        tilted, probs = self._tilted(parameter)
        return np.asarray((tilted - probs @ tilted)[self._places(x)])

    def hessian(self, x: FloatArray, parameter: FloatArray) -> FloatArray:
        tilted, probs = self._tilted(parameter)
        squares = tilted[:, :, None] * tilted[:, None, :]
        mean = probs @ tilted
        common = (1 - self.form) * np.tensordot(probs, squares, 1) - np.outer(mean, mean)
        return np.asarray((-self.form * squares - common)[self._places(x)])

    def hessian_lipschitz(self, parameter: FloatArray) -> float:
        if self.points.size == 1:
            return 0.0
        order = np.argsort(self.points)  # neighbours suffice, by the triangle inequality
        tilted, _ = self._tilted(parameter)
        squares = self.form * tilted[order, :, None] * tilted[order, None, :]
        changes = np.abs(np.linalg.eigvalsh(np.diff(squares, axis=0))).max(axis=-1)
        return float((changes / np.diff(self.points[order])).max())

    def starts(self, data: Law) -> FloatArray:
        # θ = 0 and a point on each side of it, half-way to the end of the family if there is one.
        pulls = np.stack([-self.form * self.statistics, self.form * self.statistics]).max(axis=1)
        above, below = 0.5 / np.maximum(pulls, 0.5)
        axes = np.eye(self.dimension)
        return np.concatenate([0 * axes[:1], above[:, None] * axes, -below[:, None] * axes])

    def _base(self, parameter: FloatArray) -> FloatArray:
        return 1 + self.form * (self.statistics @ parameter)

    def _log_probs(self, parameter: FloatArray) -> FloatArray:
        exponent = self.statistics @ parameter
        if self.form:
            exponent = np.log1p(self.form * exponent) / self.form
        # The total is near one near θ = 0, and log1p of the difference keeps the digits.
        excess = float(self.probs @ np.expm1(exponent))
        return np.log(self.probs) + (exponent - math.log1p(excess))

    def _tilted(self, parameter: FloatArray) -> tuple[FloatArray, FloatArray]:
        tilted = self.statistics / self._base(parameter)[:, None]
        return tilted, np.exp(self._log_probs(parameter))

    def _places(self, x: FloatArray) -> Any:
        order = np.argsort(self.points)
        places = order[np.searchsorted(self.points[order], x).clip(max=self.points.size - 1)]
        if not (self.points[places] == x).all():
            raise ValueError(f"x must be among the points {self.points.tolist()}; got {x}")
        return places

    def __repr__(self) -> str:
        return (
            f"PowerFamily({self.points.tolist()}, {self.probs.tolist()}, "
            f"{self.statistics.tolist()}, {self.form!r})"
        )
