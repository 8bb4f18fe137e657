"""Voters with K = inf on a law with a density: one voter's fixed point, for a mixture of weights.

All rules that such a law allows prefer what is better, so the voters are one with the weight Σ ν_u
w_u, w_u = 1 at the top, of shares ν_u in proportion to π_u/E_p w_u: ``docs/fixed_points.md``.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from recurate.numerics.fixed_points import with_density
from recurate.numerics.fixed_points.condensation import vanishes_at_top, with_deficits
from recurate.numerics.fixed_points.fixed_point import FixedPoint, Found
from recurate.numerics.fixed_points.mass_equation import balanced
from recurate.numerics.fixed_points.of_rules import voters_objective
from recurate.numerics.fixed_points.of_rules.objective_solver import Problem
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.laws.density_law import DensityLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.validation import FloatArray

_MOST_ROUNDS, _MOST_HALVINGS = 100, 40
_LONGEST = 3.0  # change of log ν in a round
_FOUND, _NEARLY = 4e-16, 1e-10  # log ν against what it should be: at best, and at least


class _State(NamedTuple):
    """The law p of one voter whose weight is the mixture with shares ν.

    Attributes
    ----------
    shares : ndarray, shape (voters,)
        ν.
    log_density : ndarray, shape (n - 1,)
        log p/p_ref, below the top.
    atom : float
        Mass at the top.
    off : ndarray, shape (voters,)
        log(ν_u E_p w_u/π_u) less the same for all voters together: zero at the fixed point.
    slopes : ndarray, shape (voters, voters)
        Derivative of log E_p w_u by log ν_v, where Σ ν d log ν = 0.
    """

    shares: FloatArray
    log_density: FloatArray
    atom: float
    off: FloatArray
    slopes: FloatArray


def find(loop: RuleLoop, law: DensityLaw) -> FixedPoint | None:
    """Return the fixed point of a loop on a law with a density; None if a voter has another rule.

    Raises
    ------
    ValueError
        If the law has not what a rule reads, or E w is infinite for a voter.
    ArithmeticError
        If it is not found, or has mass beyond the rewards that the law's nodes resolve.
    """
    loop.log_ratio(loop.levels.log_base)  # raises if a rule does not work on the law
    voters = voters_objective.voters_of(loop)
    if voters is None:
        return None
    shares, log_weights = voters
    lam = loop.collected.lam
    if not all(map(law.has_mean, log_weights)):
        raise ValueError(
            "law must have a finite mean of what each voter multiplies by, for K = inf; got one "
            f"whose nodes up to reward {law.rewards[-1]:.4g} do not show it: take a finite K"
        )
    if lam in (0.0, math.inf) or not law.is_bounded:
        # The same for all that prefer what is better.
        return replace(with_density.find(law, math.inf, lam), is_unique=True)
    found, rounds = _found(law, log_weights, shares, lam)
    has_atom = found.atom > 0.0
    log_density = np.append(found.log_density, -np.inf)
    log_probs = log_masses(law.probs) + log_density
    log_probs[-1] = log_masses(np.array(found.atom))
    kept = slice(None) if has_atom else slice(-1)
    real, synthetic = 1.0 / (1.0 + lam), lam / (1.0 + lam)
    problem = Problem(log_masses(law.probs)[kept], log_weights[:, kept], shares, real, synthetic)
    gap = voters_objective.gap(problem, log_probs[kept])
    if not has_atom:
        with_density.require_resolved(law, np.exp(log_probs), lam)
        state = Found(found.log_density, None, rounds, "objective")
        return loop.fixed_point(state, is_unique=True, objective_gap=gap)
    # The base measure of the levels has the atom, so that its own log-density is zero.
    state = Found(np.append(found.log_density, 0.0), None, rounds, "condensed")
    limit = replace(loop, start=np.exp(log_probs)).fixed_point(
        state, is_unique=True, objective_gap=gap
    )
    return replace(limit, condensed_mass=found.atom)


def _found(
    law: DensityLaw, log_weights: FloatArray, shares: FloatArray, lam: float
) -> tuple[_State, int]:
    """Return the state at the fixed point by Newton's method for log ν, and the rounds it took."""
    may_condense = vanishes_at_top(law)

    def at(log_mixture: FloatArray) -> _State:
        mixture = np.exp(log_mixture - log_mixture.max())
        return _state(law, log_weights, shares, mixture / mixture.sum(), lam, may_condense)

    state = at(np.log(shares))
    for rounds in range(1, _MOST_ROUNDS):
        size = float(np.abs(state.off).max())
        if size <= _FOUND:
            return state, rounds
        move = _move(state)
        move *= _LONGEST / max(_LONGEST, float(np.abs(move).max()))
        for _ in range(_MOST_HALVINGS):
            after = at(np.log(state.shares) + move)
            if float(np.abs(after.off).max()) < size:
                break
            move /= 2.0
        else:
            if size <= _NEARLY:  # what is left is rounding
                return state, rounds
            break
        state = after
    raise ArithmeticError(
        f"the shares of the voters' weights must be found to {_NEARLY:g}; got {size:.3g}, in "
        "their logarithms: run the loop for many steps instead, and please report the law, the "
        "rule and lam"
    )


def _state(
    law: DensityLaw,
    log_weights: FloatArray,
    shares: FloatArray,
    mixture: FloatArray,
    lam: float,
    may_condense: bool,
) -> _State:
    """Return the law of one voter whose weight is a mixture, and how far that is from its own."""
    reference, weights = law.probs[:-1], np.exp(log_weights[:, :-1])
    deficits = -np.expm1(log_weights)
    of_mixture = mixture @ deficits
    atom, probs = 0.0, np.empty(0)
    if may_condense:
        condensed = with_deficits(law, of_mixture, lam, 0)
        if lam > condensed.threshold:
            atom, probs = condensed.atom, condensed.probs(law)[:-1]
            log_density = np.log(probs / reference)
            below = deficits[:, :-1]
            slopes = (below * (probs / of_mixture[:-1])) @ below.T * mixture
    if atom == 0.0:
        relative = with_density.from_highest_node(of_mixture[:-1])
        balance = balanced(reference, relative, lam)
        log_density = balance.log_density(relative)
        probs = reference * np.exp(log_density)
        # dW_u is the covariance of w_u and the voter's part of the weight, under p aH/(1 - aH).
        whole = mixture @ weights
        grown = balance.complement() * (1.0 - relative)
        measure = probs * grown / balance.remainder(relative)
        parts = np.divide(weights, whole, out=np.zeros_like(weights), where=whole > 0)
        measure_of_one = measure / measure.sum()
        centred = weights - (weights @ measure_of_one)[:, None]
        parts = parts - (parts @ measure_of_one)[:, None]
        slopes = (centred * measure) @ parts.T * mixture
    means = weights @ probs + atom
    off = np.log(mixture * means / shares) - math.log(float(mixture @ means))
    return _State(mixture, log_density, atom, off, slopes / means[:, None])


def _move(state: _State) -> FloatArray:
    """Return the change of log ν, of mean zero under ν, that Newton's method makes."""
    count = state.off.size
    matrix = np.zeros((count + 1, count + 1))
    matrix[:count, :count] = np.eye(count) + state.slopes
    matrix[:count, count], matrix[count, :count] = -1.0, state.shares
    move: FloatArray = np.linalg.solve(matrix, np.append(-state.off, 0.0))[:count]
    return move
