"""Evidence for the bound on the sum of the variances, at every t of pure loops."""

from __future__ import annotations

import math
from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, moments
from recurate.paper_checks.runs.strategies import pure_loops
from recurate.theory.language.notation import inverse_candidates, max_weight, mean_weight
from recurate.theory.pure_loop.lemma_2_2_variance_sum import statement


def _variance(run: Run, t: int) -> Number:
    return moments(run.weights, run.law(t), 2)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    guaranteed = bound(K=run.K, mean_weight=run.mean(run.weights, 0), max_weight=1)
    total = run.number(0)
    for t in range(run.steps + 1):
        yield Margin(guaranteed - total, f"t = {t}")
        total = total + _variance(run, t)


def _each(run: Run, bound: Bound) -> Iterator[Margin]:
    """Var_t <= bound/(t + 1): which is true only of the least of these variances."""
    guaranteed = bound(K=run.K, mean_weight=run.mean(run.weights, 0), max_weight=1)
    for t in range(run.steps + 1):
        yield Margin(guaranteed - (t + 1) * _variance(run, t), f"t = {t}")


check = Check(
    statement=statement,
    margins=_margins,
    requires={"pure": lambda run: run.is_pure},
    loops=pure_loops(),
    # For weights that nearly tie, each gain is nearly (K-1)/K times the variance over w_*.
    instances=(
        two_points("1/2", "1/2", steps=8),
        two_points("9/10", "9/10", steps=40),
        two_points("1/2", "1/200", steps=20),
        two_points("1/2", "1/2", K=math.inf, steps=8),
        hierarchy(4, ratio=2, K=2, steps=10),
    ),
    mutants=(
        Mutant(
            "without K/(K-1): at most w_*(w_* - E_0 w)",
            bound=statement.bound * (1 - inverse_candidates),
        ),
        Mutant(
            "in a mixed loop, too",
            admits=lambda run: run.K > 1,
            instances=(two_points("1/2", "1/2", lam=1, steps=20),),
        ),
        Mutant(
            "E_0 w in place of one w_*: at most K/(K-1) E_0 w (w_* - E_0 w)",
            bound=statement.bound * mean_weight / max_weight,
            instances=(two_points("1/10", "1/200", steps=8),),
        ),
        Mutant("Var_t is at most the bound over t + 1", margins=_each),
    ),
)
