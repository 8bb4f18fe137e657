"""Evidence for the drift of inexact steps: every law p is a fixed point, as in global_attraction.

Each step is off by the same ε, in the direction from p_inf to the start: p~_{t+1} = F(p~_t) +
(p~_0 - p_inf)/20. So the errors add up; for K = 1 the bound is attained. All of it is rational.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.fixed_points.global_attraction import (
    next_law,
    real_part,
    synthetic_share,
)
from recurate.paper_checks.one_curation.curation_lipschitz import (
    is_attained,
    moved_at_the_top,
)
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Run, difference
from recurate.theory.fixed_points.finite_sample_drift import (
    distance_from_limit,
    limit_top,
    statement,
    step_error,
)
from recurate.theory.language.notation import lam, t, top_mass

_PART = 20  # of p~_0 - p_inf; up to a tenth of it leaves a law, since a H <= 9/10

Within = Callable[[Run, Curation, Number, Number, int], Number]
"""From p_inf, TV(p~_0, p_inf), ε and t to a bound of TV(p~_t, p_inf)."""


def limits_and_others(run: Run) -> Iterator[tuple[str, Curation, Curation]]:
    """Yield a law p with mass at the top and another one: the run's reference and second law."""
    laws = {"p_ref": run.reference, "the second law": run.second}
    curations = {name: run.curation_of(law) for name, law in laws.items()}
    for one, other in permutations(laws):
        if run.at_top(curations[one].probs) > 0:
            yield f"to {one} from {other}", curations[one], curations[other]


def claimed(run: Run, p: Curation, distance: Number, error: Number, steps: int) -> Number:
    """Return the claim's bound for the loop with fixed point p."""
    a = synthetic_share(run, p)
    values: dict[Any, Any] = {
        distance_from_limit(0): distance,
        step_error: error,
        limit_top: run.at_top(p.probs),
        top_mass: run.at_top(real_part(run, p)) / (1 - a),
        lam: a / (1 - a),
        t: steps,
    }
    return value_of(run, statement.claim.rhs, values)


def _margins_within(within: Within) -> Margins:
    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for where, p, q in limits_and_others(run):
            away = [x / _PART for x in difference(p.probs, q.probs)]
            distance = run.total_variation(p.probs, q.probs)
            now, is_tight = q, True
            for steps in (1, 2):
                law = [x + e for x, e in zip(next_law(run, p, now), away, strict=True)]
                is_tight = is_tight and is_attained(run, p, now)
                allowed = within(run, p, distance, distance / _PART, steps)
                value = allowed - run.total_variation(p.probs, law)
                yield Margin(value, f"t = {steps}, {where}", tight=is_tight)
                if run.kind == "property":  # its curations start from floats, not from balls
                    break
                if steps == 1:
                    now = run.curation_of(law)

    return margins


def _series(rate: Callable[[Run, Curation], Number]) -> Within:
    """Return c^t TV(p~_0, p_inf) + ε (1 + c + … + c^{t-1}) for another rate c."""

    def within(run: Run, p: Curation, distance: Number, error: Number, steps: int) -> Number:
        c = rate(run, p)
        errors = sum((c**number for number in range(steps)), 0)
        return c**steps * distance + error * errors

    return within


def _without_m(run: Run, p: Curation) -> Number:
    m = 1 - synthetic_share(run, p)
    return 1 - run.at_top(real_part(run, p)) / m / run.at_top(p.probs)


def _not_added_up(run: Run, p: Curation, distance: Number, error: Number, steps: int) -> Number:
    return claimed(run, p, distance, run.number(0), steps) + error


def _before_dilution(run: Run, p: Curation, distance: Number, error: Number, steps: int) -> Number:
    return claimed(run, p, distance, synthetic_share(run, p) * error, steps)


check = Check(
    statement=statement,
    margins=_margins_within(claimed),
    instances=(
        moved_at_the_top,
        two_points("1/1000", "1/1000", lam=1),
        hierarchy(3, ratio=100, K=3, lam=1),
        two_points("1/2", "1/2", K=1, lam=1),
        Instance.of("1/100 1/10 1", "1/2 1/4 1/4", second="2/3 1/3 0", lam=1),
    ),
    mutants=(
        Mutant(
            "errors do not add up: c^t TV(p~_0, p_inf) + ε", margins=_margins_within(_not_added_up)
        ),
        Mutant(
            "the error is diluted by real data, like that of the curated law: a ε for ε",
            margins=_margins_within(_before_dilution),
        ),
        Mutant("c = a, without H(w_*)", margins=_margins_within(_series(synthetic_share))),
        Mutant(
            "c = 1 - p_ref(A)/p_inf(A), without m", margins=_margins_within(_series(_without_m))
        ),
    ),
)
