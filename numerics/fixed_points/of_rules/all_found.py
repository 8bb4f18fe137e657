"""All fixed points of a loop that are found from several laws."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.fixed_points.of_rules import by_kind
from recurate.numerics.fixed_points.of_rules.linearised_step import Linear, newton
from recurate.numerics.fixed_points.of_rules.rule_loop import RuleLoop
from recurate.numerics.fixed_points.of_rules.run_then_newton import checked, without_what_dies_out
from recurate.numerics.laws.levels import sums
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.schedules import Schedule
from recurate.numerics.validation import FloatArray, probability_vector

_VERTICES, _RANDOM = 16, 16  # starts with most of their mass on one level; drawn at random
_AT_VERTEX = 0.9
_SAME = 1e-8  # total variation of fixed points that are one
_INSIDE = 1e-3  # of p_ref in each start
_LOOP_STEPS = 64  # from each start, before Newton's method
_MOST_LEVELS = 20_000  # whose spectral radius is computed


def find_all(law: RewardLaw, schedule: Schedule, starts: Any, rng: Any) -> list[FixedPoint]:
    """Return all fixed points that are found, as `CurationLoop.fixed_points`."""
    rule, lam, retained = by_kind.constants(schedule)
    law.require_no_prompts("a list of fixed points")
    loop = RuleLoop(law, rule, lam, retained)
    begins = None if starts is None else _given(loop, starts)
    reached = []
    with suppress(ArithmeticError):  # as where it cycles
        reached.append(_with_radius(loop, by_kind.find(law, schedule, None)))
    if reached and (reached[0].is_unique or reached[0].method not in ("newton", "reference")):
        return reached
    if begins is None:
        begins = _drawn(loop, np.random.default_rng(rng))
    found = _by_newton(loop, [loop.levels.base, *begins], reached)
    if len(found) > 1:
        found = [replace(one, is_unique=False) for one in found]
    return found


def _by_newton(
    loop: RuleLoop, starts: Iterable[FloatArray], known: list[FixedPoint]
) -> list[FixedPoint]:
    """Return all distinct fixed points that Newton's method finds from some laws, and known ones.

    Parameters
    ----------
    loop : RuleLoop
        The loop.
    starts : iterable of ndarray, shape (levels,)
        Masses on the levels.
    known : list of FixedPoint
        That are in any case.
    """
    found = list(known)
    for masses in starts:
        masses = np.where(loop.present, masses, 0.0)
        masses = masses / masses.sum()
        if loop.lam < math.inf:  # a step gives mass to all that p_ref has
            masses = (1.0 - _INSIDE) * masses + _INSIDE * loop.levels.base
        state = np.where(loop.present, log_masses(masses) - loop.levels.log_base, 0.0)
        later = state
        for _ in range(_LOOP_STEPS):
            later = loop.step(later)
        for begin in (state, later):
            candidate = newton(loop, without_what_dies_out(loop, begin))
            if candidate is None:
                continue
            probs = np.exp(loop.levels.atom_log_probs(candidate))
            if all(np.abs(other.probs - probs).sum() / 2 > _SAME for other in found):
                try:
                    found.append(checked(loop, candidate, Linear(loop, candidate), _LOOP_STEPS))
                except ArithmeticError:  # not one after all
                    continue
    return found


def _with_radius(loop: RuleLoop, found: FixedPoint) -> FixedPoint:
    if found.spectral_radius is not None or loop.law.is_continuous:
        return found
    if loop.present.sum() > _MOST_LEVELS:
        return found
    _, first = np.unique(loop.levels.index, return_index=True)
    return replace(found, spectral_radius=Linear(loop, found.log_density[first]).spectral_radius)


def _given(loop: RuleLoop, starts: Any) -> list[FloatArray]:
    """Return the masses on the levels of laws on the atoms."""
    if not isinstance(starts, Iterable):
        raise TypeError(f"starts must be a list of laws; got {type(starts).__name__}")
    levels, laws = loop.levels, []
    for number, start in enumerate(starts):
        masses = probability_vector(start, f"starts[{number}]", loop.law.size)
        laws.append(sums(levels.index, masses, levels.rewards.size))
        if not laws[-1][loop.present].sum() > 0:
            raise ValueError(
                f"starts[{number}] must have mass where p_ref has some; got a law without"
            )
    return laws


def _drawn(loop: RuleLoop, rng: np.random.Generator) -> list[FloatArray]:
    """Return laws near the heaviest levels, and laws drawn at random."""
    base = loop.levels.base
    heaviest = np.argsort(-base, kind="stable")[: min(_VERTICES, int(loop.present.sum()))]
    laws = []
    for level in heaviest:
        near = (1.0 - _AT_VERTEX) * base
        near[level] += _AT_VERTEX
        laws.append(near)
    for _ in range(_RANDOM):
        masses = rng.standard_exponential(base.size) * loop.present
        laws.append(masses / math.fsum(masses))
    return laws
