"""The figures of runs within prompts, as they are measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import FIGURES, Figures, means_of_scores
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray


def trajectories_within(
    runs: Sequence[tuple[RewardLaw, PromptLevels, History]],
    steps: int,
    on_step: Callable[[int], None] | None,
) -> tuple[Trajectory, ...]:
    """Return runs within prompts, as `trajectories_of` does without."""
    records = [Record(law, steps) for law, *_ in runs]
    parts = [list(levels.parts()) for _, levels, _ in runs]
    for t in range(steps + 1):
        for (*_, history), record, its_parts in zip(runs, records, parts, strict=True):
            state, begin = history.at(t), 0
            for part in its_parts:
                record.add(t, part, begin, part.own(state))
                begin += part.prompts.size
        if on_step is not None and t > 0:
            on_step(t)
    return tuple(
        record.trajectory(levels, history)
        for record, (_, levels, history) in zip(records, runs, strict=True)
    )


class Record:
    """The figures of a run within prompts, as they come.

    Parameters
    ----------
    law : RewardLaw
        With prompts.
    steps : int
        Number of steps of the run.
    """

    def __init__(self, law: RewardLaw, steps: int) -> None:
        self._law = law
        self._by_prompt = np.empty((len(FIGURES), steps + 1, law.prompt_probs.size))
        self._groups = np.zeros((steps + 1, len(law.group_names)))
        self._win_rate = np.zeros(steps + 1)
        self._score_sums = np.zeros((2, steps + 1, len(law.scores)))

    def add(self, t: int, part: PromptPart, begin: int, state: FloatArray) -> None:
        """Measure a part's state at step t; `begin` is the place of its first prompt."""
        places = slice(begin, begin + part.prompts.size)
        self._by_prompt[:, t, places] = part.measure_by_prompt(state)
        self._groups[t] += part.group_proportions(state)
        self._win_rate[t] += part.win_rate(state)
        if self._law.scores:
            self._score_sums[:, t] += part.score_sums(state)

    def trajectory(self, levels: PromptLevels, history: History) -> Trajectory:
        """Return the run, once all is measured."""
        by_prompt, steps = self._by_prompt, len(self._groups) - 1
        for row in by_prompt.reshape(-1, by_prompt.shape[-1]):  # one by one: that takes no memory
            row[levels.prompts] = row.copy()
        return Trajectory(
            self._law,
            **Figures(*(by_prompt @ self._law.prompt_probs))._asdict(),
            group_proportions=self._groups,
            expected_scores=means_of_scores(self._score_sums),
            trusted_until=steps,
            by_prompt=Figures(*by_prompt),
            _win_rate=self._win_rate,
            _levels=levels,
            _history=history,
        )
