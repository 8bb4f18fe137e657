"""Figures of prompts and of halves, quarters and eighths of their rows, for extrapolation.

``docs/uncertainty.md`` derives how they are combined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.run import states
from recurate.numerics.validation import FloatArray

LEAST_ROWS = 4
"""Fewest rows of a prompt whose quarters have a row each."""

BLOCK_ENTRIES = 2**22
"""Most figures of subsamples that are held at once, of all steps."""

_MOST_PARTS = 8
_PARTS = (2, 4, 8)


class Columns(NamedTuple):
    """What is followed at each step: two figures, then shares of groups, then scores.

    A score has two columns: the sum of its values, less a pivot, and the mass that has one.

    Attributes
    ----------
    groups : tuple of int
        Numbers of the groups that are followed.
    scores : tuple of str
        Names of the scores that are followed.
    pivots : ndarray, shape (figures,)
        Taken off rewards and scores, so that their means keep their digits.
    scales : ndarray, shape (figures,)
        How large a value of each figure may be, less its pivot.
    numerators, denominators : ndarray of int, shape (figures,)
        Columns whose means' ratio each figure is; `number` stands for a column of ones.
    """

    groups: tuple[int, ...]
    scores: tuple[str, ...]
    pivots: FloatArray
    scales: FloatArray
    numerators: IntArray
    denominators: IntArray

    @classmethod
    def of(cls, law: RewardLaw, groups: Sequence[int], scores: Sequence[str]) -> Columns:
        """Return the columns for these groups and scores of a law."""
        alone = 2 + len(groups)
        pivots, scales = np.zeros((2, alone + len(scores)))
        scales[:alone] = 1.0
        followed = [law.rewards, *(law.scores[name] for name in scores)]
        for place, values in zip([0, *range(alone, pivots.size)], followed, strict=True):
            present = ~np.isnan(values)
            mass = law.probs[present]
            pivots[place] = mass @ values[present] / mass.sum()
            scales[place] = np.abs(values[present] - pivots[place]).max()
        firsts = alone + 2 * np.arange(len(scores))
        ones = np.full(alone, alone + 2 * len(scores))
        return cls(
            tuple(groups),
            tuple(scores),
            pivots,
            scales,
            np.concatenate([np.arange(alone), firsts]),
            np.concatenate([ones, firsts + 1]),
        )

    @property
    def number(self) -> int:
        """Number of columns, without that of ones."""
        return 2 + len(self.groups) + 2 * len(self.scores)


class Extrapolated(NamedTuple):
    """Prompts' columns at each step, each of shape (steps + 1, prompts, columns).

    Attributes
    ----------
    prompts : ndarray of int, shape (prompts,)
        Numbers of the prompts among the law's.
    table : ndarray
        By all the prompt's rows, as they are.
    halves : ndarray
        Extrapolated from all rows and halves.
    quarters : ndarray
        Extrapolated from all rows, halves and quarters.
    coarser : ndarray
        Extrapolated likewise from halves, quarters and eighths; NaN for prompts of fewer than
        eight rows.
    """

    prompts: IntArray
    table: FloatArray
    halves: FloatArray
    quarters: FloatArray
    coarser: FloatArray


def blocks(
    loop: CurationLoop,
    steps: int,
    columns: Columns,
    chosen: IntArray,
    splits: int,
    generator: np.random.Generator,
) -> Iterator[Extrapolated]:
    """Yield the columns of some prompts at a time.

    Parameters
    ----------
    loop : CurationLoop
        A loop on a law with prompts.
    steps : int
        Number of steps.
    columns : Columns
        What is followed.
    chosen : ndarray of int
        Numbers of the prompts wanted; each needs `LEAST_ROWS` rows of positive mass.
    splits : int
        How often rows are cut into parts, at random; the parts' figures are averaged.
    generator : numpy.random.Generator
        Source of the cuts.
    """
    law = loop.law
    assert law.prompt_index is not None
    wanted = np.zeros(len(law.prompt_names), dtype=bool)
    wanted[chosen] = True
    rows = np.flatnonzero((law.probs > 0) & wanted[law.prompt_index])
    rows = rows[np.argsort(law.prompt_index[rows], kind="stable")]
    prompts, starts = np.unique(law.prompt_index[rows], return_index=True)
    ends = np.append(starts, rows.size)
    each = (steps + 1) * columns.number * (1 + splits * sum(_PARTS))
    size = max(1, BLOCK_ENTRIES // each)
    most = max(1, BLOCK_ENTRIES // (1 + len(_PARTS) * splits) // 8)  # rows, in many copies
    begin = 0
    while begin < prompts.size:
        fits = int(np.searchsorted(ends, ends[begin] + most, side="right")) - 1
        end = min(max(fits, begin + 1), begin + size)
        part = rows[ends[begin] : ends[end]]
        yield _extrapolated(loop, steps, columns, prompts[begin:end], part, splits, generator)
        begin = end


def _extrapolated(
    loop: CurationLoop,
    steps: int,
    columns: Columns,
    prompts: IntArray,
    rows: IntArray,
    splits: int,
    generator: np.random.Generator,
) -> Extrapolated:
    """Return the columns of these prompts, whose rows stand one prompt after the other."""
    index = loop.law.prompt_index
    assert index is not None
    number = np.searchsorted(prompts, index[rows])
    sizes = np.bincount(number)
    starts = np.cumsum(sizes) - sizes
    has_eighths = sizes >= _MOST_PARTS
    place = np.cumsum(has_eighths) - 1  # among the prompts that have eighths
    copies, labels, count = [rows], [number], prompts.size
    firsts = []  # of each split and kind of part, the number of its first part
    for _ in range(splits):
        order = np.lexsort((generator.random(rows.size), number))
        rank = np.arange(rows.size) - starts[number]
        for parts in _PARTS:
            of_part = number * parts + rank * parts // sizes[number]
            here, taken = order, of_part
            if parts == _MOST_PARTS:
                kept = has_eighths[number]
                here, taken = order[kept], (of_part - (number - place[number]) * parts)[kept]
            copies.append(rows[here])
            labels.append(count + taken)
            firsts.append((parts, count))
            count += parts * (int(has_eighths.sum()) if parts == _MOST_PARTS else prompts.size)
    values, masses, numbers = _columns_of(
        loop, steps, columns, np.concatenate(copies), np.concatenate(labels), count
    )
    whole = values[:, : prompts.size]
    means, shapes = {}, {}
    for parts in _PARTS:
        means[parts] = np.zeros((steps + 1, prompts.size, columns.number))
        shapes[parts] = np.zeros(prompts.size)
        here = has_eighths if parts == _MOST_PARTS else np.ones(prompts.size, dtype=bool)
        for first in (start for kind, start in firsts if kind == parts):
            among = slice(first, first + parts * int(here.sum()))
            share = masses[among].reshape(-1, parts) / masses[: prompts.size][here, None]
            found = values[:, among].reshape(steps + 1, -1, parts, columns.number)
            means[parts][:, here] += np.einsum("tzpc,zp->tzc", found, share) / splits
            inverse = (1.0 / numbers[among]).reshape(-1, parts).sum(axis=1)
            shapes[parts][here] = sizes[here] * inverse
    return _combined(prompts, whole, means, shapes, has_eighths)


def _combined(
    prompts: IntArray,
    whole: FloatArray,
    means: dict[int, FloatArray],
    shapes: dict[int, FloatArray],
    has_eighths: IntArray,
) -> Extrapolated:
    """Extrapolate: the weights take out the bias of order 1/n, and of 1/n² with a third size.

    A mean over parts, weighted by their rows, has 2, 4 and 8 times the bias of order 1/n whatever
    the parts' sizes m, and n Σ 1/m = 4, 16 and 64 times that of order 1/n² if they are equal.
    """
    a, b, c = (shapes[parts] for parts in _PARTS)
    half, quarter, eighth = (means[parts] for parts in _PARTS)
    last = (a - 2.0) / (b - 3.0 * a + 2.0)  # 1/3 for parts of equal size
    fine = (2 + 2 * last)[:, None] * whole - (1 + 3 * last)[:, None] * half
    coarser = np.full_like(whole, np.nan)
    if has_eighths.any():
        a, b, c = (shape[has_eighths] for shape in (a, b, c))
        end = ((b - 2.0 * a) / (2.0 * a - 3.0 * b + c))[:, None]
        coarser[:, has_eighths] = (
            (2 + 2 * end) * half[:, has_eighths]
            - (1 + 3 * end) * quarter[:, has_eighths]
            + end * eighth[:, has_eighths]
        )
    return Extrapolated(prompts, whole, 2 * whole - half, fine + last[:, None] * quarter, coarser)


def _columns_of(
    loop: CurationLoop,
    steps: int,
    columns: Columns,
    rows: IntArray,
    labels: IntArray,
    count: int,
) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return the columns of many small laws, shape (steps + 1, laws, columns), masses and rows."""
    law = loop.law
    probs = law.probs[rows]
    masses = np.bincount(labels, weights=probs)
    small = RewardLaw(
        law.rewards[rows], probs / probs.sum(), prompts=Labels(tuple(range(count)), labels)
    )
    conditional = 1.0 / small.prompt_probs
    values = np.empty((steps + 1, count, columns.number))
    group = None
    if columns.groups:
        assert law.group_index is not None
        place = np.full(len(law.group_names), -1)
        place[list(columns.groups)] = np.arange(len(columns.groups))
        group = place[law.group_index[rows]]
    scores = []
    for name, pivot in zip(columns.scores, columns.pivots[2 + len(columns.groups) :], strict=True):
        column = law.scores[name][rows]
        scores.append((np.nan_to_num(column - pivot), (~np.isnan(column)).astype(np.float64)))
    alone = 2 + len(columns.groups)
    for part, t, state in states(PromptLevels.of(small, None), loop.K, loop.lam, steps):
        here = values[t, part.prompts]
        figures = part.measure_by_prompt(state)
        here[:, 0] = figures.expected_reward - columns.pivots[0]
        here[:, 1] = figures.kl_to_reference
        if group is None and not scores:
            continue
        label = labels[part.atoms]
        mass = np.exp(part.atom_log_probs(state)) * conditional[label]
        label = label - part.first
        if group is not None:
            among = group[part.atoms]
            followed = among >= 0
            key = label[followed] * len(columns.groups) + among[followed]
            shares = np.bincount(
                key, weights=mass[followed], minlength=here.shape[0] * len(columns.groups)
            )
            here[:, 2:alone] = shares.reshape(here.shape[0], -1)
        for number, pair in enumerate(scores):
            for column, weights in enumerate(pair, start=alone + 2 * number):
                here[:, column] = np.bincount(
                    label, weights=mass * weights[part.atoms], minlength=here.shape[0]
                )
    return values, masses, np.bincount(labels)
