"""How far a sampled loop departs from the population limit: bias and spread, to first order.

Derived in ``docs/simulation.md``: the system-size expansion (van Kampen) of the simulated loop.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.curation.transform import NODES_PER_UNIT, Terms, nodes_for
from recurate.numerics.loop import CurationLoop
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.validation import FloatArray, count

LARGEST_LAW = 3000
"""Most atoms of a law: the sampled law's covariance is a matrix of this size."""

_LEAST_LOG_TRANSFORM = math.log(1e-300)


@dataclass(frozen=True)
class FiniteSampleError(ReadOnlyArrays):
    """Bias and standard deviation of a sampled loop's figures, with an error of order n^{-3/2}.

    Attributes
    ----------
    bias : dict of ndarray
        By figure's name, as in a trajectory: the mean over replicates less the exact value.
    deviation : dict of ndarray
        The standard deviation of one replicate.
    """

    bias: dict[str, FloatArray]
    deviation: dict[str, FloatArray]


def finite_sample_error(loop: CurationLoop, steps: int, sizes: Sizes) -> FiniteSampleError:
    """Return the effect of finite samples on the figures of a loop, by step.

    Parameters
    ----------
    loop : CurationLoop
        The loop, with ``sizes.lam`` for λ.
    steps : int
        Number of retraining steps.
    sizes : Sizes
        Samples generated, curated, real and initial in each step.

    Returns
    -------
    FiniteSampleError
        For expected_weight, variance_weight, expected_reward and mass_at_max, shape (steps + 1,),
        and group_proportions, shape (steps + 1, n_groups).

    Raises
    ------
    ValueError
        If the law has more than `LARGEST_LAW` atoms.

    Notes
    -----
    It holds for retraining by resampling, with candidates drawn with replacement from the generated
    samples. With p̂_t = p_t + δ_t, ε the noise of a draw and J, D² the derivatives of the curation
    T(p) = p H_p at p_t:

        E δ_{t+1} = a (J E δ_t + ½ D²:(C_t + Σ(p_t)/n_generated)),
        C_{t+1} = a² (J (C_t + Σ(p_t)/n_generated) Jᵀ + Σ(T p_t)/n_curated) + m² Σ(p_ref)/n_real,

    Σ(p) = diag p - p pᵀ. For K = 1 in the pure loop this is the neutral drift of population
    genetics (Wright–Fisher): C_t = t Σ(p) (1/n_generated + 1/n_curated).

    Examples
    --------
    >>> from recurate import RewardLaw
    >>> loop = CurationLoop(RewardLaw([0.0, 1.0]), K=1, lam=math.inf)
    >>> error = finite_sample_error(loop, 2, Sizes(1000, 1000, 0, None))
    >>> (error.deviation["mass_at_max"] ** 2 * 1000).round(6).tolist()
    [0.25, 0.75, 1.25]
    """
    law = loop.law
    if law.size > LARGEST_LAW:
        raise ValueError(
            f"law must have at most {LARGEST_LAW} atoms for its covariance; got {law.size}"
        )
    steps = count(steps, "steps")
    exact = loop.run(steps=steps)
    there = law.probs > 0  # atoms of probability zero stay at zero, and may have any reward
    reference = law.probs[there]
    curvature = _Curvature(law.rewards[there], loop.K)
    real = loop.real_fraction**2 / sizes.real * _spread(reference) if sizes.real else 0.0
    bias = np.zeros(reference.size)
    covariance = np.zeros((reference.size, reference.size))
    if sizes.initial is not None:
        covariance += _spread(reference) / sizes.initial
    reading = _Reading(loop, there)
    for t in range(steps + 1):
        probs = exact.probs(t)[there]
        covariance = covariance + _spread(probs) / sizes.generated  # of the generated samples
        reading.append(probs, bias, covariance)
        if not sizes.curated:
            bias, covariance = 0.0 * bias, real + 0.0 * covariance
            continue
        curated, slope, bend = curvature.at(probs, covariance)
        bias = loop.synthetic_fraction * (slope @ bias + bend / 2)
        covariance = slope @ covariance @ slope.T + _spread(curated) / sizes.curated
        covariance = loop.synthetic_fraction**2 * covariance + real
    return reading.error()


class _Curvature:
    """First and second derivatives of the curation T(p) = p H_p, by the engine's quadrature."""

    def __init__(self, rewards: FloatArray, K: float) -> None:
        self._K = K
        relative = rewards - rewards.max()
        self._weights = np.exp(relative)
        if 1 < K < math.inf:
            self._terms = Terms.of(relative, nodes_for(relative, K))
            self._integrands = self._terms.arguments * self._terms.powers * (K / NODES_PER_UNIT)

    def at(self, probs: FloatArray, covariance: FloatArray) -> tuple[FloatArray, ...]:
        """Return T(p), its matrix of derivatives, and its second derivatives times a covariance."""
        w, K = self._weights, self._K
        if K == 1:
            return probs, np.eye(probs.size), np.zeros(probs.size)
        if K == math.inf:
            mean = probs @ w
            ratio, first = w / mean, -np.outer(w, w) / mean**2
            second = 2 * w * (w @ covariance @ w) / mean**3
        else:
            e, f = self._terms.powers, self._integrands
            # A floor for what underflows: its power of 0 is one.
            log_transform = np.maximum(self._terms.log_transform(probs), _LEAST_LOG_TRANSFORM)

            def power(exponent: float) -> FloatArray:
                powers: FloatArray = np.exp(exponent * log_transform)
                return powers

            ratio = f @ power(K - 1)
            first = (K - 1) * ((f * power(K - 2)) @ e.T)
            if K == 2:
                second = np.zeros(probs.size)
            else:
                inner = (K - 1) * (K - 2) * power(K - 3)
                second = f @ (inner * np.einsum("ij,ij->j", e, covariance @ e))
        slope = np.diag(ratio) + probs[:, None] * first
        bend = 2 * np.einsum("il,il->i", covariance, first) + probs * second
        return probs * ratio, slope, bend


class _Reading:
    """Bias and deviation of the figures, step by step, from laws on the atoms that are `there`."""

    def __init__(self, loop: CurationLoop, there: npt.NDArray[np.bool_]) -> None:
        law = loop.law
        relative = law.rewards[there] - law.max_reward
        self._weights = np.exp(relative)
        self._linear = {
            "expected_weight": self._weights,
            "expected_reward": relative,
            "mass_at_max": (relative == 0).astype(np.float64),
        }
        self._groups = np.zeros((len(law.group_names), relative.size))
        if law.group_index is not None:
            self._groups[law.group_index[there], np.arange(relative.size)] = 1.0
        self._rows: list[dict[str, tuple[Any, Any]]] = []

    def append(self, probs: FloatArray, bias: FloatArray, covariance: FloatArray) -> None:
        row = {
            name: (f @ bias, math.sqrt(max(0.0, float(f @ covariance @ f))))
            for name, f in self._linear.items()
        }
        # E w² - (E w)²: its gradient, and the curvature -2 w wᵀ.
        w = self._weights
        gradient = w**2 - 2 * (probs @ w) * w
        spread = max(0.0, float(gradient @ covariance @ gradient))
        row["variance_weight"] = (gradient @ bias - w @ covariance @ w, math.sqrt(spread))
        spreads = np.einsum("gi,ij,gj->g", self._groups, covariance, self._groups, optimize=True)
        row["group_proportions"] = (self._groups @ bias, np.sqrt(np.maximum(spreads, 0.0)))
        self._rows.append(row)

    def error(self) -> FiniteSampleError:
        bias = {name: np.array([row[name][0] for row in self._rows]) for name in self._rows[0]}
        spread = {name: np.array([row[name][1] for row in self._rows]) for name in self._rows[0]}
        return FiniteSampleError(bias, spread)


def _spread(probs: FloatArray) -> FloatArray:
    """Return the covariance of one draw's indicator, diag p - p pᵀ."""
    spread: FloatArray = np.diag(probs) - np.outer(probs, probs)
    return spread
