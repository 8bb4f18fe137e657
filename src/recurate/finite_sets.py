"""How far one real run, of so many curated samples a step, may be from where the loop settles."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recurate.numerics.fixed_points.fixed_point import FixedPoint
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray
from recurate.theory.fixed_points import finite_sample_loop
from recurate.theory.language.compile import compile_expression

_NEEDS = {
    "rule": "Bradley–Terry's choice by one reward",
    "training": "training sets that are made anew",
    "lam": "one λ",
    "retained": "training sets without uncurated samples",
}
"""What the theorem needs, by what a loop has beyond the paper's."""


@dataclass(frozen=True)
class FiniteRun:
    """What is known of one run whose training sets hold N curated samples.

    Attributes
    ----------
    curated : float
        N.
    distance : ndarray, shape (steps + 1,), or None
        Bound of the mean total variation distance of p^_t from the fixed point.
    for_ever : float or None
        Its limit.
    missing : str
        Why there is no bound.
    """

    curated: float
    distance: FloatArray | None = None
    for_ever: float | None = None
    missing: str = ""


def finite_run(
    loop: CurationLoop, trajectory: Trajectory, limit: FixedPoint | None, curated: float
) -> FiniteRun:
    """Return what is known of one run with so many curated samples a step."""
    law = trajectory.law
    needs = [_NEEDS[loop.schedule.beyond]] if loop.schedule.beyond else []
    if loop.schedule.lam == math.inf and loop.training is None:
        needs.append("real data in each training set")
    if law.prompt_names:
        needs.append("one set of candidates, without prompts")
    if needs:
        return FiniteRun(curated, missing=f"it needs {' and '.join(needs)}")
    if limit is None:
        return FiniteRun(curated, missing="no fixed point was found")
    is_top = law.rewards == law.max_reward
    top, top_at_limit = float(law.probs[is_top].sum()), limit.mass_at_max
    # Samples of one reward and one group are one atom: the loop never tells them apart.
    group = np.zeros(law.size) if law.group_index is None else law.group_index
    atoms = np.unique(np.stack([law.rewards, group])[:, law.probs > 0], axis=1).shape[1]
    if atoms < 2 or loop.lam == 0.0 or loop.K == 1:
        atoms = max(atoms, 2)  # one atom is two, of which one has no mass
    log_density = limit.log_density
    with np.errstate(over="ignore"):
        start = 0.5 * float(law.probs @ np.abs(np.expm1(log_density)))
    values = {
        "lam": loop.lam,
        "top_mass": top,
        "limit_top_mass": max(top_at_limit, top / (1.0 + loop.lam)),
        "atoms": atoms,
        "choices": curated,
    }
    bound = finite_sample_loop.statement.bound_function()
    distance = bound(
        **values,
        K=loop.K,
        total_variation=min(start, 1.0),
        steps=np.arange(trajectory.steps + 1),
    )
    for_ever = compile_expression(finite_sample_loop.for_ever, "float")(**values)
    return FiniteRun(curated, np.minimum(distance, 1.0), min(1.0, float(for_ever)))
