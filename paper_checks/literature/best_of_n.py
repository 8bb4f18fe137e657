"""One choice of the best of n: how it is drawn, and what the claims about it speak of."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import BestOf
from recurate.paper_checks.any_choice.best_of_k import heights_of, masses_below
from recurate.paper_checks.runs.ruled.choosing import BestBy
from recurate.paper_checks.runs.ruled.draws import law_of
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import Number, Numbers, RunKind
from recurate.theory.language.notation import K
from recurate.theory.literature.best_of_n import collision, divergence_of_best, win_rate_of_best


class _OneChoice(RuledSetting):
    """The best of n, once; of a third of the laws some answers tie."""

    steps: ClassVar[tuple[int, int]] = (1, 1)
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "one choice: laws of 1 to 6 atoms, probabilities from 1e-12; the best of n from 1 to "
            "1e4"
        ),
        "exact": "one choice: 1 to 6 atoms, masses of many sizes; the best or worst of n, 1 to 8",
        "certified": "the same with 2 to 24 atoms and n to 100; and as exact evidence",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        source = random.Random(f"best of n {seed}")
        while True:
            number = source.choice((1, 2, 2, 2, 3, 3, 4, 5, 8))
            yield _drawn(source, source.choice((1, 2, 3, 3, 4, 6)), number)

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        source = random.Random(f"best of many {seed}")
        for _ in range(cases - cases // 4):
            size, number = source.choice((2, 4, 8, 24)), source.choice((2, 3, 8, 100))
            yield _drawn(source, size, number)
        yield from islice(self.exact_instances(seed + 1), cases // 4)


ONE_CHOICE = _OneChoice()
"""The best of n, once."""


def _drawn(source: random.Random, size: int, number: int) -> RuledInstance:
    ranks = source.sample(range(size), size)
    if source.random() < 1 / 3:
        ranks = [source.randrange(size) for _ in range(size)]
    towards: Any = source.choice(("best", "worst"))
    return RuledInstance(law_of(source, size), BestBy(number, tuple(ranks), towards))


def equal_masses(size: int, number: int) -> RuledInstance:
    """Return the best of n from a uniform law on this many answers, without ties."""
    return RuledInstance((Fraction(1, size),) * size, BestBy(number, tuple(range(size))))


def one_choice_loops() -> st.SearchStrategy[CurationLoop]:
    """Return what draws the best of n for the float engine."""
    return ruled_loops(
        rules=lambda law: st.sampled_from([2, 3, 4, 8, 1, 100, 10_000]).map(BestOf),
        schedules={"lam": math.inf},
    )


def is_best_of_n(run: RuledRun) -> bool:
    """Return whether one of the best of n is chosen, with or without ties."""
    return heights_of(run) is not None


def has_no_ties(run: RuledRun) -> bool:
    """Return whether one of the best of n is chosen, and all answers have other rewards."""
    heights = heights_of(run)
    return heights is not None and len(set(heights)) == len(heights)


class BestOfN(NamedTuple):
    """One choice of the best of n.

    Attributes
    ----------
    number : int
        n.
    before, after : list of numbers
        Masses of the levels of the reward, the lowest first, before the choice and after it.
    masses : list of numbers
        Masses of the answers.
    """

    number: int
    before: list[tuple[Number, Number]]
    after: list[tuple[Number, Number]]
    masses: Numbers

    @classmethod
    def of(cls, run: RuledRun) -> BestOfN:
        """Return the first choice of a run."""
        heights = heights_of(run)
        assert heights is not None
        law, chosen = run.choice(0)
        return cls(int(run.K), masses_below(heights, law), masses_below(heights, chosen), law)

    def wins(self, ties: Fraction = Fraction(1, 2)) -> Number:
        """Return how often the winner beats a fresh sample; a tie counts this much."""
        pairs = zip(self.before, self.after, strict=True)
        like = type(self.masses[0])
        return sum(
            (won * (below + like(ties.numerator) / ties.denominator * own))
            for (below, own), (_, won) in pairs
        )

    def collision(self, power: int = 2) -> Number:
        """Return Σ p^2, or another power sum of the answers' masses."""
        return sum(math.prod([p] * power) for p in self.masses)


def numbers_of(run: RuledRun, *, divergence: bool = False) -> dict[Any, Number]:
    """Return what the claims speak of: n, Σ p², the win rate and, in balls, the divergence."""
    found = BestOfN.of(run)
    numbers = {K: found.number, collision: found.collision(), win_rate_of_best: found.wins()}
    if divergence:
        law, chosen = run.choice(0)
        numbers[divergence_of_best] = run.kl(chosen, law)
    return numbers
