"""Evidence for the fixed point of many voters, on loops built around laws: all is rational.

The voters of a run are its own one, an adversary, and one whose weights are in another order. For a
law p and a, the reference is chosen so that p is a fixed point. The rational core: p is then
m p_ref/(1 - a Σ π w/W), and E_q H, H = p'/p, is the mean of the growth of the sources.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

import flint
from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot, log_of, normalised
from recurate.paper_checks.runs.strategies import curation_loops
from recurate.theory.fixed_points.fixed_point_voters import (
    largest_ratio,
    objective,
    other_objective,
    statement,
)

_GROWTHS = tuple(Fraction(g) for g in ("1/4", "9/10", "99/100"))
"""a over its largest value for which a law is a fixed point."""

_ELECTORATES = tuple(
    tuple(map(Fraction, text.split())) for text in ("1 0 0", "1/2 1/3 1/6", "1/10 9/10 0")
)
"""Shares π of the three voters."""


@dataclass(frozen=True)
class _Loop:
    """A loop of voters with K = inf: its shares, weights, a and p_ref."""

    shares: Numbers
    voters: list[Numbers]
    a: Number
    reference: Numbers

    def support(self, law: Numbers, shares: Numbers | None = None) -> Numbers:
        """Return Σ_u π_u w_u/W_u at each atom, W_u under the law."""
        pairs = zip(self.shares if shares is None else shares, self.voters, strict=True)
        scaled = [(share / dot(law, weights), weights) for share, weights in pairs if share != 0]
        return [
            sum((factor * weights[i] for factor, weights in scaled), 0) for i in range(len(law))
        ]

    def ratio(self, law: Numbers) -> Numbers:
        """Return H = p'/p at each atom."""
        return [
            (1 - self.a) * q / p + self.a * s
            for q, p, s in zip(self.reference, law, self.support(law), strict=True)
        ]

    def welfare(self, law: Numbers, shares: Numbers | None = None) -> Number:
        """Return Σ_u π_u log W_u."""
        pairs = zip(self.shares if shares is None else shares, self.voters, strict=True)
        return sum((share * log_of(dot(law, w)) for share, w in pairs if share != 0), 0)


def _voters(run: Run) -> list[Numbers]:
    """Return three voters' weights: the run's own, an adversary's, and some in another order."""
    own = run.weights
    lowest = own[run.order[0]]
    return [own, [lowest / w for w in own], own[::-1]]


def _largest(values: Numbers) -> Number:
    """Return the largest; of balls that overlap, a ball that contains it."""
    if isinstance(values[0], Fraction):
        return max(values)
    return reduce(lambda x, y: x.max(y), values)


def _laws(run: Run) -> Iterator[tuple[str, Numbers]]:
    """Yield laws with mass everywhere."""
    n = run.size
    uniform = [run.number(Fraction(1, n))] * n
    yield "uniform law", uniform
    for name, law in (("p_ref", run.reference), ("second law", run.second)):
        if all(mass > 0 for mass in law):
            yield name, law
    if all(mass > 0 for mass in run.reference):
        yield (
            "p_ref towards the heavier",
            normalised([p * w for p, w in zip(run.reference, run.weights, strict=True)]),
        )


def _built(run: Run) -> Iterator[tuple[str, _Loop, Numbers]]:
    """Yield loops with a law that is a fixed point of theirs."""
    voters = _voters(run)
    for i, (name, law) in enumerate(_laws(run)):
        for j, electorate in enumerate(_ELECTORATES):
            loop = _Loop([run.number(share) for share in electorate], voters, run.number(0), law)
            support = loop.support(law)
            growth = _GROWTHS[(i + j) % len(_GROWTHS)]
            a = run.number(growth) / _largest(support)
            if not all(a * s < 1 for s in support):  # of balls that overlap, another is larger
                continue
            real = [p * (1 - a * s) / (1 - a) for p, s in zip(law, support, strict=True)]
            where = f"{name}, π = {' '.join(map(str, electorate))}, a = {growth} of its most"
            yield where, replace(loop, a=a, reference=real), law


def _divergence(p: Numbers, q: Numbers) -> Number:
    """Return KL(p‖q)."""
    return sum((x * log_of(x / y) for x, y in zip(p, q, strict=True)), 0)


def _objective(loop: _Loop, law: Numbers) -> Number:
    """Return F = a Σ π log W - m KL(p_ref‖p)."""
    return loop.a * loop.welfare(law) - (1 - loop.a) * _divergence(loop.reference, law)


def _gaps(
    run: Run,
    value: Callable[[_Loop, Numbers], Number] = _objective,
    largest: Callable[[Numbers], Number] = _largest,
) -> Iterator[Margin]:
    """Yield the margins of the claim at fixed points and at other laws."""
    for where, loop, fixed in _built(run):
        laws = dict([("the fixed point", fixed), *_others(run, loop, fixed)])
        values = {name: value(loop, law) for name, law in laws.items()}
        pairs = [(name, "the fixed point") for name in laws]
        pairs += [("the fixed point", name) for name in laws if laws[name] is not fixed]
        tops = {name: largest(loop.ratio(law)) for name, law in laws.items()}
        for name, other in pairs:
            numbers = {
                objective: values[name],
                other_objective: values[other],
                largest_ratio: tops[name],
            }
            margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
            is_one = not _are_distinct(laws[name], laws[other])
            yield Margin(margin, f"{where}; p: {name}, q: {other}", tight=is_one)


def _are_distinct(left: Numbers, right: Numbers) -> bool:
    """Whether two laws certainly differ; otherwise they are taken for equal."""
    return any(x < y or x > y for x, y in zip(left, right, strict=True))


def _others(run: Run, loop: _Loop, fixed: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Yield other laws: those after a step from the uniform law, and near ends."""
    n = run.size
    start = [run.number(Fraction(1, n))] * n
    yield "uniform law", start
    yield "after a step", normalised([p * h for p, h in zip(start, loop.ratio(start), strict=True)])
    pulled = normalised([p * s for p, s in zip(fixed, loop.support(fixed), strict=True)])
    yield "towards the voters", pulled
    small = run.number(Fraction(1, 64))
    yield "a little of that", [p + small * (q - p) for p, q in zip(fixed, pulled, strict=True)]
    yield (
        "a little away",
        normalised(
            [p / (1 + small * (s - 1)) for p, s in zip(fixed, loop.support(fixed), strict=True)]
        ),
    )


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _gaps(run)


def _core_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, loop, law in _built(run):
        m = 1 - loop.a
        pairs = zip(loop.reference, loop.support(law), strict=True)
        closed = [m * q / (1 - loop.a * s) for q, s in pairs]
        yield from equation_margins(law, closed, f"{where}, density")
        yield from equation_margins(loop.ratio(law), [1] * run.size, f"{where}, fixed")
        for name, p in _others(run, loop, law):
            ratio = loop.ratio(p)
            real = dot(loop.reference, [y / x for x, y in zip(p, law, strict=True)])
            growth = (1 - loop.a) * real + loop.a * dot(law, loop.support(p))
            yield Margin(-abs(growth - dot(law, ratio)), f"{where}; p: {name}", tight=True)
            top = _largest(ratio)
            is_one = all(h == top for h in ratio)
            yield Margin(top - growth, f"{where}; p: {name}, largest", tight=is_one)


def _backwards(loop: _Loop, law: Numbers) -> Number:
    return loop.a * loop.welfare(law) - (1 - loop.a) * _divergence(law, loop.reference)


def _equal(loop: _Loop) -> Numbers:
    """Return equal shares for the voters that have some."""
    number = sum(1 for share in loop.shares if share != 0)
    return [(share / share) / number if share != 0 else share for share in loop.shares]


def _unweighted(loop: _Loop, law: Numbers) -> Number:
    divergence = _divergence(loop.reference, law)
    return loop.a * loop.welfare(law, _equal(loop)) - (1 - loop.a) * divergence


def _whole_divergence(loop: _Loop, law: Numbers) -> Number:
    return loop.a * loop.welfare(law) - _divergence(loop.reference, law)


def _unweighted_density(run: Run, bound: Bound) -> Iterator[Margin]:
    """The density is m/(1 - a Σ w/W) with the voters' mean in place of Σ π w/W."""
    for where, loop, law in _built(run):
        support = loop.support(law, _equal(loop))
        left = [p * (1 - loop.a * s) for p, s in zip(law, support, strict=True)]
        right = [(1 - loop.a) * q for q in loop.reference]
        yield Margin(-run.total_variation(left, right), where)


def _mean_of_voters(run: Run, bound: Bound) -> Iterator[Margin]:
    """The density is m/(1 - a v/E_p v), v = Σ π w: one voter, who has the mean of the weights."""
    for where, loop, law in _built(run):
        pairs = list(zip(loop.shares, loop.voters, strict=True))
        mean = [sum((share * w[i] for share, w in pairs), 0) for i in range(run.size)]
        total = dot(law, mean)
        left = [p * (1 - loop.a * v / total) for p, v in zip(law, mean, strict=True)]
        right = [(1 - loop.a) * q for q in loop.reference]
        yield Margin(-run.total_variation(left, right), where)


def _finite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """The same law is the fixed point if each voter chooses among the run's own K."""
    for where, loop, law in _built(run):
        curated = [run.number(0)] * run.size
        for share, weights in zip(loop.shares, loop.voters, strict=True):
            if share != 0:
                chosen = run.curation_of(law, run.K, weights).curated
                curated = [x + share * y for x, y in zip(curated, chosen, strict=True)]
        pairs = zip(loop.reference, curated, strict=True)
        following = [(1 - loop.a) * q + loop.a * x for q, x in pairs]
        yield Margin(-run.total_variation(following, law), where)


check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    admits=lambda run: bool(run.K == math.inf),
    loops=curation_loops(candidates=st.just(math.inf)),
    instances=(
        two_points("1/2", "1/3", K=math.inf, lam=1),
        two_points("1/100", "1/3", K=math.inf, lam=1),
        Instance.of("1/10 1/2 1", "1/2 3/10 1/5", second="1/10 1/5 7/10", K=math.inf, lam=2),
    ),
    mutants=(
        Mutant(
            "KL(p‖p_ref) in place of KL(p_ref‖p) in F",
            margins=lambda run, bound: _gaps(run, value=_backwards),
            is_exact=False,
        ),
        Mutant(
            "F with equal shares in place of π",
            margins=lambda run, bound: _gaps(run, value=_unweighted),
            is_exact=False,
        ),
        Mutant(
            "KL(p_ref‖p) without m in F",
            margins=lambda run, bound: _gaps(run, value=_whole_divergence),
            is_exact=False,
        ),
        Mutant(
            "half of log H_max",
            margins=lambda run, bound: _gaps(run, largest=lambda ratio: _largest(ratio).sqrt()),
            is_exact=False,
        ),
        Mutant(
            "every p maximises F: the mean of H, which is one, in place of the largest",
            margins=lambda run, bound: _gaps(run, largest=lambda ratio: flint.arb(1)),
            is_exact=False,
        ),
        Mutant(
            "p = m p_ref/(1 - a S), S the mean of w/W over the voters, with equal shares",
            margins=_unweighted_density,
        ),
        Mutant("one voter who has the mean of the weights, Σ π w", margins=_mean_of_voters),
        Mutant(
            "the same law is the fixed point for finite K",
            margins=_finite_candidates,
            admits=lambda run: bool(1 < run.K < math.inf),
            instances=(two_points("1/2", "1/3", lam=1),),
        ),
    ),
)
