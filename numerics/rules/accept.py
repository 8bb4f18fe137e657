"""A verifier that accepts a sample with a probability of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses, log_sum_exp, log_sums_by_index
from recurate.numerics.rules.nothing_accepted import nothing_accepted
from recurate.numerics.rules.rule import (
    Columns,
    LogRatio,
    PreparedRule,
    column_name,
    column_of,
    score_name,
)
from recurate.numerics.validation import FloatArray, require_at_each, shown

_NONE = ("refuse", "keep", "drop")


@dataclass(frozen=True, repr=False)
class Accept(PreparedRule):
    """Samples are drawn until one is accepted: a verifier, or rejection sampling.

    Parameters
    ----------
    by : str or None
        The score of the law that is the probability v of being accepted, such as a column of 0 and
        1; None if the reward is.
    none : {"refuse", "keep", "drop"}
        What to do where nothing that has mass can be accepted. "refuse" raises an error; "keep"
        leaves the law as it is, H = 1; "drop" is for a loop on a law with prompts: such a prompt is
        taken out before the first step, and the others have its weight, as in STaR and expert
        iteration. A law by itself has no others, so there, and in `log_ratio`, "drop" raises too.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    H = v/E_p v: Bradley–Terry's tilt for K = inf, with v in the place of the weight. With v = 0 and
    1 it is what STaR (Zelikman et al. 2022, arXiv:2203.14465) and expert iteration select. It is a
    choice among no bounded number of candidates. For n atoms it takes one pass.

    Examples
    --------
    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> law = RewardLaw([3.0, 1.0, 2.0], scores={"correct": [1, 0, 1]})
    >>> np.exp(Accept("correct").log_ratio(law, np.log(law.probs))).round(12).tolist()
    [1.5, 0.0, 1.5]
    """

    by: str | None
    none: Literal["refuse", "keep", "drop"] = "refuse"

    def __post_init__(self) -> None:
        if self.none not in _NONE:
            raise ValueError(f"none must be 'refuse', 'keep' or 'drop'; got {shown(self.none)}")
        self._set(by=score_name(self.by))

    is_smooth = True

    def columns_read(self, law: RewardLaw) -> Columns:
        """Return the column that it goes by."""
        return [column_of(law, self.by)]

    def _prepared(self, law: RewardLaw) -> LogRatio:
        log_accepted, what = self._log_accepted(law)

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            log_mean = float(log_sum_exp(log_probs + log_accepted, axis=0))
            if log_mean > -np.inf:
                return log_accepted - log_mean
            if self.none == "keep":
                return np.zeros(log_probs.size)
            raise nothing_accepted(what, self.none == "drop", [], law)

        return log_ratio

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        log_accepted, what = self._log_accepted(law)
        prompt, size = law.prompt_of_atoms, law.prompt_probs.size

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            log_means = log_sums_by_index(prompt, log_probs + log_accepted, size)
            is_empty = log_means == -np.inf
            if not is_empty.any():
                return log_accepted - log_means[prompt]
            if self.none != "keep":
                numbers = np.flatnonzero(is_empty).tolist()
                raise nothing_accepted(what, self.none == "drop", numbers, law)
            log_means[is_empty] = 0.0
            return np.where(is_empty[prompt], 0.0, log_accepted - log_means[prompt])

        return log_ratio

    def _log_accepted(self, law: RewardLaw) -> tuple[FloatArray, str]:
        """Return log v, shape (n,), and what v is called."""
        # A law with a density keeps its rewards up to a constant, which a probability has not.
        accepted = law.rewards if self.by is None else column_of(law, self.by)
        what = column_name(self.by)
        is_probability = (accepted >= 0) & (accepted <= 1)
        require_at_each(
            is_probability, accepted, f"{what} must be probabilities, from 0 to 1, for Accept"
        )
        return log_masses(accepted), what
