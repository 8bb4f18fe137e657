"""Remarks on a table of votes: what was assumed, and what may depend on what."""

from __future__ import annotations

import numpy as np

from recurate.numerics.text import listed, shown
from recurate.reading.columns import IntArray
from recurate.reading.names import RATERS, is_like
from recurate.reading.notices import Notices, may_be_prompts
from recurate.reading.shapes import Rows
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.recognising import VoteColumns
from recurate.reading.votes.verdicts import MISSING, NO_VOTE, TIE


def about_columns(asked: AskedVotes, uses: VoteColumns, said: Notices) -> None:
    """Say which columns were taken for what, if that was not asked for."""
    if asked.votes and (asked.items or asked.pair):
        return
    votes = f"{listed(uses.votes)} {'say' if len(uses.votes) > 1 else 'says'}"
    if uses.kind == "won":
        ties = f"; {votes} which are ties" if uses.votes else ""
        said.say(f"read as votes: {shown(uses.items[0])} won, {shown(uses.items[1])} lost{ties}")
    elif uses.kind in ("pair", "one-hot"):
        a, b = uses.items
        said.say(
            f"read as votes: {shown(a)} and {shown(b)} are the items, {votes} which was chosen"
        )
    elif uses.kind == "wins":
        ties = f", {shown(uses.votes[2])} how often neither did" if len(uses.votes) > 2 else ""
        said.say(
            f"read as votes: {listed(uses.votes[:2])} say how often {listed(uses.items)} won{ties}"
        )
    elif uses.kind == "key":
        said.say(f"read as votes: {shown(uses.pair)} names both items, {votes} which was chosen")


def about_votes(found: IntArray, said: Notices) -> None:
    """Say how many votes are ties, and how many are none."""
    for what, meaning in (
        ("are missing, and left out", MISSING),
        ("say nothing of the pair, and are left out", NO_VOTE),
        ("are ties: half a vote each way", TIE),
    ):
        if count := int((found == meaning).sum()):
            said.say(f"{count:,} of {found.size:,} votes {what}")


def about_dependence(rows: Rows, said: Notices, *, is_grouped: bool) -> None:
    """Say which columns, that were not asked for, may tell which votes depend on one another.

    Those of prompts are not told where it is known which rows belong together (`is_grouped`).
    """
    frame = rows.frame
    if rows.origin is not None and rows.item is not None:  # entries of one row are of one vote
        frame = frame[np.unique(rows.origin, return_index=True)[1]]
    for field in rows.others:
        distinct = frame[field].drop_nulls().n_unique()
        if not 1 < distinct <= 0.75 * frame.height:
            continue
        if is_like(field, RATERS):
            said.say(
                f"column {shown(field)} may be of raters ({distinct:,}); a rater's votes are taken "
                "as independent"
            )
        elif may_be_prompts(field) and not is_grouped:
            is_grouped = True  # one such column is told
            said.say(
                f"column {shown(field)} has {distinct:,} labels in {frame.height:,} rows; "
                f"--prompt-column {shown(field)} allows for votes of one label that depend on one "
                "another"
            )
