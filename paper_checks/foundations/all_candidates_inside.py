"""Evidence that curation leaves a set at least the K-th power of its mass, T(p)(L) >= p(L)^K.

The sets are the lower and upper ones in the weights' order, and single atoms. Both sides are
rational functions of the law: exact evidence tests the claim itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.foundations.ratio_monotone import curations
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Run
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.foundations.all_candidates_inside import mass as mass_inside
from recurate.theory.foundations.all_candidates_inside import statement
from recurate.theory.language.notation import K


def _sets(run: Run) -> Iterator[tuple[str, set[int]]]:
    """Yield the sets L that are tried, with their names; each is neither empty nor all atoms."""
    for count in range(1, run.size):
        yield f"the {count} lightest", set(run.order[:count])
        yield f"the {run.size - count} heaviest", set(run.order[count:])
    if run.size > 2:
        for i in run.order[1:-1]:
            yield f"atom {i}", {i}


def _mass(probs: list[Number], atoms: set[int]) -> Number:
    return sum((probs[i] for i in sorted(atoms)), 0)


def _any_of(chance: Number, times: int) -> Number:
    """Return 1 - (1 - x)^n for a chance x, by doublings in which nothing cancels."""
    none, result = 0, chance * 0
    for bit in f"{times:b}":
        none, result = 2 * none, result * (2 - result)
        if bit == "1":
            none, result = none + 1, result + chance - result * chance
    assert none == times
    return result


def _excess(run: Run, curation: Curation, inside: set[int], exponent: int) -> Number:
    """Return T(p)(L) - p(L)^n, where p(L)^n is the claim's bound for K = n.

    In balls, if L has more than half of the mass, its complement is used, so that nothing cancels.
    """
    outside = set(range(len(curation.probs))) - inside
    mass = _mass(curation.probs, inside)
    if run.kind == "exact" or 2 * mass < 1:
        least = value_of(run, statement.claim.rhs, {mass_inside: mass, K: exponent})
        return _mass(curation.curated, inside) - least
    lost = _any_of(_mass(curation.probs, outside), exponent)
    return lost - _mass(curation.curated, outside)


def _power_margins(fewer: int) -> Margins:
    """Return the margins of T(p)(L) >= p(L)^{K - fewer}."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for where, curation in curations(run):
            for name, inside in _sets(run):
                # Without mass in L, or outside, both sides are 0 or 1.
                parts = (inside, set(range(run.size)) - inside)
                is_trivial = not all(_mass(curation.probs, part) > 0 for part in parts)
                value = _excess(run, curation, inside, int(run.K) - fewer)
                yield Margin(value, f"{where}, {name}", tight=is_trivial)

    return margins


def _any_inside(run: Run, bound: Bound) -> Iterator[Margin]:
    """T(p)(L) >= 1 - (1 - p(L))^K, as if any candidate in L would win."""
    curation = run.curation(0)
    for name, inside in _sets(run):
        any_inside = _any_of(_mass(curation.probs, inside), int(run.K))
        yield Margin(_mass(curation.curated, inside) - any_inside, name)


def _loop_step(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_{t+1}(L) >= p_t(L)^K in the mixed loop."""
    for t in range(run.steps):
        for name, inside in _sets(run):
            before, after = _mass(run.law(t), inside), _mass(run.law(t + 1), inside)
            yield Margin(after - before ** int(run.K), f"t = {t}, {name}")


def _without_replacement(run: Run, bound: Bound) -> Iterator[Margin]:
    """T(p)({x}) >= p(x)^2, for two candidates that are never the same atom."""
    law, winner = run.reference, [run.number(0)] * run.size
    for i, j in permutations(range(run.size), 2):
        chance = law[i] * law[j] / (1 - law[i])
        for k in (i, j):
            winner[k] += chance * run.weights[k] / (run.weights[i] + run.weights[j])
    for i in range(run.size):
        yield Margin(winner[i] - law[i] * law[i], f"atom {i}")


check = Check(
    statement=statement,
    margins=_power_margins(0),
    admits=lambda run: run.K < math.inf,
    loops=curation_loops(candidates=candidate_numbers(infinite=False)),
    # The best candidate wins nearly always, where the others weigh next to nothing.
    instances=(
        two_points("1/1000", "1/10"),
        two_points("1/1000", "1/1000", K=4),
        hierarchy(4, ratio=1000, K=3),
    ),
    mutants=(
        Mutant("T(p)(L) >= p(L)^(K-1)", margins=_power_margins(1)),
        Mutant(
            "T(p)(L) >= 1 - (1 - p(L))^K, for any candidate in L in place of all",
            margins=_any_inside,
        ),
        Mutant(
            "p_{t+1}(L) >= p_t(L)^K in the mixed loop from any start",
            margins=_loop_step,
            instances=(Instance.of("1/2 1", "9/10 1/10", initial="1/10 9/10", lam="1/10"),),
        ),
        Mutant(
            "for two candidates without replacement, too (they are not independent)",
            margins=_without_replacement,
            admits=lambda run: run.K == 2 and all(p < 1 for p in run.reference),
            instances=(hierarchy(2, ratio=10, K=2),),
        ),
    ),
)
