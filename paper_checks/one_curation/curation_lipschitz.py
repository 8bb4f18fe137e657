"""Evidence that TV(T(p), T(q)) <= min(H_p(w_*), H_q(w_*)) TV(p, q), for pairs of laws of a run.

All of it is rational. The bound is attained where q has no mass at w_* and p has some of q's there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, difference, dot
from recurate.theory.language.notation import inverse_candidates
from recurate.theory.one_curation.curation_lipschitz import statement


def ordered_pairs(run: Run) -> Iterator[tuple[str, Curation, Curation]]:
    """Yield curations of pairs of laws p and q, in both orders, with their names.

    The laws are the reference, the last law of the run and the second law.
    """
    reference = "p_ref", run.curation(0)
    last = f"p_{run.steps}", run.curation(run.steps)
    second = "the second law", run.curation_of(run.second)
    for one, other in ((reference, second), (last, second), (reference, last)):
        for (p_name, p), (q_name, q) in ((one, other), (other, one)):
            yield f"p = {p_name}, q = {q_name}", p, q


def largest_in_size(values: Numbers) -> Number:
    """Return the largest absolute value."""
    largest = abs(values[0])
    for value in values[1:]:
        largest = largest if largest > abs(value) else abs(value)
    return largest


def is_attained(run: Run, p: Curation, q: Curation) -> bool:
    """Return whether the statement lists the bound with H_p(w_*) as attained, if that is known."""
    moved = difference(p.probs, q.probs)
    below = [moved[i] for i in range(run.size) if i not in run.top]
    # Nothing moves, or ties at the top share its mass otherwise.
    if run.K == 1 or not any(abs(mass) > 0 for mass in below):
        return True
    # q has no mass at the top, and p has some of q's there.
    is_off_top = not any(q.probs[i] > 0 for i in run.top)
    return is_off_top and not any(mass < 0 for mass in below)


def _by_factor(factor: Callable[[Run, Curation, Curation], Number]) -> Margins:
    """Return the margins of a bound of TV(T(p), T(q)) by a factor times TV(p, q)."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for where, p, q in ordered_pairs(run):
            distance = run.total_variation(p.probs, q.probs)
            moved = run.total_variation(p.curated, q.curated)
            yield Margin(factor(run, p, q) * distance - moved, where, tight=is_attained(run, p, q))

    return margins


def _top_ratio(run: Run, p: Curation, q: Curation) -> Number:
    """H_p(w_*): in both orders of p and q the smaller one is among them."""
    return p.ratio[run.top[0]]


def _one(run: Run, p: Curation, q: Curation) -> Number:
    return run.number(1)


def _mean_ratio(run: Run, p: Curation, q: Curation) -> Number:
    return dot(p.curated, p.ratio)


def _jensen_the_wrong_way(run: Run, p: Curation, q: Curation) -> Number:
    share = run.evaluate(inverse_candidates, K=run.K)
    return 1 / (share + (1 - share) * p.mean_weight)


def _fewer_candidates(run: Run, p: Curation, q: Curation) -> Number:
    K = run.K if run.K in (1, math.inf) else run.K - 1
    return run.curation_of(p.probs, K).ratio[run.top[0]]


def _distribution_function(run: Run, bound: Bound) -> Iterator[Margin]:
    """The same for the largest difference of the distribution functions."""
    for where, p, q in ordered_pairs(run):
        before = largest_in_size(run.distribution_function(difference(p.probs, q.probs)))
        after = largest_in_size(run.distribution_function(difference(p.curated, q.curated)))
        yield Margin(p.ratio[run.top[0]] * before - after, where)


moved_at_the_top = Instance.of(
    "1/1000 1 1", "9/10 9/100 1/100", second="9/10 1/100 9/100", K=3, lam=1
)
"""Two laws that differ at the top only, in how ties share its mass."""

_moved_to_the_top = Instance.of("1/100 1/10 1", "1/2 1/4 1/4", second="2/3 1/3 0", K=2, lam=1)

check = Check(
    statement=statement,
    margins=_by_factor(_top_ratio),
    instances=(
        moved_at_the_top,
        _moved_to_the_top,
        two_points("1/1000", "1/1000", lam=1),
        two_points("1/1000", "1/10", K=math.inf, lam="1/10", steps=3),
        hierarchy(3, ratio=100, K=3, lam=1),
    ),
    mutants=(
        Mutant("factor 1: curation never drives two laws apart", margins=_by_factor(_one)),
        Mutant("the mean of H_p under T(p) in place of H_p(w_*)", margins=_by_factor(_mean_ratio)),
        Mutant(
            "K w_*/(w_* + (K-1) E_p w) in place of H_p(w_*), Jensen the wrong way",
            margins=_by_factor(_jensen_the_wrong_way),
        ),
        Mutant("H_p(w_*) for K - 1 candidates", margins=_by_factor(_fewer_candidates)),
        Mutant(
            "the same for the largest difference of the distribution functions",
            margins=_distribution_function,
            instances=(
                Instance.of(
                    "1/1000 99/100 1", "1/104 3/104 25/26", second="2/103 1/103 100/103", lam=1
                ),
            ),
        ),
    ),
)
