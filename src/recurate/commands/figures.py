"""`recurate figures`: the figures of the paper and of the theory, made from scratch."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from recurate.commands import options
from recurate.commands.terminal import console, progress, reported
from recurate.commands.worker_options import FewWorkerOptions
from recurate.errors import InputError, as_input_errors
from recurate.numerics.files import Output, require_regular
from recurate.numerics.text import escaped, shown
from recurate.writing import made


class FigureScale(StrEnum):
    """How much `recurate figures` computes."""

    smoke = "smoke"
    default = "default"
    paper = "paper"


@options.spread
def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Figures to make; all of them by default."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            metavar="DIR",
            parser=options.named,
            help="Folder to write to; each scale has its own subfolder.",
        ),
    ] = Path("recurate-figures"),
    scale: Annotated[
        FigureScale,
        typer.Option(
            help="How much is computed: smoke (some 3 minutes on two cores), default (some 25) or "
            "paper (the paper's sizes, for a GPU)."
        ),
    ] = FigureScale.default,
    device: Annotated[
        str, typer.Option(help="Where models are trained: cpu, cuda, cuda:N or mps.")
    ] = "cpu",
    data: Annotated[
        str,
        typer.Option(
            metavar="SOURCE",
            help="Images for the experiments: digits, or cifar10:PATH with CIFAR-10 in its "
            "official Python format (the folder cifar-10-batches-py or the archive).",
        ),
    ] = "digits",
    force: Annotated[
        bool, typer.Option("--force", help="Make the figures again even if they are up to date.")
    ] = False,
    *,
    workers: FewWorkerOptions,
) -> None:
    """Make the figures: data as CSV, pictures as PNG, SVG and PDF, and a page with all of them.

    Data are kept until the code or the parameters behind them change; what is made again is
    printed with the reason. The exit code is 1 if the values that a figure compares differ by more
    than is allowed, or if a figure needs a package that is not installed.
    """
    with reported(), ExitStack() as stack, progress() as bars:
        task = bars.add_task("loading", total=None)
        workers.prepare()
        _require_device(device)
        _require_data(data)
        from recurate.figures.catalogue import FIGURES, with_needs
        from recurate.figures.making.make import (
            MissingFigureError,
            Watch,
            forget_shared,
            make,
        )
        from recurate.figures.making.page import NAME, in_words, write_page
        from recurate.figures.making.record import read_record
        from recurate.numerics.locks import held

        chosen = list(dict.fromkeys(names or FIGURES))
        _require_figures(chosen, list(FIGURES))
        folder = out / scale.value
        stack.enter_context(made(folder))
        stack.enter_context(held(folder))  # until the page is written
        for path in (folder / NAME, *(folder / f"{name}.json" for name in chosen)):
            with as_input_errors():  # it is written more than once, and read
                require_regular(path, f"--out's {path.name}")
            Output(path).close()  # which fails now, and not when all is drawn
        if force:
            forget_shared(folder)
        terminal = console()

        def say(line: str) -> None:
            terminal.print(escaped(line), highlight=False, markup=False, soft_wrap=True)

        def show(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        told = cache(say)  # once, though records are read again for each page
        differing = []
        # What trains models is not to be copied: PyTorch may have begun here.
        executor = stack.enter_context(workers.executor(forks=False))
        for name in with_needs(chosen):
            record = None
            try:
                with _image_data_errors():
                    record = make(
                        FIGURES[name],
                        folder,
                        scale=scale.value,
                        device=device,
                        data=data,
                        force=force and name in chosen,
                        watch=Watch(told, show),
                        executor=executor,
                    )
            except (ImportError, MissingFigureError) as error:  # the other figures do without
                differing.append(name)
                say(f"{name}: not made, since {error}")
            records = {name: read_record(folder, name, told) for name in FIGURES}
            page = write_page(folder, records, scale.value)
            agreement = None if record is None else record["agreement"]
            if agreement is not None and not agreement["holds"]:
                differing.append(name)
                say(f"{name}: {in_words(agreement)}")
        say(f"wrote {page}")
    if differing:
        raise typer.Exit(1)


def _require_device(device: str) -> None:
    if not re.fullmatch(r"cpu|cuda(:\d+)?|mps", device):
        raise InputError(f"--device must be cpu, cuda, cuda:N or mps; got {shown(device)}")
    if device != "cpu":
        from recurate.numerics.sampling.streams import open_stream

        try:
            open_stream(0, "torch", device)
        except ValueError as error:
            raise InputError(f"--device: {error}") from error


def _require_data(source: str) -> None:
    from recurate.figures.images.dataset import check_source

    with _image_data_errors():
        check_source(source)


@contextmanager
def _image_data_errors() -> Iterator[None]:
    """Turn errors in the user's image data into `InputError`."""
    from recurate.figures.images.dataset import ImageDataError

    try:
        yield
    except ImageDataError as error:
        raise InputError(f"--data: {error}") from error


def _require_figures(names: list[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name[:100], known, n=1, cutoff=0.4)
            hint = f" (perhaps {close[0]})" if close else ""
            raise InputError(f"NAME must be one of {', '.join(known)}; got {shown(name)}{hint}")
