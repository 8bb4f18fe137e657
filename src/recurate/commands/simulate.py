"""`recurate simulate`: the loop with samples, beside the exact one."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands import options
from recurate.commands.html import Html, opened_page
from recurate.commands.loop_options import LoopOptions, Steps
from recurate.commands.terminal import console, progress, reported, say_written
from recurate.errors import InputError
from recurate.writing import opened_in, require_different, write_all

if TYPE_CHECKING:
    from recurate.pages.answer.answer import Answer

FILES = ("simulation.csv", "simulation.png")
"""What --out writes."""


class Backend(StrEnum):
    """The array library that computes."""

    numpy = "numpy"
    torch = "torch"


class Precision(StrEnum):
    """The floating-point type of rewards, weights and uniform draws."""

    float64 = "float64"
    float32 = "float32"


@options.spread
def simulate(
    context: typer.Context,
    ways: LoopOptions,
    table: options.AskedTable,
    candidates: options.Candidates = None,
    lam: options.Mixing = None,
    real_fraction: options.RealFraction = None,
    steps: Steps = None,
    generated: Annotated[
        int,
        typer.Option(help="Samples generated in each step (for each prompt, if there are any)."),
    ] = 10_000,
    curated: Annotated[
        int | None,
        typer.Option(
            help="Choices in each step, likewise; by default one for each sample generated.",
            show_default=False,
        ),
    ] = None,
    replicates: Annotated[int, typer.Option(help="Independent runs.")] = 20,
    seed: options.Seed = 0,
    backend: Annotated[Backend, typer.Option(help="Array library.")] = Backend.numpy,
    device: Annotated[
        str | None,
        typer.Option(help="Where torch computes, such as cuda; by default cpu."),
    ] = None,
    precision: Annotated[Precision, typer.Option(help="Floating-point type.")] = Precision.float64,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            parser=options.named,
            help="Keep the state in this file, and go on from it if it is there. It stays when the "
            "run is done, and the same command then prints its figures again at once.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            parser=options.named,
            help="Write simulation.csv and simulation.png here.",
            show_default=False,
        ),
    ] = None,
    html: Html = None,
    json: options.Json = False,
) -> None:
    """Simulate the loop with samples and compare it with the exact one.

    Each step generates samples by resampling the training set, draws K candidates for each choice,
    lets one of them win (or chooses as --choice says), and mixes the winners with real samples.
    With prompts each has a training set of its own, and figures are means over the prompts. It
    prints the simulated figures with their standard errors beside the exact ones.
    """
    with reported():
        table.require_one("simulate")
        read_files = table.inputs | ways.inputs
        inputs = {**read_files, "--checkpoint": checkpoint}
        require_different({"--checkpoint": checkpoint}, read_files)
        with (
            opened_in(out, FILES, {**inputs, "--html": html}) as files,
            opened_page(context, html, inputs) as page,
        ):
            with progress() as bars:
                task = bars.add_task("reading", total=None)
                loop, read = ways.read(table, candidates, lam, real_fraction)
                bars.update(task, description="simulating")
                from recurate.numerics.simulation.simulate_loop import simulate_loop
                from recurate.printing.answers.simulation import Simulation, print_simulation
                from recurate.reading.asked_loop import loop_errors

                try:
                    with loop_errors():
                        simulated = simulate_loop(
                            loop,
                            steps=ways.steps(steps),
                            n_generated=generated,
                            n_curated=curated,
                            replicates=replicates,
                            rng=seed,
                            backend=backend.value,
                            device=device,
                            dtype=precision.value,
                            checkpoint=checkpoint,
                            on_step=lambda done, total: bars.update(
                                task, completed=done, total=total
                            ),
                        )
                except ImportError as error:  # torch is an extra
                    raise InputError(str(error)) from error
                bars.update(task, description="computing the exact loop", total=None)
                simulation = Simulation.of(read, loop, simulated)
                text = simulation.to_json() if json else None

                def answer() -> Answer:
                    from recurate.pages.answer.of_commands import simulation_answer

                    return simulation_answer(simulation)

                used = simulation.parameters | {"seed": seed}
                files |= page.files
                trouble = write_all(files, simulation.writers | page.writers(answer, used))
            if text is None:
                print_simulation(simulation, console())
            else:
                typer.echo(text)
            say_written(files, trouble, quiet=json)
