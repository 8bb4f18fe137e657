"""Which columns of a table are meant: by their names, or by a pattern."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Literal

from recurate.errors import InputError
from recurate.numerics.text import escaped, listed, shown
from recurate.reading.asked import Asked
from recurate.reading.names import other_raters
from recurate.reading.votes.recognising import looks_like_votes, rank_column

CANDIDATE = "candidate"
"""Name of the column that says which column of a wide table a candidate comes from."""


_REWARDS = (
    *("log[ _-]?odds", "logit"),
    *("reward", "score", "rating", "preference", "elo", "win[ _-]?rate", "exact_match", "correct"),
    *("accuracy", "acc", "quality", "grade", "helpfulness", "pickscore", "resolved", "passed"),
    *("star", "speed[ _-]?up", r"pass@\d+", "(?:pass|solve|success)[ _-]?rate"),
)
"""What columns of rewards are called too, in small letters; the likeliest first."""

_ONE_OF_SEVERAL = re.compile(r"(.*(?:reward|score|rating)s?[ _.-]?)(\d+|[A-Za-z])")


@dataclass(frozen=True)
class Chosen:
    """Columns of a table, by their use.

    Attributes
    ----------
    reward : str
        Column of the rewards; of a wide table, the pattern of them, or how many raters' they are.
    group, weight : str or None
    prompts, follow : tuple of str
    wide : tuple of str
        Columns of a wide table with one candidate each, or one rater's ratings.
    rater, candidate : str or None
    ratings : {"rows", "cells"} or None
        Whether several rows, or several cells and entries of one row, rate one candidate.
    trials : str or None
        Column of the number of trials that each reward, a rate, is of.
    """

    reward: str
    group: str | None
    weight: str | None
    prompts: tuple[str, ...]
    follow: tuple[str, ...]
    wide: tuple[str, ...] = ()
    rater: str | None = None
    candidate: str | None = None
    ratings: Literal["rows", "cells"] | None = None
    trials: str | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns that are read as they are written, each once."""
        found = (self.group, self.weight, *self.prompts, self.rater, self.candidate)
        return tuple(dict.fromkeys(field for field in found if field is not None))


def chosen(fields: Sequence[str], asked: Asked, name: str) -> Chosen:
    """Return the columns that are asked for.

    Parameters
    ----------
    fields : sequence of str
        Names of the table's columns.
    asked : Asked
        What is asked of it.
    name : str
        Of the table, for errors; escaped.

    Raises
    ------
    InputError
        If one is not there, or there are two of its name; if what is asked cannot be together.
    """
    _require_one_shape(asked)
    _require_raters(asked)
    pattern = asked.candidate_columns
    every = [*fields, CANDIDATE] if pattern is not None and CANDIDATE not in fields else fields
    prompts, follow, by = (
        tuple(dict.fromkeys(named(every, wanted, option, name) for wanted in given))
        for option, given in (
            ("--prompt-column", asked.prompts),
            ("--follow", asked.follow),
            ("by, in the file of --loop,", asked.by),
        )
    )
    follow = tuple(dict.fromkeys((*follow, *by)))
    group = _asked_or_usual(every, asked.group, "group", name)
    weight = _asked_or_usual(every, asked.weight, "weight", name)
    if pattern is None:
        rated = _rated(fields, asked, group, name)
        if len(asked.reward) > 1:
            wide = tuple(named(fields, one, "--reward-column", name) for one in asked.reward)
            if len(set(wide)) < len(wide):
                raise InputError(
                    f"--reward-column must name each column once; got {listed(wide, len(wide))}"
                )
            reward = f"mean of {len(wide)} {'voters' if asked.raters == 'voters' else 'raters'}"
            return Chosen(reward, group, weight, prompts, follow, wide, *rated)
        found = _asked_or_usual(fields, next(iter(asked.reward), None), "reward", name)
        if found is None:
            raise InputError(
                f"{name} must have a column 'reward' (or name another with --reward-column); "
                f"got {listed(fields)}{_instead_of_reward(fields)}"
            )
        return Chosen(found, group, weight, prompts, follow, (), *rated)
    others = {*prompts, *follow, *([] if group is None else [group])}
    others |= set() if weight is None else {weight}
    return Chosen(pattern, group, weight, prompts, follow, _fitting(fields, pattern, others, name))


def _require_one_shape(asked: Asked) -> None:
    """Raise InputError if a table is asked to have two shapes."""
    ways = {
        "--reward-column": bool(asked.reward) and asked.candidate_columns is not None,
        "--candidate-columns": asked.candidate_columns is not None,
        "several --reward-column": len(asked.reward) > 1,
        "--lists raters": asked.lists == "raters",
        "--rater-column": asked.rater is not None and asked.lists == "candidates",
        "--candidate-column": asked.candidate is not None and asked.lists == "raters",
    }
    found = [way for way, is_asked in ways.items() if is_asked]
    if len(found) > 1:
        raise InputError(f"only one of {found[0]} and {found[1]} can be given; got both")
    if asked.candidate is not None and asked.rater is None:
        raise InputError(
            "--candidate-column says which rows are ratings of one candidate: name the column of "
            "raters too, with --rater-column"
        )


def _require_raters(asked: Asked) -> None:
    """Raise InputError if there are to be voters, and nothing says whose ratings are whose."""
    if asked.raters == "mean" or len(asked.reward) > 1 or asked.rater is not None:
        return
    if asked.shares:
        columns = "none" if not asked.reward else f"only {shown(asked.reward[0])}"
        raise InputError(
            f"--shares has the shares of {len(asked.shares)} voters: name a --reward-column for "
            f"each of them, or their --rater-column; got {columns}"
        )
    raise InputError(
        "--raters voters needs to know who rated what: name the --rater-column, or a "
        "--reward-column for each rater"
    )


def _rated(
    fields: Sequence[str], asked: Asked, group: str | None, name: str
) -> tuple[str | None, str | None, Literal["rows", "cells"] | None]:
    """Return the columns of raters and of candidates, and what the ratings of one candidate are."""
    rater, candidate = (
        None if given is None else named(fields, given, option, name)
        for option, given in (
            ("--rater-column", asked.rater),
            ("--candidate-column", asked.candidate),
        )
    )
    if asked.lists == "raters" or len(asked.reward) > 1:
        return rater, candidate, "cells"
    if rater is None:
        return None, None, None
    if candidate is None and group is None:
        raise InputError(
            "--rater-column takes the rows of one candidate together: name the column that tells "
            f"candidates apart with --group-column or --candidate-column; {name} has "
            f"{listed([field for field in fields if field != rater])}"
        )
    return rater, candidate, "rows"


def named(fields: Sequence[str], wanted: str, option: str, name: str) -> str:
    """Return the column of a name, without regard to case if only one fits; or raise InputError."""
    found = _find(fields, wanted, option, name)
    if found is None:
        raise InputError(
            f"{option} must name a column of {name}: {listed(fields)}; got {shown(wanted)}"
            f"{_near(fields, wanted, option)}"
        )
    return found


def _asked_or_usual(fields: Sequence[str], asked: str | None, usual: str, name: str) -> str | None:
    option = f"--{usual}-column"
    if asked is not None:
        return named(fields, asked, option, name)
    return _find(fields, usual, option, name)


def _find(fields: Sequence[str], wanted: str, option: str, name: str) -> str | None:
    found = [field for field in fields if field == wanted]
    if len(found) > 1:
        raise InputError(f"{name} must have one column {shown(wanted)}; got {len(found)}")
    if found:
        return found[0]
    folded = wanted.strip().casefold()
    found = [field for field in fields if field.strip().casefold() == folded]
    if len(found) > 1:
        raise InputError(
            f"{option} must name one column of {name}; {shown(wanted)} may be any of "
            f"{listed(found)}"
        )
    return found[0] if found else None


def _near(fields: Sequence[str], wanted: str, option: str) -> str:
    """Return what to type for a column that is not there, if one has a name much like it."""
    near = get_close_matches(wanted[:99], [field[:99] for field in fields[:1000]], 1)
    return f"; try {option} {shown(near[0])}" if near else ""


def _instead_of_reward(fields: Sequence[str]) -> str:
    """Return what to type where no column is called reward, if one may be of rewards."""
    if command := looks_like_votes(fields):
        return f"; try {command}"
    stems = [found[1] for field in fields if (found := _ONE_OF_SEVERAL.fullmatch(field))]
    if stems and stems.count(stems[0]) > 1:
        others = sum(field.startswith(stems[0]) for field in fields) - stems.count(stems[0])
        one = "?" if others else "*"  # score_a and score_b, but not score_ratio
        return f"; try --candidate-columns {shown(stems[0] + one)}"
    records = {field.rpartition(".")[0] for field in fields}
    inner = {f: f.casefold().removesuffix(".value").rpartition(".")[2] for f in fields}
    for end in (r"\W*$", "(?![a-z])"):  # a reward_score rather than a reward_model
        for name in _REWARDS:
            pattern = re.compile(rf"(?<![a-z]){name}s?{end}")
            for field, name_inside in inner.items():
                if field not in records and pattern.search(name_inside):
                    return f"; try --reward-column {shown(field)}{_and_others(fields, field)}"
    for field in fields:
        if others_too := _and_others(fields, field):
            return f"; try --reward-column {shown(field)}{others_too}"
    if rank := rank_column(fields):
        return f"; if 1 is the best, try --reward-column {shown(rank)} --scale -1"
    return ""


def _and_others(fields: Sequence[str], field: str) -> str:
    """Return what to type beside a rater's column, if there are others'."""
    return ", and again for each other rater's" if other_raters(fields, field) else ""


def _fitting(
    fields: Sequence[str], pattern: str, others: Collection[str], name: str
) -> tuple[str, ...]:
    """Return the columns that a pattern names, without those that are used otherwise."""
    fits = [field for field in fields if fnmatchcase(field, pattern)] or [
        field for field in fields if fnmatchcase(field.casefold(), pattern.casefold())
    ]
    found = tuple(field for field in fits if field not in others)
    if not found:
        raise InputError(
            f"--candidate-columns must be a pattern of columns of {name}, as 'reward_*': "
            f"{listed(fields)}; got {shown(pattern)}"
        )
    if len(set(found)) < len(found):
        twice = next(field for field in found if found.count(field) > 1)
        raise InputError(
            f"{escaped(name)} must have one column {shown(twice)}; got {found.count(twice)}"
        )
    return found
