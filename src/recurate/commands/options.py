"""Options that several commands take: a table of rewards, and the loop on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recurate.commands.spreading import spread as spread
from recurate.commands.terminal import note
from recurate.commands.vote_options import VoteOptions, of_the_votes
from recurate.errors import InputError, as_input_errors

if TYPE_CHECKING:
    from recurate.reading.asked import Asked
    from recurate.reading.table import RewardTable

Candidates = Annotated[
    str | None,
    typer.Option(
        "-K",
        "--candidates",
        metavar="K",
        help="Samples shown per choice: 1, 2, … or inf; 4 by default.",
        show_default=False,
    ),
]
Mixing = Annotated[
    str | None,
    typer.Option(
        metavar="FLOAT",
        help="λ, synthetic samples per real one; by default inf, the loop without real data.",
        show_default=False,
    ),
]
RealFraction = Annotated[
    str | None,
    typer.Option(
        metavar="FLOAT",
        help="Share of real data in a training set, 1/(1+λ); in place of --lam.",
        show_default=False,
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random draws.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


class Rows(StrEnum):
    """What the rows of a prompt are."""

    all = "all"
    sampled = "sampled"


def of_the_table(help: str, metavar: str) -> Any:
    """Return an option in the panel of those that say what a table holds."""
    return typer.Option(
        help=help, metavar=metavar, show_default=False, rich_help_panel="The table of rewards"
    )


class PromptWeights(StrEnum):
    """What a prompt weighs."""

    rows = "rows"
    equal = "equal"


class RewardIs(StrEnum):
    """What rewards are given in: `numerics.laws.units.Unit`, which would be slow to load."""

    log_odds = "log-odds"
    probability = "probability"
    percent = "percent"
    elo = "elo"
    ratio = "ratio"


class Lists(StrEnum):
    """What a list in a cell holds."""

    candidates = "candidates"
    raters = "raters"


class Raters(StrEnum):
    """What becomes of several ratings of one candidate."""

    mean = "mean"
    voters = "voters"


class Missing(StrEnum):
    """What becomes of a row without a reward, or another value that it needs."""

    error = "error"
    drop = "drop"


def named(text: str | Path) -> Path:
    """Return the path of an option; an empty name, as of a variable without a value, is refused."""
    if not str(text):
        raise typer.BadParameter("must be a name; got ''")
    return Path(text)


def checked_candidates(text: str) -> float:
    """Return K from what was written on the command line, or raise InputError."""
    from recurate.numerics import validation

    try:
        number = validation.written_number(text, "K")
    except ValueError:
        raise InputError(
            f"K must be an integer of at least 1 or inf; got {validation.shown(text)}"
        ) from None
    with as_input_errors():
        return validation.candidates(int(number) if number.is_integer() else number)


def checked_number(text: str | None, option: str) -> float | None:
    """Return the number that an option was given, None for none, or raise InputError."""
    from recurate.numerics import validation

    with as_input_errors():
        return None if text is None else validation.written_number(text, option)


def checked_bands(bands: int) -> int:
    """Return the number of resampled tables, or raise InputError."""
    if bands < 0 or bands == 1:
        raise InputError(f"--bands must be 0 or at least 2; got {bands}")
    return bands


def checked_mixing(mixing: str | None, share: str | None) -> float:
    """Return λ from --lam or --real-fraction, infinity if neither is given, or raise InputError."""
    from recurate.numerics import validation

    lam, real_fraction = (checked_number(mixing, "--lam"), checked_number(share, "--real-fraction"))
    if lam is not None and real_fraction is not None:
        raise InputError("only one of --lam and --real-fraction can be given; got both")
    if real_fraction is None:
        with as_input_errors():
            return validation.mixing(math.inf if lam is None else lam)
    if not 0 <= real_fraction <= 1:
        raise InputError(f"--real-fraction must be from 0 to 1; got {real_fraction}")
    lam = math.inf if real_fraction == 0 else (1 - real_fraction) / real_fraction
    if lam == math.inf and real_fraction > 0:
        raise InputError(f"--real-fraction must be 0 or at least 1e-307; got {real_fraction}")
    return lam


@dataclass(frozen=True)
class KnownTable:
    """A table that comes with the package, or one of votes, in place of files."""

    example: Annotated[
        str | None,
        of_the_table(
            "A table that comes with recurate, for FILE: digits-confidence, digits-class.", "NAME"
        ),
    ] = None
    votes: Annotated[
        str | None,
        of_the_votes(
            "Table of votes, in place of FILE: rewards are estimated from it, as recurate votes "
            "does. --prompt-column, --weight-column (of how many votes a row stands for), --where, "
            "--missing and --scale are then about it.",
            "FILE",
        ),
    ] = None


@dataclass(frozen=True)
class NamedTable(KnownTable):
    """Which table a command takes."""

    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="Table of rewards: CSV, JSON, Parquet, .npy and others; - reads a pipe.",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True)
class ColumnOptions:
    """What the columns of a table are."""

    reward_column: Annotated[
        list[str] | None,
        of_the_table("Column of rewards; else 'reward'. Given again: another rater's.", "NAME"),
    ] = None
    group_column: Annotated[
        str | None, of_the_table("Column of group labels; else 'group', if there is one.", "NAME")
    ] = None
    weight_column: Annotated[
        str | None, of_the_table("Column of row weights; else 'weight', if there is one.", "NAME")
    ] = None
    prompt_column: Annotated[
        list[str] | None,
        of_the_table(
            "Column of prompts: the candidates of a choice answer one. Given again: a prompt is "
            "what these say together.",
            "NAME",
        ),
    ] = None
    prompt_weights: Annotated[
        PromptWeights,
        of_the_table("What a prompt weighs: as many as its rows, or all alike.", "rows|equal"),
    ] = PromptWeights.rows
    candidate_columns: Annotated[
        str | None,
        of_the_table("Columns of one candidate each, where a row is a prompt.", "PATTERN"),
    ] = None
    where: Annotated[str | None, of_the_table("Only these rows, as \"label = 'base'\".", "SQL")] = (
        None
    )
    missing: Annotated[
        Missing, of_the_table("Rows without a value are an error, or left out.", "error|drop")
    ] = Missing.error
    sentinel: Annotated[
        list[str] | None,
        of_the_table("Reward that stands for a missing one. May be given again.", "VALUE"),
    ] = None
    reward_is: Annotated[
        RewardIs | None,
        of_the_table(
            "What rewards are given in: log-odds (so by default), probability, percent, elo or "
            "ratio.",
            "UNIT",
        ),
    ] = None
    trials: Annotated[
        str | None,
        of_the_table(
            "How many trials each rate is of, or the column that says so: rates of 0 and 100% can "
            "then be read.",
            "N|NAME",
        ),
    ] = None
    rater_column: Annotated[
        str | None,
        of_the_table("Column of who rated: rows of one candidate are ratings of it.", "NAME"),
    ] = None
    candidate_column: Annotated[
        str | None,
        of_the_table(
            "Column that tells a prompt's candidates apart, if each has several ratings; else the "
            "group does.",
            "NAME",
        ),
    ] = None
    lists: Annotated[
        Lists,
        of_the_table(
            "What a list in a cell holds: candidates, or several raters' ratings of one.",
            "candidates|raters",
        ),
    ] = Lists.candidates
    raters: Annotated[
        Raters,
        of_the_table(
            "A candidate's reward is the mean of its ratings, or each rater is a voter who makes "
            "an equal share of the choices.",
            "mean|voters",
        ),
    ] = Raters.mean
    scale: Annotated[
        str, of_the_table("γ, which multiplies every reward; 1 by default.", "FLOAT")
    ] = "1.0"

    @cached_property
    def asked(self) -> Asked:
        """What is asked of the table, or InputError if that cannot be."""
        from recurate.numerics import validation
        from recurate.reading.asked import Asked

        with as_input_errors():
            scale = validation.written_number(self.scale, "--scale") + 0.0  # -0.0 is 0
        return Asked(
            reward=tuple(self.reward_column or ()),
            group=self.group_column,
            weight=self.weight_column,
            prompts=tuple(self.prompt_column or ()),
            prompt_weights=self.prompt_weights.value,
            follow=tuple(getattr(self, "follow", None) or ()),
            unit=None if self.reward_is is None else self.reward_is.value,
            trials=self.trials,
            scale=scale,
            where=self.where,
            missing=self.missing.value,
            sentinels=tuple(self.sentinel or ()),
            candidate_columns=self.candidate_columns,
            rater=self.rater_column,
            candidate=self.candidate_column,
            lists=self.lists.value,
            raters=self.raters.value,
        )


@dataclass(frozen=True)
class TableOptions(ColumnOptions, NamedTable):
    """Which table a command takes, and what its columns are."""


_OF_VOTES_TOO = ("votes", "prompt_column", "weight_column", "where", "missing", "scale")
"""Options of a table that a table of votes has as well."""


@dataclass(frozen=True)
class AskedTable(VoteOptions, TableOptions):
    """The table that was asked for: its options, for all commands that take one."""

    def require_one(self, command: str) -> None:
        """Raise InputError if not exactly one table is named, or an option is of another kind."""
        if [self.file, self.example, self.votes].count(None) != 2:
            raise InputError(f"{command} needs exactly one of FILE, --example and --votes")
        own = {field.name for field in fields(VoteOptions)}
        for field in fields(self):
            if getattr(self, field.name) == field.default or field.name in _OF_VOTES_TOO:
                continue
            option = f"--{field.name.replace('_', '-')}"
            if self.votes is None and field.name in own:
                raise InputError(f"{option} is about votes: name their table with --votes")
            if self.votes is not None and field.name not in own:
                raise InputError(
                    f"{option} is about a table of rewards, and --votes names one of votes: leave "
                    "it out, or write the rewards to a table with `recurate votes --out`"
                )

    @property
    def inputs(self) -> dict[str, str | None]:
        """The files that are read, by what names them on the command line."""
        return {"FILE": self.file, "--votes": self.votes}

    def read(
        self,
        *,
        shares: tuple[float, ...] = (),
        by: tuple[str, ...] = (),
        are_odds: bool = True,
        on_note: Callable[[str], None] = note,
    ) -> RewardTable:
        """Read it: with voters of these shares, if there are any, and columns that a rule goes by.

        What is called as a rater who is a voter will be there without being followed. `on_note` is
        called with each remark, a line.
        """
        asked = self.asked if not shares else replace(self.asked, raters="voters", shares=shares)
        are_named = asked.raters == "voters" and asked.rater is not None
        columns = tuple(n for n in by if not (are_named and n.startswith(f"{asked.rater} ")))
        asked = replace(asked, by=columns, are_odds=are_odds)
        if self.votes is not None:
            return self.read_votes(
                self.votes,
                prompts=self.prompt_column,
                weight=self.weight_column,
                where=self.where,
                missing=self.missing.value,
                on_note=on_note,
            ).as_rewards(self.asked.scale)
        from recurate.reading.tables import read_example, read_rewards

        if self.file is None:
            return read_example(str(self.example), asked, on_note=on_note)
        return read_rewards(self.file, asked, on_note=on_note)


@dataclass(frozen=True)
class FollowOptions:
    """Which columns are followed along the loop."""

    follow: Annotated[
        list[str] | None,
        of_the_table("Column whose mean is followed. May be given again.", "NAME"),
    ] = None


@dataclass(frozen=True)
class FollowedTable(FollowOptions, AskedTable):
    """A table of which columns may be followed along the loop."""
