"""The commands and the terminal: errors in one line, notes, progress, the console."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

from recurate.errors import InputError
from recurate.numerics.text import LONGEST_MESSAGE, escaped, shortened

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


@contextmanager
def reported() -> Iterator[None]:
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
    note(message)
    raise typer.Exit(2)


def note(message: str) -> None:
    """Say something in one line on standard error: escaped, and never longer than a message."""
    line = escaped(f"recurate: {message}")
    typer.echo(shortened(line, LONGEST_MESSAGE - 1), err=True)


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
