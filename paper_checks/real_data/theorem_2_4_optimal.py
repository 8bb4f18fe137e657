"""Evidence for Theorem 2.4 in its best form, up to its edge λ = 1/(K - 1), at every t.

Its rational core: for every function φ with values in [0, 1] its mean p_t(φ) is at least G_t(u),
where u = p_ref(φ), G_0 = u and G_{t+1} = m u + a G_t^K; and P = p_t(φ) satisfies
(1+λ) P - λ P^K >= u. The functions tried are the indicators of the lower sets of rewards, and some
drawn ones.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.real_data.theorem_2_3_optimal import levels
from recurate.paper_checks.real_data.theorem_2_4 import (
    divergence_margins,
    divergence_margins_from,
    started_at_the_top,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops, safe_mixings
from recurate.theory.language.notation import K, lam
from recurate.theory.language.special_functions import OptimalDivergence
from recurate.theory.real_data.theorem_2_4_optimal import statement


def _shares(run: Run, largest: int = 1) -> Iterator[list[tuple[Number, Number, str]]]:
    """Yield p_ref(φ), p_t(φ) and a name for every φ that is tried, a list for each t >= 1."""
    sizes = levels(run)
    drawn = [[run.number(value) for value in values] for values in _functions(run.size, largest)]

    def shares(law: Numbers) -> list[Number]:
        below = run.distribution_function(law)
        return [*(below[size - 1] for size in sizes), *(dot(law, values) for values in drawn)]

    names = [f"the {size} lightest atoms" for size in sizes]
    names += [f"function {number}" for number in range(len(drawn))]
    for t in range(1, run.steps + 1):
        pairs = zip(shares(run.reference), shares(run.law(t)), names, strict=True)
        yield [(start, mass, f"t = {t}, {name}") for start, mass, name in pairs]


@cache
def _functions(size: int, largest: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return three functions of an atom with twelfths from 0 up to the largest value."""
    draw = random.Random(size)
    return tuple(
        tuple(largest * Fraction(draw.randrange(13), 12) for _ in range(size)) for _ in range(3)
    )


def _domination(step: Callable[[Run, Number, Number], Number]) -> Margins:
    """Return the margins of p_t(φ) >= G_t(u), with G_{t+1} = step(u, G_t)."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        lowest: list[Number] = []
        for sets in _shares(run):
            before = lowest or [start for start, _, _ in sets]
            lowest = [step(run, start, g) for (start, _, _), g in zip(sets, before, strict=True)]
            for (_, mass, where), g in zip(sets, lowest, strict=True):
                yield Margin(mass - g, where)

    return margins


def _next_lowest(run: Run, start: Number, g: Number) -> Number:
    """Return m u + a G^K; for K = inf only λ = 0 is left, and a = 0."""
    if run.K == math.inf:
        return start
    return run.real_fraction * start + run.synthetic_fraction * g ** int(run.K)


_dominated = _domination(_next_lowest)


def _cdf_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of both claims about means of functions."""
    yield from _dominated(run, bound)
    if run.K < math.inf and run.lam < math.inf:  # elsewhere the loop does not move
        yield from _equation_margins(run, int(run.K))


def _equation_margins(run: Run, power: int, largest: int = 1) -> Iterator[Margin]:
    """(1+λ) P - λ P^power >= p_ref(φ)."""
    mixing = run.number(run.lam)
    for sets in _shares(run, largest):
        for start, mass, where in sets:
            yield Margin(mass + mixing * (mass - mass**power) - start, where)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from divergence_margins(run, bound)
    yield from _cdf_margins(run, bound)


def _ladder(atoms: int, *, spacing: int, K: int, lam: str, steps: int) -> Instance:
    """Return the loop on equal masses whose rewards rise by `spacing` from one to the next."""
    return Instance(
        rewards=tuple(Fraction(spacing * j) for j in range(atoms)),
        reference=(Fraction(1, atoms),) * atoms,
        K=K,
        lam=Fraction(lam),
        steps=steps,
    )


_at_edge = OptimalDivergence(1 / (K - 1), K)

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_cdf_margins,
    # For K = inf only λ = 0 is left.
    loops=curation_loops(candidates=candidate_numbers(infinite=False), mixing=safe_mixings),
    # Many small atoms, each far heavier than the one below: the best candidate wins nearly always.
    instances=(
        two_points("1/10", "1/10", lam=1, steps=5),
        hierarchy(4, ratio=1000, K=2, lam="1/2", steps=5),
        hierarchy(4, ratio=1000, K=3, lam="1/2", steps=4),
        _ladder(16, spacing=5, K=2, lam="1/2", steps=15),
        _ladder(12, spacing=5, K=4, lam="1/3", steps=15),
        _ladder(24, spacing=7, K=2, lam="1/2", steps=15),
    ),
    mutants=(
        Mutant(
            "99/100 of S*(λ, K)",
            bound=99 * OptimalDivergence(lam, K) / 100,
        ),
        Mutant(
            "the leading term for small λ, λ²(K-1)²/(2(2K-1))",
            bound=(lam * (K - 1)) ** 2 / (2 * (2 * K - 1)),
        ),
        Mutant("S*(λ, 2) for every K", bound=OptimalDivergence(lam, 2)),
        Mutant(
            "S* at the edge λ = 1/(K-1), for every λ",
            bound=_at_edge,
            admits=lambda run: 1 < run.K < math.inf,
            instances=(_ladder(12, spacing=5, K=2, lam="3", steps=15),),
        ),
        Mutant(
            "from any start p_0, at every t >= 1",
            margins=divergence_margins_from(1),
            admits=lambda run: 1 < run.K < math.inf and run.lam * (run.K - 1) <= 1,
            is_exact=False,
            instances=(started_at_the_top,),
        ),
        Mutant(
            "no φ ever has a mean below m u + a u^K, the least one after the first step",
            margins=_domination(lambda run, start, g: _next_lowest(run, start, start)),
        ),
        Mutant(
            "(1+λ) P - λ P^{K-1} >= p_ref(φ)",
            margins=lambda run, bound: _equation_margins(run, int(run.K) - 1),
            admits=lambda run: run.K < math.inf and run.lam * (run.K - 1) <= 1,
        ),
        Mutant(
            "(1+λ) P - λ P^K >= p_ref(φ) for functions with values up to 2, too",
            margins=lambda run, bound: _equation_margins(run, int(run.K), largest=2),
            admits=lambda run: run.K < math.inf and run.lam * (run.K - 1) <= 1,
        ),
    ),
)
