"""The run of a loop on torch tensors."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from recurate.numerics.curation.tensors import (
    DTYPES,
    log_add,
    log_sum_exp,
    probabilities,
    require_dtype,
)
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Figures
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.on_torch.figures import States, to_array
from recurate.numerics.on_torch.rows import Rows
from recurate.numerics.on_torch.rules import LogRatio, prepared
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.rules.rule import Rule
from recurate.numerics.sampling.streams import torch_device
from recurate.numerics.schedules import Schedule, StepPlan
from recurate.numerics.text import shown
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    count,
    is_tensor,
    require_length,
    rewards_vector,
)

_SUM_TOLERANCE = {torch.float64: SUM_TOLERANCE, torch.float32: 1e-4}


@dataclass(frozen=True, eq=False)
class TensorTrajectory:
    """The laws p_0, …, p_steps of a retraining loop, and their figures, as tensors with gradients.

    Made by ``CurationLoop.run(steps=…, backend="torch")``. The figures have the names, shapes and
    units of `Trajectory`, and the device and type of the run.

    Attributes
    ----------
    law : RewardLaw
        The law of the rewards under p_ref.
    expected_weight, variance_weight, expected_reward, kl_to_reference : Tensor, (steps + 1,)
        As of `Trajectory`.
    mass_at_max : Tensor, shape (steps + 1,)
        As of `Trajectory`; which atoms are the best ones has no gradient.
    group_proportions : Tensor, shape (steps + 1, n_groups)
        Mass of each group under p_t; columns as ``law.group_names``.
    expected_scores : Tensor, shape (steps + 1, n_scores)
        Mean under p_t of each score; columns as ``law.score_names``. NaN where none has mass.
    by_prompt : Figures or None
        The figures of each prompt's law, tensors of shape (steps + 1, prompts), in the order of
        ``law.prompt_names``; None without prompts.
    """

    law: RewardLaw
    expected_weight: Tensor
    variance_weight: Tensor
    expected_reward: Tensor
    kl_to_reference: Tensor
    mass_at_max: Tensor
    group_proportions: Tensor
    expected_scores: Tensor
    by_prompt: Figures[Tensor] | None
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


def run(
    law: RewardLaw,
    schedule: Schedule,
    steps: int,
    initial: Any,
    on_step: Callable[[int], None] | None,
    *,
    device: Any,
    dtype: Any,
    rewards: Any,
) -> TensorTrajectory:
    """Return the run of a loop on tensors, as `CurationLoop.run` says; `steps` is checked.

    Raises
    ------
    TypeError, ValueError
        If another argument is not valid, the law has a density, or a rule is not for tensors.
    """
    if law.is_continuous:
        raise ValueError(
            "law must be one of atoms for backend='torch'; got one with a density: take the "
            "quantiles of the density as atoms"
        )
    kind = _kind(device, dtype, {"rewards": rewards, "initial": initial})
    rows = Rows(law, _rewards(law, rewards, kind))
    start = None if initial is None else probabilities(initial, "initial", law.size, kind)
    if start is not None and law.prompt_index is not None:
        PromptLevels.of(law, to_array(start))  # it refuses other masses of prompts than p_ref's
    states = States(law, rows, start)
    plan = schedule.plan(steps)
    ratios: dict[int, LogRatio] = {}

    def log_ratio(rule: Rule) -> LogRatio:
        if id(rule) not in ratios:
            ratios[id(rule)] = prepared(rule, rows)
        return ratios[id(rule)]

    for rule in schedule.rules(plan, steps):
        log_ratio(rule)

    def step(state: Tensor, t: int) -> Tensor:
        now = plan(t)
        return _next(states, rows, state, now, log_ratio(now.rule), t)

    start_state: Any = states.start
    history = History(start_state, step, steps, is_timed=True)  # type: ignore[arg-type]
    measured, groups, scores = [], [], []
    for t in range(steps + 1):
        state: Any = history.at(t)
        atom_probs = states.atom_log_probs(state).exp()
        measured.append(states.measure(state))
        groups.append(states.group_proportions(atom_probs))
        scores.append(states.expected_scores(atom_probs))
        if on_step is not None and t > 0:
            on_step(t)
    rows.watch.raise_first()
    means = [states.mean_over_rows(figures) for figures in measured]
    by_prompt = None
    if law.prompt_index is not None:
        by_prompt = Figures(*map(torch.stack, zip(*measured, strict=True)))
    return TensorTrajectory(
        law,
        **Figures(*map(torch.stack, zip(*means, strict=True)))._asdict(),
        group_proportions=torch.stack(groups),
        expected_scores=torch.stack(scores),
        by_prompt=by_prompt,
        _states=states,
        _history=history,
    )


def _next(
    states: States, rows: Rows, state: Tensor, plan: StepPlan, log_ratio: LogRatio, t: int
) -> Tensor:
    """Return the state after a step, as `RuleStep` does."""
    log_probs = states.log_probs(state)
    ratio = torch.where(rows.is_atom, log_ratio(log_probs), 0.0)
    curated = state + ratio
    log_mass = log_sum_exp(states.log_base + curated, 1)
    _note(rows, plan.rule, t, ratio, log_mass)
    curated = curated - log_mass[:, None]
    if plan.log_shares is not None:
        uncurated, chosen = plan.log_shares
        curated = log_add(uncurated + state, chosen + curated)
    if plan.lam == math.inf:
        return curated
    if plan.lam == 0.0:
        return states.log_reference_density
    real = states.log_reference_density - math.log1p(plan.lam)
    return log_add(real, curated - math.log1p(1.0 / plan.lam))


def _note(rows: Rows, rule: Rule, t: int, ratio: Tensor, log_mass: Tensor) -> None:
    """Note whether a ratio is not that of two laws, which is looked at after the last step."""
    ratio, log_mass = ratio.detach(), log_mass.detach()
    # Logarithms are right by their own size, and so is what they are the logarithms of.
    allowed = ratio.amax(1).clamp(min=1.0) * _SUM_TOLERANCE[ratio.dtype]
    is_right = (log_mass.expm1().abs() <= allowed) & (ratio < math.inf).all(1)
    name = type(rule).__name__
    rows.watch.note(
        ~is_right.all(),
        lambda: ArithmeticError(
            f"log_ratio_of_tensors of {name} must be that of a law, numbers below infinity with a "
            f"mean of H of 1 under p; got another in the step from t = {t}"
        ),
    )


def _kind(device: Any, dtype: Any, given: dict[str, Any]) -> Tensor:
    """Return an empty tensor of the device and type of a run."""
    tensors = {name: values for name, values in given.items() if is_tensor(values)}
    for name, tensor in tensors.items():
        require_dtype(tensor, name)
    first = next(iter(tensors.values()), None)
    found = {"float64": torch.float64, "float32": torch.float32}.get(dtype, dtype)
    if found is None:
        found = torch.float64 if first is None else first.dtype
    if found not in DTYPES:
        raise ValueError(f'dtype must be "float64" or "float32"; got {shown(dtype)}')
    place = torch_device(device) if first is None or device is not None else first.device
    kind = torch.empty(0, dtype=found, device=place)
    for name, tensor in tensors.items():
        if tensor.dtype != kind.dtype:
            raise ValueError(
                f"{name} must be of the run's type, {kind.dtype}; got {tensor.dtype}: give it as "
                "dtype=…, or another tensor"
            )
        if tensor.device != kind.device:
            raise ValueError(
                f"{name} must be on the run's device, {kind.device}; got one on {tensor.device}: "
                f"give it as device=…, or {name}.to({str(kind.device)!r})"
            )
    return kind


def _rewards(law: RewardLaw, rewards: Any, kind: Tensor) -> Tensor:
    """Return the rewards of a run as a tensor, shape (n,)."""
    if rewards is None:
        return kind.new_tensor(law.rewards.copy())
    checked = rewards_vector(rewards)
    require_length(checked.size, "rewards", law.size, "atom of the law")
    return rewards if is_tensor(rewards) else kind.new_tensor(checked)
