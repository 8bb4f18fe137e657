"""Evidence for the closed form at K = inf, an equation, at every t of pure loops.

Its rational core is the law p_t = p_0 w^t/E_0 w^t itself, and with it the odds against A.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import sympy
from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.pure_loop.theorem_2_1_odds import (
    limit_divergence,
    odds_against_top,
)
from recurate.paper_checks.runs.claim_values import with_means
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run
from recurate.paper_checks.runs.strategies import curation_loops
from recurate.theory.language.draws import random_quantity, random_weight
from recurate.theory.language.notation import max_weight, top_mass
from recurate.theory.language.notation import t as step
from recurate.theory.pure_loop.theorem_2_1_k_inf import statement

# What is claimed to be the odds against A under p_t: KL is the logarithm of one plus them.
_claimed_odds = sympy.exp(statement.claim.rhs) - 1


def _odds(run: Run, t: int) -> Number:
    """Return E_0[(w/w_*)^t; w < w_*]/q, from the claim."""
    start = run.law(0)
    drawn = {
        random_weight: run.weights,
        random_quantity: [run.number(int(i in run.top)) for i in range(run.size)],
    }
    top = run.at_top(start)
    values = {max_weight: run.number(1), top_mass: top, step: t}
    return with_means(run, _claimed_odds, start, drawn, values)


def _laws(run: Run) -> Iterator[Margin]:
    """p_t E_0 w^t = p_0 w^t at each atom."""
    start = run.law(0)
    for t in range(run.steps + 1):
        tilted = [mass * weight**t for mass, weight in zip(start, run.weights, strict=True)]
        for i, mass in enumerate(run.law(t)):
            distance = abs(mass * sum(tilted) - tilted[i])
            yield Margin(-distance, f"t = {t}, atom {i}", tight=True)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _laws(run)
    for t in range(run.steps + 1):
        distance = abs(limit_divergence(run, t) - _odds(run, t).log1p())
        yield Margin(-distance, f"t = {t}", tight=True)


def _odds_margins(odds: Callable[[Run, int], Number] = _odds) -> Margins:
    """Return the margins of an equation for the odds against A under p_t."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for t in range(run.steps + 1):
            distance = abs(odds_against_top(run, run.law(t)) - odds(run, t))
            yield Margin(-distance, f"t = {t}, odds", tight=True)

    return margins


_equal_odds = _odds_margins()


def _exact_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _laws(run)
    yield from _equal_odds(run, bound)


def _of_two_weights(run: Run, t: int) -> Number:
    """Return ρ^t (1-q)/q."""
    return run.weight_ratio**t * odds_against_top(run, run.law(0))


def _of_the_second_weight(run: Run, t: int) -> Number:
    """Return ρ^t p_0(w = ρ w_*)/q, the leading term."""
    top, rest = run.top, [i for i in run.order if i not in run.top]
    second = [i for i in rest if run.heights[i] == run.heights[rest[-1]]]
    start = run.law(0)
    return (
        run.weight_ratio**t
        * sum((start[i] for i in second), run.number(0))
        / sum(start[i] for i in top)
    )


def _one_step_late(run: Run, t: int) -> Number:
    return _odds(run, t + 1)


_THREE_WEIGHTS = Instance.of("1/2 1 2", "1/2 1/3 1/6", K=math.inf, steps=4)

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_exact_margins,
    requires={"pure": lambda run: run.K == math.inf and run.is_pure},
    loops=curation_loops(candidates=st.just(math.inf), mixing=lambda K: st.just(math.inf)),
    instances=(
        _THREE_WEIGHTS,
        two_points("1/2", "1/1000000", K=math.inf, steps=10),
        two_points("99/100", "1/2", K=math.inf, steps=10),
        hierarchy(5, ratio=100, K=math.inf, steps=5),
        Instance.of(rewards="0 1/3 2 2", reference="1/2 1/4 1/8 1/8", K=math.inf, steps=6),
        Instance.of(
            rewards="0 10 50",
            reference="9/10 1/20 1/20",
            initial="1/3 1999999999997/3000000000000 1/1000000000000",
            K=math.inf,
            steps=6,
        ),
    ),
    mutants=(
        Mutant(
            "for finite K, too",
            margins=_equal_odds,
            admits=lambda run: run.is_pure,
            instances=(two_points("1/3", "1/2"),),
        ),
        Mutant(
            "ρ^t (1-q)/q for the odds, for any number of weights",
            margins=_odds_margins(_of_two_weights),
        ),
        Mutant(
            "only the largest weight below w_* counts",
            margins=_odds_margins(_of_the_second_weight),
        ),
        Mutant("w^{t+1} in place of w^t", margins=_odds_margins(_one_step_late)),
    ),
)
