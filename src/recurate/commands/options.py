"""Options that several commands take: a table of rewards, and the loop on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands.terminal import note
from recurate.errors import InputError, as_input_errors

if TYPE_CHECKING:
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.loop import CurationLoop

File = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        help="Table of rewards: CSV with a header, .npy or .parquet; - reads CSV from a pipe.",
        show_default=False,
    ),
]
Example = Annotated[
    str | None,
    typer.Option(
        help="A table that comes with recurate, in place of FILE: digits-confidence, digits-class.",
        show_default=False,
    ),
]
Candidates = Annotated[
    str,
    typer.Option(
        "-K", "--candidates", metavar="K", help="Samples shown per choice: 1, 2, … or inf."
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
RewardColumn = Annotated[str | None, typer.Option(help="Column of rewards; by default 'reward'.")]
GroupColumn = Annotated[
    str | None, typer.Option(help="Column of group labels; by default 'group', if there is one.")
]
WeightColumn = Annotated[
    str | None, typer.Option(help="Column of row weights; by default 'weight', if there is one.")
]
Scale = Annotated[str, typer.Option(metavar="FLOAT", help="γ, which multiplies every reward.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random draws.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


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
class AskedTable:
    """The table of rewards that was asked for, by the options that name it.

    Attributes
    ----------
    command : str
        The command, for errors.
    file, example : str or None
        Exactly one of them.
    columns : tuple of (str or None)
        Names of the columns of rewards, groups and weights.
    scaling : str
        Factor of the rewards, as it was written.

    Raises
    ------
    InputError
        If not exactly one table is named.
    """

    command: str
    file: str | None
    example: str | None
    columns: tuple[str | None, str | None, str | None]
    scaling: str

    def __post_init__(self) -> None:
        if (self.file is None) == (self.example is None):
            raise InputError(f"{self.command} needs exactly one of FILE and --example")

    @cached_property
    def scale(self) -> float:
        """Factor of the rewards."""
        from recurate.numerics import validation

        with as_input_errors():
            return validation.written_number(self.scaling, "--scale")

    def read(self) -> tuple[RewardLaw, str]:
        """Return the law of its rewards, and what to call it."""
        from recurate.reading.asked import Asked
        from recurate.reading.tables import read_example, read_rewards

        reward, group, weight = self.columns
        asked = Asked(reward, group, weight, scale=self.scale)
        if self.file is None:
            name = str(self.example)
            return read_example(name, asked, on_note=note), f"example {name}"
        law = read_rewards(self.file, asked, on_note=note)
        return law, "standard input" if self.file == "-" else Path(self.file).name

    def read_loop(
        self, candidates: str, mixing: str | None, real_fraction: str | None
    ) -> tuple[CurationLoop, str]:
        """Return the loop on it, and what to call the table; λ and K are checked first."""
        lam = checked_mixing(mixing, real_fraction)  # before a long table is read
        K = checked_candidates(candidates)
        from recurate.numerics.loop import CurationLoop

        law, source = self.read()
        return CurationLoop(law, K=K, lam=lam), source
