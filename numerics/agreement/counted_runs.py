"""Runs of a loop of any rule by counts: samples are multinomial, and the curated law is exact.

Given the samples that a model generated, winners are independent with the law p H of those samples,
which the engine knows. So no candidate has to be drawn, and the laws of the runs are those of a
loop that is retrained by resampling, at its sizes: nothing is of an order in 1/n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.levels import Figures
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BestOf, Rule, Stages, Voters
from recurate.numerics.rules.dropped import kept_prompts, without
from recurate.numerics.rules.rule import LogRatio, column_of
from recurate.numerics.rules.within import one_of_each
from recurate.numerics.sampling.choices_by_rule import kept_together, looks_at_all
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.validation import FloatArray

Counts = npt.NDArray[np.int64]

_MOST_ENTRIES = 2**22  # counts that are held at once


def figures_of_counts(counts: npt.NDArray[Any], law: RewardLaw) -> tuple[FloatArray, FloatArray]:
    """Return the figures of samples that are counted by atom.

    Parameters
    ----------
    counts : ndarray, shape (runs, steps, n)
        How often each atom was generated; equally many samples in all, or of each prompt.
    law : RewardLaw
        The atoms.

    Returns
    -------
    figures : ndarray, shape (runs, steps, 5)
        In the order of `recurate.numerics.laws.levels.FIGURES`; the divergence is NaN.
    groups : ndarray, shape (runs, steps, n_groups)
        Shares of the groups.
    """
    has_prompts = law.prompt_index is not None
    prompt, masses = law.prompt_of_atoms, law.prompt_probs if has_prompts else np.ones(1)
    order = np.argsort(prompt, kind="stable")
    starts = np.searchsorted(prompt[order], np.arange(masses.size))
    weights, relative = law.relative_weights, law.relative_rewards
    shares = counts / counts[0, 0][prompt == 0].sum()
    means = np.add.reduceat((shares * weights)[:, :, order], starts, axis=2)
    shares = shares * masses[prompt]
    best = float(masses @ law.prompt_best)
    figures = Figures(
        expected_weight=means @ masses,
        variance_weight=shares @ weights**2 - means**2 @ masses,
        expected_reward=best + shares @ relative,
        kl_to_reference=np.full(counts.shape[:2], math.nan),
        mass_at_max=shares @ (relative == 0).astype(np.float64),
    )
    groups = np.zeros((law.size, len(law.group_names)))
    if law.group_index is not None:
        groups[np.arange(law.size), law.group_index] = 1.0
    return np.stack(figures, axis=-1), shares @ groups


def counted_runs(
    loop: CurationLoop, sizes: Sequence[Sizes], runs: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return the figures of independent runs of a loop, as `figures_of_counts`.

    Parameters
    ----------
    loop : CurationLoop
        The loop; no rule drops prompts of its law.
    sizes : sequence of Sizes
        Those of each step, and of what is generated last.
    runs : int
        Number of runs.
    rng : numpy.random.Generator
        Source of randomness.

    Notes
    -----
    Winners are drawn from p H. Two exceptions are made as `recurate.simulate` makes them: the best
    few of K are kept together, so their ranks are drawn; and a later stage that looks at its whole
    pool (the best share, K = inf) has a pool of what the stage before chose, as many as the larger
    number of generated samples and winners.
    """
    process = _Process(loop, sizes, rng)
    at_once = max(1, _MOST_ENTRIES // (len(sizes) * loop.law.size))
    parts = []
    for start in range(0, runs, at_once):
        number = min(at_once, runs - start)
        counts = np.array([process.run() for _ in range(number)])
        parts.append(figures_of_counts(counts, loop.law))
    figures, groups = zip(*parts, strict=True)
    return np.concatenate(figures), np.concatenate(groups)


def without_dropped(loop: CurationLoop, steps: int) -> tuple[CurationLoop, npt.NDArray[np.bool_]]:
    """Return a loop on its law without prompts that are dropped, and which atoms are kept, (n,)."""
    law, schedule = loop.law, loop.schedule
    kept = np.ones(law.prompt_probs.size, dtype=bool)
    if schedule.K is None and law.prompt_index is not None:
        rules = schedule.plan(steps).rules
        kept = kept_prompts(law, rules, law.probs)
        if not kept.all():
            loop = loop.on(without(law, kept, rules))
    return loop, kept[law.prompt_of_atoms]


class _Process:
    """One run of a loop after another: laws and counts have a row for each prompt."""

    def __init__(
        self, loop: CurationLoop, sizes: Sequence[Sizes], rng: np.random.Generator
    ) -> None:
        self._law, self._sizes, self._rng = loop.law, sizes, rng
        self._plan = loop.schedule.plan(len(sizes) - 1)
        self._is_accumulated = loop.training is not None
        prompt = self._law.prompt_of_atoms
        numbers = np.bincount(prompt)
        order = np.argsort(prompt, kind="stable")
        place = np.empty(prompt.size, np.intp)
        # Before a prompt's atoms there may be empty places: the last one takes what is left of 1.
        place[order] = np.arange(prompt.size) - np.repeat(np.cumsum(numbers), numbers)
        self._shape = (numbers.size, int(numbers.max()))
        self._at = (prompt, place + self._shape[1])
        self._reference = self._rows(self._law.probs / self._law.prompt_probs[prompt])
        self._prepared: dict[int, LogRatio] = {}
        self._levels = cache(self._levels_of)

    def run(self) -> Counts:
        """Return what is generated at each step of a run, shape (steps + 1, n)."""
        first = self._sizes[0].initial
        model = self._reference if first is None else self._drawn(self._reference, first) / first
        kept: Any = None
        found = []
        for t, sizes in enumerate(self._sizes):
            generated = self._drawn(model, sizes.generated)
            found.append(generated[self._at])
            if t == len(self._sizes) - 1:
                break
            pool = generated / sizes.generated
            training = np.zeros(self._shape, np.int64)
            if sizes.curated:
                self._batch = max(sizes.generated, sizes.curated)
                numbers = np.full(self._shape[0], sizes.curated)
                training += self._winners(self._plan(t).rule, pool, numbers, is_fresh=False)
            if sizes.retained:
                training += self._drawn(pool, sizes.retained)
            if kept is not None:
                training += kept
            elif sizes.real:
                training += self._drawn(self._reference, sizes.real)
            if self._is_accumulated:
                kept = training
            model = training / training.sum(axis=1, keepdims=True)
        return np.array(found)

    def _rows(self, values: npt.NDArray[Any]) -> FloatArray:
        """Return values of the atoms in a row for each prompt."""
        rows = np.zeros(self._shape)
        rows[self._at] = values
        return rows

    def _drawn(self, probs: FloatArray, numbers: Any) -> Counts:
        return self._rng.multinomial(numbers, probs)

    def _winners(self, rule: Rule, probs: FloatArray, numbers: Counts, is_fresh: bool) -> Counts:
        """Return how often each atom wins in so many choices of each prompt.

        The pool is fresh if each of its samples is chosen for the choice by an earlier stage.
        """
        if kept_together(rule) == 1:
            return self._drawn(self._curated(rule, probs, is_fresh), numbers)
        if isinstance(rule, Stages):
            earlier, last = rule.rules[:-1], rule.rules[-1]
            if earlier:
                probs, is_fresh = self._curated(Stages(earlier), probs, is_fresh), True
            return self._winners(last, probs, numbers, is_fresh)
        if isinstance(rule, Voters):
            probs, is_fresh = self._seen(rule, probs, is_fresh)
            shares, rules = zip(*rule.voters, strict=True)
            theirs = self._drawn(np.array(shares) / sum(shares), numbers)
            each = zip(rules, theirs.T, strict=True)
            counts: Counts = sum(
                (self._winners(of, probs, n, is_fresh) for of, n in each),
                start=np.zeros(self._shape, np.int64),
            )
            return counts
        assert isinstance(rule, BestOf)
        rows = zip(self._levels(rule.by), probs, numbers, strict=True)
        return np.array([self._kept(rule, *row) for row in rows])

    def _curated(self, rule: Rule, probs: FloatArray, is_fresh: bool) -> FloatArray:
        """Return the law of a winner, or of what a stage is shown."""
        if isinstance(rule, Stages):
            for stage in rule.rules:
                probs, is_fresh = self._curated(stage, probs, is_fresh), True
            return probs
        probs, is_fresh = self._seen(rule, probs, is_fresh)
        if isinstance(rule, Voters):
            voters = [voter for voter in rule.voters if voter[0] > 0]
            terms = (share * self._curated(of, probs, is_fresh) for share, of in voters)
            curated = sum(terms, start=np.zeros(self._shape))
        else:
            curated = probs * self._rows(np.exp(self._log_ratio(rule, probs)))
        law: FloatArray = curated / curated.sum(axis=1, keepdims=True)
        return law

    def _seen(self, rule: Rule, probs: FloatArray, is_fresh: bool) -> tuple[FloatArray, bool]:
        """Return the pool that a rule sees: a sample, if it looks at all of a fresh one."""
        if is_fresh and looks_at_all(rule):
            return self._drawn(probs, self._batch) / self._batch, False
        return probs, is_fresh

    def _log_ratio(self, rule: Rule, probs: FloatArray) -> FloatArray:
        log_ratio = self._prepared.get(id(rule))
        if log_ratio is None:
            log_ratio = self._prepared[id(rule)] = rule.prepared(self._law)
        with np.errstate(divide="ignore"):  # a rule may take the logarithm of no mass
            found = log_ratio(log_masses(probs[self._at]))
        return one_of_each(found, f"log_ratio of {type(rule).__name__}", (self._law.size,))

    def _levels_of(self, by: str | None) -> list[npt.NDArray[np.intp]]:
        """Return the level of each place of each row; empty places are at the lowest."""
        ranks = np.unique(column_of(self._law, by), return_inverse=True)[1]
        rows = self._rows(ranks).astype(np.intp)
        return [np.unique(row, return_inverse=True)[1] for row in rows]

    def _kept(
        self, rule: BestOf, level: npt.NDArray[np.intp], probs: FloatArray, number: int
    ) -> Counts:
        """Return counts of the best few of K candidates, which are kept together.

        The largest of K uniforms is U^{1/K}, the next one that times U'^{1/(K-1)}, and so on. They
        are the places of the kept in the order of the rewards; those that tie are independent.
        """
        keep, groups = rule.keep, -(-int(number) // rule.keep)
        powers = 1.0 / (rule.K - np.arange(keep))
        places = np.cumprod(self._rng.random((groups, keep)) ** powers, axis=1)
        if number < groups * keep:  # of the last ones any, in no order
            places[-1:] = self._rng.permuted(places[-1:], axis=1)
        at = np.flatnonzero(probs)
        level = np.unique(level[at], return_inverse=True)[1]
        below = np.cumsum(np.bincount(level, probs[at]))
        found = np.searchsorted(below[:-1], places.ravel()[:number], side="right")
        counts = np.zeros(probs.size, np.int64)
        for of, times in enumerate(np.bincount(found, minlength=below.size)):
            tied = at[level == of]
            counts[tied] = self._drawn(probs[tied] / probs[tied].sum(), times)
        return counts
