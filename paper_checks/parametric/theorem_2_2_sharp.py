"""Evidence for the sharper form of Theorem 2.2, for every finite λ, Lε above α included.

The rate is attained where s² = x: mixture families whose points are the squares of their scores.
"""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.parametric.theorem_2_2 import (
    INSTANCES,
    has_a_maximum,
    margins_of_rate,
)
from recurate.paper_checks.runs.retraining_instances import attaining
from recurate.paper_checks.runs.retraining_runs import RetrainingRun
from recurate.paper_checks.runs.retraining_setting import RETRAINING, retraining_loops
from recurate.theory.language.notation import model_error, synthetic_fraction
from recurate.theory.parametric.theorem_2_2_sharp import statement


def _margins(run: RetrainingRun, bound: Bound) -> Iterator[Margin]:
    yield from margins_of_rate(run, bound(**run.constants), tight=run.is_attained)


def _with_mean_curvature(run: RetrainingRun, bound: Bound) -> Iterator[Margin]:
    """The rate with the mean of A's eigenvalues for the least one, α."""
    constants = {**run.constants, "curvature": run.mean_curvature}
    yield from margins_of_rate(run, bound(**constants))


check = Check(
    statement=statement,
    margins=_margins,
    setting=RETRAINING,
    admits=has_a_maximum,
    loops=retraining_loops(),
    instances=(*INSTANCES, attaining("1", "100")),
    mutants=(
        Mutant("rate λ/(1+λ), as for exponential families", bound=synthetic_fraction),
        Mutant(
            "half of the model's error", bound=statement.bound.subs(model_error, model_error / 2)
        ),
        Mutant("KL = Õ(rate^{4t}): r_KL at most the rate's square", bound=statement.bound**2),
        Mutant("the mean of A's eigenvalues for the least one, α", margins=_with_mean_curvature),
    ),
)
