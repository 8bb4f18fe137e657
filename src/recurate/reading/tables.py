"""From a table to the law of its rewards, with errors that name the row and column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from recurate.errors import InputError
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import escaped, listed, shown
from recurate.numerics.validation import FloatArray
from recurate.reading import columns, notices, units
from recurate.reading.asked import Asked
from recurate.reading.choosing import Chosen, chosen
from recurate.reading.columns import BoolArray, Names, Numbers
from recurate.reading.formats.opening import name_of, named_errors, opened
from recurate.reading.formats.source import Source
from recurate.reading.inside import with_inner_fields
from recurate.reading.names import words
from recurate.reading.raters import Entries, rated, without_ratings
from recurate.reading.rewards import rewards_of
from recurate.reading.shapes import Rows, gathered, rows_of
from recurate.reading.table import RewardTable
from recurate.reading.voters import gone_by_voters, of_voters
from recurate.reading.votes.square import refuse_square
from recurate.reading.weights import shares
from recurate.reading.where import Where

if TYPE_CHECKING:
    import polars as pl

    from recurate.numerics.inference.ratings import Ratings

__all__ = ["EXAMPLES", "MOST_GROUPS", "Example", "read_example", "read_rewards"]

MOST_GROUPS = 10_000
"""Most groups of a table: the share of each is kept at every step."""


@dataclass(frozen=True)
class Example:
    """A table that comes with the package."""

    file: str
    reward: str
    group: str


EXAMPLES = {
    "digits-confidence": Example("digits.csv", "confidence_reward", "predicted_digit"),
    "digits-class": Example("digits.csv", "class_reward", "predicted_digit"),
}
"""Real rewards that come with the package: scikit-learn's handwritten digits
(recurate.figures.images.digits_rewards)."""


def read_example(
    name: str, asked: Asked, *, on_note: Callable[[str], None] = lambda text: None
) -> RewardTable:
    """Read a table that comes with the package.

    Parameters
    ----------
    name : str
        Key of `EXAMPLES`.
    asked : Asked
        What is wanted of it; columns that are not named are the example's own.
    on_note : callable
        As of `read_rewards`.

    Raises
    ------
    InputError
        If there is no such example or column.
    """
    if name not in EXAMPLES:
        raise InputError(f"--example must be one of {', '.join(EXAMPLES)}; got {shown(name)}")
    example = EXAMPLES[name]
    own = replace(
        asked,
        reward=asked.reward or (example.reward,),
        group=example.group if asked.group is None else asked.group,
        unit=asked.unit or "log-odds",
    )
    with resources.as_file(resources.files("recurate") / "examples" / example.file) as path:
        source = opened(str(path))
    source.name = f"example {name}"
    return table_of(source, own, on_note)


def read_rewards(
    source: str, asked: Asked, *, on_note: Callable[[str], None] = lambda text: None
) -> RewardTable:
    """Read a table of rewards in a file.

    Parameters
    ----------
    source : str
        Path of a file (see `recurate.reading.formats.opening.opened`); "-" is standard input.
    asked : Asked
        What is wanted of it.
    on_note : callable
        Called with each remark, a line.

    Returns
    -------
    RewardTable
        Probabilities of its law are the weights over their sum, or uniform.

    Raises
    ------
    InputError
        If the table cannot be used; the message names the row and the column.
    OSError
        If the file cannot be read.
    """
    with named_errors(source):
        table = table_of(opened(source), asked, on_note)
    # The formats' own names of it are escaped, for errors.
    return replace(table, source=name_of(source))


def table_of(source: Source, asked: Asked, on_note: Callable[[str], None]) -> RewardTable:
    """Read an open table; see `read_rewards`."""
    if not math.isfinite(asked.scale):
        raise InputError(f"--scale must be a finite number; got {asked.scale}")
    for sentinel in asked.sentinels:
        columns.require_text("--sentinel", sentinel)
    said = notices.Notices(escaped(source.name), on_note)
    notices.refuse_training_log(source.fields, said.name)
    if not asked.prompts:  # an array of two dimensions has its own
        asked = replace(asked, prompts=tuple(source.prompts))
    names = (*asked.reward, asked.group, asked.weight, *asked.prompts)
    names += (*asked.follow, *asked.by, asked.rater, asked.candidate, asked.trials)
    is_unit_given = asked.unit is not None
    asked = replace(asked, unit=asked.unit or "log-odds")
    source = with_inner_fields(source, names)
    if not asked.reward and asked.candidate_columns is None:
        refuse_square(source, said.name)
    uses = chosen(source.fields, asked, said.name)
    uses = replace(uses, trials=units.trials_column(source.fields, asked, uses, said.name))
    rows = _rows(source, asked, uses)
    if not rows.frame.height:
        raise InputError(f"{said.name} must have at least one row of rewards; got none")
    said.refuse_log(rows.frame.select(rows.others), source.fields)
    table, candidates = _read(rows, asked, uses, said)
    said.about_source(source, asked.where)
    law = table.law
    signed = [
        field
        for field in dict.fromkeys((uses.reward, *uses.follow))
        if columns.has_percent_signs(rows.frame[field])
    ]
    said.percent_signs(signed)
    are_rewards = said.about_rewards(
        table, uses.reward, is_unit_given=is_unit_given, has_signs=uses.reward in signed
    )
    said.about_columns(
        candidates.frame.select(rows.others),
        is_prompted=law.prompt_index is not None,
        prompt_rows=len(law.prompt_names) if not uses.prompts else 0,
    )
    if uses.ratings is None and are_rewards:
        said.about_raters(rows, uses)
    return replace(table, unused_errors=_unused_errors(source.fields, uses))


def _unused_errors(fields: Sequence[str], uses: Chosen) -> str | None:
    """Return the column of standard errors, as `recurate votes` writes one, if it has no use."""
    used = (uses.reward, *uses.wide, *uses.follow, *uses.texts)
    errors = [f for f in fields if words(f) == ["standard", "error"] and f not in used]
    return None if uses.ratings is not None or not errors else errors[0]


def _rows(source: Source, asked: Asked, uses: Chosen) -> Rows:
    """Read the columns, and return the rows that are wanted, one a candidate."""
    is_wide = bool(uses.wide) and uses.ratings is None
    where = None
    if asked.where is not None:
        where = Where(asked.where, source, uses.texts, is_wide=is_wide)
    wanted = [*uses.texts, *uses.follow, *(uses.wide or [uses.reward])]
    wanted += [] if uses.trials is None else [uses.trials]
    others = notices.telling(source.fields, wanted)
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
    return rows if where is None else rows.where(where.rows(rows.frame))


def _read(
    rows: Rows, asked: Asked, uses: Chosen, said: notices.Notices
) -> tuple[RewardTable, Rows]:
    """Read numbers and labels, leave out what is asked to be; return the table and its rows."""
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
    if group is not None:
        said.stripped("group", group)
        if len(group.names) > MOST_GROUPS:
            raise InputError(
                f"{said.name} must have at most {MOST_GROUPS:,} groups; got more: is the column of "
                "groups one of identifiers?"
            )
    every = _prompts(rows, asked, uses, [labels[field] for field in uses.prompts])
    entries = Entries(
        rows.where(kept),
        _taken(rewards.values, kept),
        None if weight is None else _taken(weight.values, kept),
        None if group is None else group.of(kept),
        None if every is None else every.of(kept),
        {f: columns.numbers(frame[f], rows.place).values[kept] for f in uses.follow},
    )
    ratings = None
    if uses.ratings is not None:
        units.require_ratings(entries.rewards, asked, uses.reward, entries.rows)
        labels_kept = {field: names.of(kept) for field, names in labels.items()}
        are_voters = asked.raters == "voters"
        entries, ratings = rated(entries, uses, labels_kept, said, are_voters=are_voters)
    for field, values in entries.scores.items():
        said.missing_score(field, np.isnan(values), "row" if ratings is None else "candidate")
    absent = rows.is_absent
    if every is not None and entries.prompts is not None:
        is_answered = np.bincount(every.numbers[kept], minlength=len(every.names)) > 0
        absent = absent & is_answered[every.numbers]
        said.stripped("prompt", every)
        said.prompts(
            len(every.names),
            entries.prompts,
            are_rows=not uses.prompts,
            has_lists=rows.item is not None and not rows.wide and uses.ratings != "cells",
        )
    if uses.ratings != "cells":  # what is absent there is a rating
        said.absent(int(absent.sum()), frame.height)
    voters: dict[str, FloatArray] = {}
    if asked.raters == "voters" and ratings is not None:
        entries, voters = of_voters(entries, ratings, uses, asked.shares, said)
        ratings = None  # those voters are all that there are, and no sample of others
    trials = _trials(asked, uses, rows, kept, entries.rows.place)
    return _of_entries(entries, ratings, voters, trials, asked, uses, said), entries.rows


def _of_entries(
    entries: Entries,
    ratings: Ratings | None,
    voters: dict[str, FloatArray],
    trials: FloatArray | None,
    asked: Asked,
    uses: Chosen,
    said: notices.Notices,
) -> RewardTable:
    """Return the table of candidates, whose rewards are the means of ratings, if there are any."""
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
    try:
        law = RewardLaw(
            in_log_odds,
            None if entries.weights is None else shares(entries.weights, said.name, place),
            entries.groups,
            prompts=entries.prompts,
            prompt_weights=asked.prompt_weights,
            scores=scores or None,
        )
    except InputError:
        raise
    except (ValueError, TypeError) as error:
        raise InputError(f"{said.name}: {error}") from error
    estimates = None
    if ratings is not None and are_means:
        estimates = replace(ratings, transform=transform, in_unit=in_unit)
    asked = replace(asked, follow=uses.follow)
    return RewardTable(said.name, asked, law, in_unit, estimates, voters=names, voter_scale=scale)


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
    counts = {field: int(m.sum()) for field, m in missing.items() if m.any()}
    said.left_out(asked, is_sentinel, counts, "rating" if uses.ratings == "cells" else "row")
    kept: BoolArray = is_there & ~is_missing
    if not kept.any():
        raise InputError(
            f"{said.name} must have at least one row of rewards; none of {kept.size:,} is left"
        )
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
        names = tuple(f"row {number + 1}" for number in numbers.tolist())
        return Names(names, index.astype(np.intp))
    if asked.prompt_weights == "equal":
        raise InputError(
            "--prompt-weights equal needs prompts: name their column with --prompt-column; "
            f"{escaped(rows.source.name)} has {listed(rows.source.fields)}"
        )
    return None
