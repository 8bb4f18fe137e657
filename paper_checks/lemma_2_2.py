"""Evidence for Lemma 2.2, at every p_t of pure and mixed loops: E under T(p_t) against E under p_t.

For a mixed loop the lemma speaks of the curation alone, before real data are added.
"""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.instances import two_points
from recurate.paper_checks.runs import Run, dot
from recurate.theory.lemma_2_2 import statement
from recurate.theory.notation import (
    inverse_candidates,
    max_weight,
    mean_weight,
    variance_weight,
)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in range(run.steps):
        curation = run.curation(t)
        guaranteed = bound(
            K=run.K, mean_weight=0, variance_weight=curation.variance_weight, max_weight=1
        )
        yield Margin(curation.gain() - guaranteed, f"t = {t}")


def _mean_for_top(run: Run, bound: Bound) -> Iterator[Margin]:
    """E w in place of w_*: the gain is at least ((K-1)/K) Var w / E w."""
    curation = run.curation(0)
    share = 1 - run.evaluate(inverse_candidates, K=run.K)
    yield Margin(curation.gain() - share * curation.variance_weight / curation.mean_weight)


def _second_moment(run: Run, bound: Bound) -> Iterator[Margin]:
    """E w² in place of Var w."""
    curation = run.curation(0)
    share = 1 - run.evaluate(inverse_candidates, K=run.K)
    yield Margin(curation.gain() - share * dot(curation.probs, [w * w for w in run.weights]))


_gain_without_candidates = mean_weight + variance_weight / max_weight
_quadratic_share = mean_weight + (1 - inverse_candidates**2) * variance_weight / max_weight

check = Check(
    statement=statement,
    margins=_margins,
    instances=(two_points("9/10", "1/2"), two_points("1/10", "1/10"), two_points(1, "1/2")),
    mutants=(
        Mutant("without (K-1)/K: the gain is at least Var w / w_*", bound=_gain_without_candidates),
        Mutant("1 - 1/K² in place of (K-1)/K", bound=_quadratic_share),
        Mutant("E w in place of w_*", margins=_mean_for_top),
        Mutant("E w² in place of Var w", margins=_second_moment),
    ),
)
