"""How far a simulated loop is from the exact one, and why: model error and finite samples.

Derived in ``docs/simulation.md``, "Where a model's loop departs".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from recurate.numerics.agreement.exact_start import exact_trajectory
from recurate.numerics.agreement.recorder import RewardSample
from recurate.numerics.agreement.resampled_loops import band_of, resampled_loops
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.simulation.simulated_trajectory import Sizes
from recurate.numerics.validation import FloatArray, positive_count

SHARE = 1 / 3
"""A loop follows the theory if it is off by at most this share of the predicted change."""


@dataclass(frozen=True, eq=False)
class LoopDeviation(ReadOnlyArrays):
    """A simulated loop beside the exact loop from the same first generated samples.

    Arrays have the shape (steps + 1, 1 + n_groups): the mean reward first, then each group's share.

    Attributes
    ----------
    measured : ndarray
        The samples that were generated at each step.
    exact : ndarray
        The exact loop.
    model_error : ndarray
        The models' share of the deviation: at each step the generated samples differ from those
        that the model was trained on.
    drift : ndarray
        The finite samples' share: the winners, and the real samples with them, differ from their
        law. `model_error` + `drift` is `measured` - `exact`.
    bias, spread : ndarray
        Mean deviation and standard deviation of the same loop, from the same start and with samples
        of the same sizes, retrained by resampling: the effect of finite samples alone.
    resolution : ndarray
        The share of `FEW` samples, and 0 for the mean reward: a group that is missing from the
        first samples may still have mass.
    quantile : ndarray
        Half-width of the band in units of `spread`, one number per figure, the same at each step.
    """

    measured: FloatArray
    exact: FloatArray
    model_error: FloatArray
    drift: FloatArray
    bias: FloatArray
    spread: FloatArray
    resolution: FloatArray
    quantile: FloatArray

    def __post_init__(self) -> None:
        for one in fields(self):
            values = getattr(self, one.name)
            bad = values[~np.isfinite(values)]
            if bad.size:
                raise ValueError(f"{one.name} must be finite numbers; got {bad[0]}")
        super().__post_init__()

    @property
    def deviation(self) -> FloatArray:
        """`measured` - `exact`."""
        deviation: FloatArray = self.measured - self.exact
        return read_only(deviation)

    @property
    def change(self) -> FloatArray:
        """Change of the exact loop since step 0."""
        change: FloatArray = self.exact - self.exact[0]
        return read_only(change)

    @property
    def half_width(self) -> FloatArray:
        """Half-width of the band of finite samples about `exact` + `bias`.

        A share `BAND_ERROR` of resampled loops leaves the band at some step or figure.
        """
        width: FloatArray = self.quantile * self.spread
        return read_only(width)

    @property
    def band(self) -> FloatArray:
        """Largest deviation from `exact` by finite samples alone: the bias and the half-width."""
        band: FloatArray = np.abs(self.bias) + self.half_width
        return read_only(band)

    @property
    def allowed(self) -> FloatArray:
        """The largest of `SHARE` of the predicted change, the band and the resolution."""
        known = np.maximum(SHARE * np.abs(self.change), self.band)
        allowed: FloatArray = np.maximum(known, self.resolution)
        return read_only(allowed)

    def excess(self, *, unchanged: bool = False) -> FloatArray:
        """Return the deviation in units of `allowed`, from step 1 on; it should be at most 1.

        Parameters
        ----------
        unchanged : bool
            Whether to compare with the prediction that nothing changes instead, with the same
            allowance: above 1, the loop is seen to change.

        Returns
        -------
        ndarray, shape (steps, 1 + n_groups)
            The mean reward's first, then those of the groups' shares.
        """
        prediction = self.exact[:1] if unchanged else self.exact
        off, allowed = np.abs(self.measured - prediction)[1:], self.allowed[1:]
        # Where nothing is allowed, a deviation of 0 is no excess, and any other an infinite one.
        excess: FloatArray = np.where(off > 0, np.inf, 0.0)
        np.divide(off, allowed, out=excess, where=allowed > 0)
        return read_only(excess)


def loop_deviation(
    generated: Sequence[RewardSample],
    training: Sequence[RewardSample],
    real: RewardSample,
    *,
    K: float,
    n_real: int,
    n_groups: int,
    replicates: int = 4_000,
    seed: int = 0,
) -> LoopDeviation:
    """Compare a recorded loop with the exact one, and split the difference.

    Parameters
    ----------
    generated : sequence of RewardSample
        Samples of the models after t = 0, …, steps retraining steps, the same number each time.
    training : sequence of RewardSample
        What each of these models was trained on; the first entry is ignored.
    real : RewardSample
        The real data from which real samples are drawn.
    K : int or math.inf
        Candidates of each choice.
    n_real : int
        Real samples in each later training set; 0 in the pure loop.
    n_groups : int
        Number of groups.
    replicates : int
        Number of resampled loops, for `bias` and `spread`.
    seed : int
        Their seed.

    Returns
    -------
    LoopDeviation
        Model error and drift of each step, and what finite samples alone would make of them.

    Raises
    ------
    ValueError
        If samples are missing, or their sizes do not fit.

    Notes
    -----
    Let Φ be a step of the exact loop, p̂_t the law of the samples generated at step t, and q̂_t the
    law of those that the model of step t was trained on. Then

        p̂_T - Φ^T(p̂_0) = Σ_t [Φ^(T-t)(p̂_t) - Φ^(T-t)(q̂_t)]
                         + Σ_t [Φ^(T-t)(q̂_t) - Φ^(T-t+1)(p̂_{t-1})],

    where t goes from 1 to T: the exact loop carries each step's error to the end. The first sum is
    the models' error, the second that of finite samples. Drawing from the model counts in the first
    sum; its noise is below the second sum if many more samples are generated than curated.
    """
    sizes = _sizes(generated, training, n_real)
    chains = _Chains(real if n_real else None, K, sizes.lam, n_groups)
    steps = len(generated) - 1
    from_generated = [chains.run(generated[t], steps - t) for t in range(steps + 1)]
    model_error = np.zeros((steps + 1, 1 + n_groups))
    drift = np.zeros_like(model_error)
    for t in range(1, steps + 1):
        from_training = chains.run(training[t], steps - t)
        model_error[t:] += from_generated[t] - from_training
        drift[t:] += from_training - from_generated[t - 1][1:]
    exact = from_generated[0]
    loops = resampled_loops(
        generated[0],
        real if n_real else None,
        K=K,
        sizes=sizes,
        steps=steps,
        n_groups=n_groups,
        replicates=positive_count(replicates, "replicates"),
        rng=np.random.default_rng([seed, 3]),  # not a stream of the loop itself
    )
    return LoopDeviation(
        measured=np.array([sample.figures(n_groups) for sample in generated]),
        exact=exact,
        model_error=model_error,
        drift=drift,
        **band_of(loops, exact, sizes.generated),
    )


def _sizes(
    generated: Sequence[RewardSample], training: Sequence[RewardSample], n_real: int
) -> Sizes:
    if len(generated) < 2 or len(generated) != len(training):
        raise ValueError(
            "generated and training must have the same number of steps, at least two; "
            f"got {len(generated)} and {len(training)}"
        )
    for name, samples in (("generated", generated), ("training[1:]", training[1:])):
        found = sorted({sample.size for sample in samples})
        if len(found) > 1:
            raise ValueError(
                f"{name} must have the same number of samples in each step; got {found}"
            )
    curated = training[1].size - n_real
    if not 0 <= n_real < training[1].size:
        raise ValueError(
            f"n_real must be at least 0, and less than the training sets' {training[1].size}; "
            f"got {n_real}"
        )
    return Sizes(generated[0].size, curated, n_real)


class _Chains:
    """The exact loop, from any start."""

    def __init__(self, real: RewardSample | None, K: float, lam: float, n_groups: int) -> None:
        self._real, self._K, self._lam, self._n_groups = real, K, lam, n_groups

    def run(self, start: RewardSample, steps: int) -> FloatArray:
        """Return the figures of the exact loop, shape (steps + 1, 1 + n_groups)."""
        trajectory = exact_trajectory(start, self._real, K=self._K, lam=self._lam, steps=steps)
        law = trajectory.law
        figures = np.zeros((steps + 1, 1 + self._n_groups))
        figures[:, 0] = trajectory.expected_reward
        figures[:, 1 + np.array(law.group_names, dtype=np.intp)] = trajectory.group_proportions
        return figures
