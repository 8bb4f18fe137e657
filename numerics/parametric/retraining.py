"""Retraining by maximum likelihood: θ_{t+1} = argmax_θ E_data log p_θ + λ E_{p_θt} log p_θ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from recurate.numerics.laws.divergences import kullback_leibler
from recurate.numerics.parametric.families import Family
from recurate.numerics.parametric.laws import Law, Quadrature
from recurate.numerics.parametric.maximising import MeanLogLikelihood, local_maximum
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.validation import (
    FloatArray,
    count,
    mixing,
    real_vector,
    shown,
)

QUADRATURE_ERROR = 1e-12
"""Largest relative change at θ* that halving the step of a rule may make."""

LARGEST_RETRAININGS = 10**6
"""Largest number of steps of one run."""

_LEVELS = 6
_NEAR = 1e-3  # in nats


@dataclass(frozen=True)
class RetrainingPath(ReadOnlyArrays):
    """A run of parametric retraining.

    Attributes
    ----------
    parameters : ndarray, shape (steps + 1, d)
        θ_0, …, θ_steps.
    divergences : ndarray, shape (steps + 1,)
        KL(p_θ*‖p_θt), in nats.
    """

    parameters: FloatArray
    divergences: FloatArray


class RetrainingLoop:
    """Parametric retraining without curation, on real and generated data.

    Parameters
    ----------
    family : Family
        The models p_θ.
    data : Law
        The real data.
    lam : float
        λ, generated samples per real one, finite.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Theorem 2.2; Bertrand et al. 2024 (arXiv:2310.00429).
    The maximum is the local one reached by climbing from θ_t, as training continues from the
    current model. ``docs/parametric.md`` explains how it is computed.

    Examples
    --------
    >>> from recurate.numerics.parametric import DiscreteLaw, LocationFamily, Logistic
    >>> data = DiscreteLaw([-np.log(3.0), np.log(3.0)])
    >>> loop = RetrainingLoop(LocationFamily(Logistic()), data, lam=1.0)
    >>> path = loop.run([0.5], steps=3)
    >>> path.parameters[:, 0].round(6).tolist()
    [0.5, 0.235148, 0.110643, 0.052066]
    >>> path.divergences.round(6).tolist()
    [0.041494, 0.009207, 0.00204, 0.000452]
    """

    def __init__(self, family: Family, data: Law, *, lam: Any) -> None:
        if not isinstance(family, Family):
            raise TypeError(f"family must be a Family; got {type(family).__name__}")
        if not isinstance(data, Law):
            raise TypeError(f"data must be a Law; got {type(data).__name__}")
        self.family, self.data = family, data
        self.lam = mixing(lam)
        if self.lam == math.inf:
            raise ValueError("lam must be finite: without real data θ_t has no limit to go to")

    def __repr__(self) -> str:
        return f"RetrainingLoop({self.family!r}, {self.data!r}, lam={self.lam!r})"

    @cached_property
    def best(self) -> FloatArray:
        """θ*, the highest maximum of E_data log p_θ that the search finds, shape (d,).

        The search starts from `Family.starts`. If the likelihood is not concave, it may miss a
        higher maximum, like any search.

        Raises
        ------
        ArithmeticError
            If there is no maximum with a negative definite Hessian, or the data's law is too fine
            for its quadrature.
        """
        coarse = MeanLogLikelihood(self.family, self.data.quadrature())
        found = self._highest(coarse)
        if found is None:
            raise ArithmeticError(
                f"E_data log p_θ has no maximum with a negative definite Hessian in {self!r}"
            )
        exact = MeanLogLikelihood(self.family, self._data_rule(found))
        return read_only(local_maximum(exact, found))

    def _highest(self, likelihood: MeanLogLikelihood) -> FloatArray | None:
        best, highest = None, -math.inf
        for start in self.family.starts(self.data):
            try:
                found = local_maximum(likelihood, start)
            except ArithmeticError:
                continue
            if likelihood.value(found) > highest:
                best, highest = found, likelihood.value(found)
        return best

    def _data_rule(self, parameter: FloatArray) -> Quadrature:
        """Return the coarsest rule for the data that the next finer one confirms at a parameter."""
        rules = [self.data.quadrature(level) for level in range(2)]
        for level in range(2, _LEVELS + 2):
            if _agree(self.family, parameter, *rules[-2:]):
                return rules[-2]
            rules.append(self.data.quadrature(level))
        raise ArithmeticError(
            f"the data's law is too wide beside the model for its quadrature: halving the step "
            f"{_LEVELS} times still changes the mean score or Hessian by more than "
            f"{QUADRATURE_ERROR:g} of its size in {self!r}"
        )

    @cached_property
    def data_rule(self) -> Quadrature:
        """Rule for means under the data."""
        return self._data_rule(self.best)

    def step(self, parameter: Any) -> FloatArray:
        """Return θ_{t+1} from θ_t, shape (d,).

        Raises
        ------
        TypeError, ValueError
            If `parameter` is not one of the family's.
        ArithmeticError
            If no local maximum is reached from `parameter`.
        """
        theta = self._parameter(parameter, "parameter")
        model, data = self.family.law(theta).quadrature(), self.data_rule
        rule = Quadrature(
            np.concatenate([data.points, model.points]),
            np.concatenate([data.weights, self.lam * model.weights]) / (1 + self.lam),
        )
        # The mean score of a model under itself is zero. The rule's value of it is subtracted, so
        # that the loop's fixed point is θ* to the last digit, whatever the rule's rounding.
        own = model.mean(self.family.score(model.points, theta)) * (self.lam / (1 + self.lam))
        return local_maximum(MeanLogLikelihood(self.family, rule, own), theta)

    def divergence(self, parameter: Any) -> float:
        """Return KL(p_θ*‖p_θ) in nats, with full relative accuracy for small divergences.

        Raises
        ------
        TypeError, ValueError
            If `parameter` is not one of the family's.
        """
        theta = self._parameter(parameter, "parameter")
        rule = self.family.law(self.best).quadrature()
        at_best = self.family.log_density(rule.points, self.best)
        ratio = self.family.log_density(rule.points, theta) - at_best
        plain = -float(rule.mean(ratio))
        if plain > _NEAR:
            return plain
        # In the plain mean, terms of both signs cancel. This form requires that p_θ has mass one
        # under the rule for p_θ*, which holds nearby.
        return kullback_leibler(np.zeros_like(ratio), rule.weights, log_q=ratio)

    def run(self, start: Any, *, steps: int) -> RetrainingPath:
        """Retrain a number of times from θ_0.

        Parameters
        ----------
        start : array_like, shape (d,)
            θ_0.
        steps : int
            Number of retrainings, from 0 to `LARGEST_RETRAININGS`.

        Returns
        -------
        RetrainingPath
            The parameters θ_t and their divergences.

        Raises
        ------
        TypeError, ValueError
            If `start` is not one of the family's parameters, or `steps` is out of range.
        ArithmeticError
            As `step`.
        """
        steps = count(steps, "steps", LARGEST_RETRAININGS)
        parameters = [self._parameter(start, "start")]
        for _ in range(steps):
            parameters.append(self.step(parameters[-1]))
        divergences = [self.divergence(parameter) for parameter in parameters]
        return RetrainingPath(np.array(parameters), np.array(divergences))

    def _parameter(self, values: Any, name: str) -> FloatArray:
        parameter = real_vector(values, name)
        if parameter.size != self.family.dimension:
            raise ValueError(
                f"{name} must have {self.family.dimension} entries for {self.family!r}; got "
                f"{parameter.size}"
            )
        if not self.family.contains(parameter):
            raise ValueError(f"{name} must be one of {self.family!r}; got {shown(parameter)}")
        return parameter


def _agree(family: Family, parameter: FloatArray, coarse: Quadrature, fine: Quadrature) -> bool:
    """Return whether two rules give the same mean score and Hessian, relative to their size."""
    for function in (family.score, family.hessian):
        values = function(fine.points, parameter)
        size = float(np.abs(fine.mean(np.abs(values))).max())
        difference = fine.mean(values) - coarse.mean(function(coarse.points, parameter))
        if float(np.abs(difference).max()) > QUADRATURE_ERROR * size:
            return False
    return True
