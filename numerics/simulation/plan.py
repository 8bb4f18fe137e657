"""What a simulation is to do, checked: the loop's steps, and how many samples each has."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules import PairwisePreference, Rule, Stages, Voters
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.sampling.choices_by_rule import candidates_taken
from recurate.numerics.schedules import Accumulate, RunPlan, Schedule, entry
from recurate.numerics.simulation.checkpoints import digest
from recurate.numerics.simulation.simulated_trajectory import Sizes

LARGEST_SAMPLES = 10**9
"""Most samples of one kind in a step."""


@dataclass(frozen=True)
class Plan:
    """The arguments of `recurate.simulate`, checked."""

    schedule: Schedule
    at: RunPlan
    temperature: float
    method: str
    generated: int
    synthetic: int
    initial: int | None
    steps: int
    reward: Callable[[Array], Array]
    groups: Callable[[Array], Array] | None
    group_names: Sequence[Hashable]
    scores: Mapping[str, Callable[[Array], Array]]
    law: RewardLaw | None
    reference_log_density: Callable[[Array], Array] | None
    max_reward: float | None

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.group_names)

    @property
    def is_accumulated(self) -> bool:
        """Whether training sets grow."""
        return self.schedule.training is not None

    @cached_property
    def all_sizes(self) -> tuple[Sizes, ...]:
        """The sizes of all steps, in their order; of one alone if they are the same."""
        lam, retained = self.at.lam, self.at.retained
        number = max(len(lam), len(retained)) if lam and retained else 0
        whole = Sizes(self.generated, self.synthetic, 0, self.initial)
        sizes = (
            sizes_of_step(whole, entry(lam, t), entry(retained, t), self.schedule.training)
            for t in range(number)
        )
        return tuple(sizes) or (whole,)

    def sizes(self, t: int) -> Sizes:
        """Return how many samples the step from t has; for the last law, those of the last."""
        return self.all_sizes[min(t, len(self.all_sizes) - 1)]

    @property
    def largest_set(self) -> int:
        """Samples in the largest training set."""
        sizes = self.all_sizes
        rounds = self.steps if self.is_accumulated else 1
        return max(rounds * (one.curated + one.retained) + one.real for one in sizes)

    @property
    def largest_kind(self) -> int:
        """Samples of the kind of which a step has most: generated, synthetic or real ones."""
        made = self.synthetic * (self.steps if self.is_accumulated else 1)
        return max(self.generated, made, *(one.real for one in self.all_sizes))

    @property
    def draws(self) -> float:
        """Draws that one replicate of one prompt takes, at most."""
        total = float(self.generated + (self.initial or 0))  # a float never fails
        is_constant = len(self.at.rule) == len(self.all_sizes) == 1
        for t in range(1 if is_constant else self.steps):
            sizes, rule = self.sizes(t), entry(self.at.rule, t)
            drawn = float(sizes.generated + sizes.retained)
            drawn += 0 if self.is_accumulated else sizes.real
            if sizes.curated:
                drawn += candidates_taken(rule, sizes.curated)
            total += drawn * (self.steps if is_constant else 1)
        return total

    def named(self) -> dict[str, Any]:
        """Return what a checkpoint compares, as JSON stores it."""
        K = self.schedule.K
        return {
            "K": str(K),
            "lam": str(self.schedule.lam if K is not None else None),
            "temperature": self.temperature,
            "method": self.method,
            "steps": self.steps,
            "n_generated": self.generated,
            "n_curated": self.synthetic,
            "n_groups": self.n_groups,
            "max_reward": self.max_reward,
        }

    def digests(self) -> dict[str, Any]:
        """Return the hashes of the loop, and of functions that have one: tables, but not a user's.

        The loop is that of its steps: functions of t have no name to be known by.
        """
        functions = {"reward": self.reward, "groups": self.groups}
        functions |= {f"score {name}": score for name, score in self.scores.items()}
        hashes = {name: getattr(function, "digest", None) for name, function in functions.items()}
        rules = {id(rule): _named(rule) for rule in self.at.rules}
        steps = range(self.steps if self.schedule.K is None else 0)
        plans = [(rules[id(at.rule)], at.lam, at.log_shares) for at in map(self.at, steps)]
        hashes["loop"] = digest(np.frombuffer(repr(plans).encode(), np.uint8))
        if self.law is not None:
            scores = self.law.scores.items()
            hashes["scores"] = digest(*(np.asarray(column) for _, column in scores))
        return hashes


def sizes_of_step(whole: Sizes, lam: float, share: float, grown: Accumulate | None) -> Sizes:
    """Return the sizes of a step, from those of one without real or retained samples.

    Parameters
    ----------
    whole : Sizes
        As many curated samples as there are synthetic ones, or real ones for λ = 0.
    lam, share : float
        λ, and the share of the synthetic samples that is kept uncurated.
    grown : Accumulate or None
        How training sets grow.

    Raises
    ------
    ValueError
        If there would be no real sample, or more than `LARGEST_SAMPLES`.
    """
    made = whole.curated
    if grown is not None:
        found = f"{made} * {grown.real:g} / {grown.per_round:g}"
        real = _whole(made * (grown.real / grown.per_round), "n_curated * real / per_round", found)
        return replace(whole, real=real)
    if lam == 0.0:
        return replace(whole, curated=0, real=made)
    real = 0
    if lam != math.inf:
        real = _whole(made / lam, "n_curated / lam", f"{made} / {lam:g} (lam = inf takes none)")
    kept = round(share * made)
    return replace(whole, curated=made - kept, real=real, retained=kept)


def _whole(real: float, what: str, found: str) -> int:
    """Return a number of real samples, rounded."""
    if not 0.5 < real <= LARGEST_SAMPLES:
        raise ValueError(
            f"{what}, the number of real samples, must be from 1 to {LARGEST_SAMPLES:g}; "
            f"got {found}"
        )
    return round(real)


def _named(rule: Rule) -> str:
    """Return a rule as text that is the same in another process, with a hash of its matrix."""
    if isinstance(rule, PairwisePreference):
        return f"{rule!r} {digest(rule.matrix)}"
    if isinstance(rule, Voters):
        return str([(share, _named(of)) for share, of in rule.voters])
    if isinstance(rule, Stages):
        return str([_named(of) for of in rule.rules])
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(rule))
