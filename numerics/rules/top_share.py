"""The best share of all samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import blocks, log_masses
from recurate.numerics.rules.ranking import Ranking, Tails
from recurate.numerics.rules.ranking_within import RankingWithin
from recurate.numerics.rules.rule import Columns, LogRatio, PreparedRule, column_of, score_name
from recurate.numerics.validation import FloatArray, positive_number, shown

_ROUNDING = 1e-13  # of the share or of the rest: less than this at the edge is rounding of sums


@dataclass(frozen=True, repr=False)
class TopShare(PreparedRule):
    """The best share σ of all samples is kept; of those that tie at the edge, a part.

    Parameters
    ----------
    share : float
        σ, above 0 and at most 1.
    by : str, optional
        The score of the law that samples are ranked by; its reward by default.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind or is out of range.

    Notes
    -----
    H = 1/σ above the edge and 0 below. On the level where the mass above, S, is below σ and S + δ
    is beyond, H = (σ - S)/(δ σ). It depends on the whole law and is a choice among no number K of
    candidates. As in ReST (Gulcehre et al. 2023, arXiv:2308.08998) and in the cross-entropy method.
    Ties are exact ties. For n atoms it takes one sort, when prepared, and a few passes over them
    for each law. All of log H is right to 1e-15, but for the level at the edge: there the mass that
    is kept is a difference, whose error is some 1e-15 of σ, or of 1 - σ if that is smaller; less
    than 1e-13 of that is taken for rounding, and for nothing.

    Examples
    --------
    The best half of four samples, of which the second and third tie.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> law = RewardLaw([0.0, 1.0, 1.0, 2.0])
    >>> np.exp(TopShare(0.5).log_ratio(law, np.log(law.probs))).round(12).tolist()
    [0.0, 1.0, 1.0, 2.0]
    """

    share: float
    by: str | None = None

    def __post_init__(self) -> None:
        share = positive_number(self.share, "share")
        if share > 1:
            hint = f": write {share / 100:g} for {share:g}%" if share <= 100 else ""
            raise ValueError(f"share must be above 0 and at most 1; got {shown(self.share)}{hint}")
        self._set(share=share, by=score_name(self.by))

    def columns_read(self, law: RewardLaw) -> Columns:
        """Return the column that it goes by."""
        return [column_of(law, self.by)]

    def _prepared(self, law: RewardLaw) -> LogRatio:
        return self._by(Ranking(law, self.by, "TopShare"))

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        return self._by(RankingWithin(law, self.by))

    def _by(self, ranking: Ranking | RankingWithin) -> LogRatio:

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            return ranking.at_atoms(self.log_ratio_of_levels(ranking.tails(log_probs)))

        return log_ratio

    def log_ratio_of_levels(self, tails: Tails) -> FloatArray:
        """Return log H of levels, shape (levels,)."""
        if self.share == 1.0:
            return np.zeros(tails.mass.size)
        log_kept = np.empty(tails.mass.size)
        for rows in blocks(log_kept.size):
            mass, room = tails.mass[rows], self._room(tails.above[rows], tails.below[rows])
            part = np.where(mass > 0, 1.0, room > 0)
            with np.errstate(over="ignore"):  # by a mass of 1e-320
                np.divide(room, mass, out=part, where=mass > 0)
            log_kept[rows] = log_masses(np.minimum(part, 1.0)) - math.log(self.share)
        return log_kept

    def _room(self, above: FloatArray, below: FloatArray) -> FloatArray:
        """Return the mass that is left for each level and what is below it; 0 if there is none."""
        # From the end that is nearer: there the sums keep their digits.
        nearer = min(self.share, 1.0 - self.share)
        room = self.share - above if nearer == self.share else below - nearer
        return np.where(room > _ROUNDING * nearer, room, 0.0)
