"""One step of the loop, from one log-density on levels to the next. Its input is not checked."""

from __future__ import annotations

import math

import numpy as np

# The module, not the function: replacing the ratio there changes every loop.
from recurate.numerics import curation
from recurate.numerics.laws.levels import Levels
from recurate.numerics.validation import FloatArray


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
        curated = log_density + log_ratio
        # An error of the total mass would grow by the factor K each step: take it out here, before
        # mixing, where it weighs no more than the synthetic data does.
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
