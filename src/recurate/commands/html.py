"""The option --html of commands about a loop: the answer as a page to send."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from recurate.commands import options
from recurate.commands.terminal import heard
from recurate.errors import InputError
from recurate.numerics.text import shown
from recurate.writing import require_different

if TYPE_CHECKING:
    from recurate.numerics.files import Output
    from recurate.pages.answer.answer import Answer

Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        parser=options.named,
        help="Write a page for a browser to this file, to be sent as it is: the answer, charts, "
        "tables, what is guaranteed, and this command.",
        show_default=False,
    ),
]

_OUTPUTS = ("html", "out", "json")
"""Options that say where an answer goes."""


@dataclass(frozen=True)
class Page:
    """The page of a command, open before the work; or none.

    Attributes
    ----------
    context : typer.Context
        The command that is run.
    files : dict
        The page's file; empty if none is wanted.
    remarks : list of str
        What was said on the way, which the page says too.
    """

    context: typer.Context
    files: dict[str, Output]
    remarks: list[str]

    def writers(
        self, answer: Callable[[], Answer], parameters: Mapping[str, Any]
    ) -> dict[str, Callable[[BinaryIO], None]]:
        """Return what writes the page, by the name of its file: an answer is made when it does."""

        def write(file: BinaryIO) -> None:
            from recurate.pages.answer.answer import page

            text = page(
                answer(),
                command=command_line(self.context),
                parameters=parameters,
                remarks=self.remarks,
            )
            file.write(text.encode(errors="backslashreplace"))

        return {"html": write}


@contextmanager
def opened_page(
    context: typer.Context, path: Path | None, others: Mapping[str, Path | str | None]
) -> Iterator[Page]:
    """Open the page of a command before the work.

    Raises
    ------
    InputError
        If an option stands where the file is to be named, if the page is one of the other files, or
        if another file than a page of ours is in its place.
    OSError
        If it cannot be written.
    """
    if path is None:
        yield Page(context, {}, [])
        return
    from recurate.numerics.files import opened
    from recurate.pages.writing import require_own

    if str(path).startswith("-") and str(path) != "-":  # ./-x is a file
        raise InputError(f"--html needs a file; got {shown(str(path))}")
    require_different({"--html": path}, others)
    require_own(path, "--html")
    with opened([path]) as [output], heard() as remarks:
        yield Page(context, {"html": output}, remarks)


def command_line(context: typer.Context) -> str:
    """Return the command that is run as it can be typed again, without where its answer goes."""
    return written(str(context.info_name), *typed(context, _OUTPUTS))


def typed(context: typer.Context, left_out: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the files that were typed, and the options, but for parameters of some names."""
    files, words = [], []
    for param in context.command.params:
        name = str(param.name)
        source = context.get_parameter_source(name)
        if name in left_out or source is None or source.name != "COMMANDLINE":
            continue
        value = context.params[name]
        if param.param_type_name == "argument":
            files.append(str(value))
        elif isinstance(value, bool):
            words.append(param.opts[0])
        else:
            for one in value if isinstance(value, list | tuple) else [value]:
                words += [param.opts[0], str(one)]
    return files, words


def written(command: str, files: Sequence[str], words: Sequence[str]) -> str:
    """Return a command with its files and options as it can be typed."""
    start = ["recurate", command]
    if any(file.startswith("-") and file != "-" for file in files):  # it is called as an option is
        return shlex.join([*start, *words, "--", *files])
    return shlex.join([*start, *files, *words])
