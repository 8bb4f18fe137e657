"""`recurate sweep`: the loop for every table, K, λ, rule and scale, as one table and a picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from recurate.commands import options
from recurate.commands.loop_options import LoopOptions, Steps
from recurate.commands.swept_loops import SweptTables, read_cells, swept_loops
from recurate.commands.terminal import console, note, progress, reported, say_written
from recurate.commands.worker_options import WorkerOptions
from recurate.errors import InputError, as_input_errors
from recurate.numerics.files import Output, is_standard_output, landed, opened
from recurate.numerics.text import shown
from recurate.writing import require_different

if TYPE_CHECKING:
    from recurate.sweeping.table import Sweep

TABLES, PICTURES = (".csv", ".parquet"), (".png", ".svg", ".pdf")
"""Endings of the files that are written."""


@options.spread
def sweep(
    ways: LoopOptions,
    tables: SweptTables,
    candidates: Annotated[
        str | None,
        typer.Option(
            "-K",
            "--candidates",
            metavar="K,…",
            help="Samples shown per choice, as 2,4,inf or 2:64:6:log; 4 by default.",
            show_default=False,
        ),
    ] = None,
    lam: Annotated[
        str | None,
        typer.Option(
            metavar="FLOAT,…",
            help="λ, synthetic samples per real one, as 0.5,1,inf or 0.01:10:7:log; by default "
            "inf.",
            show_default=False,
        ),
    ] = None,
    real_fraction: Annotated[
        str | None,
        typer.Option(
            metavar="FLOAT,…",
            help="Shares of real data in a training set, as 0.1:0.9:9; in place of --lam.",
            show_default=False,
        ),
    ] = None,
    steps: Steps = None,
    fixed_points: Annotated[
        bool, typer.Option("--fixed-points/--no-fixed-points", help="Find the fixed points too.")
    ] = True,
    figure: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Figure that is printed and drawn: a column of the table, such as "
            "expected_reward, mass_at_max, 'proportion[9]' or 'score[length]'.",
        ),
    ] = "kl_to_reference",
    at: Annotated[
        str | None,
        typer.Option(
            metavar="T",
            help="Step that is printed and drawn: the last by default, inf for the fixed point.",
            show_default=False,
        ),
    ] = None,
    max_kl: Annotated[
        str | None,
        typer.Option(
            "--max-kl",
            metavar="FLOAT",
            help="Say which loop and step have the largest expected reward with a divergence of at "
            "most this, in nats.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--out",
            metavar="FILE",
            help="Write all figures of all loops and steps to this file, .csv or .parquet, or as "
            "CSV to -. What is done is kept in a folder beside it, where a run that was killed "
            "goes on.",
            show_default=False,
        ),
    ] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Draw the figure over K and λ: .png, .svg or .pdf.",
            show_default=False,
        ),
    ] = None,
    frontier: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Draw the expected reward against the divergence, beside best-of-n: likewise.",
            show_default=False,
        ),
    ] = None,
    json: options.Json = False,
    *,
    workers: WorkerOptions,
) -> None:
    """Run the loop for every table, K, λ, rule and scale, and write one table of all figures.

    -K, --lam, --real-fraction, --choice and --scale take several values: 2,4,inf, or a range,
    0.1:0.9:9 for nine values from 0.1 to 0.9 (1:64:7:log for evenly spaced logarithms). The table
    has a row for each loop and step, and one for its fixed point, where t is inf.
    """
    with reported(), ExitStack() as stack:
        # With one thread figures are the same to the last bit, however many processes compute them.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        workers.prepare()
        each = tables.each()
        paths = _checked_paths({"--out": out, "--plot": plot, "--frontier": frontier}, json=json)
        require_different(paths, {f"FILE {t.file}": t.file for t in each} | ways.inputs)
        limit = options.checked_number(max_kl, "--max-kl")
        if limit is not None and not limit >= 0:
            raise InputError(f"--max-kl must be a number of at least 0; got {max_kl}")
        from recurate.numerics import validation
        from recurate.numerics.loop import LARGEST_STEPS
        from recurate.reading.several import several
        from recurate.sweeping.kept import kept_beside
        from recurate.sweeping.sweep import require_size, swept_cells
        from recurate.sweeping.table import checked_figure, checked_step, figures_of

        with as_input_errors():
            number = validation.count(ways.steps(steps), "steps", LARGEST_STEPS)
            t = options.checked_number(at, "--at")
            t = checked_step(t, number, "--at", has_limit=fixed_points)
        scales = several(tables.scale, "--scale")
        loops, left_out = swept_loops(
            ways,
            candidates,
            lam,
            real_fraction,
            lambda one: require_size(one * len(each) * len(scales), (), number),
        )
        files = dict(zip(paths, stack.enter_context(opened(paths.values())), strict=True))
        with progress() as bars:
            task = bars.add_task("reading", total=None)
            cells, laws, reads = read_cells(each, scales, ways, loops, _once(note))
            with as_input_errors():
                require_size(len(cells), laws, number)
                checked_figure(figure, figures_of(laws), "--figure")
            for line in left_out:
                note(f"left out: {line}")
            bars.update(task, description="loops", total=len(cells))
            kept = stack.enter_context(kept_beside(_beside(out)))
            with workers.executor() as executor, _cell_errors():
                found = swept_cells(
                    cells,
                    laws,
                    steps=number,
                    fixed_points=fixed_points,
                    kept=kept,
                    executor=executor,
                    on_kept=lambda done, total: note(
                        f"{done:,} of {total:,} loops were done by an earlier run"
                    ),
                    on_cell=lambda done, total: bars.update(task, completed=done, total=total),
                    mixing="lam" if real_fraction is None else "real_fraction",
                )
            bars.update(task, description="writing", total=None)
            from recurate.printing.answers.sweep import print_sweep, sweep_json

            for option, output in files.items():
                _write(found, option, output, figure, t, limit)
            trouble = landed(files.values())
            if trouble is None:
                kept.remove()
            text = sweep_json(found, reads, left_out, limit) if json else None
        is_printed = out is not None and is_standard_output(out)
        if text is not None:
            typer.echo(text)
        elif not is_printed:
            print_sweep(found, reads, figure, t, limit, console())
        say_written(files, trouble, quiet=json or is_printed)


def _checked_paths(paths: dict[str, str | None], *, json: bool) -> dict[str, str]:
    """Return the files that are named, by their options, or raise InputError."""
    named = {option: path for option, path in paths.items() if path is not None}
    for option, path in named.items():
        endings = TABLES if option == "--out" else PICTURES
        if option == "--out" and is_standard_output(path):
            if json:
                raise InputError("--json prints to standard output, where --out - would write too")
        elif Path(path).suffix not in endings:
            raise InputError(f"{option} must end in {' or '.join(endings)}; got {shown(path)}")
    return named


def _beside(out: str | None) -> Path | None:
    """Return the file beside which cells are kept: the table's, if it is a file on a disk."""
    if out is None or is_standard_output(out) or (os.path.exists(out) and not os.path.isfile(out)):
        return None
    return Path(out)


def _once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return a function that says each line once: tables are read for each scale."""
    return cache(say)


@contextmanager
def _cell_errors() -> Iterator[None]:
    """Turn the errors of cells into `InputError`."""
    from recurate.numerics.pieces import WorkerLostError

    try:
        with as_input_errors():
            yield
    except WorkerLostError as error:
        raise InputError(
            f"{error}; the others are kept if --out is given: with fewer --jobs it may go on"
        ) from error


def _write(
    found: Sweep, option: str, output: Output, figure: str, t: float, limit: float | None
) -> None:
    """Put what an option asks for into its file."""
    if option == "--plot":
        found.plot(output.content, figure, t, ending=Path(output.path).suffix[1:])
    elif option == "--frontier":
        ending = Path(output.path).suffix[1:]
        found.plot_frontier(output.content, t, max_kl=limit, ending=ending)
    else:
        write = found.to_parquet if output.path.endswith(".parquet") else found.to_csv
        write(output.content)
