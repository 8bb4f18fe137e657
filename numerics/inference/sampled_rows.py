"""Estimates for prompts whose rows are a sample of their answers: the bias is extrapolated away.

The loop of a prompt's few rows is not that of all its answers, and more prompts do not mend it. In
the number n of rows the bias is c/n + c'/n² + …, so what the loop says from all, half and a quarter
of the rows tells what it would say from infinitely many. ``docs/uncertainty.md`` derives it, says
why it fails at late steps, and shows how often the bands cover.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.inference.bootstrap import followed_groups
from recurate.numerics.inference.resampled_tables import LEVEL
from recurate.numerics.inference.subsamples import (
    LEAST_ROWS,
    Extrapolated,
    Followed,
    blocks,
    rare_growth,
)
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import LARGEST_STEPS, CurationLoop
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.sampling.streams import as_generator
from recurate.numerics.validation import FloatArray, count, finite_number, positive_count, shown

LEAST_SPLITS, MOST_SPLITS, SPLIT_ROWS = 1, 16, 10**5
"""Default number of times that each prompt's rows are cut into halves, quarters and eighths.

So often that they are about as many rows together, for cuts at random make noise in few prompts.
"""

LEAST_PROMPTS = 100.0
"""Fewest prompts, of equal weight, that tell whether an extrapolation has settled."""

MOST_LOOKED_AT = 2000
"""Prompts from which `carried_until` judges."""

# The margin for the bias that is left, and how large it may be: docs/uncertainty.md measures them.
_OF_CHANGE, _OF_COARSER = 3.0, 1.0
_LARGEST_SHARE, _LARGEST_OF_ERROR = 0.35, 0.5
_LEAST_GROWTH = 2 / 3
_ROUNDING = 1e-12

_FIGURES = ("expected_reward", "kl_to_reference")


@dataclass(frozen=True)
class SampledRows(ReadOnlyArrays):
    """Estimates for each prompt's whole population of answers, with pointwise bands.

    NaN stands at steps that are not known from so few rows.

    Attributes
    ----------
    level : float
        Share of tables whose bands are to hold the truth, for each step and figure separately.
    known_until : int or None
        Last step at which the extrapolation has settled; None if there are too few prompts.
    estimates, low, high : dict of ndarray, shape (steps + 1,)
        Estimates and ends of the bands of ``expected_reward`` and ``kl_to_reference``.
    groups : tuple of int
        Numbers of the groups whose shares were followed.
    proportions, low_proportions, high_proportions : ndarray, shape (steps + 1, len(groups))
        Of the shares of those groups.
    expected_scores, low_scores, high_scores : ndarray, shape (steps + 1, scores)
        Of the mean scores, columns as ``law.score_names``.
    prompts : int
        Number of prompts that the estimates rest on.
    left_out : int
        Number of prompts of fewer than four rows, which no estimate heeds.
    mass_left_out : float
        Their share of all prompts' mass.

    Notes
    -----
    Weights and mass at the best reward have no estimates: they are relative to the best answer of
    each prompt, which no sample shows.
    """

    level: float
    known_until: int | None
    estimates: dict[str, FloatArray]
    low: dict[str, FloatArray]
    high: dict[str, FloatArray]
    groups: tuple[int, ...]
    proportions: FloatArray
    low_proportions: FloatArray
    high_proportions: FloatArray
    expected_scores: FloatArray
    low_scores: FloatArray
    high_scores: FloatArray
    prompts: int
    left_out: int
    mass_left_out: float


def extrapolated(
    loop: CurationLoop,
    steps: int,
    *,
    groups: Sequence[int] | None = None,
    splits: int | None = None,
    level: float = LEVEL,
    rng: Any = None,
    on_step: Callable[[int], None] | None = None,
) -> SampledRows:
    """Return what the loop would do with all answers of each prompt, of which rows are a sample.

    Parameters
    ----------
    loop : CurationLoop
        A loop on a law with prompts. A prompt's rows are taken for independent draws from its
        answers, and prompts for independent draws from all prompts.
    steps : int
        Number of retraining steps, from p_ref.
    groups : sequence of int, optional
        Numbers of the groups to follow; all by default.
    splits : int, optional
        How often the rows of each prompt are cut at random into halves, quarters and eighths. More
        cuts make less noise, and each costs some five runs of the loop; by default 1 to 16.
    level : float
        Of the bands, above 0 and below 1.
    rng : int or numpy.random.Generator, optional
        Seed or source of the cuts.
    on_step : callable, optional
        Called with the number of steps' worth of prompts done, up to `steps`.

    Returns
    -------
    SampledRows
        The figures for all answers, with their bands, and the step until which they are known.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, or the law has no prompts, or none with four rows.

    Notes
    -----
    Derived in ``docs/uncertainty.md``. With θ(n) from all rows, and θ(n/2), θ(n/4) from halves and
    quarters, the estimate is (8 θ(n) - 6 θ(n/2) + θ(n/4))/3, and the band adds to the noise of the
    prompts a margin for the bias that may be left. A step at which that margin is not small beside
    the correction is not known, and none after it is; nor is one at which answers too rare for the
    rows would count (`within_reach`).

    Examples
    --------
    Sixteen answers to each of 600 prompts: E[r] at t = 1 is 0.6080 for all answers.

    >>> from recurate import RewardLaw
    >>> rewards = np.random.default_rng(0).normal(size=600 * 16)
    >>> law = RewardLaw(rewards, prompts=np.repeat(np.arange(600), 16))
    >>> loop = CurationLoop(law, K=4, lam=np.inf)
    >>> found = extrapolated(loop, 2, rng=0)
    >>> low, high = found.low["expected_reward"][1], found.high["expected_reward"][1]
    >>> bool(loop.run(steps=1).expected_reward[1] < low < 0.6080 < high)
    True
    """
    law = _checked_law(loop)
    steps = count(steps, "steps", LARGEST_STEPS)
    if splits is not None:
        splits = positive_count(splits, "splits")
    if not 0 < finite_number(level, "level") < 1:
        raise ValueError(f"level must be above 0 and below 1; got {level}")
    generator = as_generator(rng)
    columns = Followed.of(law, followed_groups(law, groups), law.score_names)
    chosen = _prompts_of_enough_rows(law)
    if chosen.size == 0:
        raise ValueError(
            f"law must have prompts of at least {LEAST_ROWS} rows, whose quarters say what more "
            f"rows would; got {len(law.prompt_names):,} of fewer"
        )
    left_out = np.setdiff1d(np.arange(law.prompt_probs.size), chosen)
    moments = Moments(columns, steps)
    done = 0
    splits = splits or _splits(law, chosen)
    for block in blocks(loop, steps, columns, chosen, splits, generator):
        moments.add(block, law.prompt_probs[block.prompts])
        reached = steps * moments.prompts // chosen.size
        if on_step is not None:
            for now in range(done + 1, reached + 1):
                on_step(now)
        done = reached
    found = moments.settled()
    found = found._replace(known_until=within_reach(found.known_until, loop, steps, chosen))
    low, high = found.ends(level)
    # Noise may move an end, or the estimate of a share, over the edge of what it can be.
    least, most = np.full((2, low.shape[1]), [[-np.inf], [np.inf]])
    least[1 : 2 + len(columns.groups)], most[2 : 2 + len(columns.groups)] = 0.0, 1.0
    values = [ends.clip(least, most) for ends in (found.estimate, low, high)]
    for ends in values:
        ends[0 if found.known_until is None else found.known_until + 1 :] = np.nan
    alone = 2 + len(columns.groups)
    figures = [dict(zip(_FIGURES, ends[:, :2].T, strict=True)) for ends in values]
    shares, scores = (
        [ends[:, part] for ends in values] for part in (slice(2, alone), slice(alone, None))
    )
    return SampledRows(
        level=level,
        known_until=found.known_until,
        estimates=figures[0],
        low=figures[1],
        high=figures[2],
        groups=columns.groups,
        proportions=shares[0],
        low_proportions=shares[1],
        high_proportions=shares[2],
        expected_scores=scores[0],
        low_scores=scores[1],
        high_scores=scores[2],
        prompts=chosen.size,
        left_out=left_out.size,
        mass_left_out=float(law.prompt_probs[left_out].sum()),
    )


def carried_until(loop: CurationLoop, steps: int, *, rng: Any = None) -> int | None:
    """Return the last step that `extrapolated` would know if a prompt's rows were a sample.

    Parameters
    ----------
    loop : CurationLoop
        A loop on a law with prompts.
    steps : int
        Number of retraining steps.
    rng : int or numpy.random.Generator, optional
        Of many prompts, `MOST_LOOKED_AT` are drawn, and judged by.

    Returns
    -------
    int or None
        None if there are too few prompts, or none has four rows.

    Raises
    ------
    TypeError, ValueError
        As `extrapolated`.

    Examples
    --------
    >>> from recurate import RewardLaw
    >>> rewards = np.random.default_rng(0).normal(size=600 * 16)
    >>> law = RewardLaw(rewards, prompts=np.repeat(np.arange(600), 16))
    >>> carried_until(CurationLoop(law, K=4, lam=np.inf), 10, rng=0) in (2, 3)
    True
    """
    law = _checked_law(loop)
    steps = count(steps, "steps", LARGEST_STEPS)
    generator = as_generator(rng)
    chosen = _prompts_of_enough_rows(law)
    if chosen.size < LEAST_PROMPTS:
        return None
    if chosen.size > MOST_LOOKED_AT:
        chosen = generator.choice(chosen, MOST_LOOKED_AT, replace=False)
    columns = Followed.of(law, (), ())
    moments = Moments(columns, steps)
    for block in blocks(loop, steps, columns, chosen, _splits(law, chosen), generator):
        moments.add(block, law.prompt_probs[block.prompts])
    return within_reach(moments.settled().known_until, loop, steps, chosen)


def within_reach(known: int | None, loop: CurationLoop, steps: int, chosen: IntArray) -> int | None:
    """Return the last step, at most a known one, at which answers that rows miss matter little."""
    if known is None or known == 0:
        return known
    every = max(1, chosen.size // MOST_LOOKED_AT)
    grows = rare_growth(loop, min(steps, known), chosen[::every]) >= _LEAST_GROWTH
    return min(known, int(np.logical_and.accumulate(grows).sum()) - 1)


class Settled(NamedTuple):
    """What sums over prompts say, each of shape (steps + 1, figures).

    Attributes
    ----------
    estimate, error : ndarray
        Estimates and their standard errors.
    margin : ndarray
        What may be left of the bias.
    known_until : int or None
        Last step at which the extrapolation has settled.
    prompts : float
        Effective number of prompts.
    """

    estimate: FloatArray
    error: FloatArray
    margin: FloatArray
    known_until: int | None
    prompts: float

    def ends(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Return the ends of the bands, by Student's law."""
        from scipy.special import stdtrit  # slow to load

        quantile = float(stdtrit(max(self.prompts - 1.0, 1.0), (1.0 + level) / 2))
        half = quantile * self.error + self.margin
        return self.estimate - half, self.estimate + half


class Moments:
    """Weighted sums over prompts: what estimates, errors and margins need."""

    def __init__(self, columns: Followed, steps: int) -> None:
        self._columns = columns
        shape = (steps + 1, columns.number + 1)
        # The estimate, its distance from the table's, and the two bounds of what may be left.
        self._sums = np.zeros((4, *shape))
        self._squares = np.zeros((3, steps + 1, columns.numerators.size))
        self._weights = np.zeros(2)
        self.prompts = 0

    def add(self, block: Extrapolated, weights: FloatArray) -> None:
        """Add some prompts."""
        estimate, ones = block.quarters, np.ones((*block.quarters.shape[:2], 1))
        change = estimate - block.halves
        changes = _OF_CHANGE * change, _OF_CHANGE * change
        if block.coarser is not None:
            changes = changes[0], _OF_COARSER * (estimate - block.coarser)
        full = np.concatenate([estimate, ones], axis=2)
        parts = (full, block.halves - block.table, *changes)
        for total, values in zip(self._sums, parts, strict=True):
            total[:, : values.shape[2]] += np.einsum("z,tzc->tc", weights, values)
        above, below = full[:, :, self._columns.numerators], full[:, :, self._columns.denominators]
        for square, (one, other) in zip(
            self._squares, ((above, above), (above, below), (below, below)), strict=True
        ):
            square += np.einsum("z,tzf,tzf->tf", weights**2, one, other)
        self._weights += weights.sum(), np.square(weights).sum()
        self.prompts += weights.size

    def settled(self) -> Settled:
        """Return the estimates, and which of them are known."""
        above, below = self._columns.numerators, self._columns.denominators
        total = self._sums[0][:, below]
        estimate = self._sums[0][:, above] / total
        correction, *bounds = (
            np.abs(part[:, above] - estimate * part[:, below]) / total for part in self._sums[1:]
        )
        prompts = float(self._weights[0] ** 2 / self._weights[1]) if self.prompts else 0.0
        first, mixed, second = self._squares
        spread = np.maximum(first - 2 * estimate * mixed + estimate**2 * second, 0.0)
        error = np.sqrt(spread * prompts / max(prompts - 1.0, 1.0)) / total
        margin = np.maximum.accumulate(np.maximum(*bounds), axis=0)
        # The law has settled if its two figures have; the others' margins follow.
        largest = np.maximum(_LARGEST_SHARE * correction, _LARGEST_OF_ERROR * error)
        has_settled = margin <= largest + _ROUNDING * self._columns.scales
        is_known = has_settled[:, :2].all(axis=1) & (prompts > LEAST_PROMPTS - 1e-6)
        known = int(np.logical_and.accumulate(is_known).sum())
        until = known - 1 if known else None
        return Settled(estimate + self._columns.pivots, error, margin, until, prompts)


def _checked_law(loop: CurationLoop) -> RewardLaw:
    if not isinstance(loop, CurationLoop):
        raise TypeError(f"loop must be a CurationLoop; got {shown(loop)}")
    if loop.law.prompt_index is None:
        raise ValueError(
            "law must have prompts, whose rows are a sample of their answers; got one without: its "
            "rows are a sample as they are, and bootstrap_bands and trusted_until speak of that"
        )
    return loop.law


def _prompts_of_enough_rows(law: RewardLaw) -> IntArray:
    rows = np.bincount(law.prompt_of_atoms[law.probs > 0], minlength=law.prompt_probs.size)
    return np.flatnonzero(rows >= LEAST_ROWS)


def _splits(law: RewardLaw, chosen: IntArray) -> int:
    """Return the default number of cuts of these prompts' rows."""
    rows = law.size * chosen.size // law.prompt_probs.size
    return min(MOST_SPLITS, max(LEAST_SPLITS, SPLIT_ROWS // max(rows, 1)))
