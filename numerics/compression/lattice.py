"""Which rewards a summary keeps, and how wide its bins are: a function of the rows alone.

Every rule here is monotone. With more rows fewer of the old rewards are kept, and bins are as wide
or wider. So a summary of some of the rows never knows less than that of all of them needs, and the
summary does not depend on how the rows are split or in which order the parts are joined.
``docs/parts.md`` has the proof.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.tables import Table, coarsened, concatenated, in_bins, scaled
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import LARGEST_SPAN, FloatArray

KEPT_TOP, KEPT_BOTTOM = 20_000, 1_000
"""Entries, of one reward and group each, that are kept as they are, of a prompt."""

KEPT_OF_PROMPTS = 2**20
"""Entries at the top that prompts share evenly."""

BINS = 2**15
"""Default for the most bins, over the range of rewards; eight times as many if groups differ."""

FINEST, COARSEST = 30, -41
"""Levels of the narrowest bins, whose width nothing can tell from 0, and of the widest."""

PAIRS_PER_BIN = 8
_GRADED_PAIRS = 2**19
_OCTAVES = 24
LEAST_BITS, MOST_BITS = 3, 8  # of the distance from the top, that a bin's width resolves
_MANTISSA = 52


class Frame(NamedTuple):
    """What decides where a row is kept: in its own place, or in which bin.

    Attributes
    ----------
    upper : ndarray, shape (prompts,)
        Largest reward that has been put into a bin because it is too far from the prompt's best;
        all above are kept. -inf if none was.
    lower : ndarray, shape (prompts,)
        Likewise, from the other end: rewards below are kept. inf if all rewards are.
    coarsest : int
        Level of the widest bins.
    finest : int
        Level of the narrowest bins.
    bits : int
        A bin is at most 2^-bits of its distance from `upper` wide, down to the finest level.
    """

    upper: FloatArray
    lower: FloatArray
    coarsest: int
    finest: int
    bits: int

    @classmethod
    def first(cls, prompts: int = 1) -> Frame:
        """Return the frame of no rows."""
        none = np.full(prompts, math.inf)
        return cls(-none, none, FINEST, FINEST, MOST_BITS)

    def keeps(self, rewards: FloatArray, prompts: IntArray) -> npt.NDArray[np.bool_]:
        """Return which rewards stay as they are, apart from each prompt's largest and smallest."""
        kept: npt.NDArray[np.bool_] = rewards > self.upper[prompts]
        kept |= rewards < self.lower[prompts]
        return kept

    def levels_of(self, distances: FloatArray) -> IntArray:
        """Return levels of bins for rewards this far below `upper`: no coarser than they may be."""
        exponents = np.frexp(distances)[1].astype(np.intp) - 1  # the floor of their logarithm
        exponents[distances == 0] = -FINEST * 100
        return np.clip(self.bits - exponents, self.coarsest, self.finest)

    def leaves(self, places: FloatArray, prompts: IntArray) -> IntArray:
        """Return the levels of the bins that hold these rewards, or narrower bins at these ends.

        A bin of the coarsest level is divided while it is wider than 2^-bits of the distance of its
        left end from `upper`, or until it is as narrow as allowed.
        """
        upper = self.upper[prompts]
        # The bound by the reward's own distance is at most one level too fine.
        guess = np.maximum(self.levels_of(upper - places) - 1, self.coarsest)
        left = scaled(np.floor(scaled(places, guess)), -guess)
        is_narrow = scaled(1.0, self.bits - guess) <= upper - left
        return np.minimum(np.where(is_narrow, guess, guess + 1), self.finest)


def settled(kept: Table, bins: Table, frame: Frame, most_bins: int) -> tuple[Table, Table, Frame]:
    """Return what a summary of all the rows has, from what it needs of them.

    Parameters
    ----------
    kept, bins : Table
        Of the rows that are kept, and of those that are in bins; neither needs to be reduced.
    frame : Frame
        One that keeps no less, and has no wider bins, than the rows' own frame.
    most_bins : int
        Most bins of the coarsest level; with prompts and groups `PAIRS_PER_BIN` times as many.

    Raises
    ------
    ValueError
        If there are more groups and prompts than bins, or rewards span more than 1e12.
    """
    kept = kept.reduced()
    if kept.size:  # each prompt's largest and smallest reward are kept
        low, high = float(kept.places.min()), float(kept.places.max())
        if high - low > LARGEST_SPAN:
            raise ValueError(
                f"rewards must span at most {LARGEST_SPAN:g}; got values from {low:g} to {high:g}"
            )
    frame = _with_ends(frame, kept)
    evicted = ~frame.keeps(kept.places, kept.prompts)
    starts, ends = _runs(kept.prompts, kept.places)
    of_prompt = _runs(kept.prompts)
    evicted &= (ends != of_prompt[1]) & (starts != of_prompt[0])
    if not (bins.size or evicted.any()):
        return kept, bins, frame
    largest = float(np.abs(kept.places).max())  # each prompt's ends are kept
    finest = min(frame.finest, _MANTISSA - math.frexp(largest)[1])
    keys = _number_of_keys(kept, bins)
    per_key = math.floor(math.log2(max(1.0, _GRADED_PAIRS / (_OCTAVES * keys))))
    bits = min(frame.bits, max(LEAST_BITS, per_key))
    frame = frame._replace(finest=finest, bits=bits)
    frame = frame._replace(coarsest=_coarsest(kept, bins, frame, most_bins, keys))
    out = kept.at(evicted)
    levels = np.full(out.size, finest)
    places = scaled(np.floor(scaled(out.places, levels)), -levels)
    levels = frame.leaves(places, out.prompts)
    places = scaled(np.floor(scaled(out.places, levels)), -levels)
    more = in_bins(out, places, levels).reduced()
    levels = np.concatenate([frame.leaves(bins.places, bins.prompts), more.levels])
    return kept.at(~evicted), coarsened(concatenated([bins, more]), levels), frame


def coarser_frame(frame: Frame) -> Frame:
    """Return a frame whose bins are twice as wide."""
    return frame._replace(
        coarsest=frame.coarsest - 1, finest=frame.finest - 1, bits=max(2, frame.bits - 1)
    )


def _with_ends(frame: Frame, kept: Table) -> Frame:
    """Return the frame with the ends of what is kept: as many entries as each prompt may have."""
    prompts = frame.upper.size
    start, end = _runs(kept.prompts, kept.places)
    first, last = _runs(kept.prompts)
    upper, lower = frame.upper.copy(), frame.lower.copy()
    # Of the rewards above `upper` nothing is missing, so their number from the top is known.
    most = min(KEPT_TOP, KEPT_OF_PROMPTS // prompts)
    far = (last - start > most) & (end != last)
    far &= kept.places > upper[kept.prompts]
    np.maximum.at(upper, kept.prompts[far], kept.places[far])
    far = (end - first > most * KEPT_BOTTOM // KEPT_TOP) & (start != first)
    far &= kept.places < lower[kept.prompts]
    np.minimum.at(lower, kept.prompts[far], kept.places[far])
    return frame._replace(upper=upper, lower=lower)


def _coarsest(kept: Table, bins: Table, frame: Frame, most_bins: int, keys: int) -> int:
    """Return the finest level at which not too many bins have rows."""
    level = min(frame.coarsest, frame.finest)
    places = np.concatenate([kept.places, bins.places])
    key = np.concatenate([kept.groups, bins.groups]) * frame.upper.size
    key += np.concatenate([kept.prompts, bins.prompts])
    needed = numbers_of_cells(np.sort(places), level).astype(np.float64)
    if key.any():
        order = np.lexsort((places, key))
        pairs = numbers_of_cells(places[order], level, key[order])
        needed = np.maximum(needed, pairs / PAIRS_PER_BIN)
    fits = np.flatnonzero(needed <= most_bins)
    if not fits.size:
        raise ValueError(
            f"a summary must have at least one bin for each of its {keys:,} prompts and "
            f"groups; got room for {PAIRS_PER_BIN * most_bins:,}: ask for "
            f"bins={math.ceil(needed[-1]):,}, or leave out the prompts or the groups"
        )
    return level - int(fits[0])


def numbers_of_cells(places: FloatArray, level: int, keys: IntArray | None = None) -> IntArray:
    """Return how many cells hold places, at this level and at each coarser one to the coarsest.

    Places ascend; or with keys those of each key, and then it is pairs of key and cell.
    """
    cells = np.floor(scaled(places, level)).astype(np.int64)  # of 53 bits, see `settled`
    differing = cells[1:] ^ cells[:-1]
    # Two cells are in one from that level on at which no bit of their numbers differs.
    levels = level - COARSEST + 1
    are_apart = differing < 0  # at all levels, on both sides of 0
    if keys is not None:
        are_apart |= keys[1:] != keys[:-1]
    bits = np.frexp(differing.astype(np.float64))[1]
    numbers = np.bincount(np.where(are_apart, levels, bits), minlength=levels + 1)
    return 1 + numbers[:0:-1].cumsum()[::-1][:levels]


def _runs(*columns: npt.NDArray[np.generic]) -> tuple[IntArray, IntArray]:
    """Return, for each entry of tables in order, where its run of equal entries begins and ends."""
    size = columns[0].size
    is_new = np.zeros(size, dtype=bool)
    is_new[:1] = True
    for column in columns:
        is_new[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(is_new)
    run = np.cumsum(is_new) - 1
    return starts[run], np.append(starts[1:], size)[run]


def _number_of_keys(kept: Table, bins: Table) -> int:
    """Return the number of pairs of prompt and group."""
    groups = np.concatenate([kept.groups, bins.groups])
    prompts = np.concatenate([kept.prompts, bins.prompts])
    if not (groups.any() or prompts.any()):
        return 1
    return _number_of_distinct(prompts * (int(groups.max()) + 1) + groups)


def _number_of_distinct(values: npt.NDArray[np.generic]) -> int:
    """Return how many different values there are; NumPy's `unique` may take very long."""
    ascending = np.sort(values)
    return int(np.count_nonzero(ascending[1:] != ascending[:-1])) + 1
