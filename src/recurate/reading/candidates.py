"""The candidates in the rows of a table: rewards in log-odds, and what stands beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.groups import Labels
from recurate.numerics.text import escaped, listed
from recurate.numerics.validation import FloatArray
from recurate.reading import columns, notices, units
from recurate.reading.asked import Asked
from recurate.reading.choosing import Chosen
from recurate.reading.columns import BoolArray, Names, Numbers
from recurate.reading.formats.source import Source
from recurate.reading.raters import Entries, rated, without_ratings
from recurate.reading.rewards import rewards_of
from recurate.reading.shapes import Rows, gathered, rows_of
from recurate.reading.voters import gone_by_voters, of_voters
from recurate.reading.where import Where

if TYPE_CHECKING:
    import polars as pl

    from recurate.numerics.inference.ratings import Ratings
    from recurate.numerics.inference.resampled_laws import Estimates

MOST_GROUPS = 10_000
"""Most groups of a table: the share of each is kept at every step."""


@dataclass(frozen=True)
class Candidates:
    """What a law is made of, one an entry.

    Attributes
    ----------
    rows : Rows
        Where they are; if they were rated, their first ratings.
    rewards : ndarray, shape (entries,)
        In log-odds, times γ.
    weights : ndarray, shape (entries,), or None
        As they stand in the table.
    groups, prompts : Labels or None
        Of each entry.
    scores : dict of ndarray, shape (entries,)
        What is followed, NaN where there is no value; `in_unit` first, if there is one.
    in_unit, estimates, voters, voter_scale
        As of `recurate.reading.table.RewardTable`.
    """

    rows: Rows
    rewards: FloatArray
    weights: FloatArray | None
    groups: Labels | None
    prompts: Labels | None
    scores: dict[str, FloatArray]
    in_unit: str | None = None
    estimates: Estimates | None = None
    voters: tuple[str, ...] = ()
    voter_scale: float = 1.0


def wanted_rows(source: Source, asked: Asked, uses: Chosen, *, is_part: bool = False) -> Rows:
    """Read the columns, and return the rows that are wanted, one a candidate.

    Parameters
    ----------
    source, asked, uses
        The table, what is asked of it, and its columns.
    is_part : bool
        Whether it is a part of a table: it may have no rows that are wanted, and columns that were
        not asked for are not looked at.
    """
    is_wide = bool(uses.wide) and uses.ratings is None
    where = None
    if asked.where is not None:
        where = Where(asked.where, source, uses.texts, is_wide=is_wide)
    wanted = [*uses.texts, *uses.follow, *(uses.wide or [uses.reward])]
    wanted += [] if uses.trials is None else [uses.trials]
    others = [] if is_part else notices.telling(source.fields, wanted)
    wanted += [] if where is None else where.fields
    wanted = [field for field in dict.fromkeys(wanted) if field in source.fields]
    texts = [field for field in uses.texts if field in wanted]
    texts += [f for f in others if notices.may_be_prompts(f) and f not in wanted]
    frame = source.frame(list(dict.fromkeys([*wanted, *others])), texts)
    if where is not None:
        frame = where.with_typed(frame)
    if uses.wide:
        of_where = [] if where is None else where.fields
        frame = gathered(frame, uses, [*uses.texts, *uses.follow, *of_where])
    rows = rows_of(source, frame, uses.reward, uses.prompts, others)
    rows = replace(rows, raters=uses.wide) if uses.ratings else replace(rows, wide=uses.wide)
    if where is None:
        return rows
    return rows.where(where.rows(rows.frame, may_be_none=is_part))


def candidates_of(
    rows: Rows, asked: Asked, uses: Chosen, said: notices.Notices
) -> Candidates | None:
    """Read numbers and labels, and leave out what is asked to be; None if nothing is left.

    Raises
    ------
    InputError
        With the row and the column, if one cannot be used.
    """
    frame = rows.frame
    rewards, is_sentinel = rewards_of(rows, asked.sentinels, uses.reward)
    if uses.ratings == "cells":
        rows = without_ratings(rows, rewards, is_sentinel, uses, asked.missing, said)
    read: list[tuple[str, Numbers | Names]] = [(uses.reward, rewards)]
    weight = None
    if uses.weight is not None:
        weight = columns.weights(frame[uses.weight], rows.place)
        read.append((uses.weight, weight))
    if uses.trials is not None:
        read.append((uses.trials, columns.numbers(frame[uses.trials], rows.place)))
    fields = (uses.group, *uses.prompts, uses.rater, uses.candidate)
    labels = {
        field: columns.labels(frame[field], rows.place) for field in fields if field is not None
    }
    read += labels.items()
    group = None if uses.group is None else labels[uses.group]
    kept = _kept(rows, read, asked, is_sentinel, uses, said)
    if not kept.any():
        return None
    if group is not None:
        said.stripped("group", group)
        require_few_groups(len(group.names), said.name)
    every = _prompts(rows, asked, uses, [labels[field] for field in uses.prompts])
    entries = Entries(
        rows.where(kept),
        _taken(rewards.values, kept),
        None if weight is None else _taken(weight.values, kept),
        None if group is None else group.of(kept),
        None if every is None else every.of(kept),
        {f: _taken(columns.numbers(frame[f], rows.place).values, kept) for f in uses.follow},
    )
    ratings = None
    if uses.ratings is not None:
        units.require_ratings(entries.rewards, asked, uses.reward, entries.rows)
        labels_kept = {field: names.of(kept) for field, names in labels.items()}
        are_voters = asked.raters == "voters"
        entries, ratings = rated(entries, uses, labels_kept, said, are_voters=are_voters)
    for field, values in entries.scores.items():
        what = "row" if ratings is None else "candidate"
        said.missing_score(field, int(np.isnan(values).sum()), values.size, what)
    absent = rows.is_absent
    if every is not None and entries.prompts is not None:
        is_answered = np.bincount(every.numbers[kept], minlength=len(every.names)) > 0
        absent = absent & is_answered[every.numbers]
        said.stripped("prompt", every)
        has_lists = rows.item is not None and not rows.wide and uses.ratings != "cells"
        said.shape_of_prompts(are_rows=not uses.prompts, has_lists=has_lists)
        said.prompts(len(every.names), entries.prompts)
    if uses.ratings != "cells":  # what is absent there is a rating
        said.absent(int(np.count_nonzero(absent)), frame.height)
    voters: dict[str, FloatArray] = {}
    if asked.raters == "voters" and ratings is not None:
        entries, voters = of_voters(entries, ratings, uses, asked.shares, said)
        ratings = None  # those voters are all that there are, and no sample of others
    trials = _trials(asked, uses, rows, kept, entries.rows.place)
    return _in_log_odds(entries, ratings, voters, trials, asked, uses, said)


def require_few_groups(number: int, name: str) -> None:
    """Raise InputError if there are more than `MOST_GROUPS`."""
    if number > MOST_GROUPS:
        raise InputError(
            f"{name} must have at most {MOST_GROUPS:,} groups; got more: is the column of "
            "groups one of identifiers?"
        )


def _in_log_odds(
    entries: Entries,
    ratings: Ratings | None,
    voters: dict[str, FloatArray],
    trials: FloatArray | None,
    asked: Asked,
    uses: Chosen,
    said: notices.Notices,
) -> Candidates:
    """Return the candidates, whose rewards are the means of ratings, if there are any."""
    place, own, scores, in_unit = entries.rows.place, entries.rewards, entries.scores, None
    if asked.unit != "log-odds" or asked.scale != 1:
        in_unit = uses.reward
        scores = {in_unit: own} | scores
    are_means = ratings is not None and ratings.candidate.size > own.size
    transform = units.transform_of(asked, trials, uses.reward, place, are_means=are_means)
    in_log_odds = transform(own)
    gone_by, names, scale = gone_by_voters(voters, asked, trials, place)
    own_unit = {} if in_unit is None else {in_unit: scores.pop(in_unit)}
    scores = own_unit | voters | gone_by | scores
    if trials is not None:
        units.say_trials(own, trials, asked, said)
    estimates: Estimates | None = None
    if ratings is not None and are_means:
        estimates = replace(ratings, transform=transform, in_unit=in_unit)
    return Candidates(
        entries.rows,
        in_log_odds,
        entries.weights,
        entries.groups,
        entries.prompts,
        scores,
        in_unit,
        estimates,
        names,
        scale,
    )


def _trials(
    asked: Asked, uses: Chosen, rows: Rows, kept: BoolArray, place: columns.Place
) -> FloatArray | None:
    """Return the trials that each rate is of, or one number for all; None if they are not said."""
    if uses.trials is None:
        number = units.number_of_trials(asked)
        return None if number is None else np.array([number])
    trials = columns.numbers(rows.frame[uses.trials], rows.place).values[kept]
    units.require_trials(trials, uses.trials, place)
    return trials


def _taken(values: FloatArray, rows: BoolArray) -> FloatArray:
    """Return the values of some rows; without a copy, of all."""
    return values if rows.all() else values[rows]


def _kept(
    rows: Rows,
    read: list[tuple[str, Numbers | Names]],
    asked: Asked,
    is_sentinel: BoolArray,
    uses: Chosen,
    said: notices.Notices,
) -> BoolArray:
    """Return which rows have all that was read; or raise InputError, if missing ones are errors."""
    is_there = ~(rows.is_absent | is_sentinel)
    missing = {field: column.is_missing & is_there for field, column in read}
    is_missing = np.zeros_like(is_there)
    for column_is_missing in missing.values():
        is_missing |= column_is_missing
    if is_missing.any() and asked.missing == "error":
        row = int(np.argmax(is_missing))
        field, column = next((f, column) for f, column in read if missing[f][row])
        refused = columns.no_label if isinstance(column, Names) else columns.not_a_number
        raise refused(_as_written(rows, field), row, rows.place)
    counts = {field: int(np.count_nonzero(m)) for field, m in missing.items() if m.any()}
    what = "rating" if uses.ratings == "cells" else "row"
    said.left_out(asked, int(np.count_nonzero(is_sentinel)), counts, is_sentinel.size, what)
    kept: BoolArray = is_there & ~is_missing
    return kept


def _as_written(rows: Rows, field: str) -> pl.Series:
    """Return a column of the rows as text, if that is what the source has."""
    if rows.item is not None:
        return rows.frame[field]
    column = rows.source.frame([field], [field])[field]
    return column if rows.origin is None else column.gather(rows.origin)


def _prompts(rows: Rows, asked: Asked, uses: Chosen, named: list[Names]) -> Names | None:
    """Return the prompts: as they are named, else the table's rows, if they hold candidates."""
    if named:
        return columns.together(named)
    if rows.item is not None and rows.origin is not None and uses.ratings != "cells":
        numbers, index = np.unique(rows.origin, return_inverse=True)
        first = rows.source.rows_before + 1
        names = tuple(f"row {first + number}" for number in numbers.tolist())
        return Names(names, index.astype(np.intp))
    if asked.prompt_weights == "equal":
        raise InputError(
            "--prompt-weights equal needs prompts: name their column with --prompt-column; "
            f"{escaped(rows.source.name)} has {listed(rows.source.fields)}"
        )
    return None
