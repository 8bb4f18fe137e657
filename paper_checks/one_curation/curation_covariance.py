"""Evidence for the covariance inequality, for several quantities that are ordered like the weight.

They are the indicator of every upper set, w², -1/w and the rank; all are rational where w is.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, dot
from recurate.theory.language.notation import (
    inverse_candidates,
    max_weight,
    mean_weight,
    variance_weight,
)
from recurate.theory.one_curation.curation_covariance import statement


def _quantities(run: Run) -> Iterator[tuple[str, Numbers]]:
    """Yield quantities ordered like the weight; upper sets and ranks may part tied atoms."""
    ranks = {atom: rank for rank, atom in enumerate(run.order)}
    for rank in range(1, run.size):
        upper = [run.number(int(ranks[i] >= rank)) for i in range(run.size)]
        yield f"g = 1 on the upper {run.size - rank} atoms", upper
    yield "g = w²", [w * w for w in run.weights]
    yield "g = -1/w", [-1 / w for w in run.weights]
    yield "g = rank", [run.number(ranks[i]) for i in range(run.size)]


def _covariance(curation: Curation, values: Numbers) -> Number:
    """Return the covariance of a quantity and the weight, as the mean of (w - E w) g."""
    centred = [weight - curation.mean_weight for weight in curation.weights]
    return dot(curation.probs, [x * g for x, g in zip(centred, values, strict=True)])


def _margin(run: Run, curation: Curation, values: Numbers, bound: Bound, where: str) -> Margin:
    guaranteed = bound(
        K=run.K,
        mean_weight=curation.mean_weight,
        variance_weight=_covariance(curation, values),
        max_weight=1,
    )
    return Margin(curation.gain(values) - guaranteed, where)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for t in sorted({0, run.steps // 2, run.steps}):
        curation = run.curation(t)
        for name, values in _quantities(run):
            yield _margin(run, curation, values, bound, f"t = {t}, {name}")


def _unordered(run: Run, bound: Bound) -> Iterator[Margin]:
    """The same for the indicator of the lightest and the heaviest atom, if it covaries with w."""
    curation = run.curation(0)
    ends = (run.order[0], run.order[-1])
    values = [run.number(int(i in ends)) for i in range(run.size)]
    if _covariance(curation, values) > 0:
        yield _margin(run, curation, values, bound, "g = 1 at both ends")


# The claim's own right-hand side, less the mean; the covariance is passed in the variance's place.
_mean, _product = sympy.Symbol("E_{t}g", real=True), sympy.Symbol("Cov_{t}(g,w)", real=True)
_raised = statement.claim.rhs.subs({_mean: 0, _product: variance_weight})

check = Check(
    statement=statement,
    bound=_raised,
    margins=_margins,
    instances=(
        two_points("9/10", "1/2"),
        two_points("1/10", "1/10"),
        hierarchy(3, ratio=10, K=3),
    ),
    mutants=(
        Mutant(
            "without (K-1)/K: the gain is at least Cov(g, w)/w_*",
            bound=variance_weight / max_weight,
        ),
        Mutant(
            "1 - 1/K² in place of (K-1)/K",
            bound=(1 - inverse_candidates**2) * variance_weight / max_weight,
        ),
        Mutant("E w in place of w_*", bound=_raised * max_weight / mean_weight),
        Mutant(
            "for every g that covaries positively with w, ordered like it or not",
            margins=_unordered,
            instances=(Instance.of("1 2 4", "5/12 1/3 1/4"),),
        ),
    ),
)
