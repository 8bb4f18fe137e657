"""What was read of a table: the law of its rewards, and what they were in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recurate.numerics.laws.reward_law import RewardLaw
from recurate.reading.asked import Asked

if TYPE_CHECKING:
    from recurate.numerics.inference.resampled_laws import Estimates
    from recurate.reading.parts.law_file import About
    from recurate.reading.votes.table import VotedTable


@dataclass(frozen=True)
class RewardTable:
    """A table of rewards, read.

    Attributes
    ----------
    source : str
        What to call it.
    asked : Asked
        What was asked of it; columns to follow by the names that they have in it.
    law : RewardLaw
        The law of its rewards, in log-odds.
    in_unit : str or None
        The score of the law that has the rewards as they stand in the table, before ``asked.unit``
        and ``asked.scale``, the first of its scores; None if those are the law's rewards.
    estimates : Estimates or None
        What the rewards were estimated from (votes, ratings), if bands are to resample that.
    votes : VotedTable or None
        The votes, if the rewards come from votes.
    unused_errors : str or None
        Column of the rewards' standard errors, which bands do not use.
    voters : tuple of str
        The scores of the law by which voters choose, one each; none if its reward says all.
    voter_scale : float
        Factor of those scores that is left to the voters.
    about : About or None
        What a law that was read was made of; None if the table's own rows were read.
    """

    source: str
    asked: Asked
    law: RewardLaw
    in_unit: str | None = None
    estimates: Estimates | None = None
    votes: VotedTable | None = None
    unused_errors: str | None = None
    voters: tuple[str, ...] = ()
    voter_scale: float = 1.0
    about: About | None = None

    @property
    def rows(self) -> int:
        """Number of rewards: of the atoms of its law, unless that was made of many more rows."""
        return self.law.rows

    @property
    def followed(self) -> tuple[str, ...]:
        """The scores of the law that were asked for: not `in_unit`, unless it was asked for too."""
        names = self.law.score_names
        return tuple(n for n in names if n != self.in_unit or n in self.asked.follow)

    @property
    def is_sample(self) -> bool:
        """Whether the rows, or the prompts, are a sample; the items of votes are given."""
        return self.estimates is None or self.estimates.resamples_atoms
