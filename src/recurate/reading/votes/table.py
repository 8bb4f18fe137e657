"""Votes that were read, the rewards that explain them, and the table that a loop takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recurate.errors import InputError, as_input_errors
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import escaped, shown
from recurate.numerics.votes.connection import SOME_PRIOR
from recurate.numerics.votes.fit import VotedRewards, fitted
from recurate.numerics.votes.resampled import ResampledVotes
from recurate.reading.asked import Asked
from recurate.reading.formats.opening import name_of
from recurate.reading.table import RewardTable
from recurate.reading.units import scaled
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.reading import read_votes


@dataclass(frozen=True)
class VotedTable:
    """Votes that were read, and what they say.

    Attributes
    ----------
    source : str
        What to call the table.
    asked : AskedVotes
        What was asked of it.
    voted : VotedRewards
        Its votes, and the rewards that explain them.
    """

    source: str
    asked: AskedVotes
    voted: VotedRewards

    def as_rewards(self, scale: float) -> RewardTable:
        """Return the table of the items' rewards times γ, each item a group, of equal shares."""
        voted, in_unit = self.voted, None
        law = voted.law()
        if scale != 1:
            in_unit, name = "reward", escaped(self.source)
            rewards = scaled(
                voted.rewards, scale, lambda item: f"{name}, item {shown(voted.items[item])}"
            )
            with as_input_errors():
                law = RewardLaw(rewards, groups=voted.items, scores={in_unit: voted.rewards})
        estimates = ResampledVotes(voted, scale)
        return RewardTable(self.source, Asked(scale=scale), law, in_unit, estimates, self)


def read_voted(
    source: str, asked: AskedVotes, prior: float | None, *, on_note: Callable[[str], None]
) -> VotedTable:
    """Read votes and estimate the items' rewards.

    Parameters
    ----------
    source, asked, on_note
        As of `recurate.reading.votes.reading.read_votes`.
    prior : float or None
        As of `recurate.rewards_from_votes`.

    Raises
    ------
    InputError
        If the votes cannot be read, or leave rewards undetermined; the message names the items.
    OSError
        If the file cannot be read.
    """
    votes = read_votes(source, asked, on_note=on_note)
    try:
        voted = fitted(votes, prior)
    except (ValueError, ArithmeticError) as error:
        said = str(error).replace(SOME_PRIOR, "--prior 2")
        without = "leave --prompt-column out" if asked.prompts else "write a row for each vote"
        said = said.replace("leave clusters out", without)
        raise InputError(f"{escaped(name_of(source))}: {said}") from error
    return VotedTable(name_of(source), asked, voted)
