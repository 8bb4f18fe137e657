"""The curated retraining loop, exactly: p_{t+1} = p_ref/(1+λ) + λ/(1+λ) · p_t · H^K_{p_t}."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

import numpy as np

from recurate.numerics.compression.compressor import (
    TOLERANCE,
    CompressionError,
    compressor_of,
    require_fine_bins,
    wants_compression,
)
from recurate.numerics.compression.summary_law import SummarisedLaw
from recurate.numerics.fixed_points.loop_methods import MOST_STEPS, FixedPointMethods
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.on_torch.options import is_for_torch, run_on_torch
from recurate.numerics.prompts import paper_run, rule_run
from recurate.numerics.rules.levels import levels_of
from recurate.numerics.schedules import Accumulate, Schedule
from recurate.numerics.step import RuleStates, Step
from recurate.numerics.trajectory import Trajectory, require_bounded, trajectory_of
from recurate.numerics.validation import (
    FloatArray,
    count,
    probability_vector,
)

if TYPE_CHECKING:
    from recurate.numerics.on_torch.trajectory import TensorTrajectory

OnStep: TypeAlias = Callable[[int], None] | None

STATE_ERROR = 1e-13
"""Stated error of the laws, by step: |error of log p_t| <= STATE_ERROR * t * max(1, |log p_t|)."""

LARGEST_STEPS = MOST_STEPS
"""Largest number of steps of one run, whose figures are all kept."""


def state_error(t: int, log_probs: FloatArray) -> FloatArray:
    """Return the stated bound on the error of `log_probs`, the logarithms of p_t, shape (n,)."""
    return STATE_ERROR * t * np.maximum(1.0, np.abs(log_probs))


class CurationLoop(FixedPointMethods):
    """Retraining on curated samples, in the limit of many samples and an unrestricted model.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under the reference distribution p_ref (the real data).
    K : int or math.inf, optional
        Number of candidates of each Bradley–Terry choice, at least 1: short for
        ``rule=BradleyTerry(K)``.
    rule : Rule, optional
        Another way to choose, of `recurate.rules` or your own (``docs/rules.md``). Give K or this.
    lam : float or math.inf
        λ, synthetic samples per real one: 0 means no loop, infinity the pure loop without real
        data. Required, unless `training` is given.
    retained : float, optional
        Share ε of the synthetic samples that are kept uncurated, from 0 to 1.
    training : Accumulate, optional
        Training sets that grow, in place of `lam` and `retained`.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    p_{t+1} = m p_ref + a (ε p_t + (1-ε) T(p_t)), m = 1/(1+λ) the share of real data, a = 1 - m,
    T(p) = p H the law of what the rule chooses from p.

    `rule`, `lam` and `retained` may each be a sequence, whose entry t drives the step from t to
    t + 1, or a function of t. ``docs/rules.md`` says what such loops can do, and what is for K and
    one λ alone: the theorems' bounds, compression, and what asks for `K`.

    Ferbach et al. 2024 (arXiv:2407.09499): Lemma 2.1 for the curated part, Theorems 2.3 and 2.4
    for its mixture with real data. The other rules have their sources.

    Examples
    --------
    >>> law = RewardLaw([0.0, 1.0], groups=["plain", "liked"])
    >>> CurationLoop(law, K=2, lam=1.0).run(steps=2).group_proportions.round(4).tolist()
    [[0.5, 0.5], [0.4422, 0.5578], [0.4141, 0.5859]]

    The hard best of two, of which all is kept:

    >>> from recurate import Accumulate
    >>> from recurate.rules import BestOf
    >>> loop = CurationLoop(law, rule=BestOf(2), training=Accumulate())
    >>> loop.run(steps=2).group_proportions.round(4).tolist()
    [[0.5, 0.5], [0.375, 0.625], [0.2969, 0.7031]]
    """

    def __init__(
        self,
        law: RewardLaw,
        *,
        K: Any = None,
        rule: Any = None,
        lam: Any = None,
        retained: Any = None,
        training: Any = None,
    ) -> None:
        self.schedule = Schedule(K, rule, lam, retained, training)
        self._start(law)

    def _start(self, law: RewardLaw) -> None:
        if not isinstance(law, RewardLaw):
            raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
        self.law, self._K = law, self.schedule.K
        if self._K is None:
            self.schedule.check(law)
        if self._K == math.inf and not law.has_mean_weight:
            raise ValueError(
                "law must have a finite mean weight E e^r for K = inf; got one whose nodes up to "
                f"reward {law.rewards[-1]:.4g} do not show it: take a finite K"
            )

    @property
    def rule(self) -> Any:
        """How samples are chosen, a rule: BradleyTerry(K) if K was given. Or those of the steps."""
        return self.schedule.rule

    @property
    def retained(self) -> Any:
        """Share of the synthetic samples that are kept uncurated, or those of the steps."""
        return self.schedule.retained

    @property
    def training(self) -> Accumulate | None:
        """How training sets grow; None if each is made anew."""
        return self.schedule.training

    def on(self, law: RewardLaw) -> CurationLoop:
        """Return the same loop on another law."""
        loop = copy(self)
        loop._start(law)
        return loop

    @property
    def K(self) -> float:
        """Number of candidates of the paper's choice: of one Bradley–Terry voter, by the reward.

        Raises
        ------
        ValueError
            If the loop is more than that, so that what asked for K knows nothing of it.
        """
        if self._K is None:
            raise self.schedule.refusal()
        return self._K

    @property
    def lam(self) -> float:
        """λ, where it is one number; ValueError otherwise, as for `K`."""
        if self.schedule.training is not None or not isinstance(self.schedule.lam, float):
            raise self.schedule.refusal()
        return self.schedule.lam

    @property
    def real_fraction(self) -> float:
        """Share of real data in each retraining set, 1/(1+λ)."""
        return 1.0 / (1.0 + self.lam)

    @property
    def synthetic_fraction(self) -> float:
        """Share of curated samples in each retraining set, λ/(1+λ)."""
        return 1.0 if self.lam == math.inf else self.lam / (1.0 + self.lam)

    def __repr__(self) -> str:
        return f"CurationLoop({self.law!r}, {self.schedule})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print how its strategy built the loop

    @overload
    def run(
        self, *, steps: int, initial: Any = ..., compress: bool | None = ..., on_step: OnStep = ...
    ) -> Trajectory: ...

    @overload
    def run(
        self,
        *,
        steps: int,
        backend: Literal["torch"],
        initial: Any = ...,
        on_step: OnStep = ...,
        device: Any = ...,
        dtype: Any = ...,
        rewards: Any = ...,
    ) -> TensorTrajectory: ...

    def run(
        self,
        *,
        steps: int,
        initial: Any = None,
        compress: bool | None = None,
        on_step: OnStep = None,
        backend: str = "numpy",
        device: Any = None,
        dtype: Any = None,
        rewards: Any = None,
    ) -> Trajectory | TensorTrajectory:
        """Run the loop for a number of steps, from p_0 = p_ref or from another start.

        Parameters
        ----------
        steps : int
            Number of retraining steps, from 0 to `LARGEST_STEPS`.
        initial : array_like, shape (n,), optional
            Probabilities p_0, if the loop does not start at p_ref, in the law's order (for a law
            with a density the masses of its nodes).
        compress : bool, optional
            Whether to run on a compressed law of far fewer rewards (``docs/compression.md``). Its
            figures agree to 1e-10 (``compressor.TOLERANCE``); the trajectory's `error_estimate`
            is what was reached. Only loops of K and one λ are compressed: by default if the law has
            8,000 rewards or more (``compressor.LEAST_LAW``), the loop starts at p_ref and every
            reward has mass; if the tolerance is not reached, the loop warns and runs on all
            rewards. False means to run on all rewards.
        on_step : callable, optional
            Called with t after each step t = 1, …, steps (to show progress).
        backend : {"numpy", "torch"}
            Where to run. On torch nothing is compressed, figures are tensors, and gradients flow.
        device, dtype : optional
            Of torch: "cpu" and "float64", or those of the tensors given; or "float32".
        rewards : Tensor, shape (n,), optional
            On torch, the rewards in place of the law's: with ``requires_grad``, for gradients.

        Returns
        -------
        Trajectory or TensorTrajectory
            The second from torch: the same figures, as tensors (``docs/gradients.md``).

        Raises
        ------
        TypeError, ValueError
            If an argument is not valid; if a sequence has not one entry for each step; or if
            `compress` is True and the law has a density or rewards of probability zero, the loop
            has another rule than K, or the run does not start at p_ref.
        NothingAcceptedError
            If a verifier (`Accept`) can accept nothing where the law has mass; a ValueError.
        CompressionError
            If `compress` is True and the tolerance is not reached.

        Warns
        -----
        RuntimeWarning
            If a law is compressed by default and the tolerance is not reached; it states the error
            that was reached.
        """
        steps = count(steps, "steps", LARGEST_STEPS)
        require_bounded(steps, self.law)
        for_torch = {"device": device, "dtype": dtype, "rewards": rewards}
        if is_for_torch(backend, for_torch):
            return run_on_torch(
                self.law, self.schedule, steps, initial, compress, on_step, for_torch
            )
        if initial is not None:
            initial = probability_vector(initial, "initial", self.law.size)
        is_binned = isinstance(self.law, SummarisedLaw) and self.law.atom_rows.are_binned
        if is_binned and initial is not None:
            raise ValueError(
                "initial must be None on a law of summarised rows, whose atoms are no rows"
            )
        run = self._run(steps, initial, compress, on_step)
        if not isinstance(self.law, SummarisedLaw) or not is_binned or run.is_compressed:
            return run
        return run.compared_with(partial(self._on_worse_bins, self.law, steps, compress))

    def _on_worse_bins(
        self, law: SummarisedLaw, steps: int, compress: bool | None
    ) -> list[Trajectory]:
        """Return runs that err more than that on the law, to tell how much that one may err."""
        laws: list[RewardLaw] = [law.coarser]
        if not all(rule.is_smooth for rule in self.schedule.plan(steps).rules):
            laws.append(law.tied)
        return [self.on(one)._run(steps, None, compress, None) for one in laws]

    def _run(
        self, steps: int, initial: FloatArray | None, compress: bool | None, on_step: OnStep
    ) -> Trajectory:
        if self.law.prompt_index is not None and not self._compresses(compress):
            if self._K is None:
                return rule_run.run(self.law, self.schedule, steps, initial, on_step)
            return paper_run.run(self.law, self.K, self.lam, steps, initial, on_step)
        levels, history = self._prepared(steps, initial, compress)
        return trajectory_of(self.law, levels, history, steps, on_step)

    def _prepared(
        self, steps: int, initial: FloatArray | None, compress: bool | None
    ) -> tuple[Levels, History]:
        """Return the levels of a run, and its states."""
        if self._compresses(compress, initial is None):
            try:
                found = compressor_of(self.law).run(self.K, self.lam, steps)
                reached = found[0].error_estimate
                require_fine_bins(reached, TOLERANCE, is_asked=bool(compress), stacklevel=5)
                return found
            except CompressionError as error:
                if compress:
                    raise
                error.warn(self.law.size, stacklevel=5)
        if self._K is None:
            plan = self.schedule.plan(steps)
            levels, small = levels_of(self.law, plan.rules, initial)
            by_rules = RuleStates(levels, small, plan)
            return levels, History(levels.log_start_density, by_rules, steps, is_timed=True)
        levels = Levels.of(self.law, initial)
        return levels, History(levels.log_start_density, Step(levels, self._K, self.lam), steps)

    def _compresses(self, compress: bool | None, from_reference: bool = True) -> bool:
        """Return whether to use a compressed law, as asked for or by default."""
        wants = wants_compression(self.law, compress, from_reference)
        if compress and self._K is None:
            raise ValueError(
                "compress must be None or False for a loop of more than K=… and lam=…, which runs "
                f"on all rewards; got True, and {self.schedule}"
            )
        return wants and self._K is not None

    def compressed(self, *, horizon: int, tol: float = TOLERANCE) -> RewardLaw:
        """Return a positive law of far fewer rewards on which this loop has the same figures.

        Parameters
        ----------
        horizon : int
            Number of steps for which they are to be the same.
        tol : float
            Largest estimated error, absolute, of a figure of the trajectory from p_ref: of expected
            weight, its variance, expected reward, KL(p_t‖p_ref) and mass at the largest reward.

        Returns
        -------
        RewardLaw
            Usually of a few hundred rewards, without groups. For the groups' shares, and for laws
            at the rewards themselves, use `run`, which compresses by itself.

        Raises
        ------
        CompressionError
            If the estimated error stays above `tol`, with the figure reached.
        TypeError, ValueError
            If an argument has the wrong kind or is out of range (`tol` below 1e-12), or the law has
            rewards of probability zero, or a density.

        Notes
        -----
        Gauss rules on parts of the law, derived in ``docs/compression.md``.

        Examples
        --------
        >>> law = RewardLaw(np.linspace(0.0, 3.0, 100_000) ** 2)
        >>> small = CurationLoop(law, K=4, lam=1.0).compressed(horizon=50)
        >>> small.size < 500, small.max_reward
        (True, 9.0)
        """
        steps = count(horizon, "horizon", LARGEST_STEPS)
        levels, _ = compressor_of(self.law).run(self.K, self.lam, steps, tol, scores=False)
        require_fine_bins(levels.error_estimate, tol, is_asked=True, stacklevel=3)
        return levels.law
