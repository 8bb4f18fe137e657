"""Evidence that p_t/p_ref increases with the weight, at every t of loops that start at p_ref.

The density is a rational function: exact evidence tests the claim itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.foundations.ratio_monotone import increase_margins
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Run
from recurate.theory.foundations.density_monotone import statement


def _charged(run: Run) -> list[int]:
    """Return the atoms with mass under p_ref: the density is that of p_t over it."""
    return [i for i in range(run.size) if run.reference[i] > 0]


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in range(run.steps + 1):
        yield from increase_margins(
            run, run.density(t), f"t = {t}", tight=t == 0, atoms=_charged(run)
        )


def _from_the_first_step(run: Run, bound: Bound) -> Iterator[Margin]:
    """The density p_t/p_ref increases for t >= 1."""
    for t in range(1, run.steps + 1):
        yield from increase_margins(run, run.density(t), f"t = {t}", atoms=_charged(run))


def _every_step(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_{t+1}/p_t increases with the weight, too."""
    for t in range(run.steps):
        steps = [y / x for x, y in zip(run.density(t), run.density(t + 1), strict=True)]
        yield from increase_margins(run, steps, f"t = {t}", atoms=_charged(run))


def _as_steep_as_one_curation(run: Run, bound: Bound) -> Iterator[Margin]:
    """d_t(w')/d_t(w) is at least H(w')/H(w) of the first curation, for t >= 1."""
    first = run.curation(0).ratio
    for t in range(1, run.steps + 1):
        excess = [d / h for d, h in zip(run.density(t), first, strict=True)]
        yield from increase_margins(run, excess, f"t = {t}", atoms=_charged(run))


def _no_return(run: Run, bound: Bound) -> Iterator[Margin]:
    """An atom that the first step makes more probable stays so: d_t >= 1 where d_1 > 1."""
    first = run.density(1)
    for t in range(2, run.steps + 1):
        for i in _charged(run):
            if first[i] > 1:
                yield Margin(run.density(t)[i] - 1, f"t = {t}, atom {i}")


check = Check(
    statement=statement,
    margins=_margins,
    instances=(
        two_points("999/1000", "1/2", lam="1/100", steps=4),
        hierarchy(3, ratio=1000, K=2, lam=1, steps=3),
        hierarchy(3, ratio=10, K=2, steps=3),
    ),
    mutants=(
        Mutant(
            "p_{t+1}/p_t increases in every loop (true of the pure one)",
            margins=_every_step,
            instances=(Instance.of("1/10 1/4 1", "1/8 1/4 5/8", K=3, lam=1, steps=2),),
        ),
        Mutant(
            "p_t/p_ref is at least as steep as H of one curation in every loop, for t >= 1",
            margins=_as_steep_as_one_curation,
        ),
        Mutant(
            "where p_1/p_ref > 1, p_t/p_ref >= 1 for every later t",
            margins=_no_return,
            instances=(Instance.of("1/1000 1/10 1", "9/10 9/100 1/100", K=math.inf, steps=2),),
        ),
        Mutant(
            "from any start p_0, for t >= 1",
            margins=_from_the_first_step,
            admits=lambda run: True,
            instances=(Instance.of("1/2 1", "1/2 1/2", initial="9/10 1/10", lam=1, steps=2),),
        ),
    ),
)
