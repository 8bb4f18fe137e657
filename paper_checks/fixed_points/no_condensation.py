"""Evidence against condensation below the threshold, on every law p with an atom at the top.

Such a law is a fixed point, exactly, for a = 1/H_p(w_*) and the reference p (1 - a H_p)/m, which
has no atom there. So its λ has to be above both 1/(K - 1) and μ/(w_* - μ), which is rational: that
is a > 1/K and a > μ/w_*. The run's own λ only serves to make the laws p_t.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

import sympy
from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.kinds import EngineRun
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, dot, normalised
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.fixed_points.no_condensation import statement
from recurate.theory.language.notation import (
    K,
    inverse_candidates,
    lam,
    max_weight,
    mean_weight,
    real_fraction,
)

_SMALL = Fraction(1, 1000)
_SMALLEST_GAP = 1e-4

# The statement's two conditions on λ, each as its left side less its right side: a/m for λ, and
# w_* - D/m for μ, so that D is m times the reference's mean of w_* - w. In the first one K/m is
# divided out, in the second one m².
_few, _bounded = (side.lhs - side.rhs for side in statement.proof.supposed["enough real data"].args)
_deficit, _m = sympy.Symbol("D"), real_fraction
_few = sympy.expand(_few.subs(lam, (1 - _m) / _m) * _m / K).subs(1 / K, inverse_candidates)
_bounded = sympy.expand(
    _bounded.subs({lam: (1 - _m) / _m, mean_weight: max_weight - _deficit / _m}) * _m**2
)


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
    """Return the law with the odds of the top weight divided by a thousand."""
    small = run.number(_SMALL)
    return normalised([p * small if i in run.top else p for i, p in enumerate(law)])


def without_top(run: Run, law: Numbers) -> Numbers:
    """Return a law given that the weight is not w_*."""
    return normalised([run.number(0) if i in run.top else p for i, p in enumerate(law)])


def _above(thresholds: Callable[[Run, Condensed], dict[str, Number]]) -> Margins:
    """Return the margins of a claim about every condensed fixed point."""

    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for case in condensed_fixed_points(run):
            for name, value in thresholds(run, case).items():
                yield Margin(value, f"{case.where}, {name}")

    return margins


def _claim(run: Run, case: Condensed) -> dict[str, Number]:
    """λ > 1/(K-1) and λ > μ/(w_*-μ): neither of the statement's conditions holds."""
    deficits = [1 - w for w in run.weights]
    values = {
        real_fraction: 1 - case.share,
        _deficit: dot(case.real, deficits),
        max_weight: run.number(1),
    }
    return {
        "λ > 1/(K-1), times m/K": value_of(run, _few, values),
        "λ > μ/(w_*-μ), times m²": value_of(run, _bounded, values),
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
    curation = run.curation_of(without_top(run, run.second))
    a = run.number(Fraction(99, 100)) / curation.ratio[run.top[0]]
    pairs = zip(curation.probs, curation.ratio, strict=True)
    mean = dot([p * (1 - a * h) / (1 - a) for p, h in pairs], run.weights)
    few = run.evaluate(inverse_candidates, K=run.K) - a
    yield Margin(few if few > mean - a else mean - a)


def _with_atom(run: Run, bound: Bound) -> Iterator[Margin]:
    """The mass at w_* is lost in time: it never rises, if λ <= 1/(K-1)."""
    for t in range(run.steps):
        before, after = (run.at_top(run.law(s)) for s in (t, t + 1))
        yield Margin(before - after, f"t = {t}")


def _has_enough_real_data(run: Run) -> bool:
    return _has_two_weights(run) and run.K < math.inf and bool(0 < run.lam * (run.K - 1) <= 1)


def _has_two_weights(run: Run) -> bool:
    return len(set(run.heights)) > 1


def loops_with_a_gap(candidates: st.SearchStrategy[float]) -> st.SearchStrategy[CurationLoop]:
    """Loops whose largest weight stands out, so that balls of 1 - w are small below it."""
    return curation_loops(candidates=candidates).filter(_has_gap)


def tells_the_top(run: Run) -> bool:
    """Whether the run can tell w_* from the next weight: the float engine needs such a gap."""
    return not isinstance(run, EngineRun) or _has_gap(run.loop)


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
        # Weights far apart come near the first threshold, weights that nearly tie near the second.
        hierarchy(3, ratio=1000, K=3, lam=1),
        two_points("9/10", "1/100", K=2, lam=1),
        two_points("9/10", "1/100", K=math.inf, lam=1),
        Instance.of("1/10 1/5 1", "1/2 2/5 1/10", lam=1),
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
            "no atom even where the reference has one: the mass at w_* does not rise",
            margins=_with_atom,
            admits=_has_enough_real_data,
            instances=(two_points("1/2", "1/3", lam=1, steps=2),),
        ),
    ),
)
