"""Evidence for the way to the fixed point with two weights, on loops built around fixed points.

For a mass p at the weight 1 and a share a of synthetic samples with a H_p(1) < 1, the reference's
mass q = p (1 - a H_p(1))/m makes p a fixed point, exactly: all is rational.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import sympy
from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run
from recurate.paper_checks.runs.strategies import LARGEST_SPAN, candidate_numbers, mixings
from recurate.theory.fixed_points.fixed_point_two_point import statement
from recurate.theory.language.notation import real_fraction, top_mass

_MASSES = tuple(Fraction(p) for p in ("1/100", "1/3", "1/2", "9/10"))
"""Masses p of the fixed point at the largest weight."""


class _Case(NamedTuple):
    """A loop with the fixed point p, and one of its steps, from x to x'.

    Attributes
    ----------
    where : str
        In words.
    real_share, real_mass : numbers
        m and m q.
    fixed, mass, following : numbers
        p, x and x', masses at the largest weight.
    """

    where: str
    real_share: Number
    real_mass: Number
    fixed: Number
    mass: Number
    following: Number


def _shares(run: Run, ratio: Number) -> Iterator[tuple[str, Number]]:
    """Yield shares a of synthetic samples for which a law of this ratio at the top is fixed."""
    if run.synthetic_fraction * ratio < 1:
        yield f"λ = {run.lam}", run.synthetic_fraction
    for part in (Fraction(1, 2), Fraction(9, 10)):
        yield f"a H = {part}", run.number(part) / ratio


def _starts(run: Run) -> Iterator[tuple[str, Numbers]]:
    yield "p_ref", run.reference
    yield f"p_{run.steps}", run.law(run.steps)
    yield "the second law", run.second


def _cases(run: Run) -> Iterator[_Case]:
    below, top = run.order
    steps = []
    for start, law in _starts(run):
        step = run.curation_of(law)
        steps.append((start, step.probs[top], step.curated[top]))
    if run.lam == math.inf:  # the pure loop's fixed point with p > 0
        zero, one = run.number(0), run.number(1)
        yield from (_Case(f"x from {s}, p = 1", zero, zero, one, x, y) for s, x, y in steps)
        return
    for mass in _MASSES:
        law = [run.number(mass)] * 2
        law[below] = 1 - law[top]
        fixed = run.curation_of(law)
        p, ratio = fixed.probs[top], fixed.ratio[top]
        for share, a in _shares(run, ratio):
            real = p * (1 - a * ratio)
            for start, x, curated in steps:
                where = f"x from {start}, p = {mass}, {share}"
                yield _Case(where, 1 - a, real, p, x, real + a * curated)


_below, _below_fixed = sympy.symbols("u v", nonnegative=True)
_next = sympy.Symbol("x'", real=True)


def _claim(run: Run, bound: Bound) -> Iterator[Margin]:
    """Yield the claim's own margins: its sides, for the masses u = 1 - x and v = 1 - p."""
    sides = statement.claim.lhs - statement.claim.rhs
    for case in _cases(run):
        # In the pure loop m is zero, and the reference does not matter.
        m, real = case.real_share, case.real_mass
        values = {
            _below: 1 - case.mass,
            _below_fixed: 1 - case.fixed,
            _next: case.following,
            real_fraction: m,
            top_mass: real / m if run.lam < math.inf else run.number(1),
        }
        distance = case.fixed - case.mass
        there = not (distance > 0 or distance < 0)
        yield Margin(value_of(run, sides, values), case.where, tight=there)


def _toward(rate: Callable[[_Case], Number]) -> Margins:
    """Return the margins of (p - x)(x' - x) >= rate (p - x)²."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for case in _cases(run):
            distance = case.fixed - case.mass
            moved = distance * (case.following - case.mass)
            # Both sides vanish at the fixed point.
            there = not (distance > 0 or distance < 0)
            yield Margin(moved - rate(case) * distance * distance, case.where, tight=there)

    return margins


def _geometric(run: Run, bound: Bound) -> Iterator[Margin]:
    """The step is x' - x = (m q/p)(p - x): the distance shrinks by the same factor at each step."""
    for case in _cases(run):
        moved = case.real_mass / case.fixed * (case.fixed - case.mass)
        yield Margin(-abs(case.following - case.mass - moved), case.where)


def _three_weights(run: Run, bound: Bound) -> Iterator[Margin]:
    """(p - x)(x' - x) >= 0 for the masses at the largest of several weights."""
    fixed, start, top = run.curation_of(run.second), run.curation(0), run.order[-1]
    a = 1 / (2 * fixed.ratio[top])
    moved = fixed.probs[top] - a * fixed.curated[top] + a * start.curated[top] - start.probs[top]
    yield Margin((fixed.probs[top] - start.probs[top]) * moved)


def _has_two_weights(run: Run) -> bool:
    return run.size == 2 and len(set(run.heights)) == 2


def _two_weight_loops() -> st.SearchStrategy[CurationLoop]:
    """Loops on two weights, with masses from about 1e-12 up and rewards spanning 1e-3 to 50."""
    spans = st.sampled_from([0.5, 1e-3, 0.01, 0.1, 2.0, 5.0, 20.0, LARGEST_SPAN])
    logits = st.floats(-27.0, 27.0)
    return st.builds(
        lambda span, logit, K, lam: CurationLoop(_two_weights(span, logit), K=K, lam=lam),
        spans,
        logits,
        candidate_numbers(),
        mixings(),
    )


def _two_weights(span: float, logit: float) -> RewardLaw:
    return RewardLaw([0.0, span], [1 / (1 + math.exp(logit)), 1 / (1 + math.exp(-logit))])


check = Check(
    statement=statement,
    margins=_claim,
    admits=_has_two_weights,
    loops=_two_weight_loops(),
    instances=(
        # p = 1/2 belongs to these references themselves.
        two_points("1/2", "1/3", lam=2),
        two_points("1/2", "1/3", K=math.inf, lam=1),
        two_points("1/1000", "1/1000", K=3, lam="1/2"),
    ),
    mutants=(
        Mutant("m in place of m q/p", margins=_toward(lambda case: case.real_share)),
        Mutant(
            "q in place of m q/p",
            margins=_toward(lambda case: case.real_mass / case.real_share),
            admits=lambda run: _has_two_weights(run) and bool(run.lam < math.inf),
        ),
        Mutant("each step leaves the same part of the distance, 1 - m q/p", margins=_geometric),
        Mutant(
            "with three weights the mass at the largest moves toward the fixed point's, too",
            margins=_three_weights,
            admits=lambda run: len(set(run.heights)) == 3 and run.size == 3,
            instances=(Instance.of("1/100 9/10 1", "1/100 3/5 39/100", second="11/20 1/20 2/5"),),
        ),
    ),
)
