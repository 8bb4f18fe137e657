"""The exact loop that starts from samples, with samples as real data."""

from __future__ import annotations

from functools import partial

import numpy as np

from recurate.numerics.agreement.recorder import RewardSample
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray


def exact_trajectory(
    start: RewardSample, real: RewardSample | None, *, K: float, lam: float, steps: int
) -> Trajectory:
    """Run the exact loop that starts from samples.

    Parameters
    ----------
    start : RewardSample
        The start p_0: each sample has the same probability.
    real : RewardSample or None
        The real data p_ref: each sample has the same probability; None in the pure loop.
    K : int or math.inf
        Candidates of each choice.
    lam : float or math.inf
        λ, infinity in the pure loop.
    steps : int
        Number of retraining steps.

    Returns
    -------
    Trajectory
        Its law's atoms are the real samples, if any, followed by the samples of the start; its
        groups are named by their numbers.
    """
    rewards, groups, n = atoms(start, real)
    loop_law = partial(RewardLaw, rewards, groups=groups)
    if n == 0:  # p_ref is only the start
        return CurationLoop(loop_law(), K=K, lam=lam).run(steps=steps)
    probs = np.concatenate([np.full(n, 1 / n), np.zeros(start.size)])
    initial = np.concatenate([np.zeros(n), np.full(start.size, 1 / start.size)])
    return CurationLoop(loop_law(probs), K=K, lam=lam).run(steps=steps, initial=initial)


def atoms(start: RewardSample, real: RewardSample | None) -> tuple[FloatArray, IntArray, int]:
    """Return the atoms' rewards and groups, and the number of real ones, which are first."""
    if real is None:
        return start.rewards, start.groups, 0
    rewards = np.concatenate([real.rewards, start.rewards])
    return rewards, np.concatenate([real.groups, start.groups]), real.size
