"""Evidence that H^K tends to w/μ as K grows, with an explicit remainder of order 1/K.

The remainder comes from the proof (docs/mathematics.md): with K - 1 others of total weight S, the
tangent of 1/(w + S) bounds H from below, and its series to the fourth power from above. It is a
rational function of the law, so exact evidence tests it at small K, and balls up to K = 10^6.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from hypothesis import strategies as st

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, moments
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.language.notation import mean_weight, weight
from recurate.theory.one_curation.lemma_2_1_limit import statement

_LARGEST_SPAN = 3.0
_LARGEST_EXACT = {1: 4, 2: 24, 3: 6, 4: 4}  # K in rationals, by the number of atoms


def moderate_loops() -> st.SearchStrategy[CurationLoop]:
    """Loops whose rewards span 3 at most: remainders are small only where μ is not."""

    def squeezed(loop: CurationLoop) -> CurationLoop:
        rewards, span = loop.law.rewards, float(loop.law.rewards.max() - loop.law.rewards.min())
        factor = min(1.0, _LARGEST_SPAN / span) if span else 1.0
        return CurationLoop(RewardLaw(factor * rewards, loop.law.probs), K=loop.K, lam=loop.lam)

    return curation_loops(
        candidates=candidate_numbers(infinite=False).filter(lambda K: K > 1),
        mixing=lambda K: st.just(math.inf),
    ).map(squeezed)


def curations_by_number(run: Run) -> Iterator[tuple[str, Curation]]:
    """Yield curations of p_ref and of the second law by more and more candidates, with names."""
    exact = (2, _LARGEST_EXACT.get(run.size, 4))
    for K in exact if run.kind == "exact" else (2, 10, 1000, 10**6):
        yield f"p_ref, K = {K}", run.curation_of(run.reference, K)
        yield f"second law, K = {K}", run.curation_of(run.second, K)


def moments_of_others(curation: Curation, largest: int) -> Numbers:
    """Return the central moments of the others' total weight S, from the second one on.

    They are the classical ones of a sum of n = K - 1 independent copies, up to the sixth.
    """
    n = int(curation.K) - 1
    v, k, fourth, fifth, sixth = (
        moments(curation.weights, curation.probs, order) if order <= largest else 0
        for order in range(2, 7)
    )
    pairs, triples = n * (n - 1), n * (n - 1) * (n - 2)
    return [
        n * v,
        n * k,
        n * fourth + 3 * pairs * v * v,
        n * fifth + 10 * pairs * k * v,
        n * sixth + pairs * (15 * fourth * v + 10 * k * k) + 15 * triples * v * v * v,
    ][: largest - 1]


def _limit(run: Run, w: Number, mean: Number) -> Number:
    """Return what the claim says that H tends to."""
    return value_of(run, statement.claim.rhs, {weight: w, mean_weight: mean})


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, curation in curations_by_number(run):
        mean, K = curation.mean_weight, int(curation.K)
        second, third, fourth = moments_of_others(curation, 4)
        for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
            centre = w + (K - 1) * mean
            excess = h - _limit(run, w, mean)
            lowest = w * (mean - w) / (mean * centre)
            cube = centre * centre * centre
            series = w * second / cube - w * third / (cube * centre) + fourth / (cube * centre)
            yield Margin(excess - lowest, f"{where}, atom {i}, from below")
            yield Margin(lowest + K * series - excess, f"{where}, atom {i}, from above")
    limit = run.curation_of(run.second, math.inf)
    for i, (w, h) in enumerate(zip(run.weights, limit.ratio, strict=True)):
        excess = h - _limit(run, w, limit.mean_weight)
        yield Margin(-abs(excess), f"K = inf, atom {i}", tight=True)


def _errors(run: Run, K: int) -> Numbers:
    """Return |H - w/μ| at each atom, under p_ref."""
    curation = run.curation(0, K)
    pairs = zip(run.weights, curation.ratio, strict=True)
    return [abs(h - w / curation.mean_weight) for w, h in pairs]


def _quadratic(run: Run, bound: Bound) -> Iterator[Margin]:
    """The error is of order 1/K²: twice the candidates leave a quarter of it."""
    for i, (few, many) in enumerate(zip(_errors(run, 2), _errors(run, 4), strict=True)):
        yield Margin(few / 4 - many, f"K = 2 and 4, atom {i}")


def _below_above_the_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """H <= w/μ wherever w >= μ: the limit is reached from below."""
    for where, curation in curations_by_number(run):
        for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
            if w > curation.mean_weight:
                yield Margin(w / curation.mean_weight - h, f"{where}, atom {i}")


def _jensen_the_wrong_way(run: Run, bound: Bound) -> Iterator[Margin]:
    """H <= K w/(w + (K-1) μ)."""
    for where, curation in curations_by_number(run):
        K, mean = int(curation.K), curation.mean_weight
        for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
            yield Margin(K * w / (w + (K - 1) * mean) - h, f"{where}, atom {i}")


def _whatever_the_law(run: Run, bound: Bound) -> Iterator[Margin]:
    """H is within a share 1/K of w/μ, whatever the law."""
    for K in (2, 4):
        for i, (w, error) in enumerate(zip(run.weights, _errors(run, K), strict=True)):
            yield Margin(w / run.mean_weight - K * error, f"K = {K}, atom {i}")


def _best_of_all(run: Run, bound: Bound) -> Iterator[Margin]:
    """Off the top weight H falls like 1/K, as if the best candidate always won."""
    few, many = run.curation(0, 2).ratio, run.curation(0, 4).ratio
    for i in set(range(run.size)) - set(run.top):
        yield Margin(few[i] / 2 - many[i], f"K = 2 and 4, atom {i}")


check = Check(
    statement=statement,
    margins=_margins,
    loops=moderate_loops(),
    instances=(
        two_points("1/3", "1/2"),
        two_points("99/100", "1/2"),
        two_points("1/1000", "1/1000"),
        hierarchy(3, ratio=10, K=2),
    ),
    mutants=(
        Mutant("the error is of order 1/K²: K = 4 leaves a quarter of K = 2's", margins=_quadratic),
        Mutant(
            "H <= w/μ wherever w >= μ: the limit is reached from below",
            margins=_below_above_the_mean,
            instances=(Instance.of("1/2 19/25 1", "1/3 1/3 1/3"),),
        ),
        Mutant("H <= K w/(w + (K-1) μ), Jensen the wrong way", margins=_jensen_the_wrong_way),
        Mutant(
            "within (w/μ)/K of the limit, whatever the law and its mean",
            margins=_whatever_the_law,
            instances=(two_points("1/1000", "1/1000"),),
        ),
        Mutant(
            "the limit is the best of all candidates: off the top, H falls like 1/K",
            margins=_best_of_all,
        ),
    ),
)
