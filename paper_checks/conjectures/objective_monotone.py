"""Evidence for the conjecture that F of one voter never falls from p_ref, for any K, in balls.

It is computed where it is open: t >= 1, 1 < K < inf, real and synthetic data, three weights at
least, of which two have begun to lose mass. F has logarithms, so there is no rational core. A
search that finds nothing proves nothing: the verdict stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from recurate.paper_checks.conjectures.first_and_last_steps import steps_in_ratio_order
from recurate.paper_checks.conjectures.open_region import OPEN_CURATION, is_open, open_loops
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.fixed_points.objectives import VotersLoop, divergence
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, dot, log_of
from recurate.theory.conjectures.objective_monotone import statement

_FIRST_STEP = 1
"""Smallest t at which the step from p_t to p_{t+1} is open."""


def _rise(run: Run, t: int) -> Number:
    """Return F(p_{t+1}) - F(p_t)."""
    before, after = run.law(t), run.law(t + 1)
    moved = [q - p for p, q in zip(before, after, strict=True)]
    # Both sides moved as little as the law does: balls are smaller than those of F itself.
    mean = dot(before, run.weights)
    gained = (1 + dot(moved, run.weights) / mean).log()
    pairs = zip(before, moved, run.reference, strict=True)
    kept = sum((r * log_of(1 + x / p) for p, x, r in pairs if r != 0), 0)
    return run.synthetic_fraction * gained + run.real_fraction * kept


def _rises(run: Run, first: int, times: int = 0) -> Iterator[Margin]:
    """Yield the margins of: F rises by at least so many times KL(p_{t+1}‖p_t)."""
    for t in range(first, run.steps):
        margin = _rise(run, t)
        if times:
            margin = margin - times * divergence(run.law(t + 1), run.law(t))
        yield Margin(margin, f"t = {t}")


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    first = max(_FIRST_STEP, len(steps_in_ratio_order(run)))
    yield from _rises(run, first)


def _everywhere(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _rises(run, 0)


def _concave(run: Run, bound: Bound) -> Iterator[Margin]:
    """F rises less and less."""
    rises = [_rise(run, t) for t in range(run.steps)]
    for t, (first, second) in enumerate(pairwise(rises)):
        yield Margin(first - second, f"t = {t}")


def _two_voters(run: Run, bound: Bound) -> Iterator[Margin]:
    """The first step of a quarter of adversaries, and voters by the weights; F is theirs."""
    voters = [run.weights, run.weights[::-1]]
    shares = [run.number(3) / 4, run.number(1) / 4]
    loop = VotersLoop(shares, voters, run.synthetic_fraction, run.reference)
    law = run.reference
    chosen = [run.curation_of(law, run.K, weights).curated for weights in voters]
    after = [
        loop.m * q
        + loop.a * sum(share * part[i] for share, part in zip(shares, chosen, strict=True))
        for i, q in enumerate(run.reference)
    ]
    yield Margin(loop.objective(after) - loop.objective(law), "t = 0")


def _differences(value: Callable[[Run, int], Number]) -> Callable[[Run, Bound], Iterator[Margin]]:
    """Return the margins of: this value of p_t never falls."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        values = [value(run, t) for t in range(run.steps + 1)]
        for t, (before, after) in enumerate(pairwise(values)):
            yield Margin(after - before, f"t = {t}")

    return margins


def _backwards(run: Run, t: int) -> Number:
    """F with KL(p‖p_ref) in place of KL(p_ref‖p)."""
    weighted = run.synthetic_fraction * log_of(run.mean(run.weights, t))
    return weighted - run.real_fraction * run.kl_to_reference(t)


def _exchanged(run: Run, t: int) -> Number:
    """F with a and m exchanged."""
    weighted = run.real_fraction * log_of(run.mean(run.weights, t))
    return weighted - run.synthetic_fraction * run.kl_from_reference(t)


check = Check(
    statement=statement,
    margins=_margins,
    setting=OPEN_CURATION,
    is_open=is_open,
    everywhere=_everywhere,
    loops=open_loops(),
    is_exact=False,
    instances=(
        two_points("1/10", "1/10", lam=1, steps=4),
        two_points("1/10", "1/100", lam=2, steps=8),
        hierarchy(3, ratio=100, K=2, lam=1, steps=8),
        hierarchy(4, ratio=10, K=3, lam=3, steps=6),
        Instance.of("1/100 9/10 1", "9/10 99/1000 1/1000", lam=3, steps=8),
    ),
    mutants=(
        Mutant(
            "from any start p_0, such as where F is largest",
            margins=_everywhere,
            admits=lambda run: True,
            instances=(Instance.of("1 3", "3/4 1/4", initial="1/2 1/2", lam=1),),
        ),
        Mutant(
            "for two voters",
            margins=_two_voters,
            instances=(Instance.of("1 10", "1/100 99/100", lam=1),),
        ),
        Mutant(
            "F rises by at least 2 KL(p_{t+1}‖p_t)",
            margins=lambda run, bound: _rises(run, 0, times=2),
        ),
        Mutant("F(p_t) is concave in t", margins=_concave),
        Mutant("KL(p‖p_ref) in place of KL(p_ref‖p) in F", margins=_differences(_backwards)),
        Mutant("a and m exchanged in F", margins=_differences(_exchanged)),
    ),
)
