"""Evidence for Theorem 2.3, at every t >= 1 of loops that start at the reference."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from recurate.numerics.loop import CurationLoop, state_error
from recurate.numerics.trajectory import Trajectory
from recurate.paper_checks.evidence import Check, Margins
from recurate.paper_checks.instances import RationalLoop
from recurate.paper_checks.strategies import curation_loops
from recurate.theory.theorem_2_3 import statement

_bound = statement.bound_function()
_exact_bound = statement.bound_function("rational")


def _margins(loop: CurationLoop, trajectory: Trajectory) -> Margins:
    weights = loop.law.relative_weights
    guaranteed = _bound(
        K=loop.K,
        lam=loop.lam,
        mean_weight=0.0,
        variance_weight=trajectory.variance_weight[0],
        max_weight=1.0,
    )
    values, allowances = np.empty((2, trajectory.steps))
    for t in range(1, trajectory.steps + 1):
        # E_t w - E_0 w as one sum over the density less one: it does not cancel.
        gain = (loop.law.probs * np.expm1(trajectory.log_density(t)) * weights).sum()
        values[t - 1] = gain - guaranteed
        log_probs = trajectory.log_probs(t)
        allowances[t - 1] = (np.exp(log_probs) * weights * state_error(t, log_probs)).sum()
    return Margins(values, allowances)


def _exact_margins(loop: RationalLoop) -> Iterator[Fraction]:
    guaranteed = _exact_bound(
        K=loop.K,
        lam=loop.lam,
        mean_weight=loop.mean_weight(loop.laws[0]),
        variance_weight=loop.variance_weight(loop.laws[0]),
        max_weight=1,
    )
    for probs in loop.laws[1:]:
        yield loop.mean_weight(probs) - guaranteed


check = Check(
    statement=statement,
    loops=curation_loops(),
    margins=_margins,
    exact_margins=_exact_margins,
    allowance="stated error of log p_t, carried to the mean weight",
)
