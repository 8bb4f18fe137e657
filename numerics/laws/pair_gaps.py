"""How decided choices are: the gaps between the rewards of two samples drawn at random."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recurate.numerics.laws.groups import sorted_within
from recurate.numerics.laws.kept import kept_with_law
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import sums_of_masses
from recurate.numerics.validation import FloatArray

_MOST_BINS = 2**12
_LEAST_BINS = 2**6
_PAIRS = 2**23  # that are gone through; or as many a row as follow from the fewest bins
_AT_ONCE = 2**15  # pairs: few enough for a cache
_BITS = 44  # of a double, after those by which gaps are counted first
_ROUNDING = 1e-12  # of sums of masses, so that half of the pairs is half whatever their order


@dataclass(frozen=True)
class PairGaps:
    """Of two samples drawn at random, and not tied, how much better the better one is.

    Attributes
    ----------
    chosen_better : float
        E σ(|r - r'|): the probability that a Bradley–Terry choice between the two takes the better.
    odds : float
        Those odds, E σ(|r - r'|) / E σ(-|r - r'|); inf where the latter is below all doubles.
    median_gap : float
        Median of |r - r'|, in log-odds: the least gap that at least half of the pairs do not pass.
    """

    chosen_better: float
    odds: float
    median_gap: float

    @property
    def median_ratio(self) -> float:
        """Odds that half of all pairs have at least, e^median; inf above 1e308."""
        return math.exp(self.median_gap) if self.median_gap < 709 else math.inf


@kept_with_law
def pair_gaps(law: RewardLaw) -> PairGaps | None:
    """Return how far apart the rewards are of two samples of p_ref; None if all pairs are tied.

    With prompts, the two answer one prompt, which is drawn by its mass.

    Parameters
    ----------
    law : RewardLaw
        Of n atoms. The time is near-linear in n.

    Notes
    -----
    Exact for up to 4,096 distinct rewards in a prompt, unless there are more than 8 million pairs,
    or 32 a row. Then the rewards of a long prompt are put into B bins of less than 2/B of its mass,
    each of which stands at its mean; a reward of at least 1/B keeps its place. B is 4,096, and less
    where many prompts are long. Whether |r - r'| <= g can change, given r, only in the bins around
    r - g and r + g, and likewise given r': each probability of a gap is off by less than 8/B. So
    the median lies between the quantiles 1/2 ± 8/B, and `chosen_better`, as σ goes from 1/2 to 1,
    is off by less than 4/B; both over the share of pairs that are not tied. (Derived here.)

    Of summarised rows, those of which one atom of a bin stands are taken to be untied, with a gap
    of 0, where theirs is at most the bin's width.

    Examples
    --------
    >>> from recurate import RewardLaw
    >>> gaps = pair_gaps(RewardLaw([0.0, 0.0, 1.0]))
    >>> round(gaps.chosen_better, 4), round(gaps.median_ratio, 4)
    (0.7311, 2.7183)
    """
    if law.prompt_index is None and law.probs.strides == (0,):
        levels, untied = _of_rows(law.rewards)
    else:
        levels = _Levels.of(law)
        untied = levels.untied()
        levels = levels.with_fewer(max(_PAIRS, _LEAST_BINS // 2 * law.size))
    within = _within_atoms(law)
    if not untied + within > 0:
        return None
    worse = 0.0
    by_bits = np.zeros(2 ** (63 - _BITS))  # masses of gaps, ascending as their bits do
    for gaps, masses in levels.pairs():
        small = np.exp(-gaps)
        worse += float(masses @ (small / (1 + small)))
        by_bits += np.bincount(gaps.view(np.int64) >> _BITS, masses, by_bits.size)
    # Pairs within one bin, here or of a summary, are the closest, and nearly tied.
    counted = float(by_bits.sum())
    close = within + (max(untied - counted, 0.0) if levels.are_bins else 0.0)
    every = counted + close
    worse = (worse + close / 2) / every
    half = every * (0.5 - _ROUNDING) - close
    return PairGaps(
        1 - worse,
        (1 - worse) / worse if worse > 0 else math.inf,
        levels.quantile(half, by_bits) if half > 0 else 0.0,
    )


def _within_atoms(law: RewardLaw) -> float:
    """Return the mass of the pairs of summarised rows that one atom of a bin stands for."""
    if law.atom_rows is None:
        return 0.0
    pairs = (np.square(law.probs) - law.atom_rows.squares) / law.prompt_probs[law.prompt_of_atoms]
    return max(0.0, float(pairs[law.atom_rows.widths > 0].sum() / 2))


@dataclass(frozen=True)
class _Levels:
    """Distinct rewards of each prompt, ascending, one prompt after the other.

    Attributes
    ----------
    rewards : ndarray, shape (levels,)
    masses : ndarray, shape (levels,)
        Over the root of the prompt's mass: the product of two is p(z) p(x given z) p(y given z).
    starts : ndarray of int, shape (prompts + 1,)
        Where those of each prompt begin, and where the last ones end.
    are_bins : bool
        Whether one may stand for several rewards.
    """

    rewards: FloatArray
    masses: FloatArray
    starts: IntArray
    are_bins: bool = False

    @classmethod
    def of(cls, law: RewardLaw) -> _Levels:
        """Return those of a law that have mass."""
        if law.prompt_index is None:
            rewards, index = law.distinct
            masses = sums_of_masses(index, law.probs, rewards.size)
            starts = np.array([0, rewards.size])
        else:
            order, counts = sorted_within(law.prompt_index, law.rewards)
            rewards, ends = law.rewards[order], np.cumsum(counts)
            is_new = np.append(True, rewards[1:] != rewards[:-1])
            is_new[ends - counts] = True
            starts = np.append(0, np.cumsum(is_new)[ends - 1])
            root = np.sqrt(law.prompt_probs)[law.prompt_index[order]]
            masses = np.add.reduceat(law.probs[order] / root, np.flatnonzero(is_new))
            rewards = rewards[is_new]
        kept = masses > 0
        return cls(rewards[kept], masses[kept], np.append(0, np.cumsum(kept))[starts])

    def untied(self) -> float:
        """Return the mass of the pairs of distinct rewards."""
        before = np.append(0.0, np.cumsum(self.masses))
        within = before[:-1] - np.repeat(before[self.starts[:-1]], np.diff(self.starts))
        return float(self.masses @ within)

    def with_fewer(self, pairs: int) -> _Levels:
        """Return levels of at most about so many pairs: these, or bins of them."""
        sizes, bins = np.diff(self.starts), _MOST_BINS
        while bins > _LEAST_BINS:
            fewer = np.minimum(sizes, bins).astype(np.float64)
            if fewer @ (fewer - 1) / 2 <= pairs:
                break
            bins //= 2
        if sizes.max() <= bins:
            return self
        masses = self.masses
        totals = np.add.reduceat(masses, self.starts[:-1])
        shares = masses / np.repeat(totals, sizes) * bins
        is_alone = (shares >= 1) | np.repeat(sizes <= bins, sizes)
        place = np.cumsum(np.where(is_alone, 0.0, shares))
        is_first = is_alone.copy()
        is_first[1:] |= is_alone[:-1] | (np.floor(place[1:]) > np.floor(place[:-1]))
        is_first[self.starts[:-1]] = True
        firsts = np.flatnonzero(is_first)
        binned = np.add.reduceat(masses, firsts)
        # From the first reward of each bin, so that no digits are lost far from zero.
        bin_of = np.cumsum(is_first) - 1
        beyond = self.rewards - self.rewards[firsts][bin_of]
        means = self.rewards[firsts] + np.add.reduceat(masses * beyond, firsts) / binned
        starts = np.append(0, np.cumsum(is_first))[self.starts]
        return _Levels(means, binned, starts, are_bins=True)

    def pairs(self) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Yield the gaps of all pairs within prompts, and the masses of the pairs, in pieces."""
        ends = np.repeat(self.starts[1:], np.diff(self.starts))
        above = ends - np.arange(1, ends.size + 1)  # how many levels of its prompt lie above each
        done = np.append(0, np.cumsum(above))
        first = 0
        while first < ends.size:
            last = int(np.searchsorted(done, done[first] + _AT_ONCE, side="right")) - 1
            last = max(last, first + 1)
            counts = above[first:last]
            lower = np.repeat(np.arange(first, last), counts)
            upper = np.arange(lower.size) + np.repeat(
                np.arange(first + 1, last + 1) - (done[first:last] - done[first]), counts
            )
            yield (
                self.rewards[upper] - self.rewards[lower],
                self.masses[upper] * self.masses[lower],
            )
            first = last

    def quantile(self, mass: float, by_bits: FloatArray) -> float:
        """Return the least gap that pairs of so much mass do not pass."""
        below = np.cumsum(by_bits)
        bits = int(np.searchsorted(below, mass))
        found = []
        for gaps, masses in self.pairs():
            is_here = gaps.view(np.int64) >> _BITS == bits
            found.append((gaps[is_here], masses[is_here]))
        gaps, masses = (np.concatenate(parts) for parts in zip(*found, strict=True))
        order = np.argsort(gaps)
        upto = (below[bits - 1] if bits else 0.0) + np.cumsum(masses[order])
        place = int(np.searchsorted(upto, mass))
        return float(gaps[order[min(place, order.size - 1)]])


def _of_rows(rewards: FloatArray) -> tuple[_Levels, float]:
    """Return the levels of rows of one weight, or bins of them, and the mass of untied pairs.

    As `_Levels`, but quick for millions of rows: beyond a sort, few passes go over them.
    """
    ascending, size = np.sort(rewards), rewards.size
    firsts = np.flatnonzero(np.append(True, ascending[1:] != ascending[:-1]))
    counts = np.diff(firsts, append=size)
    untied = (size**2 - int(counts @ counts)) / (2 * size**2)
    if firsts.size <= _MOST_BINS:
        return _Levels(ascending[firsts], counts / size, np.array([0, firsts.size])), untied
    marks = ascending[size * np.arange(_MOST_BINS) // _MOST_BINS]
    begins, ends = (np.searchsorted(ascending, marks, side) for side in ("left", "right"))
    is_alone = (ends - begins) * _MOST_BINS >= size
    begins = np.unique([*begins, *ends[is_alone & (ends < size)]])
    counts = np.diff(begins, append=size)
    bins = zip(begins.tolist(), counts.tolist(), strict=True)
    # From the first reward of each bin, so that no digits are lost far from zero.
    beyond = [(ascending[b : b + n] - ascending[b]).sum() for b, n in bins]
    means = ascending[begins] + np.array(beyond) / counts
    return _Levels(means, counts / size, np.array([0, counts.size]), are_bins=True), untied
