"""A step's linearisation about a law, in log-masses: Newton's method, and what attracts."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import scipy.sparse.linalg

from recurate.numerics.fixed_points.bounds import ROUNDING
from recurate.numerics.fixed_points.fixed_point import RESIDUAL_TOLERANCE
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.log_sums import log_sum_exp
from recurate.numerics.validation import FloatArray

_CHANGE = 1e-5  # of log-masses, for central differences: their errors are some 1e-10
_MOST_DENSE = 300  # levels; with more of them only products with the derivative are taken
_MOST_MOVES, _LONGEST = 60, 3.0  # of Newton's method; of a move, in log p
_STILL = 1e-12  # change of a log-mass in a step from a fixed point
_NOISE = 32.0 * ROUNDING


class Linear:
    """The step of a loop about one law, restricted to the levels that have mass there.

    Parameters
    ----------
    loop : RuleLoop
        The loop.
    log_density : ndarray, shape (levels,)
        log p/p_ref; -inf at levels that are left out.
    """

    def __init__(self, loop: RuleLoop, log_density: FloatArray) -> None:
        self._loop, self._full = loop, log_density
        self.levels = np.flatnonzero(loop.present & (log_density > -np.inf))
        self._log_base = loop.levels.log_base[self.levels]
        self.log_probs = self._normalised(self._log_base + log_density[self.levels])

    def after(self, log_probs: FloatArray) -> FloatArray:
        """Return log p' at the levels, from log p there, which is normalised first."""
        state = self.state(self._normalised(log_probs))
        moved: FloatArray = self._loop.step(state)[self.levels] + self._log_base
        return moved

    def state(self, log_probs: FloatArray) -> FloatArray:
        """Return the loop's state, log p/p_ref on all levels."""
        state = self._full.copy()
        state[self.levels] = log_probs - self._log_base
        return state

    def times(self, direction: FloatArray) -> FloatArray:
        """Return the derivative's product with a direction, by central differences."""
        size = float(np.abs(direction).max())
        if size == 0.0:
            return np.zeros(direction.size)
        change = direction * (_CHANGE / size)
        ends = self.after(self.log_probs + change), self.after(self.log_probs - change)
        product: FloatArray = (ends[0] - ends[1]) * (size / (2 * _CHANGE))
        return product

    @cached_property
    def matrix(self) -> FloatArray:
        """The derivative, shape (levels, levels)."""
        return np.column_stack([self.times(unit) for unit in np.eye(self.levels.size)])

    def newton_move(self) -> FloatArray:
        """Return the move of the log-masses to where a step would change nothing."""
        rest = self.log_probs - self.after(self.log_probs)
        size = self.levels.size
        if size <= _MOST_DENSE:
            off = self.matrix - np.eye(size)
            found = np.linalg.lstsq(off, rest, rcond=1e-14)[0]
            return np.asarray(found, dtype=np.float64)
        operator = scipy.sparse.linalg.LinearOperator(
            (size, size), matvec=lambda move: self.times(np.ravel(move)) - np.ravel(move)
        )
        moved, _ = scipy.sparse.linalg.gmres(operator, rest, rtol=1e-3, restart=50, maxiter=2)
        return np.asarray(moved, dtype=np.float64)

    @cached_property
    def spectral_radius(self) -> float:
        """The largest |eigenvalue|, with those of levels that have lost their mass."""
        size = self.levels.size
        if size <= _MOST_DENSE:
            largest = float(np.abs(np.linalg.eigvals(self.matrix)).max())
        else:
            operator = scipy.sparse.linalg.LinearOperator(
                (size, size), matvec=lambda direction: self.times(np.ravel(direction))
            )
            start = np.cos(np.arange(size))
            values = scipy.sparse.linalg.eigs(
                operator, k=1, v0=start, tol=1e-6, return_eigenvectors=False
            )
            largest = float(np.abs(values).max())
        lost = self._loop.present.copy()
        lost[self.levels] = False
        if lost.any():  # without real data alone
            growth = self._loop.log_growth(self.state(self.log_probs))[lost]
            largest = max(largest, float(np.exp(growth.max())))
        return largest

    def error(self) -> float | None:
        """Estimate the error of log p, from the rounding of a step; None if there are too many."""
        if self.levels.size > _MOST_DENSE:
            return None
        inverse = np.linalg.pinv(self.matrix - np.eye(self.levels.size))
        noise = _NOISE * (1.0 + np.abs(self.log_probs))
        return float((np.abs(inverse) @ noise).max())

    def _normalised(self, log_probs: FloatArray) -> FloatArray:
        return log_probs - float(log_sum_exp(log_probs, axis=0))


def newton(loop: RuleLoop, log_density: FloatArray) -> FloatArray | None:
    """Return log p/p_ref of a fixed point near a law, on all levels; None if none is found."""
    best, least, worse = log_density, math.inf, 0
    for _ in range(_MOST_MOVES):
        linear = Linear(loop, log_density)
        after = linear.after(linear.log_probs)
        off = np.abs(after - linear.log_probs) / (1.0 + np.abs(linear.log_probs))
        # Where some level dies out ever more slowly, the residual may be all that is left over.
        residual = float(np.abs(np.exp(after) - np.exp(linear.log_probs)).sum()) / 2
        change = max(float(off.max()), residual * (_STILL / RESIDUAL_TOLERANCE))
        if not math.isfinite(change):
            return None
        worse = 0 if change < 0.5 * least else worse + 1
        if change < least:
            best, least = log_density, change
        if least <= ROUNDING or (least <= _STILL and worse) or worse > 12:
            break
        move = np.clip(linear.newton_move(), -_LONGEST, _LONGEST)
        if not np.isfinite(move).all():
            return None
        log_density = linear.state(linear._normalised(linear.log_probs + move))
    return best if least <= _STILL else None
