"""What a summary holds, and how those of parts are joined."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from recurate.numerics.compression.lattice import Frame, settled
from recurate.numerics.compression.tables import POWERS, Table, concatenated, with_scores
from recurate.numerics.validation import FloatArray


class Names(NamedTuple):
    """The names of what rows are told apart by, each by first appearance.

    Attributes
    ----------
    groups, prompts : tuple of hashable, or None
        None if the rows have none.
    scores : tuple of str
        Columns that are followed.
    """

    groups: tuple[Hashable, ...] | None
    prompts: tuple[Hashable, ...] | None
    scores: tuple[str, ...]


class Content(NamedTuple):
    """What a summary holds.

    Attributes
    ----------
    rows : int
        Number of rows.
    bins : int
        Most bins, over the range of the rewards.
    names : Names
        Groups, prompts and scores.
    kept, binned : Table
        Sums at single rewards, and over bins.
    frame : Frame
        Where the bins are.
    score_ends : ndarray, shape (2, scores)
        Smallest and largest value of each score; (inf, -inf) if there is none.
    """

    rows: int
    bins: int
    names: Names
    kept: Table
    binned: Table
    frame: Frame
    score_ends: FloatArray


def no_ends(scores: int) -> FloatArray:
    """Return the ends of scores without values, shape (2, scores)."""
    return np.repeat([[np.inf], [-np.inf]], scores, axis=1)


def all_joined(parts: Sequence[Content]) -> Content:
    """Return what the summary of the rows of all parts together holds, of one or more.

    Raises
    ------
    ValueError
        If only some have groups, or prompts; or if rewards span more than 1e12.
    """
    with_rows = [part for part in parts if part.rows] or list(parts[:1])
    bins = min(part.bins for part in parts)
    if len(with_rows) == 1 and with_rows[0].bins == bins:
        return with_rows[0]
    names = _joint_names(with_rows)
    kept: list[Table] = []
    binned: list[Table] = []
    ends = []
    frame = Frame.first(1 if names.prompts is None else len(names.prompts))
    groups, prompts = (numbers_of(some) for some in (names.groups, names.prompts))
    scores = numbers_of(names.scores)
    for part in with_rows:
        of_groups = [groups[name] for name in part.names.groups or ()]
        of_prompts = np.array([prompts[name] for name in part.names.prompts or ()] or [0])
        places = [scores[name] for name in part.names.scores]
        for tables, own, powers in ((kept, part.kept, 1), (binned, part.binned, POWERS)):
            table = with_scores(own, powers, places, len(scores))
            tables.append(
                table._replace(
                    prompts=of_prompts[table.prompts],
                    groups=np.array(of_groups or [0])[table.groups],
                )
            )
        np.maximum.at(frame.upper, of_prompts, part.frame.upper)
        np.minimum.at(frame.lower, of_prompts, part.frame.lower)
        frame = frame._replace(
            coarsest=min(frame.coarsest, part.frame.coarsest),
            finest=min(frame.finest, part.frame.finest),
            bits=min(frame.bits, part.frame.bits),
        )
        end = no_ends(len(scores))
        end[:, places] = part.score_ends
        ends.append(end)
    lows, highs = zip(*ends, strict=True)
    return Content(
        sum(part.rows for part in with_rows),
        bins,
        names,
        *settled(concatenated(kept), concatenated(binned), frame, bins),
        np.stack([np.min(lows, axis=0), np.max(highs, axis=0)]),
    )


def _joint_names(parts: Sequence[Content]) -> Names:
    for what in ("groups", "prompts"):
        having = [getattr(part.names, what) is not None for part in parts]
        if any(having) and not all(having):
            raise ValueError(
                f"parts must all have {what}, or none; got {what} in {sum(having)} of {len(parts)}"
            )
    groups, prompts = (
        None
        if getattr(parts[0].names, what) is None
        else tuple(dict.fromkeys(name for part in parts for name in getattr(part.names, what)))
        for what in ("groups", "prompts")
    )
    scores = tuple(dict.fromkeys(name for part in parts for name in part.names.scores))
    return Names(groups, prompts, scores)


def numbers_of(names: Iterable[Any] | None) -> dict[Any, int]:
    """Return the number of each name."""
    return {name: number for number, name in enumerate(names or ())}
