"""Voters with K = inf: the fixed point is the maximum of a concave objective, with a certificate.

``docs/fixed_points.md`` derives the objective, the gap and what is said where the maximum is not
unique.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint, Found
from recurate.numerics.fixed_points.of_rules.objective_solver import Problem, Welfare, solve
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import log_masses, log_sum_exp, log_sums_by_index
from recurate.numerics.rules.accept import Accept
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.levels import alike
from recurate.numerics.rules.rule import Rule, column_of
from recurate.numerics.rules.stages import Stages
from recurate.numerics.validation import FloatArray

_TIED = 1e-9  # slack, at λ = inf, of a level without mass that might have some
_RANK = 1e-9  # singular value, relative to the largest, of values that depend on one another
_MOST_DOUBLINGS = 17  # of the steps run where the maximum is not unique
_SETTLED, _NEARLY = 1e-14, 1e-10
_MOST_MOVES = 50


def log_weights_of(rule: Rule, law: RewardLaw) -> FloatArray | None:
    """Return log w for a rule with H = w/E_p w, up to a constant; None if it is no such rule.

    Parameters
    ----------
    rule : Rule
        One that works on the law.
    law : RewardLaw
        The levels.
    """
    if isinstance(rule, BradleyTerry) and rule.K == math.inf:
        return column_of(law, rule.by) * rule.scale
    if isinstance(rule, Accept):
        if law.is_continuous:  # whose highest rewards hardly differ from r_max
            with np.errstate(divide="ignore"):
                log_weights = np.log1p(np.maximum(law.relative_rewards / law.max_reward, -1.0))
        else:
            log_weights = log_masses(column_of(law, rule.by) if rule.by else law.rewards)
    elif isinstance(rule, Stages):
        log_weights = np.zeros(law.size)
        for one in rule.rules:
            its = log_weights_of(one, law)
            if its is None:
                return None
            log_weights = log_weights + its
    else:
        return None
    if (log_weights[law.probs > 0] > -np.inf).any():
        return log_weights
    # Nothing is accepted: by itself the rule keeps the law as it is, or has raised an error.
    return np.zeros(law.size) if isinstance(rule, Accept) else None


def voters_of(loop: RuleLoop) -> tuple[FloatArray, FloatArray] | None:
    """Return the shares of a loop's voters, and log w of each at the levels, up to a constant.

    Of shapes (voters,) and (voters, levels). None if a voter has another rule.
    """
    voters = loop.collected.voters
    found = [log_weights_of(rule, loop.small) for _, rule in voters]
    known = [log_weights for log_weights in found if log_weights is not None]
    if not known or len(known) < len(found):
        return None
    return np.array([share for share, _ in voters]), np.array(known)


class _Merged(NamedTuple):
    """The levels with mass, those that all voters value alike taken together.

    Attributes
    ----------
    numbers : ndarray, shape (levels with mass,)
        The number of each among the merged ones.
    problem : Problem
        The loop on the merged levels.
    sizes : ndarray, shape (merged,)
        How many of the law's atoms with mass each one has.
    """

    numbers: IntArray
    problem: Problem
    sizes: IntArray


def find(loop: RuleLoop) -> FixedPoint | None:
    """Return the fixed point reached from p_ref; None if a voter has another rule.

    Raises
    ------
    ArithmeticError
        If it cannot be found.
    """
    loop.log_ratio(loop.levels.log_base)  # raises if nothing can be accepted
    voters = voters_of(loop)
    if voters is None:
        return None
    shares, log_weights = voters[0], voters[1][:, loop.present]
    log_weights -= log_weights.max(axis=1, keepdims=True)
    merged = _merged(loop, shares, log_weights)
    problem = merged.problem
    welfare = solve(problem)
    is_unique: bool | None = True
    if problem.real == 0.0:
        is_unique = _is_unique(merged, welfare)
        if is_unique is False:
            welfare = _reached(problem, welfare)
    log_density = welfare.log_probs - problem.log_reference
    log_density -= float(log_sum_exp(welfare.log_probs, axis=0))
    state = Found(log_density[merged.numbers], None, welfare.steps, "objective", welfare.error)
    finite = log_weights[log_weights > -np.inf]
    return loop.fixed_point(
        state,
        span=-float(finite.min()),
        is_unique=is_unique,
        objective_gap=gap(problem, welfare.log_probs),
    )


def gap(problem: Problem, log_probs: FloatArray) -> float:
    """Return log max H, by which the objective of no other law is larger, in nats.

    H = p'/p is the derivative of the objective by the masses, whose mean under p is one. So its
    concave growth from p to q is at most log E_q H (derived in ``docs/fixed_points.md``).
    """
    log_means = log_sum_exp(problem.log_weights + log_probs, axis=1)
    terms = problem.log_weights + (np.log(problem.shares) - log_means)[:, None]
    log_ratio = log_sum_exp(terms, axis=0) + math.log(problem.synthetic)
    if problem.real > 0.0:
        log_ratio = np.logaddexp(log_ratio, problem.log_targets - log_probs)
    return max(0.0, float(log_ratio.max()))


def _merged(loop: RuleLoop, shares: FloatArray, log_weights: FloatArray) -> _Merged:
    lam, present = loop.collected.lam, loop.present
    index = alike(np.zeros(log_weights.shape[1], dtype=np.intp), log_weights)
    _, first = np.unique(index, return_index=True)
    log_base = loop.levels.log_base[present]
    log_reference = log_sums_by_index(index, log_base - log_sum_exp(log_base, 0), first.size)
    level = np.cumsum(present) - 1  # of those with mass
    atoms = level[loop.levels.index[loop.law.probs > 0]]
    sizes = np.bincount(index[atoms], minlength=first.size)
    synthetic = 1.0 if lam == math.inf else lam / (1.0 + lam)
    real = 1.0 / (1.0 + lam)
    return _Merged(
        index, Problem(log_reference, log_weights[:, first], shares, real, synthetic), sizes
    )


def _values(problem: Problem, log_probs: FloatArray) -> FloatArray:
    """Return w/W, each level's value to each voter over the mean, shape (voters, levels)."""
    log_means = log_sum_exp(problem.log_weights + log_probs, axis=1)
    values: FloatArray = np.exp(problem.log_weights - log_means[:, None])
    return values


def _is_unique(merged: _Merged, welfare: Welfare) -> bool | None:
    """Return whether the maximiser is the only one, for λ = inf.

    Two maximisers have the same W, so they differ by masses that add up to no value for any voter.
    """
    values = _values(merged.problem, welfare.log_probs)
    support = welfare.log_probs > -np.inf
    if (merged.sizes[support] > 1).any() or not _independent(values[:, support]):
        return False
    tied = support | (welfare.log_slacks < math.log(_TIED))
    return True if _independent(values[:, tied]) else None


def _independent(columns: FloatArray) -> bool:
    sizes = np.linalg.svd(columns, compute_uv=False)
    return bool(columns.shape[1] <= columns.shape[0] and sizes[-1] > _RANK * sizes[0])


def _reached(problem: Problem, welfare: Welfare) -> Welfare:
    """Return the maximiser that the loop from p_ref tends to, where there are several, λ = inf.

    Near its limit, log p_t has only Σ_s (H_s - 1) to go, which is linear in the voters' values: so
    the limit is the law p_t e^{θ·w} with the maximum's means, but for the second order.
    """
    support = np.flatnonzero(welfare.log_probs > -np.inf)
    columns = _values(problem, welfare.log_probs)[:, support]
    if _independent(columns):  # one on these levels: only ties within a level are free
        return welfare
    log_probs, change = problem.log_reference.copy(), math.inf
    before: FloatArray | None = None
    log_shares = np.log(problem.shares)[:, None]
    for doubling in range(_MOST_DOUBLINGS):
        for _ in range(2**doubling):
            log_means = log_sum_exp(problem.log_weights + log_probs, axis=1)[:, None]
            log_probs = log_probs + log_sum_exp(log_shares + problem.log_weights - log_means, 0)
            log_probs -= log_sum_exp(log_probs, axis=0)
        now = _projected(log_probs[support], columns)
        if now is not None and before is not None:
            change = float((np.abs(now - before) / np.maximum(1.0, np.abs(now))).max())
        before = now
        if change <= _SETTLED:
            break
    if before is None or change > 1e-6:
        raise ArithmeticError(
            "which of many maxima of the voters' objective the loop from p_ref reaches must be "
            f"seen within {2**_MOST_DOUBLINGS} steps; got one that still changes by {change:.3g}, "
            "in log p: all of them have the same mean weights"
        )
    found = np.full(log_probs.size, -np.inf)
    found[support] = before
    return welfare._replace(log_probs=found, error=welfare.error + change)


def _projected(log_probs: FloatArray, values: FloatArray) -> FloatArray | None:
    """Return log(p e^{θ·v}) whose means of the values v are one, by Newton's method for θ."""
    slopes = np.zeros(values.shape[0])
    change = math.inf
    for _ in range(_MOST_MOVES):
        tilted = log_probs + slopes @ values
        probs = np.exp(np.minimum(tilted, 700.0))
        excess = values @ probs - 1.0
        move = np.linalg.lstsq((values * probs) @ values.T, -excess, rcond=1e-13)[0]
        change = float(np.abs(move @ values).max())
        slopes = slopes + move * min(1.0, 2.0 / max(change, 1e-300))
        if change < _SETTLED:
            break
    tilted = log_probs + slopes @ values
    return tilted if change < _NEARLY else None
