"""The fixed points of many small laws at once: the method of `newton`, in lockstep.

It is Newton's method with the position moved to first order along the line, in place of the
search for the nearest root there. So it may fail where the other does not, and the few laws for
which it does are left to that one: what is returned here has passed the same tests.
``docs/fixed_points.md`` derives it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from recurate.numerics.curation.short_quadrature import quadrature
from recurate.numerics.fixed_points.deficits import Line
from recurate.numerics.fixed_points.mass_equation import (
    PRECISE,
    Balance,
    below,
    descent,
    log_density_error,
    total,
)
from recurate.numerics.fixed_points.newton import (
    LARGEST_LAG,
    MASS_TOLERANCE,
    SMALL_CHANGE,
    SMALL_STEP,
    law_slopes,
    on_line,
)
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import FloatArray

_ROUNDS = 30  # of Newton's method, before a law is left to the search for the nearest root
_ITERATIONS, _PATIENCE = 200, 20  # of the mass equation, as for one law
_CLOSE = 1e-8
_MOVES, _LARGEST_MOVE = 12, 6.0  # of the position along a line
_NEAR = 1e-3  # a move after which it is found for the new deficits
_TINY = 1e-300
_LEAST = 5e-324
_UNDERFLOW = -700.0


class Solutions(NamedTuple):
    """The fixed points of many laws.

    Attributes
    ----------
    log_density : ndarray, shape (laws, levels)
        log(p/p_ref).
    log_density_error : ndarray, shape (laws,)
        Its estimated error; NaN for a law that was not solved.
    evaluations : int
        The most evaluations of the deficits and of their derivative, together, of a law.
    """

    log_density: FloatArray
    log_density_error: FloatArray
    evaluations: int


def solve(reference: FloatArray, relative: FloatArray, K: float, lam: float) -> Solutions:
    """Return the fixed points of the mixed loop on laws of two levels or more.

    Parameters
    ----------
    reference : ndarray, shape (laws, levels)
        Masses of p_ref, positive.
    relative : ndarray, shape (laws, levels)
        Distinct rewards minus the largest, ascending, of a span of at most 600.
    K, lam : float
        Finite, at least 2; positive and finite.
    """
    size = len(reference)
    solutions = Solutions(np.zeros_like(reference), np.full(size, np.nan), 0)
    laws, is_open, evaluations, last = np.arange(size), np.ones(size, dtype=bool), 0, 0
    quadrature = _Deficits(relative, K)
    deficits = quadrature.gaps * ((K - 1) / K)
    balance = balanced(reference, deficits, lam)
    moved = change = np.full((size, 1), np.inf)
    for _ in range(_ROUNDS):
        log_density = balance.log_density(deficits)
        log_density -= np.log(total(reference * np.exp(log_density)))
        probs = reference * np.exp(log_density)
        now = quadrature.at(probs)
        own = balanced(reference, now.deficits, lam, balance.position)
        own_log_density = own.log_density(now.deficits)
        evaluations += 1
        distance = total(np.abs(reference * np.exp(own_log_density) - probs)) / 2
        logarithms = np.abs(np.log(reference)) + np.abs(log_density)
        tolerance = np.maximum(MASS_TOLERANCE, 2**-52 * total(probs * logarithms))
        error = log_density_error(probs, deficits, balance)
        lag = np.abs(own_log_density - log_density).max(axis=1, keepdims=True)
        there = (moved <= SMALL_STEP) & (distance <= tolerance)
        found = there & (change <= np.maximum(SMALL_CHANGE, error))
        found &= (lag <= np.maximum(LARGEST_LAG, error)) & (error <= PRECISE)
        done = found[:, 0] & is_open[laws]
        solutions.log_density[laws[done]] = log_density[done]
        solutions.log_density_error[laws[done]] = (error + lag)[done, 0]
        last = evaluations if done.any() else last
        is_open[laws[done]] = False
        keep = is_open[laws]
        if not keep.any():
            break
        if 2 * keep.sum() < laws.size:  # the others go on, as that costs less than copies
            laws, reference, deficits = laws[keep], reference[keep], deficits[keep]
            balance = _rows(balance, keep)
            log_density, probs = log_density[keep], probs[keep]
            now = _Evaluation(*(part[keep] for part in now))
            quadrature.keep(keep)
        line = quadrature.line(now, probs, deficits, *law_slopes(balance, deficits))
        deficits, balance = _moved(reference, deficits, balance, line)
        evaluations += 1
        after = balance.log_density(deficits)
        moved = total(np.abs(reference * np.exp(after) - probs)) / 2
        change = np.abs(after - log_density).max(axis=1, keepdims=True)
    return solutions._replace(evaluations=last)


class _Evaluation(NamedTuple):
    """The deficits of each law, and what their derivatives need."""

    deficits: FloatArray  # (laws, levels)
    decrease: FloatArray  # (laws, nodes), as the next: M - 1
    shares: FloatArray  # c M^{K-1}/H_*


class _Deficits:
    """The deficits of many laws, as `DeficitQuadrature` has those of one, by the short quadrature.

    That is 1/x = Σ c e^{-s x} up to x = K; what was s in the integrals is s/K.
    """

    def __init__(self, relative: FloatArray, K: float) -> None:
        nodes, coefficients = quadrature(-float(relative.min()))
        nodes, weights = nodes / K, np.exp(relative)[..., None]
        self._K, self._coefficients = K, coefficients
        self.gaps: FloatArray = -np.expm1(relative)
        self._decreases = np.expm1(weights * -nodes)
        powers = self._decreases + 1.0
        self._weighted = weights * powers
        self._at_best = np.exp(-nodes)
        self._differences = -powers * np.expm1(self.gaps[..., None] * -nodes)
        self._left = weights * self._differences

    def keep(self, laws: IntArray) -> None:
        """Go on with some of the laws only."""
        for name in ("gaps", "_decreases", "_weighted", "_differences", "_left"):
            setattr(self, name, getattr(self, name)[laws])

    def at(self, probs: FloatArray) -> _Evaluation:
        """Return the deficits of normalised laws."""
        rows, K = probs[:, None, :], self._K
        decrease, first = ((rows @ part)[:, 0] for part in (self._decreases, self._weighted))
        # Where M has lost its digits, its powers are as nothing beside those of other nodes.
        np.maximum(decrease, -1.0 + 2**-53, out=decrease)
        product = (K - 1) * np.log1p(decrease)
        shares = np.where(product > _UNDERFLOW, np.exp(np.maximum(product, _UNDERFLOW)), 0.0)
        shares *= self._coefficients
        shares /= total(self._at_best * shares)
        # Factors of K one by one: they may be 1e250.
        factors = (K - 1) * first / (1.0 + decrease) * shares
        deficits = np.minimum((self._differences @ factors[..., None])[..., 0], 1.0)
        return _Evaluation(deficits, decrease, shares)

    def line(
        self,
        now: _Evaluation,
        probs: FloatArray,
        deficits: FloatArray,
        by_deficit: FloatArray,
        by_move: FloatArray,
    ) -> Line:
        own = np.maximum(now.deficits, _TINY)
        change = np.log(own) - np.log(np.maximum(deficits, _TINY))
        # The product of the derivatives of the deficits by the nodes, and of those by log p.
        scale = (self._K - 1) * now.shares / (1.0 + now.decrease)
        right, decrease = self._decreases.swapaxes(1, 2), now.decrease[..., None]
        weights = self._left * scale[:, None, :]
        product = weights @ right - weights @ decrease
        at_best = (self._at_best * scale)[:, None, :]
        of_best = at_best @ right - at_best @ decrease
        product += (now.deficits - self.gaps)[..., None] * of_best
        product /= own[..., None]
        known = np.stack([change, -(product @ (probs * by_move)[..., None])[..., 0]], axis=-1)
        system = np.eye(change.shape[1]) + product * (probs * by_deficit)[:, None, :]
        solved = np.linalg.solve(system, known)
        return Line(solved[..., 0], solved[..., 1])


def _moved(
    reference: FloatArray, deficits: FloatArray, balance: Balance, line: Line
) -> tuple[FloatArray, Balance]:
    """Return the deficits and the balance where the mass on each line is one, by Newton's method.

    A law whose position would move further than `_LARGEST_MOVE`, goes so far.
    """
    move, lam = np.zeros_like(balance.position), balance.lam
    for _ in range(_MOVES):
        state = Balance.at(balance.position + move, lam)
        there = on_line(deficits, line, move)
        excess = state.mass_excess(reference, there)
        by_deficit, by_move = law_slopes(state, there)
        slope = total(state.masses(reference, there) * (by_deficit * line.slope + by_move)) / lam
        grown = np.log1p(np.maximum(excess / state.real, -1.0 + 2**-53)) * (state.real + excess)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(slope < 0, -grown / slope, np.copysign(np.inf, excess))
        longest = 1.0 + np.abs(move)
        before = move
        move = np.clip(move + np.clip(step, -longest, longest), -_LARGEST_MOVE, _LARGEST_MOVE)
        if np.abs(move - before).max() <= _NEAR:
            break
    there = on_line(deficits, line, move)
    return there, balanced(reference, there, lam, balance.position + move)


def balanced(
    reference: FloatArray, deficits: FloatArray, lam: float, start: FloatArray | None = None
) -> Balance:
    """Return the balance of each law, in which its mass is one.

    Parameters
    ----------
    reference, deficits : ndarray, shape (laws, levels)
        As of `mass_equation.balanced`.
    lam : float
        λ, positive and finite.
    start : ndarray, shape (laws, 1), optional
        Positions near the roots.

    Raises
    ------
    ArithmeticError
        If a root is not found, which happens only if a deficit is NaN.
    """
    low = np.maximum(_lowest(reference), _lowest_by_mean(reference, deficits, lam))
    high = np.full_like(low, np.inf)
    position = low if start is None else np.maximum(start, low)
    found = Balance(lam, *(np.full_like(low, np.nan) for _ in range(3)))
    open_ = np.arange(len(low))
    for iteration in range(_ITERATIONS):
        now = Balance.at(position, lam)
        excess = now.mass_excess(reference, deficits)
        low, high = np.where(excess > 0, position, low), np.where(excess > 0, high, position)
        slope = descent(now, reference, deficits)
        grown = np.log1p(np.maximum(excess / now.real, -1.0 + 2**-53)) * (now.real + excess)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(slope > 0, grown / slope, np.copysign(np.inf, excess))
        close, flat = np.abs(step) <= _CLOSE, high <= np.nextafter(low, np.inf)
        last = now.moved(np.where(close, step, 0.0))
        longest = 1.0 + np.abs(position)
        moved, middle = position + step, (low + np.minimum(high, np.maximum(low, 1e300))) / 2
        patient = iteration < _PATIENCE or iteration % 2 == 0
        with np.errstate(invalid="ignore"):
            inside = patient & (low < moved) & (moved < high) & (step <= longest)
        after = np.where(inside, moved, np.where(high == np.inf, position + longest, middle))
        done = (close | flat | (after == position))[:, 0]
        if done.any():
            for name in ("position", "margin", "excess"):
                getattr(found, name)[open_[done]] = getattr(last, name)[done]
            if done.all():
                return found
            keep = ~done
            open_, low, high, after = open_[keep], low[keep], high[keep], after[keep]
            reference, deficits = reference[keep], deficits[keep]
        position = after
    raise ArithmeticError(f"the position must be found in {_ITERATIONS} steps")


def _rows(balance: Balance, laws: FloatArray) -> Balance:
    return replace(
        balance,
        position=balance.position[laws],
        margin=balance.margin[laws],
        excess=balance.excess[laws],
    )


def _lowest(reference: FloatArray) -> FloatArray:
    """Return a position below every root, as `mass_equation.lowest_position`."""
    # Of two levels without a deficit, as rounding may leave them, the better one.
    best, others = reference[:, -1:], total(reference[:, :-1])
    position: FloatArray = below(np.log(best) - np.log(others))
    return position


def _lowest_by_mean(reference: FloatArray, deficits: FloatArray, lam: float) -> FloatArray:
    """Return a position below the root, as `mass_equation` has it for one law."""
    odds = total(reference * deficits) / total(reference * (1.0 - deficits))
    log_share = math.log(lam) + np.log(np.maximum(odds, _LEAST))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = below(np.log(-np.expm1(log_share)) - log_share)
    return np.where(log_share < -0.1, low, -np.inf)
