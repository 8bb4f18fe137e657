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
        Whose p_θ.
    rule : Quadrature
        Law of x.
    excess : ndarray, shape (d,), or float
        What the rule is known to add to the gradient by rounding, to be taken off.
    """

    family: Family
    rule: Quadrature
    excess: FloatArray | float = 0.0

    def value(self, parameter: FloatArray) -> float:
        """Return the mean of log p_θ, in nats; -inf where there is no p_θ."""
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
    """Return the local maximum that is reached by climbing from a start.

    Parameters
    ----------
    likelihood : MeanLogLikelihood
        What to maximise.
    start : ndarray, shape (d,)
        Where to start, with a p_θ.

    Returns
    -------
    ndarray, shape (d,)
        Where the gradient vanishes up to rounding and the Hessian is negative definite.

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
    """Return where Newton's method converges to, or None where it does not climb."""
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
    """Return where SciPy's trust region method ends, which only ever climbs."""
    contains, identity = likelihood.family.contains, np.eye(start.size)
    # SciPy asks for the derivatives of a point before it rejects it: where there is no p_θ and the
    # value is infinite, they may be anything finite.
    found = optimize.minimize(
        lambda at: -likelihood.value(at),
        start,
        jac=lambda at: -likelihood.gradient(at) if contains(at) else np.zeros_like(at),
        hess=lambda at: -likelihood.hessian(at) if contains(at) else identity,
        method="trust-exact",
        options={"gtol": 1e-8, "maxiter": 500},
    )
    return np.asarray(found.x)
