"""What a loop's run on tensors returns: its figures at every step, and its law at any step."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Figures
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.on_torch.figures import States
from recurate.numerics.on_torch.rows import Rows
from recurate.numerics.validation import count


@dataclass(frozen=True, eq=False)
class TensorTrajectory:
    """The laws p_0, …, p_steps of a retraining loop, and their figures, as tensors with gradients.

    Made by ``CurationLoop.run(steps=…, backend="torch")``. The figures have the names, shapes and
    units of `Trajectory`, and the device and type of the run.

    Attributes
    ----------
    law : RewardLaw
        The law of the rewards under p_ref, with the rewards of the run.
    expected_weight, variance_weight, expected_reward, kl_to_reference : Tensor, (steps + 1,)
        As of `Trajectory`.
    mass_at_max : Tensor, shape (steps + 1,)
        As of `Trajectory`; which atoms are the best ones has no gradient.
    group_proportions : Tensor, shape (steps + 1, n_groups)
        Mass of each group under p_t; columns as ``law.group_names``.
    expected_scores : Tensor, shape (steps + 1, n_scores)
        Mean under p_t of each score; columns as ``law.score_names``. NaN where none has mass.
    win_rate : Tensor, shape (steps + 1,)
        Probability that a sample of p_t beats one of p_0 by its reward, ties half.
    by_prompt : Figures or None
        The figures of each prompt's law, tensors of shape (steps + 1, prompts), in the order of
        ``law.prompt_names``; None without prompts.
    dropped_prompts : tuple of hashable
        The prompts that ``Accept(…, none="drop")`` took out: `law` is that of the others.
    """

    law: RewardLaw
    expected_weight: Tensor
    variance_weight: Tensor
    expected_reward: Tensor
    kl_to_reference: Tensor
    mass_at_max: Tensor
    group_proportions: Tensor
    expected_scores: Tensor
    win_rate: Tensor
    by_prompt: Figures[Tensor] | None
    dropped_prompts: tuple[Hashable, ...] = field(repr=False)
    _states: States = field(repr=False)
    _history: History = field(repr=False)

    @property
    def steps(self) -> int:
        """Number of retraining steps; there is one more law."""
        return self.expected_weight.numel() - 1

    def log_probs(self, t: int) -> Tensor:
        """Return log p_t, shape (n,), in the law's order; right where `probs` underflows.

        Raises
        ------
        ValueError
            If t is not an integer from 0 to `steps`.
        """
        state: Any = self._history.at(count(t, "t", self.steps))
        return self._states.atom_log_probs(state)

    def probs(self, t: int) -> Tensor:
        """Return p_t, shape (n,), in the law's order; errors as `log_probs`."""
        return self.log_probs(t).exp()


def trajectory_of(
    states: States,
    rows: Rows,
    history: History,
    steps: int,
    on_step: Callable[[int], None] | None,
    dropped: tuple[Hashable, ...],
) -> TensorTrajectory:
    """Return a run by its states, measured; what `rows.watch` noted on the way is raised."""
    measured, groups, scores, wins = [], [], [], []
    for t in range(steps + 1):
        state: Any = history.at(t)
        atom_probs = states.atom_log_probs(state).exp()
        measured.append(states.measure(state))
        groups.append(states.group_proportions(atom_probs))
        scores.append(states.expected_scores(atom_probs))
        wins.append(states.win_rate(state))
        if on_step is not None and t > 0:
            on_step(t)
    rows.watch.raise_first()
    means = [Figures(*map(states.mean_over_rows, figures)) for figures in measured]
    by_prompt = None
    if states.law.prompt_index is not None:
        by_prompt = Figures(*map(torch.stack, zip(*measured, strict=True)))
    return TensorTrajectory(
        states.law,
        **Figures(*map(torch.stack, zip(*means, strict=True)))._asdict(),
        group_proportions=torch.stack(groups),
        expected_scores=torch.stack(scores),
        win_rate=torch.stack(wins),
        by_prompt=by_prompt,
        dropped_prompts=dropped,
        _states=states,
        _history=history,
    )
