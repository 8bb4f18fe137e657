"""One step of the loop, from one log-density on levels to the next. Its input is not checked.

What a rule of one's own returns is.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# The module, not the function: replacing the ratio there changes every loop.
from recurate.numerics import curation
from recurate.numerics.curation.interpolated import error_of
from recurate.numerics.laws.levels import Levels
from recurate.numerics.log_sums import blocks, log_added, log_products
from recurate.numerics.rules.large_levels import LargeLevels
from recurate.numerics.rules.rule import LogRatio
from recurate.numerics.rules.within import one_of_each
from recurate.numerics.validation import SUM_TOLERANCE, FloatArray


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
    lam : float
        As checked by `CurationLoop`.
    name : str
        The rule's name, for errors.
    log_shares : (float, float), optional
        Logarithms of the shares of uncurated and of curated samples among the synthetic ones;
        without them all are curated.
    """

    def __init__(
        self,
        levels: Levels,
        log_ratio: LogRatio,
        lam: float,
        name: str,
        log_shares: tuple[float, float] | None = None,
    ) -> None:
        self._levels, self._log_ratio, self._lam, self._name = levels, log_ratio, lam, name
        self._log_shares = log_shares

    def __call__(self, log_density: FloatArray) -> FloatArray:
        """Return the next state, shape (levels,); errors are those of `curated`."""
        return self.trained(log_density, self.curated(log_density))

    def on(self, levels: Levels) -> RuleStep:
        """Return the same step for another p_ref on the same levels."""
        return type(self)(levels, self._log_ratio, self._lam, self._name, self._log_shares)

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
        if self._log_shares is not None:
            uncurated, rest = self._log_shares
            synthetic = np.logaddexp(uncurated + log_density, rest + curated)
        return mixed(synthetic, self._levels.log_reference_density, self._lam)

    def _checked(self, found: Any, log_probs: FloatArray) -> FloatArray:
        what, levels = f"log_ratio of {self._name}", self._levels
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
        if self._log_shares is not None:
            uncurated, rest = self._log_shares
            synthetic = log_added(uncurated + log_density, rest + curated)
        if not (0.0 < self._lam < math.inf and isinstance(self._levels, LargeLevels)):
            return mixed(synthetic, reference, self._lam)
        real, rest = 1.0 / (1.0 + self._lam), 1.0 / (1.0 + 1.0 / self._lam)
        following = np.empty(synthetic.size)
        for rows in blocks(synthetic.size):
            out = following[rows]
            with np.errstate(over="ignore"):
                np.exp(synthetic[rows], out=out)
            if out.max() < np.inf:
                np.log(np.add(np.multiply(out, rest, out=out), real, out=out), out=out)
            else:
                out[:] = mixed(synthetic[rows], reference[rows], self._lam)
        return following


def step_by_rule(
    levels: Levels,
    log_ratio: LogRatio,
    lam: float,
    name: str,
    log_shares: tuple[float, float] | None,
    t: int,
) -> RuleStep:
    """Return the map of `RuleStep` from t to t + 1; the levels keep the error that is stated."""
    if not isinstance(levels, LargeLevels):
        return RuleStep(levels, log_ratio, lam, name, log_shares)
    levels.step_errors[t] = error_of(log_ratio)
    return LargeRuleStep(levels, log_ratio, lam, name, log_shares)


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
