"""The fixed point of a loop within prompts: that of each prompt, all of them together.

A bound on a total variation is the mean over prompts of theirs: that is the total variation of the
joint law, as p(z) never changes. ``docs/fixed_points.md`` says more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from recurate.numerics import curation
from recurate.numerics.curation.transform import Terms
from recurate.numerics.fixed_points import many
from recurate.numerics.fixed_points.fixed_point import (
    LEAST_GAP,
    LEAST_MARGIN,
    LEVEL_TOLERANCE,
    RESIDUAL_TOLERANCE,
    ROUNDING,
    WIDE,
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
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.prompts.kernel import Batch, PromptKernel, log_ratio_of, side_by_side
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.run import PromptStep
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray, shown


class _Found(NamedTuple):
    """The fixed points of some prompts: log p/p_ref on levels with mass, and figures of each."""

    log_density: FloatArray  # (levels,)
    error_bound: FloatArray  # (prompts,), as the next; inf where no bound is proved
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
    levels = PromptLevels.of(law, None)
    state, continued = np.zeros((2, levels.rewards.size))
    residual = bound = error = 0.0
    evaluations, methods = 0, set()
    for part in levels.parts():
        reduced = part.with_mass()
        step = PromptStep(reduced, K, lam)
        found = _solved(reduced, step, K, lam)
        residuals = _residuals(reduced, step, found)
        if found.method == "newton":
            bounds = _contraction_bounds(reduced, K, lam, found, residuals)
            found = found._replace(error_bound=bounds)
        masses = law.prompt_probs[part.prompts]
        residual += float(masses @ residuals)
        bound += float(masses @ np.where(found.error_bound < 1.0, found.error_bound, np.inf))
        error = max(error, float(found.log_density_error.max()))
        evaluations = max(evaluations, found.evaluations)
        methods.add(found.method)
        where = slice(levels.starts[part.prompts.start], levels.starts[part.prompts.stop])
        state[where][part.base > 0] = found.log_density
        continued[where] = _continued(part, state[where], K, lam)
    method = next(iter(methods - {"reference"}), "reference")
    joint = Found(state, bound if bound < 1.0 else None, evaluations, method, error)
    return measured(levels, joint, residual, continued)


def _solved(levels: PromptLevels, step: PromptStep, K: float, lam: float) -> _Found:
    """Return the fixed points of prompts, on levels that all have mass."""
    sizes = np.diff(levels.starts)
    log_density, exact = np.zeros(levels.rewards.size), 4 * ROUNDING * sizes
    none = np.zeros(sizes.size)
    last = levels.starts[1:] - 1
    if K == 1 or lam == 0 or (sizes == 1).all():
        return _Found(log_density, exact, none, 0, "reference")
    if lam == math.inf:
        log_density[:] = -np.inf
        log_density[last] = -levels.log_conditional_base[last]
        return _Found(log_density, exact, _largest_rounding(log_density[last]), 0, "best")
    conditional = np.exp(levels.log_conditional_base)
    errors, bounds = none, np.where(sizes == 1, exact, np.inf)
    evaluations, is_open = 0, sizes > 1
    # Where p_ref hardly has mass at the best level or below it, or rewards are nearly tied, the
    # method for one law says what is wrong or has a way of its own.
    others = levels.by_prompt(conditional) - conditional[last]
    is_rare = np.minimum(conditional[last], others) < max(LEAST_MARGIN * lam, 1e-290)
    is_rare |= levels.relative[np.maximum(last - 1, 0)] > -LEAST_GAP
    kernel = step.kernel
    for index, batch in _batches(levels, kernel, is_open & ~is_rare):
        present = index >= 0
        prompts = levels.prompt_of_level[index[:, 0]]
        reference = np.where(present, conditional[index], 0.0)
        reference /= reference.sum(axis=1, keepdims=True)
        relative = np.where(present, levels.relative[index], 0.0)
        if batch is None:
            found, bounds[prompts] = _scalar(reference, relative, lam)
        else:
            found = many.solve(reference, relative, batch.terms, batch.nodes, K, lam)
        is_found = ~np.isnan(found.log_density_error)
        present &= is_found[:, None]
        log_density[index[present]] = found.log_density[present]
        rounding = _largest_rounding(np.abs(found.log_density).max(axis=1))
        errors[prompts] = found.log_density_error + rounding
        evaluations = max(evaluations, found.evaluations)
        is_open[prompts[is_found]] = False
    for z in np.flatnonzero(is_open):
        rows = slice(levels.starts[z], levels.starts[z + 1])
        one = _levels_of_one(levels, rows, conditional[rows])
        try:
            its = solved(one, K, lam, Step(one, K, lam).kernel, None)
        except ArithmeticError as error:
            raise ArithmeticError(f"{_name(levels, z)}: {error}") from error
        log_density[rows], errors[z] = its.log_density, its.log_density_error
        bounds[z] = math.inf if its.error_bound is None else its.error_bound
        evaluations = max(evaluations, its.evaluations)
    method: Method = "scalar" if kernel is None else "newton"
    return _Found(log_density, bounds, errors, evaluations, method)


def _batches(
    levels: PromptLevels, kernel: PromptKernel | None, chosen: IntArray
) -> Iterator[tuple[IntArray, Batch | None]]:
    """Yield the levels of the chosen prompts, many prompts at a time, with the terms if needed."""
    if kernel is None:
        for index in side_by_side(levels, chosen):
            yield index, None
        return
    for batch in kernel.batches:
        is_chosen = chosen[levels.prompt_of_level[batch.levels[:, 0]]]
        if is_chosen.all():
            yield batch.levels, batch
        elif is_chosen.any():
            terms = Terms(*(part[is_chosen] for part in batch.terms))
            index = batch.levels[is_chosen]
            yield index, Batch(index, terms, batch.nodes)


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
    bound += _rounding(probs, reference, log_density).sum(axis=1)
    return many.Solutions(log_density, error, 0), bound


def _levels_of_one(levels: PromptLevels, rows: slice, conditional: FloatArray) -> Levels:
    """Return the levels of one prompt, as those of a law of its own."""
    base, index = conditional / conditional.sum(), np.arange(conditional.size)
    return Levels(levels.law, levels.rewards[rows], index, base, base, base, base)


def _residuals(levels: PromptLevels, step: PromptStep, found: _Found) -> FloatArray:
    """Return the total variation between each prompt's law and its next step, shape (prompts,).

    Raises
    ------
    ArithmeticError
        As `fixed_point.checked_residual`, with the prompt's name.
    """
    before, after = found.log_density, step(found.log_density)
    conditional = np.exp(levels.log_conditional_base)
    residuals = levels.by_prompt(conditional * np.abs(np.exp(before) - np.exp(after))) / 2
    worst = int(np.argmax(residuals))
    if not residuals[worst] <= RESIDUAL_TOLERANCE:
        raise ArithmeticError(
            f"{_name(levels, worst)}: {too_large_residual(float(residuals[worst]), found.method)}"
        )
    present = before > -np.inf  # a level of little mass does not show in the residual
    moved = np.zeros(before.size)
    moved[present] = np.abs(after[present] - before[present])
    moves = np.maximum.reduceat(moved, levels.starts[:-1])
    span = -levels.relative[levels.starts[:-1]]
    allowed = LEVEL_TOLERANCE + found.log_density_error + 4 * ROUNDING * span
    worst = int(np.argmax(moves - allowed))
    if not moves[worst] <= allowed[worst]:
        raise ArithmeticError(
            f"{_name(levels, worst)}: {too_large_change(float(moves[worst]), found.method)}"
        )
    return residuals


def _contraction_bounds(
    levels: PromptLevels, K: float, lam: float, found: _Found, residuals: FloatArray
) -> FloatArray:
    """Bound each prompt's error by its residual, as for one law; inf where no bound is proved."""
    conditional, weights = np.exp(levels.log_conditional_base), np.exp(levels.relative)
    probs = conditional * np.exp(found.log_density)
    mean = levels.by_prompt(conditional * weights) * (1.0 - 1e-12)
    highest = -np.expm1(K * np.log1p(-mean)) / mean
    modulus = lam / (1.0 + lam) * highest
    span = -levels.relative[levels.starts[:-1]]
    of_ratio = curation.RATIO_ERROR * (1.0 + np.log(highest))
    of_ratio += np.where(span > WIDE, ROUNDING * span, 0.0)
    rounding = levels.by_prompt(_rounding(probs, conditional, found.log_density))
    contracts = (levels.by_prompt(probs * weights) >= mean) & (modulus < 1.0)
    bounds = np.full(mean.size, np.inf)
    np.divide(residuals + of_ratio + rounding, 1.0 - modulus, out=bounds, where=contracts)
    return np.minimum(bounds + rounding, found.error_bound)


def _continued(levels: PromptLevels, log_density: FloatArray, K: float, lam: float) -> FloatArray:
    """Return log g at every level of these prompts, from its values at those that have mass."""
    absent = levels.base == 0
    if not absent.any() or K == 1 or lam == 0:
        return log_density
    continued = log_density.copy()
    if lam == math.inf:
        continued[absent] = np.where(levels.relative[absent] < 0, -np.inf, np.inf)
        return continued
    kernel = None if K == math.inf else PromptKernel(levels, K)
    log_ratio = log_ratio_of(levels, kernel, log_density, K)[absent]
    continued[absent] = continuation(log_ratio, lam)
    return continued


def _rounding(probs: FloatArray, reference: FloatArray, log_density: FloatArray) -> FloatArray:
    """Bound what rounding of logarithms can cost of each level, in total variation."""
    sizes = 4.0 + np.abs(np.log(np.maximum(reference, 5e-324))) + np.abs(log_density)
    return 2.0 * ROUNDING * probs * sizes


def _largest_rounding(largest: FloatArray) -> FloatArray:
    return 4.0 * ROUNDING * (1.0 + np.abs(largest))


def _name(levels: PromptLevels, z: int) -> str:
    return f"prompt {shown(levels.law.prompt_names[levels.first + z])}"
