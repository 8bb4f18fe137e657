"""Evidence against the formula for the divergence of the best of n: two answers refute it."""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin
from recurate.paper_checks.literature.best_of_n import (
    ONE_CHOICE,
    equal_masses,
    has_no_ties,
    numbers_of,
    one_choice_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.theory.literature.best_of_n_formula import statement


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    if all(p > 0 or p == 0 for p in run.choice(0)[1]):
        gap = statement.claim.lhs - statement.claim.rhs
        value = -abs(value_of(run, gap, numbers_of(run, divergence=True)))
        yield Margin(value, tight=run.K == 1)


check = Check(
    statement=statement,
    margins=_margins,
    setting=ONE_CHOICE,
    admits=has_no_ties,
    loops=one_choice_loops(),
    instances=(equal_masses(2, 2),),
    is_exact=False,
)
