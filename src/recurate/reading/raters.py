"""Several ratings of one candidate: which ones belong together, and what the candidate then is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import Labels, by_first_appearance
from recurate.numerics.text import listed, shown
from recurate.numerics.validation import FloatArray
from recurate.reading.choosing import Chosen
from recurate.reading.columns import BoolArray, IntArray, Numbers, Place, wrong_value
from recurate.reading.formats.hints import DROP
from recurate.reading.notices import Notices
from recurate.reading.shapes import Rows

if TYPE_CHECKING:
    from recurate.numerics.inference.ratings import Ratings


@dataclass(frozen=True)
class Entries:
    """What a law is made of: candidates, or at first their ratings, one an entry.

    Attributes
    ----------
    rows : Rows
        Where they are; of candidates, their first ratings.
    rewards : ndarray, shape (entries,)
        As they stand in the table.
    weights : ndarray, shape (entries,), or None
        As they stand in the table.
    groups, prompts : Labels or None
        Of each entry.
    scores : dict of ndarray, shape (entries,)
        Columns that are followed; NaN where there is no value.
    """

    rows: Rows
    rewards: FloatArray
    weights: FloatArray | None
    groups: Labels | None
    prompts: Labels | None
    scores: dict[str, FloatArray]


def without_ratings(
    rows: Rows, rewards: Numbers, is_sentinel: BoolArray, uses: Chosen, missing: str, said: Notices
) -> Rows:
    """Return cells and entries of lists; those that hold no rating are marked as absent.

    Raises
    ------
    InputError
        If the cells hold no lists; if a row holds no rating at all, and what is `missing` is an
        error.
    """
    if rows.origin is None:
        raise InputError(
            f"--lists raters needs lists in the cells of column {shown(uses.reward)}; {said.name} "
            "has none: if several rows rate one candidate, --rater-column names the raters"
        )
    is_absent = rewards.is_missing & ~is_sentinel
    has_any = (np.bincount(rows.origin, ~is_absent) > 0)[rows.origin]
    bare = np.unique(rows.origin[~has_any])
    if bare.size and missing == "error":
        fields = listed(uses.wide or [uses.reward])
        column = "one of the columns" if uses.wide else "column"
        raise InputError(
            f"{rows.source.place(1 + int(bare[0]))}: must have a rating in {column} {fields}; got "
            f"none{DROP}"
        )
    if count := int((is_absent & has_any).sum()):
        are = "is" if count == 1 else "are"
        said.say(f"{count:,} of {is_absent.size:,} ratings {are} missing, and left out")
    if bare.size:
        every = np.unique(rows.origin).size
        have, are = ("has", "is") if bare.size == 1 else ("have", "are")
        said.say(f"{bare.size:,} of {every:,} candidates {have} no rating, and {are} left out")
    return replace(rows, is_absent=is_absent)


def rated(
    entries: Entries,
    uses: Chosen,
    labels: dict[str, Labels],
    said: Notices,
    *,
    are_voters: bool = False,
) -> tuple[Entries, Ratings]:
    """Return the candidates that were rated, and their ratings, as they stand.

    Rewards and scores of a candidate are means over its ratings that have one.

    Parameters
    ----------
    entries : Entries
        Of the ratings.
    uses : Chosen
        The table's columns.
    labels : dict of Labels
        Of the ratings, by column.
    said : Notices
        Is told what the reader may not have meant.
    are_voters : bool
        Whether raters are voters, and their mean is no reward.

    Raises
    ------
    InputError
        If the ratings of a candidate differ in weight, group or prompt; with two rows.
    """
    from recurate.numerics.inference.ratings import Ratings  # it loads SciPy

    rows = entries.rows
    candidate = _candidates(entries, uses, labels)
    first = np.unique(candidate, return_index=True)[1]
    raters = _raters(rows, uses, labels)
    ratings = Ratings(candidate, raters.numbers, entries.rewards, raters.names)

    def shared(column: str | None, values: Any, names: Any = None) -> Any:
        """Return the values of a column that all ratings of a candidate have alike."""
        wrong = np.flatnonzero(values != values[first][candidate])
        if wrong.size:
            row, other = int(wrong[0]), int(first[candidate[wrong[0]]])
            written = values[[row, other]].tolist()
            if names is not None:
                written = [names[number] for number in written]
            raise wrong_value(
                rows.place(row),
                str(column),
                f"must be the same in all ratings of a candidate; got {shown(written[0])}, and "
                f"{shown(written[1])} in {rows.place(other).removeprefix(f'{said.name}, ')}",
            )
        return values[first]

    def shared_labels(column: str | None, found: Labels | None) -> Labels | None:
        return found and Labels(found.names, shared(column, found.numbers, found.names))

    is_first = np.zeros(candidate.size, np.bool_)
    is_first[first] = True
    candidates = rows.where(is_first)
    if uses.ratings == "cells":  # a candidate is a row, and not its first entry
        candidates = replace(candidates, item=None)
    means = Entries(
        candidates,
        ratings.means(),
        None if entries.weights is None else shared(uses.weight, entries.weights),
        shared_labels(uses.group, entries.groups),
        shared_labels(" and ".join(uses.prompts), entries.prompts),
        {name: _means(scores, candidate) for name, scores in entries.scores.items()},
    )
    if not are_voters:
        _say_how_many(np.bincount(candidate), said)
    _say_repeated(candidate, raters, rows.place, uses, said)
    return means, ratings


def _candidates(entries: Entries, uses: Chosen, labels: dict[str, Labels]) -> IntArray:
    """Return the number of each rating's candidate, by first appearance, shape (ratings,)."""
    if uses.ratings == "cells":
        assert entries.rows.origin is not None
        return by_first_appearance(entries.rows.origin)[1]
    of_prompt = labels[str(uses.candidate or uses.group)]
    number = of_prompt.numbers
    if entries.prompts is not None:
        number = entries.prompts.numbers * len(of_prompt.names) + number
    return by_first_appearance(number)[1]


def _raters(rows: Rows, uses: Chosen, labels: dict[str, Labels]) -> Labels:
    """Return the rater of each rating: without any names, each has one of its own."""
    if uses.rater is not None:
        return labels[uses.rater]
    if not rows.raters:
        return Labels((), np.arange(rows.frame.height))
    assert rows.item is not None
    present, numbers = by_first_appearance(rows.item)
    return Labels(tuple(rows.raters[item] for item in present.tolist()), numbers)


def _means(values: FloatArray, candidate: IntArray) -> FloatArray:
    """Return the mean of each candidate's values, without those that are NaN; NaN of none."""
    is_there = ~np.isnan(values)
    sums = np.bincount(candidate, np.where(is_there, values, 0))
    with np.errstate(invalid="ignore"):
        means: FloatArray = sums / np.bincount(candidate, is_there)
    return means


def _say_how_many(counts: IntArray, said: Notices) -> None:
    """Say how many ratings candidates have, if that differs or is one."""
    least, most = int(counts.min()), int(counts.max())
    if most == 1:
        said.say("no candidate has more than one rating: are the candidates those that are meant?")
    elif least < most:
        said.say(
            f"candidates have {least:,} to {most:,} ratings: a reward is the mean of those that "
            "are there"
        )


def _say_repeated(
    candidate: IntArray, raters: Labels, place: Place, uses: Chosen, said: Notices
) -> None:
    """Say how many ratings are a rater's second of one candidate."""
    if not raters.names:
        return
    _, first = np.unique(candidate * len(raters.names) + raters.numbers, return_index=True)
    is_again = np.ones(candidate.size, np.bool_)
    is_again[first] = False
    if not is_again.any():
        return
    row, count = int(np.argmax(is_again)), int(is_again.sum())
    has_groups_only = uses.ratings == "rows" and uses.candidate is None
    other = "; --candidate-column tells the candidates of one group apart"
    said.say(
        f"{count:,} of {candidate.size:,} ratings {'is' if count == 1 else 'are'} a rater's second "
        f"of one candidate (of {shown(raters.names[raters.numbers[row]])}, "
        f"{place(row).removeprefix(f'{said.name}, ')}), and counted too"
        f"{other if has_groups_only else ''}"
    )
