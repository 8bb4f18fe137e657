"""Maximising a mean log-likelihood to full accuracy: SciPy's trust region, then Newton's method."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from recurate.numerics.parametric.families import Family
from recurate.numerics.parametric.laws import Quadrature
from recurate.numerics.validation import FloatArray

_NEWTON_STEPS = 40
_NEAR = 1e-6  # below such a step Newton's method stops as soon as rounding stops its progress


@dataclass(frozen=True)
class MeanLogLikelihood:
    """E log p_θ under a law given by quadrature, as a function of θ.

    Attributes
    ----------
    family : Family
        The family of p_θ.
    rule : Quadrature
        Quadrature of the law of x.
    excess : ndarray, shape (d,), or float
        Known rounding error of the rule in the gradient, to be subtracted.
    """

    family: Family
    rule: Quadrature
    excess: FloatArray | float = 0.0

    def value(self, parameter: FloatArray) -> float:
        """Return the mean of log p_θ, in nats; -inf if p_θ does not exist."""
        if not self.family.contains(parameter):
            return -np.inf
        return float(self.rule.mean(self.family.log_density(self.rule.points, parameter)))

    def gradient(self, parameter: FloatArray) -> FloatArray:
        """Return its gradient, shape (d,)."""
        return self.rule.mean(self.family.score(self.rule.points, parameter)) - self.excess

    def hessian(self, parameter: FloatArray) -> FloatArray:
        """Return its Hessian, shape (d, d)."""
        return self.rule.mean(self.family.hessian(self.rule.points, parameter))


def local_maximum(likelihood: MeanLogLikelihood, start: FloatArray) -> FloatArray:
    """Return the local maximum reached by climbing from a start.

    Parameters
    ----------
    likelihood : MeanLogLikelihood
        The function to maximise.
    start : ndarray, shape (d,)
        The start, at which p_θ exists.

    Returns
    -------
    ndarray, shape (d,)
        A point at which the gradient vanishes up to rounding and the Hessian is negative definite.

    Raises
    ------
    ArithmeticError
        If no such point is reached.
    """
    found = _newton(likelihood, start)
    if found is None:
        found = _newton(likelihood, _climbed(likelihood, start))
    if found is None:
        raise ArithmeticError(
            f"no local maximum of the likelihood with a negative definite Hessian was reached from "
            f"the parameter {start.tolist()}"
        )
    return found


def _newton(likelihood: MeanLogLikelihood, start: FloatArray) -> FloatArray | None:
    """Return the limit of Newton's method, or None if it does not climb."""
    parameter, length = start, np.inf
    for _ in range(_NEWTON_STEPS):
        with contextlib.suppress(linalg.LinAlgError):
            factor = linalg.cho_factor(-likelihood.hessian(parameter))
            step = linalg.cho_solve(factor, likelihood.gradient(parameter))
            last, length = length, float(np.abs(step).max())
            if length < _NEAR and length >= last / 2:  # only rounding is left
                return parameter
            if length > 2 * last or not likelihood.family.contains(parameter + step):
                return None
            parameter = np.asarray(parameter + step)
            if length == 0:
                return parameter
            continue
        return None
    return None


def _climbed(likelihood: MeanLogLikelihood, start: FloatArray) -> FloatArray:
    """Return the end of SciPy's trust region method, which only climbs."""
    contains, identity = likelihood.family.contains, np.eye(start.size)
    # SciPy asks for derivatives at a point before it rejects it. Where p_θ does not exist, the
    # value is infinite and the derivatives may be anything finite.
    found = optimize.minimize(
        lambda at: -likelihood.value(at),
        start,
        jac=lambda at: -likelihood.gradient(at) if contains(at) else np.zeros_like(at),
        hess=lambda at: -likelihood.hessian(at) if contains(at) else identity,
        method="trust-exact",
        options={"gtol": 1e-8, "maxiter": 500},
    )
    return np.asarray(found.x)
