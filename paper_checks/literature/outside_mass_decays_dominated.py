"""Evidence for the decay of what grows nowhere outside of two basins, in rationals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.fixed_points.objectives import largest
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
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number
from recurate.paper_checks.runs.written import fractions
from recurate.theory.language.notation import t as number_of_steps
from recurate.theory.literature.outside_mass_decays_dominated import rate, statement
from recurate.theory.literature.two_basins import outside_at


def _rate(basins: Basins, run: RuledRun, steps: int) -> Number:
    """Return the largest W_t outside of the basins, of the first steps."""
    growth = [basins.loop.support(run.law(t)) for t in range(steps)]
    return largest([at[i] for at in growth for i in basins.outside])


def _falls(
    run: RuledRun,
    of: Callable[[Number], Number] = lambda rho: rho,
    steps: int | None = None,
    part: int = 2,
) -> Iterator[Margin]:
    """Yield the margins of: m_{t+1} is at most ρ m_t, or another part of p_t falls so."""
    for where, basins in basins_of(run):
        if not basins.outside:
            continue
        rho = _rate(basins, run, run.steps if steps is None else steps)
        if not rho < 1:
            continue
        growth = [basins.loop.support(run.law(t)) for t in range(run.steps)]
        shares = [basins.masses(run.law(t))[part] for t in range(run.steps + 1)]
        for t in range(run.steps):
            numbers = {
                rate: of(rho),
                outside_at(number_of_steps): shares[t],
                outside_at(number_of_steps + 1): shares[t + 1],
            }
            margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
            charged = [i for i in basins.outside if run.law(t)[i] != 0]
            is_listed = not any(growth[t][i] < rho for i in charged)
            yield Margin(margin, f"t = {t}, {where}", tight=is_listed)


def _instead(of: Callable[[Number], Number], steps: int | None = None, part: int = 2) -> Margins:
    return lambda run, bound: (
        margin._replace(tight=False) for margin in _falls(run, of, steps, part)
    )


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _falls(run)


def _two_voters_and_data(run: RuledRun) -> bool:
    return "Electorate" in type(run.choosing(0)).__name__


_fading = two_voters(
    Fraction(1, 2),
    fractions("1 1/100 1/5 2/5"),
    fractions("1/100 1 1/5 1/10"),
    fractions("1/4 1/4 1/4 1/4"),
    3,
)
"""What is outside fades, at another speed at each answer and at each step."""

_growing = two_voters(
    Fraction(1, 2),
    fractions("1 1/100 3/5"),
    fractions("1/100 1 3/5"),
    fractions("49/100 49/100 2/100"),
    2,
)

check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops("more"),
    instances=(_fading,),
    mutants=(
        Mutant("m_{t+1} <= ρ² m_t", margins=_instead(lambda rho: rho * rho)),
        Mutant("with the largest W_0 outside as ρ", margins=_instead(lambda rho: rho, steps=1)),
        Mutant("the share of S_1 falls so", margins=_instead(lambda rho: rho, part=0)),
        Mutant("the share of S_2 falls so", margins=_instead(lambda rho: rho, part=1)),
        Mutant(
            "with real data mixed in",
            margins=_instead(lambda rho: rho),
            admits=_two_voters_and_data,
            instances=(replace(_fading, lam=Fraction(1, 2)),),
        ),
        Mutant(
            "m_{t+1} <= (ρ - (1-ρ)/10) m_t",
            margins=_instead(lambda rho: rho - (1 - rho) / 10),
            instances=(COMPROMISE, _growing),
        ),
    ),
)
