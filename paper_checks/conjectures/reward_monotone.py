"""Evidence for Conjecture 1, E_{t+1} w >= E_t w, at every t at which it is open.

The claim is rational as it stands. A search that finds nothing proves nothing, so the verdict stays
open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from recurate.paper_checks.conjectures.open_region import (
    OPEN_RISES,
    open_loops,
    open_steps,
    rise_is_open,
    weights_of_rises,
)
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, dot, moments
from recurate.theory.conjectures.reward_monotone import statement
from recurate.theory.language.notation import inverse_candidates


def _rises(run: Run) -> Iterator[tuple[int, Number]]:
    """Yield t and E_{t+1} w - E_t w."""
    before = run.law(0)
    for t in range(run.steps):
        after = run.law(t + 1)
        # The masses' differences sum to zero, so weights may be centred: balls are smaller then.
        mean = dot(before, run.weights)
        moved = [q - p for p, q in zip(before, after, strict=True)]
        yield t, dot(moved, [w - mean for w in run.weights])
        before = after


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    steps = open_steps(run)
    yield from (Margin(rise, f"t = {t}") for t, rise in _rises(run) if t in steps)


def _everywhere(run: Run, bound: Bound) -> Iterator[Margin]:
    for t, rise in _rises(run):
        yield Margin(rise, f"t = {t}")


def _concave(run: Run, bound: Bound) -> Iterator[Margin]:
    """The expected weight rises less and less."""
    rises = [rise for _, rise in _rises(run)]
    for t, (first, second) in enumerate(pairwise(rises)):
        yield Margin(first - second, f"t = {t}")


def _variance(run: Run, bound: Bound) -> Iterator[Margin]:
    """Var_{t+1} w <= Var_t w."""
    variances = [moments(run.weights, run.law(t), 2) for t in range(run.steps + 1)]
    for t, (before, after) in enumerate(pairwise(variances)):
        yield Margin(before - after, f"t = {t}")


def _share_of_the_variance(run: Run, bound: Bound) -> Iterator[Margin]:
    """E_{t+1} w - E_t w >= a ((K-1)/K) Var_t w / w_*, as in the pure loop."""
    share = run.synthetic_fraction * (1 - run.evaluate(inverse_candidates, K=run.K))
    for t, rise in _rises(run):
        yield Margin(rise - share * moments(run.weights, run.law(t), 2), f"t = {t}")


check = Check(
    statement=statement,
    margins=_margins,
    setting=OPEN_RISES,
    is_open=rise_is_open,
    everywhere=_everywhere,
    loops=open_loops(weights_of_rises),
    instances=(
        two_points("1/2", "1/10", steps=3),
        two_points("1/10", "1/100", lam=2, steps=8),
        hierarchy(3, ratio=100, K=2, lam=1, steps=8),
        hierarchy(4, ratio=10, K=3, lam=3, steps=6),
        # Neither one of the first steps nor one of the last, for K = 3 and for K = 2.
        Instance.of("1/100 1/10 9/10 1", "7/10 1/10 1/10 1/10", K=3, lam=1, steps=5),
        Instance.of(
            "1/100 1/10 1/2 8/10 9/10 1", "1/10 4/10 47/100 1/100 1/100 1/100", lam=4, steps=8
        ),
        # Steps from the middle weight to the largest, near the threshold λ (H(w_*) - 1) = 1.
        Instance.of("1/100 9/10 1", "9/10 99/1000 1/1000", lam=3, steps=8),
    ),
    mutants=(
        Mutant(
            "from any start p_0",
            margins=_everywhere,
            admits=lambda run: True,
            instances=(Instance.of("1 2", "1/2 1/2", initial="0 1", lam=1),),
        ),
        Mutant(
            "Var_t w never rises, in the pure loop",
            margins=_variance,
            admits=lambda run: bool(run.lam == math.inf),
            instances=(two_points("1/2", "1/10"),),
        ),
        Mutant("E_t w is concave in t", margins=_concave),
        Mutant("E_t w rises by a ((K-1)/K) Var_t w / w_* at least", margins=_share_of_the_variance),
    ),
)
