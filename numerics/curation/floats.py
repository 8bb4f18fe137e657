"""The curation ratio H^K_p, the one implementation that everything else looks up.

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
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from recurate.numerics.validation import (
    FloatArray,
    candidates,
    log_probability_vector,
    probability_vector,
    rewards_vector,
)

RATIO_ERROR = 2e-13
"""Stated error of the engine: |error of log H| <= RATIO_ERROR * max(1, |log H|).

It is stated for rewards that span up to 1500. Beyond, the rounding of r - r_max itself, to half a
unit in its last place, shows: add 1.2e-16 times the span.
"""

_NODES_PER_UNIT = 4  # nodes u = j/4, exact in binary: u + r then carries no rounding of its own
_LOG_EPSILON = -55 * math.log(2)
_LAST_ARGUMENT = 40.0  # e^{-40}: the integrand's tail above s w_min = 40, relative to the whole
_BAND_TOP = 21.0  # an atom is dead at s w = e^21 unless all others together weigh e^{-1e9}
_SERIES_TOP = -3  # nodes j <= -3, s <= 0.4724, are summed as a power series in s w
_SERIES_DEGREE = 15  # 0.4724^15 / 16! < 1e-18
_MATRIX_TOP = 500.0  # above s = e^500, e^{-s w} and M^{K-1} may underflow where they still count
_DEAD = 60.0  # an atom at s w = e^60 is dead beside any other, and (K - 1) e^60 does not overflow
_BLOCK_BYTES = 2**20  # fits a core's cache: at 8 MiB rebuilding costs three times as much
_STORED_BYTES = 256 * 2**20
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
        At an atom of probability zero the ratio is still that of a candidate with its reward.
    K : int or math.inf
        Number of candidates shown per choice, at least 1.
    log_probs : array_like, shape (n,), optional
        Logarithms of the probabilities, in place of `probs`, for probabilities that underflow.
    kernel : CurationKernel, optional
        The quadrature prepared for these rewards, to be reused from call to call.

    Returns
    -------
    ndarray, shape (n,)
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
    if not (isinstance(kernel, CurationKernel) and rewards is kernel.rewards):
        rewards = rewards_vector(rewards)
    K = candidates(K)
    if (probs is None) == (log_probs is None):
        raise TypeError("exactly one of probs and log_probs must be given")
    if log_probs is None:
        with np.errstate(divide="ignore"):
            log_p = np.log(probability_vector(probs, "probs", rewards.size))
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
    It keeps at most 256 MiB; larger matrices are rebuilt block by block at each call.
    """

    def __init__(self, rewards: Any, K: Any) -> None:
        self._rewards = rewards_vector(rewards)
        self._largest_candidates = candidates(K)
        relative = self._rewards - self._rewards.max()
        self._matrix: _MatrixQuadrature | None = None
        self._tail: _LogQuadrature | None = None
        self._node_indices = np.empty(0)
        # At nodes above the matrix's, all but these atoms are dead.
        self._in_tail = relative < _DEAD - _MATRIX_TOP
        if 1 < self._largest_candidates < math.inf:
            self._node_indices = nodes = _node_indices(relative, self._largest_candidates)
            in_matrix = nodes <= _MATRIX_TOP * _NODES_PER_UNIT
            if in_matrix.any():
                self._matrix = _MatrixQuadrature(relative, nodes[in_matrix])
            if not in_matrix.all():
                self._tail = _LogQuadrature(relative[self._in_tail], nodes[~in_matrix])

    @property
    def nodes(self) -> FloatArray:
        """The nodes u = log s of the trapezoid rule, of step 1/4, ascending, shape (nodes,).

        They are right for every integral over the candidates' weights e^{r - r_max} whose integrand
        is made of M(s) and of terms e^{-s w}, as the ratio is; empty for K = 1 and K = inf.
        """
        return self._node_indices / _NODES_PER_UNIT

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

    def log_ratio(self, log_probs: FloatArray, K: float) -> FloatArray:
        """Return log H^K_p, shape (n,), for normalised `log_probs` and 2 <= K < inf."""
        log_ratio = np.full(log_probs.size, -np.inf)
        if self._matrix is not None:
            log_ratio = self._matrix.log_ratio(log_probs, K)
        if self._tail is not None:
            dead_mass = float(np.exp(log_probs[~self._in_tail]).sum())
            tail = self._tail.log_ratio(log_probs[self._in_tail], K, dead_mass)
            log_ratio[self._in_tail] = np.logaddexp(log_ratio[self._in_tail], tail)
        return log_ratio


@lru_cache(maxsize=16)
def _kept_kernel(rewards: bytes, K: float) -> CurationKernel:
    """Return the kernel for a few rewards, which are often asked for again with another law."""
    return CurationKernel(np.frombuffer(rewards), K)


class _MatrixQuadrature:
    """The integral up to s = e^500 by two matrix products; all of it, if rewards span less.

    A stored entry is expm1(-s w) where s w < log 2 and e^{-s w} elsewhere. From it, and the mass
    below and above that split, both M - 1 and M come with full relative accuracy: M near one keeps
    its digits for K up to 1e9, and so does a tiny M.
    """

    def __init__(self, relative: FloatArray, nodes: FloatArray) -> None:
        self._relative = relative
        self._weights = np.exp(relative)
        arguments = np.exp(nodes / _NODES_PER_UNIT)
        self._series_nodes = arguments[nodes <= _SERIES_TOP]
        self._nodes = arguments[nodes > _SERIES_TOP]
        orders = np.arange(1, _SERIES_DEGREE + 1)
        factorials = np.array([float(math.factorial(k)) for k in orders])
        # exponential_series[k - 1, j] = (-s_j)^k / k!
        self._exponential_series = (-self._series_nodes) ** orders[:, None] / factorials[:, None]
        # Number of nodes, for each atom, at which s w < log 2: they come first.
        with np.errstate(divide="ignore", over="ignore"):
            self._nodes_below = np.searchsorted(self._nodes, math.log(2) / self._weights)
        width = _SERIES_DEGREE + self._nodes.size
        rows = max(1, _BLOCK_BYTES // (8 * width))
        self._slices = [slice(i, i + rows) for i in range(0, relative.size, rows)]
        self._stored: list[FloatArray] | None = None
        if 8 * width * relative.size <= _STORED_BYTES:
            self._stored = [self._block(rows) for rows in self._slices]

    def log_ratio(self, log_probs: FloatArray, K: float) -> FloatArray:
        probs = np.exp(log_probs)
        totals = np.zeros(_SERIES_DEGREE + self._nodes.size)
        for rows, block in self._blocks():
            totals += probs[rows] @ block
        moments, partial = totals[:_SERIES_DEGREE], totals[_SERIES_DEGREE:]

        powers_series = self._powers(np.log1p(moments @ self._exponential_series), K)
        mass = np.bincount(self._nodes_below, weights=probs, minlength=self._nodes.size + 1)
        above = np.cumsum(mass)[:-1]
        below = np.cumsum(mass[::-1])[::-1][1:]
        powers = self._powers(_log_transform(partial - above, partial + below), K)

        # sum_j s_j M_j^{K-1} e^{-s_j w}: a polynomial in w, then the stored entries, then the ones
        # that expm1 left out.
        series = powers_series * self._series_nodes
        terms = powers * self._nodes
        coefficients = np.concatenate([self._exponential_series @ series, terms])
        left_out = np.concatenate([[0.0], np.cumsum(terms)])
        integral = series.sum() + left_out[self._nodes_below]
        for rows, block in self._blocks():
            integral[rows] += block @ coefficients
        ratio_over_weight: FloatArray = np.log(integral * (K / _NODES_PER_UNIT))
        return ratio_over_weight + self._relative

    @staticmethod
    def _powers(log_transform: FloatArray, K: float) -> FloatArray:
        powers: FloatArray = np.exp((K - 1) * log_transform)
        return powers

    def _blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        for i, rows in enumerate(self._slices):
            yield rows, self._block(rows) if self._stored is None else self._stored[i]

    def _block(self, rows: slice) -> FloatArray:
        """Return the powers w^1 … w^15 and the stored entries, shape (rows, 15 + nodes)."""
        weights = self._weights[rows, None]
        products = weights * self._nodes
        block = np.empty((weights.size, _SERIES_DEGREE + self._nodes.size))
        block[:, :_SERIES_DEGREE] = weights
        np.multiply.accumulate(block[:, :_SERIES_DEGREE], axis=1, out=block[:, :_SERIES_DEGREE])
        np.negative(products, out=products)
        entries = block[:, _SERIES_DEGREE:]
        np.expm1(products, out=entries)
        np.exp(products, out=products)
        above = np.arange(self._nodes.size) >= self._nodes_below[rows, None]
        np.copyto(entries, products, where=above)
        return block


class _LogQuadrature:
    """The integral with the whole integrand in logarithms: for nodes where products underflow.

    Slower by the exponentials of each step, and free of underflow: a reward 1500 below the best
    with probability 1e-300 has its ratio to the last digits.
    """

    def __init__(self, relative: FloatArray, nodes: FloatArray) -> None:
        self._relative = relative
        self._exponents = nodes / _NODES_PER_UNIT

    def log_ratio(self, log_probs: FloatArray, K: float, dead_mass: float) -> FloatArray:
        probs = np.exp(log_probs)
        log_integral = np.full(self._relative.size, -np.inf)
        size = max(1, _BLOCK_BYTES // (8 * self._relative.size))
        for start in range(0, self._exponents.size, size):
            log_arguments = self._exponents[start : start + size, None] + self._relative
            arguments = np.exp(np.minimum(log_arguments, _DEAD))
            decrease = np.expm1(-arguments) @ probs - dead_mass
            log_sum = _log_sum_exp(log_probs - arguments, axis=1)
            log_transform = np.where(decrease > -0.5, np.log1p(np.maximum(decrease, -0.5)), log_sum)
            integrand = log_arguments - arguments + (K - 1) * log_transform[:, None]
            log_integral = np.logaddexp(log_integral, _log_sum_exp(integrand, axis=0))
        return log_integral + math.log(K / _NODES_PER_UNIT)


def _node_indices(relative: FloatArray, K: float) -> FloatArray:
    """Indices j of the nodes u = j/4 at which some atom's integrand can count, ascending.

    For an atom of relative reward r these are the u with log(eps/K) <= u + r <= 21; all nodes end
    where even the lowest atom is dead. Between rewards that lie far apart nothing happens, so that
    a lone outlier at -1e9 has no more nodes than one at -500.
    """
    steps = np.unique(np.floor(relative * _NODES_PER_UNIT))
    low = math.floor(_NODES_PER_UNIT * (_LOG_EPSILON - math.log(K)))
    high = math.ceil(_NODES_PER_UNIT * _BAND_TOP)
    last = math.ceil(_NODES_PER_UNIT * math.log(_LAST_ARGUMENT)) - steps[0]
    # Bands [low - step - 1, high - step], by increasing position, merged where they touch.
    starts, ends = (low - 1 - steps)[::-1], np.minimum(high - steps, last)[::-1]
    opens = np.concatenate([[True], starts[1:] > ends[:-1] + 1])
    closes = np.concatenate([opens[1:], [True]])
    return np.concatenate(
        [np.arange(a, b + 1) for a, b in zip(starts[opens], ends[closes], strict=True)]
    )


def _log_transform(decrease: FloatArray, transform: FloatArray) -> FloatArray:
    """Return log M from M - 1 where M > 1/2, and from M below; -inf where M underflowed."""
    with np.errstate(divide="ignore"):
        small = np.log(np.maximum(transform, 0.0))
    return np.where(decrease > -0.5, np.log1p(np.maximum(decrease, -0.5)), small)


def _log_sum_exp(values: FloatArray, axis: int) -> FloatArray:
    """Return log of the sum of e^values along an axis; -inf where all of them are."""
    peak = values.max(axis=axis, keepdims=True)
    peak[peak == -np.inf] = 0.0
    with np.errstate(divide="ignore"):
        total: FloatArray = np.log(np.exp(values - peak).sum(axis=axis))
    total += np.squeeze(peak, axis=axis)
    return total
