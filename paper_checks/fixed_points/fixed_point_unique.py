"""Evidence for the uniqueness of the mixed loop's fixed point: every other law is moved.

Each law p is the fixed point of a loop. Take a = s/H_p(w_*) with 0 <= s < 1 as the share of curated
samples, and (p - a T(p))/(1 - a), which is nowhere negative, as the data. The loop's step F moves
another law q by F(q) - q = (p - q) - a (T(p) - T(q)). So TV(F(q), q) >= (1 - s) TV(p, q) by
curation-lipschitz, and q is not a second fixed point. All of it is rational, and no equation is
solved. The bound is attained where that of curation-lipschitz is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.one_curation.curation_lipschitz import (
    is_attained,
    moved_at_the_top,
    ordered_pairs,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, difference
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops, mixings
from recurate.theory.fixed_points.fixed_point_unique import statement


def _moved_by(share: Callable[[Number, Number], Number]) -> Margins:
    """Return the margins of TV(F(q), q) >= c TV(p, q), for a share c that depends on s and a."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        s = run.synthetic_fraction
        for where, p, q in ordered_pairs(run):
            a = s / p.ratio[run.top[0]]
            curated = [a * moved for moved in difference(p.curated, q.curated)]
            distance = run.total_variation(difference(p.probs, q.probs), curated)
            guaranteed = share(s, a) * run.total_variation(p.probs, q.probs)
            yield Margin(distance - guaranteed, where, tight=is_attained(run, p, q))

    return margins


def _nearer(run: Run, bound: Bound) -> Iterator[Margin]:
    """TV(T(p), T(q)) <= TV(p, q)."""
    for where, p, q in ordered_pairs(run):
        before = run.total_variation(p.probs, q.probs)
        yield Margin(before - run.total_variation(p.curated, q.curated), where)


def _pure_fixed_points(run: Run, bound: Bound) -> Iterator[Margin]:
    """The start and the second law are the same, if curation changes neither."""
    laws = [run.curation(0), run.curation_of(run.second)]
    moved = [run.total_variation(law.curated, law.probs) for law in laws]
    if not any(distance > 0 for distance in moved):
        yield Margin(-run.total_variation(laws[0].probs, laws[1].probs))


check = Check(
    statement=statement,
    margins=_moved_by(lambda s, a: 1 - s),
    admits=lambda run: bool(run.lam < math.inf),
    loops=curation_loops(
        candidates=candidate_numbers().filter(lambda K: K > 1),
        mixing=lambda K: mixings().filter(lambda lam: lam < math.inf),
    ),
    instances=(
        moved_at_the_top,
        # Nearly attained: nearly all of what q lacks, p has at the top.
        Instance.of("1/1000 1", "999/1000 1/1000", second="99/100 1/100", lam=1),
        two_points("1/1000", "1/10", lam=100),
        hierarchy(3, ratio=100, K=3, lam=1),
    ),
    mutants=(
        Mutant(
            "every other law is moved by its distance from p", margins=_moved_by(lambda s, a: 1)
        ),
        Mutant(
            "moved by 1 - a of the distance, as if H_p(w_*) were 1",
            margins=_moved_by(lambda s, a: 1 - a),
        ),
        Mutant("curation brings any two laws nearer together", margins=_nearer),
        Mutant(
            "the pure loop, too, has one fixed point",
            margins=_pure_fixed_points,
            admits=lambda run: bool(run.lam == math.inf),
            instances=(Instance.of("1 2", "1/2 1/2", initial="1 0", second="0 1"),),
        ),
    ),
)
