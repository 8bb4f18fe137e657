"""`recurate check`: every result, put to the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recurate.commands.results import require_known
from recurate.commands.terminal import console, progress, reported
from recurate.errors import InputError


class Level(StrEnum):
    """How much `recurate check` tries."""

    quick = "quick"
    full = "full"


def check(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Results to check; all of them if none is named."),
    ] = None,
    level: Annotated[
        Level, typer.Option(help="How much is tried: quick (half a minute) or full (minutes).")
    ] = Level.quick,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every search.")] = 0,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Processes; as many as cores if not given.", show_default=False
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write the results here.", show_default=False),
    ] = None,
    junit_file: Annotated[
        Path | None,
        typer.Option(
            "--junit", metavar="FILE", help="Write them as JUnit's XML here.", show_default=False
        ),
    ] = None,
) -> None:
    """Put every result to the test: is there a loop that breaks one?

    For each result: a search for counterexamples in floating point (property), small loops in
    rational arithmetic (exact) and in ball arithmetic (certified), the steps of its proof
    (symbolic), and nearby false claims, which the same evidence has to refute (mutants). Of results
    that are named it prints what was tried and the witnesses. Exit code 0 only if nothing is
    refuted or violated, every mutant is refuted, and each step of every proof verifies.
    """
    with reported(), progress() as bars:
        task = bars.add_task("loading", total=None)
        if jobs != 1:  # each process has a core; threads of the linear algebra would share it
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from recurate import check_report
        from recurate.paper_checks.runner import run_checks
        from recurate.theory.catalogue import STATEMENTS

        names = list(dict.fromkeys(ids or STATEMENTS))
        require_known(names, list(STATEMENTS))
        if json_file is not None and json_file == junit_file:
            raise InputError(f"--json and --junit must be two files; got {json_file} for both")
        _keep_hypothesis_out_of_here()

        def show(name: str, part: str, done: int, total: int) -> None:
            bars.update(task, description=f"{name}: {part}", completed=done, total=total)

        # Opened first: a file that cannot be written should be known before the work.
        with _written_at_last(json_file) as json_path, _written_at_last(junit_file) as junit_path:
            results = list(run_checks(names, level=level.value, seed=seed, jobs=jobs, on_part=show))
            for path, text in (
                (json_path, check_report.results_json),
                (junit_path, check_report.results_junit),
            ):
                if path is not None:
                    path.write_text(text(results, seed=seed, level=level.value), "utf-8")
    with reported():
        check_report.print_checks(
            results, seed=seed, level=level.value, detailed=bool(ids), console=console()
        )
    if not all(result.is_sound for result in results):
        raise typer.Exit(1)


def _keep_hypothesis_out_of_here() -> None:
    """Let Hypothesis keep its files in a folder for such, and not in the user's own."""
    import tempfile

    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "recurate-hypothesis")


@contextmanager
def _written_at_last(path: Path | None) -> Iterator[Path | None]:
    from recurate.numerics.files import replaced_when_done

    with replaced_when_done(path) if path is not None else nullcontext() as temporary:
        yield temporary
