"""Evidence for Theorem 2.4, inside its hypothesis λ < 1/(K - 1), at every t."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from recurate.numerics.loop import CurationLoop, state_error
from recurate.numerics.trajectory import Trajectory
from recurate.paper_checks.evidence import Check, Margins
from recurate.paper_checks.instances import RationalLoop
from recurate.paper_checks.strategies import candidate_numbers, curation_loops
from recurate.theory.theorem_2_4 import statement

_bound = statement.bound_function()
_exact_density_bound = statement.bound_function("rational", core=True)


def _safe_mixings(K: float) -> st.SearchStrategy[float]:
    """Values of λ with λ (K - 1) < 1."""
    return st.integers(1, 9999).map(lambda share: share / 10_000 / max(K - 1.0, 1.0))


def _margins(loop: CurationLoop, trajectory: Trajectory) -> Margins:
    allowances = np.empty(trajectory.steps + 1)
    for t in range(trajectory.steps + 1):
        log_probs = trajectory.log_probs(t)
        slope = np.abs(trajectory.log_density(t)) + 1.0  # of p log(p/p_ref) in log p, over p
        allowances[t] = (np.exp(log_probs) * slope * state_error(t, log_probs)).sum()
    return Margins(_bound(K=loop.K, lam=loop.lam) - trajectory.kl_to_reference, allowances)


def _exact_margins(loop: RationalLoop) -> Iterator[Fraction]:
    if statement.failing_hypothesis("rational", K=loop.K, lam=loop.lam) is not None:
        return
    density_bound = _exact_density_bound(K=loop.K, lam=loop.lam)
    for probs in loop.laws:
        yield density_bound - max(p / q for p, q in zip(probs, loop.reference, strict=True))


check = Check(
    statement=statement,
    loops=curation_loops(candidates=candidate_numbers(infinite=False), mixing=_safe_mixings),
    margins=_margins,
    exact_margins=_exact_margins,
    allowance="stated error of log p_t, carried to the divergence",
)
