"""What resampled tables would choose among loops of any rules.

The resamples are drawn once. Each λ or K that is tried is a loop that is run on all of them, and
the answers are interpolated between those, as in `prompt_choices`. A limit for ever is looked at
until a resampled table's loop has settled, and for `LONG_HORIZON` steps at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from recurate.numerics.inference.family_search import Family
from recurate.numerics.inference.limits import HORIZON, LONG_HORIZON, Limit
from recurate.numerics.inference.prompt_choices import answers
from recurate.numerics.inference.resampled_curves import RuledLoops, curves_of
from recurate.numerics.inference.resampled_laws import require_few_steps
from recurate.numerics.inference.resampled_prompts import counts_of_prompts
from recurate.numerics.inference.resampled_scores import source_of_noise
from recurate.numerics.inference.resampled_tables import BLOCK_ENTRIES, resampled
from recurate.numerics.inference.ruled_bins import binned_by_rules
from recurate.numerics.laws.levels import FIGURES, sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.pieces import results, sent
from recurate.numerics.rules.rule import Rule
from recurate.numerics.validation import FloatArray

MOST_BINS = 1000
"""Most bins of rows; a limit is looked at over so many loops that they are fewer than for bands."""

_BLOCK = 50  # tables of one piece of work; as quick as more at once
_SETTLED = 1e-6  # total change of a law in one step, after which none is expected
_ROUNDING = 1e-8  # of a share
_KL = FIGURES.index("kl_to_reference")


class Question(NamedTuple):
    """What is asked of each resampled table.

    Attributes
    ----------
    family, law, limit
        The loops, the law of the table's rows, and the limit.
    own : float
        The table's own answer.
    steps : int or None
        Number of steps for which the limit must hold; None for ever.
    """

    family: Family
    law: RewardLaw
    limit: Limit
    own: float
    steps: int | None


def choices(
    question: Question,
    *,
    replicates: int,
    generator: np.random.Generator,
    on_try: Callable[[], None] | None,
    executor: Executor | None = None,
) -> FloatArray:
    """Return the largest λ, or the largest K, that each resampled table allows.

    Parameters
    ----------
    question : Question
        What is asked.
    replicates : int
        Number of resampled tables.
    generator : numpy.random.Generator
        Source of randomness.
    on_try : callable, optional
        Called after each value that is tried.
    executor : concurrent.futures.Executor, optional
        What runs a loop on resampled tables of rows.

    Returns
    -------
    ndarray, shape (tables,)
        0 (for K: 1) where the resampled real data are beyond the limit themselves; inf where the
        pure loop (or K = inf) is allowed. A table of which a rule can select nothing is left out.
    """
    family = question.family
    tables: _Rows | _Prompts
    if question.law.prompt_index is None:
        tables = _Rows(question, replicates, generator, executor)
    else:
        tables = _Prompts(question, replicates, generator)

    def excess(value: float) -> FloatArray:
        if value == math.inf and family.is_bounded:
            return np.full(replicates, math.inf)
        return tables.excess(value)

    found = answers(
        excess, question.own, tables.allowed, seeks_mixing=family.seeks_mixing, on_try=on_try
    )
    return found[~tables.failed]


class _Drawn(NamedTuple):
    """Resampled tables of rows, and what is asked of them."""

    question: Question
    bins: Any
    factors: FloatArray
    noise: list[FloatArray]

    @property
    def horizon(self) -> int:
        """Number of steps that are looked at."""
        steps = self.question.steps
        return LONG_HORIZON if steps is None else steps

    def worst(
        self, rows: slice, value: float, steps: int
    ) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Return how far the loops are beyond the limit, and where a rule can select nothing.

        Parameters
        ----------
        rows : slice
            Numbers of the tables.
        value : float
            λ or K.
        steps : int
            Number of steps up to which the worst is looked for.

        Returns
        -------
        worst, failed : ndarray, shape (tables,)
        """
        family, law, limit, *_ = self.question
        settled = _SETTLED if self.question.steps is None else 0.0
        loops = RuledLoops(family.loop(law, value), self.bins, self.horizon, settled)
        factors, noise = self.factors[rows], [of[rows] for of in self.noise]
        worst, failed = np.full(len(factors), -math.inf), np.zeros(len(factors), dtype=bool)
        for columns in islice(curves_of(loops, factors, noise), steps + 1):
            failed |= np.isnan(columns[:, _KL])
            worst = np.maximum(worst, _excess(limit, columns[:, _column(limit)]))
        return worst, failed


def _worst(rows: slice, value: float, steps: int, drawn: _Drawn) -> Any:
    return drawn.worst(rows, value, steps)


def _column(limit: Limit) -> int:
    if limit.group is not None:
        return len(FIGURES)
    return _KL if limit.score is None else len(FIGURES) + limit.score


class _Rows:
    """Resampled tables of rows.

    Attributes
    ----------
    allowed, failed : ndarray of bool, shape (tables,)
        Which are within the limit themselves, and which have nothing that a rule could select.
    """

    def __init__(
        self,
        question: Question,
        replicates: int,
        generator: np.random.Generator,
        executor: Executor | None,
    ) -> None:
        family, law, limit, own, steps = question
        self._family, self._law, self._executor = family, law, executor
        self._steps = LONG_HORIZON if steps is None else steps
        self._read = family.columns_read(law, own, self._steps)
        followed = () if limit.group is None else (limit.group,)
        rules = family.loop(law, own).schedule.plan(self._steps).rules
        bins = binned_by_rules(law, rules, followed, MOST_BINS)
        table = bins[0]
        require_few_steps(table.rewards.size, steps or HORIZON, replicates)
        factors = resampled(table, replicates, generator)
        source = source_of_noise(generator)
        noise = [source.standard_normal((replicates, of.bins.size)) for of in table.scores]
        size = max(1, min(_BLOCK, BLOCK_ENTRIES // table.cell_mass.size))
        self._blocks = [slice(start, start + size) for start in range(0, replicates, size)]
        self._drawn = sent(_Drawn(question, bins, factors, noise), executor)
        self.failed = np.zeros(replicates, dtype=bool)
        self.allowed = self._worst(own, 0) <= 0

    def excess(self, value: float) -> FloatArray:
        """Return how far each loop is beyond the limit at its worst step, shape (tables,)."""
        if self._family.columns_read(self._law, value, self._steps) != self._read:
            raise ValueError(
                f"rule must choose by the same scores for every K; got others for K = {value:g}"
            )
        return self._worst(value, self._steps)

    def _worst(self, value: float, steps: int) -> FloatArray:
        calls = {rows.start: partial(_worst, rows, value, steps) for rows in self._blocks}
        blocks = [*results(calls, self._executor, self._drawn)]
        self.failed |= np.concatenate([failed for _, failed in blocks])
        return np.concatenate([worst for worst, _ in blocks])


class _Prompts:
    """Resampled tables of prompts, as the numbers of times that each prompt counts.

    That does not change the loop within a prompt, so each λ or K is one loop for all tables. The
    attributes are those of `_Rows`; prompts that a rule drops are not resampled.
    """

    def __init__(self, question: Question, replicates: int, generator: np.random.Generator) -> None:
        family, law, self._limit, own, steps = question
        self._family, self._law = family, law
        self._steps, self._for_ever = HORIZON if steps is None else steps, steps is None
        start = family.loop(law, own)
        looked_at = self._steps if not isinstance(start.schedule.rule, Rule) else 0
        kept = start.run(steps=looked_at)
        prompts = kept.law.prompt_probs.size
        if prompts < 2:
            raise ValueError(f"ranges need at least 2 prompts that are not dropped; got {prompts}")
        self._counts = counts_of_prompts(replicates, prompts, generator)[1:].astype(np.float64)
        self.failed = np.zeros(replicates, dtype=bool)
        sums_at_start = self._sums(kept.law, kept.probs(0), np.zeros(kept.law.size))
        self.allowed = self._beyond(sums_at_start) <= 0

    def excess(self, value: float) -> FloatArray:
        """Return how far each loop is beyond the limit at its worst step, shape (tables,)."""
        loop = self._family.loop(self._law, value)
        run = loop.run(steps=self._steps)
        worst = np.full(self.failed.size, -math.inf)
        for t in range(self._steps + 1):
            at_t = self._sums(run.law, run.probs(t), run.log_density(t))
            worst = np.maximum(worst, self._beyond(at_t))
        if self._for_ever:
            limit = loop.fixed_point()
            last = self._sums(limit.law, limit.probs, limit.log_density)
            worst = np.maximum(worst, self._beyond(last))
        return worst

    def _sums(self, law: RewardLaw, probs: FloatArray, log_density: FloatArray) -> FloatArray:
        """Return what the limited quantity is the ratio of, by prompt, shape (2, prompts)."""
        number, index = law.prompt_probs.size, law.prompt_of_atoms
        if self._limit.score is not None:
            values = list(law.scores.values())[self._limit.score]
            mass = np.where(np.isnan(values), 0.0, probs)
            totals = sums(index, mass * np.nan_to_num(values), number)
            return np.stack([totals, sums(index, mass, number)])
        if self._limit.group is not None:
            terms = probs * (law.group_index == self._limit.group)
        else:
            terms = probs * np.where(probs > 0, log_density, 0.0)
        return np.stack([sums(index, terms, number), law.prompt_probs])

    def _beyond(self, by_prompt: FloatArray) -> FloatArray:
        total, mass = self._counts @ by_prompt.T[:, 0], self._counts @ by_prompt.T[:, 1]
        none = np.full(mass.shape, np.nan)
        return _excess(self._limit, np.divide(total, mass, out=none, where=mass > 0))


def _excess(limit: Limit, values: FloatArray) -> FloatArray:
    """Return how far values are beyond a limit; a mean of nothing is as far within as can be."""
    allowance = 0.0 if limit.is_monotone else limit.rounding(_ROUNDING)
    excess = limit.sign * (values - limit.value) - allowance
    return np.where(np.isnan(excess), limit.ends[0] - limit.ends[1], excess)
