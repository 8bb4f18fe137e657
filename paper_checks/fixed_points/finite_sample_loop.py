"""Evidence for the loop on N choices a round: every law is a fixed point, as in global_attraction.

For few atoms and choices all outcomes of a round are enumerated, so that the mean distance is
exact: from a second law, and from p itself. The bound has a root; its rational core compares the
squares of what is left of both sides when the distance at the start is taken off. Sampled evidence
simulates choices among K literally.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import accumulate
from operator import mul
from typing import Any, NamedTuple

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.fixed_points.finite_sample_drift import limits_and_others
from recurate.paper_checks.fixed_points.finite_sample_runs import sampled_evidence
from recurate.paper_checks.fixed_points.global_attraction import real_part, synthetic_share
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, dot
from recurate.theory.fixed_points.finite_sample_loop import added_up, start_left, statement
from recurate.theory.language.notation import (
    ARGUMENTS,
    lam,
    limit_top_mass,
    t,
    top_mass,
    total_variation,
)

_MOST_OUTCOMES = 6  # of a round, where more than one round is followed


class _Case(NamedTuple):
    """A loop with fixed point p, from a start, on N choices a round."""

    limit: Curation
    distance: Number  # TV(p^_0, p_inf)
    number: int
    steps: int
    mean: Number  # E TV(p^_t, p_inf)
    where: str
    tight: bool = False


Allowed = Callable[[Run, _Case], Number]
"""From a case to a bound of the mean distance."""


def outcomes(number: int, chances: Numbers) -> Iterator[tuple[list[int], Number]]:
    """Yield how many of N winners are at each atom, and the probability of that."""
    powers = [[chance**0, *accumulate([chance] * number, mul)] for chance in chances]
    for counts in _counts(number, len(chances)):
        ways, left = 1, number
        for here in counts:
            ways, left = ways * math.comb(left, here), left - here
        yield counts, math.prod((of[n] for of, n in zip(powers, counts, strict=True)), start=ways)


def _counts(number: int, places: int) -> Iterator[list[int]]:
    """Yield the ways to put so many winners at so many places."""
    if places == 1:
        yield [number]
        return
    for here in range(number + 1):
        yield from ([here, *rest] for rest in _counts(number - here, places - 1))


def _mean_distances(
    run: Run, p: Curation, starts: list[Curation], number: int, steps: int
) -> list[list[Number]]:
    """Return, for each start, E TV(p^_t, p) for t from 1 on: a Markov chain of winners' counts."""
    a, real = synthetic_share(run, p), real_part(run, p)
    found = _counts(number, run.size)
    laws = [[x + a * k / number for x, k in zip(real, counts, strict=True)] for counts in found]
    away = [run.total_variation(p.probs, law) for law in laws]

    def chances_of(start: Curation) -> Numbers:
        return [chance for _, chance in outcomes(number, start.curated)]

    # By t, the mean distance after t rounds of those that have each of the laws after one round.
    means = [away]
    if steps > 1:
        rows = [chances_of(run.curation_of(law)) for law in laws]
        for _ in range(steps - 1):
            means.append([dot(row, means[-1]) for row in rows])
    return [[dot(chances_of(start), mean) for mean in means] for start in starts]


def _cases(run: Run, *, longer: bool = False) -> Iterator[_Case]:
    """Yield loops: few rounds on N = 1, 2, 3 choices, or many on one or two, from the limit."""
    for where, p, q in limits_and_others(run):
        starts = {", from the limit itself": p} | ({} if longer else {"": q})
        distances = [run.total_variation(p.probs, start.probs) for start in starts.values()]
        for number in (1, 2) if longer else (1, 2, 3):
            is_few = math.comb(number + run.size - 1, number) <= _MOST_OUTCOMES
            # The search's curations start from floats, not from balls.
            steps = 1 if run.kind == "property" or not is_few else 8 if longer else 3
            means = _mean_distances(run, p, list(starts.values()), number, steps)
            for name, distance, of_start in zip(starts, distances, means, strict=True):
                is_even = run.size == 2 and not (distance > 0 or _differ(*p.curated))
                for step, mean in enumerate(of_start, 1):
                    at = f"t = {step}, N = {number}, {where}{name}"
                    yield _Case(
                        p, distance, number, step, mean, at, is_even and number == step == 1
                    )


def _differ(one: Number, other: Number) -> bool:
    return bool(one < other or one > other)


def _values(run: Run, case: _Case) -> dict[Any, Any]:
    a = synthetic_share(run, case.limit)
    return {
        total_variation: case.distance,
        limit_top_mass: run.at_top(case.limit.probs),
        top_mass: run.at_top(real_part(run, case.limit)) / (1 - a),
        lam: a / (1 - a),
        t: case.steps,
    }


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for case in _cases(run):
        values = {ARGUMENTS[symbol]: value for symbol, value in _values(run, case).items()}
        allowed = bound(**values, atoms=run.size, choices=case.number)
        yield Margin(allowed - case.mean, case.where, case.tight)


def _parts(run: Run, case: _Case) -> tuple[Number, Number]:
    """Return what is left of the start, and by how much the sampling error has added up."""
    values = _values(run, case)
    return value_of(run, start_left, values), value_of(run, added_up, values)


def _margins_within(allowed: Allowed) -> Margins:
    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for case in _cases(run):
            yield Margin(allowed(run, case) - case.mean, case.where, case.tight)

    return margins


def _squares(run: Run, bound: Bound) -> Iterator[Margin]:
    """In rationals: (E TV - c^t TV)² is at most the square of the rest of the bound."""
    parts: dict[Any, tuple[Number, Number]] = {}  # those of other N are the same
    for case in _cases(run):
        key = id(case.limit), case.distance, case.steps
        if key not in parts:
            parts[key] = _parts(run, case)
        left, noise = parts[key]
        excess = max(case.mean - left, run.number(0))
        allowed = noise * noise * (run.size - 1) / (4 * case.number)
        yield Margin(allowed - excess * excess, case.where, case.tight)


def _without_noise(run: Run, case: _Case) -> Number:
    return _parts(run, case)[0]


def _of_rounds(run: Run, case: _Case, error: Number) -> Number:
    left, noise = _parts(run, case)
    return left + noise * error


def _by_number(run: Run, case: _Case) -> Number:
    """The error falls like 1/N."""
    return _of_rounds(run, case, run.number(run.size - 1) / (4 * case.number))


def _one_atom_less(run: Run, case: _Case) -> Number:
    return _of_rounds(run, case, (run.number(run.size - 2) / case.number).sqrt() / 2)


def _half(run: Run, case: _Case) -> Number:
    return _of_rounds(run, case, (run.number(run.size - 1) / case.number).sqrt() / 4)


def _not_added_up(run: Run, bound: Bound) -> Iterator[Margin]:
    """From the limit itself, E TV is that of one round at every t."""
    for case in _cases(run, longer=True):
        error = (run.number(run.size - 1) / case.number).sqrt() / 2
        yield Margin(synthetic_share(run, case.limit) * error - case.mean, case.where)


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_squares,
    admits=lambda run: run.size > 1,
    sampled=sampled_evidence,
    instances=(
        Instance.of("1/2 1", "2/3 1/3", K=math.inf, lam=1),
        two_points("1/1000", "1/1000", lam=1),
        two_points("1/2", "1/2", K=1, lam=1),
        hierarchy(3, ratio=100, K=2, lam=1),
        Instance.of("1/100 1/10 1", "1/2 1/4 1/4", second="2/3 1/3 0", lam=1),
    ),
    mutants=(
        Mutant("without the noise: c^t TV", margins=_margins_within(_without_noise)),
        Mutant("half of the noise", margins=_margins_within(_half), is_exact=False),
        Mutant("an error of (n-1)/(4N), without the root", margins=_margins_within(_by_number)),
        Mutant("n - 2 in place of n - 1", margins=_margins_within(_one_atom_less), is_exact=False),
        Mutant(
            "the errors of the rounds do not add up",
            margins=_not_added_up,
            is_exact=False,
            instances=(Instance.of("9/10 1", "1/2 1/2", lam=1),),
        ),
    ),
)
