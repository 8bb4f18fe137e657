"""How many steps of the loop lead near its fixed point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.levels import Levels, sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.paper_run import PartStep
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray

_STEPS = 16  # of all prompts, before those that have settled are left out; twice as many later
_SETTLED = 1e-3  # of the distance that is asked for: a prompt that is so near moves no more


def steps_to(
    law: RewardLaw, K: float, lam: float, goal: FloatArray, within: float, most: int
) -> int | None:
    """Return the first step at which the loop from p_ref is near a law.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref.
    K, lam : float
        As checked by `CurationLoop`.
    goal : ndarray, shape (n,)
        The fixed point's masses. What they lack of one is at no reward.
    within : float
        Largest total variation.
    most : int
        Number of steps after which to give up.

    Returns
    -------
    int or None
        None if `most` steps are not enough.
    """
    if law.prompt_index is not None:
        return _within_prompts(law, K, lam, goal, within, most)
    levels = Levels.of(law, None)
    goal = sums(levels.index, goal, levels.rewards.size)
    step, state = Step(levels, K, lam), levels.log_start_density
    for t in range(most + 1):
        state = step(state) if t > 0 else state
        probs = levels.masses(state)
        if float(np.abs(probs - goal).sum() + abs(1.0 - goal.sum())) / 2 <= within:
            return t
    return None


def _within_prompts(
    law: RewardLaw, K: float, lam: float, goal: FloatArray, within: float, most: int
) -> int | None:
    """Return the first step near the joint law: the distance is the mean of the prompts'.

    The last step's distance stands for all later ones of a prompt that has settled.
    """
    levels = PromptLevels.of(law, None)
    goals = levels.by_part(sums(levels.index, goal, levels.rewards.size))
    moving = [(part, part.log_start_density, aim / part.masses[:, None]) for part, aim in goals]
    begin, steps, settled = 0, _STEPS, 0.0
    while True:
        end = min(begin + steps, most)
        distances, still = np.full(end - begin + 1, settled), []
        for part, state, aim in moving:
            step, far = PartStep(part, K, lam), np.empty(0)
            for t in range(distances.size):
                state = step(state) if t > 0 else state
                far = np.abs(part.probs(state) - aim).sum(axis=1) / 2
                distances[t] += part.masses @ far
            moves = far > _SETTLED * within
            settled += float(part.masses[~moves] @ far[~moves])
            if moves.any():
                still.append((_rows(part, moves), state[moves], aim[moves]))
        near = np.flatnonzero(distances <= within)
        if near.size:
            return begin + int(near[0])
        if end == most:
            return None
        moving, begin, steps = still, end, 2 * steps


def _rows(part: PromptPart, chosen: npt.NDArray[np.bool_]) -> PromptPart:
    """Return some of a part's prompts, without their atoms."""
    names = ("prompts", "rewards", "base", "reference", "start")
    return replace(part, **{name: getattr(part, name)[chosen] for name in names})
