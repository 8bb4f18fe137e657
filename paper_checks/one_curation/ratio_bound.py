"""Evidence for the ratio bound, H^K <= K, at every law of a run."""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import hierarchy, two_points
from recurate.paper_checks.runs.run import Run
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.language.notation import K
from recurate.theory.one_curation.ratio_bound import statement


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in (0, run.steps):
        for ratio in run.curation(t).ratio:
            yield Margin(bound(K=run.K) - ratio, f"t = {t}")


def _below_infinite_candidates(run: Run, bound: Bound) -> Iterator[Margin]:
    """H <= w/μ for every weight."""
    curation = run.curation(0)
    for weight, ratio in zip(run.weights, curation.ratio, strict=True):
        yield Margin(weight / curation.mean_weight - ratio)


def _jensen_the_wrong_way(run: Run, bound: Bound) -> Iterator[Margin]:
    """H(w_*) <= K w_*/(w_* + (K-1) μ)."""
    curation = run.curation(0)
    others = (run.K - 1) * curation.mean_weight
    yield Margin(run.K / (1 + others) - curation.ratio[run.top[0]])


check = Check(
    statement=statement,
    margins=_margins,
    # For K = inf there is nothing to bound.
    admits=lambda run: run.K < float("inf"),
    loops=curation_loops(candidates=candidate_numbers(infinite=False)),
    # The best candidate wins nearly always, where the others weigh next to nothing.
    instances=(two_points("1/1000", "1/1000"), hierarchy(3, ratio=1000, K=3)),
    mutants=(
        Mutant("H <= K/2", bound=K / 2),
        Mutant("H <= (K+1)/2", bound=(K + 1) / 2),
        Mutant(
            "H <= w/E w, its value for K = inf, for every weight",
            margins=_below_infinite_candidates,
        ),
        Mutant(
            "H(w_*) <= K w_*/(w_* + (K-1) E w), Jensen the wrong way", margins=_jensen_the_wrong_way
        ),
    ),
)
