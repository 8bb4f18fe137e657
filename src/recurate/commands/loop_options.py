"""Options that say how samples are chosen and trained on, of all commands that take a loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from recurate.commands.options import AskedTable, checked_candidates, checked_mixing, checked_number
from recurate.commands.terminal import note
from recurate.errors import InputError, as_input_errors
from recurate.numerics.text import escaped, shown

if TYPE_CHECKING:
    from recurate.numerics.loop import CurationLoop
    from recurate.reading.asked_loop import AskedLoop
    from recurate.reading.loop_files import LoopFile
    from recurate.reading.table import RewardTable


Steps = Annotated[
    int | None,
    typer.Option(
        help="Retraining steps: 10 by default, or as many as a sequence of --loop has.",
        show_default=False,
    ),
]


Bands = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Resampled tables for the 95% bands (of fewer than 40, their range); 0 for none.",
    ),
]


class NothingAccepted(StrEnum):
    """What becomes of a prompt of which nothing can be accepted."""

    refuse = "refuse"
    keep = "keep"
    drop = "drop"


def of_the_loop(help: str, metavar: str | None = None, *names: str) -> Any:
    """Return an option in the panel of those that say how samples are chosen."""
    panel = "How samples are chosen and trained on"
    return typer.Option(
        *names, help=help, metavar=metavar, show_default=False, rich_help_panel=panel
    )


@dataclass(frozen=True)
class LoopOptions:
    """How samples are chosen and trained on, beside K and λ."""

    choice: Annotated[
        str,
        of_the_loop(
            "bradley-terry: one of K, with chances as e^r (by default); best: the highest of K "
            "(best:2: the highest two); top:0.25: the highest quarter of all; accept: each with "
            "the probability that the column of rewards says.",
            "RULE",
        ),
    ] = "bradley-terry"
    shares: Annotated[
        str | None,
        of_the_loop(
            "Shares of voters, as 0.7,0.3: each chooses by a --reward-column of their own, in this "
            "order. (Without it these are raters, whose mean is the reward; --raters voters has "
            "equal shares.)",
            "SHARES",
        ),
    ] = None
    random_clicks: Annotated[
        str | None, of_the_loop("Share of the choices that are made at random.", "FLOAT")
    ] = None
    flipped_votes: Annotated[
        str | None,
        of_the_loop("Share of the others that are turned round: by minus the reward.", "FLOAT"),
    ] = None
    nothing_accepted: Annotated[
        NothingAccepted,
        of_the_loop(
            "A prompt of which --choice accept accepts nothing: refuse the table, keep the prompt "
            "as it is, or drop it, so that the others have its weight.",
            "ACTION",
        ),
    ] = NothingAccepted.refuse
    retain: Annotated[
        str | None,
        of_the_loop("Share of the model's samples that are kept as they are, uncurated.", "FLOAT"),
    ] = None
    accumulate: Annotated[
        bool,
        of_the_loop(
            "The training set grows: each round adds curated samples, nothing is thrown away.",
            None,
            "--accumulate",
        ),
    ] = False
    per_round: Annotated[
        str | None,
        of_the_loop("Samples that each round adds, for each real one; by default 1.", "FLOAT"),
    ] = None
    loop: Annotated[
        str | None,
        of_the_loop(
            "All of this, K and λ in a file in TOML, and more: voters of unlike kinds, stages, "
            "preferences by a matrix, what changes with t (docs/loop_files.md).",
            "FILE",
        ),
    ] = None

    @cached_property
    def file(self) -> LoopFile | None:
        """What the file says, or InputError."""
        from recurate.reading.loop_files import read_loop_file

        return None if self.loop is None else read_loop_file(self.loop)

    @property
    def inputs(self) -> dict[str, str | None]:
        """The file that is read, by what names it on the command line."""
        return {"--loop": self.loop}

    @property
    def is_among_candidates(self) -> bool:
        """Whether K has to be said."""
        return self.loop is None and self.choice.partition(":")[0] not in ("top", "accept")

    def steps(self, steps: int | None, usual: int = 10) -> int:
        """Return the number of steps: those of the file's sequences, where it is not named."""
        if steps is not None:
            return steps
        known = None if self.file is None else self.file.steps
        return usual if known is None else known

    def asked(self, K: str | None, lam: str | None, real_fraction: str | None) -> AskedLoop:
        """Return what is asked for, or raise InputError if that cannot be together."""
        from recurate.reading.asked_loop import AskedLoop

        self._require_alone({"-K": K, "--lam": lam, "--real-fraction": real_fraction})
        if self.file is not None:
            return AskedLoop(file=self.file)
        self._require_one_training({"--lam": lam, "--real-fraction": real_fraction})
        per_round = checked_number(self.per_round, "--per-round")
        if per_round is not None and not 0 < per_round < float("inf"):
            raise InputError(f"--per-round must be a number above 0; got {per_round:g}")
        return AskedLoop(
            choice=self.choice,
            K=None if K is None else checked_candidates(K),
            lam=checked_mixing(lam, real_fraction),
            shares=_checked_shares(self.shares),
            per_round=(per_round or 1.0) if self.accumulate else None,
            nothing_accepted=self.nothing_accepted.value,
            random_clicks=_checked_share(self.random_clicks, "--random-clicks"),
            flipped_votes=_checked_share(self.flipped_votes, "--flipped-votes"),
            retain=_checked_share(self.retain, "--retain"),
        )

    def _require_alone(self, others: dict[str, str | None]) -> None:
        """Raise InputError if a file describes the loop, and so does an option."""
        if self.loop is None:
            return
        keys = {"-K": "K", "--lam": "lam", "--real-fraction": "lam", "--retain": "retained"}
        keys |= {"--accumulate": "training", "--per-round": "training"}
        given = [option for option, value in others.items() if value is not None]
        for field in fields(self):
            if field.name != "loop" and getattr(self, field.name) != field.default:
                given.append(f"--{field.name.replace('_', '-')}")
        if given:
            raise InputError(
                f"--loop {escaped(self.loop)} says all of the loop, so {given[0]} cannot be given "
                f"too: write it into the file, as {keys.get(given[0], 'rule')}"
            )

    def _require_one_training(self, others: dict[str, str | None]) -> None:
        """Raise InputError if training sets are to grow, and to be made anew."""
        if not self.accumulate:
            if self.per_round is not None:
                raise InputError("--per-round is about --accumulate: give that too")
            return
        for option, value in {**others, "--retain": self.retain}.items():
            if value is not None:
                raise InputError(
                    f"{option} says what each new training set is made of, and with --accumulate "
                    "there is one, which grows: give only one of them (--per-round says how fast "
                    "it grows)"
                )

    def read(
        self, table: AskedTable, K: str | None, lam: str | None, real_fraction: str | None
    ) -> tuple[CurationLoop, RewardTable]:
        """Return the loop on a table, and the table; what needs no table is checked first."""
        asked = self.asked(K, lam, real_fraction)
        return asked.read_on(self.read_table(table, asked), note)

    def read_table(
        self, table: AskedTable, asked: AskedLoop, on_note: Callable[[str], None] = note
    ) -> RewardTable:
        """Read a table, with the columns that the loop goes by; `on_note` as of `read`."""
        if asked.shares and table.votes is not None:
            raise InputError(
                "--shares is about columns of rewards, and --votes makes one reward of all votes"
            )
        by = () if asked.file is None else asked.file.columns
        if asked.flips_are_random and asked.flipped_votes:
            on_note(
                f"of votes between two, {asked.flipped_votes:g} flipped are as many as "
                f"{2 * asked.flipped_votes:g} at random: samples kept uncurated"
            )
        return table.read(shares=asked.shares, by=by, are_odds=asked.reads_odds, on_note=on_note)


def _checked_share(text: str | None, option: str) -> float:
    """Return a share, 0 if there is none, or raise InputError."""
    from recurate.numerics import validation

    share = checked_number(text, option)
    with as_input_errors():
        return 0.0 if share is None else validation.fraction(share, option)


def _checked_shares(text: str | None) -> tuple[float, ...]:
    """Return the shares that a text names, or raise InputError."""
    from recurate.numerics import validation

    if text is None:
        return ()
    shares = []
    for part in text.split(","):
        share = checked_number(part, "--shares")
        if share is None or not 0 <= share <= 1:
            raise InputError(f"--shares must be from 0 to 1, as 0.7,0.3; got {shown(part)}")
        shares.append(share)
    total = sum(shares)
    if abs(total - 1) > validation.SUM_TOLERANCE:
        equal = len(set(shares)) == 1
        hint = ": for equal shares, leave it out and give --raters voters" if equal else ""
        raise InputError(f"--shares must sum to 1; got {text.strip()}, of sum {total:.10g}{hint}")
    return tuple(shares)
