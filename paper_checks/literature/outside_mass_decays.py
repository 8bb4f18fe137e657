"""Evidence against the decay of whatever is outside of two basins: a compromise takes over."""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin
from recurate.paper_checks.literature.two_voters import (
    COMPROMISE,
    TWO_VOTERS,
    are_two_voters,
    basins_of,
    two_voters_loops,
)
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.theory.literature.outside_mass_decays import statement


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of: m_t does not grow, as it would not for any ρ < 1."""
    for where, basins in basins_of(run):
        outside = [basins.masses(run.law(t))[2] for t in range(run.steps + 1)]
        for t in range(run.steps):
            is_none = not outside[t] > 0
            yield Margin(outside[t] - outside[t + 1], f"t = {t}, {where}", tight=is_none)


check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops("more"),
    instances=(COMPROMISE,),
)
