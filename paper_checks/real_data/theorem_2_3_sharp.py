"""Evidence for Theorem 2.3 with the constant λ/(1+λ), at every t >= 1 of loops from the reference.

All of it stays rational.
"""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.real_data.theorem_2_3 import margins_from
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Run
from recurate.theory.language.notation import (
    inverse_candidates,
    lam,
    max_weight,
    mean_weight,
    synthetic_fraction,
    variance_weight,
)
from recurate.theory.real_data.theorem_2_3_sharp import statement


def _variance_kept(run: Run, bound: Bound) -> Iterator[Margin]:
    """Each step adds a share of what the first one gained, as if Var_t w stayed at V."""
    share, growing = run.synthetic_fraction, run.number(0)
    first = bound(
        K=run.K,
        lam=run.lam,
        mean_weight=0,
        variance_weight=run.variance_weight,
        max_weight=1,
    )
    for t in range(1, run.steps + 1):
        growing = share * growing + first
        yield Margin(run.gain(t) - growing, f"t = {t}")


_gain = (1 - inverse_candidates) * variance_weight / max_weight

check = Check(
    statement=statement,
    margins=margins_from(1),
    # The bound is nearly attained at t = 1 by weights that nearly tie, and where K is large by a
    # reference that is nearly all at the largest weight.
    instances=(
        two_points("9/10", "1/2", lam=1),
        two_points("99/100", "1/2", lam=1, steps=4),
        two_points("1/10", "1/10", lam="1/10"),
        two_points("1/1000", "99/100", K=4, lam=3, steps=2),
        hierarchy(3, ratio=10, K=3, lam=1, steps=3),
    ),
    mutants=(
        Mutant("λ in place of λ/(1+λ)", bound=mean_weight + lam * _gain),
        Mutant(
            "without (K-1)/K",
            bound=mean_weight + synthetic_fraction * variance_weight / max_weight,
        ),
        Mutant(
            "1 - 1/K² in place of (K-1)/K",
            bound=mean_weight
            + synthetic_fraction * (1 - inverse_candidates**2) * variance_weight / max_weight,
        ),
        Mutant(
            "E_ref w in place of w_*",
            bound=mean_weight + synthetic_fraction * _gain * max_weight / mean_weight,
        ),
        Mutant("for every t >= 0", margins=margins_from(0)),
        Mutant(
            "the gains of all steps add up, each of them λ/(1+λ) of the one before",
            margins=_variance_kept,
            instances=(two_points("1/10", "9/10", lam=3, steps=3),),
        ),
        Mutant(
            "from any start p_0",
            admits=lambda run: True,
            instances=(Instance.of("1 2", "1/2 1/2", initial="1 0", lam=1),),
        ),
    ),
)
