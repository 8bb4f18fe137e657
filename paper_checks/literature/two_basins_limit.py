"""Evidence for two voters who accept their own basins alone, in rationals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
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
from recurate.theory.language.notation import t as number_of_steps
from recurate.theory.literature.two_basins import first_basin_at, first_share
from recurate.theory.literature.two_basins_limit import statement


def _even(run: RuledRun, *, first: int = 1, hard: bool = True) -> Iterator[Margin]:
    """Yield the margins of: S_1 has the share q from the first step on."""
    for where, basins in basins_of(run):
        leaks = basins.plateaus()
        if leaks is None or hard != all(k == 0 for k in leaks):
            continue
        for t in range(first, run.steps + 1):
            a = basins.masses(run.law(t))[0]
            numbers = {first_share: basins.share, first_basin_at(number_of_steps + 1): a}
            gap = value_of(run, statement.claim.lhs - statement.claim.rhs, numbers)
            yield Margin(-abs(gap), f"t = {t}, {where}", tight=hard)


def _within(run: RuledRun) -> Iterator[Margin]:
    """Yield the margins of: p_t given a basin is p_0 given it."""
    for where, basins in basins_of(run):
        leaks = basins.plateaus()
        if leaks is not None and all(k == 0 for k in leaks):
            start, end = run.law(0), run.law(run.steps)
            masses = zip(basins.masses(start), basins.masses(end), basins[2:4], strict=False)
            for before, after, members in masses:
                for i in members:
                    gap = end[i] * before - start[i] * after
                    yield Margin(-abs(gap), f"atom {i}, {where}", tight=True)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _even(run)
    yield from _within(run)


def _half(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """S_1 has the share 1/2."""
    for where, basins in basins_of(run):
        leaks = basins.plateaus()
        if leaks is not None and all(k == 0 for k in leaks) and run.steps:
            gap = basins.masses(run.law(1))[0] - run.number(Fraction(1, 2))
            yield Margin(-abs(gap), where)


_hard = two_voters(
    Fraction(1, 3),
    fractions("1 1 0"),
    fractions("0 0 1"),
    fractions("1/2 1/4 1/4"),
    3,
)

check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops("hard"),
    instances=(_hard,),
    mutants=(
        Mutant("at t = 0, too", margins=lambda run, bound: _even(run, first=0)),
        Mutant("where voters are a finite reward apart", margins=lambda r, b: _even(r, hard=False)),
        Mutant("each basin has one half", margins=_half),
        Mutant(
            "with real data mixed in",
            margins=lambda run, bound: _even(run),
            admits=lambda run: len(getattr(run.choosing(0), "voters", ())) == 2,
            instances=(replace(_hard, lam=Fraction(1)),),
        ),
    ),
)
