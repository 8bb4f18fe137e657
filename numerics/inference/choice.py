"""What `choose` returns: a loop within a limit, and what other tables would have said."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

from recurate.numerics.inference.limits import Quantity
from recurate.numerics.inference.resampled_tables import LEVEL, shown_level, tails
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.validation import FloatArray

_LEAST_LEAN = 0.25  # of the tables' standard deviation


@dataclass(frozen=True)
class Choice:
    """A loop that stays within a limit, as far from the real data as the limit allows.

    Attributes
    ----------
    K : int or math.inf
        Number of candidates; if λ was searched for a rule, its `most_candidates` (NaN for rules
        that change with t).
    lam : float
        λ, synthetic samples per real one.
    chosen : {"lam", "K"}
        Which of the two was searched for.
    quantity : {"kl", "max_share", "min_share", "max_score", "min_score"}
        What is limited: KL(p_t‖p_ref) from above, or a group's share, or a score's mean, from above
        or below.
    limit : float
        The limit, in nats, a share, or in the score's unit.
    reached : float
        The largest value under this choice (the smallest if it is limited from below).
    step : float
        The step t at which it is reached; inf for the fixed point.
    steps : int or None
        Number of steps for which the limit holds; None for ever.
    resampled : ndarray, shape (replicates,), or None
        What was searched for, on each resampled table, ascending; None without `replicates`. Where
        a table's own real data are beyond the limit it is 0 for λ, and 1 for K.
    held : float
        Share of them within the range: 95%, and more of few prompts (`resampled_tables.expanded`).
    what : str
        What was resampled, in the plural: rows, prompts, or as `Estimates.what` says.
    failed : int
        Number of resamples that gave no rewards, or of which a rule could select nothing;
        `resampled` has the others.
    rule : Rule, sequence, function or None
        How the loop chooses; None for Bradley–Terry's choice among K.
    retained : float, sequence, function or None
        Share of the synthetic samples that are kept uncurated, if it was given.
    """

    K: float
    lam: float
    chosen: Literal["lam", "K"]
    quantity: Quantity
    limit: float
    reached: float
    step: float
    steps: int | None
    resampled: FloatArray | None = field(default=None, compare=False, repr=False)
    held: float = field(default=LEVEL, compare=False, repr=False)
    what: str = field(default="rows", compare=False, repr=False)
    failed: int = field(default=0, compare=False, repr=False)
    rule: Any = None
    retained: Any = None

    def loop(self, law: RewardLaw) -> CurationLoop:
        """Return the chosen loop, on the law that was searched or another one."""
        K = self.K if self.rule is None else None
        return CurationLoop(law, K=K, rule=self.rule, lam=self.lam, retained=self.retained)

    @property
    def real_fraction(self) -> float:
        """Share of real data in each retraining set, 1/(1+λ)."""
        return 1.0 / (1.0 + self.lam)

    @property
    def lam_range(self) -> tuple[float, float] | None:
        """What 95% of tables like this one would say of λ; None if K was searched for.

        Of fewer than 40 resampled tables, or of few prompts, it is the range of all; None if there
        are none.
        """
        return self._range if self.chosen == "lam" else None

    @property
    def candidates_range(self) -> tuple[float, float] | None:
        """What 95% of tables like this one would say of K, as `lam_range`."""
        return self._range if self.chosen == "K" else None

    @property
    def level(self) -> float | None:
        """Level of the range, 95%; None if it is the range of all resampled tables."""
        if self.resampled is None or shown_level(self.resampled.size, self.held) is None:
            return None
        return LEVEL

    @property
    def lean(self) -> float | None:
        """How much more real data resampled tables ask for, on average.

        The mean over the resampled tables of 1/(1+λ), less this table's. It is 0 where it is within
        three standard errors of that, or within a quarter of the tables' standard deviation, which
        does not matter (Efron and Tibshirani 1993, An Introduction to the Bootstrap, §10.3). None
        without resampled tables, and for K, which is rounded down.

        Below zero, resampled tables are less careful than the table that they are drawn from; and
        so is this table, beside the law that it was drawn from: it errs on the unsafe side.
        """
        if self.resampled is None or self.chosen == "K":
            return None
        moved = 1.0 / (1.0 + self.resampled) - self.real_fraction
        mean, deviation = float(moved.mean()), float(moved.std())
        matters = abs(mean) > deviation * max(3 / math.sqrt(moved.size), _LEAST_LEAN)
        return mean if matters else 0.0

    @property
    def _range(self) -> tuple[float, float] | None:
        if self.resampled is None:
            return None
        low, high = tails(self.resampled, self.held, outward=True)
        return float(low), float(high)
