"""The curation ratio within prompts, in a state of a part of them."""

from __future__ import annotations

import math

import numpy as np

from recurate.numerics.curation.stacked import StackedKernel
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.validation import FloatArray


class PromptKernel(StackedKernel):
    """The quadrature of the curation ratio within prompts, for one finite K of at least 2.

    Parameters
    ----------
    part : PromptPart
        The rewards of the prompts.
    K : float
        Number of candidates.
    """

    def __init__(self, part: PromptPart, K: float) -> None:
        super().__init__(part.rewards, K)

    def log_ratio(self, part: PromptPart, log_density: FloatArray) -> FloatArray:
        """Return log H^K at each level in a state of this part, shape (prompts, levels)."""
        if self.is_batched:
            return np.log(self.ratio(part.probs(log_density)))
        return self.log_ratio_of(part.log_conditional_base + log_density)


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
