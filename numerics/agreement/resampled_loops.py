"""The effect of finite samples alone: loops retrained by resampling, from given samples."""

from __future__ import annotations

from typing import Any

import numpy as np

from recurate.numerics.agreement.exact_start import atoms
from recurate.numerics.agreement.recorder import RewardSample
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.simulation.models import EmpiricalDistribution
from recurate.numerics.simulation.simulate import simulate
from recurate.numerics.simulation.simulate_loop import AtomTable
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.validation import FloatArray

BAND_ERROR = 0.01
"""Approximate chance that finite samples alone leave the band at any step or figure."""

FEW = 5
"""A share may always be off by this number of samples: so few carry no information."""


def resampled_loops(
    start: RewardSample,
    real: RewardSample | None,
    *,
    K: float,
    sizes: Sizes,
    steps: int,
    n_groups: int,
    replicates: int,
    rng: Any,
) -> FloatArray:
    """Run loops that are retrained by resampling, all of them from the same samples.

    Parameters
    ----------
    start : RewardSample
        The first generated samples of each loop.
    real : RewardSample or None
        The real data; None if there are none.
    K : int or math.inf
        Candidates of each choice.
    sizes : Sizes
        Samples in each step; `start` has ``sizes.generated`` of them.
    steps, n_groups, replicates : int
        Numbers of retraining steps, of groups and of loops.
    rng : int or numpy.random.Generator
        Seed or generator.

    Returns
    -------
    ndarray, shape (replicates, steps + 1, 1 + n_groups)
        The mean reward and the groups' shares.
    """
    rewards, groups, n = atoms(start, real)
    run = simulate(
        _Resampling(np.arange(n, n + start.size)),
        AtomTable(rewards),
        K,
        sizes.lam,
        steps,
        sizes.generated,
        real=np.arange(max(n, 1)),
        n_curated=sizes.curated,
        replicates=replicates,
        max_reward=float(rewards.max()),
        groups=AtomTable(groups),
        group_names=range(n_groups),
        rng=rng,
    )
    return np.concatenate([run.figures[:, :, _REWARD, None], run.groups], axis=2)


def band_of(loops: FloatArray, exact: FloatArray, n_generated: int) -> dict[str, FloatArray]:
    """Return the bias, spread, resolution and quantile of a `LoopDeviation`.

    Parameters
    ----------
    loops : ndarray, shape (replicates, steps + 1, 1 + n_groups)
        As `resampled_loops` returns them.
    exact : ndarray, shape (steps + 1, 1 + n_groups)
        The same figures of the exact loop.
    n_generated : int
        Samples generated in each step.
    """
    resolution = np.full_like(exact, FEW / n_generated)
    resolution[:, 0] = 0.0
    spread = loops.std(axis=0, ddof=1) if len(loops) > 1 else np.zeros_like(exact)
    return {
        "bias": loops.mean(axis=0) - exact,
        "spread": spread,
        "resolution": resolution,
        "quantile": np.broadcast_to(_quantiles(loops, spread, resolution), exact.shape),
    }


def _quantiles(loops: FloatArray, spread: FloatArray, resolution: FloatArray) -> FloatArray:
    """Return a quantile of each figure's largest deviation over the steps, in spreads.

    The level is 1 - BAND_ERROR/(1 + n_groups), by Bonferroni's inequality for all figures. The
    quantile is taken from the loops, since shares of few samples are skew. Each figure has its
    own, or the rarest group would widen the band of all. Deviations within the resolution do not
    count.
    """
    off = np.abs(loops - loops.mean(axis=0))
    counted = (off > resolution) & (spread > 0)
    ratios = np.divide(off, spread, out=np.zeros_like(off), where=counted)
    level = 1 - BAND_ERROR / loops.shape[2]
    quantiles: FloatArray = np.quantile(ratios[:, 1:].max(axis=1), level, axis=0)
    return quantiles


_REWARD = FIGURES.index("expected_reward")


class _Resampling(EmpiricalDistribution):
    """Retraining by resampling; the first samples drawn are the given ones."""

    def __init__(self, start: Array) -> None:
        super().__init__()
        self._start, self._fits = start, 0

    def fit(self, samples: Array) -> None:
        self._fits += 1
        super().fit(samples)

    def sample(self, n: int, rng: Any) -> Array:
        if self._fits == 1:
            return np.broadcast_to(self._start, (self._samples.shape[0], n))
        return super().sample(n, rng)
