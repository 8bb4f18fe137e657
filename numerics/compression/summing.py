"""Makes the summary of rows that come in one after the other."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.compression.content import Content, Names, no_ends, numbers_of
from recurate.numerics.compression.dense_sums import DenseSums, Rows
from recurate.numerics.compression.lattice import (
    COARSEST,
    KEPT_BOTTOM,
    KEPT_TOP,
    Frame,
    numbers_of_cells,
    settled,
)
from recurate.numerics.compression.tables import (
    POWERS,
    Table,
    concatenated,
    empty,
    of_rewards,
    scaled,
    sums_of_rows,
    with_scores,
)
from recurate.numerics.laws.groups import Labels, numbered
from recurate.numerics.laws.reward_law import IntArray
from recurate.numerics.validation import (
    LARGEST_SPAN,
    FloatArray,
    float_vector,
    positive_count,
    real_vector,
    require_at_each,
    require_length,
    shown,
)

LEAST_BINS, MOST_BINS = 2**6, 2**22

_BLOCK = 2**20
_CHUNK = 2**17
_MANY = 2**16
_SAMPLE = 2**13
_WAITING = 2**16
_DENSE = 2**20
_LEAST_WEIGHT = 1e-100  # its square is to be a number
_NONE = np.empty(0, np.intp)
_NO_PROMPTS = np.zeros(1, np.intp)


class RowSums:
    """The sums of a summary, to which rows are added; their order does not matter.

    Parameters
    ----------
    bins : int
        Most bins, as of `Content`.
    """

    def __init__(self, bins: int) -> None:
        self._bins = positive_count(bins, "bins", MOST_BINS)
        if self._bins < LEAST_BINS:
            raise ValueError(
                f"bins must be an integer from {LEAST_BINS} to {MOST_BINS}; got {bins}"
            )
        self._rows = 0
        self._groups: dict[Hashable, int] | None = None
        self._prompts: dict[Hashable, int] | None = None
        self._scores: dict[str, int] = {}
        self._ends = np.empty((2, 0))
        self._frame = Frame.first()
        self._kept: list[Table] = []
        self._binned: list[Table] = []
        self._dense: DenseSums | None = None
        self._range = math.inf, -math.inf

    def add(
        self,
        rewards: Any,
        weights: Any,
        groups: Iterable[Hashable] | Labels | None,
        prompts: Iterable[Hashable] | Labels | None,
        scores: Mapping[str, Any] | None,
    ) -> None:
        """Add some rows, as `SummaryBuilder.add`."""
        rewards = _finite(rewards, "rewards")
        size = rewards.size
        low, high = self._range
        if size:
            low, high = min(low, float(rewards.min())), max(high, float(rewards.max()))
        if high - low > LARGEST_SPAN:
            raise ValueError(
                f"rewards must span at most {LARGEST_SPAN:g}; got values from {low:g} to {high:g}"
            )
        if weights is not None:
            weights = _finite(weights, "weights")
            require_length(weights.size, "weights", size)
            if size and not _LEAST_WEIGHT <= weights.min() <= weights.max() <= 1 / _LEAST_WEIGHT:
                are_good = (weights >= _LEAST_WEIGHT) & (weights <= 1 / _LEAST_WEIGHT)
                allowed = f"weights must be 0, or from {_LEAST_WEIGHT:g} to {1 / _LEAST_WEIGHT:g}"
                require_at_each(are_good | (weights == 0), weights, allowed)
        columns = _scores(scores, size)
        labels = [
            None if some is None else (numbered(some, size, what) if size else Labels((), _NONE))
            for some, what in ((groups, "groups"), (prompts, "prompts"))
        ]
        if self._rows:
            self._require_alike(labels)
        else:  # of no rows it does not count whether they had some
            self._groups = self._prompts = None
        numbers = [None if of is None else of.numbers for of in labels]
        rows = Rows(rewards, weights, numbers[0], numbers[1], tuple(columns.values()))
        if weights is not None and size and not weights.min() > 0:
            rows = rows.at(np.flatnonzero(weights))
        self._range = low, high
        self._rows += size
        self._groups, of_groups = _renumbered(self._groups, labels[0], rows.groups)
        self._prompts, of_prompts = _renumbered(self._prompts, labels[1], rows.prompts)
        rows = rows._replace(
            groups=of_groups, prompts=of_prompts, scores=self._all_scores(columns, rows)
        )
        for start in range(0, rows.rewards.size, _BLOCK):
            self._add_block(rows.at(slice(start, start + _BLOCK)))

    def content(self) -> Content:
        """Return what the summary of the rows so far holds; more may be added."""
        self._settle()
        names = Names(
            None if self._groups is None else tuple(self._groups),
            None if self._prompts is None else tuple(self._prompts),
            tuple(self._scores),
        )
        [kept], [binned] = self._kept, self._binned
        ends = self._ends.copy()
        return Content(self._rows, self._bins, names, kept, binned, self._frame, ends)

    def take(self, content: Content) -> None:
        """Start from what a summary holds."""
        names = content.names
        self._rows, self._bins = content.rows, content.bins
        self._groups = None if names.groups is None else numbers_of(names.groups)
        self._prompts = None if names.prompts is None else numbers_of(names.prompts)
        self._scores, self._ends = numbers_of(names.scores), content.score_ends.copy()
        self._frame, self._kept, self._binned = content.frame, [content.kept], [content.binned]
        if content.kept.size:
            places = content.kept.places
            self._range = float(places.min()), float(places.max())

    def _require_alike(self, labels: list[Labels | None]) -> None:
        for what, before, now in zip(
            ("groups", "prompts"), (self._groups, self._prompts), labels, strict=True
        ):
            if (before is None) != (now is None):
                raise ValueError(
                    f"parts must all have {what}, or none; got {'none' if now is None else what} "
                    f"after {self._rows:,} rows {'with' if now is None else 'without'}"
                )

    def _all_scores(self, columns: Mapping[str, FloatArray], rows: Rows) -> tuple[FloatArray, ...]:
        """Return a column for each score so far; of names that are new there is room made."""
        new = [name for name in columns if name not in self._scores]
        if new:
            self._settle()
            before = range(len(self._scores))
            self._scores.update({name: len(before) + i for i, name in enumerate(new)})
            number = len(self._scores)
            self._kept = [with_scores(table, 1, before, number) for table in self._kept]
            self._binned = [with_scores(table, POWERS, before, number) for table in self._binned]
            self._ends = np.concatenate([self._ends, no_ends(len(new))], axis=1)
        found = dict(zip(columns, rows.scores, strict=True))
        missing = np.broadcast_to(np.nan, rows.rewards.size)
        for name, place in self._scores.items():
            values = found.get(name)
            if values is not None and not np.isnan(values).all():
                self._ends[0, place] = min(self._ends[0, place], np.nanmin(values))
                self._ends[1, place] = max(self._ends[1, place], np.nanmax(values))
        return tuple(found.get(name, missing) for name in self._scores)

    def _add_block(self, rows: Rows) -> None:
        frame = self._frame = _padded(self._frame, len(self._prompts or ()) or 1)
        if rows.prompts is None and rows.rewards.size > _CHUNK:
            some = rows.rewards[:: 2**4]
            if np.count_nonzero(frame.keeps(some, _NO_PROMPTS)) > _MANY / 2**4:
                likely = frame.keeps(rows.rewards, _NO_PROMPTS) & _likely_ends(rows.rewards)
                self._keep(rows.at(likely))
                self._settle()
                rows = rows.at(~likely)
        for start in range(0, rows.rewards.size, _CHUNK):
            self._add_chunk(rows.at(slice(start, start + _CHUNK)), rows.rewards[start:])
        if self._dense is not None and self._dense.occupied > self._bins:
            self._settle()

    def _add_chunk(self, rows: Rows, rewards: FloatArray) -> None:
        """Add some rows; the rewards are theirs and those that come next."""
        if rows.prompts is None and np.isfinite(self._frame.upper[0]):
            groups = 1 if self._groups is None else len(self._groups)
            if self._dense is not None and self._dense.groups < groups:
                self._settle()
            if self._dense is None:
                self._dense = self._dense_for(rewards, groups)
            rows = rows.at(self._dense.add(rows))
        if rows.rewards.size == 0:
            return
        prompts = _NO_PROMPTS if rows.prompts is None else rows.prompts
        kept = self._frame.keeps(rows.rewards, prompts)
        if kept.any():
            self._keep(rows.at(kept))
        if not kept.all():
            self._bin(rows.at(~kept))
        sizes, more = ([t.size for t in tables] for tables in (self._kept, self._binned))
        if sum(sizes[1:] + more[1:]) > max(_WAITING, sum(sizes[:1] + more[:1])):
            self._settle()

    def _keep(self, rows: Rows) -> None:
        if rows.rewards.size:
            self._kept.append(
                of_rewards(rows.rewards, rows.prompts, rows.groups, rows.weights, rows.scores)
            )

    def _bin(self, rows: Rows) -> None:
        """Put rows into bins that are out of the reach of `DenseSums`."""
        size = rows.rewards.size
        none = np.zeros(size, np.intp)
        prompts = none if rows.prompts is None else rows.prompts
        groups = none if rows.groups is None else rows.groups
        upper = self._frame.upper[prompts]
        levels = self._frame.levels_of(upper - rows.rewards)
        positions = scaled(rows.rewards, levels)
        floors = np.floor(positions)
        places = scaled(floors, -levels)
        positions -= floors
        positions -= 0.5
        sums = sums_of_rows(positions, size, rows.weights, rows.scores)
        self._binned.append(Table(prompts, groups, places, levels, sums))

    def _settle(self) -> None:
        """Join what waits, and find where the bins are."""
        scores = len(self._scores)
        if self._dense is not None:
            self._binned.append(self._dense.table())
            self._dense = None
        frame = _padded(self._frame, len(self._prompts or ()) or 1)
        kept, binned, self._frame = settled(
            concatenated(self._kept or [empty(scores, 1)]),
            concatenated(self._binned or [empty(scores, POWERS)]),
            frame,
            self._bins,
        )
        self._kept, self._binned = [kept], [binned]

    def _dense_for(self, rewards: FloatArray, groups: int) -> DenseSums:
        """Return room for the sums of rewards like these."""
        frame = self._frame
        inside = np.sort(rewards[~frame.keeps(rewards, _NO_PROMPTS)])
        # Fewer rows have no more bins, so this level is not too coarse.
        too_fine = np.count_nonzero(numbers_of_cells(inside, frame.coarsest) > self._bins)
        level = max(COARSEST, frame.coarsest - int(too_fine))
        frame = frame._replace(coarsest=level)
        most = max(1, min(4 * self._bins, _DENSE // groups))
        if inside.size == 0:
            return DenseSums(frame, (float(frame.upper[0]), 1), groups, len(self._scores))
        width = float(scaled(1.0, -level))
        room = most * width
        begin, end = float(inside[0]), float(inside[-1])
        if end - begin < room:
            slack = min((room - (end - begin)) / 2, (end - begin) / 4)
            begin, end = begin - slack, end + slack
        else:  # where most of them are
            numbers = np.searchsorted(inside, inside + room) - np.arange(inside.size)
            begin = float(inside[np.argmax(numbers)])
            end = begin + room
        cells = min(most, int(np.ceil((end - begin) / width)) + 1)
        return DenseSums(frame, (begin, cells), groups, len(self._scores))


def _finite(values: Any, name: str) -> FloatArray:
    """Return real numbers as an array that is not written to, perhaps without any."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64 and values.ndim == 1:
        with np.errstate(over="ignore", invalid="ignore"):
            is_finite = np.isfinite(values.sum())
        if is_finite:
            return values
    elif len(values) == 0:
        return np.empty(0)
    return real_vector(values, name)


def _scores(scores: Any, size: int) -> dict[str, FloatArray]:
    """Return columns by name, checked."""
    if scores is None:
        return {}
    if not isinstance(scores, Mapping):
        raise TypeError(f"scores must be a mapping from names to columns; got {shown(scores)}")
    checked = {}
    for name, values in scores.items():
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"scores must have names; got {shown(name)}")
        what = f"scores[{shown(name)}]"
        column = float_vector(values, what) if size else np.empty(0)
        require_length(column.size, what, size)
        require_at_each(~np.isinf(column), column, f"{what} must be finite, or NaN if missing")
        checked[name] = column
    return checked


def _renumbered(
    known: dict[Hashable, int] | None, labels: Labels | None, numbers: IntArray | None
) -> tuple[dict[Hashable, int] | None, IntArray | None]:
    """Return all names so far, and the numbers of these labels among them."""
    if labels is None or numbers is None:
        return known, None
    known = {} if known is None else known
    places = np.zeros(len(labels.names), np.intp)
    for number in np.flatnonzero(np.bincount(numbers, minlength=len(labels.names))).tolist():
        places[number] = known.setdefault(labels.names[number], len(known))
    return known, places[numbers]


def _padded(frame: Frame, prompts: int) -> Frame:
    """Return a frame with room for prompts that are new."""
    more = np.full(prompts - frame.upper.size, np.inf)
    if not more.size:
        return frame
    return frame._replace(
        upper=np.concatenate([frame.upper, -more]), lower=np.concatenate([frame.lower, more])
    )


def _likely_ends(rewards: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which rewards are likely to be among those that are kept, judged by a sample."""
    size = rewards.size
    sample = np.sort(rewards[np.random.default_rng(0).integers(0, size, _SAMPLE)])
    top, bottom = (int(1.5 * most * _SAMPLE / size) + 8 for most in (KEPT_TOP, KEPT_BOTTOM))
    likely: npt.NDArray[np.bool_] = rewards > sample[max(0, _SAMPLE - 1 - top)]
    likely |= rewards < sample[min(bottom, _SAMPLE - 1)]
    return likely
