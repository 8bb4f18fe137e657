"""Figures of prompts and of halves, quarters and eighths of their rows, for extrapolation.

``docs/uncertainty.md`` derives how they are combined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.inference.resampled_prompts import sums_by_prompt
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.paper_run import states
from recurate.numerics.validation import FloatArray

LEAST_ROWS = 4
"""Fewest rows of a prompt whose quarters have a row each."""

BLOCK_ENTRIES = 2**22
"""Most figures of subsamples that are held at once, of all steps."""

_CUTS = (2, 4, 8)
_RARE = 1e-9  # of an answer's mass


class Followed(NamedTuple):
    """What is followed at each step: two figures, then shares of groups, then scores.

    Scores have two columns each: the sum of its values, less a pivot, and, after all sums, the
    mass that has a value.

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
    def of(cls, law: RewardLaw, groups: Sequence[int], scores: Sequence[str]) -> Followed:
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
        ones = np.full(alone, pivots.size + len(scores))
        return cls(
            tuple(groups),
            tuple(scores),
            pivots,
            scales,
            np.arange(pivots.size),
            np.concatenate([ones, pivots.size + np.arange(len(scores))]),
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
    coarser : ndarray or None
        Extrapolated likewise from halves, quarters and eighths; None for prompts of fewer than
        eight rows, which stand together.
    """

    prompts: IntArray
    table: FloatArray
    halves: FloatArray
    quarters: FloatArray
    coarser: FloatArray | None


def blocks(
    loop: CurationLoop,
    steps: int,
    columns: Followed,
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
    columns : Followed
        What is followed.
    chosen : ndarray of int
        Numbers of the prompts wanted; each needs `LEAST_ROWS` rows of positive mass.
    splits : int
        How often rows are cut into parts, at random; the parts' figures are averaged.
    generator : numpy.random.Generator
        Source of the cuts.
    """
    law, prompt = loop.law, loop.law.prompt_of_atoms
    wanted = np.zeros(len(law.prompt_names), dtype=bool)
    wanted[chosen] = True
    rows = np.flatnonzero((law.probs > 0) & wanted[prompt])
    rows = rows[np.argsort(prompt[rows], kind="stable")]
    sizes = np.bincount(prompt[rows], minlength=wanted.size)
    for cuts, is_meant in ((_CUTS[:2], sizes < _CUTS[2]), (_CUTS, sizes >= _CUTS[2])):
        prompts = np.flatnonzero(wanted & is_meant)
        of_these = rows[is_meant[prompt[rows]]]
        ends = np.concatenate([[0], np.cumsum(sizes[prompts])])
        figures = (steps + 1) * columns.number * (1 + splits * sum(cuts))
        most_rows = BLOCK_ENTRIES // (8 * (1 + splits * len(cuts)))  # which are in many copies
        begin = 0
        while begin < prompts.size:
            end = int(np.searchsorted(ends, ends[begin] + most_rows, side="right")) - 1
            end = max(begin + 1, min(end, begin + BLOCK_ENTRIES // figures))
            here = of_these[ends[begin] : ends[end]]
            parts = _parts(sizes[prompts[begin:end]], cuts, splits, generator)
            yield _extrapolated(loop, steps, columns, prompts[begin:end], here, parts)
            begin = end


class _Parts(NamedTuple):
    """All rows of some prompts, and their parts: each cut takes each row once.

    Attributes
    ----------
    rows : ndarray of int
        Numbers of rows, many times.
    labels : ndarray of int
        The part that each is in; the first parts are the prompts themselves.
    firsts : dict
        By the number of parts that a prompt is cut into: the first such part of each cut.
    number : int
        Number of parts.
    """

    rows: IntArray
    labels: IntArray
    firsts: dict[int, list[int]]
    number: int


def _parts(
    sizes: IntArray, cuts: Sequence[int], splits: int, generator: np.random.Generator
) -> _Parts:
    """Cut the rows of prompts of these sizes, which stand one prompt after the other."""
    prompt = np.repeat(np.arange(sizes.size), sizes)
    rank = np.arange(prompt.size) - (np.cumsum(sizes) - sizes)[prompt]
    rows: list[IntArray] = [np.arange(prompt.size)]
    labels: list[IntArray] = [prompt]
    firsts: dict[int, list[int]] = {parts: [] for parts in cuts}
    number = sizes.size
    for _ in range(splits):
        order = np.lexsort((generator.random(prompt.size), prompt))
        for parts in cuts:
            rows.append(order)
            part: IntArray = rank * parts // sizes[prompt]
            labels.append(number + prompt * parts + part)
            firsts[parts].append(number)
            number += parts * sizes.size
    return _Parts(np.concatenate(rows), np.concatenate(labels), firsts, number)


def _extrapolated(
    loop: CurationLoop,
    steps: int,
    columns: Followed,
    prompts: IntArray,
    rows: IntArray,
    parts: _Parts,
) -> Extrapolated:
    """Return the columns of these prompts, whose rows stand one prompt after the other.

    The weights take out the bias of order 1/n, and of 1/n² with a third size. A mean over parts,
    weighted by their rows, has 2, 4 and 8 times the bias of order 1/n whatever the parts' sizes m,
    and n Σ 1/m = 4, 16 and 64 times that of order 1/n² if they are equal.
    """
    rows = rows[parts.rows]
    values = _columns_of(loop, steps, columns, rows, parts)
    masses = sums(parts.labels, loop.law.probs[rows], parts.number)
    numbers = np.bincount(parts.labels)
    whole = values[:, : prompts.size]
    means, shapes = [], []
    for size, firsts in parts.firsts.items():
        mean = np.zeros_like(whole)
        for first in firsts:
            among = slice(first, first + size * prompts.size)
            share = masses[among].reshape(-1, size) / masses[: prompts.size, None]
            found = values[:, among].reshape(steps + 1, -1, size, columns.number)
            mean += np.einsum("tzpc,zp->tzc", found, share) / len(firsts)
        means.append(mean)
        inverse = (1.0 / numbers[among]).reshape(-1, size).sum(axis=1)
        shapes.append((numbers[: prompts.size] * inverse)[:, None])
    (half, quarter), (two, four) = means[:2], shapes[:2]
    third = (two - 2.0) / (four - 3.0 * two + 2.0)  # 1/3 for parts of equal size
    quarters = (2.0 + 2.0 * third) * whole - (1.0 + 3.0 * third) * half + third * quarter
    coarser = None
    if len(means) > 2:
        eight, eighth = shapes[2], means[2]
        third = (four - 2.0 * two) / (eight - 3.0 * four + 2.0 * two)
        coarser = (2.0 + 2.0 * third) * half - (1.0 + 3.0 * third) * quarter + third * eighth
    return Extrapolated(prompts, whole, 2.0 * whole - half, quarters, coarser)


def _columns_of(
    loop: CurationLoop, steps: int, columns: Followed, rows: IntArray, parts: _Parts
) -> FloatArray:
    """Return the columns of each part, shape (steps + 1, parts, columns)."""
    law, labels, number = loop.law, parts.labels, parts.number
    probs = law.probs[rows]
    prompts: Any = Labels(tuple(range(number)), labels)
    small = RewardLaw(law.rewards[rows], probs / probs.sum(), prompts=prompts)
    if law.group_index is not None:
        small.group_names, small.group_index = law.group_names, law.group_index[rows]
    pivots = columns.pivots[2 + len(columns.groups) :]
    # Not checked again: in some rows a score may have no value at all.
    small.scores = {
        name: law.scores[name][rows] - pivot
        for name, pivot in zip(columns.scores, pivots, strict=True)
    }
    values = np.empty((steps + 1, number, columns.number))
    for part, t, state in states(PromptLevels.of(small, None), loop.K, loop.lam, steps):
        figures, these = part.measure_by_prompt(state), part.prompts
        values[t, these, 0] = figures.expected_reward - columns.pivots[0]
        values[t, these, 1] = figures.kl_to_reference
        if columns.number > 2:
            found = sums_by_prompt(part, state, columns.groups)
            values[t, these, 2:] = found / part.masses[:, None]
    return values


def rare_growth(loop: CurationLoop, steps: int, chosen: IntArray) -> FloatArray:
    """Return how far the growth of rare best answers falls short of proportion to their mass.

    Parameters
    ----------
    loop : CurationLoop
        A loop on a law with prompts.
    steps : int
        Number of steps.
    chosen : ndarray of int
        Numbers of prompts.

    Returns
    -------
    ndarray, shape (steps + 1,)
        Of the prompts whose best answer is one row: its mean mass at t, over that which it would
        have if it grew by the factor of an answer of a far smaller mass. 1 if there are none.
    """
    law = loop.law
    best = np.flatnonzero((law.rewards == law.prompt_best[law.prompt_of_atoms]) & (law.probs > 0))
    number = np.bincount(law.prompt_of_atoms[best], minlength=law.prompt_probs.size)
    is_meant = np.zeros(number.size, dtype=bool)
    is_meant[chosen] = number[chosen] == 1
    rows = np.flatnonzero(is_meant[law.prompt_of_atoms] & (law.probs > 0))
    if rows.size == 0:
        return np.ones(steps + 1)
    is_best = np.zeros(law.size, dtype=bool)
    is_best[best] = True
    masses = []
    for factor in (1.0, _RARE):
        probs = law.probs[rows] * np.where(is_best[rows], factor, 1.0)
        prompts: Any = law.prompt_of_atoms[rows]
        few = RewardLaw(law.rewards[rows], probs / probs.sum(), prompts=prompts)
        run = CurationLoop(few, K=loop.K, lam=loop.lam).run(steps=steps)
        assert run.by_prompt is not None
        masses.append(run.by_prompt.mass_at_max)
    own, rare = masses
    growth: FloatArray = own.sum(axis=1) / (rare / rare[0] * own[0]).sum(axis=1)
    return growth
