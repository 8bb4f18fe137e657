"""Evidence that H^{K+1}/H^K increases with the weight, for one law and every finite K.

Both are rational functions of the law: exact evidence tests the claim itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.foundations.ratio_monotone import curations, increase_margins
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Numbers, Run
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.foundations.candidates_order import statement


def _over(more: Curation, fewer: Curation) -> Numbers:
    """Return the quotient of two curation ratios, of one law."""
    return [y / x for y, x in zip(more.ratio, fewer.ratio, strict=True)]


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    pairs = zip(curations(run), curations(run, run.K + 1), strict=True)
    for (where, fewer), (_, more) in pairs:
        yield from increase_margins(run, _over(more, fewer), where)


def _gain_above_the_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """H^{K+1} >= H^K wherever w >= μ."""
    fewer, more = run.curation(0), run.curation(0, run.K + 1)
    for i, weight in enumerate(run.weights):
        if weight > fewer.mean_weight:
            yield Margin(more.ratio[i] - fewer.ratio[i], f"atom {i}")


def _loss_below_the_top(run: Run, bound: Bound) -> Iterator[Margin]:
    """H^{K+1} <= H^K at every weight below w_*."""
    fewer, more = run.curation(0), run.curation(0, run.K + 1)
    for i in set(range(run.size)) - set(run.top):
        yield Margin(fewer.ratio[i] - more.ratio[i], f"atom {i}")


def _diminishing_returns(run: Run, bound: Bound) -> Iterator[Margin]:
    """H^{K+1}/H^K is no steeper in the weight than H^K/H^{K-1}."""
    if run.K > 1:
        fewest, fewer, more = (run.curation(0, run.K + change) for change in (-1, 0, 1))
        pairs = zip(_over(fewer, fewest), _over(more, fewer), strict=True)
        yield from increase_margins(run, [x / y for x, y in pairs], "t = 0")


def _one_round_of_four(run: Run, bound: Bound) -> Iterator[Margin]:
    """T_4(p) dominates T_2(T_2(p)) in likelihood-ratio order."""
    first, one = run.curation(0, 2), run.curation(0, 4)
    again = run.curation_of(first.curated, 2)
    two_rounds = [x * y for x, y in zip(first.ratio, again.ratio, strict=True)]
    shares = [x / y for x, y in zip(one.ratio, two_rounds, strict=True)]
    yield from increase_margins(run, shares, "K = 2")


def _mixed(run: Run, bound: Bound) -> Iterator[Margin]:
    """The loop's first step with K + 1 candidates dominates that with K, real data mixed in."""
    m, a = run.real_fraction, run.synthetic_fraction
    steps = [[m + a * h for h in run.curation(0, run.K + change).ratio] for change in (0, 1)]
    yield from increase_margins(run, [y / x for x, y in zip(*steps, strict=True)], "after one step")


def _from_the_heavier(run: Run, bound: Bound) -> Iterator[Margin]:
    """H^{K+1}/H^K increases between atoms in the order of their masses."""
    shares = _over(run.curation(0, run.K + 1), run.curation(0))
    for i, j in permutations(range(run.size), 2):
        if run.reference[i] < run.reference[j]:
            yield Margin(shares[j] - shares[i], f"atoms {i} and {j}")


check = Check(
    statement=statement,
    margins=_margins,
    admits=lambda run: run.K < math.inf,
    loops=curation_loops(candidates=candidate_numbers(infinite=False)),
    instances=(two_points("999/1000", "1/1000"), hierarchy(3, ratio=1000, K=3)),
    mutants=(
        Mutant(
            "H^{K+1}/H^K increases with the mass in place of the weight (without w <= w')",
            margins=_from_the_heavier,
            instances=(two_points("1/3", "1/4"),),
        ),
        Mutant(
            "H^{K+1} >= H^K wherever w is above the mean",
            margins=_gain_above_the_mean,
            instances=(Instance.of("1/2 19/25 1", "1/3 1/3 1/3"),),
        ),
        Mutant(
            "H^{K+1} <= H^K wherever w is below the top",
            margins=_loss_below_the_top,
            instances=(Instance.of("1/4 3/4 1", "5/7 1/7 1/7"),),
        ),
        Mutant(
            "diminishing returns: H^{K+1}/H^K is no steeper than H^K/H^{K-1}",
            margins=_diminishing_returns,
            instances=(Instance.of("1/1000 1/100 1", "1/4 1/8 5/8"),),
        ),
        Mutant(
            "one round with four candidates dominates two rounds with two",
            margins=_one_round_of_four,
        ),
        Mutant(
            "the loop's step with K + 1 candidates dominates that with K, real data mixed in",
            margins=_mixed,
            instances=(Instance.of("1/10 1/4 1", "1/8 1/4 5/8", K=3, lam=1),),
        ),
    ),
)
