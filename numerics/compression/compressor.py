"""From ten million rewards to a few hundred on which the loop has the same figures.

The loop needs a law only through integrals of smooth functions of the reward, g_t(r) e^{-s e^r}. A
positive law with the same integrals serves as well, for any number of rewards: Gauss rules in
narrow bins (`bins`), then in wider cells (`cells`). The loop is run on that law, the error of its
figures is estimated, and bins and cells are divided where it is too large.
``docs/compression.md`` derives the estimates.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from numbers import Real
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from recurate.numerics.compression.banded_ratio import BandedKernel
from recurate.numerics.compression.error_estimates import ErrorEstimates
from recurate.numerics.compression.levels import CompressedLevels
from recurate.numerics.compression.partition import Partition
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import FIGURES, means_of_scores
from recurate.numerics.laws.of_scores import ends_of_scores
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray, optional_flag, shown

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint

TOLERANCE = 1e-10
"""Largest error of a trajectory's figures by default, in addition to the dense engine's own."""

SMALLEST_TOLERANCE = 1e-12
"""Smallest tolerance that is accepted: below it, rounding dominates."""

LEAST_LAW = 8_000
"""Number of rewards from which a loop compresses its law by itself: below, it gains little."""

LARGEST_LAW = 20_000
"""Largest number of rewards of a compressed law."""

STEPS_OF_FIXED_POINT = 1e4
"""How many steps a fixed point stands for in the estimate of its error."""

Solution = TypeVar("Solution")

_MORE_BINS = "summarise them again, with more bins (bins=…)"
_ROUNDS = 12
_HORIZON_OF_FIXED_POINT = 200
_COMPARISONS = 4  # of a fixed point's figures, the compression being finer each time
_STATES = 512
_STATES_BYTES = 64 * 2**20
_BANDED_FROM, _BANDED_TO = 450.0, 2e4  # spans at which the banded quadrature is the faster one

_partitions: WeakKeyDictionary[RewardLaw, Partition] = WeakKeyDictionary()
_partitions_lock = Lock()


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
        super().__init__(tol, reached, why)  # all of them, as pickles make it again from these
        self.tol, self.reached, self._why = tol, reached, why

    def __str__(self) -> str:
        said = (
            f"compression must have an estimated error of at most {self.tol:g}; reached "
            f"{self.reached:.3g} {self._why}"
        )
        if ":" in self._why:  # it says what to do
            return said
        return f"{said}: use the dense engine (compress=False), or a larger tolerance"

    def warn(self, size: int, stacklevel: int) -> None:
        """Warn that a loop, compressed by default, runs on all its rewards."""
        warnings.warn(
            f"computed on all {size:,} rewards, which takes longer: a compressed law reached an "
            f"estimated error of {self.reached:.3g}, which must be at most {self.tol:g}",
            RuntimeWarning,
            stacklevel=stacklevel,
        )


def require_fine_bins(error: float, tol: float, *, is_asked: bool, stacklevel: int) -> None:
    """Raise an error, or warn, if figures on a law of summarised rows are not right to `tol`.

    Parameters
    ----------
    error : float
        Estimated error of the figures.
    tol : float
        Its largest value.
    is_asked : bool
        Whether the user asked for it: then an error is raised.
    stacklevel : int
        Of the warning.
    """
    if error <= tol:
        return
    if is_asked:
        raise CompressionError(tol, error, f"because of the summary's bins: {_MORE_BINS}")
    warnings.warn(
        f"the law is of summarised rows, whose bins are too wide for these figures: their error is "
        f"estimated as {error:.3g}, and was to be at most {tol:g}: {_MORE_BINS}",
        RuntimeWarning,
        stacklevel=stacklevel,
    )


def compressor_of(law: RewardLaw) -> Compressor:
    """Return a law made ready for compression: one pass over its rewards serves every loop on it.

    What one run needed finer stays finer for the next, for as long as the law exists. Threads may
    share a law; their runs wait for each other while they divide it.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref; every reward with positive probability.

    Returns
    -------
    Compressor
        The law's bins, which are kept for as long as the law exists.

    Raises
    ------
    ValueError
        If a reward has probability zero, or the law has a density.
    """
    law.require_no_prompts("compression")
    if not law.may_be_compressed:
        raise ValueError(
            "a law to be compressed must have finitely many rewards, each of positive "
            f"probability; got {law!r}"
        )
    with _partitions_lock:
        partition = _partitions.get(law)
        if partition is None:
            partition = _partitions[law] = Partition(law)
    return Compressor(law, partition)


def begin_again(law: RewardLaw) -> None:
    """Let the next loop on a law compress it as the first one did.

    Its figures then do not depend, to the last bit, on the loops that were run before.
    """
    with _partitions_lock:
        partition = _partitions.get(law)
    if partition is not None:
        with partition.lock:
            partition.begin_again()


def wants_compression(law: RewardLaw, compress: bool | None, from_reference: bool) -> bool:
    """Return whether a loop is to use a compressed law, as asked for or by default.

    Raises
    ------
    TypeError, ValueError
        If `compress` is not valid, or is True where there is nothing to compress.
    """
    asked = optional_flag(compress, "compress")
    if asked is None:
        return from_reference and law.size >= LEAST_LAW and law.may_be_compressed
    if asked and not from_reference:
        raise ValueError("compress must be None or False for another start than p_ref; got True")
    if asked:
        law.require_no_prompts("compression")
    if asked and law.is_continuous:
        raise ValueError(
            "a law with a density cannot be compressed, for it is held by few nodes already: "
            "compress must be None or False"
        )
    return asked


class Compressor:
    """Finds small laws on which loops have the same figures. Made by `compressor_of`.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref.
    partition : Partition
        Its bins and cells, divided further as a tolerance asks for it.

    Notes
    -----
    Derived in ``docs/compression.md``.
    """

    def __init__(self, law: RewardLaw, partition: Partition) -> None:
        self._law, self._partition = law, partition

    def run(
        self, K: float, lam: float, steps: int, tol: float = TOLERANCE, *, scores: bool = True
    ) -> tuple[CompressedLevels, History]:
        """Return a law of far fewer rewards on which the loop from p_ref has the same figures.

        Parameters
        ----------
        K, lam : float
            As checked by `CurationLoop`.
        steps : int
            Number of steps for which it is to be right.
        tol : float
            Largest error of a figure, absolute: of expected weight, its variance, expected reward,
            KL(p_t‖p_ref), mass at the top and group proportions.
        scores : bool
            Whether the means of the law's scores are to be right too, as `with_scores` has them.

        Returns
        -------
        levels : CompressedLevels
            The compressed law, with `error_estimate` at most `tol`, and in addition that of the
            bins of a summary, if the law was made of one: `require_fine_bins` looks at it.
        history : History
            The loop's states on it, as they were checked.

        Raises
        ------
        CompressionError
            If the estimated error stays above `tol`, with the figure reached.
        TypeError, ValueError
            If `tol` is not a number, or below `SMALLEST_TOLERANCE`.
        """

        def solve(levels: CompressedLevels) -> tuple[History, FloatArray, float]:
            step = Step(levels, K, lam, _banded(levels, K))
            history = History(levels.log_start_density, step, steps)
            return history, *sampled_states(history, steps, levels.rewards.size)

        _require_tolerance(tol)
        with self._partition.lock:
            return self._refined(steps, tol, solve, scores)

    def fixed_point(
        self, find: Callable[[RewardLaw], FixedPoint], tol: float = TOLERANCE
    ) -> tuple[CompressedLevels, FixedPoint]:
        """Return a law of far fewer rewards with the same fixed point, and that fixed point.

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
        CompressionError, TypeError, ValueError
            As `run`.

        Notes
        -----
        How many times an error of a step counts depends on how near the loop is to the condensation
        threshold. It is assumed to count `STEPS_OF_FIXED_POINT` times. This is tested: the fixed
        point of another, coarser compressed law must have the same figures within the tolerance.
        """
        _require_tolerance(tol)

        def solve(levels: CompressedLevels) -> tuple[FixedPoint, FloatArray, float]:
            found = find(levels.law)
            return found, found.log_density[:, None], STEPS_OF_FIXED_POINT

        ranges = np.array([high - low for low, high in ends_of_scores(self._law).values()])
        aim, reached = tol, math.inf
        for _ in range(_COMPARISONS):
            with self._partition.lock:
                levels, found = self._refined(_HORIZON_OF_FIXED_POINT, aim, solve, True)
                other = CompressedLevels.on(self._law, self._partition.other_cells())
                other = other.with_scores()
            difference = _difference(levels, found, other, find(other.law), ranges)
            reached = min(reached, difference)
            if difference <= tol:
                estimate = max(levels.error_estimate, difference)
                return replace(levels, error_estimate=estimate), found
            aim *= 0.1 * tol / difference
        raise CompressionError(tol, reached, "between two compressed laws")

    def _refined(
        self,
        steps: int,
        tol: float,
        solve: Callable[[CompressedLevels], tuple[Solution, FloatArray, float]],
        scores: bool,
    ) -> tuple[CompressedLevels, Solution]:
        """Divide cells and bins until the estimated error is within the tolerance.

        `solve` returns, for a compressed law, its solution, the log-densities (a column each) by
        which the error is judged, and how many steps each of them stands for.
        """
        reached = math.inf
        for _ in range(_ROUNDS):
            cells = self._partition.cells(steps)
            size = sum(cell.nodes.size for cell in cells)
            if size > LARGEST_LAW:
                why = f"and needs {size} nodes, of at most {LARGEST_LAW}"
                raise CompressionError(tol, reached, why)
            levels = CompressedLevels.on(self._law, cells)
            solution, states, each = solve(levels)
            errors = ErrorEstimates.of(levels, states, each)
            if (
                errors.total <= tol and scores and self._law.scores
            ):  # one more pass over the rewards
                levels = levels.with_scores()
                errors = ErrorEstimates.of(levels, states, each)
            reached = min(reached, errors.total)
            if errors.total <= tol:
                estimate = errors.total + errors.of_rows
                return replace(levels, error_estimate=estimate), solution
            if not self._partition.divide(*errors.remedies(tol, cells)):
                break
        raise CompressionError(tol, reached, "and cannot divide further")


def sampled_states(history: History, steps: int, size: int) -> tuple[FloatArray, int]:
    """Return states by which an error is judged, shape (size, states), and the steps of each."""
    most = min(_STATES, max(8, _STATES_BYTES // (8 * size)))
    stride = 1 + steps // most
    return np.stack([history.at(t) for t in range(0, steps + 1, stride)], axis=1), stride


def _require_tolerance(tol: Any) -> None:
    if isinstance(tol, bool) or not isinstance(tol, Real):
        raise TypeError(
            f"tol must be a number of at least {SMALLEST_TOLERANCE:g}; got {shown(tol)}"
        )
    if not float(tol) >= SMALLEST_TOLERANCE:
        raise ValueError(f"tol must be at least {SMALLEST_TOLERANCE:g}; got {tol:g}")


def _difference(
    levels: CompressedLevels,
    found: FixedPoint,
    other: CompressedLevels,
    there: FixedPoint,
    ranges: FloatArray,
) -> float:
    """Return the largest difference of two fixed points' figures, shares and means of scores.

    Those of scores count in units of the range of a score's values, and by the mass that has one.
    """
    figures = [abs(getattr(found, name) - getattr(there, name)) for name in FIGURES]
    groups = levels.group_proportions(found.log_density)
    groups = np.abs(groups - other.group_proportions(there.log_density))
    sums = levels.score_sums(found.log_density), other.score_sums(there.log_density)
    means = [means_of_scores(of_score) for of_score in sums]
    scores = np.abs(means[0] - means[1]) / np.where(ranges > 0, ranges, np.inf) * sums[0][1]
    return float(max(*figures, groups.max(initial=0.0), scores.max(initial=0.0)))


def _banded(levels: CompressedLevels, K: float) -> BandedKernel | None:
    """Return the banded quadrature where it is faster; None elsewhere."""
    span = float(levels.rewards[-1] - levels.rewards[0])
    if 1 < K < math.inf and _BANDED_FROM < span < _BANDED_TO:
        return BandedKernel(levels.rewards, K)
    return None
