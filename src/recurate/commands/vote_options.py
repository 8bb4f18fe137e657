"""Options that say what a table of votes holds, and how rewards come from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from recurate.commands.terminal import note
from recurate.errors import InputError, as_input_errors
from recurate.numerics.text import shown

if TYPE_CHECKING:
    from recurate.reading.votes.table import VotedTable

PANEL = "Votes"


def of_the_votes(help: str, metavar: str) -> Any:
    """Return an option in the panel of those that say what votes hold."""
    return typer.Option(help=help, metavar=metavar, show_default=False, rich_help_panel=PANEL)


PromptColumns = Annotated[
    list[str] | None,
    of_the_votes(
        "Column of prompts: votes on one may depend on one another. Given again: a prompt is what "
        "these say together.",
        "NAME",
    ),
]
WeightColumn = Annotated[
    str | None, of_the_votes("Column of how many votes a row stands for; else one.", "NAME")
]
Where = Annotated[str | None, of_the_votes("Only these rows, as \"lang = 'en'\".", "SQL")]


@dataclass(frozen=True)
class VoteOptions:
    """What a table of votes holds: options of all commands that take one."""

    item_column: Annotated[
        list[str] | None,
        of_the_votes(
            "Column of what was compared: given twice for a pair, once for lists or an item a row; "
            "else found by name, as model_a and model_b, or winner and loser.",
            "NAME",
        ),
    ] = None
    vote_column: Annotated[
        list[str] | None,
        of_the_votes(
            "Column of what was chosen; else 'winner' or the like. Given again: another "
            "annotator's.",
            "NAME",
        ),
    ] = None
    codes: Annotated[
        str | None,
        of_the_votes(
            "What votes mean, as 1=a,2=b,0=tie,9=none: a is the first item, b the second, none no "
            "vote.",
            "CODE=MEANING,…",
        ),
    ] = None
    pair_column: Annotated[
        str | None, of_the_votes("Column that names both items in one text, as m1_m2.", "NAME")
    ] = None
    rank_column: Annotated[str | None, of_the_votes("Column of ranks; 1 is the best.", "NAME")] = (
        None
    )
    prior: Annotated[
        str | None,
        of_the_votes(
            "Draw rewards together, by a normal prior of this standard deviation in log-odds (2 is "
            "usual); no item then needs both wins and losses.",
            "FLOAT",
        ),
    ] = None

    def as_typed(self, **others: str | list[str] | None) -> list[str]:
        """Return these options and others, as far as they were given, as they are typed."""
        given = {field.name: getattr(self, field.name) for field in fields(VoteOptions)} | others
        return [
            word
            for name, value in given.items()
            for text in (value if isinstance(value, list) else [value])
            if text is not None
            for word in (f"--{name.replace('_', '-')}", _quoted(text))
        ]

    def read_votes(
        self,
        file: str,
        *,
        prompts: list[str] | None,
        weight: str | None,
        where: str | None,
        missing: Literal["error", "drop"],
        on_note: Callable[[str], None] = note,
    ) -> VotedTable:
        """Read votes, and return the rewards that explain them, or raise InputError."""
        codes, prior = checked_codes(self.codes), checked_prior(self.prior)
        from recurate.reading.votes.asked import AskedVotes
        from recurate.reading.votes.table import read_voted

        asked = AskedVotes(
            items=tuple(self.item_column or ()),
            votes=tuple(self.vote_column or ()),
            codes=codes,
            pair=self.pair_column,
            rank=self.rank_column,
            prompts=tuple(prompts or ()),
            weight=weight,
            where=where,
            missing=missing,
        )
        return read_voted(file, asked, prior, on_note=on_note)


def _quoted(text: str) -> str:
    """Return text as a word of a shell: in double quotes if it has single ones, as SQL does."""
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else quote(text)


def checked_codes(text: str | None) -> tuple[tuple[str, str], ...]:
    """Return what each value of a vote says, or raise InputError."""
    if text is None:
        return ()
    codes = []
    for part in text.split(","):
        value, _, said = (word.strip() for word in part.rpartition("="))
        if not (value and said):
            raise InputError(
                f"--codes must say what each value means, as 1=a,2=b,0=tie; got {shown(text)}"
            )
        codes.append((value, said))
    return tuple(codes)


def checked_prior(text: str | None) -> float | None:
    """Return the standard deviation of the prior, None for none, or raise InputError."""
    from recurate.numerics import validation

    if text is None:
        return None
    with as_input_errors():
        prior = validation.written_number(text, "--prior")
    if not 0 < prior < float("inf"):
        raise InputError(
            f"--prior must be a positive finite number, in log-odds (2 is usual); got {text}"
        )
    return prior
