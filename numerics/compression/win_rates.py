"""How often samples of a run on a compressed law beat those of p_0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recurate.numerics.compression.compressor import TOLERANCE, sampled_states
from recurate.numerics.compression.error_estimates import ErrorEstimates
from recurate.numerics.compression.levels import CompressedLevels
from recurate.numerics.compression.scores import scores_on_cells
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import mid_ranks, sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.validation import FloatArray


def win_rates(levels: CompressedLevels, history: History, steps: int) -> FloatArray:
    """Return the mean of the atoms' mid-ranks under p_ref, a score, at each t, shape (steps + 1,).

    Where the estimated error that compression adds is above `TOLERANCE`, they are summed over the
    atoms, at which the density is interpolated: that takes a pass over the rewards for each step.
    """
    full = levels.full
    rewards, index = full.distinct
    ranks = mid_ranks(rewards, sums(index, full.probs, rewards.size))[index]
    ranked = RewardLaw(full.rewards, full.probs, scores={"rank": ranks})
    cells, weights = scores_on_cells(ranked, levels.cells, levels.base)
    ranking = replace(levels, full=ranked, cells=cells, level_scores=weights)
    states, each = sampled_states(history, steps, levels.rewards.size)
    if ErrorEstimates.of(ranking, states, each).total <= TOLERANCE:
        return np.array([ranking.expected_scores(history.at(t))[0] for t in range(steps + 1)])
    laws = (np.exp(levels.atom_log_probs(history.at(t))) for t in range(steps + 1))
    return np.array([float(probs @ ranks) for probs in laws])
