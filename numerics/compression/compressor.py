"""Ten million rewards: a law of some hundreds of rewards on which the loop runs as on all.

The loop needs a law only through integrals of smooth functions of the reward, g_t(r) e^{-s e^r}. A
positive law with the same integrals serves as well, whatever the number of rewards: Gauss rules in
narrow bins (``compression_bins``), then in wider cells (``compression_cells``). How narrow they
have to be is found by running the loop, estimating the error of its figures, and dividing where it
is too large. ``docs/compression.md`` derives the estimates.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from recurate.numerics import curation
from recurate.numerics.compression.banded_ratio import BandedKernel
from recurate.numerics.compression.bins import BinnedLaw
from recurate.numerics.compression.cells import (
    NODES,
    Cell,
    cells,
    divided,
    first_edges,
    interpolated,
    shifted,
    snapped,
)
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.trajectory import FIGURES, History
from recurate.numerics.validation import FloatArray, shown

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint

TOLERANCE = 1e-10
"""Largest error of a trajectory's figures by default, beside the dense engine's own."""

SMALLEST_TOLERANCE = 1e-12
"""Least tolerance that is taken: below it, rounding is what counts."""

Step = Callable[[Levels, curation.CurationKernel | None, FloatArray], FloatArray]
"""The loop's map from log p/base to the next one."""

LEAST_LAW = 8_000
"""Rewards from which on a loop runs on a compressed law by itself: below, it is hardly quicker."""

LARGEST_LAW = 20_000
"""Most rewards of a compressed law."""

STEPS_OF_FIXED_POINT = 1e4
"""How many steps a fixed point stands for in the estimate of its error."""

Solution = TypeVar("Solution")

_ROUNDS = 12
_HORIZON_OF_FIXED_POINT = 200
_COMPARISONS = 4  # of a fixed point's figures, the compression being finer each time
_STATES = 512
_STATES_BYTES = 64 * 2**20
_BANDED_FROM, _BANDED_TO = 450.0, 2e4  # spans at which the banded quadrature is the faster one
_OF_CELLS = 0.5  # share of the tolerance that interpolation in cells may use
_OF_BINS = 0.25  # and that of the bins
_OF_PLACES = 0.1  # and that of groups which are not at one place, in bins of one atom
_NO_COEFFICIENT = 1e-14  # of g, beside that of degree zero: it is rounding
_GAUSS_ERROR = 2.0 / (2**11 * 720)  # three atoms, width h: 2 (h/2)^6 max|f^(6)| / (2^5 6!)
# Largest modulus of the derivatives 0 … 6 of e^{-e^x}.
_DERIVATIVES = (1.0, 0.368, 0.31, 0.43, 1.12, 3.2, 10.2)


class CompressionError(ArithmeticError):
    """A tolerance that compression does not reach; the dense engine has no such limit.

    Attributes
    ----------
    tol : float
        The tolerance.
    reached : float
        The smallest estimated error that was reached; inf if there was no law to run on.
    """

    def __init__(self, tol: float, reached: float, why: str) -> None:
        self.tol, self.reached = tol, reached
        super().__init__(
            f"compression must have an estimated error of at most {tol:g}; reached {reached:.3g} "
            f"{why}: use the dense engine (compress=False), or a larger tolerance"
        )


@dataclass(frozen=True)
class CompressedLevels(Levels):
    """The state of a loop on a compressed law, read as that of the law itself.

    The levels are the nodes, and ``atom_base`` the full law's probabilities. Sums over levels are
    right for smooth functions of log g; total variation is not one, and takes the atoms.

    Attributes
    ----------
    full : RewardLaw
        The law that was compressed; ``law`` is the small one.
    cells : tuple of Cell
        Ascending; their nodes are the levels.
    error_estimate : float
        Estimated largest error of a figure of the trajectory (absolute), beside the engine's own.
    """

    is_compressed: ClassVar[bool] = True

    full: RewardLaw
    cells: tuple[Cell, ...]
    error_estimate: float

    def group_proportions(self, log_density: FloatArray) -> FloatArray:
        """Return the mass of each of the full law's groups, shape (n_groups,)."""
        if self.full.group_index is None:
            return np.empty(0)
        proportions: FloatArray = self._shares @ np.exp(log_density - self._log_mass(log_density))
        return proportions

    @cached_property
    def _shares(self) -> FloatArray:
        return np.concatenate([cell.shares for cell in self.cells], axis=1)

    def atom_log_density(
        self, log_density: FloatArray, atoms: IntArray | None = None
    ) -> FloatArray:
        """Return log(p/p_ref) at the full law's rewards, or those numbered, interpolated."""
        rewards = self.full.rewards if atoms is None else self.full.rewards[atoms]
        return interpolated(self.cells, log_density, rewards)

    def atom_log_probs(self, log_density: FloatArray) -> FloatArray:
        """Return log p at each of the full law's rewards, shape (n,)."""
        log_probs = self.atom_log_density(log_density)
        log_probs += np.log(self.full.probs)
        log_probs -= self._log_mass(log_density)
        return log_probs


class Compressor:
    """A law made ready for compression: one pass over its rewards serves every loop on it.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref; every reward with positive probability.

    Raises
    ------
    ValueError
        If a reward has probability zero.

    Notes
    -----
    What one run needed finer stays finer for the next. Derived in ``docs/compression.md``.
    """

    def __init__(self, law: RewardLaw) -> None:
        if not law.may_be_compressed:
            raise ValueError(
                "a law to be compressed must have finitely many rewards, each of positive "
                f"probability; got {law!r}"
            )
        self._law = law
        self._bins = BinnedLaw(law)
        self._atoms = self._bins.atoms()
        self._edges = np.empty(0)
        self._known: dict[tuple[float, float], Cell] = {}

    def run(
        self, K: float, step: Step, steps: int, tol: float = TOLERANCE
    ) -> tuple[CompressedLevels, History]:
        """Return a law of far fewer rewards on which the loop from p_ref has the same figures.

        Parameters
        ----------
        K : int or math.inf
            Number of candidates.
        step : callable
            The loop's step.
        steps : int
            Number of steps for which it is to be right.
        tol : float
            Largest error of a figure, absolute: of expected weight, its variance, expected reward,
            KL(p_t‖p_ref), mass at the top and group proportions.

        Returns
        -------
        levels : CompressedLevels
            The compressed law, with `error_estimate` at most `tol`.
        history : History
            The loop's states on it, as they were checked.

        Raises
        ------
        CompressionError
            If the estimated error stays above `tol`, with the figure reached.
        ValueError
            If `tol` is below `SMALLEST_TOLERANCE`.
        """

        def solve(levels: CompressedLevels) -> tuple[History, FloatArray, float]:
            history = History(
                levels.log_start_density, partial(step, levels, _kernel(levels, K)), steps
            )
            most = min(_STATES, max(8, _STATES_BYTES // (8 * levels.rewards.size)))
            stride = 1 + steps // most
            states = [history.at(t) for t in range(0, steps + 1, stride)]
            return history, np.stack(states, axis=1), stride

        _checked(tol)
        return self._refined(steps, tol, solve)

    def fixed_point(
        self, find: Callable[[RewardLaw], FixedPoint], tol: float = TOLERANCE
    ) -> tuple[CompressedLevels, FixedPoint]:
        """Return a law of far fewer rewards with the same fixed point, and that.

        Parameters
        ----------
        find : callable
            Returns the fixed point of a loop, with 0 < λ < inf and K >= 2, on a law.
        tol : float
            Largest error of a figure, as of `run`.

        Returns
        -------
        levels : CompressedLevels
            The compressed law.
        found : FixedPoint
            Its fixed point; the group proportions are those that `levels` has for its log-density.

        Raises
        ------
        CompressionError, ValueError
            As `run`.

        Notes
        -----
        How often an error of a step counts depends on how near the condensation threshold the loop
        is. It is taken to count `STEPS_OF_FIXED_POINT` times, and then put to the test: the fixed
        point of another, coarser compressed law must have the same figures within the tolerance.
        """
        _checked(tol)

        def solve(levels: CompressedLevels) -> tuple[FixedPoint, FloatArray, float]:
            found = find(levels.law)
            return found, found.log_density[:, None], STEPS_OF_FIXED_POINT

        aim, reached = tol, math.inf
        for _ in range(_COMPARISONS):
            levels, found = self._refined(_HORIZON_OF_FIXED_POINT, aim, solve)
            other = self._otherwise()
            difference = _difference(levels, found, other, find(other.law))
            reached = min(reached, difference)
            if difference <= tol:
                estimate = max(levels.error_estimate, difference)
                return replace(levels, error_estimate=estimate), found
            aim *= 0.1 * tol / difference
        raise CompressionError(tol, reached, "between two compressed laws")

    def _otherwise(self) -> CompressedLevels:
        """Return levels of as many cells as now, but others, of bins twice as wide."""
        atoms = self._bins.atoms(coarse=True)
        return _levels(self._law, cells(atoms, shifted(atoms, self._edges), {}))

    def _refined(
        self,
        steps: int,
        tol: float,
        solve: Callable[[CompressedLevels], tuple[Solution, FloatArray, float]],
    ) -> tuple[CompressedLevels, Solution]:
        """Divide cells and bins until the estimated error is within the tolerance.

        `solve` returns, for a compressed law, its solution, the log-densities (a column each) by
        which the error is judged, and how many steps each of them stands for.
        """
        if not self._edges.size:
            self._edges = first_edges(self._atoms, steps)
        reached = math.inf
        for _ in range(_ROUNDS):
            found = cells(self._atoms, self._edges, self._known)
            size = sum(cell.nodes.size for cell in found)
            if size > LARGEST_LAW:
                why = f"and needs {size} nodes, of at most {LARGEST_LAW}"
                raise CompressionError(tol, reached, why)
            levels = _levels(self._law, found)
            solution, states, each = solve(levels)
            errors = _Errors.of(levels, states, each)
            reached = min(reached, errors.total)
            if errors.total <= tol:
                return replace(levels, error_estimate=errors.total), solution
            if not self._divide(*errors.remedies(tol, found)):
                break
        raise CompressionError(tol, reached, "and cannot divide further")

    def _divide(
        self, parts: FloatArray, factors: FloatArray, drifting: npt.NDArray[np.bool_]
    ) -> bool:
        """Divide the cells into so many parts and make bins so much narrower; False if none."""
        former = self._edges
        self._edges = divided(self._atoms, former, parts)
        narrower = (factors > 1).any() or drifting.any()
        if narrower and self._bins.divide(former, factors, drifting):
            self._atoms, self._known = self._bins.atoms(), {}
            self._edges = snapped(self._atoms, self._edges)
            return True
        return self._edges.size > former.size


def _checked(tol: Any) -> None:
    if isinstance(tol, bool) or not isinstance(tol, Real):
        raise TypeError(
            f"tol must be a number of at least {SMALLEST_TOLERANCE:g}; got {shown(tol)}"
        )
    if not float(tol) >= SMALLEST_TOLERANCE:
        raise ValueError(f"tol must be at least {SMALLEST_TOLERANCE:g}; got {tol:g}")


def _difference(
    levels: CompressedLevels, found: FixedPoint, other: CompressedLevels, there: FixedPoint
) -> float:
    """Return the largest difference of two fixed points' figures, group proportions included."""
    figures = [abs(getattr(found, name) - getattr(there, name)) for name in FIGURES]
    groups = levels.group_proportions(found.log_density)
    groups = np.abs(groups - other.group_proportions(there.log_density))
    return float(max(*figures, groups.max(initial=0.0)))


def _levels(law: RewardLaw, found: list[Cell]) -> CompressedLevels:
    rewards = np.concatenate([cell.nodes for cell in found])
    small = RewardLaw(rewards, np.concatenate([cell.weights for cell in found]))
    probs = small.probs
    index = np.arange(rewards.size)
    return CompressedLevels(
        small, rewards, index, probs, law.probs, probs, probs, law, tuple(found), math.inf
    )


def _kernel(levels: CompressedLevels, K: float) -> curation.CurationKernel | None:
    if K == math.inf:
        return None
    span = float(levels.rewards[-1] - levels.rewards[0])
    if K > 1 and _BANDED_FROM < span < _BANDED_TO:
        return BandedKernel(levels.rewards, K)
    return curation.CurationKernel(levels.rewards, K)


@dataclass(frozen=True)
class _Errors:
    """Estimated errors of a run's figures, cell by cell.

    Attributes
    ----------
    of_cells : ndarray, shape (cells,)
        Largest over the steps, from interpolation in the cell.
    of_bins : ndarray, shape (cells,)
        Summed over the steps, from the rules in the cell's bins.
    of_places : ndarray, shape (cells,)
        Largest over the steps, from groups not at one place in the cell's bins of one atom.
    total : float
        Of all together.
    """

    of_cells: FloatArray
    of_bins: FloatArray
    of_places: FloatArray
    total: float

    @classmethod
    def of(cls, levels: CompressedLevels, log_density: FloatArray, each: float) -> _Errors:
        """Estimate them from log-densities, shape (nodes, times), each of so many steps."""
        found = levels.cells
        density = np.exp(log_density)
        sizes = np.array([cell.nodes.size for cell in found])
        firsts = np.cumsum(sizes) - sizes
        masses = np.add.reduceat(levels.base[:, None] * density, firsts, axis=0)
        tails = _tails(found, firsts, sizes, density)
        widths = np.array([cell.roughness for cell in found])
        mass = np.add.reduceat(levels.base, firsts)
        slopes = _slopes(levels.rewards, log_density, firsts, sizes)
        of_bins = masses * (widths / mass)[:, None] * _GAUSS_ERROR * _sixth_derivative(slopes)
        drifts = np.array([cell.drift for cell in found])
        of_places = masses * (drifts / mass)[:, None] * slopes
        return cls(
            tails.max(axis=1),
            of_bins.sum(axis=1) * each,
            of_places.max(axis=1),
            float((tails + of_places).sum(axis=0).max() + of_bins.sum() * each),
        )

    def remedies(
        self, tol: float, found: list[Cell]
    ) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
        """Return into how many parts to divide each cell, its bins, and its bins of one atom."""
        ones = np.ones(len(found))
        drifting = self.of_places > _OF_PLACES * tol / len(found)
        aim = _OF_CELLS * tol / len(found)
        ratio = np.where(self.of_cells > aim, self.of_cells / aim, 1.0)
        parts = np.where(ratio > 1, np.clip(np.ceil(1.2 * ratio ** (1 / NODES)), 2, 8), 1.0)
        aim = _OF_BINS * tol / len(found)
        ratio = np.where(self.of_bins > aim, self.of_bins / aim, 1.0)
        factors = np.where(ratio > 1, 1.3 * ratio ** (1 / 6), 1.0)
        # A part needs as many atoms as nodes: where a cell has fewer, its bins are divided first.
        atoms = np.array([cell.atoms for cell in found])
        binned = np.array([cell.roughness > 0 for cell in found])
        most = np.where(binned, np.maximum(atoms // NODES, 1), parts)
        factors = np.where(parts > most, np.maximum(factors, parts), factors)
        return np.minimum(parts, most), np.maximum(factors, ones), drifting


def _tails(
    found: tuple[Cell, ...], firsts: IntArray, sizes: IntArray, density: FloatArray
) -> FloatArray:
    """Return the size of the last two orthonormal coefficients of g, times the root of the mass.

    By Cauchy and Schwarz the integral of what they stand for over a part of a cell's atoms is at
    most this; shape (cells, times).
    """
    places = firsts[:, None] + np.minimum(np.arange(NODES), sizes[:, None] - 1)
    last = np.zeros((len(found), 2, NODES))
    for i, cell in enumerate(found):
        if not cell.exact and len(cell.values) > 1:
            # A cell with a linear coefficient and no other: that one only.
            tail = cell.values[-2:] if len(cell.values) > 2 else cell.values[-1:]
            last[i, : len(tail), : cell.nodes.size] = tail * np.sqrt(
                cell.weights * cell.weights.sum()
            )
    coefficients = last @ density[places]
    tails: FloatArray = np.abs(coefficients).sum(axis=1)
    for i, cell in enumerate(found):
        if cell.lost.any():
            of_cell = slice(firsts[i], firsts[i] + sizes[i])
            sizes_of = np.abs(cell.values @ (np.sqrt(cell.weights)[:, None] * density[of_cell]))
            tails[i] += cell.lost @ np.maximum(sizes_of - _NO_COEFFICIENT * sizes_of[0], 0.0)
    return tails


def _slopes(
    rewards: FloatArray, log_density: FloatArray, firsts: IntArray, sizes: IntArray
) -> FloatArray:
    """Return the largest slope of log g between neighbouring nodes in or beside each cell."""
    if rewards.size == 1:
        return np.zeros((1, log_density.shape[1]))
    gaps = np.diff(rewards)[:, None]
    slopes = np.abs(np.diff(log_density, axis=0)) / np.where(gaps > 0, gaps, np.inf)
    # Slope i - 1 is that between nodes i - 1 and i. A cell has those from its first node's left to
    # its last one's right.
    starts = np.maximum(firsts - 1, 0)
    ends = np.minimum(firsts + sizes, slopes.shape[0])
    bounds = np.stack([starts, ends], axis=1).ravel()
    padded = np.concatenate([slopes, np.zeros((1, slopes.shape[1]))])
    largest: FloatArray = np.maximum.reduceat(padded, bounds, axis=0)[::2]
    return largest


def _sixth_derivative(slopes: FloatArray) -> FloatArray:
    """Bound the sixth derivative of g e^{-s e^r}, over g, where log g has at most these slopes.

    The derivatives of g are taken to be at most k! slope^k, as near a pole (of exponentials they
    are smaller), and joined with those of the other factor by Leibniz' rule.
    """
    total = np.zeros_like(slopes)
    for k, derivative in enumerate(_DERIVATIVES):
        total += math.comb(6, k) * math.factorial(6 - k) * derivative * slopes ** (6 - k)
    return total
