"""Evidence that one step F of the loop has TV(F(p), F(q)) <= a h TV(p, q): the loop contracts.

Three kinds of pairs: the reference and p_t, and p_{t-1} and p_t, whose steps are in the trajectory;
and the reference and an arbitrary second law, with the larger one of their mean weights as μ. All
of it stays rational.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.one_curation.curation_lipschitz_sharp import larger
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run
from recurate.theory.language.notation import (
    K,
    inverse_candidates,
    max_weight,
    mean_weight,
    synthetic_fraction,
    total_variation,
)
from recurate.theory.one_curation.curation_ceiling import highest_ratio
from recurate.theory.real_data.loop_contraction import statement


class _Pair(NamedTuple):
    """Two laws, what one step of the loop makes of them, and where they come from."""

    laws: tuple[Numbers, Numbers]
    retrained: tuple[Numbers, Numbers]
    where: str
    tight: bool = False


def _pair_margins(
    run: Run, bound: Bound, mean_weight: Number, pairs: Iterable[_Pair]
) -> Iterator[Margin]:
    """Yield the margins of pairs of laws, one of them of a mean weight of at least this."""
    if run.K == math.inf and not mean_weight < 1:
        return  # a single weight, for all that a ball can tell: nothing moves
    for pair in pairs:
        guaranteed = bound(
            K=run.K,
            lam=run.lam,
            mean_weight=mean_weight,
            max_weight=1,
            total_variation=run.total_variation(*pair.laws),
        )
        distance = run.total_variation(*pair.retrained)
        yield Margin(guaranteed - distance, pair.where, pair.tight)


def _on_trajectory(run: Run) -> Iterator[_Pair]:
    """Yield p_ref and p_t, and p_{t-1} and p_t, for every t: the next laws are known."""
    laws = [run.law(t) for t in range(run.steps + 1)]
    for t in range(1, run.steps):
        for s in sorted({0, t - 1}):
            yield _Pair((laws[s], laws[t]), (laws[s + 1], laws[t + 1]), f"p_{s} and p_{t}")


def _of(run: Run, first: Curation, second: Curation, where: str) -> _Pair:
    """Return two laws with F(p) = m p_ref + a T(p)."""
    # Laws that differ in ties at the top only attain the bound for K = inf.
    compared = [i for i in range(run.size) if run.K < math.inf or i not in run.top]
    is_tight = not any(first.probs[i] != second.probs[i] for i in compared)
    return _Pair(
        (first.probs, second.probs),
        (run.mixed(first.curated), run.mixed(second.curated)),
        where,
        is_tight,
    )


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    yield from _pair_margins(run, bound, run.mean_weight, _on_trajectory(run))
    first, second = run.curation_of(run.reference), run.curation_of(run.second)
    mean_weight = larger(first.mean_weight, second.mean_weight)
    pair = _of(run, first, second, "p_ref and the second law")
    yield from _pair_margins(run, bound, mean_weight, [pair])


def _lighter_laws(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_0 and the second law, wherever they are, with the reference's mean weight as μ."""
    pair = _of(run, run.curation(0), run.curation_of(run.second), "p_0 and the second law")
    yield from _pair_margins(run, bound, run.mean_weight, [pair])


def _below_the_top(run: Run, bound: Bound) -> Iterator[Margin]:
    """p_ref and the second law, with the largest weight below w_* in place of w_*."""
    laws = [run.curation_of(law) for law in (run.reference, run.second)]
    mean_weight = larger(*(law.mean_weight for law in laws))
    if len(run.top) < run.size and mean_weight < run.weight_ratio:
        factor = bound(
            K=run.K,
            lam=run.lam,
            mean_weight=mean_weight,
            max_weight=run.weight_ratio,
            total_variation=1,
        )
        pair = _of(run, laws[0], laws[1], "p_ref and the second law")
        distance = run.total_variation(*pair.retrained)
        yield Margin(factor * run.total_variation(*pair.laws) - distance, pair.where)


def _factor(highest: Any) -> Any:
    """The bound with another factor in place of h."""
    return synthetic_fraction * highest * total_variation


_two_light_laws = Instance.of(
    "1/100 1", "1/2 1/2", initial="99/100 1/100", second="49/50 1/50", K=math.inf, lam=1
)


def _moved(K: float, lam: str) -> Instance:
    """Return laws that differ in ties at the top only: nearly extremal."""
    return Instance.of("1/1000 1 1", "9/10 9/100 1/100", second="9/10 1/100 9/100", K=K, lam=lam)


check = Check(
    statement=statement,
    margins=_margins,
    instances=(
        _moved(2, "1"),
        _moved(4, "1/10"),
        _moved(4, "9"),
        _moved(math.inf, "1"),
        two_points("1/1000", "1/10", K=2, lam="1/10", steps=5),
        hierarchy(3, ratio=100, K=3, lam=1, steps=4),
    ),
    mutants=(
        Mutant("without h: curation never drives laws apart", bound=_factor(1)),
        Mutant("factor 1, for every λ", bound=total_variation),
        Mutant("99/100 of h", bound=_factor(99 * highest_ratio(K) / 100)),
        Mutant(
            "h = K/(1 + (K-1)θ), Jensen the wrong way",
            bound=_factor(
                1 / (inverse_candidates + (1 - inverse_candidates) * mean_weight / max_weight)
            ),
        ),
        Mutant(
            "for laws whose mean weight is below μ",
            margins=_lighter_laws,
            instances=(_two_light_laws,),
        ),
        Mutant(
            "the second-largest weight in place of w_*",
            margins=_below_the_top,
            instances=(
                Instance.of(
                    "1/1000 1/2 1 1",
                    "9/10 1/20 1/25 1/100",
                    second="9/10 1/20 1/100 1/25",
                    K=math.inf,
                    lam=1,
                ),
            ),
        ),
    ),
)
