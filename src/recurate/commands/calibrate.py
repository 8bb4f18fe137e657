"""`recurate calibrate`: the scale of a reward model's scores, from what people chose."""

from __future__ import annotations

from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.terminal import console, note, progress, reported
from recurate.commands.vote_options import (
    PromptColumns,
    WeightColumn,
    Where,
    checked_codes,
    of_the_votes,
)
from recurate.errors import InputError
from recurate.numerics.text import escaped


def calibrate(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="Table of pairs with the reward of the chosen and of the rejected one; - reads a "
            "pipe.",
            show_default=False,
        ),
    ],
    chosen_column: Annotated[
        str | None,
        of_the_votes(
            "Column of the chosen one's reward; else 'chosen_reward' or the like.", "NAME"
        ),
    ] = None,
    rejected_column: Annotated[
        str | None,
        of_the_votes(
            "Column of the rejected one's reward; else 'rejected_reward' or the like.", "NAME"
        ),
    ] = None,
    vote_column: Annotated[
        str | None,
        of_the_votes(
            "Column of which was chosen, if the rewards are those of a first and a second one: "
            "reward_a and reward_b, or as --chosen-column and --rejected-column name them.",
            "NAME",
        ),
    ] = None,
    codes: Annotated[
        str | None,
        of_the_votes(
            "What votes mean, as 1=a,2=b,0=tie: a is the first one, b the second.",
            "CODE=MEANING,…",
        ),
    ] = None,
    prompt_column: PromptColumns = None,
    weight_column: WeightColumn = None,
    where: Where = None,
    missing: Annotated[
        options.Missing,
        of_the_votes("Rows without a reward are an error, or left out.", "error|drop"),
    ] = options.Missing.error,
    json: options.Json = False,
) -> None:
    """Find the scale of rewards: the γ that turns a reward model's scores into log-odds.

    Of each pair both scores are known, and which answer people chose. γ makes these choices
    likeliest if the odds of one answer over another are e^(γ d), where d is the difference of their
    scores. It prints γ with its standard error, how often the higher score was chosen, and a test
    whether one γ fits small and large differences. Then predict --scale γ reads such scores.
    """
    with reported():
        with progress() as bars:
            bars.add_task("reading", total=None)
            from recurate.numerics.votes.calibration import calibrate_scale
            from recurate.printing.calibration import calibration_json, print_calibration
            from recurate.reading.formats.opening import name_of
            from recurate.reading.votes.asked import AskedPairs
            from recurate.reading.votes.scored_pairs import read_scored_pairs, require_both_ways

            asked = AskedPairs(
                chosen=chosen_column,
                rejected=rejected_column,
                vote=vote_column,
                codes=checked_codes(codes),
                prompts=tuple(prompt_column or ()),
                weight=weight_column,
                where=where,
                missing=missing.value,
            )
            pairs = read_scored_pairs(file, asked, on_note=note)
            name = name_of(file)
            require_both_ways(pairs, escaped(name))
            try:
                scale = calibrate_scale(
                    pairs.chosen, pairs.rejected, weights=pairs.weights, clusters=pairs.clusters
                )
            except ValueError as error:
                said = str(error).replace("leave clusters out", "leave --prompt-column out")
                raise InputError(f"{escaped(name)}: {said}") from error
        if json:
            typer.echo(calibration_json(name, asked, scale))
        else:
            print_calibration(name, scale, console())
