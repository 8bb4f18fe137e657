"""Evidence for the largest divergence from the reference that any choice among K can lead to.

Its rational core: for every set and fuzzy set φ of atoms p_t(φ) is at least G_t(u), u = p_ref(φ);
among them are the sets of the atoms of least density p_t/p_ref. In balls the divergence is compared
with S_t, and with the finite sum that G_t gives for the masses of p_ref, which the hard best of K
of different rewards attains.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy

from recurate.paper_checks.any_choice.groups import followed, groups, least_dense
from recurate.paper_checks.any_choice.majorised import divergence, extreme_law, finite_sum_margins
from recurate.paper_checks.any_choice.share_envelope import is_one_loop, shares_against
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.ruled.choosing import Avoid, BestBy, BradleyTerry, ChoiceTable
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
from recurate.theory.any_choice.any_choice_divergence import statement
from recurate.theory.language import ShareFloor, WorstDivergence
from recurate.theory.language.notation import K, lam, share, t

_FLOOR = ShareFloor(share, lam, K, t)


def _given(run: RuledRun, at: int) -> dict[str, Any]:
    return {"lam": run.lam, "K": run.K, "steps": at}


def _domination(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """p_t(φ) >= G_t(u), for all groups and for the sets of least density at each step."""
    tried = dict(groups(run))
    for at in range(1, run.steps + 1):
        for atoms in least_dense(run, at):
            values = [run.number(int(i in atoms)) for i in range(run.size)]
            tried.setdefault(f"the {len(atoms)} atoms of least density at {at}", values)
    for name, values in tried.items():
        u = run.mean(run.reference, values)
        for step in followed(run, values, run.K):
            floor = run.evaluate(_FLOOR, share=u, **_given(run, step.t))
            yield Margin(step.share - floor, f"t = {step.t}, {name}", step.is_least)


def _some_steps(run: RuledRun) -> list[int]:
    """Return the first, third and last step: S_t takes time."""
    return sorted({1, min(3, run.steps), run.steps})


def _divergence_margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """S_t >= KL(p_t‖p_ref)."""
    for at in _some_steps(run):
        gap = bound(**_given(run, at)) - run.kl(run.law(at), run.reference)
        yield Margin(gap, f"t = {at}", tight=_is_still(run))


def _is_still(run: RuledRun) -> bool:
    return run.K == 1 or run.lam == 0


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    worst = {at: bound(**_given(run, at)) for at in _some_steps(run)}
    yield from _divergence_margins(run, lambda **given: worst[given["steps"]])
    for at in range(1, run.steps + 1):

        def floor(u: Number, at: int = at) -> Number:
            return run.evaluate(_FLOOR, share=u, **_given(run, at))

        yield from finite_sum_margins(run, at, floor)
        if at in worst:
            order, extreme = extreme_law(run, at, floor)
            reference = [run.reference[i] for i in order]
            gap = worst[at] - divergence(extreme, reference)
            yield Margin(gap, f"t = {at}, the finite sum against S_t", tight=_is_still(run))


def _pure(run: RuledRun) -> bool:
    return run.lam == math.inf and 1 < run.K < math.inf and run.starts_at_reference


def equal_atoms(
    number: int, K: int, lam: Fraction | float, steps: int, initial: str = ""
) -> RuledInstance:
    """Return the hard best of K of so many equal atoms, which nearly attains S_t."""
    return RuledInstance(
        (Fraction(1, number),) * number,
        BestBy(K, tuple(range(number))),
        steps,
        lam,
        initial=fractions(initial) if initial else None,
    )


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_domination,
    setting=RULED,
    loops=ruled_loops(rules=choices_among_K, schedules=one_lam()),
    admits=is_one_loop,
    requires={"start": lambda run: run.starts_at_reference},
    instances=(
        equal_atoms(4, 2, Fraction(1), 4),
        equal_atoms(64, 4, math.inf, 2),
        equal_atoms(128, 2, Fraction(1), 6),
        RuledInstance(fractions("1/2 1/2"), Avoid(3, (0,)), 3, Fraction(1)),
        RuledInstance(fractions("1/3 2/3"), ChoiceTable(2, 1, True, True), 3, Fraction(1)),
    ),
    mutants=(
        Mutant("99/100 of S_t", bound=99 * WorstDivergence(lam, K, t) / 100),
        Mutant("K - 1 in place of K", bound=WorstDivergence(lam, K - 1, t)),
        Mutant("S_{t-1} at t", bound=WorstDivergence(lam, K, t - 1)),
        Mutant("λ/2 in place of λ", bound=WorstDivergence(lam / 2, K, t)),
        Mutant(
            "t (log K - (K-1)/K) for λ = inf, the first step's over and over",
            bound=t * (sympy.log(K) - (K - 1) / K),
            admits=_pure,
        ),
        Mutant("t log K - 1 for λ = inf", bound=t * sympy.log(K) - 1, admits=_pure),
        Mutant(
            "from any start p_0",
            margins=_divergence_margins,
            admits=is_one_loop,
            is_exact=False,
            instances=(equal_atoms(4, 2, Fraction(1), 2, "0 0 0 1"),),
        ),
        Mutant(
            "S_t of K = 2 for infinitely many candidates, too",
            margins=lambda run, bound: _divergence_margins(
                run, lambda **given: bound(**given | {"K": 2})
            ),
            admits=lambda run: run.lam is not None and run.K == math.inf,
            is_exact=False,
            instances=(
                RuledInstance(
                    fractions("1/100 99/100"),
                    BradleyTerry(math.inf, fractions("1000000 1")),
                    2,
                    math.inf,
                ),
            ),
        ),
        Mutant(
            "no group's share ever falls below m u + a u^K",
            margins=shares_against(
                lambda run, u, at: run.evaluate(_FLOOR, share=u, **_given(run, 1))
            ),
        ),
    ),
)
