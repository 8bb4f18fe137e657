"""From n rewards to some thousands of atoms: moments of bins, and a Gauss rule in each.

One pass over the rewards, in chunks that stay in a cache, sums the powers 0 to 5 of the position in
each of a few thousand bins of equal width; three atoms a bin then have the same moments. The
lowest and highest rewards are kept as they are, and so are the rewards of bins that need more atoms
than they have rewards. Bins are divided where the error bound requires it, in one more pass. See
``docs/compression.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.moments import (
    CHEBYSHEV,
    DEGREE,
    TO_CHEBYSHEV,
    add_moments,
    are_at_one_place,
    drifts_of,
    gauss_rules,
    joined,
)
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.validation import FloatArray

LARGEST_PARTS = 2**19
"""Largest number of bins times groups. If more are needed, the tolerance is not reached."""

_BINS = 2048
_WIDEST = 1 / 40
_MOST_BINS = 2**16
_CHUNK = 2**17
_SAMPLE = 2**13
_KEPT_TOP = 20_000
_KEPT_BOTTOM = 1_000
_LARGEST_KEPT = 2**20  # rewards times groups
_WAITING = 2**18
_PARTS_OF_PLACE = 2**14  # of a bin that has its mass in about 1e-5 of it


class Atoms(NamedTuple):
    """A positive law near the given one, from which the cells are made: bin after bin, ascending.

    Attributes
    ----------
    rewards, probs : ndarray, shape (atoms,)
        The atoms.
    widths : ndarray, shape (atoms,)
        Width of the bin that an atom stands for; 0 if it is one of the law's rewards.
    drifts : ndarray, shape (atoms,)
        Where rewards at about one place are one atom, the largest over the groups of mass times
        distance of the group's mean from the atom; 0 elsewhere, and for ties.
    lefts : ndarray, shape (atoms,)
        Left end of its bin; the reward itself where it was kept as it is.
    points, point_lefts : ndarray, shape (points,)
        Where the groups' rules have their nodes, and the left end of the bin of each; empty
        without groups.
    shares : ndarray, shape (groups, points)
        The groups' weights there, of both signs: right for polynomials of degree 5 in each bin.
    """

    rewards: FloatArray
    probs: FloatArray
    widths: FloatArray
    drifts: FloatArray
    lefts: FloatArray
    points: FloatArray
    point_lefts: FloatArray
    shares: FloatArray


class _Kept:
    """Rewards taken as they are: the distinct ones, and each group's mass there."""

    def __init__(self, each: float | None, n_groups: int) -> None:
        self._each, self._n_groups = each, n_groups
        self._rewards: list[FloatArray] = []
        self._masses: list[FloatArray] = []
        self._groups: list[IntArray] = []
        self._waiting = 0

    def add(self, rewards: FloatArray, probs: FloatArray | None, groups: IntArray | None) -> None:
        """Add rewards; merge ties from time to time, since there may be many."""
        self._rewards.append(rewards)
        self._masses.append(np.full(rewards.size, self._each) if probs is None else probs)
        self._groups.append(np.zeros(rewards.size, dtype=np.intp) if groups is None else groups)
        self._waiting += rewards.size
        if self._waiting > _WAITING:
            distinct, masses = self.distinct()
            self._rewards = [np.tile(distinct, self._n_groups)]
            self._masses = [masses.ravel()]
            self._groups = [np.repeat(np.arange(self._n_groups), distinct.size)]
            self._waiting = 0

    def distinct(self) -> tuple[FloatArray, FloatArray]:
        """Return the distinct rewards, ascending, and the groups' masses, (groups, rewards)."""
        if not self._rewards:
            return np.empty(0), np.empty((self._n_groups, 0))
        rewards, index = np.unique(np.concatenate(self._rewards), return_inverse=True)
        index = index + rewards.size * np.concatenate(self._groups)
        size = rewards.size * self._n_groups
        sums = np.bincount(index, np.concatenate(self._masses), minlength=size)
        masses: FloatArray = sums.astype(np.float64, copy=False)
        return rewards, masses.reshape(self._n_groups, rewards.size)


class BinnedLaw:
    """A law's bins: their moments, and which of them are divided.

    Parameters
    ----------
    law : RewardLaw
        Every reward must have positive probability.
    """

    def __init__(self, law: RewardLaw) -> None:
        self._rewards, self._probs, self._groups = law.rewards, law.probs, law.group_index
        self._n_groups = max(1, len(law.group_names))
        self._each: float | None = _uniform(law.probs)
        self._core = _core(law.rewards, _LARGEST_KEPT // self._n_groups)
        low, high = self._core
        bins = max(_BINS, math.ceil((high - low) / _WIDEST))
        bins = max(1, min(bins, _MOST_BINS, law.size // 4, LARGEST_PARTS // self._n_groups))
        # A little wider, so that no reward below `high` is rounded into another bin.
        self.width = (1.0 + 1e-12) * (high - low) / bins if high > low else 1.0
        self._scale = 1.0 / self.width
        # Number of equal parts of each bin; 0 for a bin whose rewards are kept as they are.
        self._parts = np.ones(bins, dtype=np.intp)
        self._outside = _Kept(self._each, self._n_groups)
        self._moments, self._counts = self._first_pass()
        self._divided: tuple[FloatArray, FloatArray, FloatArray] | None = None
        self._inside = _Kept(self._each, self._n_groups)

    def divide(
        self,
        edges: FloatArray,
        factors: FloatArray,
        drifting: npt.NDArray[np.bool_] | None = None,
    ) -> bool:
        """Make the bins between `edges` narrower by given factors; return whether any was divided.

        Parameters
        ----------
        edges : ndarray, shape (intervals + 1,)
            Ascending.
        factors : ndarray, shape (intervals,)
            How many times narrower the bins in each interval shall be; 1 leaves them.
        drifting : ndarray of bool, shape (intervals,), optional
            The intervals in which to resolve bins of one atom whose groups are not at one place.
        """
        bins = self._parts.size
        centres = self._core[0] + (np.arange(bins) + 0.5) * self.width
        # A bin takes the largest factor of the intervals that it overlaps.
        first = np.searchsorted(edges, centres - self.width / 2, side="right") - 1
        last = np.searchsorted(edges, centres + self.width / 2, side="left") - 1
        first, last = (np.clip(i, 0, factors.size - 1) for i in (first, last))
        wanted = np.maximum(factors[first], factors[last])
        several = np.flatnonzero(last > first + 1)
        for b in several[:_MOST_BINS]:
            wanted[b] = factors[first[b] : last[b] + 1].max()
        if drifting is not None:
            found = np.flatnonzero((self._parts == 1) & (drifting[first] | drifting[last]))
            found = found[self._counts[found] > 0]
            moments = self._moments[..., found]
            apart = are_at_one_place(moments.sum(axis=1)) & (drifts_of(moments) > 0)
            wanted[found[apart]] = np.maximum(wanted[found[apart]], _PARTS_OF_PLACE)
        finer = (wanted > 1.0) & (self._parts > 0) & (self._counts > 0)
        if not finer.any():
            return False
        parts = np.where(finer, np.ceil(self._parts * np.minimum(wanted, 2.0**30)), self._parts)
        # Not worth dividing: no more rewards than the parts would have atoms.
        parts[finer & (self._counts <= 3.0 * parts)] = 0
        if (
            parts[parts > 1].sum() * self._n_groups > LARGEST_PARTS
            or self._counts[parts == 0].sum() * self._n_groups > _LARGEST_KEPT
        ):
            return False
        self._parts = parts.astype(np.intp)
        self._second_pass()
        return True

    def atoms(self, coarse: bool = False) -> Atoms:
        """Return the law's atoms: from its bins, from their parts, and the rewards that are kept.

        Parameters
        ----------
        coarse : bool
            Whether to join bins in pairs first: the errors of their rules are then 64 times larger.
        """
        whole = self._parts == 1
        left_ends = (self._core[0] + np.flatnonzero(whole) * self.width).astype(np.float64)
        widths: FloatArray = np.full(left_ends.size, self.width)
        binned = [(left_ends, widths, self._moments[:, :, whole])]
        if self._divided is not None:
            binned.append(self._divided)
        pieces = [self._rules(*(joined(*bins) if coarse else bins)) for bins in binned]
        for kept in (self._outside, self._inside):
            rewards, masses = kept.distinct()
            zeros = np.zeros(rewards.size)
            pieces.append(
                Atoms(rewards, masses.sum(0), zeros, zeros, rewards, rewards, rewards, masses)
            )
        lefts = np.concatenate([piece.lefts for piece in pieces])
        # By bin, and by reward within a bin: rounding may put an atom beyond its bin's end.
        order = np.lexsort((np.concatenate([piece.rewards for piece in pieces]), lefts))
        points, point_lefts, shares = np.empty(0), np.empty(0), np.empty((0, 0))
        if self._groups is not None:
            point_lefts = np.concatenate([piece.point_lefts for piece in pieces])
            by_bin = np.argsort(point_lefts, kind="stable")
            point_lefts = point_lefts[by_bin]
            points = np.concatenate([piece.points for piece in pieces])[by_bin]
            shares = np.concatenate([piece.shares for piece in pieces], axis=1)[:, by_bin]
        return Atoms(
            np.concatenate([piece.rewards for piece in pieces])[order],
            np.concatenate([piece.probs for piece in pieces])[order],
            np.concatenate([piece.widths for piece in pieces])[order],
            np.concatenate([piece.drifts for piece in pieces])[order],
            lefts[order],
            points,
            point_lefts,
            shares,
        )

    def _chunks(self) -> Iterator[tuple[FloatArray, FloatArray | None, IntArray | None]]:
        for start in range(0, self._rewards.size, _CHUNK):
            rows = slice(start, start + _CHUNK)
            yield (
                self._rewards[rows],
                None if self._each is not None else self._probs[rows],
                None if self._groups is None else self._groups[rows],
            )

    def _first_pass(self) -> tuple[FloatArray, FloatArray]:
        """Return the bins' moments, shape (6, groups, bins), and their numbers of rewards.

        Rewards outside the core are kept.
        """
        low, high = self._core
        bins = self._parts.size
        moments = np.zeros((DEGREE + 1, self._n_groups * (bins + 1)))
        counts = np.zeros(bins + 1)
        # All the work is here: no more passes than needed, over arrays that stay in a cache.
        places, floors = np.empty((2, _CHUNK))
        indices, offsets = np.empty((2, _CHUNK), dtype=np.intp)
        for rewards, probs, groups in self._chunks():
            positions, index = places[: rewards.size], indices[: rewards.size]
            np.subtract(rewards, low, out=positions)
            positions *= self._scale
            np.floor(positions, out=floors[: rewards.size])
            positions -= floors[: rewards.size]
            positions -= 0.5
            np.copyto(index, floors[: rewards.size], casting="unsafe")
            outside = np.flatnonzero((rewards < low) | (rewards >= high))
            if outside.size:
                self._outside.add(*_rows(outside, rewards, probs, groups))
                index[outside] = bins  # one more bin, whose sums are not used
            if probs is not None:
                counts += np.bincount(index, minlength=bins + 1)
            if groups is not None:
                index += np.multiply(groups, bins + 1, out=offsets[: rewards.size])
            add_moments(moments, index, positions, probs)
        moments = moments.reshape(DEGREE + 1, self._n_groups, bins + 1)[..., :bins]
        if self._each is None:
            return moments, counts[:bins]
        return moments * self._each, moments[0].sum(axis=0)

    def _second_pass(self) -> None:
        """Sum the moments of the divided bins' parts, and keep the rewards of bins that need it."""
        low = self._core[0]
        parts = self._parts
        changed = np.flatnonzero(parts != 1)
        hull = (low + changed[0] * self.width, low + (changed[-1] + 1) * self.width)
        slack = 1e-9 * self.width + 1e-15 * (abs(low) + abs(self._core[1]))
        hull = (max(low, hull[0] - slack), min(self._core[1], hull[1] + slack))
        counted = np.where(parts > 1, parts, 0)
        offsets = np.cumsum(counted) - counted
        size = int(counted.sum())
        moments = np.zeros((DEGREE + 1, self._n_groups * size))
        self._inside = _Kept(self._each, self._n_groups)
        for rewards, probs, groups in self._chunks():
            rewards, probs, groups = _rows(
                (rewards >= hull[0]) & (rewards < hull[1]), rewards, probs, groups
            )
            positions = (rewards - low) * self._scale
            index = positions.astype(np.intp)
            into = parts[index]
            if (into == 0).any():
                self._inside.add(*_rows(into == 0, rewards, probs, groups))
            chosen = into > 1
            if not chosen.any():
                continue
            _, probs, groups = _rows(chosen, rewards, probs, groups)
            positions, index, into = positions[chosen], index[chosen], into[chosen]
            positions -= index
            positions *= into
            part = np.minimum(positions.astype(np.intp), into - 1)
            positions -= part
            positions -= 0.5
            part += offsets[index]
            if groups is not None:
                part += groups * size
            add_moments(moments, part, positions, probs)
        self._divided = None
        if size:
            of_bin = np.repeat(np.arange(parts.size), counted)
            widths = self.width / parts[of_bin]
            lefts = low + of_bin * self.width + (np.arange(size) - offsets[of_bin]) * widths
            if self._each is not None:
                moments *= self._each
            self._divided = lefts, widths, moments.reshape(DEGREE + 1, self._n_groups, size)

    def _rules(self, lefts: FloatArray, widths: FloatArray, moments: FloatArray) -> Atoms:
        """Return the atoms of bins with these moments."""
        total = moments.sum(axis=1)
        some = total[0] > 0
        lefts, widths = lefts[some], widths[some]
        moments, total = moments[..., some], total[:, some]
        positions, probs = gauss_rules(total)
        centres = lefts + widths / 2
        used = probs > 0
        rewards = (centres[:, None] + positions * widths[:, None])[used]
        # Rewards at one place, as ties are, stand for themselves.
        tied = are_at_one_place(total)
        size = used.sum(axis=1)
        drifts = np.repeat(np.where(tied, drifts_of(moments), 0.0) * widths, size)
        of_atom, left = np.repeat(np.where(tied, 0.0, widths), size), np.repeat(lefts, size)
        points, point_lefts, shares = np.empty(0), np.empty(0), np.empty((self._n_groups, 0))
        if self._groups is not None:
            loose = ~tied
            places = (centres[:, None] + CHEBYSHEV * widths[:, None])[loose].ravel()
            at_places = np.tensordot(moments[..., loose], TO_CHEBYSHEV, axes=(0, 1))
            points = np.concatenate([places, rewards[of_atom == 0]])
            point_lefts = np.concatenate([np.repeat(lefts[loose], DEGREE + 1), lefts[tied]])
            shares = np.concatenate(
                [at_places.reshape(self._n_groups, -1), moments[0][:, tied]], axis=1
            )
        return Atoms(rewards, probs[used], of_atom, drifts, left, points, point_lefts, shares)


def _rows(
    chosen: np.ndarray, rewards: FloatArray, probs: FloatArray | None, groups: IntArray | None
) -> tuple[FloatArray, FloatArray | None, IntArray | None]:
    return (
        rewards[chosen],
        None if probs is None else probs[chosen],
        None if groups is None else groups[chosen],
    )


def _uniform(probs: FloatArray) -> float | None:
    """Return the probability that all rewards share, or None."""
    first = float(probs[0])
    if probs.strides == (0,) or bool((probs[:_CHUNK] == first).all() and (probs == first).all()):
        return first
    return None


def _core(rewards: FloatArray, most: int) -> tuple[float, float]:
    """Return the range [low, high) that is binned; the few rewards outside are kept as they are.

    It is taken from a sample, so that a lone outlier does not make all bins wide. The largest
    reward is outside for every sample, since its mass is one of the figures.
    """
    n = rewards.size
    sample = np.sort(rewards[np.random.default_rng(0).integers(0, n, min(n, _SAMPLE))])
    share = sample.size / n
    above = sample[max(0, sample.size - 1 - math.floor(share * min(_KEPT_TOP, n / 8, most / 4)))]
    below = sample[math.floor(share * min(_KEPT_BOTTOM, n / 64, most / 4))]
    return min(float(below), float(above)), float(above)
