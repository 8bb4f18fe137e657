"""The command line: predict, check, hunt, list and explain.

Everything that takes long to load is loaded inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import io
import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from recurate.errors import InputError, as_input_errors

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


class Level(StrEnum):
    """How much `recurate check` tries."""

    quick = "quick"
    full = "full"


app = typer.Typer(
    name="recurate",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",  # which fills lines
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # λ on a terminal that does not know it
            stream.reconfigure(errors="replace")
    app()


def _show_version(wanted: bool) -> None:
    if wanted:
        from recurate import __version__

        typer.echo(f"recurate {__version__}")
        raise typer.Exit


@app.callback()
def _recurate(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Exact futures of generative models retrained on their own curated samples.

    After people picked the best of K, where does the loop go? And do the theorems about it
    (arXiv:2407.09499) hold?
    """


@app.command()
def predict(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE",
            help="Table of rewards: CSV with a header, .npy or .parquet; - reads CSV from a pipe.",
            show_default=False,
        ),
    ] = None,
    example: Annotated[
        str | None,
        typer.Option(
            help="A table in the box, in place of FILE: digits-confidence or digits-class.",
            show_default=False,
        ),
    ] = None,
    candidates: Annotated[
        str,
        typer.Option(
            "-K", "--candidates", metavar="K", help="Samples shown per choice: 1, 2, … or inf."
        ),
    ] = "4",
    lam: Annotated[
        float | None,
        typer.Option(
            help="λ, synthetic samples per real one; 0 is no loop, inf (default) the pure loop.",
            show_default=False,
        ),
    ] = None,
    real_fraction: Annotated[
        float | None,
        typer.Option(
            help="Share of real data, 1/(1+λ), from 0 to 1, in place of --lam.", show_default=False
        ),
    ] = None,
    steps: Annotated[int, typer.Option(help="Retraining steps.")] = 10,
    reward_column: Annotated[
        str | None, typer.Option(help="Column of rewards, 'reward' if not given.")
    ] = None,
    group_column: Annotated[
        str | None, typer.Option(help="Column of labels, 'group' if not given and there.")
    ] = None,
    weight_column: Annotated[
        str | None, typer.Option(help="Column of row weights, 'weight' if not given and there.")
    ] = None,
    scale: Annotated[float, typer.Option(help="γ, multiplies every reward.")] = 1.0,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write trajectory.csv and trajectory.png here.", show_default=False
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON in place of tables.")] = False,
) -> None:
    """Predict the curated retraining loop from a table of rewards, without training a model.

    Prints, for each step t, the expected reward, the expected weight relative to the best reward,
    the divergence from the real data, the mass at the best reward and the groups whose share
    changed most, with the bounds that the theorems guarantee for this loop.
    """
    with _reported(), _progress() as progress:
        if (file is None) == (example is None):
            raise InputError("predict needs exactly one of FILE and --example")
        lam = _mixing(lam, real_fraction)
        K = _candidates(candidates)
        task = progress.add_task("reading", total=None)
        from recurate.numerics import validation
        from recurate.numerics.loop import LARGEST_STEPS, CurationLoop

        with as_input_errors():  # before a long table is read
            validation.candidates(K)
            validation.mixing(lam)
            validation.count(steps, "steps", LARGEST_STEPS)
        from recurate.tables import Columns, read_example, read_rewards

        columns = Columns(reward_column, group_column, weight_column)
        if file is None:
            law, source = read_example(str(example), columns, scale), f"example {example}"
        else:
            law = read_rewards(file, columns, scale)
            source = "standard input" if file == "-" else Path(file).name
        progress.update(task, description="loading")
        from recurate.prediction import Prediction

        loop = CurationLoop(law, K=K, lam=lam)
        progress.update(task, description="retraining", total=steps, completed=0)
        trajectory = loop.run(steps=steps, on_step=lambda t: progress.update(task, completed=t))
        prediction = Prediction(source, scale, loop, trajectory)
        progress.update(task, description="checking the theorems", total=None)
        written = [] if out is None else prediction.write(out)
        text = prediction.to_json() if json else None
    from recurate.report import print_prediction

    with _reported():
        if text is not None:
            typer.echo(text)
            return
        console = _console()
        print_prediction(prediction, console)
        for path in written:
            console.print(f"wrote {path}", highlight=False, markup=False, soft_wrap=True)


@app.command()
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
    refuted and every mutant is.
    """
    with _reported(), _progress() as progress:
        task = progress.add_task("loading", total=None)
        if jobs != 1:  # each process has a core; threads of the linear algebra would share it
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        from recurate import check_report
        from recurate.paper_checks.runner import run_checks
        from recurate.theory.catalogue import STATEMENTS

        names = list(dict.fromkeys(ids or STATEMENTS))
        _require_known(names, list(STATEMENTS))
        if json_file is not None and json_file == junit_file:
            raise InputError(f"--json and --junit must be two files; got {json_file} for both")
        _keep_hypothesis_out_of_here()

        def show(name: str, part: str, done: int, total: int) -> None:
            progress.update(task, description=f"{name}: {part}", completed=done, total=total)

        # Opened first: a file that cannot be written should be known before the work.
        with _written_at_last(json_file) as json_path, _written_at_last(junit_file) as junit_path:
            results = list(run_checks(names, level=level.value, seed=seed, jobs=jobs, on_part=show))
            for path, text in (
                (json_path, check_report.results_json),
                (junit_path, check_report.results_junit),
            ):
                if path is not None:
                    path.write_text(text(results, seed=seed, level=level.value), "utf-8")
    with _reported():
        check_report.print_checks(
            results, seed=seed, level=level.value, detailed=bool(ids), console=_console()
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


@app.command()
def hunt(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A result or a conjecture, such as reward-monotone.")
    ],
    budget: Annotated[
        str, typer.Option(metavar="TIME", help="How long to search, such as 60s or 5m.")
    ] = "60s",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the search.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Hunt for a counterexample to a result, adversarially and for a given time.

    Optimisers look for the loop with the least margin; a negative one is computed again in ball
    arithmetic, so that rounding is never taken for a violation. Exit code 1 if there is a certified
    counterexample. In Python, `recurate.hunt` takes a conjecture of your own.
    """
    with _reported(), _progress() as progress:
        seconds = _seconds(budget)
        task = progress.add_task(f"hunting {name}", total=seconds)
        from recurate.check_report import hunt_json
        from recurate.paper_checks.catalogue import CURATION_CHECKS
        from recurate.paper_checks.hunting import hunt as hunted
        from recurate.theory.catalogue import STATEMENTS

        if name in STATEMENTS and name not in CURATION_CHECKS:
            raise InputError(f"ID must be a result about curated retraining; got {name!r}")
        _require_known([name.partition("#")[0]], list(CURATION_CHECKS))
        begin = time.monotonic()

        def show(evaluations: int, least: float) -> None:
            progress.update(
                task,
                completed=min(seconds, time.monotonic() - begin),
                description=f"{name}: {evaluations} loops, least share {least:.2g}",
            )

        found = hunted(name, budget=seconds, seed=seed, on_progress=show)
    with _reported():
        typer.echo(hunt_json(found) if json else str(found))
        if not json and found.verdict == "refuted":
            typer.echo(f"to see it again:\n{found.replay}")
    if found.verdict == "refuted":
        raise typer.Exit(1)


def _seconds(text: str) -> float:
    """Return a time such as 60s, 1.5m, 1h or 60 in seconds."""
    units = {"s": 1.0, "m": 60.0, "h": 3600.0}
    number = text.removesuffix("s").removesuffix("m").removesuffix("h")
    unit = text[len(number) :] or "s"
    try:
        seconds = float(number) * units[unit]
    except (ValueError, KeyError):
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"--budget must be a time above 0, such as 60s or 5m; got {text!r}")
    return seconds


@app.command("list")
def list_results(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """List the results: what each says, under which hypotheses, and who claims it."""
    from recurate.explanation import list_json, print_list
    from recurate.theory.catalogue import STATEMENTS

    with _reported():
        if json:
            typer.echo(list_json(STATEMENTS.values()))
        else:
            print_list(STATEMENTS.values(), _console())


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="ID", help="A result, such as theorem-2.3.")],
    latex: Annotated[bool, typer.Option("--latex", help="Print a LaTeX fragment.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
    cache: Annotated[
        bool, typer.Option(help="Use what was verified before, if no source has changed.")
    ] = True,
) -> None:
    """Explain a result: its statement, its hypotheses and its proof, verified step by step.

    A step is verified by computer algebra, or cited from a textbook, or it has failed. Exit code 1
    if one has failed.
    """
    with _reported(), _progress() as progress:
        progress.add_task(f"verifying {name}", total=None)
        from recurate import explanation
        from recurate.paper_checks.verification import checked
        from recurate.theory.catalogue import STATEMENTS

        if latex and json:
            raise InputError("only one of --latex and --json can be given; got both")
        _require_known([name], list(STATEMENTS))
        statement = STATEMENTS[name]
        proof = checked(statement, use_cache=cache)
    with _reported():
        if json:
            typer.echo(explanation.explanation_json(statement, proof))
        elif latex:
            typer.echo(explanation.explanation_latex(statement, proof), nl=False)
        else:
            explanation.print_explanation(statement, proof, _console())
    if proof.count("failed"):
        raise typer.Exit(1)


def _require_known(names: list[str], known: list[str]) -> None:
    import difflib

    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3, cutoff=0.4) or known[:3]
            raise InputError(
                f"ID must be a result, such as {', '.join(close)}; got {name!r} "
                "(recurate list names all)"
            )


def _candidates(text: str) -> float:
    try:
        if "_" in text:  # which float takes
            raise ValueError
        number = float(text)
        return int(number) if number.is_integer() else number
    except ValueError:
        raise InputError(f"K must be an integer of at least 1 or inf; got {text!r}") from None


def _mixing(lam: float | None, real_fraction: float | None) -> float:
    if lam is not None and real_fraction is not None:
        raise InputError("only one of --lam and --real-fraction can be given; got both")
    if real_fraction is None:
        return math.inf if lam is None else lam
    if not 0 <= real_fraction <= 1:
        raise InputError(f"--real-fraction must be from 0 to 1; got {real_fraction}")
    lam = math.inf if real_fraction == 0 else (1 - real_fraction) / real_fraction
    if lam == math.inf and real_fraction > 0:
        raise InputError(f"--real-fraction must be 0 or at least 1e-307; got {real_fraction}")
    return lam


@contextmanager
def _reported() -> Iterator[None]:
    """Report a user's mistake in one line on standard error, and exit with code 2."""
    try:
        yield
    except (InputError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        _fail(str(error))
    except MemoryError as error:
        _fail(f"not enough memory: {error}")


def _fail(message: str) -> NoReturn:
    typer.echo(f"recurate: {message}", err=True)
    raise typer.Exit(2)


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show progress on standard error while it is a terminal; nothing of it stays."""
    from rich.console import Console
    from rich.progress import Progress

    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not sys.stderr.isatty()) as progress:
        yield progress


def _console() -> Console:
    from rich.console import Console

    # Piped output is not cut to a terminal's width that it does not have.
    return Console() if sys.stdout.isatty() else Console(width=120)
