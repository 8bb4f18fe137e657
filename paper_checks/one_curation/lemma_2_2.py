"""Evidence for Lemma 2.2, at every p_t of pure and mixed loops: E under T(p_t) against E under p_t.

For a mixed loop the lemma speaks of the curation alone, before real data are added.
"""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import two_points
from recurate.paper_checks.runs.run import Run, dot, moments
from recurate.theory.language.notation import (
    inverse_candidates,
    max_weight,
    mean_weight,
    variance_weight,
)
from recurate.theory.one_curation.lemma_2_2 import statement


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in range(run.steps):
        curation = run.curation(t)
        guaranteed = bound(
            K=run.K,
            mean_weight=curation.mean_weight,
            variance_weight=curation.variance_weight,
            max_weight=1,
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


def _reward_for_weight(run: Run, bound: Bound) -> Iterator[Margin]:
    """E r gains at least ((K-1)/K) Var r / r_*, for rewards from 0 up to r_*."""
    curation = run.curation(0)
    lowest = run.weights[run.order[0]]
    rewards = [(w / lowest).log() for w in run.weights]
    largest = rewards[run.order[-1]]
    if not largest > 0:  # one weight
        return
    share = 1 - run.evaluate(inverse_candidates, K=run.K)
    guaranteed = share * moments(rewards, curation.probs, 2) / largest
    yield Margin(curation.gain(rewards) - guaranteed)


def _second_largest(run: Run, bound: Bound) -> Iterator[Margin]:
    """The largest weight below w_* in place of w_*: not every weight is below it."""
    if len(run.top) == run.size:
        return
    variance = run.curation(0).variance_weight
    guaranteed = bound(K=run.K, variance_weight=variance, max_weight=run.weight_ratio)
    yield Margin(run.curation(0).gain() - guaranteed)


_gain_without_candidates = variance_weight / max_weight
_quadratic_share = (1 - inverse_candidates**2) * variance_weight / max_weight

check = Check(
    statement=statement,
    bound=statement.bound - mean_weight,  # of the gain, in which nothing cancels
    margins=_margins,
    instances=(two_points("9/10", "1/2"), two_points("1/10", "1/10"), two_points(1, "1/2")),
    mutants=(
        Mutant("without (K-1)/K: the gain is at least Var w / w_*", bound=_gain_without_candidates),
        Mutant("1 - 1/K² in place of (K-1)/K", bound=_quadratic_share),
        Mutant("E w in place of w_*", margins=_mean_for_top),
        Mutant("E w² in place of Var w", margins=_second_moment),
        Mutant(
            "r in place of w: E r gains at least ((K-1)/K) Var r / r_*",
            margins=_reward_for_weight,
            is_exact=False,
            instances=(two_points("1/2", "1/2"),),
        ),
        Mutant(
            "the second-largest weight in place of w_*",
            margins=_second_largest,
        ),
    ),
)
