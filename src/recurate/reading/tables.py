"""From a table to the law of its rewards, with errors that name the row and column."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import resources

from recurate.errors import InputError
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.text import escaped, shown
from recurate.reading import columns, notices, units
from recurate.reading.asked import Asked
from recurate.reading.candidates import Candidates, candidates_of, wanted_rows
from recurate.reading.choosing import Chosen, chosen
from recurate.reading.formats.arrays import is_law
from recurate.reading.formats.content import content_of
from recurate.reading.formats.opening import name_of, named_errors, opened, table_in
from recurate.reading.formats.source import Source
from recurate.reading.inside import with_inner_fields
from recurate.reading.names import words
from recurate.reading.parts.law_file import summarised_table
from recurate.reading.table import RewardTable
from recurate.reading.votes.square import refuse_square
from recurate.reading.weights import shares

__all__ = ["EXAMPLES", "Example", "read_example", "read_rewards"]


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
    return table_of(source, own, notices.Notices(escaped(source.name), on_note))


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
        content = content_of(source)
        if is_law(content.data):
            table = summarised_table(content.name, content.data, asked)
        else:
            found = table_in(content)
            table = table_of(found, asked, notices.Notices(escaped(found.name), on_note))
    # The formats' own names of it are escaped, for errors.
    return replace(table, source=name_of(source))


def table_of(source: Source, asked: Asked, said: notices.Notices) -> RewardTable:
    """Read an open table; see `read_rewards`."""
    is_unit_given = asked.unit is not None
    source, asked, uses = prepared(source, asked, said)
    rows = wanted_rows(source, asked, uses)
    if not rows.frame.height:
        raise InputError(f"{said.name} must have at least one row of rewards; got none")
    said.refuse_log(rows.frame.select(rows.others), source.fields)
    found = candidates_of(rows, asked, uses, said)
    if found is None:
        raise InputError(
            f"{said.name} must have at least one row of rewards; none of {rows.frame.height:,} is "
            "left"
        )
    table = _as_table(found, replace(asked, follow=uses.follow), said)
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
        found.rows.frame.select(rows.others),
        is_prompted=law.prompt_index is not None,
        prompt_rows=len(law.prompt_names) if not uses.prompts else 0,
    )
    if uses.ratings is None and are_rewards:
        said.about_raters(rows, uses)
    return replace(table, unused_errors=_unused_errors(source.fields, uses))


def prepared(source: Source, asked: Asked, said: notices.Notices) -> tuple[Source, Asked, Chosen]:
    """Return a table with all columns that are asked for, what is asked, and those columns.

    Raises
    ------
    InputError
        If one is not there, or what is asked cannot be together.
    """
    if not math.isfinite(asked.scale):
        raise InputError(f"--scale must be a finite number; got {asked.scale}")
    for sentinel in asked.sentinels:
        columns.require_text("--sentinel", sentinel)
    notices.refuse_training_log(source.fields, said.name)
    if not asked.prompts:  # an array of two dimensions has its own
        asked = replace(asked, prompts=tuple(source.prompts))
    names = (*asked.reward, asked.group, asked.weight, *asked.prompts)
    names += (*asked.follow, *asked.by, asked.rater, asked.candidate, asked.trials)
    asked = replace(asked, unit=asked.unit or "log-odds")
    source = with_inner_fields(source, names)
    if not asked.reward and asked.candidate_columns is None:
        refuse_square(source, said.name)
    uses = chosen(source.fields, asked, said.name)
    trials = units.trials_column(source.fields, asked, uses, said.name)
    return source, asked, replace(uses, trials=trials)


def _as_table(found: Candidates, asked: Asked, said: notices.Notices) -> RewardTable:
    """Return the table of candidates."""
    weights = found.weights
    try:
        law = RewardLaw(
            found.rewards,
            None if weights is None else shares(weights, said.name, found.rows.place),
            found.groups,
            prompts=found.prompts,
            prompt_weights=asked.prompt_weights,
            scores=found.scores or None,
        )
    except InputError:
        raise
    except (ValueError, TypeError) as error:
        raise InputError(f"{said.name}: {error}") from error
    return RewardTable(
        said.name,
        asked,
        law,
        found.in_unit,
        found.estimates,
        voters=found.voters,
        voter_scale=found.voter_scale,
    )


def _unused_errors(fields: Sequence[str], uses: Chosen) -> str | None:
    """Return the column of standard errors, as `recurate votes` writes one, if it has no use."""
    used = (uses.reward, *uses.wide, *uses.follow, *uses.texts)
    errors = [f for f in fields if words(f) == ["standard", "error"] and f not in used]
    return None if uses.ratings is not None or not errors else errors[0]
