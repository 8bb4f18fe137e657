"""The run of a loop within prompts: some prompts at a time through all steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import FIGURES, Figures, means_of_scores
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.kernel import PromptKernel, log_ratio_of
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.step import mixed
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray


class PromptStep:
    """The loop's map from log p_t/base to log p_{t+1}/base, within each prompt.

    Parameters
    ----------
    levels : PromptLevels
        Where the states live, and p_ref.
    K, lam : float
        As checked by `CurationLoop`.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Lemma 2.1, conditional on the prompt.
    """

    def __init__(self, levels: PromptLevels, K: float, lam: float) -> None:
        self._levels, self._K, self._lam = levels, K, lam
        self.kernel = PromptKernel(levels, K) if 1 < K < math.inf else None

    def __call__(self, log_density: FloatArray) -> FloatArray:
        """Return the next state, shape (levels,)."""
        levels = self._levels
        curated = log_density + log_ratio_of(levels, self.kernel, log_density, self._K)
        # An error of a prompt's mass would grow by the factor K each step: it is taken out here.
        curated -= levels.normaliser(curated)[levels.prompt_of_level]
        return mixed(curated, levels.log_reference_density, self._lam)


def states(
    levels: PromptLevels, K: float, lam: float, steps: int
) -> Iterator[tuple[PromptLevels, int, FloatArray]]:
    """Yield a part of the prompts, t and their state, for each part and t = 0, …, steps."""
    for part in levels.parts():
        step, state = PromptStep(part, K, lam), part.log_start_density
        for t in range(steps + 1):
            state = state if t == 0 else step(state)
            yield part, t, state


def run(
    law: RewardLaw,
    K: float,
    lam: float,
    steps: int,
    initial: FloatArray | None,
    on_step: Callable[[int], None] | None,
) -> Trajectory:
    """Return the run of a loop within prompts; its arguments are checked."""
    levels = PromptLevels.of(law, initial)
    by_prompt = np.empty((len(FIGURES), steps + 1, law.prompt_probs.size))
    groups = np.zeros((steps + 1, len(law.group_names)))
    score_sums = np.zeros((2, steps + 1, len(law.scores)))
    done = 0
    for part, t, state in states(levels, K, lam, steps):
        by_prompt[:, t, part.prompts] = part.measure_by_prompt(state)
        groups[t] += part.group_proportions(state)
        score_sums[:, t] += part.score_sums(state)
        if t == steps and on_step is not None:  # progress, in steps' worth of prompts
            reached = steps * part.prompts.stop // law.prompt_probs.size
            for now in range(done + 1, reached + 1):
                on_step(now)
            done = reached
    return Trajectory(
        law,
        **Figures(*(by_prompt @ law.prompt_probs))._asdict(),
        group_proportions=groups,
        expected_scores=means_of_scores(score_sums),
        trusted_until=steps,
        by_prompt=Figures(*by_prompt),
        _levels=levels,
        _history=History(levels.log_start_density, PromptStep(levels, K, lam), steps),
    )
