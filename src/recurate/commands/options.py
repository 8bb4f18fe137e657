"""Options that several commands take: a table of rewards and the loop on it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.errors import InputError, as_input_errors

if TYPE_CHECKING:
    from recurate.numerics.laws.reward_law import RewardLaw

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
        help="A table in the box, in place of FILE: digits-confidence or digits-class.",
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
    float | None,
    typer.Option(
        help="λ, synthetic samples per real one; 0 is no loop, inf (default) the pure loop.",
        show_default=False,
    ),
]
RealFraction = Annotated[
    float | None,
    typer.Option(
        help="Share of real data, 1/(1+λ), from 0 to 1, in place of --lam.", show_default=False
    ),
]
RewardColumn = Annotated[str | None, typer.Option(help="Column of rewards, 'reward' if not given.")]
GroupColumn = Annotated[
    str | None, typer.Option(help="Column of labels, 'group' if not given and there.")
]
WeightColumn = Annotated[
    str | None, typer.Option(help="Column of row weights, 'weight' if not given and there.")
]
Scale = Annotated[float, typer.Option(help="γ, multiplies every reward.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of what is drawn at random.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")]


def checked_candidates(text: str) -> float:
    """Return K from what was written on the command line, or raise InputError."""
    from recurate.numerics import validation

    try:
        if "_" in text:  # which float takes
            raise ValueError
        number = float(text)
        K = int(number) if number.is_integer() else number
    except ValueError:
        raise InputError(f"K must be an integer of at least 1 or inf; got {text!r}") from None
    with as_input_errors():
        return validation.candidates(K)


def checked_mixing(lam: float | None, real_fraction: float | None) -> float:
    """Return λ from --lam or --real-fraction, infinity if neither is given, or raise InputError."""
    from recurate.numerics import validation

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


def require_one_table(command: str, file: str | None, example: str | None) -> None:
    """Raise InputError unless exactly one table is named."""
    if (file is None) == (example is None):
        raise InputError(f"{command} needs exactly one of FILE and --example")


def read_table(
    file: str | None,
    example: str | None,
    columns: tuple[str | None, str | None, str | None],
    scale: float,
) -> tuple[RewardLaw, str]:
    """Return the law of a table's rewards, and what to call it; columns: reward, group, weight."""
    from recurate.reading.tables import Columns, read_example, read_rewards

    if file is None:
        return read_example(str(example), Columns(*columns), scale), f"example {example}"
    law = read_rewards(file, Columns(*columns), scale)
    return law, "standard input" if file == "-" else Path(file).name
