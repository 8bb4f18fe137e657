"""How fast parametric retraining converges: curvatures at θ*, and rates exact and measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from recurate.numerics.parametric.retraining import RetrainingLoop
from recurate.numerics.parametric.wasserstein import wasserstein
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.validation import FloatArray, count, mixing, positive_number

CONSTANTS_ERROR = 1e-9
"""Stated errors: of α relative to the largest entry of A, of L relative to L, and of ε relative to
ε plus 1e-3 of the best model's mean absolute deviation."""

_RESOLVED = 1e-14  # in nats: below it the divergence of two models is mostly rounding
_ROUNDING = 1e-14  # of log p_θ and of θ, relative to sizes of order one


@dataclass(frozen=True)
class Curvatures(ReadOnlyArrays):
    """What determines convergence near θ*, and the constants of Theorem 2.2.

    Attributes
    ----------
    data : ndarray, shape (d, d)
        A, minus the mean Hessian of log p_θ* under the data.
    fisher : ndarray, shape (d, d)
        B, the same under p_θ*, which is the Fisher information.
    curvature : float
        α, the least eigenvalue of A.
    hessian_lipschitz : float
        L, Lipschitz constant in x of the Hessian of log p_θ*.
    model_error : float
        ε = W1(p_θ*, p_data).
    """

    data: FloatArray
    fisher: FloatArray
    curvature: float
    hessian_lipschitz: float
    model_error: float

    def local_rates(self, lam: Any) -> FloatArray:
        """Return the eigenvalues of J = (A + λB)^{-1} λB, falling, shape (d,).

        Near θ* the retraining map is θ* + J (θ - θ*), and each step multiplies the divergence by
        the square of the first eigenvalue.

        Raises
        ------
        TypeError, ValueError
            If λ is not a finite number of at least 0.
        """
        lam = mixing(lam)
        if lam == math.inf:
            raise ValueError("lam must be finite; got inf")
        values = linalg.eigh(lam * self.fisher, self.data + lam * self.fisher, eigvals_only=True)
        return np.asarray(values[::-1])


def curvatures(loop: RetrainingLoop) -> Curvatures:
    """Return A, B and the best constants of Theorem 2.2 for a loop's family and data.

    Parameters
    ----------
    loop : RetrainingLoop
        Gives family and data; λ plays no part.

    Returns
    -------
    Curvatures
        A, B, α, L and ε.

    Raises
    ------
    ArithmeticError
        As `RetrainingLoop.best`.
    """
    family, best = loop.family, loop.best
    model = family.law(best)
    rules = loop.data_rule, model.quadrature()
    data, fisher = (-rule.mean(family.hessian(rule.points, best)) for rule in rules)
    return Curvatures(
        data=data,
        fisher=fisher,
        curvature=float(np.linalg.eigvalsh(data)[0]),
        hessian_lipschitz=family.hessian_lipschitz(best),
        model_error=wasserstein(model, loop.data),
    )


@dataclass(frozen=True)
class MeasuredRate:
    """The measured rate at which the divergence falls.

    Attributes
    ----------
    rate : float
        Square root of the last ratio KL(p_θ*‖p_θ_{t+1})/KL(p_θ*‖p_θt) not spoilt by rounding.
    error : float
        Bound on its distance from the limit: the rest of a geometric sequence, and rounding.
    steps : int
        t + 1.
    """

    rate: float
    error: float
    steps: int


def start_near_best(loop: RetrainingLoop, divergence: float = 1e-8) -> FloatArray:
    """Return a start θ_0 with about this KL(p_θ*‖p_θ_0), in the slowest direction, shape (d,).

    Raises
    ------
    TypeError, ValueError
        If `divergence` is not a number above 0.
    """
    divergence = positive_number(divergence, "divergence")
    found = curvatures(loop)
    _, vectors = linalg.eigh(found.fisher, found.data)
    slowest = vectors[:, -1]
    # KL is half the quadratic form of B near θ*.
    length = math.sqrt(2 * divergence / float(slowest @ found.fisher @ slowest))
    return np.asarray(loop.best + length * slowest)


def measured_rate(loop: RetrainingLoop, start: Any = None, *, steps: int = 40) -> MeasuredRate:
    """Run the loop and return the rate at which KL(p_θ*‖p_θt)^(1/2) falls.

    Parameters
    ----------
    loop : RetrainingLoop
        The loop.
    start : array_like, shape (d,), optional
        θ_0; `start_near_best` by default.
    steps : int
        Largest number of retrainings, at least 2; they end once the divergence is below 1e-14.

    Returns
    -------
    MeasuredRate
        The rate, a bound on its error, and the number of steps.

    Raises
    ------
    TypeError, ValueError
        If `start` is not one of the family's parameters, or `steps` is out of range.
    ArithmeticError
        As `RetrainingLoop.step`; or if the start is θ* up to rounding.
    """
    steps = count(steps, "steps")
    if steps < 2:
        raise ValueError(f"steps must be at least 2; got {steps}")
    parameter = start_near_best(loop) if start is None else start
    divergences = [loop.divergence(parameter)]
    while len(divergences) <= steps and divergences[-1] > _RESOLVED:
        parameter = loop.step(parameter)
        divergences.append(loop.divergence(parameter))
    if len(divergences) < 2:
        raise ArithmeticError("start must differ from θ*, so that a rate can be seen")
    ratios = np.sqrt(np.array(divergences[1:]) / np.array(divergences[:-1]))
    return MeasuredRate(float(ratios[-1]), _error(ratios, divergences), ratios.size)


def _error(ratios: FloatArray, divergences: list[float]) -> float:
    """Return the error of the last ratio: the rest of a geometric sequence, and rounding.

    The ratio q differs from its limit in proportion to |θ_t - θ*|, which q multiplies in each step.
    So the changes to come sum to about the last change times q/(1-q); twice that is stated.
    """
    last = float(ratios[-1])
    if last >= 1:
        return math.inf
    # Of two models the divergence is known to rounding relative to its root.
    rounding = _ROUNDING * last / math.sqrt(max(divergences[-1], 1e-200))
    change = math.sqrt(divergences[0])
    if ratios.size > 1:
        change = abs(last - float(ratios[-2])) + rounding
    return 2 * change * max(1.0, last / (1 - last)) + rounding
