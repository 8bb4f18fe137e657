"""`recurate predict`: from a table of rewards, where the loop goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.terminal import console, progress, reported
from recurate.errors import InputError, as_input_errors


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
        int, typer.Option(metavar="N", help="Bootstrap tables for 95% bands; 0 for no bands.")
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
    json: options.Json = False,
) -> None:
    """Predict the curated retraining loop from a table of rewards, without training a model.

    Prints, for each step t, the expected reward, the expected weight relative to the best reward,
    the divergence from the real data, the mass at the best reward and the groups whose share
    changed most, with the bounds that the theorems guarantee for this loop; where the loop settles;
    and how far a table of so many rewards carries the prediction.
    """
    with reported(), progress() as bars:
        options.require_one_table("predict", file, example)
        task = bars.add_task("reading", total=None)
        lam = options.checked_mixing(lam, real_fraction)  # before a long table is read
        K = options.checked_candidates(candidates)
        from recurate.numerics import validation
        from recurate.numerics.loop import LARGEST_STEPS, CurationLoop

        with as_input_errors():
            validation.count(steps, "steps", LARGEST_STEPS)
        if bands < 0 or bands == 1:
            raise InputError(f"--bands must be 0 or at least 2; got {bands}")
        columns = (reward_column, group_column, weight_column)
        law, source = options.read_table(file, example, columns, scale)
        bars.update(task, description="loading")
        from recurate.prediction import predict_loop

        def show(stage: str, t: int | None) -> None:
            total = steps if t is not None else None
            bars.update(task, description=stage, total=total, completed=t or 0)

        loop = CurationLoop(law, K=K, lam=lam)
        prediction = predict_loop(
            source, scale, loop, steps=steps, replicates=bands, seed=seed, on_stage=show
        )
        bars.update(task, description="checking the theorems")
        written = [] if out is None else prediction.write(out)
        text = prediction.to_json() if json else None
    from recurate.printing.prediction import print_prediction

    with reported():
        if text is not None:
            typer.echo(text)
            return
        terminal = console()
        print_prediction(prediction, terminal)
        for path in written:
            terminal.print(f"wrote {path}", highlight=False, markup=False, soft_wrap=True)
