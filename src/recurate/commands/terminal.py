"""The commands and the terminal: errors in one line, progress, the console."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from recurate.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from recurate.numerics.files import Output


_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # the package's writer names the file


@contextmanager
def reported() -> Iterator[None]:
    """Report a user's mistake in one line on standard error, and exit with code 2."""
    try:
        yield
        sys.stdout.flush()  # here, and not at the very end, where Python could only complain
    except InputError as error:
        _fail(str(error))
    except OSError as error:
        if isinstance(error, BrokenPipeError) and error.filename is None:
            raise  # whoever reads standard output has had enough
        lost = _is_stdout_lost() or (error.filename is None and error.errno in _NO_ROOM)
        _fail(f"{error}: 'standard output'" if lost and error.filename is None else str(error))
    except MemoryError as error:
        _fail(f"not enough memory: {error}")


def _is_stdout_lost() -> bool:
    """Return whether standard output cannot be written to; if so, give it up."""
    try:
        sys.stdout.flush()
    except OSError:  # Python would try again at the very end, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _fail(message: str) -> NoReturn:
    typer.echo(f"recurate: {message}", err=True)
    raise typer.Exit(2)


def say_written(files: Mapping[str, Output], trouble: OSError | None, *, quiet: bool) -> None:
    """Say which files were written; if they were not, raise the error, now that all is printed."""
    if trouble is not None:
        raise trouble
    if not quiet:
        for file in files.values():
            console().print(f"wrote {file.path}", highlight=False, markup=False, soft_wrap=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """Show progress on standard error if that is a terminal, and remove it at the end."""
    from rich.console import Console
    from rich.progress import Progress

    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not sys.stderr.isatty()) as bars:
        yield bars


def console() -> Console:
    """Return the console to print on: as wide as the terminal, or 120 columns where none is.

    Without a terminal COLUMNS does not count: readline puts it into what a program starts.
    """
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=120)
