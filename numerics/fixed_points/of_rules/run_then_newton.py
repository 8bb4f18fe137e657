"""Where a loop of any rule settles: it is run, and Newton's method ends what it began.

A fixed point counts as reached only if the loop itself goes there; a loop that goes round is
reported as cycling. ``docs/fixed_points.md`` says how both are told.
"""

from __future__ import annotations

import math

import numpy as np

from recurate.numerics.fixed_points.fixed_point import RADIUS_ERROR, FixedPoint, Found, Method
from recurate.numerics.fixed_points.of_rules.cycling import cycling, lingering
from recurate.numerics.fixed_points.of_rules.linearised_step import Linear, newton
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.pairwise_preference import PairwisePreference
from recurate.numerics.rules.rule import Rule
from recurate.numerics.rules.stages import Stages
from recurate.numerics.validation import FloatArray

_FIRST, _LAST = 64, 2**14  # steps before Newton's method is tried, again and again
_MOST_KEPT = 2**27  # numbers of a run's laws that are kept to look back on: 1 GiB
_STILL = 1e-13  # of a log-mass in a step: the loop has stopped
_RARE, _GONE = -20.0, -60.0  # log-masses of levels that grow or die out, without real data
_NEAR, _AT = 0.05, 1e-9  # of a fixed point, in total variation
_NEARER = 0.999  # of the distance, from the first third of a run to the last
_PUSH = 0.1  # of log-masses, away from a balance that is not kept
_SEEN = 12  # laws of each part of a run that ends at a point that it will leave


def find(loop: RuleLoop) -> FixedPoint:
    """Return the fixed point reached from p_ref.

    Raises
    ------
    CyclingError
        If the loop goes round.
    ArithmeticError
        If it has not settled, with the residual that is left.
    """
    start = loop.levels.log_start_density
    if _change(loop, start, loop.step(start)) <= _STILL:
        return _from_balance(loop, start)
    return _reached(loop, start)


def _from_balance(loop: RuleLoop, state: FloatArray) -> FixedPoint:
    """Return p_ref, which a step leaves as it is; unless the loop cycles if it is disturbed."""
    linear = Linear(loop, state)
    limit = checked(loop, state, linear)
    if limit.spectral_radius is not None and limit.spectral_radius > 1.0 + RADIUS_ERROR:
        values, vectors = np.linalg.eig(linear.matrix)
        leading = int(np.argmax(np.abs(values)))
        if values[leading].imag != 0.0:
            away = vectors[:, leading].real
            pushed = linear.log_probs + _PUSH * away / np.abs(away).max()
            _reached(loop, linear.state(pushed - np.log(np.exp(pushed).sum())))
    return limit


def _reached(loop: RuleLoop, state: FloatArray) -> FixedPoint:
    """Return the fixed point that the loop from a state goes to."""
    most = _MOST_KEPT // state.size
    steps, horizon = 0, max(1, min(_FIRST, most))
    ends: list[FloatArray] = []
    while True:
        laws: list[FloatArray] = []
        while steps < horizon:
            before, state = state, loop.step(state)
            steps += 1
            laws.append(loop.levels.masses(state))
            if _change(loop, before, state) <= _STILL:
                break
        candidate = newton(loop, without_what_dies_out(loop, state))
        if candidate is not None:
            far = np.abs(np.array(laws) - loop.levels.masses(candidate)).sum(axis=1) / 2
            third = max(1, far.size // 3)
            end = float(far[-third:].max())
            linear = Linear(loop, candidate)
            comes_nearer = end <= _NEAR and end < _NEARER * float(far[:third].max())
            if (end <= _AT or comes_nearer) and linear.spectral_radius < 1.0 + RADIUS_ERROR:
                return checked(loop, candidate, linear, steps)
        if _lingers(loop, state) and steps > _FIRST:
            ends.extend(laws[:: max(1, len(laws) // _SEEN)])
        if horizon >= _LAST or 3 * horizon > most:
            break
        horizon *= 4
    error = cycling(np.array(laws), steps) or lingering(np.array(ends), steps)
    if error is not None:
        raise error
    residual = loop.levels.distance(state, loop.step(state))
    raise ArithmeticError(
        f"the loop must settle within {steps:,} steps to have a fixed point that it reaches; got "
        f"a residual of {residual:.3g}, the total variation between its law and the next: it is "
        "slow, or goes round slowly; loop.run(steps=…) has its laws, loop.fixed_points() what "
        "Newton's method finds"
    )


def _lingers(loop: RuleLoop, state: FloatArray) -> bool:
    """Return whether the loop hardly moves, but some level's mass grows from nearly nothing."""
    rare = loop.present & (loop.levels.log_base + state < _RARE)
    grows = bool((loop.log_growth(state)[rare] > _AT).any())
    return grows and loop.levels.distance(state, loop.step(state)) <= _AT


def checked(loop: RuleLoop, state: FloatArray, linear: Linear, steps: int = 0) -> FixedPoint:
    """Return a fixed point that was found, with its figures; ArithmeticError if it is none."""
    method: Method = "newton" if steps else "reference"
    found = Found(state[loop.present], None, steps, method, linear.error())
    return loop.fixed_point(
        found,
        is_unique=True if is_contraction(loop) else None,
        spectral_radius=linear.spectral_radius,
    )


def _change(loop: RuleLoop, before: FloatArray, after: FloatArray) -> float:
    """Return the largest change of a log-mass in a step, relative to its size if that is large."""
    same = (before == after) | ~loop.present
    moved = np.abs(np.where(same, 0.0, after) - np.where(same, 0.0, before))
    return float((moved / (1.0 + np.abs(np.where(same, 0.0, before)))).max())


def without_what_dies_out(loop: RuleLoop, state: FloatArray) -> FloatArray:
    """Return the state on the levels that keep their mass, without real data."""
    if loop.lam < math.inf:
        return state
    log_probs = loop.levels.log_base + state
    dying = loop.present & (log_probs < _GONE) & (loop.log_growth(state) < 0)
    kept = np.where(dying, -np.inf, state)
    kept -= np.log(np.exp(loop.levels.log_base + kept).sum())
    return kept


def is_contraction(loop: RuleLoop) -> bool:
    """Return whether a step is known to contract total variations: a Σ π_u K_u < 1.

    For rules that see the candidates only; one's own may see the law.
    """
    voters, lam = loop.collected
    if lam == math.inf or not all(_sees_candidates_only(rule) for _, rule in voters):
        return False
    candidates = sum(share * rule.most_candidates for share, rule in voters)
    return lam / (1.0 + lam) * candidates < 1.0


def _sees_candidates_only(rule: Rule) -> bool:
    if isinstance(rule, Stages):
        return all(map(_sees_candidates_only, rule.rules))
    return isinstance(rule, BradleyTerry | BestOf | PairwisePreference)
