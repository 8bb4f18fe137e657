"""Evidence for how far the win rate of the best of n is below n/(n+1), in rationals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.literature.best_of_n import (
    ONE_CHOICE,
    BestOfN,
    equal_masses,
    has_no_ties,
    is_best_of_n,
    numbers_of,
    one_choice_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.choosing import BestBy
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.written import fractions
from recurate.theory.literature.best_of_n import collision
from recurate.theory.literature.best_of_n_win_rate_gap import gap, sharper_gap, statement


def _below(run: RuledRun, most: Any, power: int = 2) -> Iterator[Margin]:
    """Yield the margin of: n/(n+1) less the win rate is at most this, of Σ p² or so."""
    numbers = numbers_of(run)
    numbers[collision] = BestOfN.of(run).collision(power)
    margin = value_of(run, most - statement.claim.lhs, numbers)
    yield Margin(margin, f"the bound {most}", tight=run.K == 1 and most == gap)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _below(run, gap)
    if run.K > 1:
        yield from _below(run, sharper_gap)


def _instead(most: Any, power: int = 2) -> Margins:
    return lambda run, bound: _below(run, most, power)


_tied = RuledInstance(fractions("1/4 1/4 1/4 1/4"), BestBy(2, (0, 0, 0, 0)))

check = Check(
    statement=statement,
    margins=_margins,
    setting=ONE_CHOICE,
    admits=has_no_ties,
    loops=one_choice_loops(),
    instances=(equal_masses(2, 2), equal_masses(64, 4)),
    mutants=(
        Mutant("with ties", margins=_instead(gap), admits=is_best_of_n, instances=(_tied,)),
        Mutant("(n-1)/8 Σ p²", margins=_instead(gap / 4)),
        Mutant("n/16 Σ p²", margins=_instead(sharper_gap / 4)),
        Mutant("(n-1)/2 Σ p⁴", margins=_instead(gap, 4)),
        Mutant("Σ p²/4, whatever n", margins=_instead(collision / 4)),
    ),
)
