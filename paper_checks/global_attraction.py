"""Evidence for Conjecture 4, by what one step does to the distance from the fixed point.

Its rational core: TV(T(q), T(p)) <= H_p(w_*) TV(q, p) for any two laws. Every law p is the fixed
point, exactly, of loops with a H_p(w_*) < 1 (for the reference (p - a T(p))/m), and these are all:
so each of their steps takes the distance to a H_p(w_*) times what it was at most, and it tends to
zero. That is more than the conjecture, which by itself says nothing of any finite t.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from recurate.paper_checks.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.fixed_point_unique import by_weight, law_pairs
from recurate.paper_checks.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs import Curation, Number, Numbers, Run, dot
from recurate.paper_checks.strategies import candidate_numbers, curation_loops
from recurate.theory.global_attraction import statement


def _steps(run: Run) -> Iterator[tuple[str, Curation, Curation]]:
    """Yield fixed points p and other laws q, in curations of each."""
    for where, p, q in law_pairs(run):
        yield f"p and q are {where}", p, q
        yield f"q and p are {where}", q, p


def _difference(p: Numbers, q: Numbers) -> Numbers:
    return [y - x for x, y in zip(p, q, strict=True)]


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    top = run.top[0]
    for where, p, q in _steps(run):
        distance = run.total_variation(p.probs, q.probs)
        moved = run.total_variation(p.curated, q.curated)
        # Laws that differ at most in how they share the mass of one weight keep their distance,
        # but for the factor H at that weight.
        shared = [abs(mass) for mass in by_weight(run, _difference(p.probs, q.probs))]
        yield Margin(p.ratio[top] * distance - moved, where, tight=not sum(shared, 0) > 0)


def _plain_rate(run: Run, bound: Bound) -> Iterator[Margin]:
    """TV(p_{t+1}, p_inf) <= a TV(p_t, p_inf)."""
    for where, p, q in _steps(run):
        distance = run.total_variation(p.probs, q.probs)
        yield Margin(distance - run.total_variation(p.curated, q.curated), where)


def _synthetic_share(run: Run, p: Curation) -> Number:
    """Return a share a of synthetic samples for which p is a fixed point: a H_p(w_*) = 9/10."""
    return run.number(Fraction(9, 10)) / p.ratio[run.top[0]]


def _mean_weight(run: Run, bound: Bound) -> Iterator[Margin]:
    """|E_t w - E_inf w| never rises."""
    for where, p, q in _steps(run):
        before = abs(dot(_difference(p.probs, q.probs), run.weights))
        after = abs(dot(_difference(p.curated, q.curated), run.weights))
        yield Margin(before - _synthetic_share(run, p) * after, where)


def _distribution_function(run: Run, bound: Bound) -> Iterator[Margin]:
    """The largest difference of the distribution functions never rises."""
    for where, p, q in _steps(run):
        before = _largest(run.distribution_function(_difference(p.probs, q.probs)))
        after = _largest(run.distribution_function(_difference(p.curated, q.curated)))
        yield Margin(before - _synthetic_share(run, p) * after, where)


def _largest(values: Numbers) -> Number:
    largest = abs(values[0])
    for value in values[1:]:
        largest = largest if largest > abs(value) else abs(value)
    return largest


def _chi_square(run: Run, bound: Bound) -> Iterator[Margin]:
    """The chi-square distance of p_t from p_inf never rises."""
    for where, p, q in _steps(run):
        before = _difference(p.probs, q.probs)
        after = _difference(p.curated, q.curated)
        a = _synthetic_share(run, p)
        squares = [
            (x * x - a * a * y * y) / mass
            for x, y, mass in zip(before, after, p.probs, strict=True)
            if mass > 0
        ]
        yield Margin(sum(squares, 0), where)


check = Check(
    statement=statement,
    margins=_margins,
    admits=lambda run: run.K > 1,
    loops=curation_loops(candidates=candidate_numbers().filter(lambda K: K > 1)),
    instances=(
        two_points("1/1000", "1/1000", lam=1),
        hierarchy(3, ratio=100, K=3, lam=1),
        Instance(
            weights=(Fraction(1, 100), Fraction(1, 10), Fraction(1)),
            reference=(Fraction(1, 3),) * 3,
            second=(Fraction(13, 30), Fraction(1, 6), Fraction(2, 5)),
            lam=Fraction(1),
        ),
    ),
    mutants=(
        Mutant("TV(p_t, p_inf) falls by the factor a at each step", margins=_plain_rate),
        Mutant(
            "|E_t w - E_inf w| never rises",
            margins=_mean_weight,
            instances=(
                Instance(
                    weights=(Fraction(1, 150), Fraction(3, 100), Fraction(1)),
                    reference=(Fraction(10, 711), Fraction(700, 711), Fraction(1, 711)),
                    second=(Fraction(80, 93), Fraction(2, 31), Fraction(7, 93)),
                    K=3,
                    lam=Fraction(1, 2),
                    steps=3,
                ),
            ),
        ),
        Mutant(
            "the largest difference of the distribution functions never rises",
            margins=_distribution_function,
            instances=(
                Instance(
                    weights=(Fraction(1, 1000), Fraction(99, 100), Fraction(1)),
                    reference=(Fraction(1, 104), Fraction(3, 104), Fraction(100, 104)),
                    second=(Fraction(2, 103), Fraction(1, 103), Fraction(100, 103)),
                    lam=Fraction(1),
                ),
            ),
        ),
        Mutant(
            "the chi-square distance from p_inf never rises",
            margins=_chi_square,
            # Where p_inf has next to no mass, the start has some.
            instances=(
                Instance(
                    weights=(Fraction(1, 100), Fraction(1, 2), Fraction(1)),
                    reference=(Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)),
                    second=(Fraction(1, 10), Fraction(1, 1000), Fraction(899, 1000)),
                    lam=Fraction(1),
                ),
            ),
        ),
    ),
)
