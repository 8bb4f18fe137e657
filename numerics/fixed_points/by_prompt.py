"""The fixed point of a loop within prompts: that of each prompt, all of them together.

A bound on a total variation is the mean over prompts of theirs: that is the total variation of the
joint law, as p(z) never changes. ``docs/fixed_points.md`` says more.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from recurate.numerics.curation.short_quadrature import WIDEST
from recurate.numerics.fixed_points import many
from recurate.numerics.fixed_points.bounds import (
    ROUNDING,
    contraction_bound,
    largest_rounding,
    rounding_of_law,
)
from recurate.numerics.fixed_points.fixed_point import (
    LEAST_GAP,
    LEAST_MARGIN,
    LEVEL_TOLERANCE,
    RESIDUAL_TOLERANCE,
    FixedPoint,
    Found,
    Method,
    continuation,
    measured,
    solved,
    too_large_change,
    too_large_residual,
)
from recurate.numerics.fixed_points.mass_equation import PRECISE, log_density_error, mass_error
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.kernel import PromptKernel, log_ratio_of
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.paper_run import PartStep
from recurate.numerics.prompts.part import PromptPart
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray, shown

_MOST_LEVELS = 512  # of a prompt that is solved together with others
_LEAST = 1e-290  # mass of a level given the prompt


class _Found(NamedTuple):
    """The fixed points of some prompts, and figures of each, arrays of shape (prompts,).

    Attributes
    ----------
    log_density : ndarray, shape (prompts, levels)
        log(p/p_ref).
    error_bound : ndarray
        Of the total variation; inf where no bound is proved.
    log_density_error, evaluations, method
        As of `FixedPoint`.
    """

    log_density: FloatArray
    error_bound: FloatArray
    log_density_error: FloatArray
    evaluations: int
    method: Method


def find(law: RewardLaw, K: float, lam: float) -> FixedPoint:
    """Return the fixed point of a loop within prompts.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref, with prompts.
    K, lam : float
        As checked by `CurationLoop`.

    Raises
    ------
    ArithmeticError
        If that of a prompt cannot be found, with the prompt's name.
    """
    levels, with_mass = PromptLevels.of(law, None), law.probs > 0
    if with_mass.all():
        found, residual = _joined(levels, K, lam)
        return measured(levels, found, residual, found.log_density)
    # Levels of mass zero play no part; the function g is continued to them at the end.
    reduced = prepared(law)
    its_levels = PromptLevels.of(reduced, None)
    found, residual = _joined(its_levels, K, lam)
    state = np.zeros(levels.rewards.size)
    state[levels.index[with_mass]] = found.log_density[its_levels.index]
    found = found._replace(log_density=state)
    return measured(levels, found, residual, _continued(levels, state, K, lam))


def prepared(law: RewardLaw) -> RewardLaw:
    """Return a law with prompts without the atoms that have no mass, and without scores."""
    present = law.probs > 0
    if present.all():
        return law
    groups = None
    if law.group_index is not None:
        groups = Labels(law.group_names, law.group_index[present])
    prompts = Labels(law.prompt_names, law.prompt_of_atoms[present])
    return RewardLaw(law.rewards[present], law.probs[present], groups, prompts=prompts)


def state_of(part: PromptPart, K: float, lam: float) -> FloatArray:
    """Return log p/p_ref at the fixed points of prompts, on levels that all have mass."""
    return _solved(part, K, lam).log_density


def _joined(levels: PromptLevels, K: float, lam: float) -> tuple[Found, float]:
    """Return the joint law's fixed point, on levels that all have mass, and its residual."""
    states, residual, bound, error, evaluations = [], 0.0, 0.0, 0.0, 0
    method: Method = "reference"
    for part in levels.parts():
        found = _solved(part, K, lam)
        residuals = _residuals(part, PartStep(part, K, lam), found)
        bounds = found.error_bound
        if found.method == "newton":
            reference, state = np.exp(part.log_conditional_base), found.log_density
            contraction = contraction_bound(reference, part.rewards, state, K, lam, residuals)
            bounds = np.minimum(bounds, contraction)
        states.append(found.log_density.ravel())
        residual += float(part.masses @ residuals)
        bound += float(part.masses @ np.where(bounds < 1.0, bounds, np.inf))
        error = max(error, float(found.log_density_error.max()))
        evaluations = max(evaluations, found.evaluations)
        method = method if found.method == "reference" else found.method
    its_bound = bound if bound < 1.0 else None
    return Found(np.concatenate(states), its_bound, evaluations, method, error), residual


def _solved(part: PromptPart, K: float, lam: float) -> _Found:
    """Return the fixed points of prompts, on levels that all have mass."""
    count, size = part.base.shape
    log_density, exact = np.zeros((count, size)), np.full(count, 4 * ROUNDING * size)
    if K == 1 or lam == 0 or size == 1:
        return _Found(log_density, exact, np.zeros(count), 0, "reference")
    log_base = part.log_conditional_base
    if lam == math.inf:
        log_density[:, :-1], log_density[:, -1] = -np.inf, -log_base[:, -1]
        return _Found(log_density, exact, largest_rounding(log_density[:, -1:]), 0, "best")
    errors, bounds, evaluations = np.full(count, np.nan), np.full(count, np.inf), 0
    reference = part.base / part.base.sum(axis=1, keepdims=True)
    relative = part.rewards - part.rewards[:, -1:]
    # Where p_ref hardly has mass at the best level or below it, or rewards are nearly tied, the
    # method for one law says what is wrong or has a way of its own.
    rarer = np.minimum(reference[:, -1], reference[:, :-1].sum(axis=1))
    alike = (rarer >= max(LEAST_MARGIN * lam, _LEAST)) & (relative[:, -2] <= -LEAST_GAP)
    alike &= (reference.min(axis=1) >= _LEAST) & (-relative[:, 0] <= WIDEST)
    rows = np.flatnonzero(alike & (size <= _MOST_LEVELS))
    if rows.size:
        laws = reference[rows], relative[rows]
        if K == math.inf:
            found, bounds[rows] = _scalar(*laws, lam)
        else:
            found = many.solve(*laws, K, lam)
        log_density[rows], evaluations = found.log_density, found.evaluations
        errors[rows] = found.log_density_error + largest_rounding(found.log_density)
    for z in map(int, np.flatnonzero(np.isnan(errors))):
        one = _levels_of_one(part, z, reference[z])
        try:
            its = solved(one, K, lam, Step(one, K, lam).kernel, None)
        except ArithmeticError as error:
            raise ArithmeticError(f"{_name(part, z)}: {error}") from error
        log_density[z], errors[z] = its.log_density, its.log_density_error
        bounds[z] = math.inf if its.error_bound is None else its.error_bound
        evaluations = max(evaluations, its.evaluations)
    return _Found(log_density, bounds, errors, evaluations, "scalar" if K == math.inf else "newton")


def _scalar(
    reference: FloatArray, relative: FloatArray, lam: float
) -> tuple[many.Solutions, FloatArray]:
    """Return the fixed points for K = inf, and bounds on their errors, as for one law."""
    deficits = -np.expm1(relative)
    balance = many.balanced(reference, deficits, lam)
    log_density = balance.log_density(deficits)
    rounding = ROUNDING * (2.0 - relative.min(axis=1, keepdims=True))
    bound = mass_error(reference, deficits, balance, rounding)[:, 0]
    probs = reference * np.exp(log_density)
    error = log_density_error(probs, deficits, balance, relative)[:, 0]
    error[error > PRECISE] = np.nan  # left to the other way of solving for them
    bound += rounding_of_law(reference, log_density)
    return many.Solutions(log_density, error, 0), bound


def _levels_of_one(part: PromptPart, z: int, reference: FloatArray) -> Levels:
    """Return the levels of one prompt, as those of a law of its own."""
    index = np.arange(reference.size)
    rewards = part.rewards[z]
    return Levels(part.law, rewards, index, reference, reference, reference, reference)


def _residuals(part: PromptPart, step: PartStep, found: _Found) -> FloatArray:
    """Return the total variation between each prompt's law and its next step, shape (prompts,).

    Raises
    ------
    ArithmeticError
        As `fixed_point.checked_residual`, with the prompt's name.
    """
    before, after = found.log_density, step(found.log_density)
    residuals: FloatArray = np.abs(part.probs(before) - part.probs(after)).sum(axis=1) / 2
    worst = int(np.argmax(residuals))
    if not residuals[worst] <= RESIDUAL_TOLERANCE:
        message = too_large_residual(float(residuals[worst]), found.method)
        raise ArithmeticError(f"{_name(part, worst)}: {message}")
    present = before > -np.inf  # a level of little mass does not show in the residual
    moved = np.abs(np.where(present, after, 0.0) - np.where(present, before, 0.0)).max(axis=1)
    span = part.rewards[:, -1] - part.rewards[:, 0]
    allowed = LEVEL_TOLERANCE + found.log_density_error + 4 * ROUNDING * span
    worst = int(np.argmax(moved - allowed))
    if not moved[worst] <= allowed[worst]:
        message = too_large_change(float(moved[worst]), found.method)
        raise ArithmeticError(f"{_name(part, worst)}: {message}")
    return residuals


def _continued(levels: PromptLevels, log_density: FloatArray, K: float, lam: float) -> FloatArray:
    """Return log g at every level, from its values at those that have mass."""
    if K == 1 or lam == 0:
        return log_density
    continued = []
    for part, state in levels.by_part(log_density):
        if lam == math.inf:
            limit = np.where(part.relative < 0, -np.inf, np.inf)
        else:
            kernel = None if K == math.inf else PromptKernel(part, K)
            limit = continuation(log_ratio_of(part, kernel, state, K), lam)
        continued.append(np.where(part.base == 0, limit, state).ravel())
    return np.concatenate(continued)


def _name(part: PromptPart, z: int) -> str:
    return f"prompt {shown(part.law.prompt_names[part.prompts[z]])}"
