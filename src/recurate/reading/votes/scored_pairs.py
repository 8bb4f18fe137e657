"""Pairs with the rewards of both, and which of the two was chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import by_first_appearance
from recurate.numerics.text import escaped, listed, shown
from recurate.numerics.validation import FloatArray
from recurate.reading import columns
from recurate.reading.choosing import named
from recurate.reading.columns import IntArray
from recurate.reading.formats.opening import named_errors, opened
from recurate.reading.formats.source import Source
from recurate.reading.inside import with_inner_fields
from recurate.reading.notices import Notices, refuse_training_log
from recurate.reading.shapes import Rows
from recurate.reading.votes import recognising
from recurate.reading.votes.asked import AskedPairs
from recurate.reading.votes.choices import halves
from recurate.reading.votes.choosing import weight_column
from recurate.reading.votes.counts import about_counts, copies, counted, likely_counts
from recurate.reading.votes.remarks import about_dependence, about_votes
from recurate.reading.votes.rows import (
    codes_of_nothing,
    complete,
    labels_of_items,
    no_votes,
    numbers,
    rows_of,
)
from recurate.reading.votes.verdicts import (
    FIRST,
    MISSING,
    NO_VOTE,
    Pairs,
    as_text,
    codes_of,
    verdicts,
)


@dataclass(frozen=True)
class ScoredPairs:
    """Rewards of pairs: of the one that was chosen, and of the other.

    Attributes
    ----------
    chosen, rejected : ndarray, shape (pairs,)
        Rewards as they stand. A tie is two pairs, one each way.
    weights : ndarray, shape (pairs,)
        1, or ½ for either half of a tie.
    clusters : ndarray of int, shape (pairs,), or None
        Number of each pair's prompt, or of the row that has it in a list; None if neither is.
    scores : tuple of str
        Columns of the two rewards.
    vote : str or None
        Column of which was chosen, if one says so.
    """

    chosen: FloatArray
    rejected: FloatArray
    weights: FloatArray
    clusters: IntArray | None
    scores: tuple[str, str]
    vote: str | None


def read_scored_pairs(
    source: str, asked: AskedPairs, *, on_note: Callable[[str], None] = lambda text: None
) -> ScoredPairs:
    """Read a table of pairs with both rewards.

    Parameters
    ----------
    source, on_note
        As of `recurate.reading.tables.read_rewards`.
    asked : AskedPairs
        What is wanted of it.

    Raises
    ------
    InputError, OSError
        As of `recurate.reading.tables.read_rewards`.
    """
    with named_errors(source):
        return scored_pairs_in(opened(source), asked, on_note)


def scored_pairs_in(
    source: Source, asked: AskedPairs, on_note: Callable[[str], None]
) -> ScoredPairs:
    """Read scored pairs in an open table; see `read_scored_pairs`."""
    said = Notices(escaped(source.name), on_note)
    codes = codes_of(asked.codes)
    refuse_training_log(source.fields, said.name)
    names = (asked.chosen, asked.rejected, asked.vote, *asked.prompts, asked.weight)
    source = with_inner_fields(source, names)
    prompts = [named(source.fields, p, "--prompt-column", said.name) for p in asked.prompts]
    scores, vote = _columns(source.fields, asked, said)
    if codes and vote is None:
        raise codes_of_nothing(said.name)
    items = () if vote is None else recognising.pair_of_items(source.fields) or ()
    texts = [*items, *([] if vote is None else [vote])]
    weight = weight_column(source.fields, asked.weight, (*scores, vote, *prompts), said.name)
    as_they_are = [*scores, *([] if weight is None else [weight])]
    rows = rows_of(
        source,
        asked.where,
        texts,
        as_they_are,
        prompts=prompts,
        lists=scores[:1],
        looked_at=likely_counts(source.fields),
    )
    said.refuse_log(rows.frame.select(rows.others), source.fields)
    rows, counts = counted(rows, weight, said, drop=asked.missing == "drop")
    rewards = [numbers(rows, field) for field in scores]
    labels = [columns.labels(rows.frame[field], rows.place) for field in prompts]
    missing = {f: column.is_missing for f, column in zip(scores, rewards, strict=True)}
    missing |= {f: column.is_missing for f, column in zip(prompts, labels, strict=True)}
    found = np.full(rows.frame.height, FIRST)
    if vote is not None:
        found = verdicts(rows.frame[vote], _pairs(rows, items, scores), codes, rows.place, said)
        missing[vote] = found == MISSING
    if rows.item is not None:
        said.say(f"the entries of lists in {listed(scores)} are pairs, one each")
    kept = complete(rows, missing, said, drop=asked.missing == "drop")
    again, copy = copies(np.where(kept, counts, 0), said.name)
    found = found[again]
    about_votes(found, said)
    if (found == NO_VOTE).all():
        raise no_votes(said.name)
    said.about_source(source, asked.where)
    about_dependence(rows, said, is_grouped=bool(prompts))
    if weight is None:
        about_counts(rows, said)
    entry, is_first, weights = halves(found)
    row = again[entry]
    first, second = (column.values[row] for column in rewards)
    clusters, origin = None, rows.origin
    if labels:
        clusters = columns.together(labels).numbers[row]
    elif rows.item is not None and origin is not None and rows.item.any() and origin.any():
        clusters = origin[row] * counts.max() + copy[entry]  # but one row may hold a whole table
    return ScoredPairs(
        chosen=np.where(is_first, first, second),
        rejected=np.where(is_first, second, first),
        weights=weights,
        clusters=None if clusters is None else by_first_appearance(clusters)[1],
        scores=scores,
        vote=vote,
    )


def require_both_ways(pairs: ScoredPairs, name: str) -> None:
    """Raise InputError unless some choices are of the higher reward, and some of the lower.

    Parameters
    ----------
    pairs : ScoredPairs
        The pairs.
    name : str
        Of the table, escaped.
    """
    higher = float(pairs.weights[pairs.chosen > pairs.rejected].sum())
    lower = float(pairs.weights[pairs.chosen < pairs.rejected].sum())
    if higher and lower:
        return
    columns_of = f"{name}, columns {listed(pairs.scores)}"
    every = float(pairs.weights.sum())
    if not higher and not lower:
        raise InputError(
            f"{columns_of}: rewards must differ in some pairs; got the same twice in all "
            f"{every:,.10g}: give pairs whose rewards differ"
        )
    others = every - higher - lower
    of = f"{higher + lower:,.10g} pairs"
    of += f" that differ (and the same in {others:,.10g})" if others else ""
    if higher:
        raise InputError(
            f"{columns_of}: the chosen one must have the lower reward in some pairs, or γ is "
            f"infinite; got the higher one in all {of}: give more pairs"
        )
    first, second = map(shown, pairs.scores)
    swapped = f"--chosen-column {second} --rejected-column {first} swaps them"
    if pairs.vote is not None:
        swapped = f"--codes says what the values of {shown(pairs.vote)} mean"
    raise InputError(
        f"{columns_of}: the chosen one must have the higher reward in some pairs, or γ is minus "
        f"infinity; got the lower one in all {of}: are they the wrong way round ({swapped})? In "
        "any case give more pairs"
    )


def _columns(
    fields: Sequence[str], asked: AskedPairs, said: Notices
) -> tuple[tuple[str, str], str | None]:
    """Return the columns of the two rewards, and of what was chosen, if one says so."""
    vote = None if asked.vote is None else named(fields, asked.vote, "--vote-column", said.name)
    if asked.chosen is not None and asked.rejected is not None:
        a = named(fields, asked.chosen, "--chosen-column", said.name)
        b = named(fields, asked.rejected, "--rejected-column", said.name)
        if a == b:
            raise InputError(
                f"--chosen-column and --rejected-column must be two columns; got {shown(a)} twice"
            )
        return (a, b), vote
    if asked.chosen is not None or asked.rejected is not None:
        there, missing = ("chosen", "rejected") if asked.chosen else ("rejected", "chosen")
        raise InputError(f"--{there}-column needs --{missing}-column beside it; got one")
    scores = None if vote else recognising.scored_pair(fields)
    if scores is not None:
        said.say(
            f"{shown(scores[0])} and {shown(scores[1])} are the rewards of chosen and rejected"
        )
        return scores, None
    scores = recognising.scores_of_two(fields)
    vote = vote or next(iter(recognising.vote_columns(fields, scores or ())), None)
    if scores is not None and vote is not None:
        said.say(
            f"{shown(scores[0])} and {shown(scores[1])} are the rewards, {shown(vote)} says which "
            "was chosen"
        )
        return scores, vote
    votes = recognising.recognised(fields)
    hint = "; of votes alone, recurate votes makes rewards" if votes is not None else ""
    raise InputError(
        f"{said.name} must have the rewards of the chosen and of the rejected one, as columns "
        f"chosen_reward and rejected_reward, or name them with --chosen-column and "
        f"--rejected-column; got {listed(fields)}{hint}"
    )


def _pairs(rows: Rows, items: Sequence[str], scores: tuple[str, str]) -> Pairs:
    """Return the items of each row, if there are columns of them: a vote may name one."""
    if not items:
        nobody = np.full(rows.frame.height, -2)
        return Pairs([], nobody, nobody, scores)
    names, (a, b) = labels_of_items([columns.labels(rows.frame[f], rows.place) for f in items])
    return Pairs([as_text(name) for name in names], a, b, scores)
