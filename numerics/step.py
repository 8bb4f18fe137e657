"""The steps of the loop, from one log-density on levels to the next. Their input is not checked.

What a rule of one's own returns is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

# The module, not the function: replacing the ratio there changes every loop.
from recurate.numerics import curation
from recurate.numerics.curation.interpolated import error_of
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.log_sums import blocks, log_added, log_products
from recurate.numerics.rules.large_levels import LargeLevels
from recurate.numerics.rules.levels import prepared_on
from recurate.numerics.rules.nothing_accepted import NothingAcceptedError
from recurate.numerics.rules.rule import LogRatio, Rule
from recurate.numerics.rules.within import log_ratio_of, one_of_each
from recurate.numerics.validation import SUM_TOLERANCE, FloatArray

_MOST_PREPARED = 16  # rules that are held ready; others are prepared again when their step comes


class StepPlan(NamedTuple):
    """What drives one step: p_{t+1} = m p_ref + a (ε p_t + (1-ε) T(p_t)), m = 1/(1+λ), a = 1 - m.

    Attributes
    ----------
    rule : Rule
        How samples are chosen; one object for all steps that have the same.
    lam : float
        λ; inf where training sets grow, as what was there holds the real samples.
    log_shares : (float, float) or None
        log ε and log(1-ε), of uncurated and of curated samples among the synthetic ones; None if
        all are curated.
    """

    rule: Rule
    lam: float
    log_shares: tuple[float, float] | None


def log_shares_of(share: float) -> tuple[float, float] | None:
    """Return the logarithms of a share and of the rest; None for no share."""
    if share == 0.0:
        return None
    return math.log(share), math.log1p(-share) if share < 1.0 else -math.inf


class Step:
    """The loop's map from log p_t/base to log p_{t+1}/base.

    Parameters
    ----------
    levels : Levels
        Where the states live, and p_ref.
    K, lam : float
        As checked by `CurationLoop`.
    kernel : CurationKernel, optional
        The ratio's quadrature for these levels; prepared here if it is needed and not given.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Lemma 2.1 and the mixture with real data.
    """

    def __init__(
        self,
        levels: Levels,
        K: float,
        lam: float,
        kernel: curation.CurationKernel | None = None,
    ) -> None:
        self._levels, self._K, self._lam = levels, K, lam
        if kernel is None and K != math.inf:
            kernel = curation.CurationKernel(levels.rewards, K)
        self.kernel = kernel
        # The kernel's own rewards were checked with it, and are not checked again at each step.
        self._rewards = levels.rewards if kernel is None else kernel.rewards

    def __call__(self, log_density: FloatArray) -> FloatArray:
        """Return the next state, shape (levels,)."""
        return mixed(self._curated(log_density), self._levels.log_reference_density, self._lam)

    def _curated(self, log_density: FloatArray) -> FloatArray:
        """Return the log-density of the curated samples, of mass one."""
        levels = self._levels
        log_ratio = curation.log_curation_ratio(
            self._rewards,
            K=self._K,
            log_probs=levels.log_base + log_density,
            kernel=self.kernel,
        )
        return _of_mass_one(levels, log_density + log_ratio)


class RuleStep:
    """The loop's map from log p_t/base to log p_{t+1}/base, for any rule; within prompts, if any.

    Parameters
    ----------
    levels : Levels
        Where the states live, and p_ref.
    log_ratio : callable
        From log p on the levels to log H there, as `Rule.prepared` returns it.
    plan : StepPlan
        The rule, by whose name errors call it, λ, and the shares of curated samples.
    """

    def __init__(self, levels: Levels, log_ratio: LogRatio, plan: StepPlan) -> None:
        self._levels, self._log_ratio, self._plan = levels, log_ratio, plan

    def __call__(self, log_density: FloatArray) -> FloatArray:
        """Return the next state, shape (levels,); errors are those of `curated`."""
        return self.trained(log_density, self.curated(log_density))

    def on(self, levels: Levels) -> RuleStep:
        """Return the same step for another p_ref on the same levels."""
        return type(self)(levels, self._log_ratio, self._plan)

    def curated(self, log_density: FloatArray) -> FloatArray:
        """Return the log-density of the curated samples, of mass one, shape (levels,).

        Raises
        ------
        TypeError, ValueError
            If log H is not one number for each level.
        ArithmeticError
            If it is not the logarithm of a ratio of two laws; it names the prompt.
        """
        levels = self._levels
        log_probs = levels.log_conditional_base + log_density
        log_ratio = self._checked(self._log_ratio(log_probs), log_probs)
        curated = log_products(log_density, log_ratio)
        masses = levels.reduced(np.add, np.exp(levels.log_conditional_base + curated))
        curated -= levels.at_levels(np.log(masses))
        return curated

    def trained(self, log_density: FloatArray, curated: FloatArray) -> FloatArray:
        """Return the next state of a model that trains on these curated samples."""
        synthetic = curated
        if self._plan.log_shares is not None:
            uncurated, rest = self._plan.log_shares
            synthetic = np.logaddexp(uncurated + log_density, rest + curated)
        return mixed(synthetic, self._levels.log_reference_density, self._plan.lam)

    def _checked(self, found: Any, log_probs: FloatArray) -> FloatArray:
        what, levels = log_ratio_of(self._plan.rule), self._levels
        log_ratio = one_of_each(found, what, log_probs.shape)
        is_bad = np.isnan(log_ratio) | (log_ratio == np.inf)
        if is_bad.any():
            place = int(np.argmax(is_bad))
            raise ArithmeticError(
                f"{what} must be numbers below infinity; got {log_ratio[place]:g} where log p is "
                f"{log_probs[place]:.6g}{levels.name_of_level(place)}"
            )
        masses = levels.reduced(np.add, np.exp(log_products(log_probs, log_ratio)))
        # Logarithms are right by their own size, and so is what they are the logarithms of.
        allowed = SUM_TOLERANCE * np.maximum(1.0, levels.reduced(np.maximum, log_ratio))
        is_wrong = ~(np.abs(masses - 1.0) <= allowed)
        if is_wrong.any():
            worst = int(np.argmax(is_wrong))
            raise ArithmeticError(
                f"{what} must be that of a law, with a mean of H of 1 under p; got "
                f"{masses[worst]:.10g}{levels.name_of_law(worst)}"
            )
        return log_ratio


class LargeRuleStep(RuleStep):
    """The same for very many levels, in few passes over them."""

    def curated(self, log_density: FloatArray) -> FloatArray:
        """Return the log-density of the curated samples, with the errors of `RuleStep`."""
        base = self._levels.log_base
        log_probs = base + log_density
        found = self._log_ratio(log_probs)
        if not isinstance(found, np.ndarray) or found.shape != log_probs.shape:
            found = self._checked(found, log_probs)
        curated, masses = np.empty(log_density.size), []
        for rows in blocks(log_density.size):
            part = log_products(log_density[rows], found[rows])
            curated[rows] = part
            masses.append(float(np.exp(base[rows] + part).sum()))
        mass = math.fsum(masses) if np.isfinite(masses).all() else math.nan
        if not abs(mass - 1.0) <= SUM_TOLERANCE:  # also if anything is NaN, or +inf
            self._checked(found, log_probs)
        curated -= math.log(mass)
        return curated

    def trained(self, log_density: FloatArray, curated: FloatArray) -> FloatArray:
        """Return the next state of a model that trains on these curated samples."""
        synthetic, reference = curated, self._levels.log_reference_density
        lam, log_shares = self._plan.lam, self._plan.log_shares
        if log_shares is not None:
            uncurated, rest = log_shares
            synthetic = log_added(uncurated + log_density, rest + curated)
        if not (0.0 < lam < math.inf and isinstance(self._levels, LargeLevels)):
            return mixed(synthetic, reference, lam)
        real, rest = 1.0 / (1.0 + lam), 1.0 / (1.0 + 1.0 / lam)
        following = np.empty(synthetic.size)
        for rows in blocks(synthetic.size):
            out = following[rows]
            with np.errstate(over="ignore"):
                np.exp(synthetic[rows], out=out)
            if out.max() < np.inf:
                np.log(np.add(np.multiply(out, rest, out=out), real, out=out), out=out)
            else:
                out[:] = mixed(synthetic[rows], reference[rows], lam)
        return following


class RuleStates:
    """The loop's map from the state at t to the next one, and t; rules are prepared when needed.

    It pickles, as what is prepared is left out, and prepared again.

    Parameters
    ----------
    levels : Levels
        Where the states live.
    small : RewardLaw
        The law whose atoms are the levels, or the law itself.
    plan : callable
        From t to the `StepPlan` that drives the step from t to t + 1.
    places : ndarray of int, shape (levels,), optional
        Where the atoms of `small` do not stand in the order of the levels, the atom of each level.
    """

    def __init__(
        self,
        levels: Levels,
        small: RewardLaw,
        plan: Callable[[int], StepPlan],
        places: IntArray | None = None,
    ) -> None:
        self._levels, self._small, self._plan, self._places = levels, small, plan, places
        self._ready: dict[int, LogRatio] = {}

    def __call__(self, state: FloatArray, t: int) -> FloatArray:
        """Return the state at t + 1, shape (levels,)."""
        try:
            return self.at(t)(state)
        except NothingAcceptedError as error:
            if t == 0:
                raise
            message = f"at t = {t}, where earlier steps left less: {error}"
            raise NothingAcceptedError(message, error.may_drop, error.prompts) from None

    def at(self, t: int) -> RuleStep:
        """Return the step from t to t + 1; large levels keep the error that is stated for it."""
        levels, plan = self._levels, self._plan(t)
        log_ratio = self._log_ratio(plan.rule)
        if not isinstance(levels, LargeLevels):
            return RuleStep(levels, log_ratio, plan)
        levels.step_errors[t] = error_of(log_ratio)
        return LargeRuleStep(levels, log_ratio, plan)

    def _log_ratio(self, rule: Rule) -> LogRatio:
        """Return log H of a rule on the levels, from log p given the prompt there."""
        found = self._ready.pop(id(rule), None) or self._prepared(rule)
        self._ready[id(rule)] = found  # the last one is the latest
        if len(self._ready) > _MOST_PREPARED:
            del self._ready[next(iter(self._ready))]
        return found

    def _prepared(self, rule: Rule) -> LogRatio:
        log_ratio, places = prepared_on(self._small, self._levels.law, rule), self._places
        if places is None:
            return log_ratio

        def on_levels(log_probs: FloatArray) -> FloatArray:
            in_order = np.empty(log_probs.size)
            in_order[places] = log_probs
            return one_of_each(log_ratio(in_order), log_ratio_of(rule), log_probs.shape)[places]

        return on_levels

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_ready": {}}


def _of_mass_one(levels: Levels, curated: FloatArray) -> FloatArray:
    """Return a curated log-density without the error of its total mass.

    That would grow by the factor K each step: it is taken out before mixing, where it weighs no
    more than the synthetic data does.
    """
    curated -= np.log(np.exp(levels.log_base + curated).sum())
    return curated


def mixed(curated: FloatArray, reference: FloatArray, lam: float) -> FloatArray:
    """Return the log-density of the mixture with real data, from those of its two parts."""
    if lam == math.inf:
        return curated
    if lam == 0.0:
        return reference.copy()
    log_density: FloatArray = np.logaddexp(
        reference - math.log1p(lam), curated - math.log1p(1.0 / lam)
    )
    return log_density
