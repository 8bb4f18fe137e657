"""Evidence that TV(T(p), T(q)) <= H_p(c) TV(p, q), c the larger mean weight of what differs.

All of it is rational: H_p(c) is the curation ratio of a further atom of weight c, without mass.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.one_curation.curation_lipschitz import moved_at_the_top, ordered_pairs
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, difference, dot
from recurate.theory.one_curation.curation_lipschitz_sharp import statement


def ratio_at(run: Run, probs: Numbers, weight: Number, K: int | float | None = None) -> Number:
    """Return H_p at any weight, of an atom or not."""
    weights, masses = [*run.weights, weight], [*probs, run.number(0)]
    return run.ratio(weights, masses, run.K if K is None else K)[-1]


def _positive_part(values: Numbers) -> Numbers:
    return [(value + abs(value)) / 2 for value in values]


def larger(left: Number, right: Number) -> Number:
    """Return the larger number, also of balls that overlap."""
    return (left + right + abs(left - right)) / 2


def _smaller(left: Number, right: Number) -> Number:
    return (left + right - abs(left - right)) / 2


def _is_attained(run: Run, f: Numbers, p: Curation, q: Curation, level: Number) -> bool:
    """Return whether the statement lists the bound as attained, if that is known.

    It is if f and g are at one weight, or if f is at one where q has no mass and g is lighter.
    """
    if run.K == 1:
        return True
    moved = [i for i in range(run.size) if p.probs[i] != q.probs[i]]
    if len({run.heights[i] for i in moved}) == 1:
        return True
    gained = [i for i in moved if f[i] > 0]
    alone = {run.heights[i] for i in gained}
    is_own = not any(q.probs[i] != 0 for i in range(run.size) if run.heights[i] in alone)
    return len(alone) == 1 and is_own and not level > run.weights[gained[0]]


def _by_factor(factor: Callable[[Run, Curation, Number, Number], Number]) -> Margins:
    """Return the margins of a bound by a factor, from p and the mean weights under f and g."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for where, p, q in islice(ordered_pairs(run), 4):
            gained = _positive_part(difference(q.probs, p.probs))
            lost = _positive_part(difference(p.probs, q.probs))
            # Not as half the sum of the distances: in balls the parts are what is divided by.
            distance = sum(gained, run.number(0)), sum(lost, run.number(0))
            if not all(total > 0 for total in distance):
                continue  # p = q, as far as a ball can tell
            means = [
                dot(part, run.weights) / total
                for part, total in zip((gained, lost), distance, strict=True)
            ]
            moved = run.total_variation(p.curated, q.curated)
            is_tight = _is_attained(run, gained, p, q, larger(*means))
            yield Margin(factor(run, p, *means) * distance[0] - moved, where, is_tight)

    return margins


def _larger_mean(run: Run, p: Curation, of_f: Number, of_g: Number) -> Number:
    return ratio_at(run, p.probs, larger(of_f, of_g))


def _smaller_mean(run: Run, p: Curation, of_f: Number, of_g: Number) -> Number:
    return ratio_at(run, p.probs, _smaller(of_f, of_g))


def _middle(run: Run, p: Curation, of_f: Number, of_g: Number) -> Number:
    return ratio_at(run, p.probs, (of_f + of_g) / 2)


def _mean_of_p(run: Run, p: Curation, of_f: Number, of_g: Number) -> Number:
    return ratio_at(run, p.probs, p.mean_weight)


def _fewer_candidates(run: Run, p: Curation, of_f: Number, of_g: Number) -> Number:
    K = run.K if run.K in (1, math.inf) else run.K - 1
    return ratio_at(run, p.probs, larger(of_f, of_g), K)


_moved_in_the_middle = Instance.of("1/100 1/10 1", "1/2 1/4 1/4", second="3/4 0 1/4", K=3, lam=1)
"""What differs is below the top: H_p at it is far below H_p(w_*)."""

check = Check(
    statement=statement,
    margins=_by_factor(_larger_mean),
    instances=(
        _moved_in_the_middle,
        moved_at_the_top,
        two_points("1/1000", "1/1000", lam=1),
        two_points("1/1000", "1/10", K=math.inf, lam="1/10", steps=3),
        hierarchy(3, ratio=100, K=3, lam=1),
    ),
    mutants=(
        Mutant(
            "the smaller of the two mean weights in place of c", margins=_by_factor(_smaller_mean)
        ),
        Mutant("the middle of the two mean weights in place of c", margins=_by_factor(_middle)),
        Mutant("the mean weight under p in place of c", margins=_by_factor(_mean_of_p)),
        Mutant("H_p(c) for K - 1 candidates", margins=_by_factor(_fewer_candidates)),
    ),
)
