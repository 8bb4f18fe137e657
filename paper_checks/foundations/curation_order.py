"""Evidence that curation preserves likelihood-ratio order: T(q)/T(p) increases where q/p does.

The pairs p, q: p_ref and p_t, which dominates it; the second law and its tilt by the weight; the
second law and its restriction to the heavier atoms. H_q/H_p has to increase by itself, too. All are
rational functions of the laws: exact evidence tests the claim itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import flint

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.foundations.ratio_monotone import increase_margins
from recurate.paper_checks.runs.instances import Instance, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, normalised
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.foundations.curation_order import statement


@dataclass(frozen=True)
class _Pair:
    """A law p and a law q = d p on the same atoms, each curated."""

    name: str
    lower: Curation
    upper: Curation

    @property
    def density(self) -> Numbers:
        """Density d = q/p; all charged atoms of p have one."""
        return _quotients(self.upper.probs, self.lower.probs)

    @property
    def ratios(self) -> Numbers:
        """The quotient H_q/H_p."""
        return _quotients(self.upper.ratio, self.lower.ratio)


def true_curation(run: Run, t: int) -> Curation:
    """Return one curation of the true p_t, for claims that rest on the loop's start.

    The float engine curates its own approximation of p_t, for which they may fail: between weights
    that nearly tie, for one, p_t/p_ref may fall. If the logarithms of the two laws differ by E at
    most, the law of the K - 1 other candidates changes by a factor e^{(K-1)E} at most, and so does
    H.
    """
    return _allowing_for(run, run.curation(t), run.law(t))


def _allowing_for(run: Run, curation: Curation, law: Numbers) -> Curation:
    """Return the curation of a law, from one of floats near it where the engine is run."""
    if run.kind != "property":
        return curation
    pairs = zip(curation.probs, law, strict=True)
    distances = [abs((p / q).log()).abs_upper() for p, q in pairs if q > 0]
    others = 1 if run.K == math.inf else int(run.K) - 1
    factor = flint.arb(0, others * max(distances)).exp()
    return Curation(run.weights, law, [h * factor for h in curation.ratio], run.K)


def _quotients(over: Sequence[Number], under: Sequence[Number]) -> Numbers:
    return [y / x if x > 0 else x * 0 for y, x in zip(over, under, strict=True)]


def _charged(pair: _Pair) -> list[int]:
    return [i for i, p in enumerate(pair.lower.probs) if p > 0]


def _tilted(run: Run, law: Numbers) -> Numbers:
    """Return the law with density proportional to the weight."""
    return normalised([w * p for w, p in zip(run.weights, law, strict=True)])


def _heavier(run: Run, law: Numbers) -> Numbers | None:
    """Return the law restricted to the weights above the middle one, where it has mass there."""
    middle = run.heights[run.order[(run.size - 1) // 2]]
    masses = [p if h > middle else p * 0 for p, h in zip(law, run.heights, strict=True)]
    return normalised(masses) if sum(masses, 0) > 0 else None


def _curated(run: Run, law: Numbers) -> Curation:
    return _allowing_for(run, run.curation_of(law), law)


def _pairs(run: Run) -> Iterator[_Pair]:
    """Yield pairs whose upper law dominates the lower one in likelihood-ratio order."""
    yield _Pair("p_ref and p_t", true_curation(run, 0), true_curation(run, run.steps))
    second = _curated(run, run.second)
    yield _Pair("a law and its tilt", second, _curated(run, _tilted(run, run.second)))
    heavier = _heavier(run, run.second)
    if heavier is not None:
        yield _Pair("a law and its heavier atoms", second, _curated(run, heavier))


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for pair in _pairs(run):
        curated = [d * q for d, q in zip(pair.density, pair.ratios, strict=True)]
        yield from increase_margins(run, curated, pair.name, atoms=_not_both_zero(run, pair))
        yield from increase_margins(
            run, pair.ratios, f"{pair.name}, H_q/H_p", tight=run.K == 1, atoms=_charged(pair)
        )


def _not_both_zero(run: Run, pair: _Pair) -> list[int]:
    """Return the atoms, but of those that the upper law leaves out the heaviest only."""
    atoms = [i for i in run.order if i in _charged(pair)]
    left_out = sum(1 for i in atoms if not pair.upper.probs[i] > 0)
    return atoms[max(left_out - 1, 0) :]


def _ratios_decrease(run: Run, bound: Bound) -> Iterator[Margin]:
    """H_q/H_p decreases with the weight: the better law's candidates compete harder."""
    for pair in _pairs(run):
        fall = [-q for q in pair.ratios]
        yield from increase_margins(run, fall, pair.name, atoms=_charged(pair))


def _mixed(run: Run, bound: Bound) -> Iterator[Margin]:
    """(m p_ref + a T(q))/(m p_ref + a T(p)) increases with the weight."""
    for pair in _pairs(run):
        steps = _quotients(run.mixed(pair.upper.curated), run.mixed(pair.lower.curated))
        yield from increase_margins(run, steps, pair.name, atoms=_charged(pair))


def _stochastic_order(run: Run, bound: Bound) -> Iterator[Margin]:
    """Every lower set has no more mass under T(q) than under T(p)."""
    lower = run.distribution_function(run.curation(0).curated)
    upper = run.distribution_function(run.curation_of(run.second).curated)
    for number, (p, q) in enumerate(zip(lower[:-1], upper[:-1], strict=True), 1):
        yield Margin(p - q, f"the {number} lightest atoms")


def _second_dominates(run: Run) -> bool:
    """Whether the second law dominates the reference in the usual stochastic order."""
    laws = (run.distribution_function(law)[:-1] for law in (run.reference, run.second))
    return run.K < math.inf and all(p > q for p, q in zip(*laws, strict=True))


def _mean_order(run: Run, bound: Bound) -> Iterator[Margin]:
    """The mean weight under T(q) is at least that under T(p)."""
    lower, upper = run.curation(0), run.curation_of(run.second)
    raised = upper.mean_weight - lower.mean_weight + upper.gain() - lower.gain()
    yield Margin(raised)


def _second_is_better(run: Run) -> bool:
    """Whether the second law's mean weight is larger than the reference's."""
    return bool(run.K < math.inf and run.curation_of(run.second).mean_weight > run.mean_weight)


check = Check(
    statement=statement,
    margins=_margins,
    admits=lambda run: run.K < math.inf,
    loops=curation_loops(candidates=candidate_numbers(infinite=False)),
    instances=(
        two_points("999/1000", "1/2"),
        Instance.of(
            "1/1000 999/1000 1", "1/3 1/3 1/3", second="49/50 1/100 1/100", K=3, lam="1/10", steps=2
        ),
    ),
    mutants=(
        Mutant("H_q/H_p decreases with the weight", margins=_ratios_decrease),
        Mutant(
            "the loop's step preserves the order, real data mixed in",
            margins=_mixed,
            instances=(Instance.of("1/4 1/2 1", "4/9 1/9 4/9", second="1/7 3/7 3/7", lam=1),),
        ),
        Mutant(
            "curation preserves the usual stochastic order, too",
            margins=_stochastic_order,
            admits=_second_dominates,
            instances=(Instance.of("1/4 1/2 1", "5/7 1/7 1/7", second="43/100 21/50 3/20"),),
        ),
        Mutant(
            "curation preserves the order of the mean weights",
            margins=_mean_order,
            admits=_second_is_better,
            instances=(Instance.of("1/100 1/2 1", "1/2 1/100 49/100", second="1/100 97/100 1/50"),),
        ),
    ),
)
