"""The run of a loop on torch tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
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
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.on_torch.figures import States, to_array
from recurate.numerics.on_torch.rows import Rows, with_rewards
from recurate.numerics.on_torch.rules import LogRatio, prepared
from recurate.numerics.on_torch.trajectory import TensorTrajectory, trajectory_of
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.rule_run import kept_at_first
from recurate.numerics.rules.dropped import without
from recurate.numerics.rules.rule import Rule
from recurate.numerics.sampling.streams import torch_device
from recurate.numerics.schedules import Schedule
from recurate.numerics.step import StepPlan
from recurate.numerics.text import shown
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    is_tensor,
    require_length,
    rewards_vector,
)

STATE_ERROR_FLOAT32 = 1e-5
"""Stated error of the laws in float32, by step, as `loop.STATE_ERROR`; in float64 it is that one.

At the edge of `TopShare` log p_t is the logarithm of a difference, and right by the share alone.
"""

_SUM_TOLERANCE = {torch.float64: SUM_TOLERANCE, torch.float32: 1e-4}


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
    at = _rewards(law, rewards, kind)
    law = with_rewards(law, law.rewards if rewards is None else to_array(at))
    start = None if initial is None else probabilities(initial, "initial", law.size, kind)
    plan = schedule.plan(steps)
    rules = plan.rules
    gone: tuple[Hashable, ...] = ()
    if law.prompt_index is not None:
        law, at, start, gone = _of_kept_prompts(law, at, start, rules)
    rows = Rows(law, at)
    states = States(law, rows, start)
    ratios = {id(rule): prepared(rule, rows) for rule in rules}

    def step(state: Tensor, t: int) -> Tensor:
        now = plan(t)
        return _next(states, rows, state, now, ratios[id(now.rule)], t)

    start_state: Any = states.start
    history = History(start_state, step, steps, is_timed=True)  # type: ignore[arg-type]
    return trajectory_of(states, rows, history, steps, on_step, gone)


def _of_kept_prompts(
    law: RewardLaw, rewards: Tensor, start: Tensor | None, rules: list[Rule]
) -> tuple[RewardLaw, Tensor, Tensor | None, tuple[Hashable, ...]]:
    """Return law, rewards and start without the prompts that rules drop, and their names."""
    initial = None if start is None else to_array(start)
    if initial is not None:
        PromptLevels.of(law, initial)  # it refuses other masses of prompts than p_ref's
    kept = kept_at_first(law, rules, initial)
    gone = tuple(name for name, is_kept in zip(law.prompt_names, kept, strict=True) if not is_kept)
    if not gone:
        return law, rewards, start, gone
    numbers = torch.as_tensor(np.flatnonzero(kept[law.prompt_of_atoms]), device=rewards.device)
    if start is not None:
        start = start.index_select(0, numbers)
        start = start / start.sum()
    return without(law, kept, rules), rewards.index_select(0, numbers), start, gone


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
