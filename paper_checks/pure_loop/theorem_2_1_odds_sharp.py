"""Evidence for the sharper form of one step of Theorem 2.1, at p_t of pure and mixed loops.

For a mixed loop it speaks of the curation alone. For K = inf it is an equation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.pure_loop.theorem_2_1_odds import (
    mass_off_top,
    odds_against_top,
    successive_laws,
)
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run
from recurate.theory.language.notation import inverse_candidates, weight_ratio
from recurate.theory.pure_loop.theorem_2_1_odds import rate
from recurate.theory.pure_loop.theorem_2_1_odds_sharp import statement


def _mean_off_top(run: Run, probs: Numbers, power: int = 1) -> Number:
    """Return the mean of w or of 1/w under a law given w < w_*."""
    top = set(run.top)
    terms = (
        p * (w if power == 1 else 1 / w)
        for i, (p, w) in enumerate(zip(probs, run.weights, strict=True))
        if i not in top
    )
    return sum(terms, run.number(0)) / mass_off_top(run, probs)


def _harmonic_mean(run: Run, probs: Numbers) -> Number:
    return 1 / _mean_off_top(run, probs, -1)


def _mean_at_first(run: Run, probs: Numbers) -> Number:
    return _mean_off_top(run, run.law(0))


def _curated(run: Run, t: int) -> tuple[Numbers, Numbers]:
    curation = run.curation(t)
    return curation.probs, curation.curated


def _factor_margins(
    laws: Callable[[Run, int], tuple[Numbers, Numbers]] = _curated,
    ratio: Callable[[Run, Numbers], Number] = _mean_off_top,
) -> Margins:
    """Return the margins of a bound on the factor of the odds against A, ρ_t being the ratio."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        if len(run.top) == run.size:  # nothing is off A
            return
        for t in run.some_steps:
            before, after = laws(run, t)
            if not mass_off_top(run, before) > 0:
                continue
            guaranteed = bound(K=run.K, weight_ratio=ratio(run, before))
            factor = odds_against_top(run, after) / odds_against_top(run, before)
            yield Margin(guaranteed - factor, f"t = {t}", tight=run.K in (1, math.inf))

    return margins


_spread = Instance.of("1/100 9/10 1", "1/2 499/1000 1/1000", K=2, steps=4)

check = Check(
    statement=statement,
    bound=rate(weight_ratio),
    margins=_factor_margins(),
    # The factor is approached for two weights as p_t(A) vanishes.
    instances=(
        _spread,
        two_points("1/2", "1/2"),
        two_points("1/2", "1/1000", steps=8),
        two_points("1/10", "1/1000", K=4, steps=4),
        two_points("1/2", "1/1000", K=math.inf, steps=4),
        hierarchy(4, ratio=10, K=2, steps=3),
    ),
    mutants=(
        Mutant("the factor ρ_t, as for K = inf", bound=weight_ratio),
        Mutant(
            "the factor ρ_t/(1 - 1/K + ρ_t/K), as for two weights where p_t(A) is near 1",
            bound=weight_ratio / (1 - inverse_candidates + inverse_candidates * weight_ratio),
        ),
        Mutant(
            "for ρ_t, the harmonic mean of the weights off A over w_*",
            margins=_factor_margins(ratio=_harmonic_mean),
        ),
        Mutant(
            "ρ_0 in place of ρ_t, at every t of the pure loop",
            margins=_factor_margins(ratio=_mean_at_first),
        ),
        Mutant(
            "for p_{t+1} in a mixed loop, with real data",
            margins=_factor_margins(successive_laws),
        ),
    ),
)
