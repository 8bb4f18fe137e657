"""Evidence for the rate of Theorem 2.1, at every t of pure loops.

Its rational core: the odds against A fall by the rate at least, in each step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import sympy

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.pure_loop.theorem_2_1_odds import (
    factor_margins,
    limit_divergence,
    mass_off_top,
    successive_laws,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, dot
from recurate.paper_checks.runs.strategies import pure_loops
from recurate.theory.language.notation import inverse_candidates, top_mass, weight_ratio
from recurate.theory.language.notation import t as step
from recurate.theory.pure_loop.theorem_2_1_rate import statement


def divergence_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of an upper bound on KL(p_*‖p_t), for every t."""
    start = run.at_top(run.law(0))
    for t in range(run.steps + 1):
        guaranteed = bound(K=run.K, weight_ratio=run.weight_ratio, top_mass=start, steps=t)
        yield Margin(guaranteed - limit_divergence(run, t), f"t = {t}")


def _initial_mean(run: Run) -> Number:
    """Return the mean weight off A under p_0, over w_*."""
    off = [mass * (i not in run.top) for i, mass in enumerate(run.law(0))]
    return dot(off, run.weights) / mass_off_top(run, off)


_rate = statement.rational_core
_start = (1 - top_mass) / top_mass

check = Check(
    statement=statement,
    margins=divergence_margins,
    exact_margins=factor_margins(successive_laws),
    requires={"pure": lambda run: run.is_pure},
    loops=pure_loops(),
    # The factor is approached for two weights as p_t(A) vanishes, and KL = log(1 + odds) is near
    # the odds as p_t(A) nears 1.
    instances=(
        two_points("1/2", "1/2", steps=20),
        two_points("1/2", "1/1000", steps=8),
        two_points("1/2", "999/1000", K=4, steps=5),
        two_points("9/10", "1/1000000", K=math.inf, steps=10),
        hierarchy(4, ratio=2, K=3, steps=6),
    ),
    mutants=(
        Mutant("rate ρ^t, as for K = inf", bound=weight_ratio**step * _start, core=weight_ratio),
        Mutant(
            "rate K^-t, whatever ρ",
            bound=inverse_candidates**step * _start,
            core=inverse_candidates,
        ),
        Mutant(
            "KL(p_*‖p_0) = -log q in place of (1-q)/q",
            bound=-(_rate**step) * sympy.log(top_mass),
            is_exact=False,
        ),
        Mutant(
            "for ρ, the mean weight off A under p_0",
            bound=_rate,
            margins=factor_margins(successive_laws, _initial_mean),
            instances=(Instance.of("1/10 9/10 1", "49/50 1/100 1/100", steps=5),),
        ),
        Mutant(
            "in a mixed loop, too",
            admits=lambda run: True,
            instances=(two_points("1/2", "1/2", lam=1, steps=3),),
        ),
    ),
)
