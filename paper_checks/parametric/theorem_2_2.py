"""Evidence for Theorem 2.2: the rate at which parametric retraining approaches θ*.

Its rational core, for exact evidence: no eigenvalue of J = (A + λB)^{-1} λB exceeds the rate.
"""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.retraining_instances import (
    FiniteInstance,
    attaining,
    symmetric_logistic,
)
from recurate.paper_checks.runs.retraining_runs import RetrainingRun
from recurate.paper_checks.runs.retraining_setting import RETRAINING, retraining_loops
from recurate.paper_checks.runs.run import Number
from recurate.theory.language.notation import model_error, synthetic_fraction
from recurate.theory.parametric.theorem_2_2 import THRESHOLD, statement


def rate_margins(run: RetrainingRun, bound: Bound) -> Iterator[Margin]:
    """Yield the margins of a rate, and of: the run's own figures agree."""
    yield from margins_of_rate(run, bound(**run.constants))
    for distance, where in run.distances():
        yield Margin(-distance, where, tight=True)


def margins_of_rate(run: RetrainingRun, rate: Number, *, tight: bool = False) -> Iterator[Margin]:
    """Yield the margins of: r_KL is at most this rate."""
    for value, where in run.excesses(rate):
        yield Margin(value, where, tight=tight)


def has_a_maximum(run: RetrainingRun) -> bool:
    """Whether θ* is a maximum of the likelihood, by its second derivatives: α > 0."""
    return bool(run.curvature > 0)


def is_beyond_the_threshold(run: RetrainingRun) -> bool:
    """Whether λ is at least the paper's threshold."""
    if run.is_degenerate or not has_a_maximum(run):
        return False
    return bool(run.lam >= run.evaluate(THRESHOLD, **run.constants))


def is_no_maximum(run: RetrainingRun) -> bool:
    """Whether the likelihood of the data is least at θ*, and that of the training set largest."""
    return bool(run.curvature < 0) and run.is_fitted


def _diverges(run: RetrainingRun, bound: Bound) -> Iterator[Margin]:
    """r_KL >= 1: the loop does not come closer."""
    for value, where in run.excesses(run.number(1)):
        yield Margin(-value, where)


def _comes_closer(run: RetrainingRun, bound: Bound) -> Iterator[Margin]:
    """r_KL <= 1."""
    yield from margins_of_rate(run, run.number(1))


at_a_minimum = FiniteInstance.of(
    "-1 0 1", model="1/8 3/4 1/8", scores=["-1 0 1"], data="3/8 1/4 3/8", form=-1, lam=2
)
"""Data in two heaps: θ = 0 is the worst model between two best ones, and J = 2."""

INSTANCES = (
    symmetric_logistic(3, 1),
    symmetric_logistic(5, "1/2"),
    attaining("1/2", "1"),
    attaining("1/100", "1/100"),
)
"""The worked examples, and families for which the sharper rate is attained."""

check = Check(
    statement=statement,
    margins=rate_margins,
    setting=RETRAINING,
    admits=has_a_maximum,
    loops=retraining_loops(),
    instances=INSTANCES,
    mutants=(
        Mutant("rate λ/(1+λ), as for exponential families", bound=synthetic_fraction),
        Mutant("ε with the other sign", bound=statement.bound.subs(model_error, -model_error)),
        Mutant("KL = Õ(rate^{4t}): r_KL at most the rate's square", bound=statement.bound**2),
        Mutant(
            "the threshold is necessary: no convergence for λ at or above α/(2Lε)",
            margins=_diverges,
            admits=is_beyond_the_threshold,
            instances=(attaining("1", "1"), symmetric_logistic(3, 2)),
        ),
        Mutant(
            "near any stationary point of the likelihood, maximum or not, the loop comes closer",
            margins=_comes_closer,
            admits=is_no_maximum,
            instances=(at_a_minimum,),
        ),
    ),
)
