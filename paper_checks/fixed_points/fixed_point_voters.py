"""Evidence for the fixed point of many voters, on loops built around laws: all is rational.

The voters of a run are its own one, an adversary, and one whose weights are in another order. For a
law p and a, the reference is chosen so that p is a fixed point. The rational core: p is then
m p_ref/(1 - a Σ π w/W), and E_q H, H = p'/p, is the mean of the growth of the sources.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import flint
from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.fixed_points.objectives import (
    VotersLoop,
    are_distinct,
    divergence,
    largest,
    other_laws,
    positive_laws,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot
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


def _voters(run: Run) -> list[Numbers]:
    """Return three voters' weights: the run's own, an adversary's, and some in another order."""
    own = run.weights
    lowest = own[run.order[0]]
    return [own, [lowest / w for w in own], own[::-1]]


def _built(run: Run) -> Iterator[tuple[str, VotersLoop, Numbers]]:
    """Yield loops with a law that is a fixed point of theirs."""
    voters = _voters(run)
    for i, (name, law) in enumerate(positive_laws(run)):
        for j, electorate in enumerate(_ELECTORATES):
            shares = [run.number(share) for share in electorate]
            growth = _GROWTHS[(i + j) % len(_GROWTHS)]
            loop = VotersLoop.around(law, shares, voters, run.number(growth))
            if loop is None:
                continue
            where = f"{name}, π = {' '.join(map(str, electorate))}, a = {growth} of its most"
            yield where, loop, law


def _gaps(
    run: Run,
    value: Callable[[VotersLoop, Numbers], Number] = VotersLoop.objective,
    top: Callable[[Numbers], Number] = largest,
) -> Iterator[Margin]:
    """Yield the margins of the claim at fixed points and at other laws."""
    for where, loop, fixed in _built(run):
        laws = dict([("the fixed point", fixed), *other_laws(run, loop, fixed)])
        values = {name: value(loop, law) for name, law in laws.items()}
        pairs = [(name, "the fixed point") for name in laws]
        pairs += [("the fixed point", name) for name in laws if laws[name] is not fixed]
        tops = {name: top(loop.ratio(law)) for name, law in laws.items()}
        for name, other in pairs:
            numbers = {
                objective: values[name],
                other_objective: values[other],
                largest_ratio: tops[name],
            }
            margin = value_of(run, statement.claim.rhs - statement.claim.lhs, numbers)
            is_one = not are_distinct(laws[name], laws[other])
            yield Margin(margin, f"{where}; p: {name}, q: {other}", tight=is_one)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _gaps(run)


def _core_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, loop, law in _built(run):
        m = 1 - loop.a
        pairs = zip(loop.reference, loop.support(law), strict=True)
        closed = [m * q / (1 - loop.a * s) for q, s in pairs]
        yield from equation_margins(law, closed, f"{where}, density")
        yield from equation_margins(loop.ratio(law), [1] * run.size, f"{where}, fixed")
        for name, p in other_laws(run, loop, law):
            ratio = loop.ratio(p)
            real = dot(loop.reference, [y / x for x, y in zip(p, law, strict=True)])
            growth = (1 - loop.a) * real + loop.a * dot(law, loop.support(p))
            yield Margin(-abs(growth - dot(law, ratio)), f"{where}; p: {name}", tight=True)
            top = largest(ratio)
            is_one = all(h == top for h in ratio)
            yield Margin(top - growth, f"{where}; p: {name}, largest", tight=is_one)


def _backwards(loop: VotersLoop, law: Numbers) -> Number:
    return loop.a * loop.welfare(law) - loop.m * divergence(law, loop.reference)


def _unweighted(loop: VotersLoop, law: Numbers) -> Number:
    welfare = loop.a * loop.welfare(law, loop.equal_shares)
    return welfare - loop.m * divergence(loop.reference, law)


def _whole_divergence(loop: VotersLoop, law: Numbers) -> Number:
    return loop.a * loop.welfare(law) - divergence(loop.reference, law)


def _unweighted_density(run: Run, bound: Bound) -> Iterator[Margin]:
    """The density is m/(1 - a Σ w/W) with the voters' mean in place of Σ π w/W."""
    for where, loop, law in _built(run):
        support = loop.support(law, loop.equal_shares)
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
            margins=lambda run, bound: _gaps(run, top=lambda ratio: largest(ratio).sqrt()),
            is_exact=False,
        ),
        Mutant(
            "every p maximises F: the mean of H, which is one, in place of the largest",
            margins=lambda run, bound: _gaps(run, top=lambda ratio: flint.arb(1)),
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
