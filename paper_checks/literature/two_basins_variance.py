"""Evidence for the variance that two basins leave: weights as rewards in rationals, then log w."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.literature.two_voters import (
    TWO_VOTERS,
    are_two_voters,
    basins_of,
    two_voters,
    two_voters_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, dot, moments, normalised
from recurate.paper_checks.runs.written import fractions
from recurate.theory.literature.two_basins import separation, tolerance
from recurate.theory.literature.two_basins_variance import (
    basin_share,
    statement,
    variance_of_reward,
)


class _Case(NamedTuple):
    """A law on two basins and a voter's reward there: r* = 0, and ε and Δ - ε where r is bounded.

    Attributes
    ----------
    where : str
        Which one.
    masses, rewards : lists of numbers
        The law and the voter's reward.
    share : number
        The law's share in her basin.
    epsilon, apart : numbers
        ε and Δ - ε.
    """

    where: str
    masses: Numbers
    rewards: Numbers
    share: Number
    epsilon: Number
    apart: Number


def _cases(run: RuledRun) -> Iterator[_Case]:
    """Yield each law of a run on either voter's basins: w - 1 as reward and, in balls, log w."""
    for where, found in basins_of(run):
        for voter, basins in (("1", found), ("2", found.swapped())):
            members = [*basins.first, *basins.second]
            weights = [basins.loop.voters[0][i] for i in members]
            other, least = basins.leaks()[0], basins.least
            readings = [("w", [w - 1 for w in weights], 1 - least, 1 - other)]
            if run.kind != "exact" and all(w > 0 for w in weights):
                logs = [w.log() for w in weights]
                readings.append(("log w", logs, -least.log(), -other.log()))
            for t in range(run.steps + 1):
                if not all(run.law(t)[i] > 0 or run.law(t)[i] == 0 for i in members):
                    continue
                masses = normalised([run.law(t)[i] for i in members])
                share = sum(masses[: len(basins.first)], run.number(0))
                for name, rewards, epsilon, apart in readings:
                    place = f"voter {voter}, r = {name}, t = {t}, {where}"
                    yield _Case(place, masses, rewards, share, epsilon, apart)


def _margin(run: RuledRun, claim: Any, case: _Case, epsilon: Number) -> Number:
    numbers = {
        variance_of_reward: moments(case.rewards, case.masses, 2),
        basin_share: case.share,
        separation: case.apart + epsilon,
        tolerance: epsilon,
    }
    return value_of(run, claim.lhs - claim.rhs, numbers)


def _is_listed(case: _Case) -> bool:
    """Whether the reward takes the two extreme values only, as far as is certain."""
    pairs = list(zip(case.masses, case.rewards, strict=True))
    ends = (-case.epsilon, -case.apart)
    return all(any(not (r < end or r > end) for end in ends) for p, r in pairs if p != 0)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for case in _cases(run):
        margin = _margin(run, statement.claim, case, case.epsilon)
        yield Margin(margin, case.where, tight=_is_listed(case))


def _instead(of: Callable[[_Case], Number]) -> Margins:
    """Return the margins of another least variance."""

    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        for case in _cases(run):
            yield Margin(moments(case.rewards, case.masses, 2) - of(case), case.where)

    return margins


def _apart(case: _Case) -> Number:
    """Return (Δ - 2ε)_+."""
    gap = case.apart - case.epsilon
    return gap if gap > 0 else 0 * gap


def _with_outside(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """The variance of the whole law is at least b (1-b) (Δ - 2ε)², b the share outside of S_1."""
    for where, basins in basins_of(run):
        weights, (a, b, _) = basins.loop.voters[0], basins.masses(run.law(0))
        apart = basins.least - basins.leaks()[0]
        if apart > 0 and basins.outside:
            centre = dot(run.law(0), weights)
            variance = dot(run.law(0), [(w - centre) * (w - centre) for w in weights])
            yield Margin(variance - (a + b) * (1 - a) * apart * apart, where)


_two_values = two_voters(
    Fraction(1, 2),
    fractions("1 9/10 1/10 1/10"),
    fractions("1/10 1/10 1 9/10"),
    fractions("0 1/3 0 2/3"),
)
"""Where there is mass, both rewards take two values only."""

_grouped = two_voters(
    Fraction(1, 2),
    fractions("1 9/10 4/5 0"),
    fractions("0 0 0 1"),
    fractions("0 1/10 8/10 1/10"),
)

check = Check(
    statement=statement,
    margins=_margins,
    setting=TWO_VOTERS,
    admits=are_two_voters,
    loops=two_voters_loops(),
    instances=(_two_values,),
    mutants=(
        Mutant(
            "a (1-a) (Δ - ε)²",
            margins=_instead(lambda case: case.share * (1 - case.share) * case.apart * case.apart),
        ),
        Mutant("a (Δ - 2ε)²", margins=_instead(lambda case: case.share * _apart(case) ** 2)),
        Mutant(
            "(Δ - 2ε)²/4",
            margins=_instead(lambda case: _apart(case) ** 2 / 4),
        ),
        Mutant(
            "a (1-a) (Δ - 2ε), not squared",
            margins=_instead(lambda case: case.share * (1 - case.share) * _apart(case)),
        ),
        Mutant(
            "with mass outside: (1-m) (1-a) (Δ - 2ε)²",
            margins=_with_outside,
            instances=(_grouped,),
        ),
    ),
)
