"""Two voters with K = inf and basins of their own: how they are drawn, and what becomes of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from typing import Any, ClassVar, Literal, NamedTuple

from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import Accept, Voters
from recurate.paper_checks.fixed_points.objectives import VotersLoop, largest
from recurate.paper_checks.many_voters.voters import instance_of_voters, loop_of
from recurate.paper_checks.runs.ruled.by_rule import ByRule
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.draws import law_of
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import RuledSetting
from recurate.paper_checks.runs.run import Number, Numbers, RunKind
from recurate.paper_checks.runs.written import Fractions, fractions

TOLERANCES = fractions("99/100 9/10 1/2 1/10")
"""e^{-ε}: the least weight of a basin, over the largest."""

Kind = Literal["hard", "plateaus", "basins", "more"]
"""Kind of loop: weights 1 and 0, or two for each voter, or basins that are not flat, and more."""

KINDS: tuple[Kind, ...] = ("hard", "plateaus", "basins", "basins", "more", "more")
"""How often each kind is drawn."""

_SHARES = fractions("1/2 1/3 2/3 1/4 9/10 1/10 3/5")
_LEAKS = fractions("1/100 1/1000 1/20 1/10 3/10")


class TwoVotersSetting(RuledSetting):
    """Two voters with K = inf in the pure loop, who like different answers best."""

    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "the same as in exact evidence in floating point, of 3 to 6 atoms, 1 to 12 steps"
        ),
        "exact": (
            "two voters with K = inf, shares 1/10 to 9/10; plateaus, basins, and answers outside "
            "of them; weights of the other's basin from 0 to 3/10; 2 to 5 atoms, 1 to 3 steps; "
            "e^{-ε} 99/100, 9/10, 1/2 and 1/10"
        ),
        "certified": "the same with 2 to 10 atoms, 2 to 12 steps",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        source = random.Random(f"two voters {seed}")
        while True:
            yield _drawn(source, source.choice((2, 3, 4, 5)), source.choice((1, 2, 2, 3)))

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        source = random.Random(f"two voters in balls {seed}")
        for _ in range(cases - cases // 4):
            yield _drawn(source, source.choice((2, 4, 6, 10)), source.choice((2, 4, 12)))
        yield from islice(self.exact_instances(seed + 1), cases // 4)


TWO_VOTERS = TwoVotersSetting()
"""Two voters with K = inf in the pure loop, who like different answers best."""


def two_voters(
    share: Fraction,
    first: Fractions,
    other: Fractions,
    start: Fractions,
    steps: int = 1,
    second: Fractions | None = None,
) -> RuledInstance:
    """Return the pure loop of voter 1, of this share and these weights, and voter 2."""
    voters: list[Any] = [first, other]
    return instance_of_voters(start, [share, 1 - share], voters, steps, second=second)


def _drawn(
    source: random.Random, size: int, steps: int, kinds: tuple[Kind, ...] = KINDS
) -> RuledInstance:
    """Return a random loop of one of these kinds."""
    kind, least = source.choice(kinds), source.choice(TOLERANCES)
    share = source.choice(_SHARES)
    sides = [0, 1, *(source.randrange(3 if kind == "more" else 2) for _ in range(size - 2))]
    leaks = [Fraction(0) if kind == "hard" else source.choice(_LEAKS) for _ in range(2)]
    is_flat = kind in ("hard", "plateaus")
    voters: list[Fractions] = []
    for voter in range(2):
        weights = []
        for i, side in enumerate(sides):
            part = Fraction(source.randint(0, 20), 20)
            if side == voter:
                is_top = i < 2 or is_flat
                weights.append(Fraction(1) if is_top else least + (1 - least) * part)
            elif side == 2:
                weights.append(least * Fraction(source.choice((19, 10, 2, 1, 0)), 20))
            else:
                low = Fraction(1) if is_flat else (1 + part) / 2
                weights.append(min(leaks[voter], least / 2) * low)
        voters.append(tuple(weights))
    second = law_of(source, size)
    return two_voters(share, voters[0], voters[1], law_of(source, size), steps, second=second)


def two_voters_loops(*kinds: Kind) -> st.SearchStrategy[CurationLoop]:
    """Return what draws loops of these kinds for the float engine: each accepts as she weighs."""
    return st.integers(0, 10**6).map(lambda seed: _engine_loop(seed, kinds or KINDS))


def _engine_loop(seed: int, kinds: tuple[Kind, ...]) -> CurationLoop:
    source = random.Random(f"two voters in floats {seed}")
    drawn = _drawn(source, source.choice((3, 4, 5, 6)), 1, kinds)
    electorate = drawn.choosing
    assert isinstance(electorate, Electorate)
    names = ("first", "second")
    scores = {
        name: [float(w) for w in chooser.weights]
        for name, chooser in zip(names, electorate.choosers, strict=True)
        if isinstance(chooser, BradleyTerry)
    }
    law = RewardLaw([0.0] * drawn.size, [float(p) for p in drawn.reference], scores=scores)
    shares = [float(electorate.voters[0]), 1 - float(electorate.voters[0])]
    voters = tuple((share, Accept(name)) for share, name in zip(shares, names, strict=True))
    return CurationLoop(law, rule=Voters(voters), lam=math.inf)


def are_two_voters(run: RuledRun) -> bool:
    """Return whether two voters with K = inf choose in the pure loop."""
    chosen: Any = run.choosing(0)
    if isinstance(chosen, ByRule):
        chosen = chosen.rule
    number = len(getattr(chosen, "voters", ()))
    return number == 2 and run.K == math.inf and run.lam == math.inf and not run.changes


class Basins(NamedTuple):
    """Two voters, and where each of them is content.

    Attributes
    ----------
    loop : VotersLoop
        The voters, each weight over the voter's largest.
    least : number
        e^{-ε}.
    first, second, outside : lists of int
        Atoms of S_1, of S_2, and of neither.
    """

    loop: VotersLoop
    least: Number
    first: list[int]
    second: list[int]
    outside: list[int]

    @property
    def share(self) -> Number:
        """Share q of voter 1."""
        return self.loop.shares[0]

    def leaks(self) -> tuple[Number, Number]:
        """Return the largest weights of voter 1 on S_2 and of voter 2 on S_1."""
        one, two = self.loop.voters
        return largest([one[i] for i in self.second]), largest([two[i] for i in self.first])

    def swapped(self) -> Basins:
        """Return the same with the voters' numbers exchanged."""
        loop = VotersLoop(
            self.loop.shares[::-1], self.loop.voters[::-1], self.loop.a, self.loop.reference
        )
        return Basins(loop, self.least, self.second, self.first, self.outside)

    def masses(self, law: Numbers) -> tuple[Number, Number, Number]:
        """Return the shares a, b and m of a law in S_1, in S_2 and outside."""
        like = self.loop.a * 0
        a, b, m = (sum((law[i] for i in part), like) for part in self[2:])
        return a, b, m

    def plateaus(self) -> tuple[Number, Number] | None:
        """Return k_1 and k_2 if both weights are constant on either basin, and 1 on one's own."""
        one, two = self.loop.voters
        own = [one[i] for i in self.first] + [two[i] for i in self.second]
        others = [one[i] for i in self.second], [two[i] for i in self.first]
        is_flat = all(_same(w, 1) for w in own) and all(
            _same(w, ws[0]) for ws in others for w in ws
        )
        return (others[0][0], others[1][0]) if is_flat and not self.outside else None


def _same(left: Number, right: Number) -> bool:
    """Return whether two numbers are the same, or balls that cannot be told apart."""
    return not (left < right or left > right)


def basins_of(run: RuledRun) -> Iterator[tuple[str, Basins]]:
    """Yield the disjoint basins of positive mass of a run's two voters, for each of `TOLERANCES`.

    In balls only where it is certain which atoms are in them.
    """
    loop = loop_of(run)
    voters = [[w / largest(weights) for w in weights] for weights in loop.voters]
    relative = VotersLoop(loop.shares, voters, loop.a, loop.reference)
    start = run.law(0)
    for tolerance in TOLERANCES:
        least = run.number(tolerance)
        if not all(w >= least or w < least for weights in voters for w in weights):
            continue
        inside = [{i for i, w in enumerate(weights) if w >= least} for weights in voters]
        if inside[0] & inside[1] or not all(any(start[i] > 0 for i in part) for part in inside):
            continue
        rest = [i for i in range(run.size) if i not in inside[0] | inside[1]]
        found = Basins(relative, least, sorted(inside[0]), sorted(inside[1]), rest)
        yield f"e^-ε = {tolerance}", found


COMPROMISE = two_voters(
    Fraction(1, 2),
    fractions("1 1/100 4/5 1/1000"),
    fractions("1/100 1 4/5 1/1000"),
    fractions("1/1000 1/1000 998/1000 0"),
    3,
)
"""Answers A, B, C and D; C is nobody's best, and takes over."""
