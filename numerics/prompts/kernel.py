"""The curation ratio within prompts: many small laws at once, as products of padded matrices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from recurate.numerics.curation.floats import CurationKernel
from recurate.numerics.curation.transform import NODES_PER_UNIT, Terms, nodes_for
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.validation import FloatArray

_LARGEST_BATCHED = 512  # levels of a prompt; of more, the products of a single law are quick
_WIDEST_BATCHED = 300.0  # span of the rewards of a prompt up to which nothing underflows


class Batch(NamedTuple):
    """Prompts of like numbers of levels, side by side.

    Attributes
    ----------
    levels : ndarray of int, shape (prompts, most)
        Numbers of each prompt's levels; -1 beyond them.
    terms : Terms
        Of shape (prompts, most, nodes).
    nodes : ndarray, shape (nodes,)
        u = log s, of step 1/4.
    """

    levels: IntArray
    terms: Terms
    nodes: FloatArray


def side_by_side(levels: PromptLevels, chosen: IntArray) -> Iterator[IntArray]:
    """Yield the levels of the chosen prompts, as of `Batch`: prompts of like size together."""
    starts, sizes = levels.starts, np.diff(levels.starts)
    width = np.ceil(np.log2(np.maximum(sizes, 1))).astype(int)
    for kind in np.unique(width[chosen]):
        prompts = np.flatnonzero(chosen & (width == kind))
        places = starts[prompts, None] + np.arange(int(sizes[prompts].max()))
        yield np.where(places < starts[prompts + 1, None], places, -1)


class PromptKernel:
    """The quadrature of the curation ratio within prompts, for one finite K of at least 2.

    Parameters
    ----------
    levels : PromptLevels
        The rewards of the prompts.
    K : float
        Number of candidates.

    Attributes
    ----------
    batches : list of Batch
        The prompts that are worked on together: small ones, of two levels or more.
    """

    def __init__(self, levels: PromptLevels, K: float) -> None:
        self._K = K
        relative, starts = levels.relative, levels.starts
        sizes = np.diff(starts)
        spans = np.maximum.reduceat(relative, starts[:-1]) - np.minimum.reduceat(
            relative, starts[:-1]
        )
        alone = (sizes > _LARGEST_BATCHED) | (spans > _WIDEST_BATCHED)
        self._singles = [
            (
                slice(starts[z], starts[z + 1]),
                CurationKernel(relative[starts[z] : starts[z + 1]], K),
            )
            for z in np.flatnonzero(alone)
        ]
        self.batches = []
        for index in side_by_side(levels, ~alone & (sizes > 1)):
            gaps = np.where(index >= 0, relative[index], 0.0)
            nodes = nodes_for(np.unique(gaps), K)
            self.batches.append(Batch(index, Terms.of(gaps, nodes), nodes))

    def log_ratio(self, log_probs: FloatArray) -> FloatArray:
        """Return log H^K at each level, from logarithms of the laws given the prompt."""
        log_ratio = np.zeros(log_probs.size)
        for levels, kernel in self._singles:
            log_ratio[levels] = kernel.log_ratio(log_probs[levels], self._K)
        for batch in self.batches:
            present = batch.levels >= 0
            probs = np.where(present, np.exp(log_probs[batch.levels]), 0.0)
            terms = batch.terms
            powers = np.exp((self._K - 1) * terms.log_transform(probs[:, None, :]))
            integrals = ((terms.arguments * terms.powers) @ powers.transpose(0, 2, 1))[:, :, 0]
            found = np.log(integrals[present] * (self._K / NODES_PER_UNIT))
            log_ratio[batch.levels[present]] = found
        return log_ratio


def log_tilt(levels: PromptLevels, log_density: FloatArray) -> FloatArray:
    """Return log H for K = inf: r - log E[e^r] within each prompt."""
    relative = levels.relative
    terms = levels.log_conditional_base + log_density + relative
    peak = np.maximum.reduceat(terms, levels.starts[:-1])[levels.prompt_of_level]
    total = np.log(np.add.reduceat(np.exp(terms - peak), levels.starts[:-1]))
    return relative - peak - total[levels.prompt_of_level]


def log_ratio_of(
    levels: PromptLevels, kernel: PromptKernel | None, log_density: FloatArray, K: float
) -> FloatArray:
    """Return log H^K at each level, for any K."""
    if K == math.inf:
        return log_tilt(levels, log_density)
    if kernel is None:
        return np.zeros(log_density.size)
    return kernel.log_ratio(levels.log_conditional_base + log_density)
