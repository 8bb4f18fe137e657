"""Evidence for the fixed point at K = inf, on loops built around fixed points: all is rational.

For a reference and a number z, λ is chosen so that m E_ref[1/(1 - z w)] = 1; then
m p_ref/(1 - z w) has to be a fixed point. For a law p and z = a/E_p w, the reference is chosen so
that p is a fixed point; then the equation has to hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import sympy
from hypothesis import strategies as st

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.claim_values import with_means
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run, dot
from recurate.paper_checks.runs.strategies import curation_loops, mixings
from recurate.theory.fixed_points.fixed_point_k_inf import statement
from recurate.theory.language.draws import random_weight
from recurate.theory.language.notation import real_fraction

_SHARES = tuple(Fraction(z) for z in ("1/10", "1/2", "3/4", "9/10", "99/100"))
"""Values of z, below 1/w_* = 1."""

_z = sympy.Symbol("z", nonnegative=True)


def _missed(run: Run, m: Number, z: Number, reference: Numbers) -> Number:
    """Return minus the distance of the claim's sides, m E_ref[1/(1 - z w)] and 1."""
    sides = statement.claim.lhs - statement.claim.rhs
    drawn, values = {random_weight: run.weights}, {real_fraction: m, _z: z}
    return -abs(with_means(run, sides, reference, drawn, values))


def _kernel(run: Run, z: Number) -> Numbers:
    """Return 1/(1 - z w) at each atom."""
    return [1 / (1 - z * w) for w in run.weights]


def _built(run: Run) -> Iterator[tuple[str, Number, Number, Numbers]]:
    """Yield z, m and m p_ref/(1 - z w), where m E_ref[1/(1 - z w)] is 1."""
    for share in _SHARES:
        z = run.number(share)
        masses = [q * k for q, k in zip(run.reference, _kernel(run, z), strict=True)]
        m = 1 / sum(masses, 0)
        yield f"z = {share}", z, m, [m * mass for mass in masses]


def fixed_margin(run: Run, m: Number, reference: Numbers, law: Numbers, K: int | float) -> Number:
    """Return minus the distance of a law from the next one of the loop with this reference."""
    curation = run.curation_of(law, K)
    following = [m * q + (1 - m) * p for q, p in zip(reference, curation.curated, strict=True)]
    return -run.total_variation(following, curation.probs)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, z, m, law in _built(run):
        yield Margin(_missed(run, m, z, run.reference), where, tight=True)
        yield Margin(
            fixed_margin(run, m, run.reference, law, math.inf), f"{where}, fixed", tight=True
        )
        mean = run.curation_of(law, math.inf).mean_weight
        yield Margin(-abs(z * mean - (1 - m)), f"{where}, mean weight", tight=True)
    curation = run.curation_of(run.second, math.inf)
    for share in _SHARES:
        a = run.number(share) * curation.mean_weight
        pairs = zip(curation.probs, curation.curated, strict=True)
        reference = [(p - a * curated) / (1 - a) for p, curated in pairs]
        missed = _missed(run, 1 - a, run.number(share), reference)
        yield Margin(missed, f"second law, z = {share}", tight=True)


def _top_for_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """The equation is m E_ref[1/(1 - a w)] = 1: z with w_* in place of the mean weight."""
    for where, _, m, _ in _built(run):
        yield Margin(-abs(m * dot(run.reference, _kernel(run, 1 - m)) - 1), where)


def _reference_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """The law has p (1 - z w) = m p_ref with z = a/E_ref w in place of a/E_p w."""
    for where, _, m, law in _built(run):
        z = (1 - m) / run.mean_weight
        left = [p * (1 - z * w) for p, w in zip(law, run.weights, strict=True)]
        yield Margin(-run.total_variation(left, [m * q for q in run.reference]), where)


def _mean_field(run: Run, bound: Bound) -> Iterator[Margin]:
    """m/(1 - z E_ref w) = 1: the mean weight in place of the weight."""
    for where, z, m, _ in _built(run):
        yield Margin(-abs(m / (1 - z * run.mean_weight) - 1), where)


def _finite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """The law m p_ref/(1 - z w) is a fixed point for the run's own K as well."""
    for where, _, m, law in _built(run):
        yield Margin(fixed_margin(run, m, run.reference, law, run.K), where)


check = Check(
    statement=statement,
    margins=_margins,
    admits=lambda run: bool(run.K == math.inf and run.lam < math.inf),
    loops=curation_loops(
        candidates=st.just(math.inf), mixing=lambda K: mixings().filter(lambda lam: lam < math.inf)
    ),
    instances=(
        # Here z = 2/3 and the masses are one half each.
        two_points("1/2", "1/3", K=math.inf, lam=1),
        Instance.of("1/10 1/2 1", "1/2 3/10 1/5", second="1/10 1/5 7/10", K=math.inf, lam=2),
    ),
    mutants=(
        Mutant("z = a: w_* in place of the mean weight", margins=_top_for_mean),
        Mutant(
            "z = a/E_ref w: the reference's mean weight in place of the fixed point's",
            margins=_reference_mean,
        ),
        Mutant("m/(1 - z E_ref w) = 1: the mean inside", margins=_mean_field),
        Mutant(
            "the same law is the fixed point for finite K",
            margins=_finite_candidates,
            admits=lambda run: bool(1 < run.K < math.inf),
            instances=(two_points("1/2", "1/3", lam=1),),
        ),
    ),
)
