"""Loops of pairwise preferences: their matrices, and settings that draw them.

A is 2P - 1, P(x over y) being the chance that x is chosen over y. The second law of an instance is
a balance q of A, Σ_x q(x) A(x, y) = 0, where there is one that is known.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, islice
from typing import Any, ClassVar

import flint
import numpy as np
from hypothesis import strategies as st

from recurate.numerics import rules as kinds
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.runs.rule_strategies import scored_laws
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Choosing, Electorate, Preference
from recurate.paper_checks.runs.ruled.draws import law_of, of_many_sizes, preferences_of
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import (
    CertifiedRuledRun,
    EngineRuledRun,
    ExactRuledRun,
    RuledRun,
)
from recurate.paper_checks.runs.ruled.setting import RuledSetting, ruled_loops
from recurate.paper_checks.runs.run import Number, Numbers, RunKind, dot
from recurate.paper_checks.runs.written import Fractions

Matrix = list[Numbers]


def instance_of_run(run: RuledRun) -> RuledInstance | None:
    """Return the instance that is run, if it is one: in rationals or in balls."""
    return run.instance if isinstance(run, ExactRuledRun | CertifiedRuledRun) else None


def exact_advantages(run: RuledRun) -> Matrix:
    """Return A = 2P - 1 of a run whose rule is of pairs; in rationals, if an instance is run.

    For Bradley–Terry voters of any K it is that of their choices between two.
    """
    if isinstance(run, EngineRuledRun):
        return _advantages(run.number, run.choosing(0), run.size, run.loop.law)
    return _advantages(Fraction, run.choosing(0), run.size, None)


def advantages(run: RuledRun) -> Matrix:
    """Return the same in the run's own numbers."""
    matrix = exact_advantages(run)
    if isinstance(run, EngineRuledRun):
        return matrix
    return [[run.number(value) for value in row] for row in matrix]


def is_of_pairs(run: RuledRun) -> bool:
    """Return whether people choose between two candidates, in one way at all steps."""
    return run.K == 2 and not run.changes and _has_matrix(run.choosing(0))


def _has_matrix(rule: Any) -> bool:
    parts = [part for _, part in _voters(rule)]
    return all(isinstance(part, _OF_PAIRS) and not isinstance(part, _MIXED) for part in parts)


_MIXED = (Electorate, kinds.Voters)
_OF_PAIRS = (Preference, BradleyTerry, kinds.PairwisePreference, kinds.BradleyTerry)


def _voters(rule: Any) -> list[tuple[Fraction | float, Any]]:
    if isinstance(rule, Electorate):
        return list(zip(rule.voters, rule.choosers, strict=True))
    return list(rule.voters) if isinstance(rule, kinds.Voters) else [(Fraction(1), rule)]


def _advantages(
    number: Callable[[Any], Number], rule: Any, size: int, law: RewardLaw | None
) -> Matrix:
    total = [[number(0)] * size for _ in range(size)]
    voters = _voters(rule)
    shares = [number(share) for share, _ in voters]
    whole = sum(shares, number(0))
    for share, (_, part) in zip(shares, voters, strict=True):
        for x, y in combinations(range(size), 2):
            more = share / whole * _advantage(number, part, law, x, y)
            total[x][y], total[y][x] = total[x][y] + more, total[y][x] - more
    return total


def _advantage(
    number: Callable[[Any], Number], rule: Any, law: RewardLaw | None, x: int, y: int
) -> Number:
    if isinstance(rule, Preference):
        return number(2 * rule.matrix[x][y] - 1)
    if isinstance(rule, BradleyTerry):
        one, other = rule.weights[x], rule.weights[y]
        return number((one - other) / (one + other))
    assert law is not None
    if isinstance(rule, kinds.PairwisePreference):
        if rule.of == "groups":
            x, y = (int(law.group_index[i]) for i in (x, y))  # type: ignore[index]
        return number(2 * Fraction(float(rule.matrix[x, y])) - 1)
    column = law.rewards if rule.by is None else law.scores[rule.by]
    gap = Fraction(rule.scale) * (Fraction(float(column[x])) - Fraction(float(column[y])))
    return (number(gap) / 2).tanh()


def won(matrix: Matrix, law: Sequence[Number]) -> Numbers:
    """Return A p: what each answer wins from the law."""
    return [dot(row, law) for row in matrix]


def is_balance(matrix: Matrix, law: Sequence[Number]) -> bool:
    """Return whether Σ_x q(x) A(x, y) = 0 for each y, for certain: in rationals, or exact balls."""
    return all(value == 0 for value in won(matrix, law))


def condorcet_winner(matrix: Matrix, law: Numbers) -> tuple[int, Number] | None:
    """Return the answer with mass that is preferred to each other one with mass, and its least A.

    None if there is none for certain, or only one answer.
    """
    present = [x for x, p in enumerate(law) if p != 0]
    for x in present if len(present) > 1 else ():
        over = [matrix[x][y] for y in present if y != x]
        if all(value > 0 for value in over):
            return x, _least(over)
    return None


def _least(values: Numbers) -> Number:
    least = values[0]
    for value in values[1:]:
        least = least.min(value) if isinstance(least, flint.arb) else min(least, value)
    return least


def preference(upper: dict[tuple[int, int], Fraction], size: int) -> Preference:
    """Return the rule of a matrix A, given its entries above the diagonal; the rest are zero."""
    rows = [[Fraction(1, 2)] * size for _ in range(size)]
    for (x, y), value in upper.items():
        rows[x][y], rows[y][x] = (1 + value) / 2, (1 - value) / 2
    return Preference(tuple(map(tuple, rows)))


def balanced(source: random.Random, balance: Fractions) -> Preference:
    """Return random preferences with this balance: circles of three answers, added up."""
    size = len(balance)
    total = dict.fromkeys(combinations(range(size), 2), Fraction(0))
    for i, j, k in combinations(range(size), 3):
        turn = Fraction(source.randint(-4, 4))
        total[i, j] += turn * balance[k]
        total[j, k] += turn * balance[i]
        total[i, k] -= turn * balance[j]
    largest = max(map(abs, total.values()), default=Fraction(0))
    scale = Fraction(source.choice((1, 2, 8, 8)), 8) / largest if largest else Fraction(1)
    return preference({pair: scale * value for pair, value in total.items()}, size)


def circle(K: int | float, weights: Fractions) -> Electorate:
    """Return as many voters as answers, each with the weights of the one before moved on by one."""
    size = len(weights)
    moved = [weights[-u:] + weights[:-u] if u else weights for u in range(size)]
    return Electorate(
        tuple([Fraction(1, size)] * size), tuple(BradleyTerry(K, own) for own in moved)
    )


def uniform(size: int) -> Fractions:
    """Return the law that gives each answer the same mass."""
    return tuple([Fraction(1, size)] * size)


def game_instances(
    seed: int, *, sizes: tuple[int, ...] = (1, 2, 3, 3, 4, 5), most_steps: int = 5
) -> Iterator[RuledInstance]:
    """Yield random loops of pairs: any preferences, some with a Condorcet winner or a balance.

    Bradley–Terry voters among them, in a circle or not; three of four loops are pure.
    """
    source = random.Random(f"games {seed} {sizes}")
    while True:
        size = source.choice(sizes)
        reference, second = law_of(source, size), law_of(source, size)
        choosing: Choosing
        kind = source.randrange(5)
        if kind == 0:
            choosing = Preference(preferences_of(source, size))
        elif kind == 1:
            choosing = _with_winner(source, size)
        elif kind == 2:
            second = law_of(source, size) if source.random() < 3 / 4 else _with_zero(source, size)
            choosing = balanced(source, second)
        elif kind == 3:
            shares = law_of(source, source.choice((1, 2, 3)))
            choosing = Electorate(
                shares, tuple(BradleyTerry(2, _weights(source, size)) for _ in shares)
            )
        else:
            choosing, second = circle(2, _weights(source, size)), uniform(size)
        lam = source.choice((math.inf, math.inf, math.inf, Fraction(2)))
        yield RuledInstance(
            reference, choosing, source.randint(1, most_steps), lam=lam, second=second
        )


def _weights(source: random.Random, size: int) -> Fractions:
    return tuple(Fraction(of_many_sizes(source)) for _ in range(size))


def _with_winner(source: random.Random, size: int) -> Preference:
    """Return preferences in which one answer is preferred to each other one."""
    rows = [list(row) for row in preferences_of(source, size)]
    best, chances = source.randrange(size), source.choice(((9, 10, 12, 16), (12,)))
    for y in range(size):
        if y != best:
            rows[best][y] = Fraction(source.choice(chances), 16)
            rows[y][best] = 1 - rows[best][y]
    return Preference(tuple(map(tuple, rows)))


def _with_zero(source: random.Random, size: int) -> Fractions:
    """Return a law that gives its last atom no mass, if it has another one."""
    return (*law_of(source, size - 1), Fraction(0)) if size > 1 else uniform(1)


class GameSetting(RuledSetting):
    """Retraining on choices between two candidates, by any preferences."""

    steps: ClassVar[tuple[int, int]] = (1, 40)
    tried: ClassVar[dict[RunKind, str]] = {
        "property": (
            "K = 2: matrices of preferences in sixteenths, some with a Condorcet winner or the "
            "uniform balance, and Bradley–Terry voters of rewards spanning 0 to 50; 1 to 6 atoms, "
            "probabilities from 1e-12; the pure loop, 1 to 40 steps"
        ),
        "exact": (
            "K = 2: matrices of preferences, some with a Condorcet winner or a balance, and "
            "Bradley–Terry voters, some in a circle; 1 to 5 atoms of masses of many sizes, 1 to 5 "
            "steps, pure loops and λ = 2"
        ),
        "certified": "the same with 3 to 10 atoms and 1 to 24 steps; and as exact evidence",
    }

    def exact_instances(self, seed: int) -> Iterator[RuledInstance]:
        return game_instances(seed)

    def certified_instances(self, seed: int, cases: int) -> Iterator[RuledInstance]:
        longer = game_instances(seed, sizes=(3, 4, 6, 10), most_steps=24)
        yield from islice(longer, cases - cases // 4)
        yield from islice(game_instances(seed + 1), cases // 4)


GAMES = GameSetting()
"""Retraining on choices between two candidates, by any preferences."""


def game_loops() -> st.SearchStrategy[CurationLoop]:
    """Pure loops of pairs for the search: any preferences, winners, balances, and voters."""
    return ruled_loops(
        laws=scored_laws(max_atoms=6), rules=_rules_of_pairs, schedules={"lam": math.inf}
    )


def _rules_of_pairs(law: RewardLaw) -> st.SearchStrategy[Any]:
    return _pairs(law.size)


@cache
def _pairs(size: int) -> st.SearchStrategy[Any]:
    rewards = st.builds(kinds.BradleyTerry, st.just(2.0), scale=st.sampled_from([1.0, -1.0, 0.1]))
    scores = st.builds(kinds.BradleyTerry, st.just(2.0), by=st.just("second"))
    mixed = st.integers(0, 8).flatmap(
        lambda n: st.builds(
            lambda one, other: kinds.Voters(((n / 8, one), (1 - n / 8, other))), rewards, scores
        )
    )
    seeds = st.integers(0, 10**6).map(lambda seed: random.Random(f"preferences {seed}"))
    any_matrix = seeds.map(lambda source: Preference(preferences_of(source, size)))
    winner = seeds.map(lambda source: _with_winner(source, size))
    turning = seeds.map(lambda source: _in_sixteenths(source, size))
    return st.one_of(mixed, *(made.map(_of_engine) for made in (any_matrix, winner, turning)))


def _in_sixteenths(source: random.Random, size: int) -> Preference:
    """Return preferences with the uniform balance, whose chances are exact in floats."""
    total = dict.fromkeys(combinations(range(size), 2), Fraction(0))
    for i, j, k in combinations(range(size), 3):
        turn = Fraction(source.randint(-2, 2), 8)
        total[i, j] += turn
        total[j, k] += turn
        total[i, k] -= turn
    return preference(total, size)


def _of_engine(rule: Preference) -> kinds.PairwisePreference:
    return kinds.PairwisePreference(np.array(rule.matrix, dtype=float))
