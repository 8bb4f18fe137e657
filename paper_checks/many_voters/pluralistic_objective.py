"""Evidence for many voters' objective F: by how much it rises, and how near its maximum it comes.

It rises by at least KL(p_{t+1}‖p_t) along every run. Where a fixed point p* is known, which is made
so, KL(p*‖p_t) falls by at least F(p*) - F(p_t) at each step, and the gap is at most
KL(p*‖p_0)/(t+1). The rational core is what Jensen's inequality is applied to: each voter's mean
W_u grows by the mean of H over what she chooses; and at p* H is the mean of the sources' growths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant, equation_margins
from recurate.paper_checks.fixed_points.objectives import VotersLoop, are_distinct, divergence
from recurate.paper_checks.many_voters.voters import (
    VOTERS,
    approaches,
    instance_of_voters,
    loop_of,
    voters_loops,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.ruled.choosing import BradleyTerry, Electorate
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers, dot
from recurate.paper_checks.runs.written import fractions
from recurate.theory.language.notation import t as number_of_steps
from recurate.theory.many_voters.pluralistic_objective import (
    objective_at,
    optimum,
    optimum_divergence_at,
    statement,
)

Value = Callable[[VotersLoop, Numbers], Number]


def _rises(run: RuledRun, value: Value = VotersLoop.objective, times: int = 1) -> Iterator[Margin]:
    """Yield the margins of: F rises by at least KL(p_{t+1}‖p_t), or a multiple of it."""
    loop = loop_of(run)
    for t in range(run.steps):
        before, after = run.law(t), run.law(t + 1)
        rise = value(loop, after) - value(loop, before)
        # At a fixed point all three are zero; without synthetic data F is -KL(p_ref‖p).
        is_still = not are_distinct(before, after) or run.lam == 0
        yield Margin(rise - times * divergence(after, before), f"t = {t}, rise", tight=is_still)


def _approach(
    run: RuledRun, value: Value = VotersLoop.objective, power: int = 1
) -> Iterator[Margin]:
    """Yield the margins of: KL(p*‖p_t) falls, and the gap is at most KL(p*‖p_0)/(t+1)."""
    right, left = statement.claim.rhs, statement.claim.lhs
    for where, loop, laws, fixed in approaches(run):
        gaps = [value(loop, fixed) - value(loop, law) for law in laws]
        distances = [divergence(fixed, law) for law in laws]
        is_still = not are_distinct(fixed, laws[0])
        for t, gap in enumerate(gaps):
            numbers = {
                optimum: gap,
                objective_at(number_of_steps): run.number(0),
                optimum_divergence_at(0): distances[0],
                number_of_steps: (t + 1) ** power - 1,
            }
            margin = value_of(run, right - left, numbers)
            # Without synthetic data p_1 is p*, and both sides are KL(p_ref‖p_0) at the start.
            is_at_once = bool(loop.a == 0) and t == 0
            yield Margin(margin, f"{where}, t = {t}, gap", tight=is_still or is_at_once)
        for t, (before, after) in enumerate(pairwise(distances)):
            place = f"{where}, t = {t}, approach"
            # p_t is another fixed point; or p_{t+1} is p*.
            is_fixed = bool(loop.a == 0) or not are_distinct(laws[t], laws[t + 1])
            yield Margin(before - after - gaps[t], place, tight=is_fixed)


def _margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    yield from _rises(run)
    yield from _approach(run)


def _core_margins(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    loop = loop_of(run)
    for t in range(run.steps):
        law, after = run.law(t), run.law(t + 1)
        ratio = loop.ratio(law)
        grown = [dot(after, weights) for weights in loop.voters]
        chosen = [
            dot([p * w for p, w in zip(law, weights, strict=True)], ratio)
            for weights in loop.voters
        ]
        yield from equation_margins(grown, chosen, f"t = {t}, what each voter chooses")
    for where, built, laws, fixed in approaches(run):
        charged = [i for i, p in enumerate(fixed) if p > 0]
        for t, law in enumerate(laws):
            ratio = built.ratio(law)
            sources = [
                (built.a * share / dot(law, weights), weights)
                for share, weights in zip(built.shares, built.voters, strict=True)
            ]
            growths = [
                sum(
                    (part * weights[i] for part, weights in sources),
                    built.m * built.reference[i] / law[i],
                )
                for i in charged
            ]
            place = f"{where}, t = {t}"
            yield from equation_margins([ratio[i] for i in charged], growths, place)
        support = built.ratio(fixed)
        ones = [Fraction(1)] * len(charged)
        yield from equation_margins([support[i] for i in charged], ones, f"{where}, fixed")


def _twice_the_gap(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    for where, loop, laws, fixed in approaches(run):
        for t, (before, after) in enumerate(pairwise(laws)):
            fallen = divergence(fixed, before) - divergence(fixed, after)
            gap = loop.objective(fixed) - loop.objective(before)
            yield Margin(fallen - 2 * gap, f"{where}, t = {t}")


def _backwards(loop: VotersLoop, law: Numbers) -> Number:
    """F with KL(p‖p_ref) in place of KL(p_ref‖p); where p_ref has mass everywhere."""
    return loop.a * loop.welfare(law) - loop.m * divergence(law, loop.reference)


def _unweighted(loop: VotersLoop, law: Numbers) -> Number:
    """F with equal shares."""
    welfare = loop.a * loop.welfare(law, loop.equal_shares)
    return welfare - loop.m * divergence(loop.reference, law) if loop.a != 1 else welfare


def _without_share(loop: VotersLoop, law: Numbers) -> Number:
    """F without a: Σ π log W - m KL(p_ref‖p)."""
    return loop.objective(law) + loop.m * loop.welfare(law)


def _two_candidates(run: RuledRun, bound: Bound) -> Iterator[Margin]:
    """F rises by at least KL(p_1‖p_0) if each voter chooses among two."""
    choosing, loop = run.choosing(0), loop_of(run)
    if all(all(voter.weights) for voter in choosing.choosers):
        few = tuple(BradleyTerry(2, voter.weights) for voter in choosing.choosers)
        before = run.law(0)
        chosen = Electorate(choosing.voters, few).curated(before)
        parts = zip(loop.reference, chosen, strict=True)
        after = [loop.m * q + loop.a * p for q, p in parts]
        rise = loop.objective(after) - loop.objective(before)
        yield Margin(rise - divergence(after, before), "t = 0, rise")


def _everywhere(run: RuledRun) -> bool:
    return all(q > 0 for q in run.reference)


_one_third = [Fraction(1, 3)] * 3
_compromise = instance_of_voters(
    tuple(_one_third),
    [Fraction(3, 10), Fraction(7, 10)],
    [[Fraction(148), Fraction(1), Fraction(20)], [Fraction(1), Fraction(148), Fraction(20)]],
    40,
)
"""Voters of r near (5, 0, 3) and (0, 5, 3)."""

_without_synthetic_data = replace(
    _compromise, steps=2, lam=Fraction(0), initial=fractions("1/6 1/2 1/3")
)
"""The same without synthetic data: after a step it is where F is largest."""

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_core_margins,
    setting=VOTERS,
    loops=voters_loops(),
    instances=(_compromise, _without_synthetic_data),
    mutants=(
        Mutant(
            "F rises by at least 2 KL(p_{t+1}‖p_t)",
            margins=lambda run, bound: _rises(run, times=2),
            is_exact=False,
        ),
        Mutant(
            "KL(p‖p_ref) in place of KL(p_ref‖p) in F",
            margins=lambda run, bound: _rises(run, _backwards) if _everywhere(run) else iter(()),
            is_exact=False,
        ),
        Mutant(
            "equal shares in place of π in F",
            margins=lambda run, bound: _rises(run, _unweighted),
            is_exact=False,
        ),
        Mutant(
            "Σ π log W without a in F",
            margins=lambda run, bound: _rises(run, _without_share),
            is_exact=False,
        ),
        Mutant("for two candidates", margins=_two_candidates, is_exact=False),
        Mutant(
            "KL(p*‖p_t) falls by at least 2 (F(p*) - F(p_t))",
            margins=_twice_the_gap,
            is_exact=False,
        ),
        Mutant(
            "the gap is at most KL(p*‖p_0)/(t+1)²",
            margins=lambda run, bound: _approach(run, power=2),
            is_exact=False,
        ),
    ),
)
