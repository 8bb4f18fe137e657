"""Evidence for the ratio bound, H^K <= K, at the first and the last law of a run."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from recurate.numerics import curation
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.paper_checks.evidence import Check, Margins
from recurate.paper_checks.instances import RationalLoop
from recurate.paper_checks.strategies import candidate_numbers, curation_loops
from recurate.theory.ratio_bound import statement

_bound = statement.bound_function()
_exact_bound = statement.bound_function("rational")


def _margins(loop: CurationLoop, trajectory: Trajectory) -> Margins:
    rewards, log_bound = loop.law.rewards, np.log(_bound(K=loop.K))
    log_ratios = np.array(
        [
            curation.log_curation_ratio(rewards, K=loop.K, log_probs=trajectory.log_probs(t))
            for t in (0, trajectory.steps)
        ]
    )
    allowances = curation.RATIO_ERROR * np.maximum(1.0, np.abs(log_ratios))
    return Margins(log_bound - log_ratios, allowances)


def _exact_margins(loop: RationalLoop) -> Iterator[Fraction]:
    for t in range(loop.steps):
        yield _exact_bound(K=loop.K) - max(loop.ratio(t))


check = Check(
    statement=statement,
    # For K = inf there is nothing to bound.
    loops=curation_loops(candidates=candidate_numbers(infinite=False)),
    margins=_margins,
    exact_margins=_exact_margins,
    allowance="stated error of log H, on log K - log H",
)
