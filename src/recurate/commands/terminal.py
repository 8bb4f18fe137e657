"""The commands and the terminal: errors in one line, notes, progress, the console."""

from __future__ import annotations

import codecs
import errno
import json
import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from recurate.errors import InputError
from recurate.numerics.text import LONGEST_MESSAGE, escaped, listed, shortened

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from recurate.numerics.files import Output


TRACEBACK = "RECURATE_TRACEBACK"
"""Name of the environment variable that lets an error which nobody expected show its traceback."""

ESCAPED = "recurate-escaped"
"""Name of the way to write what an encoding lacks: escaped as in JSON, where nothing is lost."""

_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)  # the package's writer names the file

_NUMBERS_IN_ENVIRONMENT = {
    "COLUMNS": (10, 1000),
    "LINES": (1, 1000),
    "TERMINAL_WIDTH": (10, 1000),
    "SOURCE_DATE_EPOCH": (0, 2**37),
}
"""Variables that libraries take as numbers, from and to which: anything else is not heeded."""

_LONGEST_USAGE = 900  # characters: a frame is drawn around it, and the usage stands above it


class Commands(TyperGroup):
    """The commands, with errors about the command line itself that are escaped and short."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command."""
        with _short_usage_errors():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Parse the command's own arguments and run it."""
        with _short_usage_errors():
            return super().invoke(ctx)


class OneValueEach(TyperCommand):
    """A command that refuses a second value of an option that takes one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse its arguments, after a look at those that would be written over."""
        options: list[Any] = [p for p in self.get_params(ctx) if p.param_type_name == "option"]
        kind: Any = type(self.make_parser(ctx))

        class Collecting(kind):  # type: ignore[misc]
            def add_option(self, *args: Any, action: str = "store", **kwargs: Any) -> None:
                action = {"store": "append"}.get(action, action)
                super().add_option(*args, action=action, **kwargs)

        parser = Collecting(ctx)
        for param in self.get_params(ctx):
            param.add_to_parser(parser, ctx)
        given, *_ = parser.parse_args(list(args))
        for option in options:
            values = given.get(option.name)
            if isinstance(values, list) and len(values) > 1 and not option.multiple:
                raise typer.BadParameter(
                    f"must be given once; got {listed(values)}", ctx=ctx, param=option
                )
        return super().parse_args(ctx, args)


@contextmanager
def _short_usage_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if isinstance(message := getattr(error, "message", None), str):  # typer's errors have it
            error.message = shortened(escaped(message), _LONGEST_USAGE)  # type: ignore[attr-defined]
        raise


@contextmanager
def last_net() -> Iterator[None]:
    """Say what nobody expected in a line: a warning as such, an error with exit code 2.

    For the process of the command line only, so that tests in a process of their own see both.
    """
    codecs.register_error(ESCAPED, _as_in_json)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal may not have the letter λ
            stream.reconfigure(errors=ESCAPED)
    warnings.showwarning = lambda message, *_: note(f"warning: {message}")
    os.environ["MPLBACKEND"] = "agg"  # pictures go to files, whatever is set
    for name, (least, most) in _NUMBERS_IN_ENVIRONMENT.items():
        text = os.environ.get(name, str(least))
        if not (re.fullmatch("[0-9]{1,15}", text) and least <= int(text) <= most):
            del os.environ[name]
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its fonts
    try:
        yield
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        said = shortened(f"{type(error).__name__}: {error}", LONGEST_MESSAGE // 2)
        note(f"internal error: {said}; please report it, with what {TRACEBACK}=1 shows")
        sys.exit(2)


def _as_in_json(error: UnicodeError) -> tuple[str, int]:
    """Write characters that an encoding lacks as JSON escapes them."""
    assert isinstance(error, UnicodeEncodeError), "streams that are written to"
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


@contextmanager
def standard_streams() -> Iterator[None]:
    """Run the command line where standard streams may be closed, or full: that takes one line."""
    # Python has none where one is closed, and all that use it would have to ask.
    sys.stdin = sys.stdin or open(os.devnull)  # noqa: SIM115, for as long as the process lives
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        note("standard output is closed; > /dev/null leaves it open")
        sys.exit(2)
    try:
        try:
            yield
        except SystemExit:
            sys.stdout.flush()
            raise
    except BrokenPipeError:  # whoever reads standard output has had enough
        _is_stdout_lost()
        sys.exit(1)
    except OSError as error:
        if not _is_stdout_lost() and error.errno not in _NO_ROOM:
            raise
        note(f"{error}: 'standard output'")
        sys.exit(2)


@contextmanager
def reported() -> Iterator[None]:
    """Report a user's mistake in one line, and exit with code 2; or Ctrl-C, with code 130."""
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
        _fail(f"not enough memory: {error}" if str(error) else "not enough memory")
    except KeyboardInterrupt:  # where the commands run in another program; else see `stopping`
        _fail("stopped", code=130)


def _is_stdout_lost() -> bool:
    """Return whether standard output cannot be written to; if so, give it up."""
    try:
        sys.stdout.flush()
    except OSError:  # Python would try again at the very end, and complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _fail(message: str, *, code: int = 2) -> NoReturn:
    note(message)
    raise typer.Exit(code)


def say_written(files: Mapping[str, Output], trouble: OSError | None, *, quiet: bool) -> None:
    """Say which files were written; if they were not, raise the error, now that all is printed."""
    if trouble is not None:
        raise trouble
    if not quiet:
        for file in files.values():
            line = escaped(f"wrote {file.path}")
            console().print(line, highlight=False, markup=False, soft_wrap=True)


_HEARD: ContextVar[list[str] | None] = ContextVar("_HEARD", default=None)


@contextmanager
def heard() -> Iterator[list[str]]:
    """Collect what `note` says meanwhile."""
    remarks: list[str] = []
    before = _HEARD.set(remarks)
    try:
        yield remarks
    finally:
        _HEARD.reset(before)


def note(message: str) -> None:
    """Say something in one line on standard error: escaped, and never longer than a message."""
    remarks = _HEARD.get()
    if remarks is not None:
        remarks.append(shortened(message))
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
