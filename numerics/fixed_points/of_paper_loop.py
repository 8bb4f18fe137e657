"""The fixed point of the paper's loop by the kind of its law, and the steps that lead near it."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from functools import cached_property

import numpy as np

from recurate.numerics.compression.compressor import (
    CompressionError,
    compressor_of,
    wants_compression,
)
from recurate.numerics.fixed_points import by_prompt, fixed_point, with_density
from recurate.numerics.fixed_points.approach import steps_to
from recurate.numerics.fixed_points.bounds import ROUNDING, largest_rounding
from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.laws.density_law import DensityLaw
from recurate.numerics.laws.levels import Levels, scores_on, sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray

_HORIZON_NEAR, _TOLERANCE_NEAR = 64, 1e-6  # of the small law on which steps are only counted


def find(law: RewardLaw, K: float, lam: float, compress: bool | None) -> FixedPoint:
    """Return the fixed point of a loop, as `CurationLoop.fixed_point`."""
    compresses = wants_compression(law, compress, from_reference=True)
    if law.prompt_index is not None:
        return by_prompt.find(law, K, lam)
    if isinstance(law, DensityLaw):
        return with_density.find(law, K, lam)
    if compresses and lam == math.inf and K > 1:
        return _at_best(law)
    if compresses:
        try:
            return _compressed(law, K, lam)
        except CompressionError as error:
            if compress:
                raise
            error.warn(law.size, stacklevel=4)
    return fixed_point.find(law, K, lam)


def _at_best(law: RewardLaw) -> FixedPoint:
    """Return the fixed point of a pure loop, on a law all of whose rewards have mass.

    It is p_ref at the best reward, and tells apart no other rewards: no law is sorted for it.
    """
    index = (law.rewards == law.max_reward).astype(np.intp)
    base = sums(index, law.probs, 2)
    rewards = np.array([law.rewards.min(), law.max_reward])
    levels = _TwoLevels(law, rewards, index, base, law.probs, base, base)
    state = np.array([-np.inf, -levels.log_base[1]])
    rounding = float(largest_rounding(state[1:]))
    method: fixed_point.Method = "best" if base[0] > 0 else "reference"
    found = fixed_point.Found(state, law.size * 4 * ROUNDING, 0, method, rounding)
    return fixed_point.measured(levels, found, 0.0, state)


class _TwoLevels(Levels):
    """The best reward, and all others, at which there is nothing."""

    @cached_property
    def level_scores(self) -> FloatArray:
        """As of `Levels`; of no use below the best reward, and 0 there."""
        best = np.flatnonzero(self.index)
        scores = [values[best] for values in self.law.scores.values()]
        found = np.zeros((2, len(scores), 2))
        found[..., 1:] = scores_on(scores, 0 * best, self.atom_base[best], self.base[1:])
        return found


def _compressed(law: RewardLaw, K: float, lam: float) -> FixedPoint:
    """Return the fixed point found on a compressed law, as one on all rewards."""
    levels, found = compressor_of(law).fixed_point(lambda small: fixed_point.find(small, K, lam))
    return replace(
        found,
        law=law,
        group_proportions=levels.group_proportions(found.log_density),
        expected_scores=levels.expected_scores(found.log_density),
        error_bound=None,  # the bounds are those of the compressed law
        log_density_error=None,
        error_estimate=levels.error_estimate,
        _levels=levels,
        _state=found.log_density,
        _continued=found.log_density,
    )


def steps_near(
    law: RewardLaw, K: float, lam: float, limit: FixedPoint, within: float, most: int
) -> int | None:
    """Return the first step near the fixed point, as `CurationLoop.steps_to_fixed_point`."""
    if wants_compression(law, None, from_reference=True):
        with suppress(CompressionError):
            levels, _ = compressor_of(law).run(
                K, lam, min(most, _HORIZON_NEAR), _TOLERANCE_NEAR, scores=False
            )
            goal = find(levels.law, K, lam, False).probs
            return steps_to(levels.law, K, lam, goal, within, most)
    return steps_to(law, K, lam, limit.probs, within, most)
