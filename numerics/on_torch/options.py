"""Where a loop is asked to run on torch: the options are looked at before torch is loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.sampling.streams import BACKENDS, require_torch
from recurate.numerics.schedules import Schedule
from recurate.numerics.text import shown

if TYPE_CHECKING:
    from recurate.numerics.on_torch.trajectory import TensorTrajectory


def is_for_torch(backend: str, options: dict[str, Any]) -> bool:
    """Return whether to run on torch.

    Raises
    ------
    ValueError
        If there is no such backend, or what is for torch is given without it.
    """
    if backend not in BACKENDS:
        raise ValueError(f'backend must be "numpy" or "torch"; got {shown(backend)}')
    given = [name for name, value in options.items() if value is not None]
    if backend == "numpy" and given:
        raise ValueError(
            f"{given[0]} must be None without backend='torch'; got {shown(options[given[0]])}"
        )
    return backend == "torch"


def run_on_torch(
    law: RewardLaw,
    schedule: Schedule,
    steps: int,
    initial: Any,
    compress: bool | None,
    on_step: Callable[[int], None] | None,
    options: dict[str, Any],
) -> TensorTrajectory:
    """Return the run of a loop on tensors; errors as `recurate.numerics.on_torch.run.run`."""
    if compress:
        raise ValueError(
            "compress must be None or False for backend='torch', which uses all rewards; got True"
        )
    require_torch()
    from recurate.numerics.on_torch.run import run  # it needs torch

    return run(law, schedule, steps, initial, on_step, **options)
