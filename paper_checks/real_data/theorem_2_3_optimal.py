"""Evidence for Theorem 2.3 in its best form, at every t >= 1 of loops from the reference.

The mean weight is at least E_1 w = μ + a G_K, and every upper set of rewards has at least its mass
under p_1: their indicators generate all increasing functions. All of it stays rational.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run
from recurate.theory.language.notation import mean_weight, synthetic_fraction, variance_weight
from recurate.theory.real_data.theorem_2_3_optimal import statement


def _mean_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    """E_t w >= μ + a G_K, and equality at t = 1."""
    guaranteed = bound(
        K=run.K,
        lam=run.lam,
        mean_weight=run.mean_weight,
        variance_weight=run.variance_weight,
        max_weight=1,
        curation_gain=run.curation_of(run.reference).gain(),
    )
    gain = guaranteed - run.mean_weight
    yield Margin(-abs(run.gain(1) - gain), "t = 1, equality", tight=True, is_equality=True)
    yield Margin(run.gain(1) - gain, "t = 1", tight=True)
    for t in range(2, run.steps + 1):
        yield Margin(run.gain(t) - gain, f"t = {t}")


def levels(run: Run) -> list[int]:
    """Sizes of the lower sets of rewards, as numbers of atoms, that are neither empty nor all.

    Ties stay together, and each set has mass under the reference, as has its complement.
    """
    charged = [n for n, i in enumerate(run.order) if run.reference[i] != 0]
    heights = [run.heights[run.order[n]] for n in charged]
    return [
        n + 1 for n, lower, upper in zip(charged, heights, heights[1:], strict=False)
        if lower < upper
    ]  # fmt: skip


def _upper_set_margins(run: Run) -> Iterator[Margin]:
    """p_t(U) >= p_1(U) for every upper set U of rewards."""
    first, sizes = run.law(1), levels(run)
    below = run.distribution_function(first)
    for t in range(2, run.steps + 1):
        moved = [run.law(t)[i] - first[i] for i in run.order]
        for size in sizes:
            # By the smaller one of the set and its complement, so that little cancels.
            is_small = below[size - 1] < 1 - below[size - 1]
            gained: Number = -sum(moved[:size]) if is_small else sum(moved[size:])
            yield Margin(gained, f"t = {t}, all but the {size} lightest atoms")


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _mean_margins(run, bound)
    yield from _upper_set_margins(run)


def _heavy_atoms(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_t(x) >= p_1(x) for every x that outweighs the mean of the reference."""
    first = run.law(1)
    for t in range(2, run.steps + 1):
        for weight, now, then in zip(run.weights, run.law(t), first, strict=True):
            if weight > run.mean_weight:
                yield Margin(now - then, f"t = {t}")


def _likelihood_ratios(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_t/p_1 increases with the weight."""
    first = run.density(1)
    for t in range(2, run.steps + 1):
        density = run.density(t)
        for i, j in pairwise(run.order):
            if run.heights[i] < run.heights[j]:
                yield Margin(density[j] * first[i] - density[i] * first[j], f"t = {t}")


def _one_candidate_more(run: Run, bound: Bound) -> Iterator[Margin]:
    """G_{K+1} in place of G_K."""
    gain = run.curation_of(run.reference, run.K + 1).gain()
    for t in range(1, run.steps + 1):
        yield Margin(run.gain(t) - run.synthetic_fraction * gain, f"t = {t}")


def _two_gains(run: Run, bound: Bound) -> Iterator[Margin]:
    """E_t w >= μ + a (1+a) G_K for t >= 2."""
    gain, share = run.curation_of(run.reference).gain(), run.synthetic_fraction
    for t in range(2, run.steps + 1):
        yield Margin(run.gain(t) - share * (1 + share) * gain, f"t = {t}")


_elsewhere = Instance.of("1 2", "1/2 1/2", initial="1 0", lam=1)
# The middle atom wins against the many light ones, until the heaviest has gained.
_overtaken = Instance.of("1/100 1/10 1", "49/50 1/100 1/100", K=math.inf, lam=1, steps=3)

check = Check(
    statement=statement,
    margins=_margins,
    instances=(
        two_points("1/2", "1/3", lam=1, steps=5),
        two_points("1/1000", "9/10", lam="1/4", steps=4),
        hierarchy(3, ratio=100, K=3, lam=2, steps=3),
        hierarchy(3, ratio=2, K=2, lam=1, steps=4),
    ),
    mutants=(
        Mutant(
            "each atom heavier than the mean has its least mass after the first step",
            margins=_heavy_atoms,
            instances=(_overtaken,),
        ),
        Mutant("p_t/p_1 increases with the weight", margins=_likelihood_ratios),
        Mutant("G_{K+1} in place of G_K", margins=_one_candidate_more),
        Mutant(
            "the gain of K = inf, Var w / E w, in place of G_K",
            bound=mean_weight + synthetic_fraction * variance_weight / mean_weight,
        ),
        Mutant("μ + a(1+a) G_K for t >= 2: a gain at each step", margins=_two_gains),
        Mutant("from any start p_0", admits=lambda run: True, instances=(_elsewhere,)),
    ),
)
