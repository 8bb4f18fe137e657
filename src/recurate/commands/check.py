"""`recurate check`: every result, put to the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands.results import require_known
from recurate.commands.terminal import console, progress, reported
from recurate.errors import InputError, as_input_errors

if TYPE_CHECKING:
    from recurate.theory.statement import Statement


class Level(StrEnum):
    """How much `recurate check` tries."""

    quick = "quick"
    full = "full"


def check(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Results to check; all of them if none is named."),
    ] = None,
    bound: Annotated[
        str | None,
        typer.Option(
            metavar="FORMULA",
            help="Try ID with another bound, such as '2*bound - mean_weight', where 'bound' is its "
            "own; recurate explain ID lists the names.",
            show_default=False,
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HYPOTHESIS",
            help="Try ID without a hypothesis, by its name, such as start; may be repeated.",
            show_default=False,
        ),
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

    With --bound or --without, one result is altered and tried: is there a loop that breaks what was
    made of it, and at which step does its proof fail? It prints the least margin and the smallest
    loop found, in exact numbers, as Python to be pasted. Exit code 1 if that is refuted; 0 if not,
    which proves nothing.
    """
    if bound is not None or without:
        _check_altered(ids or [], bound, without or [], level, seed, json_file, junit_file)
        return
    with reported(), progress() as bars:
        task = bars.add_task("loading", total=None)
        if jobs != 1:  # each process has a core; threads of the linear algebra would share it
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from recurate.paper_checks.runner import run_checks
        from recurate.printing import checks
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
                (json_path, checks.results_json),
                (junit_path, checks.results_junit),
            ):
                if path is not None:
                    path.write_text(text(results, seed=seed, level=level.value), "utf-8")
    with reported():
        checks.print_checks(
            results, seed=seed, level=level.value, detailed=bool(ids), console=console()
        )
    if not all(result.is_sound for result in results):
        raise typer.Exit(1)


def _check_altered(
    ids: list[str],
    bound: str | None,
    without: list[str],
    level: Level,
    seed: int,
    json_file: Path | None,
    junit_file: Path | None,
) -> None:
    with reported(), progress() as bars:
        bars.add_task("looking for a counterexample", total=None)
        from recurate.paper_checks.trials.altered import check as tried
        from recurate.printing.trial_json import trial_json
        from recurate.theory.catalogue import STATEMENTS

        if len(ids) != 1:
            raise InputError(f"--bound and --without need exactly one ID; got {len(ids)}")
        if junit_file is not None:
            raise InputError("--junit is for results as they are, without --bound and --without")
        require_known(ids, list(STATEMENTS))
        with as_input_errors():
            statement = _altered(ids[0], bound, without)
        with _written_at_last(json_file) as path:
            trial = tried(statement, level=level.value, seed=seed)
            if path is not None:
                path.write_text(trial_json(trial), "utf-8")
    with reported():
        typer.echo(str(trial))
    if trial.verdict == "refuted":
        raise typer.Exit(1)


def _altered(name: str, bound: str | None, without: list[str]) -> Statement:
    """Return what was made of a result, with the names that its own evidence knows."""
    from recurate.paper_checks.catalogue import CHECKS
    from recurate.theory.catalogue import STATEMENTS
    from recurate.theory.language.notation import NAMES
    from recurate.theory.typed import parse

    statement = STATEMENTS[name]
    for hypothesis in dict.fromkeys(without):
        statement = statement.without(hypothesis)
    if bound is not None:
        known = {known: NAMES[known] for known in CHECKS[name].names}
        own = statement.with_bound(statement.bound if statement.bound is not None else "0").bound
        statement = statement.with_bound(parse(bound, {"bound": own, **known}))
    return statement


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
