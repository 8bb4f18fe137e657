"""Simpler loops: what a counterexample among any loops is made small by."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import (
    BestOf,
    BradleyTerry,
    PairwisePreference,
    Rule,
    Stages,
    TopShare,
    Voters,
)
from recurate.numerics.schedules import Accumulate
from recurate.numerics.validation import FloatArray

_CANDIDATES = (2.0, 3.0, 4.0, 8.0)
_DIGITS = (1, 2, 3)


def loop_like(loop: CurationLoop, law: RewardLaw | None = None, **changes: Any) -> CurationLoop:
    """Return a loop with another law, or other arguments."""
    schedule = loop.schedule
    given = {
        "rule": schedule.rule,
        "lam": schedule.lam,
        "retained": schedule.retained,
        "training": schedule.training,
    } | changes
    if given["training"] is not None:
        given |= {"lam": None, "retained": None}
    return CurationLoop(loop.law if law is None else law, **given)


def law_like(
    law: RewardLaw, columns: dict[str | None, Any], probs: Any, kept: Any = slice(None)
) -> RewardLaw:
    """Return a law with other columns (None is the reward), masses, or some of the atoms only."""
    scores = {name: np.asarray(columns[name])[kept] for name in columns if name is not None}
    groups = None
    if law.group_index is not None:
        groups = [law.group_names[i] for i in law.group_index[kept]]
    masses = np.asarray(probs)[kept]
    masses = masses if isinstance(kept, slice) else masses / masses.sum()
    return RewardLaw(np.asarray(columns[None])[kept], masses, groups, scores=scores or None)


def columns_of(law: RewardLaw) -> dict[str | None, FloatArray]:
    """Return a law's reward, by None, and its scores by their names."""
    columns: dict[str | None, FloatArray] = {None: law.rewards}
    return columns | dict(law.scores.items())


def simpler_loops(loop: CurationLoop) -> Iterator[CurationLoop]:
    """Yield simpler loops of the same number of steps; many small changes, the largest first."""
    yield from _of_simpler_schedule(loop)
    if isinstance(loop.rule, Rule):
        yield from (loop_like(loop, rule=rule) for rule in simpler_rules(loop.rule))
    elif isinstance(loop.rule, tuple):
        yield from (loop_like(loop, rule=rule) for rule in dict.fromkeys(loop.rule))
    for law in _simpler_laws(loop.law):
        with contextlib.suppress(ValueError):  # it has not what the rule reads
            yield loop_like(loop, law)


def simpler_rules(rule: Rule) -> Iterator[Rule]:
    """Yield rules with fewer parts, with fewer candidates and with rounder numbers."""
    if isinstance(rule, Voters):
        yield from (part for _, part in rule.voters)
        shares, parts = zip(*rule.voters, strict=True)
        if len(parts) > 2:
            yield from (_voters(_without(shares, i), _without(parts, i)) for i in range(len(parts)))
        if len(set(shares)) > 1:
            yield _voters([1.0] * len(parts), parts)
        for i, part in enumerate(parts):
            for simpler in simpler_rules(part):
                yield _voters(shares, [*parts[:i], simpler, *parts[i + 1 :]])
    elif isinstance(rule, Stages):
        yield from rule.rules
        if len(rule.rules) > 2:
            yield from (Stages(tuple(_without(rule.rules, i))) for i in range(len(rule.rules)))
        for i, part in enumerate(rule.rules):
            for simpler in simpler_rules(part):
                yield Stages((*rule.rules[:i], simpler, *rule.rules[i + 1 :]))
    elif isinstance(rule, BestOf):
        if rule.keep > 1:
            yield replace(rule, keep=1)
        yield from (replace(rule, K=K) for K in _CANDIDATES if rule.keep <= K < rule.K)
    elif isinstance(rule, BradleyTerry):
        yield from (replace(rule, K=K) for K in _CANDIDATES if K < rule.K)
        if abs(rule.scale) != 1.0:
            yield replace(rule, scale=math.copysign(1.0, rule.scale))
    elif isinstance(rule, TopShare) and rule.share != 0.5:
        yield replace(rule, share=0.5)
    elif isinstance(rule, PairwisePreference):
        for simple in (np.round(2 * rule.matrix) / 2, np.full_like(rule.matrix, 0.5)):
            if not np.array_equal(simple, rule.matrix):
                yield PairwisePreference(simple, rule.of)


def _without(parts: Any, i: int) -> list[Any]:
    return [*parts[:i], *parts[i + 1 :]]


def _voters(shares: Any, rules: Any) -> Voters:
    total = math.fsum(shares)
    return Voters(tuple((share / total, rule) for share, rule in zip(shares, rules, strict=True)))


def _of_simpler_schedule(loop: CurationLoop) -> Iterator[CurationLoop]:
    schedule = loop.schedule
    if schedule.training is not None:
        if schedule.training != Accumulate():
            yield loop_like(loop, training=Accumulate())
        yield loop_like(loop, training=None, lam=math.inf, retained=0.0)
        return
    for argument in ("lam", "retained"):
        value = getattr(schedule, argument)
        if isinstance(value, tuple):
            yield from (loop_like(loop, **{argument: one}) for one in dict.fromkeys(value))
    if isinstance(schedule.retained, float) and schedule.retained:
        yield from (loop_like(loop, retained=x) for x in (0.0, 0.5) if x != schedule.retained)
    if isinstance(schedule.lam, float) and schedule.lam not in (1.0, math.inf):
        yield from (loop_like(loop, lam=x) for x in (math.inf, 1.0))
        rounder = (float(f"{schedule.lam:.{digits}g}") for digits in _DIGITS)
        yield from (loop_like(loop, lam=x) for x in rounder if x != schedule.lam)


def _simpler_laws(law: RewardLaw) -> Iterator[RewardLaw]:
    columns = columns_of(law)
    for i in range(law.size if law.size > 1 else 0):
        yield law_like(law, columns, law.probs, np.arange(law.size) != i)
    for score in law.scores:
        rest = {name: values for name, values in columns.items() if name != score}
        yield law_like(law, rest, law.probs)
    if law.group_index is not None:
        yield RewardLaw(law.rewards, law.probs, scores=law.scores or None)
    uniform = np.full(law.size, 1 / law.size)
    for probs in (uniform, *(rounded_law(law.probs, digits) for digits in _DIGITS)):
        if probs is not None and not np.allclose(probs, law.probs, rtol=1e-12, atol=0):
            yield law_like(law, columns, probs)
    for name, values in columns.items():
        shifted = values - values.min()
        for simple in (shifted, *(_rounded(values, digits) for digits in _DIGITS)):
            if not np.array_equal(simple, values):
                yield law_like(law, {**columns, name: simple}, law.probs)


def _rounded(values: FloatArray, digits: int) -> FloatArray:
    return np.array([float(f"{value:.{digits}g}") for value in values])


def rounded_law(probs: FloatArray, digits: int) -> FloatArray | None:
    """Return the law with all masses but the largest rounded, or None if these leave nothing."""
    rounder = _rounded(probs, digits)
    top = int(np.argmax(probs))
    rounder[top] = 0.0
    rest = float(f"{1 - rounder.sum():.15g}")
    rounder[top] = rest
    return rounder if rest > 0 else None
