"""Evidence for the speed limit of Theorem 2.1, at every t of pure loops with finite K.

Its rational core is the claim without logarithms: 1 - p_t(A) >= (1-q)^(K^t).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import sympy

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.pure_loop.theorem_2_1_odds import mass_off_top
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Run
from recurate.paper_checks.runs.strategies import pure_loops
from recurate.theory.language.notation import K, top_mass
from recurate.theory.language.notation import t as step
from recurate.theory.pure_loop.theorem_2_1_speed_limit import statement


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    start = run.at_top(run.law(0))
    for t in range(run.steps + 1):
        guaranteed = bound(K=run.K, top_mass=start, steps=t)
        rest = mass_off_top(run, run.law(t))
        yield Margin(guaranteed + rest.log(), f"t = {t}", tight=t == 0)


@cache
def _least_rest(candidates: int, t: int) -> Any:
    """Return e^-bound after t steps: at whole numbers it is rational in q."""
    return sympy.exp(-statement.bound.subs({K: candidates, step: t}))


def _core_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    """1 - p_t(A) >= e^-bound, which is (1-q)^(K^t)."""
    for t in range(run.steps + 1):
        least = value_of(run, _least_rest(int(run.K), t), {top_mass: run.at_top(run.law(0))})
        yield Margin(mass_off_top(run, run.law(t)) - least, f"t = {t}", tight=t == 0)


def _best_of(draws: Callable[[int, int], int], sign: int = 1) -> Margins:
    """Return the margins of: p_t(A) is at most the chance that one of so many draws is in A.

    With the sign -1: it is at least that chance.
    """

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        start = run.at_top(run.law(0))
        for t in range(run.steps + 1):
            rest = mass_off_top(run, run.law(t))
            none = (1 - start) ** draws(int(run.K), t)
            yield Margin(sign * (rest - none), f"t = {t}", tight=t == 0)

    return margins


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    requires={"pure": lambda run: run.K < math.inf and run.is_pure},
    loops=pure_loops(infinite=False),
    # The limit is approached as the weights off A vanish against w_*.
    instances=(
        two_points("1/1000", "1/10", steps=3),
        two_points("1/1000000", "1/1000", K=4, steps=5),
        hierarchy(3, ratio=1000, K=3, steps=2),
    ),
    mutants=(
        Mutant(
            "1 + t(K-1) draws in place of K^t: each step adds K-1 of them",
            margins=_best_of(lambda K, t: 1 + t * (K - 1)),
        ),
        Mutant("(K-1)^t draws in place of K^t", margins=_best_of(lambda K, t: (K - 1) ** t)),
        Mutant(
            "the loop is as good as the best of K^t draws: p_t(A) is at least that chance",
            margins=_best_of(lambda K, t: K**t, sign=-1),
        ),
        Mutant(
            "in a mixed loop, too, from any start",
            admits=lambda run: run.K < math.inf,
            instances=(Instance.of("1/2 1", "1/10 9/10", initial="9/10 1/10", lam=1),),
        ),
    ),
)
