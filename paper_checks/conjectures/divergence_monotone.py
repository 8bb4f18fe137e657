"""Evidence for Conjecture 3, KL(p_{t+1}‖p_ref) >= KL(p_t‖p_ref), where it is open, in balls.

It has logarithms and no rational core. A search that finds nothing proves nothing: the verdict
stays open.
"""

from __future__ import annotations

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
from recurate.paper_checks.runs.run import Number, Run, dot
from recurate.theory.conjectures.divergence_monotone import statement


def _rises(run: Run) -> list[Number]:
    """Return KL(p_{t+1}‖p_ref) - KL(p_t‖p_ref) for every t."""
    values = [run.kl_to_reference(t) for t in range(run.steps + 1)]
    return [after - before for before, after in pairwise(values)]


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    steps = open_steps(run)
    yield from (Margin(rise, f"t = {t}") for t, rise in enumerate(_rises(run)) if t in steps)


def _everywhere(run: Run, bound: Bound) -> Iterator[Margin]:
    for t, rise in enumerate(_rises(run)):
        yield Margin(rise, f"t = {t}")


def _concave(run: Run, bound: Bound) -> Iterator[Margin]:
    """The divergence rises less and less."""
    rises = _rises(run)
    for t, (first, second) in enumerate(pairwise(rises)):
        yield Margin(first - second, f"t = {t}")


def _convex(run: Run, bound: Bound) -> Iterator[Margin]:
    """The divergence rises more and more, in the pure loop."""
    for margin in _concave(run, bound):
        yield margin._replace(value=-margin.value)


def _smaller_steps(run: Run, bound: Bound) -> Iterator[Margin]:
    """KL(p_{t+1}‖p_t) never rises."""
    sizes = []
    for t in range(run.steps):
        growth = [y / x for x, y in zip(run.density(t), run.density(t + 1), strict=True)]
        sizes.append(dot(run.law(t + 1), [factor.log() for factor in growth]))
    for t, (before, after) in enumerate(pairwise(sizes)):
        yield Margin(before - after, f"t = {t}")


def _entropy(run: Run, bound: Bound) -> Iterator[Margin]:
    """The entropy of p_t never rises."""
    laws = [run.law(t) for t in range(run.steps + 1)]
    entropies = [-dot(law, [p.log() if p > 0 else p for p in law]) for law in laws]
    for t, (before, after) in enumerate(pairwise(entropies)):
        yield Margin(before - after, f"t = {t}")


check = Check(
    statement=statement,
    margins=_margins,
    setting=OPEN_RISES,
    is_open=rise_is_open,
    everywhere=_everywhere,
    loops=open_loops(weights_of_rises),
    is_exact=False,
    instances=(
        two_points("1/10", "1/10", steps=4),
        two_points("1/10", "1/100", lam=2, steps=8),
        hierarchy(3, ratio=100, K=2, lam=1, steps=8),
        hierarchy(4, ratio=10, K=3, lam=3, steps=6),
        # Neither one of the first steps nor one of the last, for K = 3 and for K = 2.
        Instance.of("1/100 1/10 9/10 1", "7/10 1/10 1/10 1/10", K=3, lam=1, steps=5),
        Instance.of(
            "1/100 1/10 1/2 8/10 9/10 1", "1/10 4/10 47/100 1/100 1/100 1/100", lam=4, steps=8
        ),
    ),
    mutants=(
        Mutant(
            "from any start p_0",
            margins=_everywhere,
            admits=lambda run: True,
            instances=(Instance.of("1 2", "1/2 1/2", initial="1/100 99/100", lam=1),),
        ),
        Mutant("KL(p_t‖p_ref) is concave in t", margins=_concave),
        Mutant("KL(p_t‖p_ref) is convex in t", margins=_convex),
        Mutant("the steps KL(p_{t+1}‖p_t) never grow", margins=_smaller_steps),
        Mutant("the entropy of p_t never rises", margins=_entropy),
    ),
)
