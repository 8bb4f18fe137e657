"""Pure loops of voters in a circle: each has the rewards of the one before, moved on by one."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, ClassVar

from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BradleyTerry, Voters
from recurate.paper_checks.runs.ruled.draws import law_of, of_many_sizes
from recurate.paper_checks.runs.ruled.games import circle, uniform
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import RunKind
from recurate.paper_checks.runs.strategies import reward_laws
from recurate.paper_checks.runs.written import Fractions

_SMALL_STEPS = {3: 3, 4: 2, 5: 2}
_LARGEST = 12  # steps of a run in balls


def circle_instances(seed: int) -> Iterator[RuledInstance]:
    """Yield random circles of three voters for rationals: K from 3 to 5, 1 to 3 steps."""
    source = random.Random(f"circles {seed}")
    while True:
        K = source.choice((3, 3, 4, 5))
        yield _instance(source, K, source.randint(1, _SMALL_STEPS[K]))


def longer_circle_instances(seed: int) -> Iterator[RuledInstance]:
    """Yield random circles of three voters for balls: K from 3 to 100, 1 to 12 steps."""
    source = random.Random(f"longer circles {seed}")
    while True:
        K = source.choice((3, 3, 3, 4, 8, 16, 100))
        yield _instance(source, K, source.randint(1, _LARGEST))


def _instance(source: random.Random, K: int, steps: int) -> RuledInstance:
    """Return a circle from any start, a third of them near the balance; the second law is that."""
    start = law_of(source, 3)
    if source.random() < 1 / 3:
        near = Fraction(1, source.choice((10, 1000)))
        start = tuple(near * p + (1 - near) / 3 for p in start)
    return RuledInstance(start, circle(K, _weights(source)), steps, second=uniform(3))


def _weights(source: random.Random) -> Fractions:
    """Return three weights: of many sizes, or near one another, where a circle hardly turns."""
    if source.random() < 1 / 2:
        return tuple(Fraction(of_many_sizes(source)) for _ in range(3))
    return tuple(1 + Fraction(source.randint(0, 20), 20) for _ in range(3))


class CircleSetting(RuledSetting):
    """Pure loops of three voters in a circle."""

    steps: ClassVar[tuple[int, int]] = (1, 40)
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "three voters in a circle, rewards spanning 0 to 50, probabilities from 1e-12; K from "
            "3 to 100; the pure loop, 1 to 40 steps"
        ),
        "exact": (
            "three voters in a circle, weights of many sizes and near one another; masses of many "
            "sizes, and near the balance; K from 3 to 5, 1 to 3 steps"
        ),
        "certified": f"the same for K to 100, 1 to {_LARGEST} steps; and as exact evidence",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        return circle_instances(seed)

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        yield from islice(longer_circle_instances(seed), cases - cases // 4)
        yield from islice(circle_instances(seed + 1), cases // 4)


CIRCLES = CircleSetting()
"""Pure loops of three voters in a circle."""

_THIRD = 1 / 3


def circle_loops() -> st.SearchStrategy[CurationLoop]:
    """Pure loops of three voters in a circle, for the search."""

    def voters(law: RewardLaw) -> st.SearchStrategy[Any]:
        numbers = st.one_of(st.sampled_from([3.0, 4.0, 8.0]), st.integers(3, 100).map(float))
        return numbers.map(
            lambda K: Voters(
                tuple((_THIRD, BradleyTerry(K, by=name)) for name in (None, "second", "third"))
            )
        )

    three = reward_laws(max_atoms=3).filter(lambda law: law.size == 3)
    return ruled_loops(laws=three.map(_with_scores), rules=voters, schedules={"lam": math.inf})


def _with_scores(law: RewardLaw) -> RewardLaw:
    rewards = [float(r) for r in law.rewards]
    moved = {"second": rewards[-1:] + rewards[:-1], "third": rewards[1:] + rewards[:1]}
    return RewardLaw(rewards, law.given_probs, scores=moved)
