"""The commands and the terminal: errors in one line, progress, the console."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from recurate.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


@contextmanager
def reported() -> Iterator[None]:
    """Report a user's mistake in one line, and exit with code 2; or Ctrl-C, with code 130."""
    try:
        yield
    except (InputError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            raise
        _fail(str(error))
    except MemoryError as error:
        _fail(f"not enough memory: {error}")
    except KeyboardInterrupt:  # where the commands run in another program; else see `stopping`
        _fail("stopped", code=130)


def _fail(message: str, *, code: int = 2) -> NoReturn:
    typer.echo(f"recurate: {message}", err=True)
    raise typer.Exit(code)


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
