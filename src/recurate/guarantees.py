"""What the theorems guarantee for one loop, step by step, beside what it does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.theory.language.compile import compile_expression
from recurate.theory.one_curation import lemma_2_2
from recurate.theory.real_data import theorem_2_3, theorem_2_4, theorem_2_4_bounded_weights
from recurate.theory.statement import Statement


@dataclass(frozen=True)
class Guarantee:
    """A theorem's bound on one figure of a trajectory.

    Attributes
    ----------
    statement : Statement
        The theorem.
    figure : str
        Name of the trajectory's figure that it bounds.
    is_lower : bool
        Whether the bound is from below.
    bound : ndarray, shape (steps + 1,), or None
        The bound at each t, NaN where the theorem is silent; None where a hypothesis fails.
    missing : str, optional
        The hypothesis that fails, with the numbers.
    """

    statement: Statement
    figure: str
    is_lower: bool
    bound: FloatArray | None
    missing: str | None = None


class SafeRange(NamedTuple):
    """The λ below which a theorem bounds KL(p_t‖p_ref) at every step, with p_0 = p_ref.

    With prompts it is the KL of each of them, and so their mean.

    Attributes
    ----------
    for_any_rewards : float
        1/(K-1), of Theorem 2.4; inf for K = 1 and 0 for K = inf.
    for_these_rewards : float
        1/(h-1), of `theorem-2.4-bounded-weights`; at least as large. With prompts the least of
        theirs, h being largest where the mean weight is least.
    """

    for_any_rewards: float
    for_these_rewards: float


def safe_range(loop: CurationLoop, expected_weight: float | FloatArray) -> SafeRange:
    """Return the range of λ in which theorems keep the loop near the real data.

    Parameters
    ----------
    loop : CurationLoop
        The loop; its own λ is not used.
    expected_weight : float or ndarray
        Mean of the relative weight e^{r - r_max} under p_ref; with prompts that of each of them.
    """
    expected_weight = float(np.min(expected_weight))
    if loop.K == 1 or expected_weight >= 1.0:  # no choice, or none that matters
        any_rewards = math.inf if loop.K == 1 else 1.0 / (loop.K - 1.0)
        return SafeRange(any_rewards, math.inf)
    any_rewards = compile_expression(theorem_2_4.largest_mixing, "float")(K=loop.K)
    these_rewards = compile_expression(theorem_2_4_bounded_weights.largest_mixing, "float")(
        K=loop.K, mean_weight=expected_weight, max_weight=1.0
    )
    return SafeRange(float(any_rewards), float(these_rewards))


def guarantees(loop: CurationLoop, trajectory: Trajectory) -> tuple[Guarantee, ...]:
    """Return the theorems' bounds for a run of the loop from the reference.

    Parameters
    ----------
    loop : CurationLoop
        The loop.
    trajectory : Trajectory
        Its run from p_ref.

    Returns
    -------
    tuple of Guarantee
        Lemma 2.2 for the pure loop (the bound at t is computed from p_{t-1}); Theorems 2.3 and 2.4
        for a mixed one. With prompts each holds within each prompt, for weights relative to its own
        best reward; the bound is the mean of the prompts' bounds, which bounds the mean.
    """
    if loop.lam == math.inf:
        return (_least_weight(lemma_2_2.statement, loop, trajectory, slice(-1)),)
    first = _least_weight(theorem_2_3.statement, loop, trajectory, slice(1), lam=loop.lam)
    return (first, _theorem_2_4(loop, trajectory))


def _least_weight(
    statement: Statement, loop: CurationLoop, trajectory: Trajectory, since: slice, **more: float
) -> Guarantee:
    """Return a bound on the expected weight after a step, from mean and variance of `since`."""
    if loop.law.max_reward == math.inf:
        missing = "bounded rewards; the law's have no upper bound"
        return Guarantee(statement, "expected_weight", True, None, missing)
    figures = trajectory if trajectory.by_prompt is None else trajectory.by_prompt
    # λ times K may be beyond a double: then the formula says nothing.
    with np.errstate(over="ignore", invalid="ignore"):
        values = statement.bound_function()(
            K=loop.K,
            mean_weight=figures.expected_weight[since],
            variance_weight=figures.variance_weight[since],
            max_weight=1.0,
            **more,
        )
        if trajectory.by_prompt is not None:
            values = values @ loop.law.prompt_probs
    bound = np.full(trajectory.steps + 1, np.nan)
    bound[1:] = values
    bound[np.isinf(bound)] = np.nan
    return Guarantee(statement, "expected_weight", True, bound)


def _theorem_2_4(loop: CurationLoop, trajectory: Trajectory) -> Guarantee:
    statement, figure = theorem_2_4.statement, "kl_to_reference"
    with np.errstate(over="ignore"):  # λ times K - 1 is above one, then
        failing = statement.failing_hypothesis(K=loop.K, lam=loop.lam)
    if failing is not None:
        missing = f"{failing.text} = {1 / (loop.K - 1):.4g}; λ is {loop.lam:g}"
        return Guarantee(statement, figure, False, None, missing)
    bound = statement.bound_function()(K=loop.K, lam=loop.lam)
    return Guarantee(statement, figure, False, np.full(trajectory.steps + 1, bound))
