"""Evidence for Lemma 2.2, sharpened, at p_t of pure and mixed loops.

As in Lemma 2.2, it is E under T(p_t) against E under p_t. The bound is attained for K = inf, and
for K = 2 and two weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Run
from recurate.theory.language.notation import (
    inverse_candidates,
    mean_weight,
    third_central_moment,
    variance_weight,
)
from recurate.theory.one_curation.lemma_2_2_sharp import statement


def _gains(run: Run, bound: Bound) -> Iterator[tuple[int, Curation, Margin]]:
    """Yield the margin at every t where the weight certainly varies, as the statement asks."""
    for t in run.some_steps:
        curation = run.curation(t)
        values = {
            "K": run.K,
            "mean_weight": curation.mean_weight,
            "variance_weight": curation.variance_weight,
            "third_central_moment": curation.third_central_moment,
            "max_weight": 1,
        }
        if statement.failing_hypothesis(run.arithmetic, **values) is None:
            yield t, curation, Margin(curation.gain() - bound(**values), f"t = {t}")


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t, _, margin in _gains(run, bound):
        is_attained = run.K == math.inf or (run.K == 2 and run.number_of_weights(t) == 2)
        yield margin._replace(tight=is_attained)


def _equation(run: Run, bound: Bound) -> Iterator[Margin]:
    """Two weights: the gain is the bound, for every K."""
    for t, _, margin in _gains(run, bound):
        if run.number_of_weights(t) == 2:
            yield margin._replace(value=-abs(margin.value))


def _with_real_data(run: Run, bound: Bound) -> Iterator[Margin]:
    """E under p_{t+1} in place of E under T(p_t)."""
    for t, curation, margin in _gains(run, bound):
        gain = run.mean(run.weights, t + 1) - run.mean(run.weights, t)
        yield margin._replace(value=margin.value - curation.gain() + gain)


_gain = statement.bound - mean_weight
_product = mean_weight * variance_weight

check = Check(
    statement=statement,
    bound=_gain,
    margins=_margins,
    instances=(
        two_points("1/10", "1/10"),
        two_points("1/10", "9/10"),
        two_points("1/10", "1/10", K=3, steps=3),
        two_points("1/1000", "1/1000", K=math.inf, steps=4),
        hierarchy(3, ratio=10, K=2, steps=3),
    ),
    mutants=(
        Mutant(
            "without the third moment: the gain is at least (K-1)V/(Kμ)",
            bound=(1 - inverse_candidates) * variance_weight / mean_weight,
        ),
        Mutant(
            "κ3 in place of κ3/K",
            bound=(1 - inverse_candidates) * variance_weight**2 / (_product + third_central_moment),
        ),
        Mutant("K V² in place of (K-1) V²", bound=_gain / (1 - inverse_candidates)),
        Mutant("for two weights the gain is the bound, for every K", margins=_equation),
        Mutant(
            "for E_{t+1} w in a mixed loop, with real data",
            margins=_with_real_data,
            instances=(two_points("1/10", "1/10", lam=1),),
        ),
    ),
)
