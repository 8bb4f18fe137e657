"""`recurate hunt`: an adversarial search for a counterexample."""

from __future__ import annotations

import math
import time
from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.results import require_known
from recurate.commands.terminal import progress, reported
from recurate.commands.worker_options import FewWorkerOptions
from recurate.errors import InputError, as_input_errors
from recurate.numerics.text import shown


@options.spread
def hunt(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A result or a conjecture, such as reward-monotone.")
    ],
    budget: Annotated[
        str, typer.Option(metavar="TIME", help="How long to search, such as 60s or 5m.")
    ] = "60s",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    *,
    workers: FewWorkerOptions,
) -> None:
    """Hunt for a counterexample to a result, adversarially and for a given time.

    Optimisers look for the loop with the least margin, which is how far the claim is from failing.
    A negative margin is computed again in ball arithmetic, so that rounding is never taken for a
    violation. The exit code is 1 if there is a certified counterexample, and otherwise 0, even if a
    violation in floating point could not be certified. In Python, `recurate.hunt` takes a
    conjecture of your own.
    """
    with reported(), progress() as bars:
        workers.prepare()
        seconds = _seconds(budget)
        task = bars.add_task("loading", total=seconds)
        from recurate.numerics.pieces import ExecutorLostError
        from recurate.paper_checks.catalogue import CURATION_CHECKS, check_of
        from recurate.paper_checks.hunt.hunt import Hunt
        from recurate.paper_checks.hunt.hunt import hunt as hunted
        from recurate.printing.results_as_json import hunt_json
        from recurate.theory.catalogue import STATEMENTS

        if name in STATEMENTS and name not in CURATION_CHECKS:
            raise InputError(
                "ID must be a result about the loop of Bradley–Terry's choice by one reward, which "
                f"the optimisers search; {name} is about something else: recurate check {name} "
                "looks for a counterexample to it"
            )
        require_known([name.partition("#")[0]], list(CURATION_CHECKS))
        with as_input_errors():
            check_of(name, CURATION_CHECKS)
        begin = time.monotonic()

        def show(evaluations: int, least: float) -> None:
            bars.update(
                task,
                completed=min(seconds, time.monotonic() - begin),
                description=f"{name}: {evaluations} loops, least share {least:.2g}",
            )

        lost = None
        try:
            with workers.executor() as executor:
                begin = time.monotonic()
                found = hunted(name, budget=seconds, seed=seed, on_progress=show, executor=executor)
        except ExecutorLostError as error:  # what was found before is told
            if not isinstance(error.so_far, Hunt):
                raise
            found, lost = error.so_far, error
    with reported():
        typer.echo(hunt_json(found) if json else str(found))
        if not json and found.verdict == "refuted":
            typer.echo(f"to see it again:\n{found.replay}")
        if lost is not None:
            raise lost
    if found.verdict == "refuted":
        raise typer.Exit(1)


_LONGEST = 720 * 3600.0  # a month: a time without an end is a mistake


def _seconds(text: str) -> float:
    """Return a time such as 60s, 1.5m, 1h or 60 in seconds."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number = text.removesuffix("s").removesuffix("m").removesuffix("h")
    unit = text[len(number) :] or "s"
    try:
        seconds = float(number) * units[unit]
    except (ValueError, KeyError):
        seconds = math.nan
    if not 0 < seconds <= _LONGEST:
        raise InputError(
            "--budget must be a time above 0, such as 60s or 5m, and at most 720h; got "
            f"{shown(text)}"
        )
    return seconds
