"""The curation ratio H^K_p in floats; the package `recurate.numerics.curation` is where to get it.

The winner of a Bradley–Terry choice among K independent candidates from p has density H^K_p
against p (paper, Lemma 2.1). Since ``1/(w + S) = ∫ e^{-s(w+S)} ds`` and the other K - 1
candidates are independent,

    H^K_p(w) = K w ∫_0^∞ e^{-s w} M(s)^{K-1} ds,    M(s) = E_p[e^{-s w}].

With s = e^u the plain trapezoid rule of step 1/4 has a relative error below 1e-15 for every law and
every K; ``docs/engine.md`` derives this and every constant below. The cost is two products with a
(rewards × nodes) matrix, whatever K.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from recurate.numerics.curation import transform
from recurate.numerics.curation.transform import (
    DEAD,
    NODES_PER_UNIT,
    MatrixTransform,
    node_indices,
    sharper_log,
)
from recurate.numerics.log_sums import log_masses, log_sum_exp
from recurate.numerics.read_only import read_only
from recurate.numerics.validation import (
    FloatArray,
    candidates,
    is_tensor,
    log_probability_vector,
    probability_vector,
    rewards_vector,
)

RATIO_ERROR = 2e-13
"""Stated error of the engine: |error of log H| <= RATIO_ERROR * max(1, |log H|).

It is stated for rewards that span up to 1500. Beyond, the rounding of r - r_max itself, to half a
unit in its last place, shows: add 1.2e-16 times the span.
"""

_MATRIX_TOP = 500.0  # above s = e^500, e^{-s w} and M^{K-1} may underflow where they still count
_KEPT_SIZE = 32  # a kernel of so few atoms is small, and costs more than a ratio by it


def log_curation_ratio(
    rewards: Any,
    probs: Any = None,
    K: Any = None,
    *,
    log_probs: Any = None,
    kernel: CurationKernel | None = None,
) -> FloatArray:
    """Logarithm of the curated density over the model's density, log H^K_p, at each reward.

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Rewards r of the atoms, in any order, ties allowed.
    probs : array_like, shape (n,), optional
        Probabilities of the atoms under the current model p, summing to 1 within 1e-9.
        An atom of probability zero has the ratio of a candidate with its reward.
    K : int or math.inf
        Number of candidates shown per choice, at least 1.
    log_probs : array_like, shape (n,), optional
        Logarithms of the probabilities, in place of `probs`, for probabilities that underflow.
    kernel : CurationKernel, optional
        The quadrature prepared for these rewards, to be reused from call to call.

    Returns
    -------
    ndarray, shape (n,)
        Of tensors of torch a tensor like them, with gradients (``docs/gradients.md``).
        log H^K_p, at most log K; its error is at most ``RATIO_ERROR * max(1, |log H|)`` (for
        rewards that span more than 1500, 1.2e-16 times the span more).
        For K = inf it is ``r - log E_p[e^r]``; for K = 1 it is zero.

    Raises
    ------
    TypeError
        If an argument has the wrong kind, or not exactly one of `probs` and `log_probs` is given.
    ValueError
        If a value is out of range, or `kernel` was prepared for other rewards or for smaller K.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Lemma 2.1; the integral form is derived in
    ``docs/engine.md``.

    Examples
    --------
    Two atoms of equal mass, weights e^r of 1 and 3, best of two: H is 3/4 and 5/4.

    >>> import numpy as np
    >>> np.exp(log_curation_ratio([0.0, np.log(3.0)], [0.5, 0.5], K=2)).round(12)
    array([0.75, 1.25])
    """
    if is_tensor(rewards) or is_tensor(log_probs) or is_tensor(probs):
        from recurate.numerics.curation import tensors  # it needs torch

        found: Any = tensors.log_curation_ratio(rewards, probs, K, log_probs, kernel)
        return found  # type: ignore[no-any-return]
    if not (isinstance(kernel, CurationKernel) and rewards is kernel.rewards):
        rewards = rewards_vector(rewards)
    K = candidates(K)
    if (probs is None) == (log_probs is None):
        raise TypeError("exactly one of probs and log_probs must be given")
    if log_probs is None:
        log_p = log_masses(probability_vector(probs, "probs", rewards.size))
    else:
        log_p = log_probability_vector(log_probs, "log_probs", rewards.size)
    if K == 1:
        return np.zeros(rewards.size)
    if K == math.inf:
        # Rewards relative to the atom that weighs most, so that an offset of all costs no digits.
        relative = rewards - rewards[np.argmax(log_p + rewards)]
        log_terms = log_p + relative
        peak = log_terms.max()
        limit: FloatArray = (relative - peak) - math.log(np.exp(log_terms - peak).sum())
        return limit
    if kernel is None:
        is_small = rewards.size <= _KEPT_SIZE
        kernel = _kept_kernel(rewards.tobytes(), K) if is_small else CurationKernel(rewards, K)
    elif not isinstance(kernel, CurationKernel):
        raise TypeError(f"kernel must be a CurationKernel; got {type(kernel).__name__}")
    kernel.require(rewards, K)
    return kernel.log_ratio(log_p, K)


class CurationKernel:
    """The quadrature of the curation ratio, prepared for given rewards and every K up to a largest.

    Parameters
    ----------
    rewards : array_like, shape (n,)
        Rewards, in any order, ties allowed.
    K : int or math.inf
        Largest finite number of candidates to be asked for (K = inf needs no quadrature).

    Raises
    ------
    TypeError, ValueError
        As `log_curation_ratio`.

    Notes
    -----
    A kernel keeps at most 256 MiB; larger matrices are rebuilt block by block at each call.
    """

    def __init__(self, rewards: Any, K: Any) -> None:
        self._rewards = read_only(rewards_vector(rewards))
        self._largest_candidates = candidates(K)
        self._relative = relative = self._rewards - self._rewards.max()
        self._matrix: MatrixTransform | None = None
        self._tail: _LogQuadrature | None = None
        self._node_indices = np.empty(0)
        # At nodes above the matrix's, all but these atoms are dead.
        self._in_tail = relative < DEAD - _MATRIX_TOP
        if 1 < self._largest_candidates < math.inf:
            self._node_indices = node_indices(relative, self._largest_candidates)
            in_matrix = self.nodes <= _MATRIX_TOP
            if in_matrix.any():
                self._matrix = MatrixTransform(relative, self._node_indices[in_matrix])
            if not in_matrix.all():
                self._tail = _LogQuadrature(relative[self._in_tail], self.nodes[~in_matrix])

    @property
    def nodes(self) -> FloatArray:
        """The nodes u = log s of the trapezoid rule, of step 1/4, ascending, shape (nodes,).

        They serve every integral over the candidates' weights e^{r - r_max} that consists of M(s)
        and terms e^{-s w}, as the ratio does. There are none for K = 1 and K = inf.
        """
        return read_only(self._node_indices / NODES_PER_UNIT)

    @property
    def rewards(self) -> FloatArray:
        """The rewards that it was prepared for, shape (n,); `log_curation_ratio` trusts them."""
        return self._rewards

    def require(self, rewards: FloatArray, K: float) -> None:
        """Raise ValueError unless the kernel was prepared for these rewards and this K."""
        if not (rewards is self._rewards or np.array_equal(rewards, self._rewards)):
            raise ValueError("kernel must be prepared for the rewards given; got one for others")
        if K > self._largest_candidates or self._largest_candidates == math.inf:
            raise ValueError(
                f"kernel must be prepared for a finite K of at least {K:g}; "
                f"got one for K = {self._largest_candidates:g}"
            )

    @property
    def has_tail(self) -> bool:
        """Whether rewards are so wide that masses and ratios may underflow where they count."""
        return self._tail is not None

    def log_ratio(self, log_probs: FloatArray, K: float) -> FloatArray:
        """Return log H^K_p, shape (n,), for normalised `log_probs` and 2 <= K < inf."""
        return self._log_ratio(log_probs, None, K)

    def log_ratio_of_masses(
        self, log_scales: FloatArray, factors: FloatArray, K: float
    ) -> FloatArray:
        """Return the same of the masses e^{log_scale} times factor, which may be below zero."""
        return self._log_ratio(log_scales, factors, K)

    def _log_ratio(self, logs: FloatArray, factors: FloatArray | None, K: float) -> FloatArray:
        log_ratio = np.full(logs.size, -np.inf)
        probs = np.exp(logs) if factors is None else factors * np.exp(logs)
        if self._matrix is not None:
            terms = np.exp((K - 1) * self._matrix.log_of(probs)) * self._matrix.arguments
            log_ratio = np.log(self._matrix.adjoint(terms) * (K / NODES_PER_UNIT)) + self._relative
        if self._tail is not None:
            some = self._in_tail
            few = None if factors is None else factors[some]
            tail = self._tail.log_ratio(logs[some], K, float(probs[~some].sum()), few)
            log_ratio[some] = np.logaddexp(log_ratio[some], tail)
        return log_ratio


@lru_cache(maxsize=16)
def _kept_kernel(rewards: bytes, K: float) -> CurationKernel:
    """Return the kernel for a few rewards, which often come again with another law."""
    return CurationKernel(np.frombuffer(rewards), K)


class _LogQuadrature:
    """The integral with the whole integrand in logarithms: for nodes where products underflow.

    Slower by the exponentials of each step, and free of underflow: a reward 1500 below the best
    with probability 1e-300 has its ratio to the last digits.
    """

    def __init__(self, relative: FloatArray, nodes: FloatArray) -> None:
        self._relative, self._nodes = relative, nodes

    def log_ratio(
        self, log_probs: FloatArray, K: float, dead_mass: float, factors: FloatArray | None = None
    ) -> FloatArray:
        probs = np.exp(log_probs) if factors is None else factors * np.exp(log_probs)
        log_integral = np.full(self._relative.size, -np.inf)
        size = max(1, transform.BLOCK_BYTES // (8 * self._relative.size))
        for start in range(0, self._nodes.size, size):
            log_arguments = self._nodes[start : start + size, None] + self._relative
            arguments = np.exp(np.minimum(log_arguments, DEAD))
            decrease = np.expm1(-arguments) @ probs - dead_mass
            logarithm = sharper_log(decrease, _log_sums(log_probs - arguments, factors))
            integrand = log_arguments - arguments + (K - 1) * logarithm[:, None]
            log_integral = np.logaddexp(log_integral, log_sum_exp(integrand, axis=0))
        return log_integral + math.log(K / NODES_PER_UNIT)


def _log_sums(logs: FloatArray, factors: FloatArray | None) -> FloatArray:
    """Return the logarithm of each row's sum of e^logs, times factors if there are any."""
    if factors is None:
        return log_sum_exp(logs, axis=1)
    peak = logs.max(axis=1)
    sums: FloatArray = peak + log_masses(np.maximum(np.exp(logs - peak[:, None]) @ factors, 0.0))
    return sums
