"""Evidence for the Nash welfare: how near its maximum the pure loop of many voters comes.

The maximiser p* is known since one voter is made so that it is one. The rational core is the
condition of Karush, Kuhn and Tucker: the voters' mean growth is at most one if any law takes the
place of p*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.fixed_points.objectives import VotersLoop, are_distinct, divergence
from recurate.paper_checks.many_voters.voters import (
    VOTERS,
    Approach,
    approaches,
    instance_of_voters,
    voters_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, dot
from recurate.paper_checks.runs.written import fractions
from recurate.theory.language.notation import t as number_of_steps
from recurate.theory.many_voters.nash_welfare import other_welfare, statement, welfare_at
from recurate.theory.many_voters.pluralistic_objective import optimum_divergence_at

Value = Callable[[VotersLoop, Numbers], Number]


def _pure(run: RuledRun) -> Iterator[Approach]:
    return (approach for approach in approaches(run) if approach.loop.a == 1)


def _others(run: RuledRun, approach: Approach) -> Iterator[tuple[str, Numbers]]:
    """Yield laws with mass only where p_0 has, and some for every voter."""
    start, n = approach.laws[0], run.size
    laws = [("p*", approach.optimum), ("p_n", approach.laws[-1])]
    laws += [("uniform law", [run.number(Fraction(1, n))] * n), ("second law", run.second)]
    for i in range(n):
        at_one = [run.number(Fraction(n if i == j else 1, 2 * n - 1)) for j in range(n)]
        laws.append((f"most at atom {i}", at_one))
    for name, law in laws:
        is_inside = all(p > 0 for p, q in zip(start, law, strict=True) if q != 0)
        if is_inside and all(dot(law, weights) > 0 for weights in approach.loop.voters):
            yield name, law


def _gaps(
    run: RuledRun,
    value: Value = VotersLoop.welfare,
    steps: Callable[[int], int] = lambda t: t,
) -> Iterator[Margin]:
    """Yield the margins of: N(q) - N(p_t) is at most KL(p*‖p_0)/(t+1), or more steps are put in."""
    for approach in _pure(run):
        where, loop, laws, fixed = approach
        distance = divergence(fixed, laws[0])
        is_still = not are_distinct(fixed, laws[0])
        reached = [value(loop, law) for law in laws]
        for name, law in _others(run, approach):
            most = value(loop, law)
            is_one = is_still and not are_distinct(fixed, law)
            for t, welfare in enumerate(reached):
                numbers = {
                    other_welfare: most,
                    welfare_at(number_of_steps): welfare,
                    optimum_divergence_at(0): distance,
                    number_of_steps: steps(t),
                }
                margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
                yield Margin(margin, f"{where}, t = {t}; q: {name}", tight=is_one)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _gaps(run)


def _core_margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for approach in _pure(run):
        where, loop, _, fixed = approach
        support = loop.support(fixed)
        charged = [i for i, p in enumerate(fixed) if p > 0]
        ones = [Fraction(1)] * len(charged)
        yield from equation_margins([support[i] for i in charged], ones, f"{where}, KKT")
        for name, law in _others(run, approach):
            growth = sum(
                (
                    share * dot(law, weights) / dot(fixed, weights)
                    for share, weights in zip(loop.shares, loop.voters, strict=True)
                ),
                0,
            )
            is_inside = all(fixed[i] > 0 for i, p in enumerate(law) if p > 0)
            yield Margin(1 - growth, f"{where}; q: {name}", tight=is_inside)


def _at_optimum(run: RuledRun, value: Value, *, real_data: bool = False) -> Iterator[Margin]:
    """Yield the margins of: this value is largest at p*."""
    for approach in approaches(run):
        where, loop, _, fixed = approach
        if (loop.a == 1) == real_data:
            continue
        for name, law in _others(run, approach):
            margin = value(loop, fixed) - value(loop, law)
            is_one = not are_distinct(fixed, law)
            yield Margin(margin, f"{where}; q: {name}", tight=is_one)


def _utilitarian(loop: VotersLoop, law: Numbers) -> Number:
    """Return Σ π_u W_u, the weights being over their largest ones."""
    return sum(
        (
            share * dot(law, weights) / max(weights)
            for share, weights in zip(loop.shares, loop.voters, strict=True)
        ),
        0,
    )


def _egalitarian(loop: VotersLoop, law: Numbers) -> Number:
    """Return the least W_u, the weights being over their largest ones."""
    return min(dot(law, weights) / max(weights) for weights in loop.voters)


def _unweighted(loop: VotersLoop, law: Numbers) -> Number:
    return loop.welfare(law, loop.equal_shares)


_slow = instance_of_voters(
    fractions("1/2 1/2"), [Fraction(1)], [list(fractions("1 49/50"))], 63, second=fractions("1 0")
)
"""One voter who hardly minds: the gap falls like 1/t for long."""

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    setting=VOTERS,
    loops=voters_loops(),
    instances=(_slow,),
    mutants=(
        Mutant(
            "at most KL(p*‖p_0)/(t+1)²",
            margins=lambda run, bound: _gaps(run, steps=lambda t: (t + 1) ** 2 - 1),
            is_exact=False,
        ),
        Mutant(
            "a third of it, KL(p*‖p_0)/(3 t + 3)",
            margins=lambda run, bound: _gaps(run, steps=lambda t: 3 * t + 2),
            is_exact=False,
            instances=(_slow,),
        ),
        Mutant(
            "equal shares in place of π in N",
            margins=lambda run, bound: _gaps(run, _unweighted),
            is_exact=False,
        ),
        Mutant(
            "N is largest at the fixed point of a loop with real data, too",
            margins=lambda run, bound: _at_optimum(run, VotersLoop.welfare, real_data=True),
            is_exact=False,
        ),
        Mutant(
            "p* maximises the sum Σ π_u W_u of the voters' weights, each over its largest",
            margins=lambda run, bound: _at_optimum(run, _utilitarian),
        ),
        Mutant(
            "p* maximises the least of the voters' mean weights, each over its largest",
            margins=lambda run, bound: _at_optimum(run, _egalitarian),
        ),
    ),
)
