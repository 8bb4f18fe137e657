"""`recurate check`: every result, put to the test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands import options
from recurate.commands.results import require_known
from recurate.commands.terminal import console, progress, reported, say_written
from recurate.commands.worker_options import WorkerOptions
from recurate.errors import InputError, as_input_errors
from recurate.numerics.files import Output, is_standard_output, landed, opened
from recurate.numerics.text import shown
from recurate.paper_checks.evidence.kinds import KINDS
from recurate.writing import require_different

if TYPE_CHECKING:
    from recurate.paper_checks.runner import Result
    from recurate.theory.statement import Statement


HELP = f"""Put every result to the test: is there a loop that breaks one?

Each result is tried with several kinds of evidence:

{"".join(f"- {kind.name}: {kind.meaning}" + chr(10) for kind in KINDS.values())}
The exit code is 0 if nothing is refuted or violated, each step of every proof verifies and every
mutant is refuted, and 1 otherwise. Claims of other papers that are known to be false have to be
refuted instead. For the results that are named, what was tried and the witnesses are printed.

With --bound or --without, one result is altered and then tried: is there a loop that breaks it, and
at which step does its proof fail? The least margin is printed, and the smallest loop found, in
exact numbers, as Python to be pasted. Exit code 1 if that is refuted; 0 if not, which proves
nothing.
"""


class Level(StrEnum):
    """How much `recurate check` tries."""

    quick = "quick"
    full = "full"


@options.spread
def check(
    ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Results to check; all of them by default."),
    ] = None,
    bound: Annotated[
        str | None,
        typer.Option(
            metavar="FORMULA",
            help="Try ID with another bound, such as '2*bound - mean_weight'; 'bound' is the one "
            "it has. recurate explain ID lists the names.",
            show_default=False,
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            metavar="HYPOTHESIS",
            help="Try ID without this hypothesis, such as start; may be repeated.",
            show_default=False,
        ),
    ] = None,
    level: Annotated[
        Level, typer.Option(help="How much is tried: quick (two minutes) or full (many minutes).")
    ] = Level.quick,
    margins: Annotated[
        bool,
        typer.Option(
            "--margins", help="Show a wide table of the cases and the least margin of each kind."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every search.")] = 0,
    json_file: Annotated[
        str | None,
        typer.Option(
            "--json",
            metavar="FILE",
            help="Write the results to this file as JSON; - prints that and nothing else.",
            show_default=False,
        ),
    ] = None,
    junit_file: Annotated[
        str | None,
        typer.Option(
            "--junit",
            metavar="FILE",
            help="Write them to this file, or -, as JUnit's XML.",
            show_default=False,
        ),
    ] = None,
    html_folder: Annotated[
        str | None,
        typer.Option(
            "--html",
            metavar="DIR",
            help="Write pages for a browser to this folder: index.html, and one for each result.",
            show_default=False,
        ),
    ] = None,
    *,
    workers: WorkerOptions,
) -> None:
    """Put every result to the test."""
    if bound is not None or without:
        refused = {"--junit": junit_file, "--html": html_folder}
        given = [option for option, path in refused.items() if path is not None]
        _check_altered(ids or [], bound, without or [], level, seed, json_file, given)
        return
    with reported(), ExitStack() as stack:
        with progress() as bars:
            task = bars.add_task("loading", total=None)
            workers.prepare()
            from recurate.paper_checks.runner import run_checks
            from recurate.printing.checks import print_checks
            from recurate.printing.junit import results_junit
            from recurate.printing.results_as_json import results_json
            from recurate.theory.catalogue import STATEMENTS

            names = list(dict.fromkeys(ids or STATEMENTS))
            require_known(names, list(STATEMENTS))
            reports = _opened(stack, ids or [], {"--json": json_file, "--junit": junit_file})
            pages = _opened_pages(stack, html_folder, names)

            def show(name: str, part: str, done: int, total: int) -> None:
                bars.update(task, description=f"{name}: {part}", completed=done, total=total)

            results, lost = [], None
            try:
                with workers.executor() as pool:
                    for result in run_checks(
                        names, level=level.value, seed=seed, executor=pool, on_part=show
                    ):
                        results.append(result)
            except ConnectionError as error:  # what was found before is reported
                lost = error
        texts = {"--json": results_json, "--junit": results_junit}
        for option, report in reports.items():
            text = texts[option](results, seed=seed, level=level.value)
            report.content.write(text.encode())
        if pages:
            _fill(pages, results, seed, level, ids or [])
        files = [[report] for report in reports.values()]
        with _written([*files, [*pages.values()]]) as is_printed:
            if not is_printed:
                print_checks(
                    results,
                    seed=seed,
                    level=level.value,
                    detailed=bool(ids),
                    margins=margins,
                    console=console(),
                )
        if pages:
            say_written({"index": pages["index.html"]}, None, quiet=is_printed)
        if lost is not None:
            raise lost
    if not all(result.is_sound for result in results):
        raise typer.Exit(1)


def _check_altered(
    ids: list[str],
    bound: str | None,
    without: list[str],
    level: Level,
    seed: int,
    json_file: str | None,
    refused: list[str],
) -> None:
    with reported(), ExitStack() as stack:
        with progress() as bars:
            bars.add_task("looking for a counterexample", total=None)
            from recurate.paper_checks.trials.altered import check as tried
            from recurate.printing.results_as_json import trial_json
            from recurate.theory.catalogue import STATEMENTS

            if len(ids) != 1:
                raise InputError(f"--bound and --without need exactly one ID; got {len(ids)}")
            for option in refused:
                raise InputError(
                    f"{option} is for results as they are, without --bound and --without"
                )
            require_known(ids, list(STATEMENTS))
            with as_input_errors():
                statement = _altered(ids[0], bound, without)
            reports = _opened(stack, ids, {"--json": json_file})
            trial = tried(statement, level=level.value, seed=seed)
        for report in reports.values():
            report.content.write(trial_json(trial).encode())
        with _written([report] for report in reports.values()) as is_printed:
            if not is_printed:
                typer.echo(str(trial))
    if trial.verdict == "refuted":
        raise typer.Exit(1)


def _altered(name: str, bound: str | None, without: list[str]) -> Statement:
    """Return what was made of a result, with the names that its own evidence knows."""
    from recurate.printing.explanation import bound_names
    from recurate.theory.catalogue import STATEMENTS

    statement = STATEMENTS[name]
    for hypothesis in dict.fromkeys(without):
        statement = statement.without(hypothesis)
    if bound is not None:
        statement = statement.with_bound(bound, bound_names(STATEMENTS[name]))
    return statement


def _opened(stack: ExitStack, ids: list[str], paths: Mapping[str, str | None]) -> dict[str, Output]:
    """Open the files that options name: that one cannot be written is known before the work."""
    from recurate.theory.catalogue import STATEMENTS

    named = {option: path for option, path in paths.items() if path is not None}
    for option, path in named.items():
        if path in STATEMENTS:
            line = " ".join(("recurate check", *dict.fromkeys((*ids, path)), option, "-"))
            raise InputError(
                f"{option} needs a file; got the result {path}: say `{line}` to print what was "
                f"found for it, or {option} ./{path} for a file of that name"
            )
        if path.startswith("-") and path != "-":
            raise InputError(
                f"{option} needs a file, or - to print; got {path} (say ./{path} if that is a file)"
            )
    require_different(named)
    return dict(zip(named, stack.enter_context(opened(named.values())), strict=True))


def _opened_pages(stack: ExitStack, path: str | None, names: list[str]) -> dict[str, Output]:
    """Open the pages of a report on these results; none without a folder."""
    if path is None:
        return {}
    from recurate.pages.report.paths import paths
    from recurate.pages.writing import opened_pages
    from recurate.theory.catalogue import STATEMENTS

    if not path or path in STATEMENTS or path.startswith("-"):
        raise InputError(
            f"--html needs a folder; got {shown(path)} (say ./{path} if that is one)"
            if path
            else "--html needs a folder; got ''"
        )
    return stack.enter_context(opened_pages(Path(path), paths(names), "--html"))


def _fill(
    pages: dict[str, Output], results: Sequence[Result], seed: int, level: Level, ids: list[str]
) -> None:
    from recurate.pages.report.report import report_pages

    with progress() as bars:
        task = bars.add_task("pages", total=len(pages))
        words = ("recurate check", *dict.fromkeys(ids), f"--level {level.value} --seed {seed}")
        command = f"{' '.join(words)} --html DIR"
        for path, text in report_pages(results, seed=seed, level=level.value, command=command):
            pages[path].content.write(text.encode())
            bars.advance(task)


@contextmanager
def _written(groups: Iterable[Sequence[Output]]) -> Iterator[bool]:
    """Write reports, each group all or none, and tell whether one is on standard output.

    What went wrong is raised after the block, in which the results are printed otherwise.
    """
    groups = list(groups)
    troubles = [error for group in groups if (error := landed(group)) is not None]
    yield any(is_standard_output(report.path) for group in groups for report in group)
    if troubles:
        raise troubles[0] if len(troubles) == 1 else InputError("; ".join(map(str, troubles)))
