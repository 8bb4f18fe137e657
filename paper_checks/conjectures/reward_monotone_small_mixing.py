"""Evidence for Conjectures 1 and 3 at small λ: the leading order for many steps, and real loops.

The claim's limit is K^t times the mean of an increasing function under ν_{t+1} - ν_t. If it is
positive for all upper sets, it is positive for all increasing functions: for w, and for H, which
gives the divergence to leading order. That the loop has this limit is tried as a bound on the
remainder at the run's own λ, which is rational too. (Not in the float engine: the scale a^{t+1} K^t
would blow up its error.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import flint

from recurate.numerics.curation.small_mixing import incumbent_kernel
from recurate.paper_checks.conjectures.open_region import laws_of
from recurate.paper_checks.conjectures.small_mixing import (
    changes,
    largest_remainder,
    levels,
    rises_in_the_loop,
    rises_to_leading_order,
)
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot, moments
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.conjectures.reward_monotone_small_mixing import statement

HORIZON = 30
"""Number of steps of the leading order that are tried; it does not depend on the loop's."""


def _larger(x: Number, y: Number) -> Number:
    return x.max(y) if isinstance(x, flint.arb) else max(x, y)


def _leading_order(run: Run) -> Iterator[Margin]:
    """Upper sets gain, and ν_{t+1} - ν_t changes sign once in the weight."""
    for t, gains in enumerate(rises_to_leading_order(run, HORIZON)):
        # As shares of the total gain, which falls geometrically, unless rounding hides it.
        total = sum(abs(gain) for gain in gains)
        rises = [gain / total for gain in gains] if total > 0 else gains
        for c, rise in enumerate(rises, 2):
            yield Margin(rise, f"t = {t}, weights from number {c} on")
        # Of two neighbours the heavier one gains if the lighter one does not lose.
        for c, (low, high) in enumerate(pairwise(changes(rises)), 1):
            yield Margin(_larger(-low, high), f"t = {t}, sign at weights number {c} and {c + 1}")


def _loop(run: Run, moved: list[Numbers], first: Numbers) -> Iterator[Margin]:
    """The loop's own steps over a^{t+1} K^t are within the remainder of `moved`."""
    if run.kind == "property" or run.lam == 0:
        return
    for t in range(run.steps):
        most = largest_remainder(run, t, first)
        for c, (own, limit) in enumerate(zip(rises_in_the_loop(run, t), moved[t], strict=True), 2):
            where = f"t = {t}, in the loop, weights from number {c} on"
            yield Margin(most - abs(own - limit), where, tight=t == 0)
            if limit > most:  # λ is below λ_0
                yield Margin(own, where)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _leading_order(run)
    rises = rises_to_leading_order(run, max(run.steps, 1))
    yield from _loop(run, rises, rises[0])


def _fresh_draws(run: Run, bound: Bound) -> Iterator[Margin]:
    """P draws K candidates, not K - 1."""
    rises = rises_to_leading_order(run, run.steps, int(run.K) + 1)
    yield from _loop(run, rises, rises_to_leading_order(run, 1)[0])


def _without_powers(run: Run, bound: Bound) -> Iterator[Margin]:
    """The order of p_{t+1} - p_t is a^{t+1}, without K^t."""
    rises = rises_to_leading_order(run, run.steps)
    scaled = [[x / run.number(int(run.K)) ** t for x in row] for t, row in enumerate(rises)]
    yield from _loop(run, scaled, rises[0])


def _increasing(run: Run, bound: Bound) -> Iterator[Margin]:
    """(ν_{t+1} - ν_t)/(p_ref w) increases with the weight."""
    groups = levels(run)
    masses = [sum(run.reference[i] for i in group) * run.weights[group[0]] for group in groups]
    for t, rises in enumerate(rises_to_leading_order(run, HORIZON)):
        values = [change / mass for change, mass in zip(changes(rises), masses, strict=True)]
        for low, high in pairwise(values):
            yield Margin(high - low, f"t = {t}")


def _laws(run: Run, start: Numbers, steps: int) -> list[Numbers]:
    """Return the incumbent's law after each step."""
    kernel = incumbent_kernel(run.weights, run.reference, run.K, ratio=run.ratio)
    laws = [start]
    for _ in range(steps):
        laws.append([dot(laws[-1], column) for column in zip(*kernel, strict=True)])
    return laws


def _likelihood_ratio(run: Run, bound: Bound) -> Iterator[Margin]:
    """ν_{t+1} dominates ν_t in likelihood-ratio order."""
    groups = levels(run)
    for t, pair in enumerate(pairwise(_laws(run, run.reference, 8))):
        before, after = ([sum(law[i] for i in group) for group in groups] for law in pair)
        growth = [y / x for x, y in zip(before, after, strict=True)]
        for low, high in pairwise(growth):
            yield Margin(high - low, f"t = {t}")


def _any_incumbent(run: Run, bound: Bound) -> Iterator[Margin]:
    """The first incumbent may have any law, such as the second one."""
    for t, (before, after) in enumerate(pairwise(_laws(run, run.second, 8))):
        moved = [y - x for x, y in zip(before, after, strict=True)]
        yield Margin(dot(moved, run.weights), f"t = {t}")


def _variance(run: Run, bound: Bound) -> Iterator[Margin]:
    """The variance of the weight under ν_t never rises."""
    variances = [moments(run.weights, law, 2) for law in _laws(run, run.reference, 8)]
    for t, (before, after) in enumerate(pairwise(variances)):
        yield Margin(before - after, f"t = {t}")


check = Check(
    statement=statement,
    margins=_margins,
    # At K = inf an incumbent has no chance, and there is no limit to compute.
    admits=lambda run: run.number_of_weights(0) > 1 and run.K < math.inf,
    loops=curation_loops(
        laws=laws_of(2), candidates=candidate_numbers(infinite=False).filter(lambda K: K > 1)
    ),
    instances=(
        two_points("1/1000", "1/1000", lam="1/1000000", steps=4),
        hierarchy(3, ratio=100, K=2, lam="1/1000000000", steps=8),
        hierarchy(4, ratio=10, K=3, lam="1/1000000", steps=4),
        # Two weights below, far apart in mass, and one that nearly ties with the largest.
        Instance.of("1/100 9/10 1", "9/10 99/1000 1/1000", lam="1/1000000", steps=8),
        hierarchy(3, ratio=3, K=100, lam="1/1000000000", steps=3),
    ),
    mutants=(
        Mutant("the incumbent meets K fresh draws, not K - 1", margins=_fresh_draws),
        Mutant("p_{t+1} - p_t is a^{t+1} (ν_{t+1} - ν_t), without K^t", margins=_without_powers),
        Mutant(
            "(ν_{t+1} - ν_t)/(p_ref w) increases with the weight, not only changes sign once",
            margins=_increasing,
        ),
        Mutant("ν_{t+1} dominates ν_t in likelihood-ratio order", margins=_likelihood_ratio),
        Mutant("the first incumbent may have any law", margins=_any_incumbent),
        Mutant("Var w under ν_t never rises", margins=_variance),
    ),
)
