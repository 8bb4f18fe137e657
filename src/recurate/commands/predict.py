"""`recurate predict`: where the loop goes, from a table of rewards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.terminal import console, progress, reported
from recurate.errors import as_input_errors


def predict(
    file: options.File = None,
    example: options.Example = None,
    candidates: options.Candidates = "4",
    lam: options.Mixing = None,
    real_fraction: options.RealFraction = None,
    steps: Annotated[int, typer.Option(help="Retraining steps.")] = 10,
    reward_column: options.RewardColumn = None,
    group_column: options.GroupColumn = None,
    weight_column: options.WeightColumn = None,
    scale: options.Scale = 1.0,
    bands: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Resampled tables for the 95% bands (of fewer than 40, their range); 0 for none.",
        ),
    ] = 200,
    seed: options.Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write trajectory.csv, bands.csv and trajectory.png here.",
            show_default=False,
        ),
    ] = None,
    theory: Annotated[
        bool,
        typer.Option("--theory", help="Also show the relative weight and the theorems' bounds."),
    ] = False,
    json: options.Json = False,
) -> None:
    """Predict the curated retraining loop from a table of rewards, without training a model.

    For each retraining step it prints the expected reward, the groups whose share changes most, the
    divergence from the real data and the share of the samples with the best reward; then what the
    theorems guarantee, where the loop settles, and up to which step so many rewards can be trusted.
    """
    with reported(), progress() as bars:
        table = options.AskedTable(
            "predict", file, example, (reward_column, group_column, weight_column), scale
        )
        task = bars.add_task("reading", total=None)
        from recurate.numerics import validation
        from recurate.numerics.loop import LARGEST_STEPS

        with as_input_errors():
            validation.count(steps, "steps", LARGEST_STEPS)
        options.checked_bands(bands)
        loop, source = table.read_loop(candidates, lam, real_fraction)
        bars.update(task, description="loading")
        from recurate.prediction import predict_loop
        from recurate.printing.loops_as_json import prediction_json

        def show(stage: str, t: int | None) -> None:
            total = steps if t is not None else None
            bars.update(task, description=stage, total=total, completed=t or 0)

        prediction = predict_loop(
            source, scale, loop, steps=steps, replicates=bands, seed=seed, on_stage=show
        )
        bars.update(task, description="checking the theorems")
        written = [] if out is None else prediction.write(out)
        text = prediction_json(prediction) if json else None
    from recurate.printing.prediction import print_prediction

    with reported():
        if text is not None:
            typer.echo(text)
            return
        terminal = console()
        print_prediction(prediction, terminal, theory=theory)
        for path in written:
            terminal.print(f"wrote {path}", highlight=False, markup=False, soft_wrap=True)
