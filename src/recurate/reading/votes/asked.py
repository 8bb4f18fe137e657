"""What a user asked of a table of votes, or of scored pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class AskedVotes:
    """What is wanted of a table of votes.

    Attributes
    ----------
    items : tuple of str
        Columns of the items that were compared: two of a pair, or one of a long table or of lists;
        none: they are found by their names.
    votes : tuple of str
        Columns of what was chosen, one an annotator; none: found by its name.
    codes : tuple of pairs of str
        What a value of those says: ("1", "a"), ("0", "tie").
    pair : str or None
        Column that names both items of a pair in one text, as m1_m2.
    rank : str or None
        Column of ranks, of which 1 is the best.
    prompts : tuple of str
        Columns that together are the prompt: votes on one prompt may depend on one another.
    weight : str or None
        Column that says how many votes a row stands for; None: one.
    where : str or None
        SQL expression of the rows that are wanted.
    missing : {"error", "drop"}
        What becomes of rows without an item or a vote.
    """

    items: tuple[str, ...] = ()
    votes: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()
    pair: str | None = None
    rank: str | None = None
    prompts: tuple[str, ...] = ()
    weight: str | None = None
    where: str | None = None
    missing: Literal["error", "drop"] = "error"


@dataclass(frozen=True)
class AskedPairs:
    """What is wanted of a table of scored pairs.

    Attributes
    ----------
    chosen, rejected : str or None
        Columns of the rewards of the chosen and of the rejected one; None: found by their names.
        With `vote`, of the first and of the second.
    vote : str or None
        Column of which of the two was chosen.
    codes, prompts, weight, where, missing
        As of `AskedVotes`.
    """

    chosen: str | None = None
    rejected: str | None = None
    vote: str | None = None
    codes: tuple[tuple[str, str], ...] = ()
    prompts: tuple[str, ...] = ()
    weight: str | None = None
    where: str | None = None
    missing: Literal["error", "drop"] = "error"
