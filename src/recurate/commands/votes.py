"""`recurate votes`: from votes to rewards, with their errors and a test of their form."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.terminal import console, progress, reported, say_written
from recurate.commands.vote_options import (
    PromptColumns,
    VoteOptions,
    WeightColumn,
    Where,
    of_the_votes,
)
from recurate.errors import InputError
from recurate.numerics.files import is_standard_output, landed, opened
from recurate.writing import require_different


@options.spread
def votes(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Table of votes: CSV, JSON, Parquet and others; - reads a pipe.",
            show_default=False,
        ),
    ],
    asked: VoteOptions,
    prompt_column: PromptColumns = None,
    weight_column: WeightColumn = None,
    where: Where = None,
    missing: Annotated[
        options.Missing,
        of_the_votes("Rows without an item or a vote are an error, or left out.", "error|drop"),
    ] = options.Missing.error,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write item, reward and standard_error to this file, or -, as CSV, which predict "
            "reads. (The --out of predict is a folder.)",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Turn votes into rewards: those that make them likeliest, by Bradley–Terry.

    Votes are pairs with a winner, rankings, or one chosen of several. It prints each item's reward
    in log-odds with its standard error; whether rewards explain the votes at all, and cycles (a
    over b over c over a); and what to type to predict the loop with these rewards.
    """
    with reported():
        _require_file(out, json=json)
        require_different({"--out": out}, {"FILE": file})
        with opened([] if out is None else [out]) as files:
            with progress() as bars:
                task = bars.add_task("reading", total=None)
                read = asked.read_votes(
                    file,
                    prompts=prompt_column,
                    weight=weight_column,
                    where=where,
                    missing=missing.value,
                )
                bars.update(task, description="testing the fit")
                from recurate.numerics.votes.cycles import cycles
                from recurate.numerics.votes.goodness import fit_test
                from recurate.printing.votes import print_votes, votes_json, write_rewards

                fit, found = fit_test(read.voted), cycles(read.voted.votes)
                text = votes_json(read, fit, found) if json else None
                for output in files:
                    write_rewards(read, output.content)
                trouble = landed(files)
            is_printed = out is not None and is_standard_output(out)
            if text is not None:
                typer.echo(text)
            elif not is_printed:
                drop = missing.value if missing is options.Missing.drop else None
                words = asked.as_typed(
                    prompt_column=prompt_column,
                    weight_column=weight_column,
                    where=where,
                    missing=drop,
                )
                print_votes(read, fit, found, _next_lines(file, words, out), console())
            say_written({o.path: o for o in files}, trouble, quiet=json or is_printed)


def _require_file(out: str | None, *, json: bool) -> None:
    """Raise InputError if --out is no file, or takes the place of what --json prints."""
    from pathlib import Path

    if out is None:
        return
    if not out:
        raise InputError("--out must be a name; got ''")
    if Path(out).is_dir():
        raise InputError(
            f"--out must be a file here; got the folder {out}: say {Path(out, 'rewards.csv')}"
        )
    if json and is_standard_output(out):
        raise InputError("--json prints to standard output, where --out - would write too")


def _next_lines(file: str, words: list[str], out: str | None) -> list[str]:
    """Return the commands that may follow, as they are typed."""
    lines = []
    if file != "-":
        lines.append(" ".join(["recurate predict --votes", quote(file), *words, "-K 4"]))
    if out is not None:
        lines.append(
            f"recurate predict {quote(out)} --group-column item -K 4 --bands 0  "
            "# for other shares of items, add a column weight"
        )
    elif file == "-":
        lines.append("--out rewards.csv writes a table that predict reads")
    return lines
