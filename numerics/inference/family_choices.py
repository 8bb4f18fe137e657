"""What resampled tables would choose among loops of any rules.

The resamples are drawn once. Each λ or K that is tried is a loop that is run on all of them, and
the answers are interpolated between those, as in `prompt_choices`. A limit for ever is looked at
until a resampled table's loop has settled, and for `LONG_HORIZON` steps at most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice

import numpy as np

from recurate.numerics.inference.families import Family
from recurate.numerics.inference.limits import HORIZON, LONG_HORIZON, Limit
from recurate.numerics.inference.prompt_choices import answers
from recurate.numerics.inference.resampled_curves import RuledLoops, curves_of
from recurate.numerics.inference.resampled_laws import require_few_steps
from recurate.numerics.inference.resampled_scores import source_of_noise
from recurate.numerics.inference.resampled_tables import BLOCK_ENTRIES, resampled
from recurate.numerics.inference.ruled_bins import binned_by_rules
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray

MOST_BINS = 1000
"""Most bins of rows; a limit is looked at over so many loops that they are fewer than for bands."""

_SETTLED = 1e-6  # total change of a law in one step, after which none is expected
_ROUNDING = 1e-8  # of a share
_KL = FIGURES.index("kl_to_reference")


def choices(
    family: Family,
    law: RewardLaw,
    limit: Limit,
    own: float,
    *,
    steps: int | None,
    replicates: int,
    generator: np.random.Generator,
    on_try: Callable[[], None] | None = None,
) -> FloatArray:
    """Return the largest λ, or the largest K, that each resampled table allows.

    Parameters
    ----------
    family, law, limit
        The loops, the law of the table's rows, and the limit.
    own : float
        The table's own answer.
    steps : int or None
        Number of steps for which the limit must hold; None for ever.
    replicates : int
        Number of resampled tables.
    generator : numpy.random.Generator
        Source of randomness.
    on_try : callable, optional
        Called after each value that is tried.

    Returns
    -------
    ndarray, shape (tables,)
        0 (for K: 1) where the resampled real data are beyond the limit themselves; inf where the
        pure loop (or K = inf) is allowed. A table of which a rule can select nothing is left out.
    """
    tables = _Rows(family, law, limit, own, steps, replicates, generator)

    def excess(value: float) -> FloatArray:
        if value == math.inf and family.is_bounded:
            return np.full(replicates, math.inf)
        return tables.excess(value)

    seeks_mixing = family.seeks_mixing
    found = answers(excess, own, tables.allowed, seeks_mixing=seeks_mixing, on_try=on_try)
    return found[~tables.failed]


class _Rows:
    """Resampled tables of rows.

    Attributes
    ----------
    allowed, failed : ndarray of bool, shape (tables,)
        Which are within the limit themselves, and which have nothing that a rule could select.
    """

    def __init__(
        self,
        family: Family,
        law: RewardLaw,
        limit: Limit,
        own: float,
        steps: int | None,
        replicates: int,
        generator: np.random.Generator,
    ) -> None:
        self._family, self._law, self._limit = family, law, limit
        self._steps = LONG_HORIZON if steps is None else steps
        self._settled = _SETTLED if steps is None else 0.0
        self._read = family.columns_read(law, own, self._steps)
        followed = () if limit.group is None else (limit.group,)
        loop = family.loop(law, own)
        rules = loop.schedule.rules(loop.schedule.plan(self._steps), self._steps)
        self._bins = binned_by_rules(law, rules, followed, MOST_BINS)
        table = self._bins[0]
        require_few_steps(table.rewards.size, steps or HORIZON, replicates)
        self._factors = resampled(table, replicates, generator)
        noise = source_of_noise(generator)
        self._noise = [noise.standard_normal((replicates, of.bins.size)) for of in table.scores]
        self.failed = np.zeros(replicates, dtype=bool)
        self.allowed = self._worst(loop, 0) <= 0

    def excess(self, value: float) -> FloatArray:
        """Return how far each loop is beyond the limit at its worst step, shape (tables,)."""
        if self._family.columns_read(self._law, value, self._steps) != self._read:
            raise ValueError(
                f"rule must choose by the same scores for every K; got others for K = {value:g}"
            )
        return self._worst(self._family.loop(self._law, value), self._steps)

    def _worst(self, loop: CurationLoop, steps: int) -> FloatArray:
        loops = RuledLoops(loop, self._bins, self._steps, self._settled)
        worst = np.full(self.failed.size, -math.inf)
        size = max(1, BLOCK_ENTRIES // self._bins[0].cell_mass.size)
        for start in range(0, worst.size, size):
            rows = slice(start, start + size)
            noise = [of[rows] for of in self._noise]
            of_steps = curves_of(loops, self._factors[rows], noise)
            for columns in islice(of_steps, steps + 1):
                self.failed[rows] |= np.isnan(columns[:, _KL])
                excess = _excess(self._limit, columns[:, self._column])
                worst[rows] = np.maximum(worst[rows], excess)
        return worst

    @property
    def _column(self) -> int:
        if self._limit.group is not None:
            return len(FIGURES)
        return _KL if self._limit.score is None else len(FIGURES) + self._limit.score


def _excess(limit: Limit, values: FloatArray) -> FloatArray:
    """Return how far values are beyond a limit; a mean of nothing is as far within as can be."""
    allowance = 0.0 if limit.is_monotone else limit.rounding(_ROUNDING)
    excess = limit.sign * (values - limit.value) - allowance
    return np.where(np.isnan(excess), limit.ends[0] - limit.ends[1], excess)
