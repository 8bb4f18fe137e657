"""Evidence for the envelope of shares: every set and fuzzy set of atoms, at every t >= 1.

G_t(u) <= p_t(φ) <= 1 - G_t(1-u), u = p_ref(φ), with the largest K of a step; all of it is rational.
Avoiding a group attains the floor, and seeking it the ceiling, exactly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from recurate.paper_checks.any_choice.groups import followed, groups
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.ruled.choosing import (
    Avoid,
    BestBy,
    BradleyTerry,
    ChoiceTable,
    Seek,
)
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.ruled.setting import (
    RULED,
    choices_among_K,
    one_lam,
    ruled_loops,
)
from recurate.paper_checks.runs.run import Number
from recurate.paper_checks.runs.written import fractions
from recurate.theory.any_choice.share_envelope import statement
from recurate.theory.language import ShareCeiling, ShareFloor
from recurate.theory.language.notation import K, lam, share, t


def is_one_loop(run: RuledRun) -> bool:
    """Return whether it has one λ and starts at the reference, and no step has K = inf."""
    return run.lam is not None and not run.accumulates and run.K < math.inf


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for name, values in groups(run):
        u = run.mean(run.reference, values)
        rest = [1 - value for value in values]
        pairs = zip(followed(run, values, run.K), followed(run, rest, run.K), strict=True)
        for one, others in pairs:
            given = {"share": u, "lam": run.lam, "K": run.K, "steps": one.t}
            where = f"t = {one.t}, {name}"
            yield Margin(one.share - bound(**given), where, one.is_least)
            ceiling = run.evaluate(_CEILING, **given)
            yield Margin(ceiling - one.share, f"{where}, at most", others.is_least)


_CEILING = ShareCeiling(share, lam, K, t)


def shares_against(floor: Callable[[RuledRun, Number, int], Number | None]) -> Margins:
    """Return the margins of p_t(φ) >= floor(run, u, t), where that is not None."""

    def margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
        for name, values in groups(run):
            u = run.mean(run.reference, values)
            for at in range(1, run.steps + 1):
                least = floor(run, u, at)
                if least is not None:
                    gap = run.mean(run.law(at), values) - least
                    yield Margin(gap, f"t = {at}, {name}")

    return margins


def _of_symbols(expression: Any, candidates: int | None = None) -> Margins:
    """Return the margins of a floor in u, λ, K and t; with another K, where K is infinite."""

    def floor(run: RuledRun, u: Number, at: int) -> Number:
        number = run.K if candidates is None else candidates
        return run.evaluate(expression, share=u, lam=run.lam, K=number, steps=at)

    return shares_against(floor)


def _ceiling_without_complement(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """1 - G_t(u) >= p_t(φ)."""
    for name, values in groups(run):
        u = run.mean(run.reference, values)
        for at in range(1, run.steps + 1):
            most = 1 - bound(share=u, lam=run.lam, K=run.K, steps=at)
            yield Margin(most - run.mean(run.law(at), values), f"t = {at}, {name}, at most")


_HALVES = fractions("1/2 1/2")
_avoided = RuledInstance(_HALVES, Avoid(2, (0,)), 3, Fraction(1))
_moved = RuledInstance(_HALVES, Avoid(2, (0,)), 2, Fraction(1), initial=fractions("0 1"))

check = Check(
    statement=statement,
    margins=_margins,
    setting=RULED,
    loops=ruled_loops(rules=choices_among_K, schedules=one_lam()),
    admits=is_one_loop,
    requires={"start": lambda run: run.starts_at_reference},
    instances=(
        _avoided,
        RuledInstance(_HALVES, Seek(3, (0,)), 3, Fraction(1)),
        RuledInstance(fractions("1/10 9/10"), Avoid(4, (1,)), 2, math.inf),
        RuledInstance(fractions("1/4 1/4 1/2"), BestBy(3, (0, 1, 2)), 3, Fraction(2)),
        RuledInstance(fractions("1/3 2/3"), ChoiceTable(2, 1, True, True), 3, Fraction(1)),
    ),
    mutants=(
        Mutant("a group keeps its share u", bound=share),
        Mutant("K - 1 in place of K in G", bound=ShareFloor(share, lam, K - 1, t)),
        Mutant(
            "a share is at most 1 - G_t(u)",
            margins=_ceiling_without_complement,
            instances=(RuledInstance(fractions("9/10 1/10"), Seek(2, (0,)), 1, Fraction(1)),),
        ),
        Mutant(
            "the floor of the first step, m u + a u^K, for ever",
            bound=ShareFloor(share, lam, K, 1),
        ),
        Mutant("G_{t-1} at t", bound=ShareFloor(share, lam, K, t - 1)),
        Mutant("twice the real data's part, at most u", bound=ShareFloor(share, lam / 2, K, t)),
        Mutant(
            "from any start p_0",
            admits=is_one_loop,
            instances=(_moved,),
        ),
        Mutant(
            "with K = 2 in G for infinitely many candidates, too",
            margins=_of_symbols(ShareFloor(share, lam, K, t), candidates=2),
            admits=lambda run: run.lam is not None and run.K == math.inf,
            instances=(
                RuledInstance(_HALVES, BradleyTerry(math.inf, fractions("1 100")), 2, Fraction(1)),
            ),
        ),
    ),
)
