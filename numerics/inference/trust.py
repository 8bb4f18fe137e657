"""The last step up to which a table of rewards can be trusted.

A prediction from a sample is an importance-weighted mean over its rows, with the weights p_t/p_ref.
It fails when few rows carry it. Even before, it fails when the weights' tail is so heavy that their
variance is infinite: then the rows that matter most are likely to be missing from the table.
``docs/uncertainty.md`` shows both at work.

With prompts whose rows are all their answers, the prompts are the sample. A figure is the mean of
the prompts' own by p(z), which never changes: the weights neither grow nor have a tail.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.laws.atom_rows import AtomRows
from recurate.numerics.laws.divergences import chi_square
from recurate.numerics.laws.kept import kept_with_law
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

LEAST_SAMPLES = 100.0
"""Effective sample size down to which a prediction from a table is trusted by default."""

LARGEST_TAIL_INDEX = 0.5
"""Tail index up to which the variance of p_t/p_ref is finite."""


def require_rows(law: RewardLaw) -> None:
    """Raise ValueError if a law has a density: it is known, and not a sample of rows."""
    if law.is_continuous:
        raise ValueError(f"law must be that of a table's rows; got {law!r}, which is not a sample")


def effective_sample_size(probs: FloatArray) -> float:
    """Return Kish's effective sample size of rows with these probabilities: (Σ p)²/Σ p²."""
    return float(probs.sum() ** 2 / np.square(probs).sum())


def effective_sample_sizes(trajectory: Trajectory) -> FloatArray:
    """Return the number of rows that p_t effectively rests on, at each step: 1/Σ_i p_t(i)².

    Parameters
    ----------
    trajectory : Trajectory
        A run from p_ref; the atoms of its law are taken to be the rows of a sample. With prompts,
        the prompts are the sample, and the atoms of each are all its answers.

    Returns
    -------
    ndarray, shape (steps + 1,)
        From 1 to n: Kish's effective sample size of the rows, weighted by p_t. For rows of equal
        weight it is n/(1 + χ²(p_t‖p_ref)). A mean under p_t has a relative sampling error of about
        its inverse root. With prompts it is that of the prompts, weighted by p(z), at every step:
        a figure is the mean of the prompts' own, and no step moves mass from one to another.

    Raises
    ------
    ValueError
        If the law has a density: it is not a sample.

    Examples
    --------
    >>> from recurate import CurationLoop, RewardLaw
    >>> loop = CurationLoop(RewardLaw([0.0, 0.0, 0.0, 1.0]), K=math.inf, lam=math.inf)
    >>> effective_sample_sizes(loop.run(steps=9)).round(2)[[0, 1, 9]].tolist()
    [4.0, 3.15, 1.0]
    """
    require_rows(trajectory.law)
    law, steps = trajectory.law, range(trajectory.steps + 1)
    if law.prompt_index is not None:
        return np.full(len(steps), _effective_prompts(law))
    if law.atom_rows is not None:
        return np.array([_size_of_rows(law.atom_rows, trajectory.log_density(t)) for t in steps])
    if law.is_uniform:
        return np.array([law.size / (1.0 + trajectory.chi_square(t)) for t in steps])
    return np.array([effective_sample_size(trajectory.probs(t)) for t in steps])


def _size_of_rows(rows: AtomRows, log_density: FloatArray) -> float:
    """Return the effective sample size of summarised rows, weighted by p_t at their atoms."""
    return _rounded(float(1.0 / (rows.squares @ np.exp(2.0 * log_density))))


def trusted_until(
    trajectory: Trajectory,
    *,
    least: float = LEAST_SAMPLES,
    largest_tail_index: float = LARGEST_TAIL_INDEX,
) -> int | None:
    """Return the last step up to which the table supports the prediction.

    Parameters
    ----------
    trajectory : Trajectory
        A run from p_ref; the atoms of its law are taken to be the rows of a sample, or its prompts
        the prompts of one.
    least : float
        Least effective sample size.
    largest_tail_index : float
        Largest tail index of p_t/p_ref: Hill's estimate from its √n largest values. Above 1/2 their
        variance is infinite, and the effective sample size and the bands promise too much. With
        prompts there is no such tail, for the weights of a sample of prompts are p(z) at every t.

    Returns
    -------
    int or None
        None if the table itself has too few rows, or too few prompts.

    Raises
    ------
    ValueError
        If the law has a density: it is not a sample.
    """
    sizes = effective_sample_sizes(trajectory)
    best = _best_rows(trajectory.law, sizes[0])
    for t, size in enumerate(sizes):
        if size < least or (
            best is not None and _largest(trajectory, t, best).tail_index > largest_tail_index
        ):
            return t - 1 if t > 0 else None
    return trajectory.steps


class _Best(NamedTuple):
    """The √n best rows, and one more, or all if there are fewer; or their values of log g.

    Attributes
    ----------
    atoms : ndarray, shape (best,)
        Numbers of their atoms, or values of log g.
    counts : ndarray, shape (best,), or None
        How many of these rows each atom stands for; None if one each.
    """

    atoms: Any
    counts: FloatArray | None

    @property
    def rows(self) -> float:
        """Number of rows."""
        return self.atoms.size if self.counts is None else _rounded(self.counts.sum())

    @property
    def tail_index(self) -> float:
        """Mean of log g above the least of these values (Hill's estimate)."""
        values = self.atoms
        if values.min() == -math.inf:  # the pure loop's fixed point, on some of these rows only
            return math.inf if values.max() > -math.inf else 0.0
        above = values - values.min()
        total = above.sum() if self.counts is None else self.counts @ above
        return float(total / (self.rows - 1))


def _largest(trajectory: Trajectory, t: int, best: _Best) -> _Best:
    """Return the largest values of log(p_t/p_ref), as many as the best rows."""
    if trajectory._levels.is_compressed:  # of the paper's loop alone, and costly at all rows
        return best._replace(atoms=trajectory.log_density(t, best.atoms))
    return _at_largest(trajectory.law, trajectory.log_density(t), best)


def _at_largest(law: RewardLaw, log_density: FloatArray, best: _Best) -> _Best:
    """Return as many of the largest values as there are best rows.

    In the paper's loop these are the values at the best rows. Other rules may choose by what the
    reward does not show.
    """
    if law.atom_rows is not None:
        largest = _top(log_density, law.atom_rows.counts, best.rows)
        return largest._replace(atoms=log_density[largest.atoms])
    values, at_best = log_density[law.probs > 0], log_density[best.atoms]
    least = at_best.min()
    if np.count_nonzero(values > least) == np.count_nonzero(at_best > least):  # no others are above
        return _Best(at_best, None)
    return _Best(np.partition(values, -best.atoms.size)[-best.atoms.size :], None)


class Trust(NamedTuple):
    """How far a table carries one law: how many rows, and the tail index of its weights.

    Attributes
    ----------
    effective_sample_size : float
        Number of rows that it rests on; with prompts, of prompts.
    tail_index : float
        Hill's estimate for p/p_ref; 0 if there are too few rows for it, and with prompts, whose
        weights no step changes.
    """

    effective_sample_size: float
    tail_index: float

    @property
    def is_trusted(self) -> bool:
        """Whether both are within the bounds for a step that is trusted."""
        return self.effective_sample_size >= LEAST_SAMPLES and self.tail_index <= LARGEST_TAIL_INDEX


def fixed_point_trust(limit: FixedPoint) -> Trust:
    """Return how far a table carries its fixed point, by the conditions of `trusted_until`.

    Raises
    ------
    ValueError
        If the law has a density: it is not a sample.
    """
    require_rows(limit.law)
    if limit.law.prompt_index is not None:
        return Trust(_effective_prompts(limit.law), 0.0)
    law, levels = limit.law, limit._levels
    if law.atom_rows is not None:
        start = _rounded(1.0 / law.atom_rows.squares.sum())
        size = _size_of_rows(law.atom_rows, limit.log_density)
    else:
        start = law.size if law.is_uniform else effective_sample_size(law.probs)
        if law.is_uniform:
            size = law.size / (1.0 + chi_square(limit._state, levels.base))
        else:
            size = effective_sample_size(limit.probs)
    best = _best_rows(law, start)
    if best is None:
        tail_index = 0.0
    elif levels.is_compressed:
        values = levels.atom_log_density(limit._continued, best.atoms)
        tail_index = best._replace(atoms=values).tail_index
    else:
        tail_index = _at_largest(law, limit.log_density, best).tail_index
    return Trust(size, tail_index)


def _effective_prompts(law: RewardLaw) -> float:
    return _rounded(effective_sample_size(law.prompt_probs))


def _rounded(size: float) -> float:
    """Return a size without the rounding by which a hundred equal ones would be fewer."""
    return float(f"{size:.12g}")


def _best_rows(law: RewardLaw, size: float) -> _Best | None:
    """Return the √n best rows, and one more; None if so many are not to be had, or with prompts."""
    if law.prompt_index is not None:
        return None
    best = _tail(law)
    return best if size > best.rows else None


@kept_with_law
def _tail(law: RewardLaw) -> _Best:
    """Return the √n best rows, and one more; all rows if there are fewer."""
    if law.atom_rows is not None:
        counts = law.atom_rows.counts
        return _top(law.rewards, counts, max(2, math.isqrt(round(counts.sum()))) + 1)
    rows = None if law.is_uniform else np.flatnonzero(law.probs)
    rewards = law.rewards if rows is None else law.rewards[rows]
    tail = min(max(2, math.isqrt(rewards.size)) + 1, rewards.size)
    best = np.argpartition(rewards, -tail)[-tail:]
    return _Best(best if rows is None else rows[best], None)


def _top(values: FloatArray, counts: FloatArray, number: float) -> _Best:
    """Return the atoms of the largest values, and how many rows of each are among so many."""
    order = np.argsort(values)[::-1]
    up_to = np.cumsum(counts[order])
    atoms = order[: int(np.searchsorted(up_to, number)) + 1]
    before = np.concatenate([[0.0], up_to[: atoms.size - 1]])
    return _Best(atoms, np.minimum(counts[atoms], number - before))
