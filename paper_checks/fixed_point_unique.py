"""Evidence for the uniqueness of the mixed loop's fixed point: what its proof says of any two laws.

Rational core: as the weight grows, H_p - H_q changes sign less often than p - q. Two fixed points
would need as many changes of both. Laws that iteration only approaches would show nothing here.
Where balls leave signs open, the margin is a ball as well, of all numbers of changes there may be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from recurate.paper_checks.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.instances import Instance
from recurate.paper_checks.run_kinds import CertifiedRun, ExactRun
from recurate.paper_checks.runs import Curation, Number, Numbers, Run
from recurate.paper_checks.strategies import candidate_numbers, curation_loops, mixings
from recurate.theory.fixed_point_unique import statement


def by_weight(run: Run, masses: Sequence[Number]) -> Numbers:
    """Return the masses of the distinct weights, from the smallest weight to the largest."""
    totals: dict[object, Number] = {}
    for i in run.order:
        totals[run.heights[i]] = totals.get(run.heights[i], 0) + masses[i]
    return list(totals.values())


def law_pairs(run: Run) -> Iterator[tuple[str, Curation, Curation]]:
    """Yield curations of pairs of laws: the reference, the last law of the run and another one."""
    reference, last, second = run.curation(0), run.curation(run.steps), run.curation_of(run.second)
    yield "the reference and the second law", reference, second
    yield f"p_{run.steps} and the second law", last, second
    yield f"the reference and p_{run.steps}", reference, last


class _Range(NamedTuple):
    """How often signs change, at least and at most."""

    least: int
    most: int


def _sign_changes(values: Numbers) -> _Range:
    """Return how often the sign changes; zeros have none, and that of a ball about zero is open."""
    # Most changes so far, by the sign of the last value; none yet is no sign at all.
    most = {0: 0}
    for value in values:
        signs = [s for s, wrong in ((1, value <= 0), (-1, value >= 0)) if not wrong]
        reached = {
            sign: max(changes + (last == -sign) for last, changes in most.items()) for sign in signs
        }
        most |= {sign: max(changes, most.get(sign, 0)) for sign, changes in reached.items()}
    certain = [value > 0 for value in values if value > 0 or value < 0]
    least = sum(before != after for before, after in pairwise(certain))
    return _Range(least, max(most.values()))


def _given_difference(run: Run) -> list[Fraction] | None:
    """Return p - q by weight, for p_0 and the second law, where they are given exactly."""
    if not isinstance(run, ExactRun | CertifiedRun):
        return None
    given = run.instance
    pairs = zip(given.initial or given.reference, given.second or given.reference, strict=True)
    return by_weight(run, [p - q for p, q in pairs])


def _changes(run: Run) -> Iterator[tuple[str, _Range, _Range]]:
    """Yield sign changes of p - q and of H_p - H_q, for laws p and q."""
    # One atom for each weight: at ties the ratios are the same.
    atoms = {run.heights[i]: i for i in run.order}.values()
    exact = _given_difference(run)
    for number, (where, p, q) in enumerate(law_pairs(run)):
        masses = by_weight(run, [x - y for x, y in zip(p.probs, q.probs, strict=True)])
        if number == 0 and exact is not None:  # of equal rationals, balls would leave it open
            masses = [run.number(difference) for difference in exact]
        of_laws = _sign_changes(masses)
        if of_laws.least:  # otherwise p = q, or may be, since their total masses are the same
            yield where, of_laws, _sign_changes([p.ratio[i] - q.ratio[i] for i in atoms])


def _excess(run: Run, more: _Range, fewer: _Range, by: int = 1) -> Number:
    """Return by how much more often signs change, above what is asked for, with all that may be.

    These are whole numbers: half a change less than `by` lies between enough and too few.
    """
    low, high = (run.number(x) for x in (more.least - fewer.most, more.most - fewer.least))
    asked = by - run.number(Fraction(1, 2))
    return low - asked if low == high else low.union(high) - asked


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, of_laws, of_ratios in _changes(run):
        yield Margin(_excess(run, of_laws, of_ratios), where)


def _two_fewer(run: Run, bound: Bound) -> Iterator[Margin]:
    """H_p - H_q changes sign at least twice less often, where p - q changes sign twice or more."""
    for where, of_laws, of_ratios in _changes(run):
        if of_laws.least > 1:
            yield Margin(_excess(run, of_laws, of_ratios, by=2), where)


def _ordered(run: Run, bound: Bound) -> Iterator[Margin]:
    """H_p - H_q never changes sign."""
    for where, _, of_ratios in _changes(run):
        yield Margin(run.number(Fraction(1, 2)) - of_ratios.least, where)


def _nearer(run: Run, bound: Bound) -> Iterator[Margin]:
    """TV(T(p), T(q)) <= TV(p, q)."""
    for where, p, q in law_pairs(run):
        before = run.total_variation(p.probs, q.probs)
        yield Margin(before - run.total_variation(p.curated, q.curated), where)


def _pure_fixed_points(run: Run, bound: Bound) -> Iterator[Margin]:
    """The start and the second law are the same, if curation changes neither."""
    laws = [run.curation(0), run.curation_of(run.second)]
    moved = [run.total_variation(law.curated, law.probs) for law in laws]
    if not any(distance > 0 for distance in moved):
        yield Margin(-run.total_variation(laws[0].probs, laws[1].probs))


_third = Fraction(1, 3)
_one, _zero = Fraction(1), Fraction(0)

check = Check(
    statement=statement,
    margins=_margins,
    admits=lambda run: bool(run.lam < math.inf),
    loops=curation_loops(
        candidates=candidate_numbers().filter(lambda K: K > 1),
        mixing=lambda K: mixings().filter(lambda lam: lam < math.inf),
    ),
    instances=(
        # Both p - q and the ratios change sign as often as they can.
        Instance(
            weights=(Fraction(1, 100), Fraction(1, 10), _one),
            reference=(_third, _third, _third),
            second=(Fraction(13, 30), Fraction(1, 6), Fraction(2, 5)),
            lam=_one,
        ),
        Instance(
            weights=(Fraction(1, 1000), _one),
            reference=(Fraction(999, 1000), Fraction(1, 1000)),
            second=(Fraction(99, 100), Fraction(1, 100)),
            lam=_one,
        ),
    ),
    mutants=(
        Mutant(
            "H_p - H_q changes sign twice less often than p - q, if that does twice or more",
            margins=_two_fewer,
        ),
        Mutant("H_p - H_q never changes sign", margins=_ordered),
        Mutant("because curation brings any two laws nearer together", margins=_nearer),
        Mutant(
            "the pure loop, too, has one fixed point",
            margins=_pure_fixed_points,
            admits=lambda run: bool(run.lam == math.inf),
            instances=(
                Instance(
                    weights=(_one, Fraction(2)),
                    reference=(Fraction(1, 2), Fraction(1, 2)),
                    initial=(_one, _zero),
                    second=(_zero, _one),
                ),
            ),
        ),
    ),
)
