"""Evidence for the atom at K = inf: loops whose reference has no mass at the top; all rational.

For a reference and a λ above λ_c = E_ref[1/(1 - w/w_*)] - 1, the law with the atom ε_* has to be a
fixed point. And every law with an atom at the top is a fixed point, whose atom has to be ε_*.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.fixed_points.fixed_point_k_inf import fixed_margin
from recurate.paper_checks.fixed_points.no_condensation import (
    condensed_fixed_points,
    loops_with_a_gap,
    tells_the_top,
    without_top,
)
from recurate.paper_checks.runs.claim_values import with_means
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot
from recurate.theory.fixed_points.condensation_threshold import statement
from recurate.theory.language.draws import random_weight
from recurate.theory.language.notation import max_weight, real_fraction

_MULTIPLES = tuple(Fraction(x) for x in ("101/100", "2", "10"))
"""λ over λ_c."""


def _kernel(run: Run) -> Numbers:
    """Return 1/(1 - w) at each atom; 0 at w_* = 1, where the reference has no mass."""
    return [0 * w if i in run.top else 1 / (1 - w) for i, w in enumerate(run.weights)]


def _condensed(run: Run, reference: Numbers, m: Number, atom: Number) -> Numbers:
    """Return the law with density m/(1 - w) over the reference and an atom at w_*."""
    law = [m * q * k for q, k in zip(reference, _kernel(run), strict=True)]
    law[run.top[0]] = law[run.top[0]] + atom
    return law


def _built(run: Run) -> Iterator[tuple[str, Number, Number]]:
    """Yield shares m of real data below 1/(1 + λ_c), and the atoms ε_*."""
    weighted = [w * k for w, k in zip(run.weights, _kernel(run), strict=True)]
    critical = dot(without_top(run, run.reference), weighted)  # λ_c = E_ref[w/(1 - w)]
    for multiple in _MULTIPLES:
        m = 1 / (1 + run.number(multiple) * critical)
        # 1 - m (1 + λ_c) = m (λ - λ_c), which does not cancel.
        yield f"λ/λ_c = {multiple}", m, m * run.number(multiple - 1) * critical


def _claimed_atom(run: Run, reference: Numbers, m: Number) -> Number:
    """Return 1 - m E_ref[1/(1 - w/w_*)], from the claim."""
    drawn, values = {random_weight: run.weights}, {max_weight: run.number(1), real_fraction: m}
    return with_means(run, statement.claim.rhs, reference, drawn, values)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    reference = without_top(run, run.reference)
    for where, m, atom in _built(run):
        law = _condensed(run, reference, m, atom)
        is_fixed = fixed_margin(run, m, reference, law, math.inf)
        yield Margin(is_fixed, f"{where}, fixed", tight=True)
        mean = dot(law, run.weights)
        yield Margin(-abs(mean - (1 - m)), f"{where}, mean weight", tight=True)
        missed = -abs(atom - _claimed_atom(run, reference, m))
        yield Margin(missed, f"{where}, atom", tight=True)
    for case in condensed_fixed_points(run):
        atom = run.at_top(case.curation.probs)
        m = 1 - case.share
        if run.kind == "property" and not m > 0:
            continue  # in floats the law cannot be told from one that is all at the top
        claimed = _claimed_atom(run, [part / m for part in case.real], m)
        yield Margin(-abs(atom - claimed), case.where, tight=True)


def _mean_inside(run: Run, bound: Bound) -> Iterator[Margin]:
    """ε_* = 1 - m/(1 - E_ref w/w_*), where that is positive."""
    reference = without_top(run, run.reference)
    for where, m, atom in _built(run):
        guessed = 1 - m / (1 - dot(reference, run.weights))
        yield Margin(-abs(atom - guessed), where)


def _excess(run: Run, bound: Bound) -> Iterator[Margin]:
    """ε_* = 1 - λ_c/λ."""
    for multiple, (where, _, atom) in zip(_MULTIPLES, _built(run), strict=True):
        yield Margin(-abs(atom - run.number(1 - 1 / multiple)), where)


def _top_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """The mean weight is w_*, not a w_*, once there is an atom."""
    for where, m, atom in _built(run):
        law = _condensed(run, without_top(run, run.reference), m, atom)
        yield Margin(-abs(dot(law, run.weights) - 1), where)


def _finite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """The same law is a fixed point for the run's own K."""
    reference = without_top(run, run.reference)
    for where, m, atom in _built(run):
        law = _condensed(run, reference, m, atom)
        yield Margin(fixed_margin(run, m, reference, law, run.K), where)


def _has_two_weights(run: Run) -> bool:
    return len(set(run.heights)) > 1 and bool(run.weight_ratio < 1) and tells_the_top(run)


check = Check(
    statement=statement,
    margins=_margins,
    admits=lambda run: _has_two_weights(run) and run.K == math.inf,
    loops=loops_with_a_gap(st.just(math.inf)),
    instances=(
        two_points("1/2", "1/3", K=math.inf, lam=1),
        Instance.of("1/10 1/2 1", "1/2 3/10 1/5", second="1/10 1/5 7/10", K=math.inf, lam=2),
    ),
    mutants=(
        Mutant("ε_* = 1 - m/(1 - E_ref w/w_*): the mean inside", margins=_mean_inside),
        Mutant("ε_* = 1 - λ_c/λ", margins=_excess),
        Mutant("the mean weight is w_* once there is an atom", margins=_top_mean),
        Mutant(
            "the same law is the fixed point for finite K",
            margins=_finite_candidates,
            admits=lambda run: _has_two_weights(run) and 1 < run.K < math.inf,
            instances=(two_points("1/2", "1/3", lam=1),),
        ),
    ),
)
