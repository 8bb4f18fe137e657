"""The mixed loop's fixed point for finitely many candidates, by Newton's method on the deficits.

The unknowns are the deficits δ = 1 - H/H_* of the levels and the position of τ = 1 - aH_*
(`recurate.numerics.fixed_points.mass_equation`). They are solved for together, but the mass
equation exactly: δ hardly depends on the position, whereas the law depends on it very strongly.
``docs/fixed_points.md`` derives each formula and explains the choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import scipy.optimize

from recurate.numerics.fixed_points.deficits import DeficitQuadrature, Line
from recurate.numerics.fixed_points.mass_equation import (
    MOST_HALVINGS,
    PRECISE,
    Balance,
    balanced,
    log_density_error,
    lowest_position,
    rounding_of,
)
from recurate.numerics.validation import FloatArray

MASS_TOLERANCE = 1e-14
"""Largest total variation allowed between the solution p and Ψ(p), computed from p once more.

If it is larger, 2^-52 times the mean of |log p_ref| + |log p/p_ref| is allowed: their rounding.
"""

LARGEST_EVALUATIONS = 200
"""Evaluations of the ratio and of its derivative before the method gives up."""

_LARGEST_MOVE = 6.0  # of the position in one step
_LARGEST_FACTOR = 3.0  # logarithm of the largest change of a deficit in one step
# Newton's method converges quadratically: a step that moves at most the first in mass, and each
# level's share by at most the second, leaves an error far below both.
SMALL_STEP = 1e-10
SMALL_CHANGE = 1e-7
LARGEST_LAG = 1e-12  # of a log-density behind the one that the law's own deficits give
_ALIKE = 1e-2  # of 1 - aK, where the digits of 1 - aH gain by it
_LONGEST = 100.0  # step in logarithms; a fourth of that whenever the direction has turned
_LARGEST_EVALUATIONS_IN_LOGARITHMS = 100
_FIRST_LOOK = 2.0**-42  # of the largest move: where to look for the nearest root first
_LOOK_FURTHER = 8.0


@dataclass(frozen=True)
class Solution:
    """A fixed point on levels of positive mass, and the number of evaluations.

    Attributes
    ----------
    log_density : ndarray, shape (levels,)
        log(p/p_ref).
    balance : Balance
        τ = 1 - aH_* and η = H_* - 1.
    deficits : ndarray, shape (levels,)
        1 - H/H_*.
    log_density_error : float
        Estimated error of `log_density`.
    evaluations : int
        Number of evaluations of the deficits and of their derivative, together.
    """

    log_density: FloatArray
    balance: Balance
    deficits: FloatArray
    log_density_error: float
    evaluations: int


def solve(
    relative: FloatArray,
    reference: FloatArray,
    K: float,
    lam: float,
    nodes: FloatArray,
    start: FloatArray | None = None,
) -> Solution:
    """Return the fixed point of the mixed loop on two levels or more.

    Parameters
    ----------
    relative : ndarray, shape (n,)
        Distinct rewards minus the largest.
    reference : ndarray, shape (n,)
        Masses of p_ref, positive.
    K : float
        Number of candidates, finite, at least 2.
    lam : float
        λ, positive and finite.
    nodes : ndarray, shape (nodes,)
        ``CurationKernel.nodes`` for these rewards.
    start : ndarray, shape (n,), optional
        Deficits to begin with, zero at the last level only.

    Raises
    ------
    ArithmeticError
        If the method does not converge, with the total variation reached.

    Notes
    -----
    The fixed point is unique (`fixed-point-unique`), so no other one can be found. Derived in
    ``docs/fixed_points.md``.
    """
    quadrature = DeficitQuadrature(relative, K, nodes)
    log_reference = np.log(reference)
    # Exact for two distant levels, if the better one has little mass; for K = inf δ is the gap.
    deficits = quadrature.gaps * ((K - 1) / K) if start is None else start
    balance = balanced(reference, deficits, lam)
    previous, moved, change, distance = 0.0, math.inf, math.inf, math.inf
    evaluations = 0
    while evaluations < LARGEST_EVALUATIONS:
        log_density = balance.log_density(deficits)
        log_density -= np.log(np.exp(log_reference + log_density).sum())
        now = quadrature.at(log_reference + log_density)
        own = balanced(reference, now.deficits, lam, balance.position)
        evaluations += 1
        own_log_density = own.log_density(now.deficits)
        distance = _distance(np.exp(log_reference + own_log_density), now.probs)
        logarithms = np.abs(log_reference) + np.abs(log_density)
        tolerance = max(MASS_TOLERANCE, 2**-52 * float((now.probs * logarithms).sum()))
        if moved <= SMALL_STEP and distance <= tolerance:
            # Levels of little mass do not show in the distance, and may lag behind.
            error = log_density_error(now.probs, deficits, balance)
            lag = float(np.abs(own_log_density - log_density).max())
            if change <= max(SMALL_CHANGE, error) and lag <= max(LARGEST_LAG, error):
                found = Solution(log_density, balance, deficits, error + lag, evaluations)
                if error <= PRECISE:
                    return found
                return _in_logarithms(found, relative, reference, K, nodes)
            if change > 0.0:
                # The mass is where it belongs, and only levels without it lag behind: they follow.
                deficits, balance, change = now.deficits, own, 0.0
                continue
        line = quadrature.line(now, deficits, *law_slopes(balance, deficits))
        previous, deficits, balance = _next(reference, deficits, balance, line, previous)
        evaluations += 1
        after = balance.log_density(deficits)
        moved = _distance(now.probs, np.exp(log_reference + after))
        change = float(np.abs(after - log_density).max())
    raise ArithmeticError(
        f"the fixed point must be found to a total variation of {MASS_TOLERANCE:g}; got "
        f"{distance:.3g} after {LARGEST_EVALUATIONS} evaluations of the ratio: run the loop for "
        "many steps instead, and please report the law, K and lam"
    )


def law_slopes(balance: Balance, deficits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return d log p, up to a constant, by each level's log deficit and by the position."""
    by_deficit = -balance.complement() * deficits / balance.remainder(deficits)
    return by_deficit, -balance.slopes(deficits)


def on_line(deficits: FloatArray, line: Line, move: float) -> FloatArray:
    """Return the deficits after a move along a line, each changed by at most e^3."""
    change = np.clip(line.offset + line.slope * move, -_LARGEST_FACTOR, _LARGEST_FACTOR)
    moved: FloatArray = np.minimum(deficits * np.exp(change), 1.0 - 2.0**-53)
    return moved


def _next(
    reference: FloatArray, deficits: FloatArray, balance: Balance, line: Line, previous: float
) -> tuple[float, FloatArray, Balance]:
    """Return the move of the position, and the deficits and the balance after it.

    The move goes to the nearest place on the line where the mass is one. If there is none within
    reach, it goes as far as allowed in the direction in which the mass approaches one.
    """
    here = balance.mass_excess(reference, on_line(deficits, line, 0.0))
    if here == 0.0:
        return 0.0, on_line(deficits, line, 0.0), balance

    def excess(move: float) -> float:
        state = Balance.at(balance.position + move, balance.lam)
        # Relative to the one here: for large λ all are as small as 1/λ.
        return float(state.mass_excess(reference, on_line(deficits, line, move)) / here)

    far = math.copysign(_LARGEST_MOVE, here)
    if previous * far < 0:
        # The direction has turned: go half as far. Directions are right long before distances.
        far = -0.5 * previous
    floor = lowest_position(reference, deficits) - balance.position
    far = max(far, min(floor, 0.0))
    # After many halvings the product may be zero, and every multiple of it too.
    near, end = 0.0, far * _FIRST_LOOK or far
    while (value := excess(end)) > 0 and end != far:
        near, end = end, math.copysign(min(abs(end) * _LOOK_FURTHER, abs(far)), far)
    if value > 0:
        return end, on_line(deficits, line, end), Balance.at(balance.position + end, balance.lam)
    move = 0.0
    if excess(near) > 0:
        ends = min(near, end), max(near, end)
        move = float(scipy.optimize.brentq(excess, *ends, xtol=1e-15, maxiter=MOST_HALVINGS))
    moved = on_line(deficits, line, move)
    return move, moved, balanced(reference, moved, balance.lam, balance.position + move)


def _distance(masses: FloatArray, others: FloatArray) -> float:
    """Return the total variation between two laws."""
    return float(np.abs(masses - others).sum()) / 2


def _in_logarithms(
    found: Solution, relative: FloatArray, reference: FloatArray, K: float, nodes: FloatArray
) -> Solution:
    """Return the fixed point with log-densities that keep their digits near the threshold.

    With the deficits σ = 1 - H/K, 1 - aH = (1 - λ(K-1))/(1+λ) + aKσ, and the first part is exact.
    Up to λ = 1/(K-1), the threshold of wide laws, nothing cancels. The unknowns are the log-
    densities, and there is no equation for the mass. Derived in ``docs/fixed_points.md``.
    """
    lam, scale = Fraction(found.balance.lam), found.balance.synthetic * K
    constant = float((1 - lam * (int(K) - 1)) / (1 + lam))
    rounding = rounding_of(relative)
    largest = rounding * abs(constant) / found.balance.margin
    if abs(constant) >= _ALIKE and largest >= found.log_density_error:
        return found
    quadrature = DeficitQuadrature(relative, K, nodes, from_largest=True)
    log_reference, log_density, change = np.log(reference), found.log_density, math.inf
    whole, none = np.ones(reference.size), np.zeros(reference.size)
    longest, before = _LONGEST, none
    for evaluations in range(0, _LARGEST_EVALUATIONS_IN_LOGARITHMS, 2):
        now = quadrature.at(log_reference + log_density)
        shares = scale * now.deficits
        # 1 - aH of the law's own, and what it has to be for each level to keep its mass.
        own, needed = constant + shares, found.balance.real * np.exp(-log_density)
        # In logarithms, but where the terms of 1 - aH nearly cancel.
        direct = own <= 0.5 * shares
        units = np.where(direct, needed, own) / scale
        if change <= SMALL_CHANGE:
            # What rounding of the two terms moves.
            terms = rounding * (abs(constant) + shares) / (scale * units)
            moved = quadrature.solved(now, terms, -whole, none, units).offset
            error = rounding + float(np.abs(moved).max())
            if error >= found.log_density_error:
                break
            return replace(
                found,
                log_density=log_density,
                log_density_error=error,
                evaluations=found.evaluations + evaluations + 2,
            )
        lag = np.where(direct, own / needed - 1.0, np.log(np.where(direct, needed, own) / needed))
        step = quadrature.solved(now, lag, -whole, none, units).offset
        # A part in common changes nothing: the mass is one.
        step = step - step[np.argmax(now.probs)]
        turned = float((before - before.mean()) @ step) < 0.0
        longest = longest / 4 if turned and longest > 1.0 else longest
        before = step = np.clip(step, -longest, longest)
        change = float(np.abs(step).max())
        log_density = log_density - step
        log_density -= np.log(np.exp(log_reference + log_density).sum())
    return found
