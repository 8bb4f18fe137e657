"""Evidence for the Nash product of mixtures: its powers are whole ones for a rational q."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.literature.two_voters import (
    TWO_VOTERS,
    Basins,
    are_two_voters,
    basins_of,
    two_voters,
    two_voters_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.choosing import power
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, dot, normalised
from recurate.paper_checks.runs.written import fractions
from recurate.theory.literature.two_basins import first_share
from recurate.theory.literature.two_basins_nash import log_product, mixed, statement

_MIXTURES = fractions("1/10 1/4 1/3 1/2 2/3 9/10")

Place = Callable[[Basins], Number]
"""From the voters to the share of P_1 that is claimed to be best."""

Value = Callable[[RuledRun, Basins, tuple[Number, Number], tuple[Number, Number]], Number]
"""Objective of both utilities and both disagreements."""


def _pairs(run: RuledRun) -> Iterator[tuple[str, Basins, Numbers, Numbers]]:
    """Yield two laws of which each voter prefers another one: p_0 in her basin, and others."""
    for where, basins in basins_of(run):
        law = run.law(0)
        parts = []
        for members in (basins.first, basins.second):
            parts.append(normalised([p if i in members else 0 * p for i, p in enumerate(law)]))
        near = [(3 * p + q) / 4 for p, q in zip(parts[0], law, strict=True)]
        for name, first, second in (
            ("basins", parts[0], parts[1]),
            ("basin 1 and p_0, and the second law", near, run.second),
        ):
            one, two = basins.loop.voters
            wins = dot(first, one) > dot(second, one) and dot(second, two) > dot(first, two)
            if wins:
                yield f"{name}, {where}", basins, first, second


def _utilities(
    basins: Basins, first: Numbers, second: Numbers, share: Number
) -> tuple[tuple[Number, Number], tuple[Number, Number]]:
    """Return u_1 and u_2 of the mixture, and d_1 and d_2."""
    one, two = basins.loop.voters
    law = [share * p + (1 - share) * q for p, q in zip(first, second, strict=True)]
    return (dot(law, one), dot(law, two)), (dot(second, one), dot(first, two))


def _product(
    run: RuledRun,
    basins: Basins,
    utilities: tuple[Number, Number],
    disagreements: tuple[Number, Number],
) -> Number:
    """Return (u_1 - d_1)^q (u_2 - d_2)^{1-q}; in rationals its N-th power, N q being whole."""
    gains = [u - d for u, d in zip(utilities, disagreements, strict=True)]
    q = basins.share
    if run.kind == "exact":
        return power(gains[0], q.numerator) * power(gains[1], q.denominator - q.numerator)
    return q * gains[0].log() + (1 - q) * gains[1].log()


def _best_at(
    run: RuledRun,
    place: Place = lambda basins: basins.share,
    value: Value = _product,
) -> Iterator[Margin]:
    """Yield the margins of: the value is largest where the share of P_1 is q, or another one."""
    for where, basins, first, second in _pairs(run):
        best = place(basins)
        at_best = value(run, basins, *_utilities(basins, first, second, best))
        for share in map(run.number, _MIXTURES):
            if share < best or share > best:
                other = value(run, basins, *_utilities(basins, first, second, share))
                numbers = {mixed: share, first_share: best}
                numbers |= {log_product(mixed): other, log_product(first_share): at_best}
                margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
                yield Margin(margin, f"α = {share}, {where}")


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _best_at(run)


def _with(place: Place) -> Margins:
    return lambda run, bound: _best_at(run, place)


def _of(value: Value) -> Margins:
    return lambda run, bound: _best_at(run, value=value)


def _sum(
    run: RuledRun,
    basins: Basins,
    utilities: tuple[Number, Number],
    disagreements: tuple[Number, Number],
) -> Number:
    return dot([basins.share, 1 - basins.share], utilities)


def _least(
    run: RuledRun,
    basins: Basins,
    utilities: tuple[Number, Number],
    disagreements: tuple[Number, Number],
) -> Number:
    return min(u - d for u, d in zip(utilities, disagreements, strict=True))


def _no_disagreement(
    run: RuledRun,
    basins: Basins,
    utilities: tuple[Number, Number],
    disagreements: tuple[Number, Number],
) -> Number:
    return _product(run, basins, utilities, (run.number(0), run.number(0)))


_uneven = two_voters(Fraction(1, 4), fractions("1 3/10"), fractions("1/20 1"), fractions("1/2 1/2"))

check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops(),
    instances=(_uneven,),
    mutants=(
        Mutant("largest at 1/2, whatever q", margins=_with(lambda b: b.share * 0 + Fraction(1, 2))),
        Mutant("largest at 1 - q", margins=_with(lambda basins: 1 - basins.share)),
        Mutant("largest at q²", margins=_with(lambda basins: basins.share * basins.share)),
        Mutant("the sum q u_1 + (1-q) u_2 is largest at q", margins=_of(_sum)),
        Mutant("the least gain is largest at q", margins=_of(_least)),
        Mutant("the product without d_1 and d_2 is largest at q", margins=_of(_no_disagreement)),
    ),
)
