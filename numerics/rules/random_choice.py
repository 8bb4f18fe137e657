"""A choice at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules.rule import Columns, LogRatio, PreparedRule
from recurate.numerics.validation import FloatArray


@dataclass(frozen=True, repr=False)
class RandomChoice(PreparedRule):
    """A click at random, or none: the curated law is the model's.

    Notes
    -----
    H = 1. As one of `Voters` it stands for careless users. Samples that are kept uncurated are
    ``retained=`` of a loop; in the limit of many samples both are the same.

    Examples
    --------
    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> law = RewardLaw([0.0, 1.0])
    >>> RandomChoice().log_ratio(law, np.log(law.probs)).tolist()
    [0.0, 0.0]
    """

    most_candidates = 1.0
    is_smooth = True

    def columns_read(self, law: RewardLaw) -> Columns:
        """Return no column."""
        return []

    def _prepared(self, law: RewardLaw) -> LogRatio:

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            return np.zeros(log_probs.size)

        return log_ratio

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        return self._prepared(law)
