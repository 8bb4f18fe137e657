"""The deficits δ = 1 - H/H_* of a law, and their derivative, without cancellation.

The quadrature is the engine's (`recurate.numerics.curation.transform`); the integral is that of the
difference of two ratios. ``docs/fixed_points.md`` derives it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from recurate.numerics.curation.transform import (
    NODES_PER_UNIT,
    Blocked,
    Terms,
    log_transform,
)
from recurate.numerics.validation import FloatArray

_TINY = 1e-300  # a deficit below is as good as this one
_TINY_TRANSFORM = 1e-290
_LARGEST_NODE = 700.0  # e^700 does not overflow
_UNDERFLOW = -700.0


class Evaluation(NamedTuple):
    """The deficits of a law, and what their derivative needs."""

    probs: FloatArray  # of the levels
    deficits: FloatArray
    decrease: FloatArray  # at the nodes: M - 1
    transform: FloatArray  # M
    shares: FloatArray  # M^{K-1} K/(4 H_*), zero where it underflows


class _Block(NamedTuple):
    """Functions of s w, shape (rows, nodes)."""

    terms: Terms
    differences: FloatArray  # e^{-s w} - e^{-s}


class Line(NamedTuple):
    """Log deficits that are their own law's, to first order: offset + slope · (move)."""

    offset: FloatArray
    slope: FloatArray


class DeficitQuadrature(Blocked[_Block]):
    """The deficits δ = 1 - H/H_* of a law and their derivative, prepared for given rewards.

    Integration by parts turns the difference of two ratios into an integral of one sign,

        H_* - H = K(K-1) ∫ (e^{-s w} - e^{-s w_*}) D(s) M(s)^{K-2} ds,    D = E_p[w e^{-s w}],

    so that δ has all its digits however small it is.

    Parameters
    ----------
    relative : ndarray, shape (n,)
        Distinct rewards minus the largest.
    K : float
        Number of candidates, finite, at least 2.
    nodes : ndarray, shape (nodes,)
        ``CurationKernel.nodes``, of step 1/4.
    from_largest : bool
        Whether to take the deficits from the largest ratio there can be, H_* = K, which a reward
        far above all others has: 1 - H/K, above zero at the best level too.
    """

    def __init__(
        self, relative: FloatArray, K: float, nodes: FloatArray, *, from_largest: bool = False
    ) -> None:
        self._relative, self._K, self._nodes = relative, K, nodes
        self._from_largest = from_largest
        self.gaps: FloatArray = -np.expm1(relative)
        best = Terms.of(np.zeros(1), nodes)
        self._best_terms = (best.arguments * best.powers)[0]  # s e^{-s}
        if from_largest:
            self.gaps, self._best_terms = np.ones_like(relative), np.zeros_like(nodes)
        self._cut(relative.size, nodes.size, matrices=4)

    def at(self, log_probs: FloatArray) -> Evaluation:
        """Return the deficits of a normalised law."""
        probs, K = np.exp(log_probs), self._K
        decrease, transform, first = np.zeros((3, self._nodes.size))
        for rows, (terms, _) in self._blocks():
            decrease += probs[rows] @ terms.decreases
            transform += probs[rows] @ terms.powers
            first += probs[rows] @ (terms.arguments * terms.powers)
        shares = _power(log_transform(decrease, np.maximum(transform, _TINY)), K - 1)
        factor = K / NODES_PER_UNIT
        largest = K if self._from_largest else float((self._best_terms * shares).sum() * factor)
        shares *= factor / largest
        # Factors of K one by one: they may be 1e250, and s is about 1/K.
        factors = (K - 1) * first / np.maximum(transform, _TINY) * shares
        deficits = np.empty(probs.size)
        for rows, block in self._blocks():
            deficits[rows] = block.differences @ factors
        # Rounding must not take a ratio below zero.
        np.minimum(deficits, 1.0, out=deficits)
        return Evaluation(probs, deficits, decrease, transform, shares)

    def line(
        self, now: Evaluation, deficits: FloatArray, by_deficit: FloatArray, by_move: FloatArray
    ) -> Line:
        """Solve for the log deficits that agree with their own law, to first order.

        Parameters
        ----------
        now : Evaluation
            At the law that `deficits` give.
        deficits : ndarray, shape (n,)
            The deficits that gave the law.
        by_deficit, by_move : ndarray, shape (n,)
            Derivative of each level's log p (up to a constant), in its log deficit and in the
            position.

        Notes
        -----
        With z = (K-1) d log M, d log δ = -U z and z = V d log p: the derivative's rank is at most
        the number of nodes. With more levels than nodes, the system (I + U V B) x = y,
        B = diag(by_deficit), has the solution x = y - U (I + V B U)^{-1} V B y.
        """
        return self.solved(now, _log(now.deficits) - _log(deficits), by_deficit, by_move)

    def solved(
        self,
        now: Evaluation,
        change: FloatArray,
        by_unknown: FloatArray,
        by_move: FloatArray,
        units: FloatArray | None = None,
    ) -> Line:
        """Solve `line`'s system for unknowns whose change is any multiple of the deficits'.

        Parameters
        ----------
        now : Evaluation
            At the law that the unknowns give.
        change : ndarray, shape (n,)
            What the law's own values differ by from the unknowns that gave it.
        by_unknown, by_move
            Derivative of each level's log p, as of `line`.
        units : ndarray, shape (n,), optional
            The change of each deficit for which the unknown changes by one; for logarithms of
            deficits, as by default, the deficit itself.
        """
        if change.size > self._nodes.size:
            return self._line_by_nodes(now, change, by_unknown, by_move, units)
        parts = [
            (self._left(now, rows, block, units), self._right(now, rows, block))
            for rows, block in self._blocks()
        ]
        left, right = np.concatenate([x for x, _ in parts]), np.hstack([x for _, x in parts])
        system = np.eye(change.size) + left @ (right * by_unknown)
        known = np.stack([change, -left @ (right @ by_move)], axis=1)
        return Line(*np.linalg.solve(system, known).T)

    def _line_by_nodes(
        self,
        now: Evaluation,
        change: FloatArray,
        by_unknown: FloatArray,
        by_move: FloatArray,
        units: FloatArray | None = None,
    ) -> Line:
        size = self._nodes.size
        system, known = np.eye(size), np.zeros((size, 2))
        for rows, block in self._blocks():
            left = self._left(now, rows, block, units)
            right = self._right(now, rows, block)
            inner = right * by_unknown[rows]
            system += inner @ left
            known[:, 0] += inner @ change[rows]
            known[:, 1] += right @ by_move[rows]
        # y = -U c for the move, c = V (d log p by it): then x = -U (I + V B U)^{-1} c.
        solved = np.linalg.solve(system, known)
        line = np.stack([change, np.zeros(change.size)])
        for rows, block in self._blocks():
            line[:, rows] -= (self._left(now, rows, block, units) @ solved).T
        return Line(*line)

    def _left(
        self, now: Evaluation, rows: slice, block: _Block, units: FloatArray | None
    ) -> FloatArray:
        """Return U, shape (rows, nodes): -dδ by z, in its units. It is zero at the best level."""
        # d log H = Σ ω z with ω the integrand's shares, so -dδ = h Σ (ω - ω_*) z, and
        # w e^{-s w} - h e^{-s} = w (e^{-s w} - e^{-s}) + (δ - (1 - w)) e^{-s} does not cancel.
        slopes = block.terms.arguments * block.differences * now.shares
        deficits = now.deficits[rows, None]
        slopes += (deficits - self.gaps[rows, None]) * (self._best_terms * now.shares)
        slopes /= np.maximum(deficits if units is None else units[rows, None], _TINY)
        return slopes

    def _right(self, now: Evaluation, rows: slice, block: _Block) -> FloatArray:
        """Return V, shape (nodes, rows): z by d log p, for p that is normalised afterwards."""
        # e^{-s w} - M, from whichever of the two keeps its digits.
        near_one = now.decrease > -0.5
        terms = block.terms
        centred = np.where(near_one, terms.decreases - now.decrease, terms.powers - now.transform)
        # Where M is so small, the integrand is negligible beside that of the other nodes.
        alive = (now.shares > 0) & (now.transform > _TINY_TRANSFORM)
        scale = np.zeros(self._nodes.size)
        scale[alive] = (self._K - 1) / now.transform[alive]
        values: FloatArray = (centred * scale * now.probs[rows, None]).T
        return values

    def _block(self, rows: slice) -> _Block:
        terms = Terms.of(self._relative[rows], self._nodes)
        if self._from_largest:
            return _Block(terms, terms.powers)
        largest = np.exp(np.minimum(self._nodes, _LARGEST_NODE))
        differences = -terms.powers * np.expm1(-self.gaps[rows, None] * largest)
        return _Block(terms, differences)


def _power(logarithm: FloatArray, exponent: float) -> FloatArray:
    """Return e^{exponent · logarithm}, zero where it underflows."""
    product = exponent * logarithm
    power: FloatArray = np.where(product > _UNDERFLOW, np.exp(np.maximum(product, _UNDERFLOW)), 0.0)
    return power


def _log(deficits: FloatArray) -> FloatArray:
    logarithm: FloatArray = np.log(np.maximum(deficits, _TINY))
    return logarithm
