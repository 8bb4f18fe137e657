"""Evidence for how much the formula for the best of n overstates. Logarithms: no rational core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.fixed_points.objectives import largest
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
from recurate.theory.language.notation import K
from recurate.theory.literature.best_of_n import collision
from recurate.theory.literature.best_of_n_divergence_gap import gap, sharper_gap, statement


def _below(run: RuledRun, most: Any, power: int | None = 2) -> Iterator[Margin]:
    """Yield the margin of: the formula less the divergence is at most this, of Σ p² or so.

    Without a power the largest mass takes the place of Σ p².
    """
    if all(p > 0 or p == 0 for p in run.choice(0)[1]):
        numbers = numbers_of(run, divergence=True)
        choice = BestOfN.of(run)
        numbers[collision] = choice.collision(power) if power else largest(choice.masses)
        margin = value_of(run, most - statement.claim.lhs, numbers)
        yield Margin(margin, f"the bound {most}", tight=run.K == 1)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _below(run, gap)
    yield from _below(run, sharper_gap)
    if run.K > 1:
        yield from _below(run, K * collision, None)


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
    is_exact=False,
    mutants=(
        Mutant("(n-1)/8 Σ p²", margins=_instead((K - 1) / 8 * collision), is_exact=False),
        Mutant("n (n-1)/12 Σ p²", margins=_instead(gap / 24), is_exact=False),
        Mutant("n (n-1)/2 Σ p⁴", margins=_instead(sharper_gap, 4), is_exact=False),
        Mutant("Σ p²", margins=_instead(collision), is_exact=False),
        Mutant(
            "n (n-1)/8 Σ p², with ties",
            margins=_instead(sharper_gap / 4),
            admits=is_best_of_n,
            is_exact=False,
            instances=(_tied,),
        ),
    ),
)
