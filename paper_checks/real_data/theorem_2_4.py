"""Evidence for Theorem 2.4, inside its hypothesis λ < 1/(K - 1), at every t.

Its rational core, for exact evidence: the density p_t/p_ref is at most 1/(1 - λ(K-1)).
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Run
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops, safe_mixings
from recurate.theory.language.notation import K, lam
from recurate.theory.real_data.theorem_2_4 import statement


def divergence_margins_from(first: int) -> Margins:
    """Return the margins of an upper bound on KL(p_t‖p_ref), for every t from `first` on."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        guaranteed = bound(K=run.K, lam=run.lam, mean_weight=run.mean_weight, max_weight=1)
        for t in range(first, run.steps + 1):
            yield Margin(guaranteed - run.kl_to_reference(t), f"t = {t}")

    return margins


divergence_margins = divergence_margins_from(0)


def density_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of an upper bound on the density p_t/p_ref, for every t."""
    guaranteed = bound(K=run.K, lam=run.lam, mean_weight=run.mean_weight, max_weight=1)
    for t in range(run.steps + 1):
        for density in run.density(t):
            yield Margin(guaranteed - density, f"t = {t}")


started_at_the_top = Instance.of(
    "1/100 1", "9999/10000 1/10000", initial="1/100 99/100", lam="1/100", steps=2
)
"""A start that curation keeps at the top weight, where the reference has little mass."""

check = Check(
    statement=statement,
    margins=divergence_margins,
    exact_margins=density_margins,
    loops=curation_loops(candidates=candidate_numbers(infinite=False), mixing=safe_mixings),
    instances=(
        two_points("1/1000", "1/15", lam="99/100", steps=10),
        two_points("1/10", "1/10", lam="1/2", steps=3),
    ),
    mutants=(
        Mutant("-log(1 - λ(K-1)/8)", bound=-sympy.log(1 - lam * (K - 1) / 8), is_exact=False),
        Mutant("density at most 1/(1 - λ(K-1)/2)", core=1 / (1 - lam * (K - 1) / 2)),
        Mutant(
            "-log(1 - λ(K-1)/2), for every λ below 2/(K-1)",
            bound=-sympy.log(1 - lam * (K - 1) / 2),
            admits=lambda run: run.lam * (run.K - 1) < 2,
            is_exact=False,
            instances=(two_points("1/100", "1/10000", lam="3/2", steps=60),),
        ),
        Mutant(
            "from any start p_0, at every t >= 1",
            margins=divergence_margins_from(1),
            admits=lambda run: run.lam * (run.K - 1) < 1,
            is_exact=False,
            instances=(started_at_the_top,),
        ),
    ),
)
