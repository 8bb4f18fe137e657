"""Files of laws that were made of many rows: a summary, and what it was made of."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field, fields, replace
from typing import BinaryIO

import msgspec

from recurate.errors import InputError
from recurate.numerics.compression.summary import Summary
from recurate.numerics.text import escaped, listed, shortened
from recurate.reading.asked import Asked
from recurate.reading.parts.counting import Counts
from recurate.reading.table import RewardTable

_ABOUT = "about.json"

_OPTIONS = {"prompts": "--prompt-column", "unit": "--reward-is", "sentinels": "--sentinel"}
_OPTIONS |= {name: f"--{name}-column" for name in ("reward", "group", "weight", "rater")}
_OPTIONS |= {"candidate": "--candidate-column", "candidate_columns": "--candidate-columns"}


@dataclass(frozen=True)
class About:
    """What a summary was made of, and how.

    Attributes
    ----------
    names : tuple of str
        The parts, as they were named.
    parts : int
        How many there were.
    asked : Asked
        What was asked of them.
    in_unit : str or None
        As of `recurate.reading.table.RewardTable`.
    counts : Counts
        What was noticed.
    bad : dict from str to str
        Parts that were left out, and why.
    """

    names: tuple[str, ...] = ()
    parts: int = 0
    asked: Asked = field(default_factory=Asked)
    in_unit: str | None = None
    counts: Counts = field(default_factory=Counts)
    bad: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The parts, as they were named, in short."""
        return shortened(" ".join(self.names), 100)


def write_law(file: BinaryIO, summary: Summary, about: About) -> None:
    """Write a summary and what it was made of."""
    summary.to_npz(file)
    with zipfile.ZipFile(file, "a") as archive:
        member = zipfile.ZipInfo(_ABOUT)  # without the time: the same rows make the same bytes
        archive.writestr(member, msgspec.json.encode(about))


def read_law(file: BinaryIO) -> tuple[Summary, About | None]:
    """Return the summary in a file, and what it was made of, if that is known.

    Raises
    ------
    ValueError
        If it is no such file, or damaged.
    """
    summary = Summary.from_npz(file)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        if _ABOUT not in archive.namelist():
            return summary, None
        try:
            return summary, msgspec.json.decode(archive.read(_ABOUT), type=About)
        except (msgspec.MsgspecError, zipfile.BadZipFile) as error:
            raise ValueError(f"what it was made of cannot be read ({error})") from error


def summarised_table(name: str, data: bytes, asked: Asked) -> RewardTable:
    """Return the table whose law is in a file.

    Parameters
    ----------
    name : str
        Of the file, for errors; escaped.
    data : bytes
        The file.
    asked : Asked
        What is asked of the table: what the law says already cannot be.

    Raises
    ------
    InputError
        If something is asked that the law cannot tell, or the file is damaged.
    """
    try:
        summary, about = read_law(io.BytesIO(data))
    except ValueError as error:
        raise InputError(
            f"{name} must be a law of recurate summarise: {escaped(str(error))}"
        ) from error
    about = about or About(counts=Counts(candidates=summary.rows))
    _require_answerable(name, asked, summary)
    own = about.asked
    weights = asked.prompt_weights if asked.prompt_weights != "rows" else own.prompt_weights
    own = replace(
        own, follow=asked.follow or own.follow, prompt_weights=weights, are_odds=asked.are_odds
    )
    return table_of_summary(name, summary, replace(about, asked=own))


def table_of_summary(name: str, summary: Summary, about: About) -> RewardTable:
    """Return the table that a summary stands for; InputError if it has no law."""
    weights = about.asked.prompt_weights
    if summary.names.prompts is None and weights == "equal":
        raise InputError(
            f"--prompt-weights equal needs prompts, and {name} has none: give recurate summarise "
            "their --prompt-column"
        )
    try:
        law = summary.law(prompt_weights=weights)
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error
    return RewardTable(name, about.asked, law, about.in_unit, about=about)


def _require_answerable(name: str, asked: Asked, summary: Summary) -> None:
    """Raise InputError if something is asked of a law that only a table's rows could tell."""
    usual = Asked()
    kept = ("follow", "by", "prompt_weights", "are_odds", "shares", "raters")
    for one in fields(Asked):
        if one.name not in kept and getattr(asked, one.name) != getattr(usual, one.name):
            option = _OPTIONS.get(one.name, f"--{one.name.replace('_', '-')}")
            raise InputError(
                f"{option} is about a table's rows, and {name} is a law that was made of them: "
                f"give {option} to recurate summarise"
            )
    if asked.shares or asked.raters == "voters":
        raise InputError(
            f"voters need each row's rewards by all of them, and {name} is a law of one reward: "
            "give a table of rows"
        )
    if asked.by:
        raise InputError(
            f"a rule that goes by column {listed(asked.by)} needs rows, and {name} is a law of one "
            "reward: give a table of rows"
        )
    unknown = [one for one in asked.follow if one not in summary.names.scores]
    if unknown:
        known = listed(summary.names.scores) or "none"
        raise InputError(
            f"--follow must name a column that {name} follows ({known}); got {listed(unknown)}: "
            "give --follow to recurate summarise"
        )
