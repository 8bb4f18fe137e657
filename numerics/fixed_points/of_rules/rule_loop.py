"""A loop of one constant rule, from p_ref: its levels, its step, and what a state is a law of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from recurate.numerics.fixed_points.bounds import ROUNDING
from recurate.numerics.fixed_points.fixed_point import (
    LEVEL_TOLERANCE,
    RESIDUAL_TOLERANCE,
    FixedPoint,
    Found,
    continuation,
    measured,
    too_large_change,
    too_large_residual,
)
from recurate.numerics.fixed_points.of_rules.collected_voters import Collected, collected
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules.levels import levels_of, prepared_on
from recurate.numerics.rules.rule import LogRatio, Rule
from recurate.numerics.step import RuleStep, StepPlan, log_shares_of
from recurate.numerics.validation import FloatArray

_LEAST_LEVELS = 1000  # that a step costs beside its own


class TooMuchWorkError(ArithmeticError):
    """A fixed point was not found within the work that was allowed.

    Attributes
    ----------
    steps : int
        Number of steps that were taken.
    """

    def __init__(self, steps: int) -> None:
        super().__init__(steps)
        self.steps = steps

    def __str__(self) -> str:
        return f"the fixed point must be found within {self.steps:,} steps; got none in them"


@dataclass(frozen=True)
class RuleLoop:
    """p_{t+1} = m p_ref + a (ε p_t + (1-ε) T(p_t)) on one law without prompts.

    Attributes
    ----------
    law : RewardLaw
        Law of the rewards under p_ref.
    rule : Rule
        T.
    lam, retained : float
        λ and ε.
    start : ndarray, shape (n,), optional
        A law with mass where p_ref has none, for levels that have some there.
    most_work : float
        Largest sum over all steps of the number of voters times that of the levels, each step
        counted as of `_LEAST_LEVELS` more levels: then a step raises `TooMuchWorkError`.
    """

    law: RewardLaw
    rule: Rule
    lam: float
    retained: float
    start: FloatArray | None = None
    most_work: float = math.inf

    @cached_property
    def collected(self) -> Collected:
        """Its voters, and the λ of its fixed points."""
        return collected(self.rule, self.lam, self.retained)

    @cached_property
    def _levels(self) -> tuple[Levels, RewardLaw]:
        return levels_of(self.law, [self.rule], self.start)

    @property
    def levels(self) -> Levels:
        """Where its states live."""
        return self._levels[0]

    @property
    def small(self) -> RewardLaw:
        """The law whose atoms the levels are."""
        return self._levels[1]

    @cached_property
    def present(self) -> npt.NDArray[np.bool_]:
        """Which levels have mass under p_ref, shape (levels,)."""
        return self.levels.base > 0

    @cached_property
    def log_ratio(self) -> LogRatio:
        """Log H on the levels, as a function of log p there."""
        return prepared_on(self.small, self.law, self.rule)

    @cached_property
    def step(self) -> Callable[[FloatArray], FloatArray]:
        """The map from log p_t/p_ref on the levels to the next one."""
        step = RuleStep(self.levels, self.log_ratio, self.plan)
        if self.most_work == math.inf:
            return step
        each = max(1, len(self.collected.voters)) * (self.present.size + _LEAST_LEVELS)
        most = int(self.most_work // each)
        left = iter(range(most))

        def counted(log_density: FloatArray) -> FloatArray:
            if next(left, None) is None:
                raise TooMuchWorkError(most)
            return step(log_density)

        return counted

    @property
    def plan(self) -> StepPlan:
        """What drives each step."""
        return StepPlan(self.rule, self.lam, log_shares_of(self.retained))

    def fixed_point(
        self,
        found: Found,
        *,
        span: float = 0.0,
        is_unique: bool | None = None,
        objective_gap: float | None = None,
        spectral_radius: float | None = None,
    ) -> FixedPoint:
        """Return a law on the levels with mass that was found, checked, with its figures.

        Parameters
        ----------
        found : Found
            With log p/p_ref on the levels that have mass.
        span : float
            Of the logarithms of the weights, whose rounding a step has.
        is_unique, objective_gap, spectral_radius
            As of `FixedPoint`.

        Raises
        ------
        ArithmeticError
            If a step changes it.
        """
        state = np.zeros(self.present.size)
        state[self.present] = found.log_density
        after = self.step(state)
        residual = self.levels.distance(state, after)
        if not residual <= RESIDUAL_TOLERANCE:
            raise ArithmeticError(too_large_residual(residual, found.method))
        if found.log_density_error is not None:
            # A level of little mass does not show in the residual.
            has_mass = self.present & (state > -np.inf)
            moved = float(np.abs(after[has_mass] - state[has_mass]).max())
            if not moved <= LEVEL_TOLERANCE + found.log_density_error + 4 * ROUNDING * span:
                raise ArithmeticError(too_large_change(moved, found.method))
        found = found._replace(log_density=state)
        limit = measured(self.levels, found, residual, self._continued(state))
        return replace(
            limit,
            is_unique=is_unique,
            objective_gap=objective_gap,
            spectral_radius=spectral_radius,
        )

    def log_growth(self, state: FloatArray) -> FloatArray:
        """Return the logarithm of the factor by which synthetic masses grow at each level."""
        log_ratio, shares = self.log_ratio(self.levels.log_base + state), self.plan.log_shares
        if shares is None:
            return log_ratio
        growth: FloatArray = np.logaddexp(shares[0], shares[1] + log_ratio)
        return growth

    def _continued(self, state: FloatArray) -> FloatArray:
        """Return log g at every level: where p_ref has no mass the limit of the loop's g_t."""
        if self.present.all():
            return state
        growth = self.log_growth(state)[~self.present]
        continued = state.copy()
        if self.lam == np.inf:
            continued[~self.present] = np.where(growth < 0, -np.inf, np.inf)
        else:
            continued[~self.present] = continuation(growth, self.lam) if self.lam else 0.0
        return continued
