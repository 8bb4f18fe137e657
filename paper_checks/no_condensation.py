"""Evidence against condensation below the threshold, on every law p with an atom at the top.

Such a law is a fixed point, exactly, for a = 1/H_p(w_*) and the reference p (1 - a H_p)/m, which
has no atom there. So its λ has to be above both 1/(K - 1) and μ/(w_* - μ), which is rational: that
is a > 1/K and a > μ/w_*. The run's own λ only makes the laws p_t.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs import Curation, Number, Numbers, Run, dot
from recurate.paper_checks.strategies import candidate_numbers, curation_loops
from recurate.theory.no_condensation import statement
from recurate.theory.notation import inverse_candidates

_SMALL = Fraction(1, 1000)
_SMALLEST_GAP = 1e-4


class Condensed(NamedTuple):
    """A fixed point with an atom at w_*, where the reference has none.

    Attributes
    ----------
    where : str
        In words.
    curation : Curation
        One curation of the fixed point.
    share : number
        a, the share of synthetic samples.
    real : list of numbers, length n
        m p_ref, the real data's part of the fixed point.
    """

    where: str
    curation: Curation
    share: Number
    real: Numbers


def condensed_fixed_points(run: Run) -> Iterator[Condensed]:
    """Yield laws of the run as fixed points, and the same with nearly no mass at the top."""
    for name, law in (
        ("p_ref", run.reference),
        (f"p_{run.steps}", run.law(run.steps)),
        ("the second law", run.second),
    ):
        yield _condensed(run, name, law)
        yield _condensed(run, f"{name}, top made small", _with_small_top(run, law))


def _condensed(run: Run, where: str, law: Numbers) -> Condensed:
    curation = run.curation_of(law)
    a = 1 / curation.ratio[run.top[0]]
    pairs = enumerate(zip(curation.probs, curation.ratio, strict=True))
    real = [0 * p if i in run.top else p * (1 - a * h) for i, (p, h) in pairs]
    return Condensed(where, curation, a, real)


def _with_small_top(run: Run, law: Numbers) -> Numbers:
    """Return the law with its mass at the top made a thousandth of what it is, in odds."""
    masses = [p * run.number(_SMALL) if i in run.top else p for i, p in enumerate(law)]
    total = sum(masses, 0)
    return [mass / total for mass in masses]


def _above(thresholds: Callable[[Run, Condensed], dict[str, Number]]) -> Margins:
    """Return the margins of what is claimed of every condensed fixed point."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for case in condensed_fixed_points(run):
            for name, value in thresholds(run, case).items():
                yield Margin(value, f"{case.where}, {name}")

    return margins


def _claim(run: Run, case: Condensed) -> dict[str, Number]:
    """λ > 1/(K-1) and λ > μ/(1-μ): for a = λ/(1+λ) the thresholds are 1/K and μ."""
    # (1-a) (a - μ), as E_p[(1 - a H)(1 - w)] - (1-a)²: no division by 1-a, which may be tiny.
    m = 1 - case.share
    deficits = [1 - w for w in run.weights]
    return {
        "λ > 1/(K-1)": case.share - run.evaluate(inverse_candidates, K=run.K),
        "λ > μ/(1-μ), times m²": dot(case.real, deficits) - m * m,
    }


def _twice_few(run: Run, case: Condensed) -> dict[str, Number]:
    share = run.evaluate(inverse_candidates, K=run.K)
    return {"λ > 2/(K-1)": case.share * (1 + share) - 2 * share}


def _twice_bounded(run: Run, case: Condensed) -> dict[str, Number]:
    a, real_mean = case.share, dot(case.real, run.weights)  # m μ
    return {"λ > 2 μ/(1-μ)": a * (1 - a) + a * real_mean - 2 * real_mean}


def _jensen_the_wrong_way(run: Run, case: Condensed) -> dict[str, Number]:
    share = run.evaluate(inverse_candidates, K=run.K)
    return {"a > (1 + (K-1) E_p w)/K": case.share - share - (1 - share) * case.curation.mean_weight}


def _necessary(run: Run, bound: Bound) -> Iterator[Margin]:
    """Without an atom at w_*, λ is at most 1/(K-1) or at most μ/(1-μ)."""
    off_top = [run.number(0) if i in run.top else p for i, p in enumerate(run.second)]
    total = sum(off_top, 0)
    curation = run.curation_of([p / total for p in off_top])
    a = run.number(Fraction(99, 100)) / curation.ratio[run.top[0]]
    pairs = zip(curation.probs, curation.ratio, strict=True)
    mean = dot([p * (1 - a * h) / (1 - a) for p, h in pairs], run.weights)
    few = run.evaluate(inverse_candidates, K=run.K) - a
    yield Margin(few if few > mean - a else mean - a)


def _with_atom(run: Run, bound: Bound) -> Iterator[Margin]:
    """The fixed point has no atom at w_*, whether the reference has or not, if λ <= 1/(K-1)."""
    # Every law is a fixed point for every a with a H_p(w_*) <= 1, as for a = 1/K.
    yield Margin(-sum((run.second[i] for i in run.top), 0))


def _has_two_weights(run: Run) -> bool:
    return len(set(run.heights)) > 1


def loops_with_a_gap(candidates: st.SearchStrategy[float]) -> st.SearchStrategy[CurationLoop]:
    """Loops whose largest weight stands out, so that balls of 1 - w are small below it."""
    return curation_loops(candidates=candidates).filter(_has_gap)


def _has_gap(loop: CurationLoop) -> bool:
    rewards = loop.law.rewards
    below = rewards[rewards < rewards.max()]
    return bool(below.size and rewards.max() - below.max() >= _SMALLEST_GAP)


check = Check(
    statement=statement,
    margins=_above(_claim),
    admits=_has_two_weights,
    loops=loops_with_a_gap(candidate_numbers().filter(lambda K: K > 1)),
    instances=(
        # Weights far apart lead near the first threshold, weights nearly the same to the second.
        hierarchy(3, ratio=1000, K=3, lam=1),
        two_points("9/10", "1/100", K=2, lam=1),
        two_points("9/10", "1/100", K=math.inf, lam=1),
        Instance(
            weights=(Fraction(1, 10), Fraction(1, 5), Fraction(1)),
            reference=(Fraction(1, 2), Fraction(2, 5), Fraction(1, 10)),
            lam=Fraction(1),
        ),
    ),
    mutants=(
        Mutant("no atom for λ up to 2/(K-1)", margins=_above(_twice_few)),
        Mutant("no atom for λ up to 2 μ/(w_* - μ)", margins=_above(_twice_bounded)),
        Mutant(
            "no atom while a is at most (w_* + (K-1) E_p w)/(K w_*), p the fixed point",
            margins=_above(_jensen_the_wrong_way),
        ),
        Mutant("an atom for every λ above both thresholds", margins=_necessary),
        Mutant(
            "no atom even where the reference has one",
            margins=_with_atom,
            admits=lambda run: len(set(run.heights)) > 1 and run.K > 1,
        ),
    ),
)
