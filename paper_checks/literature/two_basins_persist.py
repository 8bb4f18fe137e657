"""Evidence for how much each of two voters keeps in her own basin, in rationals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.literature.two_voters import (
    COMPROMISE,
    TWO_VOTERS,
    Basins,
    are_two_voters,
    basins_of,
    two_voters,
    two_voters_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number
from recurate.paper_checks.runs.written import fractions
from recurate.theory.language.notation import t as number_of_steps
from recurate.theory.literature.two_basins import first_basin_at, first_share, leak
from recurate.theory.literature.two_basins_persist import statement

Leak = Callable[[Number, Number], Number]
"""From the largest weight of the other's basin, and e^{-ε}, to κ."""


def _appendix(other: Number, least: Number) -> Number:
    """Return κ = e^{-(Δ - 2ε)} for the largest Δ with r <= r* - Δ + ε on the other's basin."""
    return other / least


def _main_text(other: Number, least: Number) -> Number:
    """Return κ = e^{-(Δ - 2ε)} for the largest Δ with r <= r* - Δ on the other's basin."""
    return other / (least * least)


def _sides(run: RuledRun) -> Iterator[tuple[str, Basins]]:
    for where, basins in basins_of(run):
        yield f"voter 1, {where}", basins
        yield f"voter 2, {where}", basins.swapped()


def _is_hard(basins: Basins) -> bool:
    """Return whether neither voter gives any weight to the other's basin."""
    return all(k == 0 for k in basins.leaks())


def _nears(
    run: RuledRun,
    kappa_of: Leak,
    *,
    steps: Callable[[int], int] = lambda t: t,
    outside: bool = False,
) -> Iterator[Margin]:
    """Yield the margins of the claim, of either voter."""
    for where, basins in _sides(run):
        kappa = kappa_of(basins.leaks()[0], basins.least)
        shares = [basins.masses(run.law(t)) for t in range(run.steps + 1)]
        if not kappa < basins.share or (not outside and shares[0][2] != 0):
            continue
        for t, (a, _, _) in enumerate(shares):
            numbers = {
                first_share: basins.share,
                leak: kappa,
                first_basin_at(number_of_steps): a,
                first_basin_at(0): shares[0][0],
                number_of_steps: steps(t),
            }
            margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
            yield Margin(margin, f"t = {t}, {where}", tight=t == 0 or _is_hard(basins))


def _one_step(run: RuledRun, kappa_of: Leak, weight: int = 1) -> Iterator[Margin]:
    """Yield the margins of: a_{t+1} is at least q a_t/(a_t + κ b_t + m_t), outside mass and all."""
    for where, basins in _sides(run):
        kappa = kappa_of(basins.leaks()[0], basins.least)
        for t in range(run.steps):
            a, b, m = basins.masses(run.law(t))
            after = basins.masses(run.law(t + 1))[0]
            margin = after - basins.share * a / (a + kappa * b + weight * m)
            is_listed = _is_hard(basins) and not basins.outside
            yield Margin(margin, f"one step from t = {t}, {where}", tight=is_listed)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for reading in (_appendix, _main_text):
        yield from _nears(run, reading)
        yield from _one_step(run, reading)


def _instead(kappa_of: Leak, steps: Callable[[int], int] = lambda t: t) -> Margins:
    return lambda run, bound: _nears(run, kappa_of, steps=steps)


def _end_is_q(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """a_t never falls while it is below q."""
    for where, basins in _sides(run):
        for t in range(run.steps):
            a, after = (basins.masses(run.law(s))[0] for s in (t, t + 1))
            if a <= basins.share and not basins.outside:
                yield Margin(after - a, f"t = {t}, {where}")


def _few(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _nears(run, _appendix)


_wide = two_voters(
    Fraction(1, 2),
    fractions("1 1/2 1/10000"),
    fractions("1/10000 1/10000 1"),
    fractions("0 1/10 9/10"),
    3,
)
"""Voter 1's basin has mass at its lower end alone."""

_leaking = two_voters(
    Fraction(1, 4), fractions("1 1/5"), fractions("1/5 1"), fractions("1/4 3/4"), 3
)

_pairs = replace(
    _leaking,
    choosing=Electorate(
        fractions("1/4 3/4"),
        (BradleyTerry(2, fractions("1 1/100")), BradleyTerry(2, fractions("1/100 1"))),
    ),
)

check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops(),
    instances=(_wide, _leaking),
    mutants=(
        Mutant(
            "with κ = e^{-Δ}, as if ε were 0",
            margins=_instead(lambda other, least: other),
        ),
        Mutant("it nears the end like (κ/q)^(2t)", margins=_instead(_appendix, lambda t: 2 * t)),
        Mutant("no share below q falls", margins=_end_is_q),
        Mutant(
            "with mass outside, too",
            margins=lambda run, bound: _nears(run, _appendix, outside=True),
            instances=(COMPROMISE,),
        ),
        Mutant(
            "one step leaves q a/(a + κ b), with mass outside",
            margins=lambda run, bound: _one_step(run, _appendix, 0),
            instances=(COMPROMISE,),
        ),
        Mutant(
            "for two candidates",
            margins=_few,
            admits=lambda run: run.K == 2 and len(getattr(run.choosing(0), "voters", ())) == 2,
            instances=(_pairs,),
        ),
    ),
)
