"""Evidence for Theorem 2.1, a limit, by what holds at every t of pure loops.

KL(p_*‖p_t) falls in each step, is below the bound of its rate, and below what the shortfall of the
mean weight allows (as in the proof); on A, p_t is p_* times p_t(A). The rational core is the same
for p_t(A): it grows, and the odds against A fall by the rate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import flint

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.pure_loop.theorem_2_1_odds import (
    factor_margins,
    mass_off_top,
    successive_laws,
)
from recurate.paper_checks.pure_loop.theorem_2_1_rate import divergence_margins
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot
from recurate.paper_checks.runs.strategies import pure_loops
from recurate.theory.language.notation import t as step
from recurate.theory.language.notation import top_mass, weight_ratio
from recurate.theory.pure_loop.theorem_2_1 import statement
from recurate.theory.pure_loop.theorem_2_1_rate import statement as rate


def _mass(probs: Numbers, atoms: list[int]) -> Number:
    return sum(probs[i] for i in atoms)


def _rises(run: Run) -> Iterator[Margin]:
    """H(w_*) >= 1, which is p_{t+1}(A)/p_t(A)."""
    for t in run.some_steps:
        factor = run.curation(t).ratio[run.top[0]]
        is_ball = isinstance(factor, flint.arb)
        yield Margin(factor.log() if is_ball else factor - 1, f"t = {t}, rise of p_t(A)")


def _proportional(run: Run) -> Iterator[Margin]:
    """p_t q = p_0 p_t(A) on A."""
    start, end = run.law(0), run.law(run.steps)
    for i in run.top:
        distance = abs(end[i] * run.at_top(start) - start[i] * run.at_top(end))
        yield Margin(-distance, f"t = {run.steps}, p_t on A, atom {i}", tight=True)


def _near_the_top(run: Run) -> Iterator[Margin]:
    """p_t(A) p_0(B) ε >= q (ε - (w_* - E_t w)), with w <= 1 - ε for all weights off B."""
    start, is_equation = run.law(0), run.number_of_weights(0) == 2
    below = [1 - weight for weight in run.weights]
    sets = []
    for place in range(1, run.size - len(run.top) + 1):
        highest, upper = run.order[place - 1], run.order[place:]
        if run.heights[highest] < run.heights[upper[0]]:
            sets.append((below[highest], _mass(start, upper), f"upper {len(upper)} atoms"))
    for t in range(run.steps + 1):
        law = run.law(t)
        top, shortfall = run.at_top(law), dot(law, below)
        for gap, near, name in sets:
            value = top * near * gap - run.at_top(start) * (gap - shortfall)
            yield Margin(value, f"t = {t}, {name}", tight=is_equation)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _rises(run)
    yield from _proportional(run)
    yield from _near_the_top(run)
    yield from divergence_margins(run, bound)


_factors = factor_margins(successive_laws)


def _exact_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _rises(run)
    yield from _proportional(run)
    yield from _near_the_top(run)
    yield from _factors(run, bound)


def _other_divergence(run: Run, bound: Bound) -> Iterator[Margin]:
    """KL(p_t‖p_*) is finite after the first step: p_t has no mass off A."""
    for t in range(1, run.steps + 1):
        yield Margin(-mass_off_top(run, run.law(t)), f"t = {t}")


def _to_uniform(run: Run, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of the same bound on KL(u‖p_t), u uniform on A."""
    t, start, share = run.steps, run.at_top(run.law(0)), run.number(1) / len(run.top)
    guaranteed = bound(K=run.K, weight_ratio=run.weight_ratio, top_mass=start, steps=t)
    divergence = sum(share * (share / run.law(t)[i]).log() for i in run.top)
    yield Margin(guaranteed - divergence, f"t = {t}")


check = Check(
    statement=statement,
    bound=rate.bound,
    core=rate.rational_core,
    margins=_margins,
    exact_margins=_exact_margins,
    requires={"pure": lambda run: run.is_pure},
    loops=pure_loops(),
    instances=(
        two_points("1/2", "1/2", steps=20),
        two_points("1/2", "1/2", steps=2),
        two_points("1/2", "1/1000", K=4, steps=4),
        two_points("9/10", "1/1000000", K=math.inf, steps=10),
        hierarchy(4, ratio=2, K=3, steps=6),
    ),
    mutants=(
        Mutant(
            "KL(p_*‖p_t) falls as fast as ρ^t",
            bound=weight_ratio**step * (1 - top_mass) / top_mass,
            core=weight_ratio,
        ),
        Mutant("KL(p_t‖p_*) tends to zero: it is finite for t >= 1", margins=_other_divergence),
        Mutant(
            "the limit is the uniform law on A",
            margins=_to_uniform,
            is_exact=False,
            instances=(Instance.of("1/2 1 1", "1/4 1/4 1/2", steps=20),),
        ),
        Mutant(
            "in a mixed loop, too",
            margins=divergence_margins,
            exact_margins=_factors,
            admits=lambda run: run.K > 1,
            instances=(two_points("1/2", "1/2", lam=1, steps=3),),
        ),
    ),
)
