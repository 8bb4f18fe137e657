"""The run within prompts of a loop with any rule, λ and training sets, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.history import History
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.record import trajectories_within
from recurate.numerics.rules.dropped import kept_prompts, without
from recurate.numerics.rules.levels import law_of_levels, rows_of
from recurate.numerics.rules.rule import Rule, columns_of_all
from recurate.numerics.schedules import Schedule
from recurate.numerics.step import RuleStates
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray


def run(
    law: RewardLaw,
    schedule: Schedule,
    steps: int,
    initial: FloatArray | None,
    on_step: Callable[[int], None] | None,
) -> Trajectory:
    """Return the run of a loop within prompts; its arguments are checked.

    Raises
    ------
    NothingAcceptedError
        If a rule accepts nothing in some prompts: before the first step, with their number.
    TypeError, ValueError, ArithmeticError
        If the law has not what a rule reads, or `initial` not its prompts' masses; if ``none=
        "drop"`` leaves no prompt; and as `RuleStep`.
    """
    plan = schedule.plan(steps)
    rules = plan.rules
    kept = kept_at_first(law, rules, initial)
    gone = tuple(name for name, is_kept in zip(law.prompt_names, kept, strict=True) if not is_kept)
    if gone:
        if initial is not None:
            initial = initial[kept[law.prompt_of_atoms]]
            initial = initial / initial.sum()
        law = without(law, kept, rules)
    levels, small, places = levels_of(law, rules, initial)
    step = RuleStates(levels, small, plan, places)
    history = History(levels.log_start_density, step, steps, is_timed=True)
    (found,) = trajectories_within([(law, levels, history)], steps, on_step)
    return replace(found, dropped_prompts=gone)


def kept_at_first(
    law: RewardLaw, rules: Sequence[Rule], initial: FloatArray | None
) -> npt.NDArray[np.bool_]:
    """Return which prompts a run does not drop, shape (prompts,): what has mass at first decides.

    Raises
    ------
    NothingAcceptedError, ValueError
        As `recurate.numerics.rules.dropped.dropped`.
    """
    if initial is None:
        return kept_prompts(law, rules, law.probs)
    # The first step meets p_0. Real data may come back later, and with them what is accepted.
    return kept_prompts(law, rules[:1], initial)


def levels_of(
    law: RewardLaw, rules: Sequence[Rule], initial: FloatArray | None
) -> tuple[PromptLevels, RewardLaw, IntArray | None]:
    """Return the levels of a run within prompts, and what `RuleStates` needs to know of them.

    Parameters
    ----------
    law : RewardLaw
        With prompts.
    rules : sequence of Rule
        How the samples are chosen, at one step or another.
    initial : ndarray, shape (n,), or None
        Probabilities p_0; None for p_ref.

    Returns
    -------
    tuple of PromptLevels, RewardLaw, ndarray or None
        The levels; the law on which rules are prepared, whose atoms are the levels; and the atom of
        each level where that is `law` itself, in its own order.
    """
    columns = columns_of_all(rules, law)
    if initial is not None or columns is None:
        each = np.empty(law.size)  # a number of its own for each atom
        each[np.argsort(law.rewards, kind="stable")] = np.arange(law.size)
        levels = PromptLevels.of(law, initial, each)
        return levels, law, levels.atoms
    levels = PromptLevels.of(law, None, rows_of(law, columns).astype(np.float64))
    first = levels.atoms[np.diff(levels.index[levels.atoms], prepend=-1) > 0]
    return levels, law_of_levels(law, columns, first, levels.base), None
