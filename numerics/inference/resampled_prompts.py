"""Resampled prompts: the answers to one prompt depend on one another, prompts do not.

Each prompt counts a Poisson number of times, with all its answers. That does not change the loop
within a prompt, so nothing is run again for each table: figures are weighted means of the prompts'
own, and means of scores are ratios of weighted sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import FIGURES, means_of_scores
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.paper_run import states
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

_BLOCK = 2**12  # prompts


def moved_by_prompts(
    loop: CurationLoop,
    trajectory: Trajectory,
    followed: tuple[int, ...],
    replicates: int,
    generator: np.random.Generator,
    on_step: Callable[[int], None] | None,
) -> FloatArray:
    """Return how far curves of resampled prompts are from those of all prompts.

    Parameters
    ----------
    loop, trajectory
        The loop, and its run from p_ref. Prompts that it drops are not resampled.
    followed : tuple of int
        Numbers of the groups that are followed.
    replicates : int
        Number of times to resample the prompts.
    generator : numpy.random.Generator
        Source of randomness.
    on_step : callable, optional
        Called with the number of steps done, in steps' worth of prompts.

    Returns
    -------
    ndarray, shape (replicates, steps + 1, figures + groups + scores)
        NaN for a score if no prompt that was drawn has a value.

    Raises
    ------
    ValueError
        If there is one prompt only: nothing can be said of others.
    """
    law, steps = trajectory.law, trajectory.steps
    masses = law.prompt_probs
    if masses.size < 2:
        raise ValueError("bands need at least 2 prompts, for prompts are resampled; got 1")
    assert trajectory.by_prompt is not None
    counts = counts_of_prompts(replicates, masses.size, generator)
    figures = np.zeros((replicates + 1, steps + 1, len(FIGURES)))
    total = np.zeros(replicates + 1)
    for begin in range(0, masses.size, _BLOCK):
        prompts = slice(begin, begin + _BLOCK)
        weights = counts[:, prompts] * masses[prompts]
        total += weights.sum(axis=1)
        for k, values in enumerate(trajectory.by_prompt):
            figures[:, :, k] += weights @ values[:, prompts].T
    width, scores = len(followed), len(law.scores)
    shares = np.zeros((replicates + 1, steps + 1, width + 2 * scores))
    done = 0
    if width or scores:
        is_paper = loop.schedule.K is not None
        for part, t, state in _states(loop, trajectory):
            if t == 0 or not is_paper:
                weights = counts[:, part.prompts].astype(np.float64)
            shares[:, t] += weights @ sums_by_prompt(part, state, followed)
            if on_step is not None and t == steps:
                done += part.prompts.size
                on_step(steps * done // masses.size)
    sums_of_scores = shares[..., width:].reshape(replicates + 1, steps + 1, 2, scores)
    means = means_of_scores(np.moveaxis(sums_of_scores, 2, 0))
    shares = shares[..., :width]
    curves = np.concatenate(
        [figures / total[:, None, None], shares / total[:, None, None], means], 2
    )
    moved: FloatArray = curves[1:] - curves[0]
    return moved


def _states(
    loop: CurationLoop, trajectory: Trajectory
) -> Iterator[tuple[PromptPart, int, FloatArray]]:
    """Yield parts of the prompts, steps, and states: of each part by t, or at each t by part."""
    if loop.schedule.K is not None:
        levels = PromptLevels.of(trajectory.law, None)
        yield from states(levels, loop.K, loop.lam, trajectory.steps)
        return
    assert isinstance(trajectory._levels, PromptLevels)
    parts = list(trajectory._levels.parts())
    for t in range(trajectory.steps + 1):
        state = trajectory._history.at(t)
        for part in parts:
            yield part, t, part.own(state)


def counts_of_prompts(
    replicates: int, prompts: int, generator: np.random.Generator | None
) -> npt.NDArray[np.uint8]:
    """Return how often each prompt counts, shape (replicates + 1, prompts); once in the first."""
    counts = np.ones((replicates + 1, prompts), dtype=np.uint8)
    for drawn in counts[1:]:
        assert generator is not None
        drawn[:] = 0
        while not drawn.any():  # of a few prompts: none at all
            drawn[:] = generator.poisson(1.0, size=prompts)
    return counts


def sums_by_prompt(part: PromptPart, state: FloatArray, groups: Sequence[int]) -> FloatArray:
    """Return the masses of groups and `Levels.score_sums` of each prompt, shape (prompts, sums)."""
    scores = part.score_sums_by_prompt(state).reshape(-1, part.prompts.size)
    return np.concatenate([part.masses_of_groups(state, groups), scores.T], axis=1)


def few_prompts(law: RewardLaw, most: int) -> RewardLaw:
    """Return the law of evenly spaced prompts, at most so many, with its groups; or the law."""
    prompts, index = law.prompt_probs.size, law.prompt_of_atoms
    if prompts <= most:
        return law
    chosen = np.zeros(prompts, dtype=bool)
    chosen[np.linspace(0, prompts - 1, most).astype(np.intp)] = True
    rows = chosen[index]
    number = np.cumsum(chosen) - 1
    groups = None
    if law.group_index is not None:
        groups = Labels(law.group_names, law.group_index[rows])
    probs = law.probs[rows]
    return RewardLaw(
        law.rewards[rows],
        probs / probs.sum(),
        groups,
        prompts=Labels(tuple(range(most)), number[index[rows]]),
    )
