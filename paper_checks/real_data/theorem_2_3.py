"""Evidence for Theorem 2.3, at every t >= 1 of loops that start at the reference."""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Run
from recurate.theory.language.notation import (
    inverse_candidates,
    lam,
    max_weight,
    mean_weight,
    real_fraction,
    synthetic_fraction,
    variance_weight,
)
from recurate.theory.real_data.theorem_2_3 import statement


def margins_from(first: int) -> Margins:
    """Return the margins of a lower bound on E_t w, for every t from `first` on."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        guaranteed = bound(
            K=run.K,
            lam=run.lam,
            mean_weight=run.mean_weight,
            variance_weight=run.variance_weight,
            max_weight=1,
            curation_gain=run.curation_of(run.reference).gain(),
        )
        gain = guaranteed - run.mean_weight
        for t in range(first, run.steps + 1):
            yield Margin(run.gain(t) - gain, f"t = {t}")

    return margins


_candidates = 1 - inverse_candidates
_gain = _candidates * variance_weight / max_weight
_share = synthetic_fraction * real_fraction**2

check = Check(
    statement=statement,
    margins=margins_from(1),
    instances=(
        two_points("9/10", "1/2", lam=1),
        two_points("9/10", "1/2", lam="1/10"),
        two_points("1/10", "1/10", lam="1/10"),
    ),
    mutants=(
        Mutant("λ in place of λ/(1+λ)³", bound=mean_weight + lam * _gain),
        Mutant(
            "without (K-1)/K, constant λ/(1+λ)³",
            bound=mean_weight + _share * variance_weight / max_weight,
        ),
        Mutant(
            "E_ref w in place of w_*", bound=mean_weight + _share * _gain * max_weight / mean_weight
        ),
        Mutant("for every t >= 0", margins=margins_from(0)),
        Mutant(
            "from any start p_0",
            admits=lambda run: True,
            instances=(Instance.of("1 2", "1/2 1/2", initial="1 0", lam=1),),
        ),
    ),
)
