"""`recurate predict`: where the loop goes, from a table of rewards."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands import options
from recurate.commands.html import Html, opened_page
from recurate.commands.loop_options import Bands, LoopOptions, Steps
from recurate.commands.terminal import console, progress, reported, say_written
from recurate.errors import InputError, as_input_errors
from recurate.numerics.text import shown
from recurate.writing import opened_in, write_all

if TYPE_CHECKING:
    from recurate.pages.answer.answer import Answer

FILES = ("trajectory.csv", "bands.csv", "trajectory.png")
"""What --out writes; the second only if there are bands."""

SAMPLED_FILES = ("trajectory.csv", "estimates.csv")
"""What --out writes of sampled rows."""


@options.spread
def predict(
    context: typer.Context,
    ways: LoopOptions,
    table: options.FollowedTable,
    candidates: options.Candidates = None,
    lam: options.Mixing = None,
    real_fraction: options.RealFraction = None,
    steps: Steps = None,
    rows: Annotated[
        options.Rows,
        options.of_the_table(
            "Whether a prompt's rows are all its answers, or a sample of them, so that figures "
            "are estimates.",
            "all|sampled",
        ),
    ] = options.Rows.all,
    bands: Bands = 200,
    seed: options.Seed = 0,
    curated: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Curated samples in each training set: how far one real run of that size may be "
            "from the loop.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=options.named,
            help="Write trajectory.csv, bands.csv and trajectory.png here (of sampled rows, "
            "trajectory.csv and estimates.csv).",
            show_default=False,
        ),
    ] = None,
    theory: Annotated[
        bool,
        typer.Option("--theory", help="Also show the relative weight and the theorems' bounds."),
    ] = False,
    html: Html = None,
    json: options.Json = False,
) -> None:
    """Predict the curated retraining loop from a table of rewards, without training a model.

    For each retraining step it prints the expected reward, the groups whose share changes most, the
    divergence from the real data and the share of the samples with the best reward; then what the
    theorems guarantee, where the loop settles, and up to which step so many rewards can be trusted.
    """
    with reported():
        table.require_one("predict")
        from recurate.numerics import validation
        from recurate.numerics.loop import LARGEST_STEPS

        steps = ways.steps(steps)
        with as_input_errors():
            validation.count(steps, "steps", LARGEST_STEPS)
        options.checked_bands(bands)
        samples = _curated_samples(curated)
        is_sampled = rows is options.Rows.sampled
        if is_sampled and theory:
            raise InputError(
                "--theory needs the best answer of each prompt, which --rows sampled leaves open"
            )
        if is_sampled and samples is not None:
            raise InputError("--curated needs the fixed point, which --rows sampled leaves open")
        if is_sampled and table.votes is not None:
            raise InputError("--rows sampled is about rows of rewards; --votes has none")
        names = [name for name in FILES if bands or name != "bands.csv"]
        if is_sampled:
            names = list(SAMPLED_FILES)
        inputs = table.inputs | ways.inputs
        with (
            opened_in(out, names, {**inputs, "--html": html}) as files,
            opened_page(context, html, inputs) as page,
        ):
            with progress() as bars:
                task = bars.add_task("reading", total=None)
                loop, read = ways.read(table, candidates, lam, real_fraction)
                if is_sampled and loop.schedule.K is None:
                    raise InputError(
                        "--rows sampled is for Bradley–Terry's choice by one reward, and one λ: it "
                        "is not known how few rows of a prompt bias other rules"
                    )
                if is_sampled and loop.law.prompt_index is None:
                    raise InputError(
                        "--rows sampled is about the rows of a prompt: name the column of prompts "
                        "with --prompt-column (without prompts, rows are a sample as they are)"
                    )
                bars.update(task, description="loading")
                from recurate.prediction import predict_loop, require_bounded
                from recurate.printing.loops_as_json import (
                    parameters_of_prediction,
                    prediction_json,
                )

                require_bounded(read, loop, steps, bands)  # before the work

                def show(stage: str, t: int | None) -> None:
                    total = steps if t is not None else None
                    bars.update(task, description=stage, total=total, completed=t or 0)

                prediction = predict_loop(
                    read,
                    loop,
                    steps=steps,
                    replicates=bands,
                    seed=seed,
                    rows=rows.value,
                    curated=samples,
                    on_stage=show,
                )
                bars.update(task, description="checking the theorems")
                text = prediction_json(prediction) if json else None

                def answer() -> Answer:
                    from recurate.pages.answer.of_commands import prediction_answer

                    return prediction_answer(prediction)

                used = parameters_of_prediction(prediction) | {"bands": bands, "seed": seed}
                files |= page.files
                trouble = write_all(files, prediction.writers | page.writers(answer, used))
            from recurate.printing.answers.prediction import print_prediction

            if text is None:
                print_prediction(prediction, console(), theory=theory)
            else:
                typer.echo(text)
            say_written(files, trouble, quiet=json)


def _curated_samples(text: str | None) -> float | None:
    """Return how many curated samples a training set has, from what was typed."""
    try:
        samples = options.checked_number(text, "--curated")
    except InputError:
        samples = math.nan
    if samples is None or (1 <= samples < math.inf and samples.is_integer()):
        return samples
    raise InputError(f"--curated must be an integer of at least 1, such as 1000; got {shown(text)}")
