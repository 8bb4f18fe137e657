"""The curated retraining loop, exactly: p_{t+1} = p_ref/(1+λ) + λ/(1+λ) · p_t · H^K_{p_t}."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

# The module, not the function: replacing the ratio there changes every loop.
from recurate.numerics import curation
from recurate.numerics.compression import compressor
from recurate.numerics.fixed_points import fixed_point, with_density
from recurate.numerics.fixed_points.fixed_point import FixedPoint, Step
from recurate.numerics.laws.density_law import NOT_COMPRESSED, DensityLaw
from recurate.numerics.laws.expressions import number_expression
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.trajectory import FIGURES, History, Trajectory, last_trusted
from recurate.numerics.validation import (
    FloatArray,
    candidates,
    count,
    mixing,
    optional_flag,
    positive_number,
    probability_vector,
)

STATE_ERROR = 1e-13
"""Stated error of the laws, by step: |error of log p_t| <= STATE_ERROR * t * max(1, |log p_t|)."""

LARGEST_STEPS = 10**7
"""Most steps of one run: their figures are kept."""

_HORIZON_NEAR, _TOLERANCE_NEAR = 64, 1e-6  # of the small law on which steps are only counted


def state_error(t: int, log_probs: FloatArray) -> FloatArray:
    """Return the stated bound on the error of `log_probs`, the logarithms of p_t, shape (n,)."""
    return STATE_ERROR * t * np.maximum(1.0, np.abs(log_probs))


class CurationLoop:
    """Retraining on curated samples, in the limit of many samples and an unrestricted model.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under the reference distribution p_ref (the real data).
    K : int or math.inf
        Number of candidates of each Bradley–Terry choice, at least 1.
    lam : float or math.inf
        λ, synthetic samples per real one: 0 is no loop, infinity the pure loop without real data.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499): Lemma 2.1 for the curated part, Theorems 2.3 and 2.4
    for its mixture with real data, whose share is 1/(1+λ).

    Examples
    --------
    >>> loop = CurationLoop(RewardLaw([0.0, 1.0], groups=["plain", "liked"]), K=2, lam=1.0)
    >>> loop.run(steps=2).group_proportions.round(4).tolist()
    [[0.5, 0.5], [0.4422, 0.5578], [0.4141, 0.5859]]
    """

    def __init__(self, law: RewardLaw, *, K: Any, lam: Any) -> None:
        if not isinstance(law, RewardLaw):
            raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
        self.law = law
        self.K = candidates(K)
        self.lam = mixing(lam)
        if self.K == math.inf and not law.has_mean_weight:
            raise ValueError(
                "law must have a finite mean weight E e^r for K = inf; got one whose nodes up to "
                f"reward {law.rewards[-1]:.4g} do not show it: take a finite K"
            )

    @property
    def real_fraction(self) -> float:
        """Share of real data in each retraining set, 1/(1+λ)."""
        return 1.0 / (1.0 + self.lam)

    @property
    def synthetic_fraction(self) -> float:
        """Share of curated samples in each retraining set, λ/(1+λ)."""
        return 1.0 if self.lam == math.inf else self.lam / (1.0 + self.lam)

    def __repr__(self) -> str:
        K, lam = map(number_expression, (self.K, self.lam))
        return f"CurationLoop({self.law!r}, K={K}, lam={lam})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print how its strategy built the loop

    def run(
        self,
        *,
        steps: int,
        initial: Any = None,
        compress: bool | None = None,
        on_step: Callable[[int], None] | None = None,
    ) -> Trajectory:
        """Run the loop from p_0 = p_ref, or from another start, for a number of steps.

        Parameters
        ----------
        steps : int
            Number of retraining steps, from 0 to `LARGEST_STEPS`.
        initial : array_like, shape (n,), optional
            Probabilities p_0 of another start than p_ref, in the law's order (for a law with a
            density the masses of its nodes).
        compress : bool, optional
            Whether to run on a compressed law of far fewer rewards (``docs/compression.md``), with
            the same figures to ``compression.TOLERANCE``, 1e-10; the trajectory's `error_estimate`
            says what was reached. By default the loop does so by itself from
            ``compression.LEAST_LAW``, 8,000 rewards on, where it starts at p_ref and every reward
            has mass; if the tolerance is not reached it warns, and runs on all rewards. With False
            it does so in any case.
        on_step : callable, optional
            Called with t after each step t = 1, …, steps (to show progress).

        Returns
        -------
        Trajectory

        Raises
        ------
        TypeError, ValueError
            If `steps`, `initial` or `compress` is not valid, or `compress` is True and the law has
            rewards of probability zero or the run another start than p_ref.
        CompressionError
            If `compress` is True and the tolerance is not reached.

        Warns
        -----
        RuntimeWarning
            If a compressed law, taken by itself, does not reach the tolerance: with the figure
            reached.
        """
        steps = count(steps, "steps", LARGEST_STEPS)
        if initial is not None:
            initial = probability_vector(initial, "initial", self.law.size)
        levels, history = self._prepared(steps, initial, compress)
        figures = np.empty((steps + 1, len(FIGURES)))
        groups = np.empty((steps + 1, len(self.law.group_names)))
        edge_masses = np.zeros(steps + 1)
        for t in range(steps + 1):
            state = history.at(t)
            figures[t] = levels.measure(state)
            groups[t] = levels.group_proportions(state)
            edge_masses[t] = levels.edge_mass(state)
            if on_step is not None and t > 0:
                on_step(t)
        columns = dict(zip(FIGURES, figures.T, strict=True))
        return Trajectory(
            self.law,
            **columns,
            group_proportions=groups,
            trusted_until=last_trusted(edge_masses),
            _levels=levels,
            _history=history,
        )

    def _prepared(
        self, steps: int, initial: FloatArray | None, compress: bool | None
    ) -> tuple[Levels, History]:
        """Return the levels that a run is on, and its states."""
        if self._compresses(compress, initial is None):
            try:
                return self.law.compressor.run(self.K, self._step, steps)
            except compressor.CompressionError as error:
                if compress:
                    raise
                _warn(self.law, error, stacklevel=4)
        levels = Levels.of(self.law, initial)
        kernel = None if self.K == math.inf else curation.CurationKernel(levels.rewards, self.K)
        step = partial(self._step, levels, kernel)
        return levels, History(levels.log_start_density, step, steps)

    def _compresses(self, compress: bool | None, from_reference: bool = True) -> bool:
        """Return whether to use a compressed law, as asked or by itself."""
        asked = optional_flag(compress, "compress")
        if asked is None:
            law = self.law
            return from_reference and law.size >= compressor.LEAST_LAW and law.may_be_compressed
        if asked and not from_reference:
            raise ValueError(
                "compress must be None or False for another start than p_ref; got True"
            )
        return asked

    def fixed_point(self, *, compress: bool | None = None) -> FixedPoint:
        """Return the law that a step leaves as it is, which the loop from p_ref approaches.

        For 0 < λ < inf and K >= 2 it is the only one with mass wherever p_ref has some. The pure
        loop's is p_ref conditioned on the largest reward; without a loop or a choice it is p_ref.
        For a law with a density it may have mass that no density holds (``condensed_mass``), and
        is all at the top for the pure loop.

        Parameters
        ----------
        compress : bool, optional
            Whether to solve on a compressed law, as of `run`: by default from 8,000 rewards on.
            The closed cases (λ = 0 or inf, K = 1) need none and are taken from all rewards.

        Returns
        -------
        FixedPoint

        Raises
        ------
        ArithmeticError
            If it cannot be found to full accuracy, with the distance that remained.
        CompressionError
            If `compress` is True and the tolerance is not reached.
        TypeError, ValueError
            If `compress` is not valid, or is True and the law has rewards of probability zero or
            a density.

        Warns
        -----
        RuntimeWarning
            If a compressed law, taken by itself, does not reach the tolerance: with the figure
            reached.

        Notes
        -----
        Derived in ``docs/fixed_points.md``.

        Examples
        --------
        Weights 1 and 2, a third of the data at 2, best of two, two synthetic samples a real one.

        >>> law = RewardLaw([0.0, np.log(2.0)], [2 / 3, 1 / 3])
        >>> CurationLoop(law, K=2, lam=2.0).fixed_point().probs.round(12).tolist()
        [0.5, 0.5]
        """
        if isinstance(self.law, DensityLaw):
            if self._compresses(compress):
                raise ValueError(NOT_COMPRESSED)
            return with_density.find(self.law, self.K, self.lam, self._step_at)
        has_closed_form = self.K == 1 or self.lam in (0.0, math.inf)
        if self._compresses(compress) and not has_closed_form:
            try:
                levels, found = self.law.compressor.fixed_point(self._fixed_point_of)
                return fixed_point.of_compressed(levels, found)
            except compressor.CompressionError as error:
                if compress:
                    raise
                _warn(self.law, error, stacklevel=3)
        return self._fixed_point_of(self.law)

    def _fixed_point_of(self, law: RewardLaw) -> FixedPoint:
        return fixed_point.find(law, self.K, self.lam, self._step)

    def steps_to_fixed_point(
        self, limit: FixedPoint, *, within: float = 0.01, most: int = 1000
    ) -> int | None:
        """Return the first step at which the loop from p_ref is near its fixed point.

        Parameters
        ----------
        limit : FixedPoint
            The loop's, as `fixed_point` returns it.
        within : float
            Largest distance, in total variation: no event's probability differs by more.
        most : int
            Number of steps after which to give up, at least 0.

        Returns
        -------
        int or None
            None if `most` steps are not enough.

        Raises
        ------
        TypeError, ValueError
            If `within` or `most` is out of range, or `limit` is that of a loop on another law.

        Examples
        --------
        >>> loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
        >>> loop.steps_to_fixed_point(loop.fixed_point())
        4
        """
        if not isinstance(limit, FixedPoint):
            raise TypeError(f"limit must be a FixedPoint; got {type(limit).__name__}")
        if limit.law is not self.law:
            raise ValueError(
                f"limit must be that of a loop on this law, {self.law!r}; got one on {limit.law!r}"
            )
        if positive_number(within, "within") > 1:
            raise ValueError(f"within must be above 0 and at most 1; got {within}")
        most = count(most, "most", LARGEST_STEPS)
        if self._compresses(None):
            with suppress(compressor.CompressionError):
                small = self.law.compressed(
                    K=self.K, lam=self.lam, horizon=min(most, _HORIZON_NEAR), tol=_TOLERANCE_NEAR
                )
                loop = CurationLoop(small, K=self.K, lam=self.lam)
                limit = loop.fixed_point(compress=False)
                return loop._steps_to(limit, within, most)
        return self._steps_to(limit, within, most)

    def _steps_to(self, limit: FixedPoint, within: float, most: int) -> int | None:
        levels, history = self._prepared(most, None, compress=False)
        goal = np.bincount(levels.index, weights=limit.probs, minlength=levels.rewards.size)
        for t in range(most + 1):
            probs = levels.base * np.exp(history.at(t))
            # What is missing of the goal is mass at no reward.
            if float(np.abs(probs - goal).sum() + abs(1.0 - goal.sum())) / 2 <= within:
                return t
        return None

    def _step_at(self, lam: float) -> Step:
        """Return the step of the loop with another λ."""
        return CurationLoop(self.law, K=self.K, lam=lam)._step

    def _step(
        self, levels: Levels, kernel: curation.CurationKernel | None, log_density: FloatArray
    ) -> FloatArray:
        """Return log p_{t+1}/base from log p_t/base."""
        log_ratio = curation.log_curation_ratio(
            levels.rewards, K=self.K, log_probs=levels.log_base + log_density, kernel=kernel
        )
        curated = log_density + log_ratio
        # An error of the total mass would grow by the factor K each step: take it out here, before
        # mixing, where it weighs no more than the synthetic data does.
        curated -= np.log(np.exp(levels.log_base + curated).sum())
        return self._mix(curated, levels.log_reference_density)

    def _mix(self, curated: FloatArray, reference: FloatArray) -> FloatArray:
        """Return the log-density of the mixture, from those of its two parts."""
        if self.lam == math.inf:
            return curated
        if self.lam == 0.0:
            return reference.copy()
        mixed: FloatArray = np.logaddexp(
            reference - math.log1p(self.lam), curated - math.log1p(1.0 / self.lam)
        )
        return mixed


def compressed(law: RewardLaw, *, K: Any, lam: Any, horizon: int, tol: float) -> RewardLaw:
    """Return a positive law of far fewer rewards with the same figures; `RewardLaw.compressed`."""
    loop = CurationLoop(law, K=K, lam=lam)
    steps = count(horizon, "horizon", LARGEST_STEPS)
    return law.compressor.run(loop.K, loop._step, steps, tol)[0].law


def _warn(law: RewardLaw, error: compressor.CompressionError, stacklevel: int) -> None:
    warnings.warn(
        f"computed on all {law.size:,} rewards, which takes longer: a compressed law reached an "
        f"estimated error of {error.reached:.3g}, which must be at most {error.tol:g}",
        RuntimeWarning,
        stacklevel=stacklevel,
    )
