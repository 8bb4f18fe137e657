"""How far a sampled loop departs from the population limit: bias and spread, to first order.

Derived in ``docs/simulation.md``: the system-size expansion (van Kampen) of the simulated loop.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.curation.transform import NODES_PER_UNIT, Terms, nodes_for
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.validation import FloatArray, count

LARGEST_LAW = 3000
"""Most atoms of a law: the sampled law's covariance is a matrix of this size."""

_LARGEST_BLOCK = 2**20
"""Entries of the largest array of laws that are side by side."""

_LINEAR = ("expected_weight", "expected_reward", "mass_at_max")

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
    bias_size : dict of ndarray
        Size of the bias; with prompts the mean of their sizes, since biases may cancel.
    """

    bias: dict[str, FloatArray]
    deviation: dict[str, FloatArray]
    bias_size: dict[str, FloatArray]


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
        If the law has more than `LARGEST_LAW` atoms, at one prompt if it has some.

    Notes
    -----
    It holds for retraining by resampling, with candidates drawn with replacement from the generated
    samples. With p̂_t = p_t + δ_t, ε the noise of a draw and J, D² the derivatives of the curation
    T(p) = p H_p at p_t:

        E δ_{t+1} = a (J E δ_t + ½ D²:(C_t + Σ(p_t)/n_generated)),
        C_{t+1} = a² (J (C_t + Σ(p_t)/n_generated) Jᵀ + Σ(T p_t)/n_curated) + m² Σ(p_ref)/n_real,

    Σ(p) = diag p - p pᵀ. For K = 1 in the pure loop this is the neutral drift of population
    genetics (Wright–Fisher): C_t = t Σ(p) (1/n_generated + 1/n_curated). Prompts are independent
    of each other: biases add up by p(z), and variances by p(z)².

    Examples
    --------
    >>> from recurate import RewardLaw
    >>> loop = CurationLoop(RewardLaw([0.0, 1.0]), K=1, lam=math.inf)
    >>> error = finite_sample_error(loop, 2, Sizes(1000, 1000, 0, None))
    >>> (error.deviation["mass_at_max"] ** 2 * 1000).round(6).tolist()
    [0.25, 0.75, 1.25]
    """
    steps = count(steps, "steps")
    law = loop.law
    reading = _Reading(loop, steps)
    exact = loop.run(steps=steps)
    laws = np.array([exact.probs(t) for t in range(steps + 1)])
    for rows in _side_by_side(law):
        reference = rows.given_prompt(law.probs)
        curvature = _Curvature(rows.of(law.relative_rewards), loop.K)
        real = loop.real_fraction**2 / sizes.real * _spread(reference) if sizes.real else 0.0
        bias, covariance = np.zeros(reference.shape), 0.0 * _spread(reference)
        if sizes.initial is not None:
            covariance = _spread(reference) / sizes.initial
        for t in range(steps + 1):
            probs = rows.given_prompt(laws[t])
            covariance = covariance + _spread(probs) / sizes.generated  # of the generated samples
            reading.add(t, rows, probs, bias, covariance)
            if not sizes.curated:
                bias, covariance = 0.0 * bias, real + 0.0 * covariance
                continue
            curated, slope, bend = curvature.at(probs, covariance)
            bias = loop.synthetic_fraction * ((slope @ bias[..., None])[..., 0] + bend / 2)
            covariance = slope @ covariance @ slope.mT + _spread(curated) / sizes.curated
            covariance = loop.synthetic_fraction**2 * covariance + real
    return reading.error()


class _Rows(NamedTuple):
    """Laws side by side, of like numbers of atoms: each prompt's, or the only one.

    Attributes
    ----------
    atoms : ndarray of int, shape (laws, most)
        Numbers of their atoms with mass.
    present : ndarray of bool, shape (laws, most)
        False beyond a law's last atom.
    masses : ndarray, shape (laws,)
        p(z), or 1.
    """

    atoms: IntArray
    present: npt.NDArray[np.bool_]
    masses: FloatArray

    def of(self, values: FloatArray) -> FloatArray:
        """Return the atoms' values, shape (laws, most); 0 beyond a law's last atom."""
        return np.where(self.present, values[self.atoms], 0.0)

    def given_prompt(self, probs: FloatArray) -> FloatArray:
        """Return the laws, from masses of all atoms."""
        return self.of(probs) / self.masses[:, None]


def _side_by_side(law: RewardLaw) -> Iterator[_Rows]:
    """Yield the laws of all prompts; atoms of probability zero stay there, and are left out.

    Raises
    ------
    ValueError
        If one has more than `LARGEST_LAW` atoms.
    """
    there = np.flatnonzero(law.probs > 0)
    prompt = law.prompt_of_atoms
    there = there[np.argsort(prompt[there], kind="stable")]
    sizes = np.bincount(prompt[there])
    if sizes.max() > LARGEST_LAW:
        name = "" if not law.prompt_names else f", of prompt {law.prompt_names[sizes.argmax()]!r}"
        raise ValueError(
            f"law must have at most {LARGEST_LAW} atoms for its covariance; got {sizes.max()}{name}"
        )
    starts = np.cumsum(sizes) - sizes
    order = np.argsort(sizes, kind="stable")
    begin = 0
    while begin < order.size:
        # Up to a quarter more atoms than the smallest law's, in matrices of bounded size.
        most = max(int(sizes[order[begin]] * 1.25), 4)
        number = max(1, _LARGEST_BLOCK // (most * max(most, 256)))
        end = min(begin + number, int(np.searchsorted(sizes[order], most, side="right")))
        rows = order[begin:end]
        place = np.arange(sizes[rows].max())
        present = place < sizes[rows, None]
        atoms = there[np.where(present, starts[rows, None] + place, 0)]
        yield _Rows(atoms, present, law.prompt_probs[rows])
        begin = end


class _Curvature:
    """First and second derivatives of the curation T(p) = p H_p, by the engine's quadrature.

    Laws are side by side: rewards relative to the best have the shape (laws, atoms).
    """

    def __init__(self, relative: FloatArray, K: float) -> None:
        self._K = K
        self._weights = np.exp(relative)
        if 1 < K < math.inf:
            self._terms = Terms.of(relative, nodes_for(relative.ravel(), K))
            self._integrands = self._terms.arguments * self._terms.powers * (K / NODES_PER_UNIT)

    def at(self, probs: FloatArray, covariance: FloatArray) -> tuple[FloatArray, ...]:
        """Return T(p), its matrix of derivatives, and its second derivatives times a covariance."""
        w, K = self._weights, self._K
        unit = np.eye(probs.shape[1])
        if K == 1:
            return probs, np.broadcast_to(unit, covariance.shape), np.zeros(probs.shape)
        if K == math.inf:
            mean = (probs * w).sum(axis=1)[:, None]
            ratio, first = w / mean, -w[:, :, None] * w[:, None, :] / mean[:, :, None] ** 2
            second = 2 * w * ((w[:, None, :] @ covariance @ w[:, :, None])[:, 0] / mean**3)
        else:
            e, f = self._terms.powers, self._integrands
            # A floor for what underflows: its power of 0 is one.
            log_transform = np.maximum(
                self._terms.log_transform(probs[:, None, :]), _LEAST_LOG_TRANSFORM
            )

            def power(exponent: float) -> FloatArray:
                powers: FloatArray = np.exp(exponent * log_transform)
                return powers

            ratio = (f @ power(K - 1).mT)[:, :, 0]
            first = (K - 1) * ((f * power(K - 2)) @ e.mT)
            if K == 2:
                second = np.zeros(probs.shape)
            else:
                inner = (K - 1) * (K - 2) * power(K - 3)[:, 0]
                inner *= np.einsum("zij,zij->zj", e, covariance @ e)
                second = (f @ inner[:, :, None])[:, :, 0]
        slope = ratio[:, :, None] * unit + probs[:, :, None] * first
        bend = 2 * np.einsum("zil,zil->zi", covariance, first) + probs * second
        return probs * ratio, slope, bend


class _Reading:
    """Bias and deviation of the figures, step by step: sums over the laws of all prompts."""

    def __init__(self, loop: CurationLoop, steps: int) -> None:
        self._law = loop.law
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(
            (*_LINEAR, "variance_weight"), (steps + 1,)
        )
        shapes["group_proportions"] = (steps + 1, len(loop.law.group_names))
        self._bias, self._size, self._variance = (
            {name: np.zeros(shape) for name, shape in shapes.items()} for _ in range(3)
        )

    def add(
        self, t: int, rows: _Rows, probs: FloatArray, bias: FloatArray, covariance: FloatArray
    ) -> None:
        """Add some laws' part at step t."""
        relative = np.where(rows.present, self._law.relative_rewards[rows.atoms], -np.inf)
        w = np.exp(relative)
        at_max = (relative == 0).astype(np.float64)
        for name, f in zip(
            _LINEAR, (w, np.where(rows.present, relative, 0.0), at_max), strict=True
        ):
            self._add(t, name, rows, (f * bias).sum(axis=1), _quadratic(f, covariance))
        # E w² - (E w)²: its gradient, and the curvature -2 w wᵀ.
        gradient = w**2 - 2 * (probs * w).sum(axis=1)[:, None] * w
        bent = (gradient * bias).sum(axis=1) - _quadratic(w, covariance)
        self._add(t, "variance_weight", rows, bent, _quadratic(gradient, covariance))
        if self._law.group_index is not None:
            self._add_groups(t, rows, bias, covariance)

    def _add(self, t: int, name: str, rows: _Rows, bias: FloatArray, variance: FloatArray) -> None:
        self._bias[name][t] += rows.masses @ bias
        self._size[name][t] += rows.masses @ np.abs(bias)
        self._variance[name][t] += rows.masses**2 @ np.maximum(variance, 0.0)

    def _add_groups(self, t: int, rows: _Rows, bias: FloatArray, covariance: FloatArray) -> None:
        assert self._law.group_index is not None
        group, number = self._law.group_index[rows.atoms], len(self._law.group_names)
        same = group[:, :, None] == group[:, None, :]
        variance = (covariance * same).sum(axis=2)

        def shares(values: FloatArray) -> FloatArray:
            found: FloatArray = np.zeros((len(group), number))
            np.add.at(found, (np.arange(len(group))[:, None], group), values)
            return found

        self._add(t, "group_proportions", rows, shares(bias), shares(variance))

    def error(self) -> FiniteSampleError:
        deviation = {name: np.sqrt(found) for name, found in self._variance.items()}
        return FiniteSampleError(self._bias, deviation, self._size)


def _quadratic(f: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return the variance of a sum of f over samples of each law, shape (laws,)."""
    found: FloatArray = ((f[:, None, :] @ covariance)[:, 0] * f).sum(axis=1)
    return found


def _spread(probs: FloatArray) -> FloatArray:
    """Return the covariance of one draw's indicator, diag p - p pᵀ, of each law."""
    spread: FloatArray = probs[:, :, None] * (np.eye(probs.shape[1]) - probs[:, None, :])
    return spread
