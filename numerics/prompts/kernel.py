"""The curation ratio within prompts: many small laws at once, as products of stacked matrices."""

from __future__ import annotations

import math

import numpy as np

from recurate.numerics import curation
from recurate.numerics.curation.short_quadrature import WIDEST, node_count, quadrature
from recurate.numerics.curation.transform import log_transform
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.validation import FloatArray

_MOST_ENTRIES = 2**23  # of a matrix; the plain engine does a larger one in blocks
_MOST_MULTIPLIED = 64  # M^{K-1} by multiplications: its error is K times that of M


class PromptKernel:
    """The quadrature of the curation ratio within prompts, for one finite K of at least 2.

    Parameters
    ----------
    part : PromptPart
        The rewards of the prompts.
    K : float
        Number of candidates.

    Notes
    -----
    The error of log H is that of the plain engine, ``curation.floats.RATIO_ERROR``, for every law.
    ``docs/engine.md``, "Within prompts", derives it.
    """

    def __init__(self, part: PromptPart, K: float) -> None:
        self._K = K
        relative = part.rewards - part.rewards[:, -1:]
        span = -float(relative.min())
        self._singles: list[curation.CurationKernel] | None = None
        if span > WIDEST or relative.size * node_count(min(span, WIDEST)) > _MOST_ENTRIES:
            self._singles = [curation.CurationKernel(of_one, K) for of_one in relative]
            return
        nodes, self._coefficients = quadrature(span)
        self._weights = np.exp(relative)
        arguments = self._weights[:, :, None] * (nodes / -K)
        self._decreases = None if K <= _MOST_MULTIPLIED else np.expm1(arguments)
        self._powers = np.exp(arguments, out=arguments)

    @property
    def is_batched(self) -> bool:
        """Whether the ratio is within the range of doubles, as `ratio` needs."""
        return self._singles is None

    def ratio(self, probs: FloatArray) -> FloatArray:
        """Return H^K at each level, for laws given the prompt, both of shape (prompts, levels)."""
        transform = _products(probs, self._powers)
        if self._decreases is None:
            terms = _power(transform, int(self._K) - 1)
        else:
            logs = log_transform(_products(probs, self._decreases), transform)
            terms = np.exp((self._K - 1) * logs)
        terms *= self._coefficients
        ratio: FloatArray = (self._powers @ terms[:, :, None])[:, :, 0]
        ratio *= self._weights
        return ratio

    def log_ratio(self, part: PromptPart, log_density: FloatArray) -> FloatArray:
        """Return log H^K at each level in a state of this part, shape (prompts, levels)."""
        if self._singles is None:
            return np.log(self.ratio(part.probs(log_density)))
        log_probs = part.log_conditional_base + log_density
        log_probs -= np.log(part.law_of(log_density).mass)[:, None]
        pairs = zip(self._singles, log_probs, strict=True)
        return np.array([kernel.log_ratio(row, self._K) for kernel, row in pairs])


def _products(probs: FloatArray, matrices: FloatArray) -> FloatArray:
    """Return sum_l p_l A_ln of each prompt, shape (prompts, nodes)."""
    products: FloatArray = (probs[:, None, :] @ matrices)[:, 0, :]
    return products


def _power(base: FloatArray, exponent: int) -> FloatArray:
    """Return base^exponent, exponent at least 1, by multiplications: quicker than logarithms."""
    power = base
    for bit in f"{exponent:b}"[1:]:
        power = power * power
        if bit == "1":
            power *= base
    return power


def log_ratio_of(
    part: PromptPart, kernel: PromptKernel | None, log_density: FloatArray, K: float
) -> FloatArray:
    """Return log H^K at each level in a state of the part, for any K."""
    if K == math.inf:
        return _log_tilt(part, log_density)
    if kernel is None or part.rewards.shape[1] == 1:
        return np.zeros(log_density.shape)
    return kernel.log_ratio(part, log_density)


def _log_tilt(part: PromptPart, log_density: FloatArray) -> FloatArray:
    """Return log H for K = inf: r - log E[e^r] within each prompt."""
    terms = part.log_conditional_base + log_density + part.relative
    peak = terms.max(axis=1, keepdims=True)
    total = np.log(np.exp(terms - peak).sum(axis=1, keepdims=True))
    log_ratio: FloatArray = (part.relative - peak) - total
    return log_ratio
