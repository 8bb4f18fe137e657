"""Evidence for the win rate of the best of n, in rationals."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.literature.best_of_n import (
    ONE_CHOICE,
    BestOfN,
    equal_masses,
    is_best_of_n,
    one_choice_loops,
)
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.theory.language.notation import K
from recurate.theory.literature.best_of_n_win_rate import statement


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield Margin(bound(K=run.K) - BestOfN.of(run).wins(), tight=run.K == 1)


def _ties_won(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield Margin(bound(K=run.K) - BestOfN.of(run).wins(Fraction(1)))


def _less_by_collisions(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """n/(n+1) less (n-1)/24 Σ p²."""
    choice = BestOfN.of(run)
    yield Margin(bound(K=run.K) - choice.wins() - (choice.number - 1) * choice.collision() / 24)


check = Check(
    statement=statement,
    margins=_margins,
    setting=ONE_CHOICE,
    admits=is_best_of_n,
    loops=one_choice_loops(),
    instances=(equal_masses(64, 4), equal_masses(5, 2)),
    mutants=(
        Mutant("(n-1)/n", bound=1 - 1 / K),
        Mutant("ties count as wins", margins=_ties_won),
        Mutant("n/(n+1) less 1/1000 for n >= 2", bound=K / (K + 1) - (K - 1) / K / 1000),
        Mutant("n/(n+2)", bound=K / (K + 2)),
        Mutant("n/(n+1) less (n-1)/24 Σ p²", margins=_less_by_collisions),
    ),
)
