"""Evidence for the preference game: T(p) from all pairs of candidates, at every step of a run."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.many_voters.simulated_pairs import sampled_evidence
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry
from recurate.paper_checks.runs.ruled.games import (
    GAMES,
    Matrix,
    advantages,
    circle,
    game_loops,
    is_balance,
    is_of_pairs,
    preference,
    uniform,
    won,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Numbers
from recurate.paper_checks.runs.written import fractions
from recurate.theory.many_voters.preference_game import statement


def _by_pairs(run: RuledRun, matrix: Matrix, law: Numbers) -> Numbers:
    """Return T(p) from all ordered pairs: the first one is chosen with (1 + A)/2, or the second."""
    chosen = [run.number(0)] * run.size
    for x, p in enumerate(law):
        chosen[x] = chosen[x] + p * p
    for x, y in combinations(range(run.size), 2):
        both = 2 * law[x] * law[y]
        first = (1 + matrix[x][y]) / 2
        chosen[x], chosen[y] = chosen[x] + both * first, chosen[y] + both * (1 - first)
    return chosen


def _replicated(matrix: Matrix, law: Numbers) -> Numbers:
    return [p * (1 + gain) for p, gain in zip(law, won(matrix, law), strict=True)]


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    matrix = advantages(run)
    for t in range(run.steps):
        law, chosen = run.choice(t)
        replicated = _replicated(matrix, law)
        yield from equation_margins(chosen, replicated, f"t = {t}")
        yield from equation_margins(
            _by_pairs(run, matrix, law), replicated, f"t = {t}, of all pairs"
        )
    if run.kind != "property" and is_balance(matrix, run.second):
        fixed = run.chosen_from(run.second, 0)
        yield from equation_margins(fixed, run.second, "second law, a balance")


def _twice(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    matrix = [[2 * value for value in row] for row in advantages(run)]
    yield from _with_matrix(run, matrix)


def _loser(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    matrix = [[-value for value in row] for row in advantages(run)]
    yield from _with_matrix(run, matrix)


def _symmetric(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    matrix = [[abs(value) for value in row] for row in advantages(run)]
    yield from _with_matrix(run, matrix)


def _own_voters(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """T(p) = p (1 + A p) with the A of choices between two, whatever K is."""
    yield from _with_matrix(run, advantages(run))


def _with_matrix(run: RuledRun, matrix: Matrix) -> Iterator[Margin]:
    law, chosen = run.choice(0)
    yield from equation_margins(chosen, _replicated(matrix, law), "t = 0")


def _equilibria(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """At a fixed point nobody wins from it: A(x, p) <= 0 for each x, where p lacks mass, too."""
    matrix, law = advantages(run), run.second
    if run.chosen_from(law, 0) == law:
        for x, gain in enumerate(won(matrix, law)):
            yield Margin(-gain, f"second law, answer {x}")


_ROCK = preference({(0, 1): Fraction(-1), (1, 2): Fraction(-1), (0, 2): Fraction(1)}, 3)
_THREE = fractions("1/2 1/3 1/6")

check = Check(
    statement=statement,
    margins=_margins,
    setting=GAMES,
    requires={"pairs": is_of_pairs},
    loops=game_loops(),
    instances=(
        RuledInstance(_THREE, _ROCK, 4, second=uniform(3)),
        RuledInstance(_THREE, circle(2, fractions("4 2 1")), 3, second=uniform(3)),
        # A single answer is fixed.
        RuledInstance(_THREE, _ROCK, 1, second=fractions("1 0 0")),
    ),
    sampled=sampled_evidence,
    mutants=(
        Mutant("1 + 2 Σ_y A(x, y) p(y): P in place of A = 2P - 1, not halved", margins=_twice),
        Mutant("A(y, x) in place of A(x, y): the worse answer wins", margins=_loser),
        Mutant("A symmetric: |A(x, y)|", margins=_symmetric),
        Mutant(
            "for three candidates as for two",
            margins=_own_voters,
            admits=lambda run: run.K == 3 and run.kind != "property",
            instances=(RuledInstance(_THREE, BradleyTerry(3, fractions("1 2 4")), 1),),
        ),
        Mutant(
            "every fixed point is an equilibrium, of full support or not",
            margins=_equilibria,
            admits=lambda run: run.kind == "exact" and is_of_pairs(run),
        ),
    ),
)
