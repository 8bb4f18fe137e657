"""Evidence that KL(p_ref‖p_t) <= log(1+λ) at every t, for every K and every finite λ.

Its rational core, for exact evidence: the density p_ref/p_t is at most 1 + λ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import sympy

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Run
from recurate.paper_checks.runs.strategies import curation_loops, mixings
from recurate.theory.language.notation import inverse_candidates, lam
from recurate.theory.real_data.reference_divergence import statement


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    guaranteed = bound(K=run.K, lam=run.lam)
    for t in range(run.steps + 1):
        yield Margin(guaranteed - run.kl_from_reference(t), f"t = {t}")


def _density_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    """Margins of an upper bound on the density p_ref/p_t, for every t."""
    guaranteed = bound(K=run.K, lam=run.lam)
    for t in range(run.steps + 1):
        for density in run.density(t):
            yield Margin(guaranteed - 1 / density, f"t = {t}")


def _other_direction(run: Run, bound: Bound) -> Iterator[Margin]:
    """KL(p_t‖p_ref) in place of KL(p_ref‖p_t)."""
    guaranteed = bound(K=run.K, lam=run.lam)
    for t in range(run.steps + 1):
        yield Margin(guaranteed - run.kl_to_reference(t), f"t = {t}")


def _never_falls(run: Run, bound: Bound) -> Iterator[Margin]:
    """KL(p_ref‖p_t) rises from step to step."""
    divergences = [run.kl_from_reference(t) for t in range(run.steps + 1)]
    for t, (before, after) in enumerate(pairwise(divergences)):
        yield Margin(after - before, f"t = {t}")


_of_losers = 1 + lam * (1 - inverse_candidates)

check = Check(
    statement=statement,
    margins=_margins,
    exact_margins=_density_margins,
    # For λ = inf it says nothing.
    admits=lambda run: run.lam < math.inf,
    loops=curation_loops(mixing=lambda K: mixings().filter(math.isfinite)),
    # A rare top weight that wins nearly always, in one step or, for finite K, in several.
    instances=(
        two_points("1/1000000", "1/1000", K=math.inf, lam=1, steps=2),
        two_points("1/1000000", "1/1000", K=math.inf, lam=100, steps=3),
        two_points("1/1000", "1/10", K=2, lam=100, steps=8),
        hierarchy(3, ratio=1000, K=3, lam="1/2", steps=4),
    ),
    mutants=(
        Mutant(
            "99/100 of the bound, (99/100) log(1+λ)",
            bound=99 * sympy.log(1 + lam) / 100,
        ),
        Mutant("λ/(1+λ), which is less than log(1+λ)", bound=lam / (1 + lam)),
        Mutant("log(1 + λ(K-1)/K)", bound=sympy.log(_of_losers), core=_of_losers),
        Mutant(
            "the other direction, KL(p_t‖p_ref) <= log(1+λ)",
            margins=_other_direction,
            is_exact=False,
        ),
        Mutant(
            "KL(p_ref‖p_t) never falls, from any start p_0",
            margins=_never_falls,
            admits=lambda run: run.lam < math.inf,
            is_exact=False,
            instances=(Instance.of("1 2", "1/2 1/2", initial="1/100 99/100", lam=1),),
        ),
    ),
)
