"""Bootstrap bands: what the sampling noise of a table does to every curve of a trajectory.

The rewards of a table are a sample of the real data's. With another sample the loop would take
another course, most of all in late steps, which depend on the few best rewards. In the Poisson
bootstrap every row counts a Poisson number of times, of mean 1. ``docs/uncertainty.md`` explains
what the bands cover.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.curation.transform import Terms, nodes_for
from recurate.numerics.inference.trust import require_rows
from recurate.numerics.laws.levels import FIGURES, Figures, sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray, count, finite_number, shown

REPLICATES = 200
"""Default number of bootstrap samples."""

LEVEL = 0.95
"""Default share of the bootstrap samples inside the band, at each step."""

_RELATIVE_RANKS, _LARGEST_SHARE = 0.03, 1 / 256  # of the rows above a bin, and of all, in a bin
_BLOCK_ENTRIES = 2**22
_SHARES = ("expected_weight", "mass_at_max")  # at most one


@dataclass(frozen=True)
class Bands(ReadOnlyArrays):
    """Pointwise bootstrap bands of a trajectory.

    Attributes
    ----------
    level : float
        Share of the bootstrap samples inside the band, for each step and figure separately.
    replicates : int
        Number of bootstrap samples.
    low, high : dict of ndarray, shape (steps + 1,)
        Lower and upper ends, by the name of the figure (``levels.FIGURES``).
    groups : tuple of int
        Numbers of the groups whose shares were followed.
    low_proportions, high_proportions : ndarray, shape (steps + 1, len(groups))
        Ends for the shares of those groups.
    """

    level: float
    replicates: int
    low: dict[str, FloatArray]
    high: dict[str, FloatArray]
    groups: tuple[int, ...]
    low_proportions: FloatArray
    high_proportions: FloatArray


def bootstrap_bands(
    loop: CurationLoop,
    trajectory: Trajectory,
    *,
    groups: Sequence[int] | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    rng: Any = None,
    on_step: Callable[[int], None] | None = None,
) -> Bands:
    """Return bands for a run of the loop from p_ref, from resampled tables.

    Parameters
    ----------
    loop : CurationLoop
        The loop; the atoms of its law are taken for the rows of a sample of the real data.
    trajectory : Trajectory
        Its run.
    groups : sequence of int, optional
        Numbers of the groups to follow; all by default.
    replicates : int
        Number of bootstrap samples, at least 2.
    level : float
        Share of them inside the band, above 0 and below 1.
    rng : int or numpy.random.Generator, optional
        Seed or source of randomness.
    on_step : callable, optional
        Called with the number of steps done, of ``trajectory.steps`` times the number of blocks.

    Returns
    -------
    Bands
        Percentiles of the bootstrap's curves. Tables of more than some hundred distinct rewards are
        binned, and the difference between the curves of the table and of its bins is added.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, the trajectory is on another law or from another start
        than p_ref, or the law has a density: it is not a sample.

    Notes
    -----
    Derived in ``docs/uncertainty.md``. The bands show the noise of the sample. They include neither
    model error nor rewards better than every row.

    Examples
    --------
    >>> law = RewardLaw(np.random.default_rng(0).normal(size=500))
    >>> loop = CurationLoop(law, K=4, lam=1.0)
    >>> bands = bootstrap_bands(loop, loop.run(steps=3), rng=0)
    >>> bool((bands.low["expected_reward"] < bands.high["expected_reward"]).all())
    True
    """
    require_rows(loop.law)
    if trajectory.law is not loop.law or trajectory.kl_to_reference[0] > 0:
        raise ValueError(
            "trajectory must be a run of this loop from p_ref; got one on another law or from "
            f"another start: {trajectory.law!r}, KL(p_0‖p_ref) = {trajectory.kl_to_reference[0]:g}"
        )
    replicates = count(replicates, "replicates")
    if replicates < 2:
        raise ValueError(f"replicates must be an integer of at least 2; got {replicates}")
    if not 0 < finite_number(level, "level") < 1:
        raise ValueError(f"level must be above 0 and below 1; got {level}")
    followed = _followed(loop.law, groups)
    table = _binned(loop.law, followed)
    engine = _ManyLaws(table.rewards, loop)
    generator = np.random.default_rng(rng)
    width = max(table.cell_mass.size, engine.width)
    size = max(1, min(replicates, _BLOCK_ENTRIES // width))
    steps = trajectory.steps
    curves = np.empty((replicates + 1, steps + 1, len(FIGURES) + len(followed)))
    # The first curve is that of the table itself, in the same bins.
    masses = np.ones((1, table.cell_mass.size))
    done = 0
    for start in range(0, replicates + 1, size):
        rows = slice(start, min(start + size, replicates + 1))
        factors = _resampled(table, rows.stop - max(rows.start, 1), generator)
        if start == 0:
            factors = np.concatenate([masses, factors])
        for t, values in enumerate(_curves(table, engine, factors, steps)):
            curves[rows, t] = values
            if on_step is not None and t > 0:
                done += 1
                on_step(done)
    moved = curves[1:] - curves[0]
    tails = np.quantile(moved, [(1 - level) / 2, (1 + level) / 2], axis=0)
    own = np.column_stack(
        [getattr(trajectory, name) for name in FIGURES]
        + [trajectory.group_proportions[:, list(followed)]]
    )
    of_figures = len(FIGURES)
    # Binning may move an end over the edge of what a figure can be.
    least = np.array([-np.inf if name == "expected_reward" else 0.0 for name in FIGURES])
    most = np.array([1.0 if name in _SHARES else np.inf for name in FIGURES])
    shares = np.ones(len(followed))
    ends = (own + tails).clip(np.append(least, 0 * shares), np.append(most, shares))
    low, high = np.moveaxis(ends, 2, 1)
    return Bands(
        level=level,
        replicates=replicates,
        low=dict(zip(FIGURES, low, strict=False)),
        high=dict(zip(FIGURES, high, strict=False)),
        groups=followed,
        low_proportions=low[of_figures:].T,
        high_proportions=high[of_figures:].T,
    )


def _followed(law: RewardLaw, groups: Sequence[int] | None) -> tuple[int, ...]:
    number = len(law.group_names)
    if groups is None:
        return tuple(range(number))
    if not isinstance(groups, Iterable):
        raise TypeError(f"groups must be a sequence of numbers of groups; got {shown(groups)}")
    for group in groups:
        if count(group, "groups") >= number:
            raise ValueError(f"groups must be numbers from 0 to {number - 1}; got {group}")
    return tuple(int(group) for group in groups)


class _Table(NamedTuple):
    """Rows in bins of reward, and in cells: the rows of one bin and one followed group.

    Attributes
    ----------
    rewards : ndarray, shape (bins,)
        Ascending; mean reward of each bin.
    weights : ndarray, shape (bins,)
        Relative weights of those.
    at_max : int
        Number of the bin of the best reward.
    cell_mass : ndarray, shape (cells,)
        Sum of the rows' probabilities; cells by bin, then by group.
    cell_rows : ndarray, shape (cells,)
        Effective number of rows, (Σ v)²/Σ v²: so many rows of equal weight vary as much.
    cell_bin : ndarray of int, shape (cells,)
        Bin of each cell.
    cell_group : ndarray of int, shape (cells,)
        Position of its group among those followed, or their number if it is not followed.
    """

    rewards: FloatArray
    weights: FloatArray
    at_max: int
    cell_mass: FloatArray
    cell_rows: FloatArray
    cell_bin: IntArray
    cell_group: IntArray
    followed: int


def _binned(law: RewardLaw, followed: tuple[int, ...]) -> _Table:
    """Put the rows into bins that are finer near the top, on which late steps depend."""
    starts = _bin_starts(np.sort(law.rewards))
    bins = np.searchsorted(starts, law.rewards, side="right") - 1
    place = np.full(len(law.group_names) + 1, len(followed))
    place[list(followed)] = np.arange(len(followed))
    of_group = place[law.group_index] if law.group_index is not None else np.zeros(1, np.intp)
    width = len(followed) + 1
    key = bins * width + of_group
    cells = starts.size * width
    mass = sums(key, law.probs, cells)
    present = np.flatnonzero(mass)
    # As shares of their cell: squares of small probabilities may underflow.
    own = mass[key]
    shares = np.divide(law.probs, own, out=np.zeros_like(own), where=own > 0)
    squares = sums(key, shares**2, cells)
    total = sums(bins, law.probs, starts.size)
    # Relative to the bin's start, so that a single reward keeps its digits.
    above = sums(bins, law.probs * (law.rewards - starts[bins]), starts.size)
    rewards = starts + np.divide(above, total, out=np.zeros_like(total), where=total > 0)
    return _Table(
        rewards=rewards,
        weights=np.exp(np.minimum(rewards - law.max_reward, 0.0)),
        at_max=int(np.searchsorted(starts, law.max_reward, side="right")) - 1,
        cell_mass=mass[present],
        cell_rows=1.0 / squares[present],
        cell_bin=present // width,
        cell_group=present % width,
        followed=len(followed),
    )


def _bin_starts(ascending: FloatArray) -> FloatArray:
    """Return the lowest reward of each bin, ascending; equal rewards are in one bin."""
    size, rank, starts = ascending.size, 0, []
    while rank < size:
        rank += max(1, int(min(_RELATIVE_RANKS * rank, _LARGEST_SHARE * size)))
        starts.append(ascending[max(0, size - rank)])
        # Equal rewards stay together.
        rank = size - int(np.searchsorted(ascending, starts[-1]))
    return np.array(starts[::-1])


def _resampled(table: _Table, replicates: int, generator: np.random.Generator) -> FloatArray:
    """Return factors of the cells' masses, shape (replicates, cells).

    A cell's mass is a scaled Poisson number. Its mean and variance are those of the sum of the
    cell's rows, each counted a Poisson number of times; for rows of equal weight it is that sum.
    """
    effective = table.cell_rows
    counts = generator.poisson(effective, size=(replicates, effective.size))
    while (empty := counts.sum(axis=1) == 0).any():  # of a few rows: no table at all
        counts[empty] = generator.poisson(effective, size=(int(empty.sum()), effective.size))
    return counts / effective


def _curves(
    table: _Table, engine: _ManyLaws, factors: FloatArray, steps: int
) -> Iterator[FloatArray]:
    """Yield the figures and shares at each step, shape (replicates, figures + groups)."""
    cells = table.cell_mass * factors
    cells /= cells.sum(axis=1, keepdims=True)
    firsts = np.flatnonzero(np.diff(table.cell_bin, prepend=-1))
    reference = np.zeros((cells.shape[0], table.rewards.size))
    reference[:, table.cell_bin[firsts]] = np.add.reduceat(cells, firsts, axis=1)
    by_group = [np.flatnonzero(table.cell_group == group) for group in range(table.followed)]
    probs = reference
    for t in range(steps + 1):
        if t > 0:
            probs = engine.step(probs, reference)
        density = np.divide(probs, reference, out=np.zeros_like(probs), where=reference > 0)
        shares = [
            (cells[:, chosen] * density[:, table.cell_bin[chosen]]).sum(axis=1)
            for chosen in by_group
        ]
        yield np.column_stack([*_figures(table, probs, density), *shares])


def _figures(table: _Table, probs: FloatArray, density: FloatArray) -> Figures[FloatArray]:
    """Return the figures, each of shape (replicates,)."""
    mean_weight = probs @ table.weights
    variance = (probs * (table.weights - mean_weight[:, None]) ** 2).sum(axis=1)
    logarithm = np.log(density, out=np.zeros_like(density), where=density > 0)
    top = table.rewards[-1]
    return Figures(
        expected_weight=mean_weight,
        variance_weight=variance,
        expected_reward=top + probs @ (table.rewards - top),
        kl_to_reference=(probs * logarithm).sum(axis=1),
        mass_at_max=probs[:, table.at_max],
    )


class _ManyLaws:
    """The loop's step for many laws on the same rewards at once, as matrix products.

    Made for bands: accurate to about 1e-12 of the largest density, whereas the curation ratio is
    accurate to the last digits of the smallest.
    """

    def __init__(self, rewards: FloatArray, loop: CurationLoop) -> None:
        self._K, self._rewards = loop.K, rewards
        self._real, self._synthetic = loop.real_fraction, loop.synthetic_fraction
        relative, nodes = rewards - rewards[-1], np.empty(0)
        if 1 < loop.K < math.inf:
            nodes = nodes_for(relative, loop.K)
        self._terms = Terms.of(relative, nodes)
        self._integrand = self._terms.arguments * self._terms.powers
        self.width = max(rewards.size, nodes.size)

    def step(self, probs: FloatArray, reference: FloatArray) -> FloatArray:
        """Return the next law of each, shape (laws, rewards)."""
        mixed: FloatArray = self._real * reference + self._synthetic * self._curated(probs)
        return mixed

    def _curated(self, probs: FloatArray) -> FloatArray:
        if self._K == 1:
            return probs
        curated: FloatArray
        with np.errstate(divide="ignore"):
            if self._K == math.inf:
                logarithms = np.log(probs) + self._rewards
                curated = np.exp(logarithms - logarithms.max(axis=1, keepdims=True))
            else:  # without the factor K/4, which normalising takes out
                powers = np.exp((self._K - 1) * self._terms.log_transform(probs))
                curated = probs * (powers @ self._integrand.T)
        curated /= curated.sum(axis=1, keepdims=True)
        return curated
