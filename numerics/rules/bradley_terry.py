"""Bradley–Terry's choice among K candidates: the soft best of K."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# The module, not the function: replacing the ratio there changes every rule.
from recurate.numerics import curation
from recurate.numerics.curation.interpolated import (
    LEAST_ROWS,
    WIDEST,
    InterpolatedRatio,
    TiltedRatio,
)
from recurate.numerics.curation.stacked import StackedKernels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_sums_by_index
from recurate.numerics.rules.rule import Columns, LogRatio, PreparedRule, column_of, score_name
from recurate.numerics.rules.within import stacks
from recurate.numerics.validation import FloatArray, candidates, finite_number


@dataclass(frozen=True, repr=False)
class BradleyTerry(PreparedRule):
    """One of K candidates is chosen with probability proportional to its weight w = e^{βr}.

    Parameters
    ----------
    K : int or math.inf
        Number of candidates, at least 1.
    scale : float
        β, factor that makes log-odds of r; 1 for rewards in log-odds. Below zero the rule is an
        adversary's, who prefers what is worse.
    by : str, optional
        The score of the law that stands for r; its reward by default.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    H = K w ∫_0^∞ e^{-sw} M(s)^{K-1} ds with M(s) = E_p e^{-sw}, and w/E_p w for K = inf. Ferbach et
    al. 2024 (arXiv:2407.09499), Lemma 2.1. It is `recurate.log_curation_ratio` of the rewards times
    β: the error of log H is at most ``RATIO_ERROR * max(1, |log H|)``, 2e-13. For n atoms it takes
    two products with a matrix of (n, nodes); from 8,000 on, H is interpolated between some thousand
    rewards, which adds at most 1.8e-13 (``docs/large_tables.md``).

    Examples
    --------
    Two atoms of equal mass and of weights 1 and 3, best of two; and with an adversary.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> law = RewardLaw([0.0, np.log(3.0)])
    >>> np.exp(BradleyTerry(2).log_ratio(law, np.log(law.probs))).round(12).tolist()
    [0.75, 1.25]
    >>> np.exp(BradleyTerry(2, scale=-1).log_ratio(law, np.log(law.probs))).round(12).tolist()
    [1.25, 0.75]
    """

    K: float
    scale: float = 1.0
    by: str | None = None

    def __post_init__(self) -> None:
        scale = finite_number(self.scale, "scale")
        self._set(K=candidates(self.K), scale=scale, by=score_name(self.by))

    @property
    def most_candidates(self) -> float:
        """K."""
        return self.K

    is_smooth = True

    def columns_read(self, law: RewardLaw) -> Columns:
        """Return the column that it goes by."""
        return [column_of(law, self.by)]

    def _prepared(self, law: RewardLaw) -> LogRatio:
        rewards = column_of(law, self.by) * self.scale
        if law.is_continuous and self.scale != 1.0:
            raise ValueError(
                f"scale must be 1 for a law with a density, whose nodes are made for its own "
                f"rewards; got {self.scale:g}: take the density of the reward times {self.scale:g}"
            )
        if self.K == math.inf and not law.has_mean_weight:
            raise ValueError(
                "BradleyTerry with K = inf needs a law of finite mean weight E e^r; got one whose "
                f"nodes up to reward {law.rewards[-1]:.4g} do not show it: take a finite K"
            )
        if rewards.size >= LEAST_ROWS and self.K > 1 and not law.is_continuous:
            if self.K < math.inf:
                return InterpolatedRatio(rewards, self.K)
            if np.ptp(rewards) <= WIDEST:
                return TiltedRatio(rewards)
        kernel = None
        if self.K != math.inf:
            kernel = curation.CurationKernel(rewards, self.K)
            rewards = kernel.rewards  # checked with it, and not again at each call

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            return curation.log_curation_ratio(
                rewards, K=self.K, log_probs=log_probs, kernel=kernel
            )

        return log_ratio

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        rewards = column_of(law, self.by) * self.scale
        prompt, size = law.prompt_of_atoms, law.prompt_probs.size
        if self.K == math.inf:
            best = np.full(size, -math.inf)
            np.maximum.at(best, prompt, rewards)
            relative = rewards - best[prompt]

            def tilt(log_probs: FloatArray) -> FloatArray:
                total = log_sums_by_index(prompt, log_probs + relative, size)
                log_ratio: FloatArray = relative - total[prompt]
                return log_ratio

            return tilt
        kernels = StackedKernels(rewards, list(stacks(prompt)), self.K)
        return kernels.log_ratio
