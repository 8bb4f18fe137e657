"""Evidence for the limits of Lemma 2.2, by what its proof gives after t steps of a pure loop.

E_t w never falls, so for a level c of initial mass q_c = p_0(w >= c) every shortfall c - E_s w,
s < t, is at least that at t; since Var_s w >= q_c (c - E_s w)² and the variances have a bounded
sum, t q_c (c - E_t w)² is at most that sum's bound. All of it is rational.

For two weights these steps lose a factor of four and more, so a wrong bound on the sum shows in
lemma-2.2-variance-sum and not here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import sympy

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot, moments
from recurate.paper_checks.runs.strategies import pure_loops
from recurate.theory.language.notation import inverse_candidates
from recurate.theory.pure_loop.lemma_2_2_limits import statement
from recurate.theory.pure_loop.lemma_2_2_variance_sum import statement as variance_sum


def _shortfall(law: Numbers, weights: Numbers, level: Number) -> Number:
    """Return c - E w, as a mean in which little cancels."""
    return dot(law, [level - weight for weight in weights])


def _levels(run: Run) -> list[tuple[int, Number]]:
    """Return an atom of each weight c, and the mass p_0(w >= c), from the largest weight down."""
    levels, start, mass = [], run.law(0), run.number(0)
    for place in reversed(range(run.size)):
        atom = run.order[place]
        mass = mass + start[atom]
        if place == 0 or run.heights[run.order[place - 1]] < run.heights[atom]:
            levels.append((atom, mass))
    return levels


def _budget(run: Run, bound: Bound) -> Number:
    """Return the bound on the sum of all variances."""
    return bound(K=run.K, mean_weight=run.mean(run.weights, 0), max_weight=1)


def _shortfalls(run: Run, bound: Bound) -> Iterator[Margin]:
    budget, levels = _budget(run, bound), _levels(run)
    for t in range(1, run.steps + 1):
        law = run.law(t)
        variance = moments(run.weights, law, 2)
        for atom, mass in levels:
            shortfall = _shortfall(law, run.weights, run.weights[atom])
            if not shortfall > 0:
                break
            squared = mass * shortfall * shortfall
            where = f"t = {t}, c the weight of atom {atom}"
            yield Margin(budget - t * squared, f"{where}, shortfall")
            yield Margin(variance - squared, f"{where}, variance")


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in run.some_steps:
        yield Margin(run.curation(t).gain(), f"t = {t}, rise of E w")
    yield from _shortfalls(run, bound)


def _whatever_the_mass(run: Run, bound: Bound) -> Iterator[Margin]:
    """Without q_c: t (w_* - E_t w)² is at most the bound on the sum of the variances."""
    for t in range(1, run.steps + 1):
        shortfall = _shortfall(run.law(t), run.weights, 1)
        yield Margin(_budget(run, bound) - t * shortfall * shortfall, f"t = {t}")


def _in_proportion(run: Run, bound: Bound) -> Iterator[Margin]:
    """w_* - E_t w <= (w_* - E_0 w)/t."""
    first = _shortfall(run.law(0), run.weights, 1)
    for t in range(1, run.steps + 1):
        yield Margin(first - t * _shortfall(run.law(t), run.weights, 1), f"t = {t}")


def _geometric(run: Run, bound: Bound) -> Iterator[Margin]:
    """w_* - E_{t+1} w <= (w_* - E_t w)/K."""
    share = run.evaluate(inverse_candidates, K=run.K)
    for t in range(run.steps):
        yield Margin(
            share * _shortfall(run.law(t), run.weights, 1)
            - _shortfall(run.law(t + 1), run.weights, 1),
            f"t = {t}",
        )


check = Check(
    statement=statement,
    bound=variance_sum.bound,
    margins=_margins,
    requires={"pure": lambda run: run.is_pure},
    loops=pure_loops(),
    instances=(
        two_points("1/2", "1/2", steps=8),
        two_points("9/10", "1/1000", steps=20),
        two_points("1/2", "1/2", K=math.inf, steps=8),
        hierarchy(4, ratio=10, K=2, steps=3),
        hierarchy(5, ratio=2, K=4, steps=4),
        # Not a pure loop, and far from the limit after 5 steps: a witness where "pure" is dropped.
        two_points("1/100", "1/2", K=math.inf, lam="1/100", steps=5),
    ),
    mutants=(
        Mutant(
            "for K = 1, too, as fast as for K = 2",
            bound=variance_sum.bound.subs(inverse_candidates, sympy.Rational(1, 2)),
            margins=_shortfalls,
            admits=lambda run: run.is_pure,
            instances=(two_points("1/2", "1/2", K=1, steps=20),),
        ),
        Mutant(
            "in a mixed loop, too",
            margins=_shortfalls,
            admits=lambda run: run.K > 1,
            instances=(two_points("1/2", "1/2", lam="1/10", steps=20),),
        ),
        Mutant(
            "as fast for a small p_0(w = w_*) as for a large one",
            margins=_whatever_the_mass,
            instances=(two_points("1/2", "1/1000", steps=10),),
        ),
        Mutant("each step divides the shortfall w_* - E_t w by K", margins=_geometric),
        Mutant(
            "after t steps the shortfall w_* - E_t w is at most 1/t of what it was at first",
            margins=_in_proportion,
            instances=(two_points("1/2", "1/1000", steps=4),),
        ),
    ),
)
