"""Evidence for Lemma 2.2, at every p_t of pure and mixed loops: E under T(p_t) against E under p_t.

For a mixed loop the lemma speaks of the curation alone, before real data are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from recurate.numerics import curation
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.paper_checks.evidence import Check, Margins
from recurate.paper_checks.instances import RationalLoop
from recurate.paper_checks.strategies import curation_loops
from recurate.theory.lemma_2_2 import statement

_bound = statement.bound_function()
_exact_bound = statement.bound_function("rational")


def _margins(loop: CurationLoop, trajectory: Trajectory) -> Margins:
    weights = loop.law.relative_weights
    values, allowances = np.empty((2, trajectory.steps))
    for t in range(trajectory.steps):
        log_probs = trajectory.log_probs(t)
        probs = np.exp(log_probs)
        log_ratio = curation.log_curation_ratio(loop.law.rewards, K=loop.K, log_probs=log_probs)
        # E_{T(p)} w - E_p w as one sum: the difference of the two means would cancel.
        gain = (probs * np.expm1(log_ratio) * weights).sum()
        guaranteed = _bound(
            K=loop.K, mean_weight=0.0, variance_weight=trajectory.variance_weight[t], max_weight=1.0
        )
        values[t] = gain - guaranteed
        relative_error = curation.RATIO_ERROR * np.maximum(1.0, np.abs(log_ratio))
        curated = probs * np.exp(log_ratio) * weights
        allowances[t] = (curated * relative_error).sum()
    return Margins(values, allowances)


def _exact_margins(loop: RationalLoop) -> Iterator[Fraction]:
    for probs, ratio in ((loop.laws[t], loop.ratio(t)) for t in range(loop.steps)):
        curated = [p * h for p, h in zip(probs, ratio, strict=True)]
        yield loop.mean_weight(curated) - _exact_bound(
            K=loop.K,
            mean_weight=loop.mean_weight(probs),
            variance_weight=loop.variance_weight(probs),
            max_weight=1,
        )


check = Check(
    statement=statement,
    loops=curation_loops(),
    margins=_margins,
    exact_margins=_exact_margins,
    allowance="stated error of log H, carried to the mean weight",
)
