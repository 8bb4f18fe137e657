"""Evidence for Conjecture 2: each loop is run again with a larger λ, and with a larger K.

The claim is rational as it stands. A search that finds nothing proves nothing, so the verdict stays
open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.conjectures.open_region import (
    FIRST_STEP,
    OPEN_CURATION,
    is_open,
    open_loops,
)
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.kinds import CertifiedRun, EngineRun, ExactRun
from recurate.paper_checks.runs.run import Number, Run, dot, moments
from recurate.theory.conjectures.reward_monotone_parameters import statement

_LONGEST = 64  # K^steps of a rational run that is made again: its numbers grow as much in length


def _changed(run: Run, **changes: Any) -> Run:
    """Return the same run with another K or λ; with fewer steps where rationals become long."""
    if isinstance(run, EngineRun):
        given = {"K": run.K, "lam": run.lam, **changes}
        return EngineRun(CurationLoop(run.loop.law, **given), run.steps)
    assert isinstance(run, ExactRun | CertifiedRun)
    instance = replace(run.instance, **changes)
    if isinstance(run, CertifiedRun):
        return CertifiedRun(instance, run.bits)
    growth = 2 if instance.K == math.inf else instance.K
    steps = next(t for t in range(run.steps, -1, -1) if growth**t <= _LONGEST)
    return ExactRun(replace(instance, steps=steps))


def _mixed_more(run: Run, *, is_pure_too: bool = True) -> Iterator[tuple[str, Run]]:
    if run.lam < math.inf:
        more = 3 * run.lam / 2 if run.lam else Fraction(1, 2)
        if isinstance(run, EngineRun):
            more = float(more)
        for lam in (more, math.inf) if is_pure_too else (more,):
            yield f"λ = {lam}", _changed(run, lam=lam)


def _more_candidates(run: Run) -> Iterator[tuple[str, Run]]:
    if run.K < math.inf:
        for K in (int(run.K) + 1, math.inf):
            yield f"K = {K}", _changed(run, K=K)


def _times(run: Run) -> list[int]:
    """Return the steps that are tried: the first ones and the last, of the run made again."""
    return sorted({t for t in (1, 2, 3, 4, 8, 16, 32, run.steps) if 0 < t <= run.steps})


def _rise(low: Run, high: Run, t: int) -> Number:
    """Return by how much the mean weight under p_t is larger in the second run."""
    below, above = low.law(t), high.law(t)
    # The masses' differences sum to zero, so weights may be centred: balls are smaller then.
    mean = dot(below, low.weights)
    moved = [q - p for p, q in zip(below, above, strict=True)]
    return dot(moved, [w - mean for w in low.weights])


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    # Against the pure loop, and at t = 1, it is proved.
    for name, other in (*_mixed_more(run, is_pure_too=False), *_more_candidates(run)):
        for t in _times(other):
            if t >= FIRST_STEP:
                yield Margin(_rise(run, other, t), f"t = {t}, {name}")


def _everywhere(run: Run, bound: Bound) -> Iterator[Margin]:
    for name, other in (*_mixed_more(run), *_more_candidates(run)):
        for t in _times(other):
            yield Margin(_rise(run, other, t), f"t = {t}, {name}")


def _at_most_doubled(run: Run, bound: Bound) -> Iterator[Margin]:
    """Doubling λ at most doubles E_t w - E_ref w."""
    if run.lam < math.inf:
        doubled = _changed(run, lam=2 * run.lam)
        for t in _times(doubled):
            yield Margin(2 * run.gain(t) - doubled.gain(t), f"t = {t}")


def _concave_in_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """Each further candidate raises E_t w by less than the one before."""
    if run.K == math.inf:
        return
    one_more, two_more = (_changed(run, K=int(run.K) + more) for more in (1, 2))
    for t in _times(two_more):
        yield Margin(_rise(run, one_more, t) - _rise(one_more, two_more, t), f"t = {t}")


def _variance(run: Run, bound: Bound) -> Iterator[Margin]:
    """Var_t w does not rise with K."""
    for name, other in _more_candidates(run):
        for t in _times(other):
            before, after = (moments(run.weights, x.law(t), 2) for x in (run, other))
            yield Margin(before - after, f"t = {t}, {name}")


check = Check(
    statement=statement,
    margins=_margins,
    setting=OPEN_CURATION,
    is_open=is_open,
    everywhere=_everywhere,
    loops=open_loops(),
    instances=(
        two_points("1/1000", "1/1000", lam=1, steps=8),
        two_points("1/1000", "1/1000", K=2, lam=math.inf, steps=2),
        hierarchy(3, ratio=100, K=2, lam=1, steps=6),
        hierarchy(3, ratio=10, K=3, lam="1/2", steps=3),
    ),
    mutants=(
        Mutant(
            "from any start p_0",
            margins=_everywhere,
            admits=lambda run: True,
            instances=(Instance.of("1 2", "1/2 1/2", initial="1 0", lam=1),),
        ),
        Mutant("doubling λ at most doubles E_t w - E_ref w", margins=_at_most_doubled),
        Mutant(
            "a further candidate raises E_t w by less than the last one",
            margins=_concave_in_candidates,
        ),
        Mutant("Var_t w falls as K grows", margins=_variance),
    ),
)
