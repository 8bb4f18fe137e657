"""Evidence against condensation below the sharper threshold, on every law with an atom at the top.

As for no-condensation: such a law p is a fixed point, exactly, for a = 1/H_p(w_*) and the reference
p (1 - a H_p)/m, which has no atom there. So its a has to be above 1/K + (1-1/K) μ/w_*.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.fixed_points.no_condensation import (
    Condensed,
    condensed_fixed_points,
    loops_with_a_gap,
    without_top,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, dot
from recurate.paper_checks.runs.strategies import candidate_numbers
from recurate.theory.fixed_points.no_condensation_sharp import statement
from recurate.theory.language.notation import inverse_candidates


def _above(margin: Callable[[Run, Condensed, Number], Number]) -> Margins:
    """Return the margins of a claim; `margin` takes a run, a condensed fixed point and 1/K."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        share = run.evaluate(inverse_candidates, K=run.K)
        for case in condensed_fixed_points(run):
            is_constant = not case.share < 1  # then nothing is mixed in, and all weights are w_*
            yield Margin(margin(run, case, share), case.where, tight=is_constant)

    return margins


def _real_gap(run: Run, case: Condensed) -> Number:
    """Return m (1 - μ), as the mean of 1 - w under the real data's part."""
    return dot(case.real, [1 - w for w in run.weights])


def _claim(run: Run, case: Condensed, share: Number) -> Number:
    """Return m (a - 1/K - (1-1/K) μ): without a division by m, which may be tiny."""
    m = 1 - case.share
    return (1 - share) * _real_gap(run, case) - m * m


def _without_share(run: Run, case: Condensed, share: Number) -> Number:
    """Return m (a - 1/K - μ)."""
    m = 1 - case.share
    return _real_gap(run, case) - m * m - m * share


def _one_candidate_less(run: Run, case: Condensed, share: Number) -> Number:
    """Return m (a - 1/(K-1) - (1-1/(K-1)) μ)."""
    m, one_less = 1 - case.share, share / (1 - share)
    return (1 - one_less) * _real_gap(run, case) - m * m


def _fixed_point_mean(run: Run, case: Condensed, share: Number) -> Number:
    """Return a - 1/K - (1-1/K) E_p w."""
    return case.share - share - (1 - share) * case.curation.mean_weight


def _necessary(run: Run, bound: Bound) -> Iterator[Margin]:
    """Without an atom at w_*, a is at most 1/K + (1-1/K) μ."""
    share = run.evaluate(inverse_candidates, K=run.K)
    curation = run.curation_of(without_top(run, run.second))
    a = run.number(Fraction(99, 100)) / curation.ratio[run.top[0]]
    pairs = zip(curation.probs, curation.ratio, strict=True)
    real_gap = dot([p * (1 - a * h) for p, h in pairs], [1 - w for w in run.weights])
    yield Margin((1 - a) * (1 - a) - (1 - share) * real_gap)


check = Check(
    statement=statement,
    margins=_above(_claim),
    admits=lambda run: len(set(run.heights)) > 1,
    loops=loops_with_a_gap(candidate_numbers().filter(lambda K: K > 1)),
    instances=(
        # Weights that nearly tie come near the threshold.
        two_points("9/10", "1/100", K=2, lam=1),
        two_points("9/10", "1/100", K=4, lam=1),
        two_points("9/10", "1/100", K=math.inf, lam=1),
        two_points("1/1000", "1/100", K=3, lam=1),
        hierarchy(3, ratio=1000, K=3, lam=1),
        Instance.of("1/10 1/5 1", "1/2 2/5 1/10", lam=1),
    ),
    mutants=(
        Mutant("no atom while a is at most 1/K + μ/w_*", margins=_above(_without_share)),
        Mutant("the same threshold with K - 1 for K", margins=_above(_one_candidate_less)),
        Mutant("E_p w of the fixed point for μ", margins=_above(_fixed_point_mean)),
        Mutant("an atom for every a above the threshold", margins=_necessary),
    ),
)
