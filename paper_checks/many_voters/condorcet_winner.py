"""Evidence for Condorcet winners, at every t of pure loops of pairs.

Its rational core is one step: 1 - p_{t+1}(x*) <= (1 - p_t(x*)) (1 - δ p_t(x*)).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.games import (
    GAMES,
    Matrix,
    condorcet_winner,
    exact_advantages,
    game_loops,
    is_of_pairs,
    preference,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers
from recurate.paper_checks.runs.written import fractions
from recurate.theory.language.notation import preference_margin, top_mass
from recurate.theory.language.notation import t as step
from recurate.theory.many_voters.condorcet_winner import statement

Winner = Callable[[Matrix, Numbers], tuple[int, Number] | None]
"""From A and p_0 to an answer x* and δ, if the claim speaks of one."""


def _rest(law: Numbers, x: int) -> Number:
    """Return the mass of everything but x, in which nothing cancels."""
    return sum((p for y, p in enumerate(law) if y != x), 0)


def _is_even(matrix: Matrix, law: Numbers, x: int, least: Number) -> bool:
    """Return whether x is preferred to all other answers with mass alike, for certain."""
    return all(matrix[x][y] == least for y, p in enumerate(law) if y != x and p != 0)


def _at_all_steps(winner: Winner = condorcet_winner) -> Margins:
    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        matrix, start = exact_advantages(run), run.law(0)
        found = winner(matrix, start)
        if found is None:
            return
        x, least = found
        is_even = _is_even(matrix, start, x, least)
        for t in range(run.steps + 1):
            guaranteed = bound(top_mass=start[x], preference_margin=run.number(least), steps=t)
            is_equal = t == 0 or (t == 1 and is_even)
            yield Margin(guaranteed - _rest(run.law(t), x), f"t = {t}", tight=is_equal)

    return margins


def _of_one_step(winner: Winner = condorcet_winner) -> Margins:
    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        matrix, start = exact_advantages(run), run.law(0)
        found = winner(matrix, start)
        if found is None:
            return
        x, least = found
        is_even = _is_even(matrix, start, x, least)
        for t in range(run.steps):
            guaranteed = bound(top_mass=run.law(t)[x], preference_margin=run.number(least))
            yield Margin(guaranteed - _rest(run.law(t + 1), x), f"t = {t}", tight=is_even)

    return margins


def _on_average(matrix: Matrix, law: Numbers) -> tuple[int, Number] | None:
    """The answer that wins most from p_0, and what it wins from another one in the mean."""
    found = condorcet_winner(matrix, law)
    if found is None:
        return None
    x, _ = found
    return x, sum((matrix[x][y] * p for y, p in enumerate(law)), 0) / _rest(law, x)


def _never_beaten(matrix: Matrix, law: Numbers) -> tuple[int, Number] | None:
    """An answer that loses to none and ties with some, and what it wins from another one."""
    present = [x for x, p in enumerate(law) if p != 0]
    for x in present:
        over = [matrix[x][y] for y in present if y != x]
        if over and min(over) == 0 and max(over) > 0:
            return x, max(over)
    return None


def _mutant(claim: str, winner: Winner) -> Mutant:
    return Mutant(
        claim,
        margins=_at_all_steps(winner),
        exact_margins=_of_one_step(winner),
        admits=lambda run: run.kind == "exact" and is_of_pairs(run) and run.lam == math.inf,
    )


_LIKE = fractions("1/4 1/4 1/2")
_EVEN = preference({(0, 1): Fraction(1, 2), (0, 2): Fraction(1, 2)}, 3)
# Two groups of the same size, with weights near e^r for r = (5, 0, 3) and (0, 5, 3).
_COMPROMISE = RuledInstance(
    fractions("1/3 1/3 1/3"),
    Electorate(
        fractions("1/2 1/2"),
        (BradleyTerry(2, fractions("148 1 20")), BradleyTerry(2, fractions("1 148 20"))),
    ),
    4,
)
_OF_THREE = replace(
    _COMPROMISE,
    choosing=Electorate(
        fractions("1/2 1/2"),
        (BradleyTerry(3, fractions("148 1 20")), BradleyTerry(3, fractions("1 148 20"))),
    ),
    steps=3,
)
_rate = 1 - preference_margin * top_mass

check = Check(
    statement=statement,
    margins=_at_all_steps(),
    exact_margins=_of_one_step(),
    setting=GAMES,
    requires={"pure": lambda run: is_of_pairs(run) and run.lam == math.inf},
    loops=game_loops(),
    instances=(
        RuledInstance(_LIKE, _EVEN, 5),
        RuledInstance(fractions("1/1000 999/2000 999/2000"), _EVEN, 5),
        RuledInstance(fractions("1/2 1/4 1/4"), preference({(0, 1): Fraction(1)}, 3), 3),
        _COMPROMISE,
    ),
    mutants=(
        Mutant(
            "the rate 1 - δ, without p_t(x*)",
            bound=(1 - top_mass) * (1 - preference_margin) ** step,
            core=(1 - top_mass) * (1 - preference_margin),
        ),
        Mutant(
            "the rate 1 - 2 δ p_t(x*)",
            bound=(1 - top_mass) * (2 * _rate - 1) ** step,
            core=(1 - top_mass) * (2 * _rate - 1),
        ),
        Mutant(
            "for three candidates, too: a compromise that is preferred to each other answer",
            admits=lambda run: run.K == 3 and not run.changes and run.kind != "property",
            instances=(_OF_THREE,),
        ),
        Mutant(
            "with real data mixed in, too",
            admits=lambda run: is_of_pairs(run),
            instances=(RuledInstance(_LIKE, _EVEN, 3, lam=Fraction(1)),),
        ),
        _mutant("δ what x* wins from another answer in the mean", _on_average),
        _mutant("an answer that others only tie with takes over as well", _never_beaten),
    ),
)
