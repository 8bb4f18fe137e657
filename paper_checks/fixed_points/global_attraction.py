"""Evidence for global attraction: every law p with mass at the top is a fixed point, exactly.

It is one for every a with a H_p(w_*) < 1, for the reference (p - a T(p))/m, and all fixed points
arise so. What the loop does to the distance of another law from it is therefore rational: no limit
has to be computed. The run's own λ only serves to make the laws p_t.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.one_curation.curation_lipschitz import (
    is_attained,
    largest_in_size,
    moved_at_the_top,
    ordered_pairs,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, difference, dot
from recurate.theory.fixed_points.global_attraction import statement

_GROWTH = Fraction(9, 10)  # a H_p(w_*) for the loops with fixed point p


def synthetic_share(run: Run, p: Curation) -> Number:
    """Return a share a of synthetic samples for which p is a fixed point: a H_p(w_*) = 9/10."""
    return run.number(_GROWTH) / p.ratio[run.top[0]]


def real_part(run: Run, p: Curation) -> Numbers:
    """Return m p_ref for the reference for which p is a fixed point."""
    a = synthetic_share(run, p)
    return [mass * (1 - a * h) for mass, h in zip(p.probs, p.ratio, strict=True)]


def _rate(run: Run, p: Curation, *, with_m: bool = True) -> Number:
    """Return 1 - m p_ref(A)/p(A), or the same without m."""
    m = 1 - synthetic_share(run, p)
    real = run.at_top(real_part(run, p)) / run.at_top(p.probs)
    return 1 - (real if with_m else real / m)


def next_law(run: Run, p: Curation, q: Curation) -> Numbers:
    """Return F(q) for the loop with fixed point p."""
    a = synthetic_share(run, p)
    return [x + a * y for x, y in zip(real_part(run, p), q.curated, strict=True)]


def _attracted(run: Run) -> Iterator[tuple[str, Curation, Curation]]:
    """Yield fixed points p with mass at the top, and other laws q, in curations of each."""
    for where, p, q in ordered_pairs(run):
        if run.at_top(p.probs) > 0:
            yield where, p, q


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, p, q in _attracted(run):
        rate, distance = _rate(run, p), run.total_variation(p.probs, q.probs)
        following = next_law(run, p, q)
        nearer = run.total_variation(p.probs, following)
        yield Margin(rate * distance - nearer, f"t = 1, {where}", tight=is_attained(run, p, q))
        if run.kind == "property":  # its curations start from floats, not from balls
            continue
        second = run.curation_of(following)
        margin = rate * rate * distance - run.total_variation(p.probs, next_law(run, p, second))
        is_equal = is_attained(run, p, q) and is_attained(run, p, second)
        yield Margin(margin, f"t = 2, {where}", tight=is_equal)


def _plain_rate(run: Run, bound: Bound) -> Iterator[Margin]:
    """TV(p_{t+1}, p_inf) <= a TV(p_t, p_inf)."""
    for where, p, q in _attracted(run):
        distance = run.total_variation(p.probs, q.probs)
        yield Margin(distance - run.total_variation(p.curated, q.curated), where)


def _without_m(run: Run, bound: Bound) -> Iterator[Margin]:
    """TV(p_{t+1}, p_inf) <= (1 - p_ref(A)/p_inf(A)) TV(p_t, p_inf)."""
    for where, p, q in _attracted(run):
        distance = run.total_variation(p.probs, q.probs)
        nearer = run.total_variation(p.probs, next_law(run, p, q))
        yield Margin(_rate(run, p, with_m=False) * distance - nearer, where)


def _mean_weight(run: Run, bound: Bound) -> Iterator[Margin]:
    """|E_t w - E_inf w| never rises."""
    for where, p, q in _attracted(run):
        before = abs(dot(difference(p.probs, q.probs), run.weights))
        after = abs(dot(difference(p.curated, q.curated), run.weights))
        yield Margin(before - synthetic_share(run, p) * after, where)


def _distribution_function(run: Run, bound: Bound) -> Iterator[Margin]:
    """The largest difference of the distribution functions never rises."""
    for where, p, q in _attracted(run):
        before = largest_in_size(run.distribution_function(difference(p.probs, q.probs)))
        after = largest_in_size(run.distribution_function(difference(p.curated, q.curated)))
        yield Margin(before - synthetic_share(run, p) * after, where)


def _chi_square(run: Run, bound: Bound) -> Iterator[Margin]:
    """The chi-square distance of p_t from p_inf never rises."""
    for where, p, q in _attracted(run):
        before = difference(p.probs, q.probs)
        after = difference(p.curated, q.curated)
        a = synthetic_share(run, p)
        squares = [
            (x * x - a * a * y * y) / mass
            for x, y, mass in zip(before, after, p.probs, strict=True)
            if mass > 0
        ]
        yield Margin(sum(squares, 0), where)


check = Check(
    statement=statement,
    margins=_margins,
    instances=(
        moved_at_the_top,
        two_points("1/1000", "1/1000", lam=1),
        hierarchy(3, ratio=100, K=3, lam=1),
        Instance.of("1/100 1/10 1", "1/3 1/3 1/3", second="13/30 1/6 2/5", lam=1),
    ),
    mutants=(
        Mutant("TV(p_t, p_inf) falls by the factor a at each step", margins=_plain_rate),
        Mutant(
            "TV(p_t, p_inf) falls by the factor 1 - p_ref(A)/p_inf(A), without m",
            margins=_without_m,
        ),
        Mutant(
            "|E_t w - E_inf w| never rises",
            margins=_mean_weight,
            instances=(
                Instance.of(
                    "1/150 3/100 1",
                    "10/711 700/711 1/711",
                    second="80/93 2/31 7/93",
                    K=3,
                    lam="1/2",
                    steps=3,
                ),
            ),
        ),
        Mutant(
            "the largest difference of the distribution functions never rises",
            margins=_distribution_function,
            instances=(
                Instance.of(
                    "1/1000 99/100 1", "1/104 3/104 25/26", second="2/103 1/103 100/103", lam=1
                ),
            ),
        ),
        Mutant(
            "the chi-square distance from p_inf never rises",
            margins=_chi_square,
            # The start has mass where p_inf has next to none.
            instances=(
                Instance.of("1/100 1/2 1", "1/2 1/4 1/4", second="1/10 1/1000 899/1000", lam=1),
            ),
        ),
    ),
)
