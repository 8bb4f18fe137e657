"""The fixed point of a loop of any constant rule, by the kind of its rule and of its law."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from recurate.numerics.fixed_points import of_paper_loop
from recurate.numerics.fixed_points.fixed_point import FixedPoint, Found, measured
from recurate.numerics.fixed_points.of_rules import (
    condensing,
    ranks,
    run_then_newton,
    run_together,
    voters_objective,
)
from recurate.numerics.fixed_points.of_rules.collected_voters import collected
from recurate.numerics.fixed_points.of_rules.cycling import CyclingError
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.fixed_points.with_density import require_resolved
from recurate.numerics.laws.density_law import DensityLaw
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import Levels, sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.dropped import dropped
from recurate.numerics.rules.rule import Rule, column_of
from recurate.numerics.rules.within import laws_of_prompts
from recurate.numerics.schedules import Schedule
from recurate.numerics.text import shown


def find(
    law: RewardLaw, schedule: Schedule, compress: bool | None, most_work: float = math.inf
) -> FixedPoint:
    """Return the fixed point that a loop from p_ref tends to, as `CurationLoop.fixed_point`.

    Where it takes more steps than `most_work` allows, on a law without prompts, this raises
    `TooMuchWorkError` (`RuleLoop`).
    """
    rule, lam, retained = constants(schedule)
    law = law_of(law, schedule)
    its = collected(rule, lam, retained)
    if not its.voters or its.lam == 0.0:
        rule.prepared(law)  # raises where its steps would
        return replace(of_paper_loop.find(law, 1.0, its.lam, compress), is_unique=lam < math.inf)
    if len(its.voters) == 1 and isinstance(its.voters[0][1], BradleyTerry):
        return _of_one_voter(law, its.voters[0][1], its.lam, compress)
    if compress:
        raise ValueError(
            "compress must be None or False for a loop of other rules than one Bradley–Terry "
            f"voter, whose fixed point is found on all rewards; got True, and {schedule}"
        )
    if law.prompt_index is not None:
        return _within_prompts(law, rule, lam, retained)
    return _of_one_law(RuleLoop(law, rule, lam, retained, most_work=most_work))


def constants(schedule: Schedule) -> tuple[Rule, float, float]:
    """Return a loop's rule, λ and retained share.

    Raises
    ------
    ValueError
        If it changes with t, or its training sets grow.
    """
    if schedule.training is not None:
        raise ValueError(
            "training must be None for a fixed point, as no step of growing training sets is like "
            f"another; got {schedule.training!r}: if its laws have a limit, a continuous rule "
            "leaves that as it is, so it is a fixed point of the loop with lam=math.inf"
        )
    for name in ("rule", "lam", "retained"):
        value = getattr(schedule, name)
        if not isinstance(value, Rule | float):
            raise ValueError(
                f"{name} must be the same at every step for a fixed point; got one that changes "
                f"with t, in {schedule}: take the loop of its last steps, or loop.run(steps=…)"
            )
    return schedule.rule, schedule.lam, schedule.retained


def _of_one_law(loop: RuleLoop) -> FixedPoint:
    """Return the fixed point on a law without prompts."""
    if isinstance(loop.law, DensityLaw):
        return _with_density(loop, loop.law)
    return voters_objective.find(loop) or ranks.find(loop) or run_then_newton.find(loop)


def _with_density(loop: RuleLoop, law: DensityLaw) -> FixedPoint:
    found = condensing.find(loop, law)
    if found is None:  # rules by ranks need atoms
        found = run_then_newton.find(loop)
        require_resolved(law, found.probs, loop.lam)
    return found


def _within_prompts(law: RewardLaw, rule: Rule, lam: float, retained: float) -> FixedPoint:
    """Return the fixed points of all prompts, as one."""
    laws = laws_of_prompts(law)
    of_each = _of_each(law, [RuleLoop(its_law, rule, lam, retained) for _, its_law in laws])
    parts = []
    for number, name in enumerate(law.prompt_names):
        part = of_each[number]
        if isinstance(part, FixedPoint):
            parts.append(part)
            continue
        message = f"prompt {shown(name)}: {part}"
        if isinstance(part, CyclingError):
            raise CyclingError(message, part.amplitude, part.period, part.steps) from part
        raise ArithmeticError(message) from part
    log_density = np.empty(law.size)
    for (rows, _), part in zip(laws, parts, strict=True):
        log_density[rows] = part.log_density
    masses = law.prompt_probs
    errors = [part.log_density_error for part in parts]
    joint = Found(
        log_density,
        None,
        max(part.evaluations for part in parts),
        parts[0].method,
        None if None in errors else max(error for error in errors if error is not None),
    )
    gaps = [part.objective_gap for part in parts]
    radii = [part.spectral_radius for part in parts]
    found = at_atoms(law, joint, float(masses @ [part.residual for part in parts]))
    return replace(
        found,
        is_unique=_joint_uniqueness([part.is_unique for part in parts]),
        objective_gap=None if None in gaps else float(masses @ np.array(gaps, dtype=float)),
        spectral_radius=None if None in radii else max(r for r in radii if r is not None),
    )


def _of_each(law: RewardLaw, loops: list[RuleLoop]) -> dict[int, run_together.Outcome]:
    """Return the fixed points of the prompts' loops, or why there is none, by their numbers."""
    found: dict[int, run_together.Outcome] = {}
    for number, loop in enumerate(loops):
        try:
            limit = voters_objective.find(loop) or ranks.find(loop)
        except ArithmeticError as error:
            found[number], loops = error, loops[:number]
            break  # only an earlier prompt's would count
        if limit is not None:
            found[number] = limit
    left = {number: loop for number, loop in enumerate(loops) if number not in found}
    return found | run_together.find_each(law, left)


def _joint_uniqueness(parts: list[bool | None]) -> bool | None:
    return False if False in parts else None if None in parts else True


def law_of(law: RewardLaw, schedule: Schedule) -> RewardLaw:
    """Return the law that a loop of a constant rule is about: without what it drops."""
    return law if law.prompt_index is None else dropped(law, [schedule.rule])


def _of_one_voter(
    law: RewardLaw, rule: BradleyTerry, lam: float, compress: bool | None
) -> FixedPoint:
    """Return the fixed point of the paper's loop with β times a column in place of the reward."""
    if law.is_continuous or (rule.by is None and rule.scale == 1.0):
        if law.is_continuous:
            rule.prepared(law)  # which refuses scales and scores that a density has not
        found = of_paper_loop.find(law, rule.K, lam, compress)
        return replace(found, is_unique=_is_unique(found, lam))
    prompts = None
    if law.prompt_index is not None:
        prompts = Labels(law.prompt_names, law.prompt_index)
    column = RewardLaw(rule.scale * column_of(law, rule.by), law.probs, prompts=prompts)
    found = of_paper_loop.find(column, rule.K, lam, compress)
    its = Found(
        found.log_density,
        found.error_bound,
        found.evaluations,
        found.method,
        found.log_density_error,
    )
    limit = at_atoms(law, its, found.residual)
    is_unique = _is_unique(found, lam)
    return replace(limit, is_unique=is_unique, error_estimate=found.error_estimate)


def _is_unique(found: FixedPoint, lam: float) -> bool:
    """Return whether the paper's loop tends to one law from every start (`fixed-point-unique`)."""
    if lam < math.inf or found.law.is_continuous:
        return True
    # Without real data those that tie at the top keep the shares that they start with.
    best = found.probs > 0
    prompts = found.law.prompt_of_atoms[best]
    return prompts.size == np.unique(prompts).size


def at_atoms(law: RewardLaw, found: Found, residual: float) -> FixedPoint:
    """Return a fixed point whose log p/p_ref is known at the atoms, with its figures.

    Parameters
    ----------
    law : RewardLaw
        With or without prompts.
    found : Found
        Its log-density is that of the atoms, in the law's order; where p_ref has no mass, it is
        what the loop's g tends to.
    residual : float
        As of `FixedPoint`.
    """
    kind = Levels if law.prompt_index is None else PromptLevels
    levels = kind.of(law, law.probs)
    continued = np.empty(levels.rewards.size)
    continued[levels.index] = found.log_density
    state = np.where(levels.base > 0, continued, 0.0)
    return measured(levels, found._replace(log_density=state), residual, continued)


def steps_near(
    law: RewardLaw, schedule: Schedule, limit: FixedPoint, within: float, most: int
) -> int | None:
    """Return the first step near the fixed point, as `CurationLoop.steps_to_fixed_point`."""
    rule, lam, retained = constants(schedule)
    law = law_of(law, schedule)
    if law.prompt_index is None:
        loop = RuleLoop(law, rule, lam, retained)
        levels, step = loop.levels, loop.step
    else:
        levels, step = run_together.step_of_all(law, RuleLoop(law, rule, lam, retained))
    goal = sums(levels.index, limit.probs, levels.rewards.size)
    state = levels.log_start_density
    for t in range(most + 1):
        state = step(state) if t > 0 else state
        far = float(np.abs(levels.masses(state) - goal).sum() + abs(1.0 - goal.sum())) / 2
        if far <= within:
            return t
    return None
