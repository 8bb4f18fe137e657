"""Evidence for one step of Theorem 2.1, at p_t of pure and mixed loops.

For a mixed loop it speaks of the curation alone. For K = inf and two weights it is an equation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Numbers, Run
from recurate.theory.language.notation import (
    inverse_candidates,
    odds_against_at,
    weight_ratio,
)
from recurate.theory.language.notation import (
    t as step,
)
from recurate.theory.pure_loop.theorem_2_1_odds import statement


def mass_off_top(run: Run, probs: Numbers) -> Number:
    """Return the mass 1 - p(A) off the set A of top weights, as a sum."""
    top = set(run.top)
    return sum((mass for i, mass in enumerate(probs) if i not in top), run.number(0))


def odds_against_top(run: Run, probs: Numbers) -> Number:
    """Return the odds (1 - p(A))/p(A) against the set A of top weights."""
    return mass_off_top(run, probs) / run.at_top(probs)


def limit_divergence(run: Run, t: int) -> Number:
    """Return KL(p_*‖p_t) = -log p_t(A) in nats, as log(1 + odds against A)."""
    return odds_against_top(run, run.law(t)).log1p()


def _curated(run: Run, t: int) -> tuple[Numbers, Numbers]:
    curation = run.curation(t)
    return curation.probs, curation.curated


def successive_laws(run: Run, t: int) -> tuple[Numbers, Numbers]:
    """Return p_t and p_{t+1}."""
    return run.law(t), run.law(t + 1)


def _largest(run: Run) -> Number:
    return run.weight_ratio


def _smallest(run: Run) -> Number:
    return run.weights[run.order[0]]


def factor_margins(
    laws: Callable[[Run, int], tuple[Numbers, Numbers]], ratio: Callable[[Run], Number] = _largest
) -> Margins:
    """Return the margins of a bound on the factor of the odds from one law to the next.

    Parameters
    ----------
    laws : callable
        From a run and t to the laws before and after the step.
    ratio : callable
        What stands for ρ in the bound.
    """

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        if len(run.top) == run.size:  # nothing is off A
            return
        guaranteed = bound(K=run.K, weight_ratio=ratio(run))
        for t in run.some_steps:
            before, after = laws(run, t)
            factor = odds_against_top(run, after) / odds_against_top(run, before)
            is_equation = run.K == math.inf and run.number_of_weights(t) == 2
            yield Margin(guaranteed - factor, f"t = {t}", tight=is_equation)

    return margins


_kappa, _rho = inverse_candidates, weight_ratio

check = Check(
    statement=statement,
    bound=statement.claim.rhs / odds_against_at(step),
    margins=factor_margins(_curated),
    # The factor is approached for two weights as p_t(A) vanishes.
    instances=(
        two_points("1/2", "1/2"),
        two_points("1/2", "1/1000", steps=8),
        two_points("1/10", "1/1000", K=4, steps=4),
        two_points("1/2", "1/1000", K=math.inf, steps=4),
        hierarchy(4, ratio=10, K=2, steps=3),
    ),
    mutants=(
        Mutant("the odds against A fall by the factor K", bound=_kappa),
        Mutant("the odds against A fall by the factor 1/ρ, as for K = inf", bound=_rho),
        Mutant(
            "the odds against A fall by (1-1/K)/ρ + 1/K, as for two weights where p_t(A) is near 1",
            bound=_rho / (1 - _kappa + _kappa * _rho),
        ),
        Mutant(
            "for ρ, the smallest weight over w_* in place of the largest one off A",
            margins=factor_margins(_curated, _smallest),
            instances=(Instance.of("1/10 9/10 1", "1/10 4/5 1/10"),),
        ),
        Mutant(
            "for p_{t+1} in a mixed loop, with real data",
            margins=factor_margins(successive_laws),
            instances=(two_points("1/2", "1/2", lam=1),),
        ),
    ),
)
