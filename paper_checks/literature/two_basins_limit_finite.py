"""Evidence against the mixture p_q as the limit for voters who are a finite reward apart."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin
from recurate.paper_checks.literature.two_voters import (
    TWO_VOTERS,
    are_two_voters,
    basins_of,
    two_voters,
    two_voters_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.written import fractions
from recurate.theory.literature.two_basins import first_share
from recurate.theory.literature.two_basins_limit_finite import share_after_q, statement


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of: a step from p_q leads to p_q."""
    for where, basins in basins_of(run):
        leaks = basins.plateaus()
        if leaks is None or not all(k > 0 for k in leaks):
            continue
        a, b, _ = basins.masses(run.law(0))
        q = basins.share
        mixture = [
            p * (q / a if i in basins.first else (1 - q) / b) for i, p in enumerate(run.law(0))
        ]
        numbers = {first_share: q, share_after_q: basins.masses(basins.loop.step(mixture))[0]}
        gap = value_of(run, statement.claim.lhs - statement.claim.rhs, numbers)
        # For equal shares and leaks it is one.
        is_even = q == 1 - q and leaks[0] == leaks[1]
        yield Margin(-abs(gap), where, tight=is_even)


check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops("plateaus"),
    instances=(
        two_voters(Fraction(1, 4), fractions("1 1/10"), fractions("1/10 1"), fractions("1/4 3/4")),
    ),
)
